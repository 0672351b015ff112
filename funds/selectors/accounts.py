"""Accounts as fund officers read them: the trial balance, and the statement of one account."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from enrollment.models import Person
from enrollment.rules.money import ZERO
from funds.models import Account, AccountDay, AccountKind, Kind, Level, Line

SQL = Path(__file__).resolve().parent.parent / "sql"
TRIAL_BALANCE = (SQL / "trial_balance.sql").read_text()
LINES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Balance:
    """A line of a trial balance, in yuan. `opening` is debit less credit before the period."""

    kind: str
    element: str
    side: int
    opening: Decimal
    debit: Decimal
    credit: Decimal
    account: int | None = None  # none where several accounts stand in one line
    area: int | None = None
    scheme: int | None = None
    book: int | None = None

    @property
    def closing(self) -> Decimal:
        """Debit less credit at the end of the period."""
        return self.opening + self.debit - self.credit

    @property
    def standing(self) -> Decimal:
        """The closing balance on the account's normal side: below zero is the other side."""
        return self.side * self.closing

    @property
    def columns(self) -> tuple[Decimal, ...]:
        """Opening, movement and closing, each as debit and credit: 科目余额表."""
        return (*_sides(self.opening), self.debit, self.credit, *_sides(self.closing))

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def element_label(self) -> str:
        return str(AccountKind.Element(self.element).label)

    @property
    def scheme_label(self) -> str:
        return "" if self.scheme is None else str(Person.Scheme(self.scheme).label)


def _sides(balance: Decimal) -> tuple[Decimal, Decimal]:
    return max(balance, ZERO), max(-balance, ZERO)


def accounts_between(
    since: date,
    until: date,
    *,
    book: int | None = None,
    scheme: int | None = None,
    kind: str = "",
) -> list[Balance]:
    """Every account used until then, in the order of the chart: one statement."""
    given = {"since": since, "until": until, "book": book, "scheme": scheme, "kind": kind}
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE, given)
        return [
            Balance(
                kind=row[4], element=row[5], side=row[6], opening=row[7], debit=row[8],
                credit=row[9], account=row[0], area=row[1], book=row[2], scheme=row[3],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def by_kind(balances: Iterable[Balance]) -> list[Balance]:
    """The accounts of each kind in one line, in their order. One alone stays what it is."""
    found: dict[str, Balance] = {}
    for each in balances:
        so_far = found.get(each.kind)
        found[each.kind] = each if so_far is None else _together(so_far, each)
    return list(found.values())


def _together(one: Balance, other: Balance) -> Balance:
    return replace(
        one,
        opening=one.opening + other.opening,
        debit=one.debit + other.debit,
        credit=one.credit + other.credit,
        account=None,
        area=None,
        book=one.book if one.book == other.book else None,
        scheme=one.scheme if one.scheme == other.scheme else None,
    )


def totals(balances: Iterable[Balance]) -> tuple[Decimal, ...]:
    """The six columns summed: each pair is equal in a whole book."""
    sums = [ZERO] * 6
    for each in balances:
        sums = [a + b for a, b in zip(sums, each.columns, strict=True)]
    return tuple(sums)


def books() -> list[int]:
    """The pooling areas and provinces that have accounts, of those the user sees."""
    return list(Account.objects.order_by("book").values_list("book", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of an account's lines, the newest first, each with the balance after it, in yuan."""

    rows: list[tuple[Line, Decimal]]
    more: str  # the cursor of the page that follows, empty on the last


def statement(
    account: Account, *, until: date, side: int, before: str = "", shown: int = LINES_SHOWN
) -> Statement:
    """At most `shown` lines up to a day. `before` is a cursor of day and number: 2026-11-20.417."""
    lines = Line.objects.filter(account=account, day__lte=until)
    balance = _signed(AccountDay.objects.filter(account=account, day__lte=until))
    place = _cursor(before)
    if place is not None:
        day, number = place
        lines = lines.filter(Q(day__lt=day) | Q(day=day, pk__lt=number))
        balance = _signed(AccountDay.objects.filter(account=account, day__lte=day))
        balance -= _signed(Line.objects.filter(account=account, day=day, pk__gte=number))
    page = list(
        lines.select_related("entry__case", "entry__source").order_by("-day", "-pk")[: shown + 1]
    )
    rows = []
    for line in page[:shown]:
        rows.append((line, side * balance))
        balance -= line.debit - line.credit
    last = page[shown - 1] if len(page) > shown else None
    return Statement(rows, f"{last.day:%Y-%m-%d}.{last.pk}" if last else "")


def _signed(rows: QuerySet[Any]) -> Decimal:
    sums = rows.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return (sums["debit"] or ZERO) - (sums["credit"] or ZERO)


def _cursor(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class SubsidyOfLevel:
    """What a level of government owes a fund and has paid in a period, in yuan."""

    kind: str
    due: Decimal
    received: Decimal
    arrears: Decimal  # at the end of the period, whatever year it is of

    @property
    def level(self) -> str:
        """Which level of government owes it."""
        return str(Level(self.kind.removeprefix("receivable_")).label)


def subsidies_of(balances: Iterable[Balance]) -> dict[str, SubsidyOfLevel]:
    """Fiscal subsidies due against received, by level, of the accounts of one book and scheme.

    鄂政办发〔2020〕9号 三（五）.
    """
    levels = (
        Kind.RECEIVABLE_CENTRAL,
        Kind.RECEIVABLE_PROVINCIAL,
        Kind.RECEIVABLE_CITY,
        Kind.RECEIVABLE_COUNTY,
    )
    return {
        each.kind: SubsidyOfLevel(each.kind, each.debit, each.credit, each.closing)
        for each in balances
        if each.kind in levels
    }
