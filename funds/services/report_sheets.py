"""A report as XLSX: its figures as numbers, below them what they were compared with."""

import io
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

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
    ties: Sequence[Sequence[str]],
) -> bytes:
    """`heading` stands above the table line by line; `kinds` say of each column what it holds."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for line in heading:
        page.append([escaped(line)])
    page.append([])
    page.append(list(head))
    for name, values in rows:
        cells = [WriteOnlyCell(page, value=escaped(name))]
        for kind, value in zip(kinds, values, strict=True):
            cell = WriteOnlyCell(page, value=_number(kind, value) if value else None)
            cell.number_format = FORMATS[kind]
            cells.append(cell)
        page.append(cells)
    page.append([])
    for tie in ties:
        page.append([escaped(each) for each in tie])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _number(kind: str, value: str) -> Decimal:
    """A share is cut to what its format shows: a workbook would round it up."""
    number = Decimal(value)
    return number.quantize(Decimal("0.0001"), ROUND_DOWN) if kind == "share" else number
