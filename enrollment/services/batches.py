"""Many cases in one act: first what would happen to each and why not, then one transaction a case.

The preview asks what the act itself would ask, and changes nothing. Each case keeps the digest of
what the preview showed, so that an approval in a batch is bound to it as on the page of the case.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_noop

from enrollment.models import Case, User
from enrollment.rules.lifecycle import Fact, digest_of
from enrollment.selectors.cases import facts_of, kind_of, whole_case
from enrollment.selectors.scope import set_scope
from enrollment.services import cases
from enrollment.services.refusals import Refused

LIMIT = 1000  # cases of one batch
MOVES = ("submit", "approve", "confirm", "return", "effect")
PERMISSIONS = {
    "approve": "enrollment.check_case",
    "confirm": "enrollment.confirm_case",
    "return": "enrollment.check_case",
    "effect": "enrollment.effect_case",
}


class NotYourRole(Refused):
    message = gettext_noop("Your duty does not allow this for the region of the case.")


class OnItsPage(Refused):
    message = gettext_noop("This kind asks for more than a batch can say: do it on its page.")


class CouldNotBeDone(Refused):
    message = gettext_noop("The database refused it; nothing of this case was changed.")


@dataclass(frozen=True, slots=True)
class Planned:
    """What would happen to a case: the facts that the user reads and the digest of all of them, or
    why it would be refused."""

    case: Case
    facts: Sequence[Fact]
    digest: str
    target: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case of a batch as its preview showed it."""

    pk: int
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to a case: its new state, or why it was refused."""

    case: Case
    refused: str = ""


def preview(*, chosen: Sequence[int], move: str, user: User, reason: str = "") -> list[Planned]:
    """What `move` would do to each case, in the order given. Changes nothing."""
    return [_planned(pk, move, user, reason) for pk in chosen[:LIMIT]]


def _planned(pk: int, move: str, user: User, reason: str) -> Planned:
    case = whole_case(pk)
    try:
        _check_role(case, move, user)
        facts = facts_of(case)
        digest = digest_of(facts)
        after = _tried(case, move, user, reason, digest)
    except Refused as refused:
        return Planned(case, (), "", "", refused=str(refused))
    return Planned(case, kind_of(case).told(case, user, facts), digest, after.state)


def _tried(case: Case, move: str, user: User, reason: str, digest: str) -> Case:
    """The case as the move would leave it; everything is taken back."""
    with transaction.atomic():
        after = _move(case, move, user, reason=reason, version=case.version, digest=digest)
        transaction.set_rollback(True)
    return after


def run(*, chosen: Sequence[Chosen], move: str, user: User, reason: str = "") -> list[Done]:
    """Do `move` to each case, one transaction a case; a refusal of one leaves the others alone.

    Must not run inside a transaction: what is done is committed before the next one begins.
    """
    done = []
    for each in chosen[:LIMIT]:
        with scoped(user):
            done.append(_done(each, move, user, reason))
    return done


def _done(chosen: Chosen, move: str, user: User, reason: str) -> Done:
    case = whole_case(chosen.pk)
    try:
        with transaction.atomic():
            _check_role(case, move, user)
            after = _move(
                case, move, user, reason=reason, version=chosen.version, digest=chosen.digest
            )
    except Refused as refused:
        return Done(whole_case(chosen.pk), refused=str(refused))
    except DatabaseError:
        return Done(whole_case(chosen.pk), refused=str(CouldNotBeDone()))
    return Done(after)


@contextmanager
def scoped(user: User) -> Iterator[None]:
    """A transaction in which row security knows the user."""
    with transaction.atomic():
        set_scope(user)
        yield


def _check_role(case: Case, move: str, user: User) -> None:
    needed = PERMISSIONS.get(move)
    if needed is not None and not user.has_perm(needed, case):
        raise NotYourRole
    if move == "effect" and kind_of(case).asks_on_effect:
        raise OnItsPage


def _move(case: Case, move: str, user: User, *, reason: str, version: int, digest: str) -> Case:
    """The one act of a batch, by the services of the lifecycle. Raises as they do."""
    match move:
        case "submit":
            return cases.submit_case(case=case, user=user, expected_version=version)
        case "approve":
            return cases.approve_case(case=case, checker=user, shown_digest=digest)
        case "confirm":
            return cases.confirm_case(case=case, checker=user, shown_digest=digest)
        case "return":
            return cases.return_case(
                case=case, checker=user, reason=reason, expected_version=version
            )
        case "effect":
            return cases.put_into_effect(case=case, user=user)
    raise ValueError(f"no move of a batch: {move}")
