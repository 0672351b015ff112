"""Units of parameters: how each is written in YAML, checked, computed with and stored as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from enrollment.rules.dates import DayWindow, WorkCalendar, YearDay, read_date
from enrollment.rules.money import plain, read_decimal, read_yuan
from enrollment.rules.refusals import RuleRefused

NONE = "none"


@dataclass(frozen=True, slots=True)
class Span:
    """Two bounds, both inside: rates (0.8 to 0.9) or percentage points (5 to 15)."""

    low: Decimal
    high: Decimal


def _whole(raw: object, low: int, high: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not low <= raw <= high:
        raise RuleRefused("not_a_whole_number", value=str(raw), at_least=low, at_most=high)
    return raw


def _rate(raw: object) -> Decimal:
    rate = read_decimal(raw)
    if not 0 <= rate <= 1:
        raise RuleRefused("not_a_rate", value=str(raw))
    return rate


def _rates(raw: object) -> tuple[Decimal, ...]:
    if not isinstance(raw, list) or not raw:
        raise RuleRefused("not_a_list_of_rates", value=str(raw))
    return tuple(_rate(entry) for entry in raw)


def _points(raw: object) -> Decimal:
    points = read_decimal(raw)
    if not 0 <= points <= 100:
        raise RuleRefused("not_percentage_points", value=str(raw))
    return points


def _growth(raw: object) -> Decimal:
    growth = read_decimal(raw)
    if not -1 <= growth <= 1:
        raise RuleRefused("not_a_growth", value=str(raw))
    return growth


def _span(raw: object, bound: Callable[[object], Decimal]) -> Span:
    if not isinstance(raw, list) or len(raw) != 2:
        raise RuleRefused("not_a_span", value=str(raw))
    span = Span(bound(raw[0]), bound(raw[1]))
    if span.low > span.high:
        raise RuleRefused("span_reversed", value=str(raw))
    return span


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise RuleRefused("not_a_flag", value=str(raw))
    return raw


def _code(raw: object) -> str:
    if not isinstance(raw, str) or not raw.replace("_", "a").isalnum() or raw != raw.lower():
        raise RuleRefused("not_a_code", value=str(raw))
    return raw


def _codes(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or len(set(map(str, raw))) != len(raw):
        raise RuleRefused("not_a_list_of_codes", value=str(raw))
    return tuple(_code(entry) for entry in raw)


def _year_day(raw: object) -> YearDay | None:
    return None if raw == NONE else YearDay.read(raw)


def _day_window(raw: object) -> DayWindow:
    if not isinstance(raw, dict) or set(raw) != {"first", "last"}:
        raise RuleRefused("not_a_day_window", value=str(raw))
    window = DayWindow(YearDay.read(raw["first"]), YearDay.read(raw["last"]))
    if window.first.in_year(2025) > window.last.in_year(2025):
        raise RuleRefused("day_window_reversed", value=str(raw))
    return window


def _days(raw: object) -> frozenset[date]:
    """Days written singly or as FIRST..LAST."""
    if not isinstance(raw, list):
        raise RuleRefused("not_a_list_of_days", value=str(raw))
    days: set[date] = set()
    for entry in raw:
        first, _dots, last = str(entry).partition("..")
        day, end = read_date(first), read_date(last or first)
        if day > end or not days.isdisjoint({day, end}):
            raise RuleRefused("not_a_list_of_days", value=str(entry))
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)


def _work_calendar(raw: object) -> WorkCalendar:
    if not isinstance(raw, dict) or set(raw) != {"holidays", "workdays"}:
        raise RuleRefused("not_a_work_calendar", value=str(raw))
    calendar = WorkCalendar(_days(raw["holidays"]), _days(raw["workdays"]))
    if calendar.holidays & calendar.workdays:
        raise RuleRefused("not_a_work_calendar", value="a day is both free and worked")
    return calendar


@dataclass(frozen=True, slots=True)
class Unit:
    """`read` turns what YAML holds into what rules compute with, or raises RuleRefused."""

    read: Callable[[object], Any]
    written: str  # how a value looks, for messages and the reference page


def _whole_unit(low: int, high: int, written: str) -> Unit:
    return Unit(lambda raw: _whole(raw, low, high), written)


UNITS: Mapping[str, Unit] = {
    "yuan": Unit(read_yuan, "yuan with at most two places, such as 400 or 367.50"),
    "rate": Unit(_rate, "a share between 0 and 1, such as 0.05"),
    "rates": Unit(_rates, "a list of shares, such as [0.6, 0.8]"),
    "rate_range": Unit(lambda raw: _span(raw, _rate), "two shares, such as [0.8, 0.9]"),
    "growth_range": Unit(
        lambda raw: _span(raw, _growth), "two yearly changes as shares, such as [-0.02, 0.01]"
    ),
    "points_range": Unit(lambda raw: _span(raw, _points), "percentage points, such as [5, 15]"),
    "multiple": Unit(read_yuan, "a factor, such as 6"),
    "months": _whole_unit(0, 600, "whole months, such as 3"),
    "years": _whole_unit(0, 100, "whole years, such as 4"),
    "days": _whole_unit(0, 366, "whole days, such as 90"),
    "working_days": _whole_unit(0, 366, "whole working days, such as 10"),
    "count": _whole_unit(0, 1_000_000, "a whole number, such as 1"),
    "calendar_year": _whole_unit(1949, 2100, "a year, such as 2025"),
    "month_of_year": _whole_unit(1, 12, "a month, 1 to 12"),
    "flag": Unit(_flag, "true or false"),
    "choice": Unit(_code, "one of the file's choices"),
    "codes": Unit(_codes, "a list of lower-case codes without repetition"),
    "year_day": Unit(_year_day, 'a day such as "Y 02-end" or "Y-1 09-01", or none'),
    "day_window": Unit(_day_window, '{first: "Y-1 09-01", last: "Y-1 12-31"}'),
    "work_calendar": Unit(
        _work_calendar, '{holidays: ["2026-01-01..2026-01-03"], workdays: ["2026-01-04"]}'
    ),
}


def order(value: Any) -> Any:
    """What values of a unit are compared by: days of a year by their place in it."""
    if isinstance(value, YearDay):
        return value.offset, value.month, value.day or 31
    return value


def stored(value: Any) -> Any:
    """`value` as JSON: decimals as strings without trailing zeros, days as they are written."""
    match value:
        case None:
            return NONE
        case Decimal():
            return plain(value)
        case Span():
            return [plain(value.low), plain(value.high)]
        case YearDay():
            return str(value)
        case DayWindow():
            return {"first": str(value.first), "last": str(value.last)}
        case WorkCalendar():
            return {
                "holidays": sorted(day.isoformat() for day in value.holidays),
                "workdays": sorted(day.isoformat() for day in value.workdays),
            }
        case tuple():
            return [stored(entry) for entry in value]
        case _:
            return value


def read_stored(unit: str, raw: Any) -> Any:
    """The value of a stored JSON, for rules that take their numbers from the database.

    Raises RuleRefused where the JSON does not fit the unit, KeyError for an unknown unit.
    """
    return UNITS[unit].read(raw)
