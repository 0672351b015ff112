"""Append-only double entry. Only funds/posting.py writes here; the database proves the balance."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person, Region


class Account(models.Model):
    """A pooling area's account of one scheme and kind."""

    class Kind(models.TextChoices):
        TREASURY_IN_TRANSIT = "treasury_in_transit", _("treasury in transit")
        SPECIAL_FISCAL = "special_fiscal", _("special fiscal account")
        CONTRIBUTION_REVENUE = "contribution_revenue", _("contribution revenue")

    area = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("pooling area")
    )
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)

    class Meta:
        db_table = "account"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "scheme", "kind"], name="an_area_has_each_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.get_scheme_display()} {self.get_kind_display()}"


class Entry(models.Model):
    """A business fact in money: why, when it happened, when it was recorded, from what."""

    class Reason(models.TextChoices):
        REPAIR_RECEIVED = "repair_received", _("gap repair payment received")
        REVERSAL = "reversal", _("reversal")

    key = models.CharField(_("idempotency key"), max_length=100, unique=True)
    reason = models.CharField(_("reason"), max_length=40, choices=Reason.choices)
    occurred_on = models.DateField(_("occurred on"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("case"),
    )
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    class Meta:
        db_table = "entry"
        ordering = ["-id"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [
            models.CheckConstraint(
                name="a_reversal_names_what_it_reverses",
                condition=Q(reason="reversal", reverses__isnull=False)
                | (~Q(reason="reversal") & Q(reverses=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Line(models.Model):
    """One side of an entry: a debit or a credit of one account, in yuan, never both."""

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="lines", verbose_name=_("entry")
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="lines", verbose_name=_("account")
    )
    debit = models.DecimalField(_("debit"), max_digits=18, decimal_places=2, db_default=0)
    credit = models.DecimalField(_("credit"), max_digits=18, decimal_places=2, db_default=0)

    class Meta:
        db_table = "entry_line"
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            models.CheckConstraint(
                name="a_line_is_a_debit_or_a_credit",
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit - self.credit}"
