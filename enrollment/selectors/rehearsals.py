"""The report of a rehearsed step beside the year before it, with the terms it used.

The year before is read from its ledger. Where it came by history files it has none, and its
residents are counted by one query that is kept.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from enrollment import declarations
from enrollment.models import Enrollment, YearRun, YearStep
from enrollment.models.person import Category
from enrollment.selectors.monitor import declared_step
from enrollment.selectors.people import short_name_of
from enrollment.selectors.totals import (
    COUNT,
    FIELDS,
    MONEY,
    NOTHING,
    ByItem,
    ByPlace,
    Cell,
    Column,
    Totals,
    altogether,
    area_of,
    cells_of,
    columns_of,
    every,
    pooling_areas,
    totals_of,
    word_of,
)

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Beside:
    """A line of the report: this year's figures, last year's, and their difference."""

    name: str
    this: list[Cell]
    last: list[Cell] | None
    difference: list[Cell] | None


@dataclass(frozen=True, slots=True)
class TermsLine:
    """The terms of an area on the day of the step, each with its status of verification."""

    area: str
    standard: Decimal
    fiscal: Decimal
    window: tuple[date, date]
    quotas: list[tuple[Decimal | None, str]]
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal beside the year before it."""

    step: YearStep
    declared: declarations.Step | None
    columns: tuple[Column, ...]
    by_area: list[Beside]
    by_item: list[Beside]
    total: Beside
    compared_with: str  # ledger, history, people (history without money) or nothing
    categories: list[str]
    terms: list[TermsLine]
    statuses: Counter[str] = field(default_factory=Counter)
    refreshed: YearStep | None = None
    execution: YearStep | None = None


def rehearsal(step: YearStep, *, scope: str = "") -> Rehearsal:
    """The report of a rehearsed step: totals by city and by item beside last year's, and terms.

    `scope` names whose rows the reader may see, because history is counted from the register.
    """
    columns = columns_of(step.name)
    this = totals_of(step, place=area_of)
    last, source = last_years(step, scope=scope)
    with_money = True
    if source == "history" and not any(
        each.standard for each in altogether(last.values()).values()
    ):
        # Files of history carry no money: then only people are compared.
        source, with_money = "people", False
        columns = tuple(column for column in columns if column.kind == COUNT)
    places = {area.pk: short_name_of(area) for area in pooling_areas(step.run.province_id)}
    codes = sorted({*this, *last})
    all_this, all_last = altogether(this.values()), altogether(last.values())
    shown = columns_of(step.name)
    terms, categories, statuses = _terms(step, places)
    return Rehearsal(
        step=step,
        declared=declared_step(step.name),
        columns=shown,
        by_area=[
            _beside(
                places.get(code, str(code)) if code else str(_("no place known")),
                shown,
                columns,
                this.get(code, {}),
                last.get(code, {}) if last else None,
            )
            for code in codes
        ],
        by_item=_by_item(all_this, all_last if last else None, with_money=with_money),
        total=_beside("", shown, columns, all_this, all_last if last else None),
        compared_with=source,
        categories=categories,
        terms=terms,
        statuses=statuses,
        refreshed=step.rehearsed,
        execution=step.executions.exclude(run__mode=YearRun.Mode.REHEARSAL).order_by("-pk").first(),
    )


def _beside(
    name: str,
    shown: tuple[Column, ...],
    comparable: tuple[Column, ...],
    this: ByItem,
    last: ByItem | None,
) -> Beside:
    now = cells_of(shown, this)
    if last is None:
        return Beside(name, now, None, None)
    then = [
        Cell(column.kind, column.of(last)) if column in comparable else Cell("none", 0)
        for column in shown
    ]
    difference = [
        Cell(a.kind, a.value - b.value) if b.kind != "none" else b
        for a, b in zip(now, then, strict=True)
    ]
    return Beside(name, now, then, difference)


PEOPLE = (Column(_("persons"), COUNT, every("persons")),)
PEOPLE_AND_MONEY = (
    *PEOPLE,
    Column(_("subsidy"), MONEY, every("subsidy")),
    Column(_("payable"), MONEY, every("payable")),
)


def _by_item(this: ByItem, last: ByItem | None, *, with_money: bool) -> list[Beside]:
    comparable = PEOPLE_AND_MONEY if with_money else PEOPLE
    return [
        _beside(
            word_of(name),
            PEOPLE_AND_MONEY,
            comparable,
            {name: this[name]} if name in this else {},
            None if last is None else ({name: last[name]} if name in last else {}),
        )
        for name in sorted({*this, *(last or {})})
    ]


def last_years(step: YearStep, *, scope: str) -> tuple[ByPlace, str]:
    """The totals of the same step a year earlier, and where they come from.

    From the ledger where that year was turned here; for `open` after a year that came by history
    files, residents by county and category, counted once and kept.
    """
    before = YearRun.objects.filter(year=step.run.year - 1, mode=YearRun.Mode.REAL).first()
    if before is None:
        return {}, "nothing"
    if not before.from_history:
        done = before.steps.filter(name=step.name, area=None, state=YearStep.State.DONE)
        earlier = done.order_by("-serial").first()
        return (totals_of(earlier, place=area_of), "ledger") if earlier else ({}, "nothing")
    if step.name != "open":
        return {}, "nothing"
    return history_of(before, scope=scope), "history"


def history_of(run: YearRun, *, scope: str) -> ByPlace:
    """Residents of a year that came by history files, by area and category; counted once a day."""
    which = hashlib.sha256(scope.encode()).hexdigest()  # a scope of many counties is no key
    key = f"enrollment.history.{run.pk}.{run.year}.{which}"
    found: list[tuple[int, str, Totals]] | None = cache.get(key)
    if found is None:
        found = _count_history(run.year)
        cache.set(key, found, KEPT_SECONDS)
    result: ByPlace = {}
    for county, category, counted in found:
        into = result.setdefault(area_of(county), {})
        into[category] = into.get(category, NOTHING) + counted
    return result


def _count_history(year: int) -> list[tuple[int, str, Totals]]:
    """Residents of a year by county and category, with their money: one pass over its partition."""
    money = {name: Sum(name) for name in FIELDS[1:]}
    rows = (
        Enrollment.objects.residents(year)
        .order_by()
        .values_list("county", "category")
        .annotate(persons=Count("pk"))
    )
    return [
        (county, category, Totals(*counted))
        for county, category, *counted in rows.annotate(
            **{f"sum_{name}": each for name, each in money.items()}
        )
    ]


def _terms(
    step: YearStep, places: Mapping[int, str]
) -> tuple[list[TermsLine], list[str], Counter[str]]:
    """Terms by area, the categories that have a quota, and how many values have which status."""
    quotas: dict[int, dict[str, tuple[Decimal, str]]] = {}
    statuses: Counter[str] = Counter()
    for quota in step.quotas.all():
        status = quota.sources.get("status", "")
        quotas.setdefault(quota.area, {})[quota.category] = (quota.amount, status)
        statuses[status] += 1
    order = {name: at for at, name in enumerate(Category.values)}
    categories = sorted(
        {name for held in quotas.values() for name in held}, key=lambda name: order.get(name, 99)
    )
    lines = []
    for terms in step.terms.order_by("area"):
        marks = {
            name: terms.sources.get(name, {}).get("status", "")
            for name in ("standard", "fiscal", "window")
        }
        statuses.update(marks.values())
        held = quotas.get(terms.area, {})
        lines.append(
            TermsLine(
                area=places.get(terms.area, str(terms.area)),
                standard=terms.standard,
                fiscal=terms.fiscal,
                window=(terms.window_first, terms.window_last),
                quotas=[held.get(name, (None, "")) for name in categories],
                marks=marks,
            )
        )
    return lines, [word_of(name) for name in categories], statuses


__all__ = ["Rehearsal", "rehearsal"]
