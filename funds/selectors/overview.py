"""The view of the funds: what every area stands at now, by its books and the last month looked at.

Nothing here reads people: figures are sums over accounts, days and the kept months.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import reduce

from enrollment.rules.money import ZERO
from enrollment.rules.parameters import BOTH, MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import read_terms
from enrollment.selectors.policy import policy_book
from funds.models import FundMonth, Kind, RiskReading
from funds.rules.projection import Projection, ProjectionFacts, ProjectionTerms, project
from funds.selectors.accounts import Balance, SubsidyOfLevel, accounts_between, subsidies_of
from funds.selectors.risk import (
    budgeted_on,
    funds_at,
    last_month,
    latest,
    readings_of,
    value_told,
)

AVERAGE = 12  # months; the page asks for sums of the year alone
MONTHS_SHOWN = 24
# What the adjustment fund took from an area and gave it: the figure, and its column.
ADJUSTED = {
    Kind.LEVY_EXPENDITURE: ("levied", "debit"),
    Kind.ALLOCATION_REVENUE: ("allocated", "credit"),
}
SERIOUS_FIRST = ("serious", "attention", "unknown", "normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFund:
    """A fund of an area in yuan: the year so far, and what it stands at."""

    area: int
    revenue: Decimal = ZERO
    expenditure: Decimal = ZERO
    balance: Decimal = ZERO
    arrears: Decimal = ZERO
    budgeted: Decimal = ZERO  # expenditure of the year's budget in force
    levied: Decimal = ZERO
    allocated: Decimal = ZERO

    @property
    def current(self) -> Decimal:
        """Revenue less expenditure of the year so far (当期结余)."""
        return self.revenue - self.expenditure

    @property
    def executed(self) -> Decimal | None:
        """Spending of the year so far as a share of its budget; None without one."""
        return self.expenditure / self.budgeted if self.budgeted else None

    def plus(self, other: "AreaFund") -> "AreaFund":
        """Two areas together."""
        sums = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if each.name != "area"
        }
        return AreaFund(area=0, **sums)


@dataclass(frozen=True, slots=True)
class Standing:
    """An area's fund with what the last month's readings say, by indicator: value, level, key."""

    fund: AreaFund
    readings: Mapping[str, tuple[str, str, int]]

    @property
    def worst(self) -> str:
        """The worst level of its indicators."""
        levels = {level for _value, level, _key in self.readings.values()}
        return next((level for level in SERIOUS_FIRST if level in levels), "unknown")


@dataclass(frozen=True, slots=True)
class FundView:
    """What the page shows of one scheme, in yuan."""

    month: date | None  # the last one that was looked at
    standings: list[Standing]
    total: AreaFund
    accounts: list[Balance]  # of the year so far
    read: list[RiskReading]

    def subsidies(self, area: int) -> list[SubsidyOfLevel]:
        """Fiscal subsidies of the year so far: due, received and in arrears, by level."""
        own = (each for each in self.accounts if each.book == area)
        return list(subsidies_of(own).values())

    def of_province(self, kind: Kind) -> Decimal:
        """Balance of an account of the province; nothing where the user sees no such account."""
        own = (each.standing for each in self.accounts if each.kind == kind)
        return sum(own, ZERO)


def fund_view(scheme: int, on: date) -> FundView:
    """Every area of the user's scope, by its books of today. Six queries."""
    first = date(on.year, 1, 1)
    funds = {
        row["region_id"]: {
            name: row[name] for name in ("revenue", "expenditure", "balance", "arrears")
        }
        for row in funds_at(on.replace(day=1), AVERAGE)
        if row["scheme"] == scheme
    }
    accounts = accounts_between(first, on, scheme=scheme)
    for each in accounts:
        if each.area in funds and each.kind in ADJUSTED:
            name, column = ADJUSTED[Kind(each.kind)]
            funds[each.area][name] = getattr(each, column)
    for (area, of_scheme), amount in budgeted_on(on).items():
        if of_scheme == scheme and area in funds:
            funds[area]["budgeted"] = amount
    month = last_month()
    read = readings_of(month, scheme) if month else []
    told = _by_area(read)
    standings = [
        Standing(AreaFund(area=area, **figures), told.get(area, {}))
        for area, figures in sorted(funds.items())
    ]
    total = reduce(AreaFund.plus, (each.fund for each in standings), AreaFund(area=0))
    return FundView(month, standings, total, accounts, read)


def _by_area(read: Iterable[RiskReading]) -> dict[int, dict[str, tuple[str, str, int]]]:
    told: dict[int, dict[str, tuple[str, str, int]]] = {}
    for each in read:
        of_area = told.setdefault(each.of.region_id, {})
        of_area[each.indicator] = (value_told(each), each.level, each.pk)
    return told


def months_of(area: int, scheme: int) -> list[FundMonth]:
    """The kept months of a fund, the last two years at most, the oldest first."""
    found = latest().filter(region=area, scheme=scheme).order_by("-month")
    return list(found[:MONTHS_SHOWN])[::-1]


def projection_of(row: FundMonth) -> Projection | None:
    """The fund carried on from a month that was kept. None where nothing can be told yet.

    Raises MissingParameter where no drivers are recorded for the area.
    """
    last = row.month.replace(day=monthrange(row.month.year, row.month.month)[1])
    book = policy_book(list(ProjectionTerms.codes().values()))
    terms = read_terms(
        ProjectionTerms, lambda code: book.find(code, area=row.region_id, on=last, scheme=BOTH)
    )
    facts = ProjectionFacts(
        year=row.month.year,
        balance=row.balance,
        earned=row.earned,
        spent=row.spent,
        months=row.months,
        left=12 - row.month.month,
    )
    try:
        return project(facts, terms)
    except RuleRefused:
        return None


__all__ = ["AreaFund", "FundView", "MissingParameter", "Standing", "fund_view", "projection_of"]
