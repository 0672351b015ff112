"""Refund (退费), a kind of case: a contribution is paid back before its benefits start.

All or nothing (enrollment/rules/refund.py). In effect the bill is unpaid and ended before its year
began, and what others gave for it returns to them; the ledger follows by the change.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, Person, Refund, User
from enrollment.models.identity import digest, seal
from enrollment.rules import keys
from enrollment.rules import refund as rule
from enrollment.rules.dates import year_start
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.rules.window import BenefitYearTerms
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.policy import policy_book
from enrollment.services import cases, changes, enrollments
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "refund", "refund_reversed"  # also causes of changes
_ACCOUNT = re.compile(r"[0-9]{8,30}")

# What a year of cover says once its contribution was refunded, by ground.
ENDED_FOR = {
    Refund.Ground.DEATH: Enrollment.Ended.DECEASED,
    Refund.Ground.DUPLICATE: Enrollment.Ended.DUPLICATE,
    Refund.Ground.EMPLOYEE: Enrollment.Ended.EMPLOYEE_SCHEME,
    Refund.Ground.ERROR: Enrollment.Ended.REFUNDED,
}


class NothingPaid(Refused):
    message = gettext_noop("Nothing was paid for %(year)s.")
    field = "year"


class BenefitsHaveStarted(Refused):
    message = gettext_noop(
        "The benefits of %(year)s started on %(first)s: a request of that day or later is not "
        "refunded, in whole or in part."
    )
    field = "requested_on"


class RequestedBeforePayment(Refused):
    message = gettext_noop("The contribution was paid on %(paid_on)s, after this request.")
    field = "requested_on"


class RequestedLater(Refused):
    message = gettext_noop("The day of the request lies in the future.")
    field = "requested_on"


class EventLater(Refused):
    message = gettext_noop("The event lies after the request.")
    field = "event_on"


class GroundNotAccepted(Refused):
    message = gettext_noop("A contribution is not refunded on this ground: %(ground)s.")
    field = "ground"


class DeathNotOnFile(Refused):
    message = gettext_noop("The register does not know of a death: put it on file first.")
    field = "ground"


class DeathOnAnotherDay(Refused):
    message = gettext_noop("The register says died on %(day)s.")
    field = "event_on"


class NotInTheEmployeeScheme(Refused):
    message = gettext_noop("The register knows of no relation to the employee scheme.")
    field = "ground"


class AccountNotReadable(Refused):
    message = gettext_noop("A bank account has 8 to 30 digits.")
    field = "account"


class RepairStands(Refused):
    message = gettext_noop("A gap repair rests on this contribution: reverse the repair first.")
    field = "year"


class TermsMissing(Refused):
    message = gettext_noop("The terms for %(year)s are not complete: %(told)s. Publish them first.")
    field = "year"


class RefundOutdated(Refused):
    message = gettext_noop(
        "The payment changed since the case was made: it is %(paid)s yuan of %(paid_on)s now. "
        "Save the form again."
    )


def open_refund(
    *,
    maker: User,
    person: Person,
    year: int,
    account: str,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft over all that was paid for `year`. `account` has 8 to 30 digits.

    Raises NothingPaid, AccountNotReadable, and as `check` and `cases.open_case`.
    """
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        **_payment(person.pk, year),
        **account_columns(account),
        **says,
    )


def change_refund(
    *,
    case: Case,
    user: User,
    expected_version: int,
    year: int,
    account: str = "",
    **says: Any,
) -> Case:
    """Change a draft or returned case; an account left empty stays what it is.

    Raises as `open_refund` and `cases.change_case`.
    """
    columns = account_columns(account) if account else {}
    return cases.change_case(
        case=case,
        user=user,
        expected_version=expected_version,
        year=year,
        **_payment(case.whom.pk, year),
        **columns,
        **says,
    )


def _payment(person_id: int, year: int) -> dict[str, Any]:
    """What was paid, and when. Raises enrollments.BillMissing, NothingPaid."""
    bill = _paid_bill(person_id, year)
    return {"amount": bill.paid, "contribution_paid_on": bill.paid_on}


def _paid_bill(person_id: int, year: int) -> Enrollment:
    bill = bill_of(person_id, year)
    if bill is None:
        raise enrollments.BillMissing(year=year)
    if bill.paid <= 0 or bill.paid_on is None:
        raise NothingPaid(year=year)
    return bill


def account_columns(number: str) -> dict[str, Any]:
    """The columns that hold a bank account. Raises AccountNotReadable."""
    digits = re.sub(r"[\s-]", "", number)
    if not _ACCOUNT.fullmatch(digits):
        raise AccountNotReadable
    return {
        "account_sealed": seal(digits),
        "account_digest": digest(digits),
        "account_mask": f"{'*' * (len(digits) - 4)}{digits[-4:]}",
    }


def check(case: Case) -> None:
    """The ground holds, is proved, and the request came before the benefits.

    Raises NothingPaid, RefundOutdated, RepairStands, EvidenceMissing, RequestedLater, EventLater,
    DeathNotOnFile, DeathOnAnotherDay, NotInTheEmployeeScheme, and as `assessed`.
    """
    asked = _refund(case)
    bill = _paid_bill(asked.whom.pk, asked.year)
    if (bill.paid, bill.paid_on) != (asked.amount, asked.contribution_paid_on):
        raise RefundOutdated(paid=bill.paid, paid_on=bill.paid_on)
    if bill.repaired_years:
        raise RepairStands
    if not asked.evidence.strip():
        raise EvidenceMissing
    if asked.requested_on > business_date():
        raise RequestedLater
    if asked.event_on > asked.requested_on:
        raise EventLater
    _check_ground(asked)
    assessed(asked, bill)


def _check_ground(asked: Refund) -> None:
    """What the register must know. Raises DeathNotOnFile, DeathOnAnotherDay,
    NotInTheEmployeeScheme."""
    person = asked.whom
    if asked.ground == Refund.Ground.DEATH:
        if person.died_on is None:
            raise DeathNotOnFile
        if person.died_on != asked.event_on:
            raise DeathOnAnotherDay(day=person.died_on)
    if asked.ground == Refund.Ground.EMPLOYEE and not _is_employee(person, asked.event_on.year):
        raise NotInTheEmployeeScheme


def _is_employee(person: Person, year: int) -> bool:
    if person.scheme == Person.Scheme.EMPLOYEE:
        return True
    rows = Enrollment.objects.of_person(person.pk, (year,))
    return any(row.scheme == keys.EMPLOYEE and row.months for row in rows)


def assessed(asked: Refund, bill: Enrollment) -> rule.Refund:
    """The answer of the rule for what was paid: all of it.

    Raises GroundNotAccepted, RequestedBeforePayment, BenefitsHaveStarted, TermsMissing.
    """
    on, area = cast("date", bill.paid_on), pooling_area_of(bill.region_id)
    codes = [*rule.RefundTerms.codes().values(), *BenefitYearTerms.codes().values()]
    book = policy_book(codes)
    try:
        terms = read_terms(rule.RefundTerms, lambda code: book.find(code, area=area, on=on))
        years = read_terms(BenefitYearTerms, lambda code: book.find(code, area=area, on=on))
    except MissingParameter as error:
        raise TermsMissing(year=asked.year, told=str(error)) from error
    facts = rule.RefundFacts(
        paid=bill.paid,
        paid_on=on,
        reason=asked.ground,
        event_on=asked.event_on,
        requested_on=asked.requested_on,
        year=asked.year,
    )
    try:
        found = rule.assess_refund(facts, terms, years)
    except RuleRefused as error:
        if error.name == "requested_before_payment":
            raise RequestedBeforePayment(paid_on=on) from error
        raise GroundNotAccepted(ground=asked.ground) from error
    if found.refund == 0:
        raise BenefitsHaveStarted(year=asked.year, first=year_start(asked.year))
    return found


def facts(case: Case) -> list[Fact]:
    """Why, since when, asked when, to whom, and what becomes of the year of cover."""
    asked = _refund(case)
    shown = [
        Fact(gettext_noop("Ground"), asked.ground, str(asked.get_ground_display())),
        Fact(gettext_noop("Day of the event"), asked.event_on),
        Fact(gettext_noop("Requested on"), asked.requested_on),
        Fact(gettext_noop("Benefits from"), year_start(asked.year)),
        Fact(gettext_noop("Evidence"), asked.evidence),
        Fact(gettext_noop("Contribution paid on"), asked.contribution_paid_on),
        Fact(gettext_noop("Paid to"), asked.payee),
        Fact(
            gettext_noop("Bank account"),
            [asked.account_mask, str(asked.account_digest)],
            asked.account_mask,
        ),
    ]
    bill = bill_of(asked.whom.pk, asked.year)
    if bill is None or case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    return [
        *shown,
        Fact(gettext_noop("Paid (yuan)"), bill.paid),
        Fact(gettext_noop("Returned to those who subsidised (yuan)"), bill.subsidy),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The bill unpaid and ended, the awards returned; a change for those who post the money.

    Raises as `check`, and as `enrollments.refund`.
    """
    check(case)
    asked = _refund(case)
    bill = enrollments.refund(
        person_id=asked.whom.pk,
        year=asked.year,
        amount=cast("Decimal", case.amount),
        ended_on=asked.requested_on,
        ended_for=ENDED_FOR[Refund.Ground(asked.ground)],
        case=case,
        on=business_date(),
    )
    Refund.objects.filter(pk=case.pk).update(
        refunded_bill=bill.pk,
        was_subsidy=bill.subsidy,
        was_ended_on=bill.ended_on,
        was_ended_for=bill.ended_for,
    )
    changes.append(person_id=asked.whom.pk, year=asked.year, cause=NAME, case=case)


def undo(*, case: Case, user: User) -> None:
    """The money did not go out: the bill is paid again as it was. Raises as
    `enrollments.take_back_refund`."""
    asked = _refund(case)
    was = Enrollment(
        pk=asked.refunded_bill,
        paid=cast("Decimal", asked.amount),
        paid_on=asked.contribution_paid_on,
        subsidy=cast("Decimal", asked.was_subsidy),
        ended_on=asked.was_ended_on,
        ended_for=asked.was_ended_for,
    )
    enrollments.take_back_refund(was=was, case=case, on=business_date())
    Refund.objects.filter(pk=case.pk).update(refunded_bill=None)
    changes.append(person_id=asked.whom.pk, year=asked.year, cause=REVERSED, case=case)


def _refund(case: Case) -> Refund:
    return cast("Refund", case)


KIND = CaseKind(
    name=NAME,
    label=_("refund"),
    model=Refund,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    second_above="approval.second_level_above.refund",
    url_name="admin:enrollment_refund",
)
