"""Pages beside the admin: health, errors, the lock. None of them shows a trace, SQL or a secret."""

import logging
import sys
from datetime import timedelta
from typing import Any

import psycopg
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from kombu.exceptions import KombuError

from config.celery import app as celery
from config.middleware import is_poll, number_of
from config.sandbox.refusals import sentence_of
from config.site import brand
from enrollment.rules.parameters import MissingParameter

logger = logging.getLogger("tongchou.web")

RETRY_SECONDS = 30
# Classes of SQLSTATE that say the server is away, starting, stopping or full. Everything else
# that psycopg calls operational (a lock that was not given, a deadlock) is an error of one request.
OUTAGE_STATES = ("08", "53", "57P", "58")


# Health.


def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks neither the database nor the broker."""
    return JsonResponse({"ok": True})


def ready(request: HttpRequest) -> JsonResponse:
    """The process can work: database and broker answer. 503 when one does not."""
    checks = {"database": _database_answers(), "broker": _broker_answers()}
    ok = all(checks.values())
    return JsonResponse({"ok": ok, **checks}, status=200 if ok else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with celery.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (KombuError, OSError):
        return False
    return True


# Errors. These pages are rendered without the request: its context processors ask the database.


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not include this."""
    return error_page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was sent without a valid mark, often from a page that stood open too long."""
    return error_page(request, 403, template="errors/csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not in the user's scope, which must look the same."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database is away; the trace goes to the log under the page's number.

    A number of the law that nobody published is named: whoever reads it can have it published.
    """
    error = sys.exc_info()[1]
    if is_outage(error):
        logger.error("%s: the database is away: %s", number_of(request), type(error).__name__)
        response = error_page(request, 503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    logger.error(
        "%s: %s %s failed", number_of(request), request.method, request.path, exc_info=error
    )
    if isinstance(error, MissingParameter):
        told = sentence_of(error)
        return error_page(request, 500, template="errors/missing_parameter.html", told=told)
    return error_page(request, 500)


def is_outage(error: BaseException | None) -> bool:
    """Whether an error means that the database server is away, and not that a statement failed."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(OUTAGE_STATES)


def error_page(request: HttpRequest, status: int, template: str = "", **told: Any) -> HttpResponse:
    """A page with the number of the request; for a page that refreshes itself only the status."""
    if is_poll(request):
        return HttpResponse(status=status)
    context: dict[str, Any] = {**brand(), "number": number_of(request), "status": status, **told}
    page = loader.get_template(template or f"errors/{status}.html").render(context)
    return HttpResponse(page, status=status)


# The lock after too many failures.


def locked(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """429: says for how long; the answer is the same whether the user exists or not."""
    left = time_until_unlocked(request, credentials)
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    response = render(request, "admin/locked.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def time_until_unlocked(request: HttpRequest, credentials: dict[str, Any] | None) -> timedelta:
    """How long the lock lasts that the user name or the address is under, whichever is longer.

    A failure counts until the cool-off after its row's last attempt; the lock ends when the
    failures that still count are fewer than the limit.
    """
    cool_off = get_cool_off(request) or timedelta()
    limit = get_failure_limit(request, credentials)
    now = timezone.now()
    ends = [
        attempt_that_unlocks.attempt_time + cool_off
        for attempts in AxesDatabaseHandler().get_user_attempts(request, credentials)
        if (attempt_that_unlocks := _last_needed(attempts, limit)) is not None
    ]
    return max(max(ends, default=now) - now, timedelta())


def _last_needed(attempts: QuerySet[AccessAttempt], limit: int) -> AccessAttempt | None:
    """The attempt whose expiry brings the failures under the limit, or None if they are under."""
    rows = list(attempts.order_by("attempt_time"))
    counted = sum(row.failures_since_start for row in rows)
    for row in rows:
        if counted < limit:
            break
        counted -= row.failures_since_start
        if counted < limit:
            return row
    return None
