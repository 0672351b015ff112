"""The work of offices: cases by kind, state and age, what is overdue, what was sent back, by month.

Read from the sums that triggers keep (`CaseTotal`, `CaseMonth`), never from the cases; an office is
the county of its cases, and nobody is named. The bounds of age are those of the list of cases, so
that each figure leads to a list of as many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from enrollment.models import Case, CaseMonth, CaseTotal
from enrollment.rules import lifecycle
from enrollment.rules.regions import CITY, COUNTY, county_of, scope_of
from enrollment.selectors.chase import child_of
from enrollment.selectors.people import Place, places
from enrollment.selectors.scope import counties_of
from enrollment.selectors.scope import scope_of as reach_of_rows

AGES = (5, 10, 30)  # days; older than so many
OPEN_STATES = tuple(state for state in Case.State.values if state not in lifecycle.DONE)
MOVES = ("sent", "sent_back", "effected", "late", "reversed", "moved_out", "moved_in")
_MONTH = ("submitted", "returned", "effected", "late", "reversed", "moved_out", "moved_in")


@dataclass(slots=True)
class Work:
    """Cases that somebody has to act on, by state and age; and the moves of some months.

    `sent` were submitted in these months, `sent_back` returned, `late` put into effect after their
    day; `moved_out` and `moved_in` are transfers between pooling areas.
    """

    draft: int = 0
    submitted: int = 0
    returned: int = 0
    checked: int = 0
    approved: int = 0
    over_5: int = 0
    over_10: int = 0
    over_30: int = 0
    overdue: int = 0
    sent: int = 0
    sent_back: int = 0
    effected: int = 0
    late: int = 0
    reversed: int = 0
    moved_out: int = 0
    moved_in: int = 0

    def add(self, other: "Work") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def open(self) -> int:
        """All that is not done."""
        return sum(getattr(self, state) for state in OPEN_STATES)

    @property
    def sent_back_share(self) -> Decimal | None:
        """Returned of submitted, exact."""
        return _share(self.sent_back, self.sent)

    @property
    def late_share(self) -> Decimal | None:
        """Late of what came into effect, exact."""
        return _share(self.late, self.effected)


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


@dataclass(slots=True)
class Office:
    """An area with the work of its offices."""

    code: int
    place: Place
    work: Work = field(default_factory=Work)


@dataclass(frozen=True, slots=True)
class Quality:
    """The work of an area: by office, by kind, and together."""

    offices: list[Office]
    kinds: dict[str, Work]
    total: Work


def months_back(on: date, months: int) -> date:
    """The first day of the month with which the last `months` begin, that of `on` being one."""
    count = on.year * 12 + on.month - months
    return date(count // 12, count % 12 + 1, 1)


def quality_of(user: Any, area: int, *, on: date, since: date, kind: str = "") -> Quality:
    """The work below an area, in the order of the codes. Three queries.

    Moves are those from `since`, the first day of a month. Empty for whoever sees no whole county.
    """
    below = child_of(area) if area % CITY == 0 else None
    place_of = below or (lambda code: area)
    offices: dict[int, Work] = {}
    kinds: dict[str, Work] = {}
    for county, name, work in (
        *_standing(user, area, on, kind),
        *_moved(user, area, since, kind),
    ):
        offices.setdefault(place_of(county * COUNTY), Work()).add(work)
        kinds.setdefault(name, Work()).add(work)
    total = Work()
    for work in offices.values():
        total.add(work)
    names = places(offices)
    return Quality(
        offices=[Office(code, names[code], offices[code]) for code in sorted(offices)],
        kinds=kinds,
        total=total,
    )


def _of_area(user: Any, rows: QuerySet[Any], area: int, kind: str) -> QuerySet[Any]:
    """The rows of whole counties that the user sees."""
    first, last = scope_of(area)
    rows = rows.filter(county__range=(county_of(first), county_of(last)))
    scope = reach_of_rows(user)
    if not scope.everywhere:
        if any(last - first + 1 < COUNTY for first, last in scope.ranges):
            return rows.none()
        rows = rows.filter(county__in=counties_of(user) or ())
    return rows.filter(kind=kind) if kind else rows


def _standing(user: Any, area: int, on: date, kind: str) -> Iterable[tuple[int, str, Work]]:
    """Open cases by county, kind and state, as they stand."""
    rows = _of_area(user, CaseTotal.objects.filter(state__in=OPEN_STATES), area, kind)
    older = [
        Sum("cases", filter=Q(opened_on__lt=on - timedelta(days=days)), default=0) for days in AGES
    ]
    overdue = Sum("cases", filter=Q(due_on__lt=on), default=0)
    sums = dict(zip(("all", "a", "b", "c", "late"), (Sum("cases"), *older, overdue), strict=True))
    for county, name, state, every, *ages, late in rows.values_list(
        "county", "kind", "state"
    ).annotate(**{f"sum_{key}": value for key, value in sums.items()}):
        work = Work(over_5=ages[0], over_10=ages[1], over_30=ages[2], overdue=late)
        setattr(work, state, every)
        yield county, name, work


def _moved(user: Any, area: int, since: date, kind: str) -> Iterable[tuple[int, str, Work]]:
    rows = _of_area(user, CaseMonth.objects.filter(month__gte=since), area, kind)
    sums = [Sum(name) for name in _MONTH]
    for county, name, *moves in rows.values_list("county", "kind").annotate(*sums):
        yield county, name, Work(**dict(zip(MOVES, moves, strict=True)))


def moves_of_years(user: Any, area: int, first: int, last: int) -> list[tuple[int, str, int, Work]]:
    """The moves of some calendar years: year, kind, six-digit county, and how many. One query."""
    months = CaseMonth.objects.filter(month__range=(date(first, 1, 1), date(last, 12, 31)))
    rows = _of_area(user, months, area, "").values_list("month__year", "kind", "county")
    return [
        (year, kind, county, Work(**dict(zip(MOVES, moves, strict=True))))
        for year, kind, county, *moves in rows.annotate(*[Sum(name) for name in _MONTH])
    ]


def moves_by_county(user: Any, area: int, *, kind: str, first: date, last: date) -> dict[int, Work]:
    """The same of one kind, by six-digit county; one query."""
    months = CaseMonth.objects.filter(month__range=(first.replace(day=1), last))
    rows = _of_area(user, months, area, kind).values_list("county")
    return {
        county: Work(**dict(zip(MOVES, moves, strict=True)))
        for county, *moves in rows.annotate(*[Sum(name) for name in _MONTH])
    }


@dataclass(frozen=True, slots=True)
class Month:
    """The moves of a month."""

    first: date
    work: Work


def months_of(user: Any, area: int, *, since: date, until: date, kind: str = "") -> Sequence[Month]:
    """The moves of each month from `since` to that of `until`; one query."""
    rows = _of_area(user, CaseMonth.objects.filter(month__gte=since), area, kind)
    found = {
        month: Work(**dict(zip(MOVES, moves, strict=True)))
        for month, *moves in rows.values_list("month").annotate(*[Sum(name) for name in _MONTH])
    }
    count = (until.year - since.year) * 12 + until.month - since.month + 1
    days = [months_back(until, count - n) for n in range(count)]
    return [Month(day, found.get(day, Work())) for day in days]


__all__ = [
    "AGES",
    "Month",
    "Office",
    "Quality",
    "Work",
    "months_back",
    "months_of",
    "moves_by_county",
    "moves_of_years",
    "quality_of",
]
