"""What the people of a synthetic province claimed in its past years; never real people.

Set-based and drawn from hashes, so that the same seed and number of people claim the same.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction

from enrollment.models import Region
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.keys import RESIDENT, SCHEME, YEAR
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.policy import policy_book

SQL = Path(__file__).resolve().parent.parent / "sql" / "seed"
CEILING = "cap.base"
GRAVE = 60  # of 65,536
STEP, COUNT_FROM = "incentive.step", "incentive.count_from"


def seed_claims(
    *, first_year: int, last_year: int, seed: int = 1, grave_per_65536: int = GRAVE
) -> int:
    """Write the claims of a register that was just seeded, year by year. Returns how many.

    `grave_per_65536` of those who claim are gravely ill in a year: some use their bonus up.
    """
    years = range(first_year, last_year + 1)
    with transaction.atomic():
        claims = sum(_claims_of(year, seed, grave_per_65536) for year in years)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE claim, claim_use")
    return claims


def _claims_of(year: int, seed: int, grave: int) -> int:
    areas = _areas(year)
    base = year * YEAR + RESIDENT * SCHEME
    with connection.cursor() as cursor:
        cursor.execute(
            (SQL / "claims.sql").read_text(),
            {
                "salt": seed * 1_000_000,
                "year": year,
                "grave": grave,
                "year_start": year_start(year),
                "year_end": year_end(year),
                "base": base,
                "earlier_base": base - YEAR,
                "first_key": base,
                "last_key": base + SCHEME,
                "areas": [area.code for area in areas],
                "ceilings": [area.ceiling for area in areas],
                "bonuses": [area.bonus for area in areas],
            },
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class _Area:
    """A pooling area: original ceiling of a year, and what a year without claims before it earned.

    Both in yuan.
    """

    code: int
    ceiling: Decimal
    bonus: Decimal


def _areas(year: int) -> list[_Area]:
    """The areas that had a ceiling in the year; in the others nobody is gravely ill."""
    book, on = policy_book([CEILING, STEP, COUNT_FROM]), year_start(year)
    found: list[_Area] = []
    for code in Region.objects.filter(is_pooling_area=True).values_list("code", flat=True):
        try:
            ceiling = book.find(CEILING, area=code, on=on).value
            step = book.find(STEP, area=code, on=on).value
            counts = year - 1 >= book.find(COUNT_FROM, area=code, on=on).value
        except MissingParameter:
            continue
        found.append(_Area(code, ceiling, step if counts else ZERO))
    return found
