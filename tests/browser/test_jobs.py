"""The year's calendar in every look, and from a step to its run by the keyboard alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from enrollment.models import User
from tests import cast
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES
from tests.enrollment.test_jobs import ran


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """20 November 2026: days of work, a night that stopped, a signature and one that is asked."""
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    wang = cast.officer("Supervisor", "wang", "王建国")
    now = timezone.now()
    signed = ran("open", date(2026, 9, 1), mode="rehearsal", signed_by=wang, signed_at=now)
    ran("open", date(2026, 9, 1), rehearsed=signed, started_by="王建国 (wang)")
    for n in range(80):
        day = date(2026, 9, 1) + timedelta(days=n)
        ran("subsidise", day, started_by="calendar")
        state = "refused" if n in {30, 31} else "done"
        ran("post", day, state, refusal="result_changed: slice 3" if state == "refused" else "")
    ran("chase", date(2026, 10, 15), started_by="calendar")
    ran("chase", date(2026, 10, 30), "running", started_by="calendar")
    ran("assess", date(2027, 1, 1), mode="rehearsal")
    return wang


@in_every_look
def test_the_calendar_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for year in (2027, 2026):
        assert page.open(f"/year/calendar/{year}/") == 200
        shot(page, f"calendar-{year}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == []
        assert serious_findings(page.page) == [], year
        if language == "en":
            on_paper(page, shot, f"calendar-{year}")
