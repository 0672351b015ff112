"""Files of every kind, right, odd, broken and hostile, each of a few lines."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from enrollment.declarations import ImportKind, import_kinds
from enrollment.rules.identity import check_character

ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030")  # those that are taken
OTHER_ENCODINGS = ("utf-16", "big5", "shift_jis", "latin-1", "utf-7")


def number(serial: int, born: str = "19720504") -> str:
    """A synthetic identity number; 349900 is the county of nobody."""
    first = f"349900{born}{serial:03d}"
    return first + check_character(first)


NUMBERS = tuple(number(serial) for serial in range(1, 5))
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")

# Few people, receipts and days, so that lines meet within a file and across files.
GOOD = {
    "id_number": NUMBERS,
    "name": ("张三", "李四", "阿卜杜拉·买买提", "𠮷田", "㛃丹"),
    "id_type": ("resident_id",),
    "sex": ("M", "女"),
    "birth_date": ("1972-05-04", "1972年5月4日", "19720504"),
    "household_region": ("340104", "340202000000"),
    "residence_region": ("340104", "340111"),
    "phone": ("13900000001", ""),
    "life_status": ("alive", "在世", "deceased"),
    "died_on": ("", "2026-03-01"),
    "year": ("2025", "2026", "2027", "2026年"),
    "scheme": ("居民", "resident", "职工", "none"),
    "region": ("340104", "340100", "340202"),
    "paid_on": ("", "2025-11-01"),
    "months": ("", "1-6", "1-12"),
    "category": ("特困人员", "低保对象", "extreme_poverty", "dibao"),
    "valid_from": ("2026-01-01", "2025-06-01"),
    "valid_to": ("", "2026-12-31"),
    "source": ("民政", "civil_affairs", "税务", "treasury"),
    "receipt_number": ("334202600001", "334202600002", "334202600003"),
    "amount": ("400", "420.00", "¥1,020.50", "０.０1"),
    "paid_at": ("2026-11-20 09:30:15", "20261121083000", "2026/11/20 9:30"),
    "channel": ("app", "微信", "银行"),
    "bill_number": ("", "B1"),
    "day": ("2026-11-20",),
    "count": ("1", "20"),
    "claim_number": ("C1", "C2"),
    "settled_on": ("2026-05-01",),
    "kind": ("住院", "outpatient"),
    "provider": ("合肥市第一人民医院",),
    "total": ("1000", "1000.00"),
    "in_policy": ("800",),
    "fund_paid": ("500",),
    "list_date": ("2026-11-20",),
    "on": ("2026-05-01",),
    "event": ("death", "student"),
}
# What spreadsheets, keyboards, other programs and people with other intentions put into a cell.
ODD = (
    "", " ", "\u3000", "\ufeff", "\u200b", "\x00", "\x1f", "\t", "\\N", "\\.", "\n", "\r", "'",
    '"', "''''", "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "-", "+", "NULL", "#N/A", "TRUE", "nan",
    "inf", "-0", "1e400", "3.49900197205E+17", "349900197205040000", "34990019720504000", "0" * 400,
    "9" * 30, "-1", "0.005", "２０２６", "2026-02-30", "0000-00-00", "99999999", "45980",
    "1900-02-29",
    "2026-13-01 25:61:61", "\ud7ff", "\U0010ffff", "\u202e", "é", "？", "�", "<a>&b;</a>",
    "'; DROP TABLE person; --", "张" * 300, "𠮷" * 70, "%s %(x)s {0}", "١٢٣", "१२३", "Ⅻ", "㈠", "½",
    "²", "一百", "E+", "1E+", "-" * 70, "2026", "12", "B 1",
)  # fmt: skip
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


@dataclass(frozen=True)
class Sent:
    """A file as it arrives."""

    kind: str
    name: str
    content: bytes


def cells(name: str) -> st.SearchStrategy[str]:
    """A cell under a column: mostly right, else odd, or anything."""
    good = st.sampled_from(GOOD.get(name, ("",)))
    wide = good.map(lambda text: text.translate(WIDE))
    around = good.map(lambda text: f" {text.lower()}\u3000")
    odd = st.sampled_from(ODD)
    return st.one_of(good, good, good, good, wide, around, odd, ANY_TEXT)


@st.composite
def headers(draw: st.DrawFn, kind: ImportKind) -> tuple[list[str], list[str]]:
    """Names as the header says them, and the columns that stand under them."""
    columns = list(draw(st.permutations(kind.columns)))
    names = [column.chinese if draw(st.booleans()) else column.name for column in columns]
    order = [column.name for column in columns]
    mischief = draw(
        st.sampled_from(
            (*["none"] * 8, "missing", "twice", "renamed", "extra", "merged", "wide", "all")
        )
    )
    at = draw(st.integers(0, len(names) - 1))
    if mischief == "missing":
        del names[at], order[at]
    elif mischief == "twice":
        names[at] = names[at - 1]
    elif mischief == "renamed":
        names[at] = draw(st.sampled_from(ODD))
    elif mischief == "extra":
        names.insert(at, draw(st.one_of(st.sampled_from(ODD), ANY_TEXT)))
        order.insert(at, "name")
    elif mischief == "merged":
        names[at] = ""
    elif mischief == "wide":
        names[at] = f"\ufeff{names[at].upper()}\u3000"
    elif mischief == "all":
        names = ["x"] * draw(st.integers(1, 300))
    return names, order


@st.composite
def tables(draw: st.DrawFn, kind: ImportKind) -> list[list[str]]:
    """A header and a few lines below it, some too long or too short, some twice."""
    names, order = draw(headers(kind))
    lines = st.tuples(*(cells(name) for name in order)).map(list)
    rows: list[list[str]] = draw(st.lists(lines, max_size=5))
    for row in rows:
        change: str = draw(st.sampled_from(("none", "none", "none", "short", "long", "empty")))
        if change == "short":
            row.pop()
        elif change == "long":
            row.append(draw(st.sampled_from(ODD)))
        elif change == "empty":
            row[:] = [""] * len(row)
    twice: bool = draw(st.booleans())
    if rows and twice:
        rows.append(rows[0])
    return [names, *rows]


# As text ------------------------------------------------------------------------------------------


@st.composite
def texts(draw: st.DrawFn, table: Sequence[Sequence[str]]) -> bytes:
    """A table as CSV: with another separator, end of line or encoding at times, or damaged."""
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from((",", ",", ",", ",", ";", "\t"))),
        lineterminator=draw(st.sampled_from(("\n", "\n", "\r\n", "\r"))),
        quoting=draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))),
    )
    writer.writerows(table)
    taken = st.sampled_from(ENCODINGS)
    encoding = draw(st.one_of(taken, taken, taken, st.sampled_from(OTHER_ENCODINGS)))
    return draw(damaged(out.getvalue().encode(encoding, "replace")))


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The same, or cut off, with bytes of something else in it, or a part of it twice."""
    how = draw(st.sampled_from((*["no"] * 6, "cut", "bytes", "quote", "twice", "zeros")))
    at = draw(st.integers(0, len(content)))
    if how == "cut":
        return content[:at]
    if how == "bytes":
        return content[:at] + draw(st.binary(max_size=6)) + content[at:]
    if how == "quote":
        return content[:at] + b'"' + content[at:]
    if how == "twice":
        return content + content[at:]
    if how == "zeros":
        return content[:at] + bytes(3) + content[at:]
    return content


# As a workbook ------------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><sheets><sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
TRICKS: dict[str, dict[str, bytes | None]] = {
    "bomb": {"xl/media/a.bin": bytes(6 << 20)},
    "macro": {"xl/vbaProject.bin": b"macro"},
    "nested": {"xl/media/a.dat": b"PK\x03\x04 and more"},
    "entity": {SHEET: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'},
    "no book": {"xl/workbook.xml": None},
    "broken book": {"xl/workbook.xml": b"<workbook"},
    "no sheet": {SHEET: None},
    "broken sheet": {SHEET: b"<worksheet><sheetData><row r='1'><c r='A1'"},
    "wide": {SHEET: b'<worksheet><sheetData><row r="1"><c r="XFD1048576"/></row></sheetData>'},
    "nowhere": {SHEET: b"<worksheet><sheetData><row><c/><c/></row></sheetData></worksheet>"},
    "no relations": {"xl/_rels/workbook.xml.rels": b""},
}


def letters(column: int) -> str:
    """Name of a column, from 0."""
    return letters(column // 26 - 1) + chr(65 + column % 26) if column > 25 else chr(65 + column)


@st.composite
def sheets(draw: st.DrawFn, table: Sequence[Sequence[str]]) -> bytes:
    """The XML of a sheet: text, or numbers as Excel keeps them, cells left out, merged or wrong."""
    rows = []
    for line, row in enumerate(table, start=1):
        told = []
        for column, text in enumerate(row):
            where = f"{letters(column)}{line}"
            clean = "".join(each for each in text if each >= " ")
            if clean.isdecimal() and clean.isascii() and draw(st.booleans()):
                told.append(f'<c r="{where}"><v>{float(clean[:300]):.15G}</v></c>')
            elif not draw(st.integers(0, 20)):
                error = draw(st.sampled_from(('t="e"><v>#N/A</v>', 't="s"><v>99</v>', "><v>x</v>")))
                told.append(f'<c r="{where}" {error}</c>')
            else:
                told.append(f'<c r="{where}" t="inlineStr"><is><t>{escape(clean)}</t></is></c>')
        rows.append(f'<row r="{line}">{"".join(told)}</row>')
    merged = draw(st.sampled_from(("", "", "", "A1:B1", "A2:A3", "A1:XFD1", "nonsense")))
    cells_merged = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return (
        f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData>{cells_merged}'
        "</worksheet>"
    ).encode()


@st.composite
def workbooks(draw: st.DrawFn, table: Sequence[Sequence[str]]) -> bytes:
    """A table as XLSX: honest, or with a trick, or with bytes changed."""
    parts: dict[str, bytes | None] = {name: text.encode() for name, text in PARTS.items()}
    parts[SHEET] = draw(sheets(table))
    trick = draw(st.sampled_from((*["none"] * 12, *TRICKS)))
    parts |= TRICKS.get(trick, {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw(st.sampled_from((0, 8, 8, 14)))) as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return draw(damaged(out.getvalue()))


@st.composite
def sent(draw: st.DrawFn, kinds: Sequence[str] = ()) -> Sent:
    """A file of a kind, as text or workbook, mostly under the right name."""
    name = draw(st.sampled_from(sorted(kinds or import_kinds.items)))
    table = draw(tables(import_kinds[name]))
    as_workbook = draw(st.integers(0, 3)) == 0
    content = draw(workbooks(table) if as_workbook else texts(table))
    right = "文件.xlsx" if as_workbook else "文件.csv"
    wrong = st.sampled_from(("f.csv", "f.xlsx", "f.xls", "f.xlsm", "f.exe", "f", "f.txt", ".csv"))
    return Sent(
        name, draw(st.one_of(st.just(right), st.just(right), st.just(right), wrong)), content
    )
