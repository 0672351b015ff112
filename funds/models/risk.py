"""What a fund stands at month by month, what that says, and the warnings that follow from it.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 川办发〔2023〕38号 三（十一）.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enrollment.models import Case, Person, Region


class Indicator(models.TextChoices):
    """What is watched; the rules are in funds/rules/risk.py."""

    MONTHS_COVERED = "months_covered", _("months of spending covered")
    CURRENT_BALANCE = "current_balance", _("current balance, of the revenue")
    COLLECTION_RATE = "collection_rate", _("collection rate")
    SUBSIDY_ARREARS = "subsidy_arrears", _("subsidies in arrears, of those due")
    SPENDING_GROWTH = "spending_growth", _("growth of spending")
    BUDGET_EXECUTION = "budget_execution", _("budget spent, against the calendar")
    ENROLMENT_RATE = "enrolment_rate", _("enrolment rate")


class RiskLevel(models.TextChoices):
    """How an indicator stands."""

    NORMAL = "normal", pgettext_lazy("risk", "normal")
    ATTENTION = "attention", pgettext_lazy("risk", "attention")
    SERIOUS = "serious", pgettext_lazy("risk", "serious")
    UNKNOWN = "unknown", pgettext_lazy("risk", "not known")


def _book() -> "models.ForeignKey[Region, Region]":
    return models.ForeignKey(
        Region,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # found by the month
        related_name="+",
        verbose_name=_("books of"),
        db_column="book",
    )


class FundMonth(models.Model):
    """A fund at the end of a month, in yuan, as one run of the step `watch` found it.

    Revenue and expenditure are of the month and of its year so far. A run adds rows and changes
    none: the latest of a month is the one that counts.
    """

    region = _book()
    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    shard = models.BigIntegerField(_("computed by shard"), editable=False)
    revenue_of_month = models.DecimalField(max_digits=18, decimal_places=2)
    expenditure_of_month = models.DecimalField(max_digits=18, decimal_places=2)
    revenue = models.DecimalField(max_digits=18, decimal_places=2)
    expenditure = models.DecimalField(max_digits=18, decimal_places=2)
    balance = models.DecimalField(max_digits=18, decimal_places=2)
    earned = models.DecimalField(max_digits=18, decimal_places=2)
    spent = models.DecimalField(max_digits=18, decimal_places=2)
    months = models.SmallIntegerField()
    spent_before = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    claimed = models.DecimalField(max_digits=18, decimal_places=2)
    received = models.DecimalField(max_digits=18, decimal_places=2)
    arrears = models.DecimalField(max_digits=18, decimal_places=2)
    payable = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    budgeted = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    insured = models.BigIntegerField(null=True)
    population = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "fund_month"
        verbose_name = _("month of a fund")
        verbose_name_plural = _("months of funds")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "region", "scheme", "shard"], name="a_run_tells_a_month_once"
            ),
            models.CheckConstraint(name="a_fund_month_is_a_whole_month", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.scheme} {self.month:%Y-%m}"


class RiskReading(models.Model):
    """What an indicator of a fund says of a month: a fraction, and the level by the parameters."""

    of = models.ForeignKey(
        FundMonth, on_delete=models.PROTECT, related_name="readings", verbose_name=_("month")
    )
    indicator = models.CharField(_("indicator"), max_length=24, choices=Indicator.choices)
    numerator = models.DecimalField(max_digits=18, decimal_places=2)
    denominator = models.DecimalField(max_digits=18, decimal_places=2)
    level = models.CharField(_("level"), max_length=12, choices=RiskLevel.choices)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "risk_reading"
        verbose_name = _("reading of an indicator")
        verbose_name_plural = _("readings of indicators")
        constraints = [
            models.UniqueConstraint(fields=["of", "indicator"], name="a_month_is_read_once"),
            models.CheckConstraint(
                name="an_indicator_is_of_the_list", condition=Q(indicator__in=Indicator.values)
            ),
            models.CheckConstraint(
                name="a_risk_level_is_of_the_list", condition=Q(level__in=RiskLevel.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_id} {self.indicator}"


class RiskWarning(Case):
    """A warning (风险预警): what an indicator said, what is done about it, and what came of it.

    Approved is the plan; in effect, it bears its result and is closed. An indicator of a fund has
    one warning at a time.
    """

    class Outcome(models.TextChoices):
        RESOLVED = "resolved", _("back to normal")
        IMPROVED = "improved", _("better, still watched")
        UNCHANGED = "unchanged", _("not better: a new plan is needed")

    reading = models.ForeignKey(
        RiskReading,
        on_delete=models.PROTECT,
        db_index=False,  # found by what it stands for
        related_name="warnings",
        verbose_name=_("reading"),
        editable=False,
    )
    plan = models.CharField(
        _("plan of measures"), max_length=1000, help_text=_("What is done, and how.")
    )
    responsible = models.CharField(_("who is responsible"), max_length=64)
    act_by = models.DateField(_("to be done by"))
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=Outcome.choices, blank=True, default="", editable=False
    )
    result = models.CharField(_("result"), max_length=1000, blank=True, default="", editable=False)
    stands_for = models.CharField(
        _("what it warns of"),
        max_length=64,
        null=True,
        unique=True,
        editable=False,
        help_text=_("Books, scheme and indicator; empty once it was closed or withdrawn."),
    )

    class Meta:
        db_table = "risk_warning"
        verbose_name = _("risk warning")
        verbose_name_plural = _("risk warnings")
        constraints = [
            models.CheckConstraint(
                name="a_warning_has_a_plan_and_somebody_for_it",
                condition=~Q(plan="") & ~Q(responsible=""),
            ),
            models.CheckConstraint(
                name="a_result_says_what_came_of_it",
                condition=Q(outcome="", result="") | (~Q(outcome="") & ~Q(result="")),
            ),
        ]
