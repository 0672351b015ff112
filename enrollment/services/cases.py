"""The life of a case: one transaction a move, the same for every kind in every app.

Each function locks the case (SELECT ... FOR UPDATE), compares the version that the caller saw,
asks the table of `enrollment.rules.lifecycle`, writes the new state and an event, and returns the
case as it is then, as the model of its kind. Refusals are named and nothing is half done. Whether
the user's role allows the act is the screen's question; who made the case is asked here.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from enrollment.declarations import case_kinds
from enrollment.models import Case, CaseEvent, Person, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Transition
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date
from enrollment.selectors.cases import kind_of, shown_digest_of, whole_case
from enrollment.selectors.policy import second_level_above
from enrollment.selectors.workdays import Deadline, deadline
from enrollment.services import changes
from enrollment.services.refusals import Refused

# What a return or a withdrawal takes back.
NO_APPROVAL: dict[str, Any] = {
    "checker": None,
    "decided_at": None,
    "shown_digest": "",
    "second_checker": None,
    "second_decided_at": None,
    "second_digest": "",
}
# What the maker may not change: who it is about and what the lifecycle writes.
NOT_CHANGED = frozenset({"id", "case_ptr", "kind", "person", "region", "county", "opened_at"})


class UnknownKind(Refused):
    message = gettext_noop("There is no kind of case called %(kind)s.")


class RegionMissing(Refused):
    message = gettext_noop("Choose the region that the act is about.")
    field = "region"


class FormUsedBySomebodyElse(Refused):
    message = gettext_noop("This form was already sent by somebody else. Open a new one.")


class ChangedMeanwhile(Refused):
    message = gettext_noop(
        "Case %(case)s was changed meanwhile and is %(state)s now. Look at it again."
    )


class NotInThisState(Refused):
    message = gettext_noop("Case %(case)s is %(state)s: this cannot be done any more.")


class ClosedForChange(Refused):
    message = gettext_noop(
        "Case %(case)s is %(state)s: only drafts and returned cases can be changed."
    )


class NotTheMaker(Refused):
    message = gettext_noop("Only %(maker)s, who made the case, can do this.")


class MakerIsChecker(Refused):
    message = gettext_noop("Whoever made a case never checks it: somebody else has to.")


class CheckerIsSecond(Refused):
    message = gettext_noop(
        "Whoever checked a case does not approve it once more: a third person has to."
    )


class SecondLevelUnknown(Refused):
    message = gettext_noop(
        "Above which amount a second level is needed is not published: %(parameter)s."
    )


class ReasonMissing(Refused):
    message = gettext_noop("Give the reason.")
    field = "reason"


class ShownFactsChanged(Refused):
    message = gettext_noop(
        "What this case rests on changed after it was shown to you. Look at it again."
    )


class ApprovalVoid(Refused):
    message = gettext_noop(
        "What was approved changed since: the approval is void. Return the case to its maker."
    )


class NotReversible(Refused):
    message = gettext_noop("Cases of this kind cannot be reversed.")


@transaction.atomic
def open_case(
    *,
    kind: str,
    maker: User,
    person: Person | None,
    year: int,
    region_id: int | None = None,
    request_key: UUID | None = None,
    **details: Any,
) -> Case:
    """Make a draft. `details` are channel, amount, reason and the fields of the kind's own table.

    A case stands in the region where its person is insured unless it names another; one without a
    person has to. A form that is sent twice, or twice at once, makes one case: the second time
    returns the first's. Raises UnknownKind, RegionMissing, FormUsedBySomebodyElse, and what the
    kind's check refuses.
    """
    case, _ = _opened(
        kind=kind,
        maker=maker,
        person=person,
        year=year,
        region_id=region_id,
        request_key=request_key,
        **details,
    )
    return case


@transaction.atomic
def open_only_case(
    *,
    kind: str,
    maker: User,
    stands_for: str,
    taken: type[Refused],
    begin: Callable[[Case], object] | None = None,
    request_key: UUID | None = None,
    **details: Any,
) -> Case:
    """Make the one draft that may stand for something, such as the budget of an area's year.

    `begin` writes what the new draft begins with. Raises `taken`, which names the case that stands
    there already, and what `open_case` raises.
    """
    known = case_of_request(request_key, maker)
    if known is not None:
        return known
    stands = case_kinds[kind].model.objects.filter(Q(stands_for=stands_for))
    _refuse_taken(stands, taken)
    try:
        with transaction.atomic():
            case, is_new = _opened(
                kind=kind,
                maker=maker,
                request_key=request_key,
                stands_for=stands_for,
                **details,
            )
    except IntegrityError:  # somebody else was quicker
        _refuse_taken(stands, taken)
        raise
    if is_new and begin is not None:
        begin(case)
    return whole_case(case.pk)


def _refuse_taken(stands: QuerySet[Case], taken: type[Refused]) -> None:
    case = stands.values_list("pk", flat=True).first()
    if case is not None:
        raise taken(case=case)


def _opened(
    *,
    kind: str,
    maker: User,
    person: Person | None = None,
    year: int,
    region_id: int | None = None,
    request_key: UUID | None = None,
    **details: Any,
) -> tuple[Case, bool]:
    """The draft, and whether this call made it."""
    if kind not in case_kinds:
        raise UnknownKind(kind=kind)
    declared = case_kinds[kind]
    place = region_id or (person.insured_region_id if person else None)
    if place is None:
        raise RegionMissing
    case = declared.model(
        kind=kind,
        person=person,
        region_id=place,
        year=year,
        maker=maker,
        request_key=request_key,
        **details,
    )
    known = case_of_request(request_key, maker)
    if known is not None:
        return known, False
    declared.check(case)
    due = _due(case)
    case.due_on, case.due_is_provisional = due.day, due.is_provisional
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        known = case_of_request(request_key, maker)
        if known is None:
            raise
        return known, False
    _record(case=case, source="", target=case.state, user=maker, version=case.version)
    return whole_case(case.pk), True


def _due(case: Case) -> Deadline:
    """The last day, by the law where it says one and by the agency's own rule otherwise."""
    kind = kind_of(case)
    if kind.due is not None:
        return kind.due(case)
    return deadline(region=case.region_id, start=business_date(), working_days=kind.working_days)


def case_of_request(request_key: UUID | None, maker: User) -> Case | None:
    """The case that a form already made. Raises FormUsedBySomebodyElse."""
    if request_key is None:
        return None
    known = Case.objects.filter(request_key=request_key).first()
    if known is None:
        return None
    if known.maker_id != maker.pk:
        raise FormUsedBySomebodyElse
    return whole_case(known.pk)


@transaction.atomic
def change_case(*, case: Case, user: User, expected_version: int, **fields: Any) -> Case:
    """Let the maker change what a draft or returned case says.

    Raises ChangedMeanwhile, ClosedForChange, NotTheMaker, and what the kind's check refuses.
    """
    case = _locked(case, expected_version)
    if case.state not in lifecycle.OPEN_FOR_CHANGE:
        raise ClosedForChange(case=case.pk, state=case.get_state_display())
    _check_hands(case, user, lifecycle.MAKER)
    for name, value in fields.items():
        if name in NOT_CHANGED or not case._meta.get_field(name).editable:
            raise TypeError(f"not for the maker to change: {name}")
        setattr(case, name, value)
    kind_of(case).check(case)
    case.version += 1
    case.save()
    _record(case=case, source=case.state, target=case.state, user=user, version=case.version)
    return whole_case(case.pk)


def locked_for_change(*, case: Case, user: User) -> Case:
    """The case as it is now, for its maker to change; inside the caller's transaction.

    Raises ClosedForChange, NotTheMaker.
    """
    case = _locked(case)
    if case.state not in lifecycle.OPEN_FOR_CHANGE:
        raise ClosedForChange(case=case.pk, state=case.get_state_display())
    _check_hands(case, user, lifecycle.MAKER)
    return case


@transaction.atomic
def submit_case(*, case: Case, user: User, expected_version: int | None = None) -> Case:
    """Hand a draft or returned case to a checker. Raises as `change_case`, and NotInThisState."""
    case = _locked(case, expected_version)
    _check_move(case, lifecycle.SUBMIT, user)
    kind_of(case).check(case)
    return _moved(
        case,
        lifecycle.SUBMIT,
        user,
        submitted_at=timezone.now(),
        needs_second=needs_second(case),
    )


@transaction.atomic
def return_case(
    *, case: Case, checker: User, reason: str, expected_version: int | None = None
) -> Case:
    """Give a submitted case, or an approved one that is not in effect yet, back to its maker.

    Raises ChangedMeanwhile, NotInThisState, MakerIsChecker, ReasonMissing.
    """
    case = _locked(case, expected_version)
    _check_move(case, lifecycle.RETURN, checker, reason)
    case = _moved(case, lifecycle.RETURN, checker, reason)
    kind_of(case).returned(case)
    return case


@transaction.atomic
def approve_case(*, case: Case, checker: User, shown_digest: str) -> Case:
    """Approve what was shown: `shown_digest` is that of the facts on the checker's page.

    A case that needs a second level is checked by this and approved by `confirm_case`. Of two
    checkers at once the first decides and the second is refused. Raises NotInThisState,
    MakerIsChecker, ShownFactsChanged, SecondLevelUnknown, and what the kind's check refuses.
    """
    case = _locked(case)
    two_levels = case.needs_second or needs_second(case)
    move = lifecycle.CHECK if two_levels else lifecycle.APPROVE
    digest = _decide(case, move, checker, shown_digest)
    return _moved(
        case,
        move,
        checker,
        checker=checker,
        decided_at=timezone.now(),
        shown_digest=digest,
        needs_second=two_levels,
    )


@transaction.atomic
def confirm_case(*, case: Case, checker: User, shown_digest: str) -> Case:
    """Approve at the second level exactly what the first checker saw.

    Raises NotInThisState, MakerIsChecker, CheckerIsSecond, ShownFactsChanged, ApprovalVoid, and
    what the kind's check refuses.
    """
    case = _locked(case)
    digest = _decide(case, lifecycle.CONFIRM, checker, shown_digest)
    if digest != case.shown_digest:
        raise ApprovalVoid
    return _moved(
        case,
        lifecycle.CONFIRM,
        checker,
        second_checker=checker,
        second_decided_at=timezone.now(),
        second_digest=digest,
    )


def _decide(case: Case, move: Transition, checker: User, shown_digest: str) -> str:
    """What every approval asks for: the digest of what is there now, which was shown."""
    _check_move(case, move, checker)
    kind = kind_of(case)
    kind.decides(case, checker)
    kind.check(case)
    digest = shown_digest_of(case)
    if digest != shown_digest:
        raise ShownFactsChanged
    if move.target == lifecycle.APPROVED:
        kind.approved(case)
    return digest


def needs_second(case: Case) -> bool:
    """Whether a case needs a second level: by its kind always, or above the area's amount.

    Raises SecondLevelUnknown where the kind names a parameter that is not published.
    """
    kind = kind_of(case)
    if kind.second_always or kind.second_for(case):
        return True
    if not kind.second_above or case.amount is None:
        return False
    try:
        limit = second_level_above(kind.second_above, case.region_id, business_date())
    except MissingParameter as error:
        raise SecondLevelUnknown(parameter=str(error)) from error
    return case.amount > limit


@transaction.atomic
def make_move(*, case: Case, move: Transition, user: User, act: Callable[[Case], None]) -> Case:
    """A move that a kind adds to the life of its cases: `act` is what it does.

    Raises NotInThisState, MakerIsChecker, CheckerIsSecond, and what the kind and `act` refuse.
    """
    case = _locked(case)
    _check_move(case, move, user)
    act(case)
    return _moved(case, move, user)


@transaction.atomic
def put_into_effect(*, case: Case, user: User, **details: Any) -> Case:
    """Let an approved case change the register. `details` are what its kind asks for, if anything.

    What was approved must still be what is there: otherwise ApprovalVoid. Raises NotInThisState,
    and what the kind's effect refuses.
    """
    case = _locked(case)
    _check_move(case, lifecycle.EFFECT, user)
    if shown_digest_of(case) != case.shown_digest:
        raise ApprovalVoid
    with changes.done_by(case=case, user=user):
        kind_of(case).effect(case=case, user=user, **details)
        changes.announce()
        return _moved(case, lifecycle.EFFECT, user, effected_at=timezone.now())


@transaction.atomic
def withdraw_case(
    *, case: Case, user: User, reason: str, expected_version: int | None = None
) -> Case:
    """Let the maker end a case that is not in effect.

    Raises ChangedMeanwhile, NotInThisState, NotTheMaker, ReasonMissing.
    """
    case = _locked(case, expected_version)
    _check_move(case, lifecycle.WITHDRAW, user, reason)
    return _moved(case, lifecycle.WITHDRAW, user, reason)


@transaction.atomic
def reverse_case(*, case: Case, user: User, reason: str) -> Case:
    """Undo what an effected case did, by further rows; what it wrote stays.

    Raises NotInThisState, MakerIsChecker, ReasonMissing, NotReversible, and what the kind's undo
    refuses.
    """
    case = _locked(case)
    _check_move(case, lifecycle.REVERSE, user, reason)
    undo = kind_of(case).undo
    if undo is None:
        raise NotReversible
    with changes.done_by(case=case, user=user):
        undo(case=case, user=user)
        changes.announce()
        return _moved(case, lifecycle.REVERSE, user, reason)


def _locked(case: Case, expected_version: int | None = None) -> Case:
    """The case as it is now, ours until the transaction ends. Raises ChangedMeanwhile."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if expected_version is not None and locked.version != expected_version:
        raise ChangedMeanwhile(case=locked.pk, state=locked.get_state_display())
    return whole_case(locked.pk)


def _check_move(case: Case, move: Transition, user: User, reason: str = "") -> None:
    """Raises NotInThisState, NotTheMaker, MakerIsChecker, ReasonMissing, and as the kind."""
    if case.state not in move.sources:
        raise NotInThisState(case=case.pk, state=case.get_state_display())
    _check_hands(case, user, move.by)
    kind_of(case).moves(case, move, user)
    if move.needs_reason and not reason.strip():
        raise ReasonMissing


def _check_hands(case: Case, user: User, by: str) -> None:
    if by == lifecycle.MAKER and user.pk != case.maker_id:
        raise NotTheMaker(maker=case.maker)
    if by in (lifecycle.CHECKER, lifecycle.SECOND_CHECKER) and user.pk == case.maker_id:
        raise MakerIsChecker
    if by == lifecycle.SECOND_CHECKER and user.pk == case.checker_id:
        raise CheckerIsSecond


def _moved(case: Case, move: Transition, user: User, note: str = "", **fields: Any) -> Case:
    """Write the new state and its event."""
    if move.voids_approval:
        fields |= NO_APPROVAL
    Case.objects.filter(pk=case.pk).update(state=move.target, version=F("version") + 1, **fields)
    _record(
        case=case,
        source=case.state,
        target=move.target,
        user=user,
        version=case.version + 1,
        note=note,
    )
    return whole_case(case.pk)


def _record(
    *, case: Case, source: str, target: str, user: User, version: int, note: str = ""
) -> None:
    CaseEvent.objects.create(
        case_id=case.pk,
        from_state=source,
        to_state=target,
        user=user,
        note=note.strip(),
        version=version,
    )
