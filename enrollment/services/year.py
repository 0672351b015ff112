"""Turning a year: start a step, cut it into shards, follow it to its end, sign, pause, resume.

The ledger decides everything; queues only carry shard ids. `advance` may be called by anybody at
any time: it queues what may run next and ends the step when nothing is left.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from enrollment.declarations import Step, ordered_steps, steps
from enrollment.models import (
    Change,
    Person,
    Region,
    ShardTotal,
    StepQuota,
    StepShard,
    StepTerms,
    User,
    YearRun,
    YearStep,
)
from enrollment.rules.keys import PERSON_LIMIT
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.regions import county_of
from enrollment.selectors.policy import QuotaOutOfRange, term_book, terms_of_area
from enrollment.selectors.year import needs_of_terms, report_digest
from enrollment.services import shards

LEAST_PEOPLE, MOST_PEOPLE, SLICES_WANTED = 10_000, 250_000, 16
REQUEUE_AFTER = timedelta(seconds=60)  # the broker's visibility timeout
FIRST_YEAR, LAST_YEAR = 2000, 2100

Queue = Callable[[Iterable[int]], None]


class StepRefused(Exception):
    """A named refusal: `name` is stable, the text names year, step, area, parameter or shard."""

    def __init__(self, name: str, told: str, **details: Any) -> None:
        self.name, self.told, self.details = name, told, details
        super().__init__(f"{name}: {told}")


# --- starting -------------------------------------------------------------------------------


@transaction.atomic
def start_step(
    *,
    name: str,
    year: int,
    on: date,
    area: int | None = None,
    rehearse: bool = False,
    started_by: str = "",
) -> YearStep:
    """Write a step and its shards into the ledger; nothing runs before `advance` queues it.

    A step that is already running or done for the province is returned as it is, so a double
    fire is harmless. Raises StepRefused: unknown_step, unknown_year, unknown_area, out_of_order,
    area_before_province, came_by_history, missing_parameter, quota_out_of_range, nobody_here.
    """
    step = known_step(name)
    _check_year(year)
    region = _check_area(area)
    province = province_of_register()
    real = _real_run(year, province, make=name == ordered_steps()[0].name and not rehearse)
    if real is not None and real.from_history:
        raise StepRefused("came_by_history", f"year {year} came by history files and is closed")
    _check_order(step, year, real)
    if rehearse:
        run = YearRun.objects.create(year=year, province=province, mode=YearRun.Mode.REHEARSAL)
        serial = 1
    else:
        if real is None:
            raise StepRefused("out_of_order", f"year {year} has not been opened")
        run = real
        latest = real.steps.filter(name=name).order_by("-serial").first()
        if latest is not None and latest.state != YearStep.State.DONE and latest.area == area:
            return latest
        if latest is not None and area is None and not step.daily:
            return latest
        if (
            area is not None
            and not real.steps.filter(name=name, area=None, state=YearStep.State.DONE).exists()
        ):
            raise StepRefused(
                "area_before_province",
                f"step {name} of year {year} has not run for the province; "
                f"area {area} alone can only be rehearsed",
            )
        serial = 1 if latest is None else latest.serial + 1
    begun = _write_step(step, run, serial=serial, on=on, area=area, started_by=started_by)
    _plan(step, begun, whole=region is None)
    return begun


def known_step(name: str) -> Step:
    """The declared step. Raises StepRefused `unknown_step`."""
    if name not in steps:
        known = ", ".join(step.name for step in ordered_steps())
        raise StepRefused("unknown_step", f"there is no step {name!r}; steps are {known}")
    return steps[name]


def province_of_register() -> Region:
    """The province that this deployment serves. Raises StepRefused `unknown_area`."""
    province = Region.objects.filter(pk=settings.PROVINCE).first()
    if province is None:
        raise StepRefused(
            "unknown_area", f"province {settings.PROVINCE} is not loaded; run load_policies"
        )
    return province


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise StepRefused("unknown_year", f"{year} is not a benefit year")


def _check_area(area: int | None) -> Region | None:
    if area is None:
        return None
    region = Region.objects.filter(pk=area).first()
    if region is None or area // 10**10 != settings.PROVINCE // 10**10:
        raise StepRefused("unknown_area", f"there is no area {area} in this province")
    return region


def _real_run(year: int, province: Region, *, make: bool) -> YearRun | None:
    """The real run of a year, locked, so that two starts at once become one."""
    if make:
        YearRun.objects.bulk_create(
            [YearRun(year=year, province=province, mode=YearRun.Mode.REAL)], ignore_conflicts=True
        )
    return (
        YearRun.objects.select_for_update()
        .filter(year=year, province=province, mode=YearRun.Mode.REAL)
        .first()
    )


def _check_order(step: Step, year: int, real: YearRun | None) -> None:
    done = (
        set(real.steps.filter(state=YearStep.State.DONE, area=None).values_list("name", flat=True))
        if real
        else set()
    )
    for earlier in ordered_steps():
        if earlier.name == step.name:
            break
        required = earlier.name in step.after or step.name in earlier.before
        if required and earlier.name not in done:
            raise StepRefused(
                "out_of_order",
                f"step {step.name} of year {year} comes after {earlier.name}, which is not done",
            )
    if step.marks == "opened_on":
        before = YearRun.objects.filter(year=year - 1, mode=YearRun.Mode.REAL).first()
        if before is not None and before.activated_on is None:
            raise StepRefused(
                "out_of_order", f"year {year - 1} is not activated; year {year} cannot open"
            )


def _write_step(
    step: Step, run: YearRun, *, serial: int, on: date, area: int | None, started_by: str
) -> YearStep:
    marked = [run.opened_on, run.closed_on, run.activated_on]
    latest = max((day for day in marked if day), default=None)
    if step.marks and latest is not None and on < latest:
        raise StepRefused(
            "out_of_order", f"step {step.name} on {on} would come before {latest}, already done"
        )
    begun = YearStep.objects.create(
        run=run,
        name=step.name,
        serial=serial,
        area=area,
        on=on,
        sql_digest=shards.sql_digest(step),
        last_change=Change.objects.aggregate(last=Max("pk"))["last"] or 0,
        started_by=started_by[:64],
    )
    if step.needs_terms:
        begun.terms_digest = _write_terms(begun)
        begun.save(update_fields=["terms_digest"])
    return begun


def _write_terms(step: YearStep) -> str:
    """Resolve what the law says for every area with people, before the first shard.

    Only quotas that somebody in the area needs are asked for, so nothing is guessed and nothing
    is demanded in vain. Returns the digest. Raises StepRefused.
    """
    terms, quotas = read_terms(year=step.run.year, on=step.on, area=step.area)
    for area_terms in terms:
        area_terms.step = step
    for quota in quotas:
        quota.step = step
    StepTerms.objects.bulk_create(terms)
    StepQuota.objects.bulk_create(quotas)
    return terms_digest(terms, quotas)


def read_terms(*, year: int, on: date, area: int | None) -> tuple[list[StepTerms], list[StepQuota]]:
    """Terms and quotas as the published law has them now, unsaved. Raises StepRefused."""
    book = term_book()
    terms, quotas = [], []
    for place, categories in needs_of_terms(year=year, on=on, area=area).items():
        try:
            found = terms_of_area(place, year, categories=categories, book=book)
        except MissingParameter as error:
            raise StepRefused(
                "missing_parameter", str(error), code=error.code, area=error.area, on=str(error.on)
            ) from error
        except QuotaOutOfRange as error:
            raise StepRefused(
                "quota_out_of_range",
                str(error).partition(": ")[2],
                code=error.code,
                area=error.area,
            ) from error
        terms.append(
            StepTerms(
                area=place,
                standard=found.standard,
                fiscal=found.fiscal,
                window_first=found.window_first,
                window_last=found.window_last,
                sources=found.sources,
            )
        )
        quotas += [
            StepQuota(
                area=place,
                category=category,
                amount=amount,
                sources=found.sources[f"quota.{category}"],
            )
            for category, amount in found.quotas.items()
        ]
    return terms, quotas


def terms_digest(terms: Iterable[StepTerms], quotas: Iterable[StepQuota]) -> str:
    """SHA-256 over the values, whatever row of policy they came from."""
    told = [
        sorted(
            [t.area, str(t.standard), str(t.fiscal), str(t.window_first), str(t.window_last)]
            for t in terms
        ),
        sorted([q.area, q.category, str(q.amount)] for q in quotas),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _plan(declared: Step, step: YearStep, *, whole: bool) -> None:
    """Cut the step into pieces. A year that is filled apart gets its table and longer pieces."""
    if declared.sql is None:
        return
    apart = bool(declared.fills) and (step.run.is_rehearsal or whole)
    if apart:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT year_table_create(%s, %s, %s)", [declared.fills, step.run.year, step.pk]
            )
            step.table_name = cursor.fetchone()[0]
        step.save(update_fields=["table_name"])
    work = shards.FILL if declared.fills else shards.WORK
    pieces = [
        StepShard(step=step, phase=0, number=number, work=work, first_person=a, last_person=b)
        for number, (a, b) in enumerate(slices(), start=1)
    ]
    if apart and whole:
        pieces += [
            StepShard(step=step, phase=phase, number=number, work=work)
            for phase, works in enumerate(_FINISHING, start=1)
            for number, work in enumerate(works, start=1)
        ]
        if not step.run.is_rehearsal:
            pieces.append(_piece_of(step, shards.ATTACH))
        # The year is there before it is frozen; freezing disturbs nobody.
        pieces.append(_piece_of(step, shards.VACUUM))
    StepShard.objects.bulk_create(pieces)


_FINISHING = (
    (shards.INDEX_ID, shards.INDEX_COUNTY, shards.INDEX_REGION),
    (shards.CHECK,),
)
_LAST_PHASES = {shards.ATTACH: len(_FINISHING) + 1, shards.VACUUM: len(_FINISHING) + 2}


def _piece_of(step: YearStep, work: str) -> StepShard:
    """A last piece of a year filled apart. A rehearsal has no attaching, its phase stays free."""
    return StepShard(step=step, phase=_LAST_PHASES[work], number=1, work=work)


def slices() -> list[tuple[int, int]]:
    """Slices of person ids, first and last inclusive; the last one is open for newcomers.

    About ten seconds of work each and well below the broker's visibility timeout.
    Raises StepRefused `nobody_here` on an empty register.
    """
    highest = Person.objects.aggregate(highest=Max("pk"))["highest"]
    if highest is None:
        raise StepRefused("nobody_here", "the register is empty")
    size = min(max(-(-highest // SLICES_WANTED), LEAST_PEOPLE), MOST_PEOPLE)
    size = int(os.environ.get("TONGCHOU_SHARD_PEOPLE", size))
    starts = range(1, highest + 1, size)
    ends = [start - 1 for start in starts[1:]] + [PERSON_LIMIT - 1]
    return list(zip(starts, ends, strict=True))


# --- moving on ------------------------------------------------------------------------------


def advance(*, step_id: int, queue: Queue) -> YearStep:
    """Queue what may run next; end the step when nothing is left. Safe to call at any time."""
    step = YearStep.objects.select_related("run").get(pk=step_id)
    if step.state != YearStep.State.RUNNING:
        return step
    left = step.shards.exclude(state=StepShard.State.DONE)
    phase = left.order_by("phase").values_list("phase", flat=True).first()
    if phase is None:
        return _finish(step)
    stale = timezone.now() - REQUEUE_AFTER
    waiting = left.filter(phase=phase).exclude(state=StepShard.State.FAILED)
    ready = waiting.filter(
        Q(queued_at=None) | Q(queued_at__lt=stale) | Q(state=StepShard.State.RETRY)
    )
    with transaction.atomic():
        # Shards that somebody holds are locked; only the free ones are queued again.
        ids = list(
            ready.select_for_update(skip_locked=True, of=("self",))
            .order_by("number")
            .values_list("pk", flat=True)
        )
        StepShard.objects.filter(pk__in=ids).update(queued_at=Now(), state=StepShard.State.QUEUED)
    queue(ids)
    return step


@transaction.atomic
def _finish(step: YearStep) -> YearStep:
    """End a step of which nothing is left: its digest, its mark on the year."""
    step = YearStep.objects.select_for_update().select_related("run").get(pk=step.pk)
    if step.state != YearStep.State.RUNNING:
        return step
    declared = steps[step.name]
    if step.run.is_rehearsal and declared.fills and step.area is not None:
        _drop_table(step)
    step.digest = report_digest(step)
    step.state = YearStep.State.DONE
    step.finished_at = timezone.now()
    step.save(update_fields=["digest", "state", "finished_at", "table_name"])
    if declared.marks and not step.run.is_rehearsal and step.area is None:
        YearRun.objects.filter(pk=step.run_id).update(**{declared.marks: step.on})
    return step


def _drop_table(step: YearStep) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT year_table_drop(%s)", [step.table_name])
    step.table_name = ""


def sweep(*, queue: Queue) -> int:
    """Queue again what nobody holds, of every running step. Returns the number of steps looked at.

    Called by beat and by whoever follows a run, so that loss of the broker loses nothing.
    """
    running = YearStep.objects.filter(state=YearStep.State.RUNNING).values_list("pk", flat=True)
    for step_id in running:
        advance(step_id=step_id, queue=queue)
    return len(running)


def run_calendar(*, on: date, queue: Queue) -> list[str]:
    """Start what the calendar has due on a day and is not done yet; returns what was started.

    The first step of a year is only rehearsed: a supervisor's signature opens the year. A step
    that cannot start yet (its predecessor is not done, a parameter is missing) waits for the next
    time; the refusal is in the list.
    """
    told = []
    for benefit_year in (on.year, on.year + 1):
        for declared in ordered_steps():
            if declared.day(benefit_year) > on or _is_past(benefit_year):
                continue
            try:
                started = _start_due(declared, benefit_year, on)
            except StepRefused as refusal:
                told.append(f"{declared.name} {benefit_year}: {refusal}")
                continue
            if started is not None:
                told.append(f"{declared.name} {benefit_year}: started")
                advance(step_id=started.pk, queue=queue)
    return told


@transaction.atomic
def _start_due(declared: Step, benefit_year: int, on: date) -> YearStep | None:
    """The step if it is due and nobody has started it; the year's rows are locked meanwhile."""
    list(YearRun.objects.select_for_update().filter(year=benefit_year))
    begun = YearStep.objects.filter(run__year=benefit_year, name=declared.name, area=None)
    if declared.daily:
        begun = begun.filter(on=on)
    opens = declared.marks == "opened_on"
    if begun.exists() or (opens and (_is_opened(benefit_year) or on.year >= benefit_year)):
        return None
    return start_step(
        name=declared.name, year=benefit_year, on=on, rehearse=opens, started_by="calendar"
    )


def _is_past(benefit_year: int) -> bool:
    """Whether the year came by history files: it counts as closed and activated."""
    return YearRun.objects.filter(year=benefit_year, from_history=True).exists()


def _is_opened(benefit_year: int) -> bool:
    return YearRun.objects.filter(
        year=benefit_year, mode=YearRun.Mode.REAL, opened_on__isnull=False
    ).exists()


# --- steering -------------------------------------------------------------------------------


def pause_step(*, step: YearStep) -> None:
    """Let running shards end and start no more. Raises StepRefused `not_running`."""
    if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.RUNNING).update(
        state=YearStep.State.PAUSED
    ):
        raise StepRefused("not_running", f"step {step.name} is not running")


def resume_step(*, step: YearStep) -> None:
    """Go on with a paused step; the next sweep queues its shards. Raises StepRefused."""
    with transaction.atomic():
        if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.PAUSED).update(
            state=YearStep.State.RUNNING
        ):
            raise StepRefused("not_paused", f"step {step.name} is not paused")
        step.shards.exclude(state=StepShard.State.DONE).update(queued_at=None)


def retry_failed(*, step: YearStep) -> int:
    """Try failed shards again, with fresh attempts. Returns how many. Raises StepRefused."""
    with transaction.atomic():
        if not YearStep.objects.filter(pk=step.pk, state=YearStep.State.FAILED).update(
            state=YearStep.State.RUNNING, refusal=""
        ):
            raise StepRefused("not_failed", f"step {step.name} has not failed")
        return step.shards.filter(state=StepShard.State.FAILED).update(
            state=StepShard.State.RETRY, attempts=0, queued_at=None
        )


# --- signing --------------------------------------------------------------------------------


@transaction.atomic
def sign(*, digest: str, user: User | None = None, started_by: str = "") -> YearStep:
    """Sign a rehearsal by the digest of its report, and start what was rehearsed.

    Returns the step that is now running: the real one, or, where people changed since, a
    refreshed rehearsal of the same table; `conclude_signature` goes on from there.
    Raises StepRefused: not_rehearsed, rehearsal_of_an_area, already_done, parameter_changed, and
    what `start_step` refuses.
    """
    rehearsal = _rehearsal(digest)
    declared = known_step(rehearsal.name)
    year = rehearsal.run.year
    province = province_of_register()
    real = _real_run(year, province, make=declared.marks == "opened_on")
    _check_order(declared, year, real)
    if real is None:
        raise StepRefused("out_of_order", f"year {year} has not been opened")
    latest = real.steps.filter(name=rehearsal.name, area=None).order_by("-serial").first()
    if latest is not None and not declared.daily:
        raise StepRefused("already_done", f"step {rehearsal.name} of year {year} has run")
    _check_terms(declared, rehearsal)
    rehearsal.signed_by, rehearsal.signed_at = user, timezone.now()
    rehearsal.save(update_fields=["signed_by", "signed_at"])
    if declared.fills and _changed_slices(rehearsal):
        return _refresh(rehearsal, started_by=started_by)
    return _start_signed(declared, rehearsal, real, started_by=started_by)


def _rehearsal(digest: str) -> YearStep:
    rehearsal = (
        YearStep.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(digest=digest, run__mode=YearRun.Mode.REHEARSAL, state=YearStep.State.DONE)
        .order_by("-pk")
        .first()
        if digest
        else None
    )
    if rehearsal is None:
        raise StepRefused("not_rehearsed", f"no rehearsal has the digest {digest or '(none)'}")
    if rehearsal.area is not None:
        raise StepRefused(
            "rehearsal_of_an_area",
            f"the rehearsal covers area {rehearsal.area} only; rehearse the province to sign",
        )
    return rehearsal


def _check_terms(declared: Step, rehearsal: YearStep) -> None:
    """Refuse if the law changed since, naming what and where."""
    if shards.sql_digest(declared) != rehearsal.sql_digest:
        raise StepRefused("program_changed", f"step {declared.name} computes otherwise since then")
    if not declared.needs_terms:
        return
    terms, quotas = read_terms(year=rehearsal.run.year, on=rehearsal.on, area=None)
    if terms_digest(terms, quotas) == rehearsal.terms_digest:
        return
    differences = _differing(rehearsal, terms, quotas)
    raise StepRefused(
        "parameter_changed",
        "; ".join(
            f"{code} of area {area} was {old}, is {new}" for code, area, old, new in differences
        )
        + f"; shards {_shards_of({area for _, area, _, _ in differences}, rehearsal)}",
        areas=sorted({area for _, area, _, _ in differences}),
    )


def _differing(
    rehearsal: YearStep, terms: list[StepTerms], quotas: list[StepQuota]
) -> list[tuple[str, int, Any, Any]]:
    """(code, area, then, now) of every term and quota that is not what it was."""

    def values(
        rows: Iterable[StepTerms], shares: Iterable[StepQuota]
    ) -> dict[tuple[str, int], Any]:
        told: dict[tuple[str, int], Any] = {}
        for row in rows:
            told["contribution.individual_standard", row.area] = row.standard
            told["contribution.fiscal_standard", row.area] = row.fiscal
            told["collection.window", row.area] = f"{row.window_first}..{row.window_last}"
        for share in shares:
            told[f"subsidy.quota.{share.category}", share.area] = share.amount
        return told

    then = values(rehearsal.terms.all(), rehearsal.quotas.all())
    now = values(terms, quotas)
    return [
        (code, area, then.get((code, area)), now.get((code, area)))
        for code, area in sorted({*then, *now})
        if then.get((code, area)) != now.get((code, area))
    ]


def _shards_of(areas: set[int], rehearsal: YearStep) -> str:
    """Numbers of the shards that hold people of these areas."""
    cities = {county_of(area) // 100 for area in areas}
    numbers = {
        number
        for number, county in ShardTotal.objects.filter(shard__step=rehearsal, shard__phase=0)
        .values_list("shard__number", "county")
        .distinct()
        if county // 100 in cities
    }
    return ", ".join(map(str, sorted(numbers))) or "none"


def _changed_slices(rehearsal: YearStep) -> list[int]:
    """Numbers of the slices with people who changed since the rehearsal read them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT s.number
              FROM change c
              JOIN step_shard s ON s.step_id = %s AND s.phase = 0
                               AND c.person_id BETWEEN s.first_person AND s.last_person
             WHERE c.year = %s AND c.id > %s
             ORDER BY s.number
            """,
            [rehearsal.pk, rehearsal.run.year, rehearsal.last_change],
        )
        return [row[0] for row in cursor.fetchall()]


def _refresh(rehearsal: YearStep, *, started_by: str) -> YearStep:
    """A further rehearsal over the same table: changed slices again, the others as they were."""
    changed = _changed_slices(rehearsal)
    fresh = _write_step(
        known_step(rehearsal.name),
        rehearsal.run,
        serial=rehearsal.serial + 1,
        on=rehearsal.on,
        area=None,
        started_by=started_by,
    )
    fresh.table_name, fresh.rehearsed = rehearsal.table_name, rehearsal
    fresh.save(update_fields=["table_name", "rehearsed"])
    shards.copy_shards(source=rehearsal, into=fresh, again=changed)
    YearStep.objects.filter(pk=rehearsal.pk).update(table_name="")
    return fresh


def conclude_signature(
    *, digest: str, step: YearStep, user: User | None = None, started_by: str = ""
) -> YearStep:
    """After a refreshed rehearsal is done: go on if it came out as signed, refuse if not.

    Raises StepRefused `result_changed`, naming shards and areas and the digest to sign now.
    """
    step.refresh_from_db()
    if not step.run.is_rehearsal or step.state != YearStep.State.DONE:
        return step
    if step.digest == digest:
        return sign(digest=step.digest, user=user, started_by=started_by)
    if step.rehearsed is None:
        raise StepRefused("not_rehearsed", f"step {step.pk} refreshes no rehearsal")
    numbers, counties = differing_totals(step.rehearsed, step)
    raise StepRefused(
        "result_changed",
        f"people changed since the rehearsal: shards {', '.join(map(str, numbers))}, "
        f"areas {', '.join(map(str, counties))}; the rehearsal was computed again, "
        f"sign {step.digest}",
        shards=numbers,
        areas=counties,
        digest=step.digest,
    )


def differing_totals(one: YearStep, other: YearStep) -> tuple[list[int], list[int]]:
    """Shard numbers and counties whose control totals differ between two runs of a step."""

    def totals(step: YearStep) -> dict[tuple[int, int, str], tuple[Any, ...]]:
        rows = ShardTotal.objects.filter(shard__step=step).values_list(
            "shard__number",
            "county",
            "item",
            "persons",
            "standard",
            "subsidy",
            "payable",
            "paid",
            "output_hash",
        )
        return {row[:3]: row[3:] for row in rows}

    a, b = totals(one), totals(other)
    different = [key for key in {*a, *b} if a.get(key) != b.get(key)]
    return sorted({key[0] for key in different}), sorted({key[1] for key in different})


def _start_signed(
    declared: Step, rehearsal: YearStep, real: YearRun, *, started_by: str
) -> YearStep:
    latest = real.steps.filter(name=declared.name).aggregate(last=Max("serial"))["last"] or 0
    step = _write_step(
        declared, real, serial=latest + 1, on=rehearsal.on, area=None, started_by=started_by
    )
    step.rehearsed = rehearsal
    step.signed_by, step.signed_at = rehearsal.signed_by, rehearsal.signed_at
    step.table_name = rehearsal.table_name
    step.save(update_fields=["rehearsed", "signed_by", "signed_at", "table_name"])
    if declared.fills:
        shards.copy_shards(source=rehearsal, into=step)
        _piece_of(step, shards.ATTACH).save()
    elif declared.sql is not None:
        StepShard.objects.bulk_create(
            StepShard(
                step=step,
                phase=0,
                number=row.number,
                work=shards.WORK,
                first_person=row.first_person,
                last_person=row.last_person,
            )
            for row in rehearsal.shards.filter(phase=0)
        )
    return step


def rows_done(step: YearStep) -> int:
    """Rows that the finished shards of a step counted."""
    return step.shards.aggregate(rows=Sum("rows"))["rows"] or 0
