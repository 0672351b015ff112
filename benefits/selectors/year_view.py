"""A benefit year beside the one before: who fell out and why, standings, what cases did.

From totals of the steps `activate` and `assess` and from the sums of cases; never from the
register. Totals of a step are as of its day: whoever was assessed again since stands in the file.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.conf import settings

from benefits.models import StandingSum
from enrollment.models import Fallout, Region, StepTotal, YearRun, YearStep
from enrollment.selectors.cities import PlaceYear, YearByPlace, years_by_place
from enrollment.selectors.people import short_name_of
from enrollment.selectors.quality import Work, moves_of_years
from enrollment.selectors.totals import ByItem, Totals, area_of

STEP, DUPLICATES = "assess", "duplicate_resolution"
Kind = StandingSum.Kind


@dataclass(slots=True)
class Standings:
    """What `assess` found, people: residents who paid, and what marks them; the others by cover.

    Somebody may wait, have a bonus and a reduction at once. `nothing` wait the whole year.
    """

    residents: int = 0
    wait: int = 0
    nothing: int = 0
    bonus: int = 0
    penalty: int = 0
    employees: int = 0
    uncovered: int = 0

    def add(self, other: "Standings") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def standings_in(items: ByItem) -> Standings:
    """The items of `assess`, which name cover and marks: R+wait+bonus (benefits/sql/assess.sql)."""
    found = Standings()
    for name, counted in items.items():
        cover, *marks = name.split("+")
        match cover:
            case "R":
                found.residents += counted.persons
            case "E":
                found.employees += counted.persons
            case _:
                found.uncovered += counted.persons
        for mark in marks:
            setattr(found, mark, getattr(found, mark) + counted.persons)
    return found


@dataclass(frozen=True, slots=True)
class Assessed:
    """The standings of a year by city and together; `step` is None where none was done."""

    step: YearStep | None
    places: dict[int, Standings] = field(default_factory=dict)
    total: Standings = field(default_factory=Standings)


def assessed_in(*years: int) -> list[Assessed]:
    """The last real run of `assess` for the province in each year. Two queries for all."""
    runs = YearStep.objects.filter(
        run__year__in=years, run__mode=YearRun.Mode.REAL, name=STEP, area=None,
        state=YearStep.State.DONE,
    )  # fmt: skip
    steps = {step.run.year: step for step in runs.select_related("run").order_by("pk")}
    found: dict[int, dict[int, Standings]] = {}
    rows = StepTotal.objects.filter(step__in=[step.pk for step in steps.values()])
    for year, county, item, people in rows.values_list(
        "step__run__year", "county", "item", "persons"
    ):
        place = found.setdefault(year, {}).setdefault(area_of(county), Standings())
        place.add(standings_in({item: Totals(people)}))
    return [_assessed(steps.get(year), found.get(year, {})) for year in years]


def _assessed(step: YearStep | None, places: dict[int, Standings]) -> Assessed:
    total = Standings()
    for each in places.values():
        total.add(each)
    return Assessed(step, places, total)


# By kind, pooling area and value (years, months or yuan): how many residents who paid.
Spread = dict[str, dict[int, dict[Decimal, int]]]


def spreads_of(*steps: YearStep | None) -> list[Spread]:
    """What each assessment found of streaks, bonuses, waits and so on; one query for all."""
    found: dict[int, Spread] = {step.pk: {} for step in steps if step is not None}
    rows = StandingSum.objects.filter(step__in=found) if found else StandingSum.objects.none()
    for step, area, kind, value, people in rows.values_list(
        "step", "area", "kind", "value", "people"
    ):
        found[step].setdefault(kind, {}).setdefault(area, {})[value] = people
    return [{} if step is None else found[step.pk] for step in steps]


def altogether(spread: Spread, kind: str) -> dict[Decimal, int]:
    """The values of a kind in all areas, the least first."""
    total: Counter[Decimal] = Counter()
    for values in spread.get(kind, {}).values():
        total.update(values)
    return dict(sorted(total.items()))


@dataclass(slots=True)
class Moves:
    """People of a pooling area in a year: by cases (transfers to and from other areas, duplicates
    that were resolved) and by its assessment (back after broken years, months repaired).

    None where the year has no assessment that counted them.
    """

    moved_out: int = 0
    moved_in: int = 0
    duplicates: int = 0
    came_back: int | None = None
    repaired: int | None = None

    def add(self, other: "Moves") -> None:
        for each in fields(self):
            mine, more = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, more if mine is None else mine + (more or 0))


def moves_in(acts: Iterable[tuple[str, int, Work]], spread: Spread) -> dict[int, Moves]:
    """What moved in each pooling area, from the sums of cases of a year and its assessment."""
    found: dict[int, Moves] = {}
    for kind, county, work in acts:
        moves = found.setdefault(area_of(county), nobody_moved(spread))
        moves.moved_out += work.moved_out
        moves.moved_in += work.moved_in
        if kind == DUPLICATES:
            moves.duplicates += work.effected - work.reversed
    for name, kind in (("came_back", Kind.GAP), ("repaired", Kind.REPAIRED)):
        for area, values in spread.get(kind, {}).items():
            people = sum(count for value, count in values.items() if value > 0)
            setattr(found.setdefault(area, nobody_moved(spread)), name, people)
    return found


def nobody_moved(spread: Spread) -> Moves:
    """An area where nothing moved: nobody came back or repaired, where a year counted them."""
    return Moves(came_back=0, repaired=0) if spread else Moves()


@dataclass(frozen=True, slots=True)
class City:
    """A pooling area: how the year turned there, how the one before did, and its standings."""

    now: PlaceYear
    before: PlaceYear | None
    standings: Standings | None


@dataclass(frozen=True, slots=True)
class CityMoves:
    """What moved in a pooling area in the year and in the one before."""

    code: int
    name: str
    now: Moves
    before: Moves


@dataclass(frozen=True, slots=True)
class YearView:
    """A benefit year beside the one before. `before` has no places where it came by history."""

    year: int
    now: YearByPlace
    before: YearByPlace
    assessed: Assessed
    assessed_before: Assessed
    spread: Spread
    spread_before: Spread
    cities: list[City]
    moves: list[CityMoves]
    acts: dict[str, tuple[Work, Work]]

    @property
    def reasons(self) -> list[str]:
        """Reasons of either year, in the order in which they are declared."""
        either = {*self.now.reasons, *self.before.reasons}
        return [reason for reason in Fallout.Reason.values if reason in either]


def year_view(user: Any, year: int) -> YearView:
    """Both years of the province; what cases did is of what the user sees. Eight queries."""
    now, before = years_by_place(year, year - 1)
    assessed, earlier = assessed_in(year, year - 1)
    spread, spread_before = spreads_of(assessed.step, earlier.step)
    then = {place.code: place for place in before.places}
    acts: dict[int, list[tuple[str, int, Work]]] = {year: [], year - 1: []}
    for of, kind, county, work in moves_of_years(user, settings.PROVINCE, year - 1, year):
        acts[of].append((kind, county, work))
    return YearView(
        year=year,
        now=now,
        before=before,
        assessed=assessed,
        assessed_before=earlier,
        spread=spread,
        spread_before=spread_before,
        cities=[
            City(place, then.get(place.code), assessed.places.get(place.code))
            for place in now.places
            if place.code in assessed.places or turned(place)
        ],
        moves=_moves(
            moves_in(acts[year], spread),
            moves_in(acts[year - 1], spread_before),
            nobody_moved(spread),
            nobody_moved(spread_before),
        ),
        acts=_by_kind(acts[year], acts[year - 1]),
    )


def turned(place: PlaceYear) -> bool:
    """Whether anybody there was insured in either year: the province itself holds only money that
    waits for its area."""
    return any((place.insured_last_year, place.joined, place.insured, *place.fallout.values()))


def _moves(
    now: dict[int, Moves], before: dict[int, Moves], none_now: Moves, none_before: Moves
) -> list[CityMoves]:
    regions = Region.objects.in_bulk({*now, *before})
    return [
        CityMoves(
            code, short_name_of(regions[code]),
            now.get(code, none_now), before.get(code, none_before),
        )
        for code in sorted(regions)
    ]  # fmt: skip


def _by_kind(
    now: Iterable[tuple[str, int, Work]], before: Iterable[tuple[str, int, Work]]
) -> dict[str, tuple[Work, Work]]:
    found: dict[str, tuple[Work, Work]] = {}
    for at, acts in enumerate((now, before)):
        for kind, _county, work in acts:
            found.setdefault(kind, (Work(), Work()))[at].add(work)
    return dict(sorted(found.items()))


__all__ = [
    "Assessed",
    "City",
    "CityMoves",
    "Moves",
    "Spread",
    "Standings",
    "YearView",
    "altogether",
    "assessed_in",
    "moves_in",
    "spreads_of",
    "standings_in",
    "turned",
    "year_view",
]
