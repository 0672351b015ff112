"""The year by city and by county, from control totals alone: never from the register."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from enrollment import declarations
from enrollment.models import Region, ShardTotal, StepTotal, YearRun, YearStep
from enrollment.models.enrollment import Fallout
from enrollment.rules.regions import CITY, COUNTY
from enrollment.selectors.people import short_name_of
from enrollment.selectors.totals import (
    APPLIED,
    FALLOUT,
    FIELDS,
    NOTHING,
    REBILLED,
    ByItem,
    altogether,
    applied,
    area_of,
    every,
    item,
    same_county,
    subsidised,
    totals_in,
    totals_of,
)


@dataclass(frozen=True, slots=True)
class PlaceYear:
    """A city's or county's year. Counts are people, money is yuan; None before the step was done.

    `ties` says whether insured last year, less those who fell out, with those who joined, gives
    the insured of this year.
    """

    code: int
    name: str
    billed: int | None
    subsidised: int | None
    subsidy: Decimal | None
    payable: Decimal | None
    paid: Decimal | None
    insured_last_year: int | None
    fallout: dict[str, int]
    joined: int | None
    insured: int | None
    waiting: int | None
    lapsed: int | None

    @property
    def fell_out(self) -> int | None:
        return None if self.insured is None else sum(self.fallout.values())

    @property
    def paid_share(self) -> Decimal | None:
        """Paid of payable, a share of one."""
        if self.paid is None or not self.payable:
            return None
        return self.paid / self.payable

    @property
    def kept_share(self) -> Decimal | None:
        """Of those insured last year, the share insured still."""
        if self.insured is None or not self.insured_last_year or self.fell_out is None:
            return None
        return Decimal(self.insured_last_year - self.fell_out) / self.insured_last_year

    @property
    def heat(self) -> str:
        """Step of the sequential scale, fixed for the measure: below 80 per cent to above 98."""
        share = self.kept_share
        if share is None:
            return ""
        return f"s{sum(share * 100 >= bound for bound in KEPT_BOUNDS)}"

    @property
    def ties(self) -> bool:
        if self.insured is None or self.insured_last_year is None or self.joined is None:
            return True
        return self.insured_last_year - (self.fell_out or 0) + self.joined == self.insured


KEPT_BOUNDS = (80, 85, 90, 93, 96, 98)


@dataclass(frozen=True, slots=True)
class YearByPlace:
    """The year by city, or by county of one city, with the sum of all."""

    places: list[PlaceYear]
    total: PlaceYear
    reasons: list[str]
    done: list[str]
    open_receipts: Decimal | None

    @property
    def ties(self) -> bool:
        return self.total.ties and all(place.ties for place in self.places)

    @property
    def has_waiting(self) -> bool:
        return any(place.waiting is not None for place in self.places)


def year_by_place(year: int, *, city: int | None = None) -> YearByPlace:
    """The year by city from totals alone; with `city` (12 digits) by its counties."""
    return years_by_place(year, city=city)[0]


def years_by_place(*years: int, city: int | None = None) -> list[YearByPlace]:
    """Several years, each by city from totals alone; three queries, or four."""
    place = area_of if city is None else same_county
    found: dict[int, dict[int, dict[str, ByItem]]] = {year: {} for year in years}
    done: dict[int, set[str]] = {year: set() for year in years}
    for row in _totals(years, city):
        name, year = row["name"], row["year"]
        done[year].add(name)
        counted = totals_in(row)
        items = found[year].setdefault(place(row["county"]), {}).setdefault(name, {})
        items[row["item"]] = items.get(row["item"], NOTHING) + counted
    codes = {code for places in found.values() for code in places}
    names = {region.pk: short_name_of(region) for region in Region.objects.filter(pk__in=codes)}
    return [_year(found[year], names, done[year]) for year in years]


def _year(
    found: dict[int, dict[str, ByItem]], names: dict[int, str], done: set[str]
) -> YearByPlace:
    unplaced = found.pop(0, {})
    places = [
        _place_year(code, names.get(code, str(code)), found[code], done) for code in sorted(found)
    ]
    nothing: dict[str, ByItem] = {}
    everything = reduce(_merge, found.values(), nothing)
    total = _place_year(0, "", everything, done)
    present = {reason for each in places for reason in each.fallout}
    return YearByPlace(
        places=places,
        total=total,
        reasons=[reason for reason in Fallout.Reason.values if reason in present],
        done=[step.name for step in declarations.ordered_steps() if step.name in done],
        open_receipts=_in_suspense(everything, unplaced) if "reconcile" in done else None,
    )


def _totals(years: Iterable[int], city: int | None) -> Iterator[dict[str, Any]]:
    """Totals of the steps that count by year, name, county and item: two queries, or three.

    A step that is done has its own; of one that stopped by a result there are those of its shards.
    """
    over = list(_over(years).values_list("pk", "state"))
    done = [pk for pk, state in over if state == YearStep.State.DONE]
    stopped = [pk for pk, state in over if state != YearStep.State.DONE]
    sums = {f"sum_{name}": Sum(name) for name in FIELDS}
    sources: tuple[tuple[str, list[int], QuerySet[Any]], ...] = (
        ("step", done, StepTotal.objects.all()),
        ("shard__step", stopped, ShardTotal.objects.all()),
    )
    for of, ids, rows in sources:
        if not ids:
            continue
        counted = rows.filter(**{f"{of}__in": ids})
        if city is not None:
            counted = counted.filter(county__gte=city // COUNTY, county__lt=(city + CITY) // COUNTY)
        of_step = {"name": F(f"{of}__name"), "year": F(f"{of}__run__year")}
        yield from counted.values("county", "item", **of_step).annotate(**sums)


def _over(years: Iterable[int]) -> QuerySet[YearStep]:
    """The real steps of some years that count: done, or daily and stopped by a differing result.

    What the shards before the differing one did to bills and receipts stays; the next day's step
    goes on from there. A step that looks at everyone looks at everyone again.
    """
    daily = [step.name for step in declarations.steps if step.daily]
    return YearStep.objects.filter(
        Q(state=YearStep.State.DONE) | Q(state=YearStep.State.REFUSED, name__in=daily),
        run__year__in=list(years),
        run__mode=YearRun.Mode.REAL,
    )


def _merge(one: dict[str, ByItem], other: dict[str, ByItem]) -> dict[str, ByItem]:
    return {name: altogether([one.get(name, {}), other.get(name, {})]) for name in {*one, *other}}


def _in_suspense(*found: dict[str, ByItem]) -> Decimal:
    """Yuan of receipts that found no open bill."""
    items = altogether(each.get("reconcile", {}) for each in found)
    suspense: Decimal = every("paid", but=APPLIED)(items)
    return suspense


def _place_year(code: int, name: str, steps: dict[str, ByItem], done: set[str]) -> PlaceYear:
    opened, awarded = steps.get("open", {}), steps.get("subsidise", {})
    received, activated = steps.get("reconcile", {}), steps.get("activate", {})
    changed = awarded.get(REBILLED, NOTHING).subsidy
    is_open, is_active = "open" in done, "activate" in done
    fallout = {
        item_name.removeprefix(FALLOUT): counted.persons
        for item_name, counted in activated.items()
        if item_name.startswith(FALLOUT)
    }
    unpaid = fallout.get(Fallout.Reason.UNPAID, 0) + item("lapsed_before")(activated)
    return PlaceYear(
        code=code,
        name=name,
        billed=every("persons")(opened) if is_open else None,
        subsidised=subsidised(opened) if is_open else None,
        subsidy=every("subsidy")(opened) + changed if is_open else None,
        payable=every("payable")(opened) - changed if is_open else None,
        paid=applied(received) if "reconcile" in done else None,
        insured_last_year=item("insured_last_year")(activated) if is_active else None,
        fallout=fallout,
        joined=item("joined")(activated) if is_active else None,
        insured=item("insured")(activated) if is_active else None,
        waiting=activated["waiting"].persons if "waiting" in activated else None,
        lapsed=unpaid if is_active else None,
    )


def year_report(year: int) -> dict[str, Any]:
    """The year by city as commands tell it: counts are people, money is decimal strings in yuan.

    `subsidies` are the awards of the medical assistance fund by category, `fallout` the people by
    reason; all from control totals.
    """
    told = year_by_place(year)
    names = dict(
        Region.objects.filter(pk__in=[p.code for p in told.places]).values_list("pk", "name")
    )
    awards = altogether(
        items
        for step in _over([year]).filter(name="subsidise")
        for items in totals_of(step, place=area_of).values()
    )
    return {
        "cities": [_told(place, names.get(place.code, place.name)) for place in told.places],
        "subsidies": [
            {"category": name, "persons": row.persons, "amount": f"{row.subsidy:.2f}"}
            for name, row in sorted(awards.items())
            if name != REBILLED
        ],
        "fallout": {reason: told.total.fallout[reason] for reason in sorted(told.total.fallout)},
    }


def _told(place: PlaceYear, name: str) -> dict[str, Any]:
    subsidy, payable = place.subsidy or Decimal(0), place.payable or Decimal(0)
    return {
        "city": place.code,
        "name": name,
        "billed": place.billed or 0,
        "insured_last_year": place.insured_last_year or 0,
        "insured": place.insured or 0,
        "joined": place.joined or 0,
        "fallout": place.fell_out or 0,
        "standard": f"{subsidy + payable:.2f}",
        "subsidy": f"{subsidy:.2f}",
        "payable": f"{payable:.2f}",
        "paid": f"{place.paid or Decimal(0):.2f}",
    }


__all__ = ["PlaceYear", "YearByPlace", "year_by_place", "year_report", "years_by_place"]
