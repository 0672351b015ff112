"""Deadlines in working days: holidays and made-up days by the published notices, and no further."""

from datetime import date

import pytest

from enrollment.selectors.workdays import deadline, work_calendar
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anhui(db: None) -> None:
    cast.law()


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # 国庆 1 to 7 October
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # across two notices; 4 January is worked
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
    ],
)
def test_working_days_are_counted_by_the_published_holidays(
    start: date, count: int, due: date
) -> None:
    found = deadline(region=cast.SHUSHAN, start=start, working_days=count)
    assert (found.day, found.is_provisional) == (due, False)


def test_beyond_what_is_published_a_deadline_is_provisional() -> None:
    assert work_calendar(cast.SHUSHAN).known_until == date(2026, 12, 31)
    found = deadline(region=cast.SHUSHAN, start=date(2026, 12, 30), working_days=5)
    assert found.is_provisional
    assert found.day > date(2026, 12, 31)


def test_an_area_without_a_published_calendar_knows_nothing() -> None:
    assert work_calendar(110101000000).known_until is None
    assert deadline(region=110101000000, start=date(2026, 1, 5), working_days=1).is_provisional
