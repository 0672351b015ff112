"""One process of the benchmark `remittance`: writes its file, takes it, or has a peer take it."""

import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.remitting import CLOSING, COLUMNS, FIRST, LAST, YEAR


def main() -> None:
    """Do what the first word says with the file of the second; print it as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    acts: dict[str, Callable[..., dict[str, Any]]] = {"write": write, "take": take, "peer": peer}
    print(json.dumps(acts[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))))


def write(path: Path, lines: int) -> dict[str, Any]:
    """Receipts that pay the first `lines` bills, in the order of a hash of their numbers."""
    from django.db import connection

    from enrollment.models.identity import unseal

    first = datetime.fromisoformat(f"{YEAR - 1}-09-01 07:00:00")
    channels = ("app", "app", "app", "bank", "village", "counter", "terminal")
    with connection.cursor() as server, path.open("w", newline="") as file:
        server.execute(
            "SELECT * FROM (SELECT p.id, p.id_sealed, p.name, e.payable FROM enrollment e"
            "  JOIN person p ON p.id = e.person_id"
            " WHERE e.id >= %s AND e.id < %s AND e.payable > 0 ORDER BY e.id LIMIT %s) r"
            " ORDER BY hashint8(id)",
            [FIRST, LAST, lines],
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        count = 0
        while rows := server.fetchmany(10_000):
            for person, sealed, name, payable in rows:
                paid_at = first + timedelta(seconds=count * 10_000_000 // lines)
                writer.writerow(
                    (
                        f"334{YEAR - 1}{count * 7_919 + 10**9:011d}", unseal(bytes(sealed)), name,
                        YEAR, "resident", payable, paid_at.isoformat(" "),
                        channels[person % len(channels)],
                    )
                )  # fmt: skip
                count += 1
    if count != lines:
        raise SystemExit(f"only {count} bills in the province")
    return {"rows": count}


def take(path: Path) -> dict[str, Any]:
    """Import the file, then the step, which the workers of the queue do.

    The seconds of the step are those of its ledger.
    """
    from enrollment import tasks
    from enrollment.models import YearStep
    from enrollment.services.imports import receive_file
    from enrollment.services.year import advance, start_step

    began = time.perf_counter()
    result = receive_file(kind="remittance", path=path)
    imported = time.perf_counter() - began
    step = start_step(
        name="reconcile", year=YEAR, on=datetime.fromisoformat(CLOSING).date(), started_by="bench"
    )
    while advance(step_id=step.pk, queue=tasks.queue).state == YearStep.State.RUNNING:
        time.sleep(0.02)
    shards = list(step.shards.values_list("started_at", "finished_at"))
    reconciled = (
        max(last for _, last in shards if last) - min(first for first, _ in shards if first)
    ).total_seconds()
    return {
        "rows": result.inserted,
        "import_seconds": round(imported, 3),
        "reconcile_seconds": round(reconciled, 3),
        "seconds": round(imported + reconciled, 3),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def peer(path: Path) -> dict[str, Any]:
    """The same lines by a resource of django-import-export with its defaults.

    Each row finds its person by the digest, is saved as a receipt and paid to its bill; what goes
    wrong is kept by row.
    """
    from import_export.results import Result
    from tablib import Dataset

    from tests.bench.resource import ReceiptResource

    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    began = time.perf_counter()
    result: Result = ReceiptResource().import_data(Dataset(*rows, headers=header))
    seconds = time.perf_counter() - began
    if result.has_errors() or result.totals["new"] != len(rows):
        raise SystemExit(f"not taken: {result.totals}, {result.row_errors()[:1]}")
    return {"rows": len(rows), "seconds": seconds}


if __name__ == "__main__":
    main()
