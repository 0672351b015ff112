"""`manage.py run_year STEP|all --year Y`: start a yearly step and follow it to its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from enrollment import tasks
from enrollment.declarations import Step, ordered_steps
from enrollment.models import YearStep
from enrollment.rules.regions import fill_code
from enrollment.selectors.calendar import business_date, business_date_is
from enrollment.selectors.cities import year_report
from enrollment.selectors.year import last_done, progress_of, report_of
from enrollment.services import changes, shards, signing, steering, year
from enrollment.services.refusals import StepRefused

POLL_SECONDS, SWEEP_SECONDS = 0.25, 5
WORKERS = 2
READY_SECONDS = 30


class Command(BaseCommand):
    help = "Run a step of a benefit year (or all of them), by workers or inline; rehearse, sign."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", help="open, subsidise, chase, reconcile ... or all")
        parser.add_argument("--year", type=int, required=True, help="benefit year")
        parser.add_argument("--on", type=date.fromisoformat, help="business date (YYYY-MM-DD)")
        parser.add_argument("--area", help="one area only, 6, 9 or 12 digits")
        parser.add_argument("--rehearse", action="store_true", help="report without effect")
        parser.add_argument("--sign", metavar="DIGEST", help="run what was rehearsed")
        parser.add_argument("--inline", action="store_true", help="without a broker")
        parser.add_argument("--json", action="store_true", help="one JSON object as last line")

    def handle(self, *args: Any, **options: Any) -> None:
        self.options = options
        if options["step"] == "all" and (options["area"] or options["sign"]):
            raise CommandError("all takes neither --area nor --sign", returncode=2)
        if options["rehearse"] and options["sign"]:
            raise CommandError("--rehearse and --sign exclude each other", returncode=2)
        try:
            report = self._all() if options["step"] == "all" else self._one(options["step"])
        except StepRefused as refusal:
            self._refuse(refusal.name, refusal.told, refusal.details)
        else:
            self._print(report)

    # --- what is run ------------------------------------------------------------------------

    def _all(self) -> dict[str, Any]:
        """Every step at its day of the calendar; what is done is left alone."""
        benefit_year = self.options["year"]
        reports = []
        for declared in ordered_steps():
            day = self.options["on"] or declared.day(benefit_year)
            done = last_done(benefit_year, declared.name)
            if done is None or done.on < day or self.options["rehearse"]:
                self._years_before(declared)
                done = self._run(declared.name, day)
            reports.append(report_of(done))
            if self.options["rehearse"]:
                break  # what follows would need the effect of what was only rehearsed
        return {"year": benefit_year, "steps": reports, **year_report(benefit_year)}

    def _one(self, name: str) -> dict[str, Any]:
        on = self.options["on"] or business_date()
        self._years_before(year.known_step(name))
        return report_of(self._run(name, on))

    def _years_before(self, declared: Step) -> None:
        """What the step rests on in earlier years that came by files, each at its own day."""
        if self.options["area"] or self.options["sign"] or self.options["rehearse"]:
            return
        asked = self.options["year"]
        for earlier in year.years_before(declared, asked):
            self.stderr.write(f"{declared.name} {asked} rests on {declared.name} {earlier}")
            self.options["year"] = earlier
            try:
                self._run(declared.name, declared.day(earlier))
            finally:
                self.options["year"] = asked

    def _run(self, name: str, on: date) -> YearStep:
        options = self.options
        by = os.environ.get("USER", "") or "command"
        with business_date_is(on):
            if options["sign"]:
                year.known_step(name)
                with transaction.atomic():  # a signature under another name starts nothing
                    step = signing.sign(digest=options["sign"], started_by=by)
                    if step.name != name or step.run.year != options["year"]:
                        other = f"{options['sign']} is a rehearsal of {step.name} {step.run.year}"
                        raise CommandError(other, returncode=2)
                self._follow(step)
                if step.run.is_rehearsal:
                    step = signing.conclude_signature(
                        digest=options["sign"], step=step, started_by=by
                    )
                    self._follow(step)
            else:
                step = year.start_step(
                    name=name,
                    year=options["year"],
                    on=on,
                    area=self._area(),
                    rehearse=options["rehearse"],
                    started_by=by,
                )
                if step.state == YearStep.State.FAILED:
                    steering.retry_failed(step=step)
                self._follow(step)
        step.refresh_from_db()
        if step.state in (YearStep.State.FAILED, YearStep.State.REFUSED):
            told = step.refusal.partition(": ")
            named = step.state == YearStep.State.REFUSED
            raise StepRefused(
                told[0] if named else "step_failed", told[2] if named else step.refusal
            )
        if step.state == YearStep.State.PAUSED:
            raise StepRefused("paused", f"step {step.name} of year {step.run.year} is paused")
        changes.take_all()  # of what the step changed; elsewhere the sweep does it
        return step

    def _area(self) -> int | None:
        if self.options["area"] is None:
            return None
        try:
            return fill_code(self.options["area"])
        except ValueError as error:
            raise StepRefused("unknown_area", str(error)) from error

    # --- following --------------------------------------------------------------------------

    def _follow(self, step: YearStep) -> None:
        if self.options["inline"]:
            self._inline(step)
        else:
            with workers_for(self.stderr.write):
                self._watch(step)
        self._line(step, end="\n")

    def _inline(self, step: YearStep) -> None:
        def run(shard_ids: Any) -> None:
            for shard_id in shard_ids:
                # As with workers, what a shard raises is in the ledger, which decides what is next.
                with suppress(shards.ResultDiffers, DatabaseError):
                    shards.run_shard(shard_id=shard_id, worker=f"inline:{os.getpid()}")
                self._line(step)

        while year.advance(step_id=step.pk, queue=run).state == YearStep.State.RUNNING:
            pass

    def _watch(self, step: YearStep) -> None:
        """Follow the ledger; sweep, so that nothing is lost even without beat."""
        swept = 0.0
        while True:
            try:
                if time.monotonic() - swept > SWEEP_SECONDS:
                    swept = time.monotonic()
                    year.advance(step_id=step.pk, queue=tasks.queue)
                step.refresh_from_db(fields=["state", "refusal"])
                if step.state != YearStep.State.RUNNING:
                    return
                self._line(step)
            except (OperationalError, InterfaceError) as error:
                # The server is away for a moment; the ledger will say where we are.
                self.stderr.write(f"waiting for the database: {type(error).__name__}")
                connection.close()
                time.sleep(1)
            except current_app.connection().transport.connection_errors as error:
                self.stderr.write(f"waiting for the broker: {type(error).__name__}")
                time.sleep(1)
            time.sleep(POLL_SECONDS)

    def _line(self, step: YearStep, end: str = "\r") -> None:
        """The progress line: shards, rows a second, time left; only where somebody sees it."""
        if end != "\n" and not sys.stderr.isatty():
            return
        told = progress_of(step)
        begun = step.shards.exclude(started_at=None).order_by("started_at").first()
        seconds = 0.0
        if begun is not None and begun.started_at is not None:
            ended = step.shards.order_by("-finished_at").exclude(finished_at=None).first()
            until = ended.finished_at if ended and ended.finished_at else begun.started_at
            seconds = max((until - begun.started_at).total_seconds(), 0.001)
        rows = told["rows"] or 0
        rate = rows / seconds if seconds else 0
        left = ""
        if told["slices_done"] and told["done"] < told["total"]:
            remaining = seconds / told["slices_done"] * (told["slices"] - told["slices_done"])
            left = f", {remaining:,.0f} s left"
        text = (
            f"{step.name} {step.run.year}: shards {told['done']}/{told['total']}, "
            f"{rows:,} rows, {rate:,.0f} rows/s{left}"
        )
        self.stderr.write(text.ljust(90), ending=end)

    # --- telling ----------------------------------------------------------------------------

    def _print(self, report: dict[str, Any]) -> None:
        if self.options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, default=str))
            return
        for told in report.get("steps", [report]):
            self.stdout.write(
                f"{told['step']} {told['year']} {told['mode']}: {told['state']}, "
                f"{told['shards']} shards, digest {told['digest']}"
            )
            for row in told["by_item"]:
                self.stdout.write(
                    f"  {row['item'] or '-':32}{row['persons']:>14,}{row['subsidy']:>20}"
                    f"{row['payable']:>20}{row['paid']:>20}"
                )

    def _refuse(self, name: str, told: str, details: dict[str, Any]) -> None:
        if self.options["json"]:
            refusal = {"error": name, "reason": told, **details}
            self.stdout.write(json.dumps(refusal, ensure_ascii=False, default=str))
        raise CommandError(f"{name}: {told}", returncode=1)


@contextmanager
def workers_for(tell: Any) -> Iterator[None]:
    """Workers while the block runs: those that answer, or two of our own."""
    if _some_answer(tell):
        yield
        return
    tell(f"no worker answers; starting {WORKERS} for this run")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config.worker",
            "worker",
            f"--concurrency={WORKERS}",
            "--loglevel=warning",
            "--without-gossip",
            "--without-mingle",
            f"--hostname=run{os.getpid()}@%h",
        ],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TONGCHOU_ROLE": "worker"},
    )
    try:
        _until_ready(process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _some_answer(tell: Any) -> bool:
    """Whether a worker answers, by a connection of its own: a pooled one may be from before.

    A broker that is away is waited for, and then its error is raised.
    """
    for pause in (1, 2, 4, 8, 16, 0):
        with current_app.connection_for_write() as broker:
            try:
                return bool(current_app.control.ping(timeout=1.0, connection=broker))
            except broker.connection_errors as error:
                if not pause:
                    raise
                tell(f"waiting for the broker: {type(error).__name__}")
                time.sleep(pause)
    return False


def _until_ready(process: "subprocess.Popen[bytes]") -> None:
    """Wait until our workers answer, so that nobody starts more of them; a while is enough."""
    for _ in range(READY_SECONDS):
        if process.poll() is not None or _some_answer(lambda _: None):
            return
