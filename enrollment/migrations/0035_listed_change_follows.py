from django.db import migrations, models

# Lists that were applied before the county was kept; nobody edits these rows, but for this.
FILLED = """
ALTER TABLE listed_change DISABLE TRIGGER USER;
UPDATE listed_change l SET county = p.county FROM person p WHERE p.id = l.person_id;
ALTER TABLE listed_change ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0034_rows_of_several_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="listedchange",
            name="county",
            field=models.IntegerField(default=0, verbose_name="county"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="listedchange",
            name="is_settled",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="nothing is left to do"
            ),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="listedchange",
            index=models.Index(
                condition=models.Q(("is_settled", False)),
                fields=["county", "id"],
                name="listed_change_to_follow",
            ),
        ),
    ]
