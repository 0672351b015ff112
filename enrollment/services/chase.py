"""The step `chase`: when its rounds are, and until when each area answers.

皖医保发〔2024〕6号 二（三）: the lists of the uninsured are pushed down, checked and answered.
"""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from enrollment.declarations import TermsSource
from enrollment.models import StepDeadline, YearStep
from enrollment.rules.dates import year_start
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.policy import PolicyBook, policy_book
from enrollment.selectors.totals import pooling_areas
from enrollment.selectors.workdays import work_calendar
from enrollment.services.refusals import StepRefused

FIRST, EVERY, TERM, WINDOW = (
    "chase.first_round",
    "chase.round_every",
    "chase.feedback_working_days",
    "collection.window",
)


def rounds_of(year: int) -> list[tuple[date, date]]:
    """The rounds of a benefit year: the day each is pushed on, and the last on which it may begin.

    A round that nobody began on its day is caught up with until the next one comes; none begins on
    the last day of the payment period. Raises StepRefused `missing_parameter`.
    """
    book, province = policy_book([FIRST, EVERY, WINDOW]), settings.PROVINCE
    first, every, window = (
        _found(book, code, province, year_start(year)) for code in (FIRST, EVERY, WINDOW)
    )
    day, last = first.value.in_year(year), window.value.in_year(year)[1]
    days = []
    while day < last:
        days.append(day)
        day += timedelta(days=max(every.value, 1))
    return [
        (day, min(following, last) - timedelta(days=1))
        for day, following in zip(days, [*days[1:], last], strict=True)
    ]


def _found(book: PolicyBook, code: str, area: int, on: date) -> Any:
    try:
        return book.find(code, area=area, on=on)
    except MissingParameter as error:
        raise StepRefused(
            "missing_parameter", str(error), code=error.code, area=error.area, on=str(error.on)
        ) from error


def _deadlines(step: YearStep) -> list[StepDeadline]:
    """Until when every area of the province answers, as the published law has it now, unsaved."""
    book = policy_book([TERM])
    found = []
    for area in pooling_areas(step.run.province_id):
        term = _found(book, TERM, area.code, step.on)
        due = work_calendar(area.code).add_working_days(step.on, term.value)
        found.append(StepDeadline(area=area.code, due_on=due, sources=book.source(term)))
    return found


def _digest(deadlines: list[StepDeadline]) -> str:
    told = sorted([each.area, str(each.due_on)] for each in deadlines)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def write_deadlines(step: YearStep) -> str:
    """Keep the deadline of every area with the step; returns their digest. Raises StepRefused."""
    deadlines = _deadlines(step)
    for each in deadlines:
        each.step = step
    StepDeadline.objects.bulk_create(deadlines)
    return _digest(deadlines)


def changed_deadlines(step: YearStep) -> list[tuple[str, int, Any, Any]]:
    """(code, area, then, now) of every deadline that the law puts otherwise now."""
    then = dict(step.deadlines.values_list("area", "due_on"))
    now = {each.area: each.due_on for each in _deadlines(step)}
    return [
        (TERM, area, then.get(area), now.get(area))
        for area in sorted({*then, *now})
        if then.get(area) != now.get(area)
    ]


TERMS = TermsSource(write=write_deadlines, changed=changed_deadlines)


def fold() -> int:
    """One row a township and one a county and day again. Returns the keys folded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fold_pushes()")
        return int(cursor.fetchone()[0])


__all__ = ["TERMS", "changed_deadlines", "fold", "rounds_of", "write_deadlines"]
