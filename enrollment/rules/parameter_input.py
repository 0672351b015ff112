"""Values of parameters as people type them: 360, 8%, 2026-09-01..2026-12-31."""

import re
from datetime import date
from typing import Any

from enrollment.rules.dates import YearDay, last_day_of_month
from enrollment.rules.money import plain, read_decimal
from enrollment.rules.parameter_units import NONE, UNITS, stored
from enrollment.rules.refusals import RuleRefused

TYPED = ("yuan", "rate", "months", "day_window", "year_day")
_BETWEEN = re.compile(r"\s*(?:\.\.|至|~|到)\s*")


def read_typed(unit: str, text: str, year: int) -> Any:
    """The stored JSON of a typed value; days are told for benefit year `year`.

    Raises RuleRefused as the unit does, and `not_a_date`; ValueError for a unit that nobody types.
    """
    text = text.strip()
    match unit:
        case "yuan":
            raw: object = text
        case "rate" if text.endswith("%"):
            raw = plain(read_decimal(text.removesuffix("%").strip()) / 100)
        case "rate":
            raw = text
        case "months":
            raw = int(text) if text.isascii() and text.isdigit() else text
        case "year_day":
            raw = NONE if text in (NONE, "无") else str(_year_day(text, year))
        case "day_window":
            first, last = [*_BETWEEN.split(text, maxsplit=1), ""][:2]
            raw = {"first": str(_year_day(first, year)), "last": str(_year_day(last, year))}
        case _:
            raise ValueError(f"{unit} is not typed")
    return stored(UNITS[unit].read(raw))


def write_typed(unit: str, value: Any, year: int) -> str:
    """A stored JSON as it is typed."""
    if unit == "day_window":
        days = (YearDay.read(value[end]).in_year(year) for end in ("first", "last"))
        return "..".join(day.isoformat() for day in days)
    if unit == "year_day" and value != NONE:
        return YearDay.read(value).in_year(year).isoformat()
    return str(value)


def _year_day(text: str, year: int) -> YearDay:
    """A day as it lies to the benefit year; the last of February is told as that."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise RuleRefused("not_a_date", value=text) from error
    is_end = day.month == 2 and day.day == last_day_of_month(day.year, 2)
    return YearDay(day.year - year, day.month, None if is_end else day.day)
