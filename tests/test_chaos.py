"""Workers killed at random, the queue lost, the database crashed: the year comes out the same, and
so does a season of daily files, as when one process alone does everything undisturbed.

Everyday three kills, at least twenty with TONGCHOU_FULL=1; TONGCHOU_CHAOS_SEED repeats a run.
"""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from config.schedule import SCHEDULE
from enrollment.services.year import REQUEUE_AFTER
from tests.chaos.province import WRITTEN, Province, seeded_province
from tests.chaos.turning import CALM_YEAR, STEPS, WORKERS, YEAR, Run, Told, running
from tests.sizes import FULL


@dataclass(frozen=True)
class Size:
    """How large the province, how many kills in each step, how long at most."""

    people: int
    shards: int
    kills: dict[str, int]
    requeue: int
    patience: float

    @property
    def shard(self) -> int:
        return -(-self.people // self.shards)


SIZE = (
    Size(
        people=400_000,
        shards=40,
        kills={"open": 6, "subsidise": 4, "chase": 4, "reconcile": 6, "assess": 5, "activate": 4},
        requeue=10,
        patience=900,
    )
    if FULL
    else Size(
        people=15_000,
        shards=10,
        kills={"open": 1, "reconcile": 1, "assess": 1},
        requeue=4,
        patience=120,
    )
)

Trouble = Callable[[random.Random, str], bool]


def plan(run: Run, draw: random.Random) -> dict[str, list[Trouble]]:
    """What will go wrong in each step, in random order."""
    troubles: dict[str, list[Trouble]] = {
        step: [run.kill] * SIZE.kills.get(step, 0) for step in STEPS
    }
    troubles["reconcile"] += [run.lose_the_queue, run.crash_the_database]
    for listed in troubles.values():
        draw.shuffle(listed)
    return troubles


@pytest.fixture(scope="module")
def seed() -> int:
    """Repeats a run."""
    return int(os.environ.get("TONGCHOU_CHAOS_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="module")
def province(seed: int) -> Iterator[Province]:
    """A seeded province on servers of its own."""
    with seeded_province(SIZE.people, seed) as province:
        yield province


@pytest.fixture
def tell(seed: int, capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Says what happens, with the seed that repeats it."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\nchaos {seed}: {text}", end="", flush=True)  # noqa: T201

    return tell


def test_a_year_with_kills_and_crashes_is_a_calm_year(
    province: Province, seed: int, tell: Callable[[str], None]
) -> None:
    draw = random.Random(seed)
    with running(province, "calm", shard=SIZE.shard, requeue=60) as run:
        calm = run.follow(lambda: False, SIZE.patience, CALM_YEAR, workers=0)
        assert {attempts(run, step) for step in STEPS} == {(SIZE.shards, 1, SIZE.shards)}
    tell(f"calm year in {calm.seconds:.0f} s")

    with running(province, "shaken", shard=SIZE.shard, requeue=SIZE.requeue) as run:
        trouble = Troubles(run, draw)
        told = run.follow(trouble, SIZE.patience)
        tell(
            f"{len(told.kills)} kills ({told.hits} of busy shards) and {', '.join(told.events)}"
            f" in {told.seconds:.0f} s; attempts "
            + ", ".join(f"{step} {attempts(run, step)}" for step in STEPS)
        )
        assert trouble.left == []
        left = run.ask(
            "SELECT s.name, h.work, h.number, h.state FROM step_shard h"
            " JOIN year_step s ON s.id = h.step_id WHERE h.state <> 'done'"
        )
        assert left == []
        for step in STEPS:
            _, most, total = attempts(run, step)
            assert most <= 5
            # a message delivered twice, a requeued shard or a crash cost one attempt each
            assert total <= SIZE.shards + 3 * (SIZE.kills.get(step, 0) + 2)

    assert len(told.kills) == sum(SIZE.kills.values())
    assert len(told.events) == 2
    was, now = province.written("calm"), province.written("shaken")
    assert {name: rows for name, (rows, _) in now.items()} == {
        name: rows for name, (rows, _) in was.items()
    }
    assert now == was
    assert was["enrollment"][0] > SIZE.people
    assert min(rows for name, (rows, _) in was.items() if name != "change") > 0
    told.report.pop("steps")
    calm.report.pop("steps")
    assert told.report == calm.report
    province.manage("shaken", "verify", "--json")
    tell(f"digests equal over {sum(rows for rows, _ in was.values()):,} rows")
    held = run.ask(
        "SELECT pid, query FROM pg_stat_activity"
        " WHERE usename = 'tongchou_worker' AND datname = 'shaken'"
    )
    assert held == []


class Troubles:
    """Makes what is planned for a step go wrong while its shards are being worked on."""

    def __init__(self, run: Run, draw: random.Random) -> None:
        self.run, self.draw, self.plan = run, draw, plan(run, draw)
        self.next = 0.0

    @property
    def left(self) -> list[str]:
        return [step for step, troubles in self.plan.items() for _ in troubles]

    def __call__(self) -> bool:
        step = next((name for name in STEPS if self.plan[name]), None)
        if step is None or time.monotonic() < self.next:
            return False
        if not self.plan[step][-1](self.draw, step):
            later = STEPS[STEPS.index(step) + 1 :]
            if later and self.run.is_over(step):  # what did not happen yet happens in the next one
                self.plan[later[0]] += self.plan[step]
                self.plan[step] = []
            return False
        self.plan[step].pop()
        self.next = time.monotonic() + self.draw.uniform(0.1, 1.0)
        return True


def attempts(run: Run, step: str) -> tuple[int, int, int]:
    """Slices of a step, most attempts of one, attempts altogether."""
    ((slices, most, total),) = run.ask(
        "SELECT count(*), max(h.attempts), sum(h.attempts)::int FROM step_shard h"
        " JOIN year_step s ON s.id = h.step_id JOIN year_run r ON r.id = s.run_id"
        " WHERE s.name = %s AND r.year = %s AND h.phase = 0",
        step,
        YEAR,
    )
    return slices, most, total


def test_a_killed_workers_shard_runs_again_within_90_seconds() -> None:
    """Without the broker's help: the next sweep after the requeue time finds it."""
    sweep: float = SCHEDULE["sweep"]["schedule"]
    assert REQUEUE_AFTER.total_seconds() + sweep < 90


# A season of files --------------------------------------------------------------------------------

SEASON_DAYS, SEASON_KILLS = (90, 40) if FULL else (2, 2)
SECONDS_BETWEEN_KILLS = (0.5, 3) if FULL else (0.1, 0.5)  # of two days, which take three seconds
# Everybody and two mistakes of a thousand; or few, who make five times as many.
DEBTORS, TICKETS = (10**9, 1_000) if FULL else (1_500, 200)
SENDING = ("-m", "tests.chaos.season", "send")
# What files and the step write, without surrogate keys, shards and times.
OF_FILES = {
    "enrollment": WRITTEN["enrollment"],
    "award": WRITTEN["award"],
    "change": WRITTEN["change"],
    "receipt": """
        SELECT receipt_number, person_id, name, year, amount, paid_at, region, id_mask, outcome,
               enrollment_id, applied, suspense
          FROM receipt""",
    "receipt_day": """
        SELECT day, county, scheme, channel, sum(receipts), sum(amount), sum(waiting), sum(suspense)
          FROM receipt_day GROUP BY 1, 2, 3, 4""",
    "import": """
        SELECT file_name, digest, state, lines_read, inserted, updated, unchanged, rejected, errors
          FROM import""",
    "import_reject": 'SELECT line, "column", reason, count(*) FROM import_reject GROUP BY 1, 2, 3',
}


@pytest.fixture(scope="module")
def billed(province: Province) -> str:
    """The database of a province whose people have their bills, and no receipt yet."""
    province.copy("billed")
    with province.connect("billed") as server:
        server.execute("TRUNCATE receipt, receipt_day CASCADE")
    for step in ("open", "subsidise"):
        province.manage(
            "billed", "run_year", step, "--year", str(YEAR), "--on", f"{YEAR - 1}-09-01", "--inline"
        )
    return "billed"


def test_a_season_of_files_accounts_for_every_cent(
    province: Province, billed: str, seed: int, tell: Callable[[str], None], tmp_path: Path
) -> None:
    draw = random.Random(seed)
    asked = (SEASON_DAYS, seed, DEBTORS, TICKETS)
    words = ("-m", "tests.chaos.season", "write", str(tmp_path), *map(str, asked))
    season = json.loads(province.run(billed, *words).splitlines()[-1])
    tell(f"{season['lines']:,} lines in {season['files']} files, {season['counted']}")

    def sent(database: str, kills: int) -> Told:
        """By workers who are killed so often; calmly by one process alone."""
        workers = WORKERS if kills else 0
        command = (*SENDING, str(tmp_path), str(int(not kills)))
        with running(province, database, shard=SIZE.shard * 4, requeue=4, source=billed) as run:
            run.environment["TONGCHOU_TODAY"] = f"{YEAR - 1}-12-01"
            told = run.follow(Killer(run, draw, kills), SIZE.patience * 4, command, workers)
            tell(f"{database}: {told.seconds:.0f} s, {told.report}, {', '.join(told.kills)}")
            return told

    calm, shaken = sent("season_calm", 0), sent("season_shaken", SEASON_KILLS)

    assert len(shaken.kills) == SEASON_KILLS
    assert shaken.report == calm.report
    was, now = (province.written(each, OF_FILES) for each in ("season_calm", "season_shaken"))
    assert now == was
    with province.connect("season_shaken") as server:
        ((received, applied, waiting),) = server.execute(
            "SELECT sum(amount), sum(applied), sum(suspense) FROM receipt"
        ).fetchall()
        refused = Decimal(shaken.report["refused"])
        assert Decimal(season["sent"]) == applied + waiting + refused
        assert (received, refused) == (Decimal(season["right"]), Decimal(season["refused"]))
        outcomes = dict(
            server.execute("SELECT outcome, count(*) FROM receipt GROUP BY 1").fetchall()
        )
        assert set(outcomes) >= {
            "matched", "underpaid", "overpaid", "paid_twice", "name_differs", "person_unknown",
            "after_window", "fully_subsidised", "",
        }  # fmt: skip
        paid_otherwise = server.execute(
            "SELECT e.id FROM enrollment e"
            "  LEFT JOIN (SELECT enrollment_id, sum(applied) AS applied FROM receipt GROUP BY 1) r"
            "    ON r.enrollment_id = e.id"
            " WHERE e.id >= %s AND (e.paid > e.payable OR e.paid <> coalesce(r.applied, 0))",
            [YEAR * 10**12],
        ).fetchall()
        assert paid_otherwise == []
    province.manage("season_shaken", "verify", "--json")
    for database in ("season_calm", "season_shaken"):
        province.drop(database)


class Killer:
    """Kills so many workers while files are checked, applied and reconciled."""

    def __init__(self, run: Run, draw: random.Random, kills: int) -> None:
        self.run, self.draw, self.left = run, draw, kills
        self.next = 0.0

    def __call__(self) -> bool:
        if not self.left or time.monotonic() < self.next:
            return False
        if not self.run.kill_at_files(self.draw):
            return False
        self.left -= 1
        self.next = time.monotonic() + self.draw.uniform(*SECONDS_BETWEEN_KILLS)
        return True
