"""The view of the funds in a browser: looked at in every look, and a warning that begins there."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from funds.models import RiskWarning
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow, Window, press
from tests.browser.looks import in_every_look, on_paper
from tests.funds.settling import Desk
from tests.funds.test_risk import books, watched  # noqa: F401  # the same two cities

Shot = Callable[[Window, str], None]


@pytest.fixture
def desk(live_server: object, books: Iterator[None]) -> Desk:  # noqa: F811
    for month in range(6, 12):
        watched(date(2026, month, 5))
    return Desk()


@in_every_look
def test_the_funds_are_seen_at_a_glance(
    window: OpenWindow, desk: Desk, shot: Shot, *, size: Any, theme: Any, language: str
) -> None:
    seen = window(user=desk.maker, size=size, theme=theme, language=language)
    assert seen.open("/funds/view/?area=340200000000") == 200
    shot(seen, f"funds-{size}-{theme}-{language}")
    assert serious_findings(seen.page) == []
    if language == "en":
        on_paper(seen, shot, "funds")


def test_a_warning_begins_at_what_is_out_of_bounds(
    window: OpenWindow, desk: Desk, shot: Shot
) -> None:
    seen = window(user=desk.maker)
    seen.open("/funds/view/")
    seen.page.get_by_role("link", name="发起预警 芜湖").first.click()
    seen.settle()
    seen.page.get_by_label("整改措施").fill("函告县财政限期拨付")
    seen.page.get_by_label("责任人").fill("李岚")
    seen.page.get_by_label("整改期限").fill("2026-12-20")
    shot(seen, "warning-form")
    press(seen, "建立草稿")
    press(seen, "提交复核")
    shot(seen, "warning-page")
    seen.open("/funds/view/")
    assert f"{RiskWarning.objects.get().pk} 已提交" in seen.text("#content-main")
