"""The trial balance as a file: CSV for a program, XLSX for a desk. No person stands in it."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook

from enrollment.selectors.people import places
from enrollment.services.exports import escaped
from funds.selectors.accounts import Balance, totals

CSV, XLSX = "csv", "xlsx"
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
        yield [escaped(place), each.scheme_label, each.label, *each.columns]
    yield [_("Total"), "", "", *totals(balances)]


def sheet(balances: Sequence[Balance], form: str) -> bytes:
    """The file, one line an account, totals last. `form` is csv or xlsx."""
    if form == XLSX:
        book = Workbook(write_only=True)
        page = book.create_sheet()
        page.append(heading())
        for row in _rows(balances):
            page.append(row)
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading())
    writer.writerows(_rows(balances))
    return text.getvalue().encode("utf-8-sig")
