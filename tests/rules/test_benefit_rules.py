"""Repair and retirement, beyond the worked cases."""

from datetime import date
from decimal import Decimal

import pytest

from benefits.rules.repair import RepairTerms, apply_repair, repair_fee
from benefits.rules.retirement import RetirementFacts, assess_retirement
from benefits.rules.waiting import WaitingFacts, WaitingTerms
from enrollment.rules.dates import Month
from enrollment.rules.refusals import RuleRefused
from tests.rules.terms import terms

WAITING = terms(WaitingTerms, year=2028)
LAPSED = WaitingFacts(
    history={2024: "R", 2025: "N", 2026: "N", 2027: "N"},
    target_year=2028,
    paid_on=date(2027, 10, 8),
    window_first=date(2027, 9, 1),
    window_last=date(2027, 12, 31),
)


def test_a_repaired_year_costs_the_standard_of_the_year_of_payment() -> None:
    standards = {2026: Decimal(400), 2027: Decimal(430)}

    fee = repair_fee(date(2026, 12, 31), 2, standards, terms(RepairTerms))

    assert (fee.standard_year, fee.amount) == (2026, Decimal("800.00"))


def test_a_repair_without_a_published_standard_is_refused() -> None:
    with pytest.raises(RuleRefused) as refused:
        repair_fee(date(2028, 1, 1), 1, {2026: Decimal(400)}, terms(RepairTerms))

    assert (refused.value.name, refused.value.details) == ("standard_missing", {"year": 2028})


@pytest.mark.parametrize(
    ("received_on", "start"),
    [
        (date(2027, 11, 1), date(2028, 4, 1)),
        (date(2028, 3, 31), date(2028, 4, 1)),
        (date(2028, 4, 1), date(2028, 4, 2)),
    ],
)
def test_a_running_wait_is_shortened_until_its_new_end(received_on: date, start: date) -> None:
    waiting = apply_repair(LAPSED, 2, received_on, WAITING)

    assert (waiting.total_months, waiting.benefit_start) == (3, start)
    assert waiting.trace[-1].value == start


@pytest.mark.parametrize(
    ("years", "received_on", "error"),
    [
        (0, date(2027, 11, 1), "repair_years_must_be_positive"),
        (3, date(2027, 11, 1), "repair_exceeds_useful"),
        (2, date(2028, 4, 2), "repair_after_recomputed_start"),
        (2, date(2027, 10, 7), "repair_before_enrolment_payment"),
    ],
)
def test_a_repair_that_cannot_help_is_refused(years: int, received_on: date, error: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        apply_repair(LAPSED, years, received_on, WAITING)

    assert refused.value.name == error


def test_the_minimum_of_actual_months_may_decide() -> None:
    result = assess_retirement(RetirementFacts(300, 100, 250, min_actual_months=120))

    assert (result.shortfall_total, result.shortfall_actual, result.shortfall_months) == (0, 20, 20)
    assert not result.retiree_benefits


def test_a_lump_sum_is_rounded_to_the_cent() -> None:
    facts = RetirementFacts(360, 359, 0, base=Decimal("6333.33"), rate=Decimal("0.085"))

    assert assess_retirement(facts).lump_sum == Decimal("538.33")


def test_who_lacks_nothing_pays_no_further_month() -> None:
    facts = RetirementFacts(300, 300, 0, first_payment_month=Month(2026, 7))

    result = assess_retirement(facts)

    assert (result.last_payment_month, result.retiree_benefits_from) == (None, date(2026, 7, 1))
