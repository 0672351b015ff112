"""`remittance`: a file of tax receipts from CSV to bills that are paid, beside its floor.

Measured is what happens to a file: read, checked, staged, its receipts in the register, and the
step `reconcile` by two workers, which matches them to their bills. The floor, in the same server:
COPY of the same file into a table of bare text, and one UPDATE of the same bills by their key. Each
turn has a fresh copy of the same province, whose people got their bills for the coming year.
"""

import json
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench.database import ROOT, connect, copied, environment, manage, seeded, tell
from tests.bench.filling import RUNS, bound, workers

YEAR = 2027
FIRST, LAST = YEAR * 10**12, YEAR * 10**12 + 2 * 10**11
CLOSING = f"{YEAR - 1}-12-31"
PEER_LINES_OF = 50  # one line of so many for the peer: 20,000 of a million
COLUMNS = ("receipt_number", "id_number", "name", "year", "scheme", "amount", "paid_at", "channel")


def run(*, people: int) -> dict[str, Any]:
    """Measure a file of as many lines as `people`, each of which pays another bill.

    Seconds are medians of three runs, each taken in turn with its floor.
    """
    province = prepared(people)
    path = written(province, people)
    runs = [turn(province, path) for _ in range(RUNS)]
    seconds = statistics.median(each["seconds"] for each in runs)
    ratio = statistics.median(each["seconds"] / each["floor_seconds"] for each in runs)
    peer = peer_rows_a_second(province, path, people // PEER_LINES_OF)
    times = people / seconds / peer
    memory = max(each["peak_megabytes"] for each in runs)
    return {
        "name": "remittance",
        "people": people,
        "rows": people,
        "seconds": round(seconds, 3),
        "floor_seconds": round(statistics.median(each["floor_seconds"] for each in runs), 3),
        "ratio": round(ratio, 3),
        "rows_per_second": round(people / seconds),
        "import_seconds": round(statistics.median(each["import_seconds"] for each in runs), 3),
        "reconcile_seconds": round(
            statistics.median(each["reconcile_seconds"] for each in runs), 3
        ),
        "file_megabytes": round(path.stat().st_size / 1e6, 1),
        "peak_megabytes": memory,
        "peers": {"django_import_export": {"rows_per_second": round(peer), "times": round(times)}},
        "bounds": {
            "ratio": bound(ratio, most=2.5),
            "times_django_import_export": bound(times, least=50),
            "peak_megabytes": bound(memory, most=300),
        },
    }


# The province and its file ------------------------------------------------------------------------


def prepared(people: int) -> str:
    """A seeded province in which so many people have a bill that nobody paid yet.

    Some of a province are billed nothing, or are not billed: six are seeded for five bills.
    """
    name = seeded(people * 6 // 5)
    with connect(name) as server:
        server.execute("TRUNCATE receipt, receipt_day CASCADE")
    for step in ("open", "subsidise"):
        manage(
            name, "run_year", step, "--year", str(YEAR), "--on", f"{YEAR - 1}-09-01", "--inline",
            TONGCHOU_ROLE="worker",
        )  # fmt: skip
    with connect(name) as server:
        server.execute("VACUUM (FREEZE, ANALYZE)")
    return name


def written(province: str, lines: int) -> Path:
    """The file: everybody's bill paid once, in an order that is nobody's."""
    path = Path(f"/var/tmp/tongchou-bench-{province}.csv")
    _child("write", province, path, str(lines))
    return path


# One turn -----------------------------------------------------------------------------------------


def turn(province: str, path: Path) -> dict[str, Any]:
    """The file by the product, then by the floor, each on a copy of its own."""
    with copied(province) as copy:
        told = taken(copy, path)
    with copied(province) as copy:
        told["floor_seconds"] = floor(copy, path)
    tell(f"{province}: {told}")
    return told


def taken(database: str, path: Path) -> dict[str, Any]:
    """Import the file and reconcile; every line has to end as money on its bill."""
    with workers(database, 2):
        told = _child("take", database, path)
    with connect(database) as server:
        matched = server.execute(
            "SELECT count(*) FILTER (WHERE r.outcome = 'matched' AND e.paid = e.payable),"
            " count(*) FROM receipt r LEFT JOIN enrollment e ON e.id = r.enrollment_id"
        ).fetchone()
    if matched != (told["rows"], told["rows"]):
        raise SystemExit(f"matched and paid, of all: {matched}")
    return told


def floor(database: str, path: Path) -> float:
    """Seconds of COPY into a bare table, and of one UPDATE of the bills by key."""
    with connect(database) as server, path.open("rb") as file:
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        server.execute(f"CREATE TABLE floor ({columns})")
        server.execute(
            "CREATE TABLE floor_bill AS SELECT id, payable FROM enrollment"
            f" WHERE id >= {FIRST} AND id < {LAST} AND payable > 0"
            f" ORDER BY id LIMIT {sum(1 for _ in path.open('rb')) - 1}"
        )
        server.execute("ANALYZE floor_bill")
        # what a step sets: its rows leave no history and no changes, whoever updates them
        server.execute("SET app.quiet = 'true'; SET app.recorded = 'true'")
        began = time.perf_counter()
        with server.cursor().copy("COPY floor FROM STDIN (FORMAT csv, HEADER)") as copy:
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        server.execute(
            f"UPDATE enrollment e SET paid = b.payable, paid_on = '{CLOSING}' FROM floor_bill b"
            f" WHERE e.id = b.id AND e.id >= {FIRST} AND e.id < {LAST}"
        )
        return time.perf_counter() - began


# The peer -----------------------------------------------------------------------------------------


def peer_rows_a_second(province: str, path: Path, lines: int) -> float:
    """Lines a second of django-import-export, as it comes, on the first lines of the same file."""
    short = path.with_suffix(".short.csv")
    with path.open() as file, short.open("w") as first:
        first.writelines(islice(file, lines + 1))
    with copied(province) as copy:
        told = _child("peer", copy, short)
    short.unlink()
    rate = float(told["rows"] / told["seconds"])
    tell(f"django-import-export {rate:,.0f} rows/s")
    return rate


def _child(act: str, database: str, path: Path, *words: str) -> dict[str, Any]:
    """A process of its own, so that its memory is its own; it answers in JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.receipts", act, str(path), *words],
        cwd=ROOT,
        env={
            **environment(database),
            "TONGCHOU_ROLE": "worker" if act == "take" else "owner",
            "TONGCHOU_TODAY": CLOSING,
        },
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout.decode().splitlines()[-1]))
