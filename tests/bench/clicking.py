"""30 users who click once in ten seconds each while one worker rehearses: how long they wait.

A wait begins at the moment of the click: what a page waits for the one before it counts too.
Two processes answer, as a web server on two cores has; clicks are bounded in number and time.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.database import ROOT, environment, tell
from tests.bench.pages import answered

USERS, EVERY, CLICKS = 30, 10.0, 6  # clicks a user, one in so many seconds
PROCESSES = 2
REHEARSED = "chase"  # reads the bill of everyone, as the steps of a season do


def under_load(database: str, *, on: str) -> dict[str, Any]:
    """Milliseconds that clicks took while rehearsals ran, one after the other, in one worker."""
    with rehearsing(database, on=on) as rehearsals:
        answering = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.bench.clicking", str(number)],
                cwd=ROOT,
                env={**environment(database), "TONGCHOU_ROLE": "web", "TONGCHOU_TODAY": on},
                stdout=subprocess.PIPE,
            )
            for number in range(PROCESSES)
        ]
        told = [process.communicate()[0].decode() for process in answering]
        if any(process.returncode for process in answering):
            raise SystemExit("a page was not answered under load")
    waits = [wait for text in told for wait in json.loads(text.splitlines()[-1])]
    return {
        "users": USERS,
        "clicks": len(waits),
        "rehearsals": len(rehearsals),
        "median_ms": round(statistics.median(waits), 1),
        "p95_ms": round(statistics.quantiles(waits, n=20)[-1], 1),
        "slowest_ms": round(max(waits), 1),
    }


@contextmanager
def rehearsing(database: str, *, on: str) -> Iterator[list[int]]:
    """One worker that rehearses again and again until the block ends; the runs that it began."""
    begun: list[int] = []
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            process = subprocess.Popen(
                [sys.executable, "manage.py", "run_year", REHEARSED, "--year", "2027",
                 "--on", on, "--rehearse", "--inline"],
                cwd=ROOT,
                env={**environment(database), "TONGCHOU_ROLE": "worker", "TONGCHOU_TODAY": on},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            begun.append(process.pid)
            while process.poll() is None:
                if over.wait(0.2):
                    process.terminate()
                    process.wait()
            if process.returncode and not over.is_set():
                tell(f"a rehearsal ended with {process.returncode}")
                return

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield begun
    finally:
        over.set()
        worker.join()


# In a process of its own --------------------------------------------------------------------------


def main() -> None:
    """Click as every second user does, and print what each click waited."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    from tests.bench.dashboards import DASHBOARDS, LISTS, asking

    asks = [asking(each) for each in (*DASHBOARDS, *LISTS)]
    for ask in asks:  # the first request of a page compiles its template
        answered(ask)
    users = range(int(sys.argv[1]), USERS, PROCESSES)
    clicks = sorted(
        (click * EVERY + user * EVERY / USERS, user + click * 7)
        for user in users
        for click in range(CLICKS)
    )
    waits = []
    began = time.monotonic()
    for due, page in clicks:
        time.sleep(max(0.0, began + due - time.monotonic()))
        answered(asks[page % len(asks)])
        waits.append((time.monotonic() - began - due) * 1000)
    print(json.dumps(waits))


if __name__ == "__main__":
    main()
