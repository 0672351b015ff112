"""What a full list does to somebody, and what follows for a bill."""

from decimal import Decimal

import pytest

from enrollment.models.person import Category
from enrollment.rules.recognition import (
    AWARD,
    BILL,
    DEPARTMENTS,
    DOWN,
    JOINED,
    LEFT,
    ORDER,
    REFUND,
    UNCHANGED,
    UP,
    drops_too_many,
    follow_up_of,
    highest,
    outcome_of,
)


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ((), ("dibao",), JOINED),
        (("dibao",), (), LEFT),
        (("dibao",), ("extreme_poverty",), UP),
        (("extreme_poverty",), ("dibao",), DOWN),
        (("dibao", "monitored"), ("monitored",), DOWN),
        (("extreme_poverty", "dibao"), ("extreme_poverty",), UNCHANGED),
        (("extreme_poverty",), ("extreme_poverty", "monitored"), UNCHANGED),
        (("low_income_recognised",), ("monitored",), UP),
        (("newborn",), (), UNCHANGED),
        ((), (), UNCHANGED),
    ],
)
def test_the_highest_category_decides(
    before: tuple[str, ...], after: tuple[str, ...], outcome: str
) -> None:
    assert outcome_of(before, after) == outcome


def test_departments_list_categories_that_are_known_and_ranked() -> None:
    assert set(ORDER) <= set(Category.values)
    assert {each for listed in DEPARTMENTS.values() for each in listed} == set(ORDER)
    assert highest(("monitored", "newborn", "dibao")) == "dibao"
    assert highest(("newborn",)) == ""


def test_a_list_drops_too_many_by_share_and_by_number() -> None:
    rule = {"percent": 5, "least": 20}
    assert not drops_too_many(leaving=20, on_file=21, **rule)
    assert drops_too_many(leaving=21, on_file=21, **rule)
    assert not drops_too_many(leaving=50, on_file=1000, **rule)
    assert drops_too_many(leaving=51, on_file=1000, **rule)


@pytest.mark.parametrize(
    ("payable", "paid", "given", "due", "due_when_paid", "follows"),
    [
        (420, 0, 0, 360, 0, AWARD),
        (420, 100, 0, 320, 0, AWARD),
        (60, 0, 360, 0, 0, BILL),
        (60, 0, 360, 210, 0, BILL),
        (60, 20, 360, 0, 0, ""),  # part of it is paid: a later loss takes nothing back
        (60, 0, 360, 360, 0, ""),
        (420, 420, 0, 360, 360, REFUND),
        (420, 420, 0, 360, 0, ""),  # gained after the payment
        (0, 0, 420, 0, 0, ""),  # paid by the subsidy
    ],
)
def test_what_is_left_to_do_about_a_bill(
    payable: int, paid: int, *, given: int, due: int, due_when_paid: int, follows: str
) -> None:
    facts = {"payable": payable, "paid": paid, "given": given, "due": due}
    facts |= {"due_when_paid": due_when_paid}
    amounts = {name: Decimal(value) for name, value in facts.items()}
    assert follow_up_of(**amounts, has_ended=False, has_begun=False) == follows
    assert follow_up_of(**amounts, has_ended=True, has_begun=False) == ""
    # what was paid stays paid once the benefits have begun
    begun = "" if follows == REFUND else follows
    assert follow_up_of(**amounts, has_ended=False, has_begun=True) == begun
