"""Gap repair payment (缴费修复): paid years that shorten the variable wait."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case


class GapRepair(Case):
    """A repair of `repair_years` broken years for the cover of one benefit year.

    皖医保发〔2024〕6号 一（二）: each year paid removes one month of the variable wait, at the
    provincial individual standard of the year of payment. What the calculator found is kept with
    the case (months of wait before and after, first benefit day), because it is what the person
    was told and the checker approved.
    """

    repair_years = models.SmallIntegerField(_("repair years"))
    unit_price = models.DecimalField(_("price of a year"), max_digits=10, decimal_places=2)
    broken_years = models.SmallIntegerField(_("broken years"))
    contribution_paid_on = models.DateField(
        _("contribution paid on"),
        null=True,
        help_text=_("Or expected on, where the bill was not paid yet when the case was made."),
    )
    fixed_months = models.SmallIntegerField(_("fixed wait in months"))
    variable_before = models.SmallIntegerField(_("variable wait before repair, in months"))
    variable_months = models.SmallIntegerField(_("variable wait after repair, in months"))
    unrepaired_start = models.DateField(_("benefits from without repair"), null=True, blank=True)
    benefit_start = models.DateField(_("benefits from"), null=True, blank=True)
    trace = models.JSONField(_("how it was computed"), default=list)
    bill_number = models.CharField(_("payment order"), max_length=64, blank=True)
    receipt_number = models.CharField(_("receipt number"), max_length=64, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)

    class Meta:
        db_table = "gap_repair"
        verbose_name = _("gap repair payment")
        verbose_name_plural = _("gap repair payments")
        constraints = [
            models.CheckConstraint(
                name="a_repair_repairs_at_least_a_year", condition=Q(repair_years__gte=1)
            ),
            models.CheckConstraint(
                name="a_repair_never_lengthens_the_wait",
                condition=Q(variable_months__lte=F("variable_before")),
            ),
            models.UniqueConstraint(
                fields=["receipt_number"],
                condition=~Q(receipt_number=""),
                name="a_receipt_pays_one_repair",
            ),
        ]
