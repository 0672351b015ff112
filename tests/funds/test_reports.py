"""Reports of a day: figures are counts over the register, each tie is shown, none is edited."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from config.schedule import SCHEDULE
from enrollment.models import Enrollment, User
from enrollment.selectors.calendar import business_date_is
from funds.models import Report
from funds.selectors.progress_report import PROGRESS
from funds.selectors.reports import Body, digest_of
from funds.services import report_sheets, reports
from tests import cast, turning
from tests.counting import Seasons, bills
from tests.roles import as_role
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of
from tests.turning import WUHU, YEAR, clock, insured, receipt, someone, turn

TODAY, PAID = date(2026, 11, 21), date(2026, 11, 20)


@pytest.fixture(autouse=True)
def season(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three billed for 2027, of whom one paid on 20 November, seen the day after."""
    turning.province(monkeypatch)
    folk = someone("张三"), someone("李四", region=WUHU), someone("王五", "dibao")
    insured(*folk)
    receipt("R1", folk[0], 420, clock(2026, 11, 20, 10))
    turn("open")
    turn("subsidise")
    turn("reconcile", on=PAID)
    with translation.override("zh-hans"), business_date_is(TODAY):
        yield


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


@pytest.fixture
def desk(supervisor: User) -> Client:
    return logged_in(supervisor)


def told(report: Report) -> dict[str, str]:
    return dict(zip(PROGRESS, report.content["total"], strict=True))


def test_the_progress_of_a_day_is_a_count_over_the_bills() -> None:
    report = reports.make_report(kind="progress", as_of=PAID)
    bills = list(Enrollment.objects.filter(id__gte=YEAR * 10**12))
    said = told(report)
    assert int(said["billed"]) == len(bills) == 3
    paid = [bill for bill in bills if bill.paid_on and bill.paid_on <= PAID]
    assert int(said["insured"]) == len(paid) == 1
    assert Decimal(said["paid"]) == sum(bill.paid for bill in paid) == 420
    assert Decimal(said["subsidy"]) == sum(bill.subsidy for bill in bills)
    assert int(said["unpaid"]) == 2
    before = reports.make_report(kind="progress", as_of=date(2026, 11, 19))
    assert told(before)["insured"] == "0"
    rows = Body.from_json(report.content).rows
    for at, name in enumerate(PROGRESS):
        if name not in {"rate", "paid_share", "coverage"}:
            summed = sum((Decimal(values[at]) for _key, values in rows), Decimal(0))
            assert summed == Decimal(said[name]), name


def test_every_figure_of_the_progress_is_a_count_over_the_register() -> None:
    """Each county and all together, by the end of two days, and what is not of the season."""
    cast.paid(someone("早缴", region=WUHU), YEAR, on=date(2026, 10, 9))
    someone("职工", region=WUHU, scheme=2)
    cast.bill(someone("退费"), YEAR, ended_on=date(2026, 11, 2), ended_for="refunded")
    for day in (date(2026, 11, 19), PAID):
        report = reports.make_report(kind="progress", as_of=day)
        body = Body.from_json(report.content)
        assert [key for key, _values in body.rows] == [str(cast.SHUSHAN), str(cast.JINGHU)]
        for key, values in ((str(cast.ANHUI), body.total), *body.rows):
            area = int(key)
            counted, seasons = bills(area, day), Seasons(area)
            members = counted["insured"] + counted["employees"]
            then = day.replace(year=2025)
            for name, part, whole in (
                ("rate", members, counted["population"]),
                ("paid_share", counted["insured"], counted["billed"]),
                ("coverage", counted["subsidised_insured"], counted["subsidised"]),
            ):
                counted[name] = Decimal(part * 10**6 // whole) / 10**6 if whole else None
            counted["yesterday"] = seasons.paid_by(day, YEAR) - seasons.paid_by(
                day - timedelta(days=1), YEAR
            )
            counted["last_insured"] = seasons.insured_by(then, YEAR - 1)
            said = dict(zip(PROGRESS, values, strict=True))
            assert {name: Decimal(value) if value else None for name, value in said.items()} == {
                name: counted[name] for name in PROGRESS
            }, (area, day)


def test_a_share_is_cut_in_the_workbook_too() -> None:
    """94.9999% is not 95% in a file either, whose cells show two places."""
    content = report_sheets.workbook(
        heading=[], head=[], kinds=["share"], rows=[("合计", ["0.949999"])], ties=[]
    )
    rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert ("合计", 0.9499) in list(rows)


def test_a_page_says_which_days_and_what_its_figures_are_about(desk: Client) -> None:
    turn("post", on=TODAY)
    for kind, period, scheme in (
        ("progress", "截至 2026-11-20 24 时，2027 年度", "居民医保"),
        ("fund_month", "2026-11-01 – 2026-11-20", "居民医保 · 职工医保"),
        ("fund_quarter", "2026-10-01 – 2026-11-20", "居民医保 · 职工医保"),
        ("fund_year", "2026-01-01 – 2026-11-20", "居民医保 · 职工医保"),
        ("duplicates", "2026-01-01 – 2026-11-21", "居民医保 · 职工医保"),  # sums of months
    ):
        page = desk.get(reverse("admin:report_day", args=[kind, PAID.isoformat()]))
        assert page.context["period"] == period, kind
        assert dict(page.context["scope"])["险种"] == scheme
        assert dict(page.context["scope"])["年度"] == ("2027" if kind == "progress" else "2026")


def test_it_is_compared_with_the_register_and_the_ledger() -> None:
    before = reports.make_report(kind="progress", as_of=PAID)
    ties = {tie.name: tie for tie in Body.from_json(before.content).ties}
    assert ties["billed"].holds and ties["insured"].holds and ties["paid"].holds  # noqa: PT018
    assert not ties["unposted"].holds  # the night has not posted yet
    assert not before.ties
    turn("post", on=TODAY)
    after = reports.make_report(kind="progress", as_of=PAID)
    assert after.ties
    assert after.pk != before.pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE collection_total SET billed = billed + 1")
    wrong = reports.make_report(kind="progress", as_of=PAID)
    assert not wrong.ties


def test_the_accounts_of_a_month_balance_and_are_their_lines() -> None:
    turn("post", on=TODAY)
    report = reports.make_report(kind="fund_month", as_of=TODAY)
    assert report.ties
    body = Body.from_json(report.content)
    assert Decimal(body.total[2]) == Decimal(body.total[3]) >= 420
    assert digest_of("fund_month", TODAY, body) == report.digest


def test_what_is_due_is_made_once_and_nobody_edits_it() -> None:
    made = reports.make_due(on=TODAY)
    october, quarter = date(2026, 10, 31), date(2026, 9, 30)
    assert [(each.kind, each.as_of) for each in made] == [
        ("progress", PAID), ("fund_month", october), ("duplicates", october),
        ("fund_quarter", quarter),
    ]  # fmt: skip
    assert reports.make_due(on=TODAY) == made
    assert Report.objects.count() == 4
    january = [(each.kind, each.as_of) for each in reports.make_due(on=date(2026, 1, 2))]
    assert ("fund_quarter", date(2025, 12, 31)) in january
    assert ("fund_year", date(2025, 12, 31)) in january
    june = reports.make_due(on=date(2026, 6, 2))
    assert [each.kind for each in june] == ["fund_month", "duplicates"]
    with pytest.raises(reports.NoSuchDay):
        reports.make_report(kind="progress", as_of=date(2026, 6, 1))
    assert "funds.make_reports" in {each["task"] for each in SCHEDULE.values()}

    def edit() -> None:
        with transaction.atomic():
            Report.objects.update(ties=True)

    for role in ("web", "worker"):
        with pytest.raises(DatabaseError):
            as_role(role, edit)


def test_pages_print_and_give_the_same_figures_as_a_workbook(desk: Client) -> None:
    report = reports.make_report(kind="progress", as_of=PAID)
    page = reverse("admin:report", args=[report.pk])
    shown = text_of(desk.get(page))
    assert "蜀山区" in shown
    assert "420.00" in shown
    assert "≠" in shown
    book = load_workbook(io.BytesIO(desk.get(f"{page}?as=xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert any(report.digest in str(cell) for row in rows for cell in row)
    total = next(row for row in rows if row[0] == "合计")
    assert total[1 + PROGRESS.index("paid")] == 420
    signs = [(row[2], row[4]) for row in rows if row[3] in ("＝", "≠")]
    assert signs
    assert all(isinstance(each, int | float) for pair in signs for each in pair)  # no text
    live = reverse("admin:report_day", args=["progress", PAID.isoformat()])
    statements = queries_of(lambda: desk.get(live))
    assert len(statements) <= 15
    assert_counts_nothing(statements)
    assert not [sql for sql in statements if '"enrollment"' in sql or '"person"' in sql]
    assert "420.00" in text_of(desk.get(live))
    assert "借" in text_of(desk.get(reverse("admin:report_day", args=["fund_month", "2026-11-21"])))
    assert desk.get(reverse("admin:report_day", args=["progress", "2026-12-01"])).status_code == 404


def test_whoever_sees_one_city_has_its_figures_and_no_report_of_the_province() -> None:
    report = reports.make_report(kind="progress", as_of=PAID)
    of_wuhu = logged_in(cast.officer("Supervisor", "qian", "钱一", region=cast.WUHU))
    assert of_wuhu.get(reverse("admin:report", args=[report.pk])).status_code == 404
    shown = text_of(of_wuhu.get(reverse("admin:report_day", args=["progress", PAID.isoformat()])))
    assert "镜湖区" in shown
    assert "蜀山区" not in shown
    assert report.digest[:12] not in text_of(of_wuhu.get(reverse("admin:reports")))


def test_a_report_is_asked_for_by_its_form(
    desk: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: sent.append(args))
    asked = {"kind": "progress", "day": PAID.isoformat()}
    led = desk.post(reverse("admin:ask_report"), asked)
    assert led.headers["Location"] == reverse("admin:report_day", args=["progress", "2026-11-20"])
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert desk.post(reverse("admin:make_report"), asked).status_code == 302
    assert sent == [("funds.make_report", ["progress", "2026-11-20"])]
    late = desk.post(reverse("admin:ask_report"), {"kind": "progress", "day": "2026-12-01"})
    assert late.headers["Location"] == reverse("admin:reports")
