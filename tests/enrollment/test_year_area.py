"""One area only: a rehearsal of it at any time, or the step again for what the area still lacks."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from enrollment.models import Enrollment, Person, YearRun, YearStep
from enrollment.selectors.cities import year_report
from enrollment.services import changes
from enrollment.services.refusals import StepRefused
from enrollment.services.signing import sign
from tests import turning
from tests.turning import (
    HEFEI,
    STEPS,
    WUHU,
    YEAR,
    awards,
    bills,
    endings,
    fallout,
    finish,
    insured,
    payments,
    persons,
    receipt,
    receipts,
    recognise,
    someone,
    totals,
    turn,
    turn_until,
)

HEFEI_CITY, WUHU_CITY = 340100000000, 340200000000


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history; slices of two people."""
    turning.province(monkeypatch)
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", "2")


def facts() -> tuple[Any, ...]:
    return bills(), awards(), payments(), receipts(), endings(), fallout()


def verified() -> bool:
    """Whether every invariant holds; the command raises where one does not."""
    call_command("verify", stdout=StringIO())
    return True


def sums(name: str) -> int:
    return sum(city[name] for city in year_report(YEAR)["cities"])


@pytest.mark.parametrize("name", STEPS)
def test_before_the_province_ran_an_area_is_refused_by_name(name: str) -> None:
    insured(someone("张三"))
    turn_until(name)
    before = facts()

    with pytest.raises(StepRefused, match=f"^area_before_province: step {name} of year 2027") as r:
        turn(name, area=WUHU_CITY)

    assert str(WUHU_CITY) in r.value.told
    assert facts() == before
    assert not YearStep.objects.filter(run__year=YEAR, name=name).exists()
    assert YearRun.objects.filter(year=YEAR).exists() == (name != "open")


def test_after_the_province_an_area_gets_the_bills_it_lacks_and_no_other() -> None:
    someone("张三")
    someone("李四", region=WUHU)
    province = turn("open")
    before = bills()
    someone("王五", region=WUHU)
    someone("赵六", "dibao", region=WUHU)
    someone("钱七")  # Hefei's, not asked for

    step = turn("open", area=WUHU_CITY)

    assert bills() == before | {
        "王五": (WUHU, "", 420, 0, 420),
        "赵六": (WUHU, "dibao", 420, 378, 42),
    }
    assert totals(step) == {
        (340202, ""): (1, 420, 0, 420, 0),
        (340202, "dibao"): (1, 420, 378, 42, 0),
    }
    assert (step.serial, step.area, step.table_name) == (province.serial + 1, WUHU_CITY, "")
    assert totals(turn("open", area=WUHU_CITY)) == {}
    assert sums("billed") == 4
    assert turn("open") == province  # the province's own run stays the province's


def test_bills_that_exist_are_not_made_again_when_people_changed() -> None:
    person = someone("张三", region=WUHU)
    turn("open")
    recognise(person, "dibao")

    step = turn("open", area=WUHU_CITY)

    assert bills() == {"张三": (WUHU, "", 420, 0, 420)}  # subsidise looks after it
    assert totals(step) == {}


def test_an_area_subsidises_and_reconciles_its_own() -> None:
    ours, theirs = someone("张三", region=WUHU), someone("李四")
    no_bill = someone("王五", region=WUHU, left_on=date(2026, 8, 1), left_for="moved_out")
    their_no_bill = someone("赵六", left_on=date(2026, 8, 1), left_for="moved_out")
    turn_until("close")
    recognise(ours, "dibao")
    recognise(theirs, "dibao")
    for person in (ours, theirs, no_bill, their_no_bill):
        receipt(f"R{person.name}", person, 42)
    receipt("R", None, 42)

    step = turn("subsidise", area=WUHU_CITY, on=date(2026, 12, 1))
    assert persons(step) == {"bill_changed": 1, "dibao": 1}
    assert [row[0] for row in awards()] == ["张三"]
    step = turn("reconcile", area=WUHU_CITY, on=date(2026, 12, 1))

    assert persons(step) == {"matched": 1, "no_bill": 1}
    assert receipts() == {
        "R": ("", None),
        "R张三": ("matched", "张三"),
        "R李四": ("", None),
        "R王五": ("no_bill", None),
        "R赵六": ("", None),
    }


def test_an_areas_activation_looks_at_new_bills_and_counts_nobody_twice() -> None:
    covered, unpaid, never = (
        someone("张三", region=WUHU), someone("李四", region=WUHU), someone("王五", region=WUHU)
    )  # fmt: skip
    missed = someone("赵六", region=WUHU, scheme=Person.Scheme.EMPLOYEE)
    insured(covered, unpaid, missed)
    turn_until("reconcile")
    receipt("R1", covered, 420)
    for name in ("reconcile", "close", "activate"):
        turn(name)
    first = year_report(YEAR)
    fell_out = fallout()
    assert fell_out == {"李四": (WUHU, "unpaid"), "赵六": (WUHU, "employee_scheme")}
    # It turns out that two were forgotten, and time goes on for the others.
    Person.objects.filter(pk=missed.pk).update(scheme=Person.Scheme.RESIDENT)
    newcomer, dead = (
        someone("钱七", region=WUHU), someone("孙八", region=WUHU, died_on=date(2026, 12, 30))
    )  # fmt: skip
    Person.objects.filter(pk=covered.pk).update(died_on=date(2026, 12, 29))  # heard of late
    receipt("R2", unpaid, 420)
    receipt("R3", newcomer, 420)

    turn("open", area=WUHU_CITY, on=date(2027, 1, 1))
    assert set(bills()) == {"张三", "李四", "王五", "赵六", "钱七"}
    turn("reconcile", on=date(2027, 1, 1))
    assert turn("activate").area is None  # still the province's
    step = turn("activate", area=WUHU_CITY)

    assert persons(step) == {"insured": 1, "joined": 1}
    assert fallout() == fell_out
    assert endings() == {}
    told = year_report(YEAR)
    assert told["fallout"] == first["fallout"]
    assert (sums("insured"), sums("insured_last_year"), sums("joined")) == (2, 3, 1)
    assert sums("insured") == sums("insured_last_year") - sums("fallout") + sums("joined")
    assert {never, dead}


def test_an_area_that_has_everything_changes_nothing() -> None:
    people = [someone("张三"), someone("李四", "dibao", region=WUHU)]
    insured(*people)
    turn_until("reconcile")
    receipt("R1", people[0], 420)
    for name in ("reconcile", "close", "activate"):
        turn(name)
    before, report = facts(), year_report(YEAR)

    for name in STEPS:
        if name != "chase":  # a further round pushes whoever is still open
            assert totals(turn(name, area=WUHU_CITY, on=date(2027, 1, 1))) == {}

    assert (facts(), year_report(YEAR)) == (before, report)
    assert verified()


def test_what_a_refused_step_did_before_it_stopped_is_in_the_report() -> None:
    people = [someone(f"张{n}", "dibao", id=n) for n in range(1, 7)]
    turn("open")
    rehearsal = turn("subsidise", rehearse=True)
    recognise(people[3], "extreme_poverty")
    assert finish(sign(digest=rehearsal.digest)).state == "refused"

    assert len(awards()) == 2
    assert year_report(YEAR)["subsidies"] == [
        {"category": "dibao", "persons": 2, "amount": "756.00"}
    ]
    turn("subsidise")

    assert sum(row[3] for row in awards()) == 5 * 378 + 420
    assert year_report(YEAR)["subsidies"] == [
        {"category": "dibao", "persons": 5, "amount": "1890.00"},
        {"category": "extreme_poverty", "persons": 1, "amount": "420.00"},
    ]
    assert Enrollment.objects.residents(YEAR).count() == 6
    changes.take_all()
    assert verified()


@pytest.mark.parametrize("area", [0, 1, 340188000000, 420100000000, HEFEI + 7])
def test_an_unknown_area_is_refused_by_name(area: int) -> None:
    someone("张三")
    for rehearse in (True, False):
        with pytest.raises(StepRefused, match=f"^unknown_area: there is no area {area}"):
            turn("open", area=area, rehearse=rehearse)
    assert not YearStep.objects.exists()
