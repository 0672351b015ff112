"""Statements of a quarter and a year, execution, follow-up, duplicates: figures counted again."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollment.models import Push
from enrollment.selectors.calendar import business_date_is
from enrollment.services import duplicates
from funds.models import Kind, Line
from funds.selectors.reports import Body
from funds.selectors.statements import EXECUTION
from funds.selectors.work_reports import DUPLICATES
from funds.services import reports
from tests import cast, turning
from tests.acts import carried_out
from tests.funds import budgeting
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of
from tests.turning import WUHU, clock, insured, receipt, someone, turn

PAID, TODAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.fixture(autouse=True)
def season(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three billed for 2027, one of whom paid; posted to the ledger the night after."""
    turning.province(monkeypatch)
    folk = someone("张三"), someone("李四", region=WUHU), someone("王五", region=WUHU)
    insured(*folk)
    receipt("R1", folk[0], 420, clock(2026, 11, 20, 10))
    turn("open")
    turn("subsidise")
    turn("reconcile", on=PAID)
    turn("post", on=TODAY)
    with translation.override("zh-hans"), business_date_is(TODAY):
        yield


@pytest.fixture
def desk() -> Client:
    return logged_in(cast.officer("Supervisor", "wang", "王建国"))


def shown(desk: Client, kind: str) -> str:
    """The page as it is now: few statements, none that counts."""
    page = reverse("admin:report_day", args=[kind, TODAY.isoformat()])
    desk.get(page)
    statements = queries_of(lambda: desk.get(page))
    assert len(statements) <= 15
    assert_counts_nothing(statements)
    assert not [sql for sql in statements if '"entry_line"' in sql or '"push"' in sql]
    return text_of(desk.get(page))


def test_a_quarter_and_a_year_are_the_lines_of_their_months(desk: Client) -> None:
    for kind, since in (
        ("fund_month", date(2026, 11, 1)), ("fund_quarter", date(2026, 10, 1)),
        ("fund_year", date(2026, 1, 1)),
    ):  # fmt: skip
        report = reports.make_report(kind=kind, as_of=TODAY)
        assert report.ties, kind
        lines = Line.objects.filter(day__range=(since, TODAY))
        posted = lines.aggregate(debit=Sum("debit"))["debit"]
        assert Decimal(Body.from_json(report.content).total[2]) == posted >= 420
    assert "基金收支季报" in shown(desk, "fund_quarter")


def test_execution_stands_beside_the_lines_of_the_ledger(desk: Client) -> None:
    with pytest.raises(reports.NothingToReport):
        reports.make_report(kind="execution", as_of=TODAY)
    officers = budgeting.Desk()
    budget = officers.of_two(cast.HEFEI, "1000", "800", of=2026)
    officers.approve(budget, on=date(2026, 1, 10))
    report = reports.make_report(kind="execution", as_of=TODAY)
    assert report.ties
    (key, row), *others = Body.from_json(report.content).rows
    said = dict(zip(EXECUTION, row, strict=True))
    assert (key, others) == (f"{cast.HEFEI}-1", [])
    lines = Line.objects.filter(
        account__book=cast.HEFEI, account__kind=Kind.CONTRIBUTION_REVENUE, day__year=2026
    )
    sums = lines.aggregate(credit=Sum("credit", default=0), debit=Sum("debit", default=0))
    assert Decimal(said["revenue"]) == sums["credit"] - sums["debit"]
    assert Decimal(said["revenue_budgeted"]) == 1000
    assert Decimal(said["expenditure_budgeted"]) == 800
    assert "合肥市 居民" in shown(desk, "execution")


def test_the_follow_up_is_a_count_over_the_lists(desk: Client) -> None:
    with pytest.raises(reports.NothingToReport):
        reports.make_report(kind="follow_up", as_of=PAID)
    turn("chase", on=PAID)
    first, *others = Push.objects.order_by("pk")
    Push.objects.filter(pk=first.pk).update(result="will_pay", told_on=TODAY)
    before = reports.make_report(kind="follow_up", as_of=PAID)
    report = reports.make_report(kind="follow_up", as_of=TODAY)
    assert before.ties
    assert report.ties
    told, pushed = report.content["total"], len(others) + 1
    assert told[:3] == [str(pushed), "1", str(pushed - 1)]
    assert before.content["total"][:3] == [str(pushed), "0", str(pushed)]
    assert "跟进率" in shown(desk, "follow_up")


def test_duplicates_cleared_are_counted_by_office(desk: Client) -> None:
    person = someone("重一")
    insured(person)
    turning.employed(person, 2026, 0b111111111100)
    case = duplicates.open_resolution(
        maker=cast.officer("Maker", "liu", "刘婷"), person=person, year=2026, keep="employee",
        written_choice="本人选择书",
    )  # fmt: skip
    carried_out(case, cast.officer("Checker", "zhang", "张敏"))
    logged = timezone.localdate()  # noqa: TID251 - events are logged by the clock of the database
    report = reports.make_report(kind="duplicates", as_of=logged)
    (key, row), *others = Body.from_json(report.content).rows
    assert (int(key), others) == (person.insured_region_id // 10**6 * 10**6, [])
    said = dict(zip(DUPLICATES, row, strict=True))
    assert (said["sent"], said["effected"], said["reversed"]) == ("1", "1", "0")
    assert report.ties
    assert "重复参保清理表" in shown(desk, "duplicates")
