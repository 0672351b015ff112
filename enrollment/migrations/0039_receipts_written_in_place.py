"""Reconciling writes a receipt where it stands, without writing its indexes again (docs/adr/0041).

What is to be reconciled stands in a narrow table of its own, which triggers of receipt keep
(enrollment/sql/database/). The unique number keeps its index under a name that says what it is
for; the second one, for patterns, served nobody.
"""

from django.db import migrations, models
from django.db.models import ExpressionWrapper, F, Q

NUMBER = """
    ALTER TABLE receipt RENAME CONSTRAINT receipt_receipt_number_key TO receipt_number_counts_once;
    DROP INDEX IF EXISTS receipt_receipt_number_e273da7c_like;
"""
NUMBER_BACK = """
    ALTER TABLE receipt RENAME CONSTRAINT receipt_number_counts_once TO receipt_receipt_number_key;
    CREATE INDEX receipt_receipt_number_e273da7c_like
        ON receipt (receipt_number varchar_pattern_ops);
"""
# Room on each page for the rows of it once more, as reconciling leaves them.
IN_PLACE = "ALTER TABLE receipt SET (fillfactor = 50)"
IN_PLACE_BACK = "ALTER TABLE receipt RESET (fillfactor)"
# Going back leaves the table there, and it is filled anew afterwards.
WAITING = """
    CREATE TABLE IF NOT EXISTS receipt_to_reconcile (
        receipt_id bigint, person_id bigint, year smallint
    );
    TRUNCATE receipt_to_reconcile;
    INSERT INTO receipt_to_reconcile (receipt_id, person_id, year)
    SELECT id, person_id, year FROM receipt
     WHERE outcome = '' AND scheme = 1 AND bill_number = '';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0038_answers_of_pushes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="receipt", name="receipt_not_reconciled"),
        migrations.RemoveIndex(model_name="receipt", name="receipt_in_suspense"),
        migrations.RunSQL(IN_PLACE, IN_PLACE_BACK),
        migrations.AddField(
            model_name="receipt",
            name="waits",
            field=models.GeneratedField(
                db_persist=True,
                expression=ExpressionWrapper(
                    Q(amount__gt=F("applied") + F("cleared") + F("refunded")) & ~Q(outcome=""),
                    output_field=models.BooleanField(),
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=Q(waits=True), fields=["county", "id"], name="receipt_in_suspense"
            ),
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(NUMBER, NUMBER_BACK)],
            state_operations=[
                migrations.AlterField(
                    model_name="receipt",
                    name="receipt_number",
                    field=models.CharField(max_length=64, verbose_name="receipt number"),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.UniqueConstraint(
                        fields=("receipt_number",), name="receipt_number_counts_once"
                    ),
                ),
            ],
        ),
    ]
