"""The quick ways of reading say what the readers say, or leave the line to them."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from enrollment.imports import recognition_list as lists
from enrollment.imports.kinds import Desk, Header, match_header
from enrollment.imports.places import Places
from enrollment.imports.problems import LineRefused
from enrollment.imports.remittance import COLUMNS, REMITTANCE, quick, reader
from enrollment.imports.values import Days, tidy
from enrollment.rules.identity import check_character

NAMES = [column.name for column in COLUMNS]
DESK = Desk(
    import_id=1,
    sql=REMITTANCE.sql,
    today=date(2026, 11, 20),
    area=None,
    scope=(0, 10**12),
    places=Places.__new__(Places),  # receipts ask for no places
    days=Days(date(2027, 12, 31), from_workbook=False),
)
PLAIN = ("3342026001", "34990019720504001X", "张三", "2027", "居民", "420", "2026-11-20 09:30:15",
         "app", "")  # fmt: skip
ZHANG = "34990019720504001" + check_character("34990019720504001")

# Each column as it comes, nearly so, and not at all.
NUMBERS = st.sampled_from([ZHANG, ZHANG[:17] + "Ｘ", ZHANG.lower(), f" {ZHANG}",
                           "349900197205040029", "349900197213040029", "349900197205040000",
                           "3.499E+17", "E1234567", ""])  # fmt: skip
PEOPLE = st.sampled_from(["张三", "阿卜杜拉·买买提", "张 三", "张?", "𠮷田", "你田", "Smith", "",
                          "单\n雄信", "\ue000"])  # fmt: skip
CELLS = st.tuples(
    st.sampled_from(["3342026001", "AB-12", "3E+9", "", "３３４", "9" * 65, "3\t4", "'334",
                     "a\\b"]),
    NUMBERS,
    PEOPLE,
    st.sampled_from(["2027", "2027年", "1999", "2199", "27", "", "２０２７"]),
    st.sampled_from(["居民", "resident", "职工", "Resident", "城乡居民", "none", ""]),
    st.sampled_from(["420", "420.5", "420.50", "0", "0.01", "1,420", "¥420", "-3", "420.001", "",
                     "99999999", "9999999.99"]),
    st.sampled_from(["2026-11-20 09:30:15", "2026/11/20 9:30", "2026-02-30 09:30:15",
                     "1988-07-01 09:30:15", "2026-11-20T09:30:15", "2026-11-20",
                     "2029-11-20 09:30:15",
                     "20261121083000", "2026-11-20 24:00:00"]),
    st.sampled_from(["app", "手机APP", "微信", "银行", "APP", "x" * 17, ""]),
    st.sampled_from(["", "B-1", "B 1", "1E+3"]),
)  # fmt: skip


def slowly(cells: Sequence[str]) -> tuple[Any, ...] | None:
    """What the reader says of a line, None where it refuses it."""
    try:
        return reader(DESK)([tidy(cell) for cell in cells])
    except LineRefused:
        return None


def as_staged(text: str) -> tuple[Any, ...]:
    """A line of COPY's text form as the database reads it."""
    told = text.split("\t")
    return (
        uuid.UUID(told[0]), told[1], date.fromisoformat(told[2]), told[3] == "t", *told[4:6],
        int(told[6]), int(told[7]), Decimal(told[8]), datetime.fromisoformat(told[9] + ":00"),
        *told[10:],
    )  # fmt: skip


@given(cells=CELLS, order=st.permutations(range(len(NAMES))))
@example(cells=(PLAIN[0], ZHANG, *PLAIN[2:]), order=list(range(len(NAMES))))
def test_a_plain_line_is_read_as_the_reader_reads_it(
    cells: tuple[str, ...], order: list[int]
) -> None:
    header = match_header(REMITTANCE, [NAMES[column] for column in order])
    text = quick(DESK, header)([cells[column] for column in order])
    assert text is None or as_staged(text) == slowly(cells)


def test_what_comes_as_the_tax_service_writes_it_is_plain() -> None:
    header: Header = match_header(REMITTANCE, NAMES)
    assert quick(DESK, header)((PLAIN[0], ZHANG, *PLAIN[2:])) is not None
    # names have characters that few fonts hold
    assert quick(DESK, header)((PLAIN[0], ZHANG, "赵𬱖㛃", *PLAIN[3:])) is not None


def test_a_file_may_have_columns_that_nobody_reads_or_lack_those_that_are_free() -> None:
    short = match_header(REMITTANCE, NAMES[:-1])
    assert quick(DESK, short)((PLAIN[0], ZHANG, *PLAIN[2:-1])) is not None
    again = match_header(REMITTANCE, ["行号", "有误的列", "原因", *NAMES])
    cells = ("7", "金额", "金额：“四百” 不是", PLAIN[0], ZHANG, *PLAIN[2:])
    assert quick(DESK, again)(cells) is not None
    assert quick(DESK, again)(cells[:-1]) is None  # too few cells: the reader knows what to do


def test_cells_that_hold_the_separator_are_not_taken_for_two() -> None:
    header = match_header(REMITTANCE, NAMES)
    together = (f"{PLAIN[0]}\x1f{ZHANG}", *PLAIN[2:])
    assert quick(DESK, header)(together) is None
    assert quick(DESK, header)((*together, "")) is None


# Full lists ---------------------------------------------------------------------------------------

LIST_NAMES = [column.name for column in lists.COLUMNS]
LISTED = (ZHANG, "张三", "低保", "民政局", "2026-11-18", "2025-01-01", "", "是")
LIST_CELLS = st.tuples(
    NUMBERS,
    PEOPLE,
    st.sampled_from(["低保", "dibao", "特困", "Dibao", "监测对象", "低 保", "残疾", ""]),
    st.sampled_from(["民政局", "civil_affairs", "农业农村局", "民政 局", "火星局", ""]),
    st.sampled_from(["2026-11-18", "2026/11/18", "20261118", "2026-02-30", "2029-01-01", ""]),
    st.sampled_from(["", "2025-01-01", "2026-11-19", "0000-01-01", "去年"]),
    st.sampled_from(["", "长期", "9999-12-31", "2027-12-31", "2026-11-17", "2026.12.31", "待定"]),
    st.sampled_from(["", "是", "不符合", "yes", "YES", "也许"]),
)


def list_as_staged(text: str) -> tuple[Any, ...]:
    """A line of COPY's text form as the database reads it."""
    told = [None if each == r"\N" else each for each in text.split("\t")]
    days = [None if each is None else date.fromisoformat(each) for each in told[6:9]]
    flags = [None if each is None else each == "t" for each in told[9:11]]
    return (
        uuid.UUID(told[0]), told[1] == "t", told[2], date.fromisoformat(told[3] or ""), *told[4:6],
        *days, *flags, *told[11:],
    )  # fmt: skip


@given(cells=LIST_CELLS, order=st.permutations(range(len(LIST_NAMES))))
@example(cells=LISTED, order=list(range(len(LIST_NAMES))))
def test_a_plain_line_of_a_list_is_read_as_its_reader_reads_it(
    cells: tuple[str, ...], order: list[int]
) -> None:
    header = match_header(lists.RECOGNITION_LIST, [LIST_NAMES[column] for column in order])
    text = lists.quick(DESK, header)([cells[column] for column in order])
    row = lists.reader(DESK)([tidy(cell) for cell in cells])
    assert text is None or list_as_staged(text) == row


def test_a_list_as_departments_write_it_is_plain_also_without_what_is_free() -> None:
    header = match_header(lists.RECOGNITION_LIST, LIST_NAMES)
    whole = lists.quick(DESK, header)(LISTED)
    assert whole is not None
    assert list_as_staged(whole)[4:6] == ("dibao", "civil_affairs")
    short = match_header(lists.RECOGNITION_LIST, LIST_NAMES[:5])
    assert lists.quick(DESK, short)(LISTED[:5]) is not None
