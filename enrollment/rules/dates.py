"""Calendar arithmetic of the law: months, benefit years, days told relative to a year."""

import calendar
import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

from enrollment.rules.refusals import RuleRefused

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_YEAR_DAY = re.compile(r"Y([+-][0-9])? (0[1-9]|1[0-2])-([0-9]{2}|end)")


def read_date(raw: object) -> date:
    """A day written YYYY-MM-DD. Raises RuleRefused `not_a_date`."""
    if isinstance(raw, date):
        return raw
    match = _DAY.fullmatch(raw) if isinstance(raw, str) and raw.isascii() else None
    if match:
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            pass
    raise RuleRefused("not_a_date", value=str(raw))


def year_start(year: int) -> date:
    """1 January."""
    return date(year, 1, 1)


def year_end(year: int) -> date:
    """31 December."""
    return date(year, 12, 31)


def last_day_of_month(year: int, month: int) -> int:
    """28 to 31."""
    return calendar.monthrange(year, month)[1]


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, last_day_of_month(year, month + 1)))


def first_of_next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return add_months(day.replace(day=1), 1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A contribution month, written YYYY-MM."""

    year: int
    number: int

    @classmethod
    def read(cls, raw: object) -> "Month":
        """Raises RuleRefused `not_a_month`."""
        match = _MONTH.fullmatch(raw) if isinstance(raw, str) else None
        if not match:
            raise RuleRefused("not_a_month", value=str(raw))
        return cls(int(match[1]), int(match[2]))

    def plus(self, months: int) -> "Month":
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    def until(self, other: "Month") -> int:
        """Months from here to `other`; below zero for an earlier one."""
        return (other.year - self.year) * 12 + other.number - self.number

    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day told relative to benefit year Y, so that one dated value holds for many years.

    Written "Y 01-01", "Y-1 09-01" (in the year before) or "Y 02-end" (last day of the month).
    """

    offset: int
    month: int
    day: int | None

    @classmethod
    def read(cls, raw: object) -> "YearDay":
        """Raises RuleRefused `not_a_year_day`."""
        match = _YEAR_DAY.fullmatch(raw) if isinstance(raw, str) else None
        if not match:
            raise RuleRefused("not_a_year_day", value=str(raw))
        month = int(match[2])
        day = None if match[3] == "end" else int(match[3])
        # 28 February at most: a day that some years lack must be written as "end".
        longest = 28 if month == 2 else last_day_of_month(2025, month)
        if day is not None and not 1 <= day <= longest:
            raise RuleRefused("not_a_year_day", value=str(raw))
        return cls(int(match[1] or 0), month, day)

    def in_year(self, year: int) -> date:
        """The day for benefit year `year`."""
        actual = year + self.offset
        return date(actual, self.month, self.day or last_day_of_month(actual, self.month))

    def __str__(self) -> str:
        shift = f"{self.offset:+d}" if self.offset else ""
        day = "end" if self.day is None else f"{self.day:02d}"
        return f"Y{shift} {self.month:02d}-{day}"


@dataclass(frozen=True, slots=True)
class DayWindow:
    """First and last day of a period of a benefit year, both inside."""

    first: YearDay
    last: YearDay

    def in_year(self, year: int) -> tuple[date, date]:
        """First and last day for benefit year `year`."""
        return self.first.in_year(year), self.last.in_year(year)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Public holidays and made-up working days; otherwise Monday to Friday are worked.

    `known_until` is the last day that a published calendar covers. A day beyond it may yet become a
    holiday or be worked: what is counted across it is provisional.
    """

    holidays: Set[date] = frozenset()
    workdays: Set[date] = frozenset()
    known_until: date | None = None

    def knows(self, day: date) -> bool:
        """Whether everything up to `day` is published."""
        return self.known_until is not None and day <= self.known_until

    def is_working(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself is not counted."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day
