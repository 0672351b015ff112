"""Where a collection will stand at its close: last year's season at this year's pace."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.rules.pace import Standing, project_close, project_days, same_day
from enrollment.rules.refusals import RuleRefused

# 600 by the day, 500 a fortnight before; 400 and 350 last year, of 1,000 at its close.
SEASON = Standing(now=600, now_before=500, last=400, last_before=350, last_close=1000, most=2000)


def test_three_paces_give_the_middle_and_its_range() -> None:
    found = project_close(SEASON)

    assert found is not None
    # as last year 1, of the season 600/400, of the fortnight 100/50; 600 came in from then on
    assert found.paces == (Fraction(1), Fraction(3, 2), Fraction(2))
    assert (found.low, found.middle, found.high) == (1200, 1500, 1800)


def test_nobody_pays_twice_and_people_are_whole() -> None:
    tight = project_close(
        Standing(now=600, now_before=599, last=401, last_before=350, last_close=1000, most=1100)
    )

    assert tight is not None
    # the fortnight came in at 1/51 of last year's: 600 + 599/51 is 611.7, and 1,100 is all
    assert (tight.low, tight.middle, tight.high) == (611, 1100, 1100)


def test_the_first_days_know_fewer_paces() -> None:
    first = project_close(
        Standing(now=10, now_before=10, last=0, last_before=0, last_close=900, most=1000)
    )

    assert first is not None
    assert (first.low, first.middle, first.high) == (910, 910, 910)


def test_without_a_season_last_year_nothing_is_guessed() -> None:
    assert project_close(Standing(5, 4, 0, 0, 0, 9)) is None


def test_the_days_to_come_follow_last_year() -> None:
    assert project_days(600, Fraction(3, 2), [400, 410, 411, 1000], 1450) == (615, 616, 1450)


@pytest.mark.parametrize(
    ("standing", "named"),
    [
        (Standing(5, -1, 0, 0, 0, 9), "count_negative"),
        (Standing(5, 6, 0, 0, 0, 9), "counts_out_of_order"),
        (Standing(5, 4, 3, 2, 2, 9), "counts_out_of_order"),
        (Standing(5, 4, 3, 2, 9, 4), "counts_out_of_order"),
    ],
)
def test_counts_that_cannot_be_are_refused(standing: Standing, named: str) -> None:
    with pytest.raises(RuleRefused, match=named):
        project_close(standing)


def test_the_day_that_last_year_lacked_is_the_last_of_its_month() -> None:
    assert same_day(date(2028, 2, 29), 2027) == date(2027, 2, 28)
    assert same_day(date(2026, 11, 20), 2025) == date(2025, 11, 20)


counts = st.lists(st.integers(0, 10**7), min_size=6, max_size=6)


@given(counts)
def test_an_estimate_lies_between_what_is_and_what_can_be(drawn: list[int]) -> None:
    now_before, now, most = sorted(drawn[:3])
    last_before, last, last_close = sorted(drawn[3:])

    found = project_close(Standing(now, now_before, last, last_before, last_close, most))

    if last_close:
        assert found is not None
        assert now <= found.low <= found.middle <= found.high <= most
