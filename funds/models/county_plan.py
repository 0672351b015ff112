"""The monthly plan of a county (县级月度用款计划): a case that moves money to the county's account.

鄂政办发〔2020〕9号 三（五）: the city transfers a month's money to the expenditure account of each
county by the county's plan, never more than what is left of the approved budget.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Extract, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person


class CountyPlan(Case):
    """What a county asks for a month, in yuan: the amount of the case. Its region is the county."""

    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    stands_for = models.CharField(
        _("what it plans"),
        max_length=40,
        null=True,
        unique=True,
        editable=False,
        help_text=_("County, scheme and month; empty once it was withdrawn or reversed."),
    )

    class Meta:
        db_table = "county_plan"
        verbose_name = _("county monthly plan")
        verbose_name_plural = _("county monthly plans")
        permissions = [
            ("confirm_county_plan", _("Can confirm what a county received")),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_plan_is_of_a_month",
                condition=Exact(Extract("month", "day"), 1),
            ),
        ]


class CountyReceipt(models.Model):
    """The county's confirmation that the money of a plan came in. Appended, never changed."""

    plan = models.OneToOneField(
        CountyPlan,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="receipt",
        verbose_name=_("county monthly plan"),
    )
    received_on = models.DateField(_("received on"))
    amount = models.DecimalField(_("amount received"), max_digits=17, decimal_places=2)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), db_default=Now())

    class Meta:
        db_table = "county_receipt"
        verbose_name = _("confirmation of a county")
        verbose_name_plural = _("confirmations of counties")
        constraints = [
            models.CheckConstraint(name="received_money_is_above_zero", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.amount}"
