"""Receipts are reconciled where they stand; what is to be reconciled is known (docs/adr/0041)."""

from pathlib import Path

import pytest
from django.db import connection

from enrollment.models import Person, Receipt
from tests import turning
from tests.turning import clock, receipt, someone, turn, turn_until

VERIFY = Path("enrollment/sql/verify/receipts_to_reconcile_are_known.sql")


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def rewritten() -> tuple[int, int]:
    """Receipts that this transaction has updated, and those of them without their indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables"
            " WHERE relid = 'receipt'::regclass"
        )
        updated, in_place = cursor.fetchone()
    return updated, in_place


def to_reconcile() -> set[str]:
    """The numbers of the receipts that stand there; `verify` finds nothing about it."""
    with connection.cursor() as cursor:
        cursor.execute(VERIFY.read_text())
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT r.receipt_number FROM receipt_to_reconcile w"
            "  JOIN receipt r ON r.id = w.receipt_id"
        )
        return {number for (number,) in cursor.fetchall()}


def test_a_receipt_that_pays_its_bill_is_written_without_its_indexes() -> None:
    people = [someone(f"张{n}") for n in "一二三四五"]
    turn_until("reconcile")
    for person in people:
        receipt(f"R{person.name}", person, 420)
    receipt("R6", people[0], 420, clock(2026, 11, 21))  # paid twice: it waits, in an index
    before = rewritten()

    turn("reconcile")

    updated, in_place = rewritten()
    assert (updated - before[0], in_place - before[1]) == (6, 5)
    assert list(Receipt.objects.filter(waits=True).values_list("receipt_number", flat=True)) == [
        "R6"
    ]


def test_what_is_to_be_reconciled_is_known_whatever_is_done_to_a_receipt() -> None:
    person, other = someone("张三"), someone("李四")
    turn_until("reconcile")
    receipt("R1", person, 420)
    receipt("R2", other, 420, clock(2027, 1, 2))
    receipt("R3", None, 420)
    receipt("R4", person, 420, bill_number="B1")
    receipt("R5", person, 420, scheme=Person.Scheme.EMPLOYEE)
    assert to_reconcile() == {"R1", "R2", "R3"}

    turn("reconcile")

    assert to_reconcile() == {"R2"}  # paid after the day of the step
    Receipt.objects.filter(receipt_number="R2").update(person=person, year=2028)
    assert to_reconcile() == {"R2"}
    Receipt.objects.filter(receipt_number="R1").update(outcome="", enrollment=None, applied=0)
    assert to_reconcile() == {"R1", "R2"}
    Receipt.objects.filter(receipt_number="R2").delete()
    assert to_reconcile() == {"R1"}


def test_verify_tells_a_receipt_that_nobody_would_look_at() -> None:
    one = receipt("R1", someone("张三"), 420)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM receipt_to_reconcile")
        cursor.execute(VERIFY.read_text())
        assert [row[0] for row in cursor.fetchall()] == [one.pk]
