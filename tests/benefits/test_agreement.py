"""Two evaluators, one law: made lives through the pure rules, and through files and `assess`.

Everyday some hundred lives a province, ten thousand with TONGCHOU_FULL=1; every column of every
row agrees.
"""

import csv
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benefits.models import Standing, StandingTerms
from benefits.selectors.standing import first_year, terms_of_areas
from config.parameters import ROOTS
from enrollment.models import Person, PolicyParameter
from enrollment.models.identity import digest
from enrollment.rules.identity import check_character
from enrollment.rules.keys import YEAR
from enrollment.selectors.calendar import business_date_is
from enrollment.services.imports import receive_file
from enrollment.services.policy import load_policies
from tests import turning
from tests.benefits.lives import FIRST, LAST, Life, as_stored, lives, said, settle_repairs
from tests.sizes import FULL

AT_ONCE, BATCHES = (100, 100) if FULL else (20, 10)
TODAY = date(LAST, 12, 31)
# A county of an area that reads the law as its province, and one whose readings are switched.
REGIONS = {
    "anhui": (340104000000, 341102000000, 340202000000),
    "sichuan": (510104000000, 510302000000, 510402000000),
}
SWITCHED = {
    "waiting.variable_offset": 0,
    "waiting.never_enrolled_counts": True,
    "waiting.count_missed_window_year": True,
    "waiting.floor_years": 3,
    "waiting.count_breaks_from": 2027,
    "waiting.fixed_months": 2,
    "incentive.streak_needed": 2,
    "collection.grace_end": "Y 02-end",
}
PROVINCES = {"anhui": 340000000000, "sichuan": 510000000000}


@pytest.mark.parametrize("province", PROVINCES)
def test_files_and_assess_say_of_every_life_what_the_rules_say(
    province: str, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    turning.province(monkeypatch, history=FIRST)
    monkeypatch.setattr(django_settings, "PROVINCE", PROVINCES[province])
    load_policies(provinces=[province], roots=ROOTS, with_examples=False)
    regions = REGIONS[province]
    _switch_readings(regions[-1])
    with business_date_is(TODAY):
        people = _made_lives(regions)
        _import(people, tmp_path)
        for year in range(first_year(), LAST + 1):
            assert turning.turn("assess", year=year, on=date(year, 1, 1)).state == "done"
        stored = _stored(people)
        _expect_variety()
    differences = [
        (life, year, expected, stored.get((life.number, year)))
        for life in people
        for year, expected in said(life, _terms, first_year()).items()
        if stored.pop((life.number, year), None) != expected
    ]
    assert not differences[:1]
    assert not stored, "rows of years that the rules say nothing about"


def _expect_variety() -> None:
    """Lives of every sort were made: an agreement on nothing would prove nothing."""
    rows = Standing.objects.all()
    for sort in (
        Q(fixed_months__gt=0),
        Q(variable_months__gt=0),
        Q(repaired_months__gt=0),
        Q(broken_years__gte=4),
        Q(zero_claim_cleared__gt=0),
        Q(continuity_gain__gt=0),
        Q(penalty_applied__gt=0),
        Q(benefit_start=None, cover="R"),
        Q(cover="R", cap__gt=F("base_cap")),
        ~Q(exemption=""),
        Q(cover="E"),
        Q(cover="N"),
    ):
        assert rows.filter(sort).exists(), sort


def _switch_readings(county: int) -> None:
    """One area reads what can be switched otherwise than its province."""
    for code, value in SWITCHED.items():
        row = PolicyParameter.objects.filter(code=code).order_by("-valid").first()
        assert row is not None
        row.pk, row.area_id, row.value, row.status = None, county // 10**8 * 10**8, value, "example"
        row.valid = DateRange(date(2025, 1, 1), None)
        row.save(force_insert=True)


def _made_lives(regions: tuple[int, ...]) -> list[Life]:
    """Lives as Hypothesis draws them, each with the repairs that a desk would have allowed."""
    found: list[Life] = []

    @settings(
        max_examples=BATCHES, database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(lives(regions), min_size=AT_ONCE, max_size=AT_ONCE))
    def draw(batch: list[Life]) -> None:
        found.extend(batch)

    draw()
    _terms.cache_clear()
    for number, life in enumerate(found, start=1):
        life.number = number
        settle_repairs(life, _terms)
    return found


@cache
def _terms(area: int, year: int) -> StandingTerms:
    return terms_of_areas([area], year)[0]


# Files --------------------------------------------------------------------------------------------


def _identity(life: Life) -> str:
    # The sequence has three digits: the county beside it makes more of them.
    first = f"{349000 + life.number // 1000:06d}{life.born:%Y%m%d}{life.number % 1000:03d}"
    return first + check_character(first)


def _import(people: list[Life], folder: Path) -> None:
    _load(folder, "people", _people(people))
    _load(folder, "history", _history(people))
    _load(folder, "categories", _categories(people))
    _load(folder, "claims", _claims(people))


def _load(folder: Path, kind: str, rows: Iterable[dict[str, Any]]) -> None:
    told = list(rows)
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(told[0]))
        writer.writeheader()
        writer.writerows(told)
    result = receive_file(kind=kind, path=path)
    assert (result.rejected, result.errors[:3]) == (0, [])
    assert result.inserted == result.read - result.unchanged


def _people(people: list[Life]) -> Iterable[dict[str, Any]]:
    for life in people:
        yield {
            "id_type": "resident_id",
            "id_number": _identity(life),
            "name": "张三",
            "sex": "M" if int(_identity(life)[16]) % 2 else "F",
            "birth_date": life.born,
            "household_region": life.region,
            "residence_region": life.region,
            "phone": "",
            "life_status": "alive",
            "died_on": "",
        }


def _history(people: list[Life]) -> Iterable[dict[str, Any]]:
    schemes = {"R": "resident", "E": "employee", "N": "none"}
    for life in people:
        for year in life.years:
            yield {
                "id_number": _identity(life),
                "year": year.number,
                "scheme": schemes[year.cover],
                "region": life.region,
                "paid_on": year.paid_on or "",
                "months": year.months,
                "repair_years": year.repair_years or "",
                "repair_paid_on": year.repair_paid_on or "",
            }


def _categories(people: list[Life]) -> Iterable[dict[str, Any]]:
    for life in people:
        if life.exemption:
            yield {
                "id_number": _identity(life),
                "category": life.exemption,
                "valid_from": life.exempt_from,
                "valid_to": life.exempt_until or "",
                "source": "civil_affairs",
            }


def _claims(people: list[Life]) -> Iterable[dict[str, Any]]:
    for life in people:
        for year in life.years:
            if not year.pooled + year.major:
                continue
            yield {
                "claim_number": f"C{life.number}-{year.number}",
                "id_number": _identity(life),
                "settled_on": date(year.number, 12, 31),
                "kind": "inpatient",
                "provider": "H34010000001",
                "total": year.pooled + year.major + 1,
                "in_policy": year.pooled + year.major,
                "fund_paid": year.pooled,
                "major_illness_paid": year.major,
                "assistance_paid": 0,
            }


def _stored(people: list[Life]) -> dict[tuple[int, int], Any]:
    by_digest = {digest(_identity(life)): life.number for life in people}
    numbers = {pk: by_digest[known] for pk, known in Person.objects.values_list("pk", "id_digest")}
    return {
        (numbers[row.person_id], row.id // YEAR): as_stored(row)
        for row in Standing.objects.all().iterator()
    }
