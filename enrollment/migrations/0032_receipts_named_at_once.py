"""Receipts name their person and bill without a foreign key (docs/adr/0035).

Django would drop every constraint that it finds, and with the one on `enrollment` those on its years
go by themselves: here only the ones that were declared are dropped.
"""

import django.db.models.deletion
from django.db import migrations, models

DROP = """
    DO $$
    DECLARE
        declared name;
    BEGIN
        FOR declared IN
            SELECT conname FROM pg_constraint
             WHERE conrelid = 'receipt'::regclass AND contype = 'f' AND conparentid = 0
               AND confrelid IN ('enrollment'::regclass, 'person'::regclass)
        LOOP
            EXECUTE format('ALTER TABLE receipt DROP CONSTRAINT %I', declared);
        END LOOP;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0031_recognition_lists"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="receipt",
                    name="enrollment",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.enrollment",
                        verbose_name="year of cover",
                    ),
                ),
                migrations.AlterField(
                    model_name="receipt",
                    name="person",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
            ],
        ),
    ]
