"""Reports in every look, and from the list to a workbook."""

from typing import Any

import pytest
from celery import current_app
from django.db import connection

from enrollment.models import User
from enrollment.selectors.calendar import business_date_is
from funds.services import reports
from tests import cast, turning
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look
from tests.browser.test_screens import BROKEN_FIGURES
from tests.funds.test_reports import PAID, TODAY


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """A season with a delivered report of each kind."""
    turning.province(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    folk = turning.someone("张三"), turning.someone("李四", region=cast.JINGHU)
    turning.insured(*folk)
    turning.receipt("R1", folk[0], 420, turning.clock(2026, 11, 20, 10))
    for name in ("open", "subsidise"):
        turning.turn(name)
    turning.turn("reconcile", on=PAID)
    turning.turn("post", on=TODAY)
    with business_date_is(TODAY):
        reports.make_due(on=TODAY)
        reports.make_report(kind="fund_month", as_of=TODAY)
    return cast.officer("Supervisor", "wang", "王建国")


@in_every_look
def test_reports_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for name, path in {
        "list": "/reports/",
        "progress": f"/reports/progress/{PAID}/",
        "fund": f"/reports/fund_quarter/{TODAY}/",
        "duplicates": f"/reports/duplicates/{TODAY}/",
    }.items():
        assert page.open(path) == 200
        shot(page, f"reports-{name}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == []
        assert serious_findings(page.page) == [], name
    page.open("/reports/")
    page.page.locator("#content table tbody a").first.click()
    page.settle()
    shot(page, f"reports-filed-{size}-{theme}-{language}")
