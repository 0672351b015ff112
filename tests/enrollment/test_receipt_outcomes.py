"""Receipts that pay no bill, each with its reason, and money that is accounted for to the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.models import Change, Enrollment, Receipt
from enrollment.rules import keys
from tests import turning
from tests.turning import (
    CLOSING,
    YEAR,
    clock,
    employed,
    payments,
    persons,
    receipt,
    receipts,
    someone,
    states,
    turn,
    turn_until,
)

PAID_ON = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def money() -> dict[str, tuple[Any, ...]]:
    """Every receipt by number: amount, applied, in suspense."""
    rows = Receipt.objects.values_list("receipt_number", "amount", "applied", "suspense")
    return {number: tuple(figures) for number, *figures in rows}


def test_another_name_than_that_of_the_person_is_not_applied_silently() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 400, name="张珊")
    receipt("R2", person, 420, clock(2026, 11, 21))

    turn("reconcile")

    assert receipts() == {"R1": ("name_differs", None), "R2": ("matched", "张三")}
    assert payments() == {"张三": (420, date(2026, 11, 21))}
    assert money() == {"R1": (400, 0, 400), "R2": (420, 420, 0)}


def test_who_is_insured_already_has_the_money_in_suspense() -> None:
    both, employee, doubled, other = (someone(f"张{n}") for n in "一二三四")
    left, was_employed = someone("张五"), someone("张六")
    type(employee).objects.filter(pk=employee.pk).update(scheme=2)
    turn_until("reconcile")
    employed(both, YEAR, 0b1)
    employed(was_employed, YEAR, 0b1)
    bills = Enrollment.objects.residents(YEAR)
    bills.filter(person=doubled).update(ended_on=PAID_ON, ended_for="duplicate")
    bills.filter(person=other).update(ended_on=PAID_ON, ended_for="other_cover")
    bills.filter(person=left).update(ended_on=PAID_ON, ended_for="moved_out")
    Enrollment.objects.of_person(was_employed.pk, (YEAR,)).filter(months=1).update(
        ended_on=PAID_ON, ended_for="resident_scheme"
    )
    for person in (both, employee, doubled, other, left, was_employed):
        receipt(f"R{person.name}", person, 420)

    turn("reconcile")

    assert receipts() == {
        "R张一": ("insured_already", None),
        "R张二": ("insured_already", None),
        "R张三": ("insured_already", None),
        "R张四": ("insured_already", None),
        "R张五": ("bill_ended", None),
        "R张六": ("matched", "张六"),
    }
    assert payments() == {"张六": (420, PAID_ON)}


def test_money_for_a_year_without_a_bill_beside_one_with_a_bill_is_of_the_wrong_year() -> None:
    before, after, paid_up, nothing, too_late = (someone(f"张{n}") for n in "一二三四五")
    turn_until("reconcile")
    Enrollment.objects.residents(YEAR).exclude(person=too_late).update(
        ended_on=PAID_ON, ended_for="moved_out"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT year_table_make('enrollment', 2028)")
    open_bill = {"region_id": turning.HEFEI, "standard": 400, "payable": 400}
    for person, year, paid in ((before, 2026, 0), (after, 2028, 10), (paid_up, 2026, 400)):
        key = keys.yearly_key(year=year, person_id=person.pk)
        Enrollment.objects.create(id=key, person=person, paid=paid, **open_bill)
    for person in (before, after, paid_up, nothing):
        receipt(f"R{person.name}", person, 420)
    receipt("R张五", too_late, 420, clock(2028, 1, 1))

    turn("reconcile", on=date(2028, 1, 1))

    assert receipts() == {
        "R张一": ("wrong_year", None),
        "R张二": ("wrong_year", None),
        "R张三": ("bill_ended", None),
        "R张四": ("bill_ended", None),
        "R张五": ("wrong_year", None),
    }
    assert payments() == {}


def test_a_bill_takes_what_it_lacks_and_the_rest_waits() -> None:
    pieces, free = someone("张三"), someone("李四", "extreme_poverty")
    turn_until("reconcile")
    receipt("R1", pieces, "400.10", clock(2026, 11, 1))
    receipt("R2", pieces, "20.00", clock(2026, 11, 2))
    receipt("R3", pieces, "1.00", clock(2026, 11, 3))
    receipt("R4", free, 420)

    step = turn("reconcile")

    assert {number: outcome for number, (outcome, _) in receipts().items()} == {
        "R1": "underpaid", "R2": "overpaid", "R3": "paid_twice", "R4": "fully_subsidised"
    }  # fmt: skip
    assert money() == {
        "R1": (Decimal("400.10"), Decimal("400.10"), 0),
        "R2": (20, Decimal("19.90"), Decimal("0.10")),
        "R3": (1, 0, 1),
        "R4": (420, 0, 420),
    }
    assert payments() == {"张三": (420, date(2026, 11, 2))}
    assert persons(step) == {
        "underpaid": 1, "overpaid": 1, "excess": 0, "paid_twice": 1, "fully_subsidised": 1
    }  # fmt: skip


def test_an_earlier_payment_that_comes_in_later_does_not_date_the_bill_back() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 400, clock(2027, 1, 5))
    turn("reconcile", on=date(2027, 1, 5))
    receipt("R2", person, 20, clock(2026, 12, 30))

    turn("reconcile", on=date(2027, 1, 6))

    assert payments() == {"张三": (420, date(2027, 1, 5))}


def test_money_after_the_window_pays_the_bill_and_waits_by_law() -> None:
    person, other = someone("张三"), someone("李四")
    turning.insured(other)
    turn_until("activate")
    turn("activate")
    before = set(Change.objects.values_list("pk", flat=True))
    receipt("R1", person, 420, clock(2027, 2, 1, 9))

    turn("reconcile", on=date(2027, 2, 1))

    assert receipts() == {"R1": ("after_window", "张三")}
    assert payments() == {"张三": (420, date(2027, 2, 1))}
    assert states(on=date(2027, 2, 1))["张三"] == "waiting"
    # the year was assessed: whoever changed since is assessed again
    later = Change.objects.exclude(pk__in=before)
    assert list(later.values_list("person__name", "year", "cause")) == [("张三", YEAR, "cover")]


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"applied": 421}, "receipt_is_never_spent_twice"),
        ({"cleared": Decimal("0.01")}, "receipt_is_never_spent_twice"),
        ({"refunded": 1}, "receipt_is_never_spent_twice"),
        ({"applied": -1}, "receipt_is_never_spent_twice"),
        ({"outcome": "paid_twice"}, "receipt_is_applied_to_the_bill_it_found"),
        ({"enrollment": None}, "reconciled_receipt_names_its_bill_or_none"),
        (
            {"outcome": "", "enrollment": None, "applied": 0, "cleared": 1},
            "receipt_is_cleared_once_it_was_looked_at",
        ),
    ],
)
def test_the_database_refuses_money_that_is_not_accounted_for(
    broken: dict[str, Any], constraint: str
) -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 420)
    turn("reconcile", on=CLOSING)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Receipt.objects.update(**broken)

    assert money() == {"R1": (420, 420, 0)}


def test_a_receipt_names_only_people_and_years_that_are_there() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 420)
    nobody, no_year = person.pk + 10**6, keys.yearly_key(year=YEAR, person_id=person.pk + 1)
    with pytest.raises(IntegrityError, match="names a person or a year"), transaction.atomic():
        Receipt.objects.update(enrollment_id=no_year, outcome="matched", applied=420)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.update(person_id=nobody)
    with pytest.raises(IntegrityError, match="names a person or a year"), transaction.atomic():
        Receipt.objects.create(
            receipt_number="R2", person_id=nobody, name="张三", year=YEAR, amount=1,
            paid_at=clock(2026, 11, 20), channel="app", region=0,
        )  # fmt: skip


def test_whom_and_what_a_receipt_names_is_not_deleted() -> None:
    person = someone("张三")
    turn_until("reconcile")
    receipt("R1", person, 420)
    turn("reconcile")
    late = someone("李四")  # after the year was opened: no year names them
    receipt("R2", late, 420)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM change")
        for table, key, whose in (("enrollment", "person_id", person), ("person", "id", late)):
            with pytest.raises(IntegrityError, match="a receipt names"), transaction.atomic():
                cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [whose.pk])
