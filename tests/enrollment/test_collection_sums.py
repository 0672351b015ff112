"""The sums of a collection are those of the register, whoever wrote; nobody edits them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from enrollment.models import (
    CollectionDay,
    CollectionTotal,
    Enrollment,
    PeopleTotal,
    Person,
)
from enrollment.services import collection
from enrollment.services.signing import sign
from tests import cast, turning
from tests.acts import at_once
from tests.test_verify import broken
from tests.turning import HEFEI, WUHU, YEAR, insured, receipt, someone, turn

CHECK = "the_collection_is_summed_by_township_and_day"
WANFO, VILLAGE = 340104003000, 340104003201  # a township of 蜀山, and a village in it


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def townships(year: int = YEAR) -> dict[tuple[int, str], tuple[Any, ...]]:
    """By township and category: billed, ended, insured, subsidised, insured of them; yuan."""
    names = ("billed", "ended", "insured", "subsidised", "subsidised_insured")
    sums = [Sum(name) for name in (*names, "subsidy", "payable", "paid")]
    rows = CollectionTotal.objects.filter(year=year).values_list("region", "category")
    return {row[:2]: row[2:] for row in rows.annotate(*sums) if any(row[2:])}


def days(year: int = YEAR) -> dict[tuple[int, date | None], tuple[Any, ...]]:
    """By county and day: insured, subsidised of them, yuan paid."""
    rows = CollectionDay.objects.filter(year=year).values_list("county", "day")
    sums = rows.annotate(Sum("insured"), Sum("subsidised_insured"), Sum("paid"))
    return {row[:2]: row[2:] for row in sums if any(row[2:])}


def people() -> dict[int, tuple[int, ...]]:
    """By township: habitual, hukou, employees, residents."""
    names = ("habitual", "hukou", "employees", "residents")
    rows = PeopleTotal.objects.values_list("region").annotate(*[Sum(name) for name in names])
    return {row[0]: row[1:] for row in rows if any(row[1:])}


def _season() -> None:
    """张三 pays, 李四 not; 王五 of a village is subsidised, 赵六 fully; 钱七 died in autumn."""
    folk = (
        someone("张三"),
        someone("李四", region=WUHU),
        someone("王五", "dibao", region=VILLAGE),
        someone("赵六", "extreme_poverty"),
        someone("钱七", died_on=date(2026, 10, 3)),
    )
    insured(*folk)
    receipt("R1", folk[0], 420)


def test_every_step_of_a_season_is_in_the_sums() -> None:
    _season()
    for step in ("open", "subsidise", "reconcile", "close", "activate"):
        turn(step)
        assert CHECK not in broken(), step

    money = Decimal("420.00")
    assert townships() == {
        (HEFEI, ""): (1, 1, 1, 0, 0, 0, money, money),
        (WUHU, ""): (1, 0, 0, 0, 0, 0, money, 0),
        (WANFO, "dibao"): (1, 0, 0, 1, 0, Decimal("378.00"), Decimal("42.00"), 0),
        (HEFEI, "extreme_poverty"): (1, 0, 1, 1, 1, money, 0, 0),
    }
    assert days() == {
        (340104, date(2026, 11, 20)): (1, 0, money),
        (340104, None): (1, 1, 0),
    }


def test_a_rehearsal_leaves_no_sums_and_its_signature_brings_them() -> None:
    _season()
    rehearsal = turn("open", rehearse=True)
    assert townships() == {}

    turning.finish(sign(digest=rehearsal.digest))

    assert sum(row[0] for row in townships().values()) == 5
    assert CHECK not in broken()


def test_slices_that_are_computed_again_are_summed_once() -> None:
    _season()
    rehearsal = turn("open", rehearse=True)
    Person.objects.filter(name="张三").update(died_on=date(2026, 8, 1))

    fresh = turning.finish(sign(digest=rehearsal.digest))  # a further rehearsal of the same table
    turning.finish(sign(digest=fresh.digest))

    assert sum(row[0] for row in townships().values()) == 4
    assert CHECK not in broken()


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(paid=20, paid_on=date(2026, 10, 2)),
        lambda rows: rows.update(region=WUHU, subsidy=400, payable=0),
        lambda rows: rows.update(ended_on=date(2026, 12, 1), ended_for="refunded"),
        lambda rows: rows.update(ended_on=date(2027, 2, 1), ended_for="deceased"),
        lambda rows: rows.delete(),
    ],
)
def test_whatever_is_written_to_bills_is_counted(write: Callable[[Any], Any]) -> None:
    cast.year(YEAR, closed=False)
    for name in ("张三", "李四"):
        cast.bill(someone(name), YEAR)
    write(Enrollment.objects.of_year(YEAR).filter(person__name="李四"))
    before = townships(), days()

    assert collection.fold() > 0

    assert (townships(), days()) == before
    assert CHECK not in broken()


def sum_much(keys: int, times: int) -> None:
    """Sums of made-up townships, each in several rows, as many slices leave them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_total (region, habitual, hukou, employees, residents)"
            " SELECT 340104000000 + k * 1000, 1, 0, 0, n FROM generate_series(1, %s) k,"
            " generate_series(1, %s) n ORDER BY n, k",
            [keys, times],
        )


def sizes() -> tuple[int, int]:
    """Rows of the sums of people, and blocks of their indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM people_total), pg_indexes_size('people_total') / 8192"
        )
        rows, blocks = cursor.fetchone()
    return rows, blocks


def test_much_that_is_folded_leaves_indexes_as_dense_as_new() -> None:
    sum_much(900, 12)
    rows, blocks = sizes()
    before = people()
    assert collection.fold() == 900
    assert people() == before
    rows_after, blocks_after = sizes()
    assert (rows, rows_after) == (10_800, 900)
    assert blocks_after <= blocks // 4
    assert collection.fold() == 0
    assert sizes() == (rows_after, blocks_after)


@pytest.mark.django_db(transaction=True)
def test_sums_that_are_being_written_are_folded_where_they_are(
    transactional_db: None,
) -> None:
    sum_much(900, 2)
    with psycopg.connect(**connection.get_connection_params()) as slice_at_work:
        slice_at_work.execute(
            "INSERT INTO people_total (region, habitual, hukou, employees, residents)"
            " VALUES (340104001000, 5, 0, 0, 0)"
        )
        assert collection.fold() == 900
        slice_at_work.commit()
    assert people()[340104001000] == (7, 0, 0, 3)
    assert sizes()[0] == 901
    PeopleTotal.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_folding_loses_nothing_that_its_transaction_does_not_see(transactional_db: None) -> None:
    sum_much(900, 2)
    with psycopg.connect(**connection.get_connection_params()) as folding:
        folding.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        folding.execute("SELECT count(*) FROM people_total")
        sum_much(900, 1)  # committed since
        assert folding.execute("SELECT fold_collection()").fetchone() == (900,)
    assert set(people().values()) == {(3, 0, 0, 4)}
    PeopleTotal.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [1, 2, 12])
def test_two_who_fold_at_once_leave_one_row_a_key(transactional_db: None, times: int) -> None:
    sum_much(900, times)
    before = people()
    folded = at_once(collection.fold, collection.fold)
    assert sorted(folded) == sorted([0, 900 if times > 1 else 0]), folded
    assert (people(), sizes()[0]) == (before, 900)
    PeopleTotal.objects.all().delete()


def test_people_are_counted_where_they_live_are_registered_and_belong() -> None:
    someone("张三", household_region=WUHU, residence_region=VILLAGE)
    someone("李四", scheme=2)
    someone("王五", died_on=date(2026, 1, 2))
    someone("赵六", left_on=date(2026, 1, 2), left_for="moved_out")

    assert people() == {WUHU: (0, 1, 0, 0), WANFO: (1, 0, 0, 0), HEFEI: (2, 2, 1, 1)}

    Person.objects.filter(name="张三").update(died_on=date(2026, 3, 1))
    Person.objects.filter(name="李四").update(scheme=1)
    collection.fold()
    assert people() == {HEFEI: (2, 2, 0, 1)}
    assert CHECK not in broken()


def test_a_bill_of_the_employee_scheme_is_none() -> None:
    turning.employed(someone("张三", scheme=2), YEAR - 1, 4095)

    assert townships(YEAR - 1) == {}


@pytest.mark.parametrize("table", ["collection_total", "collection_day", "people_total"])
def test_nobody_writes_sums_by_hand(table: str) -> None:
    with connection.cursor() as cursor:
        for role in settings.DATABASE_ROLES.values():
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'INSERT, UPDATE, DELETE, TRUNCATE'),"
                " has_table_privilege(%s, %s, 'SELECT')",
                [role, table, role, table],
            )
            assert cursor.fetchone() == (False, True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE collection_total SET paid = paid + 1",
        "UPDATE collection_day SET insured = insured + 1",
        "DELETE FROM people_total",
    ],
)
def test_sums_that_are_not_those_of_the_register_are_named(statement: str) -> None:
    _season()
    turn("open")
    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert CHECK in broken()
