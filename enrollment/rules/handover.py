"""The two sides of a transfer, and which of them does what (转出地, 转入地).

The area that the person leaves decides as about every case; its approval is the hand-over. The area
that they join accepts, returns with a reason, and puts into effect what it accepted. Until it
accepted, the side that wrote it may take it back. That is the area that is left, or, where the
person went to the counter of the place where they live now, the area that asks for them: then the
leaving area still decides, and a return goes to who asked. The triggers `transfer_has_two_sides`
and `transfer_is_fixed` have the same table (enrollment/sql/database/).
"""

from enrollment.rules.lifecycle import APPROVED, EFFECTED, SECOND_CHECKER, Transition

LEAVING, RECEIVING = "leaving", "receiving"
BOTH = frozenset({LEAVING, RECEIVING})

# The one move that a transfer adds. The case stands where it stood: it may be put into effect now.
# By somebody who neither made nor approved it, also where one agency is both sides.
ACCEPT = Transition("accept", frozenset({APPROVED}), APPROVED, SECOND_CHECKER)

# Moves of the side that wrote the transfer, in whatever state.
_OF_THE_WRITER = frozenset({"submit", "withdraw"})
# Who does what with a transfer that was handed over: before it is accepted, and after.
_HANDED_OVER = {
    ("accept", False): frozenset({RECEIVING}),
    ("return", False): BOTH,
    # What was approved may change after the acceptance too; then it has to go back.
    ("return", True): frozenset({RECEIVING}),
    ("effect", True): frozenset({RECEIVING}),
}


def writer_of(*, asked_for: bool) -> str:
    """The side that writes the transfer and corrects it after a return."""
    return RECEIVING if asked_for else LEAVING


def sides_of(move: str, state: str, *, accepted: bool, asked_for: bool) -> frozenset[str]:
    """The sides that may do `move` with a transfer that stands so; none if nobody may."""
    if move in _OF_THE_WRITER:
        return frozenset() if accepted else frozenset({writer_of(asked_for=asked_for)})
    if state == APPROVED:
        return _HANDED_OVER.get((move, accepted), frozenset())
    return BOTH if state == EFFECTED else frozenset({LEAVING})
