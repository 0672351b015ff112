"""The kinds of files: their columns, what a line means, and what is done with all of them.

A kind is one module beside this one, or in `imports` of an upper app. It is declared
(`ImportKind`) with its columns, a reader that turns the cells of a line into one row of its staging
table, and two functions that run its SQL: `check` marks what must be refused, `apply` brings the
rest to the register.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from enrollment.declarations import ImportKind
from enrollment.imports.places import Places
from enrollment.imports.problems import FileRefused
from enrollment.imports.values import Days

SQL = Path(__file__).resolve().parent.parent / "sql" / "import"
FIRST_CODE, LAST_CODE = 0, 999_999_999_999
# What the file of rejected lines has beside the columns of the kind; it may come back as it is.
REJECT_COLUMNS = ("line", "column", "reason")
REJECT_CHINESE = ("行号", "有误的列", "原因")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")


Reader = Callable[[Sequence[str]], tuple[Any, ...]]
Quick = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True)
class Counts:
    """What became of the lines that were not refused."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass
class Desk:
    """What reading and checking one file needs: its area, the day, the known places and days.

    `sql` is the folder of the kind's SQL files.
    """

    import_id: int
    sql: Path
    today: date
    area: int | None
    scope: tuple[int, int]
    places: Places
    days: Days

    def run(self, name: str, **parameters: Any) -> int:
        """Run one SQL file of the kind; returns the rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(sql_of(name, self.sql), self._parameters(parameters))
            return int(cursor.rowcount)

    def rows(self, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The rows that one SQL file of the kind selects."""
        with connection.cursor() as cursor:
            cursor.execute(sql_of(name, self.sql), self._parameters(parameters))
            return list(cursor.fetchall())

    def covers(self, region: int) -> bool:
        """Whether a region lies in the area that this import may touch."""
        return self.scope[0] <= region <= self.scope[1]

    def _parameters(self, others: dict[str, Any]) -> dict[str, Any]:
        return {
            "import": self.import_id,
            "area": self.area,
            "area_first": self.scope[0],
            "area_last": self.scope[1],
            "today": self.today,
            **others,
        }


@cache
def sql_of(name: str, folder: Path = SQL) -> str:
    """Text of a SQL file; what serves every kind stands in `enrollment/sql/import`."""
    return (folder / f"{name}.sql").read_text()


# The header ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Header:
    """Where the columns of a kind stand in a file, and what the file calls them.

    `positions` has one entry a column of the kind, None where an optional one is missing; `kept`
    are the positions of what came, without the columns of a file of rejects.
    """

    width: int
    positions: tuple[int | None, ...]
    names: dict[str, str]
    kept: tuple[int, ...]
    as_came: tuple[str, ...]


def _tidy_name(cell: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).strip().lower()


def match_header(kind: ImportKind, cells: Sequence[str]) -> Header:
    """Find the columns. Order is free, each column has its Chinese or its English name.

    Raises FileRefused naming the column that is missing, unknown, named twice or without a name.
    """
    known = {column.name: column for column in kind.columns}
    known |= {column.chinese: column for column in kind.columns}
    names = [_tidy_name(cell) for cell in cells]
    if not any(names):
        raise FileRefused("empty_file")
    for position, name in enumerate(names, start=1):
        if not name:
            raise FileRefused("empty_header_cell", column=str(position), position=position)
    told = next((each for each in (REJECT_COLUMNS, REJECT_CHINESE) if set(each) <= set(names)), ())
    found: dict[str, int] = {}
    unknown = []
    for position, name in enumerate(names):
        if name in told and name not in known:
            continue
        if name not in known:
            unknown.append(cells[position].strip())
        elif known[name].name in found:
            raise FileRefused("duplicate_column", column=cells[position].strip())
        else:
            found[known[name].name] = position
    _refuse_unlike(kind, cells, found, unknown)
    kept = tuple(sorted(found.values()))
    return Header(
        width=len(cells),
        positions=tuple(found.get(column.name) for column in kind.columns),
        names={name: cells[position].strip() for name, position in found.items()},
        kept=kept,
        as_came=tuple(cells[position] for position in kept),
    )


# No cell of a plain line holds it.
SEPARATOR = "\x1f"
# How nearly all numbers and names come.
PLAIN_NUMBER = "[0-9]{17}[0-9X]"
# with the rare characters of names; those that exist for compatibility alone are written otherwise
PLAIN_NAME = "[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebe0\U00030000-\U000323af·]{1,64}"


def plain_lines(
    kind: ImportKind, header: Header, plain: Mapping[str, str]
) -> Callable[[Sequence[str]], bool]:
    """Tells of the cells of a line whether each is written plainly, and none lacks or is too many.

    `plain` has a pattern a column; what stands under no column of the kind may be anything.
    """
    patterns = [rf"[^{SEPARATOR}]*"] * header.width
    for column, position in zip(kind.columns, header.positions, strict=True):
        if position is not None:
            patterns[position] = plain[column.name]
    fits = re.compile(SEPARATOR.join(f"(?:{each})" for each in patterns)).fullmatch
    join, width = SEPARATOR.join, header.width

    def is_plain(cells: Sequence[str]) -> bool:
        # counted too: a cell may hold the separator
        return len(cells) == width and fits(join(cells)) is not None

    return is_plain


def _refuse_unlike(
    kind: ImportKind, cells: Sequence[str], found: dict[str, int], unknown: list[str]
) -> None:
    lacking = [
        column for column in kind.columns if not column.optional and column.name not in found
    ]
    missing = "、".join(column.both for column in lacking)
    # Named as the file names its other columns.
    column = ""
    if lacking:
        in_english = any(name in cells for name in found) or not found
        column = lacking[0].name if in_english else lacking[0].chinese
    if lacking and unknown:
        raise FileRefused(
            "renamed_column", column=column, missing=missing, unknown="、".join(unknown)
        )
    if lacking:
        raise FileRefused("missing_column", column=column, missing=missing, header="、".join(cells))
    if unknown:
        raise FileRefused("unknown_column", column=unknown[0])
