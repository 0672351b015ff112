"""Celery: how messages are kept, given back after a crash, and bounded in time.

A message is only a key into the run ledger. Whatever the broker loses or delivers twice, the
ledger in PostgreSQL decides what still has to be done (docs/adr/0007-shards-exactly-once.md).
"""

import os
from typing import Any

from celery import Celery, signals

from config.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tongchou")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_soft_time_limit=40,
    task_time_limit=45,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 60,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    worker_max_memory_per_child=220_000,  # kilobytes; a child that grew is replaced between tasks
    worker_hijack_root_logger=False,
)
app.conf.beat_schedule = SCHEDULE
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.autodiscover_tasks()

# Left alone, Celery gives every task a new connection to the database: each slice would wait for it
# and plan with empty caches. A connection is kept, and looked after as between requests.
app.conf.CELERY_DB_REUSE_MAX = 2**31


@signals.task_prerun.connect
@signals.task_postrun.connect
def look_after_connections(sender: Any, **kwargs: Any) -> None:
    """Close what is broken or older than CONN_MAX_AGE; what is kept is tried at its next use."""
    from django.db import close_old_connections

    if not sender.request.is_eager:
        close_old_connections()
