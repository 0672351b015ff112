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

from enrollment.imports.formats import open_table
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
        ("f.csv", text('a,b\n"' + "x\n" * MEGABYTE), "unclosed_quote", 16),
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
