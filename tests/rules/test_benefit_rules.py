"""Repair and retirement: the tables of the page on repair, and beyond the worked cases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from benefits.rules.repair import RepairTerms, apply_repair, repair_fee
from benefits.rules.retirement import RetirementFacts, assess_retirement
from benefits.rules.waiting import WaitingFacts, WaitingTerms, assess_waiting
from config.explain import explain_case
from enrollment.rules.dates import Month
from enrollment.rules.refusals import RuleRefused
from tests.rules.tables import day_or_none, refusal_of, rows_under
from tests.rules.terms import terms

PAGE = "gap-repair.md"
WAITING = terms(WaitingTerms, year=2028)
LAPSED = WaitingFacts(
    history={2024: "R", 2025: "N", 2026: "N", 2027: "N"},
    target_year=2028,
    paid_on=date(2027, 10, 8),
    window_first=date(2027, 9, 1),
    window_last=date(2027, 12, 31),
)


@pytest.mark.parametrize("row", rows_under(PAGE, "Price"))
def test_the_year_of_payment_sets_the_price(row: dict[str, str]) -> None:
    standards = {2025: Decimal(400), 2026: Decimal(400), 2027: Decimal(430)}
    paid_on, years = date.fromisoformat(row["paid on"]), int(row["repair years"])

    if row["year of the standard"] == "refused":
        refused = refusal_of(lambda: repair_fee(paid_on, years, standards, terms(RepairTerms)))
        assert refused == row["amount"]
        return

    fee = repair_fee(paid_on, years, standards, terms(RepairTerms))

    assert str(fee.standard_year) == row["year of the standard"]
    assert str(fee.amount) == row["amount"]


@pytest.mark.parametrize("row", rows_under(PAGE, "Useful maximum, paid inside the period for 2031"))
def test_no_more_years_are_repaired_than_shorten_the_wait(row: dict[str, str]) -> None:
    broken = int(row["broken years"])
    case = WaitingFacts(
        history={2030 - broken: "R"},
        target_year=2031,
        paid_on=date(2030, 10, 1),
        window_first=date(2030, 9, 1),
        window_last=date(2030, 12, 31),
    )

    for reading, offset in (("A", 1), ("B", 0)):
        numbers = replace(terms(WaitingTerms, year=2031), variable_offset=offset)
        useful = assess_waiting(case, numbers).max_useful_repair_years
        assert str(useful) == row[f"useful maximum, {reading}"]
        repaired = assess_waiting(replace(case, repair_years=useful), numbers)
        assert str(repaired.total_months) == row[f"wait after it, {reading}"]
        more = replace(case, repair_years=useful + 1)
        assert refusal_of(partial(assess_waiting, more, numbers)) == "repair_exceeds_useful"


@pytest.mark.parametrize("row", rows_under(PAGE, "Repair of a running wait"))
def test_a_receipt_decides_when_a_shortened_wait_ends(row: dict[str, str]) -> None:
    case = replace(LAPSED, paid_on=date.fromisoformat(row["contribution paid on"]))
    received_on = date.fromisoformat(row["repair received on"])
    years = int(row["repair years"])

    if row["wait in months"] == "refused":
        refused = refusal_of(lambda: apply_repair(case, years, received_on, WAITING))
        assert refused == row["start"]
        return

    waiting = apply_repair(case, years, received_on, WAITING)

    assert str(waiting.total_months) == row["wait in months"]
    assert waiting.benefit_start == day_or_none(row["start"])


@pytest.mark.parametrize("row", rows_under(PAGE, "What a repair leaves as it is"))
def test_a_repair_touches_neither_the_count_nor_the_reduction(row: dict[str, str]) -> None:
    year = int(row["year"])
    inputs = {
        "history": {"2025": "R", row["year"]: "R"},
        "year": year,
        "repair_years": int(row["repair years"]),
        "base_cap": "300000",
    }

    outcome = explain_case({"group": "repair_fee", "inputs": inputs})["outcome"]

    assert year - 2026 == int(row["broken years"])
    assert outcome["streak"] == int(row["count of continuous years"])
    assert outcome["penalty_applied"] == int(row["reduction"])


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
