"""`control_totals`: what the tax service and the treasury say came in on a day.

A total is of a county or of a whole pooling area, and of one channel or, where the cell is empty,
of all. A source may correct what it told until the day is closed; its totals never overlap.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.history import NUMBERS
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.remittance import CHANNELS, LONGEST_CHANNEL, PAID_SCHEMES
from enrollment.imports.values import read_money, read_text, read_word
from enrollment.models.control_total import ControlTotal
from enrollment.rules.regions import CITY, COUNTY, pooling_area_of

SOURCES = {code: code for code in ControlTotal.Source.values} | {
    "税务": "tax",
    "税务部门": "tax",
    "国库": "treasury",
    "财政国库": "treasury",
}
MOST_RECEIPTS = 100_000_000

COLUMNS = (
    Column("day", "日期"),
    Column("region", "地区代码"),
    Column("scheme", "险种", words=PAID_SCHEMES),
    Column("channel", "渠道", optional=True),
    Column("count", "笔数"),
    Column("amount", "金额"),
    Column("source", "来源", words=SOURCES),
)
STAGED = (
    ("source", "text"),
    ("day", "date"),
    ("region", "int8"),
    ("scheme", "int2"),
    ("channel", "text"),
    ("receipts", "int4"),
    ("amount", "numeric"),
)


def read_count(text: str, column: str) -> int:
    """A number of receipts, without a sign or separators. Raises LineRefused."""
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_RECEIPTS:
        raise LineRefused("not_a_count", column, text)
    return int(text)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of
    staging_control_totals."""
    ended = desk.days.until(desk.today)

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        region = desk.places.read(cells[1], "region")
        if region % COUNTY or (region % CITY == 0 and region != pooling_area_of(region)):
            raise LineRefused("neither_county_nor_area", "region", cells[1])
        channel = read_text(cells[3], "channel", LONGEST_CHANNEL) if cells[3] else ""
        return (
            read_word(cells[6], "source", SOURCES),
            ended.read(cells[0], "day"),
            region,
            NUMBERS[read_word(cells[2], "scheme", PAID_SCHEMES)],
            CHANNELS.get(channel.lower(), channel),
            read_count(cells[4], "count"),
            read_money(cells[5], "amount"),
        )

    return read


def check(desk: Desk) -> None:
    """Refuse what is outside the area, told twice, overlapping, or of a day that is closed."""
    desk.run("control_totals_refuse")
    desk.run("control_totals_known")
    desk.run("control_totals_overlaps")


def apply(desk: Desk) -> None:
    """Write the totals that are new and those that were corrected."""
    desk.run("control_totals_write")


CONTROL_TOTALS = ImportKind(
    name="control_totals",
    columns=COLUMNS,
    table="staging_control_totals",
    staged=STAGED,
    reader=reader,
    check=check,
    count="control_totals_count",
    apply=apply,
    sql=SQL,
    label=_("control totals of tax service and treasury"),
    undo="rows_undo",
)
