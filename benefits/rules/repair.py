"""Repair payment (缴费修复): price, effect on the wait, and what it does not touch.

皖医保发〔2024〕6号 一（二）: each year paid removes a month of the variable wait, at the provincial
individual standard of the year of payment. It does not restore the streak, lift the reduction of
the ceiling or open past benefits, and nobody subsidises it.
docs/algorithms/gap-repair.md tells the same with tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from benefits.rules.waiting import Waiting, WaitingFacts, WaitingTerms, assess_waiting
from enrollment.rules.dates import year_end
from enrollment.rules.money import read_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import NO_CITATION, Citation, Trace, gettext_noop, step


@dataclass(frozen=True, kw_only=True)
class RepairTerms(Terms):
    """Which year's standard is the price of a repaired year."""

    standard_year: str = parameter("repair.standard_year")


@dataclass(frozen=True, slots=True)
class RepairFee:
    """Yuan for all repaired years, and the year whose standard is the price."""

    standard_year: int
    unit_price: Decimal
    amount: Decimal
    trace: Trace


def check_repair_years(years: int) -> None:
    """Raises RuleRefused `repair_years_must_be_positive`."""
    if years < 1:
        raise RuleRefused("repair_years_must_be_positive")


def repair_fee(
    paid_on: date,
    repair_years: int,
    standards: Mapping[int, Decimal],
    terms: RepairTerms,
    source: Citation = NO_CITATION,
) -> RepairFee:
    """Repaired years at the individual standard of the calendar year of payment.

    `standards` is the standard in yuan by benefit year, `source` what it is cited by. Raises
    RuleRefused `repair_years_must_be_positive`, `standard_missing` (with `year`).
    """
    check_repair_years(repair_years)
    year = paid_on.year
    if year not in standards:
        raise RuleRefused("standard_missing", year=year)
    price = read_yuan(standards[year])
    amount = price * repair_years
    trace = (
        step(gettext_noop("Paid on"), paid_on),
        step(gettext_noop("Year of the standard"), year, terms.cite("standard_year")),
        step(gettext_noop("Individual standard"), price, source),
        step(gettext_noop("Repair years paid"), repair_years),
        step(gettext_noop("Amount"), amount),
    )
    return RepairFee(year, price, amount, trace)


def apply_repair(
    facts: WaitingFacts, repair_years: int, received_on: date, terms: WaitingTerms
) -> Waiting:
    """The wait after a repair payment received on `received_on`.

    A running wait may be shortened until the recomputed start; benefits never begin before the
    day after the receipt. Raises RuleRefused `repair_years_must_be_positive`,
    `repair_exceeds_useful`, `repair_before_enrolment_payment`, `repair_after_recomputed_start`
    (with `benefit_start`), and as `assess_waiting`.
    """
    check_repair_years(repair_years)
    if received_on < facts.paid_on:
        raise RuleRefused("repair_before_enrolment_payment")
    waiting = assess_waiting(replace(facts, repair_years=repair_years), terms)
    start = waiting.benefit_start
    if start is None:
        return waiting
    if received_on > start:
        raise RuleRefused("repair_after_recomputed_start", benefit_start=start)
    earliest = received_on + timedelta(days=1)
    later: date | None = max(start, earliest)
    if later == start:
        return waiting
    if earliest > year_end(facts.target_year):
        later = None
    trace = (
        *waiting.trace,
        step(gettext_noop("Repair received on"), received_on),
        step(gettext_noop("Benefits from"), later),
    )
    return replace(waiting, benefit_start=later, trace=trace)
