"""A changed number or shape acts from its day on and leaves every earlier year alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from benefits.rules import cap, waiting
from benefits.rules.cap import CapShape, CapTerms, Standing
from benefits.rules.waiting import Waiting, WaitingFacts, WaitingTerms
from config.explain import explain_case
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import ParameterBook, ParameterValue
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.shapes import Shapes
from tests.rules.terms import book
from tests.rules.test_worked_cases import CASES

CHANGE = date(2030, 1, 1)
YEARS = range(2026, 2036)
# The worked cases that name a day or year; the others are asked for the newest number.
DATED = [
    case
    for case in CASES
    if {"year", "target_year", "payment_date", "paid_on"} & set(case["inputs"])
    and case["group"] not in ("employee_start", "indicators")
]


def changed_from(first: date, values: dict[str, Any]) -> ParameterBook:
    """The published numbers, with other values of some codes from a day on, everywhere."""
    found: list[ParameterValue] = []
    for value in book().values:
        until = value.valid_until
        if value.code not in values or (until is not None and until < first):
            found.append(value)
            continue
        new = replace(value, valid_from=first, value=values[value.code])
        found += [replace(value, valid_until=first - timedelta(days=1)), new]
    return replace(book(), values=tuple(found))


def wait_for(year: int, law: ParameterBook | None = None) -> dict[str, Any]:
    inputs = {
        "history": {str(year - 4): "R"},
        "target_year": year,
        "payment_date": f"{year - 1}-10-01",
        "window": [f"{year - 1}-09-01", f"{year - 1}-12-31"],
    }
    return explain_case({"group": "waiting_period", "inputs": inputs}, law)


def ceiling_of(year: int, law: ParameterBook | None = None) -> dict[str, Any]:
    inputs = {
        "history": {str(y): "R" for y in range(2025, year + 1)},
        "year": year,
        "base_cap": "300000",
        "zero_claim_years": [2025, 2030],
    }
    return explain_case({"group": "major_illness_cap", "inputs": inputs}, law)


def test_a_new_wait_holds_from_its_day_only() -> None:
    law = changed_from(CHANGE, {"waiting.fixed_months": 4})

    changed = [year for year in YEARS if wait_for(year, law) != wait_for(year)]

    assert changed == [year for year in YEARS if year >= CHANGE.year]


def test_a_new_step_leaves_what_was_earned_before() -> None:
    law = changed_from(CHANGE, {"incentive.step": Decimal(5000)})

    changed = [year for year in YEARS if ceiling_of(year, law) != ceiling_of(year)]
    of_2031 = ceiling_of(2031, law)["outcome"]

    assert changed == [year for year in YEARS if year >= CHANGE.year]
    assert (of_2031["continuity_bonus"], of_2031["zero_claim_bonus"]) == (13_000, 8_000)


def other(value: ParameterValue) -> Any:
    """Another number of the same unit."""
    match value.value:
        case bool():
            return not value.value
        case int():
            return value.value + 1
        case Decimal():
            return value.value / 2
    return value.value


@pytest.mark.parametrize("case", DATED, ids=lambda case: case["id"])
def test_no_number_of_a_later_day_touches_a_worked_case(case: dict[str, Any]) -> None:
    numbers = {value.code: other(value) for value in book().values}
    later = changed_from(date(2060, 1, 1), numbers)

    assert explain_case(case, later) == explain_case(case)


def test_a_shape_is_chosen_by_its_first_day() -> None:
    shapes = Shapes("wait", ((date(2025, 1, 1), "old"), (CHANGE, "new")))

    assert shapes.on(date(2025, 1, 1)) == shapes.on(date(2029, 12, 31)) == "old"
    assert shapes.on(CHANGE) == shapes.on(date.max) == "new"
    with pytest.raises(RuleRefused) as refused:
        shapes.on(date(2024, 12, 31))
    assert (refused.value.name, refused.value.details) == (
        "rule_not_in_force",
        {"rule": "wait", "first_day": date(2025, 1, 1)},
    )


@pytest.mark.parametrize("days", [[], [CHANGE, CHANGE], [CHANGE, date(2025, 1, 1)]])
def test_shapes_out_of_order_are_no_rule(days: list[date]) -> None:
    with pytest.raises(ValueError, match="shapes of wait are not in the order"):
        Shapes("wait", tuple((day, "shape") for day in days))


def no_wait_at_all(facts: WaitingFacts, terms: WaitingTerms) -> Waiting:
    """A shape that no law has."""
    old = waiting.fixed_and_variable_wait(replace(facts, repair_years=0), terms)
    return replace(old, fixed_months=0, variable_months=0, total_months=0)


def test_a_new_shape_of_the_wait_leaves_earlier_years_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {year: wait_for(year) for year in YEARS}
    first = waiting.SHAPES.shapes
    monkeypatch.setattr(waiting, "SHAPES", Shapes("waiting", (*first, (CHANGE, no_wait_at_all))))

    after = {year: wait_for(year) for year in YEARS}

    assert [year for year in YEARS if after[year] != before[year]] == [
        year for year in YEARS if year >= CHANGE.year
    ]
    assert after[2030]["outcome"]["total_months"] == 0


def nothing_more_is_earned(
    before: Standing, cover: str, terms: CapTerms, **happened: bool
) -> Standing:
    """Another shape that no law has: what was earned is kept."""
    return cap.next_standing(before, cover, replace(terms, incentive_step=ZERO), **happened)


def test_a_new_shape_of_the_ceiling_starts_from_the_standing_of_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {year: ceiling_of(year) for year in YEARS}
    shape = CapShape(nothing_more_is_earned, cap.apply_limits)
    monkeypatch.setattr(cap, "SHAPES", Shapes("cap", (*cap.SHAPES.shapes, (CHANGE, shape))))

    after = {year: ceiling_of(year) for year in YEARS}

    assert all(after[year] == before[year] for year in YEARS if year < CHANGE.year)
    assert {after[year]["outcome"]["bonus_applied"] for year in YEARS if year >= 2029} == {6000}
