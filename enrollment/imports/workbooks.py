"""XLSX: an archive of XML, looked at before any parser sees it (zip bombs, macros, entities)."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from enrollment.imports.formats import MOST_COLUMNS, Line
from enrollment.imports.problems import FileRefused

MOST_WORKBOOK_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 320 << 20
MOST_RATIO = 100  # a sheet of text unpacks to 5 to 30 times its size
RATIO_FROM_BYTES = 4 << 20
MOST_PARTS = 500
MOST_DIRECTORY_BYTES = 256 << 10
MOST_CELLS = 6_000_000
CHUNK = 1 << 20
# An exact integer in a float; beyond it Excel itself has rounded the number.
MOST_EXACT = 10**15

_END = b"PK\x05\x06"
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", bytes.fromhex("d0cf11e0a1b11ae1"))
_MACRO_PARTS = ("vbaproject.bin", "xl/macrosheets/", "xl/activex/", "xl/embeddings/")
_ENTITIES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Each pattern begins with a literal and ends within _OVERLAP bytes, so that it is found in one walk
# however hostile the text: blank runs that would stretch it are refused.
_REFERENCE = re.compile(rb"""r\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_CELL = re.compile(rb"<(?:[A-Za-z0-9]{1,16}:)?c[\s/>]")
_BLANKS = bytes.maketrans(b"\t\n\v\f\r", b"     ")
_BLANK_RUN = b" " * 32
_OVERLAP = 128
_SHEET = b"sheetData"


def open_workbook(path: Path) -> "SheetTable":
    """The one sheet with data of a workbook. Raises FileRefused by name for anything hostile."""
    sheets = _inspect(path)
    rows = max((rows for rows, _ in sheets.values()), default=0)
    columns = max((columns for _, columns in sheets.values()), default=0)
    if columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise FileRefused("too_many_cells", rows=rows, columns=columns)
    try:
        with path.open("rb") as file:
            workbook = CalamineWorkbook.from_filelike(file)
        return SheetTable(_only_sheet(workbook))
    except (CalamineError, OSError, ValueError):
        raise FileRefused("not_a_workbook") from None


def _only_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    filled = []
    for index, meta in enumerate(workbook.sheets_metadata):
        if (meta.typ, meta.visible) == (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible):
            sheet = workbook.get_sheet_by_index(index)
            if sheet.total_height:
                filled.append(sheet)
    if not filled:
        raise FileRefused("empty_file")
    if len(filled) > 1:
        raise FileRefused("several_sheets", sheets="、".join(sheet.name for sheet in filled))
    return filled[0]


# Before any parser --------------------------------------------------------------------------------


def _inspect(path: Path) -> dict[str, tuple[int, int]]:
    """Look at every part of the archive; last row and column of each sheet.

    Parts are unpacked here by a bounded inflater, because what an archive declares may be a lie.
    """
    _refuse_large_directory(path)
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _refuse_by_directory(parts)
            left = MOST_UNPACKED_BYTES
            sheets = {}
            for part in parts:
                found = _Part(file, part)
                found.read(left)
                left -= found.size
                sheets[part.filename] = (found.rows, found.columns)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, RuntimeError, EOFError):
        raise FileRefused("not_a_workbook") from None
    return sheets


def _refuse_large_directory(path: Path) -> None:
    """The list of parts is read whole by every unpacker, so its own size is looked at first."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise FileRefused("not_a_workbook")
    parts, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if parts > MOST_PARTS or directory > MOST_DIRECTORY_BYTES:
        raise FileRefused("too_many_parts")


def _refuse_by_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    if len(parts) > MOST_PARTS or len(set(names)) != len(names):
        raise FileRefused("too_many_parts")
    for name in names:
        if any(mark in name for mark in _MACRO_PARTS):
            raise FileRefused("macros")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileRefused("not_a_workbook")
    for part in parts:
        large = part.file_size > RATIO_FROM_BYTES
        if large and part.file_size > part.compress_size * MOST_RATIO:
            raise FileRefused("archive_too_large", part=part.filename)
        if part.flag_bits & 0x1:
            raise FileRefused("old_workbook")
    if sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise FileRefused("archive_too_large", part=max(parts, key=lambda p: p.file_size).filename)


class _Part:
    """One part of the archive, unpacked a chunk at a time and thrown away."""

    def __init__(self, file: BinaryIO, part: zipfile.ZipInfo) -> None:
        self.file, self.part = file, part
        self.size = self.rows = self.columns = 0
        self.cells = self.references = 0
        self.is_sheet = False

    def read(self, left: int) -> None:
        """Walk the part. Raises FileRefused for what it must not be or hold."""
        before = b""
        for chunk in self._unpacked():
            if not self.size and chunk.startswith(_ARCHIVES):
                raise FileRefused("nested_archive", part=self.part.filename)
            self.size += len(chunk)
            if self.size > self.part.file_size:
                raise FileRefused("archive_lies", part=self.part.filename)
            if self.size > left:
                raise FileRefused("archive_too_large", part=self.part.filename)
            text = before + chunk
            if _ENTITIES.search(text):
                raise FileRefused("xml_entities", part=self.part.filename)
            if b"macroEnabled" in text:
                raise FileRefused("macros")
            if not self.is_sheet and _SHEET in text:
                # Wherever the archive keeps it: what is found from here on is what a parser finds.
                self.is_sheet, before = True, b""
            if self.is_sheet:
                self._measure(text, before)
            before = text[-_OVERLAP:]
        if self.cells > self.references:
            # A cell that does not say where it stands could make the table any size.
            raise FileRefused("not_a_workbook")

    def _unpacked(self) -> Iterator[bytes]:
        part = self.part
        file = self.file
        file.seek(part.header_offset)
        header = file.read(30)
        if header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile
        name, extra = struct.unpack("<HH", header[26:30])
        file.seek(name + extra, 1)
        packed = part.compress_size
        if part.compress_type == zipfile.ZIP_STORED:
            while packed > 0 and (chunk := file.read(min(CHUNK, packed))):
                packed -= len(chunk)
                yield chunk
            return
        if part.compress_type != zipfile.ZIP_DEFLATED:
            raise zipfile.BadZipFile
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while packed > 0 and not inflater.eof and (chunk := file.read(min(CHUNK, packed))):
            packed -= len(chunk)
            while chunk and not inflater.eof:
                yield inflater.decompress(chunk, CHUNK)
                chunk = inflater.unconsumed_tail

    def _measure(self, text: bytes, before: bytes) -> None:
        """Last row and column that cells name: the parser makes a table of that size in memory.

        What `before` holds whole was counted with the chunk before.
        """
        if _BLANK_RUN in text.translate(_BLANKS):
            raise FileRefused("not_a_workbook")
        self.cells += len(_CELL.findall(text)) - len(_CELL.findall(before))
        if self.cells > MOST_CELLS:
            raise FileRefused("too_many_cells", rows=self.rows, columns=self.columns)
        found = _REFERENCE.findall(text)
        self.references += len(found) - len(_REFERENCE.findall(before))
        self.rows = max(self.rows, *map(int, {row for _, row in found}), 0)
        for column in {column.upper() for column, _ in found}:
            number = 0
            for letter in column:
                number = number * 26 + letter - 64
            self.columns = max(self.columns, number)


# The sheet ----------------------------------------------------------------------------------------


class SheetTable:
    """The sheet of a workbook, in memory: `MOST_CELLS` bounds it."""

    from_workbook = True

    def __init__(self, sheet: CalamineSheet) -> None:
        for first, last in sheet.merged_cell_ranges or []:
            if first[0] == 0:
                cells = f"{_letters(first[1])}{first[0] + 1}:{_letters(last[1])}{last[0] + 1}"
                raise FileRefused("merged_header", column=_letters(first[1]), cells=cells)
        self.sheet = sheet.name
        self._rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        self.expected = len(self._rows) - 1
        self.header = [text_of(cell) for cell in self._rows[0]]

    def lines(self) -> Iterator[Line]:
        """Every row below the header that is not empty, as text."""
        for number, row in enumerate(self._rows[1:], start=2):
            cells = [cell if type(cell) is str else text_of(cell) for cell in row]
            if any(cells):
                yield Line(number, cells)


def _letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def text_of(cell: Any) -> str:
    """What a cell says, as text. A number that Excel has rounded keeps its look (3.4E+17)."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        if abs(cell) >= MOST_EXACT:
            return f"{float(cell):.15G}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""
