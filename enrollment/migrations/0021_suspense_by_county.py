"""The list of suspense by county, newest first."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built beside those who reconcile

    dependencies = [
        ("enrollment", "0020_receipt_is_accounted_for"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="receipt",
            index=models.Index(
                fields=["county", "id"],
                name="receipt_in_suspense",
                condition=models.Q(("suspense__gt", 0), models.Q(("outcome", ""), _negated=True)),
            ),
        ),
    ]
