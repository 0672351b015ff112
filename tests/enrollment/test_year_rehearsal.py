"""Rehearsals: the whole computation without effect, signed by its digest, and what refuses it."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from benefits.models import Standing
from enrollment.models import (
    Award,
    Enrollment,
    Person,
    PolicyParameter,
    Push,
    StepShard,
    YearRun,
    YearStep,
)
from enrollment.services.refusals import StepRefused
from enrollment.services.signing import conclude_signature, sign
from tests import turning
from tests.turning import (
    HEFEI,
    HUAINAN,
    NEW_YEAR,
    OPENING,
    STEPS,
    WUHU,
    YEAR,
    awards,
    bills,
    endings,
    fallout,
    finish,
    insured,
    persons,
    receipt,
    recognise,
    run_here,
    someone,
    totals,
    turn,
    turn_until,
)

REGISTER = (
    "person", "person_category", "enrollment", "award", "receipt", "fallout", "change",
    "agency_case", "region", "policy_parameter",
)  # fmt: skip
HEFEI_CITY, WUHU_CITY = 340100000000, 340200000000


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history; slices of two people."""
    turning.province(monkeypatch)
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", "2")


def six_people() -> list[Person]:
    """Three slices of two: Hefei, Hefei and Wuhu, Wuhu."""
    regions = (HEFEI, HEFEI, HEFEI, WUHU, WUHU, WUHU)
    return [
        someone(f"张{n}", *(["dibao"] if n in {1, 4} else []), id=n, region=region)
        for n, region in enumerate(regions, start=1)
    ]


def register() -> dict[str, list[Any]]:
    """Every row of the register as it lies in its table: who rewrites one moves it."""
    with connection.cursor() as cursor:
        told = {}
        for table in REGISTER:
            cursor.execute(f"SELECT tableoid::regclass::text, ctid::text, t::text FROM {table} t")
            told[table] = sorted(cursor.fetchall())
        return told


def run_year(*words: str) -> dict[str, Any]:
    """The last line of the command's standard output."""
    out = StringIO()
    call_command(
        "run_year", *words, "--year", str(YEAR), "--inline", "--json", stdout=out, stderr=StringIO()
    )
    told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return told


def refused(digest: str) -> StepRefused:
    """Signing this digest refuses, after what had to be computed again was."""
    try:
        finish(conclude_signature(digest=digest, step=finish(sign(digest=digest))))
    except StepRefused as refusal:
        return refusal
    raise AssertionError("it was signed")


def add_parameter(code: str, area: int, value: Any) -> None:
    PolicyParameter.objects.create(
        code=code,
        area_id=area,
        valid=DateRange(date(2027, 1, 1), date(2028, 1, 1)),
        unit="yuan" if isinstance(value, str) else "day_window",
        value=value,
        status=PolicyParameter.Status.EXAMPLE,
    )


# Without effect -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STEPS)
def test_a_rehearsal_leaves_the_register_as_it_lies_and_tells_what_the_run_will_do(
    name: str,
) -> None:
    people = six_people()
    insured(*people[:5])
    turn_until(name)
    recognise(people[1], "extreme_poverty")
    for person in people[:3]:
        receipt(f"R{person.pk}", person, 42)
    receipt("R9", None, 420)
    Person.objects.filter(pk=5).update(died_on=date(2026, 12, 20))
    before = register()

    rehearsal = turn(name, rehearse=True)

    assert register() == before
    assert YearRun.objects.filter(year=YEAR, mode="real").exists() == (name != "open")
    real = turn(name)
    assert real.digest == rehearsal.digest != ""
    assert totals(real) == totals(rehearsal)
    assert (name == "close") == (totals(real) == {})


def test_an_areas_rehearsal_covers_that_area_and_leaves_nothing_behind() -> None:
    six_people()
    before = register()

    step = turn("open", rehearse=True, area=WUHU_CITY)

    assert persons(step) == {"": 2, "dibao": 1}
    assert {county for county, _ in totals(step)} == {340202}
    assert register() == before
    assert step.table_name == ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'enrollment_y2027%'")
        assert cursor.fetchall() == []
    assert refused(step.digest).name == "rehearsal_of_an_area"


def test_any_step_can_be_rehearsed_for_an_area() -> None:
    people = six_people()
    insured(*people)
    turn("open")
    turn("subsidise")
    for person in people:
        receipt(f"R{person.pk}", person, 420)
    receipt("R9", None, 420)
    reconcile = turn("reconcile", rehearse=True, area=HEFEI_CITY)
    assert {county for county, _ in totals(reconcile)} == {340104}
    assert persons(reconcile) == {"matched": 2, "overpaid": 1, "excess": 0}
    turn("close")
    activate = turn("activate", rehearse=True, area=HEFEI_CITY)
    assert persons(activate) == {"fallout:unpaid": 3, "insured_last_year": 3}


# Signing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STEPS)
def test_signing_runs_what_was_rehearsed(name: str) -> None:
    people = six_people()
    insured(*people)
    turn_until(name)
    receipt("R1", people[1], 420)
    rehearsed = run_year(name, "--rehearse", "--on", str(turning.DAYS[name]))

    signed = run_year(name, "--sign", rehearsed["digest"])

    assert (signed["state"], signed["mode"], signed["digest"]) == (
        "done", "real", rehearsed["digest"]
    )  # fmt: skip
    assert (signed["by_item"], signed["on"]) == (rehearsed["by_item"], rehearsed["on"])
    step = YearStep.objects.get(run__mode="real", run__year=YEAR, name=name)
    assert step.rehearsed is not None
    assert step.rehearsed.signed_at is not None
    assert {
        "open": lambda: len(bills()) == 6,
        "subsidise": lambda: len(awards()) == 2,
        "chase": lambda: Push.objects.filter(step=step).count() == 6,
        "reconcile": lambda: len(turning.payments()) == 1,
        "close": lambda: step.run.closed_on is not None,
        "assess": lambda: Standing.objects.of_year(YEAR).count() == 6,
        "activate": lambda: len(fallout()) == 6,
    }[name]()


def test_a_signed_opening_attaches_the_rehearsed_table_itself() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::regclass::oid", [rehearsal.table_name])
        (made,) = cursor.fetchone()

    finish(sign(digest=rehearsal.digest))

    with connection.cursor() as cursor:
        cursor.execute("SELECT 'enrollment_y2027'::regclass::oid")
        assert cursor.fetchone() == (made,)
    assert YearRun.objects.get(year=YEAR, mode="real").opened_on == OPENING
    assert len(bills()) == 6


def test_what_was_never_rehearsed_cannot_be_signed() -> None:
    six_people()
    for digest in ("", "0" * 64, "no digest"):
        refusal = refused(digest)
        assert refusal.name == "not_rehearsed"
        assert (digest or "(none)") in refusal.told


def test_a_rehearsal_is_signed_once() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    finish(sign(digest=rehearsal.digest))

    assert refused(rehearsal.digest).name == "already_done"
    for name in ("subsidise", "chase", "reconcile", "close", "assess", "activate"):
        rehearsal = turn(name, rehearse=True)
        finish(sign(digest=rehearsal.digest))
        assert refused(rehearsal.digest).name == "already_done"
        assert YearStep.objects.filter(run__mode="real", run__year=YEAR, name=name).count() == 1


def test_a_signature_under_another_name_or_year_starts_nothing() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    before = register()

    for words in (["close"], ["open", "--year", "2028"]):
        with pytest.raises(CommandError) as caught:
            call_command(
                "run_year", *words, *(["--year", str(YEAR)] if len(words) == 1 else []),
                "--sign", rehearsal.digest, "--inline", stderr=StringIO(),
            )  # fmt: skip
        assert caught.value.returncode in {1, 2}

    assert register() == before
    assert not YearStep.objects.filter(run__mode="real").exists()


# Changed law --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "told", "shards"),
    [
        (("contribution.individual_standard", WUHU_CITY, "421.00"), "420.00", "2, 3"),
        (("contribution.fiscal_standard", HEFEI_CITY, "800.00"), "724.00", "1, 2"),
        (
            ("collection.window", HEFEI_CITY, {"first": "Y-1 10-20", "last": "Y-1 12-31"}),
            "2026-09-01..2026-12-31",
            "1, 2",
        ),
    ],
)
def test_a_changed_parameter_refuses_by_code_area_and_shard(
    parameter: tuple[str, int, Any], told: str, shards: str
) -> None:
    code, area, value = parameter
    six_people()
    rehearsal = turn("open", rehearse=True)
    before = bills()
    add_parameter(code, area, value)

    refusal = refused(rehearsal.digest)

    assert refusal.name == "parameter_changed"
    assert f"{code} of area {area} was {told}, is " in refusal.told
    assert refusal.told.endswith(f"shards {shards}")
    assert refusal.details == {"areas": [area]}
    assert bills() == before == {}
    assert not YearRun.objects.filter(year=YEAR, mode="real").exists()


def test_a_changed_quota_refuses_too_and_the_new_law_can_be_rehearsed_and_signed() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    PolicyParameter.objects.filter(
        code="subsidy.quota.dibao", area=HEFEI_CITY, valid__contains=NEW_YEAR
    ).update(value="340.00")

    refusal = refused(rehearsal.digest)
    assert refusal.name == "parameter_changed"
    assert f"subsidy.quota.dibao of area {HEFEI_CITY} was 378.00, is 340.00" in refusal.told
    assert "; shards 1, 2" in refusal.told

    fresh = turn("open", rehearse=True)
    assert fresh.digest != rehearsal.digest
    finish(sign(digest=fresh.digest))
    assert bills()["张1"] == (HEFEI, "dibao", 420, 340, 80)


def test_the_command_tells_a_refusal_by_name_and_ends_with_one() -> None:
    six_people()
    digest = run_year("open", "--rehearse", "--on", str(OPENING))["digest"]
    add_parameter("contribution.fiscal_standard", HEFEI_CITY, "800.00")
    out = StringIO()

    with pytest.raises(CommandError) as caught:
        call_command(
            "run_year", "open", "--year", str(YEAR), "--sign", digest, "--inline", "--json",
            stdout=out, stderr=StringIO(),
        )  # fmt: skip

    assert caught.value.returncode == 1
    assert json.loads(out.getvalue().splitlines()[-1])["error"] == "parameter_changed"


# Changed people -----------------------------------------------------------------------------------


def by_the_orm() -> None:
    person = Person.objects.get(pk=3)
    person.died_on = date(2026, 8, 1)
    person.save()


def by_raw_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE person SET left_on = '2026-08-01', left_for = 'moved_out' WHERE id = 3"
        )


def by_a_new_category() -> None:
    recognise(Person.objects.get(pk=3), "monitored")


def by_import(folder: Path) -> None:
    person = Person.objects.get(pk=3)
    file = folder / "people.csv"
    file.write_text(
        "证件类型,证件号码,姓名,性别,出生日期,户籍地代码,常住地代码,手机号,状态,死亡日期\n"
        f"resident_id,{person.identity_number},张3,男,1972-05-04,340104,340104,,deceased,2026-08-01\n"
    )
    call_command("import_file", "people", str(file), stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("change", [by_the_orm, by_raw_sql, by_a_new_category, by_import])
def test_a_changed_person_refuses_by_shard_and_area_and_gives_the_digest_to_sign(
    change: Callable[..., None], tmp_path: Path
) -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    made = list(rehearsal.shards.order_by("phase", "number").values_list("pk", flat=True))
    change(*([tmp_path] if change is by_import else []))
    before = register()

    refusal = refused(rehearsal.digest)

    assert refusal.name == "result_changed"
    assert (refusal.details["shards"], refusal.details["areas"]) == ([2], [340104])
    assert "shards 2, areas 340104" in refusal.told
    fresh = refusal.details["digest"]
    assert fresh in refusal.told
    assert fresh != rehearsal.digest
    assert register() == before
    again = YearStep.objects.get(digest=fresh)
    redone = again.shards.filter(work="refill")
    assert [shard.number for shard in redone] == [2]
    assert again.shards.exclude(pk__in=redone).count() == len(made) - 1

    step = finish(sign(digest=fresh))

    assert step.digest == fresh
    assert set(bills()) == {f"张{n}" for n in range(1, 7)} - (
        set() if change is by_a_new_category else {"张3"}
    )
    if change is by_a_new_category:
        assert bills()["张3"] == (HEFEI, "monitored", 420, 210, 210)
    assert totals(step) == totals(again)


def test_newcomers_leavers_and_movers_are_all_computed_again() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    someone("李四", id=7)
    Person.objects.filter(pk=1).update(scheme=Person.Scheme.EMPLOYEE)
    Person.objects.filter(pk=5).update(insured_region=HUAINAN)
    Person.objects.filter(pk=6).update(insured_region=WUHU + 1000)  # another township

    refusal = refused(rehearsal.digest)

    assert refusal.details["shards"] == [1, 3]
    assert refusal.details["areas"] == [340104, 340202, 340402]
    finish(sign(digest=refusal.details["digest"]))
    assert bills() == {
        "张2": (HEFEI, "", 420, 0, 420),
        "张3": (HEFEI, "", 420, 0, 420),
        "张4": (WUHU, "dibao", 420, 378, 42),
        "张5": (HUAINAN, "", 420, 0, 420),
        "张6": (WUHU + 1000, "", 420, 0, 420),
        "李四": (HEFEI, "", 420, 0, 420),
    }


def test_a_change_that_changes_nothing_is_signed_as_it_was() -> None:
    """People changed, were computed again, and came out as signed: one signature is enough."""
    people = six_people()
    rehearsal = turn("open", rehearse=True)
    recognise(people[1], "newborn")
    Person.objects.filter(pk=4).update(died_on=date(2026, 12, 24))  # is billed all the same

    step = finish(sign(digest=rehearsal.digest))
    step = finish(conclude_signature(digest=rehearsal.digest, step=step))

    assert (step.run.mode, step.state, step.digest) == ("real", "done", rehearsal.digest)
    assert len(bills()) == 6


def test_a_need_that_is_new_is_a_changed_person_and_not_a_changed_parameter() -> None:
    """The first recipient of a city needs a quota nobody had asked for; the law is as it was."""
    people = six_people()
    rehearsal = turn("open", rehearse=True)
    recognise(people[4], "monitored")  # Wuhu had none
    someone("李四", "dibao", id=7, region=HUAINAN)  # and Huainan nobody at all

    refusal = refused(rehearsal.digest)

    assert refusal.name == "result_changed"
    assert refusal.details["shards"] == [3]
    assert refusal.details["areas"] == [340202, 340402]
    finish(sign(digest=refusal.details["digest"]))
    assert bills()["张5"] == (WUHU, "monitored", 420, 210, 210)
    assert bills()["李四"] == (HUAINAN, "dibao", 420, 336, 84)


def test_a_need_that_is_gone_is_a_changed_person_too() -> None:
    people = six_people()
    rehearsal = turn("open", rehearse=True)
    people[3].categories.update(valid=DateRange(date(2026, 1, 1), date(2026, 8, 1)))

    refusal = refused(rehearsal.digest)

    assert refusal.name == "result_changed"
    finish(sign(digest=refusal.details["digest"]))
    assert bills()["张4"] == (WUHU, "", 420, 0, 420)


def test_a_rehearsal_that_was_computed_again_gives_way_to_its_successor() -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    by_the_orm()
    fresh = refused(rehearsal.digest).details["digest"]

    refusal = refused(rehearsal.digest)

    assert refusal.name == "superseded"
    assert fresh in refusal.told
    finish(sign(digest=fresh))
    assert len(bills()) == 5


# Changed results of the later steps ---------------------------------------------------------------


def changed_subsidise(people: list[Person]) -> None:
    recognise(people[2], "monitored")


def changed_reconcile(people: list[Person]) -> None:
    receipt("R3", people[2], 420)


def changed_activate(people: list[Person]) -> None:
    Person.objects.filter(pk=3).update(died_on=date(2026, 12, 1))


@pytest.mark.parametrize(
    ("name", "change", "counties"),
    [
        ("subsidise", changed_subsidise, [340104]),
        ("reconcile", changed_reconcile, [340104]),
        ("activate", changed_activate, [340104]),
    ],
)
def test_a_result_that_differs_rolls_back_its_shard_and_stops_the_step_by_name(
    name: str, change: Callable[[list[Person]], None], counties: list[int]
) -> None:
    people = six_people()
    insured(*people)
    turn_until(name)
    if name == "reconcile":
        receipt("R5", people[4], 420)
    rehearsal = turn(name, rehearse=True)
    change(people)

    step = finish(sign(digest=rehearsal.digest))

    assert step.state == YearStep.State.REFUSED
    assert step.refusal == f"result_changed: shard 2 differs in {counties[0]}"
    states = list(step.shards.order_by("number").values_list("state", flat=True))
    assert states == ["done", "failed", "queued"]  # the first is done, the third never began
    touched = StepShard.objects.get(step=step, number=2)
    assert not touched.totals.exists()
    assert not Award.objects.filter(shard=touched.pk).exists()
    assert not Enrollment.objects.filter(ended_on__isnull=False).exists()
    assert not turning.payments()
    assert set(fallout()) <= {"张1", "张2"}
    assert {row[0] for row in awards()} <= {"张1", "张4"}
    run = YearRun.objects.get(year=YEAR, mode="real")
    assert run.activated_on is None

    # Rehearsed again and signed, the rest is done, and what was done is not done twice.
    again = turn(name, rehearse=True)
    step = finish(sign(digest=again.digest))

    assert step.state == "done"
    plain = {
        "subsidise": lambda: sorted(row[3] for row in awards()) == [210, 378, 378],
        "reconcile": lambda: set(turning.payments()) == {"张3", "张5"},
        "activate": lambda: (
            len(fallout()) == 6
            and endings() == {"张3": (date(2026, 12, 1), "deceased")}
            and YearRun.objects.get(year=YEAR, mode="real").activated_on == NEW_YEAR
        ),
    }
    assert plain[name]()


def test_the_command_stops_by_name_where_a_result_differs() -> None:
    people = six_people()
    turn("open")
    digest = run_year("subsidise", "--rehearse", "--on", str(OPENING))["digest"]
    changed_subsidise(people)
    out = StringIO()

    with pytest.raises(CommandError, match="result_changed: shard 2 differs in 340104") as caught:
        call_command(
            "run_year", "subsidise", "--year", str(YEAR), "--sign", digest, "--inline", "--json",
            stdout=out, stderr=StringIO(),
        )  # fmt: skip

    assert caught.value.returncode == 1
    assert json.loads(out.getvalue().splitlines()[-1])["error"] == "result_changed"


def test_a_program_that_computes_otherwise_since_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    six_people()
    rehearsal = turn("open", rehearse=True)
    YearStep.objects.filter(pk=rehearsal.pk).update(sql_digest="0" * 64)

    assert refused(rehearsal.digest).name == "program_changed"
    monkeypatch.undo()


def test_run_here_is_what_workers_do() -> None:
    """What a shard raises is in the ledger; the queue goes on."""
    six_people()
    turn("open")
    rehearsal = turn("subsidise", rehearse=True)
    changed_subsidise(list(Person.objects.order_by("pk")))
    step = sign(digest=rehearsal.digest)

    run_here(step.shards.values_list("pk", flat=True))

    step.refresh_from_db()
    assert step.state == "refused"
