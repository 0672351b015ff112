"""Assessing standings: the law a year rests on, and people whose facts changed, once more."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from benefits.models import StandingTerms
from benefits.selectors.standing import (
    CODE_OF,
    STEP,
    areas_of,
    areas_of_people,
    assessments,
    figures_of,
    is_being_assessed,
    terms_of_areas,
)
from enrollment.declarations import ChangeTaker, TermsSource, steps
from enrollment.models import Change, YearRun, YearStep
from enrollment.rules.keys import EMPLOYEE, RESIDENT, yearly_key
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.bills import years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.services import shards
from enrollment.services.refusals import StepRefused

SQL = Path(__file__).resolve().parent.parent / "sql"
AGAIN = SQL / "assess_again.sql"
SLOTS = range(10)


def write_terms(step: YearStep) -> str:
    """Keep what the law says for every area with people; returns its digest. Raises StepRefused."""
    rows = _terms(areas_of(year=step.run.year, area=step.area), step)
    StandingTerms.objects.bulk_create(rows)
    return _digest(rows)


def changed_terms(step: YearStep) -> list[tuple[str, int, Any, Any]]:
    """(code, area, then, now) of every figure that the law says otherwise now."""
    then = {row.area: figures_of(row) for row in StandingTerms.objects.filter(step=step)}
    now = {row.area: figures_of(row) for row in _terms(then, step)}
    return [
        (CODE_OF[name], area, figures[name], now[area][name])
        for area, figures in sorted(then.items())
        for name in sorted(figures)
        if figures[name] != now[area][name]
    ]


def _terms(areas: Iterable[int], step: YearStep) -> list[StandingTerms]:
    """What the law says for a step, unsaved. Raises StepRefused `missing_parameter`."""
    try:
        rows = terms_of_areas(areas, step.run.year)
    except MissingParameter as error:
        raise StepRefused(
            "missing_parameter", str(error), code=error.code, area=error.area, on=str(error.on)
        ) from error
    for row in rows:
        row.step = step
    return rows


def _digest(rows: Iterable[StandingTerms]) -> str:
    told = sorted([row.area, sorted(figures_of(row).items())] for row in rows)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


TERMS = TermsSource(write=write_terms, changed=changed_terms)


# --- once more ------------------------------------------------------------------------------


def assess_again(changes: Sequence[Change]) -> None:
    """Assess the people of these changes again, by the step's own SQL, in every assessed year.

    The law is what each year's assessment rested on, so that a later value re-dates nothing.
    """
    people = sorted({change.person_id for change in changes})
    for year, step in assessments().items():
        _complete_terms(step, people)
        _assess(people, step, year)


def _complete_terms(step: YearStep, people: Collection[int]) -> None:
    """Terms of areas that had nobody when the year was assessed."""
    known = set(StandingTerms.objects.filter(step=step).values_list("area", flat=True))
    missing = areas_of_people(people, step.run.year) - known
    StandingTerms.objects.bulk_create(_terms(sorted(missing), step))


def _assess(people: Sequence[int], step: YearStep, year: int) -> None:
    declared = steps[STEP]
    skipped = shards.years_skipped(declared, year)
    before = [known for known in years_on_file() if known < year] if skipped is not None else []
    parameters = {
        **shards.parameters_of_year(step.run, on=business_date()),
        "step": step.pk,
        "terms": step.pk,
        "shard": None,
        "first": people[0],
        "last": people[-1],
        "area_first": shards.FIRST_REGION,
        "area_last": shards.LAST_REGION,
        "rehearse": False,
        "skipped": skipped,
        "among": list(people),
        "keys": _keys(people, (year,), schemes=(RESIDENT,)),
        "last_keys": _keys(people, (year - 1,), schemes=(RESIDENT,)),
        "spells": _keys(people, (year - 1, year), schemes=(EMPLOYEE,)),
        "earlier": _keys(people, before, schemes=(RESIDENT, EMPLOYEE)),
    }
    if declared.sql is None or declared.sequel is None:
        raise ValueError(f"step {declared.name} has no SQL")
    text = shards.sql_of(declared.sql).replace("{target}", "standing")
    with connection.cursor() as cursor:
        cursor.execute(text.replace("{again}", shards.sql_of(AGAIN)), parameters)
        # Few people by their keys; a hash join would read the whole year for them.
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        cursor.execute(shards.sql_of(declared.sequel), parameters)
        cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")


def _keys(people: Iterable[int], years: Iterable[int], *, schemes: Iterable[int]) -> list[int]:
    """Keys of the rows that these people may have in some years."""
    spells = [
        (scheme, slot) for scheme in schemes for slot in (SLOTS if scheme == EMPLOYEE else range(1))
    ]
    return [
        yearly_key(year=year, person_id=person, scheme=scheme, slot=slot)
        for year in years
        for person in people
        for scheme, slot in spells
    ]


def ready() -> bool:
    """Whether nothing is being assessed; holds off those who would begin until we commit."""
    with transaction.atomic():
        real = YearRun.objects.filter(mode=YearRun.Mode.REAL).order_by("pk")
        list(real.select_for_update(no_key=True).values_list("pk"))
    return not is_being_assessed()


TAKER = ChangeTaker(name=STEP, take=assess_again, ready=ready)
