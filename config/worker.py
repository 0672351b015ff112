"""Entry point of the workers, `celery -A config.worker worker`, under the plain worker role."""

import os

os.environ["TONGCHOU_ROLE"] = "worker"

from config.celery import app

__all__ = ["app"]
