"""Deadlines in working days, by the holidays that the State Council published."""

from dataclasses import dataclass
from datetime import date, timedelta

from enrollment.rules.dates import WorkCalendar
from enrollment.rules.regions import pooling_area_of, province_of
from enrollment.selectors.policy import policy_book

HOLIDAYS = "calendar.public_holidays"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day. It is provisional where it lies beyond what is published."""

    day: date
    is_provisional: bool


def work_calendar(region: int) -> WorkCalendar:
    """The calendar of the area that `region` lies in: all years published without a gap."""
    areas = {each // 10**6 for each in (pooling_area_of(region), province_of(region))}
    values = policy_book([HOLIDAYS]).values.get(HOLIDAYS, [])
    calendar = WorkCalendar()
    for value in sorted(values, key=lambda each: each.valid_from):
        if value.area not in areas or value.valid_until is None:
            continue
        known = calendar.known_until
        if known is not None and value.valid_from > known + timedelta(days=1):
            break
        calendar = WorkCalendar(
            calendar.holidays | value.value.holidays,
            calendar.workdays | value.value.workdays,
            value.valid_until,
        )
    return calendar


def deadline(*, region: int, start: date, working_days: int) -> Deadline:
    """The `working_days`-th working day after `start` in the area of `region`."""
    calendar = work_calendar(region)
    day = calendar.add_working_days(start, working_days)
    return Deadline(day, is_provisional=not calendar.knows(day))
