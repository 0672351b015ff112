"""Enrolment transfer (转移接续), a kind of case: a resident's place of insurance moves.

医保办发〔2021〕43号: residents who move are covered by the new area from the next benefit year; the
cover of the present year stays where it is.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, EnrolmentTransfer, Person, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import county_of
from enrollment.rules.transfer import resident_move_effective
from enrollment.selectors.bills import NewTerms, bill_of, terms_elsewhere
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.selectors.policy import QuotaOutOfRange
from enrollment.selectors.scope import reaching
from enrollment.services import changes, enrollments
from enrollment.services.refusals import Refused

NAME = "enrolment_transfer"


class SamePlace(Refused):
    message = gettext_noop("This person is insured in %(place)s already.")
    field = "to_region"


class NotAResident(Refused):
    message = gettext_noop(
        "Only people of the resident scheme who are on the register move by this act."
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


@dataclass(frozen=True, slots=True)
class Move:
    """What a transfer means for the bill of its year: none, its region only, or its money too."""

    bill: Enrollment | None
    terms: NewTerms | None


def check(case: Case) -> None:
    """Raises NotAResident, SamePlace, TooLateForYear, TermsMissing."""
    transfer = _transfer(case)
    person = transfer.whom
    if person.scheme != Person.Scheme.RESIDENT or person.died_on or person.left_on:
        raise NotAResident
    if county_of(transfer.to_region_id) == county_of(person.insured_region_id):
        raise SamePlace(place=_name(person.insured_region_id))
    earliest = resident_move_effective(business_date()).year
    if case.year != earliest:
        raise TooLateForYear(year=case.year, next=earliest)
    move_of(transfer, transfer.to_region_id)


def move_of(case: EnrolmentTransfer, region: int) -> Move:
    """What moving to `region` does to the bill of the case's year. Raises TermsMissing."""
    bill = bill_of(case.whom.pk, case.year)
    if bill is None or bill.ended_on is not None:
        return Move(None, None)
    if bill.paid > 0:
        return Move(bill, None)
    try:
        return Move(bill, terms_elsewhere(bill, region, business_date()))
    except (MissingParameter, QuotaOutOfRange) as error:
        raise TermsMissing(place=_name(region), year=case.year, parameter=error.code) from error


def facts(case: Case) -> list[Fact]:
    """From where to where, from when, and what becomes of the bill."""
    transfer = _transfer(case)
    shown = [
        Fact(gettext_noop("Leaves"), transfer.region_id, _name(transfer.region_id)),
        Fact(gettext_noop("Joins"), transfer.to_region_id, _name(transfer.to_region_id)),
    ]
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    shown.append(
        Fact(
            gettext_noop("Insured now in"),
            transfer.whom.insured_region_id,
            _name(transfer.whom.insured_region_id),
        )
    )
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


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Move the person and the bill of the year; the triggers append the changes."""
    check(case)
    transfer = _transfer(case)
    _move(transfer, source=transfer.region_id, target=transfer.to_region_id)


def undo(*, case: Case, user: User) -> None:
    """Move back to where the person was when the case was made. Raises NotWhereItWas."""
    transfer = _transfer(case)
    _move(transfer, source=transfer.to_region_id, target=transfer.region_id)


def _move(transfer: EnrolmentTransfer, *, source: int, target: int) -> None:
    # One of the two sides acts, and writes to both.
    with changes.caused_by(cause="transfer", case=transfer), reaching(source, target):
        person = Person.objects.select_for_update().get(pk=transfer.whom.pk)
        if person.insured_region_id != source:
            raise NotWhereItWas
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
    undo=undo,
    working_days=15,
    url_name="admin:enrollment_enrolmenttransfer",
)
