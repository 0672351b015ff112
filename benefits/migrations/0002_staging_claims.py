"""Where the lines of a file of claims stand while they are checked, as enrollment 0002_staging."""

from django.db import migrations

CLAIMS = """
CREATE UNLOGGED TABLE IF NOT EXISTS staging_claims (
    line integer, problem text, problem_column text, problem_value text,
    id_digest uuid, doubtful boolean, person_id bigint,
    claim_number text, settled_on date, kind text, provider text, total numeric(12, 2),
    in_policy numeric(12, 2), fund_paid numeric(12, 2), major_illness_paid numeric(12, 2),
    assistance_paid numeric(12, 2),
    region bigint, known boolean
)
"""


class Migration(migrations.Migration):
    dependencies = [("benefits", "0001_initial")]

    operations = [migrations.RunSQL(CLAIMS, migrations.RunSQL.noop)]
