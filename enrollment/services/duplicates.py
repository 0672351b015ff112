"""Duplicate resolution (重复参保处理), a kind of case: one relation of a year stays.

The rule (enrollment/rules/duplicates.py) keeps an employee relation of a year and more; in all
other cases the person chooses in writing. Money that was paid for what does not stay is a refund,
a case of its own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, DuplicateResolution, Enrollment, Person, User
from enrollment.rules import duplicates as rule
from enrollment.rules import keys
from enrollment.rules.dates import year_start
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.selectors.bills import bill_of, years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.selectors.policy import policy_book
from enrollment.services import cases, changes, enrollments
from enrollment.services.refusals import Refused

NAME, REVERSED = "duplicate", "duplicate_reversed"  # causes of changes
Keep = DuplicateResolution.Keep


class NoDuplicate(Refused):
    message = gettext_noop(
        "The register has no employee relation beside an open resident bill in %(year)s."
    )
    field = "year"


class KeptByRule(Refused):
    message = gettext_noop(
        "The employee relation has %(months)s months in a row: it stays by rule, and no choice."
    )
    field = "keep"


class WrittenChoiceMissing(Refused):
    message = gettext_noop("The rule decides nothing here: name the paper with the written choice.")
    field = "written_choice"


class TermsMissing(Refused):
    message = gettext_noop("The terms for %(year)s are not complete: %(told)s. Publish them first.")
    field = "year"


class FoundOtherwise(Refused):
    message = gettext_noop("The relations changed since the case was made. Save the form again.")


@dataclass(frozen=True, slots=True)
class Found:
    """The duplicate of a year: the bill, the first employee day in it, months in a row, and what
    the rule keeps."""

    bill: Enrollment
    employed_from: date
    months: int
    by_rule: bool


def open_resolution(
    *, maker: User, person: Person, year: int, request_key: UUID | None = None, **says: Any
) -> Case:
    """Make a draft about what the register has. Raises as `check` and `cases.open_case`."""
    return cases.open_case(
        kind=KIND.name,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        **_kept(found_of(person, year)),
        **says,
    )


def change_resolution(*, case: Case, user: User, expected_version: int, **says: Any) -> Case:
    """Change a draft or returned case. Raises as `check` and `cases.change_case`."""
    kept = _kept(found_of(case.whom, int(says.get("year", case.year))))
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, **kept, **says
    )


def _kept(found: Found) -> dict[str, Any]:
    return {"months": found.months, "by_rule": found.by_rule}


def found_of(person: Person, year: int) -> Found:
    """The duplicate of `year`, and the rule's answer. Raises NoDuplicate, TermsMissing."""
    bill = bill_of(person.pk, year)
    months = _employee_months(person.pk)
    own = [month for month in months if month // 12 == year]
    if bill is None or bill.ended_on is not None or bill.suspended_from is not None or not own:
        raise NoDuplicate(year=year)
    run = longest_run(months, own)
    relations = (
        rule.FoundRelation("employee", months=run),
        rule.FoundRelation("resident", place=str(year)),
    )
    codes = list(rule.DuplicateTerms.codes().values())
    book, area, on = policy_book(codes), pooling_area_of(bill.region_id), year_start(year)
    try:
        terms = read_terms(
            rule.DuplicateTerms, lambda code: book.find(code, area=area, on=on, scheme="both")
        )
    except MissingParameter as error:
        raise TermsMissing(year=year, told=str(error)) from error
    answer = rule.resolve_duplicate(relations, terms)
    first = date(year, own[0] % 12 + 1, 1)
    return Found(bill, first, run, answer.keep is not None)


def _employee_months(person_id: int) -> list[int]:
    """Contribution months of the employee scheme, as year * 12 + month from 0, in order."""
    years = years_on_file()
    rows = Enrollment.objects.of_person(person_id, years) if years else ()
    return sorted(
        {
            row.year * 12 + month
            for row in rows
            if row.scheme == keys.EMPLOYEE and row.ended_for != Enrollment.Ended.DUPLICATE
            for month in range(12)
            if row.months >> month & 1
        }
    )


def longest_run(months: list[int], touching: list[int]) -> int:
    """Length of the longest run of consecutive months that touches one of `touching`."""
    runs: list[list[int]] = []
    for month in months:
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return max(len(run) for run in runs if set(run) & set(touching))


def check(case: Case) -> None:
    """The duplicate is there, and decided by rule or in writing.

    Raises NoDuplicate, FoundOtherwise, KeptByRule, WrittenChoiceMissing, TermsMissing.
    """
    asked = _resolution(case)
    found = found_of(asked.whom, asked.year)
    if (found.months, found.by_rule) != (asked.months, asked.by_rule):
        raise FoundOtherwise
    if found.by_rule:
        if asked.keep != Keep.EMPLOYEE:
            raise KeptByRule(months=found.months)
    elif not asked.written_choice.strip():
        raise WrittenChoiceMissing


def facts(case: Case) -> list[Fact]:
    """Both relations, who decided, and what becomes of the bill."""
    asked = _resolution(case)
    shown = [
        Fact(gettext_noop("Employee months in a row"), asked.months),
        Fact(gettext_noop("Decided by rule"), asked.by_rule),
        Fact(gettext_noop("Relation that stays"), asked.keep, str(asked.get_keep_display())),
        Fact(gettext_noop("Written choice"), asked.written_choice),
    ]
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    found = found_of(asked.whom, asked.year)
    return [
        *shown,
        Fact(gettext_noop("Employee cover from"), found.employed_from),
        Fact(gettext_noop("Payable (yuan)"), found.bill.payable),
        Fact(gettext_noop("Paid (yuan)"), found.bill.paid),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Suspend the resident cover from the first employee day, or end the employee relation.

    Raises as `check`, and enrollments.BillEnded.
    """
    asked = _resolution(case)
    person = Person.objects.select_for_update().get(pk=asked.whom.pk)
    check(case)
    found = found_of(person, asked.year)
    stays = asked.keep == Keep.EMPLOYEE
    with changes.caused_by(cause=NAME, case=case):
        DuplicateResolution.objects.filter(pk=case.pk).update(was_scheme=person.scheme)
        if stays:
            enrollments.suspend(bill_id=found.bill.pk, since=found.employed_from)
        else:
            enrollments.end_spells(person_id=person.pk, year=asked.year, on=business_date())
        scheme = Person.Scheme.EMPLOYEE if stays else Person.Scheme.RESIDENT
        Person.objects.filter(pk=person.pk).update(scheme=scheme)
    changes.append(person_id=person.pk, year=asked.year, cause=NAME, case=case)


def undo(*, case: Case, user: User) -> None:
    """Both relations are there again. Raises as `enrollments.suspend`."""
    asked = _resolution(case)
    with changes.caused_by(cause=REVERSED, case=case):
        if asked.keep == Keep.EMPLOYEE:
            key = keys.yearly_key(year=asked.year, person_id=asked.whom.pk)
            enrollments.suspend(bill_id=key, since=None)
        else:
            enrollments.end_spells(person_id=asked.whom.pk, year=asked.year, on=None)
        Person.objects.filter(pk=asked.whom.pk).update(scheme=asked.was_scheme)
    changes.append(person_id=asked.whom.pk, year=asked.year, cause=REVERSED, case=case)


def _resolution(case: Case) -> DuplicateResolution:
    return cast("DuplicateResolution", case)


KIND = CaseKind(
    name="duplicate_resolution",
    label=_("duplicate resolution"),
    model=DuplicateResolution,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:enrollment_duplicateresolution",
)
