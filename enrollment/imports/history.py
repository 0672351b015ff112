"""`history`: years of cover from before this register. A year that came so is closed and activated.

Rows carry no money. A resident row says when it was paid, an employee row which months it covers.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import read_any_number, read_word, read_year
from enrollment.models import Region, YearRun
from enrollment.models.identity import digest
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.keys import EMPLOYEE, RESIDENT, YEAR
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.policy import policy_book

NONE = 0
WINDOW = "collection.window"
SCHEMES = {
    "resident": "resident",
    "居民": "resident",
    "城乡居民": "resident",
    "居民医保": "resident",
    "城乡居民医保": "resident",
    "城乡居民基本医疗保险": "resident",
    "employee": "employee",
    "职工": "employee",
    "职工医保": "employee",
    "城镇职工": "employee",
    "职工基本医疗保险": "employee",
    "none": "none",
    "无": "none",
    "未参保": "none",
}
NUMBERS = {"none": NONE, "resident": RESIDENT, "employee": EMPLOYEE}
MOST_REPAIR_YEARS = 99
_SPAN = re.compile(r"0?([1-9]|1[0-2])月?(?:\s*[-~至到]\s*0?([1-9]|1[0-2])月?)?")
_SEPARATORS = re.compile(r"\s*[,;、]\s*|\s+(?=[0-9])")

COLUMNS = (
    Column("id_number", "证件号码"),
    Column("year", "年度"),
    Column("scheme", "险种", words=SCHEMES),
    Column("region", "参保地代码"),
    Column("paid_on", "缴费日期"),
    Column("months", "月份"),
    Column("repair_years", "修复年数", optional=True),
    Column("repair_paid_on", "修复到账日期", optional=True),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("year", "int2"),
    ("scheme", "int2"),
    ("region", "int8"),
    ("due_on", "date"),
    ("paid_on", "date"),
    ("months", "int2"),
    ("repaired_years", "int2"),
    ("repaired_on", "date"),
)


def read_months(text: str, column: str = "months") -> int:
    """The map of twelve bits, January lowest, of months like 1-6,9. Raises LineRefused."""
    bits = 0
    if text in {"全年", "1-12"}:
        return 0xFFF
    for part in _SEPARATORS.split(text):
        match = _SPAN.fullmatch(part)
        if not match:
            raise LineRefused("months_format", column, text)
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise LineRefused("months_format", column, text)
        for month in range(first, last + 1):
            bits |= 1 << (month - 1)
    return bits


class Windows:
    """Last day of collection of a benefit year where a region lies."""

    def __init__(self) -> None:
        self._book = policy_book([WINDOW])
        self._known: dict[tuple[int, int], date] = {}

    def last_day(self, region: int, year: int) -> date:
        """By the parameter of the area; 31 December of the year before where none is published.

        皖医保发〔2024〕6号 二（五）: in principle paid by the end of the year before. Earlier years
        ended alike.
        """
        asked = (pooling_area_of(region), year)
        if asked not in self._known:
            try:
                window = self._book.find(WINDOW, area=asked[0], on=year_start(year))
                self._known[asked] = window.value.in_year(year)[1]
            except MissingParameter:
                self._known[asked] = year_end(year - 1)
        return self._known[asked]


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of staging_history."""
    windows = Windows()
    turned = set(
        # rehearsed ones too: the table that they filled would have no place beside a history
        YearRun.objects.filter(from_history=False).values_list("year", flat=True)
    )

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        identity = read_any_number(cells[0])
        year = read_year(cells[1], "year")
        if year in turned:
            raise LineRefused("year_was_run", "year", cells[1])
        scheme = NUMBERS[read_word(cells[2], "scheme", SCHEMES)]
        head = (digest(identity.number), identity.doubtful, year, scheme)
        if scheme == NONE:
            return (*head, None, None, None, 0, 0, None)
        region = desk.places.read_insured(cells[3], "region")
        if not desk.covers(region):
            raise LineRefused("outside_area", "region", cells[3])
        paid_on = _day_of_year(desk, cells[4], "paid_on", year)
        if scheme == EMPLOYEE:
            return (*head, region, None, paid_on, _months(cells), 0, None)
        if cells[5]:
            raise LineRefused("only_for_employees", "months", cells[5])
        years = _repair_years(cells[6])
        repaired_on = _day_of_year(desk, cells[7], "repair_paid_on", year) or paid_on
        due_on = windows.last_day(region, year)
        return (*head, region, due_on, paid_on, 0, years, repaired_on if years else None)

    return read


def _day_of_year(desk: Desk, text: str, column: str, year: int) -> date | None:
    """A day on which a contribution to the year may come in, or nothing."""
    day = desk.days.read_or_none(text, column)
    if day is not None and not year_start(year - 1) <= day <= year_end(year):
        raise LineRefused("paid_outside_year", column, text)
    return day


def _months(cells: Sequence[str]) -> int:
    if cells[6] not in {"", "0"}:
        raise LineRefused("only_for_residents", "repair_years", cells[6])
    if not cells[5]:
        raise LineRefused("months_required", "months")
    return read_months(cells[5])


def _repair_years(text: str) -> int:
    if not text:
        return 0
    if not text.isdigit() or int(text) > MOST_REPAIR_YEARS:
        raise LineRefused("repair_years_format", "repair_years", text)
    return int(text)


def check(desk: Desk) -> None:
    """Refuse what the file or the register contradicts; give each line its computed key."""
    desk.run("history_match")
    desk.run("history_refuse")
    desk.run("history_duplicates")
    desk.run("history_spells")
    years = [year for (year,) in desk.rows("history_years_in_file")]
    if years:
        desk.run("history_compare", first_key=years[0] * YEAR, last_key=(years[-1] + 1) * YEAR)


def apply(desk: Desk) -> None:
    """Insert and update years of cover, then say where and how their people are insured now."""
    _make_years(desk)
    desk.run("history_update")
    desk.run("history_insert")
    desk.run("history_changes")
    real = YearRun.objects.filter(mode=YearRun.Mode.REAL)
    years = sorted(set(real.values_list("year", flat=True)))
    in_force = real.filter(activated_on__isnull=False).aggregate(latest=Max("year"))
    desk.run("history_relation", years=years, latest=in_force["latest"] or 0)


def _make_years(desk: Desk) -> None:
    """A partition and a run for each new year; such a year counts as closed and activated."""
    found = [
        (year, province)
        for year, province in desk.rows("history_years_and_provinces")
        if Region.objects.filter(pk=province).exists()
    ]
    with connection.cursor() as cursor:
        # A new partition is refused while foreign keys of this transaction wait to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for year in sorted({year for year, _ in found}):
            cursor.execute("SELECT year_table_make('enrollment', %s)", [year])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    with transaction.atomic():
        YearRun.objects.bulk_create(
            [
                YearRun(
                    year=year,
                    province_id=province,
                    mode=YearRun.Mode.REAL,
                    from_history=True,
                    opened_on=date(year - 1, 9, 1),
                    closed_on=year_end(year - 1),
                    activated_on=year_start(year),
                )
                for year, province in found
            ],
            ignore_conflicts=True,
        )


HISTORY = ImportKind(
    name="history",
    columns=COLUMNS,
    table="staging_history",
    staged=STAGED,
    reader=reader,
    check=check,
    count="history_count",
    apply=apply,
    sql=SQL,
    label=_("history of cover"),
    no_undo=_(
        "Standings rest on years of cover: send the file again as it should be, and the years"
        " follow it. A year too many is not deleted."
    ),
)
