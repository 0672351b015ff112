"""Refund (退费): a contribution is paid back whole, and its year of cover ends before it begins."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.models.case import Case


class Refund(Case):
    """A refund of what was paid for one benefit year; `amount` is all of it.

    All or nothing, on the grounds of the parameter refund.reasons, and only before the benefits
    start (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（三）: 1 January). The account
    is sealed as identity numbers are; screens show its last four digits.
    """

    class Ground(models.TextChoices):
        DEATH = "death", _("death")
        DUPLICATE = "duplicate_enrolment", _("duplicate enrolment")
        EMPLOYEE = "joined_employee_scheme", _("joined the employee scheme")
        ERROR = "handling_error", _("error in handling")

    ground = models.CharField(_("ground of the refund"), max_length=32, choices=Ground)
    event_on = models.DateField(
        _("day of the event"), help_text=_("Of the death, the new relation, the error.")
    )
    requested_on = models.DateField(
        _("requested on"), help_text=_("This day decides: it lies before the benefits start.")
    )
    evidence = models.CharField(_("evidence"), max_length=255)
    payee = models.CharField(_("paid to"), max_length=64)
    account_sealed = models.BinaryField(editable=True)
    account_digest = models.UUIDField()
    account_mask = models.CharField(_("bank account"), max_length=32)
    contribution_paid_on = models.DateField(_("contribution paid on"))
    # The year of cover that was refunded, while the refund stands.
    refunded_bill = models.BigIntegerField(null=True, editable=False)
    was_subsidy = models.DecimalField(max_digits=10, decimal_places=2, null=True, editable=False)
    was_ended_on = models.DateField(null=True, editable=False)
    was_ended_for = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        db_table = "refund"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(
                name="refund_is_requested_after_payment",
                condition=Q(requested_on__gte=models.F("contribution_paid_on")),
            ),
            models.CheckConstraint(
                name="refund_has_evidence_and_payee", condition=~Q(evidence="") & ~Q(payee="")
            ),
            models.UniqueConstraint(
                fields=["refunded_bill", "contribution_paid_on"],
                name="a_payment_is_refunded_once",
            ),
        ]
