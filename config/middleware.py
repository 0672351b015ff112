"""What happens around every request: a number, no caching, the language, the limits of a login,
and the one transaction in which the database knows whose rows may be seen."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]

# Answers here look at no row of the register, and have to come when the database is away.
WITHOUT_DATABASE = frozenset({"/health/live", "/health/ready"})

STARTED = "login_started"
SEEN = "login_seen"
# A busy page need not write its session at every click; the idle limit is this much shorter.
SEEN_STEP_SECONDS = 10


def new_number() -> str:
    """A number to read out over the telephone: two groups of four hexadecimal digits."""
    digits = secrets.token_hex(4).upper()
    return f"{digits[:4]}-{digits[4:]}"


def number_of(request: HttpRequest) -> str:
    """The number of this request; error pages show it, log lines carry it."""
    number: str | None = getattr(request, "tc_number", None)
    if number is None:
        number = new_number()
        request.tc_number = number  # type: ignore[attr-defined]
    return number


class RequestNumberMiddleware:
    """Give every request the number that its error page shows and its log lines carry."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = number_of(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=number)
        response = self.get_response(request)
        response.headers["X-Request-Id"] = number
        return response


class PlainTextMiddleware:
    """Refuse a NUL character in an address: no text of the register can hold one, and a list that
    looked for it would fail. A form refuses it at its field.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Raises BadRequest."""
        asked = [text for name, texts in request.GET.lists() for text in (name, *texts)]
        if any("\0" in text for text in (request.path_info, *asked)):
            raise BadRequest("a NUL character")


class NoStoreMiddleware:
    """No page is kept by a browser or a proxy: almost all show people or money.

    It stands outside of the login, so that it also covers redirects and error pages; static
    files are answered before it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response


class LanguageMiddleware:
    """Chinese, unless the user chose English with the switch, which leaves a cookie.

    Accept-Language is not asked: browsers in the field are often set to another language than
    the one the agency works in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SessionLimitsMiddleware:
    """End a login after 15 idle minutes, and after 8 hours whatever happened.

    A page that refreshes itself sends `X-Poll: 1`; that is nobody at the desk, so it extends
    nothing. Limits are in seconds (SESSION_IDLE_SECONDS, SESSION_ABSOLUTE_SECONDS).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if SESSION_KEY not in session:
            return self.get_response(request)
        now = int(time.time())
        polled = is_poll(request)
        reason = expired(session, now)
        if reason:
            logout(request)
            return ended(request, reason, polled=polled)
        session.setdefault(STARTED, now)
        if not polled and now - session.get(SEEN, 0) >= SEEN_STEP_SECONDS:
            session[SEEN] = now
        return self.get_response(request)


def is_poll(request: HttpRequest) -> bool:
    """Whether a page asked by itself, without anybody at the desk."""
    return request.headers.get("X-Poll") == "1"


def expired(session: SessionBase, now: int) -> str:
    """Which limit the login has passed: "idle", "absolute" or none (empty)."""
    if now - session.get(STARTED, now) >= settings.SESSION_ABSOLUTE_SECONDS:
        return "absolute"
    if now - session.get(SEEN, now) >= settings.SESSION_IDLE_SECONDS:
        return "idle"
    return ""


def ended(request: HttpRequest, reason: str, *, polled: bool) -> HttpResponse:
    """To the login page, which says why; a poll is told so in place, without a redirect."""
    query = {"ended": reason}
    if request.method == "GET" and not polled:
        query["next"] = request.get_full_path()
    address = f"{reverse(settings.LOGIN_URL)}?{urlencode(query)}"
    if polled:
        response = HttpResponse(status=401)
        response.headers["X-Login"] = address
        return response
    return HttpResponseRedirect(address)


class ScopeMiddleware:
    """One transaction around a request and its rendering, in which row security knows the user.

    The scope is set for everybody and every time, to nothing where there is no duty: a setting
    that is left over must never decide what somebody sees. An answer of 500 and more leaves
    nothing behind. Answers that stream are rendered after the commit and see no rows. A view that
    is marked `own_transactions` makes its own, each with the scope: a batch commits case by case.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from enrollment.selectors.scope import set_scope

        if request.path_info in WITHOUT_DATABASE or has_own_transactions(request):
            return self.get_response(request)
        with transaction.atomic():
            set_scope(request.user)
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def has_own_transactions(request: HttpRequest) -> bool:
    """Whether the view that answers this address makes its own transactions."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "own_transactions", False)
