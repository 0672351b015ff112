"""Budgets: no deficit of the year in principle, never a cumulative one; plans stay inside.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 鄂政办发〔2020〕9号 三（五）.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from enrollment.rules.money import CENT, ZERO, read_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step
from funds.rules.schemes import check_approvals


@dataclass(frozen=True, kw_only=True)
class BudgetTerms(Terms):
    """Whether a deficit of the year can be excepted."""

    deficit: str = parameter("budget.deficit_in_principle")


@dataclass(frozen=True, kw_only=True)
class AdjustmentTerms(Terms):
    """Whose approval a budget adjustment needs."""

    approvals: tuple[str, ...] = parameter("budget.adjustment_approvals")


BELOW, WITHIN, ABOVE = "below", "within", "above"


@dataclass(frozen=True, kw_only=True)
class BalanceTerms(Terms):
    """Between how many months of spending the balance at the end of a budget is reasonable."""

    least: int = parameter("risk.normal_months")
    most: int = parameter("budget.most_months")


@dataclass(frozen=True, slots=True)
class BudgetedBalance:
    """Months of budgeted spending that the closing balance covers, with two places, and where the
    exact figure lies: below, within or above the reasonable range."""

    months: Decimal
    place: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class YearBudget:
    """Yuan; `allowed` without, `allowed_with_exception` with an approved exception."""

    closing: Decimal
    current_deficit: bool
    allowed: bool
    allowed_with_exception: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """Yuan that remain of the approved budget after paying the plan; none if it is refused."""

    payable: bool
    remaining_after: Decimal | None
    reason: str | None
    trace: Trace


def assess_year_budget(
    opening: Decimal, revenue: Decimal, expenditure: Decimal, terms: BudgetTerms
) -> YearBudget:
    """A year's budget. Raises the refusals of money; `opening` may be negative."""
    start = read_yuan(opening, negative=True)
    income, spent = read_yuan(revenue), read_yuan(expenditure)
    closing = start + income - spent
    deficit = spent > income
    trace = (
        step(gettext_noop("Opening balance"), start),
        step(gettext_noop("Revenue"), income),
        step(gettext_noop("Expenditure"), spent),
        step(gettext_noop("Deficit of the year"), deficit, terms.cite("deficit")),
        step(gettext_noop("Closing balance"), closing),
    )
    solvent = closing >= 0
    return YearBudget(closing, deficit, solvent and not deficit, solvent, trace)


def assess_balance(closing: Decimal, expenditure: Decimal, terms: BalanceTerms) -> BudgetedBalance:
    """The balance at the end of a budget in months of the year's spending.

    川办发〔2023〕38号 二（三）: 确保基金滚存结余保持在合理区间; both bounds are inside.
    Raises RuleRefused `spending_zero`, and the refusals of money.
    """
    balance, spent = read_yuan(closing, negative=True), read_yuan(expenditure)
    if spent == 0:
        raise RuleRefused("spending_zero")
    year = 12 * balance
    place = BELOW if year < terms.least * spent else ABOVE if year > terms.most * spent else WITHIN
    months = (year / spent).quantize(CENT, rounding=ROUND_HALF_UP)
    trace = (
        step(gettext_noop("Closing balance"), balance),
        step(gettext_noop("Expenditure"), spent),
        step(gettext_noop("Months of spending covered"), months),
        step(gettext_noop("Reasonable from months"), terms.least, terms.cite("least")),
        step(gettext_noop("Reasonable up to months"), terms.most, terms.cite("most")),
    )
    return BudgetedBalance(months, place, trace)


def assess_county_plan(approved: Decimal, disbursed: Decimal, plan: Decimal) -> CountyPlan:
    """A county's monthly plan against what is left of the approved budget.

    `reason` is `exceeds_approved_budget` where it is not payable. Raises the refusals of money.
    """
    budget, spent, asked = read_yuan(approved), read_yuan(disbursed), read_yuan(plan)
    left = budget - spent
    payable = asked <= left
    trace = (
        step(gettext_noop("Approved budget"), budget),
        step(gettext_noop("Disbursed so far"), spent),
        step(gettext_noop("Plan of the month"), asked),
        step(gettext_noop("Payable"), payable),
    )
    if payable:
        return CountyPlan(True, left - asked, None, trace)
    return CountyPlan(False, None, "exceeds_approved_budget", trace)


def check_adjustment(
    adjustment: Decimal, approvals: Sequence[str], terms: AdjustmentTerms
) -> Trace:
    """Raises RuleRefused `approval_missing` (with `missing`), `adjustment_zero`."""
    amount = read_yuan(adjustment, negative=True)
    check_approvals(approvals, terms.approvals)
    if amount == ZERO:
        raise RuleRefused("adjustment_zero")
    return (
        step(gettext_noop("Budget adjustment"), amount),
        step(gettext_noop("Approvals on record"), len(approvals), terms.cite("approvals")),
    )
