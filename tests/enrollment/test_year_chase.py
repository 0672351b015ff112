"""The step `chase`: who is unpaid or insured nowhere, on whose list, and what becomes of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.models import (
    Enrollment,
    Person,
    PolicyParameter,
    Push,
    PushDay,
    PushTotal,
    StepDeadline,
    YearStep,
)
from enrollment.services import chase
from enrollment.services.refusals import StepRefused
from enrollment.services.year import start_step
from tests import cast, turning
from tests.test_verify import broken
from tests.turning import (
    BENGBU,
    CLOSING,
    HEFEI,
    PUSHING,
    WUHU,
    YEAR,
    clock,
    employed,
    receipt,
    someone,
    totals,
    turn,
    turn_until,
)

WANFO = 340104003000  # a township of 蜀山, and a village in it
VILLAGE = 340104003201
JIANGSU = 320102000000
# What `verify` promises about rounds; these tests write bills as no service would.
CHECKS = {"pushes_are_counted_by_township_and_day", "rounds_have_pushed_what_they_counted"}


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def pushes(**which: Any) -> list[tuple[Any, ...]]:
    """Every push in order: name, list of which area, why it is that area's, kind, owed."""
    rows = Push.objects.filter(**which).order_by("step", "person", "region")
    return list(rows.values_list("name", "region", "side", "kind", "owed"))


def counted() -> dict[int, tuple[int, ...]]:
    """What pages read, by township: pushed, answered, paid since."""
    found: dict[int, tuple[int, ...]] = {}
    for region, *figures in PushTotal.objects.values_list("region", "pushed", "answered", "paid"):
        was = found.get(region, (0, 0, 0))
        found[region] = tuple(a + b for a, b in zip(was, figures, strict=True))
    return found


def by_day() -> dict[date, tuple[int, ...]]:
    """What pages read, by day: pushed, answered, paid since."""
    found: dict[date, tuple[int, ...]] = {}
    for day, *figures in PushDay.objects.values_list("day", "pushed", "answered", "paid"):
        was = found.get(day, (0, 0, 0))
        found[day] = tuple(a + b for a, b in zip(was, figures, strict=True))
    return {day: row for day, row in sorted(found.items()) if row != (0, 0, 0)}


def pays(person: Person, on: date, amount: int = 420) -> None:
    """A bill is paid, as whoever writes it would."""
    Enrollment.objects.residents(YEAR).filter(person=person).update(paid=amount, paid_on=on)


# Who ----------------------------------------------------------------------------------------------


def test_everybody_who_has_not_paid_or_is_insured_nowhere_is_listed_and_nobody_else() -> None:
    someone("张三")
    paid = someone("李四")
    someone("王五", "dibao", region=WUHU)
    someone("特困", "extreme_poverty")
    someone("职工", scheme=Person.Scheme.EMPLOYEE)
    works = someone("上班")
    dies = someone("去世")
    moves = someone("迁出")
    refunded = someone("退费")
    turn_until("chase")
    someone("新来", region=WUHU)
    someone("在册", left_on=date(2026, 9, 20), left_for="not_registered")
    someone("他保", left_on=date(2026, 9, 20), left_for="other_cover")
    pays(paid, date(2026, 10, 8))
    employed(works, YEAR, 1)
    Person.objects.filter(pk=dies.pk).update(died_on=date(2026, 10, 1))
    Person.objects.filter(pk=moves.pk).update(left_on=date(2026, 10, 1), left_for="moved_out")
    Enrollment.objects.residents(YEAR).filter(person=refunded).update(
        ended_on=date(2026, 10, 2), ended_for="refunded"
    )

    step = turn("chase")

    assert pushes() == [
        ("张三", HEFEI, "one", "unpaid", 420),
        ("王五", WUHU, "one", "unpaid", 42),
        ("退费", HEFEI, "one", "uninsured", 0),
        ("新来", WUHU, "one", "uninsured", 0),
        ("在册", HEFEI, "one", "uninsured", 0),
    ]
    assert totals(step) == {
        (340104, "unpaid"): (1, 0, 0, 420, 0),
        (340104, "uninsured"): (2, 0, 0, 0, 0),
        (340202, "unpaid"): (1, 0, 0, 42, 0),
        (340202, "uninsured"): (1, 0, 0, 0, 0),
    }
    assert broken() & CHECKS == set()


def test_registered_and_habitual_area_share_whoever_lives_apart_from_their_register() -> None:
    someone("张三", household_region=WANFO, residence_region=VILLAGE)
    someone("李四", household_region=BENGBU, residence_region=WUHU)
    someone("王五", household_region=JIANGSU, residence_region=WUHU)
    someone("赵六", household_region=WANFO, residence_region=JIANGSU)
    someone("孙七", household_region=JIANGSU, residence_region=JIANGSU, region=WUHU)
    turn_until("chase")

    step = turn("chase")

    assert pushes() == [
        ("张三", VILLAGE, "one", "unpaid", 420),
        ("李四", WUHU, "residence", "unpaid", 420),
        ("李四", BENGBU, "household", "unpaid", 420),
        ("王五", WUHU, "residence", "unpaid", 420),
        ("赵六", WANFO, "household", "unpaid", 420),
        ("孙七", WUHU, "insured", "unpaid", 420),
    ]
    assert totals(step) == {
        (340104, "unpaid"): (2, 0, 0, 840, 0),
        (340202, "second_list"): (1, 0, 0, 0, 0),
        (340202, "unpaid"): (2, 0, 0, 840, 0),
        (340302, "unpaid"): (1, 0, 0, 420, 0),
    }
    assert counted() == {WANFO: (2, 0, 0), WUHU: (3, 0, 0), BENGBU: (1, 0, 0)}


def test_a_rehearsal_lists_the_same_and_pushes_nobody() -> None:
    someone("张三")
    someone("李四", household_region=BENGBU, residence_region=WUHU)
    turn_until("chase")

    rehearsed = turn("chase", rehearse=True)

    assert pushes() == []
    assert totals(turn("chase")) == totals(rehearsed)
    assert len(pushes()) == 3


def test_an_area_pushes_again_for_its_own_lists() -> None:
    someone("张三")
    someone("李四", household_region=HEFEI, residence_region=WUHU)
    turn_until("chase")
    turn("chase")

    again = turn("chase", on=date(2026, 10, 20), area=340200000000)

    assert pushes(step=again.pk) == [("李四", WUHU, "residence", "unpaid", 420)]


# Rounds and deadlines -----------------------------------------------------------------------------


def test_rounds_come_every_four_weeks_inside_the_payment_period() -> None:
    assert chase.rounds_of(YEAR) == [
        (date(2026, 10, 15), date(2026, 11, 11)),
        (date(2026, 11, 12), date(2026, 12, 9)),
        (date(2026, 12, 10), date(2026, 12, 30)),
    ]


def test_every_area_has_its_deadline_in_working_days() -> None:
    """15 working days after 15 October 2026: the holidays are over by then."""
    someone("张三")
    turn_until("chase")

    step = turn("chase")

    due = dict(StepDeadline.objects.filter(step=step).values_list("area", "due_on"))
    assert len(due) == 16
    assert set(due.values()) == {date(2026, 11, 5)}
    assert Push.objects.get().due_on == date(2026, 11, 5)


def test_a_round_without_a_deadline_is_refused_by_name() -> None:
    someone("张三")
    turn_until("chase")
    PolicyParameter.objects.filter(code="chase.feedback_working_days").delete()

    with pytest.raises(StepRefused, match=r"missing_parameter.*chase\.feedback_working_days"):
        start_step(name="chase", year=YEAR, on=PUSHING)

    assert not YearStep.objects.filter(name="chase").exists()


def test_a_second_round_lists_who_is_still_open() -> None:
    three, _four = someone("张三"), someone("李四")
    turn_until("chase")
    turn("chase")
    pays(three, date(2026, 10, 20))

    second = turn("chase", on=date(2026, 11, 12))

    assert pushes(step=second.pk) == [("李四", HEFEI, "one", "unpaid", 420)]
    assert second.serial == 2
    assert broken() & CHECKS == set()


# What pages read ----------------------------------------------------------------------------------


def test_payments_count_on_their_day_on_every_list_of_the_person() -> None:
    three = someone("张三", household_region=WANFO, residence_region=WUHU)
    four = someone("李四")
    turn_until("chase")
    turn("chase")
    receipt("R1", three, 420, clock(2026, 10, 20, 9))
    receipt("R2", four, 400, clock(2026, 10, 21, 9))
    receipt("R3", four, 20, clock(2026, 10, 10, 9))  # came in late, counts on the day of the push

    turn("reconcile")

    assert counted() == {WANFO: (1, 0, 1), WUHU: (1, 0, 1), HEFEI: (1, 0, 1)}
    assert by_day() == {
        PUSHING: (3, 0, 0), date(2026, 10, 20): (0, 0, 2), date(2026, 10, 21): (0, 0, 1),
    }  # fmt: skip
    assert broken() & CHECKS == set()


def test_a_payment_taken_back_is_counted_back_and_a_new_day_moves_it() -> None:
    three = someone("张三")
    turn_until("chase")
    turn("chase")

    pays(three, date(2026, 10, 20))
    pays(three, date(2026, 10, 22))
    assert by_day() == {PUSHING: (1, 0, 0), date(2026, 10, 22): (0, 0, 1)}
    pays(three, date(2026, 10, 22), 0)

    assert by_day() == {PUSHING: (1, 0, 0)}
    assert counted() == {HEFEI: (1, 0, 0)}


def test_who_was_insured_nowhere_counts_once_a_bill_is_there_and_paid() -> None:
    turn_in = someone("张三")
    turn_until("chase")
    new = someone("新来")
    turn("chase")
    assert Push.objects.get(person=new).kind == "uninsured"

    cast.bill(new, YEAR)
    assert counted() == {HEFEI: (2, 0, 0)}
    Enrollment.objects.residents(YEAR).filter(person=new).update(
        paid=400, paid_on=date(2026, 10, 30)
    )

    assert counted() == {HEFEI: (2, 0, 1)}
    assert turn_in.pk != new.pk


def test_answers_count_on_their_day_and_corrections_move_them() -> None:
    someone("张三")
    someone("李四")
    turn_until("chase")
    turn("chase")

    Push.objects.update(result="will_pay", told_on=date(2026, 10, 18))
    Push.objects.filter(name="李四").update(result="refuses", told_on=date(2026, 10, 19))

    assert counted() == {HEFEI: (2, 2, 0)}
    assert by_day() == {
        PUSHING: (2, 0, 0), date(2026, 10, 18): (0, 1, 0), date(2026, 10, 19): (0, 1, 0),
    }  # fmt: skip
    Push.objects.update(result="", told_on=None)
    assert by_day() == {PUSHING: (2, 0, 0)}
    assert broken() & CHECKS == set()


def test_folding_changes_no_sum_and_leaves_one_row_a_key() -> None:
    three = someone("张三")
    turn_until("chase")
    turn("chase")
    pays(three, date(2026, 10, 20))
    before = counted(), by_day()
    assert PushTotal.objects.count() == 2

    assert chase.fold() == 1

    assert (counted(), by_day()) == before
    assert PushTotal.objects.count() == 1
    assert chase.fold() == 0


def test_a_whole_year_with_pushes_holds_every_invariant() -> None:
    three, four = someone("张三"), someone("李四", household_region=BENGBU)
    gone = someone("王五", region=WUHU)
    turning.insured(three, four, gone)
    turn_until("chase")
    turn("chase")
    receipt("R1", three, 420)
    receipt("R2", gone, 420)
    turn("reconcile")
    Person.objects.filter(pk=gone.pk).update(died_on=date(2026, 12, 20))
    for name in ("close", "activate"):
        turn(name)

    assert broken() & CHECKS == set()
    assert counted()[WUHU] == (1, 0, 0)  # paid, and dead before the year began


def execute(statement: str) -> None:
    """What only the owner can do, past every trigger."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_verify_finds_sums_that_are_not_those_of_the_lists() -> None:
    someone("张三")
    turn_until("chase")
    turn("chase")
    assert broken() & CHECKS == set()

    execute("UPDATE push_day SET paid = paid + 1")
    assert broken() & CHECKS == {"pushes_are_counted_by_township_and_day"}
    execute("UPDATE push_day SET paid = paid - 1")
    execute("UPDATE push_total SET answered = answered + 1")
    assert broken() & CHECKS == {"pushes_are_counted_by_township_and_day"}


def test_verify_finds_a_list_that_its_round_did_not_count() -> None:
    someone("张三")
    turn_until("chase")
    turn("chase")
    row = Push.objects.get()
    row.pk, row.side = None, "residence"

    row.save(force_insert=True)

    assert broken() & CHECKS == {"rounds_have_pushed_what_they_counted"}


# The database refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"owed": Decimal(1)}, "is only answered"),
        ({"region": WUHU}, "is only answered"),
        ({"name": "别人"}, "is only answered"),
        ({"pushed_on": CLOSING}, "is only answered"),
        ({"result": "refuses"}, "an_answer_has_a_code_and_a_day"),
        ({"told_on": CLOSING}, "an_answer_has_a_code_and_a_day"),
        ({"result": "refuses", "told_on": date(2026, 10, 14)}, "an_answer_has_a_code_and_a_day"),
        ({"note": "找不到"}, "an_answer_has_a_code_and_a_day"),
    ],
)
def test_the_database_refuses_all_but_an_answer_with_code_and_day(
    fields: dict[str, Any], named: str
) -> None:
    someone("张三")
    turn_until("chase")
    turn("chase")

    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        Push.objects.update(**fields)


def test_nobody_is_listed_twice_for_an_area_nor_taken_off() -> None:
    someone("张三")
    turn_until("chase")
    turn("chase")
    row = Push.objects.get()

    row.pk = None
    with pytest.raises(IntegrityError, match="somebody_is_listed_once"), transaction.atomic():
        row.save(force_insert=True)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM push")
