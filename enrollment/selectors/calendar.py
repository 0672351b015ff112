"""The business date: one function, so that a demo or a test can live on another day."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.utils import timezone

_on: ContextVar[date | None] = ContextVar("business_date", default=None)


def business_date() -> date:
    """Today in Asia/Shanghai, or `TONGCHOU_TODAY`, or the day that a command was given."""
    given = _on.get()
    if given is not None:
        return given
    text = os.environ.get("TONGCHOU_TODAY")
    return date.fromisoformat(text) if text else timezone.localdate()  # noqa: TID251 - the one place


@contextmanager
def business_date_is(on: date) -> Iterator[None]:
    """Set the business date for what runs inside (`--on` of a command)."""
    token = _on.set(on)
    try:
        yield
    finally:
        _on.reset(token)
