"""The unpaid and uninsured in every look, and down to a list by the keyboard alone."""

from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import GridWorker, Push, User
from tests import cast, pushing
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES

TOWN = 340104003000


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """A round in two cities with long names, answers of every kind, a village and its worker."""
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    step = pushing.round_of(2027, cast.HEFEI, cast.WUHU)
    results = ["", "", *Push.Result.values]
    for number in range(24):
        here = number % 3 < 2
        person = cast.person(
            f"欧阳娜娜{number}", number=number + 1, region=cast.SHUSHAN if here else cast.JINGHU
        )
        cast.bill(person, 2027, paid=400 if number % 5 == 0 else 0)
        told = results[number % len(results)]
        pushing.push(
            step, person, TOWN + number % 2 * 201 if here else cast.JINGHU,
            ("one", "household", "residence")[number % 3], result=told,
            told_on=pushing.DUE if told else None, note="电话停机，邻居称在外务工" if told else "",
        )  # fmt: skip
    wang = cast.officer("Supervisor", "wang", "王建国")
    GridWorker.objects.create(
        region=TOWN, name="陈网格", valid=DateRange(pushing.PUSHED, None), entered_by=wang
    )
    return wang


@in_every_look
def test_the_pages_of_pushes_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for name, path in {
        "pushes": f"/chase/2027/{cast.ANHUI}/",
        "county": f"/chase/2027/{cast.SHUSHAN}/?side=habitual",
        "township": f"/chase/2027/{TOWN}/",
        "people": f"/chase/2027/{cast.SHUSHAN}/people/?stands=all",
        "print": f"/chase/2027/{TOWN}/people/?stands=all&print=1",
        "nobody": f"/chase/2027/{cast.JINGHU}/people/?stands=gone",
        "follow": f"/chase/2027/{cast.ANHUI}/follow/",
        "workers": "/enrollment/gridworker/",
        "worker": "/enrollment/gridworker/add/",
    }.items():
        assert page.open(path) == 200, path
        shot(page, f"{name}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == [], path
        assert serious_findings(page.page) == [], path
        if language == "en" and name not in {"workers", "worker"}:
            on_paper(page, shot, f"pushes-{name}")


def test_from_the_navigation_to_a_file_for_the_field(window: OpenWindow, supervisor: User) -> None:
    """g u opens the province, links lead down, a file without a reason is refused on the list."""
    page = window(user=supervisor, expected=("409",))
    page.open("/")
    page.page.keyboard.press("g")
    page.page.keyboard.press("u")
    page.settle()
    for link in ("合肥市", "蜀山区"):
        page.page.get_by_role("link", name=link, exact=True).last.click()
        page.settle()
    page.page.get_by_role("link", name="人员名单").click()
    page.settle()
    page.page.get_by_role("button", name="导出供入户").click()
    page.settle()
    assert page.text(".errornote") == "请填写导出用途。"
    page.page.get_by_label("导出用途").fill("入户核查")
    with page.page.expect_download() as taken:
        page.page.get_by_role("button", name="导出供入户").click()
    assert taken.value.suggested_filename.startswith(f"push-2027-1-{cast.SHUSHAN}-")
    assert taken.value.suggested_filename.endswith(".xlsx")
