"""Whose money may it be: what a receipt without a bill and a person of the register have in common.

A suggestion is never more than that; what is applied is decided by a case with a maker and a
checker. Numbers are compared by somebody else, because they are kept sealed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

SAME_NUMBER = "same_number"
ONE_CHARACTER_OFF = "one_character_off"
SAME_NAME = "same_name"
SAME_INITIALS = "same_initials"
SAME_BIRTH_DATE = "same_birth_date"
SAME_HOUSEHOLD = "same_household"
SAME_AREA = "same_area"

# How much each says. A number that is the same, or nearly so, and a name together are certain
# enough to be proposed for many receipts at once; a name alone is not.
WEIGHTS = {
    SAME_NUMBER: 60,
    ONE_CHARACTER_OFF: 50,
    SAME_NAME: 30,
    SAME_BIRTH_DATE: 25,
    SAME_INITIALS: 15,
    SAME_HOUSEHOLD: 10,
    SAME_AREA: 5,
}
PROPOSED_FROM = 55
_DIGITS = "0123456789"
_LAST = "0123456789X"


@dataclass(frozen=True, slots=True)
class Payer:
    """What a receipt tells of whom it was paid for. `place` are the first six digits of the number,
    `area` the pooling area (twelve digits) that received it; 0 and None where nobody knows."""

    name: str
    initials: str
    born: date | None
    place: int
    area: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the register, with what is known of the numbers: the same, or nearly."""

    name: str
    initials: str
    born: date
    place: int
    area: int
    same_number: bool
    near_number: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why it may be them, the strongest reason first, and how much that says."""

    reasons: tuple[str, ...]
    weight: int

    @property
    def is_proposed(self) -> bool:
        """Whether many receipts may be drafted by it, each for a checker to look at."""
        return self.weight >= PROPOSED_FROM


def likeness(payer: Payer, whom: Candidate) -> Likeness:
    """What both have in common."""
    found = [
        (SAME_NUMBER, whom.same_number),
        (ONE_CHARACTER_OFF, whom.near_number and not whom.same_number),
        (SAME_NAME, payer.name == whom.name),
        (SAME_BIRTH_DATE, payer.born == whom.born and not whom.same_number),
        (SAME_INITIALS, payer.name != whom.name and payer.initials == whom.initials != ""),
        (SAME_HOUSEHOLD, payer.place == whom.place != 0 and not whom.same_number),
        (SAME_AREA, payer.area == whom.area != 0),
    ]
    reasons = tuple(name for name, holds in found if holds)
    return Likeness(reasons, sum(WEIGHTS[name] for name in reasons))


def numbers_nearby(number: str) -> Iterator[str]:
    """The numbers of 18 characters that one slip of the hand makes of `number`.

    One character typed wrong, or two neighbours in the wrong order; others have none.
    """
    if len(number) != 18:
        return
    for at, there in enumerate(number):
        for other in _LAST if at == 17 else _DIGITS:
            if other != there:
                yield number[:at] + other + number[at + 1 :]
    for at in range(17):
        if number[at] != number[at + 1]:
            yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
