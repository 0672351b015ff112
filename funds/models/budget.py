"""The budget of a pooling area, scheme and year (基金预算), and its adjustments, as cases.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）;
鄂政办发〔2020〕9号 三（五）; 川办发〔2023〕38号 二（三）.
Its lines are the kinds of accounts that they are executed on. An adjustment is a further version
with all its lines; the ones before remain.
"""

from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enrollment.models import Case, Person, Region
from funds.models.chart import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _money(label: "_StrPromise", **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, **options)  # type: ignore[arg-type]


class Budget(Case):
    """A budget in yuan. The region of the case is the pooling area, or the province.

    What the province budgets is the sum of what its cities did (`BudgetPart`). `number` is 0 for
    the budget of the year and counts its adjustments.
    """

    scheme = models.SmallIntegerField(_("scheme"), choices=Person.Scheme.choices)
    number = models.SmallIntegerField(_("adjustment no."), default=0, editable=False)
    opening = _money(
        _("accumulated balance at the beginning of the year"),
        help_text=_(
            "Of the pooled fund, in yuan; as it is expected where the year before still runs."
        ),
    )
    revenue = _money(_("budgeted revenue"), default=0, editable=False)
    expenditure = _money(_("budgeted expenditure"), default=0, editable=False)
    exception_document = models.CharField(
        _("document that allows a deficit of the year"),
        max_length=128,
        blank=True,
        help_text=_("Only where more is to be spent than comes in during the year."),
    )
    exception_clause = models.CharField(_("clause of that document"), max_length=64, blank=True)
    approval_document = models.CharField(
        _("document of the approval"), max_length=128, blank=True, default="", editable=False
    )
    approved_on = models.DateField(_("approved on"), null=True, editable=False)
    stands_for = models.CharField(
        _("what it budgets"),
        max_length=40,
        null=True,
        unique=True,
        editable=False,
        help_text=_("Area, year, scheme and number; empty once it was withdrawn or reversed."),
    )

    class Meta:
        db_table = "budget"
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.CheckConstraint(
                name="budgeted_money_is_not_negative",
                condition=Q(revenue__gte=0, expenditure__gte=0, number__gte=0),
            ),
            models.CheckConstraint(
                name="an_approval_of_a_budget_is_whole",
                condition=Q(approval_document="", approved_on=None)
                | (~Q(approval_document="") & Q(approved_on__isnull=False)),
            ),
        ]


class BudgetAdjustment(Budget):
    """调整预算: a further version of an approved budget, through the government of the city.

    鄂政办发〔2020〕9号 三（五）; 川办发〔2023〕38号 二（三）: only for special causes.
    """

    budget_ptr = models.OneToOneField(
        Budget,
        on_delete=models.PROTECT,
        parent_link=True,
        primary_key=True,
        db_column="case_ptr_id",
        related_name="as_adjustment",
    )
    adjusts = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        related_name="adjustments",
        verbose_name=_("budget that is adjusted"),
        editable=False,
    )
    cause = models.CharField(_("cause of the adjustment"), max_length=255)
    approvals = models.JSONField(_("approvals on record"), default=list, blank=True)

    class Meta:
        db_table = "budget_adjustment"
        verbose_name = _("budget adjustment")
        verbose_name_plural = _("budget adjustments")
        constraints = [
            models.CheckConstraint(name="an_adjustment_names_its_cause", condition=~Q(cause="")),
        ]


class BudgetLine(models.Model):
    """An item of a budget with what it is computed from (`funds/rules/budget_lines.py`).

    `standard` is yuan a head, the base that a rate applies to, or the spending of the year before;
    rates are shares. `amount` is yuan. Empty drivers are not known yet.
    """

    Kind: TypeAlias = Kind

    budget = models.ForeignKey(
        Budget, on_delete=models.PROTECT, related_name="lines", verbose_name=_("budget")
    )
    item = models.CharField(_("item"), max_length=32, choices=Kind.choices)
    heads = models.IntegerField(_("number of people"), null=True, blank=True)
    standard = _money(_("standard or base (yuan)"), null=True, blank=True)
    rate = models.DecimalField(_("rate"), max_digits=7, decimal_places=6, null=True, blank=True)
    growth = models.DecimalField(_("growth"), max_digits=7, decimal_places=6, null=True, blank=True)
    ageing = models.DecimalField(
        _("effect of age structure"), max_digits=7, decimal_places=6, null=True, blank=True
    )
    policy_change = _money(_("change of benefits (yuan)"), null=True, blank=True)
    cost_control = _money(_("cost control (yuan)"), null=True, blank=True)
    other = _money(_("other factors (yuan)"), default=0, blank=True)
    note = models.CharField(_("basis"), max_length=255, blank=True)
    amount = _money(_("amount"), default=0, editable=False)
    trace = models.JSONField(_("computation"), default=list, editable=False)

    class Meta:
        db_table = "budget_line"
        ordering = ["id"]
        verbose_name = _("line of a budget")
        verbose_name_plural = _("lines of budgets")
        constraints = [
            models.UniqueConstraint(fields=["budget", "item"], name="a_budget_has_an_item_once"),
            models.CheckConstraint(
                name="a_budgeted_line_is_not_negative", condition=Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="drivers_of_a_line_are_plausible",
                condition=(Q(heads=None) | Q(heads__gte=0))
                & (Q(standard=None) | Q(standard__gte=0))
                & (Q(rate=None) | Q(rate__gte=0, rate__lte=1))
                & (Q(growth=None) | Q(growth__gt=-1, growth__lt=1))
                & (Q(ageing=None) | Q(ageing__gt=-1, ageing__lt=1))
                & (Q(cost_control=None) | Q(cost_control__gte=0)),
            ),
            models.CheckConstraint(
                name="other_factors_have_a_basis", condition=Q(other=0) | ~Q(note="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.item}"


class CountyBudget(models.Model):
    """What a city's budget gives a county to spend in the year, in yuan: the limit of its plans."""

    budget = models.ForeignKey(
        Budget, on_delete=models.PROTECT, related_name="counties", verbose_name=_("budget")
    )
    county = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("county")
    )
    amount = _money(_("amount"), default=0)

    class Meta:
        db_table = "county_budget"
        ordering = ["county"]
        verbose_name = _("budget of a county")
        verbose_name_plural = _("budgets of counties")
        constraints = [
            models.UniqueConstraint(fields=["budget", "county"], name="a_budget_has_a_county_once"),
            models.CheckConstraint(
                name="a_county_is_given_no_negative_money", condition=Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.county_id}"


class BudgetPart(models.Model):
    """A city's approved budget that went into the province's (川办发〔2023〕38号 二（三）).

    None where the city's was taken back since.
    """

    whole = models.ForeignKey(
        Budget, on_delete=models.PROTECT, related_name="parts", verbose_name=_("province's budget")
    )
    area = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("city")
    )
    part = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        null=True,
        related_name="wholes",
        verbose_name=_("city's budget"),
    )

    class Meta:
        db_table = "budget_part"
        verbose_name = _("part of a province's budget")
        verbose_name_plural = _("parts of provinces' budgets")
        constraints = [
            models.UniqueConstraint(fields=["whole", "area"], name="an_area_counts_once"),
            models.CheckConstraint(
                name="a_budget_is_no_part_of_itself", condition=~Q(whole=F("part"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whole_id} {self.area_id}"


class BudgetGoal(models.Model):
    """绩效目标 of a budget: what is to be reached, and how much of a hundred points it is worth.

    A goal that is worth nothing was taken back.
    """

    budget = models.ForeignKey(
        Budget, on_delete=models.PROTECT, related_name="goals", verbose_name=_("budget")
    )
    name = models.CharField(_("performance goal"), max_length=64)
    target = models.CharField(_("target"), max_length=128)
    weight = models.SmallIntegerField(_("points"))

    class Meta:
        db_table = "budget_goal"
        ordering = ["id"]
        verbose_name = _("performance goal")
        verbose_name_plural = _("performance goals")
        constraints = [
            models.UniqueConstraint(fields=["budget", "name"], name="a_budget_has_a_goal_once"),
            models.CheckConstraint(
                name="a_goal_is_worth_up_to_a_hundred_points",
                condition=Q(weight__gte=0, weight__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GoalScore(models.Model):
    """What became of a goal by a day: monitored or evaluated. Appended, never changed.

    `score` is of a hundred; its share of the total is the weight of the goal.
    """

    goal = models.ForeignKey(
        BudgetGoal, on_delete=models.PROTECT, related_name="scores", verbose_name=_("goal")
    )
    scored_on = models.DateField(_("as of"))
    reached = models.CharField(_("reached"), max_length=128)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    use = models.CharField(_("use of the result"), max_length=255, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())

    class Meta:
        db_table = "goal_score"
        ordering = ["id"]
        verbose_name = _("score of a goal")
        verbose_name_plural = _("scores of goals")
        constraints = [
            models.CheckConstraint(
                name="a_score_is_of_a_hundred", condition=Q(score__gte=0, score__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.goal_id} {self.score}"
