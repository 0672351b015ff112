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
from enrollment.imports.kinds import FIRST_CODE, LAST_CODE, Counts, Desk, Header, match_header
from enrollment.imports.load import Outcome, Reject, Watch, load, unwatched
from enrollment.imports.places import LENGTHS, Places
from enrollment.imports.problems import FileRefused
from enrollment.imports.values import Days
from enrollment.models import Import, Region, User
from enrollment.rules.dates import year_end
from enrollment.rules.regions import fill_code, scope_of
from enrollment.selectors.calendar import business_date
from enrollment.services import changes

logger = logging.getLogger("tongchou.imports")

_LOCK = 7_390_003  # first key of the advisory lock, the second is the import


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
        kind_of(kind)
        code = area_of(area) if area else None
        if not path.is_file():
            raise FileRefused("file_not_found", path=path.name)
    except FileRefused as refused:
        raise ImportRefused(refused) from None
    source = Import.objects.create(
        kind=kind, file_name=(file_name or path.name)[-255:], digest="", area=code, sent_by=user
    )
    try:
        outcome = take(source, path=path, dry_run=dry_run)
    except FileRefused as refused:
        refuse(source, refused)
        raise ImportRefused(refused, source.pk) from None
    return _result(source, outcome)


def take(
    source: Import,
    *,
    path: Path,
    dry_run: bool,
    agreed: tuple[Counts, int] | None = None,
    watch: Watch = unwatched,
) -> Outcome:
    """Read, check and count a received file, and but for a dry run apply it, with its record.

    `agreed` and `watch` as in `enrollment.imports.load.load`.
    Raises FileRefused, of which the caller keeps the record, and HeldByAnother where another
    process is at it or somebody decided about the file meanwhile.
    """
    kind = kind_of(source.kind)
    table, header = _open(source, kind, path)
    return _load(source, kind, table, header, dry_run=dry_run, agreed=agreed, watch=watch)


def kind_of(name: str) -> ImportKind:
    """The declared kind of a name. Raises FileRefused."""
    if name not in import_kinds:
        raise FileRefused("unknown_kind", kind=name, known="、".join(import_kinds.items))
    return import_kinds[name]


def area_of(text: str) -> int:
    """The region of the register that a code of 6, 9 or 12 digits names. Raises FileRefused."""
    try:
        code = fill_code(text) if len(text) in LENGTHS else 0
    except ValueError:
        code = 0
    if not Region.objects.filter(pk=code).exists():
        raise FileRefused("unknown_area", area=text)
    return code


class HeldByAnother(Exception):
    """Another process works on the file, or it was decided about meanwhile: nothing was done."""


def claim(import_id: int) -> None:
    """Keep everybody else from the file until the transaction ends. Raises HeldByAnother."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, import_id % 2**31])
        if not cursor.fetchone()[0]:
            raise HeldByAnother


def _open(source: Import, kind: ImportKind, path: Path) -> tuple[Table, Header]:
    table, digest = open_table(path, file_name=source.file_name)
    if source.digest not in ("", digest):
        raise FileRefused("damaged")
    header = match_header(kind, table.header)
    source.digest, source.header, source.sheet = digest, list(header.as_came), table.sheet[:64]
    return table, header


def _load(
    source: Import,
    kind: ImportKind,
    table: Table,
    header: Header,
    *,
    dry_run: bool,
    agreed: tuple[Counts, int] | None,
    watch: Watch,
) -> Outcome:
    today = business_date()
    desk = Desk(
        import_id=source.pk,
        sql=kind.sql,
        today=today,
        area=source.area,
        scope=scope_of(source.area) if source.area else (FIRST_CODE, LAST_CODE),
        places=Places(),
        days=Days(_latest_day(today), from_workbook=table.from_workbook),
    )
    try:
        with transaction.atomic():
            claim(source.pk)
            name_actor(source.sent_by_id)
            outcome = load(
                kind=kind,
                table=table,
                header=header,
                desk=desk,
                dry_run=dry_run,
                agreed=agreed,
                watch=watch,
            )
            record(source, outcome, Import.State.CHECKED if dry_run else Import.State.APPLIED)
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


def name_actor(user_id: int | None) -> None:
    """Let the history of what is changed in this transaction name who is behind it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.by_user', %s, true)", [str(user_id or "")])


def _latest_day(today: date) -> date:
    """Last day that a file may tell: files are prepared for days to come, but not for years."""
    return year_end(today.year + 1)


def record(source: Import, outcome: Outcome, state: Import.State) -> None:
    """Write what became of a file beside its new state. Raises HeldByAnother."""
    # Who confirmed an earlier result has not confirmed this one.
    unconfirmed = {"confirmed_by": None, "confirmed_at": None}
    _move(
        source,
        state,
        digest=source.digest,
        header=source.header,
        sheet=source.sheet,
        lines_read=outcome.read,
        inserted=outcome.counts.inserted,
        updated=outcome.counts.updated,
        unchanged=outcome.counts.unchanged,
        rejected=outcome.rejected,
        errors=[told(reject) for reject in outcome.errors],
        summary=outcome.summary,
        previews=source.previews + (state == Import.State.CHECKED),
        attempts=0,
        phase="",
        **(unconfirmed if state == Import.State.CHECKED else {}),
    )


def refuse(source: Import, refused: FileRefused) -> None:
    """Write why a file was refused. Raises HeldByAnother."""
    _move(
        source,
        Import.State.REFUSED,
        digest=source.digest,
        header=source.header,
        refused_for=refused.name,
        refusal=refused.reason,
        phase="",
    )


def _move(source: Import, state: Import.State, **told: Any) -> None:
    """From the state in which the file was found, and from no other: the row decides."""
    found = Import.objects.filter(pk=source.pk, state=source.state)
    if not found.update(state=state, finished_at=timezone.now(), **told):
        raise HeldByAnother
    source.state = state


def told(reject: Reject) -> dict[str, Any]:
    """A refused line as commands print and screens show it."""
    return {"line": reject.line, "column": reject.column, "reason": reject.reason}


def _result(source: Import, outcome: Outcome) -> ImportResult:
    return ImportResult(
        import_id=source.pk,
        kind=source.kind,
        read=outcome.read,
        inserted=outcome.counts.inserted,
        updated=outcome.counts.updated,
        unchanged=outcome.counts.unchanged,
        rejected=outcome.rejected,
        errors=[told(reject) for reject in outcome.errors],
    )
