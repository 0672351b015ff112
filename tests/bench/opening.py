"""`open`: rolling a province into a year, against the plainest copy of the same rows.

The floor, in the same run and server: one connection's INSERT ... SELECT of the identical
finished rows into a bare table, then the same key, the same indexes and a validated foreign key.
The peer: `save()` of the same rows, one by one, by the ORM.
"""

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.database import ROOT, connect, environment, seeded, tell

YEAR = 2027
RUNS = 3
ORM_ROWS = 3_000
KEY = 10**12
PAST_YEARS = 10
COLUMNS = (
    "id, person_id, region, county, shard, category, standard, subsidy, payable, paid, due_on, "
    "paid_on, benefit_start, benefit_end, suspended_from, ended_on, ended_for, months, "
    "repaired_years, repaired_on"
)


def run(*, people: int) -> dict[str, Any]:
    """Measure. Seconds are medians of three runs, each taken in turn with its floor."""
    small = max(people // 5, 20_000)
    large_db, small_db = seeded(people), seeded(small)
    for database in (large_db, small_db):
        undo(database)
    with workers(large_db, 2) as pid:
        two = [turn(large_db, with_floor=True) for _ in range(RUNS)]
        memory = peak_megabytes(pid)
    with workers(large_db, 1):
        one = [turn(large_db) for _ in range(RUNS)]
    orm = orm_rows_a_second(large_db)
    with workers(small_db, 2):
        few = [turn(small_db) for _ in range(RUNS)]
        add_past_years(small_db)
        aged = [turn(small_db) for _ in range(RUNS)]
        remove_past_years(small_db)
    return report(people, small, Runs(two, one, few, aged), orm, memory)


@dataclass(frozen=True)
class Runs:
    """What was measured, three times each."""

    two: list[dict[str, Any]]  # two workers, each with its floor
    one: list[dict[str, Any]]  # one worker
    few: list[dict[str, Any]]  # a fifth of the people, two workers
    aged: list[dict[str, Any]]  # the same with ten past years


def report(
    people: int, small: int, runs: Runs, orm: float, memory: dict[str, float]
) -> dict[str, Any]:
    """The figures and the bounds they are held to."""

    def median(measured: list[dict[str, Any]], key: str) -> float:
        return float(statistics.median(run[key] for run in measured))

    rows = runs.two[0]["rows"]
    seconds = median(runs.two, "seconds")
    ratio = statistics.median(run["seconds"] / run["floor_seconds"] for run in runs.two)
    per_person = (seconds / people) / (median(runs.few, "seconds") / small)
    years = median(runs.aged, "seconds") / median(runs.few, "seconds")
    workers_gain = median(runs.one, "fill_seconds") / median(runs.two, "fill_seconds")
    faster = rows / seconds / orm
    return {
        "name": "open",
        "people": people,
        "rows": rows,
        "seconds": round(seconds, 3),
        "floor_seconds": round(median(runs.two, "floor_seconds"), 3),
        "ratio": round(ratio, 3),
        "rows_per_second": round(rows / seconds),
        "peers": {"orm_save": {"rows_per_second": round(orm), "times": round(faster, 1)}},
        "phases": runs.two[-1]["phases"],
        "one_worker_seconds": round(median(runs.one, "seconds"), 3),
        "two_workers_gain": round(workers_gain, 3),
        "per_person_against_small": round(per_person, 3),
        "small_people": small,
        "ten_years_against_two": round(years, 3),
        "worker_peak_megabytes": memory,
        "bounds": {
            "ratio": bound(ratio, most=1.5),
            "times_orm_save": bound(faster, least=50),
            "per_person_against_small": bound(per_person, most=1.15),
            "ten_years_against_two": bound(years, most=1.15),
            "two_workers_gain": bound(workers_gain, least=1.35),
            "worker_peak_megabytes": bound(max(memory.values()), most=250),
        },
    }


def bound(value: float, *, least: float | None = None, most: float | None = None) -> dict[str, Any]:
    """A figure beside what it is held to."""
    holds = (least is None or value >= least) and (most is None or value <= most)
    limit = {"least": least} if least is not None else {"most": most}
    return {"value": round(value, 3), **limit, "holds": holds}


def turn(database: str, *, with_floor: bool = False) -> dict[str, Any]:
    """One run, with its floor if asked for, and out again."""
    result = measure(database)
    if with_floor:
        result["floor_seconds"] = floor(database)
    undo(database)
    return result


# --- one run --------------------------------------------------------------------------------


def measure(database: str) -> dict[str, Any]:
    """Open the year by the running workers. Seconds from the first shard to the attached year."""
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "run_year",
            "open",
            "--year",
            str(YEAR),
            "--on",
            f"{YEAR - 1}-09-01",
            "--json",
        ],
        cwd=ROOT,
        env={**environment(database), "TONGCHOU_ROLE": "worker"},
        stdout=subprocess.PIPE,
        check=True,
    )
    rows = json.loads(done.stdout.decode().splitlines()[-1])["rows"]
    with connect(database) as server:
        phases = server.execute(
            """
            SELECT work, extract(epoch FROM min(h.started_at)),
                   extract(epoch FROM max(h.finished_at))
              FROM step_shard h
              JOIN year_step s ON s.id = h.step_id
              JOIN year_run r ON r.id = s.run_id
             WHERE s.name = 'open' AND r.year = %s AND r.mode = 'real'
             GROUP BY work ORDER BY 2
            """,
            [YEAR],
        ).fetchall()
    # until the year is attached: freezing it afterwards keeps nobody waiting
    first = float(phases[0][1])
    last = next(float(end) for work, _, end in phases if work == "attach")
    result = {
        "rows": rows,
        "seconds": last - first,
        "fill_seconds": float(phases[0][2]) - first,
        "phases": {work: round(float(end) - float(start), 3) for work, start, end in phases},
    }
    tell(f"{database}: {rows:,} rows in {result['seconds']:.2f} s {result['phases']}")
    return result


def floor(database: str) -> float:
    """One connection copies the finished rows into a bare table, then key, indexes, foreign key."""
    with connect(database) as server:
        server.execute("DROP TABLE IF EXISTS floor")
        server.execute(f"CREATE TABLE floor AS SELECT {COLUMNS} FROM enrollment WITH NO DATA")
        began = time.perf_counter()
        server.execute(
            f"INSERT INTO floor SELECT {COLUMNS} FROM enrollment "
            f"WHERE id >= {YEAR * KEY} AND id < {(YEAR + 1) * KEY}"
        )
        server.execute("ALTER TABLE floor ADD PRIMARY KEY (id)")
        server.execute("CREATE INDEX ON floor (county, id)")
        server.execute("CREATE INDEX ON floor (region, id)")
        server.execute("ALTER TABLE floor ADD FOREIGN KEY (person_id) REFERENCES person (id)")
        seconds = time.perf_counter() - began
        server.execute("DROP TABLE floor")
    tell(f"{database}: floor {seconds:.2f} s")
    return seconds


def undo(database: str) -> None:
    """Take the year out again, with its ledger rows: only a benchmark may."""
    with connect(database) as server:
        if server.execute(f"SELECT to_regclass('enrollment_y{YEAR}')").fetchone()[0]:  # type: ignore[index]
            server.execute(f"ALTER TABLE enrollment DETACH PARTITION enrollment_y{YEAR}")
            server.execute(f"DROP TABLE enrollment_y{YEAR}")
        for name in [
            r[0]
            for r in server.execute(
                "SELECT tablename FROM pg_tables WHERE tablename ~ '^enrollment_y[0-9]+_s[0-9]+$'"
            ).fetchall()
        ]:
            server.execute(f"DROP TABLE {name}")
        runs = f"SELECT id FROM year_run WHERE year = {YEAR}"
        steps = f"SELECT id FROM year_step WHERE run_id IN ({runs})"
        server.execute(
            f"DELETE FROM shard_total WHERE shard_id IN "
            f"(SELECT id FROM step_shard WHERE step_id IN ({steps}))"
        )
        for table in ("step_shard", "step_terms", "step_quota"):
            server.execute(f"DELETE FROM {table} WHERE step_id IN ({steps})")
        server.execute(f"DELETE FROM year_step WHERE run_id IN ({runs})")
        server.execute(f"DELETE FROM year_run WHERE year = {YEAR}")


# --- the rest -------------------------------------------------------------------------------


@contextmanager
def workers(database: str, concurrency: int) -> Iterator[int]:
    """A real Celery worker with so many processes, on a queue of its own."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config.worker",
            "worker",
            f"--concurrency={concurrency}",
            "--loglevel=error",
            "--without-gossip",
            "--without-mingle",
            f"--hostname=bench{concurrency}@%h",
        ],
        cwd=ROOT,
        env=environment(database),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(4)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def peak_megabytes(pid: int) -> dict[str, float]:
    """Peak resident memory of a worker and its children, by process."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], stdout=subprocess.PIPE, check=True
    )
    pids = [pid, *map(int, children.stdout.split())]
    peaks = {}
    for number, process in enumerate(pids):
        status = Path(f"/proc/{process}/status").read_text().splitlines()
        peak = next(line for line in status if line.startswith("VmHWM"))
        peaks["main" if number == 0 else f"child{number}"] = round(int(peak.split()[1]) / 1024, 1)
    return peaks


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


def add_past_years(database: str) -> None:
    """Copies of the last year until the table holds ten past years."""
    with connect(database) as server:
        for year in range(YEAR - PAST_YEARS, YEAR):
            made = server.execute(f"SELECT to_regclass('enrollment_y{year}')").fetchone()
            if made and made[0]:
                continue
            server.execute("SELECT year_table_make('enrollment', %s)", [year])
            plain = COLUMNS.replace("county, ", "")
            moved = plain.replace("id, ", f"id - {(YEAR - 1 - year) * KEY}, ", 1)
            server.execute(
                f"INSERT INTO enrollment ({plain}) SELECT {moved} FROM enrollment "
                f"WHERE id >= {(YEAR - 1) * KEY} AND id < {YEAR * KEY}"
            )
            server.execute(f"COMMENT ON TABLE enrollment_y{year} IS 'benchmark'")
        server.execute("VACUUM (ANALYZE)")


def remove_past_years(database: str) -> None:
    """What `add_past_years` added."""
    with connect(database) as server:
        for name in [
            r[0]
            for r in server.execute(
                "SELECT relname FROM pg_class WHERE obj_description(oid, 'pg_class') = 'benchmark'"
            ).fetchall()
        ]:
            server.execute(f"ALTER TABLE enrollment DETACH PARTITION {name}")
            server.execute(f"DROP TABLE {name}")
