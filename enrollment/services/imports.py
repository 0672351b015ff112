"""Taking a file: the one way in for commands and screens."""

import logging
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone, translation
from psycopg import errors

from enrollment.declarations import ImportKind, import_kinds
from enrollment.imports.formats import Table, open_table
from enrollment.imports.kinds import FIRST_CODE, LAST_CODE, Desk, Header, match_header
from enrollment.imports.load import Outcome, load
from enrollment.imports.places import LENGTHS, Places
from enrollment.imports.problems import FileRefused
from enrollment.imports.values import Days
from enrollment.models import Import, Region, User
from enrollment.rules.dates import year_end
from enrollment.rules.regions import fill_code, scope_of
from enrollment.selectors.calendar import business_date
from enrollment.services import changes

logger = logging.getLogger("tongchou.imports")


@dataclass(frozen=True)
class ImportResult:
    """What became of a file that was taken; `errors` tells the first hundred refused lines."""

    import_id: int
    kind: str
    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    errors: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `import_file --json` prints."""
        told = asdict(self)
        return {"import": told.pop("import_id"), **told}


class ImportRefused(Exception):
    """A file was refused whole and nothing was imported.

    `name` is stable, `reason` a sentence in the active language, `column` the one to blame, if any.
    """

    def __init__(self, refused: FileRefused, import_id: int | None = None) -> None:
        self.name, self.reason, self.column = refused.name, refused.reason, refused.column
        self.import_id = import_id
        super().__init__(self.reason)

    def as_json(self) -> dict[str, Any]:
        """The object that `import_file --json` prints."""
        return {
            "error": self.name,
            "reason": self.reason,
            "column": self.column,
            "import": self.import_id,
        }


@translation.override(settings.LANGUAGE_CODE)
def receive_file(
    *,
    kind: str,
    path: Path,
    file_name: str = "",
    area: str = "",
    dry_run: bool = False,
    user: User | None = None,
) -> ImportResult:
    """Take a file: the lines that are right reach the register, the others are kept as they came.

    `area` is a region code of 6, 9 or 12 digits; lines of people insured elsewhere are refused. A
    dry run checks and counts everything and leaves nothing but the record of the import. The same
    file may come again: what the register already says counts as unchanged. Reasons are in the
    language of the agency, because they go back to senders. Runs as the worker, who alone may use
    the staging tables.

    Raises ImportRefused, naming the reason, where the file is refused whole; that is recorded too,
    unless kind, area or file do not exist.
    """
    try:
        known, scope = _kind(kind), _scope(area)
        if not path.is_file():
            raise FileRefused("file_not_found", path=path.name)
    except FileRefused as refused:
        raise ImportRefused(refused) from None
    source = Import.objects.create(
        kind=kind,
        file_name=(file_name or path.name)[-255:],
        digest="",
        area=scope[0] if area else None,
        sent_by=user,
    )
    try:
        table, header = _open(source, known, path)
        outcome = _load(source, known, table, header, scope, dry_run=dry_run)
    except FileRefused as refused:
        _record_refusal(source, refused)
        raise ImportRefused(refused, source.pk) from None
    return _result(source, outcome)


def _kind(name: str) -> ImportKind:
    if name not in import_kinds:
        raise FileRefused("unknown_kind", kind=name, known="、".join(import_kinds.items))
    return import_kinds[name]


def _scope(area: str) -> tuple[int, int]:
    """First and last code of the area, of everything where none is given."""
    if not area:
        return FIRST_CODE, LAST_CODE
    try:
        code = fill_code(area) if len(area) in LENGTHS else 0
    except ValueError:
        code = 0
    if not Region.objects.filter(pk=code).exists():
        raise FileRefused("unknown_area", area=area)
    return scope_of(code)


def _open(source: Import, kind: ImportKind, path: Path) -> tuple[Table, Header]:
    table, source.digest = open_table(path, file_name=source.file_name)
    header = match_header(kind, table.header)
    source.header = list(header.as_came)
    return table, header


def _load(
    source: Import,
    kind: ImportKind,
    table: Table,
    header: Header,
    scope: tuple[int, int],
    *,
    dry_run: bool,
) -> Outcome:
    today = business_date()
    desk = Desk(
        import_id=source.pk,
        sql=kind.sql,
        today=today,
        area=source.area,
        scope=scope,
        places=Places(),
        days=Days(_latest_day(today), from_workbook=table.from_workbook),
    )
    try:
        with transaction.atomic():
            _sent_by(source)
            outcome = load(kind=kind, table=table, header=header, desk=desk, dry_run=dry_run)
            _record(source, outcome, dry_run=dry_run)
            if not dry_run:
                changes.announce()
    except IntegrityError as error:
        if not isinstance(error.__cause__, errors.UniqueViolation | errors.ExclusionViolation):
            raise
        # Checked a moment ago and refused now: somebody else wrote the same key in between.
        name = error.__cause__.diag.constraint_name
        logger.warning("import %s met a concurrent change: %s", source.pk, name)
        raise FileRefused("changed_meanwhile") from error
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.LockNotAvailable):
            raise
        raise FileRefused("busy") from error
    return outcome


def _sent_by(source: Import) -> None:
    """Let the history of what the file changes name who sent it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.by_user', %s, true)",
            [str(source.sent_by_id) if source.sent_by_id else ""],
        )


def _latest_day(today: date) -> date:
    """Last day that a file may tell: files are prepared for days to come, but not for years."""
    return year_end(today.year + 1)


def _record(source: Import, outcome: Outcome, *, dry_run: bool) -> None:
    source.state = Import.State.CHECKED if dry_run else Import.State.APPLIED
    source.lines_read = outcome.read
    source.inserted = outcome.counts.inserted
    source.updated = outcome.counts.updated
    source.unchanged = outcome.counts.unchanged
    source.rejected = outcome.rejected
    source.finished_at = timezone.now()
    source.save()


def _record_refusal(source: Import, refused: FileRefused) -> None:
    source.state = Import.State.REFUSED
    source.refusal = refused.reason
    source.finished_at = timezone.now()
    source.save()


def _result(source: Import, outcome: Outcome) -> ImportResult:
    return ImportResult(
        import_id=source.pk,
        kind=source.kind,
        read=outcome.read,
        inserted=outcome.counts.inserted,
        updated=outcome.counts.updated,
        unchanged=outcome.counts.unchanged,
        rejected=outcome.rejected,
        errors=[
            {"line": reject.line, "column": reject.column, "reason": reject.reason}
            for reject in outcome.errors
        ],
    )
