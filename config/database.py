"""The database's own guarantees, applied after every migrate, and which role the web is."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

APPS = ("enrollment", "benefits", "funds", "config")


def apply_guarantees(*, using: str = "default", **kwargs: Any) -> None:
    """Run the idempotent SQL of all apps in one transaction, as the owner."""
    roles = {name: sql.Identifier(role) for name, role in settings.DATABASE_ROLES.items()}
    with connections[using].cursor() as cursor:
        for app in APPS:
            # In the order of their numbers: functions before what calls them, grants last.
            for file in sorted((settings.BASE_DIR / app / "sql" / "database").glob("*.sql")):
                text = file.read_text()
                # The only braces of these files are the names of the roles.
                for name, role in roles.items():
                    text = text.replace("{" + name + "}", role.as_string(cursor.connection))
                cursor.execute(text)


POWERS = """
SELECT r.rolname, r.rolsuper OR r.rolbypassrls
       OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'person')
  FROM pg_roles r WHERE r.rolname IN (session_user, current_user)
"""


def refuse_powerful_role(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Close a connection that row security does not bind; the web asks it of each that it opens.

    :raises ImproperlyConfigured: the role is a superuser, has BYPASSRLS, or owns the register.
    """
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        powerful = [name for name, is_powerful in cursor.fetchall() if is_powerful]
    if powerful:
        connection.close()
        raise ImproperlyConfigured(
            f"DATABASE_URL_WEB connects as {powerful[0]}, whom row security does not bind."
            " The web needs a plain role: no superuser, no BYPASSRLS, owner of no table."
        )
