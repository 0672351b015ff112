"""What every test of the database needs."""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import TransactionTestCase, override_settings

from config.celery import app
from tests import standing
from tests.roles import hang_up

# A committed year leaves its partition behind, a rehearsal its table under construction; the next
# test makes the year anew. A table under construction refers to people, who are emptied.
DROP_UNFINISHED = """
    DO $$
    DECLARE
        made regclass;
    BEGIN
        FOR made IN
            SELECT c.oid::regclass FROM pg_class c
             WHERE c.relkind = 'r' AND c.relname ~ '^(enrollment|standing)_y[0-9]{4}_s[0-9]+$'
        LOOP
            EXECUTE format('DROP TABLE %s', made);
        END LOOP;
    END $$
"""
DROP_YEARS = """
    DO $$
    DECLARE
        year record;
    BEGIN
        FOR year IN
            SELECT i.inhrelid::regclass AS part, i.inhparent::regclass AS parent
              FROM pg_inherits i
              JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p'
             WHERE p.relname IN ('enrollment', 'standing')
        LOOP
            EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', year.parent, year.part);
            EXECUTE format('DROP TABLE %s', year.part);
        END LOOP;
    END $$
"""


def pytest_configure() -> None:
    """Each process has its own part of the broker: no worker takes the messages of another."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if process:
        own = broker_of(settings.REDIS_URL, 1 + int(process.removeprefix("gw")))
        os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = own
        app.conf.broker_url = own


def broker_of(url: str, number: int) -> str:
    """The same server's database of this number."""
    if url.startswith("redis+socket:"):
        return f"{url.partition('?')[0]}?virtual_host={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


# Long files first, so that no process is left with one at the end; the rest as it is collected.
LONG = ("tests/test_chaos.py", "tests/test_isolation.py", "tests/browser/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The processes share the files; the nine walks of the matrix are shared among them too."""
    shared: dict[str, int] = {}

    def file_of(item: pytest.Item) -> str:
        return item.nodeid.partition("::")[0]

    def rank(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    for item in items:
        group = file_of(item)
        if group == "tests/test_isolation.py" and "[" in item.nodeid:
            walk = shared[group] = shared.get(group, -1) + 1
            group += f":{walk % 3}"
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=rank)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it again took up to a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# What the migrations wrote and no test changes: a flush leaves it, and need not write it again.
WRITTEN_BY_MIGRATIONS = {
    "django_content_type", "auth_permission", "account_kind", "reason_side",
}  # fmt: skip
WRITTEN_BY_TRIGGERS = {"receipt_to_reconcile"}  # no model: a flush does not know of it


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    """The processes of a run migrate one database, and each begins with a copy of it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is not None:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated(f"tests_{run}")


def migrated(name: str) -> str:
    """A database of this name with all migrations: made by who comes first, while the others wait.

    Whoever ends first takes it away (`django_db_setup`): a copy needs no template.
    """
    with alone(name) as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if not cursor.rowcount:
            cursor.execute(f"CREATE DATABASE {name}")
            own = connection.settings_dict["NAME"]
            connection.close()
            connection.settings_dict["NAME"] = name
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            connection.settings_dict["NAME"] = own
    return name


@contextmanager
def alone(name: str) -> Iterator[Any]:
    """A cursor beside the tests' databases; one process at a time of those that use this name."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        yield cursor


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test's database; what is committed in it need not outlive a power cut."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.close()
        with connection.cursor() as cursor:  # what an earlier run left, with --reuse-db
            for statement in emptying([*connection.introspection.django_table_names()]):
                cursor.execute(statement)
        with transaction.atomic():
            standing.load()
        standing.notice()
    yield
    hang_up()
    template = connection.settings_dict["TEST"].get("TEMPLATE")
    if template:
        with django_db_blocker.unblock(), alone(template) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {template}")


@pytest.fixture(scope="module")
def for_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[pytest.MonkeyPatch]:
    """What a fixture writes once for its module: each test takes back what it changed of it.

    In a transaction around those of the tests, so not for a module with tests that commit.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield patch
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def passwords_are_hashed_quickly() -> Iterator[None]:
    """A good hash is slow on purpose, and every test that logs in would wait for it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


# What a test committed goes by deleting the rows of the tables that have any: emptying all of them
# makes some hundred files anew each time, and whoever looks at them next reads the catalogue again.
# In one statement, because some references are looked at when their statement ends; the others when
# they are asked. The owner's right to switch its own triggers off is used here alone.
DELETE_ROWS = """
    DO $$
    DECLARE
        each text;
        has_rows boolean;
        filled text[] := '{}';
        watched text[];
    BEGIN
        FOREACH each IN ARRAY %s LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', each) INTO has_rows;
            IF has_rows THEN
                filled := filled || each;
            END IF;
        END LOOP;
        IF filled = '{}' THEN
            RETURN;
        END IF;
        watched := ARRAY(
            SELECT name FROM unnest(filled) name
             WHERE EXISTS (SELECT FROM pg_trigger
                            WHERE tgrelid = quote_ident(name)::regclass
                              AND NOT tgisinternal AND tgtype & 8 > 0));
        FOREACH each IN ARRAY watched LOOP
            EXECUTE format('ALTER TABLE %%I DISABLE TRIGGER USER', each);
        END LOOP;
        EXECUTE (
            SELECT 'WITH ' || string_agg(format('d%%s AS (DELETE FROM %%I)', place, name), ', ')
                || ' SELECT'
              FROM unnest(filled) WITH ORDINALITY t (name, place));
        SET CONSTRAINTS ALL IMMEDIATE;
        FOREACH each IN ARRAY watched LOOP
            EXECUTE format('ALTER TABLE %%I ENABLE TRIGGER USER', each);
        END LOOP;
    END $$
"""


@pytest.fixture(autouse=True, scope="session")
def a_flush_takes_the_rows_that_are_there() -> Iterator[None]:
    """A test that commits is followed by a flush: quick, and of tables that refuse it too."""

    def emptied(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> Any:
        if standing.is_changed():
            return emptying(tables)
        return emptying(set(tables) - set(standing.TABLES))

    plain = DatabaseOperations.execute_sql_flush

    def execute(self: DatabaseOperations, statements: Any) -> None:
        plain(self, statements)
        if standing.is_changed():
            standing.write()
            standing.notice()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", emptied)
        patch.setattr(DatabaseOperations, "execute_sql_flush", execute)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", _nothing)
        # A new connection reads the catalogue anew, which took longer than most tests take.
        patch.setattr(TransactionTestCase, "_should_reload_connections", lambda self: False)
        yield


def emptying(tables: Iterable[str]) -> list[str]:
    """The statements that take what tests committed to these tables, and their years."""
    names = sorted({*tables, *WRITTEN_BY_TRIGGERS} - WRITTEN_BY_MIGRATIONS)
    quoted = ", ".join(f"'{name}'" for name in names)
    return [DROP_UNFINISHED, DELETE_ROWS % f"ARRAY[{quoted}]", DROP_YEARS]


def _nothing(*args: object, **options: object) -> None:
    """The guarantees of the database and the permissions stand: a flush takes rows alone."""
