"""A full list in a browser: what the check found, the acknowledgement, and what is left to do."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Enrollment, Import, Person, PersonCategory, RecognitionList, Region
from enrollment.services import import_jobs
from tests import cast
from tests.browser.conftest import OpenWindow, Window, press

TODAY = date(2026, 11, 20)
HEADER = "证件号码,姓名,类别,来源部门,名单日期,认定日期,终止日期"
NAMES = ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八", "冯九", "陈十"]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def people(live_server: Any) -> list[Person]:
    """Forty recipients of 低保 in two counties and ten others, all with a bill of 2027."""
    cast.law()
    cast.year(2027, closed=False)
    found = []
    for number in range(50):
        region = cast.SHUSHAN if number % 3 else cast.BAOHE
        name = NAMES[number % 10] + "甲乙丙丁戊"[number // 10]
        person = cast.person(name, number=number + 1, region=region)
        on_list = number < 40
        if on_list:
            PersonCategory.objects.create(
                person=person,
                category="dibao",
                valid=DateRange(date(2025, 3, 1), None),
                source="civil_affairs",
            )
        subsidy = Decimal(336) if on_list else Decimal(0)
        cast.bill(person, 2027, subsidy=subsidy, category="dibao" if on_list else "")
        found.append(person)
    return found


def line(person: Person, category: str, name: str = "", first: str = "") -> str:
    number = person.identity_number
    return f"{number},{name or person.name},{category},民政局,2026-11-18,{first},"


def sent(lines: list[str], maker: Any) -> Import:
    source = import_jobs.submit(
        kind="recognition_list",
        area=Region.objects.get(pk=cast.HEFEI),
        name="合肥民政名单202611.csv",
        content="\n".join([HEADER, *lines]).encode(),
        user=maker,
    )
    assert import_jobs.work(import_id=source.pk) == "checked"
    return source


def the_list(people: list[Person]) -> list[str]:
    """Six go up, ten stay, five join, one of another name, one of nobody; twenty-three are
    missing."""
    return [
        *(line(person, "特困") for person in people[:6]),
        *(line(person, "低保") for person in people[6:16]),
        *(line(person, "低保", first="2026-11-02") for person in people[40:45]),
        line(people[16], "低保", name="赵小一"),
        "349900197205040999,无此人,低保,民政局,2026-11-18,,",
    ]


def test_a_full_list_is_looked_at_acknowledged_and_applied(
    window: OpenWindow, people: list[Person], shot: Callable[[Window, str], None]
) -> None:
    liu = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    source = sent(the_list(people), liu)
    maker = window(user=liu)
    maker.open(f"/enrollment/import/{source.pk}/change/")
    assert "须由他人确认" in maker.text("#content")
    shot(maker, "list-checked-maker")

    checker = window(user=cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI))
    checker.open(f"/enrollment/import/{source.pk}/change/")
    told = checker.text("#content")
    assert "名单被截断" in told
    assert not checker.overflows()
    shot(checker, "list-checked-checker")
    # without the tick the browser itself holds the form back
    checker.page.click("#confirm")
    assert Import.objects.get().state == "checked"
    checker.page.check("[name=acknowledged]")
    press(checker, "确认入库")
    assert RecognitionList.objects.filter(acknowledged_by__username="zhang").exists()
    assert import_jobs.work(import_id=source.pk) == "applied"
    checker.page.reload()
    shot(checker, "list-applied")

    # of those who joined one has paid in full since, before anybody awarded anything
    Enrollment.objects.filter(person=people[40]).update(paid=400, paid_on=date(2026, 11, 5))
    maker.open("/follow-ups/")
    assert not maker.overflows()
    shot(maker, "follow-ups")
    maker.page.get_by_role("link", name="待退费").click()
    maker.settle()
    assert "赵一戊" in maker.text("#content")
    shot(maker, "follow-ups-refunds")
    maker.page.get_by_role("link", name="办理退费").click()
    maker.settle()
    assert maker.page.input_value("[name=event_on]") == "2026-11-05"
    assert maker.page.input_value("[name=ground]") == "handling_error"
    shot(maker, "follow-up-refund-form")
    maker.open("/follow-ups/?kind=award")
    maker.page.get_by_role("link", name="办理资助").first.click()
    maker.settle()
    assert maker.page.input_value("[name=amount]") == "378.00"
    shot(maker, "follow-up-award-form")

    dark = window(
        user=cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
        theme="dark",
        language="en",
    )
    dark.open(f"/enrollment/import/{source.pk}/change/")
    shot(dark, "list-applied-dark")
    dark.open("/follow-ups/")
    shot(dark, "follow-ups-dark")
