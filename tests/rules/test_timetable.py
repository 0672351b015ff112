"""The days of a step: what comes next from any day, and where days lie on the axis."""

from datetime import date

import pytest

from enrollment.rules.timetable import Axis, every_day, in_rounds, once

SEPTEMBER, DECEMBER = date(2026, 9, 1), date(2026, 12, 31)
PUSHES = [(date(2026, 10, 15), date(2026, 10, 29)), (date(2026, 10, 30), date(2026, 12, 30))]


@pytest.mark.parametrize(
    ("plan", "ran", "on", "following"),
    [
        (once(SEPTEMBER, DECEMBER), None, date(2026, 8, 1), SEPTEMBER),
        (once(SEPTEMBER, DECEMBER), None, date(2026, 9, 3), date(2026, 9, 3)),
        (once(SEPTEMBER, DECEMBER), SEPTEMBER, date(2026, 9, 3), None),
        (once(SEPTEMBER, DECEMBER), None, date(2027, 1, 1), None),
        (every_day(SEPTEMBER, DECEMBER), None, date(2026, 8, 1), SEPTEMBER),
        (every_day(SEPTEMBER, DECEMBER), date(2026, 9, 2), date(2026, 9, 3), date(2026, 9, 3)),
        (every_day(SEPTEMBER, DECEMBER), date(2026, 9, 3), date(2026, 9, 3), date(2026, 9, 4)),
        (every_day(SEPTEMBER, DECEMBER), DECEMBER, DECEMBER, None),
        (in_rounds(PUSHES), None, date(2026, 9, 3), date(2026, 10, 15)),
        (in_rounds(PUSHES), None, date(2026, 10, 20), date(2026, 10, 20)),
        (in_rounds(PUSHES), date(2026, 10, 16), date(2026, 10, 20), date(2026, 10, 30)),
        (in_rounds(PUSHES), date(2026, 11, 1), date(2026, 11, 2), None),
    ],
)
def test_what_comes_next_is_seen_from_any_day(
    plan: object, ran: date | None, on: date, following: date | None
) -> None:
    assert plan.next_after(ran, on) == following  # type: ignore[attr-defined]


def test_nights_beside_each_other_are_every_day_and_a_gap_is_none() -> None:
    nights = [(date(2026, 9, day), date(2026, 9, day)) for day in (1, 2, 3)]
    assert in_rounds(nights) == every_day(date(2026, 9, 1), date(2026, 9, 3))
    assert not in_rounds([*nights, (date(2026, 9, 5), date(2026, 9, 5))]).daily


def test_a_month_has_one_width_and_what_lies_outside_stands_at_the_edge() -> None:
    axis = Axis.of_year(2027)
    assert (axis.names[0], axis.names[-1], axis.width) == (SEPTEMBER, date(2028, 1, 1), 1700)
    assert axis.at(SEPTEMBER) == 0
    assert axis.at(date(2026, 10, 1)) == 100
    assert axis.at(date(2027, 2, 15)) == 550
    assert (axis.at(date(2026, 8, 31)), axis.at(date(2028, 6, 1))) == (0, 1700)
    assert not axis.has(date(2028, 2, 1))
