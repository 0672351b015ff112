"""The one lifecycle of all cases: states, who moves a case from one to the next, and a table.

draft -> submitted -> returned | approved -> effected, with withdrawal before and reversal after
the effect; where a second level is needed, checked stands between submitted and approved. What is
not in the table does not happen, whatever kind of case it is; the trigger `case_keeps_its_life`
has the same table.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

DRAFT = "draft"
SUBMITTED = "submitted"
CHECKED = "checked"
RETURNED = "returned"
APPROVED = "approved"
EFFECTED = "effected"
WITHDRAWN = "withdrawn"
REVERSED = "reversed"

# Who may: the maker alone, somebody who is not the maker, somebody who neither made nor checked it,
# or whoever holds the duty.
MAKER = "maker"
CHECKER = "checker"
SECOND_CHECKER = "second_checker"
ANYBODY = "anybody"

# In these the maker may still change what the case says; a checker sees it in none of them.
OPEN_FOR_CHANGE = frozenset({DRAFT, RETURNED})
FINAL = frozenset({WITHDRAWN, REVERSED})
# Nobody has anything left to do with these, so that no deadline runs.
DONE = FINAL | {EFFECTED}


@dataclass(frozen=True, slots=True)
class Transition:
    """A named move. `voids_approval` takes back who checked and what they saw."""

    name: str
    sources: frozenset[str]
    target: str
    by: str
    needs_reason: bool = False
    voids_approval: bool = False


SUBMIT = Transition("submit", frozenset({DRAFT, RETURNED}), SUBMITTED, MAKER)
# An approved case goes back too: what the approval was bound to may have changed since.
RETURN = Transition(
    "return",
    frozenset({SUBMITTED, CHECKED, APPROVED}),
    RETURNED,
    CHECKER,
    needs_reason=True,
    voids_approval=True,
)
APPROVE = Transition("approve", frozenset({SUBMITTED}), APPROVED, CHECKER)
# The first of two levels, and the second.
CHECK = Transition("check", frozenset({SUBMITTED}), CHECKED, CHECKER)
CONFIRM = Transition("confirm", frozenset({CHECKED}), APPROVED, SECOND_CHECKER)
EFFECT = Transition("effect", frozenset({APPROVED}), EFFECTED, ANYBODY)
WITHDRAW = Transition(
    "withdraw",
    frozenset({DRAFT, SUBMITTED, CHECKED, RETURNED, APPROVED}),
    WITHDRAWN,
    MAKER,
    needs_reason=True,
    voids_approval=True,
)
REVERSE = Transition("reverse", frozenset({EFFECTED}), REVERSED, CHECKER, needs_reason=True)

TRANSITIONS = {
    transition.name: transition
    for transition in (SUBMIT, RETURN, APPROVE, CHECK, CONFIRM, EFFECT, WITHDRAW, REVERSE)
}


def moves_from(state: str) -> tuple[Transition, ...]:
    """What can happen to a case in `state`, in the order of the table."""
    return tuple(each for each in TRANSITIONS.values() if state in each.sources)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a checker is shown. `label` is an English msgid, `value` is what is signed.

    `shown` is what people read where the value itself is not it: the name of a region or choice.
    """

    label: str
    value: Any
    shown: str = ""


def digest_of(facts: Sequence[Fact]) -> str:
    """SHA-256 of what a checker is shown, as 64 hexadecimal digits.

    The same facts give the same digest in every language and process. Values are text, whole
    numbers, Decimal, dates, choices (by their value), nothing, or lists of these. Raises
    TypeError for anything else, floats included: what cannot be written down exactly cannot be
    signed.
    """
    text = json.dumps(
        [[fact.label, _exact(fact.value)] for fact in facts],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _exact(value: Any) -> Any:
    """JSON in which different values are never written alike."""
    if isinstance(value, Enum):
        return _exact(value.value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [_exact(each) for each in value]
    raise TypeError(f"not a fact that can be signed: {type(value).__name__}")
