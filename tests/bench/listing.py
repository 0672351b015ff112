"""One process of a worker: writes a full list, compares it three times, and prints what it took."""

import csv
import json
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

RUNS = 3
DAY = date(2026, 11, 18)
HEADER = ("证件号码", "姓名", "类别", "来源部门", "名单日期", "认定日期", "终止日期")
LEAVES, MOVES, WRONG = 50, 30, 200  # one in so many
CHOSEN = """
WITH held AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, c.category
      FROM person_category c
     WHERE c.source = 'civil_affairs' AND c.category IN ('extreme_poverty', 'dibao')
       AND c.valid @> %(day)s::date
     ORDER BY c.person_id, c.category
), kept AS (
    SELECT person_id, CASE WHEN person_id %% %(moves)s = 0
                           THEN CASE category WHEN 'dibao' THEN 'extreme_poverty' ELSE 'dibao' END
                           ELSE category END AS category
      FROM held
     WHERE person_id %% %(leaves)s <> 0
), newcomers AS (
    SELECT p.id, 'dibao'
      FROM person p
      LEFT JOIN held h ON h.person_id = p.id
     WHERE h.person_id IS NULL AND p.died_on IS NULL AND p.scheme = 1
     ORDER BY hashint8(p.id)
     LIMIT greatest(%(lines)s - (SELECT count(*) FROM kept), 0)
)
SELECT p.id, p.id_sealed, p.name, l.category
  FROM (SELECT * FROM kept UNION ALL SELECT * FROM newcomers) l
  JOIN person p ON p.id = l.person_id
 LIMIT %(lines)s
"""


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection, transaction

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        lines = written(path, int(sys.argv[1]))
        seconds, floors = [], []
        told: dict[str, Any] = {}
        for _ in range(RUNS):
            took, told = compared(path)
            seconds.append(took)
            floors.append(floor(lines))
        with transaction.atomic():
            began = time.perf_counter()
            received(path, dry_run=False)
            told["applied_seconds"] = round(time.perf_counter() - began, 3)
            transaction.set_rollback(True)
    connection.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "seconds": seconds,
                "floor_seconds": floors,
                **told,
                "peak_megabytes": round(peak),
            }
        )
    )


def written(path: Path, lines: int) -> list[tuple[Any, ...]]:
    """The list as CSV; its rows as the floor takes them: digest and category."""
    from django.db import connection

    from enrollment.models.identity import digest, unseal

    rows = []
    asked: dict[str, Any] = {"day": DAY, "lines": lines, "leaves": LEAVES, "moves": MOVES}
    with connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
        cursor.execute(CHOSEN, asked)
        sheet = csv.writer(file)
        sheet.writerow(HEADER)
        for person, sealed, name, category in cursor:
            number = unseal(bytes(sealed))
            rows.append((digest(number), category))
            shown = f"{name}一" if person % WRONG == 7 else name
            sheet.writerow((number, shown, category, "民政局", DAY.isoformat(), "", ""))
    return rows


def received(path: Path, *, dry_run: bool) -> Any:
    """The list taken by the service that commands and screens use."""
    from enrollment.services.imports import receive_file

    return receive_file(kind="recognition_list", path=path, dry_run=dry_run)


def compared(path: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of a dry run, and what it found."""
    from enrollment.models import RecognitionList

    began = time.perf_counter()
    result = received(path, dry_run=True)
    took = time.perf_counter() - began
    found = RecognitionList.objects.get(pk=result.import_id)
    outcomes: dict[str, int] = {}
    for _county, outcome, _was, _becomes, number in found.people:
        outcomes[outcome] = outcomes.get(outcome, 0) + number
    bills = sum(row[3] for row in found.money)
    return took, {"outcomes": outcomes, "bills": bills, "refused": result.rejected}


def floor(rows: list[tuple[Any, ...]]) -> float:
    """Seconds of COPY of the lines into a bare table, and one full join with the register."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (id_digest uuid, category text) ON COMMIT DROP")
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "text"])
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "SELECT count(*) FILTER (WHERE b.id_digest IS NULL),"
            " count(*) FILTER (WHERE f.id_digest IS NULL), count(*)"
            " FROM bare b FULL JOIN (SELECT p.id_digest, c.category FROM person_category c"
            " JOIN person p ON p.id = c.person_id WHERE c.source = 'civil_affairs'"
            " AND c.valid @> %s::date) f USING (id_digest, category)",
            [DAY],
        )
        cursor.fetchall()
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
