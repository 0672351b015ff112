"""One piece of a step, exactly once: the work and its mark commit in one transaction.

Whoever calls `run_shard`, how often and how many at once: a shard that is held is skipped, a done
one answers at once, a killed one is free again because its lock died with its connection.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.db.utils import OperationalError
from psycopg import errors, sql

from enrollment.declarations import Step, steps
from enrollment.models import StepShard, YearRun, YearStep
from enrollment.rules.keys import EMPLOYEE, RESIDENT, SCHEME, SLOT, YEAR
from enrollment.rules.regions import scope_of

MOST_ATTEMPTS = 5
FILL, REFILL, WORK, SETTLE = "fill", "refill", "work", "settle"
INDEX_ID, INDEX_COUNTY, INDEX_REGION = "index id", "index county", "index region"
CHECK, VACUUM, ATTACH, WHOLE = "check", "vacuum", "attach", "whole"
SLICES = (FILL, REFILL, WORK, SETTLE)
INDEXES = (INDEX_ID, INDEX_COUNTY, INDEX_REGION)
_VACUUM_LOCK = 7_390_001  # first key of the advisory lock, the second is the shard
FIRST_REGION, LAST_REGION = 0, 999_999_999_999


class ResultDiffers(Exception):
    """A real shard came out otherwise than its rehearsal: it is rolled back, the step stops."""

    def __init__(self, *, shard: StepShard, counties: list[int]) -> None:
        self.shard, self.counties = shard, counties
        areas = ", ".join(str(county) for county in counties)
        super().__init__(f"result_changed: shard {shard.number} differs in {areas}")


@cache
def sql_of(path: Path) -> str:
    """Text of a step's SQL file; a step has one."""
    return path.read_text()


def sql_digest(step: Step) -> str:
    """SHA-256 of the step's SQL, kept with what it did."""
    text = "".join(sql_of(path) for path in (step.sql, step.sequel) if path is not None)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def run_shard(*, shard_id: int, worker: str = "") -> str:
    """Do one piece of the run ledger. Returns what happened: done, held, stopped or failed.

    Raises ResultDiffers after marking the step refused; other errors are recorded on the shard
    and raised, so that the broker's log has them too.
    """
    work = _begin(shard_id, worker)
    if work is None:
        return "held"
    try:
        return _vacuum(shard_id) if work == VACUUM else _work(shard_id)
    except ResultDiffers as difference:
        _refuse(difference)
        raise
    except (errors.LockNotAvailable, OperationalError) as error:
        # Somebody reads what we would attach, or the server is away: nothing is lost, try again.
        _record_failure(shard_id, error)
        raise
    except Exception as error:
        _record_failure(shard_id, error)
        raise


def _begin(shard_id: int, worker: str) -> str | None:
    """Mark the shard running, visible to all. Its work; None if done, held or not to be run."""
    with transaction.atomic():
        shard = _held(shard_id)
        if shard is None:
            return None
        _commit_without_waiting()
        StepShard.objects.filter(pk=shard_id).update(
            state=StepShard.State.RUNNING,
            attempts=F("attempts") + 1,
            worker=worker,
            started_at=Now(),
            finished_at=None,
        )
    return shard.work


def _commit_without_waiting() -> None:
    """Let this transaction end before it has reached the disk.

    A crash takes the last moments of all work together, in order: a slice or an index that is lost
    is lost with its mark and done again. Whatever rests on it is queued later, by a transaction
    that waits for the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _held(shard_id: int) -> StepShard | None:
    """The shard, locked until the transaction ends; None if somebody else has it or it is over.

    Only the shard's own row: `exists()` would drop OF and lock the step, one shard at a time.
    """
    return (
        StepShard.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("step__run")
        .filter(pk=shard_id, step__state=YearStep.State.RUNNING)
        .exclude(state__in=[StepShard.State.DONE, StepShard.State.FAILED])
        .first()
    )


def _work(shard_id: int) -> str:
    with transaction.atomic():
        shard = _held(shard_id)
        if shard is None:
            return "held"
        if shard.work in (*SLICES, *INDEXES):
            _commit_without_waiting()
        _done(shard, _slice(shard) if shard.work in SLICES else _piece(shard))
    return "done"


def _done(shard: StepShard, rows: int) -> None:
    StepShard.objects.filter(pk=shard.pk).update(
        state=StepShard.State.DONE, finished_at=Now(), rows=rows, error=""
    )


SPEAK = "SELECT set_config('app.quiet', '', true), set_config('app.recorded', '', true)"


def _slice(shard: StepShard) -> int:
    """Run the step's SQL over the slice, with its control totals. Returns the rows counted."""
    step = shard.step
    declared = steps[step.name]
    if declared.sql is None:
        raise ValueError(f"step {declared.name} has no SQL and no slices")
    parameters = parameters_of(shard)
    with connection.cursor() as cursor:
        # A slice is thousands of rows. The planner cannot judge the join on an area's terms, and
        # a nested loop that it chose after an analyze was thirteen times slower.
        cursor.execute("SET LOCAL enable_nestloop = off")
        # A sorted side is read where it lies: set aside row by row for the merge that may go back,
        # it costs three in a hundred of what `assess` costs altogether.
        cursor.execute("SET LOCAL enable_material = off")
        # Set every time: a setting lasts to the end of the transaction, which may do more. The run
        # ledger is the history of what a step does to everyone.
        cursor.execute(
            "SELECT set_config('app.quiet', %s, true), set_config('app.recorded', 'true', true)",
            ["true" if declared.quiet else ""],
        )
        if shard.work == SETTLE:
            cursor.execute(sql_of(_sequel(declared)), parameters)
            settled = int(cursor.rowcount)
            if declared.sums is not None:
                cursor.execute(sql_of(declared.sums), parameters)
            cursor.execute(SPEAK)
            return settled
        target = sql.Identifier(step.table_name or declared.fills or "enrollment")
        if shard.work == REFILL:
            cursor.execute(
                sql.SQL(
                    "DELETE FROM {} WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s"
                ).format(target),
                parameters,
            )
        text = sql_of(declared.sql).replace("{target}", target.as_string(cursor.connection))
        cursor.execute(text.replace("{again}", declared.again), parameters)
        cursor.execute(
            "SELECT coalesce(sum(persons), 0) FROM shard_total WHERE shard_id = %s", [shard.pk]
        )
        rows = int(cursor.fetchone()[0])
        cursor.execute(SPEAK)
        if step.rehearsed_id and not step.run.is_rehearsal:
            _compare(cursor, shard)
    return rows


def _sequel(declared: Step) -> Path:
    if declared.sequel is None:
        raise ValueError(f"step {declared.name} has no sequel")
    return declared.sequel


def parameters_of(shard: StepShard) -> dict[str, Any]:
    """Named parameters of every step's SQL."""
    step = shard.step
    area = scope_of(step.area) if step.area else (FIRST_REGION, LAST_REGION)
    return {
        **parameters_of_year(step.run, on=step.on),
        "step": step.pk,
        "terms": step.pk,
        "shard": shard.pk,
        "first": shard.first_person,
        "last": shard.last_person,
        "area_first": area[0],
        "area_last": area[1],
        "rehearse": step.run.is_rehearsal,
        "decided": _decided(step),
        "skipped": years_skipped(steps[step.name], step.run.year),
        "among": None,
        "keys": None,
        "last_keys": None,
        "spells": None,
        "earlier": None,
    }


def parameters_of_year(run: YearRun, *, on: date) -> dict[str, Any]:
    """Named parameters that say which year it is, and how far it has come by day `on`.

    `among` limits a statement to some people, whose keys are in `keys`, `last_keys`, `spells` and
    `earlier`; it is none in a step, which takes everybody of its slice.
    """
    year = run.year
    real = YearRun.objects.filter(mode=YearRun.Mode.REAL, year=year).first() or run
    return {
        "year": year,
        "year_start": date(year, 1, 1),
        "year_end": date(year, 12, 31),
        "base": year * YEAR + RESIDENT * SCHEME,
        "last_base": (year - 1) * YEAR + RESIDENT * SCHEME,
        "employee_base": year * YEAR + EMPLOYEE * SCHEME,
        "employee_last_base": (year - 1) * YEAR + EMPLOYEE * SCHEME,
        "slot": SLOT,
        "on": on,
        "activated": real.activated_on is not None,
        # An employee member counts as covered while the year runs, before his months are known.
        "provisional": not real.from_history and year >= on.year,
    }


def years_skipped(declared: Step, year: int) -> int | None:
    """For the first year of a step that rests on the year before: years that count and lie before.

    None where the step has a result of the year before to rest on.
    """
    if declared.first_year is None:
        return None
    first = declared.first_year()
    before = YearRun.objects.filter(mode=YearRun.Mode.REAL, year__gte=first, year__lt=year)
    return None if before.exists() else year - first


def _decided(step: YearStep) -> int:
    """The last shard of the province's own run of this step, when an area's runs again; else 0."""
    if step.area is None or step.run.is_rehearsal:
        return 0
    done = StepShard.objects.filter(
        step__run=step.run, step__name=step.name, step__area=None, step__state=YearStep.State.DONE
    )
    return done.aggregate(last=Max("pk"))["last"] or 0


def _compare(cursor: Any, shard: StepShard) -> None:
    """Raise ResultDiffers unless the shard's totals and hashes are those of its rehearsal."""
    cursor.execute(
        """
        WITH rehearsed AS (
            SELECT t.* FROM shard_total t JOIN step_shard s ON s.id = t.shard_id
             WHERE s.step_id = %(rehearsed)s AND s.phase = 0 AND s.number = %(number)s
        ), done AS (
            SELECT t.* FROM shard_total t WHERE t.shard_id = %(shard)s
        )
        SELECT DISTINCT coalesce(d.county, r.county) AS county
          FROM done d
          FULL JOIN rehearsed r ON r.county = d.county AND r.item = d.item
         WHERE (d.persons, d.standard, d.subsidy, d.payable, d.paid, d.output_hash)
               IS DISTINCT FROM
               (r.persons, r.standard, r.subsidy, r.payable, r.paid, r.output_hash)
         ORDER BY county
        """,
        {"rehearsed": shard.step.rehearsed_id, "number": shard.number, "shard": shard.pk},
    )
    counties = [row[0] for row in cursor.fetchall()]
    if counties:
        raise ResultDiffers(shard=shard, counties=counties)


def _whole(shard: StepShard) -> int:
    """The one piece of a step about areas, with its control totals. Returns the rows counted."""
    step = shard.step
    declared = steps[step.name]
    if declared.piece is None:
        raise ValueError(f"step {declared.name} has no piece of its own")
    rows = declared.piece(shard)
    if step.rehearsed_id and not step.run.is_rehearsal:
        with connection.cursor() as cursor:
            _compare(cursor, shard)
    return rows


def _piece(shard: StepShard) -> int:
    """A longer piece of a whole year, by the owner's functions; the ledger row holds the lock."""
    if shard.work == WHOLE:
        return _whole(shard)
    table = shard.step.table_name
    with connection.cursor() as cursor:
        if shard.work in INDEXES:
            column = shard.work.removeprefix("index ")
            cursor.execute("SELECT year_table_index(%s, %s)", [table, column])
        elif shard.work == CHECK:
            cursor.execute("SELECT year_table_check(%s)", [table])
        elif shard.work == ATTACH:
            cursor.execute("SELECT year_table_attach(%s)", [table])
            attached = cursor.fetchone()[0]
            cursor.execute("SELECT opened_bills_came(%s)", [shard.step_id])
            YearStep.objects.filter(pk=shard.step_id).update(table_name=attached)
        else:
            raise ValueError(f"unknown work: {shard.work}")
    return 0


def _vacuum(shard_id: int) -> str:
    """VACUUM runs in no transaction, so a session lock keeps it single, and its mark follows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_VACUUM_LOCK, shard_id % 2**31])
        if not cursor.fetchone()[0]:
            return "held"
        try:
            table = StepShard.objects.values_list("step__table_name", flat=True).get(pk=shard_id)
            cursor.execute("SHOW server_version_num")
            if int(cursor.fetchone()[0]) >= 170_000:
                cursor.execute(sql.SQL("VACUUM (FREEZE, ANALYZE) {}").format(sql.Identifier(table)))
            # Before 17 only an owner may: autovacuum freezes the year, and planning needs no more
            # than the statistics that it gathers.
            with transaction.atomic():
                shard = _held(shard_id)
                if shard is not None:
                    _done(shard, 0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_VACUUM_LOCK, shard_id % 2**31])
    return "done"


def _refuse(difference: ResultDiffers) -> None:
    with transaction.atomic():
        StepShard.objects.filter(pk=difference.shard.pk).update(
            state=StepShard.State.FAILED, error=str(difference)
        )
        YearStep.objects.filter(pk=difference.shard.step_id).update(
            state=YearStep.State.REFUSED, refusal=str(difference)
        )


def _record_failure(shard_id: int, error: Exception) -> None:
    """Keep the error with the shard; after several attempts the step has failed."""
    told = f"{type(error).__name__}: {error}"[:2000]
    for pause in (0, 1, 2):
        time.sleep(pause)
        try:
            connection.close_if_unusable_or_obsolete()
            _mark_failure(shard_id, told)
        except OperationalError:
            continue
        return
    # The server is still away: the shard stays "running" and nobody holds it, so it is swept.


def _mark_failure(shard_id: int, told: str) -> None:
    with transaction.atomic():
        shard = StepShard.objects.select_for_update().get(pk=shard_id)
        if shard.state == StepShard.State.DONE:
            return
        failed = shard.attempts >= MOST_ATTEMPTS
        shard.state = StepShard.State.FAILED if failed else StepShard.State.RETRY
        shard.error = told
        shard.save(update_fields=["state", "error"])
        if failed:
            YearStep.objects.filter(pk=shard.step_id, state=YearStep.State.RUNNING).update(
                state=YearStep.State.FAILED, refusal=told
            )


def copy_shards(*, source: YearStep, into: YearStep, again: Sequence[int] = ()) -> None:
    """Give `into` the pieces and totals of `source`, done as they are; slices `again` afresh."""
    parameters: dict[str, Any] = {
        "into": into.pk,
        "source": source.pk,
        "again": list(again),
        "refill": REFILL,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO step_shard (step_id, phase, number, work, first_person, last_person, state,
                                    attempts, worker, queued_at, started_at, finished_at, rows,
                                    error)
            SELECT %(into)s, phase, number, work, first_person, last_person, state, attempts,
                   worker, queued_at, started_at, finished_at, rows, error
              FROM step_shard
             WHERE step_id = %(source)s AND (phase > 0 OR number <> ALL(%(again)s))
             UNION ALL
            SELECT %(into)s, phase, number, %(refill)s, first_person, last_person, 'queued', 0,
                   '', NULL, NULL, NULL, 0, ''
              FROM step_shard
             WHERE step_id = %(source)s AND phase = 0 AND number = ANY(%(again)s)
            """,
            parameters,
        )
        cursor.execute(
            """
            INSERT INTO shard_total (shard_id, county, item, persons, standard, subsidy, payable,
                                     paid, output_hash)
            SELECT n.id, t.county, t.item, t.persons, t.standard, t.subsidy, t.payable, t.paid,
                   t.output_hash
              FROM shard_total t
              JOIN step_shard o ON o.id = t.shard_id
              JOIN step_shard n ON n.step_id = %(into)s AND n.phase = o.phase
                               AND n.number = o.number
             WHERE o.step_id = %(source)s AND o.number <> ALL(%(again)s)
            """,
            parameters,
        )
        cursor.execute(
            """
            INSERT INTO opened_total (shard_id, region, category, billed, subsidised, free, subsidy,
                                      payable)
            SELECT n.id, t.region, t.category, t.billed, t.subsidised, t.free, t.subsidy, t.payable
              FROM opened_total t
              JOIN step_shard o ON o.id = t.shard_id
              JOIN step_shard n ON n.step_id = %(into)s AND n.phase = o.phase
                               AND n.number = o.number
             WHERE o.step_id = %(source)s AND o.number <> ALL(%(again)s)
            """,
            parameters,
        )


__all__ = [
    "ATTACH",
    "CHECK",
    "FILL",
    "INDEX_COUNTY",
    "INDEX_ID",
    "INDEX_REGION",
    "REFILL",
    "SETTLE",
    "SLICES",
    "VACUUM",
    "WORK",
    "ResultDiffers",
    "copy_shards",
    "parameters_of_year",
    "run_shard",
    "sql_digest",
    "sql_of",
    "years_skipped",
]
