"""The desk's pages at the size of a province: server time and statements of each, as the web role.

A process of its own connects as the plain role, under row security, and asks each page through
Django's whole stack of middleware (`tests.bench.pages`): a maker and a checker of one city, and a
supervisor of the province. Timing and counting are separate passes, because counting slows a
statement down.
"""

import json
import subprocess
import sys
from typing import Any

from tests.bench.database import ROOT, connect, environment, manage, seeded, tell
from tests.bench.filling import bound

# One case for so many people: a county of a million then has ten thousand, most of them done.
PEOPLE_A_CASE = 100
TODAY = "2026-11-20"


def run(*, people: int) -> dict[str, Any]:
    """Measure every page. Milliseconds of the server; the slowest page stands for all."""
    database = seeded(people)
    manage(database, "create_demo_users", TONGCHOU_DEMO="1")
    cases = add_cases(database, people // PEOPLE_A_CASE)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.pages"],
        cwd=ROOT,
        env={**environment(database), "TONGCHOU_ROLE": "web", "TONGCHOU_TODAY": TODAY},
        stdout=subprocess.PIPE,
        check=True,
    )
    pages = json.loads(done.stdout.decode().splitlines()[-1])
    slowest = max(pages.values(), key=lambda page: page["median_ms"])
    queries = max(page["queries"] for page in pages.values())
    return {
        "name": "desk",
        "people": people,
        "rows": cases,
        "pages": pages,
        "median_ms": slowest["median_ms"],
        "p95_ms": max(page["p95_ms"] for page in pages.values()),
        "queries_max": queries,
        "bounds": {
            "median_ms": bound(slowest["median_ms"], most=150),
            "queries_max": bound(queries, most=15),
        },
    }


def add_cases(database: str, wanted: int) -> int:
    """Subsidies in every state, for people all over the register; made once a database."""
    with connect(database) as server:
        row = server.execute("SELECT count(*) FROM agency_case").fetchone()
        if row is not None and row[0] >= wanted:
            return int(row[0])
        server.execute(CASES, {"wanted": wanted, "today": TODAY})
        server.execute("VACUUM (ANALYZE)")
    tell(f"made {wanted:,} cases")
    return wanted


# The demo's maker and checker work on the first thousand, others on the rest; nine of ten are done.
CASES = """
WITH staff AS (
    SELECT max(id) FILTER (WHERE username = 'maker') AS maker,
           max(id) FILTER (WHERE username = 'checker') AS checker,
           max(id) FILTER (WHERE username = 'approver') AS other
      FROM agency_user
), chosen AS (
    SELECT p.id AS person_id, p.insured_region, n,
           CASE WHEN n %% 10 > 0 AND n > 1000 THEN 'effected'
                ELSE (ARRAY['draft', 'returned', 'submitted', 'approved'])[n %% 4 + 1] END AS state,
           CASE WHEN n <= 1000 OR n %% 7 = 0 THEN maker ELSE other END AS maker, checker
      FROM generate_series(1, %(wanted)s) AS n
      JOIN person p ON p.id = n * (SELECT max(id) FROM person) / %(wanted)s
     CROSS JOIN staff
), made AS (
    INSERT INTO agency_case (kind, person_id, region, year, channel, state, amount, reason, due_on,
                             maker_id, checker_id, opened_at, submitted_at, decided_at, effected_at,
                             shown_digest, version)
    SELECT 'contribution_subsidy', person_id, insured_region, 2026, 'counter', state,
           20 + n %% 300, '',
           %(today)s::date + n %% 9 - 4, maker,
           CASE WHEN state IN ('approved', 'effected') THEN checker END, now(),
           CASE WHEN state <> 'draft' THEN now() END,
           CASE WHEN state IN ('approved', 'effected') THEN now() END,
           CASE WHEN state = 'effected' THEN now() END,
           CASE WHEN state IN ('approved', 'effected') THEN repeat('0', 64) ELSE '' END, 1
      FROM chosen ORDER BY n
    RETURNING id, state, maker_id
), details AS (
    INSERT INTO contribution_subsidy (case_ptr_id, funder, category)
    SELECT id, 'charity', '' FROM made
)
INSERT INTO case_event (case_id, from_state, to_state, user_id, note, version)
SELECT id, '', 'draft', maker_id, '', 1 FROM made
"""
