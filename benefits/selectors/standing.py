"""Standings: which years have them, whose they are, and the law that they rest on."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from benefits.models import StandingTerms
from benefits.rules.cap import CapTerms
from benefits.rules.waiting import WaitingTerms
from benefits.selectors.repairs import GRACE_END, WINDOW
from enrollment.models import YearRun, YearStep
from enrollment.rules.dates import year_start
from enrollment.rules.keys import YEAR
from enrollment.rules.money import plain
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import pooling_area_of, scope_of
from enrollment.selectors.policy import PolicyBook, policy_book

STEP = "assess"
COUNT_FROM = "incentive.count_from"
CODES = {
    **WaitingTerms.codes(),
    **{name: code for name, code in CapTerms.codes().items() if code != COUNT_FROM},
    "base_cap": "cap.base",
}
# Every figure of the terms by the parameter that says it.
CODE_OF = {**CODES, "window_first": WINDOW, "window_last": WINDOW, "grace_end": GRACE_END}


def first_year() -> int:
    """First benefit year that has standings (皖医保发〔2024〕6号 一（二）: 自参加2025年度起).

    Raises MissingParameter where the province has not published it.
    """
    area = settings.PROVINCE // 10**6
    values = [v for v in policy_book([COUNT_FROM]).values.get(COUNT_FROM, []) if v.area == area]
    if not values:
        raise MissingParameter(COUNT_FROM, area, "resident", date(2025, 1, 1))
    return int(min(value.value for value in values))


def assessments() -> dict[int, YearStep]:
    """The province's own assessment of every year that has one, by year, in order."""
    done = YearStep.objects.filter(
        run__mode=YearRun.Mode.REAL, name=STEP, area=None, state=YearStep.State.DONE
    )
    return {step.run.year: step for step in done.select_related("run").order_by("run__year", "pk")}


def is_being_assessed() -> bool:
    """Whether a year is being assessed: who changes then is assessed again afterwards."""
    over = (YearStep.State.DONE, YearStep.State.REFUSED)
    running = YearStep.objects.filter(run__mode=YearRun.Mode.REAL, name=STEP)
    return running.exclude(state__in=over).exists()


def areas_of(*, year: int, area: int | None = None) -> list[int]:
    """Pooling areas where people are insured, or were billed for `year`, in order.

    Counties are found by jumps over the indexes (county, id), so the cost does not grow with the
    people.
    """
    first, last = scope_of(area) if area else (0, 999_999_999_999)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE of_person AS (
                (SELECT min(county) AS county FROM person)
                 UNION ALL
                SELECT (SELECT min(p.county) FROM person p WHERE p.county > c.county)
                  FROM of_person c WHERE c.county IS NOT NULL
            ), of_bill AS (
                (SELECT min(county) AS county FROM enrollment WHERE id >= %(low)s AND id < %(high)s)
                 UNION ALL
                SELECT (SELECT min(e.county) FROM enrollment e
                         WHERE e.id >= %(low)s AND e.id < %(high)s AND e.county > c.county)
                  FROM of_bill c WHERE c.county IS NOT NULL
            )
            SELECT DISTINCT pooling_area(county::bigint * 1000000) AS area
              FROM (SELECT county FROM of_person UNION SELECT county FROM of_bill) c
             WHERE county::bigint * 1000000 + 999999 >= %(first)s
               AND county::bigint * 1000000 <= %(last)s
             ORDER BY area
            """,
            {"low": year * YEAR, "high": (year + 1) * YEAR, "first": first, "last": last},
        )
        return [row[0] for row in cursor.fetchall()]


def areas_of_people(person_ids: Collection[int], year: int) -> set[int]:
    """Pooling areas of some people: where they are insured, and of their bill of `year`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT pooling_area(coalesce(e.region, p.insured_region))
              FROM person p
              LEFT JOIN enrollment e ON e.id = %(base)s + p.id
                                    AND e.id >= %(base)s AND e.id < %(base)s + 10000000000
             WHERE p.id = ANY(%(ids)s)
            """,
            {"base": year * YEAR + 10**11, "ids": list(person_ids)},
        )
        return {row[0] for row in cursor.fetchall()}


def terms_book() -> PolicyBook:
    """The published values that standings rest on."""
    return policy_book([*CODES.values(), WINDOW, GRACE_END])


def terms_of_areas(areas: Iterable[int], year: int) -> list[StandingTerms]:
    """What the law says for a year in some areas, in force on its 1 January, unsaved.

    Raises MissingParameter.
    """
    book = terms_book()
    return [_terms(book, area, year) for area in areas]


def _terms(book: PolicyBook, area: int, year: int) -> StandingTerms:
    on, place = year_start(year), pooling_area_of(area)
    found = {name: book.find(code, area=place, on=on) for name, code in CODES.items()}
    window = book.find(WINDOW, area=place, on=on)
    grace = book.find(GRACE_END, area=place, on=on)
    first, last = window.value.in_year(year)
    values: dict[str, Any] = {name: value.value for name, value in found.items()}
    sources = {name: book.source(value) for name, value in found.items()}
    return StandingTerms(
        area=area,
        window_first=first,
        window_last=last,
        grace_end=grace.value.in_year(year) if grace.value else None,
        **{**values, "exemptions": list(values["exemptions"])},
        sources={**sources, "window": book.source(window), "grace_end": book.source(grace)},
    )


def figures_of(terms: StandingTerms) -> dict[str, str]:
    """What the terms say, by field, written down exactly."""
    return {name: _written(getattr(terms, name)) for name in CODE_OF}


def _written(value: Any) -> str:
    # 0.2 of a file and 0.2000 of a row are one number
    return plain(value) if isinstance(value, Decimal) else str(value)
