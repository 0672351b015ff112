"""What a screen of imports gives: empty templates, and the refused lines of a file."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from enrollment.declarations import ImportKind
from enrollment.imports.kinds import REJECT_CHINESE
from enrollment.models import Import, ScreenExport, User
from enrollment.services.exports import feedback_rows, reject_rows

CSV, XLSX = "csv", "xlsx"
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AS_TEXT = "@"  # a spreadsheet leaves long numbers alone in such cells
FEEDBACK_CHINESE = ("行号", "处理结果", "说明")
WIDTH = 18  # characters of a column, about an identity number


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file to download."""

    name: str
    content: bytes
    media_type: str


def template_of(kind: ImportKind, form: str) -> GivenFile:
    """The header of a kind in Chinese, its optional columns too, as CSV or XLSX."""
    return give(f"{kind.name}-template", [column.chinese for column in kind.columns], [], form)


def form_of(source: Import) -> str:
    """The form in which a file came."""
    return XLSX if source.file_name.lower().endswith(".xlsx") else CSV


@transaction.atomic
def rejects_of(*, source: Import, form: str, user: User) -> GivenFile:
    """The refused lines of a file as they came, full numbers included, and the record of it.

    They are for whoever corrects them and sends them again: line, column and reason stand behind.
    """
    rows = list(reject_rows(source))
    given = give(f"rejects-{source.pk}", [*source.header, *REJECT_CHINESE], rows, form)
    reason = _("Refused lines of import %(number)s") % {"number": source.pk}
    _record(given, len(rows), ScreenExport.Kind.REJECTS, reason, user)
    return given


@transaction.atomic
def feedback_of(*, source: Import, form: str, user: User) -> GivenFile:
    """Every line of a department's list as it came with its outcome, and the record of it."""
    rows = list(feedback_rows(source))
    given = give(f"feedback-{source.pk}", [*source.header, *FEEDBACK_CHINESE], rows, form)
    reason = _("Feedback on import %(number)s") % {"number": source.pk}
    _record(given, len(rows), ScreenExport.Kind.FEEDBACK, reason, user)
    return given


def _record(given: GivenFile, rows: int, kind: str, reason: str, user: User) -> None:
    ScreenExport.objects.create(
        user=user,
        kind=kind,
        reason=reason,
        rows=rows,
        digest=hashlib.sha256(given.content).hexdigest(),
    )


def give(stem: str, header: Sequence[object], rows: list[list[object]], form: str) -> GivenFile:
    """A table of text as CSV or as a workbook of one sheet."""
    content = (_workbook if form == XLSX else _csv)([list(header), *rows])
    return GivenFile(f"{stem}.{form}", content, MEDIA_TYPES[form])


def _csv(rows: Iterable[list[object]]) -> bytes:
    """With a byte order mark: without one a spreadsheet takes Chinese for something else."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(rows: list[list[object]]) -> bytes:
    """One sheet of text cells: nothing is computed, no number is rounded."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(1, len(rows[0]) + 1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = WIDTH, AS_TEXT
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=str(value))
            cell.data_type, cell.number_format = "s", AS_TEXT
            cells.append(cell)
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
