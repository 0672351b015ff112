"""The budget of an area, scheme and year (基金预算), a kind of case: opened, filled, approved.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）: spending is set
by revenue, no deficit of the year in principle, never a cumulative one.
鄂政办发〔2020〕9号 三（五）; 川办发〔2023〕38号 二（三）.
A draft may be unsound while it is written; it leaves its maker only when it is whole. Two levels
approve the digest of all lines, and it is in effect by the document of the government's approval.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Region, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import Budget, BudgetGoal, BudgetLine, CountyBudget
from funds.rules.budget import (
    BalanceTerms,
    BudgetedBalance,
    BudgetTerms,
    YearBudget,
    assess_balance,
    assess_year_budget,
)
from funds.selectors import budgets as reads
from funds.services import budget_figures as figures

NAME = "budget"


class NotABudgetArea(Refused):
    message = gettext_noop("A budget is one of a pooling area or of the province.")
    field = "region"


class NotYourArea(Refused):
    message = gettext_noop("Your duty does not reach this area.")
    field = "region"


class AmountUnreadable(Refused):
    message = gettext_noop("%(place)s: “%(text)s” cannot be read as an amount.")


class BudgetStands(Refused):
    message = gettext_noop(
        "Case %(case)s budgets this already: it is adjusted, or withdrawn before another is made."
    )
    field = "region"


class BudgetLawMissing(Refused):
    message = gettext_noop("The law of budgets is not complete: %(told)s.")


class CumulativeDeficit(Refused):
    message = gettext_noop(
        "The balance would end at %(closing)s yuan: a cumulative deficit is never budgeted."
    )


class CurrentDeficit(Refused):
    message = gettext_noop(
        "More is spent than comes in, by %(deficit)s yuan: a deficit of the year needs an approved "
        "exception. Record its document and clause."
    )
    field = "exception_document"


class ExceptionIncomplete(Refused):
    message = gettext_noop("An exception names its document and the clause.")
    field = "exception_clause"


class NothingBudgeted(Refused):
    message = gettext_noop("The sheet is empty: fill in revenue and expenditure.")


class CountiesAboveBudget(Refused):
    message = gettext_noop(
        "The counties are given %(given)s yuan together, more than the %(allowed)s yuan of benefit "
        "expenditure."
    )


class CitiesMissing(Refused):
    message = gettext_noop("No approved budget yet of %(cities)s.")


class RollUpOutdated(Refused):
    message = gettext_noop(
        "Budgets of cities changed since the province's was summed: sum it again."
    )


class PointsAbove(Refused):
    message = gettext_noop("The goals are worth %(points)s points together: they make a hundred.")


class GoalIncomplete(Refused):
    message = gettext_noop("A goal has a name, a target and points.")


class GoalTwice(Refused):
    message = gettext_noop("A goal stands there twice.")


class AdjustmentStands(Refused):
    message = gettext_noop("Case %(case)s adjusts this budget: it is undone first.")


class WholeStands(Refused):
    message = gettext_noop("Case %(case)s, the province's budget, counts this one in.")


class PlansAbove(Refused):
    message = gettext_noop(
        "%(place)s would have %(given)s yuan, and its approved plans take %(taken)s yuan."
    )


class ApprovalDocumentMissing(Refused):
    message = gettext_noop("Name the document by which the government approved the budget.")
    field = "approval_document"


class ApprovedInFuture(Refused):
    message = gettext_noop("The approval lies in the future.")
    field = "approved_on"


def open_budget(
    *,
    maker: User,
    region_id: int,
    year: int,
    scheme: int,
    opening: Decimal | None = None,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft with a line an item. A city's begins with what the year before says; the
    province's is summed from its cities.

    Raises NotABudgetArea, BudgetStands.
    """
    _check_area(region_id)
    return cases.open_only_case(
        kind=NAME,
        maker=maker,
        stands_for=reads.place_of(region_id, year, scheme, 0),
        taken=BudgetStands,
        begin=lambda case: figures.begin(_budget(case)),
        region_id=region_id,
        year=year,
        request_key=request_key,
        scheme=scheme,
        opening=opening or ZERO,
        **says,
    )


def _check_area(region: int) -> None:
    found = Region.objects.filter(pk=region).first()
    if found is None or not (found.is_pooling_area or reads.is_of_province(region)):
        raise NotABudgetArea


def whole(case: Case) -> Budget:
    """The budget, or adjustment, as it is now."""
    return type(_budget(case)).objects.get(pk=case.pk)


@transaction.atomic
def change_budget(*, case: Case, user: User, expected_version: int, **says: Any) -> Case:
    """Let the maker change the balance it begins with and the exception; what it is of stays.

    Raises as `cases.change_case`.
    """
    for fixed in ("region_id", "year", "scheme"):
        says.pop(fixed, None)
    if reads.is_of_province(case.region_id):
        says.pop("opening", None)
    return cases.change_case(case=case, user=user, expected_version=expected_version, **says)


@transaction.atomic
def record_lines(
    *, case: Case, user: User, expected_version: int, lines: Mapping[str, Mapping[str, Any]]
) -> Case:
    """Record the drivers of items by name, and compute the budget again.

    Raises LinesRefused, which names each line, and as `cases.change_case`.
    """
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    figures.record(_budget(changed), lines)
    return whole(changed)


@transaction.atomic
def record_counties(
    *, case: Case, user: User, expected_version: int, amounts: Mapping[int, Decimal]
) -> Case:
    """Record what each county may spend in the year, in yuan by code.

    Raises CountiesAboveBudget, and as `cases.change_case`.
    """
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    budget = _budget(changed)
    known = set(reads.counties_of_area(budget.region_id).values_list("pk", flat=True))
    CountyBudget.objects.bulk_create(
        [
            CountyBudget(budget_id=budget.pk, county_id=county, amount=amount)
            for county, amount in sorted(amounts.items())
            if county in known
        ],
        update_conflicts=True,
        unique_fields=["budget", "county"],
        update_fields=["amount"],
    )
    _check_counties(budget)
    return changed


@transaction.atomic
def record_goals(
    *,
    case: Case,
    user: User,
    expected_version: int,
    goals: Sequence[tuple[str, str, int]],
) -> Case:
    """Record the performance goals: name, target, points; they replace those before.

    Raises GoalIncomplete, GoalTwice, PointsAbove, and as `cases.change_case`.
    """
    if any(not (name.strip() and target.strip() and points > 0) for name, target, points in goals):
        raise GoalIncomplete
    if len({name.strip() for name, _target, _points in goals}) < len(goals):
        raise GoalTwice
    together = sum(points for _name, _target, points in goals)
    if goals and together != 100:
        raise PointsAbove(points=together)
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    BudgetGoal.objects.filter(budget=changed.pk).update(weight=0)
    BudgetGoal.objects.bulk_create(
        [
            BudgetGoal(
                budget_id=changed.pk, name=name.strip(), target=target.strip(), weight=points
            )
            for name, target, points in goals
        ],
        update_conflicts=True,
        unique_fields=["budget", "name"],
        update_fields=["target", "weight"],
    )
    return changed


@transaction.atomic
def sum_again(*, case: Case, user: User, expected_version: int) -> Case:
    """Sum a province's budget from the cities' as they are in force now. As `cases.change_case`."""
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    figures.sum_cities(_budget(changed))
    return whole(changed)


def assessed(budget: Budget) -> YearBudget:
    """The budget by the rules. Raises BudgetLawMissing."""
    try:
        terms = reads.terms_of(BudgetTerms, budget.region_id, date(budget.year, 1, 1))
    except MissingParameter as error:
        raise BudgetLawMissing(told=str(error)) from error
    return assess_year_budget(budget.opening, budget.revenue, budget.expenditure, terms)


def balance_of(budget: Budget) -> BudgetedBalance | None:
    """Its balance at the end in months of its spending; None where nothing is spent, and where the
    province has no range."""
    if not budget.expenditure:
        return None
    try:
        terms = reads.terms_of(BalanceTerms, budget.region_id, date(budget.year, 1, 1))
    except MissingParameter:
        return None
    closing = budget.opening + budget.revenue - budget.expenditure
    return assess_balance(closing, budget.expenditure, terms)


def check(case: Case) -> None:
    """An exception is named whole. Raises ExceptionIncomplete."""
    budget = _budget(case)
    if bool(budget.exception_document.strip()) != bool(budget.exception_clause.strip()):
        raise ExceptionIncomplete


def moves(case: Case, move: Transition, user: User) -> None:
    """Nothing is submitted or signed that the rules refuse. Raises what `check_whole` does."""
    if move in (lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.CHECK, lifecycle.CONFIRM):
        check_whole(_budget(case))


def check_whole(budget: Budget) -> None:
    """Raises NothingBudgeted, CumulativeDeficit, CurrentDeficit, CountiesAboveBudget, and of a
    province's CitiesMissing, RollUpOutdated."""
    if not budget.revenue and not budget.expenditure:
        raise NothingBudgeted
    if reads.is_of_province(budget.region_id):
        _check_cities(budget)
    found = assessed(budget)
    if not found.allowed_with_exception:
        raise CumulativeDeficit(closing=f"{found.closing:,.2f}")
    if not found.allowed and not budget.exception_document:
        raise CurrentDeficit(deficit=f"{budget.expenditure - budget.revenue:,.2f}")
    _check_counties(budget)


def _check_counties(budget: Budget) -> None:
    given = reads.given_to_counties(budget)
    allowed = reads.for_counties(budget.lines.all())
    if given > allowed:
        raise CountiesAboveBudget(given=f"{given:,.2f}", allowed=f"{allowed:,.2f}")


def _check_cities(budget: Budget) -> None:
    now = reads.roll_up(budget.year, budget.scheme, business_date())
    if now.missing:
        raise CitiesMissing(cities="、".join(city.name for city in now.missing))
    if not figures.ties(budget, now):
        raise RollUpOutdated


def facts(case: Case) -> list[Fact]:
    """What holds for all, each line with its drivers, the counties, the goals: that is signed."""
    budget = _budget(case)
    lines = reads.lines_of(budget)
    counties = budget.counties.select_related("county")
    balance = balance_of(budget)
    return [
        Fact(gettext_noop("Scheme"), budget.scheme, budget.get_scheme_display()),
        Fact(gettext_noop("Balance at the beginning (yuan)"), budget.opening),
        Fact(gettext_noop("Budgeted revenue (yuan)"), budget.revenue),
        Fact(gettext_noop("Budgeted expenditure (yuan)"), budget.expenditure),
        Fact(
            gettext_noop("Balance at the end (yuan)"),
            budget.opening + budget.revenue - budget.expenditure,
        ),
        Fact(
            gettext_noop("Months of spending that it covers"), balance.months if balance else None
        ),
        Fact(
            gettext_noop("Exception for a deficit of the year"),
            [budget.exception_document, budget.exception_clause],
            f"{budget.exception_document} {budget.exception_clause}".strip() or "—",
        ),
        *(
            Fact(
                gettext_noop("Line of the budget"),
                [getattr(line, name) for name in figures.TOLD],
                f"{line.get_item_display()} {line.amount:,.2f}",
            )
            for line in lines
        ),
        *(
            Fact(
                gettext_noop("Budget of a county (yuan)"),
                [each.county_id, each.amount],
                f"{each.county.name} {each.amount:,.2f}",
            )
            for each in counties
        ),
        *(
            Fact(
                gettext_noop("Performance goal"),
                [goal.name, goal.target, goal.weight],
                f"{goal.name}: {goal.target} ({goal.weight})",
            )
            for goal in budget.goals.filter(weight__gt=0)
        ),
        *(
            Fact(gettext_noop("City's budget"), part.pk, f"{part.region.name} {part.pk}")
            for part in reads.parts_of(budget)
        ),
    ]


def effect(
    *, case: Case, user: User, approval_document: str, approved_on: date, **details: Any
) -> None:
    """The government approved it: from now on it is executed and adjusted, not changed.

    Raises ApprovalDocumentMissing, ApprovedInFuture.
    """
    if not approval_document.strip():
        raise ApprovalDocumentMissing
    if approved_on > business_date():
        raise ApprovedInFuture
    Budget.objects.filter(pk=case.pk).update(
        approval_document=approval_document.strip(), approved_on=approved_on
    )


def undo(*, case: Case, user: User) -> None:
    """The budget before is in force again, or none.

    Raises AdjustmentStands, WholeStands, PlansAbove.
    """
    budget = _budget(case)
    later = reads.adjustment_of(budget)
    if later is not None:
        raise AdjustmentStands(case=later.pk)
    summed = reads.whole_of(budget)
    if summed is not None:
        raise WholeStands(case=summed.pk)
    before = reads.standing_budget(budget.region_id, budget.year, budget.scheme, budget.number - 1)
    check_plans(budget, reads.given_of(before) if before else {})


def check_plans(budget: Budget, given: Mapping[int, Decimal]) -> None:
    """Counties keep what their plans took already, in yuan by county; until the transaction ends no
    other plan takes more. Raises PlansAbove."""
    reads.hold_counties(budget.region_id, budget.year, budget.scheme)
    planned = list(reads.planned_counties(budget))
    lefts = reads.counties_left([each.pk for each in planned], budget.scheme, budget.year)
    for county in planned:
        taken = lefts[county.pk].disbursed if county.pk in lefts else ZERO
        if taken > given.get(county.pk, ZERO):
            amount = f"{given.get(county.pk, ZERO):,.2f}"
            raise PlansAbove(place=county.name, given=amount, taken=f"{taken:,.2f}")


def _budget(case: Case) -> Budget:
    return cast("Budget", case)


def lines_by_item(budget: Budget) -> dict[str, BudgetLine]:
    """The lines by the name of their item."""
    return {line.item: line for line in budget.lines.all()}


KIND = CaseKind(
    name=NAME,
    label=_("budget"),
    model=Budget,
    effect=effect,
    facts=facts,
    check=check,
    moves=moves,
    undo=undo,
    second_always=True,
    reversed_by_two=True,
    asks_on_effect=True,
    working_days=15,
    url_name="admin:funds_budget",
)
