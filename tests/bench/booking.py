"""`ledger`: lines posted with and without the guards, and the balance of any account on any day.

Each run posts a year of a province of twenty cities, day after day, by INSERT ... SELECT in
statements of a shard's size: once with the triggers of the ledger and once without, in turn. The
balances are asked of a ledger of five times as many lines, over ten years.
"""

import random
import statistics
import time
from datetime import date, timedelta
from typing import Any

import psycopg

from tests.bench import database

GUARD_BOUND, BALANCE_BOUND_MS = 1.2, 20.0
RUNS, STATEMENT = 3, 100_000
LINES, KEPT = 1_000_000, 5_000_000  # what the bounds are about
FIRST, YEAR = date(2017, 1, 1), 365
YEARS = 10
ASKED = 400
NAME = "bench_ledger"

# A city's accounts of both schemes, of which two take what is posted here.
ACCOUNTS = """
    INSERT INTO region (code, name, name_en, level, is_pooling_area, valid_from)
    SELECT 420000000000 + n * 100000000, 'city ' || n, '', 2, true, date '2000-01-01'
      FROM generate_series(1, 20) n
     UNION ALL SELECT 420000000000, 'province', '', 1, false, date '2000-01-01';
    INSERT INTO account (area_id, scheme, kind)
    SELECT 420000000000 + n * 100000000, s, k
      FROM generate_series(1, 20) n, generate_series(1, 2) s,
           unnest(ARRAY['treasury_in_transit', 'suspense', 'contribution_revenue']) k
"""
# Entries of four lines: what came in at a place on a day, what found its bill, and what waits.
ENTRIES = """
    INSERT INTO entry (key, reason, scheme, occurred_on)
    SELECT %(run)s::text || ':' || n, 'receipts', 1 + n %% 2,
           %(first)s::date + (n * %(days)s / %(entries)s)::int
      FROM generate_series(%(from)s::bigint, %(until)s::bigint) n
    RETURNING id
"""
LINES_OF = """
    INSERT INTO entry_line (entry_id, account_id, day, debit, credit)
    SELECT e.id, a.id, e.occurred_on, l.debit, l.credit
      FROM entry e
     CROSS JOIN (VALUES ('treasury_in_transit', 400.00, 0.00), ('treasury_in_transit', 30.50, 0.00),
                        ('contribution_revenue', 0.00, 400.00), ('suspense', 0.00, 30.50))
                AS l (kind, debit, credit)
      JOIN account a ON a.kind = l.kind AND a.scheme = e.scheme
                    AND a.area_id = 420000000000 + (1 + e.id %% 20) * 100000000
     WHERE e.id BETWEEN %(low)s AND %(high)s
"""


def run(*, people: int) -> dict[str, Any]:
    """Time the guards and the balances. `people` is the number of lines that are timed.

    The ledger whose balances are asked has five times as many.
    """
    lines = people
    _make()
    guarded, bare = [], []
    with database.connect(NAME) as server:
        for number in range(RUNS):
            bare.append(_timed(server, f"bare{number}", lines, guards=False))
            guarded.append(_timed(server, f"guarded{number}", lines, guards=True))
            database.tell(f"run {number}: {guarded[-1]:.2f} s guarded, {bare[-1]:.2f} s bare")
        kept = lines * 5
        _post(server, "kept", kept, days=YEARS * YEAR)
        server.execute("VACUUM ANALYZE")
        slowest, median = _balances(server)
        (standing,) = server.execute("SELECT count(*) FROM entry_line").fetchone() or (0,)
    seconds, floor = statistics.median(guarded), statistics.median(bare)
    ratio = seconds / floor
    return {
        "name": "ledger",
        "people": 0,
        "rows": lines,
        "seconds": round(seconds, 3),
        "floor_seconds": round(floor, 3),
        "ratio": round(ratio, 3),
        "peers": {},
        "lines_in_the_ledger": standing,
        "balance_ms": {"median": round(median, 3), "slowest": round(slowest, 3)},
        "bounds": {
            "guards": {"bound": GUARD_BOUND, "holds": ratio <= GUARD_BOUND},
            "balance_ms": {"bound": BALANCE_BOUND_MS, "holds": slowest < BALANCE_BOUND_MS},
        },
    }


def _make() -> None:
    with database.connect("postgres") as server:
        database.drop(server, NAME)
        server.execute(f"CREATE DATABASE {NAME}")
    database.manage(NAME, "migrate", "--verbosity", "0")
    with database.connect(NAME) as server:
        server.execute(ACCOUNTS)


def _timed(server: psycopg.Connection, run: str, lines: int, *, guards: bool) -> float:
    """Seconds for `lines` lines, in a transaction that is taken back: each run begins alike."""
    what = "ENABLE" if guards else "DISABLE"
    server.execute(f"ALTER TABLE entry_line {what} TRIGGER lines_are_posted")
    server.execute("VACUUM (ANALYZE) entry, entry_line, account_day, account_total")
    with server.transaction(force_rollback=True):
        began = time.perf_counter()
        _post(server, run, lines, days=YEAR)
        # what waits for the end of a transaction belongs to the work
        server.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return time.perf_counter() - began


def _post(server: psycopg.Connection, run: str, lines: int, *, days: int) -> None:
    for start in range(0, lines, STATEMENT):
        count = min(STATEMENT, lines - start) // 4
        with server.transaction():
            given = {
                "run": run,
                "first": FIRST,
                "days": days,
                "entries": lines // 4,
                "from": start // 4,
                "until": start // 4 + count - 1,
            }
            rows = server.execute(ENTRIES, given).fetchall()
            between = {"low": min(rows)[0], "high": max(rows)[0]}
            server.execute(LINES_OF, between)


# As `funds.selectors.ledger.balance_on` asks: at most one row a day of the account.
BALANCE = """
    SELECT sum(debit), sum(credit)
      FROM account_day
     WHERE account_id = %(account)s AND day <= %(day)s
"""


def _balances(server: psycopg.Connection) -> tuple[float, float]:
    """Slowest and median milliseconds of balances of random accounts on random days."""
    chance = random.Random(6)
    accounts = [row[0] for row in server.execute("SELECT id FROM account ORDER BY id").fetchall()]
    times = []
    for _ in range(ASKED):
        asked = {
            "account": chance.choice(accounts),
            "day": FIRST + timedelta(days=chance.randrange(YEARS * YEAR)),
        }
        began = time.perf_counter()
        server.execute(BALANCE, asked).fetchone()
        times.append(1000 * (time.perf_counter() - began))
    return max(times), statistics.median(times)
