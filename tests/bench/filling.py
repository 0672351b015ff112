"""Steps that fill a year apart, against the plainest copy of the same finished rows.

The floor, in the same run and server: one connection's INSERT ... SELECT of the identical finished
rows into a bare table, then the same key, the same indexes and a validated foreign key. A step that
reads several tables row by row has a second floor: two connections at once, like two workers, which
also read what the step has to read and decide nothing.
"""

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.database import ROOT, connect, environment, tell

RUNS = 5
KEY = 10**12
PAST_YEARS = 10
# What every year has, on the floor's table.
INDEXES = ("CREATE INDEX ON floor (county, id)", "CREATE INDEX ON floor (region, id)")
FOREIGN_KEY = "ALTER TABLE floor ADD FOREIGN KEY (person_id) REFERENCES person (id)"


@dataclass(frozen=True)
class Filled:
    """A step, the yearly table it fills, the year and day that are measured, and its columns.

    `generated` are the columns that the table computes by itself. `reads` joins to the finished row
    `f` of people `{first}` to `{last}` what the step has to read for it, and ends in a condition
    that looks at every column read.
    """

    step: str
    table: str
    year: int
    on: str
    columns: tuple[str, ...]
    generated: tuple[str, ...] = ("county",)
    reads: str = ""


@dataclass(frozen=True)
class Runs:
    """What was measured, `RUNS` times each."""

    two: list[dict[str, Any]]  # two workers, each with its floor
    one: list[dict[str, Any]]  # one worker
    few: list[dict[str, Any]]  # a fifth of the people, two workers
    aged: list[dict[str, Any]]  # the same with ten past years


def report(
    filled: Filled, people: int, small: int, runs: Runs, memory: dict[str, float]
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
    reading: dict[str, Any] = {}
    reading_bound: dict[str, Any] = {}
    if filled.reads:
        against = statistics.median(
            run["seconds"] / run["reading_floor_seconds"] for run in runs.two
        )
        reading = {
            "reading_floor_seconds": round(median(runs.two, "reading_floor_seconds"), 3),
            "ratio_to_reading_floor": round(against, 3),
            "reading_floor_to_floor": round(
                statistics.median(
                    run["reading_floor_seconds"] / run["floor_seconds"] for run in runs.two
                ),
                3,
            ),
        }
        reading_bound = {"ratio_to_reading_floor": bound(against, most=1.5)}
    return {
        "name": filled.step,
        "people": people,
        "rows": rows,
        "seconds": round(seconds, 3),
        "floor_seconds": round(median(runs.two, "floor_seconds"), 3),
        "ratio": round(ratio, 3),
        **reading,
        "rows_per_second": round(rows / seconds),
        "peers": {},
        "phases": runs.two[-1]["phases"],
        "one_worker_seconds": round(median(runs.one, "seconds"), 3),
        "two_workers_gain": round(workers_gain, 3),
        "per_person_against_small": round(per_person, 3),
        "small_people": small,
        "ten_years_against_two": round(years, 3),
        "worker_peak_megabytes": memory,
        "bounds": {
            "ratio": bound(ratio, most=1.5),
            **reading_bound,
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


def runs_of(filled: Filled, large: str, small: str) -> tuple[Runs, dict[str, float]]:
    """All runs on a large and a small database, and the peak memory of the workers.

    Of each kind `RUNS`, after one that is not measured on the large database.
    """
    for database in (large, small):
        undo(filled, database)
    with workers(large, 2) as pid:
        turn(filled, large)  # what is measured is work: neither step nor floor reads the disk first
        two = [turn(filled, large, with_floor=True) for _ in range(RUNS)]
        memory = peak_megabytes(pid)
    with workers(large, 1):
        one = [turn(filled, large) for _ in range(RUNS)]
    with workers(small, 2):
        few = [turn(filled, small) for _ in range(RUNS)]
        add_past_years(filled, small)
        aged = [turn(filled, small) for _ in range(RUNS)]
        remove_past_years(small)
    return Runs(two, one, few, aged), memory


def turn(filled: Filled, database: str, *, with_floor: bool = False) -> dict[str, Any]:
    """One run, with its floor if asked for, and out again."""
    result = measure(filled, database)
    if with_floor:
        result["floor_seconds"] = floor(filled, database)
        if filled.reads:
            # by the faster way, which is another one on another version
            result["reading_floor_seconds"] = min(
                reading_floor(filled, database, hashed=hashed) for hashed in ("on", "off")
            )
    undo(filled, database)
    return result


# --- one run --------------------------------------------------------------------------------


def measure(filled: Filled, database: str) -> dict[str, Any]:
    """Fill the year by the running workers. Seconds from the first shard to the attached year."""
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "run_year",
            filled.step,
            "--year",
            str(filled.year),
            "--on",
            filled.on,
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
             WHERE s.name = %s AND r.year = %s AND r.mode = 'real'
             GROUP BY work ORDER BY 2
            """,
            [filled.step, filled.year],
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


def floor(filled: Filled, database: str) -> float:
    """One connection copies the finished rows into a bare table, then key, indexes, foreign key."""
    low, high = filled.year * KEY, (filled.year + 1) * KEY
    with connect(database) as server:
        _bare_table(server, filled)
        began = time.perf_counter()
        server.execute(
            f"INSERT INTO floor SELECT {_columns(filled, 'f.')} FROM {filled.table} f"
            f" WHERE f.id >= {low} AND f.id < {high}"
        )
        server.execute("ALTER TABLE floor ADD PRIMARY KEY (id)")
        for index in INDEXES:
            server.execute(index)
        server.execute(FOREIGN_KEY)
        seconds = time.perf_counter() - began
        server.execute("DROP TABLE floor")
    tell(f"{database}: floor {seconds:.2f} s")
    return seconds


def reading_floor(filled: Filled, database: str, *, hashed: str) -> float:
    """Two connections, each for half of the people, copy the finished rows and look at all that the
    step has to read for them, by plain joins (`hashed` "on", or "off": merged in the order of
    keys); key and indexes two at a time.
    """

    def work(server: psycopg.Connection, *statements: str) -> None:
        for statement in statements:
            server.execute(statement)

    def both(of_one: list[str], of_other: list[str]) -> None:
        for half in [pool.submit(work, one, *of_one), pool.submit(work, other, *of_other)]:
            half.result()

    with connect(database) as one, connect(database) as other, ThreadPoolExecutor(2) as pool:
        _bare_table(one, filled)
        low, high = one.execute(
            f"SELECT min(person_id), max(person_id) FROM {filled.table}"
            f" WHERE id >= {filled.year * KEY} AND id < {(filled.year + 1) * KEY}"
        ).fetchone()  # type: ignore[misc]
        middle = (low + high) // 2
        copies = [
            f"INSERT INTO floor SELECT {_columns(filled, 'f.')} FROM {filled.table} f"
            + filled.reads.format(first=first, last=last)
            for first, last in ((low, middle), (middle + 1, high))
        ]
        for server in (one, other):
            server.execute(f"SET enable_hashjoin = {hashed}")
            server.execute("SET work_mem = '128MB'")
        began = time.perf_counter()
        both(copies[:1], copies[1:])
        both([INDEXES[0]], ["CREATE UNIQUE INDEX ON floor (id)", INDEXES[1]])
        one.execute(FOREIGN_KEY)
        seconds = time.perf_counter() - began
        one.execute("DROP TABLE floor")
    tell(f"{database}: reading floor {seconds:.2f} s, hash joins {hashed}")
    return seconds


def _columns(filled: Filled, prefix: str = "") -> str:
    return ", ".join(prefix + name for name in (*filled.columns, *filled.generated))


def _bare_table(server: psycopg.Connection, filled: Filled) -> None:
    """The columns of the year, and nothing else."""
    server.execute("DROP TABLE IF EXISTS floor")
    server.execute(
        f"CREATE TABLE floor AS SELECT {_columns(filled)} FROM {filled.table} WITH NO DATA"
    )


def undo(filled: Filled, database: str) -> None:
    """Take the year out again, with its ledger rows: only a benchmark may."""
    table, year = filled.table, filled.year
    with connect(database) as server:
        if server.execute(f"SELECT to_regclass('{table}_y{year}')").fetchone()[0]:  # type: ignore[index]
            server.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_y{year}")
            server.execute(f"DROP TABLE {table}_y{year}")
        unfinished = server.execute(
            "SELECT tablename FROM pg_tables WHERE tablename ~ %s", [f"^{table}_y[0-9]+_s[0-9]+$"]
        ).fetchall()
        for (name,) in unfinished:
            server.execute(f"DROP TABLE {name}")
        steps = (
            "SELECT s.id FROM year_step s JOIN year_run r ON r.id = s.run_id"
            f" WHERE r.year = {year} AND s.name = '{filled.step}'"
        )
        server.execute(
            f"DELETE FROM shard_total WHERE shard_id IN "
            f"(SELECT id FROM step_shard WHERE step_id IN ({steps}))"
        )
        for kept in (
            "step_shard", "step_total", "step_terms", "step_quota", "standing_terms",
            "standing_sum",
        ):  # fmt: skip
            server.execute(f"DELETE FROM {kept} WHERE step_id IN ({steps})")
        server.execute(f"DELETE FROM year_step WHERE id IN ({steps})")
        # A year that this step began ends with it; one that came by history stays.
        server.execute(
            f"DELETE FROM year_run r WHERE r.year = {year} AND NOT r.from_history"
            " AND NOT EXISTS (SELECT FROM year_step s WHERE s.run_id = r.id)"
        )


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


def add_past_years(filled: Filled, database: str) -> None:
    """Copies of the last year until the table holds ten past years."""
    newest = filled.year - 1
    columns = ", ".join(filled.columns)
    with connect(database) as server:
        for year in range(filled.year - PAST_YEARS, filled.year):
            name = f"{filled.table}_y{year}"
            if server.execute("SELECT to_regclass(%s)", [name]).fetchone()[0]:  # type: ignore[index]
                continue
            server.execute("SELECT year_table_make(%s, %s)", [filled.table, year])
            moved = columns.replace("id, ", f"id - {(newest - year) * KEY}, ", 1)
            server.execute(
                # into the year alone: the triggers of all years would have everybody assessed again
                f"INSERT INTO {name} ({columns}) SELECT {moved} FROM {filled.table} "
                f"WHERE id >= {newest * KEY} AND id < {(newest + 1) * KEY}"
            )
            server.execute(f"COMMENT ON TABLE {name} IS 'benchmark'")
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
            server.execute(f"ALTER TABLE {name.split('_')[0]} DETACH PARTITION {name}")
            server.execute(f"DROP TABLE {name}")
