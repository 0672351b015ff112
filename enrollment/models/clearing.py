"""Suspense clearing (挂账处理): what becomes of money that found no bill."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case
from enrollment.models.receipt import Receipt
from enrollment.models.refund import Refund


class SuspenseClearing(Case):
    """A decision on money of a receipt that waits in suspense; `amount` (yuan) is what it moves.

    `person` and `year` are those of the bill where it pays one. The database's own function writes
    the receipt, from an approved case alone (`clear_suspense`). 皖医保发〔2024〕6号 三（八）.
    """

    class Decision(models.TextChoices):
        APPLY = "apply", _("apply to a bill")
        MOVE_YEAR = "move_year", _("move to the bill of another year")
        REFUND = "refund", _("refund to the payer")
        RETURN_TAX = "return_tax", _("return to the tax service")

    TO_A_BILL = (Decision.APPLY, Decision.MOVE_YEAR)

    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, related_name="clearings", verbose_name=_("receipt")
    )
    decision = models.CharField(_("decision"), max_length=16, choices=Decision)
    evidence = models.CharField(
        _("evidence"),
        max_length=255,
        help_text=_("What shows whose money it is: a letter, a call, the register."),
    )
    ground = models.CharField(
        _("ground of the refund"), max_length=32, choices=Refund.Ground, blank=True
    )
    payee = models.CharField(_("paid to"), max_length=64, blank=True)
    account_sealed = models.BinaryField(editable=True, default=b"")
    account_digest = models.UUIDField(null=True)
    account_mask = models.CharField(_("bank account"), max_length=32, blank=True)
    # While the clearing stands: since when, which bill, and when that was paid before.
    cleared_at = models.DateTimeField(null=True, editable=False)
    paid_bill = models.BigIntegerField(null=True, editable=False)
    was_paid_on = models.DateField(null=True, editable=False)

    class Meta:
        db_table = "suspense_clearing"
        verbose_name = _("suspense clearing")
        verbose_name_plural = _("suspense clearings")
        constraints = [
            models.CheckConstraint(name="clearing_has_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="refund_of_suspense_has_ground_and_payee",
                condition=~Q(decision="refund")
                | (~Q(ground="") & ~Q(payee="") & Q(account_digest__isnull=False)),
            ),
            models.CheckConstraint(
                name="clearing_pays_a_bill_or_none",
                condition=Q(paid_bill=None)
                | Q(decision__in=["apply", "move_year"], cleared_at__isnull=False),
            ),
        ]
