"""Whatever a file holds: named refusals in Chinese with their place, never a trace, never half.

Everyday a few hundred files through the reader and some through to the register; with
TONGCHOU_FULL=1 ten thousand and five hundred.
"""

import re
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.utils import translation
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from enrollment.declarations import ImportKind, import_kinds
from enrollment.imports.formats import open_table
from enrollment.imports.kinds import FIRST_CODE, LAST_CODE, Desk, match_header
from enrollment.imports.load import _rows
from enrollment.imports.places import Places
from enrollment.imports.problems import REFUSALS, FileRefused, reason_of
from enrollment.imports.values import Days
from enrollment.models import Import
from enrollment.selectors.calendar import business_date_is
from enrollment.services.imports import ImportRefused, ImportResult, receive_file
from tests import cast
from tests.fuzzing.files import NUMBERS, Sent, sent
from tests.sizes import FULL

TODAY = date(2026, 11, 20)
READ, TAKEN = (10_000, 500) if FULL else (300, 20)
# Hypothesis remembers every file of a run, some 45 kB each, whatever is read of it: after 10,000 at
# once the process held 750 MB. A part of so many is forgotten when it ends.
PART = min(READ, 500)
MOST_BYTES = 64 << 20  # of memory that Python holds for one of these files
CHINESE = re.compile("[\u4e00-\u9fff]")
# Everything that a file may change, and what it leaves on its way.
WRITTEN = (
    "person", "person_category", "enrollment", "receipt", "receipt_day", "control_total", "claim",
    "change", "history", "year_run", "import_effect", "import_reject",
)  # fmt: skip


def many(examples: int) -> settings:
    """So many files in one test: its database and folder last for all of them.

    Drawn anew each time, so that no part repeats another, whatever the profile.
    """
    return settings(
        max_examples=examples,
        derandomize=False,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(autouse=True)
def register(db: None) -> Iterator[None]:
    """Anhui's law, four people, and a day."""
    cast.law()
    for serial, name in enumerate(("张三", "李四", "王五"), start=1):
        cast.person(name, number=serial)
    with business_date_is(TODAY), translation.override(configured.LANGUAGE_CODE):
        yield


def told(name: str, reason: str) -> None:
    """A refusal of a whole file has a name and a Chinese sentence."""
    assert name in REFUSALS
    assert CHINESE.search(reason)


# Through the reader -------------------------------------------------------------------------------


def read(path: Path, kind: ImportKind, name: str) -> int:
    """Every line of a file by its reader. Raises FileRefused."""
    table, _ = open_table(path, file_name=name)
    header = match_header(kind, table.header)
    desk = Desk(
        import_id=1,
        sql=kind.sql,
        today=TODAY,
        area=None,
        scope=(FIRST_CODE, LAST_CODE),
        places=Places(),
        days=Days(date(2027, 12, 31), from_workbook=table.from_workbook),
    )
    last, count = 1, 0
    columns = {column.name: column for column in kind.columns}
    quick = kind.quick(desk, header) if kind.quick else None
    for line in table.lines():
        ((number, problem, column, value, *staged),) = _rows(
            kind, header, kind.reader(desk), kind.keeps_lines, [line]
        )
        assert number > last or (number == last == 1)
        last, count = number, count + 1
        if problem is None:
            assert len(staged) == len(kind.staged) + kind.keeps_lines
            continue
        assert quick is None or line.problem or quick(line.cells) is None
        assert column in {"", *columns}
        allowed = columns[column].allowed if column else ""
        reason = reason_of(problem, column=column, value=value, allowed=allowed)
        assert CHINESE.search(reason)
        assert not any(number in reason for number in NUMBERS)  # never in clear
    return count


@pytest.mark.parametrize("part", range(READ // PART))
@many(PART)
@given(file=sent())
def test_the_reader_gives_lines_or_named_refusals(part: int, file: Sent, tmp_path: Path) -> None:
    path = tmp_path / "sent"
    path.write_bytes(file.content)
    refused: FileRefused | None = None
    tracemalloc.start()
    try:
        event(f"{read(path, import_kinds[file.kind], file.name)} lines")
    except FileRefused as error:
        refused = error
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MOST_BYTES
    if refused is not None:
        event(refused.name)
        told(refused.name, refused.reason)


# Through to the register --------------------------------------------------------------------------


def register_now() -> list[tuple[Any, ...]]:
    """What stands in every table that a file may change."""
    asked = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(string_agg(t::text, '' ORDER BY t::text))"
        f" FROM {table} t" for table in WRITTEN
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return list(cursor.fetchall())


def take(path: Path, file: Sent) -> ImportResult | None:
    """Send the file; what is refused left everything as it was, what is taken is accounted for."""
    path.write_bytes(file.content)
    before = register_now()
    refused: ImportRefused | None = None
    try:
        result = receive_file(kind=file.kind, path=path, file_name=file.name)
    except ImportRefused as error:
        refused = error
    if refused is not None:
        told(refused.name, refused.reason)
        assert register_now() == before
        assert refused.import_id is not None
        assert Import.objects.get(pk=refused.import_id).state == Import.State.REFUSED
        return None
    source = Import.objects.get(pk=result.import_id)
    assert source.state == Import.State.APPLIED
    assert source.sheet or not file.name.endswith(".xlsx")
    done = (result.inserted, result.updated, result.unchanged, result.rejected)
    assert min(done) >= 0
    assert sum(done) == result.read
    assert source.rejects.count() == len(result.errors) == result.rejected
    for each in result.errors:
        assert each["line"] >= 1
        assert CHINESE.search(each["reason"])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {import_kinds[file.kind].table}")
        assert cursor.fetchone() == (0,)
    return result


@many(TAKEN)
@given(file=sent(), other=st.data())
def test_the_register_takes_a_file_once_or_not_at_all(
    file: Sent, other: st.DataObject, tmp_path: Path
) -> None:
    with transaction.atomic():
        first = take(tmp_path / "sent", file)
        # another file of the same few people, then the first one again
        take(tmp_path / "sent", other.draw(sent([file.kind])))
        between = register_now()
        again = take(tmp_path / "sent", file)
        assert (again is None) == (first is None)
        if again is not None and file.kind in {"remittance", "claims", "control_totals"}:
            assert again.inserted == 0
            assert [row[:2] for row in between if row[0] in {"receipt", "claim"}] == [
                row[:2] for row in register_now() if row[0] in {"receipt", "claim"}
            ]
        transaction.set_rollback(True)
