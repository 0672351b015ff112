"""The calendar as a timeline: every step with its days, runs, last failure, signature and next."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollment.admin.jobs import plan_of
from enrollment.declarations import ordered_steps
from enrollment.models import StepShard, User, YearRun, YearStep
from enrollment.selectors.calendar import business_date_is
from enrollment.services import steering
from tests import cast
from tests.screens import logged_in, queries_of, text_of

AUTUMN = date(2026, 11, 20)
PAGE = "admin:year_calendar"


@pytest.fixture(autouse=True)
def autumn(db: None) -> Iterator[None]:
    """20 November 2026, Chinese screens, the law, and 2027 opened by a signature."""
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with business_date_is(AUTUMN), translation.override("zh-hans"):
        yield


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


@pytest.fixture
def desk(supervisor: User) -> Client:
    return logged_in(supervisor)


def ran(name: str, on: date, state: str = "done", *, mode: str = "real", **fields: Any) -> YearStep:
    run, _made = YearRun.objects.get_or_create(
        year=2027, mode=mode, defaults={"province_id": cast.ANHUI}
    )
    if state == "done":
        fields |= {"digest": "d" * 64, "finished_at": timezone.now()}
    serial = YearStep.objects.filter(run=run, name=name).count() + 1
    return YearStep.objects.create(run=run, name=name, on=on, state=state, serial=serial, **fields)


def job_of(response: Any, name: str) -> Any:
    return next(row.job for row in response.context["rows"] if row.job.line.declared.name == name)


def test_every_step_stands_in_order_with_its_day_and_what_is_overdue(desk: Client) -> None:
    ran("open", date(2026, 9, 1))
    response = desk.get(reverse(PAGE, args=[2027]))
    jobs = [row.job for row in response.context["rows"]]
    assert [job.line.declared for job in jobs] == ordered_steps()
    assert [job.line.state for job in jobs] == ["done", *["todo"] * (len(jobs) - 1)]
    shown = text_of(response)
    assert "2026-12-31" in shown
    assert "逾期" in shown  # subsidies were due on 1 September


def test_runs_of_days_that_follow_each_other_are_one_mark_and_none_is_lost(desk: Client) -> None:
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(60) if n != 20]
    for day in days:
        ran("subsidise", day, "refused" if day == date(2026, 10, 10) else "done")
    job = job_of(desk.get(reverse(PAGE, args=[2027])), "subsidise")
    assert [(each.first, each.last, each.look, each.times) for each in job.runs] == [
        (date(2026, 9, 1), date(2026, 9, 20), "done", 20),
        (date(2026, 9, 22), date(2026, 10, 9), "done", 18),
        (date(2026, 10, 10), date(2026, 10, 10), "failed", 1),
        (date(2026, 10, 11), date(2026, 10, 30), "done", 20),
    ]
    real = YearStep.objects.filter(name="subsidise", run__mode="real")
    assert job.times == real.count() == len(days)
    assert job.next_on == AUTUMN  # today's is not begun yet


def test_the_last_failure_the_signature_and_what_waits_for_one_are_named(
    desk: Client, supervisor: User
) -> None:
    rehearsed = ran(
        "open", date(2026, 9, 1), mode="rehearsal", signed_by=supervisor, signed_at=timezone.now()
    )
    ran("open", date(2026, 9, 1), rehearsed=rehearsed)
    ran("subsidise", date(2026, 11, 19), "failed", refusal="quota_out_of_range: dibao 340100")
    pushed = ran("chase", date(2026, 11, 14), "running")
    StepShard.objects.create(
        step=pushed, phase=0, number=7, work="work", state="retry", attempts=2, error="deadlock"
    )
    response = desk.get(reverse(PAGE, args=[2027]))
    shown = text_of(response)
    assert job_of(response, "open").signed == rehearsed
    assert f"R-2027-{rehearsed.pk}" in shown
    assert "王建国" in shown
    assert "限额超出法定幅度" in shown or "quota_out_of_range" in shown
    assert "第 7 片共尝试 2 次" in shown
    assert "需处理的步骤：1" in shown
    waiting = ran("assess", date(2027, 1, 1), mode="rehearsal")
    again = desk.get(reverse(PAGE, args=[2027]))
    assert job_of(again, "assess").to_sign
    assert job_of(again, "assess").rehearsal == waiting
    assert "待签署" in text_of(again)


def test_the_plan_is_the_calendars_own() -> None:
    for step in ordered_steps():
        plan = plan_of(step, 2027)
        for n in range(0, 520, 3):
            on = date(2026, 8, 25) + timedelta(days=n)
            due = steering._due_since(step, 2027, on) is not None
            over = steering._is_over(step, 2027, on) or on > plan.last
            assert (plan.next_after(None, on) == on) == (due and not over), (step.name, on)


def test_the_page_reads_no_person_and_a_full_year_costs_no_query_more(desk: Client) -> None:
    ran("open", date(2026, 9, 1))
    page = reverse(PAGE, args=[2027])
    desk.get(page)
    few = queries_of(lambda: desk.get(page))
    for n in range(80):
        ran("reconcile", date(2026, 9, 1) + timedelta(days=n))
    many = queries_of(lambda: desk.get(page))
    assert len(many) == len(few) <= 15
    assert not [sql for sql in many if '"person"' in sql or '"enrollment"' in sql]


def test_it_is_for_system_administrators_too_and_for_no_maker() -> None:
    admin = logged_in(cast.officer("System administrator", "sun", "孙浩"))
    assert "时间轴" in text_of(admin.get(reverse(PAGE, args=[2027])))
    maker = logged_in(cast.officer("Maker", "liu", "刘婷"))
    assert maker.get(reverse(PAGE, args=[2027])).status_code == 403
