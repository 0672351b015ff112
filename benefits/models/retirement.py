"""Retirement assessment (退休缴费年限核定): months, what is missing, what was chosen."""

from datetime import date

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person


class RetirementAssessment(Case):
    """Months of a member of the employee scheme at retirement, and the way chosen to make them up.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（二）: whoever has the required
    cumulative months pays no more; whoever has not goes on paying, or pays the rest at once. What
    the rule said is kept with the case: it is what the person was told and chose from.
    """

    class Choice(models.TextChoices):
        NOTHING = "nothing", _("nothing is missing")
        LUMP_SUM = "lump_sum", _("pay the rest at once")
        MONTHLY = "monthly", _("go on paying monthly")

    retires_on = models.DateField(_("day of retirement"))
    actual_months = models.PositiveSmallIntegerField(
        _("actual months"),
        help_text=_(
            "Of the employee scheme, with those before the register; resident years never."
        ),
    )
    deemed_months = models.PositiveSmallIntegerField(
        _("deemed months"), default=0, help_text=_("视同缴费, by the personnel file.")
    )
    evidence = models.CharField(
        _("evidence"),
        max_length=255,
        help_text=_("Of the months before the register and of the deemed ones."),
    )
    base = models.DecimalField(
        _("contribution base at retirement (yuan)"), max_digits=10, decimal_places=2
    )
    choice = models.CharField(_("choice"), max_length=16, choices=Choice)
    first_month = models.DateField(
        _("first month to pay"),
        null=True,
        blank=True,
        help_text=_("Of further monthly payment; empty: the month after retirement."),
    )
    # What the rule said.
    required_months = models.PositiveSmallIntegerField()
    min_actual_months = models.PositiveSmallIntegerField()
    shortfall_months = models.PositiveSmallIntegerField()
    rate = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    lump_sum = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    last_month = models.DateField(null=True)
    benefits_from = models.DateField()
    trace = models.JSONField(_("how it was computed"), default=list)
    in_force = models.OneToOneField(
        Person,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("person assessed"),
    )

    class Meta:
        db_table = "retirement_assessment"
        verbose_name = _("retirement assessment")
        verbose_name_plural = _("retirement assessments")
        constraints = [
            models.CheckConstraint(
                name="missing_months_follow_from_the_requirement",
                condition=Q(
                    shortfall_months=Greatest(
                        F("required_months") - F("actual_months") - F("deemed_months"),
                        F("min_actual_months") - F("actual_months"),
                        Value(0),
                    )
                ),
            ),
            models.CheckConstraint(
                name="a_choice_is_made_where_months_are_missing",
                condition=Q(shortfall_months=0, choice="nothing")
                | Q(shortfall_months__gt=0, choice="lump_sum", lump_sum__isnull=False)
                | Q(shortfall_months__gt=0, choice="monthly", last_month__isnull=False),
            ),
            models.CheckConstraint(name="months_have_evidence", condition=~Q(evidence="")),
        ]

    @property
    def starts_on(self) -> date | None:
        """First day of retiree benefits; none before a lump sum is paid."""
        return None if self.choice == self.Choice.LUMP_SUM else self.benefits_from
