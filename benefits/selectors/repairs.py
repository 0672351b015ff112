"""What a person is owed, read for one person: the wait of a contribution, and what repair buys."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from benefits.models import GapRepair
from benefits.rules.covers import EMPLOYEE, RESIDENT
from benefits.rules.repair import RepairFee, RepairTerms, apply_repair, repair_fee
from benefits.rules.waiting import Waiting, WaitingFacts, WaitingTerms, assess_waiting
from enrollment.models import Enrollment, Person, PersonCategory
from enrollment.rules import keys
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import ParameterValue
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.rules.trace import Trace, TraceLine
from enrollment.selectors.bills import bill_of, years_on_file
from enrollment.selectors.policy import PolicyBook, policy_book

WINDOW = "collection.window"
GRACE_END = "collection.grace_end"
STANDARD = "contribution.individual_standard"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a wait rests on: facts of the register, terms of the area, and the bill of the year.

    `repaired_on` is the day on which the repair is, or is expected to be, received.
    """

    facts: WaitingFacts
    terms: WaitingTerms
    repaired_on: date
    area: int
    bill: Enrollment | None
    book: PolicyBook


@dataclass(frozen=True, slots=True)
class RepairQuote:
    """What a contribution with `years` repaired years leads to; `fee` is None for no repair."""

    years: int
    waiting: Waiting
    fee: RepairFee | None
    contribution: Decimal

    @property
    def repair_amount(self) -> Decimal:
        """Yuan for the repaired years."""
        return self.fee.amount if self.fee else ZERO

    @property
    def total_amount(self) -> Decimal:
        """Yuan for the contribution and the repair together."""
        return self.contribution + self.repair_amount


def history_of(person_id: int, before: int) -> dict[int, str]:
    """R, E by year for the years on file before `before`; a year without cover is not named.

    Insured in the resident scheme is paid in full and not ended before the year began; an employee
    year needs one contribution month.
    """
    years = [year for year in years_on_file() if year < before]
    history: dict[int, str] = {}
    for row in Enrollment.objects.of_person(person_id, years) if years else ():
        if row.scheme == keys.EMPLOYEE:
            if row.months:
                history.setdefault(row.year, EMPLOYEE)
        elif is_insured(row):
            history[row.year] = RESIDENT
    return history


def is_insured(row: Enrollment) -> bool:
    """As `is_insured` of enrollment/sql/database/."""
    return row.paid >= row.payable and (
        row.ended_on is None or row.ended_on >= year_start(row.year)
    )


def contribution_day(bill: Enrollment | None) -> date | None:
    """The day on which a bill was settled, None while it is not; a subsidy in full settles it."""
    if bill is None or bill.paid < bill.payable:
        return None
    return bill.paid_on or bill.due_on


def waiting_ground(person: Person, year: int, *, paid_on: date, repaired_on: date) -> Ground:
    """Facts and terms of a contribution of `person` for benefit year `year` paid on `paid_on`.

    Terms are those in force on 1 January of the year. Raises MissingParameter.
    """
    bill = bill_of(person.pk, year)
    area = pooling_area_of(bill.region_id if bill else person.insured_region_id)
    on = year_start(year)
    codes = [*WaitingTerms.codes().values(), *RepairTerms.codes().values()]
    book = policy_book([*codes, WINDOW, GRACE_END, STANDARD])
    terms = read_terms(WaitingTerms, lambda code: book.find(code, area=area, on=on))
    first, last = book.find(WINDOW, area=area, on=on).value.in_year(year)
    grace = book.find(GRACE_END, area=area, on=on).value
    exemption = _exemption_of(person.pk, terms.exemptions, paid_on)
    facts = WaitingFacts(
        history=history_of(person.pk, year),
        target_year=year,
        paid_on=paid_on,
        window_first=first,
        window_last=last,
        grace_end=grace.in_year(year) if grace else None,
        exemption=exemption,
        birth_date=person.birth_date,
    )
    return Ground(facts, terms, repaired_on, area, bill, book)


def _exemption_of(person_id: int, exemptions: tuple[str, ...], on: date) -> str | None:
    held = PersonCategory.objects.filter(
        person=person_id, category__in=exemptions, qualified=True, valid__contains=on
    )
    return held.order_by("category").values_list("category", flat=True).first()


def quote(ground: Ground, years: int) -> RepairQuote:
    """The wait with `years` repaired years, and their price.

    The price is the standard of the calendar year of payment (皖医保发〔2024〕6号 一（二）). Raises
    RuleRefused as `assess_waiting`, `apply_repair`, `repair_fee`; MissingParameter.
    """
    contribution = ground.bill.payable if ground.bill else ZERO
    if not years:
        return RepairQuote(0, assess_waiting(ground.facts, ground.terms), None, contribution)
    paid_on = ground.repaired_on
    waiting = apply_repair(ground.facts, years, paid_on, ground.terms)
    price = _price(ground)
    terms = read_terms(
        RepairTerms,
        lambda code: ground.book.find(code, area=ground.area, on=year_start(paid_on.year)),
    )
    fee = repair_fee(paid_on, years, {paid_on.year: price.value}, terms, price.citation)
    return RepairQuote(years, waiting, fee, contribution)


def quotes(ground: Ground) -> list[RepairQuote]:
    """Doing without repair, then every number of repaired years that still helps."""
    without = quote(ground, 0)
    found = [without]
    for years in range(1, without.waiting.max_useful_repair_years + 1):
        try:
            found.append(quote(ground, years))
        except RuleRefused:  # the running wait would be over before the receipt
            break
    return found


def price_status(ground: Ground) -> str:
    """Whether the price of a repaired year is verified, unverified or an example."""
    return _price(ground).status


def _price(ground: Ground) -> ParameterValue:
    on = year_start(ground.repaired_on.year)
    return ground.book.find(STANDARD, area=ground.area, on=on)


def last_contribution_day(year: int) -> date:
    """After it nothing can be paid for a benefit year."""
    return year_end(year)


START, PRICE = "start", "price"  # what a stored line explains


def stored_trace(found: RepairQuote) -> list[dict[str, Any]]:
    """The steps of a quote as JSON that says of each value what it is, for any language later."""
    price = found.fee.trace if found.fee else ()
    return [*stored_lines(START, found.waiting.trace), *stored_lines(PRICE, price)]


def stored_lines(subject: str, trace: Trace) -> list[dict[str, Any]]:
    """The steps that explain `subject`."""
    return [_stored(subject, line) for line in trace]


def _stored(subject: str, line: TraceLine) -> dict[str, Any]:
    value = line.value
    kind = "text"
    if isinstance(value, bool) or value is None:
        kind = "answer"
    elif isinstance(value, Decimal):
        kind, value = "yuan", str(value)
    elif isinstance(value, date):
        kind, value = "day", value.isoformat()
    elif isinstance(value, int):
        kind = "number"
    return {
        "subject": subject,
        "label": line.label,
        "kind": kind,
        "value": value,
        "parameter": line.parameter,
        "document": line.document,
        "clause": line.clause,
    }


def repair_of_order(bill_number: str) -> GapRepair | None:
    """The repair that a payment order belongs to."""
    return GapRepair.objects.filter(bill_number=bill_number).first() if bill_number else None
