"""Where the lines of a file stand while they are checked: unlogged, emptied by each import.

One table a kind, outside row security, because COPY does not go into a table under it. Nobody but
the worker may use them (enrollment/sql/database/). They have no key and no index: each is
written once, walked a few times and emptied, all in one transaction. Going back leaves them there:
they hold nothing.
"""

from django.db import migrations

COMMON = """
    line integer,
    problem text,
    problem_column text,
    problem_value text,
    id_digest uuid,
    doubtful boolean,
    person_id bigint
"""

PEOPLE = f"""
CREATE UNLOGGED TABLE IF NOT EXISTS staging_people ({COMMON},
    id_type text, id_sealed bytea, id_mask text, name text COLLATE "C", initials text COLLATE "C",
    sex text, birth_date date, household_region bigint, residence_region bigint,
    insured_region bigint, phone_sealed bytea, died_on date,
    known_phone bytea, known_death date, known_region bigint, changed boolean
)
"""
HISTORY = f"""
CREATE UNLOGGED TABLE IF NOT EXISTS staging_history ({COMMON},
    year smallint, scheme smallint, region bigint, due_on date, paid_on date, months smallint,
    repaired_years smallint, repaired_on date,
    key bigint, known boolean, changed boolean
)
"""
CATEGORIES = f"""
CREATE UNLOGGED TABLE IF NOT EXISTS staging_categories ({COMMON},
    category text, valid_from date, valid_until date, source text,
    category_id bigint, changed boolean
)
"""
REMITTANCE = f"""
CREATE UNLOGGED TABLE IF NOT EXISTS staging_remittance ({COMMON},
    receipt_number text, name text, year smallint, scheme smallint, amount numeric(10, 2),
    paid_at timestamptz, channel text, bill_number text,
    known boolean
)
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial")]

    operations = [
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(HISTORY, migrations.RunSQL.noop),
        migrations.RunSQL(CATEGORIES, migrations.RunSQL.noop),
        migrations.RunSQL(REMITTANCE, migrations.RunSQL.noop),
    ]
