"""Reads of budgets: which is in force, what a province's is the sum of, what a county has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum

from enrollment.models import Case, Person, Region
from enrollment.rules.money import ZERO
from enrollment.rules.regions import PROVINCE, province_of, scope_of
from enrollment.rules.terms import Terms, read_terms
from enrollment.selectors.policy import policy_book
from funds.models import (
    Budget,
    BudgetAdjustment,
    BudgetGoal,
    BudgetLine,
    CountyBudget,
    CountyPlan,
)
from funds.rules import schemes
from funds.rules.budget_lines import ITEM, ITEMS, Drivers, Item, items_of
from funds.selectors.settlements import cities_of

SCHEMES = {
    Person.Scheme.RESIDENT: schemes.RESIDENT,
    Person.Scheme.EMPLOYEE: schemes.EMPLOYEE,
}
SUBJECT = "budget"
KINDS = ("budget", "budget_adjustment")

T = TypeVar("T", bound=Terms)


def terms_of(kind: type[T], area: int, on: date) -> T:
    """What the law says of budgets in an area on a day. Raises MissingParameter."""
    book = policy_book(list(kind.codes().values()))
    return read_terms(
        kind,
        lambda code: book.find(code, area=province_of(area), on=on, scheme="both"),
    )


def place_of(area: int, year: int, scheme: int, number: int) -> str:
    """What a budget stands for, as `stands_for` keeps it."""
    return f"{area // 10**6}-{year}-{scheme}-{number}"


def is_of_province(area: int) -> bool:
    """Whether a budget of this area is the sum of its cities'."""
    return area % PROVINCE == 0


def areas_with_budgets() -> QuerySet[Region]:
    """The pooling areas of the province, in the order of their codes."""
    return cities_of(settings.PROVINCE)


def counties_of_area(area: int) -> QuerySet[Region]:
    """The counties of a pooling area, which pay from what its budget gives them."""
    low, high = scope_of(area)
    return Region.objects.filter(
        level=Region.Level.COUNTY, code__gte=low, code__lte=high, valid_to=None
    ).order_by("code")


def standing_budget(area: int, year: int, scheme: int, number: int = 0) -> Budget | None:
    """The budget of an area, year and scheme that was neither withdrawn nor reversed."""
    return Budget.objects.filter(stands_for=place_of(area, year, scheme, number)).first()


def in_force(
    year: int, scheme: int | None, on: date, areas: Iterable[int] | None = None
) -> list[Budget]:
    """The version of each area's budget that is in force at the end of a day, by area; of both
    schemes where none is named. One query.

    The budget of the year holds for all of it; an adjustment from the day of its approval.
    """
    found = (
        Budget.objects.filter(year=year, state=Case.State.EFFECTED)
        .select_related("region")
        .order_by("region_id", "scheme", "-number")
    )
    if scheme is not None:
        found = found.filter(scheme=scheme)
    if areas is not None:
        found = found.filter(region__in=list(areas))
    chosen: dict[tuple[int, int], Budget] = {}
    for budget in found:
        since = budget.approved_on
        if budget.number == 0 or (since is not None and since <= on):
            chosen.setdefault((budget.region_id, budget.scheme), budget)
    return list(chosen.values())


def budget_in_force(area: int, year: int, scheme: int, on: date) -> Budget | None:
    """That of one area; None where none is."""
    return next(iter(in_force(year, scheme, on, [area])), None)


def versions_of(budget: Budget) -> QuerySet[Budget]:
    """The budget of the year and its adjustments, whatever became of them, the oldest first."""
    return Budget.objects.filter(
        region=budget.region_id, year=budget.year, scheme=budget.scheme
    ).order_by("pk")


def adjustment_of(budget: Budget) -> BudgetAdjustment | None:
    """The adjustment that stands upon this version, whatever its state."""
    found = BudgetAdjustment.objects.filter(adjusts=budget.pk)
    return found.exclude(state__in=(Case.State.WITHDRAWN, Case.State.REVERSED)).first()


def whole_of(part: Budget) -> Budget | None:
    """The province's budget that counts this one in and stands."""
    found = Budget.objects.filter(parts__part=part.pk)
    return found.exclude(state__in=(Case.State.WITHDRAWN, Case.State.REVERSED)).first()


# Lines ---------------------------------------------------------------------------------------


def items(budget: Budget) -> tuple[Item, ...]:
    """The items of the budget's scheme, in the order of the sheet."""
    return items_of(SCHEMES[Person.Scheme(budget.scheme)])


def lines_of(budget: Budget) -> list[BudgetLine]:
    """The lines in the order of the sheet."""
    order = {item.name: number for number, item in enumerate(ITEMS)}
    return sorted(budget.lines.all(), key=lambda line: order[line.item])


def drivers_of(line: BudgetLine) -> Drivers:
    """What a line is computed from."""
    return Drivers(
        heads=line.heads,
        standard=line.standard,
        rate=line.rate,
        growth=line.growth,
        ageing=line.ageing,
        policy_change=line.policy_change,
        cost_control=line.cost_control,
        other=line.other,
        note=line.note,
    )


def total_of(lines: Iterable[BudgetLine], side: str) -> Decimal:
    """Yuan of one side."""
    return sum((line.amount for line in lines if ITEM[line.item].side == side), ZERO)


def given_of(budget: Budget) -> dict[int, Decimal]:
    """Yuan that the budget gives each county, by its code."""
    return dict(CountyBudget.objects.filter(budget=budget.pk).values_list("county", "amount"))


def given_to_counties(budget: Budget) -> Decimal:
    """Yuan that the budget gives its counties together."""
    return sum(given_of(budget).values(), ZERO)


def for_counties(lines: Iterable[BudgetLine]) -> Decimal:
    """Yuan that may be given to counties."""
    return sum((line.amount for line in lines if ITEM[line.item].by_county), ZERO)


# The province ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RollUp:
    """What the cities budgeted, by item, and which of them have no approved budget yet; yuan."""

    parts: list[Budget]
    missing: list[Region]
    amounts: dict[str, Decimal]
    opening: Decimal


def roll_up(year: int, scheme: int, on: date) -> RollUp:
    """The budgets of the cities that are in force, summed: what the province's has to be."""
    cities = list(areas_with_budgets())
    parts = in_force(year, scheme, on, [city.pk for city in cities])
    there = {part.region_id for part in parts}
    sums = (
        BudgetLine.objects.filter(budget__in=[part.pk for part in parts])
        .order_by()
        .values_list("item")
        .annotate(together=Sum("amount"))
    )
    return RollUp(
        parts,
        [city for city in cities if city.pk not in there],
        dict(sums),
        sum((part.opening for part in parts), ZERO),
    )


def parts_of(budget: Budget) -> list[Budget]:
    """The cities' budgets that a province's is the sum of, by area."""
    found = Budget.objects.filter(wholes__whole=budget.pk).select_related("region")
    return list(found.order_by("region_id"))


# Counties --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountyLeft:
    """What the budget in force gives a county for a year and what was disbursed of it, in yuan."""

    approved: Decimal
    disbursed: Decimal

    @property
    def left(self) -> Decimal:
        return self.approved - self.disbursed


def county_left(county: int, scheme: int, year: int) -> CountyLeft | None:
    """As the database guards it: approved plans count, what the county returned does not.

    None where no budget of its city is in force.
    """
    return counties_left([county], scheme, year).get(county)


def counties_left(counties: Iterable[int], scheme: int, year: int) -> dict[int, CountyLeft]:
    """The same of many counties, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.county, g.approved, g.disbursed FROM unnest(%s::bigint[]) AS p (county),"
            " LATERAL county_budget_of(p.county, %s::smallint, %s) AS g",
            [list(counties), scheme, year],
        )
        return {county: CountyLeft(*figures) for county, *figures in cursor.fetchall()}


def planned_counties(budget: Budget) -> QuerySet[Region]:
    """The counties whose approved plans rest on this budget's area, year and scheme."""
    plans = CountyPlan.objects.filter(
        region__in=counties_of_area(budget.region_id),
        year=budget.year,
        scheme=budget.scheme,
        state__in=(Case.State.APPROVED, Case.State.EFFECTED),
    )
    return Region.objects.filter(pk__in=plans.values("region")).order_by("code")


def hold_counties(area: int, year: int, scheme: int) -> None:
    """Whoever asks for a part of the same budget waits until this transaction ends, so that the
    second is refused by name. The key is that of `plans_stay_within_the_budget`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"county_budget:{area}:{year}:{scheme}"],
        )


# Goals -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with its latest score; `points` is its share of the total."""

    goal: BudgetGoal
    score: Decimal | None
    points: Decimal | None
    reached: str
    use: str
    scored_on: date | None


def goals_of(budget: Budget) -> list[Goal]:
    """The goals of a budget as they were scored last."""
    found = []
    for goal in budget.goals.filter(weight__gt=0).prefetch_related("scores"):
        last = next(iter(sorted(goal.scores.all(), key=lambda score: -score.pk)), None)
        if last is None:
            found.append(Goal(goal, None, None, "", "", None))
            continue
        points = last.score * goal.weight / 100
        found.append(Goal(goal, last.score, points, last.reached, last.use, last.scored_on))
    return found
