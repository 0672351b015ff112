"""Levels of risk and expected balances, by the tables of their page."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.rules.refusals import RuleRefused
from funds.rules import indicators, projection, risk
from tests.rules.tables import rows_under
from tests.rules.terms import terms

PAGE = "fund-risk.md"
BOUNDS = terms(risk.WarningTerms, scheme="both")
RATE = terms(indicators.EnrolmentRateTerms, scheme="both")
DRIVERS = terms(projection.ProjectionTerms, scheme="both")


def facts(indicator: str, part: Decimal, whole: Decimal) -> risk.MonthFacts:
    """A month whose indicator is this fraction."""
    zero = Decimal(0)
    by_indicator: dict[str, dict[str, Any]] = {
        "months_covered": {"balance": part, "spent": whole, "months": 1},
        "current_balance": {"revenue": whole, "expenditure": whole - part},
        "collection_rate": {"paid": part, "payable": whole},
        "subsidy_arrears": {"arrears": part, "claimed": whole},
        "spending_growth": {"spent": part + whole, "spent_before": whole, "months": 12},
        "budget_execution": {"expenditure": part, "budgeted": whole, "elapsed": 10},
        "enrolment_rate": {"insured": int(part), "population": int(whole)},
    }
    plain: dict[str, Any] = {
        "balance": zero, "revenue": zero, "expenditure": zero, "spent": zero, "months": 0,
    }  # fmt: skip
    return risk.MonthFacts(**{**plain, **by_indicator[indicator]})


@pytest.mark.parametrize("row", rows_under(PAGE, "Levels"))
def test_a_reading_has_its_level(row: dict[str, str]) -> None:
    part, whole = Decimal(row["part"]), Decimal(row["whole"])
    found = risk.readings(facts(row["indicator"], part, whole), BOUNDS, RATE)
    (reading,) = [each for each in found if each.indicator == row["indicator"]]
    assert reading.level == row["level"]
    if row["level"] != "unknown":
        assert (reading.numerator, reading.denominator) == (part, whole)


@pytest.mark.parametrize("row", rows_under(PAGE, "Expected balances"))
def test_a_fund_is_carried_on(row: dict[str, str]) -> None:
    asked = projection.ProjectionFacts(
        year=2026,
        balance=Decimal(row["balance"]),
        earned=Decimal(row["earned"]),
        spent=Decimal(row["spent"]),
        months=int(row["months"]),
        left=int(row["left"]),
    )
    found = projection.project(asked, DRIVERS)
    told = [f"{getattr(each, row['case']):.2f}" for each in found.years]
    assert told == [row["this year"], row["next"], row["second"], row["third"]]
    assert [each.year for each in found.years] == [2026, 2027, 2028, 2029]
    assert found.short == (2029 if row["case"] == "low" else found.short)


@given(
    st.decimals(-(10**9), 10**10, places=2),
    st.decimals(0, 10**10, places=2),
    st.decimals(0, 10**10, places=2),
    st.integers(1, 12),
    st.integers(0, 11),
)
def test_the_cautious_case_is_never_above_the_hopeful(
    balance: Decimal, earned: Decimal, spent: Decimal, months: int, left: int
) -> None:
    asked = projection.ProjectionFacts(
        year=2026, balance=balance, earned=earned, spent=spent, months=months, left=left
    )
    for year in projection.project(asked, DRIVERS).years:
        assert year.low <= year.middle <= year.high


def test_nothing_is_expected_of_a_fund_without_months() -> None:
    zero = Decimal(0)
    with pytest.raises(RuleRefused):
        projection.project(
            projection.ProjectionFacts(
                year=2026, balance=zero, earned=zero, spent=zero, months=0, left=0
            ),
            DRIVERS,
        )
