"""Reads of the ledger."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Sum

from enrollment.rules.money import ZERO
from funds.models import AccountDay, AccountKind, Entry, Line, PeriodClose


@dataclass(frozen=True, slots=True)
class EntryLines:
    """The lines of an entry with the totals of both sides, in yuan."""

    lines: list[Line]
    debit: Decimal
    credit: Decimal


def lines_of(entry: Entry) -> EntryLines:
    """Debits first, as in a journal."""
    rows = list(
        Line.objects.filter(entry=entry).select_related("account__area").order_by("credit", "pk")
    )
    return EntryLines(
        rows,
        sum((row.debit for row in rows), start=ZERO),
        sum((row.credit for row in rows), start=ZERO),
    )


def entries_of(case_id: int) -> QuerySet[Entry]:
    """The entries that a case led to, newest first."""
    return Entry.objects.filter(case=case_id)


def journal() -> QuerySet[Entry]:
    """The journal for lists: newest first, with amount, case and person.

    The amount is summed for the rows of a page, never for the whole ledger.
    """
    debits = Line.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    amount = Subquery(debits.annotate(amount=Sum("debit")).values("amount"))
    return Entry.objects.select_related("case__person").annotate(amount=amount)


def balance_on(area: int, scheme: int, kind: str, on: date) -> Decimal:
    """Balance of an account on its normal side at the end of a day, in yuan; nothing where the
    area has no such account."""
    days = AccountDay.objects.filter(
        account__area=area, account__scheme=scheme, account__kind=kind, day__lte=on
    )
    sums = days.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    side = AccountKind.objects.get(kind=kind).side
    return side * ((sums["debit"] or ZERO) - (sums["credit"] or ZERO)) + ZERO  # nothing has no sign


def lowest_since(area: int, scheme: int, kind: str, on: date) -> Decimal:
    """The lowest balance of an account on its normal side, in yuan, from the end of a day on."""
    days = AccountDay.objects.filter(
        account__area=area, account__scheme=scheme, account__kind=kind, day__gt=on
    )
    side = AccountKind.objects.get(kind=kind).side
    later = days.order_by("day").values_list("debit", "credit")
    moved = (side * (debit - credit) for debit, credit in later)
    return min(accumulate(moved, initial=balance_on(area, scheme, kind, on)))


def closed_month(book: int, on: date) -> bool:
    """Whether the books of an area are closed for the month of a day."""
    closes = PeriodClose.objects.filter(region=book, month=on.replace(day=1), reopened_at=None)
    return closes.exists()


def receipts_wait(book: int, since: date, until: date) -> bool:
    """Whether an area has receipts of these days that `post` has not posted yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT receipts_wait(%s, %s, %s)", [book, since, until])
        (waits,) = cursor.fetchone()
    return bool(waits)
