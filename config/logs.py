"""Logs: one line an event with the request's number, and never an identity number or phone.

An error of the database repeats the row it refused, so what is logged is masked as a whole.
"""

import logging
import re

import structlog

_NUMBERS = re.compile(r"(?<!\w)(\d{6})(?:\d{7}|\d{10})(\d[0-9Xx])(?!\w)")
_PHONES = re.compile(r"(?<!\d)(1\d{2})\d{6}(\d{2})(?!\d)")


def mask(text: str) -> str:
    """Hide the middle of what looks like an identity number (15 or 18) or a mobile number (11)."""
    text = _NUMBERS.sub(r"\1**********\2", text)
    return _PHONES.sub(r"\1******\2", text)


class MaskingFormatter(logging.Formatter):
    """Formats a record with its traceback, adds the request's number, and masks the result."""

    def format(self, record: logging.LogRecord) -> str:
        number = structlog.contextvars.get_contextvars().get("request", "-")
        return mask(f"{super().format(record)} request={number}")
