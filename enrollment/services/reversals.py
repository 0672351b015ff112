"""Reversal (冲销), a kind of case: what another case did is undone, checked and approved by others.

What is in effect is never edited. A reversal names the case and the reason; put into effect, it
lets the undone case's own kind write its opposite rows.
"""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, CaseReversal, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact
from enrollment.selectors import handovers
from enrollment.selectors.cases import kind_of, reversals_of, whole_case
from enrollment.services import cases
from enrollment.services.refusals import Refused

NAME = "reversal"
REASON_OF_THE_UNDONE = gettext_noop("Reason of that case")


class NotInEffect(Refused):
    message = gettext_noop("Case %(case)s is %(state)s: only what is in effect can be undone.")


class UndoingAlready(Refused):
    message = gettext_noop("Case %(other)s already asks to undo this one.")


class MadeWhatIsUndone(Refused):
    message = gettext_noop("You made the case that is to be undone: somebody else has to decide.")


class UndoneByOthers(Refused):
    message = gettext_noop("Cases of this kind are not for your duty to undo.")


@transaction.atomic
def open_reversal(
    *,
    maker: User,
    reverses: Case,
    reason: str,
    request_key: UUID | None = None,
    channel: str = Case.Channel.COUNTER,
) -> Case:
    """Ask to undo a case that is in effect. It stands where that case stood; a transfer is undone
    where it led to, because the person is insured there now.

    Raises NotReversible, NotInEffect, UndoingAlready, ReasonMissing, and as `cases.open_case`.
    """
    # Two who ask at once: the second waits here and finds the first one's case.
    Case.objects.select_for_update().get(pk=reverses.pk)
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=reverses.person,
        region_id=_place(reverses),
        year=reverses.year,
        amount=reverses.amount,
        request_key=request_key,
        channel=channel,
        reason=reason,
        reverses=reverses,
    )


def _place(reverses: Case) -> int:
    moved = reverses.kind == handovers.KIND and reverses.person is not None
    return reverses.whom.insured_region_id if moved else reverses.region_id


def check(case: Case) -> None:
    """Raises NotReversible, NotInEffect, UndoingAlready, ReasonMissing."""
    target = _target(case)
    if kind_of(target).undo is None:
        raise cases.NotReversible
    if target.state != lifecycle.EFFECTED:
        raise NotInEffect(case=target.pk, state=target.get_state_display())
    other = reversals_of(target.pk).exclude(pk=case.pk).exclude(state=lifecycle.WITHDRAWN).first()
    if other is not None:
        raise UndoingAlready(other=other.pk)
    if not case.reason.strip():
        raise cases.ReasonMissing


def decides(case: Case, user: User) -> None:
    """Whoever made what is undone does not decide about it. Raises MadeWhatIsUndone."""
    if _target(case).maker_id == user.pk:
        raise MadeWhatIsUndone


def facts(case: Case) -> list[Fact]:
    """Which case is undone, and what that one says."""
    target = _target(case)
    kind = kind_of(target)
    return [
        Fact(gettext_noop("Case to be undone"), target.pk, f"{target.pk} {kind.label}"),
        Fact(gettext_noop("Made by"), target.maker_id, str(target.maker)),
        *kind.facts(target),
        Fact(REASON_OF_THE_UNDONE, target.reason),
    ]


def told(case: Case, user: User, facts: list[Fact]) -> list[Fact]:
    """The new area of a transfer undoes it without reading what the other gave as its reason."""
    if handovers.is_of_the_leaving_side(user, _target(case)):
        return facts
    return [fact for fact in facts if fact.label != REASON_OF_THE_UNDONE]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The kind of the undone case writes its opposite. Raises as `cases.reverse_case`."""
    cases.reverse_case(case=_target(case), user=user, reason=case.reason)


def needs_two(case: Case) -> bool:
    """Whether the kind of the undone case is undone by two levels only."""
    return kind_of(_target(case)).reversed_by_two


def _target(case: Case) -> Case:
    return whole_case(cast("CaseReversal", case).reverses_id)


KIND = CaseKind(
    name=NAME,
    label=_("reversal"),
    model=CaseReversal,
    effect=effect,
    facts=facts,
    told=told,
    check=check,
    decides=decides,
    second_for=needs_two,
    url_name="admin:enrollment_casereversal",
)
