"""A report as it was delivered: its figures, what they were compared with, and the digest."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """The figures of the whole province as of the end of a day; appended, never edited.

    `content` holds keys and figures, and no words: a page says them in its language. `digest` is
    the SHA-256 of what it says. The same figures made again are the same report.
    """

    class Kind(models.TextChoices):
        PROGRESS = "progress", _("enrolment progress, daily")
        FUND_MONTH = "fund_month", _("accounts of the funds, monthly")
        FUND_QUARTER = "fund_quarter", _("accounts of the funds, quarterly")
        FUND_YEAR = "fund_year", _("accounts of the funds, yearly")
        EXECUTION = "execution", _("execution of the budgets")
        FOLLOW_UP = "follow_up", _("follow-up of the unpaid and uninsured")
        DUPLICATES = "duplicates", _("duplicates cleared")

    kind = models.CharField(_("report"), max_length=16, choices=Kind.choices)
    as_of = models.DateField(_("as of"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    ties = models.BooleanField(_("ties"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        db_table = "report"
        ordering = ["-as_of", "-id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "as_of", "digest"], name="the_same_figures_are_one_report"
            ),
        ]
        # The list: the newest day first.
        indexes = [models.Index(fields=["-as_of", "-id"], name="report_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of}"
