"""Whose money it may be: reasons, their weight, and one slip of the hand in a number."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from enrollment.rules.identity import check_character
from enrollment.rules.suspense import (
    ONE_CHARACTER_OFF,
    SAME_AREA,
    SAME_BIRTH_DATE,
    SAME_HOUSEHOLD,
    SAME_INITIALS,
    SAME_NAME,
    SAME_NUMBER,
    Candidate,
    Payer,
    likeness,
    numbers_nearby,
)

BORN = date(1980, 1, 1)
PAYER = Payer(name="张三", initials="zs", born=BORN, place=340104, area=340100000000)


def candidate(**says: object) -> Candidate:
    told = {
        "name": "张三", "initials": "zs", "born": date(1990, 5, 5), "place": 340202,
        "area": 340200000000, "same_number": False, "near_number": False,
    }  # fmt: skip
    return Candidate(**(told | says))  # type: ignore[arg-type]


def test_a_name_alone_is_a_reason_and_no_proposal() -> None:
    alike = likeness(PAYER, candidate())
    assert (alike.reasons, alike.is_proposed) == ((SAME_NAME,), False)


def test_a_name_and_a_birth_date_are_proposed() -> None:
    alike = likeness(PAYER, candidate(born=BORN))
    assert (alike.reasons, alike.is_proposed) == ((SAME_NAME, SAME_BIRTH_DATE), True)


def test_a_number_one_slip_away_under_another_name_needs_more_than_itself() -> None:
    alone = likeness(PAYER, candidate(name="李四", initials="ls", near_number=True))
    assert (alone.reasons, alone.is_proposed) == ((ONE_CHARACTER_OFF,), False)
    sounds = likeness(PAYER, candidate(name="章三", near_number=True))
    assert (sounds.reasons, sounds.is_proposed) == ((ONE_CHARACTER_OFF, SAME_INITIALS), True)


def test_a_maiden_area_is_where_the_number_is_from() -> None:
    alike = likeness(PAYER, candidate(place=340104))
    assert alike.reasons == (SAME_NAME, SAME_HOUSEHOLD)


def test_what_a_number_holds_is_not_told_again_beside_the_number() -> None:
    alike = likeness(PAYER, candidate(same_number=True, born=BORN, place=340104, area=PAYER.area))
    assert alike.reasons == (SAME_NUMBER, SAME_NAME, SAME_AREA)


def test_what_nobody_knows_is_no_likeness() -> None:
    nobody = Payer(name="", initials="", born=None, place=0, area=0)
    assert likeness(nobody, candidate(initials="", place=0, area=0)).reasons == ()


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(0, 9))
def test_every_slip_of_one_character_is_nearby(first: str, at: int, digit: int) -> None:
    number = first + check_character(first)
    slipped = number[:at] + str(digit) + number[at + 1 :]
    assert (slipped in set(numbers_nearby(number))) is (slipped != number)
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert (swapped in set(numbers_nearby(number))) is (swapped != number)


def test_other_documents_have_no_neighbours() -> None:
    assert list(numbers_nearby("H10293847")) == []
