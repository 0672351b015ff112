"""Amounts of lines without a scale: nothing is rounded on its way in."""

from django.db import migrations

# a_line_is_in_whole_cents sees what was written.
CENTS = "ALTER TABLE entry_line ALTER debit TYPE numeric, ALTER credit TYPE numeric"


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]

    operations = [migrations.RunSQL(CENTS, migrations.RunSQL.noop)]
