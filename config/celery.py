"""Celery: how messages are kept, given back after a crash, and bounded in time.

A message is only a key into the run ledger. Whatever the broker loses or delivers twice, the
ledger in PostgreSQL decides what still has to be done (docs/adr/0007-shards-exactly-once.md).
"""

import os

from celery import Celery

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
