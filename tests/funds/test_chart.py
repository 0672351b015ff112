"""The chart of accounts and the reasons: closed lists in the database, the same as in the code."""

from collections import defaultdict

import pytest

from funds.models import AccountKind, Kind, Reason, ReasonSide
from funds.models.chart import AccountKind as Chart

pytestmark = pytest.mark.django_db


def test_every_kind_is_on_the_chart_of_the_database() -> None:
    assert set(AccountKind.objects.values_list("kind", flat=True)) == set(Kind.values)


def test_assets_and_expenditure_stand_in_debit_and_all_else_in_credit() -> None:
    debit = {Chart.Element.ASSET, Chart.Element.EXPENDITURE}
    for row in AccountKind.objects.all():
        assert (row.element in debit) == (row.side == Chart.Side.DEBIT), row.kind


def test_no_deposit_and_no_balance_of_a_fund_may_go_negative() -> None:
    floor = AccountKind.objects.filter(may_be_negative=False)
    assert set(floor.values_list("kind", flat=True)) >= {
        Kind.TREASURY_IN_TRANSIT, Kind.SPECIAL_FISCAL, Kind.EXPENDITURE_CITY,
        Kind.EXPENDITURE_COUNTY, Kind.ASSISTANCE_DEPOSIT, Kind.ADJUSTMENT_DEPOSIT, Kind.SUSPENSE,
        Kind.POOLED_FUND, Kind.ADJUSTMENT_FUND, Kind.RISK_RESERVE,
    }  # fmt: skip


def test_every_reason_can_debit_and_credit_something_that_is_on_the_chart() -> None:
    sides: dict[str, set[int]] = defaultdict(set)
    for row in ReasonSide.objects.all():
        assert row.kind in Kind.values, row
        sides[row.reason] |= {1, -1} if row.side == 0 else {row.side}
    # a reversal is not listed: it mirrors what it reverses
    assert sides == {reason: {1, -1} for reason in Reason.values if reason != "reversal"}
