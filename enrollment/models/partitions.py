"""Yearly tables: partitioned by range of the computed key, one partition a year."""

from typing import Any

from django.db import migrations


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel for a table that is partitioned by range of `id`.

    Nothing else differs, so the autodetector sees no drift. Partitions are made by the database
    functions of enrollment/sql/database/, never by a migration.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = plain + ' PARTITION BY RANGE ("id")'
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain
