"""What a start refuses by name, the order of the year, and pause, resume and retry."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    Person,
    PolicyParameter,
    Region,
    ShardTotal,
    StepQuota,
    StepShard,
    StepTerms,
    YearRun,
    YearStep,
)
from enrollment.services import steering
from enrollment.services.refusals import StepRefused
from enrollment.services.year import advance, start_step
from tests import turning
from tests.turning import (
    HEFEI,
    HUAINAN,
    NEW_YEAR,
    OPENING,
    STEPS,
    WUHU,
    YEAR,
    bills,
    finish,
    insured,
    run_here,
    someone,
    turn,
    turn_until,
)

LEDGER = (YearStep, StepShard, StepTerms, StepQuota, ShardTotal)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def refusal(**asked: Any) -> StepRefused:
    """Why a start is refused; a refusal leaves nothing in the ledger."""
    known: dict[str, Any] = {"name": "open", "year": YEAR, "on": OPENING}
    before = [model._default_manager.count() for model in (YearRun, *LEDGER)]
    with pytest.raises(StepRefused) as caught:
        start_step(**known | asked)
    assert [model._default_manager.count() for model in (YearRun, *LEDGER)] == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_class WHERE relkind = 'r' AND relname ~ '_y[0-9]+_s'")
        assert cursor.rowcount == 0  # no table under construction either
    return caught.value


def run_year(*words: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, JSON object of the last line of standard output, and the error's text."""
    out = StringIO()
    try:
        call_command("run_year", *words, "--inline", "--json", stdout=out, stderr=StringIO())
    except CommandError as error:
        lines = out.getvalue().splitlines()
        return error.returncode, json.loads(lines[-1]) if lines else {}, str(error)
    return 0, json.loads(out.getvalue().splitlines()[-1]), ""


# Refused by name ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rehearse", [True, False])
def test_an_unknown_step_is_refused_with_the_names_of_the_known(rehearse: bool) -> None:
    someone("张三")
    told = refusal(name="openn", rehearse=rehearse)
    assert told.name == "unknown_step"
    assert "'openn'" in told.told
    assert all(name in told.told for name in STEPS)


@pytest.mark.parametrize("year", [0, 27, 1999, 2101, 20270])
def test_an_unknown_year_is_refused(year: int) -> None:
    someone("张三")
    told = refusal(year=year)
    assert (told.name, told.told) == ("unknown_year", f"{year} is not a benefit year")


def test_a_year_that_came_by_history_is_not_turned_again() -> None:
    someone("张三")
    for name in set(STEPS) - {"assess"}:  # its cover is no bar to assessing it
        told = refusal(name=name, year=2026)
        assert (told.name, "2026" in told.told) == ("came_by_history", True)


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("subsidise", "open"),
        ("chase", "subsidise"),
        ("reconcile", "subsidise"),
        ("close", "subsidise"),
        ("assess", "close"),
        ("activate", "close"),
    ],
)
@pytest.mark.parametrize("rehearse", [True, False])
def test_a_step_out_of_order_names_what_it_comes_after(
    name: str, after: str, rehearse: bool
) -> None:
    insured(someone("张三"))
    turn_until(after)

    told = refusal(name=name, on=turning.DAYS[name], rehearse=rehearse)

    assert told.name == "out_of_order"
    assert told.told == f"step {name} of year 2027 comes after {after}, which is not done"
    turn(after)
    assert turn(name, rehearse=rehearse).state == "done"


def test_a_year_does_not_open_before_the_one_before_it_is_activated() -> None:
    someone("张三")
    YearRun.objects.filter(year=2026).update(from_history=False, activated_on=None)
    told = refusal()
    assert (told.name, told.told) == (
        "out_of_order", "year 2026 is not activated; year 2027 cannot open"
    )  # fmt: skip


def test_a_step_does_not_happen_before_the_one_that_it_follows() -> None:
    someone("张三")
    turn_until("close")
    told = refusal(name="close", on=date(2026, 8, 31))
    assert told.name == "out_of_order"
    assert "close on 2026-08-31 would come before 2026-09-01" in told.told


def test_an_empty_register_is_refused() -> None:
    told = refusal()
    assert told.name == "nobody_here"


def test_a_province_that_is_not_loaded_is_refused() -> None:
    someone("张三")
    PolicyParameter.objects.all().delete()
    YearRun.objects.all().delete()
    Region.objects.all().delete()

    told = refusal()

    assert told.name == "unknown_area"
    assert told.told == "province 340000000000 is not loaded; run load_policies"


@pytest.mark.parametrize(
    ("code", "area"),
    [
        ("contribution.individual_standard", 340000000000),
        ("contribution.fiscal_standard", 340000000000),
        ("collection.window", 340000000000),
        ("subsidy.quota.dibao", 340200000000),
        ("subsidy.range.dibao", 340000000000),
    ],
)
def test_a_missing_parameter_names_code_area_scheme_and_date(code: str, area: int) -> None:
    someone("张三")
    someone("李四", "dibao", region=WUHU)
    PolicyParameter.objects.filter(code=code, area=area, valid__contains=NEW_YEAR).delete()

    for rehearse in (True, False):
        told = refusal(rehearse=rehearse)
        asked = 340200 if code.startswith("subsidy") else 340100
        assert told.name == "missing_parameter"
        assert told.told == (
            f"parameter {code} has no value for area {asked}, scheme resident, on 2027-01-01"
        )
        assert told.details == {"code": code, "area": asked, "on": "2027-01-01"}


def test_nothing_is_demanded_that_nobody_needs() -> None:
    """A quota that nobody living in the area is entitled to may be missing."""
    someone("张三", "dibao")
    someone("李四", "monitored", died_on=date(2026, 8, 1))
    someone("王五", "monitored", scheme=Person.Scheme.EMPLOYEE)
    someone("赵六", "monitored", left_on=date(2026, 8, 1), left_for="moved_out")
    PolicyParameter.objects.filter(code="subsidy.quota.monitored").delete()
    PolicyParameter.objects.filter(code="subsidy.quota.dibao", area=340200000000).delete()

    turn("open")

    assert bills() == {"张三": (HEFEI, "dibao", 420, 378, 42)}


@pytest.mark.parametrize(
    ("category", "amount", "low", "high"),
    [
        ("dibao", "335.99", "336.00", "378.00"),
        ("dibao", "378.01", "336.00", "378.00"),
        ("extreme_poverty", "419.00", "420.00", "420.00"),
        ("returned_to_poverty", "337.00", "294.00", "336.00"),
        ("monitored", "209.99", "210.00", "210.00"),
    ],
)
def test_a_quota_outside_the_laws_range_stops_before_the_first_shard(
    category: str, amount: str, low: str, high: str
) -> None:
    someone("张三")
    someone("李四", category, region=WUHU)
    PolicyParameter.objects.filter(
        code=f"subsidy.quota.{category}", area=340200000000, valid__contains=NEW_YEAR
    ).update(value=amount)

    told = refusal()

    assert told.name == "quota_out_of_range"
    assert told.told == (
        f"subsidy.quota.{category} of area 340200000000 is {amount} yuan, "
        f"the law allows {low} to {high}"
    )
    assert bills() == {}
    assert refusal(rehearse=True).name == "quota_out_of_range"


def test_a_quota_at_the_edge_of_the_range_is_law() -> None:
    someone("张三", "dibao")
    someone("李四", "dibao", region=WUHU)
    quotas = PolicyParameter.objects.filter(code="subsidy.quota.dibao", valid__contains=NEW_YEAR)
    quotas.filter(area=340100000000).update(value="336.00")
    quotas.filter(area=340200000000).update(value="378.00")

    turn("open")

    assert [row[3] for row in bills().values()] == [336, 378]


def test_a_later_step_is_refused_for_its_law_too() -> None:
    someone("张三", "dibao", region=HUAINAN)
    turn("open")
    PolicyParameter.objects.create(
        code="subsidy.quota.dibao",
        area_id=340000000000,
        valid=DateRange(NEW_YEAR, None),
        unit="yuan",
        value="100.00",
        status="unverified",
    )
    PolicyParameter.objects.filter(code="subsidy.quota.dibao", area=340400000000).delete()

    told = refusal(name="subsidise")

    assert told.name == "quota_out_of_range"
    assert "subsidy.quota.dibao of area 340400000000 is 100.00 yuan" in told.told


# The command --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("openn", "--year", "2027"), "unknown_step"),
        (("open", "--year", "1927"), "unknown_year"),
        (("close", "--year", "2027"), "out_of_order"),
        (("open", "--year", "2027", "--area", "349999"), "unknown_area"),
        (("open", "--year", "2027", "--area", "34010"), "unknown_area"),
        (("open", "--year", "2027", "--area", "340100"), "area_before_province"),
        (("open", "--year", "2031", "--on", "2030-09-01"), "missing_parameter"),
        (("open", "--year", "2027", "--sign", "nothing"), "not_rehearsed"),
    ],
)
def test_the_command_refuses_by_name_with_status_1(words: tuple[str, ...], named: str) -> None:
    someone("张三")
    status, told, text = run_year(*words)
    assert (status, told["error"]) == (1, named)
    assert text.startswith(f"{named}: ")
    assert told["reason"] in text
    assert bills() == {}


@pytest.mark.parametrize(
    "words",
    [
        ("all", "--year", "2027", "--area", "340100"),
        ("all", "--year", "2027", "--sign", "x"),
        ("open", "--year", "2027", "--sign", "x", "--rehearse"),
        ("open", "--year", "soon"),
        ("open", "--year", "2027", "--on", "2026-02-29"),
        ("open",),
    ],
)
def test_wrong_usage_ends_with_status_2(words: tuple[str, ...]) -> None:
    someone("张三")
    try:
        status = run_year(*words)[0]
    except SystemExit as left:  # argparse on the command line
        status = int(str(left.code))
    assert status in {1, 2}
    assert bills() == {}


def test_all_takes_each_step_at_its_day_and_leaves_alone_what_is_done() -> None:
    insured(someone("张三"), someone("李四"))
    status, told, _ = run_year("all", "--year", "2027")
    assert status == 0
    assert [(step["step"], step["on"]) for step in told["steps"]] == [
        ("open", "2026-09-01"),
        ("subsidise", "2026-09-01"),
        ("chase", "2026-10-15"),
        ("reconcile", "2026-12-31"),
        ("close", "2026-12-31"),
        ("assess", "2027-01-01"),
        ("activate", "2027-01-01"),
        ("post", "2027-01-01"),
        ("levy", "2027-01-15"),
        ("allocate", "2028-01-20"),
        ("watch", "2027-02-05"),
    ]
    assert told["fallout"] == {"unpaid": 2}
    begun = YearStep.objects.count()

    again = run_year("all", "--year", "2027")[1]

    assert [step["digest"] for step in again["steps"]] == [s["digest"] for s in told["steps"]]
    assert YearStep.objects.count() == begun


# Pause, resume, retry -----------------------------------------------------------------------------


@pytest.fixture
def six(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", "2")
    insured(*(someone(f"张{n}", id=n) for n in range(1, 7)))


def states(step: YearStep) -> list[str]:
    return list(step.shards.filter(phase=0).order_by("number").values_list("state", flat=True))


def test_a_paused_step_lets_what_runs_end_and_starts_no_more(six: None) -> None:
    step = start_step(name="open", year=YEAR, on=OPENING)
    first, *others = step.shards.filter(phase=0).order_by("number").values_list("pk", flat=True)
    run_here([first])

    steering.pause_step(step=step)
    run_here(others)

    assert advance(step_id=step.pk, queue=run_here).state == "paused"
    assert states(step) == ["done", "queued", "queued"]
    with pytest.raises(StepRefused, match="not_running"):
        steering.pause_step(step=step)
    with pytest.raises(StepRefused, match="not_failed"):
        steering.retry_failed(step=step)
    assert start_step(name="open", year=YEAR, on=OPENING) == step
    assert run_year("open", "--year", "2027")[:2] == (
        1, {"error": "paused", "reason": "step open of year 2027 is paused"}
    )  # fmt: skip
    assert bills() == {}

    steering.resume_step(step=step)

    assert finish(step).state == "done"
    assert len(bills()) == 6
    for refused in (steering.resume_step, steering.pause_step, steering.retry_failed):
        with pytest.raises(StepRefused, match="not_"):
            refused(step=step)


@pytest.mark.parametrize("state", ["running", "paused", "failed"])
def test_others_wait_for_an_unfinished_step(six: None, state: str) -> None:
    turn_until("reconcile")
    step = start_step(name="reconcile", year=YEAR, on=turning.CLOSING)
    YearStep.objects.filter(pk=step.pk).update(state=state)

    told = refusal(name="close", on=turning.CLOSING)

    assert told.name == "another_step_runs"
    assert told.told == f"step close of year 2027 waits for reconcile, which is {state}"
    assert start_step(name="reconcile", year=YEAR, on=turning.CLOSING) == step
    assert turn("reconcile", rehearse=True).state == "done"  # a rehearsal disturbs nobody


def test_the_command_tries_a_failed_step_again(six: None) -> None:
    turn("open")
    step = start_step(name="subsidise", year=YEAR, on=OPENING)
    step.shards.filter(number=1).update(state="failed", attempts=5, error="the disk was full")
    YearStep.objects.filter(pk=step.pk).update(state="failed", refusal="the disk was full")

    status, told, _ = run_year("subsidise", "--year", "2027", "--on", "2026-09-01")

    assert (status, told["state"]) == (0, "done")
