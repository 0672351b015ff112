"""Signing in as it is served: by the plain role `web`, which owns nothing."""

from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import CASCADE
from django.test import Client
from django.urls import reverse

from enrollment.models import User
from tests import cast
from tests.roles import as_role
from tests.screens import logged_in

PASSWORD = "Guangming-2027-road"
LOGIN = "/login/"


@pytest.fixture
def wang(transactional_db: None) -> User:
    user = cast.officer("Supervisor", "wang", "王敏")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, password: str) -> Any:
    fields = {"username": "wang", "password": password}
    return as_role("web", lambda: client.post(LOGIN, fields))


def test_the_right_password_after_a_wrong_one_lets_in(wang: User, client: Client) -> None:
    assert sign_in(client, "wrong").status_code == 200
    assert AccessAttempt.objects.get().failures_since_start == 1
    assert sign_in(client, PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_the_security_administrator_takes_a_lock_away(wang: User, client: Client) -> None:
    for _ in range(5):
        locked = sign_in(client, "wrong")
    assert locked.status_code == 429
    security = logged_in(cast.officer("Security administrator", "sun", "孙立"))
    attempt = AccessAttempt.objects.get()
    page = reverse("admin:axes_accessattempt_delete", args=[attempt.pk])
    assert as_role("web", lambda: security.post(page, {"post": "yes"})).status_code == 302
    assert not AccessAttempt.objects.exists()
    assert sign_in(client, PASSWORD).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["web", "worker"])
def test_who_may_delete_a_row_may_delete_what_goes_with_it(role: str) -> None:
    """A library's next version may bring a table whose rows go with those of another."""
    name = settings.DATABASE_ROLES[role]

    def may_delete(table: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'SELECT')"
                "   AND has_table_privilege(%s, %s, 'DELETE')",
                [name, table, name, table],
            )
            return bool(cursor.fetchone()[0])

    together = [
        (model._meta.db_table, relation.related_model._meta.db_table)
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if relation.on_delete is CASCADE
    ]
    deletable = [(table, other) for table, other in together if may_delete(table)]
    assert deletable
    assert not [pair for pair in deletable if not may_delete(pair[1])]
