"""A round of pushes as the step would have left it, for tests of what is done with it."""

from datetime import date
from typing import Any

from enrollment.models import Person, Push, StepDeadline, YearRun, YearStep

PUSHED, DUE = date(2026, 10, 15), date(2026, 11, 5)


def round_of(year: int, *areas: int) -> YearStep:
    """A round of a year that is on file, with the deadline of these areas."""
    step = YearStep.objects.create(
        run=YearRun.objects.get(year=year, mode=YearRun.Mode.REAL), name="chase", on=PUSHED,
        state="done", digest="0" * 64, finished_at="2026-10-15T10:00+08:00",
    )  # fmt: skip
    for area in areas:
        StepDeadline.objects.create(step=step, area=area, due_on=DUE)
    return step


def push(step: YearStep, person: Person, region: int, side: str = "one", **says: Any) -> Push:
    """Somebody on the list of a region, owing 400 yuan unless told otherwise."""
    told: dict[str, Any] = {"kind": "unpaid", "owed": 400}
    answer = {name: says.pop(name) for name in ("result", "told_on", "note") if name in says}
    row = Push.objects.create(
        step=step, year=step.run.year, pushed_on=PUSHED, due_on=DUE, person=person, region=region,
        side=side, name=person.name, id_mask=person.id_mask, birth_year=person.birth_date.year,
        shard=1, **told | says,
    )  # fmt: skip
    if answer.get("result"):  # an answer comes later than the push, and is counted then
        Push.objects.filter(pk=row.pk).update(**answer)
    return row
