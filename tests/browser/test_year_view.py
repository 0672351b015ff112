"""The year beside the one before, in every look."""

from typing import Any

import pytest
from celery import current_app
from django.db import connection

from enrollment.models import User
from tests import cast, turning
from tests.benefits.test_year_view import JANUARY, a_turn
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """2027 turned, in January: some are steady, some come back after broken years and wait."""
    turning.province(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setenv("TONGCHOU_TODAY", JANUARY.isoformat())
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    cast.year(2024)
    cast.year(2025)
    for number in range(12):
        person = turning.someone(
            f"周{number}", region=turning.WUHU if number % 3 else turning.HEFEI
        )
        turning.insured(person, year=2024)
        for year in (2025, 2026)[: number % 3]:
            turning.insured(person, year=year)
        turning.receipt(f"S{number}", person, 420)
    a_turn()
    return cast.officer("Supervisor", "wang", "王建国")


@in_every_look
def test_the_year_view_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for year in (2027, 2026):
        assert page.open(f"/year/view/{year}/") == 200
        shot(page, f"year-{year}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == []
        assert serious_findings(page.page) == [], year
        if language == "en":
            on_paper(page, shot, f"year-{year}")
