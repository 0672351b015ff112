"""Giving a file: years of cover, fallout and refused lines, with full identity numbers.

For exchange with other systems by the command alone; what the screens export is masked. Rows are
streamed from the database and unsealed one by one, so that no size needs more memory.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import ExportKind, export_kinds
from enrollment.imports.kinds import FIRST_CODE, LAST_CODE, REJECT_COLUMNS
from enrollment.imports.places import LENGTHS
from enrollment.models import Import, ImportAnswer, Region, YearRun
from enrollment.models.identity import unseal
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.keys import EMPLOYEE, RESIDENT, YEAR
from enrollment.rules.regions import fill_code, scope_of
from enrollment.selectors.calendar import business_date

SQL = Path(__file__).resolve().parent.parent / "sql" / "export"
ROWS_AT_ONCE = 10_000
SCHEMES = {RESIDENT: "resident", EMPLOYEE: "employee"}
# A spreadsheet computes what begins so, also in full-width form; an apostrophe makes it text. The
# import takes the apostrophe away again.
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")

REFUSALS = {
    "unknown_export": _("There is no export called %(kind)s. Known: %(known)s."),
    "unknown_area": _("There is no region with the code %(area)s."),
    "unknown_year": _("The register has no benefit year %(year)s."),
    "year_not_activated": _("The year %(year)s is not activated yet: nobody has fallen out of it."),
    "unknown_import": _("There is no import with the number %(number)s."),
    "no_feedback": _(
        "Import %(number)s has no feedback: it is no list of a department, or not applied."
    ),
    "year_required": _("Name the benefit year with --year."),
    "import_required": _("Name the import with --import."),
    "not_writable": _("The file %(path)s cannot be written."),
}


class ExportRefused(Exception):
    """Nothing was written. `name` is stable, `reason` a sentence in the active language.

    `told` is the sentence of a refusal that is not among ours, with its `details` in it.
    """

    def __init__(self, name: str, told: str | Promise | None = None, **details: Any) -> None:
        self.name = name
        self.reason = str(told or REFUSALS[name]) % details
        super().__init__(self.reason)


@dataclass(frozen=True)
class Sheet:
    """A table to give: its header, and the rows below it."""

    header: list[str]
    rows: Iterator[list[Any]]


def export_file(
    *, kind: str, path: Path, year: int | None = None, area: str = "", import_id: int | None = None
) -> int:
    """Write one export as CSV (UTF-8, English header) to `path`. Returns the rows written.

    `rejects` and `feedback` need the import, every other the benefit year. The file appears whole
    or not at all, readable by its owner alone, because it holds identity numbers.
    Raises ExportRefused.
    """
    if kind not in export_kinds:
        raise ExportRefused("unknown_export", kind=kind, known="、".join(export_kinds.items))
    with transaction.atomic():
        sheet: Sheet = export_kinds[kind].sheet(Asked(year=year, area=area, import_id=import_id))
        with _appearing(path) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(sheet.header)
            count = 0
            for row in sheet.rows:
                writer.writerow(row)
                count += 1
    return count


@contextmanager
def _appearing(path: Path) -> Iterator[TextIO]:
    """A file that takes its name once it is complete."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        raise ExportRefused("not_writable", path=path.name) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


# What was asked -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the caller wants: a benefit year, an area, an import."""

    year: int | None
    area: str
    import_id: int | None

    def of_year(self) -> tuple[int, date | None, dict[str, Any]]:
        """The year, the day it was activated, and the keys and regions its rows lie between.

        Raises ExportRefused for a year or an area that the register has not.
        """
        if self.year is None:
            raise ExportRefused("year_required")
        runs = YearRun.objects.filter(mode=YearRun.Mode.REAL, year=self.year)
        days = list(runs.values_list("activated_on", flat=True))
        if not days:
            raise ExportRefused("unknown_year", year=self.year)
        first, last = self._scope()
        parameters = {
            "first_key": self.year * YEAR,
            "last_key": (self.year + 1) * YEAR,
            "area_first": first,
            "area_last": last,
        }
        return self.year, max((day for day in days if day), default=None), parameters

    def _scope(self) -> tuple[int, int]:
        if not self.area:
            return FIRST_CODE, LAST_CODE
        try:
            code = fill_code(self.area) if len(self.area) in LENGTHS else 0
        except ValueError:
            code = 0
        if not Region.objects.filter(pk=code).exists():
            raise ExportRefused("unknown_area", area=self.area)
        return scope_of(code)


def select(file: Path, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Stream the rows of a SQL file."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(file.read_text(), parameters)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def escaped(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


# The exports --------------------------------------------------------------------------------------


def _enrollments(asked: Asked) -> Sheet:
    header = [
        "id_number",
        "year",
        "scheme",
        "region",
        "category",
        "standard",
        "subsidy",
        "payable",
        "paid",
        "status",
        "benefit_start",
        "benefit_end",
    ]
    year, activated_on, parameters = asked.of_year()
    parameters |= {
        "on": business_date(),
        "activated_on": activated_on,
        "year_start": year_start(year),
        "year_end": year_end(year),
    }
    return Sheet(header, _enrollment_rows(parameters))


def _enrollment_rows(parameters: dict[str, Any]) -> Iterator[list[Any]]:
    for row in select(SQL / "enrollments.sql", parameters):
        sealed, year, scheme, region, category, *money, status, start, end = row
        yield [
            escaped(unseal(sealed)),
            year,
            SCHEMES[scheme],
            region,
            category,
            *money,
            status,
            start,
            end,
        ]


def _fallout(asked: Asked) -> Sheet:
    year, activated_on, parameters = asked.of_year()
    if activated_on is None:
        raise ExportRefused("year_not_activated", year=year)
    rows = (
        [escaped(unseal(sealed)), *others]
        for sealed, *others in select(SQL / "fallout.sql", parameters)
    )
    return Sheet(["id_number", "year", "region", "reason"], rows)


def _rejects(asked: Asked) -> Sheet:
    source = _import_of(asked)
    return Sheet([*source.header, *REJECT_COLUMNS], reject_rows(source))


def _import_of(asked: Asked) -> Import:
    if asked.import_id is None:
        raise ExportRefused("import_required")
    source = Import.objects.filter(pk=asked.import_id).first()
    if source is None:
        raise ExportRefused("unknown_import", number=asked.import_id)
    return source


def reject_rows(source: Import) -> Iterator[list[Any]]:
    """Refused lines: cells as they came, under their columns; then line, column and reason."""
    width = len(source.header)
    for sealed, line, column, reason in select(SQL / "rejects.sql", {"source": source.pk}):
        cells = [escaped(cell) for cell in json.loads(unseal(sealed))]
        # A line with more cells than the header keeps them all: the sender has to see which.
        cells += [""] * (width - len(cells))
        yield [*cells[:width], line, escaped(column), escaped(reason), *cells[width:]]


FEEDBACK_COLUMNS = ("line", "outcome", "reason")


def _feedback(asked: Asked) -> Sheet:
    source = _import_of(asked)
    if not source.answers.exists():
        raise ExportRefused("no_feedback", number=source.pk)
    return Sheet([*source.header, *FEEDBACK_COLUMNS], feedback_rows(source))


def feedback_rows(source: Import) -> Iterator[list[Any]]:
    """Every line of a department's list: cells as they came; then line, outcome, reason.

    Outcomes are told in the language of the agency, because they go back to the department.
    """
    with translation.override(settings.LANGUAGE_CODE):
        words = {code: str(label) for code, label in ImportAnswer.Outcome.choices}
    width = len(source.header)
    for sealed, line, outcome, reason in select(SQL / "feedback.sql", {"source": source.pk}):
        cells = [escaped(cell) for cell in json.loads(unseal(sealed))]
        cells += [""] * (width - len(cells))
        yield [*cells[:width], line, words[outcome], escaped(reason), *cells[width:]]


EXPORTS = (
    ExportKind("enrollments", _enrollments),
    ExportKind("fallout", _fallout),
    ExportKind("rejects", _rejects),
    ExportKind("feedback", _feedback),
)
