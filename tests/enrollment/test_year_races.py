"""Twice at once, killed half way, changed meanwhile: real connections, real commits."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, close_old_connections, connection, transaction

from enrollment.models import Award, Enrollment, Person, StepShard, YearRun, YearStep
from enrollment.services import shards, steering
from enrollment.services.refusals import StepRefused
from enrollment.services.signing import conclude_signature, sign
from enrollment.services.year import advance, start_step
from tests import cast, turning
from tests.turning import (
    CLOSING,
    OPENING,
    YEAR,
    awards,
    bills,
    finish,
    insured,
    persons,
    receipt,
    run_here,
    someone,
    totals,
    turn,
    turn_until,
)

PATIENCE = 30.0  # seconds until a thread that should have ended is a failure


@pytest.fixture(autouse=True)
def province(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui, 2026 by history, six insured people in slices of two."""
    cast.law()
    cast.year(2026)
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", "2")
    insured(*(someone(f"张{n}", *(["dibao"] if n == 3 else []), id=n) for n in range(1, 7)))


class Task(threading.Thread):
    """A function in a thread with a connection of its own; `result()` waits for it."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.function = function
        self.answer: Any = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        close_old_connections()
        try:
            self.answer = self.function()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.error = error
        finally:
            connection.close()

    def result(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive(), "still waiting"
        if self.error is not None:
            raise self.error
        return self.answer


def at_once(function: Callable[[], Any], times: int) -> list[Any]:
    """The answers of a function called `times` at once; what it raised is an answer too."""
    gate = threading.Barrier(times, timeout=PATIENCE)

    def call() -> Any:
        gate.wait()
        return function()

    tasks = [Task(call) for _ in range(times)]
    answers = []
    for task in tasks:
        try:
            answers.append(task.result())
        except (StepRefused, DatabaseError) as error:
            answers.append(error)
    return answers


@pytest.fixture
def held_up() -> Iterator[Callable[[Callable[[], Any]], Callable[[], None]]]:
    """Run something in a transaction that stays open until the returned function is called."""
    gates: list[tuple[threading.Event, Task]] = []

    def hold(work: Callable[[], Any]) -> Callable[[], None]:
        done, go_on = threading.Event(), threading.Event()

        def inside() -> None:
            with transaction.atomic():
                work()
                done.set()
                assert go_on.wait(PATIENCE)

        task = Task(inside)
        gates.append((go_on, task))
        assert done.wait(PATIENCE) or task.error is None

        def release() -> None:
            go_on.set()
            task.result()

        return release

    yield hold
    for go_on, task in gates:
        go_on.set()
        task.join(PATIENCE)


def waits(task: Task) -> bool:
    """Whether the thread's statement waits for a lock; False once it has ended."""
    for _ in range(int(PATIENCE * 20)):
        if not task.is_alive():
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return True
        task.join(0.05)
    return True


# Twice at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", turning.STEPS)
def test_two_starts_at_once_are_one_step(name: str) -> None:
    turn_until(name)

    steps = at_once(lambda: start_step(name=name, year=YEAR, on=turning.DAYS[name]), 2)

    assert {type(step) for step in steps} == {YearStep}
    assert len({step.pk for step in steps}) == 1
    assert YearStep.objects.filter(run__year=YEAR, name=name).count() == 1
    assert YearRun.objects.filter(year=YEAR).count() == 1
    slices = steps[0].shards.filter(phase=0).count()
    assert slices == (0 if name == "close" else 3)


def test_two_signatures_at_once_run_once() -> None:
    for name in ("open", "subsidise"):
        digest = turn(name, rehearse=True).digest

        answers = at_once(lambda digest=digest: sign(digest=digest), 2)  # type: ignore[misc]

        refused = [answer for answer in answers if isinstance(answer, StepRefused)]
        assert [refusal.name for refusal in refused] == ["already_done"]
        (step,) = [answer for answer in answers if isinstance(answer, YearStep)]
        finish(step)
        assert YearStep.objects.filter(run__mode="real", name=name).count() == 1
    assert len(awards()) == 1


def test_two_calendars_at_once_start_one_of_each() -> None:
    queued: list[int] = []

    at_once(lambda: steering.run_calendar(on=OPENING, queue=queued.extend), 3)

    assert YearStep.objects.filter(name="open").count() == 1
    assert YearStep.objects.get(name="open").run.is_rehearsal


@pytest.mark.parametrize("name", ["open", "subsidise", "chase", "reconcile", "activate"])
def test_one_message_delivered_five_times_at_once_has_one_effect(name: str) -> None:
    for person in Person.objects.all():
        receipt(f"R{person.pk}", person, 420)
    turn_until(name)
    step = start_step(name=name, year=YEAR, on=turning.DAYS[name])
    (shard,) = step.shards.filter(phase=0, number=2)

    answers = at_once(lambda: shards.run_shard(shard_id=shard.pk, worker="five"), 5)

    assert answers.count("done") == 1
    assert set(answers) <= {"done", "held"}
    shard.refresh_from_db()
    assert shard.state == "done"
    assert 1 <= shard.attempts <= 5
    assert (
        persons(finish(step))
        == {
            "open": {"": 5, "dibao": 1},
            "subsidise": {"dibao": 1},
            "chase": {"unpaid": 6},
            "reconcile": {"matched": 5, "overpaid": 1, "excess": 0},
            "activate": {"insured_last_year": 6, "insured": 6},
        }[name]
    )
    assert shards.run_shard(shard_id=shard.pk) == "held"  # and a sixth time, later


def test_every_piece_of_a_year_can_be_delivered_twice() -> None:
    step = start_step(name="open", year=YEAR, on=OPENING)
    while step.state == "running":
        ids: list[int] = []
        step = advance(step_id=step.pk, queue=ids.extend)
        for shard_id in ids:
            at_once(lambda shard_id=shard_id: shards.run_shard(shard_id=shard_id), 3)  # type: ignore[misc]
    step.refresh_from_db()
    assert step.state == "done"
    assert not step.shards.exclude(state="done").exists()
    assert len(bills()) == 6


def test_two_who_finish_a_step_at_once_finish_it_once() -> None:
    turn_until("close")
    step = start_step(name="close", year=YEAR, on=CLOSING)

    answers = at_once(lambda: advance(step_id=step.pk, queue=run_here), 4)

    assert {answer.state for answer in answers} == {"done"}
    assert len({answer.finished_at for answer in answers}) == 1


# Held, killed, swept ------------------------------------------------------------------------------


def test_a_held_shard_is_skipped_and_not_queued_again(
    held_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn("open")
    step = start_step(name="subsidise", year=YEAR, on=OPENING)
    first = step.shards.order_by("number")[0]
    release = held_up(lambda: StepShard.objects.select_for_update().get(pk=first.pk))

    assert shards.run_shard(shard_id=first.pk) == "held"
    queued: list[int] = []
    advance(step_id=step.pk, queue=queued.extend)

    assert len(queued) == 2
    assert first.pk not in queued
    release()
    advance(step_id=step.pk, queue=queued.extend)
    assert queued[2:] == [first.pk]


def test_a_shard_that_was_killed_is_free_again_and_swept(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is gone with its connection; the ledger says running, nobody holds it."""
    turn("open")
    step = start_step(name="subsidise", year=YEAR, on=OPENING)
    queued: list[int] = []
    advance(step_id=step.pk, queue=queued.extend)
    shards._begin(queued[0], "killed")
    advance(step_id=step.pk, queue=queued.extend)
    assert len(queued) == 3  # too early: it may still be on its way

    StepShard.objects.filter(step=step).update(queued_at="2026-01-01T00:00:00Z")
    again: list[int] = []
    advance(step_id=step.pk, queue=again.extend)
    assert sorted(again) == sorted(queued)
    run_here(again)

    assert finish(step).state == "done"
    assert list(step.shards.order_by("number").values_list("attempts", flat=True)) == [2, 1, 1]
    assert persons(step) == {"dibao": 1}


def test_a_shard_that_fails_is_tried_again_and_then_fails_the_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn("open")
    broken: list[int] = []
    slice_of = shards._slice

    def fail(shard: StepShard) -> int:
        rows = slice_of(shard)
        if shard.number == 2:
            broken.append(rows)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(shards, "_slice", fail)
        step = finish(start_step(name="subsidise", year=YEAR, on=OPENING))

    assert (step.state, len(broken)) == ("failed", shards.MOST_ATTEMPTS)
    assert "division by zero" in step.refusal
    assert states(step) == ["done", "failed", "done"]
    failed = step.shards.get(number=2)
    assert "division by zero" in failed.error
    assert not failed.totals.exists()
    assert advance(step_id=step.pk, queue=run_here).state == "failed"

    assert steering.retry_failed(step=step) == 1
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("retry", 0)
    step = finish(step)

    assert (step.state, step.refusal) == ("done", "")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error) == ("done", 1, "")


def test_what_fails_inline_is_told_by_name_not_by_a_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn("open")

    def fail(shard: StepShard) -> int:
        raise DatabaseError("no space left")

    monkeypatch.setattr(shards, "_slice", fail)

    with pytest.raises(CommandError, match="step_failed: DatabaseError: no space left") as caught:
        call_command(
            "run_year", "subsidise", "--year", str(YEAR), "--on", str(OPENING), "--inline",
            stderr=StringIO(),
        )  # fmt: skip

    assert caught.value.returncode == 1
    assert totals(YearStep.objects.get(name="subsidise")) == {}


def states(step: YearStep) -> list[str]:
    return list(step.shards.filter(phase=0).order_by("number").values_list("state", flat=True))


# Changed meanwhile --------------------------------------------------------------------------------


def test_a_change_that_was_on_its_way_when_the_rehearsal_began_is_not_missed(held_up: Any) -> None:
    """Its row in the list of changes is older than the rehearsal, its commit is not."""
    turn("open", rehearse=True)  # from now on changes of people are listed
    release = held_up(lambda: Person.objects.filter(pk=1).update(died_on=date(2026, 8, 1)))
    Person.objects.filter(pk=6).update(died_on=date(2026, 8, 1))  # later, committed before

    task = Task(lambda: turn("open", rehearse=True))
    if waits(task):
        release()
        rehearsal = task.result()
    else:
        rehearsal = task.result()
        release()

    assert who_is_signed(rehearsal.digest) == {"张2", "张3", "张4", "张5"}


def test_the_first_rehearsal_misses_no_change_either(held_up: Any) -> None:
    """Before a year has begun nobody lists changes: one that is on its way must be waited for."""
    release = held_up(lambda: Person.objects.filter(pk=1).update(died_on=date(2026, 8, 1)))

    task = Task(lambda: turn("open", rehearse=True))
    if waits(task):
        release()
        rehearsal = task.result()
    else:
        rehearsal = task.result()
        release()

    assert who_is_signed(rehearsal.digest) == {f"张{n}" for n in range(2, 7)}


def who_is_signed(digest: str) -> set[str]:
    """Sign, and sign again what was computed again: the people of the year."""
    try:
        finish(conclude_signature(digest=digest, step=finish(sign(digest=digest))))
    except StepRefused as refusal:
        finish(sign(digest=refusal.details["digest"]))
    return set(bills())


def test_money_that_a_case_brings_while_subsidies_are_awarded_is_not_lost(held_up: Any) -> None:
    """The bill is being changed by both: whoever is second must see what the first did."""
    turn("open")
    turn("subsidise")
    turning.recognise(Person.objects.get(pk=1), "dibao")
    step = start_step(name="subsidise", year=YEAR, on=date(2026, 11, 1))

    def village() -> None:
        bill = Enrollment.objects.residents(YEAR).get(person=1)
        Award.objects.create(
            enrollment=bill, funder="charity", amount=100, awarded_on=OPENING, shard=0
        )
        Enrollment.objects.filter(pk=bill.pk).update(subsidy=100, payable=320)

    release = held_up(village)
    task = Task(lambda: run_here([step.shards.get(number=1).pk]))
    assert waits(task)
    release()
    task.result()

    finish(step)
    assert sum(row[3] for row in awards() if row[0] == "张1") == bills()["张1"][3] == 100
    assert totals(step) == {}
    turn("subsidise", on=date(2026, 11, 2))  # left to the next run
    assert sum(row[3] for row in awards() if row[0] == "张1") == bills()["张1"][3] == 420


def test_a_bill_that_ends_while_receipts_are_applied_takes_no_money(held_up: Any) -> None:
    turn_until("reconcile")
    receipt("R1", Person.objects.get(pk=1), 420)
    receipt("R2", Person.objects.get(pk=2), 420)
    step = start_step(name="reconcile", year=YEAR, on=CLOSING)
    bill = Enrollment.objects.residents(YEAR).filter(person=1)
    release = held_up(lambda: bill.update(ended_on=CLOSING, ended_for="moved_out"))

    task = Task(lambda: run_here([step.shards.get(number=1).pk]))
    assert waits(task)
    release()
    task.result()
    finish(step)

    assert turning.receipts() == {"R1": ("", None), "R2": ("matched", "张2")}
    assert set(turning.payments()) == {"张2"}
    assert persons(step) == {"matched": 1}
    turn("reconcile", on=date(2027, 1, 1))
    assert turning.receipts()["R1"] == ("bill_ended", None)


def test_a_payment_that_is_booked_while_subsidies_are_awarded_keeps_its_bill(held_up: Any) -> None:
    turn("open")
    turn("subsidise")
    turning.recognise(Person.objects.get(pk=1), "dibao")
    step = start_step(name="subsidise", year=YEAR, on=date(2026, 11, 1))
    bill = Enrollment.objects.residents(YEAR).filter(person=1)
    release = held_up(lambda: bill.update(paid=420, paid_on=date(2026, 11, 1)))

    task = Task(lambda: run_here([step.shards.get(number=1).pk]))
    assert waits(task)
    release()
    task.result()
    finish(step)

    assert bills()["张1"][1:] == ("", 420, 0, 420)
    assert [row for row in awards() if row[0] == "张1"] == []
