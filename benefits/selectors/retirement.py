"""What a retirement assessment rests on: months of the register, and the law of the area."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from benefits.rules.retirement import Retirement, RetirementFacts, assess_retirement
from enrollment.models import Enrollment, Person
from enrollment.rules import keys
from enrollment.rules.dates import Month
from enrollment.rules.parameters import EMPLOYEE, MissingParameter, ParameterValue
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.bills import years_on_file
from enrollment.selectors.policy import policy_book

REQUIRED = {
    Person.Sex.MALE: "retirement.required_months.male",
    Person.Sex.FEMALE: "retirement.required_months.female",
}
MIN_ACTUAL, RATE = "retirement.min_actual_months", "retirement.lump_sum_rate"


@dataclass(frozen=True, slots=True)
class RetirementLaw:
    """The numbers of the area on the day of retirement; no `rate` where none is published."""

    required: ParameterValue
    min_actual: ParameterValue
    rate: ParameterValue | None


def law_of(person: Person, on: date) -> RetirementLaw:
    """What the area of a person asks on a day. Raises MissingParameter."""
    area, code = pooling_area_of(person.insured_region_id), REQUIRED[Person.Sex(person.sex)]
    book = policy_book([code, MIN_ACTUAL, RATE])

    def find(name: str) -> ParameterValue:
        return book.find(name, area=area, on=on, scheme=EMPLOYEE)

    try:
        rate = find(RATE)
    except MissingParameter:
        rate = None
    return RetirementLaw(find(code), find(MIN_ACTUAL), rate)


def months_on_register(person_id: int) -> int:
    """Months of the employee scheme on file, each once however many spells it lies in."""
    return sum(mask.bit_count() for mask in _masks(person_id).values())


def _masks(person_id: int) -> dict[int, int]:
    masks: dict[int, int] = {}
    rows: Iterable[Enrollment] = Enrollment.objects.of_person(person_id, years_on_file())
    for row in rows:
        if row.scheme == keys.EMPLOYEE:
            masks[row.year] = masks.get(row.year, 0) | row.months
    return masks


def assessed(
    law: RetirementLaw, *, actual: int, deemed: int, base: Decimal, first: Month
) -> Retirement:
    """Both ways to make up what is missing; without a rate there is no lump sum.

    Raises as `assess_retirement`.
    """
    return assess_retirement(
        RetirementFacts(
            required_months=law.required.value,
            actual_months=actual,
            deemed_months=deemed,
            min_actual_months=law.min_actual.value,
            base=base,
            rate=law.rate.value if law.rate else None,
            first_payment_month=first,
        ),
        law.required.citation,
    )
