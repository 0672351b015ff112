"""The collection in every look, by keys alone, on paper, and as axe-core sees it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from enrollment.models import User
from tests import cast
from tests.browser.axe import serious_findings
from tests.browser.conftest import TOO_WIDE, OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES

TOWN = 340104003000
ANHUI = f"/collection/2027/{cast.ANHUI}/"
DRAWN = "Array.from(document.querySelectorAll('[data-chart] canvas')).length"
INK = """() => {
    const canvas = document.querySelector('[data-chart] canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let inked = 0;
    for (let at = 3; at < pixels.length; at += 4) inked += pixels[at] > 0;
    return inked;
}"""

COLOURS = """() => echarts.getInstanceByDom(document.querySelector('[data-chart]')).getOption()
    .series.map((each) => each.lineStyle.color)"""


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """Two seasons of forty people in three places, in the middle of the second."""
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    for number in range(40):
        region = (TOWN + 201, cast.JINGHU, 340302000000)[number % 3]
        person = cast.person(f"人{number}", number=number + 1, region=region)
        day = date(2025, 9, 5) + timedelta(days=number * 2)
        cast.paid(person, 2026, on=day)
        if number % 8 == 0:
            cast.bill(person, 2027, subsidy=Decimal(400), category="extreme_poverty")
        elif number < 32:
            cast.paid(person, 2027, on=day.replace(year=2026))
        else:
            cast.bill(person, 2027, subsidy=Decimal(360), category="dibao")
    return cast.officer("Supervisor", "wang", "王建国")


@in_every_look
def test_the_collection_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    opened = window(user=supervisor, size=size, theme=theme, language=language)
    page = opened.page
    for name, path in {
        "province": ANHUI,
        "counties": f"{ANHUI}?by=county&sort=-rate&day=2026-10-31",
        "compared": f"{ANHUI}?with={cast.HEFEI}&with={cast.WUHU}",
        "county": f"/collection/2027/{cast.SHUSHAN}/?why=close",
        "closed": f"/collection/2026/{cast.ANHUI}/",
        "township": f"/collection/2027/{TOWN}/",
        "nobody": "/collection/2027/341000000000/",
    }.items():
        assert opened.open(path) == 200, path
        drawn = name not in {"township", "nobody"}  # days are known of counties and above
        assert page.evaluate(DRAWN) == drawn, path
        assert not drawn or page.evaluate(INK) > 1000, path
        assert page.evaluate(BROKEN_FIGURES) == [], path
        assert page.evaluate(TOO_WIDE) == [], path
        assert not opened.overflows(), path
        assert serious_findings(page) == [], path
        shot(opened, f"collection-{name}-{size}-{theme}-{language}")
        if language == "en":
            on_paper(opened, shot, f"collection-{name}")


def test_a_chart_is_read_by_keys(window: OpenWindow, supervisor: User) -> None:
    opened = window(user=supervisor)
    opened.open(ANHUI)
    page = opened.page
    page.focus("[data-chart]")
    page.keyboard.press("ArrowLeft")
    assert opened.text("[data-chart-said]").startswith("11-19, 2027 ")
    page.keyboard.press("Home")
    assert opened.text("[data-chart-said]").startswith("09-01, 2027 ")

    page.click(".tc-chart-table summary")
    rows = page.locator(".tc-chart-table tbody tr")
    assert rows.count() == 122
    assert rows.first.inner_text().split()[0] == "09-01"
    page.keyboard.press("Tab")  # into the table, which scrolls by the arrows
    assert page.evaluate("document.activeElement.matches('.tc-chart-table .tc-scroll')")
    assert serious_findings(page) == []


def test_the_slider_goes_through_the_season(window: OpenWindow, supervisor: User) -> None:
    opened = window(user=supervisor)
    opened.open(ANHUI)
    page = opened.page
    assert page.get_attribute("[data-slides]", "value") == "80"
    page.focus("[data-slides]")
    page.keyboard.press("ArrowLeft")
    opened.settle()
    assert "day=2026-11-19" in page.url
    assert opened.text(".tc-scope li:last-child b") == "11-19 24:00"


def test_a_change_of_theme_draws_the_chart_again(window: OpenWindow, supervisor: User) -> None:
    opened = window(user=supervisor)
    opened.open(ANHUI)
    drawn: list[list[str]] = []
    for _theme in ("light", "auto", "dark"):
        drawn.append(opened.page.evaluate(COLOURS))
        opened.page.click(".theme-toggle")
        opened.page.wait_for_timeout(100)
    assert drawn[0] == drawn[1] != drawn[2]


def test_paper_shows_the_table(window: OpenWindow, supervisor: User) -> None:
    opened = window(user=supervisor)
    opened.open(ANHUI)
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.is_visible("[data-chart]")
    rows = page.locator(".tc-chart-table tbody tr").filter(visible=True)
    days = [each.split()[0] for each in rows.all_inner_texts()]
    assert days[0] == "09-01"  # every week from today on, and both ends
    assert days[-1] == "12-31"
    assert {"11-13", "11-20", "11-27"} <= set(days)
    assert len(days) == 19
    heads, sums = (
        page.locator(f".heat {row}").filter(visible=True).count()
        for row in ("thead th", "tfoot > tr > *")
    )
    assert heads == sums  # the ticks of the screen are gone from every row


@in_every_look
def test_the_start_pages_of_supervisors_and_fund_officers(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    officer = User.objects.filter(username="zhao").first() or cast.officer(
        "Fund officer", "zhao", "赵文清"
    )
    for user, panel in ((supervisor, "home-collection-h"), (officer, "home-month-h")):
        opened = window(user=user, size=size, theme=theme, language=language)
        assert opened.open("/") == 200
        assert opened.page.is_visible(f"#{panel}")
        assert opened.page.evaluate(BROKEN_FIGURES) == []
        assert not opened.overflows()
        assert serious_findings(opened.page) == []
        shot(opened, f"home-{user.username}-{size}-{theme}-{language}")
