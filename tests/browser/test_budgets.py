"""A budget in a browser: from the empty sheet to its execution, an adjustment, a county's plan."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from enrollment.models import Case
from funds.models import Budget, BudgetAdjustment, CountyPlan
from funds.services import movements
from tests import cast
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow, Window, press
from tests.funds.budgeting import RESIDENT, Desk
from tests.funds.settling import Reason, opening, received

Shot = Callable[[Window, str], None]
LINES = {
    "heads-contribution_revenue": "5,200,000", "standard-contribution_revenue": "400",
    "rate-contribution_revenue": "98.5%",
    "heads-assistance_contributions": "210,000", "standard-assistance_contributions": "320",
    "heads-subsidy_central": "5200000", "standard-subsidy_central": "402",
    "heads-subsidy_provincial": "5200000", "standard-subsidy_provincial": "180.9",
    "heads-subsidy_city": "5200000", "standard-subsidy_city": "87.1",
    "standard-interest_revenue": "1250000000", "rate-interest_revenue": "1.35%",
    "standard-benefit_expenditure": "4988000000", "growth-benefit_expenditure": "4.2%",
    "ageing-benefit_expenditure": "0.8%", "policy_change-benefit_expenditure": "30000000",
    "cost_control-benefit_expenditure": "45000000",
    "heads-major_illness_expenditure": "5200000", "standard-major_illness_expenditure": "75",
    "standard-levy_expenditure": "2048800000", "rate-levy_expenditure": "3%",
}  # fmt: skip


@pytest.fixture
def desk(live_server: object, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-12-28")
    cast.law()
    opening(cast.HEFEI, "1250000000.00")
    return Desk()


def page(budget: Case) -> str:
    return f"/funds/{type(budget).__name__.lower()}/{budget.pk}/change/"


def acted(window: OpenWindow, who: Any, case: Case, *labels: str) -> Window:
    """The page of a case as somebody sees it, with these buttons pressed."""
    opened = window(user=who)
    assert opened.open(page(case)) == 200
    for label in labels:
        press(opened, label)
    return opened


def approved(window: OpenWindow, desk: Desk, budget: Case, document: str, on: str) -> Window:
    acted(window, desk.maker, budget, "提交复核")
    acted(window, desk.checker, budget, "复核通过，送二级审批")
    approver = acted(window, desk.approver, budget, "二级审批通过")
    approver.page.get_by_label("政府批复文号").fill(document)
    approver.page.get_by_label("批复日期").fill(on)
    press(approver, "登记批复并生效")
    return approver


def fill(window: Window, figures: dict[str, str]) -> None:
    for name, text in figures.items():
        window.page.locator(f"input[name='{name}']").fill(text)


def test_a_budget_from_the_sheet_to_its_execution(
    window: OpenWindow, desk: Desk, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = window(user=desk.maker, expected=("409",))
    assert maker.open("/funds/budget/") == 200
    shot(maker, "budget-list-empty")
    maker.open("/funds/budget/add/")
    maker.page.get_by_label("地区").select_option(f"{cast.HEFEI}")
    maker.page.get_by_label("险种").select_option("1")
    maker.page.get_by_label("年初累计结余").fill("1250000000")
    shot(maker, "budget-form")
    press(maker, "建立草稿")
    budget = Budget.objects.get()

    maker.page.get_by_role("link", name="填写预算表").click()
    maker.settle()
    fill(maker, LINES | {"standard-subsidy_city": "", "heads-contribution_revenue": "五百万"})
    fill(maker, {"other-levy_expenditure": "1200"})
    press(maker, "登记并计算")
    assert "有 3 个科目需要更正" in maker.text(".errornote")
    assert maker.page.locator("tr.tc-wrong .error").count() == 3
    shot(maker, "budget-lines-refused")
    fill(maker, {"standard-major_illness_expenditure": "50"})
    computed = maker.page.locator("[data-sum=major_illness_expenditure]")
    computed.filter(has_text="260,000,000.00").wait_for()
    assert "尚未登记" in maker.text("[data-sum=waiting]")
    assert Budget.objects.get().expenditure == 0
    assert "个月" in maker.text("[data-sum=months]")
    shot(maker, "budget-lines-typed")
    fill(maker, LINES | {"other-levy_expenditure": ""})
    press(maker, "登记并计算")
    shot(maker, "budget-lines")
    maker.page.get_by_role("link", name="取消").click()
    maker.settle()
    assert "原则上不编制当年赤字预算" in maker.text(".tc-note.warn")
    press(maker, "提交复核")
    assert "原则上不编制当年赤字预算" in maker.text(".errornote")
    shot(maker, "budget-deficit")
    fill_exception(maker)
    assert maker.page.locator(".tc-note.warn").count() == 0

    maker.page.get_by_role("link", name="分县预算").click()
    maker.settle()
    fill(maker, {f"amount-{cast.SHUSHAN}": "900,000,000", f"amount-{cast.BAOHE}": "850000000"})
    shot(maker, "budget-counties")
    press(maker, "登记")
    maker.page.get_by_role("link", name="绩效目标").click()
    maker.settle()
    for place, row in enumerate((("参保率", "不低于95%", "60"), ("费用增长", "不高于5%", "40"))):
        fill(maker, dict(zip((f"name-{place}", f"target-{place}", f"points-{place}"), row,
                             strict=True)))  # fmt: skip
    shot(maker, "budget-goals")
    press(maker, "登记")
    shot(maker, "budget-draft")
    approver = approved(window, desk, budget, "合政秘〔2026〕81号", "2026-12-28")
    assert "生效" in approver.text(".tc-title")

    executed(desk, monkeypatch)
    maker.open(f"/funds/budget/{budget.pk}/change/?on=2027-06-30&item=benefit_expenditure")
    assert "50.00%" in maker.text("tr.sel")
    shot(maker, "budget-executed")
    maker.open("/funds/budget-execution/?year=2027&on=2027-06-30")
    shot(maker, "budget-execution")
    assert serious_findings(maker.page) == []
    dark = window(user=desk.checker, theme="dark", language="en", size="large")
    dark.open("/funds/budget-execution/?year=2027&on=2027-06-30")
    shot(dark, "budget-execution-dark")
    assert serious_findings(dark.page) == []
    dark.open(f"/funds/budget/{budget.pk}/change/?on=2027-06-30")
    shot(dark, "budget-executed-dark")
    dark.open("/funds/budget/")
    assert dark.page.locator(f"#result_list a[href='{page(budget)}']").count() == 1
    shot(dark, "budget-list-dark")


def fill_exception(maker: Window) -> None:
    """The document and clause that allow the deficit of the year."""
    maker.page.get_by_role("link", name="修改").click()
    maker.settle()
    maker.page.get_by_label("准予编制当年赤字的文号").fill("皖医保秘〔2026〕40号")
    maker.page.get_by_label("该文件条款").fill("第二条")
    press(maker, "保存修改")


def executed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a year of 2027 in the ledger."""
    monkeypatch.setenv("TONGCHOU_TODAY", "2027-07-02")
    received(2026, RESIDENT, {cast.HEFEI: Decimal(1980000000)})
    for reason, amount in (
        (Reason.DRAWN, "2700000000"), (Reason.COUNTY_FUNDED, "2611200000"),
        (Reason.BENEFIT_PAID, "2611200000"),
    ):  # fmt: skip
        movements.move(
            reason=reason, area=cast.SHUSHAN, amount=Decimal(amount), on=date(2027, 6, 28),
            key=f"half:{reason}",
        )  # fmt: skip


def test_a_budget_is_adjusted_and_a_county_gets_its_month(
    window: OpenWindow, desk: Desk, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = desk.of_two(cast.HEFEI, "5600000000", "5200000000", opening="1250000000")
    desk.give(budget, {cast.SHUSHAN: "900000000", cast.BAOHE: "850000000"})
    budget = desk.approve(budget, on=date(2026, 12, 28))
    monkeypatch.setenv("TONGCHOU_TODAY", "2027-03-05")
    movements.move(
        reason=Reason.DRAWN, area=cast.HEFEI, amount=Decimal(400000000), on=date(2027, 3, 1),
        key="drawn",
    )  # fmt: skip
    maker = window(user=desk.maker, expected=("409",))
    maker.open("/funds/countyplan/add/")
    maker.page.get_by_label("县（市、区）").select_option(f"{cast.SHUSHAN}")
    maker.page.get_by_label("险种").select_option("1")
    maker.page.get_by_label("金额").fill("900000000.01")
    press(maker, "建立草稿")
    assert "超过已批复预算的剩余额度 900,000,000.00 元" in maker.text("#content-main")
    shot(maker, "plan-refused")
    maker.page.get_by_label("金额").fill("75000000")
    press(maker, "建立草稿")
    plan = CountyPlan.objects.get()
    press(maker, "提交复核")
    acted(window, desk.checker, plan, "审批通过")
    acted(window, desk.approver, plan, "拨付到县（区）")
    officer = cast.officer("Fund officer", "he", "何娟", region=cast.SHUSHAN)
    county = window(user=officer)
    assert county.open(page(plan)) == 200
    county.page.get_by_label("到账日期").fill("2027-03-05")
    shot(county, "plan-to-confirm")
    press(county, "确认到账")
    assert "何娟" in county.text(".tc-signs")
    county.open("/funds/countyplan/")
    shot(county, "plan-list")

    maker.open(page(budget))
    maker.page.get_by_role("link", name="调整预算").click()
    maker.settle()
    maker.page.get_by_label("调整事由").fill("突发呼吸道疫情救治费用")
    maker.page.get_by_label("市医疗保障局").check()
    maker.page.get_by_label("市财政局").check()
    shot(maker, "adjustment-form")
    press(maker, "建立草稿")
    maker.page.get_by_role("link", name="填写预算表").click()
    maker.settle()
    fill(maker, {"other-benefit_expenditure": "5,300,000,000.00"})
    press(maker, "登记并返回")
    adjustment = BudgetAdjustment.objects.get()
    approved(window, desk, adjustment, "合政秘〔2027〕20号", "2027-03-05")
    maker.open(f"{page(adjustment)}?item=benefit_expenditure")
    assert "100,000,000.00" in maker.text("tr.sel")
    shot(maker, "adjustment-page")
    dark = window(user=desk.checker, theme="dark", language="en")
    dark.open(page(plan))
    shot(dark, "plan-dark")
