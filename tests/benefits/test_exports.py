"""Standings that are given: who has a ceiling in a year that was assessed."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benefits.models import Standing
from enrollment.models import Person, YearRun, YearStep
from enrollment.rules.keys import yearly_key
from enrollment.selectors.calendar import business_date_is
from enrollment.services.exports import ExportRefused, export_file
from tests import cast
from tests.enrollment.test_imports import LI, WANG, ZHANG

HEADER = (
    "id_number,year,streak,broken_years_total,continuity_bonus,zero_claim_bonus,bonus_applied,"
    "penalty_applied,cap,fixed_months,variable_months,benefit_start"
)


@pytest.fixture(autouse=True)
def winter() -> Iterator[None]:
    with business_date_is(date(2027, 1, 2)):
        yield


def standing(whose: Person, year: int, **fields: Any) -> None:
    """A standing of a paid resident with a ceiling of 300 000 yuan, unless told otherwise."""
    Standing.objects.create(
        id=yearly_key(year=year, person_id=whose.pk),
        person=whose,
        region_id=whose.insured_region_id,
        county=whose.county,
        **{
            "cover": "R",
            "gap_years": 0,
            "streak": 2,
            "broken_years_total": 0,
            "continuity_bonus": 0,
            "continuity_gain": 0,
            "zero_claim_bonus": 0,
            "zero_claim_gain": 0,
            "zero_claim_cleared": 0,
            "base_cap": 300_000,
            "bonus_applied": 0,
            "penalty_applied": 0,
            "cap": 300_000,
            "paid_on": date(year - 1, 10, 5),
            "broken_years": 0,
            "fixed_months": 0,
            "variable_before": 0,
            "repaired_months": 0,
            "variable_months": 0,
            "benefit_start": date(year, 1, 1),
            **fields,
        },
    )


WITHOUT_CAP = {
    "base_cap": None,
    "bonus_applied": None,
    "penalty_applied": None,
    "cap": None,
    "paid_on": None,
    "broken_years": None,
    "fixed_months": None,
    "variable_before": None,
    "repaired_months": None,
    "variable_months": None,
    "benefit_start": None,
}


def assess(year: int, mode: str = "real", **fields: Any) -> None:
    """The run of a year with its step `assess`, done unless told otherwise."""
    run = YearRun.objects.create(year=year, province_id=340000000000, mode=mode)
    told = {"state": "done", "digest": "d", "finished_at": timezone.now(), **fields}
    YearStep.objects.create(run=run, name="assess", on=date(year, 1, 1), **told)


@pytest.fixture
def standings(db: None) -> None:
    """2027: 张三 and 王五 have a ceiling, 李四 broke off; 2026 has a row of 张三."""
    cast.law()
    zhang, li = cast.person("张三", number=1), cast.person("李四", number=2)
    wang = cast.person("王五", number=3, region=cast.JINGHU)
    with connection.cursor() as cursor:
        for year in (2026, 2027):
            cursor.execute("SELECT year_table_make('standing', %s)", [year])
    standing(
        wang,
        2027,
        streak=1,
        broken_years_total=1,
        penalty_applied=2500,
        cap="297500",
        fixed_months=3,
        variable_months=2,
        benefit_start=None,
    )
    standing(
        zhang,
        2027,
        streak=6,
        continuity_bonus=6000,
        zero_claim_bonus=3000,
        bonus_applied=Decimal("9000.00"),
        cap=309_000,
    )
    standing(li, 2027, cover="N", **WITHOUT_CAP)
    standing(zhang, 2026)


def exported(path: Path, **asked: Any) -> list[list[str]]:
    """The rows of the export, the header first."""
    count = export_file(kind="standings", path=path, **asked)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == count + 1
    return rows


def test_standings_have_a_row_for_everyone_with_a_ceiling(standings: None, tmp_path: Path) -> None:
    assess(2027)
    assert exported(tmp_path / "out.csv", year=2027) == [
        HEADER.split(","),
        [
            *(ZHANG, "2027", "6", "0", "6000.00", "3000.00", "9000.00", "0.00", "309000.00"),
            *("0", "0", "2027-01-01"),
        ],
        [
            *(WANG, "2027", "1", "1", "0.00", "0.00", "0.00", "2500.00", "297500.00"),
            *("3", "2", ""),
        ],
    ]


def test_standings_of_an_area_are_those_of_its_people(standings: None, tmp_path: Path) -> None:
    assess(2027)
    rows = exported(tmp_path / "out.csv", year=2027, area="340200")
    assert [row[0] for row in rows[1:]] == [WANG]
    assert LI not in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "running", "finished_at": None, "digest": ""},
        {"area": cast.HEFEI},
        {"mode": "rehearsal"},
    ],
)
def test_a_year_that_was_not_assessed_is_refused_by_name(
    standings: None, tmp_path: Path, fields: dict[str, Any]
) -> None:
    assess(2027, **fields)
    if "mode" in fields:
        YearRun.objects.create(year=2027, province_id=340000000000, mode=YearRun.Mode.REAL)
    with pytest.raises(ExportRefused, match="2027") as caught:
        exported(tmp_path / "out.csv", year=2027)
    assert caught.value.name == "year_not_assessed"
    assert not (tmp_path / "out.csv").exists()


def test_a_year_that_the_register_has_not_is_refused(standings: None, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused) as caught:
        exported(tmp_path / "out.csv", year=2030)
    assert caught.value.name == "unknown_year"


def test_the_command_gives_standings(standings: None, tmp_path: Path) -> None:
    assess(2026)
    path = tmp_path / "out.csv"
    call_command("export_file", "standings", "--year", "2026", "--out", str(path))
    assert path.read_text().splitlines()[0] == HEADER
    assert len(path.read_text().splitlines()) == 2
