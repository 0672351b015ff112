"""A taker of a few causes finds them without reading every change of a year."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built beside those who append changes

    dependencies = [
        ("enrollment", "0002_staging"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="change",
            index=models.Index(fields=["cause", "id"], name="change_cause"),
        ),
    ]
