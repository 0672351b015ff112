"""An instance of its own with a seeded province, copied for every run that starts from it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from config import embedded
from config.embedded.instance import DATABASE_URLS, INSTANCE_SECRETS

CHECKOUT = Path(__file__).resolve().parent.parent.parent
GIVEN = (*DATABASE_URLS, *INSTANCE_SECRETS, "REDIS_URL", embedded.FILLED_IN)
SEEDED = "seeded"
OWNER, ADMIN = "tongchou", "tongchou_admin"

# Every row that the yearly run writes, without surrogate ids, shards and times; with the sums of
# its control totals. What differs in one cent of one row differs in the digest.
WRITTEN = {
    "enrollment": """
        SELECT id, person_id, region, category, standard, subsidy, payable, paid, due_on, paid_on,
               benefit_start, benefit_end, suspended_from, ended_on, ended_for, months,
               repaired_years, repaired_on
          FROM enrollment""",
    "standing": """
        SELECT id, person_id, region, cover, gap_years, streak, broken_years_total,
               continuity_bonus, continuity_gain, zero_claim_bonus, zero_claim_gain,
               zero_claim_cleared, cap, paid_on, exemption, broken_years, fixed_months,
               variable_before, repaired_months, variable_months, benefit_start
          FROM standing""",
    "award": "SELECT enrollment_id, funder, category, amount, awarded_on FROM award",
    "receipt": """
        SELECT receipt_number, person_id, amount, paid_at, outcome, enrollment_id FROM receipt""",
    "push": """
        SELECT person_id, year, pushed_on, due_on, region, kind, side, owed, name, id_mask,
               birth_year, result
          FROM push""",
    "push_total": """
        SELECT region, kind, side, sum(pushed), sum(answered), sum(paid)
          FROM push_total GROUP BY 1, 2, 3""",
    "push_day": """
        SELECT county, day, sum(pushed), sum(answered), sum(paid)
          FROM push_day GROUP BY 1, 2""",
    "fallout": "SELECT id, person_id, region, reason FROM fallout",
    "change": "SELECT person_id, year, cause, count(*) FROM change GROUP BY 1, 2, 3",
    "shard_total": """
        SELECT s.name, t.county, t.item, sum(t.persons), sum(t.standard), sum(t.subsidy),
               sum(t.payable), sum(t.paid), bit_xor(t.output_hash)
          FROM shard_total t
          JOIN step_shard h ON h.id = t.shard_id
          JOIN year_step s ON s.id = h.step_id
         GROUP BY 1, 2, 3""",
    "step_total": """
        SELECT s.name, t.county, t.item, sum(t.persons), sum(t.standard), sum(t.subsidy),
               sum(t.payable), sum(t.paid), bit_xor(t.output_hash)
          FROM step_total t JOIN year_step s ON s.id = t.step_id
         GROUP BY 1, 2, 3""",
    "standing_sum": """
        SELECT r.year, s.area, s.kind, s.value, s.people
          FROM standing_sum s JOIN year_step y ON y.id = s.step_id
          JOIN year_run r ON r.id = y.run_id""",
    "year_step": """
        SELECT r.year, s.name, s.serial, s.on, s.state, s.digest, s.terms_digest
          FROM year_step s JOIN year_run r ON r.id = s.run_id""",
    "year_run": "SELECT year, mode, opened_on, closed_on, activated_on FROM year_run",
}


@dataclass(frozen=True)
class Province:
    """A running instance with the database `seeded`, and the environment of its processes."""

    instance: embedded.Instance
    people: int

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """For a process that works on one of the databases, whatever this process works on."""
        bare = {name: value for name, value in os.environ.items() if name not in GIVEN}
        secrets = {name: self.instance.secrets[name] for name in INSTANCE_SECRETS}
        addresses = {
            name: self.instance.database_url(role, database) for name, role in DATABASE_URLS.items()
        }
        broker = {"REDIS_URL": self.instance.broker_url()}
        return bare | secrets | addresses | broker | more

    def manage(self, database: str, *words: str) -> str:
        """Run a command of manage.py to its end. Raises with its words where it fails."""
        return self.run(database, "manage.py", *words)

    def run(self, database: str, *words: str, **variables: str) -> str:
        """Run a program to its end. Returns what it said, and raises with it where it fails."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=CHECKOUT, env=self.environment(database, **variables), text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]}"
        return done.stdout

    def copy(self, database: str, source: str = SEEDED) -> None:
        """A database like the seeded one, or like another, that a crash does not take back.

        A sequence logs its values 32 ahead, and its copy keeps the count of those that its original
        logged. Until the next checkpoint the copy logs none of its own, so that a crash has it give
        values a second time that committed rows bear (PostgreSQL 18.1, WAL_LOG).
        """
        with self.connect("postgres", OWNER) as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(database), sql.Identifier(source)
                )
            )
        with self.connect("postgres") as server:
            server.execute("CHECKPOINT")

    def drop(self, database: str) -> None:
        """Take a database away; also from autovacuum, which only an administrator may end."""
        with self.connect("postgres") as server:
            server.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
            )

    @contextmanager
    def connect(self, database: str, role: str = ADMIN) -> Iterator[psycopg.Connection[Any]]:
        """An autocommit connection; the administrator sees what every worker is doing."""
        url = self.instance.database_url(role, database)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def written(
        self, database: str, tables: dict[str, str] = WRITTEN
    ) -> dict[str, tuple[int, str]]:
        """Rows and digest of everything that a run writes, by table."""
        told = {}
        with self.connect(database) as connection:
            for name, rows in tables.items():
                statement = f"""
                    SELECT count(*), md5(string_agg(md5(r::text), '' ORDER BY r::text))
                      FROM ({rows}) r"""
                found = connection.execute(statement.encode()).fetchone()
                assert found is not None
                told[name] = (found[0], found[1] or "")
        return told


@contextmanager
def seeded_province(people: int, seed: int) -> Iterator[Province]:
    """Start an instance, seed it, and take all of it away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="tc-chaos-", dir="/var/tmp"))
    with _without_addresses():
        instance = embedded.start(home)
    try:
        with psycopg.connect(
            instance.database_url(OWNER, "postgres"), autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {SEEDED}")
        province = Province(instance, people)
        province.manage(SEEDED, "migrate", "--verbosity", "0")
        province.manage(
            SEEDED, "seed_province", "anhui", "--people", str(people), "--seed", str(seed)
        )
        yield province
    finally:
        with _without_addresses():
            embedded.stop(home)
        for folder in {home, instance.servers}:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _without_addresses() -> Iterator[None]:
    """This process's own addresses are not the instance's."""
    kept = {name: os.environ.pop(name) for name in GIVEN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
