"""A settlement year in a browser: from the levy through its posting to the sign-off of the gaps."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from enrollment.models import Case
from funds.models import Entry, SettlementSheet
from funds.selectors.settlements import cities_of, entries_of_sheet
from tests import cast
from tests.browser.conftest import OpenWindow, Window, press
from tests.funds import settling
from tests.funds.settling import Desk

Shot = Callable[[Window, str], None]
LEVY_DAY, CLOSE_DAY = date(2026, 1, 15), date(2027, 1, 20)
BASES = (2881838600, 1120895900, 1013861900, 933008600, 664323600, 605982500, 403442600, 1281098000,
         409238200, 1226280100, 2522101200, 1637614800, 1351341400, 1536854600, 412990700,
         768930200)  # fmt: skip


@pytest.fixture
def desk(live_server: object, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-01-14")
    cast.law()
    desk = Desk()
    settling.opening(cast.ANHUI, "1471927700.00")
    for city in cities_of(cast.ANHUI):
        settling.opening(city.pk, "300000000.00")
    settling.activated(2026)
    return desk


def acted(window: OpenWindow, who: Any, sheet: Case, *labels: str) -> Window:
    """The page of the sheet as somebody sees it, with these buttons pressed."""
    opened = window(user=who)
    assert opened.open(f"/funds/settlementsheet/{sheet.pk}/change/") == 200
    for label in labels:
        press(opened, label)
    return opened


def signed_off(window: OpenWindow, desk: Desk, sheet: Case) -> Window:
    acted(window, desk.maker, sheet, "提交复核")
    acted(window, desk.checker, sheet, "复核通过，送二级审批")
    approver = acted(window, desk.approver, sheet, "二级审批通过")
    page = approver.page
    page.get_by_label("会签人").fill("省财政厅社保处 李岚")
    page.get_by_label("会签日期").fill("2026-01-15")
    page.get_by_label("会签文号").fill("财社〔2026〕3号")
    press(approver, "登记会签并锁定")
    return approver


def test_a_settlement_year_from_the_levy_to_the_sign_off(
    window: OpenWindow, desk: Desk, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = window(user=desk.maker, expected=("409",))
    assert maker.open("/funds/settlementsheet/") == 200
    shot(maker, "settlement-list-empty")
    maker.open("/funds/settlementsheet/add/")
    shot(maker, "settlement-form")
    page = maker.page
    page.get_by_label("险种").select_option("1")
    page.get_by_label("环节").select_option("levy")
    page.get_by_label("提取比例").fill("0.06")
    page.get_by_label("决定文号").fill("皖医保秘〔2026〕1号")
    press(maker, "建立草稿")
    assert "提取比例最高为 0.05" in maker.text("#content-main")
    page.get_by_label("提取比例").fill("0.03")
    press(maker, "建立草稿")
    sheet = SettlementSheet.objects.get()

    page.get_by_role("link", name="各市数据").click()
    maker.settle()
    page.get_by_label("合肥市 上年度征缴收入").fill("十亿")
    press(maker, "登记并计算")
    assert "“十亿”不是有效数值" in maker.text(".errornote")
    for city, base in zip(cities_of(cast.ANHUI), BASES, strict=True):
        page.locator(f"input[name='base-{city.pk}']").fill(f"{base}")
    shot(maker, "settlement-cities")
    press(maker, "登记并计算")
    assert "−" not in maker.text("tfoot")
    shot(maker, "settlement-levy-draft")

    signed_off(window, desk, sheet)
    assert settling.run("levy", 2026, LEVY_DAY).state == "done"
    assert entries_of_sheet(sheet).count() == 16

    # A year later: the gaps, one of them with a cause.
    monkeypatch.setenv("TONGCHOU_TODAY", "2027-01-12")
    maker.open("/funds/settlementsheet/add/")
    page.locator("#id_year").select_option("2026")
    page.get_by_label("险种").select_option("1")
    page.get_by_label("环节").select_option("allocation")
    page.get_by_label("决定文号").fill("皖医保秘〔2027〕2号")
    press(maker, "建立草稿")
    closing = SettlementSheet.objects.get(part="allocation")
    page.get_by_role("link", name="各市数据").click()
    maker.settle()
    for number, city in enumerate(cities_of(cast.ANHUI)):
        revenue = BASES[number] * 29 // 10
        gap = 76663300 if number == 3 else -revenue // 50
        figures: dict[str, int | str] = {
            "revenue": revenue,
            "expenditure": revenue + gap,
            "balance": 11500000,
        }
        figures |= {"share": "60%"} if number == 3 else {}
        for name, value in figures.items():
            page.locator(f"input[name='{name}-{city.pk}']").fill(f"{value}")
    press(maker, "登记并计算")
    page.get_by_role("link", name="缺口原因认定").click()
    maker.settle()
    page.get_by_label("抚养比上升 金额（元）").fill("52131000")
    press(maker, "登记并计算")
    assert "请写明认定依据及文号" in maker.text(".errornote")
    page.locator("input[name='evidence-dependency_ratio']").fill(
        "淮南市老年抚养比核定表〔2026〕7号"
    )
    shot(maker, "settlement-causes")
    press(maker, "登记并计算")
    assert "3,127.86" in maker.text("tr.sel")  # the province's part, in 10,000 yuan
    assert "935.24" in maker.text("tr.sel .neg")  # what nobody bears
    shot(maker, "settlement-draft")

    approver = signed_off(window, desk, closing)
    before = Entry.objects.count()
    assert settling.run("allocate", 2026, CLOSE_DAY).state == "done"
    assert Entry.objects.count() == before + 1
    approver.open(f"/funds/settlementsheet/{closing.pk}/change/?city=340400000000")
    assert "已过账" in approver.text(".tc-signs")
    shot(approver, "settlement-locked")
    dark = window(user=desk.checker, theme="dark", language="en")
    dark.open(f"/funds/settlementsheet/{closing.pk}/change/")
    shot(dark, "settlement-locked-dark")
