"""Where the lines of a file stand while they are checked: unlogged, emptied by each import.

One table a kind, outside row security, because COPY does not go into a table under it. Nobody but
the worker may use them (enrollment/sql/database/). They have no key and no index: each is
written once, walked a few times and emptied, all in one transaction.
"""

from django.db import migrations

LINE = "line integer, problem text, problem_column text, problem_value text"
COMMON = f"{LINE}, id_digest uuid, doubtful boolean, person_id bigint"

TABLES = {
    "people": f"""
        {COMMON},
        id_type text, id_sealed bytea, id_mask text, name text COLLATE "C",
        initials text COLLATE "C", sex text, birth_date date, household_region bigint,
        residence_region bigint, insured_region bigint, phone_sealed bytea, died_on date,
        known_phone bytea, known_death date, known_region bigint, changed boolean
    """,
    "history": f"""
        {COMMON},
        year smallint, scheme smallint, region bigint, due_on date, paid_on date, months smallint,
        repaired_years smallint, repaired_on date,
        key bigint, known boolean, changed boolean
    """,
    "categories": f"""
        {COMMON},
        category text, valid_from date, valid_until date, source text,
        category_id bigint, changed boolean
    """,
    "remittance": f"""
        {COMMON},
        receipt_number text, name text, year smallint, scheme smallint, amount numeric(10, 2),
        paid_at timestamptz, channel text, bill_number text,
        known boolean, id_mask text, born date
    """,
    "control_totals": f"""
        {COMMON},
        source text, day date, region bigint, scheme smallint, channel text, receipts integer,
        amount numeric(16, 2),
        known boolean, changed boolean
    """,
    "recognition_list": f"""
        {COMMON},
        name text COLLATE "C", born date, category text, source text, listed_on date,
        valid_from date, valid_until date, open_ended boolean, qualified boolean,
        told_problem text, told_column text, told_value text, cells bytea
    """,
    "list_act": """
        person_id bigint, category text, act text, row_id bigint, was_valid daterange,
        valid daterange, qualified boolean
    """,
    "list_person": """
        person_id bigint, region bigint, before text[], after text[], was text, becomes text,
        outcome text
    """,
    "department_list": f"""
        {LINE},
        id_digest uuid, doubtful boolean, source text, event text, on_day date,
        name text COLLATE "C", initials text COLLATE "C", region bigint, insured bigint,
        id_type text, id_sealed bytea, id_mask text, sex text,
        new_digest uuid, new_sealed bytea, new_mask text, new_name text COLLATE "C",
        cells bytea,
        person_id bigint, known_name text COLLATE "C", known_birth date, known_death date,
        known_scheme smallint, known_left date, known_left_for text, known_household bigint,
        known_residence bigint, known_region bigint, other_id bigint, other_name text COLLATE "C",
        outcome text, finding text, spell bigint, begins boolean, months smallint
    """,
    "chase_results": f"""
        {COMMON},
        round_year smallint, round_serial smallint, item bigint, result text, told_on date,
        note text, step_id bigint, pushes bigint[], pushed_on date, differs boolean,
        known boolean, changed boolean
    """,
}


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"CREATE UNLOGGED TABLE staging_{name} ({columns})", migrations.RunSQL.noop
        )
        for name, columns in TABLES.items()
    ]
