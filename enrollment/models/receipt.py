"""What the tax service says was paid. One receipt number counts once, whatever is sent twice."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.enrollment import Enrollment
from enrollment.models.person import Person


class Receipt(models.Model):
    """A receipt of the tax service (税票), with the columns of a remittance file.

    `outcome` is empty until the step `reconcile` has looked at the receipt. Its `amount` (yuan) is
    at every moment what was `applied` to the bill it found, what cases have `cleared` to bills,
    what was `refunded`, and the rest, which waits in `suspense` (待处理款): nothing is lost, and
    nothing is applied of which it is not certain whose it is. `region` is the area whose money it
    is: where the person was insured when it came in, or the area of the file; 0 is the province.
    """

    class Outcome(models.TextChoices):
        MATCHED = "matched", _("matched")
        UNDERPAID = "underpaid", _("underpaid")
        OVERPAID = "overpaid", _("overpaid")
        AFTER_WINDOW = "after_window", _("paid after the window")
        PAID_TWICE = "paid_twice", _("paid twice")
        FULLY_SUBSIDISED = "fully_subsidised", _("paid though fully subsidised")
        NAME_DIFFERS = "name_differs", _("name differs")
        INSURED_ALREADY = "insured_already", _("already insured elsewhere")
        WRONG_YEAR = "wrong_year", _("wrong year")
        NO_BILL = "no_bill", _("no bill in that year")
        PERSON_UNKNOWN = "person_unknown", _("person unknown")
        BILL_ENDED = "bill_ended", _("bill already ended")

    class Channel(models.TextChoices):
        APP = "app", _("mobile app")
        BANK = "bank", _("bank")
        COUNTER = "counter", _("counter")
        TERMINAL = "terminal", _("self-service terminal")
        VILLAGE = "village", _("village collector")

    # What put money on a bill, and what found a bill that takes none.
    APPLIED = (Outcome.MATCHED, Outcome.UNDERPAID, Outcome.OVERPAID, Outcome.AFTER_WINDOW)
    NOT_NEEDED = (Outcome.PAID_TWICE, Outcome.FULLY_SUBSIDISED)
    WITHOUT_BILL = (
        Outcome.NAME_DIFFERS,
        Outcome.INSURED_ALREADY,
        Outcome.WRONG_YEAR,
        Outcome.NO_BILL,
        Outcome.PERSON_UNKNOWN,
        Outcome.BILL_ENDED,
    )

    receipt_number = models.CharField(_("receipt number"), max_length=64)
    # Asked of a statement at once by receipts_name_what_is_there (docs/adr/0035), not row by row.
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=64)
    # Of a payer without a file: what suggestions compare. The number itself is not kept.
    id_digest = models.UUIDField(null=True, editable=False)
    id_mask = models.CharField(
        _("identity number"), max_length=32, blank=True, db_default="", editable=False
    )
    born = models.DateField(_("birth date"), null=True, editable=False)
    year = models.SmallIntegerField(_("benefit year"))
    scheme = models.SmallIntegerField(
        _("scheme"), choices=Person.Scheme.choices, default=Person.Scheme.RESIDENT
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    paid_at = models.DateTimeField(_("paid at"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    bill_number = models.CharField(_("bill number"), max_length=64, blank=True, db_default="")
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=Outcome.choices, blank=True, db_default=""
    )
    enrollment = models.ForeignKey(
        Enrollment,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("year of cover"),
    )
    region = models.BigIntegerField(_("area that received it"), db_default=0)
    county = models.GeneratedField(
        expression=Cast(F("region") / 10**6, models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    applied = models.DecimalField(
        _("applied (yuan)"), max_digits=10, decimal_places=2, db_default=0, editable=False
    )
    cleared = models.DecimalField(
        _("applied by cases (yuan)"), max_digits=10, decimal_places=2, db_default=0, editable=False
    )
    refunded = models.DecimalField(
        _("paid back (yuan)"), max_digits=10, decimal_places=2, db_default=0, editable=False
    )
    suspense = models.GeneratedField(
        verbose_name=_("in suspense (yuan)"),
        expression=F("amount") - F("applied") - F("cleared") - F("refunded"),
        output_field=models.DecimalField(max_digits=10, decimal_places=2),
        db_persist=True,
    )
    # The one column of an index that reconciling may change, and for most it stays false: then no
    # index is written again (docs/adr/0041).
    waits = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(amount__gt=F("applied") + F("cleared") + F("refunded")) & ~Q(outcome=""),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    shard = models.BigIntegerField(_("reconciled by shard"), null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "receipt"
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(name="receipt_number_counts_once", fields=["receipt_number"]),
            models.CheckConstraint(name="receipt_is_money", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="reconciled_receipt_names_its_bill_or_none",
                condition=Q(
                    outcome__in=[
                        "matched",
                        "underpaid",
                        "overpaid",
                        "after_window",
                        "paid_twice",
                        "fully_subsidised",
                    ],
                    enrollment__isnull=False,
                )
                | Q(
                    outcome__in=[
                        "",
                        "name_differs",
                        "insured_already",
                        "wrong_year",
                        "no_bill",
                        "person_unknown",
                        "bill_ended",
                    ],
                    enrollment=None,
                ),
            ),
            models.CheckConstraint(
                name="receipt_is_never_spent_twice",
                condition=Q(applied__gte=0, cleared__gte=0, refunded__gte=0)
                & Q(amount__gte=F("applied") + F("cleared") + F("refunded")),
            ),
            models.CheckConstraint(
                name="receipt_is_applied_to_the_bill_it_found",
                condition=Q(applied=0)
                | Q(outcome__in=["matched", "underpaid", "overpaid", "after_window"]),
            ),
            models.CheckConstraint(
                name="receipt_is_cleared_once_it_was_looked_at",
                condition=~Q(outcome="") | Q(cleared=0, refunded=0),
            ),
        ]
        indexes = [
            # The receipts of a day: they come in by day, so that a range of blocks holds it.
            BrinIndex(fields=["paid_at"], name="receipt_by_time"),
            # The list of suspense by county, newest first.
            models.Index(
                fields=["county", "id"],
                name="receipt_in_suspense",
                condition=Q(waits=True),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number
