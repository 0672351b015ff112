"""The day of the money: what came in, what the tax service and the treasury say, and its close."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.person import Person
from enrollment.models.receipt import Receipt
from enrollment.models.region import Region


class ReceiptDay(models.Model):
    """Receipts by day of payment, county, scheme and channel: what pages read in place of receipts.

    Statement triggers, `reconcile` and clearings append differences; a task folds the rows of a key
    into one (`fold_receipt_days`). So several rows may bear a key, and their sum is exact at every
    moment. Yuan; `waiting` counts the receipts with money in suspense.
    """

    day = models.DateField(_("day"))
    county = models.IntegerField(_("county"))
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    channel = models.CharField(_("channel"), max_length=16, choices=Receipt.Channel.choices)
    receipts = models.IntegerField(_("receipts"))
    amount = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2)
    waiting = models.IntegerField(_("receipts in suspense"))
    suspense = models.DecimalField(_("in suspense (yuan)"), max_digits=16, decimal_places=2)

    class Meta:
        db_table = "receipt_day"
        verbose_name = _("receipts of a day")
        verbose_name_plural = _("receipts by day")
        indexes = [
            # The days of a month, and one day of an area.
            models.Index(fields=["day", "county"], name="receipt_day_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.county}"


class ControlTotal(models.Model):
    """What a source says came in on a day: of a county or a pooling area, of one channel or of all.

    鄂政办发〔2020〕9号 三（五）: from the tax service to the treasury, and on to the special
    account of the city. Totals of a source never overlap, so that nothing is compared twice.
    """

    class Source(models.TextChoices):
        TAX = "tax", _("tax service")
        TREASURY = "treasury", _("treasury")

    source = models.CharField(_("source"), max_length=16, choices=Source)
    day = models.DateField(_("day"))
    region = models.BigIntegerField(_("region"))
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    channel = models.CharField(
        _("channel"), max_length=16, choices=Receipt.Channel.choices, blank=True
    )
    receipts = models.IntegerField(_("receipts"))
    amount = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2)
    told_at = models.DateTimeField(_("told at"), db_default=Now())

    class Meta:
        db_table = "control_total"
        verbose_name = _("control total")
        verbose_name_plural = _("control totals")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "day", "region", "scheme", "channel"],
                name="a_source_tells_a_total_once",
            ),
            models.CheckConstraint(
                name="control_total_is_not_negative",
                condition=Q(receipts__gte=0, amount__gte=0),
            ),
        ]
        indexes = [models.Index(fields=["day", "county"], name="control_total_by_day")]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.day} {self.region}"


class DayClose(models.Model):
    """The close of a day (日结) of one pooling area, and perhaps its opening by a second person.

    The database refuses the close of a day on which the three sides differ
    (`day_is_closed_without_difference`). What came in later is the difference to what is kept here.
    """

    region = models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # few rows a day, found by the day
        related_name="+",
        verbose_name=_("pooling area"),
        db_column="area",
    )
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    day = models.DateField(_("day"))
    receipts = models.IntegerField(_("receipts"))
    amount = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2)
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
        db_table = "day_close"
        verbose_name = _("close of a day")
        verbose_name_plural = _("closes of days")
        permissions = [
            ("close_day", _("Can close the day of an area")),
            ("reopen_day", _("Can open a closed day again")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "region"],
                condition=Q(reopened_at=None),
                name="a_day_of_an_area_is_closed_once",
            ),
            models.CheckConstraint(
                name="a_closed_day_is_opened_by_somebody_else_with_a_reason",
                condition=Q(reopened_by=None, reopened_at=None)
                | (
                    Q(reopened_by__isnull=False, reopened_at__isnull=False)
                    & ~Q(reopened_by=F("closed_by"))
                    & ~Q(reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.day}"
