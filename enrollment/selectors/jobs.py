"""The calendar of a benefit year as a timeline: what each step was to do, did, and does next.

Read from the run ledger alone. Runs of a daily step are joined where they follow each other in one
state, so that a year has few of them on screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from enrollment.declarations import Step
from enrollment.models import StepShard, YearRun, YearStep
from enrollment.rules.timetable import Axis, Plan
from enrollment.selectors.monitor import StepLine, step_lines

NARROWEST = 12.0  # of a mark, so that one day of seventeen months is seen

TROUBLE = (YearStep.State.FAILED, YearStep.State.REFUSED)

_RUNS = """
SELECT name, state, min("on"), max("on"), count(*)
  FROM (SELECT s.name, s.state, s."on",
               s."on" - dense_rank() OVER (PARTITION BY s.name, s.state ORDER BY s."on")::int
                   AS row_of
          FROM year_step s JOIN year_run r ON r.id = s.run_id
         WHERE r.year = %(year)s AND r.mode = 'real' AND s.area IS NULL) joined
 GROUP BY name, state, row_of
 ORDER BY name, min("on"), state
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days beside each other on which the runs of a step came to one state."""

    first: date
    last: date
    state: str
    times: int
    x: float
    width: float

    @property
    def look(self) -> str:
        """Done, failed or at work; paused is at work."""
        if self.state == YearStep.State.DONE:
            return "done"
        return "failed" if self.state in TROUBLE else "running"


@dataclass(frozen=True, slots=True)
class Job:
    """A step in its year. `plan` is None where the law names no days, and `refusal` says so."""

    line: StepLine
    plan: Plan | None
    refusal: str
    due: list[tuple[float, float]]  # where the plan lies on the axis
    runs: list[Stretch]
    times: int
    rehearsal: YearStep | None
    trouble: YearStep | None
    piece: StepShard | None
    next_on: date | None

    @property
    def to_sign(self) -> bool:
        """Whether a finished rehearsal waits for its signature."""
        return (
            self.rehearsal is not None
            and self.line.latest is None
            and self.rehearsal.state == YearStep.State.DONE
            and self.rehearsal.signed_at is None
        )

    @property
    def signed(self) -> YearStep | None:
        """The signed rehearsal that the last real run follows."""
        latest = self.line.latest
        return latest.rehearsed if latest is not None else None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A benefit year: its axis, today on it, its steps in order."""

    year: int
    run: YearRun | None
    axis: Axis
    today: float | None
    jobs: list[Job]

    @property
    def in_trouble(self) -> int:
        """How many steps need somebody now."""
        return sum(
            job.refusal != "" or (job.line.latest is not None and job.line.latest.state in TROUBLE)
            for job in self.jobs
        )


def timeline_of(
    year: int, *, on: date, plans: Mapping[str, Plan], refusals: Mapping[str, str]
) -> Timeline:
    """The timeline of a year, seen from a day. Five queries, whatever the year did."""
    run = YearRun.objects.filter(year=year, mode=YearRun.Mode.REAL).first()
    axis = Axis.of_year(year)
    runs = _runs(year, axis)
    latest, rehearsals = _latest(year)
    lines = step_lines(latest.values(), year, None)
    troubles = _troubles(year)
    pieces = _pieces([step.pk for step in latest.values()])
    past = run is not None and run.from_history
    jobs = []
    for line in lines:
        name, plan = line.declared.name, plans.get(line.declared.name)
        ran = line.latest.on if line.latest else None
        jobs.append(
            Job(
                line=line,
                plan=plan,
                refusal=refusals.get(name, ""),
                due=[] if plan is None else _due(plan, axis, once=_is_once(line.declared)),
                runs=runs.get(name, []),
                times=sum(each.times for each in runs.get(name, [])),
                rehearsal=rehearsals.get(name),
                trouble=troubles.get(name),
                piece=pieces.get(line.latest.pk) if line.latest else None,
                next_on=None if past or plan is None else plan.next_after(ran, on),
            )
        )
    return Timeline(year, run, axis, axis.at(on) if axis.has(on) else None, jobs)


def _is_once(declared: Step) -> bool:
    return not declared.daily and declared.rounds is None


def _due(plan: Plan, axis: Axis, *, once: bool) -> list[tuple[float, float]]:
    """Where the plan lies: a band of days that are all asked for, else a mark a beginning."""
    if plan.daily:
        (first, last), *_others = plan.begins
        return [_placed(axis, first, last)]
    begins = plan.begins[:1] if once else plan.begins
    return [_placed(axis, first, first) for first, _last in begins if axis.has(first)]


def _placed(axis: Axis, first: date, last: date) -> tuple[float, float]:
    """Left edge and width of the days from first to last."""
    left = axis.at(first)
    right = axis.at(date.fromordinal(last.toordinal() + 1))
    return left, round(max(right - left, NARROWEST), 2)


def _runs(year: int, axis: Axis) -> dict[str, list[Stretch]]:
    """Real runs for the province by step, those that follow each other in one state as one."""
    found: dict[str, list[Stretch]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, {"year": year})
        for name, state, first, last, times in cursor.fetchall():
            x, width = _placed(axis, first, last)
            found.setdefault(name, []).append(Stretch(first, last, state, times, x, width))
    return found


def _latest(year: int) -> tuple[dict[str, YearStep], dict[str, YearStep]]:
    """The last real run and the last rehearsal of each step, for the province."""
    steps = (
        YearStep.objects.filter(run__year=year, area=None)
        .select_related("run", "signed_by", "rehearsed__signed_by", "rehearsed__run")
        .order_by("run__mode", "name", "-pk")
        .distinct("run__mode", "name")
    )
    real: dict[str, YearStep] = {}
    rehearsed: dict[str, YearStep] = {}
    for step in steps:
        (rehearsed if step.run.is_rehearsal else real)[step.name] = step
    return real, rehearsed


def _troubles(year: int) -> dict[str, YearStep]:
    """The last run of each step that stopped, real or rehearsed, as its reason was recorded."""
    stopped = (
        YearStep.objects.filter(run__year=year, state__in=TROUBLE)
        .select_related("run")
        .order_by("name", "-pk")
        .distinct("name")
    )
    return {step.name: step for step in stopped}


def _pieces(steps: list[int]) -> dict[int, StepShard]:
    """Of each of these runs the last piece that failed and is tried again, or was."""
    again = (
        StepShard.objects.filter(step__in=steps, attempts__gt=1)
        .order_by("step_id", "-started_at")
        .distinct("step_id")
    )
    return {piece.step_id: piece for piece in again}


__all__ = ["Job", "Stretch", "Timeline", "timeline_of"]
