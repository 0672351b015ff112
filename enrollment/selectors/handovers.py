"""Transfers as the area sees them that they come to: from the hand-over on, unless it asked."""

from typing import Any

from django.db.models import Q, QuerySet

from enrollment.models import Case, EnrolmentTransfer, Person
from enrollment.rules.handover import LEAVING, RECEIVING
from enrollment.selectors.scope import Scope, inside, scope_for, scope_of, within

KIND = "enrolment_transfer"
CHECK, CONFIRM, EFFECT = (
    "enrollment.check_case",
    "enrollment.confirm_case",
    "enrollment.effect_case",
)
# The right that each move asks for, on the side that makes it. The maker's own moves ask for none.
RIGHTS = {
    "approve": CHECK,
    "check": CHECK,
    "confirm": CONFIRM,
    "return": CHECK,
    "accept": CHECK,
    "effect": EFFECT,
}


def coming_to(scope: Scope) -> Q:
    """Transfers to a region of the scope that were handed over, or asked for from there."""
    known = Q(handed_over_version__isnull=False) | Q(asked_for=True)
    return known & inside(scope, region="to_region")


def coming_in(user: Any) -> Q:
    """The same for the cases of every kind: those that come to a region which `user` sees."""
    transfers = EnrolmentTransfer.objects.filter(coming_to(scope_of(user)))
    return Q(kind=KIND, pk__in=transfers.values("pk"))


def known_elsewhere(user: Any, key: int) -> Person | None:
    """Somebody whose file is kept outside of the user's regions, known there by a case of theirs.

    None for whoever is inside, or unknown: the two are not told apart.
    """
    scope = scope_of(user)
    person = Person.objects.defer("id_sealed", "phone_sealed").filter(pk=key).first()
    if person is None or scope.allows(person.insured_region_id):
        return None
    return person if cases_about(user, key).exists() else None


def cases_about(user: Any, key: int) -> QuerySet[Case]:
    """The cases about a person that `user` sees, also those that come in; newest first."""
    return Case.objects.filter(within(user) | coming_in(user), person=key).select_related("maker")


def to_accept(user: Any) -> QuerySet[EnrolmentTransfer]:
    """Transfers that wait for somebody of the area they come to, where `user` may check."""
    waiting = EnrolmentTransfer.objects.filter(
        coming_to(scope_for(user, CHECK)), state=Case.State.APPROVED, accepted_by=None
    )
    # Whoever made or approved it accepts nothing.
    return waiting.exclude(maker=user).exclude(checker=user)


def to_take_over(user: Any) -> QuerySet[EnrolmentTransfer]:
    """Accepted transfers that wait to be put into effect, where `user` may do that."""
    return EnrolmentTransfer.objects.filter(
        coming_to(scope_for(user, EFFECT)),
        state=Case.State.APPROVED,
        accepted_by__isnull=False,
    )


def sides_with(user: Any, permission: str, transfer: EnrolmentTransfer) -> frozenset[str]:
    """On which sides of a transfer `user` may do one thing."""
    scope = scope_for(user, permission)
    reached = ((LEAVING, transfer.region_id), (RECEIVING, transfer.to_region_id))
    return frozenset(side for side, place in reached if scope.allows(place))


def is_of_the_writing_side(user: Any, transfer: EnrolmentTransfer) -> bool:
    """Whether `user` serves where the transfer was written."""
    return scope_of(user).allows(
        transfer.to_region_id if transfer.asked_for else transfer.region_id
    )


def is_of_the_leaving_side(user: Any, case: Case) -> bool:
    """Whether the whole case is shown to `user`, and not only what the new area needs."""
    return scope_of(user).allows(case.region_id)


__all__ = [
    "cases_about",
    "coming_in",
    "coming_to",
    "is_of_the_leaving_side",
    "is_of_the_writing_side",
    "known_elsewhere",
    "sides_with",
    "to_accept",
    "to_take_over",
]
