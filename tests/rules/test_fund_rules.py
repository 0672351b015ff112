"""Adjustment funds with the tables of their page; budgets and indicators beyond worked cases."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.rules.refusals import RuleRefused
from funds.rules import anhui_fund, budget, indicators, sichuan_fund
from funds.rules.schemes import check_movement
from tests.rules.tables import refusal_of, rows_under
from tests.rules.terms import terms

PAGE = "adjustment-funds.md"
ANHUI = terms(anhui_fund.AnhuiFundTerms, scheme="both")
SICHUAN = terms(sichuan_fund.SichuanFundTerms, area=510000, scheme="both")
YUAN = st.decimals(min_value=0, max_value=10**11, places=2)
LEVY = anhui_fund.AnhuiLevyFacts(
    scheme="resident",
    year=2026,
    rate=Decimal("0.05"),
    prev_year_revenue=Decimal(1000),
    fund_balance_prev_year_end=Decimal(0),
    province_prev_year_revenue=Decimal(20_000),
)


def amounts(cell: str) -> list[Decimal]:
    return [Decimal(amount) for amount in cell.split()]


def written(*figures: Decimal) -> list[str]:
    return [f"{figure:.2f}" for figure in figures]


@pytest.mark.parametrize("row", rows_under(PAGE, "Anhui: levy"))
def test_a_city_of_anhui_pays_up(row: dict[str, str]) -> None:
    facts = anhui_fund.AnhuiLevyFacts(
        scheme=row["scheme"],
        year=int(row["year"]),
        rate=Decimal(row["rate"]),
        prev_year_revenue=Decimal(row["collected in the area"]),
        fund_balance_prev_year_end=Decimal(row["balance of the fund"]),
        province_prev_year_revenue=Decimal(20_000_000),
    )

    if row["levy"] == "refused":
        refused = refusal_of(lambda: anhui_fund.assess_anhui_levy(facts, ANHUI))
        assert refused == row["suspended"]
        return

    result = anhui_fund.assess_anhui_levy(facts, ANHUI)

    assert written(result.levy) == [row["levy"]]
    assert result.suspended == (row["suspended"] == "yes")


@pytest.mark.parametrize("row", rows_under(PAGE, "Anhui: sharing of a gap"))
def test_a_gap_is_shared(row: dict[str, str]) -> None:
    result = anhui_fund.share_gap(
        anhui_fund.GapFacts(
            revenue=Decimal(row["revenue"]),
            expenditure=Decimal(row["spending"]),
            provincial_share=Decimal(row["sigma"]),
            eligible_gap=None if row["eligible"] == "all" else Decimal(row["eligible"]),
            local_cumulative_balance=Decimal(row["own balance"]),
        )
    )

    assert written(
        result.gap, result.provincial, result.local_balance, result.uncovered, result.ineligible
    ) == [row[name] for name in ("gap", "province", "own", "uncovered", "ineligible")]


@pytest.mark.parametrize("row", rows_under(PAGE, "Anhui: claims on a short fund"))
def test_a_short_fund_pays_in_proportion(row: dict[str, str]) -> None:
    paid = anhui_fund.pay_claims(amounts(row["claims"]), Decimal(row["available"]), ANHUI).paid

    assert written(*paid) == row["paid"].split()


@pytest.mark.parametrize("row", rows_under(PAGE, "Sichuan: reserve"))
def test_a_year_of_sichuan_sets_a_reserve_aside(row: dict[str, str]) -> None:
    def assess() -> sichuan_fund.SichuanYear:
        return sichuan_fund.assess_sichuan_year(
            row["scheme"],
            int(row["year"]),
            Decimal(row["income"]),
            Decimal(row["reserve before"]),
            replace(SICHUAN, reserve_topup=row["reading"]),
        )

    if row["levy"] == "refused":
        assert refusal_of(assess) == row["into the reserve"]
        return

    year = assess()

    assert written(year.levy, year.reserve_in, year.distributable, year.reserve_balance_after) == [
        row[name] for name in ("levy", "into the reserve", "distributed", "reserve after")
    ]


@pytest.mark.parametrize("row", rows_under(PAGE, "Sichuan: distribution"))
def test_what_is_distributed_adds_up(row: dict[str, str]) -> None:
    total, weights = Decimal(row["distributed"]), amounts(row["weights"])

    shares = sichuan_fund.distribute(total, weights, SICHUAN).allocations

    assert written(*shares) == row["shares"].split()
    assert sum(shares) == total


@pytest.mark.parametrize("row", rows_under(PAGE, "Sichuan: what is left to an area"))
def test_the_province_fills_no_gap(row: dict[str, str]) -> None:
    figures = (Decimal(row[name]) for name in ("gap", "allocation", "rolling balance"))

    result = sichuan_fund.assess_city_gap(*figures)

    assert written(result.self_filled, result.from_rolling_balance) == [
        row[name] for name in ("left to the area", "from the balance")
    ]
    assert result.provincial == 0


@pytest.mark.parametrize(
    ("balance", "levy"), [("1999.99", "50.00"), ("2000.00", "0.00"), ("2000.01", "0.00")]
)
def test_the_levy_pauses_at_ten_per_cent(balance: str, levy: str) -> None:
    facts = replace(LEVY, fund_balance_prev_year_end=Decimal(balance))

    result = anhui_fund.assess_anhui_levy(facts, ANHUI)

    assert (result.levy, result.suspended) == (Decimal(levy), levy == "0.00")


@pytest.mark.parametrize(
    ("scheme", "year", "rate", "error"),
    [
        ("resident", 2024, "0.06", "scheme_not_started"),
        ("employee", 2025, "0.05", "scheme_not_started"),
        ("resident", 2025, "0.0501", "rate_above_maximum"),
        ("resident", 2025, "0", "rate_not_positive"),
        ("student", 2025, "0.05", "unknown_scheme"),
    ],
)
def test_the_year_is_looked_at_before_the_rate(
    scheme: str, year: int, rate: str, error: str
) -> None:
    with pytest.raises(RuleRefused) as refused:
        anhui_fund.check_levy(scheme, year, Decimal(rate), ANHUI)

    assert refused.value.name == error


@given(YUAN, YUAN, st.decimals(min_value=0, max_value=1, places=4), YUAN, YUAN)
def test_a_shared_gap_is_shared_to_the_cent(
    revenue: Decimal, spent: Decimal, share: Decimal, eligible: Decimal, balance: Decimal
) -> None:
    result = anhui_fund.share_gap(anhui_fund.GapFacts(revenue, spent, share, eligible, balance))

    parts = (result.provincial, result.local_balance, result.uncovered, result.ineligible)
    assert sum(parts) == result.gap
    assert min(parts) >= 0
    assert result.local_balance <= balance


def test_a_city_without_balance_leaves_the_rest_uncovered() -> None:
    result = anhui_fund.share_gap(
        anhui_fund.GapFacts(
            Decimal(100), Decimal(200), Decimal("0.6"), local_cumulative_balance=Decimal(-5)
        )
    )

    assert (result.provincial, result.local_balance, result.uncovered) == tuple(
        map(Decimal, (60, 0, 40))
    )


@given(st.lists(YUAN, min_size=1, max_size=20), YUAN)
def test_claims_are_paid_in_full_or_use_up_the_fund(claims: list[Decimal], fund: Decimal) -> None:
    paid = anhui_fund.pay_claims(claims, fund, ANHUI).paid

    assert sum(paid) == min(sum(claims), fund)
    assert all(0 <= part <= claim for part, claim in zip(paid, claims, strict=True))


@pytest.mark.parametrize(("scheme", "years"), [("employee", 2), ("resident", 4)])
def test_the_reserve_is_full_after_level_years(scheme: str, years: int) -> None:
    income, reserve = Decimal("1234567890.12"), Decimal(0)
    for year in range(2024, 2024 + years):
        result = sichuan_fund.assess_sichuan_year(scheme, year, income, reserve, SICHUAN)
        assert result.reserve_in > 0
        reserve = result.reserve_balance_after

    later = sichuan_fund.assess_sichuan_year(scheme, 2024 + years, income, reserve, SICHUAN)

    assert later.reserve_in <= Decimal("0.05")
    assert later.levy == later.reserve_in + later.distributable


@given(YUAN, st.lists(st.decimals(min_value="0.01", max_value=9, places=2), min_size=1))
def test_everything_is_distributed(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(sichuan_fund.distribute(amount, weights, SICHUAN).allocations) == amount


def test_the_gap_left_is_the_citys_own() -> None:
    gap = sichuan_fund.assess_city_gap(Decimal(100), Decimal(30), Decimal(50))

    assert (gap.self_filled, gap.from_rolling_balance, gap.provincial) == tuple(
        map(Decimal, (70, 50, 0))
    )


def test_a_violation_is_never_paid_from_the_balance() -> None:
    loss = sichuan_fund.assess_violation(Decimal(10))

    assert (loss.from_rolling_balance, loss.government_must_cover) == (Decimal(0), Decimal(10))


def test_a_new_rate_needs_four_approvals_in_their_order() -> None:
    with pytest.raises(RuleRefused) as refused:
        sichuan_fund.check_rate_change(Decimal("0.08"), ["provincial_tax"], SICHUAN)

    assert refused.value.details == {
        "missing": ["provincial_msb", "provincial_finance", "provincial_government"]
    }
    sichuan_fund.check_rate_change(Decimal("0.08"), SICHUAN.rate_approvals, SICHUAN)


def test_money_never_changes_its_scheme() -> None:
    check_movement("resident", "resident")
    with pytest.raises(RuleRefused) as refused:
        check_movement("employee", "resident")

    assert refused.value.name == "cross_scheme_transfer_forbidden"


BUDGET = terms(budget.BudgetTerms, scheme="both")
BALANCE = terms(budget.BalanceTerms, scheme="both")


@pytest.mark.parametrize(
    ("opening", "revenue", "spent", "allowed", "excepted"),
    [
        ("0", "100", "100", True, True),
        ("5", "100", "105", False, True),
        ("5", "100", "105.01", False, False),
        ("-1", "100", "100", False, False),
        ("-1", "101", "100", True, True),
    ],
)
def test_a_cumulative_deficit_is_always_blocked(
    opening: str, revenue: str, spent: str, allowed: bool, excepted: bool
) -> None:
    result = budget.assess_year_budget(Decimal(opening), Decimal(revenue), Decimal(spent), BUDGET)

    assert (result.allowed, result.allowed_with_exception) == (allowed, excepted)


@pytest.mark.parametrize(
    ("closing", "spent", "months", "place"),
    [
        ("600", "1200", "6.00", "within"),
        ("599.99", "1200", "6.00", "below"),
        ("900", "1200", "9.00", "within"),
        ("900.01", "1200", "9.00", "above"),
        ("-100", "1200", "-1.00", "below"),
    ],
)
def test_a_budget_leaves_a_balance_of_so_many_months(
    closing: str, spent: str, months: str, place: str
) -> None:
    found = budget.assess_balance(Decimal(closing), Decimal(spent), BALANCE)

    assert (str(found.months), found.place) == (months, place)


def test_a_balance_has_no_months_where_nothing_is_spent() -> None:
    with pytest.raises(RuleRefused, match="spending_zero"):
        budget.assess_balance(Decimal(1), Decimal(0), BALANCE)


def test_a_county_plan_may_use_the_budget_up() -> None:
    plan = budget.assess_county_plan(Decimal(100), Decimal(92), Decimal(8))

    assert (plan.payable, plan.remaining_after) == (True, Decimal(0))


def test_a_budget_adjustment_needs_the_government_of_the_city() -> None:
    needed = terms(budget.AdjustmentTerms, area=420000, scheme="both")

    budget.check_adjustment(Decimal(-10), needed.approvals, needed)
    with pytest.raises(RuleRefused):
        budget.check_adjustment(Decimal(10), ["city_msb", "city_finance"], needed)


RATE = terms(indicators.EnrolmentRateTerms, scheme="both")
TIERS = terms(indicators.TierTerms, scheme="both")
RISK = terms(indicators.RiskTerms, scheme="both")


@given(st.integers(1, 10**8))
def test_a_rate_is_never_met_by_rounding(population: int) -> None:
    just_short = (population * 95 - 1) // 100

    assert not indicators.enrolment_rate(just_short, population, RATE).met
    assert indicators.enrolment_rate(-(-population * 95 // 100), population, RATE).met


@pytest.mark.parametrize(
    ("ratios", "valid"),
    [
        (["90", "85", "70"], True),
        (["90", "85.01"], False),
        (["90", "74.99"], False),
        (["70", "80"], False),
        (["90"], True),
    ],
)
def test_neighbouring_tiers_differ_by_five_to_fifteen_points(
    ratios: list[str], valid: bool
) -> None:
    assert indicators.check_tiers(ratios, TIERS).valid is valid


@pytest.mark.parametrize(
    ("balance", "level"),
    [("600", "normal"), ("599.99", "attention"), ("300", "attention"), ("299.99", "serious"),
     ("-1", "serious")],
)  # fmt: skip
def test_months_of_balance_give_the_warning(balance: str, level: str) -> None:
    assert indicators.risk_level(Decimal(balance), Decimal(100), RISK).level == level


def test_nothing_is_divided_by_zero() -> None:
    with pytest.raises(RuleRefused):
        indicators.enrolment_rate(0, 0, RATE)
    with pytest.raises(RuleRefused):
        indicators.risk_level(Decimal(1), Decimal(0), RISK)
