"""Logs carry the request's number and no identity number, whoever writes them."""

import logging

import pytest
import structlog

from config.logs import MaskingFormatter, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Key (id)=(349900197205040012)", "Key (id)=(349900**********12)"),
        ("349900720504001,", "349900**********01,"),
        ("34990019720504001X 13912345627", "349900**********1X 139******27"),
        ("enrollment 2027100000000012 of area 340104000000", None),
        ("digest 9c41e7a05b2d17349900197205040012ab", None),
    ],
)
def test_numbers_of_people_are_masked_and_others_are_not(text: str, masked: str | None) -> None:
    assert mask(text) == (masked or text)


def test_a_record_with_its_traceback_is_masked_and_names_its_request() -> None:
    formatter = MaskingFormatter("%(message)s")
    try:
        raise ValueError("349900197205040012 refused")
    except ValueError as error:
        record = logging.LogRecord(
            "django.request", logging.ERROR, "", 0, "failed", (), (type(error), error, None)
        )
    with structlog.contextvars.bound_contextvars(request="R-17"):
        told = formatter.format(record)

    assert "349900**********12 refused" in told
    assert "197205" not in told
    assert told.endswith("request=R-17")
