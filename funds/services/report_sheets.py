"""A report as XLSX: its figures as numbers, below them what they were compared with."""

import io
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from enrollment.services.exports import escaped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"count": "#,##0", "money": "#,##0.00", "share": "0.00%"}


def workbook(
    *,
    heading: Sequence[str],
    head: Sequence[str],
    kinds: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    ties: Sequence[tuple[Sequence[str], str, str, str, str]],
) -> bytes:
    """`heading` stands above the table line by line; `kinds` say of each column what it holds.

    A tie: its words, the kind of its figures, what the report tells, = or ≠, what was found.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for line in heading:
        page.append([escaped(line)])
    page.append([])
    page.append(list(head))
    for name, values in rows:
        figures = [_cell(page, *each) for each in zip(kinds, values, strict=True)]
        page.append([escaped(name), *figures])
    page.append([])
    for words, kind, told, sign, found in ties:
        compared = [_cell(page, kind, told), sign, _cell(page, kind, found)]
        page.append([*map(escaped, words), *compared])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(page: Any, kind: str, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=_number(kind, value) if value else None)
    cell.number_format = FORMATS[kind]
    return cell


def _number(kind: str, value: str) -> Decimal:
    """A share is cut to what its format shows: a workbook would round it up."""
    number = Decimal(value)
    return number.quantize(Decimal("0.0001"), ROUND_DOWN) if kind == "share" else number
