"""Files taken from screens are recorded, with their digest."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0008_registration"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScreenExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("statuses", "table of statuses")],
                        max_length=32,
                        verbose_name="table",
                    ),
                ),
                ("reason", models.CharField(max_length=255, verbose_name="reason")),
                ("rows", models.IntegerField(verbose_name="rows")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the file")),
                (
                    "taken_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="taken at",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken by",
                    ),
                ),
            ],
            options={
                "verbose_name": "export from a screen",
                "verbose_name_plural": "exports from screens",
                "db_table": "screen_export",
                "ordering": ["-id"],
                "permissions": [("export_statuses", "Can export a table of statuses")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("digest", ""), _negated=True),
                        ),
                        name="screen_export_has_a_reason_and_a_digest",
                    )
                ],
            },
        ),
    ]
