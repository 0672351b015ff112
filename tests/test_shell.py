"""The shell of the admin: language, limits of a login, scope, errors, lock, navigation, roles."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from unittest import mock

import psycopg
import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path, set_urlconf
from django.utils import timezone, translation

from config.middleware import SEEN, STARTED, ScopeMiddleware
from config.roles import ROLES, apply_roles, declared_permissions, label_of
from config.settings import PASSWORD_HASHERS
from config.site import GROUPS, TongchouAdminSite
from config.storage import StaticStorage
from config.urls import urlpatterns
from config.views import is_outage
from enrollment.models import Region, User
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.duties import duties_of
from enrollment.services.policy import load_regions
from tests import cast as staff

PASSWORD = "eight-otters-swim-north"


@pytest.fixture
def supervisor(db: None) -> User:
    """Wang, a supervisor: sees the register and the year, changes nothing of them."""
    return member("Supervisor", "wang", "王建国")


@pytest.fixture
def logged_in(client: Client, supervisor: User) -> Client:
    """Wang's browser, logged in by the form."""
    assert log_in(client, "wang").status_code == 302
    return client


def member(role: str, username: str, name: str) -> User:
    """An account of the agency with one role."""
    user = User.objects.create_user(
        username=username, password=PASSWORD, display_name=name, is_staff=True
    )
    staff.entrust(user, role)
    return user


def log_in(client: Client, username: str, password: str = PASSWORD, **extra: Any) -> HttpResponse:
    """Send the login form."""
    form = {"username": username, "password": password, "next": "/"}
    return cast("HttpResponse", client.post("/login/", form, **extra))


def text_of(response: HttpResponse) -> str:
    """What the page says, without what differs in every answer (mark of the form, number)."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r"[0-9A-F]{4}-[0-9A-F]{4}", "", page)


# Language.


@pytest.mark.django_db
def test_chinese_is_spoken_whatever_the_browser_prefers(client: Client) -> None:
    response = client.get("/login/", headers={"accept-language": "en-GB,en;q=0.9"})
    assert response.headers["Content-Language"] == "zh-hans"
    assert 'lang="zh-hans"' in response.content.decode()
    assert "登录" in response.content.decode()


@pytest.mark.django_db
def test_the_switch_turns_a_page_english_and_back(client: Client) -> None:
    answer = client.post("/language/", {"language": "en"}, headers={"referer": "/login/"})
    assert answer.status_code == 302
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("en", True, "Lax")
    assert "Log in" in client.get("/login/").content.decode()
    client.post("/language/", {"language": "zh-hans"})
    assert "Log in" not in client.get("/login/").content.decode()


@pytest.mark.django_db
def test_the_language_changes_by_post_alone_and_to_a_known_one(client: Client) -> None:
    client.get("/language/", {"language": "en"})
    assert client.get("/login/").headers["Content-Language"] == "zh-hans"
    client.cookies["django_language"] = "xx"
    assert client.get("/login/").headers["Content-Language"] == "zh-hans"


@pytest.mark.django_db
def test_a_request_leaves_no_language_behind(client: Client) -> None:
    client.cookies["django_language"] = "en"
    client.get("/login/")
    assert translation.get_language() == "zh-hans"


# Limits of a login.


def age(client: Client, **seconds: int) -> None:
    """Make the login of this browser look older: `started` and `seen` in seconds ago."""
    session = client.session
    for key, name in (("started", STARTED), ("seen", SEEN)):
        if key in seconds:
            session[name] = int(time.time()) - seconds[key]
    session.save()


def test_fifteen_idle_minutes_end_a_login_and_the_login_page_says_so(logged_in: Client) -> None:
    logged_in.get("/")
    age(logged_in, seen=15 * 60)
    answer = logged_in.get("/password_change/?x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == ("/login/?ended=idle&next=%2Fpassword_change%2F%3Fx%3D1")
    assert "_auth_user_id" not in logged_in.session
    assert "15 分钟无操作" in logged_in.get(answer.headers["Location"]).content.decode()


def test_fourteen_idle_minutes_do_not(logged_in: Client) -> None:
    logged_in.get("/")
    age(logged_in, seen=14 * 60)
    assert logged_in.get("/").status_code == 200
    assert time.time() - logged_in.session[SEEN] < 60


def test_eight_hours_end_a_login_however_busy(logged_in: Client) -> None:
    logged_in.get("/")
    age(logged_in, started=8 * 3600, seen=1)
    answer = logged_in.post("/password_change/")
    assert answer.headers["Location"] == "/login/?ended=absolute"
    assert "最长 8 小时" in logged_in.get(answer.headers["Location"]).content.decode()


def test_polling_keeps_no_login_alive(logged_in: Client) -> None:
    logged_in.get("/")
    age(logged_in, seen=10 * 60)
    before = logged_in.session[SEEN]
    assert logged_in.get("/", headers={"x-poll": "1"}).status_code == 200
    assert logged_in.session[SEEN] == before


def test_a_poll_after_the_end_is_told_in_place(logged_in: Client) -> None:
    logged_in.get("/")
    age(logged_in, seen=15 * 60)
    answer = logged_in.get("/", headers={"x-poll": "1"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["X-Login"] == "/login/?ended=idle"


def test_a_disabled_account_is_out_at_the_next_request(logged_in: Client, supervisor: User) -> None:
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    assert logged_in.get("/").status_code == 302


def test_logging_out_leads_to_the_login(logged_in: Client) -> None:
    answer = logged_in.post("/logout/")
    assert answer.headers["Location"] == "/login/"
    assert logged_in.get("/").status_code == 302


def test_a_password_is_changed_by_its_owner(logged_in: Client, supervisor: User) -> None:
    wanted = "nine-herons-walk-south"
    form = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    refused = logged_in.post("/password_change/", form)
    assert 'class="tc-field errors"' in refused.content.decode()
    form |= {"new_password1": wanted, "new_password2": wanted}
    assert logged_in.post("/password_change/", form).status_code == 302
    supervisor.refresh_from_db()
    assert supervisor.check_password(wanted)


# Scope: one transaction, always with a scope.


def scope_seen(user: Any) -> str:
    """What row security is told while a request of this user is answered."""
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        assert connection.in_atomic_block
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.all', true)")
            seen.append(cursor.fetchone()[0])
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = user
    ScopeMiddleware(view)(request)
    return str(seen[0])


def test_the_scope_is_set_for_everybody_and_nothing_is_left_over(supervisor: User) -> None:
    assert scope_seen(supervisor) == "true"
    assert scope_seen(AnonymousUser()) == ""


STREET = staff.SHUSHAN + 1000


@pytest.mark.parametrize(("status", "kept"), [(200, True), (404, True), (500, False), (503, False)])
@pytest.mark.django_db
def test_an_answer_of_500_and_more_leaves_nothing_behind(status: int, kept: bool) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        Region.objects.create(code=STREET, name="街道", level=4, valid_from="2000-01-01")
        return HttpResponse(status=status)

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    ScopeMiddleware(view)(request)
    assert Region.objects.filter(pk=STREET).exists() is kept


# Headers and templates.


def test_no_page_is_stored_and_every_page_is_under_the_strict_policy(logged_in: Client) -> None:
    for address in ("/", "/login/", "/nowhere/", "/password_change/"):
        response = logged_in.get(address)
        assert response.headers["Cache-Control"] == "no-store, private", address
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*application/json)|\son[a-z]+=\"|javascript:"
)


def test_no_template_of_ours_has_an_inline_style_script_or_handler() -> None:
    folder = Path(__file__).resolve().parent.parent / "templates"
    found = {
        str(file.relative_to(folder)): match.group()
        for file in folder.rglob("*.html")
        if (match := INLINE.search(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_list_of_the_admin_has_one_either(client: Client, db: None) -> None:
    """Django's change list writes an inline style when it shows no actions; ours does not."""
    User.objects.create_superuser(username="all", password=PASSWORD, display_name="全")
    log_in(client, "all")
    for address in ("/axes/accesslog/", "/django_celery_beat/periodictask/add/", "/auth/group/"):
        page = client.get(address).content.decode()
        assert not INLINE.search(page), address


@pytest.mark.parametrize("debug", [True, False])
def test_static_names_are_plain_until_files_were_collected(debug: bool, tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path, DEBUG=debug):
        assert StaticStorage(location=tmp_path).url("config/tongchou.css") == (
            "/static/config/tongchou.css"
        )


def test_collected_files_carry_their_digest_and_are_compressed(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path, DEBUG=False):
        call_command("collectstatic", interactive=False, verbosity=0)
        url = StaticStorage(location=tmp_path).url("config/tongchou.css")
        with pytest.raises(ValueError, match=r"no/such\.css"):
            StaticStorage(location=tmp_path).url("no/such.css")
    assert re.fullmatch(r"/static/config/tongchou\.[0-9a-f]{12}\.css", url)
    assert (tmp_path / f"{url.removeprefix('/static/')}.gz").exists()


# Errors.


@pytest.fixture
def boom() -> Iterator[Callable[[Exception], None]]:
    """Let the address /boom/ raise an error inside the admin."""
    errors: list[Exception] = []

    def view(request: HttpRequest) -> HttpResponse:
        raise errors[0]

    urls = ModuleType("urls_with_boom")
    urls.urlpatterns = [path("boom/", view), *urlpatterns]  # type: ignore[attr-defined]
    urls.handler400 = "config.views.bad_request"  # type: ignore[attr-defined]
    urls.handler403 = "config.views.forbidden"  # type: ignore[attr-defined]
    urls.handler404 = "config.views.not_found"  # type: ignore[attr-defined]
    urls.handler500 = "config.views.server_error"  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        yield errors.append
    set_urlconf(None)


def test_an_error_shows_its_number_and_no_trace(
    logged_in: Client, boom: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    boom(ValueError("SELECT secret FROM person"))
    logged_in.raise_request_exception = False
    response = logged_in.get("/boom/")
    page = response.content.decode()
    number = response.headers["X-Request-Id"]
    assert response.status_code == 500
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}", number)
    assert number in page
    assert "secret" not in page
    assert "ValueError" not in page
    logged = [record for record in caplog.records if record.name == "tongchou.web"]
    assert number in logged[0].getMessage()
    assert logged[0].exc_info


def test_a_number_of_the_law_that_is_missing_is_named(
    logged_in: Client, boom: Callable[[Exception], None]
) -> None:
    boom(MissingParameter("indicators.enrolment_target", 340000, "both", date(2024, 1, 1)))
    logged_in.raise_request_exception = False
    response = logged_in.get("/boom/")
    page = response.content.decode()
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in page
    for told in ("缺少法定参数", "基本医保参保率目标", "340000", "2024-01-01"):
        assert told in page
    assert "MissingParameter" not in page


def test_a_poll_gets_the_status_of_an_error_and_no_page(
    logged_in: Client, boom: Callable[[Exception], None]
) -> None:
    boom(ValueError("x"))
    logged_in.raise_request_exception = False
    response = logged_in.get("/boom/", headers={"x-poll": "1"})
    assert (response.status_code, response.content) == (500, b"")


def test_what_a_role_does_not_include_is_refused_with_a_page(
    logged_in: Client, boom: Callable[[Exception], None]
) -> None:
    boom(PermissionDenied())
    response = logged_in.get("/boom/")
    assert response.status_code == 403
    assert "当前角色无此权限" in response.content.decode()
    assert response.headers["X-Request-Id"] in response.content.decode()


def test_an_unknown_address_has_a_page(logged_in: Client) -> None:
    response = logged_in.get("/enrollment/nothing/7/")
    assert response.status_code == 404
    assert "页面不存在" in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_is_not_told_to_strangers(client: Client) -> None:
    assert client.get("/enrollment/nothing/7/").status_code == 302


@pytest.mark.django_db
def test_a_form_without_its_mark_is_refused_with_a_page() -> None:
    response = log_in(Client(enforce_csrf_checks=True), "wang")
    assert response.status_code == 403
    assert "表单已失效" in response.content.decode()


@pytest.fixture
def no_database(db: None) -> Iterator[None]:
    """The database server is away: no cursor can be had."""
    away = OperationalError("connection to server failed")
    with mock.patch.object(connection, "ensure_connection", side_effect=away):
        yield


def test_a_database_that_is_away_gives_one_page(no_database: None) -> None:
    for address in ("/", "/login/", "/enrollment/person/"):
        client = Client(raise_request_exception=False)
        response = client.get(address)
        assert response.status_code == 503, address
        assert response.headers["Retry-After"] == "30"
        assert response.headers["Cache-Control"] == "no-store, private"
        page = response.content.decode()
        assert "数据库暂时无应答" in page
        assert "connection to server failed" not in page


@pytest.mark.parametrize(
    ("cause", "outage"),
    [
        (psycopg.OperationalError("no server"), True),
        (psycopg.errors.AdminShutdown("stopping"), True),
        (psycopg.errors.TooManyConnections("full"), True),
        (psycopg.errors.DiskFull("full"), True),
        (psycopg.errors.LockNotAvailable("held"), False),
        (psycopg.errors.DeadlockDetected("deadlock"), False),
        (psycopg.errors.QueryCanceled("timeout"), False),
    ],
)
def test_only_a_server_that_is_away_counts_as_an_outage(cause: Exception, outage: bool) -> None:
    error = OperationalError("x")
    error.__cause__ = cause
    assert is_outage(error) is outage


def test_a_closed_connection_counts_and_a_wrong_value_does_not() -> None:
    assert is_outage(InterfaceError("connection already closed"))
    assert not is_outage(ValueError("x"))
    assert not is_outage(None)


# Health.


def test_the_process_answers_without_a_database(no_database: None) -> None:
    response = Client().get("/health/live")
    assert (response.status_code, response.json()) == (200, {"ok": True})


def test_not_ready_without_a_database(no_database: None) -> None:
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json()["database"] is False


@pytest.mark.django_db
def test_ready_with_database_and_broker(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (
        200,
        {"ok": True, "database": True, "broker": True},
    )


# Login and lock.


def test_passwords_are_kept_by_argon2(supervisor: User) -> None:
    with override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS):
        supervisor.set_password(PASSWORD)

    assert supervisor.password.startswith("argon2$argon2id$")


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    client: Client, supervisor: User
) -> None:
    cookies = log_in(client, "wang").cookies
    for name in ("sessionid", "csrftoken"):
        assert cookies[name]["httponly"] is True
        assert cookies[name]["samesite"] == "Lax"


def test_a_failed_login_says_the_same_of_an_unknown_name(client: Client, supervisor: User) -> None:
    known, unknown = log_in(client, "wang", "wrong"), log_in(client, "nobody", "wrong")
    assert text_of(known).replace("wang", "") == text_of(unknown).replace("nobody", "")
    assert known.status_code == unknown.status_code == 200


def fail(client: Client, name: str, times: int, address: str = "10.0.0.1") -> HttpResponse:
    """Send that many wrong passwords from an address."""
    for _ in range(times):
        response = log_in(client, name, "wrong", REMOTE_ADDR=address)
    return response


def test_five_failures_lock_a_name_from_every_address(client: Client, supervisor: User) -> None:
    assert fail(client, "wang", 4).status_code == 200
    assert fail(client, "wang", 1).status_code == 429
    answer = log_in(client, "wang", REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session


def test_five_failures_lock_an_address_for_every_name(client: Client, supervisor: User) -> None:
    for name in ("a", "b", "c", "d", "e"):
        fail(client, name, 1)
    assert log_in(client, "wang", REMOTE_ADDR="10.0.0.1").status_code == 429
    assert log_in(client, "wang", REMOTE_ADDR="10.0.0.2").status_code == 302


def test_the_lock_says_the_same_of_an_unknown_name_and_for_how_long(
    client: Client, supervisor: User
) -> None:
    known = fail(client, "wang", 5)
    unknown = fail(client, "nobody", 5, "10.0.0.3")
    assert text_of(known) == text_of(unknown)
    assert "请在 15 分钟后再试" in known.content.decode()
    assert known.headers["Retry-After"] == "900"


def test_trying_on_does_not_prolong_the_lock(client: Client, supervisor: User) -> None:
    fail(client, "wang", 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=9, seconds=30))
    assert "请在 6 分钟后再试" in fail(client, "wang", 3).content.decode()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert log_in(client, "wang", REMOTE_ADDR="10.0.0.1").status_code == 302


def test_the_lock_lasts_until_the_failures_that_count_are_fewer_than_five(
    client: Client, supervisor: User
) -> None:
    """Three failures at 09:00 from one address, two at 09:05 from another: unlocked at 09:15."""
    fail(client, "wang", 3, "10.0.0.1")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=5))
    assert "请在 10 分钟后再试" in fail(client, "wang", 2, "10.0.0.2").content.decode()


def test_a_right_password_forgets_the_failures(client: Client, supervisor: User) -> None:
    fail(client, "wang", 4)
    assert log_in(client, "wang", REMOTE_ADDR="10.0.0.1").status_code == 302
    assert not AccessAttempt.objects.exists()


# Navigation and pages.


@pytest.fixture
def site() -> TongchouAdminSite:
    """A site of its own, without the lists of the apps."""
    return TongchouAdminSite()


def asked(user: Any, address: str = "/") -> HttpRequest:
    """A request of this user for a page."""
    request = RequestFactory().get(address)
    request.user = user
    return request


def names(navigation: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The navigation as {group: [what stands in it]}."""
    return {
        group["app_label"]: [str(entry["name"]) for entry in group["models"]]
        for group in navigation
    }


def test_the_navigation_follows_the_work_and_the_order_given(
    site: TongchouAdminSite, supervisor: User
) -> None:
    site.add_page("year", 20, "Later", "admin:password_change")
    site.add_page("year", 10, "Sooner", "admin:password_change_done", key="s", count=lambda _: 7)
    site.add_page("work", 5, "Cases", "admin:logout")
    with translation.override("en"):
        found = names(site.get_app_list(asked(supervisor)))
    assert list(found) == ["work", "year"]
    assert found == {"work": ["My desk", "Cases"], "year": ["Sooner", "Later"]}
    entry = site.get_app_list(asked(supervisor))[1]["models"][0]
    assert (entry["key"], entry["count"]) == ("s", 7)


def test_the_navigation_shows_what_the_role_opens(
    site: TongchouAdminSite, supervisor: User
) -> None:
    site.add_page("year", 1, "A", "admin:logout", "enrollment.sign_rehearsal")
    site.add_page("year", 2, "B", "admin:logout", "enrollment.check_case")
    site.add_page("year", 3, "C", "admin:logout", lambda request: False)
    assert names(site.get_app_list(asked(supervisor)))["year"] == ["A"]
    assert site.get_app_list(asked(AnonymousUser())) == []


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "index"),
        ("/password_change/", "password_change"),
        ("/password_change/done/", "password_change_done"),
        ("/password_change/done/more/", "password_change_done"),
        ("/elsewhere/", None),
    ],
)
def test_one_entry_at_most_is_current(
    site: TongchouAdminSite, supervisor: User, address: str, current: str | None
) -> None:
    site.add_page("year", 1, "Change", "admin:password_change")
    site.add_page("year", 2, "Done", "admin:password_change_done")
    marked = [
        entry["object_name"]
        for group in site.get_app_list(asked(supervisor, address))
        for entry in group["models"]
        if entry["current"]
    ]
    assert marked == ([current] if current else [])


def test_a_mistake_in_a_declaration_is_named(site: TongchouAdminSite, supervisor: User) -> None:
    with pytest.raises(ImproperlyConfigured, match="no group misc"):
        site.add_page("misc", 1, "X", "admin:index")
    with pytest.raises(ImproperlyConfigured, match="no column middle"):
        site.add_panel("middle", 1, "x.html", lambda request: {})
    site.register_page("x/", lambda request: HttpResponse(), "x")
    with pytest.raises(ImproperlyConfigured, match="Two pages are called x"):
        site.register_page("y/", lambda request: HttpResponse(), "x")
    site.add_page("work", 1, "Gone", "admin:gone")
    with pytest.raises(ImproperlyConfigured, match="admin:gone"):
        site.get_app_list(asked(supervisor))


@pytest.fixture
def own_pages(site: TongchouAdminSite) -> Iterator[TongchouAdminSite]:
    """The site with two pages of its own, answering instead of the real one."""
    say: Callable[..., HttpResponse] = lambda request, **at: HttpResponse(f"{at}")  # noqa: E731
    site.register_page("runs/<int:year>/", say, "run", permission="enrollment.sign_rehearsal")
    site.register_page("check/", say, "check", permission="enrollment.check_case")
    urls = ModuleType("urls_of_own_pages")
    urls.urlpatterns = [*urlpatterns[:-1], path("", site.urls)]  # type: ignore[attr-defined]
    urls.handler403 = "config.views.forbidden"  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        yield site
    set_urlconf(None)


def test_a_page_answers_whom_its_permission_admits(
    own_pages: TongchouAdminSite, logged_in: Client
) -> None:
    assert logged_in.get("/runs/2027/").content == b"{'year': 2027}"
    assert logged_in.get("/check/").status_code == 403
    assert Client().get("/runs/2027/").headers["Location"] == "/login/?next=/runs/2027/"


@pytest.mark.parametrize(
    ("permission", "shown"), [(None, True), ("enrollment.check_case", False), ("", False)]
)
def test_the_search_is_a_form_by_post_for_whom_it_answers(
    own_pages: TongchouAdminSite, logged_in: Client, permission: str | None, shown: bool
) -> None:
    """An identity number never stands in an address."""
    if permission != "":
        view = lambda request: HttpResponse()  # noqa: E731
        own_pages.register_page("search/", view, "search", permission=permission)
    urls = ModuleType("urls_with_search")
    urls.urlpatterns = [*urlpatterns[:-1], path("", own_pages.urls)]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        page = logged_in.get("/").content.decode()
    form = '<form class="tc-search" role="search" method="post" action="/search/">'
    assert (form in page) is shown
    assert ('id="tc-q"' in page) is shown


def test_panels_stand_in_their_order_and_only_when_they_have_something_to_say(
    own_pages: TongchouAdminSite, logged_in: Client
) -> None:
    scope = "admin/scope.html"  # prints whatever `scope` it is given; any template serves
    own_pages.add_panel("main", 2, scope, lambda request: {"n": 2})
    own_pages.add_panel("main", 1, scope, lambda request: {"n": 1})
    own_pages.add_panel("side", 1, scope, lambda request: None)
    context = logged_in.get("/").context
    assert [panel["context"]["n"] for panel in context["panels"]["main"]] == [1, 2]
    assert context["panels"]["side"] == []


def test_the_header_names_the_user_with_the_role_and_the_data(logged_in: Client) -> None:
    page = logged_in.get("/").content.decode()
    assert "<strong>王建国</strong> 主管" in page
    assert "数据截至" in page


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.django_db
def test_a_demo_says_that_its_data_are_synthetic(client: Client, demo: bool) -> None:
    with override_settings(DEMO=demo):
        assert ("演示 · 合成数据" in client.get("/login/").content.decode()) is demo


def test_every_group_has_its_chinese_name() -> None:
    with translation.override("zh-hans"):
        assert " ".join(map(str, GROUPS.values())) == "工作 参保 待遇 基金 年度 系统"


# Roles.


@pytest.mark.django_db
def test_every_permission_of_every_role_exists() -> None:
    named = {name for role in ROLES for name in role.permissions}
    assert named - declared_permissions().keys() == set()


@pytest.mark.django_db
def test_a_permission_that_no_model_declares_is_named() -> None:
    Permission.objects.get(codename="check_case").delete()
    with pytest.raises(ImproperlyConfigured, match=r"No model declares enrollment\.check_case"):
        apply_roles()


def of(role: str) -> set[str]:
    """Permissions of a role by its English name."""
    return set(next(each.permissions for each in ROLES if each.name == role))


def test_who_makes_does_not_check_and_who_checks_does_not_make() -> None:
    assert "enrollment.check_case" not in of("Maker")
    for checker in ("Checker", "Approver"):
        made = {name for name in of(checker) if ".add_" in name or ".change_" in name}
        assert made == {"enrollment.add_casecomment"}  # who decides may ask


def test_administrators_share_no_duty_and_see_no_register() -> None:
    administrators = [
        of("System administrator"),
        of("Security administrator"),
        of("Audit administrator"),
    ]
    for own in administrators:
        others = set().union(*(other for other in administrators if other is not own))
        acts = {name for name in own if ".view_" not in name}
        assert not acts & others
        assert not {name for name in own if name.endswith(("_person", "_enrollment", "_case"))}


def test_an_auditor_changes_nothing_and_nobody_deletes_but_a_lock() -> None:
    assert all(".view_" in name for name in of("Auditor"))
    deletes = {name for role in ROLES for name in role.permissions if ".delete_" in name}
    assert deletes == {"axes.delete_accessattempt"}


@pytest.mark.django_db
def test_roles_are_written_as_declared_and_a_stray_right_is_taken_away() -> None:
    groups = apply_roles()
    groups["Maker"].permissions.add(Permission.objects.get(codename="check_case"))
    apply_roles()
    assert not groups["Maker"].permissions.filter(codename="check_case").exists()
    assert Group.objects.count() == len(ROLES) == 9


def test_roles_are_called_by_their_chinese_names() -> None:
    with translation.override("zh-hans"):
        labels = " ".join(label_of(role.name) for role in ROLES)
        assert labels == "经办 复核 审批 基金财务 主管 稽核审计 系统管理 安全管理 审计管理"
        assert label_of("合肥专班") == "合肥专班"


def made(*options: str) -> dict[str, str]:
    """Run create_demo_users: {user name: password} of what it printed."""
    out = StringIO()
    load_regions()
    call_command("create_demo_users", *options, stdout=out)
    rows = [line.split() for line in out.getvalue().splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3}


@pytest.mark.django_db
def test_a_demo_gets_an_account_a_role_with_a_password_that_is_shown_once() -> None:
    with override_settings(DEMO=True):
        first = made()
        assert len(first) == 9
        assert len(set(first.values())) == 9
        assert made() == {}
        assert authenticate(RequestFactory().get("/"), username="maker", password=first["maker"])
        again = made("--reset")
    assert again.keys() == first.keys()
    assert not set(again.values()) & set(first.values())
    user = User.objects.get(username="maker")
    assert user.check_password(again["maker"])
    assert [duty.role.name for duty in duties_of(user)] == ["Maker"]
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db
def test_no_account_is_made_outside_of_a_demo() -> None:
    with override_settings(DEMO=False), pytest.raises(CommandError, match="TONGCHOU_DEMO"):
        call_command("create_demo_users")
    assert not User.objects.exists()
