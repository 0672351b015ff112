"""What a switch between the schemes does to the years of one person: spells and resident bills.

Beside `enrollment.services.enrollments` the only writer of a year of cover by act. On every day at
most one scheme covers: a resident year is suspended from the first day of employee cover on and
later ones end; an employee spell ends with the eve of the resident scheme.
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.models import Enrollment
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.keys import EMPLOYEE, RESIDENT, yearly_key
from enrollment.selectors.bills import years_on_file
from enrollment.services.refusals import Refused

Ended = Enrollment.Ended
SPELLS = range(10)  # of one person in one year


class TooManySpells(Refused):
    message = gettext_noop("This person has ten employee spells in %(year)s already.")
    field = "starts_on"


class BillSince(Refused):
    message = gettext_noop("There is a resident bill of %(year)s since: undo what made it first.")


@transaction.atomic
def join_employee_scheme(*, person_id: int, region: int, first: date, covered_from: date) -> None:
    """Begin a spell with the month of `first`, and let resident cover end with `covered_from`.

    Raises TooManySpells.
    """
    for bill in _rows(person_id, covered_from.year, RESIDENT):
        if bill.ended_on is not None:
            continue
        if bill.year == covered_from.year:
            Enrollment.objects.filter(pk=bill.pk).update(suspended_from=covered_from)
        else:
            Enrollment.objects.filter(pk=bill.pk).update(
                ended_on=year_end(bill.year - 1), ended_for=Ended.EMPLOYEE_SCHEME
            )
    taken = {row.pk for row in _rows(person_id, first.year, EMPLOYEE)}
    free = [key for key in _spells(person_id, first.year) if key not in taken]
    if not free:
        raise TooManySpells(year=first.year)
    Enrollment.objects.create(
        pk=free[0],
        person_id=person_id,
        region_id=region,
        months=1 << first.month - 1,
        benefit_start=covered_from,
    )


@transaction.atomic
def take_back_employee_scheme(
    *, person_id: int, region: int, first: date, covered_from: date
) -> None:
    """The opposite of `join_employee_scheme`: the spell never was, the resident years go on."""
    for row in _rows(person_id, first.year, EMPLOYEE):
        is_it = row.region_id == region and row.benefit_start == covered_from
        if is_it and row.year == first.year and row.ended_on is None:
            Enrollment.objects.filter(pk=row.pk).update(
                months=0, ended_on=first, ended_for=Ended.REVERSED
            )
    for bill in _rows(person_id, covered_from.year, RESIDENT):
        if bill.suspended_from == covered_from:
            Enrollment.objects.filter(pk=bill.pk).update(suspended_from=None)
        elif bill.ended_for == Ended.EMPLOYEE_SCHEME and bill.year > covered_from.year:
            Enrollment.objects.filter(pk=bill.pk).update(ended_on=None, ended_for="")


@transaction.atomic
def leave_employee_scheme(*, person_id: int, first: date) -> None:
    """End the employee spells that reach `first` or lie behind it with the eve of that day."""
    for row in _rows(person_id, first.year, EMPLOYEE):
        if row.ended_on is None:
            Enrollment.objects.filter(pk=row.pk).update(
                ended_on=max(first, year_start(row.year)), ended_for=Ended.RESIDENT_SCHEME
            )


@transaction.atomic
def take_back_resident_scheme(*, person_id: int, first: date) -> None:
    """The opposite of `leave_employee_scheme`. Raises BillSince."""
    for bill in _rows(person_id, first.year, RESIDENT):
        if bill.ended_on is None and bill.suspended_from is None:
            raise BillSince(year=bill.year)
    for row in _rows(person_id, first.year, EMPLOYEE):
        if row.ended_for == Ended.RESIDENT_SCHEME and row.ended_on == max(
            first, year_start(row.year)
        ):
            Enrollment.objects.filter(pk=row.pk).update(ended_on=None, ended_for="")


def _rows(person_id: int, since: int, scheme: int) -> list[Enrollment]:
    """The person's rows of a scheme in the years on file from `since` on, locked."""
    years = [year for year in years_on_file() if year >= since]
    if not years:
        return []
    rows = Enrollment.objects.of_person(person_id, years).select_for_update().order_by("pk")
    return [row for row in rows if row.scheme == scheme]


def _spells(person_id: int, year: int) -> list[int]:
    return [
        yearly_key(year=year, person_id=person_id, scheme=EMPLOYEE, slot=slot) for slot in SPELLS
    ]
