"""Money to the cent, months to the day, numbers of identity to the character."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from enrollment.rules.dates import Month, WorkCalendar, YearDay, add_months, read_date
from enrollment.rules.identity import (
    check_character,
    check_identity,
    convert_15_to_18,
    mask_identity,
    normalise_identity,
)
from enrollment.rules.money import (
    plain,
    read_decimal,
    read_yuan,
    round_yuan,
    split_by_largest_remainder,
)
from enrollment.rules.refusals import RuleRefused

YUAN = st.decimals(min_value=0, max_value=10**12, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=1000, places=4), min_size=1, max_size=25)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049", "0.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("1", "1.00"),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert str(round_yuan(Decimal(amount))) == rounded


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("0.001", "money_finer_than_cent"),
        ("-0.01", "money_negative"),
        ("1e3", "not_a_number"),
        ("1,000", "not_a_number"),
        ("１０", "not_a_number"),
        ("", "not_a_number"),
        (1.5, "not_a_number"),
        (True, "not_a_number"),
        (None, "not_a_number"),
        (10**15, "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
    ],
)
def test_what_is_no_exact_money_is_refused(raw: object, error: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        read_yuan(raw)

    assert refused.value.name == error


@pytest.mark.parametrize(("raw", "shown"), [("400.00", "400"), ("367.50", "367.5"), ("0", "0")])
def test_plain_money_has_no_trailing_zeros(raw: str, shown: str) -> None:
    assert plain(read_decimal(raw)) == shown


@given(YUAN, WEIGHTS)
def test_shares_add_up_exactly_and_each_is_within_a_cent(
    total: Decimal, weights: list[Decimal]
) -> None:
    assume(sum(weights) > 0)

    shares = split_by_largest_remainder(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        exact = Fraction(total) * Fraction(weight) / Fraction(sum(weights))
        assert abs(Fraction(share) - exact) < Fraction(1, 100)


@given(YUAN, WEIGHTS)
def test_a_larger_weight_never_gets_less(total: Decimal, weights: list[Decimal]) -> None:
    assume(sum(weights) > 0)

    shares = split_by_largest_remainder(total, weights)

    by_weight = sorted(zip(weights, shares, strict=True))
    for (less, lower), (more, higher) in pairwise(by_weight):
        assert less == more or lower <= higher


def test_equal_remainders_go_to_the_earlier_entry() -> None:
    shares = split_by_largest_remainder(Decimal("0.02"), [Decimal(1)] * 3)

    assert shares == (Decimal("0.01"), Decimal("0.01"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("weights", "error"),
    [([], "weights_missing"), (["0"], "weights_sum_zero"), (["1", "-1"], "weight_negative")],
)
def test_weights_that_split_nothing_are_refused(weights: list[str], error: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        split_by_largest_remainder(Decimal(1), [Decimal(weight) for weight in weights])

    assert refused.value.name == error


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-05-31", 0, "2026-05-31"),
        ("2026-12-15", 12, "2027-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_keep_the_day_or_end_with_the_month(day: str, months: int, later: str) -> None:
    assert add_months(read_date(day), months) == read_date(later)


@pytest.mark.parametrize(
    ("written", "year", "day"),
    [
        ("Y-1 09-01", 2026, "2025-09-01"),
        ("Y 02-end", 2026, "2026-02-28"),
        ("Y 02-end", 2028, "2028-02-29"),
        ("Y+1 01-31", 2026, "2027-01-31"),
    ],
)
def test_a_day_is_told_relative_to_a_year(written: str, year: int, day: str) -> None:
    relative = YearDay.read(written)

    assert relative.in_year(year) == read_date(day)
    assert str(relative) == written


@pytest.mark.parametrize("written", ["", "09-01", "Y 02-29", "Y 04-31", "Y-1 13-01", "y 01-01"])
def test_a_day_that_some_years_lack_is_refused(written: str) -> None:
    with pytest.raises(RuleRefused):
        YearDay.read(written)


@pytest.mark.parametrize(
    "written", ["2026-02-29", "2026-1-1", "20260101", "２０２６-01-01", 5, None]
)
def test_what_is_no_day_is_refused(written: object) -> None:
    with pytest.raises(RuleRefused):
        read_date(written)


def test_a_month_counts_on_over_the_year() -> None:
    assert str(Month.read("2026-07").plus(24)) == "2028-07"


def test_working_days_skip_holidays_and_count_worked_weekends() -> None:
    spring = WorkCalendar(
        holidays={date(2026, 2, 15) + timedelta(days=n) for n in range(9)},
        workdays={date(2026, 2, 14), date(2026, 2, 28)},
    )

    assert spring.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert spring.add_working_days(date(2026, 2, 13), 2) == date(2026, 2, 24)


FIRST_SEVENTEEN = st.builds(
    lambda born, serial: f"349900{born:%Y%m%d}{serial:03d}",
    st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 12, 31)),
    st.integers(0, 999),
)


@given(FIRST_SEVENTEEN)
def test_the_check_character_agrees_with_another_implementation(first: str) -> None:
    assert check_character(first) == ric.calc_check_digit(first + "0")


@given(FIRST_SEVENTEEN, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(first: str, place: int, shift: int) -> None:
    number = first + check_character(first)
    wrong = str((int(number[place]) + shift) % 10)
    changed = number[:place] + wrong + number[place + 1 :]

    assert check_identity(number).valid
    assert not check_identity(changed).valid


def test_a_number_tells_birth_date_and_sex() -> None:
    man = check_identity("349900199001010013")
    woman = check_identity("34990019900101002" + check_character("34990019900101002"))

    assert (man.valid, man.birth_date, man.sex) == (True, date(1990, 1, 1), "M")
    assert (woman.valid, woman.sex) == (True, "F")


@pytest.mark.parametrize(
    "written",
    [" 349900199001010013 ", "３４９９００１９９００１０１００１３", "349900199001010013\u3000"],
)
def test_spaces_and_full_width_digits_are_understood(written: str) -> None:
    assert normalise_identity(written) == "349900199001010013"
    assert check_identity(written).valid


def test_a_small_x_is_a_check_character() -> None:
    first = next(
        f"34990019900101{serial:03d}"
        for serial in range(1000)
        if check_character(f"34990019900101{serial:03d}") == "X"
    )

    assert check_identity(first + "x").valid


def test_the_birth_date_is_looked_at_first() -> None:
    assert check_identity("349900199002310010").reason == "birth_date"


def test_an_old_number_is_lengthened() -> None:
    longer = convert_15_to_18("349900900101001")

    assert longer[:17] == "34990019900101001"
    assert check_identity(longer).valid
    assert convert_15_to_18("349900990101999").startswith("3499001899")
    with pytest.raises(ValueError, match="15 digits"):
        convert_15_to_18("34990090010100")


def test_a_mask_shows_six_and_two() -> None:
    assert mask_identity("349900199001010013") == "349900**********13"
    assert mask_identity("P1234567") == "********"
