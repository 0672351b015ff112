"""What stands in the database of the tests: divisions down to the counties, Anhui's law, the roles.

Committed once by each process and left there by the flush that follows a test that commits, unless
that test changed any of it: writing and deleting it for each test took longer than many of them.
"""

from django.db import connection, transaction

from config.parameters import ROOTS
from config.roles import apply_roles
from enrollment.models import Region
from enrollment.services.policy import load_policies

# In the order of their references.
TABLES = (
    "region", "policy_document", "policy_parameter", "auth_group", "auth_group_permissions",
    "role_conflict",
)  # fmt: skip
_rows: dict[str, str] = {}
_seen: list[object] = []
# An insert, an update or a delete shows in one of the two.
_TRACES = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {table}" for table in TABLES
)


def load() -> None:
    """Write all of it from the files and the declarations, with the examples that 2027 needs."""
    load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
    apply_roles()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM region WHERE level > %s", [Region.Level.COUNTY])
        for table in TABLES:
            cursor.execute(f"SELECT json_agg(t)::text FROM {table} t")
            _rows[table] = cursor.fetchone()[0]


def notice() -> None:
    """Remember how it stands, once it is committed."""
    _seen[:] = _traces()


def is_changed() -> bool:
    """Whether anything of it was committed since."""
    return _seen != _traces()


def write() -> None:
    """All of it as it was loaded, into empty tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in _rows.items():
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)",
                [rows],
            )


def _traces() -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(_TRACES)
        return list(cursor.fetchall())
