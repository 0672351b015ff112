"""Execution of budgets: what the ledger says against each line, as of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F, Q, Sum

from enrollment.rules.money import ZERO
from funds.models import Account, AccountKind, Budget, BudgetLine, Line, Reason
from funds.rules.budget_lines import EXPENDITURE, ITEM, REVENUE

SQL = Path(__file__).resolve().parent.parent / "sql"
EXECUTION = (SQL / "budget_execution.sql").read_text()


def executed(
    areas: Iterable[int], scheme: int, since: date, until: date
) -> dict[tuple[int, str], Decimal]:
    """Yuan by area and kind of account: revenue received and expenditure made in the period."""
    given: dict[str, Any] = {"books": list(areas), "scheme": scheme, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(EXECUTION, given)
        return {(book, kind): amount for book, kind, amount in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Executed:
    """A line, or a side, of a budget: what was budgeted, and what the ledger says; yuan."""

    item: str
    budgeted: Decimal
    done: Decimal

    @property
    def share(self) -> Decimal | None:
        """What was done of what was budgeted; None where nothing was budgeted."""
        return self.done / self.budgeted if self.budgeted else None

    @property
    def left(self) -> Decimal:
        return self.budgeted - self.done


@dataclass(frozen=True, slots=True)
class Execution:
    """A budget against the ledger up to a day: its lines, and both sides."""

    budget: Budget
    until: date
    lines: list[Executed]
    revenue: Executed
    expenditure: Executed

    @property
    def both(self) -> tuple[Executed, Executed]:
        return self.revenue, self.expenditure

    @property
    def time_share(self) -> Decimal:
        """How much of the year is over (序时进度)."""
        days = (date(self.until.year, 12, 31) - date(self.until.year, 1, 1)).days + 1
        return Decimal((self.until - date(self.until.year, 1, 1)).days + 1) / days


def executions(budgets: Sequence[Budget], on: date) -> list[Execution]:
    """Budgets of one year and scheme against the ledger, up to a day: three queries for all.

    A province's takes what its cities have in their books.
    """
    if not budgets:
        return []
    year, scheme = budgets[0].year, budgets[0].scheme
    until = min(date(year, 12, 31), max(on, date(year, 1, 1)))
    wholes = [budget.pk for budget in budgets if budget.region_id % 10**10 == 0]
    parts: dict[int, list[int]] = {}
    for whole, area in Budget.objects.filter(wholes__whole__in=wholes).values_list(
        "wholes__whole", "region"
    ):
        parts.setdefault(whole, []).append(area)
    areas_of = {budget.pk: parts.get(budget.pk, [budget.region_id]) for budget in budgets}
    books = {area for areas in areas_of.values() for area in areas}
    done = executed(books, scheme, date(year, 1, 1), until)
    lines: dict[int, list[BudgetLine]] = {}
    for line in BudgetLine.objects.filter(budget__in=[budget.pk for budget in budgets]):
        lines.setdefault(line.budget_id, []).append(line)
    return [_execution(each, until, lines.get(each.pk, []), areas_of[each.pk], done)
            for each in budgets]  # fmt: skip


def _execution(
    budget: Budget,
    until: date,
    lines: list[BudgetLine],
    areas: Sequence[int],
    done: dict[tuple[int, str], Decimal],
) -> Execution:
    found = [
        Executed(
            line.item, line.amount, sum((done.get((area, line.item), ZERO) for area in areas), ZERO)
        )
        for line in lines
    ]
    return Execution(budget, until, found, _side(found, REVENUE), _side(found, EXPENDITURE))


def together(found: Sequence[Execution]) -> tuple[Executed, Executed]:
    """Both sides of several budgets, summed."""
    revenue = _summed(REVENUE, [each.revenue for each in found])
    return revenue, _summed(EXPENDITURE, [each.expenditure for each in found])


def _side(lines: Sequence[Executed], side: str) -> Executed:
    return _summed(side, [line for line in lines if ITEM[line.item].side == side])


def _summed(name: str, lines: Sequence[Executed]) -> Executed:
    return Executed(
        name,
        sum((line.budgeted for line in lines), ZERO),
        sum((line.done for line in lines), ZERO),
    )


def by_reason(
    areas: Sequence[int], scheme: int, kind: str, since: date, until: date
) -> list[tuple[str, int, Decimal]]:
    """What moved a line of a budget: reason, entries, yuan on the normal side; reversals with what
    they undo."""
    side = AccountKind.objects.get(kind=kind).side
    accounts = Account.objects.filter(book__in=areas, scheme=scheme, kind=kind)
    rows = (
        Line.objects.filter(account__in=accounts, day__range=(since, until))
        .exclude(
            Q(entry__reason=Reason.YEAR_CLOSED) | Q(entry__reverses__reason=Reason.YEAR_CLOSED)
        )
        .values_list("entry__reason")
        .annotate(amount=Sum(F("debit") - F("credit")), entries=Sum(1))
        .order_by("entry__reason")
    )
    return [(reason, entries, side * amount) for reason, amount, entries in rows]
