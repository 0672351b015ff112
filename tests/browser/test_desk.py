"""The desk and the file of a person by keys alone, in every look and on paper."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from enrollment.models import Case, Person, User
from enrollment.services import cases, subsidies
from tests import cast, turning
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def province(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law, 2026 by history and 2027 open, on the server's own thread too."""
    turning.province(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    cast.year(2027, closed=False)
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def maker() -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def zhang_san() -> Person:
    """Dibao, living away, insured in 2026, billed for 2027."""
    person = turning.someone("张三", "dibao", initials="zs")
    Person.objects.filter(pk=person.pk).update(household_region=cast.BAOHE)
    turning.insured(person)
    cast.bill(person, 2027)
    turning.receipt("34202700000001", person, 40)
    return person


@pytest.fixture
def pile(maker: User, zhang_san: Person) -> list[Case]:
    """Three drafts of one maker, the first one late."""
    made = []
    for day, name in ((19, "张三"), (20, "李四"), (24, "王五")):
        person = zhang_san if name == "张三" else turning.someone(name)
        if person != zhang_san:
            cast.bill(person, 2027)
        case = cases.open_case(
            kind=subsidies.NAME,
            maker=maker,
            person=person,
            year=2027,
            amount=Decimal(100),
            funder="charity",
            reason=f"名单：{name}",
        )
        Case.objects.filter(pk=case.pk).update(due_on=date(2026, 11, day))
        made.append(case)
    return made


def file_of(person: Person) -> str:
    return reverse("admin:enrollment_person_change", args=[person.pk])


@pytest.fixture
def others(maker: User, pile: list[Case]) -> dict[str, User]:
    """Who else has a start page: a checker with two cases, and those whose desk is empty."""
    for case in pile[1:]:
        cases.submit_case(case=case, user=maker)
    return {
        "checker": cast.officer("Checker", "zhang", "张敏"),
        "approver": cast.officer("Approver", "chen", "陈立群"),
        "system": cast.officer("System administrator", "sun", "孙浩"),
        "auditor": cast.officer("Auditor", "zhou", "周明"),
    }


@in_every_look
def test_the_pages_of_the_desk_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, maker: User, zhang_san: Person, others: dict[str, User],
    size: str, theme: str, language: str,
) -> None:  # fmt: skip
    pages = [
        (maker, "desk", "/"),
        (maker, "file", file_of(zhang_san)),
        (maker, "statuses", reverse("admin:statuses")),
        *((user, f"home-{name}", "/") for name, user in others.items()),
    ]
    for user, name, address in pages:
        page = window(user=user, size=size, theme=theme, language=language)
        assert page.open(address) == 200
        shot(page, f"{name}-{size}-{theme}-{language}")
        assert serious_findings(page.page) == [], name


def test_a_day_at_the_desk_by_keys_alone(
    window: OpenWindow, maker: User, pile: list[Case], zhang_san: Person
) -> None:
    late, today, _later = pile
    page = window(user=maker)
    keys: Any = page.page.keyboard
    page.open("/")
    assert page.text("#content tr.sel th") == str(late.pk)
    keys.press("j")  # from the late one, whose detail is there already
    page.page.wait_for_selector(f"[data-detail-slot] b:text-is('{today.pk}')")
    assert "名单：李四" in page.text("[data-detail-slot]")
    keys.press("]")  # the next pile
    page.page.wait_for_url("**/?pile=returned")
    assert "没有被退回的案件" in page.text("#content")
    keys.press("[")
    page.page.wait_for_url("**/?pile=todo")
    keys.press("k")  # onto the first row, which is chosen and has no focus yet
    keys.press("Enter")
    page.page.wait_for_url(page.address + _page_of(late))
    keys.press("g")
    keys.press("h")
    page.page.wait_for_url(page.address + "/")
    keys.press("n")  # the kinds that may be started, the first one in focus
    assert page.page.evaluate("document.activeElement.closest('.tc-start') !== null")


def test_a_file_is_found_read_and_acted_on_by_keys_alone(
    window: OpenWindow, maker: User, pile: list[Case], zhang_san: Person
) -> None:
    page = window(user=maker)
    keys: Any = page.page.keyboard
    page.open("/")
    keys.press("/")
    keys.type("34202700000001")
    keys.press("Enter")
    page.page.wait_for_url(f"{page.address}{file_of(zhang_san)}#receipts-h")
    assert "01-01 至 12-31" in page.text(".tc-kpis")
    assert str(pile[0].pk) in page.text("[aria-labelledby=cases-h]")
    keys.press("n")
    assert page.page.is_visible(".tc-start .card")
    keys.press("Enter")
    page.page.wait_for_url(f"**/add/?person={zhang_san.pk}")


def test_a_file_tells_what_is_assessed_again(
    window: OpenWindow, maker: User, zhang_san: Person
) -> None:
    page = window(user=maker, language="en")
    page.open(file_of(zhang_san))
    assert "away from registration" in page.text("#content")
    assert "History of changes" in page.text("[aria-labelledby=changes-h]")


def test_paper_shows_the_table_without_its_buttons(
    window: OpenWindow, shot: Any, maker: User, zhang_san: Person
) -> None:
    page = window(user=maker)
    page.open(reverse("admin:statuses"))
    page.page.fill("#id_numbers", f"{zhang_san.identity_number}\n349900")
    page.page.keyboard.press("Control+Enter")
    page.page.wait_for_selector("#content .tc-t")
    assert zhang_san.identity_number not in page.page.content()
    shot(page, "statuses-table")
    page.page.emulate_media(media="print")
    assert page.page.is_visible("#content .tc-t")
    assert not page.page.is_visible("#header")
    assert not page.page.is_visible("text=导出 CSV")
    page.open(file_of(zhang_san))
    page.page.emulate_media(media="print")
    assert page.page.is_visible(".tc-notice h1")
    assert not page.page.is_visible(".tc-screen")


def _page_of(case: Case) -> str:
    return reverse("admin:enrollment_contributionsubsidy_change", args=[case.pk])
