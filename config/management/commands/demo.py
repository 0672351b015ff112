"""`manage.py demo`: a synthetic Anhui, a whole year turned, the report, and the admin served."""

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import embedded
from config.management.commands.run_year import workers_for
from enrollment.models import Person, YearRun
from enrollment.selectors.cities import year_report
from enrollment.selectors.year import last_done

YEAR = 2027
ADDRESS = "127.0.0.1:8000"


class Command(BaseCommand):
    help = "Set up a synthetic Anhui, run benefit year 2027, print its report, serve the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=100_000)
        parser.add_argument("--no-serve", action="store_true", help="return after the report")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        call_command("migrate", verbosity=0)
        if not Person.objects.exists():
            self.stderr.write(f"seeding {options['people']:,} people")
            call_command("seed_province", "anhui", people=options["people"], claims=True)
        call_command("create_demo_users")
        with workers_for(self.stderr.write):
            self._turn_the_year()
        self._report()
        self.stderr.write(f"done in {time.monotonic() - began:.0f} s")
        call_command("verify")
        if not options["no_serve"]:
            self._serve()

    # --- the year ---------------------------------------------------------------------------

    def _turn_the_year(self) -> None:
        """Rehearse and sign the opening as a supervisor would, then every step at its day."""
        if not YearRun.objects.filter(year=YEAR, opened_on__isnull=False).exists():
            rehearsed = self._run("open", "--on", f"{YEAR - 1}-09-01", "--rehearse")
            self.stdout.write(f"open {YEAR} rehearsed, digest {rehearsed['digest']}")
            signed = self._run("open", "--sign", rehearsed["digest"])
            self.stdout.write(f"open {YEAR} signed and attached: {signed['rows']:,} rows")
        self._run("all")

    def _run(self, *words: str) -> Any:
        """One run_year command, in a process of its own that connects as the worker role."""
        command = [sys.executable, "manage.py", "run_year", *words, "--year", str(YEAR), "--json"]
        environment = {**os.environ, "TONGCHOU_ROLE": "worker"}
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, check=False
        )
        if done.returncode:
            raise CommandError(f"run_year {' '.join(words)} ended with {done.returncode}")
        return json.loads(done.stdout.decode().splitlines()[-1])

    # --- the report -------------------------------------------------------------------------

    def _report(self) -> None:
        """Totals by city, subsidies by category, fallout by reason, as the run counted them."""
        report = year_report(YEAR)
        write = self.stdout.write
        write(f"\nAnhui {YEAR}, resident scheme (synthetic)")
        heads = ("billed", "insured", "fallout", "joined")
        money = ("standard", "subsidy", "payable", "paid")
        write(
            f"{'city':<14}"
            + "".join(f"{h:>10}" for h in heads)
            + "".join(f"{m:>18}" for m in money)
        )
        sums: dict[str, Any] = dict.fromkeys((*heads, *money), Decimal(0))
        for city in report["cities"]:
            self._line(city["name"], city, heads, money)
            for name in (*heads, *money):
                sums[name] += Decimal(city[name])
        self._line("合计", sums, heads, money)
        write("\nSubsidies by category")
        for row in report["subsidies"]:
            write(f"{row['category']:<24}{row['persons']:>10,}{row['amount']:>18}")
        write("\nFallout by reason")
        for reason, persons in report["fallout"].items():
            write(f"{reason:<24}{persons:>10,}")
        activated = last_done(YEAR, "activate")
        write(f"\nDigest of the activation {activated.digest if activated else '-'}")

    def _line(self, name: str, row: dict[str, Any], heads: Any, money: Any) -> None:
        wide = name + " " * max(14 - 2 * len(name), 1)
        self.stdout.write(
            wide
            + "".join(f"{row[h]:>10,}" for h in heads)
            + "".join(f"{row[m]:>18}" for m in money)
        )

    # --- serving ----------------------------------------------------------------------------

    def _serve(self) -> None:
        """Web, workers and beat until interrupted; `make stop` finds them by their pid files."""
        python = [sys.executable, "-m"]
        processes = {
            "web": [*python, "gunicorn", "config.wsgi", "--bind", ADDRESS, "--workers", "2"],
            "worker": [*python, "celery", "-A", "config.worker", "worker", "--concurrency=2"],
            "beat": [*python, "celery", "-A", "config.worker", "beat"],
        }
        running = []
        environment = {k: v for k, v in os.environ.items() if k != "TONGCHOU_ROLE"}
        for name, command in processes.items():
            log = (settings.HOME / f"{name}.log").open("ab")
            process = subprocess.Popen(
                command,
                cwd=settings.HOME if name == "beat" else settings.BASE_DIR,
                stdout=log,
                stderr=log,
                env={**environment, "PYTHONPATH": str(settings.BASE_DIR)},
            )
            embedded.pid_file(settings.HOME, name).write_text(str(process.pid))
            running.append(process)
        self.stdout.write(f"\nServing http://{ADDRESS}/ - Ctrl+C or `make stop` ends it.")
        try:
            running[0].wait()
        except KeyboardInterrupt:
            pass
        finally:
            for process in running:
                process.terminate()
