"""Reconciling writes a receipt where it stands, without writing its indexes again (docs/adr/0041).

What is to be reconciled stands in a narrow table of its own, which triggers of receipt keep
(enrollment/sql/database/). It has no model: nothing but the step reads it.
"""

from django.db import migrations

# Room on each page for the rows of it once more, as reconciling leaves them.
IN_PLACE = "ALTER TABLE receipt SET (fillfactor = 50)"
IN_PLACE_BACK = "ALTER TABLE receipt RESET (fillfactor)"
WAITING = """
    CREATE TABLE IF NOT EXISTS receipt_to_reconcile (
        receipt_id bigint, person_id bigint, year smallint
    )
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0002_staging")]

    operations = [
        migrations.RunSQL(IN_PLACE, IN_PLACE_BACK),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
