import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0016_case_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolmenttransfer",
            name="applied_on",
            field=models.DateField(
                db_default=Now(),  # of a transfer that is there already the terms begin anew
                editable=False,
                help_text="Both terms run from this day.",
                verbose_name="applied on",
            ),
        ),
        migrations.AlterField(
            model_name="enrolmenttransfer",
            name="applied_on",
            field=models.DateField(
                editable=False,
                help_text="Both terms run from this day.",
                verbose_name="applied on",
            ),
        ),
        migrations.AddField(
            model_name="enrolmenttransfer",
            name="handed_over_version",
            field=models.IntegerField(
                blank=True,
                editable=False,
                help_text="From this version of the case on the new area sees what happens to it.",
                null=True,
                verbose_name="handed over with version",
            ),
        ),
        migrations.AddField(
            model_name="enrolmenttransfer",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="accepted by",
            ),
        ),
        migrations.AddField(
            model_name="enrolmenttransfer",
            name="accepted_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="accepted at"
            ),
        ),
        migrations.AddField(
            model_name="enrolmenttransfer",
            name="accepted_digest",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=64,
                verbose_name="digest of what was accepted",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolmenttransfer",
            constraint=models.CheckConstraint(
                condition=Q(accepted_by=None, accepted_at=None, accepted_digest="")
                | (
                    Q(accepted_by__isnull=False, accepted_at__isnull=False) & ~Q(accepted_digest="")
                ),
                name="acceptance_has_hand_moment_and_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolmenttransfer",
            constraint=models.CheckConstraint(
                condition=Q(accepted_by=None) | Q(handed_over_version__isnull=False),
                name="only_what_was_handed_over_is_accepted",
            ),
        ),
    ]
