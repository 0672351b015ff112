"""A file as lines of text, whatever its form: CSV in UTF-8 or GB18030, or the one sheet of an XLSX.

The form is told by the content, and must be what the name says. Every limit is checked before the
part that it protects: size before reading, unpacked size before parsing.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from io import SEEK_CUR, StringIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, TextIO

from enrollment.imports.problems import FileRefused

MOST_CSV_BYTES = 1 << 30
MOST_COLUMNS = 100
CHUNK = 1 << 20
MEGABYTE = 1 << 20
ZIP_MAGIC = b"PK"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# What a table of text never begins with: archives, pictures, programs, documents.
NOT_TEXT = (
    ZIP_MAGIC + b"\x03\x04",
    ZIP_MAGIC + b"\x05\x06",
    OLE_MAGIC,
    b"%PDF",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
)


class Line(NamedTuple):
    """A line below the header: its number in the file, its cells as they came, what broke it."""

    number: int
    cells: list[str]
    problem: str = ""
    value: str = ""


class Table(Protocol):
    """A file that was opened. `lines` may be walked more than once and skips empty lines.

    `sheet` is the name of a workbook's sheet, `expected` how many lines there will be, about.
    """

    header: list[str]
    from_workbook: bool
    sheet: str

    @property
    def expected(self) -> int: ...

    def lines(self) -> Iterator[Line]: ...


def open_table(path: Path, *, file_name: str) -> tuple[Table, str]:
    """The table in a file, and the file's SHA-256.

    Raises FileRefused by name for what is too large, wrongly named, broken or hostile.
    """
    from enrollment.imports.workbooks import open_workbook

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(CHUNK)
    except OSError:
        raise FileRefused("file_not_found", path=path.name) from None
    if look(start, size, file_name):
        return open_workbook(path), _digest(path)
    # what is refused is not read once more for a digest that nobody would keep
    return CsvTable(path, _encoding(path, start)), _digest(path)


def look(start: bytes, size: int, file_name: str) -> bool:
    """Whether a file that begins so is a workbook; else it is taken for text.

    Raises FileRefused where name, size and first bytes do not fit, before anything is parsed.
    """
    from enrollment.imports.workbooks import MOST_WORKBOOK_BYTES

    extension = Path(file_name).suffix.lower()
    if extension in {".xlsm", ".xltm", ".xlsb"}:
        raise FileRefused("macros")
    if start.startswith(OLE_MAGIC):
        raise FileRefused("old_workbook")
    is_workbook = extension == ".xlsx"
    if is_workbook != start.startswith(ZIP_MAGIC) or extension not in {"", ".csv", ".txt", ".xlsx"}:
        raise FileRefused("wrong_extension", extension=extension or file_name)
    _refuse_if_larger(size, MOST_WORKBOOK_BYTES if is_workbook else MOST_CSV_BYTES)
    if not is_workbook and start.startswith(NOT_TEXT):
        raise FileRefused("wrong_extension", extension=extension or file_name)
    return is_workbook


def _refuse_if_larger(size: int, most: int) -> None:
    if size == 0:
        raise FileRefused("empty_file")
    if size > most:
        raise FileRefused("too_large", size=size // MEGABYTE, most=most // MEGABYTE)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encoding(path: Path, start: bytes) -> str:
    """How the text is written, from all of it.

    UTF-8 is taken where it fits; GB18030, which holds GBK, takes what is left. A short GBK file may
    fit UTF-8 by accident, but then as letters of two bytes (Greek, Cyrillic, Arabic) and never as
    Chinese, which takes three.
    """
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise FileRefused("encoding", line=1)
    _refuse_endless(path)
    bad = _first_bad_line(path, "utf-8")
    if start.startswith(codecs.BOM_UTF8):
        if bad:
            raise FileRefused("encoding", line=bad)
        return "utf-8-sig"
    if not bad and not _is_foreign(path):
        return "utf-8"
    bad_gb = _first_bad_line(path, "gb18030")
    if not bad_gb:
        return "gb18030"
    if not bad:
        return "utf-8"
    raise FileRefused("encoding", line=max(bad, bad_gb))


def _refuse_endless(path: Path) -> None:
    """Raise FileRefused for a line or a quoted cell that does not end, before more is asked of it.

    A quotation mark that nothing closes makes one cell of all that follows. Blocks without a mark
    are passed over; the others are walked as bytes, since in UTF-8 and GB18030 alike marks, commas
    and line ends are what they look like.
    """
    passed = told = 0  # lines that were passed over, and lines of rows that have ended

    def marked() -> Iterator[str]:
        nonlocal passed
        given = 0
        for block in _blocks(path):
            if given == told and b'"' not in block:
                passed += block.count(b"\n")
                continue
            for line in StringIO(block.decode("latin-1"), newline=""):
                given += 1
                yield line

    reader = csv.reader(marked(), strict=True)
    while True:
        try:
            for _ in reader:
                told = reader.line_num
        except csv.Error as error:
            if _never_closes(error):
                raise FileRefused("unclosed_quote", line=passed + told + 1) from None
            told = reader.line_num
        else:
            return


def _blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file by whole lines, at most a chunk at a time.

    Raises FileRefused for a line that is as long as a chunk, so that whoever reads line by line
    holds little.
    """
    line = 1
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            ends = block.rfind(b"\n") + 1 or block.rfind(b"\r") + 1
            if ends:
                file.seek(ends - len(block), SEEK_CUR)
                block = block[:ends]
            elif len(block) == CHUNK:
                raise FileRefused("line_too_long", line=line)
            line += block.count(b"\n")
            yield block


def _never_closes(error: csv.Error) -> bool:
    """Whether the reader says so of a quotation mark: by the end, or by the longest cell."""
    return "field limit" in str(error) or "end of data" in str(error)


def _first_bad_line(path: Path, encoding: str) -> int:
    """Number of the first line that cannot be decoded; 0 if all can be."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                decoder.decode(chunk, final=len(chunk) < CHUNK)
            except UnicodeDecodeError as error:
                return line + chunk.count(b"\n", 0, error.start)
            line += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return 0


def _is_foreign(path: Path) -> bool:
    """Whether valid UTF-8 text has letters beyond the Latin ones and none of three bytes."""
    foreign = False
    with path.open(encoding="utf-8", newline="") as file:
        while text := file.read(CHUNK):
            if text.isascii():
                continue
            highest = max(text)
            if highest >= "\u0800":
                return False
            foreign = foreign or highest > "\u024f"
    return foreign


class CsvTable:
    """A CSV file, read line by line."""

    from_workbook = False
    sheet = ""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        with self._open() as file:
            try:
                self.header = next(csv.reader(file, strict=True), [])
            except csv.Error:
                raise FileRefused("unclosed_quote", line=1) from None
        if len(self.header) > MOST_COLUMNS:
            raise FileRefused("too_many_columns", count=len(self.header), most=MOST_COLUMNS)

    @property
    def expected(self) -> int:
        """Line ends below the header: what a glance at the bytes says."""
        count = 0
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                count += chunk.count(b"\n")
                last = chunk[-1:]
        return count if last != b"\n" else max(0, count - 1)

    def _open(self) -> TextIO:
        return self._path.open(encoding=self._encoding, newline="")

    def lines(self) -> Iterator[Line]:
        """Every line that is not empty. Raises FileRefused where a quotation mark never closes."""
        with self._open() as file, self._open() as again:
            reader = csv.reader(file, strict=True)
            next(reader, None)
            number, told = reader.line_num + 1, 0
            while True:
                try:
                    for cells in reader:
                        if reader.line_num > number:
                            yield Line(number, cells, "line_break", str(reader.line_num))
                        elif any(cells):
                            yield Line(number, cells)
                        number = reader.line_num + 1
                except csv.Error as error:
                    if _never_closes(error):
                        raise FileRefused("unclosed_quote", line=number) from None
                    # as it came: read again, so that no other line has to be remembered
                    skipped = reader.line_num - told - 1
                    told = reader.line_num
                    (raw,) = islice(again, skipped, skipped + 1)
                    yield Line(number, [raw.rstrip("\r\n")], "quotes")
                    number = reader.line_num + 1
                else:
                    return
