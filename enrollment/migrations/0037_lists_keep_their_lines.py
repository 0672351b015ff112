from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0036_duplicate_search"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE staging_recognition_list ADD COLUMN IF NOT EXISTS cells bytea",
            migrations.RunSQL.noop,
        ),
    ]
