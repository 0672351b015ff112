"""From the lines of a file to the register: staged by COPY, checked by SQL, applied set-based.

The lines are walked in Python once, to be decoded, read and sealed; what concerns more than one
line, or the register, is asked of all at once. Lines that are refused are walked a second time, so
that they can be kept as they came without holding the good ones in memory.
"""

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection
from psycopg import Copy, sql

from enrollment.declarations import ImportKind
from enrollment.imports import kinds
from enrollment.imports.formats import Line, Table
from enrollment.imports.kinds import Counts, Desk, Header, Quick, Reader
from enrollment.imports.problems import LineRefused, reason_of, shown
from enrollment.imports.values import tidy
from enrollment.models.identity import seal

ERRORS_TOLD = 100
WATCHED_EVERY = 1_000  # lines; of WRITTEN_AT_ONCE a multiple
READING, CHECKING, WRITING = "reading", "checking", "writing"
REJECTS_AT_ONCE = 5_000
WRITTEN_AT_ONCE = 500  # lines
_PROBLEM = ("line", "problem", "problem_column", "problem_value")
_PROBLEM_TYPES = ("int4", "text", "text", "text")
_CELLS = ("cells", "bytea")
# One file of a kind is taken at a time, as one table is maintained: what is sorted, joined and
# handed to triggers is all of it, and stays out of temporary files as far as the server allows.
_MUCH_MEMORY = "SELECT set_config('work_mem', current_setting('maintenance_work_mem'), true)"


@dataclass(frozen=True)
class Reject:
    """A line that was refused: where, in which column, why, and its cells as they came."""

    line: int
    column: str
    reason: str
    cells: list[str]


@dataclass(frozen=True)
class Outcome:
    """What became of the lines of a file."""

    read: int
    counts: Counts
    rejected: int
    errors: list[Reject]
    summary: list[tuple[Any, ...]] = field(default_factory=list)


Rows = Callable[[Iterable[Line]], Iterator[tuple[Any, ...]]]
# watch(phase, lines read so far, lines expected): told to whoever follows a job
Watch = Callable[[str, int, int], None]


def unwatched(phase: str, lines: int, expected: int) -> None:
    """Nobody follows."""


class OtherThanAgreed(Exception):
    """The file does something else now than what was looked at: nothing was applied."""


def load(
    *,
    kind: ImportKind,
    table: Table,
    header: Header,
    desk: Desk,
    dry_run: bool,
    agreed: tuple[Counts, int] | None = None,
    watch: Watch = unwatched,
) -> Outcome:
    """Take a file's lines into the register; a dry run checks and counts them and changes nothing.

    Runs in the caller's transaction. Another import of the same kind waits: it needs the staging
    table. `agreed` are the counts, and the lines refused, that somebody confirmed. Raises
    FileRefused where the file breaks off, OtherThanAgreed where it would do something else.
    """
    _empty(kind)
    expected = table.expected
    keep = kind.keeps_lines and not dry_run

    def tell(lines: int) -> None:
        watch(READING, lines, expected)

    read = _stage(kind, table, header, desk, tell, keep=keep)
    watch(CHECKING, read, expected)
    with connection.cursor() as cursor:
        cursor.execute(_MUCH_MEMORY)
        cursor.execute(_on_staging(kinds.sql_of("doubtful"), kind))
    kind.check(desk)
    (counted,) = desk.rows(kind.count)
    summary = desk.rows(kind.summary) if kind.summary else []
    counts, rejected = Counts(*counted), _count_rejects(kind)
    if agreed is not None and ((counts, rejected) != agreed or not kind.as_agreed(desk)):
        raise OtherThanAgreed
    with closing(_rejects(kind, table, header)) as rejects:
        if dry_run:
            errors = list(islice(rejects, ERRORS_TOLD))
        else:
            watch(WRITING, read, expected)
            errors = _keep(rejects, desk.import_id)
    if not dry_run:
        kind.apply(desk)
    # Staging holds sealed numbers and names: nothing of it stays behind.
    _empty(kind)
    return Outcome(read, counts, rejected, errors, summary)


def _on_staging(text: str, kind: ImportKind) -> sql.Composed:
    """A statement about {staging}, the table of the kind."""
    return sql.SQL(text).format(staging=sql.Identifier(kind.table))


def _empty(kind: ImportKind) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_on_staging("TRUNCATE {staging}", kind))


# Into staging -------------------------------------------------------------------------------------


def _stage(
    kind: ImportKind,
    table: Table,
    header: Header,
    desk: Desk,
    tell: Callable[[int], None],
    *,
    keep: bool,
) -> int:
    """COPY every line, read or refused, with its number; to `keep` it, also as it came, sealed.

    Returns how many there were.
    """
    columns = [*kind.staged, *([_CELLS] if keep else [])]
    names = [*_PROBLEM, *(name for name, _ in columns)]
    # Made before the COPY begins: until it ends, the connection answers no question.
    read = kind.reader(desk)
    quick = kind.quick(desk, header) if kind.quick else None
    count = 0
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
            sql.Identifier(kind.table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL("TEXT" if quick else "BINARY"),
        )
        with cursor.copy(statement) as copy:
            copy.set_types([*_PROBLEM_TYPES, *(type_ for _, type_ in columns)])
            slowly = partial(_rows, kind, header, read, keep)
            if quick:
                kept = partial(_cells_as_text, header) if keep else _nothing
                written = _quickly(table.lines(), quick, slowly, kept, copy)
            else:
                written = _row_by_row(slowly(table.lines()), copy)
            for count in written:
                if count % WATCHED_EVERY == 0:
                    tell(count)
    return count


def _row_by_row(rows: Iterator[tuple[Any, ...]], copy: Copy) -> Iterator[int]:
    """Write rows of staging. Yields how many were written so far."""
    for count, row in enumerate(rows, start=1):
        copy.write_row(row)
        yield count


def _quickly(
    lines: Iterable[Line], quick: Quick, slowly: Rows, kept: Callable[[Line], str], copy: Copy
) -> Iterator[int]:
    """Write lines, those that are written plainly as text. Yields how many were read so far."""
    waiting: list[str] = []
    count = 0
    for count, line in enumerate(lines, start=1):
        text = None if line.problem else quick(line.cells)
        if text is None:
            for row in slowly((line,)):
                copy.write_row(row)
        else:
            waiting.append(f"{line.number}\t\\N\t\\N\t\\N\t{text}{kept(line)}\n")
        if count % WRITTEN_AT_ONCE == 0:
            copy.write("".join(waiting))
            waiting.clear()
            yield count
    copy.write("".join(waiting))
    yield count


def _cells_as_text(header: Header, line: Line) -> str:
    """The column of what came, sealed, in COPY's text form."""
    return f"\t\\\\x{_sealed(_as_came(line, header)).hex()}"


def _nothing(line: Line) -> str:
    """Nothing is kept of a line that was read."""
    return ""


def _rows(
    kind: ImportKind, header: Header, read: Reader, keep: bool, lines: Iterable[Line]
) -> Iterator[tuple[Any, ...]]:
    """One row of staging a line."""
    nothing = (None,) * (len(kind.staged) + keep)
    width, positions = header.width, header.positions
    for line in lines:
        try:
            cells = _cells(line, width)
            values = read(
                [tidy(cells[position]) if position is not None else "" for position in positions]
            )
        except LineRefused as refused:
            yield (line.number, refused.problem, refused.column, refused.value, *nothing)
        else:
            kept = (_sealed(_as_came(line, header)),) if keep else ()
            yield (line.number, None, None, None, *values, *kept)


def _cells(line: Line, width: int) -> list[str]:
    """As many cells as the header has. Spreadsheets leave out empty cells at the end."""
    if line.problem:
        raise LineRefused(line.problem, "", line.value)
    cells = line.cells
    if len(cells) == width:
        return cells
    if any(cells[width:]):
        raise LineRefused("too_many_cells", "", str(len(cells)))
    return cells[:width] + [""] * (width - len(cells))


# Rejects ------------------------------------------------------------------------------------------


def _rejects(kind: ImportKind, table: Table, header: Header) -> Generator[Reject, None, None]:
    """The refused lines in order, with their cells from a second walk through the file."""
    columns = {column.name: column for column in kind.columns}
    lines: Iterator[Line] | None = None
    with closing(_refused_lines(kind)) as refused:
        for number, problem, name, value in refused:
            lines = lines or table.lines()
            line = next(line for line in lines if line.number == number)
            column = columns.get(name)
            allowed = column.allowed if column else ""
            label = header.names.get(name, name)
            reason = reason_of(problem, column=label, value=value, allowed=allowed)
            yield Reject(number, label, reason, _as_came(line, header))


def _refused_lines(kind: ImportKind) -> Generator[tuple[int, str, str, str], None, None]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_on_staging(kinds.sql_of("refused"), kind))
        while rows := cursor.fetchmany(REJECTS_AT_ONCE):
            yield from rows


def _as_came(line: Line, header: Header) -> list[str]:
    """The cells under the columns that are kept; a line that has others is kept whole."""
    if line.problem or any(line.cells[header.width :]):
        return line.cells
    cells = line.cells + [""] * (header.width - len(line.cells))
    return [cells[position] for position in header.kept]


def _sealed(cells: list[str]) -> bytes:
    return seal(json.dumps(cells, ensure_ascii=False))


def _count_rejects(kind: ImportKind) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_on_staging("SELECT count(problem) FROM {staging}", kind))
        return int(cursor.fetchone()[0])


def _keep(rejects: Iterable[Reject], import_id: int) -> list[Reject]:
    """Keep every refused line with its cells sealed. Returns the first ones."""
    first: list[Reject] = []
    waiting: list[Reject] = []
    for count, reject in enumerate(rejects, start=1):
        if count <= ERRORS_TOLD:
            first.append(reject)
        waiting.append(reject)
        if len(waiting) == REJECTS_AT_ONCE:
            _write_rejects(waiting, import_id)
            waiting = []
    _write_rejects(waiting, import_id)
    return first


def _write_rejects(rejects: list[Reject], import_id: int) -> None:
    """One INSERT for many: COPY does not go into a table under row security."""
    if not rejects:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO import_reject (source_id, line, "column", reason, sealed_cells)
            SELECT %s, r.*
              FROM unnest(%s::int4[], %s::text[], %s::text[], %s::bytea[]) r
            """,
            [
                import_id,
                [reject.line for reject in rejects],
                [shown(reject.column) for reject in rejects],
                [reject.reason for reject in rejects],
                [_sealed(reject.cells) for reject in rejects],
            ],
        )


__all__ = ["OtherThanAgreed", "Outcome", "Reject", "Watch", "load", "unwatched"]
