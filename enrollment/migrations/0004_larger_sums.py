"""The amount of a case carries what a province's fund holds: fifteen digits before the point."""

import django_migration_linter as linter
from django.db import migrations, models

# A column that a trigger names keeps its type: the guarantees are applied whole after the migrate.
FREE = """
    DO $$
    DECLARE name name;
    BEGIN
        FOR name IN SELECT t.tgname
                      FROM pg_depend d
                      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      JOIN pg_trigger t ON t.oid = d.objid
                     WHERE d.classid = 'pg_trigger'::regclass AND a.attname = 'amount'
                       AND d.refobjid = 'agency_case'::regclass
        LOOP
            EXECUTE format('DROP TRIGGER %I ON agency_case', name);
        END LOOP;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0003_receipts_in_place")]

    operations = [
        # More digits before the point, the same behind it: no row is written again.
        linter.IgnoreMigration(),
        migrations.RunSQL(FREE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="case",
            name="amount",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=17, null=True, verbose_name="amount"
            ),
        ),
    ]
