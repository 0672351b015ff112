"""The county of a standing is written and checked, no longer generated (docs/adr/0054).

Computing it had every value of a row copied twice. Values stay as they are.
"""

import django_migration_linter as linter
from django.db import migrations, models
from django.db.models import F, Q

CHECK = models.CheckConstraint(
    name="a_standing_lies_in_the_county_of_its_region",
    condition=Q(county=F("region") / 10**6),
)


class Migration(migrations.Migration):
    dependencies = [("benefits", "0003_standing_sums")]

    operations = [
        # The version before does not write the column, but nothing writes standings while workers rest
        # for the migrate. Tables are read once and no row is written.
        linter.IgnoreMigration(),
        # Django alters no generated field. A year under construction, which a step may be filling,
        # is altered like the table that it will be attached to.
        migrations.RunSQL(
            sql="""
                DO $$
                DECLARE name regclass;
                BEGIN
                    FOR name IN
                        SELECT 'standing'::regclass
                         UNION ALL
                        SELECT oid FROM pg_class
                         WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
                           AND relkind = 'r' AND relname ~ '^standing_y[0-9]{4}_s[0-9]+$'
                    LOOP
                        EXECUTE format(
                            'ALTER TABLE %s ALTER COLUMN county DROP EXPRESSION,'
                            ' ALTER COLUMN county SET NOT NULL,'
                            ' ADD CONSTRAINT a_standing_lies_in_the_county_of_its_region'
                            ' CHECK (county = region / 1000000)', name);
                    END LOOP;
                END $$
            """,
            state_operations=[
                migrations.AlterField("Standing", "county", models.IntegerField()),
                migrations.AddConstraint("Standing", CHECK),
            ],
        ),
    ]
