"""The two sides of a transfer, and which of them does what (转出地, 转入地).

The area that the person leaves decides as about every case; its approval is the hand-over. The area
that they join accepts, returns with a reason, and puts into effect what it accepted. Until it
accepted, the leaving side may take the transfer back. The triggers `transfer_has_two_sides` and
`acceptance_is_the_other_sides` have the same table (enrollment/sql/database.sql).
"""

from enrollment.rules.lifecycle import APPROVED, EFFECTED, SECOND_CHECKER, Transition

LEAVING, RECEIVING = "leaving", "receiving"
BOTH = frozenset({LEAVING, RECEIVING})

# The one move that a transfer adds. The case stands where it stood: it may be put into effect now.
# By somebody who neither made nor approved it, also where one agency is both sides.
ACCEPT = Transition("accept", frozenset({APPROVED}), APPROVED, SECOND_CHECKER)

# Who does what with a transfer that was handed over: before it is accepted, and after.
_HANDED_OVER = {
    ("accept", False): frozenset({RECEIVING}),
    ("return", False): BOTH,
    ("withdraw", False): frozenset({LEAVING}),
    # What was approved may change after the acceptance too; then it has to go back.
    ("return", True): frozenset({RECEIVING}),
    ("effect", True): frozenset({RECEIVING}),
}


def sides_of(move: str, state: str, *, accepted: bool) -> frozenset[str]:
    """The sides that may do `move` with a transfer that stands so; none if nobody may."""
    if state == APPROVED:
        return _HANDED_OVER.get((move, accepted), frozenset())
    return BOTH if state == EFFECTED else frozenset({LEAVING})
