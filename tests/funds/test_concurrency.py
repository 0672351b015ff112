"""Many who post at once: nothing is overdrawn, nothing is lost, and the balances are the lines."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funds.models import Entry
from tests import cast
from tests.funds.test_posting import connected_as
from tests.sizes import FULL

FIRST = date(2026, 11, 2)
WRITERS = 8
OPERATIONS = 10_000 if FULL else 300
EXAMPLES = 2
POST = """
    SELECT post_lines(ARRAY[
        ROW(%(key)s, %(reason)s, %(day)s, %(scheme)s, NULL, NULL, NULL, %(area)s, %(debit)s,
            %(amount)s, 0)::posting_line,
        ROW(%(key)s, %(reason)s, %(day)s, %(scheme)s, NULL, NULL, NULL, %(area)s, %(credit)s,
            0, %(amount)s)::posting_line])
"""
MOVES = (
    ("opening_balance", "special_fiscal", "pooled_fund"),
    ("drawn", "expenditure_city", "special_fiscal"),
    ("county_funded", "expenditure_county", "expenditure_city"),
    ("county_returned", "expenditure_city", "expenditure_county"),
    ("benefit_paid", "benefit_expenditure", "expenditure_county"),
    ("benefit_paid", "benefit_expenditure", "expenditure_city"),
    ("benefit_recovered", "expenditure_county", "benefit_expenditure"),
)
numbers = count(1)


@pytest.fixture
def anhui(transactional_db: None) -> None:
    cast.law()


def post(writer: psycopg.Connection, **said: object) -> str:
    """Post one entry in its own transaction. Returns what refused it, if anything."""
    try:
        with writer.transaction():
            writer.execute(POST, said)
    except psycopg.errors.IntegrityError as refused:
        return str(refused.diag.constraint_name)
    return ""


@pytest.mark.django_db(transaction=True)
def test_of_fifty_payments_at_once_on_money_for_thirty_thirty_are_paid(anhui: None) -> None:
    opened = {"day": FIRST, "scheme": 1, "area": cast.SHUSHAN}
    with connected_as("worker") as writer:
        post(
            writer, key="opening", reason="opening_balance", debit="expenditure_county",
            credit="pooled_fund", amount=3_000, **opened,
        )  # fmt: skip

    def pay(number: int) -> str:
        with connected_as("worker") as writer:
            return post(
                writer, key=f"pay {number}", reason="benefit_paid", debit="benefit_expenditure",
                credit="expenditure_county", amount=100, **opened,
            )  # fmt: skip

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(pay, range(50)))
    assert sorted(results) == [""] * 30 + ["account_is_not_overdrawn"] * 20
    assert Entry.objects.filter(reason="benefit_paid").count() == 30
    assert violations() == []


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
@given(seed=st.integers(0, 2**32 - 1))
def test_whatever_eight_writers_do_the_ledger_is_right(anhui: None, seed: int) -> None:
    chance = random.Random(seed)
    operations = [operation(chance) for _ in range(OPERATIONS)]
    shares = [operations[start::WRITERS] for start in range(WRITERS)]

    def write(share: list[dict[str, object]]) -> list[str]:
        with connected_as("worker") as writer:
            return [post(writer, **each) for each in share]

    with ThreadPoolExecutor(WRITERS) as pool:
        results = [result for done in pool.map(write, shares) for result in done]
    assert set(results) <= {"", "account_is_not_overdrawn"}
    keys = [str(each["key"]) for share in shares for each in share]
    posted = Entry.objects.filter(key__in=keys).values_list("key", flat=True)
    assert set(posted) == {key for key, result in zip(keys, results, strict=True) if not result}
    assert violations() == []


def operation(chance: random.Random) -> dict[str, object]:
    """Any move of any amount, in two cities, two schemes and ten days in any order."""
    reason, debit, credit = chance.choice(MOVES)
    return {
        "key": f"{next(numbers)}",
        "reason": reason,
        "debit": debit,
        "credit": credit,
        "amount": Decimal(chance.randrange(1, 200_000)) / 100,
        "day": FIRST + timedelta(days=chance.randrange(10)),
        "scheme": chance.choice((1, 2)),
        "area": chance.choice((cast.SHUSHAN, cast.BAOHE, cast.JINGHU)),
    }


# Replay: the running balance of each account at the end of each day, from the lines alone; and
# whether what the database keeps of days and totals is the same.
REPLAY = """
    WITH moved AS (
        SELECT account_id, day, sum(debit) AS debit, sum(credit) AS credit
          FROM entry_line GROUP BY 1, 2
    ), run AS (
        SELECT m.*, sum(debit - credit) OVER (PARTITION BY account_id ORDER BY day) AS balance
          FROM moved m
    )
    SELECT 'negative', r.account_id, r.day FROM run r
      JOIN account a ON a.id = r.account_id
      JOIN account_kind k ON k.kind = a.kind AND NOT k.may_be_negative
     WHERE k.side * r.balance < 0
     UNION ALL
    SELECT 'day', coalesce(r.account_id, d.account_id), coalesce(r.day, d.day) FROM run r
      FULL JOIN account_day d ON d.account_id = r.account_id AND d.day = r.day
     WHERE (r.debit, r.credit) IS DISTINCT FROM (d.debit, d.credit)
     UNION ALL
    SELECT 'total', account_id, NULL
      FROM (SELECT account_id, sum(debit) AS debit, sum(credit) AS credit FROM moved GROUP BY 1) m
      FULL JOIN account_total t USING (account_id)
     WHERE (m.debit, m.credit) IS DISTINCT FROM (t.debit, t.credit)
     UNION ALL
    SELECT 'entry', entry_id, NULL FROM entry_line
     GROUP BY entry_id HAVING sum(debit) <> sum(credit)
"""


def violations() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(REPLAY)
        return list(cursor.fetchall())
