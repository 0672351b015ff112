"""Reports in every look, beside the execution of budgets, and on paper."""

from datetime import date
from typing import Any

import pytest
from celery import current_app
from django.db import connection

from enrollment.models import Push, User
from enrollment.selectors.calendar import business_date_is
from enrollment.services import duplicates
from funds.models import Report
from funds.services import reports
from tests import cast, turning
from tests.acts import carried_out
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look, on_paper
from tests.browser.test_screens import BROKEN_FIGURES
from tests.funds import budgeting
from tests.funds.test_reports import PAID, TODAY


@pytest.fixture(autouse=True)
def supervisor(live_server: object, monkeypatch: pytest.MonkeyPatch) -> User:
    """A season with figures for every kind of report, some of them delivered."""
    turning.province(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    folk = turning.someone("张三"), turning.someone("李四", region=cast.JINGHU)
    turning.insured(*folk)
    turning.employed(folk[1], 2026, 0b111111111100)
    turning.receipt("R1", folk[0], 420, turning.clock(2026, 11, 20, 10))
    for name in ("open", "subsidise"):
        turning.turn(name)
    turning.turn("reconcile", on=PAID)
    turning.turn("post", on=TODAY)
    turning.turn("chase", on=PAID)
    Push.objects.update(result="will_pay", told_on=TODAY)
    officers = budgeting.Desk()
    for area, revenue, expenditure in (
        (cast.HEFEI, "3682410000", "3541230000.55"), (cast.WUHU, "1203300000", "1198700000"),
    ):  # fmt: skip
        budget = officers.of_two(area, revenue, expenditure, of=2026)
        officers.approve(budget, on=date(2026, 1, 10))
    with business_date_is(TODAY):
        case = duplicates.open_resolution(
            maker=cast.officer("Maker", "liu", "刘婷"), person=folk[1], year=2026, keep="employee",
            written_choice="本人选择书",
        )  # fmt: skip
        carried_out(case, officers.approver)
        reports.make_due(on=TODAY)
        for kind in ("fund_month", "execution", "follow_up"):
            reports.make_report(kind=kind, as_of=TODAY)
    return cast.officer("Supervisor", "wang", "王建国")


def pages() -> dict[str, str]:
    """The list, each kind as of a day, one that was delivered, and the page of execution."""
    kinds = {kind: f"/reports/{kind}/{PAID if kind == 'progress' else TODAY}/"
             for kind in Report.Kind.values}  # fmt: skip
    filed = Report.objects.filter(kind="execution").latest("pk")
    return {
        "list": "/reports/",
        **kinds,
        "filed": f"/reports/{filed.pk}/",
        "budgets": "/funds/budget-execution/?year=2026",
    }


@in_every_look
def test_reports_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: Any, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    for name, path in pages().items():
        assert page.open(path) == 200, path
        shot(page, f"reports-{name}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == [], path
        assert serious_findings(page.page) == [], name
        if language == "en" and name != "list":  # of whose words there are more
            on_paper(page, shot, f"reports-{name}")


def test_a_delivered_report_is_found_by_the_keyboard(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open("/reports/")
    page.page.locator("#content table tbody a").first.focus()
    page.page.keyboard.press("Enter")
    page.settle()
    assert "＝" in page.text("[aria-labelledby=ties-h]")
