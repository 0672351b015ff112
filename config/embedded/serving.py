"""What serves beside the servers: web, workers and schedule of `make demo`."""

import contextlib
import os
import signal
import time
from pathlib import Path

from config.embedded.processes import runs

SERVING = ("web", "worker", "beat")  # each leaves NAME.pid in the home


def pid_file(home: Path, name: str) -> Path:
    """Return where a serving process (`web`, `worker`, `beat`) leaves its id for `stop`."""
    if name not in SERVING:
        raise ValueError(f"{name} is none of {', '.join(SERVING)}")
    return home / f"{name}.pid"


def serving_process(home: Path, name: str) -> int | None:
    try:
        pid = int(pid_file(home, name).read_text())
    except (OSError, ValueError):
        return None
    return pid if runs(pid, "celery", "gunicorn", "manage.py") else None


def end_serving(home: Path, name: str) -> bool:
    """End one serving process, politely at first. Return whether it was running."""
    pid = serving_process(home, name)
    for how, seconds in ((signal.SIGTERM, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while serving_process(home, name) == pid and time.monotonic() < deadline:
            time.sleep(0.05)
        if serving_process(home, name) != pid:
            break
    with contextlib.suppress(OSError):
        pid_file(home, name).unlink()
    return pid is not None
