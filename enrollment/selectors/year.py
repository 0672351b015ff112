"""What the run ledger says: needs, progress, reports, digests."""

import hashlib
import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.contrib.postgres.aggregates import BitXor
from django.db import connection
from django.db.models import Count, Q, Sum

from enrollment.models import Region, StepShard, YearRun, YearStep
from enrollment.rules.keys import PERSON_LIMIT, RESIDENT, SCHEME, YEAR
from enrollment.rules.regions import scope_of
from enrollment.selectors.policy import SUBSIDISED
from enrollment.selectors.totals import FIELDS, totals_in, totals_rows

MONEY = ("standard", "subsidy", "payable", "paid")


def needs_of_terms(*, year: int, on: date, area: int | None) -> dict[int, list[str]]:
    """Pooling areas with people, and the subsidised categories a resident there holds on a day.

    A person is of the area where he is insured now, and of the area of his bill of the year, which
    stays where it was made. Counties are found by jumps over the index (county, id), so the cost
    does not grow with the people; holders are read from the categories.
    """
    first, last = scope_of(area) if area else (0, 999_999_999_999)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE counties AS (
                (SELECT min(county) AS county FROM person)
                 UNION ALL
                SELECT (SELECT min(p.county) FROM person p WHERE p.county > c.county)
                  FROM counties c WHERE c.county IS NOT NULL
            ), areas AS (
                SELECT DISTINCT pooling_area(county::bigint * 1000000) AS area
                  FROM counties
                 WHERE county::bigint * 1000000 + 999999 >= %(first)s
                   AND county::bigint * 1000000 <= %(last)s
            ), holder AS (
                SELECT c.person_id, c.category
                  FROM person_category c
                 WHERE c.valid @> %(on)s::date AND c.qualified AND c.category = ANY(%(wanted)s)
            ), held AS (
                SELECT pooling_area(p.insured_region) AS area, h.category
                  FROM holder h JOIN person p ON p.id = h.person_id
                 WHERE p.insured_region BETWEEN %(first)s AND %(last)s
                   AND p.scheme = %(resident)s
                   AND (p.died_on IS NULL OR p.died_on > %(on)s)
                   AND (p.left_on IS NULL OR p.left_on > %(on)s)
                 UNION
                SELECT pooling_area(e.region), h.category
                  FROM holder h JOIN enrollment e ON e.id = %(base)s + h.person_id
                 WHERE e.id >= %(base)s AND e.id < %(base)s + %(limit)s
                   AND e.region BETWEEN %(first)s AND %(last)s
                   AND e.ended_on IS NULL
            )
            SELECT area, array_remove(array_agg(h.category ORDER BY h.category), NULL)
              FROM areas a FULL JOIN held h USING (area)
             WHERE area IS NOT NULL
             GROUP BY area ORDER BY area
            """,
            {
                "first": first,
                "last": last,
                "on": on,
                "wanted": list(SUBSIDISED),
                "base": year * YEAR + RESIDENT * SCHEME,
                "limit": PERSON_LIMIT,
                "resident": RESIDENT,
            },
        )
        return dict(cursor.fetchall())


def totals_by_county(step: YearStep) -> list[dict[str, Any]]:
    """Control totals of a step by county and item: persons, yuan, hash; slices added up."""
    sums = {f"sum_{name}": Sum(name) for name in FIELDS}
    rows = totals_rows(step).values("county", "item")
    found = rows.annotate(**sums, hash=BitXor("output_hash"))
    # in an order that no collation changes: the digest is told in it
    return [
        {
            "county": row["county"],
            "item": row["item"],
            **asdict(totals_in(row)),
            "hash": row["hash"],
        }
        for row in sorted(found, key=itemgetter("county", "item"))
    ]


def report_digest(step: YearStep) -> str:
    """SHA-256 of what a step computed and under which terms, however it was cut into shards."""
    told = {
        "step": step.name,
        "year": step.run.year,
        "on": str(step.on),
        "area": step.area,
        "terms": step.terms_digest,
        "totals": [
            [
                row["county"],
                row["item"],
                row["persons"],
                *(f"{row[m]:.2f}" for m in MONEY),
                row["hash"],
            ]
            for row in totals_by_county(step)
        ],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def progress_of(step: YearStep) -> dict[str, Any]:
    """Shards and rows of a step: total, done, running, failed, and the time since its first."""
    state = StepShard.State
    return step.shards.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=state.DONE)),
        running=Count("pk", filter=Q(state=state.RUNNING)),
        retry=Count("pk", filter=Q(state=state.RETRY)),
        failed=Count("pk", filter=Q(state=state.FAILED)),
        slices=Count("pk", filter=Q(phase=0)),
        slices_done=Count("pk", filter=Q(phase=0, state=state.DONE)),
        rows=Sum("rows"),
    )


def report_of(step: YearStep) -> dict[str, Any]:
    """The report of a step: digest, totals by item, by city and by city and item.

    Money is decimal strings in yuan. Cities are four digits filled up to twelve.
    """
    totals = totals_by_county(step)
    names = dict(Region.objects.filter(level=Region.Level.CITY).values_list("code", "name"))
    return {
        "step": step.name,
        "year": step.run.year,
        "on": str(step.on),
        "area": step.area,
        "mode": step.run.mode,
        "state": step.state,
        "digest": step.digest,
        "terms_digest": step.terms_digest,
        "refusal": step.refusal,
        "rows": sum(row["persons"] for row in totals),
        "shards": step.shards.filter(phase=0).count(),
        "seconds": _seconds(step),
        "by_item": _added(totals, lambda row: row["item"], "item"),
        "by_city": [
            row | {"name": names.get(row["city"], "")}
            for row in _added(totals, lambda row: row["county"] // 100 * 10**8, "city")
        ],
        "by_city_and_item": _added(
            totals, lambda row: (row["county"] // 100 * 10**8, row["item"]), "city_item"
        ),
    }


def _seconds(step: YearStep) -> float | None:
    if step.finished_at is None:
        return None
    return round((step.finished_at - step.started_at).total_seconds(), 3)


def _added(totals: list[dict[str, Any]], key: Any, name: str) -> list[dict[str, Any]]:
    sums: dict[Any, dict[str, Any]] = {}
    for row in totals:
        into = sums.setdefault(key(row), {"persons": 0, **dict.fromkeys(MONEY, Decimal(0))})
        into["persons"] += row["persons"]
        for money in MONEY:
            into[money] += row[money]
    result = []
    for found in sorted(sums):
        row = sums[found]
        told = {money: f"{row[money]:.2f}" for money in MONEY}
        keys = (
            dict(zip(("city", "item"), found, strict=True))
            if name == "city_item"
            else {name: found}
        )
        result.append({**keys, "persons": row["persons"], **told})
    return result


def real_run(year: int) -> YearRun | None:
    """The real run of a benefit year, if there is one."""
    return YearRun.objects.filter(year=year, mode=YearRun.Mode.REAL).first()


def last_done(year: int, name: str) -> YearStep | None:
    """The province's latest finished run of a step."""
    return (
        YearStep.objects.filter(
            run__year=year,
            run__mode=YearRun.Mode.REAL,
            name=name,
            area=None,
            state=YearStep.State.DONE,
        )
        .order_by("-serial")
        .first()
    )
