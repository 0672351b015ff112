"""The work of offices in every look, and from a figure to its list."""

from typing import Any

import pytest

from enrollment.models import User
from tests import cast
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES
from tests.enrollment.test_quality import TODAY, a_season


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """Cases of two cities in every state."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    a_season(cast.officer("Maker", "liu", "刘婷"), cast.officer("Approver", "chen", "陈立群"))
    return cast.officer("Supervisor", "wang", "王建国")


@in_every_look
def test_the_work_of_offices_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for name, area in {"province": cast.ANHUI, "city": cast.HEFEI, "empty": 341000000000}.items():
        assert page.open(f"/quality/{area}/?months=12") == 200
        shot(page, f"quality-{name}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == []
        assert serious_findings(page.page) == [], name
        if language == "en":
            on_paper(page, shot, f"quality-{name}")


def test_a_figure_leads_to_its_list_by_the_keyboard(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open("/")
    page.page.keyboard.press("g")
    page.page.keyboard.press("q")
    page.settle()
    page.page.locator("#content tbody td a").first.focus()
    page.page.keyboard.press("Enter")
    page.settle()
    assert "state=open" in page.page.url
    assert page.page.locator("#result_list tbody tr").count() > 0
