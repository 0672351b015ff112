from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built beside those who import

    dependencies = [
        ("enrollment", "0023_import_by_screen"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """
                    CREATE UNIQUE INDEX CONCURRENTLY a_file_waits_once
                        ON import (kind, area, digest)
                     WHERE by_screen AND state IN ('received', 'checked', 'applying')
                    """,
                    "DROP INDEX a_file_waits_once",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="import",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            ("by_screen", True), ("state__in", ["received", "checked", "applying"])
                        ),
                        fields=("kind", "area", "digest"),
                        name="a_file_waits_once",
                    ),
                ),
            ],
        ),
    ]
