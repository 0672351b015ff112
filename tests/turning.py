"""Turning a year in a test: a register of named people, steps run in this process, whole tables.

Every person is named once; tables come back as dictionaries by name, so that a test says what every
row is and that there is no other.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Max
from django.db.models.functions import Now

from enrollment.models import (
    Award,
    Enrollment,
    Fallout,
    Person,
    PersonCategory,
    Receipt,
    ShardTotal,
    StepShard,
    YearRun,
    YearStep,
)
from enrollment.rules import keys
from enrollment.services import shards
from enrollment.services.year import advance, known_step, start_step, years_before
from tests import cast

YEAR = 2027
OPENING, PUSHING = date(2026, 9, 1), date(2026, 10, 15)
CLOSING, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)
DAYS = {
    "open": OPENING,
    "subsidise": OPENING,
    "chase": PUSHING,
    "reconcile": CLOSING,
    "close": CLOSING,
    "assess": NEW_YEAR,
    "activate": NEW_YEAR,
}
STEPS = tuple(DAYS)
SHANGHAI = ZoneInfo("Asia/Shanghai")

HEFEI, WUHU = cast.SHUSHAN, cast.JINGHU
BENGBU, HUAINAN = 340302000000, 340402000000


# A year in one transaction ------------------------------------------------------------------------


def province(monkeypatch: pytest.MonkeyPatch, *, history: int | None = YEAR - 1) -> None:
    """Anhui with its law, and a year that came by history if any, inside the test's transaction.

    A year is not frozen in there: VACUUM runs in no transaction. tests/test_chaos.py does it.
    """

    def frozen(shard_id: int) -> str:
        StepShard.objects.filter(pk=shard_id).update(
            state=StepShard.State.DONE, finished_at=Now(), rows=0
        )
        return "done"

    monkeypatch.setattr(shards, "_vacuum", frozen)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cast.law()
    if history is not None:
        cast.year(history)


# People -------------------------------------------------------------------------------------------


def someone(name: str, *categories: str, region: int = HEFEI, **fields: Any) -> Person:
    """A person of the register; categories hold without end unless `recognise` says otherwise."""
    # Ids from 1 on: slices of two people stay few, however many tests there were before.
    last = Person.objects.aggregate(last=Max("pk"))["last"] or 0
    fields.setdefault("id", last + 1)
    person = cast.person(name, number=Person.objects.count() + 1, region=region, **fields)
    for category in categories:
        recognise(person, category)
    return person


def recognise(
    person: Person,
    category: str,
    *,
    since: date = date(2026, 1, 1),
    until: date | None = None,
    qualified: bool = True,
) -> PersonCategory:
    """A status from `since` to the day before `until`."""
    return PersonCategory.objects.create(
        person=person,
        category=category,
        valid=DateRange(since, until),
        source=PersonCategory.Source.CIVIL_AFFAIRS,
        qualified=qualified,
    )


def insured(*people: Person, year: int = YEAR - 1) -> None:
    """They paid for the year before and are covered by it."""
    for person in people:
        cast.paid(person, year)


def employed(person: Person, year: int, months: int, *, slot: int = 0) -> Enrollment:
    """A spell in the employee scheme; `months` is a map of twelve bits, January lowest."""
    return Enrollment.objects.create(
        id=keys.yearly_key(year=year, person_id=person.pk, scheme=keys.EMPLOYEE, slot=slot),
        person=person,
        region_id=person.insured_region_id,
        months=months,
    )


def receipt(
    number: str,
    person: Person | None,
    amount: str | int | Decimal,
    at: datetime | None = None,
    **fields: Any,
) -> Receipt:
    """A receipt of the tax service for the year, on 20 November unless told otherwise."""
    return Receipt.objects.create(
        receipt_number=number,
        person=person,
        name=fields.pop("name", person.name if person else "生面孔"),
        region=fields.pop("region", person.insured_region_id if person else 0),
        year=fields.pop("year", YEAR),
        amount=Decimal(amount),
        paid_at=at or clock(2026, 11, 20, 10),
        channel=Receipt.Channel.APP,
        **fields,
    )


def clock(*parts: int) -> datetime:
    """A moment in Shanghai."""
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


# Steps --------------------------------------------------------------------------------------------


def turn(
    name: str,
    *,
    year: int = YEAR,
    on: date | None = None,
    rehearse: bool = False,
    area: int | None = None,
) -> YearStep:
    """Start a step at its day and run it to its end here. Raises StepRefused.

    Standings come before the activation, as in the calendar.
    """
    rest_on(name, year)
    if name == "activate" and YearRun.objects.filter(year=year, closed_on__isnull=False).exists():
        rest_on("assess", year)
        finish(start_step(name="assess", year=year, on=on or date(year, 1, 1)))
    on = on or DAYS[name].replace(year=DAYS[name].year + year - YEAR)
    return finish(start_step(name=name, year=year, on=on, rehearse=rehearse, area=area))


def rest_on(name: str, year: int = YEAR) -> None:
    """What a step rests on in earlier years that came by history."""
    for earlier in years_before(known_step(name), year):
        finish(start_step(name=name, year=earlier, on=date(earlier, 1, 1)))


def turn_until(name: str, *, year: int = YEAR) -> None:
    """All steps before `name`."""
    for earlier in STEPS[: STEPS.index(name)]:
        turn(earlier, year=year)
    rest_on(name, year)


def finish(step: YearStep) -> YearStep:
    """Run what the ledger queues, here, until it queues nothing more."""
    while advance(step_id=step.pk, queue=run_here).state == YearStep.State.RUNNING:
        pass
    step.refresh_from_db()
    return step


def run_here(shard_ids: Iterable[int]) -> None:
    """A queue that runs at once. What a shard raises is in the ledger, as with workers."""
    for shard_id in shard_ids:
        try:
            shards.run_shard(shard_id=shard_id, worker="here")
        except (shards.ResultDiffers, DatabaseError):
            continue


# Whole tables -------------------------------------------------------------------------------------


def bills(year: int = YEAR) -> dict[str, tuple[Any, ...]]:
    """Resident bills by name: region, category, standard, subsidy, payable."""
    return _by_name(
        Enrollment.objects.residents(year),
        "region_id",
        "category",
        "standard",
        "subsidy",
        "payable",
    )


def payments(year: int = YEAR) -> dict[str, tuple[Any, ...]]:
    """Resident bills that saw money, by name: paid, paid on."""
    return _by_name(Enrollment.objects.residents(year).exclude(paid=0), "paid", "paid_on")


def endings(year: int = YEAR) -> dict[str, tuple[Any, ...]]:
    """Resident bills that ended, by name: day and reason."""
    ended = Enrollment.objects.residents(year).exclude(ended_on=None)
    return _by_name(ended, "ended_on", "ended_for")


def states(year: int = YEAR, on: date = NEW_YEAR) -> dict[str, str]:
    """The state of every resident's year of cover on a day, by name."""
    rows = Enrollment.objects.residents(year).with_status(on).select_related("person")
    return {row.person.name: str(getattr(row, "status_code")) for row in rows}  # noqa: B009


def fallout() -> dict[str, tuple[Any, ...]]:
    """Who fell out, by name: region and reason."""
    return _by_name(Fallout.objects.all(), "region_id", "reason")


def awards() -> list[tuple[Any, ...]]:
    """Every award in order: name, funder, category, amount, day."""
    rows = Award.objects.order_by("enrollment__person", "pk")
    return list(
        rows.values_list("enrollment__person__name", "funder", "category", "amount", "awarded_on")
    )


def receipts() -> dict[str, tuple[Any, ...]]:
    """Every receipt by number: outcome and whose bill it found."""
    rows = Receipt.objects.values_list("receipt_number", "outcome", "enrollment__person__name")
    return {number: (outcome, whose) for number, outcome, whose in rows}


def totals(step: YearStep) -> dict[tuple[int, str], tuple[Any, ...]]:
    """Control totals of a step by county and item: persons, standard, subsidy, payable, paid."""
    sums: dict[tuple[int, str], list[Any]] = {}
    rows = ShardTotal.objects.filter(shard__step=step).values_list(
        "county", "item", "persons", "standard", "subsidy", "payable", "paid"
    )
    for county, item, *figures in rows:
        into = sums.setdefault((county, item), [0, 0, 0, 0, 0])
        into[:] = [a + b for a, b in zip(into, figures, strict=True)]
    return {key: tuple(sums[key]) for key in sorted(sums)}


def persons(step: YearStep) -> dict[str, int]:
    """Persons a step counted, by item."""
    counted: dict[str, int] = {}
    for (_, item), row in totals(step).items():
        counted[item] = counted.get(item, 0) + row[0]
    return counted


def _by_name(rows: Any, *columns: str) -> dict[str, tuple[Any, ...]]:
    found = list(rows.annotate(whose=F("person__name")).values_list("whose", *columns))
    told = {whose: tuple(values) for whose, *values in found}
    assert len(told) == len(found), "a person appears twice"
    return told
