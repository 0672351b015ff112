"""A day of the agency: three officers in browsers of their own, and a supervisor who reads it all.

The maker registers a newborn whose household fell back into poverty, awards a subsidy, quotes a
repair, is refused two years and told the useful maximum, records one, sends a transfer. The
checker approves and returns; a reversal, checked and carried out by others, undoes the subsidy.
Every screen is kept as a picture where TONGCHOU_PICTURES names a folder.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from enrollment.models import Case, Enrollment, Person, PersonCategory
from enrollment.rules import keys
from tests import cast
from tests.browser.conftest import OpenWindow, Window, press

TODAY = date(2026, 11, 20)
BORN = date(2026, 10, 8)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def people(live_server: Any) -> dict[str, Person]:
    """张三 billed for 2027, 李四 broken in 2025 and 2026 and paid for 2027, 王五 about to move."""
    cast.law()
    for number in (2024, 2025, 2026):
        cast.year(number)
    cast.year(2027, closed=False)
    three = cast.person("张三", number=1, initials="zs")
    four = cast.person("李四", number=2, initials="ls")
    five = cast.person("王五", number=3, initials="ww")
    for person in (three, five):
        cast.paid(person, 2026)
        cast.bill(person, 2027)
    cast.paid(four, 2024)
    cast.paid(four, 2027)
    return {"张三": three, "李四": four, "王五": five}


def case_of(kind: str) -> Case:
    return Case.objects.filter(kind=kind).latest("pk")


def page_of(case: Case, what: str = "change") -> str:
    model = {
        "registration": "enrollment/registration",
        "category_recognition": "enrollment/categoryrecognition",
        "contribution_subsidy": "enrollment/contributionsubsidy",
        "enrolment_transfer": "enrollment/enrolmenttransfer",
        "reversal": "enrollment/casereversal",
        "gap_repair": "benefits/gaprepair",
    }[case.kind]
    return f"/{model}/{case.pk}/{what}/"


def test_a_day_of_the_agency(
    window: OpenWindow, people: dict[str, Person], shot: Callable[[Window, str], None]
) -> None:
    maker = window(user=cast.officer("Maker", "liu", "刘婷"))
    child = _registers_a_newborn(maker, shot)
    _recognises(maker, child, shot)
    _awards(maker, people["张三"], shot)
    _repairs(maker, people["李四"], shot)
    _transfers(maker, people["王五"], shot)

    checker = window(user=cast.officer("Checker", "zhang", "张敏"))
    approver = window(user=cast.officer("Approver", "chen", "陈立群"))
    checker.open("/")
    shot(checker, "day-desk-checker")
    for kind in ("registration", "category_recognition", "contribution_subsidy"):
        _decided(kind, checker, approver)
    checker.open(page_of(case_of("enrolment_transfer")))
    checker.page.fill("#reason-return", "迁入地证明缺失")
    press(checker, "退回经办人")
    assert case_of("enrolment_transfer").state == Case.State.RETURNED
    checker.open(page_of(case_of("gap_repair")))
    press(checker, "审批通过")
    approver.open(page_of(case_of("gap_repair")))
    approver.page.fill("#id_receipt_number", "3400002026112000017")
    press(approver, "登记到账")
    assert _bill(people["李四"]).benefit_start == date(2027, 4, 1)
    held = PersonCategory.objects.filter(person=child).values_list("category", flat=True)
    assert set(held) == {"newborn", "returned_to_poverty"}
    assert _bill(people["张三"]).subsidy == 100

    _undone(maker, checker, approver, shot)
    assert _bill(people["张三"]).subsidy == 0

    _supervised(
        window(user=cast.officer("Supervisor", "wu", "吴监督"), language="en"), people, shot
    )
    maker.open("/")
    assert "迁入地证明缺失" in maker.text("#content")
    shot(maker, "day-desk-maker")
    for name, person in (("zhang-san", people["张三"]), ("li-si", people["李四"])):
        maker.open(f"/enrollment/person/{person.pk}/change/")
        shot(maker, f"day-file-{name}")
    told = maker.text("#content")
    assert "2027-04-01" in told
    assert "缴费修复" in told


def _registers_a_newborn(maker: Window, shot: Callable[[Window, str], None]) -> Person:
    page = maker.page
    maker.open("/enrollment/registration/add/?new=1")
    page.fill("[name=id_number]", "P340123456")
    page.select_option("[name=id_type]", "birth_certificate")
    page.fill("[name=name]", "张小宝")
    page.select_option("[name=sex]", "M")
    page.fill("[name=birth_date]", BORN.isoformat())
    page.fill("[name=household_region]", "340104")
    for name in ("residence_region", "insured_region"):
        page.select_option(f"[name={name}]", str(cast.SHUSHAN))
    page.select_option("[name=year]", "2026")
    page.check("[name=also_next_year]")
    page.select_option("[name=ground]", "newborn")
    page.fill("[name=recognised_on]", BORN.isoformat())
    page.select_option("[name=source]", "health")
    page.fill("[name=evidence]", "出生医学证明 P340123456")
    page.click(".submit-row button")
    shot(maker, "day-registration")
    press(maker, "提交复核")
    child = case_of("registration").person
    assert child is not None
    return child


def _recognises(maker: Window, child: Person, shot: Callable[[Window, str], None]) -> None:
    page = maker.page
    maker.open(f"/enrollment/categoryrecognition/add/?person={child.pk}")
    page.select_option("[name=act]", "gained")
    page.select_option("[name=category]", "returned_to_poverty")
    page.fill("[name=since]", BORN.isoformat())
    page.select_option("[name=source]", "agriculture")
    page.fill("[name=evidence]", "农业农村部门名单 2026-10")
    page.click(".submit-row button")
    shot(maker, "day-recognition")
    press(maker, "提交复核")


def _awards(maker: Window, person: Person, shot: Callable[[Window, str], None]) -> None:
    maker.open(f"/enrollment/contributionsubsidy/add/?person={person.pk}")
    maker.page.select_option("#id_funder", "village_collective")
    maker.page.fill("#id_amount", "100")
    press(maker, "建立草稿")
    shot(maker, "day-subsidy")
    press(maker, "提交复核")


def _repairs(maker: Window, person: Person, shot: Callable[[Window, str], None]) -> None:
    maker.open(f"/benefits/gaprepair/add/?person={person.pk}")
    shot(maker, "day-quote")
    # The calculator offers what is of use; who asks for more by hand is told the most.
    maker.page.evaluate("document.querySelector('[name=repair_years]').value = '2'")
    press(maker, "按所选方案建立案件")
    shot(maker, "day-repair-refused")
    assert "最多可修复 1 年" in maker.text("#years-refused")
    maker.open(f"/benefits/gaprepair/add/?person={person.pk}")
    press(maker, "按所选方案建立案件")
    press(maker, "提交复核")
    assert case_of("gap_repair").state == Case.State.SUBMITTED


def _transfers(maker: Window, person: Person, shot: Callable[[Window, str], None]) -> None:
    maker.open(f"/enrollment/enrolmenttransfer/add/?person={person.pk}")
    maker.page.select_option("#id_to_region", str(cast.JINGHU))
    press(maker, "建立草稿")
    shot(maker, "day-transfer")
    press(maker, "提交复核")


def _decided(kind: str, checker: Window, approver: Window) -> None:
    checker.open(page_of(case_of(kind)))
    press(checker, "审批通过")
    approver.open(page_of(case_of(kind)))
    press(approver, "办理生效")
    assert case_of(kind).state == Case.State.EFFECTED, kind


def _undone(
    maker: Window, checker: Window, approver: Window, shot: Callable[[Window, str], None]
) -> None:
    """The subsidy, by a case of its own."""
    maker.open(f"/enrollment/casereversal/add/?reverses={case_of('contribution_subsidy').pk}")
    maker.page.fill("[name=reason]", "村集体撤回资助")
    shot(maker, "day-reversal")
    maker.page.click(".submit-row button")
    maker.settle()
    press(maker, "提交复核")
    _decided("reversal", checker, approver)
    shot(approver, "day-reversed")


def _supervised(
    window: Window, people: dict[str, Person], shot: Callable[[Window, str], None]
) -> None:
    """In English: every case of the day is read, and there is nothing to press."""
    for case in Case.objects.order_by("pk"):
        assert window.open(page_of(case)) == 200
        assert window.page.locator("#content form button").count() == 0, case.kind
        shot(window, f"day-supervisor-{case.kind}")
    assert window.open(f"/enrollment/person/{people['张三'].pk}/change/") == 200
    shot(window, "day-supervisor-file")
    answer = window.page.request.post(
        window.address + page_of(case_of("enrolment_transfer"), "move/submit"),
        form={"version": "1"},
    )
    assert answer.status == 403


def _bill(person: Person) -> Enrollment:
    return Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=person.pk))
