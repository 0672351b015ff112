"""What the tax service says was paid. One receipt number counts once, whatever is sent twice."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models.enrollment import Enrollment
from enrollment.models.person import Person


class Receipt(models.Model):
    """A receipt of the tax service (税票), with the columns of a remittance file.

    `outcome` is empty until the step `reconcile` has looked at the receipt; a receipt that found
    its bill points at the enrollment it paid, everything else waits in suspense.
    """

    class Outcome(models.TextChoices):
        MATCHED = "matched", _("matched")
        UNDERPAID = "underpaid", _("underpaid")
        OVERPAID = "overpaid", _("overpaid")
        PAID_TWICE = "paid_twice", _("paid twice")
        NO_BILL = "no_bill", _("no bill in that year")
        PERSON_UNKNOWN = "person_unknown", _("person unknown")
        BILL_ENDED = "bill_ended", _("bill already ended")

    class Channel(models.TextChoices):
        APP = "app", _("mobile app")
        BANK = "bank", _("bank")
        COUNTER = "counter", _("counter")
        TERMINAL = "terminal", _("self-service terminal")
        VILLAGE = "village", _("village collector")

    receipt_number = models.CharField(_("receipt number"), max_length=64, unique=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=64)
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
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("year of cover"),
    )
    shard = models.BigIntegerField(_("reconciled by shard"), null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "receipt"
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.CheckConstraint(name="receipt_is_money", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="reconciled_receipt_names_its_bill_or_none",
                condition=models.Q(
                    outcome__in=["matched", "underpaid", "overpaid", "paid_twice"],
                    enrollment__isnull=False,
                )
                | models.Q(
                    outcome__in=["", "no_bill", "person_unknown", "bill_ended"], enrollment=None
                ),
            ),
        ]
        indexes = [
            # What reconcile still has to look at, by slice of people.
            models.Index(
                fields=["person"],
                name="receipt_not_reconciled",
                condition=models.Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number
