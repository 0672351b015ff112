"""The scope of row security: which counties the present transaction may see."""

from typing import Any

from django.db import connection


def counties_of(user: Any) -> tuple[int, ...] | None:
    """Six-digit counties whose rows `user` may see: None is everywhere, () nothing.

    Duties by region come with the desk; until then an active member of staff sees the province.
    """
    everywhere = bool(user and user.is_authenticated and user.is_active and user.is_staff)
    return None if everywhere else ()


def set_scope(user: Any) -> None:
    """Set the row-security context of this transaction for `user`.

    Always sets both values, with empty ones where there is no right, because a value of an
    earlier request in the same transaction would still be there.
    """
    counties = counties_of(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.all', %s, true), set_config('app.counties', %s, true)",
            ["true" if counties is None else "", f"{{{','.join(map(str, counties or ()))}}}"],
        )
