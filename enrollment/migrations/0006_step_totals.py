"""Totals of whole steps, and transfers by the area that somebody moves to.

What was done before is summed once; from then on triggers do it (enrollment/sql/database/).
"""

import django.db.models.deletion
from django.db import migrations, models

STEPS = """
    INSERT INTO step_total (step_id, county, item, persons, standard, subsidy, payable, paid,
                            output_hash)
    SELECT s.step_id, t.county, t.item, sum(t.persons), sum(t.standard), sum(t.subsidy),
           sum(t.payable), sum(t.paid), bit_xor(t.output_hash)
      FROM year_step y
      JOIN step_shard s ON s.step_id = y.id
      JOIN shard_total t ON t.shard_id = s.id
     WHERE y.state = 'done'
     GROUP BY s.step_id, t.county, t.item
"""
# A fresh database has no pooling_area() yet: counties directly under a province (90) are their own.
MOVED = """
    WITH moved AS (
        SELECT c.county, c.region / 1000000 AS near, t.to_region / 1000000 AS far, c.kind,
               date_trunc('month', (e.recorded_at AT TIME ZONE 'Asia/Shanghai')::date)::date AS month
          FROM case_event e
          JOIN agency_case c ON c.id = e.case_id
          JOIN enrolment_transfer t ON t.case_ptr_id = c.id
         WHERE e.from_state <> e.to_state AND e.to_state = 'effected'
    ), between_areas AS (
        SELECT * FROM moved
         WHERE near / 100 <> far / 100 OR near <> far AND near / 100 % 100 = 90
    )
    INSERT INTO case_month (county, kind, month, submitted, returned, effected, late, reversed,
                            moved_out, moved_in)
    SELECT county, kind, month, 0, 0, 0, 0, 0, count(*), 0 FROM between_areas GROUP BY 1, 2, 3
     UNION ALL
    SELECT far, kind, month, 0, 0, 0, 0, 0, 0, count(*) FROM between_areas GROUP BY 1, 2, 3
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0005_sums_read_from_indexes")]

    operations = [
        migrations.CreateModel(
            name="StepTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.IntegerField(verbose_name="county")),
                ("item", models.CharField(max_length=40, verbose_name="item")),
                ("persons", models.BigIntegerField(verbose_name="persons")),
                ("standard", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("subsidy", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("payable", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("paid", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                (
                    "output_hash",
                    models.BigIntegerField(db_default=0, verbose_name="hash of the output"),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "total of a step",
                "verbose_name_plural": "totals of steps",
                "db_table": "step_total",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["step", "county", "item"], name="a_step_counts_an_item_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="casemonth",
            name="moved_in",
            field=models.IntegerField(db_default=0, verbose_name="moved in"),
        ),
        migrations.AddField(
            model_name="casemonth",
            name="moved_out",
            field=models.IntegerField(db_default=0, verbose_name="moved out"),
        ),
        migrations.RunSQL(STEPS, migrations.RunSQL.noop),
        migrations.RunSQL(MOVED, migrations.RunSQL.noop),
    ]
