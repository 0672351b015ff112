"""Reads of the months of the funds: what the books say, what was kept of it, what is warned of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Sum

from funds.models import BudgetLine, FundMonth, RiskReading, RiskWarning
from funds.models.risk import Indicator, RiskLevel
from funds.rules.budget_lines import EXPENDITURE, ITEM
from funds.rules.risk import MonthFacts
from funds.selectors.budgets import in_force

COLUMNS = (
    "region_id", "scheme", "revenue_of_month", "expenditure_of_month", "revenue", "expenditure",
    "balance", "earned", "spent", "months", "spent_before", "claimed", "received", "arrears",
    "payable", "paid", "insured", "population",
)  # fmt: skip
FACTS = tuple(MonthFacts.__dataclass_fields__)
# The indicators whose value is a share; the other is a number of months.
SHARES = frozenset(Indicator.values) - {Indicator.MONTHS_COVERED}


def funds_at(month: date, spending_months: int) -> list[dict[str, Any]]:
    """Every fund of a pooling area at the end of a month, by what the books say now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM funds_at(%s, %s)", [month, spending_months])
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def facts_of(row: FundMonth) -> MonthFacts:
    """What the rules ask of a month."""
    kept = {name: getattr(row, name) for name in FACTS if name != "elapsed"}
    return MonthFacts(elapsed=row.month.month, **kept)


def budgeted_on(on: date) -> dict[tuple[int, int], Decimal]:
    """Expenditure of the budgets in force on a day, in yuan, by area and scheme. Two queries."""
    items = [item.name for item in ITEM.values() if item.side == EXPENDITURE]
    budgets = {each.pk: (each.region_id, each.scheme) for each in in_force(on.year, None, on)}
    sums = (
        BudgetLine.objects.filter(budget__in=budgets, item__in=items)
        .order_by()
        .values_list("budget")
        .annotate(together=Sum("amount"))
    )
    return {budgets[budget]: amount for budget, amount in sums}


def latest(month: date | None = None) -> QuerySet[FundMonth]:
    """The months that count: of each fund and month the latest run's, of those the user sees."""
    same = FundMonth.objects.filter(
        month=OuterRef("month"), region=OuterRef("region"), scheme=OuterRef("scheme")
    )
    newest = Subquery(same.order_by("-shard").values("shard")[:1])
    found = FundMonth.objects.filter(shard=newest).select_related("region")
    return found if month is None else found.filter(month=month)


def last_month() -> date | None:
    """The latest month that was looked at."""
    return FundMonth.objects.order_by("-month").values_list("month", flat=True).first()


def place_of(reading: RiskReading) -> str:
    """What a warning of a reading stands for."""
    return f"{reading.of.region_id}-{reading.of.scheme}-{reading.indicator}"


def open_warnings(readings: Iterable[RiskReading]) -> dict[str, RiskWarning]:
    """The open warnings about the funds and indicators of readings, by what they stand for."""
    places = {place_of(each) for each in readings}
    return {
        str(found.stands_for): found for found in RiskWarning.objects.filter(stands_for__in=places)
    }


@dataclass(frozen=True, slots=True)
class Alarm:
    """A reading beyond its bounds, and the warning that is open about it."""

    reading: RiskReading
    warning: RiskWarning | None


def readings_of(month: date, scheme: int) -> list[RiskReading]:
    """What the indicators of the funds of a scheme say of a month."""
    found = RiskReading.objects.filter(of__in=latest(month).filter(scheme=scheme))
    return list(found.select_related("of"))


def alarms(readings: Iterable[RiskReading]) -> list[Alarm]:
    """Those of a month's readings that ask for a warning, the serious ones first. One query."""
    beyond = (RiskLevel.ATTENTION, RiskLevel.SERIOUS)
    rows = sorted(
        (row for row in readings if row.level in beyond),
        key=lambda row: (row.level != RiskLevel.SERIOUS, row.of.region_id, row.indicator),
    )
    warned = open_warnings(rows)
    return [Alarm(row, warned.get(place_of(row))) for row in rows]


def value_told(reading: RiskReading) -> str:
    """The value of a reading as it is read: 5.42, or 91.3%."""
    if reading.denominator <= 0:
        return "—"
    value = reading.numerator / reading.denominator
    if reading.indicator in SHARES:
        return f"{value * 100:.2f}%".replace("-", "−")
    return f"{value:.2f}".replace("-", "−")
