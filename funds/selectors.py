"""Reads of the ledger."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from enrollment.declarations import Check
from enrollment.rules.money import ZERO
from funds.models import Entry, Line


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


# What `verify` proves of the ledger: each returns the violations.
CHECKS = (
    Check(
        "ledger_entries_balance_within_one_scheme",
        """
        SELECT e.key, sum(l.debit) AS debit, sum(l.credit) AS credit
          FROM entry e
          LEFT JOIN entry_line l ON l.entry_id = e.id
          LEFT JOIN account a ON a.id = l.account_id
         GROUP BY e.id, e.key
        HAVING sum(l.debit) IS DISTINCT FROM sum(l.credit) OR count(l.id) < 2
            OR count(DISTINCT a.scheme) <> 1
        """,
    ),
    Check(
        # A change that still waits is told by its own check; here the money itself is compared.
        "received_repairs_are_posted_once_to_the_cent",
        """
        SELECT c.id, c.amount, sum(l.debit) AS posted
          FROM agency_case c
          JOIN gap_repair r ON r.case_ptr_id = c.id
          JOIN change h ON h.case_id = c.id AND h.cause = 'repair'
          JOIN change_taken t ON t.change_id = h.id AND t.taker = 'post'
          LEFT JOIN entry e ON e.key = 'repair:' || c.id
          LEFT JOIN entry_line l ON l.entry_id = e.id
         GROUP BY c.id, c.amount
        HAVING sum(l.debit) IS DISTINCT FROM c.amount
        """,
    ),
    Check(
        "changes_are_posted",
        """
        SELECT h.id, h.case_id, h.recorded_at
          FROM change h
         WHERE h.cause IN ('repair', 'repair_reversed')
           AND NOT EXISTS (SELECT FROM change_taken t
                            WHERE t.change_id = h.id AND t.taker = 'post')
        """,
    ),
)
