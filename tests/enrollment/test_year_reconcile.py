"""The step `reconcile`: receipts find their bills, once; the rest waits with a reason."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import Enrollment, Person, Receipt
from enrollment.rules import keys
from enrollment.services.year import start_step
from tests import turning
from tests.turning import (
    CLOSING,
    HEFEI,
    WUHU,
    YEAR,
    awards,
    bills,
    clock,
    fallout,
    finish,
    payments,
    persons,
    receipt,
    receipts,
    someone,
    totals,
    turn,
    turn_until,
)

PAID_ON = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def test_every_receipt_has_one_outcome_and_every_bill_its_money() -> None:
    exact, under, over, twice, pieces = (someone(f"张{n}") for n in "一二三四五")
    free, subsidised = someone("张六", "extreme_poverty"), someone("张七", "dibao")
    gone, elsewhere, late = someone("张八"), someone("张九", region=WUHU), someone("张十")
    no_bill = someone("李一", died_on=date(2026, 8, 1))
    turn_until("reconcile")
    someone("李二")  # never pays
    Enrollment.objects.residents(YEAR).filter(person=gone).update(
        ended_on=date(2026, 10, 1), ended_for="moved_out"
    )
    receipt("R01", exact, 420)
    receipt("R02", under, 400)
    receipt("R03", over, "420.01")
    receipt("R04", twice, 420, clock(2026, 11, 1, 8))
    receipt("R05", twice, 420, clock(2026, 11, 2, 8))
    receipt("R06", pieces, 20, clock(2026, 10, 1, 8))
    receipt("R07", pieces, 300, clock(2026, 10, 2, 8))
    receipt("R08", pieces, 100, clock(2026, 10, 3, 8))
    receipt("R09", free, 420)
    receipt("R10", subsidised, 42)
    receipt("R11", gone, 420)
    receipt("R12", elsewhere, 420)
    receipt("R13", late, 420, clock(2027, 1, 2, 9))
    receipt("R14", no_bill, 420)
    receipt("R15", None, 420)
    before = bills()

    step = turn("reconcile", on=date(2027, 1, 2))

    assert receipts() == {
        "R01": ("matched", "张一"),
        "R02": ("underpaid", "张二"),
        "R03": ("overpaid", "张三"),
        "R04": ("matched", "张四"),
        "R05": ("paid_twice", "张四"),
        "R06": ("underpaid", "张五"),
        "R07": ("underpaid", "张五"),
        "R08": ("matched", "张五"),
        "R09": ("fully_subsidised", "张六"),
        "R10": ("matched", "张七"),
        "R11": ("bill_ended", None),
        "R12": ("matched", "张九"),
        "R13": ("after_window", "张十"),
        "R14": ("no_bill", None),
        "R15": ("person_unknown", None),
    }
    assert payments() == {
        "张一": (420, PAID_ON),
        "张二": (400, PAID_ON),
        "张三": (420, PAID_ON),
        "张四": (420, date(2026, 11, 1)),
        "张五": (420, date(2026, 10, 3)),
        "张七": (42, PAID_ON),
        "张九": (420, PAID_ON),
        "张十": (420, date(2027, 1, 2)),
    }
    assert bills() == before
    assert totals(step) == {
        (0, "no_bill"): (1, 0, 0, 0, 420),
        (0, "person_unknown"): (1, 0, 0, 0, 420),
        (340104, "after_window"): (1, 0, 0, 0, 420),
        (340104, "bill_ended"): (1, 0, 0, 0, 420),
        (340104, "excess"): (0, 0, 0, 0, Decimal("0.01")),
        (340104, "fully_subsidised"): (1, 0, 0, 0, 420),
        (340104, "matched"): (4, 0, 0, 0, 420 + 420 + 100 + 42),
        (340104, "overpaid"): (1, 0, 0, 0, 420),
        (340104, "paid_twice"): (1, 0, 0, 0, 420),
        (340104, "underpaid"): (3, 0, 0, 0, 720),
        (340202, "matched"): (1, 0, 0, 0, 420),
    }
    assert (awards()[0][3], len(awards()), fallout()) == (420, 2, {})
    shard = step.shards.get()
    assert set(Receipt.objects.values_list("shard", flat=True)) == {shard.pk}


def test_receipts_of_other_bills_years_and_schemes_are_left() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 420, bill_number="B1")
    receipt("R2", person, 420, scheme=Person.Scheme.EMPLOYEE)
    receipt("R3", person, 420, year=2026)
    receipt("R4", None, 420, year=2028)

    step = turn("reconcile")

    assert set(receipts().values()) == {("", None)}
    assert (totals(step), payments()) == ({}, {})


def test_what_was_looked_at_is_not_looked_at_again() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 100)
    receipt("R2", None, 420)
    turn("reconcile", on=date(2026, 12, 1))
    first = receipts()
    receipt("R3", person, 320, clock(2026, 12, 2, 8))

    step = turn("reconcile", on=date(2026, 12, 2))

    assert receipts() == first | {"R3": ("matched", "张三")}
    assert payments() == {"张三": (420, date(2026, 12, 2))}
    assert persons(step) == {"matched": 1}
    assert totals(turn("reconcile", on=date(2026, 12, 3))) == {}


@pytest.mark.parametrize(
    ("at", "day", "outcome"),
    [
        (clock(2026, 12, 31, 23, 59, 59), date(2026, 12, 31), "matched"),
        (clock(2027, 1, 1, 0, 0, 0), date(2027, 1, 1), ""),
        (datetime.fromisoformat("2026-12-31T15:59:59.999999+00:00"), CLOSING, "matched"),
        (datetime.fromisoformat("2026-12-31T16:00:00+00:00"), date(2027, 1, 1), ""),
    ],
)
def test_a_day_ends_at_midnight_in_shanghai(at: datetime, day: date, outcome: str) -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 420, at)

    turn("reconcile", on=CLOSING)
    assert receipts() == {"R1": (outcome, "张三" if outcome else None)}
    turn("reconcile", on=date(2027, 1, 1))

    assert payments() == {"张三": (420, day)}


def test_29_february_is_a_day_like_any_other() -> None:
    person, other = someone("张三"), someone("李四")
    for name in ("open", "subsidise"):
        turn(name, year=2024, on=date(2023, 9, 1))
    receipt("R1", person, 380, clock(2024, 2, 29, 23, 59, 59), year=2024)
    receipt("R2", other, 380, clock(2024, 3, 1), year=2024)

    turn("reconcile", year=2024, on=date(2024, 2, 29))

    assert receipts() == {"R1": ("after_window", "张三"), "R2": ("", None)}
    assert payments(2024) == {"张三": (380, date(2024, 2, 29))}


def test_a_receipt_number_counts_once() -> None:
    person = someone("张三")
    receipt("R1", person, 420)
    with pytest.raises(IntegrityError), transaction.atomic():
        receipt("R1", person, 420)
    turn_until("reconcile")

    turn("reconcile")

    assert payments() == {"张三": (420, PAID_ON)}


def test_receipts_of_each_slice_stay_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", "2")
    people = [someone(f"张{number}", id=number) for number in range(1, 8)]
    turn_until("reconcile")
    for person in people:
        receipt(f"R{person.pk}", person, 420)
    receipt("R0", None, 420)
    step = start_step(name="reconcile", year=YEAR, on=CLOSING)
    finish(step)

    assert step.shards.count() == 4
    assert persons(step) == {"matched": 7, "person_unknown": 1}
    assert len(payments()) == 7
    by_shard: dict[int | None, list[str]] = {}
    for number, shard in Receipt.objects.values_list("receipt_number", "shard"):
        by_shard.setdefault(shard, []).append(number)
    assert sorted(map(sorted, by_shard.values())) == [
        ["R0", "R1", "R2"], ["R3", "R4"], ["R5", "R6"], ["R7"]
    ]  # fmt: skip


def test_the_key_of_a_bill_is_found_by_person_and_year_alone() -> None:
    person = someone("张三")
    turn_until("reconcile")
    Person.objects.filter(pk=person.pk).update(insured_region=WUHU)  # moved since
    receipt("R1", person, 420)

    step = turn("reconcile")

    paid = Receipt.objects.get()
    assert paid.enrollment_id == keys.yearly_key(year=YEAR, person_id=person.pk)
    assert list(totals(step)) == [(HEFEI // 10**6, "matched")]  # the bill is Hefei's
