"""Turning a year: start a step, cut it into shards, move on until nothing is left.

The ledger decides everything; queues only carry shard ids. `advance` may be called by anybody at
any time: it queues what may run next and ends the step when nothing is left.
"""

import os
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from enrollment.declarations import Step, ordered_steps, steps
from enrollment.models import (
    Change,
    Person,
    Region,
    StepShard,
    YearRun,
    YearStep,
)
from enrollment.rules.keys import PERSON_LIMIT
from enrollment.selectors.year import report_digest
from enrollment.services import shards
from enrollment.services.refusals import StepRefused

LEAST_PEOPLE, MOST_PEOPLE, SLICES_WANTED = 10_000, 250_000, 8
# The broker's visibility timeout. Less is safe too: a shard that somebody holds is locked.
REQUEUE_AFTER = timedelta(seconds=float(os.environ.get("TONGCHOU_REQUEUE_SECONDS", "60")))
FIRST_YEAR, LAST_YEAR = 2000, 2100

Queue = Callable[[Iterable[int]], None]


# --- starting -------------------------------------------------------------------------------


@transaction.atomic
def start_step(
    *,
    name: str,
    year: int,
    on: date,
    area: int | None = None,
    rehearse: bool = False,
    started_by: str = "",
) -> YearStep:
    """Write a step and its shards into the ledger; nothing runs before `advance` queues it.

    A step that is already running or done for the province is returned as it is, so a double
    fire is harmless. Raises StepRefused: unknown_step, unknown_year, unknown_area, out_of_order,
    area_before_province, another_step_runs, came_by_history, missing_parameter,
    quota_out_of_range, nobody_here, register_is_being_written.
    """
    step = known_step(name)
    _check_year(year)
    region = _check_area(area)
    province = province_of_register()
    real = real_run(year, province, make=step.marks == "opened_on" and not rehearse)
    if real is not None and real.from_history and step.first_year is None:
        raise StepRefused("came_by_history", f"year {year} came by history files and is closed")
    check_order(step, year, real)
    if rehearse:
        run = YearRun.objects.create(
            year=year,
            province=province,
            mode=YearRun.Mode.REHEARSAL,
            from_history=real is not None and real.from_history,
        )
        serial = 1
    else:
        if real is None:
            raise StepRefused("out_of_order", f"year {year} has not been opened")
        run = real
        same = real.steps.filter(name=name)
        # What refused itself is over; it may be started, or rehearsed and signed, anew.
        latest = same.filter(area=area).exclude(state=YearStep.State.REFUSED)
        begun = latest.order_by("-serial").first()
        if begun is not None and (
            begun.state != YearStep.State.DONE or (area is None and not step.daily)
        ):
            return begun
        if area is not None and not same.filter(area=None, state=YearStep.State.DONE).exists():
            raise StepRefused(
                "area_before_province",
                f"step {name} of year {year} has not run for the province; "
                f"area {area} alone can only be rehearsed",
            )
        check_alone(step, run)
        serial = (same.aggregate(last=Max("serial"))["last"] or 0) + 1
    begun = write_step(step, run, serial=serial, on=on, area=area, started_by=started_by)
    _plan(step, begun, whole=region is None)
    return begun


def known_step(name: str) -> Step:
    """The declared step. Raises StepRefused `unknown_step`."""
    if name not in steps:
        known = ", ".join(step.name for step in ordered_steps())
        raise StepRefused("unknown_step", f"there is no step {name!r}; steps are {known}")
    return steps[name]


def province_of_register() -> Region:
    """The province that this deployment serves. Raises StepRefused `unknown_area`."""
    province = Region.objects.filter(pk=settings.PROVINCE).first()
    if province is None:
        raise StepRefused(
            "unknown_area", f"province {settings.PROVINCE} is not loaded; run load_policies"
        )
    return province


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise StepRefused("unknown_year", f"{year} is not a benefit year")


def _check_area(area: int | None) -> Region | None:
    if area is None:
        return None
    region = Region.objects.filter(pk=area).first()
    if region is None or area // 10**10 != settings.PROVINCE // 10**10:
        raise StepRefused("unknown_area", f"there is no area {area} in this province")
    return region


def real_run(year: int, province: Region, *, make: bool) -> YearRun | None:
    """The real run of a year, locked, so that two starts at once become one."""
    if make:
        YearRun.objects.bulk_create(
            [YearRun(year=year, province=province, mode=YearRun.Mode.REAL)], ignore_conflicts=True
        )
    return (
        YearRun.objects.select_for_update()
        .filter(year=year, province=province, mode=YearRun.Mode.REAL)
        .first()
    )


def check_order(step: Step, year: int, real: YearRun | None) -> None:
    done = (
        set(real.steps.filter(state=YearStep.State.DONE, area=None).values_list("name", flat=True))
        if real
        else set()
    )
    for earlier in ordered_steps() if not (real and real.from_history) else ():
        if earlier.name == step.name:
            break
        required = earlier.name in step.after or step.name in earlier.before
        if required and earlier.name not in done:
            raise StepRefused(
                "out_of_order",
                f"step {step.name} of year {year} comes after {earlier.name}, which is not done",
            )
    missing = years_before(step, year)
    if missing:
        raise StepRefused(
            "out_of_order",
            f"step {step.name} of year {year} rests on {step.name} of "
            f"{', '.join(map(str, missing))}, which is not done",
        )
    if step.marks == "opened_on":
        before = YearRun.objects.filter(year=year - 1, mode=YearRun.Mode.REAL).first()
        if before is not None and before.activated_on is None:
            raise StepRefused(
                "out_of_order", f"year {year - 1} is not activated; year {year} cannot open"
            )


def years_before(step: Step, year: int) -> list[int]:
    """Years on file whose result `step` of `year` rests on and that have none yet, in order.

    Raises StepRefused `year_missing` where a year between them is not on file.
    """
    if step.first_year is None:
        return []
    real = YearRun.objects.filter(mode=YearRun.Mode.REAL)
    on_file = set(
        real.filter(year__gte=step.first_year(), year__lt=year).values_list("year", flat=True)
    )
    holes = sorted(set(range(min(on_file), year)) - on_file) if on_file else []
    if holes:
        raise StepRefused(
            "year_missing",
            f"step {step.name} of year {year} rests on {', '.join(map(str, holes))}, "
            "which is not on file",
        )
    done = YearStep.objects.filter(
        run__mode=YearRun.Mode.REAL, name=step.name, area=None, state=YearStep.State.DONE
    )
    return sorted(on_file - set(done.values_list("run__year", flat=True)))


def check_alone(step: Step, run: YearRun) -> None:
    """One step of a year at a time: a step reads what the one before it wrote to everyone.

    A paused or failed step is unfinished too; it is resumed or tried again first.
    """
    over = (YearStep.State.DONE, YearStep.State.REFUSED)
    other = run.steps.exclude(state__in=over).first()
    if other is not None:
        raise StepRefused(
            "another_step_runs",
            f"step {step.name} of year {run.year} waits for {other.name}, which is {other.state}",
        )


def write_step(
    step: Step, run: YearRun, *, serial: int, on: date, area: int | None, started_by: str
) -> YearStep:
    marked = [run.opened_on, run.closed_on, run.activated_on]
    latest = max((day for day in marked if day), default=None)
    if step.marks and latest is not None and on < latest:
        raise StepRefused(
            "out_of_order", f"step {step.name} on {on} would come before {latest}, already done"
        )
    if step.fills:
        _wait_for_writers()
    begun = YearStep.objects.create(
        run=run,
        name=step.name,
        serial=serial,
        area=area,
        on=on,
        sql_digest=shards.sql_digest(step),
        last_change=Change.objects.aggregate(last=Max("pk"))["last"] or 0,
        started_by=started_by[:64],
    )
    if step.terms is not None:
        begun.terms_digest = step.terms.write(begun)
        begun.save(update_fields=["terms_digest"])
    return begun


def _wait_for_writers() -> None:
    """Let those who are changing people commit, so that what comes later is listed as a change.

    A change on its way may have an older number than the last one seen, and none at all before
    the year has begun: it would be missing from both the rehearsal and the list of what changed
    since. Held until the step is committed. Raises StepRefused `register_is_being_written`.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute("LOCK TABLE person, person_category IN SHARE MODE")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        raise StepRefused(
            "register_is_being_written", "people are being changed just now; try again"
        ) from error


def _plan(declared: Step, step: YearStep, *, whole: bool) -> None:
    """Cut the step into pieces. A year that is filled apart gets its table and longer pieces."""
    if declared.piece is not None:
        whole_piece(step).save()
        return
    if declared.sql is None:
        return
    apart = bool(declared.fills) and (step.run.is_rehearsal or whole)
    if apart:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT year_table_create(%s, %s, %s)", [declared.fills, step.run.year, step.pk]
            )
            step.table_name = cursor.fetchone()[0]
        step.save(update_fields=["table_name"])
    work = shards.FILL if declared.fills else shards.WORK
    pieces = [
        StepShard(step=step, phase=0, number=number, work=work, first_person=a, last_person=b)
        for number, (a, b) in enumerate(slices(), start=1)
    ]
    if apart and whole:
        pieces += [
            StepShard(step=step, phase=phase, number=number, work=work)
            for phase, works in enumerate(_FINISHING, start=1)
            for number, work in enumerate(works, start=1)
        ]
        if not step.run.is_rehearsal:
            pieces.append(piece_of(step, shards.ATTACH))
        # The year is there before it is frozen; freezing disturbs nobody.
        pieces.append(piece_of(step, shards.VACUUM))
    if not step.run.is_rehearsal:
        pieces += settling_pieces(declared, step)
    StepShard.objects.bulk_create(pieces)


_FINISHING = (
    (shards.INDEX_ID, shards.INDEX_COUNTY, shards.INDEX_REGION),
    (shards.CHECK,),
)
_LAST_PHASES = {
    shards.ATTACH: len(_FINISHING) + 1,
    shards.VACUUM: len(_FINISHING) + 2,
    shards.SETTLE: len(_FINISHING) + 3,
}


def whole_piece(step: YearStep) -> StepShard:
    """The one piece of a step about areas."""
    return StepShard(step=step, phase=0, number=1, work=shards.WHOLE)


def piece_of(step: YearStep, work: str) -> StepShard:
    """A last piece of a year filled apart. A rehearsal has no attaching, its phase stays free."""
    return StepShard(step=step, phase=_LAST_PHASES[work], number=1, work=work)


def settling_pieces(declared: Step, step: YearStep) -> list[StepShard]:
    """The slices of a step's sequel, which runs once its year is there for everybody."""
    if declared.sequel is None:
        return []
    return [
        StepShard(
            step=step,
            phase=_LAST_PHASES[shards.SETTLE],
            number=number,
            work=shards.SETTLE,
            first_person=first,
            last_person=last,
        )
        for number, (first, last) in enumerate(slices(), start=1)
    ]


def slices() -> list[tuple[int, int]]:
    """Slices of person ids, first and last inclusive; the last one is open for newcomers.

    About ten seconds of work each and well below the broker's visibility timeout.
    Raises StepRefused `nobody_here` on an empty register.
    """
    highest = Person.objects.aggregate(highest=Max("pk"))["highest"]
    if highest is None:
        raise StepRefused("nobody_here", "the register is empty")
    size = min(max(-(-highest // SLICES_WANTED), LEAST_PEOPLE), MOST_PEOPLE)
    size = int(os.environ.get("TONGCHOU_SHARD_PEOPLE", size))
    starts = range(1, highest + 1, size)
    ends = [start - 1 for start in starts[1:]] + [PERSON_LIMIT - 1]
    return list(zip(starts, ends, strict=True))


# --- moving on ------------------------------------------------------------------------------


def advance(*, step_id: int, queue: Queue) -> YearStep:
    """Queue what may run next; end the step when nothing is left. Safe to call at any time."""
    step = YearStep.objects.select_related("run").get(pk=step_id)
    if step.state != YearStep.State.RUNNING:
        return step
    left = step.shards.exclude(state=StepShard.State.DONE)
    phase = left.order_by("phase").values_list("phase", flat=True).first()
    if phase is None:
        return _finish(step)
    stale = timezone.now() - REQUEUE_AFTER
    waiting = left.filter(phase=phase).exclude(state=StepShard.State.FAILED)
    ready = waiting.filter(
        Q(queued_at=None) | Q(queued_at__lt=stale) | Q(state=StepShard.State.RETRY)
    )
    with transaction.atomic():
        # Shards that somebody holds are locked; only the free ones are queued again.
        ids = list(
            ready.select_for_update(skip_locked=True, of=("self",))
            .order_by("number")
            .values_list("pk", flat=True)
        )
        StepShard.objects.filter(pk__in=ids).update(queued_at=Now(), state=StepShard.State.QUEUED)
    queue(ids)
    return step


@transaction.atomic
def _finish(step: YearStep) -> YearStep:
    """End a step of which nothing is left: its digest, its mark on the year."""
    step = YearStep.objects.select_for_update().select_related("run").get(pk=step.pk)
    if step.state != YearStep.State.RUNNING:
        return step
    declared = steps[step.name]
    if step.run.is_rehearsal and declared.fills and step.area is not None:
        _drop_table(step)
    step.digest = report_digest(step)
    step.state = YearStep.State.DONE
    step.finished_at = timezone.now()
    step.save(update_fields=["digest", "state", "finished_at", "table_name"])
    if declared.marks and not step.run.is_rehearsal and step.area is None:
        YearRun.objects.filter(pk=step.run_id).update(**{declared.marks: step.on})
    return step


def _drop_table(step: YearStep) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT year_table_drop(%s)", [step.table_name])
    step.table_name = ""


def sweep(*, queue: Queue) -> int:
    """Queue again what nobody holds, of every running step. Returns the number of steps looked at.

    Called by beat and by whoever follows a run, so that loss of the broker loses nothing.
    """
    running = YearStep.objects.filter(state=YearStep.State.RUNNING).values_list("pk", flat=True)
    for step_id in running:
        advance(step_id=step_id, queue=queue)
    return len(running)
