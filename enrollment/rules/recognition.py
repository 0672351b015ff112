"""What a full list of a department says of a person, and what follows for a contribution.

皖医保发〔2024〕6号 一（一）: of several categories the most favourable counts, alone; 一（二）: who
is newly recognised in the course of a year does not wait. The set-based twin is the SQL of the
import kind `recognition_list` and `subsidy_follow_up` in enrollment/sql/database/; a test
compares them.
"""

from collections.abc import Collection
from decimal import Decimal

from enrollment.rules.subsidy import CATEGORIES

LOW_INCOME, NEW = "low_income_recognised", "medical_assistance_new"
# The order of the document, then those whom a department recognises without a subsidy of their own.
ORDER = (*CATEGORIES, LOW_INCOME)
# What each department recognises; categories of others it does not list, and ends none of them.
DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "civil_affairs": ("extreme_poverty", "dibao", LOW_INCOME),
    "agriculture": ("returned_to_poverty", "monitored"),
    "disabled_federation": (LOW_INCOME,),
}

JOINED, LEFT, UP, DOWN, UNCHANGED = "joined", "left", "up", "down", "unchanged"
OUTCOMES = (JOINED, LEFT, UP, DOWN, UNCHANGED)

AWARD, BILL, REFUND = "award", "bill", "refund"
FOLLOW_UPS = (AWARD, BILL, REFUND)


def highest(held: Collection[str]) -> str:
    """The highest of the categories that somebody holds; nothing where there is none."""
    return min((each for each in held if each in ORDER), key=ORDER.index, default="")


def outcome_of(before: Collection[str], after: Collection[str]) -> str:
    """What a list does to somebody, over all departments: the highest category decides."""
    was, becomes = highest(before), highest(after)
    if was == becomes:
        return UNCHANGED
    if not was:
        return JOINED
    if not becomes:
        return LEFT
    return UP if ORDER.index(becomes) < ORDER.index(was) else DOWN


def drops_too_many(*, leaving: int, on_file: int, percent: int, least: int) -> bool:
    """Whether so many of a department's people are missing that the list is likely not whole.

    More than `percent` of those on file, and more than `least` people, so that the list of a small
    place may lose its few.
    """
    return leaving > least and leaving * 100 > on_file * percent


def follow_up_of(
    *,
    payable: Decimal,
    paid: Decimal,
    given: Decimal,
    due: Decimal,
    due_when_paid: Decimal,
    has_ended: bool,
    has_begun: bool,
) -> str:
    """What is left to do about one bill; nothing where it says what the law says. Yuan.

    `given` is what medical assistance pays of the bill, `due` what it would pay by the categories
    of today, `due_when_paid` by those of the day of payment, which decides (S-A3). Once paid, a
    later loss takes nothing back and a later gain pays nothing out; who had the category on that
    day and paid in full is offered a refund before the benefits of the year begin.
    """
    if has_ended:
        return ""
    if paid >= payable:
        return REFUND if paid > 0 and due_when_paid > given and not has_begun else ""
    if due > given:
        return AWARD
    return BILL if due < given and paid == 0 else ""
