"""Figures of the funds as a file: CSV for a program, XLSX for a desk. No person stands in it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from django.utils.translation import gettext as _
from openpyxl import Workbook

from enrollment.selectors.people import places
from enrollment.services.exports import escaped
from funds.models import Line
from funds.selectors.accounts import Balance, totals

CSV, XLSX = "csv", "xlsx"
STATEMENT_LINES = 10_000  # as many as a statement has in a file
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def heading() -> list[str]:
    """The columns: where, which account, then three pairs of debit and credit in yuan."""
    return [
        _("area"), _("scheme"), _("account kind"), _("opening balance, debit"),
        _("opening balance, credit"), _("posted, debit"), _("posted, credit"),
        _("closing balance, debit"), _("closing balance, credit"),
    ]  # fmt: skip


def _rows(balances: Sequence[Balance]) -> Iterator[list[object]]:
    names = places(each.area for each in balances if each.area)
    for each in balances:
        place = names[each.area].short if each.area else ""
        yield [place, each.scheme_label, each.label, *each.columns]
    yield [_("Total"), "", "", *totals(balances)]


def sheet(balances: Sequence[Balance], form: str) -> bytes:
    """The trial balance, one line an account, totals last. `form` is csv or xlsx."""
    return as_file(chain([heading()], _rows(balances)), form)


def statement_sheet(rows: Sequence[tuple[Line, Decimal]], form: str, *, more: bool) -> bytes:
    """Lines of an account, the newest first, each with the balance after it in yuan."""
    head = [
        _("occurred on"), _("entry"), _("reason"), _("stands for"), _("debit"), _("credit"),
        _("balance"),
    ]  # fmt: skip
    lines: Iterator[list[object]] = (
        [
            f"{line.day:%Y-%m-%d}", line.entry_id, str(line.entry.get_reason_display()),
            line.entry.key, line.debit, line.credit, balance,
        ]
        for line, balance in rows
    )  # fmt: skip
    rest = [[_("Earlier lines are left out: ask until an earlier day.")]] if more else []
    return as_file(chain([head], lines, rest), form)


def as_file(rows: Iterable[Sequence[object]], form: str) -> bytes:
    """Rows as a file; figures are numbers in it, and no text is computed by a spreadsheet."""
    safe = ([escaped(each) if isinstance(each, str) else each for each in row] for row in rows)
    if form == XLSX:
        book = Workbook(write_only=True)
        page = book.create_sheet()
        for row in safe:
            page.append(row)
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(safe)
    return text.getvalue().encode("utf-8-sig")
