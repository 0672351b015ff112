"""Asking screens in a test: logging in, reading a page as text, and counting its statements."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment.models import Person, User
from tests.roles import as_role

FULL_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")
# What opens and closes transactions reads nothing.
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def served_as_web(officers: dict[str, User]) -> Callable[..., HttpResponse]:
    """`ask("maker", path, {...})` by POST, without data by GET; served as the role `web`."""
    clients: dict[str, Client] = {}

    def send(role: str, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        if role not in clients:
            clients[role] = logged_in(officers[role])
        client = clients[role]

        def serve() -> HttpResponse:
            response = client.get(path) if data is None else client.post(path, data)
            assert response.status_code < 500, path
            return response  # type: ignore[return-value]

        return as_role("web", serve)

    return send


def number_of(person: Person) -> str:
    return person.identity_number


def file_of(person: Person) -> str:
    return reverse("admin:enrollment_person_change", args=[person.pk])


def text_of(response: Any) -> str:
    """What stands on a page, without tags and with single spaces."""
    assert response.status_code == 200
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def queries_of(ask: Callable[[], Any]) -> list[str]:
    """The statements of a request on this connection that read or write."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in statements if not sql.startswith(BRACKETS)]


def assert_counts_nothing(statements: list[str]) -> None:
    assert not [sql for sql in statements if "COUNT(" in sql.upper()]


def find(client: Client, text: str, **fields: Any) -> Any:
    return client.post(reverse("admin:search"), {"q": text, **fields})
