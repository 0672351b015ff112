"""The receipts of a day, by a range of blocks."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # the index is built beside those who reconcile

    dependencies = [
        ("enrollment", "0028_control_totals"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="receipt",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["paid_at"], name="receipt_by_time"
            ),
        ),
    ]
