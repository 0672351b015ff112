"""The calendar: what is due is started once, however often it fires; a year opens only signed."""

from datetime import date

import pytest

from config.celery import app
from config.schedule import SCHEDULE
from enrollment.models import YearRun, YearStep
from enrollment.services import signing, steering
from tests import turning
from tests.turning import YEAR, finish, insured, receipt, run_here, someone


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui, 2026 by history, and two residents of whom one has paid for 2027."""
    turning.province(monkeypatch)
    paying, forgetful = someone("张三"), someone("李四")
    insured(paying, forgetful)
    receipt("R1", paying, 420)


def fire(on: date) -> list[str]:
    """Beat's messages of a day: each starts one step, which is run to its end here."""
    told: list[str] = []
    for _ in range(8):
        told += steering.run_calendar(on=on, queue=run_here)
        for step in YearStep.objects.filter(state=YearStep.State.RUNNING):
            finish(step)
    return told


def begun() -> list[tuple[str, str, int]]:
    """Every step by mode, name and serial, in order."""
    return list(YearStep.objects.order_by("pk").values_list("run__mode", "name", "serial"))


def open_signed() -> None:
    """A supervisor signs what the calendar rehearsed."""
    fire(date(YEAR - 1, 9, 1))
    rehearsal = YearStep.objects.get(name="open", run__mode=YearRun.Mode.REHEARSAL)
    finish(signing.sign(digest=rehearsal.digest))


def test_before_the_first_of_september_nothing_is_due() -> None:
    assert fire(date(YEAR - 1, 8, 31)) == []
    assert begun() == []


def test_opening_is_only_rehearsed_until_somebody_signs() -> None:
    fire(date(YEAR - 1, 9, 1))
    fire(date(YEAR - 1, 9, 2))

    assert begun() == [("rehearsal", "open", 1)]
    assert not YearRun.objects.filter(year=YEAR, mode=YearRun.Mode.REAL).exists()


def test_a_double_fire_is_harmless() -> None:
    open_signed()
    day = date(YEAR - 1, 12, 31)

    fire(day)
    once = begun()
    fire(day)

    assert begun() == once
    assert once == [
        ("rehearsal", "open", 1),
        ("real", "open", 1),
        ("real", "subsidise", 1),
        ("real", "reconcile", 1),
        ("real", "close", 1),
        ("real", "post", 1),
    ]


def test_new_year_s_day_puts_cover_in_force() -> None:
    open_signed()
    for day in (date(YEAR - 1, 12, 31), date(YEAR, 1, 1), date(YEAR, 1, 1)):
        fire(day)

    run = YearRun.objects.get(year=YEAR, mode=YearRun.Mode.REAL)
    assert (run.closed_on, run.activated_on) == (date(YEAR - 1, 12, 31), date(YEAR, 1, 1))
    assert turning.fallout() == {"李四": (turning.HEFEI, "unpaid")}
    assert [name for mode, name, _ in begun() if name == "activate"] == ["activate"]


def test_rounds_of_pushes_begin_on_their_days_and_are_caught_up_with_once() -> None:
    """15 October, 12 November and 10 December; what beat missed begins until the next one."""
    open_signed()

    for day in (
        date(YEAR - 1, 10, 14), date(YEAR - 1, 10, 15), date(YEAR - 1, 10, 16),
        date(YEAR - 1, 11, 14), date(YEAR - 1, 12, 9), date(YEAR - 1, 12, 10),
    ):  # fmt: skip
        fire(day)

    rounds = YearStep.objects.filter(name="chase").order_by("serial")
    assert list(rounds.values_list("serial", "on", "state")) == [
        (1, date(YEAR - 1, 10, 15), "done"),
        (2, date(YEAR - 1, 11, 14), "done"),
        (3, date(YEAR - 1, 12, 10), "done"),
    ]


def test_a_step_whose_predecessor_is_not_done_waits_and_says_so() -> None:
    told = fire(date(YEAR - 1, 12, 31))

    assert f"close {YEAR}: out_of_order" in "; ".join(told)
    assert begun() == [("rehearsal", "open", 1)]


def test_a_year_that_came_by_history_is_left_alone() -> None:
    assert not [line for line in fire(date(2026, 3, 1)) if "2026" in line]
    assert begun() == []


def test_every_scheduled_task_exists() -> None:
    app.autodiscover_tasks(force=True)  # as a worker does when it begins, and once only
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(app.tasks)
