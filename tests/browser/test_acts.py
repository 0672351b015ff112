"""The first acts in the browser: recorded, checked, put into effect, and seen afterwards."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from enrollment.models import Case, Enrollment, Person, User
from enrollment.rules import keys
from tests import cast
from tests.browser.conftest import OpenWindow, press

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own thread lives on that day, too."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def anhui(live_server: Any) -> None:
    cast.law()
    for number in (2024, 2025, 2026):
        cast.year(number)
    cast.year(2027, closed=False)


@pytest.fixture
def li_si(anhui: None) -> Person:
    """Covered in 2024, lapsed in 2025 and 2026, 2027 paid."""
    person = cast.person("李四", number=2, initials="ls")
    cast.paid(person, 2024)
    cast.paid(person, 2027)
    return person


@pytest.fixture
def zhang_san(anhui: None) -> Person:
    """Covered, 2027 billed and unpaid."""
    person = cast.person("张三", number=1, initials="zs")
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    return person


@pytest.fixture
def officers(anhui: None) -> dict[str, User]:
    return {
        "maker": cast.officer("Maker", "liu", "刘婷"),
        "checker": cast.officer("Checker", "zhang", "张敏"),
        "approver": cast.officer("Approver", "chen", "陈立群"),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
    }


def state_of() -> str:
    return Case.objects.get().state


def test_a_repair_from_the_calculator_to_the_journal(
    window: OpenWindow, officers: dict[str, User], li_si: Person, shot: Any
) -> None:
    maker = window(user=officers["maker"])
    maker.open("/benefits/gaprepair/add/")
    shot(maker, "choose")
    maker.page.fill("#id_q", "李四")
    press(maker, "查找")
    shot(maker, "chosen")
    assert "349900" in maker.text("#content")
    assert "1972050" not in maker.page.url
    maker.page.get_by_role("link", name="李四").click()
    maker.settle()
    shot(maker, "calculator")
    assert "2027-05-01" in maker.text(".tc-t")
    assert "2027-04-01" in maker.text("#why .answer")
    press(maker, "按所选方案建立案件")
    shot(maker, "repair-draft")
    press(maker, "提交复核")
    shot(maker, "repair-submitted-maker")
    case = Case.objects.get()

    checker = window(user=officers["checker"])
    checker.open(f"/benefits/gaprepair/{case.pk}/change/")
    shot(checker, "repair-check")
    press(checker, "审批通过")
    assert state_of() == "approved"

    approver = window(user=officers["approver"])
    approver.open(f"/benefits/gaprepair/{case.pk}/change/")
    approver.page.fill("#id_receipt_number", "3400002026112000017")
    shot(approver, "repair-receipt")
    press(approver, "登记到账")
    shot(approver, "repair-effected")
    assert state_of() == "effected"
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=li_si.pk))
    assert bill.benefit_start == date(2027, 4, 1)

    call_command("take_changes")
    fund = window(user=officers["fund"])
    fund.open("/funds/entry/")
    shot(fund, "journal")
    fund.page.locator("#result_list a").first.click()
    fund.settle()
    shot(fund, "entry")
    assert fund.text("tfoot").split()[-2:] == ["400.00", "400.00"]


def test_a_subsidy_is_returned_changed_and_put_into_effect(
    window: OpenWindow, officers: dict[str, User], zhang_san: Person, shot: Any
) -> None:
    maker = window(user=officers["maker"])
    maker.open(f"/enrollment/contributionsubsidy/add/?person={zhang_san.pk}")
    maker.page.select_option("#id_funder", "village_collective")
    maker.page.fill("#id_amount", "500")
    press(maker, "建立草稿")
    shot(maker, "subsidy-refused")
    assert "500" in maker.text(".errorlist")
    assert "400" in maker.text(".errorlist")
    maker.page.fill("#id_amount", "120")
    press(maker, "建立草稿")
    press(maker, "提交复核")
    case = Case.objects.get()

    checker = window(user=officers["checker"])
    checker.open(f"/enrollment/contributionsubsidy/{case.pk}/change/")
    shot(checker, "subsidy-check")
    checker.page.fill("#reason-return", "金额与村集体决议不符")
    press(checker, "退回经办人")
    assert state_of() == "returned"

    maker.open(f"/enrollment/contributionsubsidy/{case.pk}/edit/")
    maker.page.fill("#id_amount", "100")
    press(maker, "保存修改")
    press(maker, "提交复核")
    checker.open(f"/enrollment/contributionsubsidy/{case.pk}/change/")
    press(checker, "审批通过")
    approver = window(user=officers["approver"])
    approver.open(f"/enrollment/contributionsubsidy/{case.pk}/change/")
    press(approver, "办理生效")
    bill = Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=zhang_san.pk))
    assert f"{bill.subsidy} {bill.payable}" == "100.00 300.00"
    shot(approver, "subsidy-effected")
    maker.open(f"/enrollment/person/{zhang_san.pk}/change/")
    shot(maker, "person")
    maker.open("/enrollment/case/")
    shot(maker, "cases")


def test_a_transfer_is_handed_over_accepted_and_taken_over(
    window: OpenWindow, zhang_san: Person, shot: Any
) -> None:
    liu = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    zhang = cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI)
    wu = cast.officer("Checker", "wu", "吴越", region=cast.WUHU)
    he = cast.officer("Approver", "he", "何静", region=cast.WUHU)
    maker = window(user=liu, expected=("403",))
    maker.open(f"/enrollment/enrolmenttransfer/add/?person={zhang_san.pk}")
    maker.page.select_option("#id_to_region", str(cast.JINGHU))
    shot(maker, "transfer-form")
    press(maker, "建立草稿")
    press(maker, "提交复核")
    case = Case.objects.get()
    page = f"/enrollment/enrolmenttransfer/{case.pk}/change/"
    steps = ((zhang, "审批通过并移交转入地"), (wu, "接收转移"), (he, "办理转入生效"))
    for user, button in steps:
        officer = window(user=user)
        officer.open("/")
        shot(officer, f"transfer-desk-{user.username}")
        officer.open("/enrollment/enrolmenttransfer/")
        shot(officer, f"transfer-list-{user.username}")
        officer.open(page)
        shot(officer, f"transfer-{user.username}")
        press(officer, button)
        shot(officer, f"transfer-{user.username}-done")
        officer.page.emulate_media(media="print")
        shot(officer, f"transfer-{user.username}-print")
    assert Person.objects.get(pk=zhang_san.pk).insured_region_id == cast.JINGHU
    maker.open(f"/enrollment/person/{zhang_san.pk}/change/")
    shot(maker, "person-elsewhere")
    assert "芜湖市镜湖区" in maker.text("#content-main")


def test_a_transfer_is_asked_for_where_somebody_lives_now(
    window: OpenWindow, zhang_san: Person, shot: Any
) -> None:
    fang = cast.officer("Maker", "fang", "方远", region=cast.WUHU)
    zhang = cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI)
    asking = window(user=fang)
    asking.open("/enrollment/enrolmenttransfer/add/")
    shot(asking, "ask-choose")
    asking.page.click("a[href='?in=1']")
    asking.page.fill("#id_id_number", zhang_san.identity_number)
    asking.page.fill("#id_name", "张珊")
    asking.page.select_option("#id_to_region", str(cast.JINGHU))
    press(asking, "建立草稿")
    shot(asking, "ask-refused")
    assert "没有与该号码和姓名相符的档案" in asking.text("#content-main")
    asking.page.fill("#id_name", "张三")
    press(asking, "建立草稿")
    shot(asking, "ask-draft")
    press(asking, "提交复核")
    asking.open("/enrollment/enrolmenttransfer/")
    shot(asking, "ask-list")
    giving = window(user=zhang)
    giving.open(f"/enrollment/enrolmenttransfer/{Case.objects.get().pk}/change/")
    shot(giving, "ask-giving")
    press(giving, "审批通过并移交转入地")
    assert state_of() == "approved"


def test_a_switch_of_schemes_shows_its_wait(
    window: OpenWindow, officers: dict[str, User], zhang_san: Person, shot: Any
) -> None:
    maker = window(user=officers["maker"])
    maker.open(f"/enrollment/enrolmenttransfer/add/?person={zhang_san.pk}")
    maker.page.select_option("#id_to_region", str(cast.JINGHU))
    maker.page.select_option("#id_to_scheme", label="职工医保")
    press(maker, "建立草稿")
    shot(maker, "switch-refused")
    assert "请填写新险种起始月份的第一日" in maker.text("#content-main")
    maker.page.fill("#id_starts_on", "2026-12-01")
    maker.page.select_option("#id_year", "2026")
    press(maker, "建立草稿")
    shot(maker, "switch-draft")
    assert "连续参保年数" in maker.text("#content-main")
    maker.open("/enrollment/enrolmenttransfer/")
    shot(maker, "switch-list")


def test_the_screens_fit_in_english_and_in_the_dark(
    window: OpenWindow, officers: dict[str, User], li_si: Person, shot: Any
) -> None:
    maker = window(user=officers["maker"], theme="dark", language="en")
    maker.open(f"/benefits/gaprepair/add/?person={li_si.pk}")
    shot(maker, "calculator-en-dark")
    press(maker, "Open a case for the chosen option")
    shot(maker, "repair-en-dark")
    maker.open("/benefits/gaprepair/")
    shot(maker, "repairs-en-dark")
