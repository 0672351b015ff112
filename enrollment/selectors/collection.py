"""The collection of a year by area and by day, from the sums that triggers keep.

Nothing here reads the register: bills from `CollectionTotal`, payments by day from
`CollectionDay`, people from `PeopleTotal`. Row security limits all of it. Seen from a day of the
season, bills are those that stand now and payments those dated until that day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from enrollment.models import CollectionDay, CollectionTotal, PeopleTotal, YearRun, YearStep
from enrollment.rules.dates import year_start
from enrollment.rules.pace import FORTNIGHT, Projection, Standing, project_close, same_day
from enrollment.rules.regions import CITY, COUNTY, county_of, province_of, scope_of
from enrollment.selectors.chase import STEP as CHASE
from enrollment.selectors.chase import child_of
from enrollment.selectors.people import Place, places
from enrollment.selectors.policy import PolicyBook, policy_book
from enrollment.selectors.scope import counties_of, within
from enrollment.selectors.scope import scope_of as reach_of_rows

ZERO = Decimal(0)
WINDOW = "collection.window"


@dataclass(frozen=True, slots=True)
class Season:
    """The payment period of a benefit year, seen from the end of `day`, which lies inside."""

    year: int
    first: date
    last: date
    latest: date  # that it can be seen from
    day: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def number(self) -> int:
        """Which day of the period it is, from 1 on."""
        return (self.day - self.first).days + 1

    @property
    def left(self) -> int:
        return (self.last - self.day).days

    @property
    def at(self) -> int:
        """The day on a slider that begins with 0."""
        return self.number - 1

    @property
    def slide(self) -> int:
        """The end of that slider: the latest day that it can be seen from."""
        return (self.latest - self.first).days

    def a_year_before(self, day: date) -> date:
        return same_day(day, day.year - 1)


def years_opened() -> dict[int, bool]:
    """Benefit years that have bills, the latest first, and whether somebody was pushed for each."""
    pushed = YearStep.objects.filter(run=OuterRef("pk"), name=CHASE)
    opened = YearRun.objects.filter(mode=YearRun.Mode.REAL, opened_on__isnull=False)
    return dict(opened.order_by("-year").values_list("year", Exists(pushed)))


def season_of(
    year: int, today: date, asked: date | None = None, book: PolicyBook | None = None
) -> Season:
    """The province's payment period for a year, seen from the day asked for or from today.

    Raises MissingParameter.
    """
    book = book or policy_book([WINDOW])
    window = book.find(WINDOW, area=settings.PROVINCE, on=year_start(year)).value
    first, last = window.in_year(year)
    latest = max(first, min(today, last))
    return Season(year, first, last, latest, min(max(asked or latest, first), latest))


@dataclass(slots=True)
class Figures:
    """What a collection adds up to. Counts are people, money is yuan.

    `insured`, `subsidised_insured` and `paid` are by the day of the season where days are known,
    else as the bills stand now. `free` had nothing to pay, `late` paid after the close.
    """

    billed: int = 0
    ended: int = 0
    insured: int = 0
    subsidised: int = 0
    subsidised_insured: int = 0
    subsidy: Decimal = ZERO
    payable: Decimal = ZERO
    paid: Decimal = ZERO
    population: int = 0
    employees: int = 0
    registered: int = 0
    # by day
    free: int = 0
    late: int = 0
    yesterday: int = 0
    before: int = 0
    last_free: int = 0
    last: int = 0
    last_before: int = 0
    last_close: int = 0

    def add(self, other: "Figures") -> None:
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def unpaid(self) -> int:
        return self.billed - self.insured

    @property
    def members(self) -> int:
        """Insured in either scheme."""
        return self.insured + self.employees

    @property
    def paid_share(self) -> Decimal | None:
        """Paid up of billed, exact."""
        return _share(self.insured, self.billed)

    @property
    def coverage(self) -> Decimal | None:
        """Of those who are subsidised, who has paid up; the target is all of them."""
        return _share(self.subsidised_insured, self.subsidised)

    @property
    def last_insured(self) -> int:
        """Residents insured by the same day last year."""
        return self.last_free + self.last

    @property
    def standing(self) -> Standing:
        """Payments alone: whoever has nothing to pay was there from the first day."""
        return Standing(
            now=self.insured - self.free,
            now_before=self.before,
            last=self.last,
            last_before=self.last_before,
            last_close=self.last_close,
            most=max(self.billed - self.free, self.insured - self.free),
        )

    @property
    def projection(self) -> Projection | None:
        """By the close; the `free` are not in it."""
        return project_close(self.standing)


_SUMMED = tuple(each.name for each in fields(Figures))


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


@dataclass(slots=True)
class Area:
    """A region of a table with its figures."""

    code: int
    place: Place
    figures: Figures = field(default_factory=Figures)


@dataclass(frozen=True, slots=True)
class Collection:
    """What lies below an area, and all of it together.

    `total` is seen from the day of the season where days are known, `rows` is the sum of the areas:
    the same, but for townships, which are told as they stand now.
    """

    areas: list[Area]
    total: Figures
    rows: Figures
    has_days: bool


# Figures ------------------------------------------------------------------------------------------

POPULATIONS = ("habitual", "hukou")
_BILLS = ("billed", "ended", "insured", "subsidised", "subsidised_insured", "subsidy", "payable",
          "paid")  # fmt: skip
_BY_DAY = ("insured", "subsidised_insured", "paid", "free", "late", "yesterday", "before",
           "last_free", "last", "last_before", "last_close")  # fmt: skip


def collection_of(
    user: Any, season: Season, area: int, *, population: str | None, by_county: bool = False
) -> Collection:
    """The figures of what lies below an area, in the order of the codes. Four queries.

    A province comes by pooling area, or by county where that is asked for. `population` is the
    field of `PeopleTotal` that rates are of; None counts nobody, and there are no rates.
    """
    below = child_of(area) or (lambda code: code)
    child = (lambda code: county_of(code) * COUNTY) if by_county else below
    found: dict[int, Figures] = {}
    for code, figures in (*_bills(user, season, area), *_people(user, area, population)):
        found.setdefault(child(code), Figures()).add(figures)
    days = _days(user, season, area) if sees_days(user, area) else None
    if days is not None and area % CITY == 0:
        for each in found.values():
            _clear(each)
        for county, figures in days.items():
            found.setdefault(child(county * COUNTY), Figures()).add(figures)
    rows = _sum(found.values())
    total = rows
    if days is not None and area % CITY:
        total = _sum([rows])
        _clear(total)
        total.add(_sum(days.values()))
    names = places(found)
    return Collection(
        areas=[Area(code, names[code], found[code]) for code in sorted(found)],
        total=total,
        rows=rows,
        has_days=days is not None,
    )


def sees_days(user: Any, area: int) -> bool:
    """Whether days are known: of counties and above, to whoever sees them whole."""
    scope = reach_of_rows(user)
    whole = all(last - first + 1 >= COUNTY for first, last in scope.ranges)
    return area % COUNTY == 0 and (scope.everywhere or whole)


def _sum(several: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in several:
        total.add(each)
    return total


def _clear(figures: Figures) -> None:
    """Take back what days tell, so that they can."""
    for name in _BY_DAY:
        setattr(figures, name, ZERO if name == "paid" else 0)


def _of_area(user: Any, area: int) -> Q:
    first, last = scope_of(area)
    return within(user) & Q(region__range=(first, last))


def _bills(user: Any, season: Season, area: int) -> Iterable[tuple[int, Figures]]:
    """By county in a city and above, by township below."""
    rows = CollectionTotal.objects.filter(_of_area(user, area), year=season.year)
    by, unit = ("county", COUNTY) if area % CITY == 0 else ("region", 1)
    for code, *sums in rows.values_list(by).annotate(*map(Sum, _BILLS)):
        yield code * unit, Figures(**dict(zip(_BILLS, sums, strict=True)))


def _people(user: Any, area: int, population: str | None) -> Iterable[tuple[int, Figures]]:
    if population not in (*POPULATIONS, None):
        raise ValueError(population)
    rows = PeopleTotal.objects.filter(_of_area(user, area))
    by, unit = ("county", COUNTY) if area % CITY == 0 else ("region", 1)
    fields = {"population": population, "employees": "employees", "registered": "residents"}
    told = {name: Sum(field) for name, field in fields.items() if field}
    for code, *sums in rows.values_list(by).annotate(**told).values_list(by, *told):
        yield code * unit, Figures(**dict(zip(told, sums, strict=True)))


def _days_of(user: Any, area: int) -> QuerySet[CollectionDay]:
    first, last = scope_of(area)
    rows = CollectionDay.objects.filter(county__range=(county_of(first), county_of(last)))
    counties = counties_of(user)
    return rows if counties is None else rows.filter(county__in=counties)


# What had been paid by the day of the season and its like, by county, and by day: of what the user
# sees of both seasons (`days_of_seasons` in enrollment/sql/database/).
_BY_COUNTY = """
    SELECT county,
           sum(insured) FILTER (WHERE of_it AND (day IS NULL OR day <= %(day)s)),
           sum(subsidised_insured) FILTER (WHERE of_it AND (day IS NULL OR day <= %(day)s)),
           sum(paid) FILTER (WHERE of_it AND (day IS NULL OR day <= %(day)s)),
           sum(insured) FILTER (WHERE of_it AND day IS NULL),
           sum(insured) FILTER (WHERE of_it AND day > %(close)s),
           sum(insured) FILTER (WHERE of_it AND day = %(day)s),
           sum(insured) FILTER (WHERE of_it AND day <= %(before)s),
           sum(insured) FILTER (WHERE NOT of_it AND day IS NULL),
           sum(insured) FILTER (WHERE NOT of_it AND day <= %(then)s),
           sum(insured) FILTER (WHERE NOT of_it AND day <= %(then_before)s),
           sum(insured) FILTER (WHERE NOT of_it AND day <= %(its_close)s)
      FROM days_of_seasons(%(year)s, %(its_close)s, %(first)s, %(last)s)
     CROSS JOIN LATERAL (SELECT year = %(year)s) y (of_it)
     WHERE %(counties)s::int[] IS NULL OR county = ANY(%(counties)s)
     GROUP BY county
"""
_BY_DAY_OF_YEAR = """
    SELECT year, day, sum(insured)
      FROM days_of_seasons(%(year)s, %(its_close)s, %(first)s, %(last)s)
     WHERE %(counties)s::int[] IS NULL OR county = ANY(%(counties)s)
     GROUP BY year, day
"""


def _seasons(user: Any, season: Season, area: int, statement: str) -> Iterable[tuple[Any, ...]]:
    """The rows of one of the statements above."""
    first, last = scope_of(area)
    counties = counties_of(user)
    fortnight = timedelta(days=FORTNIGHT)
    then = season.a_year_before(season.day)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "year": season.year,
                "day": season.day,
                "before": season.day - fortnight,
                "close": season.last,
                "then": then,
                "then_before": then - fortnight,
                "its_close": season.a_year_before(season.last),
                "first": county_of(first),
                "last": county_of(last),
                "counties": None if counties is None else list(counties),
            },
        )
        yield from cursor.fetchall()


def _days(user: Any, season: Season, area: int) -> dict[int, Figures]:
    """What had been paid by the day of the season and its like, by county: one query."""
    found = {}
    for county, *told in _seasons(user, season, area, _BY_COUNTY):
        figures = Figures()
        for name, number in zip(_BY_DAY, told, strict=True):
            setattr(figures, name, number or 0)
        found[county] = figures
    return found


# Day by day ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """Who was insured by the end of each day of a season, this year up to its day and last year."""

    days: tuple[date, ...]
    this: tuple[int, ...]
    last: tuple[int, ...]


def course_of(user: Any, season: Season, area: int) -> Course:
    """The days of an area's season. One query."""
    found = _seasons(user, season, area, _BY_DAY_OF_YEAR)
    by_day: dict[tuple[int, date | None], int] = {
        (year, day): insured for year, day, insured in found
    }
    days = [season.first + timedelta(days=number) for number in range(season.length)]
    return Course(
        days=tuple(days),
        this=_until(by_day, season.year, [day for day in days if day <= season.day]),
        last=_until(by_day, season.year - 1, [season.a_year_before(day) for day in days]),
    )


def courses_of(user: Any, season: Season, wanted: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The same of this year alone, of several areas: one query for all of them, none for none."""
    if not wanted:
        return {}
    ranges = {code: tuple(map(county_of, scope_of(code))) for code in wanted}
    found: dict[int, dict[tuple[int, date | None], int]] = {code: {} for code in wanted}
    rows = _days_of(user, province_of(wanted[0])).filter(
        reduce(or_, (Q(county__range=counties) for counties in ranges.values())), year=season.year
    )
    for county, day, insured in rows.values_list("county", "day").annotate(Sum("insured")):
        for code, (first, last) in ranges.items():
            if first <= county <= last:
                into = found[code]
                into[season.year, day] = into.get((season.year, day), 0) + insured
    days = [season.first + timedelta(days=number) for number in range(season.number)]
    return {code: _until(found[code], season.year, days) for code in wanted}


def _until(
    by_day: Mapping[tuple[int, date | None], int], year: int, days: Sequence[date]
) -> tuple[int, ...]:
    """Added up from the first day on; what had come before it, or has no day, is there already."""
    if not days:
        return ()
    known = sorted(
        (day or date.min, number) for (of_year, day), number in by_day.items() if of_year == year
    )
    sums, at, reached = [], 0, 0
    for day in days:
        while at < len(known) and known[at][0] <= day:
            reached += known[at][1]
            at += 1
        sums.append(reached)
    return tuple(sums)


# Groups -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """A category of subsidised people, as the bills stand; none is who is helped without one."""

    category: str
    subsidised: int
    insured: int
    subsidy: Decimal

    @property
    def unpaid(self) -> int:
        return self.subsidised - self.insured

    @property
    def coverage(self) -> Decimal | None:
        return _share(self.insured, self.subsidised)


def groups_of(user: Any, season: Season, area: int) -> list[Group]:
    """Subsidised people of an area by category, the largest group first. One query."""
    rows = CollectionTotal.objects.filter(_of_area(user, area), year=season.year)
    sums = rows.values_list("category").annotate(
        Sum("subsidised"), Sum("subsidised_insured"), Sum("subsidy")
    )
    groups = [Group(*row) for row in sums]
    return sorted((each for each in groups if each.subsidised), key=lambda each: -each.subsidised)


__all__ = [
    "POPULATIONS",
    "WINDOW",
    "Area",
    "Collection",
    "Course",
    "Figures",
    "Group",
    "Season",
    "collection_of",
    "course_of",
    "courses_of",
    "groups_of",
    "season_of",
    "sees_days",
    "years_opened",
]
