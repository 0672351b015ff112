"""Databases of benchmarks: made, migrated and seeded once, used again while nothing changed."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
URLS = ("DATABASE_URL", "DATABASE_URL_WEB", "DATABASE_URL_WORKER")
SEED_SOURCES = (
    "*/migrations/*.py",
    "*/sql/seed/*.sql",
    "*/sql/database/*.sql",
    "enrollment/services/seed/*.py",
    "benefits/services/seed.py",
    "*/parameters/**/*.yaml",
)
PLANNED_FOR = "-c jit=off -c work_mem=64MB -c random_page_cost=1.1"  # as config/settings.py
_base: dict[str, str] = {}


def tell(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def use_instance() -> None:
    """Start the instance's servers and remember their addresses."""
    from config import embedded

    given = embedded.environment(embedded.home())
    _base.update({name: os.environ.get(name) or given[name] for name in (*URLS, "REDIS_URL")})


def _named(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def environment(database: str) -> dict[str, str]:
    """Environment of a process that works on one benchmark database with a queue of its own."""
    redis = _base["REDIS_URL"]
    broker = redis.replace("virtual_host=0", "virtual_host=9")
    if broker == redis:
        broker = redis.rpartition("/")[0] + "/9"
    addresses = {name: _named(_base[name], database) for name in URLS}
    return {**os.environ, **addresses, "REDIS_URL": broker}


@contextmanager
def connect(database: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection as the owner, planning as the product's connections do."""
    address = _named(_base["DATABASE_URL"], database)
    with psycopg.connect(address, autocommit=True, options=PLANNED_FOR) as connection:
        yield connection


def seeded(people: int) -> str:
    """Name of a database with a seeded Anhui of `people`; made if it is not there or outdated."""
    name = f"bench_{people}"
    mark = _fingerprint()
    with connect(urlsplit(_base["DATABASE_URL"]).path[1:]) as server:
        row = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        if row is not None and row[0] == mark:
            tell(f"using the seeded database {name}")
            return name
        drop(server, name)
        server.execute(f"CREATE DATABASE {name}")
    began = time.monotonic()
    manage(name, "migrate", "--verbosity", "0")
    manage(name, "seed_province", "anhui", "--people", str(people))
    with connect(name) as database:
        database.execute("VACUUM (ANALYZE)")
        database.execute(f"COMMENT ON DATABASE {name} IS '{mark}'")
    tell(f"seeded {people:,} people in {time.monotonic() - began:.0f} s")
    return name


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a database whoever is connected, if it is there.

    FORCE ends what the owner may end; autovacuum, the superuser's, yields to a plain DROP.
    """
    try:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except psycopg.errors.InsufficientPrivilege:
        server.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def copied(database: str) -> Iterator[str]:
    """Name of a copy of a database that is gone afterwards."""
    name = f"{database}_copy"
    with connect(urlsplit(_base["DATABASE_URL"]).path[1:]) as server:
        drop(server, name)
        server.execute(f"CREATE DATABASE {name} TEMPLATE {database} STRATEGY file_copy")
        try:
            yield name
        finally:
            drop(server, name)


def manage(database: str, *words: str, **variables: str) -> None:
    """A management command on a benchmark database, as the owner."""
    subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environment(database), "TONGCHOU_ROLE": "owner", **variables},
        stdout=sys.stderr,
        check=True,
    )


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in SEED_SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
