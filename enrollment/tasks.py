"""Thin Celery tasks: keys in, one service called. What they do twice has effect once."""

import os
from collections.abc import Iterable

from celery import current_app, shared_task

from enrollment.models import Import, StepShard, YearStep
from enrollment.selectors.calendar import business_date
from enrollment.services import (
    changes,
    chase,
    collection,
    day_closes,
    duplicate_search,
    follow_ups,
    import_jobs,
    import_undo,
    quality,
    shards,
    steering,
    year,
)

HOURS = 3600


def worker_name(request: object) -> str:
    """Who works on it, as the monitor shows it: host of the worker and process."""
    return f"{getattr(request, 'hostname', '') or 'inline'}:{os.getpid()}"[:100]


@shared_task(name="enrollment.run_shard", bind=True)
def run_shard(self, shard_id: int) -> str:  # type: ignore[no-untyped-def]
    """A slice: bounded in time, well below the broker's visibility timeout."""
    return _run(shard_id, worker_name(self.request))


@shared_task(
    name="enrollment.run_piece", bind=True, soft_time_limit=6 * HOURS, time_limit=6 * HOURS + 60
)
def run_piece(self, shard_id: int) -> str:  # type: ignore[no-untyped-def]
    """A longer piece of a whole year; a redelivered message finds it held and ends at once."""
    return _run(shard_id, worker_name(self.request))


def _run(shard_id: int, worker: str) -> str:
    result = shards.run_shard(shard_id=shard_id, worker=worker)
    if result == "done":
        step_id = StepShard.objects.values_list("step_id", flat=True).get(pk=shard_id)
        year.advance(step_id=step_id, queue=queue)
    return result


def queue(shard_ids: Iterable[int]) -> None:
    """Send shards to the workers: slices and longer pieces, each by its own task."""
    works = dict(StepShard.objects.filter(pk__in=list(shard_ids)).values_list("pk", "work"))
    for shard_id in shard_ids:
        task = run_shard if works[shard_id] in shards.SLICES else run_piece
        task.apply_async([shard_id], ignore_result=True)


@shared_task(name="enrollment.sweep")
def sweep() -> int:
    """Queue again what nobody holds; beat sends it, so that a lost broker loses nothing."""
    return year.sweep(queue=queue)


@shared_task(name="enrollment.fold_receipt_days")
def fold_receipt_days() -> int:
    """One row a day, county, scheme and channel again; beat sends it."""
    return day_closes.fold()


@shared_task(name="enrollment.fold_pushes")
def fold_pushes() -> int:
    """One row a township, and one a county and day, of every round again; beat sends it."""
    return chase.fold()


@shared_task(name="enrollment.fold_collection")
def fold_collection() -> int:
    """One row a township and category, one a county and day, again; beat sends it."""
    return collection.fold()


@shared_task(name="enrollment.fold_cases")
def fold_cases() -> int:
    """One row an office, kind, state and days, one an office, kind and month; beat sends it."""
    return quality.fold()


def advance_soon(step: YearStep) -> None:
    """Ask the workers to go on with a step; what is lost on the way, the sweep finds."""
    current_app.send_task("enrollment.advance", [step.pk], ignore_result=True)


@shared_task(name="enrollment.advance")
def advance(step_id: int) -> str:
    """Go on with a step."""
    return year.advance(step_id=step_id, queue=queue).state


@shared_task(name="enrollment.work_on_import", soft_time_limit=2 * HOURS, time_limit=2 * HOURS + 60)
def work_on_import(import_id: int) -> str:
    """Check a file that was received, or apply one that was confirmed."""
    return import_jobs.work(import_id=import_id)


@shared_task(name="enrollment.take_import_back", soft_time_limit=HOURS, time_limit=HOURS + 60)
def take_import_back(import_id: int) -> str:
    """Take back what a file wrote, as was decided."""
    return import_undo.work(import_id=import_id)


def queue_imports(import_ids: Iterable[int]) -> None:
    """Send files to the workers."""
    states = dict(Import.objects.filter(pk__in=list(import_ids)).values_list("pk", "state"))
    for import_id, state in states.items():
        queue_import(import_id, state)


def queue_import(import_id: int, state: str) -> None:
    """Send a file to the workers, by the task that its state asks for; reads nothing."""
    task = take_import_back if state == Import.State.UNDOING else work_on_import
    task.apply_async([import_id], ignore_result=True)


@shared_task(name="enrollment.sweep_imports")
def sweep_imports() -> int:
    """Send again what no worker holds."""
    return import_jobs.sweep(queue=queue_imports)


@shared_task(
    name="enrollment.search_duplicates", soft_time_limit=6 * HOURS, time_limit=6 * HOURS + 60
)
def search_duplicates() -> dict[str, int] | None:
    """Search for duplicates where that was asked for; beat looks, so that nothing is lost."""
    return duplicate_search.work()


@shared_task(name="enrollment.ask_for_duplicates")
def ask_for_duplicates() -> None:
    """Ask for the search of the week."""
    duplicate_search.ask_by_calendar()


@shared_task(name="enrollment.take_changes", soft_time_limit=HOURS, time_limit=HOURS + 60)
def take_changes() -> dict[str, int]:
    """Let everybody act on the changes that wait: sent on commit, and by beat for what was lost."""
    return changes.take_all()


@shared_task(name="enrollment.settle_follow_ups", soft_time_limit=HOURS, time_limit=HOURS + 60)
def settle_follow_ups() -> int:
    """Look no more at people of lists about whom nothing is left to do; beat sends it at night."""
    return follow_ups.settle(on=business_date())


@shared_task(name="enrollment.run_calendar")
def run_calendar() -> list[str]:
    """Start what has become due on the business date, at most once however often it fires."""
    return steering.run_calendar(on=business_date(), queue=queue)
