"""The run ledger as the run monitor and the calendar show it. Nothing here scans the register."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from math import ceil

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollment import declarations
from enrollment.models import StepShard, YearRun, YearStep
from enrollment.selectors.people import short_name_of
from enrollment.selectors.totals import (
    COUNT,
    SLICES,
    ByItem,
    ByPlace,
    Cell,
    Column,
    altogether,
    area_of,
    cells_of,
    columns_of,
    every,
    pooling_areas,
    totals_of,
)

RATE_WINDOW = timedelta(seconds=60)
REHEARSALS_SHOWN = 8

State = StepShard.State


# The years and their steps ------------------------------------------------------------------------


def real_runs() -> list[YearRun]:
    """The years of the province, newest first."""
    runs = YearRun.objects.filter(mode=YearRun.Mode.REAL).select_related("province")
    return list(runs.order_by("-year"))


def years_to_show(runs: Iterable[YearRun], on: date) -> list[int]:
    """Years that have a page: those of the register and the one that opens next."""
    years = {run.year for run in runs}
    turned = [run.year for run in runs if not run.from_history]
    # From September the year that follows is worked on, before that the present one.
    upcoming = on.year + 1 if on.month >= 9 else on.year
    years.add(max([upcoming, *turned]))
    return sorted(years, reverse=True)


def year_at_work(runs: Iterable[YearRun], on: date) -> int:
    """The year that the pages open with: the newest that was turned, else the next to open."""
    turned = [run.year for run in runs if not run.from_history]
    return max(turned) if turned else (on.year + 1 if on.month >= 9 else on.year)


def declared_step(name: str) -> declarations.Step | None:
    """The declaration of a step, none for one that is not declared any more."""
    return next((step for step in declarations.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class StepLine:
    """A declared step in the year: what was done of it last, or when it is due."""

    declared: declarations.Step
    planned: date
    latest: YearStep | None
    times: int
    state: str  # done, now or todo
    seconds: float | None
    is_shown: bool = False
    waits_for: tuple[str | Promise, ...] = ()


def step_lines(steps: Iterable[YearStep], year: int, current: YearStep | None) -> list[StepLine]:
    """The declared steps in the order of the year, each with its latest run for the province."""
    latest: dict[str, YearStep] = {}
    times: Counter[str] = Counter()
    for step in steps:
        latest[step.name] = step
        times[step.name] += 1
    done = {name for name, step in latest.items() if step.state == YearStep.State.DONE}
    lines = []
    for declared in declarations.ordered_steps():
        last = latest.get(declared.name)
        if last is None:
            state = "todo"
        elif last.state == YearStep.State.DONE:
            state = "done"
        else:
            state = "now"
        lines.append(
            StepLine(
                declared=declared,
                planned=declared.day(year),
                latest=last,
                times=times[declared.name],
                state=state,
                is_shown=current is not None and last == current,
                seconds=None if last is None else seconds_of(last),
                waits_for=_waits_for(declared, done) if last is None else (),
            )
        )
    return lines


def _waits_for(declared: declarations.Step, done: set[str]) -> tuple[str | Promise, ...]:
    needed = set(declared.after) | {
        other.name for other in declarations.steps if declared.name in other.before
    }
    return tuple(
        other.label
        for other in declarations.ordered_steps()
        if other.name in needed and other.name not in done
    )


def seconds_of(step: YearStep) -> float:
    """How long a step took, or has taken until now."""
    return ((step.finished_at or timezone.now()) - step.started_at).total_seconds()


# One step at work ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `rate` is rows a second, `left` seconds; None where nobody can know."""

    total: int
    done: int
    running: int
    queued: int
    retry: int
    failed: int
    rows: int
    expected: int | None
    elapsed: float
    rate: int | None
    left: int | None
    workers: int
    share: Decimal

    @property
    def percent(self) -> str:
        """Per cent with two places, cut: 99.99 is not yet done."""
        return f"{self.share:.2f}"


def progress_of(
    step: YearStep, shards: list[StepShard], *, expected: int | None, now: datetime
) -> Progress:
    """Shards, rows, rate and time left of a step, from its shards alone."""
    states = Counter(shard.state for shard in shards)
    total, done = len(shards), states[State.DONE]
    finished = [shard for shard in shards if shard.state == State.DONE]
    rows = sum(shard.rows for shard in finished)
    ended = step.finished_at
    elapsed = ((ended or now) - step.started_at).total_seconds()
    share = Decimal(100 if ended and not total else 0)
    if total:
        share = (Decimal(done) * 100 / total).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return Progress(
        total=total,
        done=done,
        running=states[State.RUNNING],
        queued=states[State.QUEUED],
        retry=states[State.RETRY],
        failed=states[State.FAILED],
        rows=rows,
        expected=expected,
        elapsed=elapsed,
        rate=_rate(step, finished, rows, elapsed, now),
        left=_left(step, shards, elapsed),
        workers=len({shard.worker for shard in shards if shard.state == State.RUNNING}),
        share=share,
    )


def _rate(
    step: YearStep, finished: list[StepShard], rows: int, elapsed: float, now: datetime
) -> int | None:
    """Rows a second: of the last minute while it runs, of the whole step afterwards."""
    if step.finished_at is None:
        since = now - RATE_WINDOW
        recent = [shard for shard in finished if shard.finished_at and shard.finished_at >= since]
        rows, elapsed = sum(shard.rows for shard in recent), min(elapsed, 60.0)
    return int(rows / elapsed) if rows and elapsed > 0 else None


def _left(step: YearStep, shards: list[StepShard], elapsed: float) -> int | None:
    """Seconds until the slices are done, at the pace so far; nothing once no slice is left."""
    slices = [shard for shard in shards if shard.phase == SLICES]
    done = sum(shard.state == State.DONE for shard in slices)
    if step.state != YearStep.State.RUNNING or not done or done == len(slices):
        return None
    return ceil(elapsed / done * (len(slices) - done))


@dataclass(frozen=True, slots=True)
class AreaLine:
    """A row of the table by city: the figures of the slices that are done.

    `expected` is what the rehearsal gives in the first column when all are done.
    """

    code: int
    name: str
    first: Cell
    cells: list[Cell]
    expected: int | Decimal | None
    rows: int

    @property
    def state(self) -> str:
        """A word of a shard's life for an area: done, running or queued."""
        if self.expected is None:
            return ""
        if self.first.value >= self.expected:
            return "done"
        return "running" if self.rows else "queued"


@dataclass(frozen=True, slots=True)
class Compared:
    """A total of the rehearsal beside the real one."""

    label: str | Promise
    kind: str
    rehearsed: int | Decimal
    real: int | Decimal

    @property
    def same(self) -> bool:
        return self.rehearsed == self.real


@dataclass(frozen=True, slots=True)
class RunMonitor:
    """Everything that the run monitor shows of one step of a year."""

    year: int
    run: YearRun | None
    step: YearStep | None
    declared: declarations.Step | None
    number: int | None
    lines: list[StepLine]
    progress: Progress | None
    slices: list[StepShard]
    pieces: list[StepShard]
    columns: tuple[Column, ...]
    areas: list[AreaLine]
    total: AreaLine | None
    compared: list[Compared]
    rehearsals: list[YearStep]
    attention: list[StepShard]
    read_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether the page has to look again: something runs or may be resumed."""
        return self.step is not None and self.step.state in (
            YearStep.State.RUNNING,
            YearStep.State.PAUSED,
        )

    @property
    def slices_done(self) -> int:
        return sum(shard.state == State.DONE for shard in self.slices)

    @property
    def piece_at_work(self) -> StepShard | None:
        """The first longer piece of the year that is not done, once the slices are."""
        if self.slices_done < len(self.slices):
            return None
        return next((shard for shard in self.pieces if shard.state != State.DONE), None)

    @property
    def failed(self) -> list[StepShard]:
        return [shard for shard in self.attention if shard.state == State.FAILED]

    @property
    def planned(self) -> StepLine | None:
        """The next step that nobody has begun."""
        return next((line for line in self.lines if line.state == "todo"), None)


def monitor(year: int, *, step_id: int | None = None) -> RunMonitor:
    """The run monitor of a year, at one of its steps or at the one at work."""
    runs = list(
        YearRun.objects.filter(year=year).select_related("province").order_by("mode", "-pk")
    )
    real = next((run for run in runs if run.mode == YearRun.Mode.REAL), None)
    steps = list(
        YearStep.objects.filter(run__year=year)
        .select_related("run", "signed_by", "rehearsed__signed_by")
        .order_by("pk")
    )
    of_province = [step for step in steps if not step.run.is_rehearsal and step.area is None]
    rehearsals = [step for step in reversed(steps) if step.run.is_rehearsal]
    step = next((each for each in steps if each.pk == step_id), None) or at_work(
        of_province, rehearsals
    )
    shown = rehearsals[:REHEARSALS_SHOWN]
    if step is None:
        return RunMonitor(
            year=year,
            run=real,
            step=None,
            declared=None,
            number=None,
            lines=step_lines(of_province, year, None),
            progress=None,
            slices=[],
            pieces=[],
            columns=(),
            areas=[],
            total=None,
            compared=[],
            rehearsals=shown,
            attention=[],
            read_at=timezone.now(),
        )
    return _monitor_of(step, real, of_province, shown)


def at_work(real: list[YearStep], rehearsals: list[YearStep]) -> YearStep | None:
    """What deserves the page: what runs or waits for somebody, else what came last."""
    ended = (YearStep.State.DONE, YearStep.State.REFUSED)
    for step in (*reversed(real), *rehearsals):
        if step.state not in ended:
            return step
    return real[-1] if real else (rehearsals[0] if rehearsals else None)


def _monitor_of(
    step: YearStep, real: YearRun | None, of_province: list[YearStep], shown: list[YearStep]
) -> RunMonitor:
    year = step.run.year
    shards = list(step.shards.order_by("phase", "number"))
    slices = [shard for shard in shards if shard.phase == SLICES]
    columns = columns_of(step.name)
    counted = totals_of(step, place=area_of)
    rehearsed: ByPlace = {}
    expected: ByPlace = {}
    if step.rehearsed is not None:
        done = [shard.number for shard in slices if shard.state == State.DONE]
        expected = totals_of(step.rehearsed, place=area_of)
        rehearsed = (
            expected
            if len(done) == len(slices)
            else totals_of(step.rehearsed, numbers=done, place=area_of)
        )
    areas = _area_lines(step, columns, counted, expected)
    lines = step_lines(of_province, year, step)
    number = next((at for at, line in enumerate(lines, 1) if line.declared.name == step.name), None)
    total = _total_line(columns, counted, expected)
    return RunMonitor(
        year=year,
        run=real,
        step=step,
        declared=declared_step(step.name),
        number=number,
        lines=lines,
        progress=progress_of(
            step,
            shards,
            expected=every("persons")(altogether(expected.values())) if expected else None,
            now=timezone.now(),
        ),
        slices=slices,
        pieces=[shard for shard in shards if shard.phase != SLICES],
        columns=columns,
        areas=areas,
        total=total,
        compared=_compare(step, slices, columns, counted, rehearsed),
        rehearsals=shown,
        attention=[
            shard
            for shard in shards
            if shard.state in (State.FAILED, State.RETRY)
            or (shard.state == State.RUNNING and shard.attempts > 1)
        ],
        read_at=timezone.now(),
    )


def _area_lines(
    step: YearStep, columns: tuple[Column, ...], counted: ByPlace, expected: ByPlace
) -> list[AreaLine]:
    places = {area.pk: short_name_of(area) for area in pooling_areas(step.run.province_id)}
    codes = sorted({*counted, *expected} if (counted or expected) else places)
    return [
        _area_line(
            code,
            places.get(code, str(code)) if code else str(_("no place known")),
            columns,
            counted.get(code, {}),
            expected.get(code, {}) if expected else None,
        )
        for code in codes
    ]


def _area_line(
    code: int,
    name: str,
    columns: tuple[Column, ...],
    counted: ByItem,
    expected: ByItem | None,
) -> AreaLine:
    first, *others = cells_of(columns, counted)
    return AreaLine(
        code=code,
        name=name,
        first=first,
        cells=others,
        expected=None if expected is None else columns[0].of(expected),
        rows=every("persons")(counted),
    )


def _total_line(
    columns: tuple[Column, ...], counted: ByPlace, expected: ByPlace
) -> AreaLine | None:
    if not counted and not expected:
        return None
    rehearsed = altogether(expected.values()) if expected else None
    return _area_line(0, "", columns, altogether(counted.values()), rehearsed)


def _compare(
    step: YearStep,
    slices: list[StepShard],
    columns: tuple[Column, ...],
    counted: ByPlace,
    rehearsed: ByPlace,
) -> list[Compared]:
    """The slices that are done, beside the same slices of the rehearsal."""
    if step.rehearsed is None:
        return []
    done = sum(shard.state == State.DONE for shard in slices)
    real, before = altogether(counted.values()), altogether(rehearsed.values())
    return [
        Compared(_("slices"), COUNT, done, done),
        *(
            Compared(column.label, column.kind, column.of(before), column.of(real))
            for column in columns
        ),
    ]


# The calendar -------------------------------------------------------------------------------------


def steps_of(year: int) -> list[YearStep]:
    """The last real run and the last rehearsal of each step of the province for a year, in the
    order of their start: some steps run every day.
    """
    steps = YearStep.objects.filter(run__year=year, area=None).select_related("run")
    newest = steps.order_by("run__mode", "name", "-pk").distinct("run__mode", "name")
    return sorted(newest, key=lambda step: step.pk)


def to_sign(steps: Iterable[YearStep]) -> list[YearStep]:
    """Finished rehearsals that wait for a signature: of a year's steps the newest of each."""
    newest: dict[str, YearStep] = {}
    for step in steps:
        if step.run.is_rehearsal:
            newest[step.name] = step
        else:
            newest.pop(step.name, None)
    return [
        step
        for step in newest.values()
        if step.state == YearStep.State.DONE and step.signed_at is None
    ]


__all__ = [
    "RunMonitor",
    "declared_step",
    "monitor",
    "steps_of",
    "to_sign",
]
