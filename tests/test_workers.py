"""What a worker's process keeps from one task to the next."""

import psycopg
import pytest
from celery import signals
from celery.fixups.django import DjangoWorkerFixup
from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError

from config.celery import app
from enrollment.tasks import sweep
from tests.bench import database


@pytest.fixture
def worker(transactional_db: None) -> DjangoWorkerFixup:
    """What Celery does around every task of a worker, beside the product's own."""
    return DjangoWorkerFixup(app)


def backend() -> int:
    """Process of the server that answers us."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def task_ends_and_another_begins(worker: DjangoWorkerFixup) -> None:
    for around, celerys in (
        (signals.task_postrun, worker.on_task_postrun),
        (signals.task_prerun, worker.on_task_prerun),
    ):
        celerys(sender=sweep)
        for _, told in around.send(sender=sweep):
            assert not isinstance(told, Exception)


def test_the_connection_is_kept_from_task_to_task(worker: DjangoWorkerFixup) -> None:
    before = backend()
    for _ in range(3):
        task_ends_and_another_begins(worker)

    assert backend() == before


@pytest.mark.parametrize("seen_by_the_task", [True, False])
def test_a_connection_that_the_server_ended_is_made_anew(
    worker: DjangoWorkerFixup, seen_by_the_task: bool
) -> None:
    before = backend()
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    if seen_by_the_task:
        with pytest.raises(OperationalError):
            backend()

    task_ends_and_another_begins(worker)

    assert backend() != before


def test_a_connection_grows_no_older_than_it_may(worker: DjangoWorkerFixup) -> None:
    before = backend()
    connection.close_at = 0

    task_ends_and_another_begins(worker)

    assert backend() != before


@pytest.mark.django_db
def test_a_connection_brings_what_statements_are_planned_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, source FROM pg_settings"
            " WHERE name IN ('jit', 'work_mem', 'random_page_cost')"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(
            ("jit", "work_mem", "random_page_cost"), "client"
        )
        cursor.execute("SHOW work_mem")
        assert cursor.fetchone()[0] == "64MB"
    # a floor is measured under the same conditions
    assert database.PLANNED_FOR == settings.PLANNED_FOR
