"""Switch between the schemes, as part of a transfer: what the register says, and what it does.

医保办发〔2021〕43号: no wait where the cover before was long enough and the gap is short and paid;
otherwise the new area may set one. The resident benefits of the paid year go on in the wait and are
suspended from the first day of employee cover. Into the resident scheme the relation moves here;
its bill is a registration in the new area, whose ground decides the wait of its year (皖医保发
〔2024〕6号 一（二）).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from enrollment.models import EnrolmentTransfer, Person
from enrollment.rules.dates import Month
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.rules.transfer import (
    SwitchFacts,
    TransferTerms,
    assess_switch,
    cover_before,
    covered_from,
)
from enrollment.selectors.bills import bill_of
from enrollment.selectors.policy import policy_book
from enrollment.selectors.relations import months_covered
from enrollment.selectors.scope import reaching
from enrollment.services import spells
from enrollment.services.refusals import Refused

AREA_WAIT = "transfer.area_wait_months"
EMPLOYEE = Person.Scheme.EMPLOYEE


class StartMissing(Refused):
    message = gettext_noop(
        "At a switch between the schemes give the first day of the month in which it begins."
    )
    field = "starts_on"


class StartNotAsked(Refused):
    message = gettext_noop(
        "The scheme stays the same: leave the first month empty and the gap unpaid."
    )
    field = "starts_on"


class StartOutsideYear(Refused):
    message = gettext_noop("The new scheme begins in %(year)s: choose that benefit year.")
    field = "year"


class WaitTooLong(Refused):
    message = gettext_noop(
        "The wait that the new area has set is above the %(maximum)s months that are allowed."
    )
    field = "to_region"


class SwitchTermsMissing(Refused):
    message = gettext_noop("The terms of a switch are not published: %(parameter)s.")
    field = "to_region"


class FoundOtherwise(Refused):
    message = gettext_noop(
        "What the register says of this switch changed since the case was made. Save it again."
    )


@dataclass(frozen=True, slots=True)
class Switch:
    """What goes before a switch, and from when the new scheme covers."""

    continuous_years: int
    gap_months: int
    wait_months: int
    retroactive: bool
    covered_from: date


NO_SWITCH: dict[str, Any] = {
    "continuous_years": None,
    "gap_months": None,
    "wait_months": None,
    "retroactive": False,
    "covered_from": None,
}
FIELDS = tuple(NO_SWITCH)


def found_of(person: Person, *, region: int, starts_on: date | None, gap_paid: bool) -> Switch:
    """What the register and the law say of a switch into the scheme of the area of `region`.

    Raises StartMissing, SwitchTermsMissing, WaitTooLong.
    """
    if starts_on is None or starts_on.day != 1:
        raise StartMissing
    first = Month(starts_on.year, starts_on.month)
    with reaching(person.insured_region_id, region):
        before = cover_before(months_covered(person.pk, until=first.year), first)
    area = pooling_area_of(region)
    book = policy_book([*TransferTerms.codes().values(), AREA_WAIT])
    try:
        terms = read_terms(
            TransferTerms, lambda code: book.find(code, area=area, on=starts_on, scheme="both")
        )
    except MissingParameter as error:
        raise SwitchTermsMissing(parameter=error.code) from error
    try:
        area_wait = book.find(AREA_WAIT, area=area, on=starts_on, scheme="both").value
    except MissingParameter:
        area_wait = 0  # an area that has set none has none
    facts = SwitchFacts(before.continuous_years, before.gap_months, gap_paid, area_wait)
    try:
        wait = assess_switch(facts, terms)
    except RuleRefused as error:
        raise WaitTooLong(maximum=terms.max_wait_months) from error
    return Switch(
        before.continuous_years,
        before.gap_months,
        wait.wait_months,
        wait.retroactive,
        covered_from(first, before, wait),
    )


def said(person: Person, says: dict[str, Any]) -> dict[str, Any]:
    """The columns of a transfer that follow from what its form says. Raises as `found_of`."""
    scheme = int(says.get("to_scheme") or person.scheme)
    if scheme == person.scheme:
        return {"from_scheme": person.scheme, "to_scheme": scheme, **NO_SWITCH}
    found = found_of(
        person,
        region=says["to_region_id"],
        starts_on=says.get("starts_on"),
        gap_paid=bool(says.get("gap_paid")),
    )
    columns = {name: getattr(found, name) for name in FIELDS}
    return {"from_scheme": person.scheme, "to_scheme": scheme, **columns}


def check(transfer: EnrolmentTransfer) -> None:
    """Raises StartNotAsked, StartOutsideYear, FoundOtherwise, and as `found_of`."""
    person = transfer.whom
    if transfer.from_scheme != person.scheme:
        raise FoundOtherwise
    if not transfer.is_switch:
        if transfer.starts_on is not None or transfer.gap_paid:
            raise StartNotAsked
        return
    found = found_of(
        person,
        region=transfer.to_region_id,
        starts_on=transfer.starts_on,
        gap_paid=transfer.gap_paid,
    )
    if transfer.starts_on is None or transfer.starts_on.year != transfer.year:
        raise StartOutsideYear(year=transfer.starts_on.year if transfer.starts_on else "")
    if any(getattr(transfer, name) != getattr(found, name) for name in FIELDS):
        raise FoundOtherwise


def facts(transfer: EnrolmentTransfer) -> list[Fact]:
    """What a switch rests on and what follows from it; nothing where the scheme stays."""
    if not transfer.is_switch:
        return []
    scheme = Person.Scheme
    shown = [
        Fact(
            gettext_noop("Scheme that is left"),
            transfer.from_scheme,
            str(scheme(transfer.from_scheme).label),
        ),
        Fact(
            gettext_noop("Scheme after the move"),
            transfer.to_scheme,
            str(scheme(transfer.to_scheme).label),
        ),
        Fact(gettext_noop("First month of the new scheme"), transfer.starts_on),
        Fact(gettext_noop("Years of continuous cover"), transfer.continuous_years),
        Fact(gettext_noop("Gap in months"), transfer.gap_months),
        Fact(gettext_noop("Gap paid"), transfer.gap_paid),
        Fact(gettext_noop("Wait in all, months"), transfer.wait_months),
        Fact(gettext_noop("Reaches back over the gap"), transfer.retroactive),
    ]
    if transfer.to_scheme == EMPLOYEE:
        shown.append(Fact(gettext_noop("Employee cover from"), transfer.covered_from))
    return shown


def facts_of_the_bill(transfer: EnrolmentTransfer) -> list[Fact]:
    """What becomes of the resident bill of the year in which employee cover begins."""
    if transfer.to_scheme != EMPLOYEE:
        return []
    _first, since = _days(transfer)
    with reaching(transfer.region_id, transfer.to_region_id):
        bill = bill_of(transfer.whom.pk, since.year)
    if bill is None or bill.ended_on is not None:
        return [Fact(gettext_noop("Resident bill of that year"), None, str(_("none")))]
    return [
        Fact(gettext_noop("Paid on the resident bill of that year (yuan)"), bill.paid),
        Fact(gettext_noop("Resident cover suspended from"), since),
    ]


def effect(transfer: EnrolmentTransfer) -> None:
    """Begin the one relation and end the other; the caller moves the person and tells the cause."""
    first, since = _days(transfer)
    if transfer.to_scheme == EMPLOYEE:
        spells.join_employee_scheme(
            person_id=transfer.whom.pk,
            region=transfer.to_region_id,
            first=first,
            covered_from=since,
        )
    else:
        spells.leave_employee_scheme(person_id=transfer.whom.pk, first=first)


def undo(transfer: EnrolmentTransfer) -> None:
    """The opposite. Raises spells.BillSince."""
    first, since = _days(transfer)
    if transfer.to_scheme == EMPLOYEE:
        spells.take_back_employee_scheme(
            person_id=transfer.whom.pk,
            region=transfer.to_region_id,
            first=first,
            covered_from=since,
        )
    else:
        spells.take_back_resident_scheme(person_id=transfer.whom.pk, first=first)


def years_told(transfer: EnrolmentTransfer) -> set[int]:
    """The years whose facts a switch alters, beside those that follow from the person."""
    first, since = _days(transfer)
    return {first.year, since.year}


def _days(transfer: EnrolmentTransfer) -> tuple[date, date]:
    """First month and first day of cover, which the CHECK of every switch demands."""
    if transfer.starts_on is None or transfer.covered_from is None:
        raise ValueError(f"transfer {transfer.pk} is no switch")
    return transfer.starts_on, transfer.covered_from


__all__ = [
    "Switch",
    "check",
    "effect",
    "facts",
    "facts_of_the_bill",
    "found_of",
    "said",
    "undo",
    "years_told",
]
