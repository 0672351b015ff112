"""The work of offices: each figure is a count of cases or events; nobody is named."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollment.models import Case, CaseEvent, CaseMonth, CaseTotal, Person, User
from enrollment.rules import lifecycle
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.quality import AGES, months_back, quality_of
from enrollment.services import cases, quality, subsidies
from tests import acts, cast
from tests.roles import as_role
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of
from tests.test_verify import broken

CHECK = "cases_are_summed_by_office_and_month"
TODAY = timezone.localdate()  # noqa: TID251 - events are logged by the clock of the database
SINCE = months_back(TODAY, 3)


@pytest.fixture(autouse=True)
def province(db: None) -> Iterator[None]:
    """Anhui with its law, 2027 open; the day of business is that of the log."""
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with translation.override("zh-hans"), business_date_is(TODAY):
        yield


@pytest.fixture
def maker() -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker() -> User:
    return cast.officer("Approver", "chen", "陈立群")


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


def draft(maker: User, region: int = cast.SHUSHAN, *, age: int = 0, due: int | None = None) -> Case:
    """A subsidy of somebody there, opened `age` days ago and due in `due` days."""
    person = cast.person("张三", number=Person.objects.count() + 1, region=region)
    cast.bill(person, 2027)
    case = cases.open_case(
        kind=subsidies.NAME, maker=maker, person=person, year=2027, amount=Decimal(100),
        funder="charity", reason="红十字会名单",
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(
        opened_at=datetime.now().astimezone() - timedelta(days=age),  # noqa: TID251
        due_on=None if due is None else TODAY + timedelta(days=due),
    )
    case.refresh_from_db()
    return case


def a_season(maker: User, checker: User) -> None:
    """Cases of every state and age in three offices, some late, one sent back twice."""
    draft(maker, age=6)
    draft(maker, cast.BAOHE, age=31, due=-1)
    cases.submit_case(case=draft(maker, cast.JINGHU, age=11), user=maker)
    back = draft(maker, age=12)
    for _ in range(2):
        back = cases.submit_case(case=back, user=maker)
        back = cases.return_case(
            case=back, checker=checker, reason="缴费日不符", expected_version=back.version
        )
    acts.approved(draft(maker, cast.JINGHU), checker)
    acts.carried_out(draft(maker), checker)
    late = acts.approved(draft(maker), checker)
    Case.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=3))
    late.refresh_from_db()
    cases.put_into_effect(case=late, user=checker)
    gone = draft(maker, cast.BAOHE)
    cases.withdraw_case(case=gone, user=maker, reason="本人放弃")


def test_every_figure_is_a_count_of_cases_and_events(
    maker: User, checker: User, supervisor: User
) -> None:
    a_season(maker, checker)
    assert CHECK not in broken()
    found = quality_of(supervisor, cast.ANHUI, on=TODAY, since=SINCE)
    by_code = {each.code: each.work for each in found.offices}
    assert sorted(by_code) == [cast.HEFEI, cast.WUHU]
    offices = [(each.work, each.code // 10**8, None) for each in found.offices]
    kinds = [(work, 34, kind) for kind, work in found.kinds.items()]
    for work, place, kind in (*offices, *kinds, (found.total, 34, None)):
        some = [
            case
            for case in Case.objects.all()
            if str(case.region_id).startswith(str(place)) and kind in {None, case.kind}
        ]
        living = [case for case in some if case.state not in lifecycle.DONE]
        assert work.open == len(living)
        for state in ("draft", "submitted", "checked", "returned", "approved"):
            assert getattr(work, state) == sum(case.state == state for case in living), state
        for days in AGES:
            before = TODAY - timedelta(days=days)
            old = [each for each in living if timezone.localtime(each.opened_at).date() < before]
            assert getattr(work, f"over_{days}") == len(old), days
        assert work.overdue == sum(bool(case.due_on and case.due_on < TODAY) for case in living)
        events = CaseEvent.objects.filter(case__in=[case.pk for case in some])
        events = events.exclude(from_state=F("to_state"))
        assert work.sent == events.filter(to_state="submitted").count()
        assert work.sent_back == events.filter(to_state="returned").count()
        assert work.effected == events.filter(to_state="effected").count()
        assert work.reversed == events.filter(to_state="reversed").count()
        assert work.sent_back_share == share(work.sent_back, work.sent)
    assert (found.total.sent_back, found.total.late, found.total.effected) == (2, 1, 2)
    assert found.total.late_share == Decimal("0.5")


def share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def test_each_month_of_the_chart_is_a_count_of_events(
    maker: User, checker: User, supervisor: User
) -> None:
    a_season(maker, checker)
    for area in (cast.ANHUI, cast.HEFEI):
        chart = logged_in(supervisor).get(reverse("admin:quality_area", args=[area]))
        drawn = chart.context["chart"]
        assert len(drawn.axis) == 12
        below = [
            case.pk for case in Case.objects.all()
            if str(case.region_id).startswith(str(area).rstrip("0"))
        ]  # fmt: skip
        events = CaseEvent.objects.filter(case__in=below).exclude(from_state=F("to_state"))
        states = ("submitted", "effected", "returned")
        for state, series in zip(states, drawn.series, strict=True):
            moments = events.filter(to_state=state).values_list("recorded_at", flat=True)
            months = [f"{timezone.localtime(each):%Y-%m}" for each in moments]
            assert list(series.values) == [months.count(month) for month in drawn.axis], state
            assert sum(series.values) > 0, state


def test_folding_changes_no_sum_and_leaves_a_row_a_key(maker: User, checker: User) -> None:
    a_season(maker, checker)
    before = CaseTotal.objects.values("county", "state").annotate(n=Sum("cases")).filter(n__gt=0)
    told = set(before.values_list("county", "state", "n"))
    quality.fold()
    assert set(CaseTotal.objects.values_list("county", "state").annotate(n=Sum("cases"))) == told
    assert CHECK not in broken()
    keys = CaseTotal.objects.values_list("county", "kind", "state", "opened_on", "due_on")
    assert len(keys) == len(set(keys))
    assert (
        CaseMonth.objects.count() == CaseMonth.objects.values("county", "kind").distinct().count()
    )


def test_a_sum_that_is_wrong_is_found_and_nobody_edits_one(maker: User) -> None:
    draft(maker)

    def edit() -> None:
        with transaction.atomic():
            CaseTotal.objects.update(cases=5)

    with pytest.raises(DatabaseError):
        as_role("web", edit)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE case_total SET cases = cases + 1")
    assert CHECK in broken()


def list_of(client: Client, address: str) -> int:
    """How many cases the list behind a figure has."""
    response: Any = client.get(address)
    assert response.status_code == 200, address
    return len(response.context["cl"].result_list)


def test_each_figure_leads_to_a_list_of_as_many(
    maker: User, checker: User, supervisor: User
) -> None:
    a_season(maker, checker)
    desk = logged_in(supervisor)
    for area in (cast.ANHUI, cast.HEFEI, cast.SHUSHAN):
        response = desk.get(reverse("admin:quality_area", args=[area]))
        cells = [
            *response.context["total_cells"],
            *[cell for row in response.context["offices"] for cell in row["cells"]],
            *[cell for row in response.context["kinds"] for cell in row[3]],
        ]
        led = {address: number for _name, number, address in cells if address}
        assert led
        for address, number in led.items():
            assert list_of(desk, address) == number, parse_qs(urlsplit(address).query)


def test_the_page_names_no_person_asks_few_queries_and_counts_nothing(
    maker: User, checker: User, supervisor: User
) -> None:
    a_season(maker, checker)
    desk = logged_in(supervisor)
    page = reverse("admin:quality_area", args=[cast.ANHUI])
    shown = text_of(desk.get(page))
    assert "合肥市" in shown
    assert not [name for name in ("刘婷", "陈立群", "张三") if name in shown]
    statements = queries_of(lambda: desk.get(page))
    assert len(statements) <= 15
    assert_counts_nothing(statements)
    assert not [sql for sql in statements if '"agency_case"' in sql or '"case_event"' in sql]


def test_another_city_is_no_page_and_a_maker_sees_none(maker: User) -> None:
    draft(maker)
    draft(maker, cast.JINGHU)
    of_wuhu = cast.officer("Supervisor", "qian", "钱一", region=cast.WUHU)
    found = quality_of(of_wuhu, cast.ANHUI, on=date(2026, 11, 20), since=SINCE)
    assert [each.code for each in found.offices] == [cast.WUHU]
    assert (
        logged_in(of_wuhu).get(reverse("admin:quality_area", args=[cast.HEFEI])).status_code == 404
    )
    led = logged_in(of_wuhu).get(reverse("admin:quality"))
    assert led.headers["Location"] == reverse("admin:quality_area", args=[cast.WUHU])
    assert logged_in(maker).get(reverse("admin:quality")).status_code == 403
