"""What a synthetic province is drawn from besides its divisions: names, and the law by area."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from enrollment.models import Region
from enrollment.rules.names import initials_of, initials_of_given
from enrollment.rules.regions import scope_of
from enrollment.selectors.policy import (
    SUBSIDISED,
    TERM_CODES,
    PolicyBook,
    policy_book,
    terms_of_area,
)

NAMES = Path(__file__).resolve().parents[2] / "fixtures" / "names.csv"
GRACE_END = "collection.grace_end"
FIXED_MONTHS = "waiting.fixed_months"
VARIABLE_OFFSET = "waiting.variable_offset"
COUNT_BREAKS_FROM = "waiting.count_breaks_from"


@dataclass(frozen=True, slots=True)
class Waits:
    """The waiting rule of the province: months, broken years that add none, first year counted."""

    fixed_months: int
    variable_offset: int
    count_breaks_from: int


def load_names(cursor: Any) -> None:
    """Fill seed_name with the weighted surnames and characters, each with its pinyin initials."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        rows = [
            (
                row["kind"],
                row["value"],
                int(row["weight"]),
                (initials_of if row["kind"] == "surname" else initials_of_given)(row["value"]),
            )
            for row in csv.DictReader(file)
        ]
    _copy(cursor, "seed_name", rows)


def load_law(cursor: Any, province: int, years: Sequence[int]) -> Waits:
    """Fill seed_terms, seed_quota and seed_wait for every pooling area; the last year is to come.

    Raises MissingParameter, QuotaOutOfRange: an example that is not there is not made up here.
    """
    shares = [f"subsidy.{kind}.{name}" for kind in ("quota", "range") for name in SUBSIDISED]
    waiting = [FIXED_MONTHS, VARIABLE_OFFSET, COUNT_BREAKS_FROM]
    book = policy_book([*TERM_CODES, GRACE_END, *waiting, *shares])
    areas = Region.objects.filter(is_pooling_area=True, code__range=scope_of(province))
    terms: list[tuple[Any, ...]] = []
    quotas: list[tuple[Any, ...]] = []
    for area in areas.values_list("code", flat=True):
        for year in years:
            found = terms_of_area(area, year, book=book)
            grace = _value(book, GRACE_END, area, year)
            terms.append(
                (
                    year,
                    area,
                    found.standard,
                    found.window_first,
                    found.window_last,
                    None if grace is None else grace.in_year(year),
                )
            )
            quotas += [(year, area, category, sum_) for category, sum_ in found.quotas.items()]
    # The rule as it will stand: what the years before it had is not on file.
    waits = Waits(*(_value(book, code, province, years[-1]) for code in waiting))
    _copy(cursor, "seed_terms", terms)
    _copy(cursor, "seed_quota", quotas)
    _copy(cursor, "seed_wait", waits_of(years, waits.count_breaks_from))
    return waits


def waits_of(years: Sequence[int], count_from: int) -> Iterator[tuple[int, int, int, int]]:
    """(year, gaps, gaps counted, broken years right before the year) for every pattern of gaps.

    `gaps` has a bit for each past year, the first one lowest. A break needs cover before it: who
    never had any has broken nothing (皖医保发〔2024〕6号 一（二）: 未连续参保).
    """
    past = years[:-1]
    for year in years:
        for gaps in range(1 << len(past)):
            before = [(y, bool(gaps >> n & 1)) for n, y in enumerate(past) if y < year]
            broken = 0
            while broken < len(before) and before[-1 - broken][1]:
                broken += 1
            counted = sum(y >= count_from for y, _gap in before[len(before) - broken :])
            yield year, gaps, gaps.bit_count(), 0 if broken == len(before) else counted


def _value(book: PolicyBook, code: str, area: int, year: int) -> Any:
    return book.find(code, area=area, on=date(year, 1, 1)).value


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)
