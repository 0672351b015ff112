"""The days of the money: what came in, what tax service and treasury say, which are closed.

Read from the summaries alone (`ReceiptDay`, `ControlTotal`, `DayClose`), never from the receipts.
Row security and the user's counties limit them; money of which nobody knows the area (county 0) is
the province's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from enrollment.models import ControlTotal, DayClose, Receipt, ReceiptDay
from enrollment.rules.money import ZERO
from enrollment.rules.regions import COUNTY, pooling_area_of
from enrollment.selectors.scope import counties_of, scope_of
from enrollment.selectors.suspense import midnight

TAX, TREASURY = ControlTotal.Source.TAX, ControlTotal.Source.TREASURY


@dataclass(slots=True)
class Told:
    """Receipts and yuan of one side."""

    receipts: int = 0
    amount: Decimal = ZERO

    def add(self, receipts: int, amount: Decimal) -> None:
        self.receipts += receipts
        self.amount += amount


@dataclass(slots=True)
class Sides:
    """A day of an area, or of several together: the three sides, suspense, and the close.

    A source that told nothing is None. `differs` is where the sides are not the same in some place,
    and None where nobody looked; `closes` are the closes in force.
    """

    came: Told = field(default_factory=Told)
    tax: Told | None = None
    treasury: Told | None = None
    waiting: Told = field(default_factory=Told)
    closes: list[DayClose] = field(default_factory=list)
    areas: int = 1
    is_part: bool = False  # the user sees some counties of the area alone
    differs: int | None = None

    def told_by(self, source: str) -> Told:
        """The side of a source, made where it was not there."""
        if source == TAX:
            self.tax = self.tax or Told()
            return self.tax
        self.treasury = self.treasury or Told()
        return self.treasury

    @property
    def less_tax(self) -> Decimal | None:
        """What came in less what the tax service says, yuan."""
        return None if self.tax is None else self.came.amount - self.tax.amount

    @property
    def less_treasury(self) -> Decimal | None:
        """What came in less what the treasury says, yuan."""
        return None if self.treasury is None else self.came.amount - self.treasury.amount

    @property
    def late(self) -> Told:
        """What came in after the close, where the day is closed."""
        if len(self.closes) < self.areas or self.is_part:
            return Told()
        receipts = sum(each.receipts for each in self.closes)
        amount = sum((each.amount for each in self.closes), ZERO)
        return Told(self.came.receipts - receipts, self.came.amount - amount)

    @property
    def state(self) -> str:
        """closed, partly (some areas are), agrees, differs, or untold where a source is silent."""
        if len(self.closes) == self.areas:
            return "closed"
        if self.closes:
            return "partly"
        if self.tax is None or self.treasury is None:
            return "untold"
        ours = (self.came.receipts, self.came.amount)
        told = [(each.receipts, each.amount) for each in (self.tax, self.treasury)]
        if self.differs or any(each != ours for each in told):
            return "differs"
        return "agrees"


def sides_of(user: Any, first: date, last: date) -> dict[date, dict[int, Sides]]:
    """Every day of a range with its areas (twelve digits, 0 the unknown ones). Three queries."""
    found: dict[date, dict[int, Sides]] = {}

    def at(day: date, county: int) -> Sides:
        area = pooling_area_of(county * COUNTY) if county else 0
        return found.setdefault(day, {}).setdefault(area, Sides())

    for row in (
        _within(ReceiptDay.objects, user, first, last)
        .values("day", "county")
        .annotate(n=Sum("receipts"), money=Sum("amount"), left=Sum("waiting"), rest=Sum("suspense"))
    ):
        side = at(row["day"], row["county"])
        side.came.add(row["n"], row["money"])
        side.waiting.add(row["left"], row["rest"])
    for row in (
        _within(ControlTotal.objects, user, first, last)
        .values("day", "county", "source")
        .annotate(n=Sum("receipts"), money=Sum("amount"))
    ):
        at(row["day"], row["county"]).told_by(row["source"]).add(row["n"], row["money"])
    scope, counties = scope_of(user), counties_of(user)
    closes = DayClose.objects.filter(day__range=(first, last), reopened_at=None)
    if counties is not None:
        areas = {pooling_area_of(county * COUNTY) for county in counties}
        closes = closes.filter(region_id__in=areas)
    for close in closes.select_related("closed_by"):
        side = at(close.day, close.region_id // COUNTY)
        side.closes.append(close)
        side.is_part = not scope.allows(close.region_id)
    return found


def _within(rows: Any, user: Any, first: date, last: date) -> QuerySet[Any]:
    counties = counties_of(user)
    found: QuerySet[Any] = rows.filter(day__range=(first, last))
    return found if counties is None else found.filter(county__in=counties)


def together(sides: Iterable[Sides]) -> Sides:
    """Several areas or days as one."""
    total = Sides(areas=0)
    for each in sides:
        total.areas += 1
        total.came.add(each.came.receipts, each.came.amount)
        total.waiting.add(each.waiting.receipts, each.waiting.amount)
        total.closes += each.closes
        total.is_part = total.is_part or each.is_part
        for source, told in ((TAX, each.tax), (TREASURY, each.treasury)):
            if told is not None:
                total.told_by(source).add(told.receipts, told.amount)
        if each.differs is not None:
            total.differs = (total.differs or 0) + each.differs
    return total


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a source and the receipts are not the same: receipts and yuan of both sides.

    `told` counts what the source says; `channel` is empty where it tells all channels together.
    """

    source: str
    region: int
    scheme: int
    channel: str
    receipts: int
    amount: Decimal
    told_receipts: int
    told_amount: Decimal

    @property
    def by(self) -> Decimal:
        """What came in less what the source says, yuan."""
        return self.amount - self.told_amount


def differences_of(area: int, day: date) -> list[Difference]:
    """The places that stand against the close of a day, as the database asks itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM day_differences(%s, %s)", [area, day])
        return [Difference(*row) for row in cursor.fetchall()]


def count_differences(areas: Iterable[int], day: date) -> dict[int, int]:
    """In how many places the sides differ, by area: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, (SELECT count(*) FROM day_differences(a, %s)) FROM unnest(%s::bigint[]) a",
            [day, list(areas)],
        )
        return dict(cursor.fetchall())


@dataclass(slots=True)
class Line:
    """What came in of a county by one channel, and what each source says of just that."""

    county: int
    scheme: int
    channel: str
    sides: Sides


def lines_of(user: Any, area: int, day: date) -> list[Line]:
    """A day of an area by county, scheme and channel, as finely as each side tells it."""
    found: dict[tuple[int, int, str], Sides] = {}
    for row in (
        _within(ReceiptDay.objects, user, day, day)
        .values("county", "scheme", "channel")
        .annotate(n=Sum("receipts"), money=Sum("amount"), left=Sum("waiting"), rest=Sum("suspense"))
    ):
        side = found.setdefault((row["county"], row["scheme"], row["channel"]), Sides())
        side.came.add(row["n"], row["money"])
        side.waiting.add(row["left"], row["rest"])
    for total in _within(ControlTotal.objects, user, day, day):
        side = found.setdefault((total.county, total.scheme, total.channel), Sides())
        side.told_by(total.source).add(total.receipts, total.amount)
    return [
        Line(*key, found[key])
        for key in sorted(found)
        if (pooling_area_of(key[0] * COUNTY) if key[0] else 0) == area
    ]


def receipts_of(user: Any, county: int, day: date) -> QuerySet[Receipt]:
    """The receipts of a county paid on a day, for a list by key. Index receipt_by_time."""
    counties = counties_of(user)
    begins, ends = midnight(day), midnight(date.fromordinal(day.toordinal() + 1))
    rows = Receipt.objects.filter(county=county, paid_at__gte=begins, paid_at__lt=ends)
    return rows if counties is None else rows.filter(county__in=counties)


def suspense_of(user: Any) -> Told:
    """All money in suspense in the user's scope, from the summary."""
    counties = counties_of(user)
    rows = ReceiptDay.objects.all()
    if counties is not None:
        rows = rows.filter(county__in=counties)
    found = rows.aggregate(n=Sum("waiting"), money=Sum("suspense"))
    return Told(found["n"] or 0, found["money"] or ZERO)


__all__ = [
    "Difference",
    "Line",
    "Sides",
    "Told",
    "count_differences",
    "differences_of",
    "lines_of",
    "receipts_of",
    "sides_of",
    "suspense_of",
    "together",
]
