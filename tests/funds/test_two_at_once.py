"""Two people at the same money or the same sheet: one is served, the other is refused by name."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import whole_case
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import Entry, Reason
from funds.services import budgets, fund_movements, settlements
from tests import cast
from tests.acts import approved, at_once
from tests.funds import budgeting, settling
from tests.funds.settling import RESIDENT

TODAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    cast.law()
    with business_date_is(TODAY):
        yield


def refusals(*acts: Callable[[], object]) -> list[str]:
    """Each on a connection of its own, begun together; the names of what was refused."""
    results = at_once(*acts)
    assert [type(each) for each in results if isinstance(each, Exception)] == [
        type(each) for each in results if isinstance(each, Refused)
    ]
    return [each.name for each in results if isinstance(each, Refused)]


def test_two_movements_of_the_same_money_move_it_once() -> None:
    desk = settling.Desk()
    settling.opening(cast.HEFEI, "100")

    def signed() -> int:
        case = fund_movements.open_movement(
            maker=desk.maker, purpose="drawn", region_id=cast.HEFEI, scheme=RESIDENT,
            occurred_on=TODAY, document="合医保〔2026〕9号", amount="80",
        )  # fmt: skip
        return approved(case, desk.checker).pk

    both = [signed(), signed()]

    def post(key: int) -> object:
        return cases.put_into_effect(case=whole_case(key), user=desk.approver)

    refused = refusals(lambda: post(both[0]), lambda: post(both[1]))
    assert refused == ["overdrawn"]
    assert sorted(whole_case(key).state for key in both) == ["approved", "effected"]
    assert Entry.objects.filter(reason=Reason.DRAWN).count() == 1


def test_one_movement_put_into_effect_twice_is_posted_once() -> None:
    desk = settling.Desk()
    settling.opening(cast.HEFEI, "100")
    case = fund_movements.open_movement(
        maker=desk.maker, purpose="drawn", region_id=cast.HEFEI, scheme=RESIDENT,
        occurred_on=TODAY, document="合医保〔2026〕9号", amount="30",
    )  # fmt: skip
    approved(case, desk.checker)
    stale = [whole_case(case.pk), whole_case(case.pk)]
    refused = refusals(
        *(lambda each=each: cases.put_into_effect(case=each, user=desk.approver) for each in stale)
    )
    assert refused == ["not_in_this_state"]
    assert Entry.objects.filter(reason=Reason.DRAWN).count() == 1


def test_of_two_who_fill_one_settlement_sheet_the_second_reads_again() -> None:
    desk = settling.Desk()
    sheet = desk.draft(of=2026, part="levy", rate=Decimal("0.05"))
    seen = whole_case(sheet.pk).version

    def fill(revenue: int) -> object:
        return settlements.record_cities(
            case=settling.sheet_of(sheet), user=desk.maker, expected_version=seen,
            cities={cast.HEFEI: {"base": Decimal(revenue)}},
        )  # fmt: skip

    assert refusals(lambda: fill(1_000), lambda: fill(2_000)) == ["changed_meanwhile"]
    assert whole_case(sheet.pk).version == seen + 1


def test_of_two_who_fill_one_budget_the_second_reads_again() -> None:
    desk = budgeting.Desk()
    budget = desk.draft()
    seen = whole_case(budget.pk).version

    def fill(revenue: str) -> object:
        return budgets.record_lines(
            case=budgets.whole(budget), user=desk.maker, expected_version=seen,
            lines=budgeting.plain(revenue, "1"),
        )  # fmt: skip

    assert refusals(lambda: fill("10"), lambda: fill("20")) == ["changed_meanwhile"]
    now = budgets.whole(budget)
    assert now.revenue in (10, 20)
    assert now.revenue == sum(
        line.amount for line in now.lines.all() if line.item == "allocation_revenue"
    )


def test_of_two_who_open_the_same_budget_one_is_told_of_the_other() -> None:
    desk = budgeting.Desk()
    refused = refusals(desk.draft, desk.draft)
    assert refused == ["budget_stands"]
