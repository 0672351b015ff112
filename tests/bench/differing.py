"""`differ`: a full list of recognised people compared to the register, beside its floor.

The list is civil affairs' own: everybody whom it recognises but one in fifty, one in thirty under
another category, newcomers up to the wanted lines, and one line in two hundred that is wrong.
"""

import json
import statistics
import subprocess
import sys
from typing import Any

from tests.bench.database import ROOT, connect, drop, environment, manage, seeded, tell
from tests.bench.filling import bound

TODAY, YEAR = "2026-11-20", 2027
PEOPLE_A_LINE = 10  # 200,000 lines at 2,000,000 people
MOST_SECONDS = 20


def run(*, people: int) -> dict[str, Any]:
    """Measure. Seconds from the CSV to the preview, the median of three, in turn with the floor:
    COPY of the same lines, read before, and one bare full join of them with the department's rows.

    The year is open, so that the money of its bills is computed too.
    """
    database = prepared(people)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.listing", str(people // PEOPLE_A_LINE)],
        cwd=ROOT,
        env={**environment(database), "TONGCHOU_ROLE": "worker", "TONGCHOU_TODAY": TODAY},
        stdout=subprocess.PIPE,
        check=True,
    )
    told = json.loads(done.stdout.decode().splitlines()[-1])
    seconds = statistics.median(told.pop("seconds"))
    floors = statistics.median(told.pop("floor_seconds"))
    most = MOST_SECONDS * max(people, 200_000) / 2_000_000
    return {
        "name": "differ",
        "people": people,
        "rows": people // PEOPLE_A_LINE,
        "seconds": round(seconds, 3),
        "floor_seconds": round(floors, 3),
        "ratio": round(seconds / floors, 2),
        "peers": {},
        **told,
        "bounds": {"seconds": bound(seconds, most=most)},
    }


def prepared(people: int) -> str:
    """A copy of the seeded province with the year opened; its own, as others fill that year."""
    source = seeded(people)
    name = f"{source}_differ"
    with connect("postgres") as server:
        marks = dict(
            server.execute(
                "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '')"
                " FROM pg_database WHERE datname = ANY(%s)",
                [[source, name]],
            ).fetchall()
        )
        if marks.get(name) == marks[source]:
            tell(f"using the database {name}")
            return name
        drop(server, name)
        server.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    for step in ("open", "subsidise"):
        manage(
            name, "run_year", step, "--year", str(YEAR), "--on", f"{YEAR - 1}-09-01", "--inline",
            TONGCHOU_ROLE="worker",
        )  # fmt: skip
    with connect(name) as server:
        server.execute("VACUUM (ANALYZE)")
        server.execute(f"COMMENT ON DATABASE {name} IS '{marks[source]}'")
    return name
