"""A newborn is registered in the browser: looked for, put on file, seen by the checker."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from enrollment.models import Case, User
from tests import cast
from tests.browser.conftest import OpenWindow, Window

TODAY = date(2026, 11, 20)
BORN = "2026-10-08"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def maker(live_server: Any) -> User:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return cast.officer("Maker", "liu", "刘婷")


def picture(window: Window, name: str) -> None:
    folder = os.environ.get("TONGCHOU_PICTURES")
    if folder:
        window.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_newborn_is_registered_for_two_years(
    window: OpenWindow, maker: User, language: str
) -> None:
    desk = window(user=maker, language=language)
    page = desk.page
    desk.open("/enrollment/registration/add/")
    page.fill("#id_q", "张小宝")
    page.press("#id_q", "Enter")
    desk.settle()
    picture(desk, f"registration-choose-{language}")
    page.click("a[href='?new=1']")
    desk.settle()
    page.fill("[name=id_number]", "P340123456")
    page.select_option("[name=id_type]", "resident_id")
    page.fill("[name=name]", "张小宝")
    page.select_option("[name=sex]", "M")
    page.fill("[name=birth_date]", BORN)
    page.fill("[name=household_region]", "340104")
    page.select_option("[name=residence_region]", str(cast.SHUSHAN))
    page.select_option("[name=insured_region]", str(cast.SHUSHAN))
    page.select_option("[name=year]", "2026")
    page.check("[name=also_next_year]")
    page.select_option("[name=ground]", "newborn")
    page.fill("[name=recognised_on]", BORN)
    page.select_option("[name=source]", "health")
    page.fill("[name=evidence]", "出生医学证明 P340123456")
    page.click(".submit-row button")
    desk.settle()
    assert page.locator(".field-id_number.errors").count() == 1
    assert not desk.overflows()
    picture(desk, f"registration-refused-{language}")
    page.select_option("[name=id_type]", "birth_certificate")
    page.click(".submit-row button")
    desk.settle()
    assert Case.objects.get().state == Case.State.DRAFT
    assert not desk.overflows()
    picture(desk, f"registration-case-{language}")
    file = page.locator(f"a[href='/enrollment/person/{Case.objects.get().person_id}/change/']")
    file.first.click()
    desk.settle()
    picture(desk, f"registration-file-{language}")


def test_the_forms_of_the_other_kinds_fit_their_page(window: OpenWindow, maker: User) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2027)
    desk = window(user=maker)
    for kind in ("refund", "categoryrecognition", "identitycorrection"):
        assert desk.open(f"/enrollment/{kind}/add/?person={person.pk}") == 200
        desk.page.click(".submit-row button")
        desk.settle()
        assert not desk.overflows(), kind
        picture(desk, kind)
