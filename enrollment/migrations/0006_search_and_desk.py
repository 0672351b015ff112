"""Namesakes in the order of their key, and the piles of a desk in the order of their deadlines."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the indexes are built beside those who search and work

    dependencies = [
        ("enrollment", "0005_city_values_are_approved"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="person",
            index=models.Index(fields=["name", "id"], name="person_by_name"),
        ),
        AddIndexConcurrently(
            model_name="person",
            index=models.Index(fields=["initials", "id"], name="person_by_initials"),
        ),
        RemoveIndexConcurrently(model_name="person", name="person_name"),
        RemoveIndexConcurrently(model_name="person", name="person_initials"),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["maker", "state", "due_on", "id"],
                name="case_on_a_makers_desk",
                condition=models.Q(("state__in", ["draft", "returned", "submitted"])),
            ),
        ),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["state", "due_on", "id"],
                name="case_that_waits",
                condition=models.Q(("state__in", ["submitted", "approved"])),
            ),
        ),
    ]
