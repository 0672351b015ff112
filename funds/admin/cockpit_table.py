"""The table of the areas of a collection: rows with their rates, heat and order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from enrollment.admin.figures import count, money, points, rate
from enrollment.rules.pace import Projection
from enrollment.selectors.collection import Area, Collection, Figures
from enrollment.selectors.people import Place

# Steps of the scales, the same on every day of every season: per cent, and percentage points.
RATE_BOUNDS = (50, 60, 70, 80, 90, 95)
AHEAD_BOUNDS = (-5, -3, -1, 1, 3, 5)


@dataclass(frozen=True, slots=True)
class Row:
    """An area, or all of them, with what follows from its figures. Shares are exact, of one."""

    figures: Figures
    projection: Projection | None
    target: Decimal | None  # None: there are no rates either
    area: Area | None = None

    @property
    def code(self) -> int:
        """Of its area, 0 for all of them."""
        return self.area.code if self.area else 0

    @property
    def place(self) -> Place:
        return self.area.place if self.area else Place(0)

    @property
    def rate(self) -> Decimal | None:
        """Insured in either scheme of those who should be."""
        return self._of_population(self.figures.members)

    @property
    def ahead(self) -> Decimal | None:
        """Of the population, who has paid more than by the same day last year; points of one."""
        if not (self.figures.last_insured and self.figures.population):
            return None
        more = self.figures.insured - self.figures.last_insured
        return Decimal(more) / self.figures.population

    @property
    def expected(self) -> int | None:
        """Insured in either scheme at the close (预计)."""
        return self._expected(lambda projection: projection.middle)

    @property
    def expected_rate(self) -> Decimal | None:
        return self._of_population(self.expected)

    @property
    def expected_range(self) -> tuple[Decimal | None, Decimal | None]:
        low = self._expected(lambda projection: projection.low)
        high = self._expected(lambda projection: projection.high)
        return self._of_population(low), self._of_population(high)

    @property
    def population(self) -> int | None:
        """Who should be insured, where the law says who is counted."""
        return None if self.target is None else self.figures.population

    @property
    def missing(self) -> int | None:
        """People who are lacking for the target."""
        if self.target is None:
            return None
        wanted = ceil(self.target * self.figures.population)
        return max(wanted - self.figures.members, 0)

    @property
    def subsidised_unpaid(self) -> int:
        return self.figures.subsidised - self.figures.subsidised_insured

    @property
    def standard(self) -> Decimal:
        """Yuan of the individual standard of all bills."""
        return self.figures.subsidy + self.figures.payable

    @property
    def outstanding(self) -> Decimal:
        """Yuan that the bills still lack."""
        return self.figures.payable - self.figures.paid

    @property
    def rate_heat(self) -> str:
        return heat(self.rate)

    @property
    def expected_heat(self) -> str:
        return heat(self.expected_rate)

    @property
    def ahead_heat(self) -> str:
        if self.ahead is None:
            return ""
        return f"d{sum(self.ahead * 100 >= bound for bound in AHEAD_BOUNDS)}"

    def _expected(self, of: Callable[[Projection], int]) -> int | None:
        if self.projection is None:
            return None
        return of(self.projection) + self.figures.free + self.figures.employees

    def _of_population(self, people: int | None) -> Decimal | None:
        if people is None or not self.figures.population:
            return None
        return Decimal(people) / self.figures.population


def heat(share: Decimal | None) -> str:
    """Step of the sequential scale."""
    return "" if share is None else f"s{sum(share * 100 >= bound for bound in RATE_BOUNDS)}"


def row_of(figures: Figures, target: Decimal | None, area: Area | None = None) -> Row:
    """A row; what it may expect is computed once."""
    return Row(figures, figures.projection, target, area)


def rows_of(found: Collection, target: Decimal | None) -> list[Row]:
    """A row an area, in the order of the codes."""
    return [row_of(each.figures, target, each) for each in found.areas]


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the table: what it sorts by, how that is written, and the heat behind it. `by_day`
    columns stand where days are known, `rated` ones where the law says who should be insured;
    money is written in the unit that the reader chose."""

    name: str
    label: str | Promise
    value: Callable[[Row], Any]
    written: Callable[[Any], str] = count
    heat: Callable[[Row], str] | None = None
    by_day: bool = False
    rated: bool = False
    is_money: bool = False

    @property
    def down(self) -> str:
        """How an address asks for the highest first."""
        return f"-{self.name}"


COLUMNS: Sequence[Column] = (
    Column("population", _("should be insured"), lambda row: row.population, rated=True),
    Column("billed", _("billed"), lambda row: row.figures.billed),
    Column("subsidised", _("subsidised"), lambda row: row.figures.subsidised),
    Column("insured", _("paid up"), lambda row: row.figures.insured),
    Column("unpaid", _("unpaid"), lambda row: row.figures.unpaid),
    Column("rate", _("enrolment rate"), lambda row: row.rate, rate, lambda row: row.rate_heat,
           rated=True),
    Column("ahead", _("± last year"), lambda row: row.ahead, points, lambda row: row.ahead_heat,
           by_day=True, rated=True),
    Column("expected", _("expected"), lambda row: row.expected_rate, rate,
           lambda row: row.expected_heat, by_day=True, rated=True),
    Column("coverage", _("subsidised who paid"), lambda row: row.figures.coverage, rate),
    Column("paid", _("paid in"), lambda row: row.figures.paid, is_money=True),
)  # fmt: skip


def cells(row: Row, columns: Sequence[Column], unit: str, *, with_heat: bool) -> SafeString:
    """The cells of a row in one piece: the counties of a province are a thousand of them."""
    told = []
    for column in columns:
        value = column.value(row)
        told.append(column.heat(row) if with_heat and column.heat else "")
        told.append(money(value, unit) if column.is_money else column.written(value))
    return format_html('<td class="num {}">{}</td>' * len(columns), *told)


def ordered(rows: list[Row], sort: str) -> list[Row]:
    """By a column, from high to low with a minus; in the order of the codes for anything else.

    What has no value stands last either way.
    """
    column = next((each for each in COLUMNS if each.name == sort.removeprefix("-")), None)
    if column is None:
        return rows
    known = [row for row in rows if column.value(row) is not None]
    unknown = [row for row in rows if column.value(row) is None]
    return sorted(known, key=column.value, reverse=sort.startswith("-")) + unknown


__all__ = ["AHEAD_BOUNDS", "COLUMNS", "RATE_BOUNDS", "Row", "cells", "ordered", "row_of", "rows_of"]
