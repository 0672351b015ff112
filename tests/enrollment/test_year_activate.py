"""The steps `close` and `activate`: who is insured, who fell out, and the one reason why."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from enrollment.models import Enrollment, Fallout, Person, YearRun, YearStep
from enrollment.models.enrollment import EnrollmentStatus
from enrollment.rules import keys
from enrollment.selectors.cities import year_report
from tests import cast, turning
from tests.turning import (
    CLOSING,
    HEFEI,
    NEW_YEAR,
    WUHU,
    YEAR,
    awards,
    bills,
    clock,
    employed,
    endings,
    fallout,
    insured,
    payments,
    persons,
    receipt,
    receipts,
    someone,
    states,
    totals,
    turn,
    turn_until,
)

DECEMBER, NOVEMBER, JUNE = 2048, 1024, 32


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def opened(*people: Person) -> None:
    """The year open and subsidised, and these have paid what they owe."""
    turn("open")
    turn("subsidise")
    pay(*people)


def pay(*people: Person) -> None:
    for person in people:
        owed = Enrollment.objects.get(pk=keys.yearly_key(year=YEAR, person_id=person.pk)).payable
        receipt(f"P{person.pk}", person, owed)


def ends(person: Person, reason: str, on: date = date(2026, 12, 10), year: int = YEAR) -> None:
    Enrollment.objects.filter(pk=keys.yearly_key(year=year, person_id=person.pk)).update(
        ended_on=on, ended_for=reason
    )


def becomes(person: Person, **fields: Any) -> None:
    Person.objects.filter(pk=person.pk).update(**fields)


def to_the_new_year() -> YearStep:
    turn("reconcile")
    turn("close")
    return turn("activate")


# close --------------------------------------------------------------------------------------------


def test_closing_writes_nothing_but_the_years_state() -> None:
    paid, unpaid = someone("张三"), someone("李四", "dibao")
    insured(paid, unpaid)
    opened(paid)
    turn("reconcile")

    def everything() -> tuple[Any, ...]:
        return bills(), bills(2026), payments(), endings(), awards(), receipts(), fallout()

    before = everything()

    step = turn("close")

    assert everything() == before
    assert (totals(step), step.shards.count(), step.state) == ({}, 0, "done")
    run = YearRun.objects.get(year=YEAR)
    assert (run.opened_on, run.closed_on, run.activated_on) == (date(2026, 9, 1), CLOSING, None)


# activate -----------------------------------------------------------------------------------------


def test_everybody_is_insured_or_fell_out_for_one_reason() -> None:
    paid, unpaid, short = (someone(f"张{n}") for n in "一二三")
    someone("张四", "extreme_poverty")  # owes nothing
    died_before, died_after = (
        someone("李一", died_on=CLOSING),
        someone("李二", died_on=NEW_YEAR),
    )
    someone("李三", died_on=date(2026, 10, 5))
    someone("李四", died_on=date(2026, 8, 20))  # before the opening
    works, worked_in_december, worked_in_november, will_work, works_since_long, left_work = (
        someone(f"王{n}") for n in "一二三四五六"
    )
    left_before, left_on_the_day, left_after, double = (
        someone("赵一", left_on=date(2026, 12, 20), left_for="moved_out"),
        someone("赵二", left_on=NEW_YEAR, left_for="moved_out"),
        someone("赵三", left_on=date(2027, 1, 2), left_for="moved_out"),
        someone("赵四", left_on=date(2026, 11, 1), left_for="duplicate"),
    )
    someone("赵五", left_on=date(2026, 11, 2), left_for="other_cover")
    someone("赵六", left_on=date(2026, 8, 1), left_for="moved_out")  # before the opening
    refunded, transferred = someone("钱一"), someone("钱二")
    moved_city, ended_in_the_year, came_back = someone("孙一"), someone("孙二"), someone("孙三")
    insured(*Person.objects.all())
    newcomer, payer_again = someone("周一"), someone("周二")
    someone("周三")
    ended_before = someone("周四")
    someone("周五", died_on=CLOSING)
    cast.bill(payer_again, 2026)
    insured(ended_before)
    ends(ended_before, "moved_out", date(2025, 12, 31), 2026)
    ends(ended_in_the_year, "moved_out", date(2026, 3, 1), 2026)
    employed(worked_in_december, 2026, DECEMBER)
    employed(worked_in_november, 2026, NOVEMBER, slot=1)
    spell = employed(left_work, 2026, DECEMBER)
    Enrollment.objects.filter(pk=spell.pk).update(
        ended_on=date(2026, 12, 20), ended_for="resident_scheme"
    )
    becomes(works_since_long, scheme=Person.Scheme.EMPLOYEE)
    becomes(came_back, scheme=Person.Scheme.EMPLOYEE)
    becomes(moved_city, insured_region=WUHU)
    opened(
        paid, died_before, died_after, worked_in_december, worked_in_november, will_work, left_work,
        left_before, left_on_the_day, left_after, double, newcomer, payer_again,
    )  # fmt: skip
    receipt("short", short, 400)
    becomes(works, scheme=Person.Scheme.EMPLOYEE)
    becomes(came_back, scheme=Person.Scheme.RESIDENT)
    employed(will_work, YEAR, JUNE, slot=3)
    ends(refunded, "refunded")
    ends(transferred, "moved_out", date(2026, 12, 12))
    turn("reconcile")
    turn("close")
    before = (bills(), bills(2026), payments(), awards(), receipts())

    step = turn("activate")

    assert fallout() == {
        "张二": (HEFEI, "unpaid"),
        "张三": (HEFEI, "unpaid"),
        "李一": (HEFEI, "deceased"),
        "李三": (HEFEI, "deceased"),
        "李四": (HEFEI, "deceased"),
        "王一": (HEFEI, "employee_scheme"),
        "王二": (HEFEI, "employee_scheme"),
        "王四": (HEFEI, "employee_scheme"),
        "王五": (HEFEI, "employee_scheme"),
        "赵一": (HEFEI, "moved_out"),
        "赵二": (HEFEI, "moved_out"),
        "赵四": (HEFEI, "duplicate"),
        "赵五": (HEFEI, "other_cover"),
        "赵六": (HEFEI, "moved_out"),
        "钱一": (HEFEI, "refunded"),
        "钱二": (HEFEI, "moved_out"),
        "孙一": (WUHU, "unpaid"),
        "孙二": (HEFEI, "unpaid"),
        "孙三": (HEFEI, "unpaid"),
    }
    assert endings() == {
        "李一": (CLOSING, "deceased"),
        "李三": (date(2026, 10, 5), "deceased"),
        "王一": (CLOSING, "employee_scheme"),
        "王二": (CLOSING, "employee_scheme"),
        "王四": (CLOSING, "employee_scheme"),
        "赵一": (date(2026, 12, 20), "moved_out"),
        "赵二": (CLOSING, "moved_out"),
        "赵四": (date(2026, 11, 1), "duplicate"),
        "赵五": (date(2026, 11, 2), "other_cover"),
        "钱一": (date(2026, 12, 10), "refunded"),
        "钱二": (date(2026, 12, 12), "moved_out"),
        "周五": (CLOSING, "deceased"),
    }
    assert totals(step) == {
        (340104, "fallout:deceased"): (3, 0, 0, 0, 0),
        (340104, "fallout:duplicate"): (1, 0, 0, 0, 0),
        (340104, "fallout:employee_scheme"): (4, 0, 0, 0, 0),
        (340104, "fallout:moved_out"): (4, 0, 0, 0, 0),
        (340104, "fallout:other_cover"): (1, 0, 0, 0, 0),
        (340104, "fallout:refunded"): (1, 0, 0, 0, 0),
        (340104, "fallout:unpaid"): (4, 0, 0, 0, 0),
        (340104, "insured"): (8, 0, 0, 0, 0),
        (340104, "insured_last_year"): (24, 0, 0, 0, 0),
        (340104, "joined"): (2, 0, 0, 0, 0),
        (340104, "lapsed_before"): (3, 0, 0, 0, 0),
        (340202, "fallout:unpaid"): (1, 0, 0, 0, 0),
        (340202, "insured_last_year"): (1, 0, 0, 0, 0),
    }
    assert (bills(), bills(2026), payments(), awards(), receipts()) == before
    assert Fallout.objects.filter(id=keys.yearly_key(year=YEAR, person_id=unpaid.pk)).exists()
    assert set(Fallout.objects.values_list("shard", flat=True)) == {step.shards.get().pk}
    assert YearRun.objects.get(year=YEAR).activated_on == NEW_YEAR
    told = states()
    covered = {"张一", "张四", "李二", "王三", "王六", "赵三", "周一", "周二"}
    assert {name for name, state in told.items() if state == EnrollmentStatus.COVERED} == covered
    lapsed = {"张二", "张三", "孙一", "孙二", "周三", "周四"}
    assert {name for name, state in told.items() if state == EnrollmentStatus.LAPSED} == lapsed
    assert {name for name, state in told.items() if state == EnrollmentStatus.ENDED} == set(
        endings()
    )


@pytest.mark.parametrize(
    ("reason", "of_the_person", "of_the_bill"),
    [
        (
            "deceased",
            {
                "died_on": date(2026, 12, 5),
                "left_on": CLOSING,
                "left_for": "moved_out",
                "scheme": 2,
            },
            "refunded",
        ),
        ("employee_scheme", {"left_on": CLOSING, "left_for": "moved_out", "scheme": 2}, "refunded"),
        ("moved_out", {"left_on": CLOSING, "left_for": "moved_out"}, "duplicate"),
        ("moved_out", {"left_on": CLOSING, "left_for": "duplicate"}, "moved_out"),
        ("duplicate", {"left_on": CLOSING, "left_for": "duplicate"}, "other_cover"),
        ("duplicate", {"left_on": CLOSING, "left_for": "other_cover"}, "duplicate"),
        ("other_cover", {"left_on": CLOSING, "left_for": "other_cover"}, "refunded"),
        ("refunded", {}, "refunded"),
        ("unpaid", {}, ""),
    ],
)
def test_the_first_reason_in_the_order_of_the_law_applies(
    reason: str, of_the_person: dict[str, Any], of_the_bill: str
) -> None:
    person = someone("张三")
    insured(person)
    opened()
    becomes(person, **of_the_person)
    if of_the_bill:
        ends(person, of_the_bill)

    step = to_the_new_year()

    assert fallout() == {"张三": (HEFEI, reason)}
    assert persons(step) == {"insured_last_year": 1, f"fallout:{reason}": 1}
    if of_the_bill:  # a bill that had ended keeps its day and reason
        assert endings() == {"张三": (date(2026, 12, 10), of_the_bill)}


def test_the_years_tie() -> None:
    """Insured last year, less fallout, and newcomers are the insured of this year."""
    people = [
        someone(f"{name}{n}", region=region)
        for name, region in (("合", HEFEI), ("芜", WUHU))
        for n in range(6)
    ]
    insured(*people[:4], *people[6:9])
    opened(*people[2:6], *people[8:11])

    step = to_the_new_year()

    counted = persons(step)
    fell = sum(n for item, n in counted.items() if item.startswith("fallout:"))
    assert counted["insured"] == counted["insured_last_year"] - fell + counted["joined"] == 7
    report = year_report(YEAR)
    for city in report["cities"]:
        assert city["insured"] == city["insured_last_year"] - city["fallout"] + city["joined"]
    assert report["fallout"] == {"unpaid": 4}
    assert [(c["name"], c["billed"], c["insured"], c["paid"]) for c in report["cities"]] == [
        ("合肥市", 6, 4, "1680.00"),
        ("芜湖市", 6, 3, "1260.00"),
    ]


def test_a_late_activation_says_what_a_punctual_one_would_have_said() -> None:
    """Nobody loses days of cover because the first of January was run on the fifth."""
    early, late, died, moved = (
        someone("张三", left_on=NEW_YEAR, left_for="moved_out"),
        someone("李四", left_on=date(2027, 1, 3), left_for="moved_out"),
        someone("王五", died_on=date(2027, 1, 4)),
        someone("赵六"),
    )
    insured(early, late, died, moved)
    opened(early, late, died, moved)
    turn("reconcile")
    ends(moved, "moved_out", date(2027, 1, 2))
    turn("close")

    step = turn("activate", on=date(2027, 1, 5))

    assert fallout() == {"张三": (HEFEI, "moved_out")}
    assert endings() == {"张三": (CLOSING, "moved_out"), "赵六": (date(2027, 1, 2), "moved_out")}
    assert persons(step) == {
        "insured_last_year": 4, "insured": 3, "fallout:moved_out": 1
    }  # fmt: skip


def test_money_of_the_last_second_of_the_year_insures_and_that_of_the_first_waits() -> None:
    in_time, late = someone("张三"), someone("李四")
    insured(in_time, late)
    turn_until("reconcile")
    receipt("R1", in_time, 420, clock(2026, 12, 31, 23, 59, 59))
    receipt("R2", late, 420, clock(2027, 1, 1))

    turn("reconcile")
    turn("close")
    turn("activate")
    assert fallout() == {"李四": (HEFEI, "unpaid")}
    turn("reconcile", on=NEW_YEAR)

    assert states() == {
        "张三": "covered",
        "李四": "waiting",  # paid after the window, no first day of benefits yet
    }


def test_activation_happens_once() -> None:
    person = someone("张三")
    insured(person)
    opened()
    first = to_the_new_year()
    pay(person)

    again = turn("activate")

    assert again == first
    assert fallout() == {"张三": (HEFEI, "unpaid")}
    assert Counter(first.run.steps.values_list("name", flat=True))["activate"] == 1
