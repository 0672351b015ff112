"""Statements of a quarter and a year, execution, follow-up, duplicates: figures counted again."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollment.models import Case, CaseEvent, Enrollment, Push
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, duplicates
from funds.models import Account, Kind, Line
from funds.selectors.report_bodies import share
from funds.selectors.reports import Body
from funds.selectors.statements import EXECUTION
from funds.selectors.work_reports import DUPLICATES
from funds.services import reports
from tests import cast, turning
from tests.acts import carried_out
from tests.counting import width
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


def counted(kind: str, since: date) -> tuple[Decimal, ...]:
    """A kind of account in a period up to today, from its lines: opening, posted, closing."""
    balances = {"opening": [Decimal(0), Decimal(0)], "closing": [Decimal(0), Decimal(0)]}
    posted = [Decimal(0), Decimal(0)]
    for account in Account.objects.filter(kind=kind):
        sums = {"opening": Decimal(0), "closing": Decimal(0)}
        for line in Line.objects.filter(account=account, day__lte=TODAY):
            sums["closing"] += line.debit - line.credit
            if line.day < since:
                sums["opening"] += line.debit - line.credit
            else:
                posted[0] += line.debit
                posted[1] += line.credit
        for name, balance in sums.items():
            balances[name][balance < 0] += abs(balance)
    return (*balances["opening"], *posted, *balances["closing"])


def test_a_quarter_and_a_year_are_the_lines_of_their_months(desk: Client) -> None:
    for kind, since in (
        ("fund_month", date(2026, 11, 1)), ("fund_quarter", date(2026, 10, 1)),
        ("fund_year", date(2026, 1, 1)),
    ):  # fmt: skip
        report = reports.make_report(kind=kind, as_of=TODAY)
        assert report.ties, kind
        lines = Line.objects.filter(day__range=(since, TODAY))
        posted = lines.aggregate(debit=Sum("debit"))["debit"]
        body = Body.from_json(report.content)
        assert Decimal(body.total[2]) == posted >= 420
        kinds = set(Line.objects.values_list("account__kind", flat=True))
        assert {key for key, _values in body.rows} == kinds
        for key, values in body.rows:
            assert list(map(Decimal, values)) == list(counted(key, since)), (kind, key)
        for at, value in enumerate(body.total):
            assert Decimal(value) == sum(Decimal(values[at]) for _key, values in body.rows)
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
    cast.bill(someone("赵六"), 2027)
    turn("chase", on=PAID)
    late = Enrollment.objects.residents(2027).filter(person__name="王五")
    late.update(paid=F("payable"), paid_on=TODAY)
    first, *others = Push.objects.order_by("pk")
    Push.objects.filter(pk=first.pk).update(result="will_pay", told_on=TODAY)
    before = reports.make_report(kind="follow_up", as_of=PAID)
    report = reports.make_report(kind="follow_up", as_of=TODAY)
    assert before.ties
    assert report.ties
    told, pushed = report.content["total"], len(others) + 1
    assert told[:3] == [str(pushed), "1", str(pushed - 1)]
    assert before.content["total"][:3] == [str(pushed), "0", str(pushed)]
    body = Body.from_json(report.content)
    assert len(body.rows) > 1
    for area, values in ((cast.ANHUI, body.total), *((int(key), row) for key, row in body.rows)):
        lines = Push.objects.filter(region__gte=area, region__lt=area + width(area))
        answered = lines.exclude(result="").count()
        bills = [Enrollment.objects.residents(2027).get(person=line.person_id) for line in lines]
        paid = sum(bill.paid >= bill.payable for bill in bills)
        assert values == [
            str(len(lines)), str(answered), str(len(lines) - answered), share(answered, len(lines)),
            str(paid), share(paid, len(lines)),
        ]  # fmt: skip
    assert "跟进率" in shown(desk, "follow_up")


def test_duplicates_cleared_are_counted_by_office(desk: Client) -> None:
    """One sent back and then cleared late, one cleared and taken back, one not yet decided."""
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"), cast.officer("Approver", "zhang", "张敏"),
    )  # fmt: skip
    made = []
    for number, region in enumerate((cast.SHUSHAN, cast.SHUSHAN, WUHU)):
        person = someone(f"重{number}", region=region)
        insured(person)
        turning.employed(person, 2026, 0b111111111100)
        made.append(
            duplicates.open_resolution(
                maker=maker, person=person, year=2026, keep="employee", written_choice="本人选择书"
            )
        )
    returned = cases.return_case(
        case=cases.submit_case(case=made[0], user=maker), checker=checker, reason="缺选择书",
        expected_version=None,
    )  # fmt: skip
    # Events are logged by the clock of the database: on no real day may these two change sides.
    for case, day in ((returned, date(2020, 1, 1)), (made[1], date(2999, 1, 1))):
        Case.objects.filter(pk=case.pk).update(due_on=day)
        case.refresh_from_db()
    carried_out(returned, checker)
    cases.reverse_case(case=carried_out(made[1], checker), user=checker, reason="本人撤回")
    cases.submit_case(case=made[2], user=maker)
    logged = timezone.localdate()  # noqa: TID251 - events are logged by the clock of the database
    report = reports.make_report(kind="duplicates", as_of=logged)
    body = Body.from_json(report.content)
    assert {int(key) for key, _row in body.rows} == {cast.SHUSHAN, WUHU}
    for area, row in ((cast.ANHUI, body.total), *((int(key), row) for key, row in body.rows)):
        events = CaseEvent.objects.filter(
            case__kind="duplicate_resolution", case__region__gte=area,
            case__region__lt=area + width(area),
        ).exclude(from_state=F("to_state"))  # fmt: skip
        effected = [each.case for each in events.filter(to_state="effected")]
        counts = {
            "sent": events.filter(to_state="submitted").count(),
            "sent_back": events.filter(to_state="returned").count(),
            "effected": len(effected),
            "late": sum(bool(case.due_on and case.due_on < logged) for case in effected),
            "reversed": events.filter(to_state="reversed").count(),
        }
        assert dict(zip(DUPLICATES, map(int, row), strict=True)) == counts, area
    assert dict(zip(DUPLICATES, body.total, strict=True)) == {
        "sent": "4", "sent_back": "1", "effected": "2", "late": "1", "reversed": "1",
    }  # fmt: skip
    assert report.ties
    assert "重复参保清理表" in shown(desk, "duplicates")
