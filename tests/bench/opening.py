"""`open`: rolling a province into a year, beside its floor and the ORM's `save()`."""

import subprocess
import sys
from typing import Any

from tests.bench.database import ROOT, connect, environment, seeded, tell
from tests.bench.filling import Filled, bound, report, runs_of

YEAR = 2027
ORM_ROWS = 3_000
OPEN = Filled(
    step="open",
    table="enrollment",
    year=YEAR,
    on=f"{YEAR - 1}-09-01",
    columns=(
        "id", "person_id", "region", "shard", "category", "standard", "subsidy", "payable", "paid",
        "due_on", "paid_on", "benefit_start", "benefit_end", "suspended_from", "ended_on",
        "ended_for", "months", "repaired_years", "repaired_on",
    ),
)  # fmt: skip


def run(*, people: int) -> dict[str, Any]:
    """Measure. Seconds are medians of five runs, each taken in turn with its floor.

    The peer is `save()` of the same rows, one by one, by the ORM.
    """
    small = max(people // 5, 20_000)
    large_db, small_db = seeded(people), seeded(small)
    runs, memory = runs_of(OPEN, large_db, small_db)
    result = report(OPEN, people, small, runs, memory)
    orm = orm_rows_a_second(large_db)
    faster = result["rows_per_second"] / orm
    result["peers"]["orm_save"] = {"rows_per_second": round(orm), "times": round(faster, 1)}
    result["bounds"]["times_orm_save"] = bound(faster, least=50)
    return result


def orm_rows_a_second(database: str) -> float:
    """Rows a second of `save()`, one object after the other, in the same server."""
    script = (
        "import time\n"
        "from django.db import connection\n"
        "from enrollment.models import Enrollment, Person\n"
        "from enrollment.rules.keys import yearly_key\n"
        f"connection.cursor().execute(\"SELECT year_table_make('enrollment', {YEAR + 1})\")\n"
        f"people = list(Person.objects.order_by('id')[:{ORM_ROWS}])\n"
        "began = time.perf_counter()\n"
        "for person in people:\n"
        f"    Enrollment(id=yearly_key(year={YEAR + 1}, person_id=person.pk), person=person,\n"
        "               region_id=person.insured_region_id, standard=420,\n"
        "               payable=420).save(force_insert=True)\n"
        "print(len(people) / (time.perf_counter() - began))\n"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script],
        cwd=ROOT,
        env={**environment(database), "TONGCHOU_ROLE": "owner"},
        stdout=subprocess.PIPE,
        check=True,
    )
    with connect(database) as server:
        server.execute(f"ALTER TABLE enrollment DETACH PARTITION enrollment_y{YEAR + 1}")
        server.execute(f"DROP TABLE enrollment_y{YEAR + 1}")
    rate = float(done.stdout.decode().split()[-1])
    tell(f"{database}: ORM save() {rate:,.0f} rows/s")
    return rate
