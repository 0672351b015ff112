"""Steering the year: pause, resume, retry, and the calendar that starts what has become due."""

from datetime import date

from django.db import connection, transaction

from enrollment.declarations import Step, ordered_steps
from enrollment.models import StepShard, YearRun, YearStep
from enrollment.services.refusals import StepRefused
from enrollment.services.year import Queue, advance, start_step, years_before

_CALENDAR_LOCK = 7_390_002  # first key of the advisory lock, the second is the year


def pause_step(*, step: YearStep) -> None:
    """Let running shards end and start no more. Raises StepRefused `not_running`."""
    if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.RUNNING).update(
        state=YearStep.State.PAUSED
    ):
        raise StepRefused("not_running", f"step {step.name} is not running")


def resume_step(*, step: YearStep) -> None:
    """Go on with a paused step; the next sweep queues its shards. Raises StepRefused."""
    with transaction.atomic():
        if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.PAUSED).update(
            state=YearStep.State.RUNNING
        ):
            raise StepRefused("not_paused", f"step {step.name} is not paused")
        step.shards.exclude(state=StepShard.State.DONE).update(queued_at=None)


def retry_failed(*, step: YearStep) -> int:
    """Try failed shards again, with fresh attempts. Returns how many. Raises StepRefused."""
    with transaction.atomic():
        if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.FAILED).update(
            state=YearStep.State.RUNNING, refusal=""
        ):
            raise StepRefused("not_failed", f"step {step.name} has not failed")
        return step.shards.filter(state=StepShard.State.FAILED).update(
            state=StepShard.State.RETRY, attempts=0, queued_at=None
        )


def run_calendar(*, on: date, queue: Queue) -> list[str]:
    """Start what the calendar has due on a day and is not done yet; returns what was started.

    One step of a year at a time, so that receipts of the last day are applied before cover is put
    in force; the next one starts at the next fire.

    The first step of a year is only rehearsed: a supervisor's signature opens the year. A step
    that cannot start yet (its predecessor is not done, a parameter is missing) waits for the next
    time; the refusal is in the list.
    """
    told = []
    for benefit_year in (on.year - 1, on.year, on.year + 1):
        for declared in ordered_steps():
            if _is_past(benefit_year) or _is_over(declared, benefit_year, on):
                continue
            try:
                since = _due_since(declared, benefit_year, on)
                started = None if since is None else _start_due(declared, benefit_year, on, since)
            except StepRefused as refusal:
                told.append(f"{declared.name} {benefit_year}: {refusal}")
                continue
            if started is not None:
                told.append(f"{declared.name} {benefit_year}: started")
                advance(step_id=started.pk, queue=queue)
    return told


def _due_since(declared: Step, benefit_year: int, on: date) -> date | None:
    """Since when a step is due: its day, or today for a daily one, or the day of its round.

    None where it is not due. Raises StepRefused where the law names no rounds.
    """
    if declared.rounds is not None:
        rounds = declared.rounds(benefit_year)
        return next((first for first, last in rounds if first <= on <= last), None)
    if declared.day(benefit_year) > on:
        return None
    return on if declared.daily else declared.day(benefit_year)


@transaction.atomic
def _start_due(declared: Step, benefit_year: int, on: date, since: date) -> YearStep | None:
    """The step if nobody has started it since; one calendar at a time looks at a year."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CALENDAR_LOCK, benefit_year])
    begun = YearStep.objects.filter(run__year=benefit_year, name=declared.name, area=None)
    if declared.daily:
        begun = begun.filter(on__gte=since)
    opens = declared.marks == "opened_on"
    if not opens:  # somebody's rehearsal is no run
        begun = begun.filter(run__mode=YearRun.Mode.REAL)
    if begun.exists() or (opens and (_is_opened(benefit_year) or on.year >= benefit_year)):
        return None
    waited_for = years_before(declared, benefit_year)
    if waited_for:  # what it rests on comes first; the calendar goes on at its next fire
        earlier = waited_for[0]
        return start_step(
            name=declared.name, year=earlier, on=declared.day(earlier), started_by="calendar"
        )
    return start_step(
        name=declared.name, year=benefit_year, on=on, rehearse=opens, started_by="calendar"
    )


def _is_over(declared: Step, benefit_year: int, on: date) -> bool:
    """Whether a year is over for a step. One whose day lies behind the year's end settles it in the
    year that follows, where there was one."""
    if benefit_year >= on.year:
        return False
    return declared.day(benefit_year).year <= benefit_year or not _is_opened(benefit_year)


def _is_past(benefit_year: int) -> bool:
    """Whether the year came by history files: it counts as closed and activated."""
    return YearRun.objects.filter(year=benefit_year, from_history=True).exists()


def _is_opened(benefit_year: int) -> bool:
    return YearRun.objects.filter(
        year=benefit_year, mode=YearRun.Mode.REAL, opened_on__isnull=False
    ).exists()
