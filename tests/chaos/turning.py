"""A year turned by real workers, who may be killed, and their servers too."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg
from celery import Celery

from config import embedded
from tests.chaos.province import CHECKOUT, SEEDED, Province

YEAR = 2027
WORKERS = 2
WHOLE_YEAR = ("manage.py", "run_year", "all", "--year", str(YEAR), "--json")
CALM_YEAR = (*WHOLE_YEAR, "--inline")
STEPS = ("open", "subsidise", "chase", "reconcile", "assess", "activate")  # close has no shards
SERVERS_GONE = (psycopg.OperationalError, psycopg.InterfaceError)


@dataclass
class Worker:
    """One `celery worker` with one child, in a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]


@dataclass
class Told:
    """What happened in a run."""

    seconds: float = 0.0
    kills: list[str] = field(default_factory=list)
    hits: int = 0  # kills of somebody whose shard was then unfinished
    events: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)


class Run:
    """One year on one database: its workers, its `run_year`, and everything they left behind."""

    def __init__(self, province: Province, database: str, *, shard: int, requeue: int) -> None:
        self.province, self.database = province, database
        self.log = Path(province.instance.home) / f"{database}.log"
        self.environment = province.environment(
            database,
            TONGCHOU_SHARD_PEOPLE=str(shard),
            TONGCHOU_REQUEUE_SECONDS=str(requeue),
            PYTHONUNBUFFERED="1",
        )
        self.workers: list[Worker] = []
        self.groups: set[int] = set()  # of every process that was started here
        self.told = Told()

    # --- processes ------------------------------------------------------------------------------

    def _start(
        self, *command: str, environment: dict[str, str], stdout: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=CHECKOUT, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
            )  # fmt: skip
        self.groups.add(process.pid)
        return process

    def start_worker(self, name: str) -> Worker:
        """Start a worker as an operator would; it connects as the plain worker role."""
        process = self._start(
            "-m", "celery", "-A", "config.worker", "worker", "--pool=prefork", "--concurrency=1",
            "--loglevel=warning", "--without-gossip", "--without-mingle", f"--hostname={name}@%h",
            environment=self.environment,
        )  # fmt: skip
        return Worker(name, process)

    def tend_workers(self) -> None:
        """Start again whoever died."""
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[number] = self.start_worker(worker.name)

    def end(self) -> None:
        """End every process that was started here, and their children."""
        for how, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            for group in self.groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, how)
            deadline = time.monotonic() + seconds
            while any(map(_lives, self.groups)) and time.monotonic() < deadline:
                for worker in self.workers:
                    worker.process.poll()
                time.sleep(0.05)

    # --- the ledger -----------------------------------------------------------------------------

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """Rows of a query; none while the server is away."""
        try:
            with self.province.connect(self.database) as connection:
                return connection.execute(statement.encode(), values).fetchall()
        except SERVERS_GONE:
            return []

    def busy(self, step: str) -> list[tuple[int, int]]:
        """(shard, process) of the shards of a running step that a child of ours works on.

        Not of one that had its share of bad luck: an error in its fifth attempt fails a step.
        """
        rows = self.ask(
            "SELECT h.id, h.worker FROM step_shard h JOIN year_step s ON s.id = h.step_id"
            " WHERE s.name = %s AND s.state = 'running' AND h.state = 'running'"
            "   AND h.attempts < 4",
            step,
        )
        found = [(shard, int(worker.rpartition(":")[2])) for shard, worker in rows]
        return [(shard, process) for shard, process in found if self._is_ours(process)]

    def is_over(self, step: str) -> bool:
        """Whether the step is done."""
        return bool(
            self.ask(
                "SELECT FROM year_step s JOIN year_run r ON r.id = s.run_id"
                " WHERE s.name = %s AND r.year = %s AND s.state <> 'running'",
                step,
                YEAR,
            )
        )

    def _is_ours(self, process: int) -> bool:
        with contextlib.suppress(ProcessLookupError):
            return os.getpgid(process) in self.groups
        return False

    # --- the year -------------------------------------------------------------------------------

    def follow(
        self,
        meanwhile: Callable[[], bool],
        patience: float,
        command: Sequence[str] = WHOLE_YEAR,
        workers: int = WORKERS,
    ) -> Told:
        """Turn the year by `run_year all`, or do another command, calling `meanwhile` until it is
        over. The last line that it prints is the report. Without workers the command does it all.

        Raises AssertionError where it fails or takes longer than `patience` seconds.
        """
        began = time.monotonic()
        self.workers = [self.start_worker(f"w{number}") for number in range(workers)]
        if workers:
            self._wait_for_workers(began + 60)
        began = time.monotonic()
        out = self.log.with_suffix(".json")
        with out.open("wb") as answer:
            followed = self._start(
                *command, environment=self.environment | {"TONGCHOU_ROLE": "worker"}, stdout=answer
            )
        while followed.poll() is None:
            assert time.monotonic() - began < patience, f"not done in {patience} s\n{self.tail()}"
            self.tend_workers()
            if not meanwhile():
                time.sleep(0.02)
        self.told.seconds = time.monotonic() - began
        assert followed.returncode == 0, self.tail()
        self.told.report = json.loads(out.read_text().splitlines()[-1])
        return self.told

    def _wait_for_workers(self, deadline: float) -> None:
        """Until every worker answers: run_year then starts none of its own.

        By a connection of its own: a pooled one may be from before the queue was lost.
        """
        broker = self.province.instance.broker_url()
        with (
            Celery(broker=broker, set_as_current=False) as app,
            app.connection_for_write() as fresh,
        ):
            while len(app.control.ping(timeout=0.5, connection=fresh)) < WORKERS:
                assert time.monotonic() < deadline, self.tail()

    def tail(self) -> str:
        """The last that the processes said."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    # --- trouble --------------------------------------------------------------------------------

    def kill(self, draw: random.Random, step: str) -> bool:
        """Kill -9 a worker, its child, or both, while the child works on a shard of the step."""
        busy = self.busy(step)
        if not busy:
            return False
        shard, child = draw.choice(busy)
        self._kill(draw, child, step)
        unfinished = self.ask("SELECT FROM step_shard WHERE id = %s AND state <> 'done'", shard)
        self.told.hits += bool(unfinished)
        return True

    def kill_at_files(self, draw: random.Random) -> bool:
        """Kill -9 a worker, its child, or both, while a file is checked or applied, or its receipts
        are reconciled; but no file a third time, which would be given up.
        """
        at_work = self.ask(
            "SELECT 'import' FROM import WHERE by_screen AND attempts IN (1, 2)"
            "   AND state IN ('received', 'applying')"
            " UNION ALL SELECT s.name FROM step_shard h JOIN year_step s ON s.id = h.step_id"
            " WHERE h.state = 'running' AND h.attempts < 4"
        )
        tired = self.ask(
            "SELECT FROM import WHERE attempts > 2 AND state IN ('received', 'applying')"
        )
        children = [child for each in self.workers for child in _children(each.process.pid)]
        if not at_work or tired or not children:
            return False
        self._kill(draw, draw.choice(children), at_work[0][0])
        return True

    def _kill(self, draw: random.Random, child: int, at: str) -> None:
        parent = _parent(child)
        whom = draw.choice(("worker", "child", "both"))
        time.sleep(draw.uniform(0, 0.02))
        for process in {"worker": [parent], "child": [child], "both": [parent, child]}[whom]:
            if process and self._is_ours(process):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self.told.kills.append(f"{at}: {whom}")

    def lose_the_queue(self, draw: random.Random, step: str) -> bool:
        """Stop the broker, delete its data, start it again."""
        if not self.busy(step):
            return False
        instance = self.province.instance
        time.sleep(draw.uniform(0, 0.1))
        embedded.stop_broker(instance)
        for kept in instance.valkey.glob("*"):
            if kept.name != "valkey.conf":
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        embedded.start(instance.home, database=False)
        self.told.events.append(f"{step}: queue lost")
        return True

    def crash_the_database(self, draw: random.Random, step: str) -> bool:
        """Stop PostgreSQL as a crash would, start it again."""
        if not self.busy(step):
            return False
        instance = self.province.instance
        time.sleep(draw.uniform(0, 0.1))
        embedded.stop_database(instance, mode="immediate")
        time.sleep(draw.uniform(0, 1))
        embedded.start(instance.home, broker=False)
        self.told.events.append(f"{step}: database crashed")
        return True


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [*map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]
    return []


def _parent(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    return int(status.rpartition(")")[2].split()[1])


@contextmanager
def running(
    province: Province, database: str, *, shard: int, requeue: int, source: str = SEEDED
) -> Iterator[Run]:
    """A run on a fresh copy of the seeded province, or of another database; nothing of it stays."""
    province.copy(database, source)
    run = Run(province, database, shard=shard, requeue=requeue)
    try:
        yield run
    finally:
        run.end()
