"""Hostile files cost little: few bytes are read of them, and little memory is taken.

Bounded work instead of seconds, which say more about the machine.
"""

import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrollment.imports import formats
from enrollment.imports.formats import CsvTable, open_table
from enrollment.imports.problems import FileRefused
from tests.fuzzing.files import PARTS, SHEET

MEGABYTE = 1 << 20
Make = Callable[[Path], None]


def sparse(start: bytes, size: int) -> Make:
    """A file that says it is large and has nothing on the disk."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            file.truncate(size)

    return make


def text(content: str) -> Make:
    """A file of text."""

    def make(path: Path) -> None:
        path.write_text(content)

    return make


def repeated(*parts: tuple[str, int]) -> Make:
    """A file of text: each part so many times."""

    def make(path: Path) -> None:
        with path.open("w") as file:
            for part, times in parts:
                file.write(part * times)

    return make


def archive(parts: dict[str, bytes], *, says: int | None = None) -> Make:
    """An XLSX with more parts; `says` is what its directory tells of the size of the last one."""

    def make(path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
            for name, content in {**{k: v.encode() for k, v in PARTS.items()}, **parts}.items():
                made.writestr(name, content)
        made_of = bytearray(out.getvalue())
        if says is not None:
            at = made_of.rfind(b"PK\x01\x02")
            made_of[at + 24 : at + 28] = struct.pack("<I", says)
        path.write_bytes(made_of)

    return make


ZEROS = bytes(64 * MEGABYTE)
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("name", "make", "refused", "megabytes_read"),
    [
        ("f.csv", sparse(b"a,b\n", 2 << 30), "too_large", 2),
        ("f.xlsx", sparse(b"PK\x03\x04", 2 << 30), "too_large", 2),
        ("f.xlsx", sparse(b"PK\x03\x04", 32 << 20), "not_a_workbook", 2),
        ("f.exe", sparse(b"MZ", 8 << 20), "wrong_extension", 2),
        ("f.csv", text("a," * (400 << 10) + "\n"), "too_many_columns", 8),
        ("f.csv", text("a" * (30 << 20)), "line_too_long", 3),
        ("f.csv", repeated(('a,b\n"', 1), ("x\n", 32 << 20)), "unclosed_quote", 4),
        (
            "f.csv",
            repeated(("1,2\n", MEGABYTE), ('3,"', 1), ("x\n", 32 << 20)),
            "unclosed_quote",
            8,
        ),
        ("f.csv", repeated(('1,"', 1), ('x""\n', MEGABYTE)), "unclosed_quote", 4),
        (
            "f.csv",
            repeated(('1"x,2\n', MEGABYTE), ("1,2\n", MEGABYTE), ('3,"', 1)),
            "unclosed_quote",
            16,
        ),
        ("f.xlsx", archive({SHEET: ZEROS}), "archive_too_large", 2),
        ("f.xlsx", archive({SHEET: ZEROS}, says=1000), "archive_lies", 2),
        (
            "f.xlsx",
            archive({f"xl/media/{n}.bin": bytes(3 * MEGABYTE) for n in range(120)}),
            "archive_too_large",
            3,
        ),
        ("f.xlsx", archive({f"xl/{n}.xml": b"" for n in range(2000)}), "too_many_parts", 2),
        ("f.xlsx", archive({SHEET: ENTITIES}), "xml_entities", 2),
        ("f.xlsm", archive({SHEET: b""}), "macros", 2),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_little_work(
    tmp_path: Path, name: str, make: Make, refused: str, megabytes_read: int
) -> None:
    path = tmp_path / name
    make(path)
    before = bytes_read()
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused) as raised:
            walk(path, name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.name == refused
    assert bytes_read() - before < megabytes_read * MEGABYTE
    assert peak < 24 * MEGABYTE


def walk(path: Path, name: str) -> int:
    """Lines of a file. Raises FileRefused."""
    table, _ = open_table(path, file_name=name)
    return sum(1 for _ in table.lines())


def bytes_read() -> int:
    """What this process has read by system calls so far."""
    counters = Path(f"/proc/{os.getpid()}/io").read_text().splitlines()
    return int(counters[0].removeprefix("rchar: "))


def test_marks_in_the_middle_of_cells_open_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    lines = ['5"屏,2', *["1,2"] * MEGABYTE, '5,2"', '"a\n""b",2']
    path.write_text("a,b\n" + "\n".join(lines) + "\n", encoding="gb18030")

    assert walk(path, "f.csv") == len(lines)


@settings(
    max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.text('"",\n\rab', max_size=60), chunk=st.integers(1, 30))
def test_a_mark_that_never_closes_is_found_wherever_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, chunk: int
) -> None:
    path = tmp_path / "f.csv"
    content = f"a\n{content}"  # of a header every fault is named so
    path.write_text(content, newline="")
    monkeypatch.setattr(formats, "CHUNK", chunk)

    found = refusal(lambda: formats._refuse_endless(path))

    if found == "line_too_long":
        assert max(map(len, content.replace("\r", "\n").split("\n"))) >= chunk
    else:
        assert found == refusal(lambda: sum(1 for _ in CsvTable(path, "utf-8").lines()))


def refusal(act: Callable[[], object]) -> str:
    """Under which name something is refused; nothing where it is not."""
    try:
        act()
    except FileRefused as refused:
        return refused.name
    return ""
