"""Applies the database's own guarantees (each app's sql/database.sql) after every migrate."""

from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql

FILES = ("enrollment", "benefits", "funds", "config")


def apply_guarantees(*, using: str = "default", **kwargs: Any) -> None:
    """Run the idempotent SQL of all apps in one transaction, as the owner."""
    roles = {name: sql.Identifier(role) for name, role in settings.DATABASE_ROLES.items()}
    with connections[using].cursor() as cursor:
        for app in FILES:
            text = (settings.BASE_DIR / app / "sql" / "database.sql").read_text()
            # The only braces of these files are the names of the roles.
            for name, role in roles.items():
                text = text.replace("{" + name + "}", role.as_string(cursor.connection))
            cursor.execute(text)
