"""The settlement sheet as a table: its columns with their formulas, its rows, its total."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enrollment.rules.money import ZERO
from funds.models import SettlementLine, SettlementSheet

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Part, Method = SettlementSheet.Part, SettlementSheet.Method
Read = Callable[[SettlementLine], Decimal | None]


@dataclass(frozen=True)
class Column:
    """A column: what it is called, the formula under its name, and how it is read from a city.

    `group` begins a group of columns; `gap` is money that somebody must answer for.
    """

    name: str
    label: "_StrPromise"
    formula: str
    read: Read
    unit: str = "yuan"
    group: bool = False
    gap: bool = False


def _field(name: str) -> Read:
    return lambda line: getattr(line, name)


def _column(name: str, label: "_StrPromise", formula: str, **options: object) -> Column:
    return Column(name, label, formula, _field(name), **options)  # type: ignore[arg-type]


def _net(line: SettlementLine) -> Decimal:
    net: Decimal = line.allocation - line.levy
    return net


def _left(line: SettlementLine) -> Decimal:
    """What an allocation leaves of a gap to the city, in yuan."""
    left: Decimal = line.gap - line.allocation
    return max(ZERO, left)


NET = Column("net", _("net"), "h − b", _net, group=True)
LEVY = _column("levy", _("levy paid up"), "b = a × r")
ANHUI_BASE = _column("base", _("contributions of the year before"), "a")
SICHUAN_BASE = _column("base", _("fund income of the year"), "a")
TABLES: dict[tuple[str, str], tuple[Column, ...]] = {
    (Method.ANHUI, Part.LEVY): (ANHUI_BASE, LEVY),
    (Method.SICHUAN, Part.LEVY): (SICHUAN_BASE, LEVY),
    (Method.ANHUI, Part.ALLOCATION): (
        ANHUI_BASE,
        LEVY,
        _column("revenue", _("revenue of the year"), "c", group=True),
        _column("expenditure", _("expenditure of the year"), "d"),
        _column("gap", _("gap of the year"), "e = d − c ≥ 0"),
        _column("eligible", _("gap accepted"), "f ≤ e"),
        _column("share", _("province's share"), "g", unit="share"),
        _column("allocation", _("paid by the fund"), "h = f × g", group=True),
        _column("from_balance", _("own balance"), "i"),
        _column("uncovered", _("not borne"), "f − h − i", gap=True),
        NET,
    ),
    (Method.SICHUAN, Part.ALLOCATION): (
        SICHUAN_BASE,
        LEVY,
        _column("expenditure", _("expenditure of the year"), "d", group=True),
        _column("loss", _("loss from violations"), "v"),
        _column("gap", _("gap of the year"), "e = d − v − a ≥ 0"),
        _column("weight", _("weight"), "w", unit="weight"),
        _column("allocation", _("allocation"), "h = D × w ÷ Σw", group=True),
        Column("left", _("gap left to the city"), "e − h ≥ 0", _left),
        _column("from_balance", _("own balance"), "i"),
        _column("uncovered", _("not borne"), "e − h − i", gap=True),
        NET,
    ),
}


@dataclass(frozen=True)
class Row:
    """A city, or all of them, with a figure a column; None is not known, or has no sum."""

    line: SettlementLine | None
    figures: Sequence[Decimal | None]


@dataclass(frozen=True)
class Table:
    """The sheet as it is shown, printed and exported."""

    columns: tuple[Column, ...]
    rows: list[Row]
    total: Row


def table_of(sheet: SettlementSheet) -> Table:
    """All cities of a sheet in the order of their codes, in yuan."""
    columns = TABLES[sheet.method, sheet.part]
    rows = [
        Row(line, [column.read(line) for column in columns])
        for line in sheet.lines.select_related("area")
    ]
    sums = [
        None if column.unit == "share" else sum((row.figures[number] or ZERO for row in rows), ZERO)
        for number, column in enumerate(columns)
    ]
    return Table(columns, rows, Row(None, sums))
