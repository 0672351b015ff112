"""Signing: what was rehearsed and is still so may be done; whatever changed since is named."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from enrollment.declarations import Step
from enrollment.models import (
    ShardTotal,
    StepShard,
    User,
    YearRun,
    YearStep,
)
from enrollment.rules.regions import county_of
from enrollment.services import shards
from enrollment.services.refusals import StepRefused
from enrollment.services.year import (
    check_alone,
    check_order,
    known_step,
    piece_of,
    province_of_register,
    real_run,
    settling_pieces,
    whole_piece,
    write_step,
)


@transaction.atomic
def sign(*, digest: str, user: User | None = None, started_by: str = "") -> YearStep:
    """Sign a rehearsal by the digest of its report, and start what was rehearsed.

    Returns the step that is now running: the real one, or, where people changed since, a
    refreshed rehearsal of the same table; `conclude_signature` goes on from there.
    Raises StepRefused: not_rehearsed, rehearsal_of_an_area, already_done, superseded,
    program_changed, parameter_changed, and what `start_step` refuses.
    """
    rehearsal = _rehearsal(digest)
    declared = known_step(rehearsal.name)
    year = rehearsal.run.year
    province = province_of_register()
    real = real_run(year, province, make=declared.marks == "opened_on")
    check_order(declared, year, real)
    if real is None:
        raise StepRefused("out_of_order", f"year {year} has not been opened")
    _check_unused(declared, rehearsal, real)
    check_alone(declared, real)
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


def _check_unused(declared: Step, rehearsal: YearStep, real: YearRun) -> None:
    """Refuse what was carried out, or was computed again; a run that refused itself is neither."""
    run = real.steps.filter(name=rehearsal.name, area=None).exclude(state=YearStep.State.REFUSED)
    if (run.filter(rehearsed=rehearsal) if declared.daily else run).exists():
        raise StepRefused(
            "already_done", f"step {rehearsal.name} of year {real.year} has run as rehearsed"
        )
    if declared.fills and not rehearsal.table_name:
        fresh = rehearsal.executions.order_by("-pk").first()
        raise StepRefused(
            "superseded",
            "the rehearsal was computed again because people changed; "
            + (f"sign {fresh.digest}" if fresh and fresh.digest else "it is not done yet"),
        )


def _check_terms(declared: Step, rehearsal: YearStep) -> None:
    """Refuse if the law changed since, naming what and where."""
    if shards.sql_digest(declared) != rehearsal.sql_digest:
        raise StepRefused("program_changed", f"step {declared.name} computes otherwise since then")
    differences = declared.terms.changed(rehearsal) if declared.terms else []
    if not differences:
        return
    raise StepRefused(
        "parameter_changed",
        "; ".join(
            f"{code} of area {area} was {old}, is {new}" for code, area, old, new in differences
        )
        + f"; shards {_shards_of({area for _, area, _, _ in differences}, rehearsal)}",
        areas=sorted({area for _, area, _, _ in differences}),
    )


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
    """Numbers of the slices with people who changed since the rehearsal read them.

    A step that rests on the years before was reached by a change in any of them.
    """
    first = 0 if known_step(rehearsal.name).first_year else rehearsal.run.year
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT s.number
              FROM change c
              JOIN step_shard s ON s.step_id = %s AND s.phase = 0
                               AND c.person_id BETWEEN s.first_person AND s.last_person
             WHERE c.year BETWEEN %s AND %s AND c.id > %s
             ORDER BY s.number
            """,
            [rehearsal.pk, first, rehearsal.run.year, rehearsal.last_change],
        )
        return [row[0] for row in cursor.fetchall()]


def _refresh(rehearsal: YearStep, *, started_by: str) -> YearStep:
    """A further rehearsal over the same table: changed slices again, the others as they were."""
    changed = _changed_slices(rehearsal)
    fresh = write_step(
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
    step = write_step(
        declared, real, serial=latest + 1, on=rehearsal.on, area=None, started_by=started_by
    )
    step.rehearsed = rehearsal
    step.signed_by, step.signed_at = rehearsal.signed_by, rehearsal.signed_at
    step.table_name = rehearsal.table_name
    step.save(update_fields=["rehearsed", "signed_by", "signed_at", "table_name"])
    if declared.fills:
        shards.copy_shards(source=rehearsal, into=step)
        piece_of(step, shards.ATTACH).save()
        StepShard.objects.bulk_create(settling_pieces(declared, step))
    elif declared.piece is not None:
        whole_piece(step).save()
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
