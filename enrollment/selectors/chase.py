"""The unpaid and uninsured on the way down: rounds, sums by area and day, lists, what to follow up.

Sums are read from the summaries (`PushTotal`, `PushDay`), lists by key through the database's own
`pushes_in`, which tells how everybody stands by the facts; nothing here reads the register. Row
security limits all of it. 皖医保发〔2024〕6号 二（三）.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from enrollment.models import (
    GridWorker,
    Person,
    Push,
    PushDay,
    PushTotal,
    StepDeadline,
    YearRun,
    YearStep,
)
from enrollment.models.push import REPORTED_FACTS
from enrollment.rules.keys import is_key
from enrollment.rules.regions import (
    CITY,
    COUNTY,
    PROVINCE,
    city_of,
    county_of,
    pooling_area_of,
    province_of,
    scope_of,
)
from enrollment.selectors.people import Place, places
from enrollment.selectors.scope import counties_of, within
from enrollment.selectors.scope import scope_of as reach_of_rows

STEP = "chase"
TOWNSHIP = 10**3
LISTED = 100  # rows of a page of people
OPEN, PAID, GONE = "open", "paid", "gone"
# Whose lists: a person who lives apart from their register stands on two.
SIDES: dict[str, tuple[str, ...]] = {
    "": (),
    "registered": (Push.Side.ONE, Push.Side.HOUSEHOLD, Push.Side.INSURED),
    "habitual": (Push.Side.ONE, Push.Side.RESIDENCE, Push.Side.INSURED),
}
# The case that follows an answer up; where none does, a department's list brings the fact.
FOLLOWED_BY: dict[str, str] = dict.fromkeys(REPORTED_FACTS, "") | {
    Push.Result.EMPLOYEE.value: "enrolment_transfer",
    Push.Result.INSURED_ELSEWHERE.value: "duplicate_resolution",
    Push.Result.MOVED_AWAY.value: "enrolment_transfer",
    Push.Result.CANNOT_AFFORD.value: "category_recognition",
}


def years_with_rounds() -> list[int]:
    """Benefit years that have been pushed for, the latest first."""
    done = YearStep.objects.filter(name=STEP, run__mode=YearRun.Mode.REAL)
    return sorted(set(done.values_list("run__year", flat=True)), reverse=True)


def rounds_of(year: int) -> list[YearStep]:
    """The rounds of a benefit year in their order; those of one area are among them."""
    found = YearStep.objects.filter(name=STEP, run__mode=YearRun.Mode.REAL, run__year=year)
    return list(found.exclude(state=YearStep.State.REFUSED).order_by("serial"))


def due_of(pushed: YearStep, area: int) -> tuple[date | None, date | None]:
    """First and last day by which the areas that `area` touches answer a round."""
    found = StepDeadline.objects.filter(step=pushed)
    if area % PROVINCE:
        found = found.filter(area=pooling_area_of(area))
    days = found.aggregate(first=Min("due_on"), last=Max("due_on"))
    return days["first"], days["last"]


# Sums ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sums:
    """Lines on lists: how many were pushed, answered, and have paid up since."""

    pushed: int = 0
    answered: int = 0
    paid: int = 0
    uninsured: int = 0  # of the pushed

    def add(self, other: "Sums") -> None:
        self.pushed += other.pushed
        self.answered += other.answered
        self.paid += other.paid
        self.uninsured += other.uninsured

    @property
    def feedback_rate(self) -> Decimal | None:
        """Answered of pushed, exact."""
        return Decimal(self.answered) / self.pushed if self.pushed else None

    @property
    def paid_share(self) -> Decimal | None:
        """Paid since of pushed, exact."""
        return Decimal(self.paid) / self.pushed if self.pushed else None

    @property
    def unanswered(self) -> int:
        """Pushed and not answered."""
        return self.pushed - self.answered


@dataclass(slots=True)
class Area:
    """A region of a table with its sums."""

    code: int
    place: Place
    sums: Sums = field(default_factory=Sums)


def child_of(area: int) -> Callable[[int], int] | None:
    """How a code inside `area` is put into the next level below it; None below a village."""
    if area % PROVINCE == 0:
        return pooling_area_of
    if area % CITY == 0:
        return lambda code: county_of(code) * COUNTY
    if area % COUNTY == 0:
        return lambda code: code // TOWNSHIP * TOWNSHIP
    return (lambda code: code) if area % TOWNSHIP == 0 else None


def parent_of(area: int) -> int:
    """The level above: village, township, county, pooling area, province."""
    if area % TOWNSHIP:
        return area // TOWNSHIP * TOWNSHIP
    if area % COUNTY:
        return county_of(area) * COUNTY
    if area % CITY and pooling_area_of(area) != area:
        return city_of(area)
    return province_of(area)


def areas_of(user: Any, pushed: YearStep, area: int, side: str = "") -> list[Area]:
    """The sums of what lies below an area, in the order of the codes. Two queries."""
    child = child_of(area)
    if child is None:
        return []
    found: dict[int, Sums] = {}
    for code, kind, sums in _lines(user, pushed, area, SIDES[side]):
        sums.uninsured = sums.pushed if kind == Push.Kind.UNINSURED else 0
        found.setdefault(child(code), Sums()).add(sums)
    names = places(found)
    return [Area(code, names[code], found[code]) for code in sorted(found)]


def _lines(
    user: Any, pushed: YearStep, area: int, sides: Sequence[str]
) -> Iterable[tuple[int, str, Sums]]:
    """Code, kind and sums of the finest rows that a table of the area is made of."""
    if area % TOWNSHIP == 0 and area % COUNTY:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM villages_in(%s, %s)", [pushed.pk, area])
            for code, kind, side, *figures in cursor.fetchall():
                if not sides or side in sides:
                    yield code, kind, Sums(*figures)
        return
    first, last = scope_of(area)
    rows = PushTotal.objects.filter(within(user), step=pushed, region__range=(first, last))
    if sides:
        rows = rows.filter(side__in=sides)
    by, unit = ("county", COUNTY) if area % CITY == 0 else ("region", 1)
    sums = [Sum("pushed"), Sum("answered"), Sum("paid")]
    for code, kind, *figures in rows.values_list(by, "kind").annotate(*sums):
        yield code * unit, kind, Sums(*figures)


@dataclass(slots=True)
class Day:
    """A day of a round: what happened on it, and how many have paid up until its end."""

    day: date
    sums: Sums
    until: Sums


def days_of(user: Any, pushed: YearStep, area: int) -> list[Day]:
    """The days of a round in a county, a city or the province on which something happened."""
    if area % COUNTY:
        return []
    first, last = scope_of(area)
    rows = PushDay.objects.filter(step=pushed, county__range=(county_of(first), county_of(last)))
    counties = counties_of(user)
    if counties is not None:
        rows = rows.filter(county__in=counties)
    sums = [Sum("pushed"), Sum("answered"), Sum("paid")]
    days, until = [], Sums()
    for day, *figures in rows.values_list("day").annotate(*sums).order_by("day"):
        on = Sums(*figures)
        if on != Sums():
            until.add(on)
            days.append(Day(day, on, Sums(until.pushed, until.answered, until.paid)))
    return days


def rounds_by(until: date) -> dict[int, list[int]]:
    """The rounds in which somebody was pushed by a day, by benefit year. One query."""
    some = PushDay.objects.filter(step=OuterRef("pk"), day__lte=until)
    found: dict[int, list[int]] = {}
    steps = YearStep.objects.filter(Exists(some), name=STEP).order_by("pk")
    for year, step in steps.values_list("run__year", "pk"):
        found.setdefault(year, []).append(step)
    return found


def pushed_by_county(user: Any, rounds: Sequence[int], until: date) -> dict[int, Sums]:
    """What became of rounds up to a day, by six-digit county: lines, not people, since somebody
    stands on the list of each round. One query, served by push_day_by_county."""
    rows = PushDay.objects.filter(step__in=rounds, day__lte=until)
    counties = counties_of(user)
    if counties is not None:
        rows = rows.filter(county__in=counties)
    sums = [Sum("pushed"), Sum("answered"), Sum("paid")]
    return {
        county: Sums(*figures)
        for county, *figures in rows.values_list("county").annotate(*sums).order_by("county")
    }


# Lists --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list. `stands` is open, paid or gone; `is_on_file_here` may be opened."""

    push: Push
    stands: str
    place: Place
    worker: GridWorker | None
    is_on_file_here: bool

    @property
    def key(self) -> str:
        """Where the next page goes on."""
        return f"{self.push.region}-{self.push.pk}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list: `stands` open, paid, gone or all (empty); `answers` some results."""

    year: int
    area: int
    pushed: YearStep | None = None
    stands: str = OPEN
    answers: tuple[str, ...] | None = None
    after: str = ""

    @property
    def after_key(self) -> tuple[int, int]:
        """Region and key of the row before the page; zeros for the first page and nonsense."""
        region, _dash, key = self.after.partition("-")
        return (int(region), int(key)) if is_key(region) and is_key(key) else (0, 0)


def lines_of(user: Any, wanted: Wanted, on: date, most: int = LISTED) -> list[Line]:
    """At most `most` rows of a list, in the order of villages. Five queries."""
    first, last = scope_of(wanted.area)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, stands FROM pushes_in(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                wanted.year,
                wanted.pushed.pk if wanted.pushed else None,
                first,
                last,
                wanted.stands,
                None if wanted.answers is None else list(wanted.answers),
                *wanted.after_key,
                most,
            ],
        )
        stands = dict(cursor.fetchall())
    rows = list(Push.objects.filter(pk__in=stands).order_by("region", "pk"))
    where = places(row.region for row in rows)
    workers = workers_on({row.region for row in rows}, on)
    files = Person.objects.filter(
        within(user, region="insured_region"), pk__in={row.person_id for row in rows}
    )
    here = set(files.values_list("pk", flat=True))
    return [
        Line(
            push=row,
            stands=stands[row.pk],
            place=where[row.region],
            worker=worker_of(row.region, workers),
            is_on_file_here=row.person_id in here,
        )
        for row in rows
    ]


# Grid workers -------------------------------------------------------------------------------------


def workers_in(area: int, on: date) -> QuerySet[GridWorker]:
    """Who serves the townships and villages of an area on a day, in the order of the codes."""
    first, last = scope_of(area)
    return GridWorker.objects.filter(
        county__range=(county_of(first), county_of(last)),
        region__range=(first, last),
        valid__contains=on,
    ).order_by("region")


def workers_on(regions: Iterable[int], on: date) -> dict[int, GridWorker]:
    """Who serves regions or the townships that they lie in, by what they serve: one query."""
    wanted = {code for region in regions for code in (region, region // TOWNSHIP * TOWNSHIP)}
    if not wanted:
        return {}
    found = GridWorker.objects.filter(
        Q(county__in={county_of(code) for code in wanted}), region__in=wanted, valid__contains=on
    )
    return {worker.region: worker for worker in found}


def worker_of(region: int, workers: dict[int, GridWorker]) -> GridWorker | None:
    """Whose work a region is: its own worker's, else its township's."""
    return workers.get(region) or workers.get(region // TOWNSHIP * TOWNSHIP)


def area_of_user(user: Any, province: int) -> int:
    """Where a user begins to look: the smallest area above all that the duties reach."""
    scope = reach_of_rows(user)
    if scope.everywhere or not scope.ranges:
        return province
    first = min(first for first, _ in scope.ranges)
    last = max(last for _, last in scope.ranges)
    above = (step for step in (1, TOWNSHIP, COUNTY, CITY) if first // step == last // step)
    step = next(above, PROVINCE)
    return first // step * step


__all__ = [
    "FOLLOWED_BY",
    "GONE",
    "LISTED",
    "OPEN",
    "PAID",
    "SIDES",
    "TOWNSHIP",
    "Area",
    "Day",
    "Line",
    "Sums",
    "Wanted",
    "area_of_user",
    "areas_of",
    "child_of",
    "days_of",
    "due_of",
    "lines_of",
    "parent_of",
    "pushed_by_county",
    "rounds_by",
    "rounds_of",
    "worker_of",
    "workers_in",
    "workers_on",
    "years_with_rounds",
]
