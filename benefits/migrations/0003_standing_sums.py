"""How many residents have the same streak, bonus, wait ..., kept by `assess` for the year view."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("benefits", "0002_staging_claims"),
        ("enrollment", "0006_step_totals"),
    ]

    operations = [
        migrations.CreateModel(
            name="StandingSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("streak", "years of contribution in a row"),
                            ("bonus", "bonus on the ceiling"),
                            ("penalty", "reduction of the ceiling"),
                            ("wait", "months of wait"),
                            ("gap", "years broken before they came back"),
                            ("repaired", "months repaired"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Years, months or yuan.",
                        max_digits=10,
                        verbose_name="value",
                    ),
                ),
                ("people", models.IntegerField(verbose_name="people")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_sums",
                        to="enrollment.yearstep",
                        verbose_name="step",
                    ),
                ),
            ],
            options={
                "verbose_name": "standings of an area",
                "verbose_name_plural": "standings by area",
                "db_table": "standing_sum",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "area", "kind", "value"), name="a_step_sums_a_standing_once"
                    )
                ],
            },
        ),
    ]
