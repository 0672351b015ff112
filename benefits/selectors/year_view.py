"""A benefit year beside the one before: who fell out and why, standings, what cases did.

From control totals of the steps `activate` and `assess` and from the sums of cases; never from the
register. Totals of a step are as of its day: whoever was assessed again since stands in the file.
"""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.conf import settings

from enrollment.models import Fallout, YearStep
from enrollment.selectors.cities import PlaceYear, YearByPlace, year_by_place
from enrollment.selectors.quality import Work, moves_by_kind
from enrollment.selectors.totals import ByItem, area_of, totals_of
from enrollment.selectors.year import last_done

STEP = "assess"


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


def assessed_in(year: int) -> Assessed:
    """The last real run of `assess` for the province. Two queries."""
    step = last_done(year, STEP)
    if step is None:
        return Assessed(None)
    places = {code: standings_in(items) for code, items in totals_of(step, place=area_of).items()}
    total = Standings()
    for each in places.values():
        total.add(each)
    return Assessed(step, places, total)


@dataclass(frozen=True, slots=True)
class City:
    """A pooling area: how the year turned there, how the one before did, and its standings."""

    now: PlaceYear
    before: PlaceYear | None
    standings: Standings | None


@dataclass(frozen=True, slots=True)
class YearView:
    """A benefit year beside the one before. `before` has no places where it came by history."""

    year: int
    now: YearByPlace
    before: YearByPlace
    assessed: Assessed
    assessed_before: Assessed
    cities: list[City]
    acts: dict[str, tuple[Work, Work]]

    @property
    def reasons(self) -> list[str]:
        """Reasons of either year, in the order in which they are declared."""
        either = {*self.now.reasons, *self.before.reasons}
        return [reason for reason in Fallout.Reason.values if reason in either]


def year_view(user: Any, year: int) -> YearView:
    """Both years of the province; what cases did is of what the user sees. Ten queries."""
    now, before = year_by_place(year), year_by_place(year - 1)
    assessed, earlier = assessed_in(year), assessed_in(year - 1)
    then = {place.code: place for place in before.places}
    area = settings.PROVINCE
    acts, acts_before = (
        moves_by_kind(user, area, first=date(each, 1, 1), last=date(each, 12, 31))
        for each in (year, year - 1)
    )
    nothing = Work()
    return YearView(
        year=year,
        now=now,
        before=before,
        assessed=assessed,
        assessed_before=earlier,
        cities=[
            City(place, then.get(place.code), assessed.places.get(place.code))
            for place in now.places
        ],
        acts={
            kind: (acts.get(kind, nothing), acts_before.get(kind, nothing))
            for kind in sorted({*acts, *acts_before})
        },
    )


__all__ = ["Assessed", "City", "Standings", "YearView", "assessed_in", "standings_in", "year_view"]
