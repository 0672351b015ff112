"""Accounting periods: a month of an area's books, closed, and perhaps opened by somebody else."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models import Region


class PeriodClose(models.Model):
    """The close of a month (月结) of the books of a pooling area or the province.

    While it stands the database refuses every entry with a day of the month (`period_is_open`).
    Whoever closed it does not open it again; a month that was opened is closed by a further row.
    """

    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # found by the month
        related_name="+",
        verbose_name=_("books of"),
        db_column="book",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), db_default=Now())
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opened again by"),
    )
    reopened_at = models.DateTimeField(_("opened again at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)

    class Meta:
        db_table = "period_close"
        verbose_name = _("close of a period")
        verbose_name_plural = _("closes of periods")
        permissions = [
            ("close_period", _("Can close a month of an area's books")),
            ("reopen_period", _("Can open a closed month again")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "region"],
                condition=Q(reopened_at=None),
                name="a_month_of_a_book_is_closed_once",
            ),
            models.CheckConstraint(
                name="a_closed_month_is_a_whole_month",
                condition=Q(month__day=1),
            ),
            models.CheckConstraint(
                name="a_closed_month_is_opened_by_somebody_else_with_a_reason",
                condition=Q(reopened_by=None, reopened_at=None)
                | (
                    Q(reopened_by__isnull=False, reopened_at__isnull=False)
                    & ~Q(reopened_by=F("closed_by"))
                    & ~Q(reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month:%Y-%m}"
