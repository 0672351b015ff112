"""Registration (参保登记), a kind of case: into the resident scheme, for the first time or again.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）、（二）; 皖医保发〔2024〕6号
一（二）、二（六）. The draft puts a person without a file on file; in effect it makes the bill of
its year, or of two, by the terms of the area. Household registration elsewhere is never a reason
to refuse. What the person then waits, if anything, follows from the payment.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Change, Enrollment, Person, PersonCategory, Registration, User
from enrollment.rules import duplicates, registration
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.lifecycle import Fact
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import county_of, pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.selectors.bills import (
    NewTerms,
    assistance_of,
    bills_of,
    terms_of_bill,
    years_open,
)
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.selectors.policy import QuotaOutOfRange, policy_book
from enrollment.selectors.relations import relations_of
from enrollment.services import cases, changes, enrollments, people
from enrollment.services.people import Particulars
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "registration", "registration_reversed"  # also causes of changes
WINDOW, GRACE_END = "collection.window", "collection.grace_end"
# The particulars of a form; while nothing is registered yet the maker may still correct them.
PARTICULARS = frozenset(Particulars.__dataclass_fields__)


class Deceased(Refused):
    message = gettext_noop("This person died on %(day)s.")


class YearNotOpen(Refused):
    message = gettext_noop("Benefit year %(year)s is not open for registration.")
    field = "year"


class YearNotPayableYet(Refused):
    message = gettext_noop("The payment period of %(year)s begins on %(first)s.")
    field = "year"


class YearOver(Refused):
    message = gettext_noop("Benefit year %(year)s is over: nothing can be registered for it.")
    field = "year"


class OutsidePaymentPeriod(Refused):
    message = gettext_noop(
        "The payment period of %(year)s ended on %(last)s. Choose the group that registers at any "
        "time, with its evidence, or registration with a wait."
    )
    field = "ground"


class InsidePaymentPeriod(Refused):
    message = gettext_noop("The payment period of %(year)s runs until %(last)s: nobody is late.")
    field = "ground"


class NotANewborn(Refused):
    message = gettext_noop(
        "Born on %(born)s: a newborn registers for the year of birth or later, and before "
        "%(until)s."
    )
    field = "ground"


class BornLater(Refused):
    message = gettext_noop("The birth date lies in the future.")
    field = "birth_date"


class GroundNotAccepted(Refused):
    message = gettext_noop("The area does not take this ground: %(ground)s.")
    field = "ground"


class SourceMissing(Refused):
    message = gettext_noop("Say which department recognised it.")
    field = "source"


class RecognitionDayMissing(Refused):
    message = gettext_noop("Say from which day the status holds, not later than today.")
    field = "recognised_on"


class AlreadyRegistered(Refused):
    message = gettext_noop(
        "This person has a bill of %(year)s in %(place)s already: nobody is registered twice."
    )
    field = "year"


class InTheEmployeeScheme(Refused):
    message = gettext_noop(
        "This person is in the employee scheme. Give the last day of that cover, or register in "
        "that scheme."
    )
    field = "employee_until"


class EmployeeDayNotAsked(Refused):
    message = gettext_noop("The register does not say employee scheme: leave this day empty.")
    field = "employee_until"


class YearClosed(Refused):
    message = gettext_noop(
        "The cover of %(year)s was paid and ended on %(day)s: a year has one cover."
    )
    field = "year"


class MovesByTransfer(Refused):
    message = gettext_noop(
        "This person is registered in %(place)s: the place of insurance moves by a transfer."
    )
    field = "insured_region"


class TermsMissing(Refused):
    message = gettext_noop(
        "The terms of %(place)s for %(year)s are not complete: %(parameter)s. Publish them first."
    )
    field = "insured_region"


class FileChangedSince(Refused):
    message = gettext_noop("The file of this person changed since: undo the later act first.")


RULE_REFUSALS: dict[str, type[Refused]] = {
    "unknown_ground": GroundNotAccepted,
    "born_later": BornLater,
    "year_not_payable_yet": YearNotPayableYet,
    "year_over": YearOver,
    "outside_payment_period": OutsidePaymentPeriod,
    "inside_payment_period": InsidePaymentPeriod,
    "not_a_newborn": NotANewborn,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The bill that a registration makes for one year, whether its day is inside the period, and
    when a child stops being a newborn."""

    year: int
    terms: NewTerms
    inside: bool
    newborn_until: date


@transaction.atomic
def open_registration(
    *,
    maker: User,
    person: Person | None = None,
    told: Particulars | None = None,
    insured_region_id: int,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft for somebody on file, or put `told` on file with it.

    `says` are the fields of the case. A form sent twice makes one file and one case. Raises as
    `people.open_file`, `check`, `cases.open_case`; then there is no file either.
    """
    if person is None:
        known = cases.case_of_request(request_key, maker)
        if known is not None:
            return known
        if told is None:
            raise TypeError("neither a person nor particulars")
        on = business_date()
        person = people.open_file(told=told, insured_region=insured_region_id, on=on)
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        request_key=request_key,
        insured_region_id=insured_region_id,
        **says,
    )


@transaction.atomic
def change_registration(
    *,
    case: Case,
    user: User,
    expected_version: int,
    told: Particulars | None = None,
    **says: Any,
) -> Case:
    """Change a draft or returned case; `told` corrects the file that it put on the register.

    Raises as `cases.change_case`, `people.correct_file` and `check`.
    """
    if told is not None:
        region = int(says.get("insured_region_id", case.whom.insured_region_id))
        people.correct_file(person=case.whom, told=told, insured_region=region)
    return cases.change_case(case=case, user=user, expected_version=expected_version, **says)


def is_new(person: Person) -> bool:
    """On file and never registered: what the file says is still the maker's draft."""
    return person.left_for == Person.Left.NOT_REGISTERED


def check(case: Case) -> None:
    """Whether the ground holds, is proved, and nobody is enrolled twice.

    Raises Deceased, EvidenceMissing, SourceMissing, RecognitionDayMissing, MovesByTransfer, and
    as `plans_of`.
    """
    asked = _registration(case)
    person = asked.whom
    if person.died_on is not None:
        raise Deceased(day=person.died_on)
    _check_evidence(asked)
    plans_of(asked)


def _check_evidence(asked: Registration) -> None:
    if asked.ground in {registration.IN_PERIOD, registration.LATE}:
        return
    if asked.recognised_on is None or asked.recognised_on > business_date():
        raise RecognitionDayMissing
    if not asked.source:
        raise SourceMissing
    if not asked.evidence.strip():
        raise EvidenceMissing


def plans_of(asked: Registration) -> list[Plan]:
    """The bills that the registration makes, one a year.

    Raises YearNotOpen, AlreadyRegistered, InTheEmployeeScheme, EmployeeDayNotAsked, YearClosed,
    MovesByTransfer, TermsMissing, and a refusal for each of the rule's.
    """
    person, on = asked.whom, business_date()
    if person.scheme == Person.Scheme.EMPLOYEE:
        if asked.employee_until is not None and asked.employee_until >= on:
            raise InTheEmployeeScheme
    elif asked.employee_until is not None:
        raise EmployeeDayNotAsked
    opened = years_open(on)
    relations = relations_of(person, asked.years, on=on, employee_until=asked.employee_until)
    bills = bills_of(person.pk, {*asked.years, *opened})
    found = []
    for year in asked.years:
        if year not in opened:
            raise YearNotOpen(year=year)
        _check_nobody_twice(asked, year, relations, bills.get(year))
        found.append(_plan(asked, year, on, bills.get(year)))
    _check_place(asked, bills)
    return found


def _check_nobody_twice(
    asked: Registration,
    year: int,
    relations: list[duplicates.Relation],
    bill: Enrollment | None,
) -> None:
    """不得重复参保. Raises AlreadyRegistered, InTheEmployeeScheme, YearClosed."""
    area = str(county_of(asked.insured_region_id))
    answer = duplicates.check_registration(relations, duplicates.ResidentRelation(area, year))
    if answer.reason == duplicates.EMPLOYEE_ACTIVE:
        raise InTheEmployeeScheme
    if answer.reason is not None:
        place = bill.region_id if bill else asked.whom.insured_region_id
        raise AlreadyRegistered(year=year, place=_name(place))
    if bill is not None and bill.paid > 0:
        raise YearClosed(year=year, day=bill.ended_on)


def _check_place(asked: Registration, bills: dict[int, Enrollment]) -> None:
    """Whoever has a bill that runs moves by a transfer. Raises MovesByTransfer."""
    for bill in bills.values():
        elsewhere = county_of(bill.region_id) != county_of(asked.insured_region_id)
        if bill.ended_on is None and elsewhere:
            raise MovesByTransfer(place=_name(bill.region_id))


def _plan(asked: Registration, year: int, on: date, ended: Enrollment | None) -> Plan:
    """Ground and terms of one year. Raises TermsMissing, and the rule's refusals."""
    region = asked.insured_region_id
    others = ended.subsidy - assistance_of(ended) if ended else ZERO
    try:
        admitted = _admit(asked, year, on)
        terms = terms_of_bill(asked.whom.pk, year, region, on, others=others)
    except (MissingParameter, QuotaOutOfRange) as error:
        raise TermsMissing(place=_name(region), year=year, parameter=error.code) from error
    return Plan(year, terms, admitted.inside, admitted.newborn_until)


def _admit(asked: Registration, year: int, on: date) -> registration.Admission:
    """As `registration.admit`, with a sentence for every refusal. Raises MissingParameter."""
    area, start = pooling_area_of(asked.insured_region_id), year_start(year)
    book = policy_book([WINDOW, GRACE_END, *registration.RegistrationTerms.codes().values()])
    terms = read_terms(
        registration.RegistrationTerms, lambda code: book.find(code, area=area, on=start)
    )
    first, last = book.find(WINDOW, area=area, on=start).value.in_year(year)
    grace = book.find(GRACE_END, area=area, on=start).value
    # The second year of a group's registration is paid in its own period: the ground is the same.
    late_next_year = asked.ground == registration.LATE and year != asked.year
    facts = registration.RegistrationFacts(
        ground=registration.IN_PERIOD if late_next_year else asked.ground,
        on=on,
        year=year,
        window_first=first,
        window_last=last,
        birth_date=asked.whom.birth_date,
        grace_end=grace.in_year(year) if grace else None,
    )
    try:
        return registration.admit(facts, terms)
    except RuleRefused as error:
        raise RULE_REFUSALS[error.name](year=year, **error.details) from error


def facts(case: Case) -> list[Fact]:
    """Who, where, on what ground with what evidence, and the bill of each year."""
    asked = _registration(case)
    person = asked.whom
    document = str(person.get_id_type_display())
    shown = [
        Fact(gettext_noop("Document"), [person.id_type, str(person.id_digest)], document),
        Fact(gettext_noop("Sex"), person.sex, str(person.get_sex_display())),
        Fact(gettext_noop("Birth date"), person.birth_date),
        _place(gettext_noop("Household registration (户籍地)"), person.household_region),
        _place(gettext_noop("Habitual residence (常住地)"), person.residence_region),
        _place(gettext_noop("Registers in"), asked.insured_region_id),
        Fact(gettext_noop("Ground"), asked.ground, str(asked.get_ground_display())),
    ]
    if asked.recognised_on is not None:
        shown += [
            Fact(gettext_noop("Recognised on"), asked.recognised_on),
            Fact(gettext_noop("Source department"), asked.source, str(asked.get_source_display())),
            Fact(gettext_noop("Evidence"), asked.evidence),
        ]
    if asked.employee_until is not None:
        shown.append(Fact(gettext_noop("Employee scheme until"), asked.employee_until))
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return [*shown, Fact(gettext_noop("Billed years"), asked.years, _years(asked.years))]
    for plan in plans_of(asked):
        shown += [
            Fact(gettext_noop("Bill of benefit year"), plan.year),
            Fact(gettext_noop("Inside the payment period"), plan.inside),
            Fact(gettext_noop("Individual standard (yuan)"), plan.terms.standard),
            Fact(gettext_noop("Subsidy on the bill (yuan)"), plan.terms.subsidy),
            Fact(gettext_noop("Payable (yuan)"), plan.terms.payable),
            Fact(gettext_noop("Payable until"), _payable_until(plan)),
        ]
    return shown


def _payable_until(plan: Plan) -> date:
    """The last day of the period, or of the year for whoever comes after it."""
    return plan.terms.due_on if plan.inside else year_end(plan.year)


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The person into the scheme, the recognised status, and the bills; a change for each year.

    Raises as `check`, and enrollments.BillThere.
    """
    asked = _registration(case)
    person = Person.objects.select_for_update().get(pk=asked.whom.pk)
    asked.person = person
    check(asked)
    plans = plans_of(asked)
    with changes.caused_by(cause=NAME, case=case):
        Registration.objects.filter(pk=case.pk).update(
            recognised=_recognise(asked, plans[0]),
            was_scheme=person.scheme,
            was_region=person.insured_region_id,
            was_left_on=person.left_on,
            was_left_for=person.left_for,
        )
        Person.objects.filter(pk=person.pk).update(
            scheme=Person.Scheme.RESIDENT,
            insured_region=asked.insured_region_id,
            left_on=None,
            left_for="",
        )
        for plan in plans:
            enrollments.register(
                person_id=person.pk,
                year=plan.year,
                region=asked.insured_region_id,
                terms=plan.terms,
                case=case,
                on=business_date(),
            )
    _tell(asked, NAME)


def _recognise(asked: Registration, plan: Plan) -> PersonCategory | None:
    """The status that lifts the wait, from its day to the end of the years billed.

    A newborn's ends when the child is none any more. A status that the register has already stays
    as it is.
    """
    since = asked.recognised_on
    if since is None:
        return None
    if asked.ground == registration.NEWBORN:
        valid = DateRange(asked.whom.birth_date, plan.newborn_until)
    else:
        valid = DateRange(since, year_end(max(asked.years)) + timedelta(days=1))
    rows = PersonCategory.objects.filter(person=asked.whom.pk, category=asked.ground)
    known = rows.filter(valid__overlap=valid).order_by("qualified").first()
    says = {"valid": valid, "source": asked.source, "evidence": asked.evidence}
    if known is None:
        return rows.create(person_id=asked.whom.pk, category=asked.ground, **says)
    if known.qualified:
        return None
    # A status that was taken back: the same row says so no longer.
    PersonCategory.objects.filter(pk=known.pk).update(qualified=True, **says)
    return known


def _tell(asked: Registration, cause: str) -> None:
    """A change for each year of the case that the triggers left none for."""
    told = Change.objects.filter(case=asked.pk, cause=cause).values_list("year", flat=True)
    for year in sorted(set(asked.years) - set(told)):
        changes.append(person_id=asked.whom.pk, year=year, cause=cause, case=asked)


def undo(*, case: Case, user: User) -> None:
    """End the bills as if they had never begun, and give the file back what it said.

    Raises FileChangedSince, and as `enrollments.unregister`: a paid bill is refunded first.
    """
    asked = _registration(case)
    person = Person.objects.select_for_update().get(pk=asked.whom.pk)
    same = (
        person.scheme == Person.Scheme.RESIDENT
        and person.insured_region_id == asked.insured_region_id
        and person.left_on is None
        and person.died_on is None
    )
    if not same:
        raise FileChangedSince
    with changes.caused_by(cause=REVERSED, case=case):
        for year in asked.years:
            enrollments.unregister(person_id=person.pk, year=year, case=case, on=business_date())
        if asked.recognised_id is not None:
            PersonCategory.objects.filter(pk=asked.recognised_id).update(qualified=False)
        Person.objects.filter(pk=person.pk).update(
            scheme=asked.was_scheme,
            insured_region=asked.was_region,
            left_on=asked.was_left_on,
            left_for=asked.was_left_for,
        )
    _tell(asked, REVERSED)


def _registration(case: Case) -> Registration:
    return cast("Registration", case)


def _place(label: str, code: int) -> Fact:
    return Fact(label, code, _name(code))


def _name(code: int) -> str:
    return str(places([code])[code])


def _years(years: list[int]) -> str:
    return ", ".join(map(str, years))


KIND = CaseKind(
    name=NAME,
    label=_("registration"),
    model=Registration,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:enrollment_registration",
)
