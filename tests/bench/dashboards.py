"""Dashboards at the size of a province: server time, statements and blocks, as the web role.

The same year is opened and half collected, those before it assessed, with `people` and with a tenth
of them; a page that reads sums and never the register reads as many blocks of both. Then 30 users
click while a worker rehearses (`clicking.py`). Add a page to `DASHBOARDS`.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench import clicking
from tests.bench.database import ROOT, connect, copied, environment, manage, seeded, tell
from tests.bench.filling import bound
from tests.bench.pages import Ask, measured

LEADING_COMMENT = re.compile(r"\A(\s*--.*\n)*\s*")
ROUNDS = 15
TODAY = "2026-11-20"
ANHUI, FUYANG, LINQUAN = 340000000000, 341200000000, 341221000000
TOWNSHIP = 341221101000
STEPS = (
    ("assess", 2025, "2025-01-01"),
    ("assess", 2026, "2026-01-01"),
    ("open", 2027, "2026-09-01"),
    ("subsidise", 2027, "2026-09-01"),
    ("chase", 2027, "2026-10-15"),
    ("reconcile", 2027, TODAY),
    ("post", 2027, TODAY),
)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of `user` (a demo account), by the name of its address, arguments and question."""

    name: str
    user: str
    page: str
    args: tuple[Any, ...] = ()
    query: str = ""


DASHBOARDS = (
    Dashboard("home of a maker", "maker", "index"),
    Dashboard("home of a checker", "checker", "index"),
    Dashboard("home of a supervisor", "supervisor", "index"),
    Dashboard("home of a fund officer", "fund-officer", "index"),
    Dashboard("home of a system administrator", "system-administrator", "index"),
    Dashboard("collection, province", "supervisor", "collection_area", (2027, ANHUI)),
    Dashboard("collection, an earlier day", "supervisor", "collection_area", (2027, ANHUI),
              "day=2026-10-10"),
    Dashboard("collection, counties", "supervisor", "collection_area", (2027, ANHUI),
              "by=county&sort=-rate"),
    Dashboard("collection, compared", "supervisor", "collection_area", (2027, ANHUI),
              f"with={FUYANG}&with=340100000000"),
    Dashboard("collection, city", "supervisor", "collection_area", (2027, FUYANG)),
    Dashboard("collection, county", "supervisor", "collection_area", (2027, LINQUAN)),
    Dashboard("collection, township", "supervisor", "collection_area", (2027, TOWNSHIP)),
    Dashboard("pushes, province", "supervisor", "push_area", (2027, ANHUI)),
    Dashboard("pushes, city", "supervisor", "push_area", (2027, FUYANG)),
    Dashboard("calendar of the year", "system-administrator", "year_calendar", (2027,)),
    Dashboard("quality of work, province", "supervisor", "quality_area", (ANHUI,)),
    Dashboard("quality of work, city", "supervisor", "quality_area", (FUYANG,)),
    Dashboard("year view", "supervisor", "year_view_of", (2027,)),
    Dashboard("year view, assessed", "supervisor", "year_view_of", (2026,)),
    Dashboard("funds", "fund-officer", "fund_view"),
    Dashboard("funds, an area", "supervisor", "fund_view", (), f"area={FUYANG}"),
    Dashboard("execution of budgets", "fund-officer", "budget_execution"),
    Dashboard("reports", "supervisor", "reports"),
    Dashboard("progress of a day", "supervisor", "report_day", ("progress", TODAY)),
    *(
        Dashboard(f"report, {kind}", "supervisor", "report_day", (kind, TODAY))
        for kind in ("fund_month", "fund_quarter", "fund_year", "follow_up", "duplicates")
    ),
)  # fmt: skip
# Where a figure leads: people by key, a page of them. Who asks for those still open passes over all
# who have paid before the page is full: told beside the dashboards, held to their time alone.
LISTS = (
    Dashboard("people pushed, county", "supervisor", "push_people", (2027, LINQUAN)),
    Dashboard("to follow up, county", "supervisor", "push_follow", (2027, LINQUAN)),
)  # fmt: skip


def run(*, people: int) -> dict[str, Any]:
    """Measure every dashboard with `people` and a tenth; the slowest page stands for all."""
    small, _quiet = measured_with(people // 10)
    large, loaded = measured_with(people, under_load=True)
    for name, page in large.items():
        page["blocks_of_a_tenth"] = small[name]["blocks"]
        page["blocks_ratio"] = round(page["blocks"] / max(small[name]["blocks"], 1), 3)
    slowest = max(page["median_ms"] for page in large.values())
    queries = max(page["queries"] for page in large.values())
    ratio = max(large[each.name]["blocks_ratio"] for each in DASHBOARDS)
    return {
        "name": "dashboards",
        "people": people,
        "rows": people,
        "pages": large,
        "median_ms": slowest,
        "p95_ms": max(page["p95_ms"] for page in large.values()),
        "queries_max": queries,
        "blocks_ratio": ratio,
        "under_load": loaded,
        "bounds": {
            "median_ms": bound(slowest, most=200),
            "queries_max": bound(queries, most=15),
            "blocks_ratio": bound(ratio, most=1.2),
            "p95_ms_under_load": bound(loaded["p95_ms"], most=500),
        },
    }


def measured_with(
    people: int, *, under_load: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every dashboard in the middle of a season of so many people, and what clicks take then."""
    with copied(seeded(people)) as database:
        manage(database, "create_demo_users", TONGCHOU_DEMO="1")
        for step, year, day in STEPS:
            tell(f"{people:,} people: {step} {year}")
            manage(
                database, "run_year", step, "--year", str(year), "--on", day, "--inline",
                TONGCHOU_TODAY=day, TONGCHOU_ROLE="worker",
            )  # fmt: skip
        with connect(database) as server:  # as beat and autovacuum do every ten minutes
            server.execute("SELECT fold_collection(), fold_pushes(), fold_receipt_days()")
            server.execute("VACUUM (ANALYZE)")
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.dashboards"],
            cwd=ROOT,
            env={**environment(database), "TONGCHOU_ROLE": "web", "TONGCHOU_TODAY": TODAY},
            stdout=subprocess.PIPE,
            check=True,
        )
        loaded = clicking.under_load(database, on=TODAY) if under_load else {}
    pages: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    return pages, loaded


# In a process of its own --------------------------------------------------------------------------


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    found = {}
    for each in (*DASHBOARDS, *LISTS):
        ask = asking(each)
        found[each.name] = {**measured([ask] * ROUNDS), "blocks": blocks_of(ask)}
    print(json.dumps(found))


def asking(dashboard: Dashboard) -> Ask:
    """One request of a page by its user."""
    from django.test import Client
    from django.urls import reverse

    from enrollment.models import User

    client = Client()
    client.force_login(User.objects.get(username=dashboard.user))
    address = reverse(f"admin:{dashboard.page}", args=dashboard.args)
    return lambda: client.get(f"{address}?{dashboard.query}" if dashboard.query else address)


def blocks_of(ask: Ask) -> int:
    """Blocks that the statements of a request touch, in memory or not, as the planner tells it."""
    from django.db import connection

    touched: list[int] = []

    def explained(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        told = LEADING_COMMENT.sub("", sql)
        if told.startswith(("SELECT", "WITH")) and "set_config" not in sql:
            with _unwatched(connection), connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0][0]["Plan"]
            touched.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        ask()
    return sum(touched)


@contextmanager
def _unwatched(connection: Any) -> Iterator[None]:
    """What explains a statement is not explained itself."""
    watching, connection.execute_wrappers = connection.execute_wrappers, []
    try:
        yield
    finally:
        connection.execute_wrappers = watching


if __name__ == "__main__":
    main()
