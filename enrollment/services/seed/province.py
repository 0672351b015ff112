"""Seeding from request to totals, batch by batch, so that memory and what is staged stay bounded.

Plain values are drawn in SQL (enrollment/sql/seed/). Only sealing happens in Python (`sealing`),
beside the database's work. Everything is one transaction on one connection: a
register is seeded or empty.
"""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop
from psycopg import sql

from enrollment.models import Enrollment, Person, Receipt, YearRun
from enrollment.rules.keys import EMPLOYEE, RESIDENT, SCHEME, YEAR
from enrollment.rules.regions import fill_code, scope_of
from enrollment.services.seed import lookups, postponed, sealing

SQL = Path(__file__).resolve().parents[2] / "sql" / "seed"
# Provinces whose divisions reach down to townships.
PROVINCES = {"anhui": "34"}
BATCH = 50_000
LARGEST = 100_000_000  # people; far beyond it the made-up counties of identity numbers run out
MOST_YEARS = 10

Progress = Callable[[int, int, float], None]  # people done, people in all, seconds


class SeedRefused(Exception):
    """A named refusal; nothing was written. `told` is an English msgid for its `details`."""

    def __init__(self, name: str, told: str, **details: Any) -> None:
        self.name, self.told, self.details = name, told, details
        super().__init__(f"{name}: {told % details}")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made. `history` counts the rows of both schemes by year."""

    people: int
    categories: int
    history: dict[int, int]
    receipts: int
    seconds: float
    people_per_second: int

    def as_json(self) -> dict[str, Any]:
        """The totals under the keys of the command's JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for; `province` is a 12-digit code."""

    province: int
    people: int
    years: range
    seed: int

    @property
    def coming(self) -> int:
        """The year to be opened, which has receipts and no bills yet."""
        return self.years[-1] + 1


def seed_province(
    *,
    province: str,
    people: int,
    first_year: int,
    last_year: int,
    seed: int = 1,
    progress: Progress | None = None,
) -> Seeded:
    """Fill an empty register with `people` synthetic people of a province and their past years.

    The year after `last_year` gets receipts and no bills: it is the year to open. Divisions and
    parameters, examples included, must be published. The same seed and number of people give the
    same plain values and keys; sealed values differ each time.

    Raises SeedRefused: unknown_province, people_out_of_range, years_out_of_order,
    register_not_empty, divisions_missing. Raises MissingParameter, QuotaOutOfRange.
    """
    check_request(province=province, people=people, first_year=first_year, last_year=last_year)
    started = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        # Nobody registers people between the look at the register and its filling.
        cursor.execute("LOCK TABLE person, receipt, year_run IN ACCESS EXCLUSIVE MODE")
        _refuse_people()
        years = range(first_year, last_year + 1)
        seeding = _Seeding(cursor, _Request(fill_code(PROVINCES[province]), people, years, seed))
        seeding.prepare()
        with ThreadPoolExecutor(max_workers=1) as sealer:
            for first in range(1, people + 1, BATCH):
                last = min(first + BATCH - 1, people)
                seeding.batch(first, last, sealer)
                if progress:
                    progress(last, people, time.monotonic() - started)
            seeding.write_sealed()
        seeding.finish()
    _gather_statistics(people)
    seconds = time.monotonic() - started
    return Seeded(
        people=people,
        categories=seeding.categories,
        history=seeding.history,
        receipts=seeding.receipts,
        seconds=round(seconds, 2),
        people_per_second=round(people / seconds),
    )


def check_request(*, province: str, people: int, first_year: int, last_year: int) -> None:
    """Raises SeedRefused where the request makes no sense, or the register has people already."""
    if province not in PROVINCES:
        raise SeedRefused(
            "unknown_province",
            gettext_noop("%(province)s cannot be seeded; use %(known)s"),
            province=province,
            known=", ".join(PROVINCES),
        )
    if not 1 <= people <= LARGEST:
        raise SeedRefused(
            "people_out_of_range",
            gettext_noop("%(people)d people; use 1 to %(most)d"),
            people=people,
            most=LARGEST,
        )
    if not first_year <= last_year < first_year + MOST_YEARS:
        raise SeedRefused(
            "years_out_of_order",
            gettext_noop("%(first)d to %(last)d; use at most %(most)d years, first year first"),
            first=first_year,
            last=last_year,
            most=MOST_YEARS,
        )
    _refuse_people()


def _refuse_people() -> None:
    for model in (Person, Enrollment, Receipt, YearRun):
        if model._default_manager.exists():
            raise SeedRefused(
                "register_not_empty",
                gettext_noop("%(table)s has rows already; only an empty register is seeded"),
                table=model._meta.db_table,
            )


def _gather_statistics(people: int) -> None:
    """Frozen rows, visibility and statistics, as after the run's own filling of a year."""
    tables = "person, person_category, enrollment, receipt"
    # A sample has 300 rows a step, whatever the size: a small register does with a coarser one.
    target = min(100, max(10, people // 5_000))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('default_statistics_target', %s, false)", [str(target)])
        if connection.in_atomic_block:
            cursor.execute(f"ANALYZE {tables}")
        else:
            cursor.execute(f"VACUUM (FREEZE, ANALYZE) {tables}")
        cursor.execute("RESET default_statistics_target")


class _Seeding:
    """One seeding under way: the cursor of its transaction and what has been counted so far."""

    def __init__(self, cursor: Any, request: _Request) -> None:
        self.cursor = cursor
        self.request = request
        self.categories = self.receipts = 0
        self.history = dict.fromkeys(request.years, 0)
        self.tables: dict[int, str] = {}
        self.sealed: Future[list[bytes]] | None = None
        first_year, last_year = request.years[0], request.years[-1]
        self.values: dict[str, Any] = {
            "salt": request.seed * 1_000_000,
            "people": request.people,
            "province": request.province,
            "province_last": scope_of(request.province)[1],
            "first_year": first_year,
            "last_year": last_year,
            "first_day": date(first_year, 1, 1),
            "last_day": date(last_year, 12, 31),
            "years": len(request.years),
            "all_years": (1 << len(request.years)) - 1,
            "coming": request.coming,
            "coming_start": date(request.coming, 1, 1),
            "opened_on": date(last_year, 9, 1),
            # a receipt number: province, year, ten digits of the person, one of the copy
            "number_base": (request.province // 10**10 * 10_000 + request.coming) * 10**11,
        }

    def run(self, name: str, *, table: str | None = None, **values: Any) -> int:
        """Run a file of enrollment/sql/seed; returns the rows of its last statement."""
        text = (SQL / f"{name}.sql").read_text()
        if table is not None:
            quoted = sql.Identifier(table).as_string(self.cursor.connection)
            text = text.replace("{table}", quoted)
        self.cursor.execute(text, {**self.values, **values})
        return int(self.cursor.rowcount)

    def prepare(self) -> None:
        """Lookup tables, law, and a table under construction for each past year."""
        # What is deferred would be kept for every row until the end: check with each statement.
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Many small statements gain nothing from helpers, and rows keep the order of their numbers.
        self.cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        self.run("tables")
        lookups.load_names(self.cursor)
        years = (*self.request.years, self.request.coming)
        waits = lookups.load_law(self.cursor, self.request.province, years)
        self.values.update(fixed_months=waits.fixed_months, variable_offset=waits.variable_offset)
        self.run("pools")
        if not self._first("SELECT count(*) FROM seed_place"):
            raise SeedRefused(
                "divisions_missing",
                gettext_noop("the divisions of %(code)d have no townships"),
                code=self.request.province,
            )
        for year in self.request.years:
            self._drop_empty_year(year)
            self.tables[year] = self._first("SELECT year_table_create('enrollment', %s, 0)", year)
        self.postponed = postponed.put_off(self.cursor)

    def batch(self, first: int, last: int, sealer: Executor) -> None:
        """Everything about the people with numbers `first` to `last`, but writing their files.

        Sealing takes one core about as long as the database needs for all else, so the files of a
        batch are written while the next one is sealed.
        """
        self.cursor.execute("TRUNCATE seed_person, seed_category, seed_subsidy")
        self.run("people", first=first, last=last)
        staged = sealing.read_staged(self.cursor)
        being_sealed = sealer.submit(sealing.seal_rows, staged)
        self.write_sealed()
        self.sealed = being_sealed
        self._years()

    def write_sealed(self) -> None:
        """The files of the batch before, once they are sealed."""
        if self.sealed is not None:
            sealing.write_people(self.cursor, self.sealed.result())
            self.sealed = None

    def _years(self) -> None:
        """Categories, history and receipts of the staged batch."""
        self.run("categories")
        self.categories += self.run("register_categories", base=self.categories)
        # Guesses about unknown tables end in loops over loops.
        self.cursor.execute("ANALYZE seed_category")
        self.run("subsidies")
        self.cursor.execute("ANALYZE seed_subsidy")
        for year, table in self.tables.items():
            values = {
                "year": year,
                "year_start": date(year, 1, 1),
                "year_end": date(year, 12, 31),
                "base": year * YEAR + RESIDENT * SCHEME,
                "employee_base": year * YEAR + EMPLOYEE * SCHEME,
            }
            self.history[year] += self.run("residents", table=table, **values)
            self.history[year] += self.run("employees", table=table, **values)
        self.receipts += self.run("receipts")

    def finish(self) -> None:
        """Strangers' receipts, the years attached and noted as history, sequences, no staging."""
        self.receipts += self.run("strangers")
        postponed.catch_up(self.cursor, self.postponed)
        for year, table in self.tables.items():
            for column in ("id", "county", "region"):
                self.cursor.execute("SELECT year_table_index(%s, %s)", [table, column])
            self.cursor.execute("SELECT year_table_check(%s)", [table])
            self.cursor.execute("SELECT year_table_attach(%s)", [table])
            self.cursor.execute("SELECT sum_bills(%s)", [year])
            YearRun.objects.create(
                year=year,
                province_id=self.request.province,
                mode=YearRun.Mode.REAL,
                from_history=True,
                opened_on=date(year - 1, 9, 1),
                closed_on=date(year - 1, 12, 31),
                activated_on=date(year, 1, 1),
            )
        self.cursor.execute("SELECT sum_people()")
        for name in ("person", "person_category", "receipt"):
            self.cursor.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({name}, 'id'), max(id)) FROM {table}"
                    " HAVING max(id) IS NOT NULL"
                ).format(name=sql.Literal(name), table=sql.Identifier(name))
            )
        self.cursor.execute("DROP TABLE seed_person, seed_category, seed_subsidy")

    def _first(self, query: str, *values: Any) -> Any:
        self.cursor.execute(query, values)
        return self.cursor.fetchone()[0]

    def _drop_empty_year(self, year: int) -> None:
        """An attached year without rows gives way to the one that is filled apart."""
        name = f"enrollment_y{year}"
        if self._first("SELECT to_regclass(%s) IS NOT NULL", name):
            table = sql.Identifier(name)
            self.cursor.execute(sql.SQL("ALTER TABLE enrollment DETACH PARTITION {}").format(table))
            self.cursor.execute(sql.SQL("DROP TABLE {}").format(table))
