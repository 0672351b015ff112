"""Enrolment transfer (转移接续), a kind of case with two sides: a place of insurance moves.

The area that the person leaves approves and so hands over; the area that they join accepts, or
returns with a reason, and puts into effect (docs/adr/0022). Either may begin it: that of the area
that they join stands in `enrollment.services.transfer_requests` (docs/adr/0026). 医保办发〔2021〕
43号: ten working days to hand over and five to take over; residents who move are covered by the
new area from the next benefit year, and the cover of the present year stays where it is.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, EnrolmentTransfer, Person, User
from enrollment.rules import handover, lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import county_of, pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.rules.transfer import (
    TransferDeadlines,
    TransferTerms,
    resident_move_effective,
    transfer_deadlines,
)
from enrollment.selectors import handovers
from enrollment.selectors.bills import NewTerms, bill_of, terms_elsewhere
from enrollment.selectors.calendar import business_date
from enrollment.selectors.cases import ATTACHED, fact_of_files, files_of, shown_digest_of
from enrollment.selectors.people import places
from enrollment.selectors.policy import QuotaOutOfRange, policy_book
from enrollment.selectors.scope import reaching, scope_for
from enrollment.selectors.workdays import Deadline, work_calendar
from enrollment.services import cases, changes, enrollments, switches
from enrollment.services.refusals import Refused

NAME, CAUSE = handovers.KIND, "transfer"
WRITE = "enrollment.add_enrolmenttransfer"
NOT_ACCEPTED: dict[str, Any] = {
    "accepted_by": None,
    "accepted_at": None,
    "accepted_digest": "",
}


class SamePlace(Refused):
    message = gettext_noop("This person is insured in %(place)s already.")
    field = "to_region"


class NotAResident(Refused):
    message = gettext_noop(
        "Only people on the register move by this act, and none inside the employee scheme."
    )


class TooLateForYear(Refused):
    message = gettext_noop(
        "A move takes effect from the next benefit year, which is %(next)s now, not %(year)s."
    )
    field = "year"


class TermsMissing(Refused):
    message = gettext_noop(
        "The terms of %(place)s for %(year)s are not complete: %(parameter)s. Publish them first."
    )
    field = "to_region"


class NotWhereItWas(Refused):
    message = gettext_noop("This person has moved again since: undo the later move first.")


class NotYourSide(Refused):
    message = gettext_noop("A transfer has two sides, and this is for %(place)s to do.")


class NotAcceptedYet(Refused):
    message = gettext_noop("%(place)s has not accepted this transfer yet.")


class NotYourArea(Refused):
    message = gettext_noop("Only an area of your own can ask for somebody to be handed over to it.")
    field = "to_region"


class AcceptedAlready(Refused):
    message = gettext_noop(
        "%(place)s has accepted this transfer: it can be returned from there only."
    )


@dataclass(frozen=True, slots=True)
class Move:
    """What a transfer means for the bill of its year: none, its region only, or its money too."""

    bill: Enrollment | None
    terms: NewTerms | None


def open_transfer(
    *, maker: User, person: Person, year: int, request_key: UUID | None = None, **says: Any
) -> Case:
    """Make a draft; both terms run from today.

    Raises as `check`, `switches.found_of` and `cases.open_case`.
    """
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        applied_on=business_date(),
        **says | switches.said(person, says),
    )


def change_transfer(*, case: Case, user: User, expected_version: int, **says: Any) -> Case:
    """Change a draft or returned case.

    Raises NotYourArea of what was asked for, and as `open_transfer` and `cases.change_case`.
    """
    if _transfer(case).asked_for:
        check_asks_for_here(case.maker, says["to_region_id"])
    columns = switches.said(case.whom, says)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, **says | columns
    )


def check_asks_for_here(user: User, region: int) -> None:
    """Raises NotYourArea."""
    if not scope_for(user, WRITE).allows(region):
        raise NotYourArea


def accept_transfer(*, case: Case, user: User, shown_digest: str) -> Case:
    """Take on, for the area that the person joins, what the other area approved and handed over.

    The acceptance is bound to the same digest as the approval. Raises NotInThisState,
    MakerIsChecker, CheckerIsSecond, NotYourSide, AcceptedAlready, ShownFactsChanged, ApprovalVoid,
    and what the check refuses.
    """

    def accept(locked: Case) -> None:
        check(locked)
        if shown_digest != locked.shown_digest:
            raise cases.ShownFactsChanged
        if shown_digest_of(locked) != locked.shown_digest:
            raise cases.ApprovalVoid
        EnrolmentTransfer.objects.filter(pk=locked.pk).update(
            accepted_by=user, accepted_at=timezone.now(), accepted_digest=locked.shown_digest
        )

    return cases.make_move(case=case, move=handover.ACCEPT, user=user, act=accept)


def moves(case: Case, move: Transition, user: User) -> None:
    """Which side does what, and in which order.

    Raises NotYourSide, NotAcceptedYet, AcceptedAlready.
    """
    transfer = _transfer(case)
    allowed = handover.sides_of(
        move.name, case.state, accepted=transfer.is_accepted, asked_for=transfer.asked_for
    )
    if not allowed:
        refusal = AcceptedAlready if transfer.is_accepted else NotAcceptedYet
        raise refusal(place=_name(transfer.to_region_id))
    right = handovers.RIGHTS.get(move.name)
    if right is not None and not allowed & handovers.sides_with(user, right, transfer):
        is_leaving = allowed == {handover.LEAVING}
        raise NotYourSide(place=_name(case.region_id if is_leaving else transfer.to_region_id))


def deadlines_of(transfer: EnrolmentTransfer) -> TransferDeadlines:
    """The last days for handing over and for taking over. Raises TermsMissing."""
    book = policy_book(list(TransferTerms.codes().values()))
    area, on = pooling_area_of(transfer.region_id), transfer.applied_on
    try:
        terms = read_terms(
            TransferTerms, lambda code: book.find(code, area=area, on=on, scheme="both")
        )
    except MissingParameter as error:
        place = _name(transfer.region_id)
        raise TermsMissing(place=place, year=on.year, parameter=error.code) from error
    return transfer_deadlines(on, terms, work_calendar(transfer.region_id))


def due(case: Case) -> Deadline:
    """The last day of the side with which the case lies now. Raises TermsMissing."""
    return _due(case, handed_over=case.state == lifecycle.APPROVED)


def _due(case: Case, *, handed_over: bool) -> Deadline:
    days = deadlines_of(_transfer(case))
    day = days.in_due if handed_over else days.out_due
    return Deadline(day, is_provisional=not work_calendar(case.region_id).knows(day))


def approved(case: Case) -> None:
    """Hand over: from here on the other area sees the case, and its own term counts."""
    EnrolmentTransfer.objects.filter(pk=case.pk).update(
        handed_over_version=Coalesce(F("handed_over_version"), case.version + 1), **NOT_ACCEPTED
    )
    _set_due(case, _due(case, handed_over=True))


def returned(case: Case) -> None:
    """Back with the leaving area, whose own term counts again."""
    EnrolmentTransfer.objects.filter(pk=case.pk).update(**NOT_ACCEPTED)
    _set_due(case, _due(case, handed_over=False))


def _set_due(case: Case, due: Deadline) -> None:
    Case.objects.filter(pk=case.pk).update(due_on=due.day, due_is_provisional=due.is_provisional)


def check(case: Case) -> None:
    """Raises NotAResident, SamePlace, TooLateForYear, TermsMissing, and as `switches.check`."""
    transfer = _transfer(case)
    person = transfer.whom
    if person.died_on or person.left_on:
        raise NotAResident
    switches.check(transfer)
    if transfer.is_switch:
        return
    if person.scheme != Person.Scheme.RESIDENT:
        raise NotAResident
    if county_of(transfer.to_region_id) == county_of(person.insured_region_id):
        raise SamePlace(place=_name(person.insured_region_id))
    earliest = resident_move_effective(business_date()).year
    if case.year != earliest:
        raise TooLateForYear(year=case.year, next=earliest)
    move_of(transfer, transfer.to_region_id)


def move_of(case: EnrolmentTransfer, region: int) -> Move:
    """What moving to `region` does to the bill of the case's year. Raises TermsMissing.

    Both sides sign the same facts, and the bill lies with one of them: it is read on behalf of
    both.
    """
    try:
        with reaching(case.region_id, case.to_region_id):
            bill = bill_of(case.whom.pk, case.year)
            if bill is None or bill.ended_on is not None:
                return Move(None, None)
            if bill.paid > 0:
                return Move(bill, None)
            return Move(bill, terms_elsewhere(bill, region, business_date()))
    except (MissingParameter, QuotaOutOfRange) as error:
        raise TermsMissing(place=_name(region), year=case.year, parameter=error.code) from error


def facts(case: Case) -> list[Fact]:
    """From where to where, by when, and what becomes of the bill."""
    transfer = _transfer(case)
    shown = [
        Fact(gettext_noop("Leaves"), transfer.region_id, _name(transfer.region_id)),
        Fact(gettext_noop("Joins"), transfer.to_region_id, _name(transfer.to_region_id)),
    ]
    if transfer.asked_for:
        shown.append(Fact(gettext_noop("Asked for by the new area"), True))
    shown += switches.facts(transfer)
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    days = deadlines_of(transfer)
    shown += [
        Fact(
            gettext_noop("Insured now in"),
            transfer.whom.insured_region_id,
            _name(transfer.whom.insured_region_id),
        ),
        Fact(gettext_noop("Hand over by"), days.out_due),
        Fact(gettext_noop("Take over by"), days.in_due),
    ]
    if transfer.is_switch:
        return [*shown, *switches.facts_of_the_bill(transfer)]
    move = move_of(transfer, transfer.to_region_id)
    if move.bill is None:
        return [*shown, Fact(gettext_noop("Bill of that year"), None, str(_("not opened yet")))]
    if move.terms is None:
        paid = Fact(gettext_noop("Paid, moves as it is (yuan)"), move.bill.paid)
        return [*shown, paid]
    return [
        *shown,
        Fact(gettext_noop("Individual standard (yuan)"), move.bill.standard),
        Fact(gettext_noop("Individual standard after the move (yuan)"), move.terms.standard),
        Fact(gettext_noop("Subsidy on the bill (yuan)"), move.bill.subsidy),
        Fact(gettext_noop("Subsidy after the move (yuan)"), move.terms.subsidy),
        Fact(gettext_noop("Payable after the move (yuan)"), move.terms.payable),
        Fact(gettext_noop("Payable until"), move.terms.due_on),
    ]


# What the new area never needs of a transfer: the bill as it was before it is theirs.
THEIR_BILL = frozenset(
    {"Amount (yuan)", "Individual standard (yuan)", "Subsidy on the bill (yuan)"}
)
# What the leaving area wrote for itself.
THEIR_WORDS = frozenset({"Channel", "Reason given"})
KEPT_BACK = THEIR_BILL | THEIR_WORDS
# What of the register is told by the hand-over, and to who only asks for it not yet.
BY_THE_HANDOVER = THEIR_BILL | {
    "Bill of that year",
    "Paid, moves as it is (yuan)",
    "Individual standard after the move (yuan)",
    "Subsidy after the move (yuan)",
    "Payable after the move (yuan)",
    "Payable until",
    "Resident bill of that year",
    "Paid on the resident bill of that year (yuan)",
    "Resident cover suspended from",
}


def told(case: Case, user: User, facts: list[Fact]) -> list[Fact]:
    """The facts that `user` reads: all where the person leaves, what is needed where they join."""
    if handovers.is_of_the_leaving_side(user, case):
        return facts
    transfer = _transfer(case)
    kept = THEIR_BILL if transfer.asked_for else KEPT_BACK
    if transfer.asked_for and transfer.handed_over_version is None:
        kept = BY_THE_HANDOVER
    # The files that this side sees, as its row security has it; both sides signed all of them.
    seen = list(files_of(case.pk))
    files = [fact_of_files(seen)] if seen else []
    found: list[Fact] = []
    for fact in facts:
        if fact.label not in kept:
            found += files if fact.label == ATTACHED else [fact]
    return found


def _both(case: Case) -> AbstractContextManager[None]:
    """The facts are read on behalf of both sides, or these would sign different ones."""
    return reaching(case.region_id, _transfer(case).to_region_id)


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Move the person, and the bill of the year or the scheme; the triggers append the changes."""
    check(case)
    transfer = _transfer(case)
    if transfer.is_switch:
        _switch(transfer, back=False)
    else:
        _move(transfer, source=transfer.region_id, target=transfer.to_region_id)


def undo(*, case: Case, user: User) -> None:
    """Move back to where the person was when the case was made.

    Raises NotWhereItWas, TermsMissing, spells.BillSince.
    """
    transfer = _transfer(case)
    if transfer.is_switch:
        _switch(transfer, back=True)
    else:
        _move(transfer, source=transfer.to_region_id, target=transfer.region_id)


def _move(transfer: EnrolmentTransfer, *, source: int, target: int) -> None:
    # One of the two sides acts, and writes to both.
    with changes.caused_by(cause=CAUSE, case=transfer), reaching(source, target):
        person = _still_there(transfer, source, Person.Scheme.RESIDENT)
        move = move_of(transfer, target)
        Person.objects.filter(pk=person.pk).update(insured_region=target)
        if move.bill is not None:
            enrollments.move(
                bill_id=move.bill.pk,
                region=target,
                terms=move.terms,
                case=transfer,
                on=business_date(),
            )


def _switch(transfer: EnrolmentTransfer, *, back: bool) -> None:
    here = (transfer.region_id, transfer.from_scheme)
    there = (transfer.to_region_id, transfer.to_scheme)
    source, target = (there, here) if back else (here, there)
    with changes.caused_by(cause=CAUSE, case=transfer), reaching(source[0], target[0]):
        person = _still_there(transfer, *source)
        if back:
            switches.undo(transfer)
        else:
            switches.effect(transfer)
        Person.objects.filter(pk=person.pk).update(insured_region=target[0], scheme=target[1])
    for year in sorted(switches.years_told(transfer)):
        changes.append(person_id=person.pk, year=year, cause=CAUSE, case=transfer)


def _still_there(transfer: EnrolmentTransfer, region: int, scheme: int) -> Person:
    """The person, locked. Raises NotWhereItWas."""
    person = Person.objects.select_for_update().get(pk=transfer.whom.pk)
    if (person.insured_region_id, person.scheme) != (region, scheme):
        raise NotWhereItWas
    return person


def _transfer(case: Case) -> EnrolmentTransfer:
    return cast("EnrolmentTransfer", case)


def _name(code: int) -> str:
    return str(places([code])[code])


KIND = CaseKind(
    name=NAME,
    label=_("enrolment transfer"),
    model=EnrolmentTransfer,
    effect=effect,
    facts=facts,
    check=check,
    on_behalf=_both,
    told=told,
    approved=approved,
    returned=returned,
    moves=moves,
    due=due,
    undo=undo,
    url_name="admin:enrollment_enrolmenttransfer",
)
