"""Answers about the unpaid and uninsured come by file, their lists go out as one."""

from django.db import migrations, models

STAGED = """
CREATE UNLOGGED TABLE IF NOT EXISTS staging_chase_results (
    line integer, problem text, problem_column text, problem_value text,
    id_digest uuid, doubtful boolean, person_id bigint,
    round_year smallint, round_serial smallint, item bigint, result text, told_on date, note text,
    step_id bigint, pushes bigint[], pushed_on date, differs boolean,
    known boolean, changed boolean
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0037_lists_keep_their_lines"),
    ]

    operations = [
        migrations.RunSQL(STAGED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="screenexport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("statuses", "table of statuses"),
                    ("rejects", "refused lines of a file"),
                    ("feedback", "feedback to a department"),
                    ("pushes", "list of the unpaid and uninsured"),
                    ("push_numbers", "list of the unpaid and uninsured, full numbers"),
                ],
                max_length=32,
                verbose_name="table",
            ),
        ),
    ]
