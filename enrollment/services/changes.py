"""Changes: how facts of a year that was rehearsed or run travel up (enrollment.models.Change).

A service appends a change in the transaction that makes it, or names the cause under which the
database's own triggers do. Once that commits, the takers above are started; a sweep starts them
again, so that a lost message loses nothing.
"""

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import KombuError

from enrollment.declarations import ChangeTaker, change_takers
from enrollment.models import Case, Change, ChangeTaken, User
from enrollment.selectors.changes import not_taken

logger = logging.getLogger("tongchou.changes")

AT_ONCE = 500  # changes of one transaction: seconds of work, and a lock held no longer


@contextmanager
def caused_by(*, cause: str, case: Case) -> Iterator[None]:
    """Let the triggers of the register name this cause and case on the changes they append."""
    _set_cause(cause, str(case.pk))
    try:
        yield
    finally:
        # The setting lasts to the end of the transaction, which does more than this act.
        if not connection.needs_rollback:
            _set_cause("", "")


def _set_cause(cause: str, case: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.cause', %s, true), set_config('app.case', %s, true)",
            [cause, case],
        )


@contextmanager
def done_by(*, case: Case, user: User) -> Iterator[None]:
    """Let the history of what is written meanwhile name this case and user (`record_history`).

    Inside another act, as a reversal inside its own case, that one stays named.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('app.by_case', true), '')")
        (known,) = cursor.fetchone()
    if known:
        yield
        return
    _set_actor(str(case.pk), str(user.pk))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set_actor("", "")


def _set_actor(case: str, user: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.by_case', %s, true), set_config('app.by_user', %s, true)",
            [case, user],
        )


def append(*, person_id: int, year: int, cause: str, case: Case | None = None) -> Change:
    """Append a change of a person's year; the takers start when the transaction commits."""
    # As plain Case: a detail model's own key is the same, but the foreign key wants its parent.
    change = Change.objects.create(
        person_id=person_id, year=year, cause=cause, case_id=case.pk if case else None
    )
    announce()
    return change


def announce() -> None:
    """Start the takers once the present transaction commits."""
    transaction.on_commit(start_taking)


def start_taking() -> None:
    """Ask a worker to take what is waiting; without a broker the sweep will."""
    try:
        current_app.send_task("enrollment.take_changes", ignore_result=True, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("no broker, changes wait for the sweep: %s", type(error).__name__)


def take_all() -> dict[str, int]:
    """Let every taker take what waits for it. Returns how many changes each took.

    Each batch is a transaction of its own: results and marks commit together, so a taker that
    dies or fails leaves its batch whole for the next time. Must not run inside a transaction.
    """
    return {taker.name: _take_everything(taker) for taker in change_takers}


def _take_everything(taker: ChangeTaker) -> int:
    taken = 0
    while True:
        batch = take(taker=taker)
        taken += batch
        if batch < AT_ONCE:
            return taken


@transaction.atomic
def take(*, taker: ChangeTaker) -> int:
    """One batch for one taker, in order, results and marks in one transaction.

    Takers of the same name wait for each other, so that order holds whoever calls.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(taker.name)])
    if not taker.ready():
        return 0
    batch = list(not_taken(taker)[:AT_ONCE])
    if batch:
        taker.take(batch)
        ChangeTaken.objects.bulk_create(
            [ChangeTaken(change=change, taker=taker.name) for change in batch]
        )
    return len(batch)


def _lock_of(name: str) -> int:
    return zlib.crc32(f"take_changes:{name}".encode())
