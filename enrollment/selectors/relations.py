"""The relations of a person to the schemes, as the rule against double enrolment reads them."""

from collections.abc import Sequence
from datetime import date

from enrollment.models import Enrollment, Person
from enrollment.rules import keys
from enrollment.rules.dates import Month, first_of_next_month, year_start
from enrollment.rules.duplicates import EmployeeRelation, Relation, ResidentRelation
from enrollment.rules.regions import county_of
from enrollment.selectors.bills import years_on_file

NEVER_WAS = (Enrollment.Ended.DUPLICATE, Enrollment.Ended.REFUNDED, Enrollment.Ended.REVERSED)


def relations_of(
    person: Person, years: Sequence[int], *, on: date, employee_until: date | None = None
) -> list[Relation]:
    """Bills of `years` that have not ended, and employee relations that have not ended by `on`.

    An employee relation that ended before that day stands in nobody's way, although the same year
    has months of it: leavers register at any time (《安徽省人民政府办公厅关于基本医疗保险省级统筹的
    实施意见》一（二）). `employee_until` is its last day where the register still says open.
    """
    wanted = sorted({*years, on.year})
    rows = list(Enrollment.objects.of_person(person.pk, wanted)) if wanted else []
    residents: list[Relation] = [
        ResidentRelation(str(county_of(row.region_id)), row.year)
        for row in rows
        if row.scheme == keys.RESIDENT and row.ended_on is None and row.year in years
    ]
    employees = [_employee(row) for row in rows if row.scheme == keys.EMPLOYEE and row.months]
    if person.scheme == Person.Scheme.EMPLOYEE:
        first = min((each.first_day for each in employees), default=year_start(on.year))
        area = str(county_of(person.insured_region_id))
        employees = [EmployeeRelation(area, min(first, on), employee_until)]
    open_still = [each for each in employees if each.last_day is None or each.last_day >= on]
    return [*residents, *open_still]


def months_covered(person_id: int, *, until: int) -> set[Month]:
    """Months of cover in either scheme and any area, up to the end of the year `until`.

    A resident year that is paid counts as a whole: what is asked is how long somebody has been
    insured, not when benefits began.
    """
    years = [year for year in years_on_file() if year <= until]
    rows = Enrollment.objects.of_person(person_id, years) if years else ()
    return {
        Month(row.year, number)
        for row in rows
        if row.ended_for not in NEVER_WAS
        for number in range(1, 13)
        if _covers(row, Month(row.year, number))
    }


def _covers(row: Enrollment, month: Month) -> bool:
    if row.scheme == keys.EMPLOYEE:
        return bool(row.months >> month.number - 1 & 1)
    ends = [day for day in (row.ended_on, row.suspended_from) if day is not None]
    return row.paid >= row.payable and all(month.first_day() < day for day in ends)


def _employee(row: Enrollment) -> EmployeeRelation:
    """An area's spell of a year: from its first month to its last, or the day it ended."""
    months = [month for month in range(1, 13) if row.months >> (month - 1) & 1]
    last = first_of_next_month(Month(row.year, months[-1]).first_day())
    return EmployeeRelation(
        str(county_of(row.region_id)),
        Month(row.year, months[0]).first_day(),
        row.ended_on or date.fromordinal(last.toordinal() - 1),
    )
