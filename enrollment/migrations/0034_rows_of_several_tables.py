"""A row that an import wrote is told by its table too; the index is built beside those who import."""

from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enrollment", "0033_department_lists")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY an_import_writes_a_row_of_a_table_once"
                    " ON import_effect (source_id, table_name, row_id)",
                    "DROP INDEX an_import_writes_a_row_of_a_table_once",
                ),
                migrations.RunSQL(
                    "ALTER TABLE import_effect DROP CONSTRAINT an_import_writes_a_row_once",
                    migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("importeffect", "an_import_writes_a_row_once"),
                migrations.AddConstraint(
                    "importeffect",
                    models.UniqueConstraint(
                        models.F("source"),
                        models.F("table_name"),
                        models.F("row_id"),
                        name="an_import_writes_a_row_of_a_table_once",
                    ),
                ),
            ],
        ),
    ]
