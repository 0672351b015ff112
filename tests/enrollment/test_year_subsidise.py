"""The step `subsidise`: the awards behind subsidies, and categories gained or lost since."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Award, Enrollment, Person, PersonCategory
from enrollment.rules import keys
from enrollment.selectors.cities import year_report
from tests import turning
from tests.turning import (
    HEFEI,
    HUAINAN,
    OPENING,
    WUHU,
    YEAR,
    awards,
    bills,
    fallout,
    payments,
    receipt,
    receipts,
    recognise,
    someone,
    totals,
    turn,
)

LATER = date(2026, 11, 15)
FUND = "medical_assistance"


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


def loses(person: Person, category: str, on: date = LATER) -> None:
    """The status holds until the day before."""
    PersonCategory.objects.filter(person=person, category=category).update(
        valid=DateRange(date(2026, 1, 1), on)
    )


def pays(person: Person, amount: int) -> None:
    Enrollment.objects.residents(YEAR).filter(person=person).update(
        paid=amount, paid_on=date(2026, 10, 8)
    )


def adds_money(person: Person, amount: int) -> None:
    """A village pays towards the bill, as its service would write it."""
    row = Enrollment.objects.get(pk=keys.yearly_key(year=YEAR, person_id=person.pk))
    Award.objects.create(
        enrollment=row,
        funder=Award.Funder.VILLAGE_COLLECTIVE,
        amount=amount,
        awarded_on=OPENING,
        shard=0,
    )
    Enrollment.objects.filter(pk=row.pk).update(
        subsidy=row.subsidy + amount, payable=row.payable - amount
    )


def test_every_subsidy_of_the_opening_gets_its_award() -> None:
    someone("张三")
    someone("李四", "dibao")
    someone("王五", "extreme_poverty", "dibao")
    someone("赵六", "monitored", region=WUHU)
    someone("钱七", "dibao", died_on=OPENING)
    turn("open")
    before = bills()

    step = turn("subsidise")

    assert awards() == [
        ("李四", FUND, "dibao", 378, OPENING),
        ("王五", FUND, "extreme_poverty", 420, OPENING),
        ("赵六", FUND, "monitored", 210, OPENING),
    ]
    assert bills() == before
    assert totals(step) == {
        (340104, "dibao"): (1, 0, 378, 0, 0),
        (340104, "extreme_poverty"): (1, 0, 420, 0, 0),
        (340202, "monitored"): (1, 0, 210, 0, 0),
    }
    shard = step.shards.get()
    assert [(award.shard, award.case) for award in Award.objects.all()] == [(shard.pk, None)] * 3
    assert (fallout(), payments(), receipts()) == ({}, {}, {})


def test_what_changed_since_reaches_unpaid_bills_and_no_others() -> None:
    names = ("张一", "张二", "张三", "张四", "张五", "张六", "张七", "张八", "张九")
    (gains, loses_it, gains_more, paid_loses, paid_gains, free_loses, still, unfit, stays) = (
        someone(name, *categories)
        for name, categories in zip(
            names,
            ([], ["dibao"], ["dibao"], ["dibao"], [], ["extreme_poverty"], ["dibao"],
             ["monitored"], []),
            strict=True,
        )
    )  # fmt: skip
    turn("open")
    turn("subsidise")
    opened = awards()
    recognise(gains, "dibao", since=LATER)
    loses(loses_it, "dibao")
    recognise(gains_more, "extreme_poverty", since=LATER)
    pays(paid_loses, 42)
    loses(paid_loses, "dibao")
    pays(paid_gains, 420)
    recognise(paid_gains, "dibao", since=LATER)
    loses(free_loses, "extreme_poverty")
    loses(still, "dibao", on=date(2026, 11, 16))  # today is its last day
    PersonCategory.objects.filter(person=unfit).update(qualified=False)
    recognise(stays, "dibao", since=date(2026, 11, 16))  # from tomorrow

    step = turn("subsidise", on=LATER)

    assert bills() == {
        "张一": (HEFEI, "dibao", 420, 378, 42),
        "张二": (HEFEI, "", 420, 0, 420),
        "张三": (HEFEI, "extreme_poverty", 420, 420, 0),
        "张四": (HEFEI, "dibao", 420, 378, 42),
        "张五": (HEFEI, "", 420, 0, 420),
        "张六": (HEFEI, "extreme_poverty", 420, 420, 0),
        "张七": (HEFEI, "dibao", 420, 378, 42),
        "张八": (HEFEI, "", 420, 0, 420),
        "张九": (HEFEI, "", 420, 0, 420),
    }
    assert [row for row in awards() if row not in opened] == [
        ("张一", FUND, "dibao", 378, LATER),
        ("张二", FUND, "", -378, LATER),
        ("张三", FUND, "extreme_poverty", 42, LATER),
        ("张八", FUND, "", -210, LATER),
    ]
    assert [row for row in awards() if row in opened] == opened
    assert totals(step) == {
        (340104, ""): (2, 0, -588, 0, 0),
        (340104, "bill_changed"): (4, 0, -168, 0, 0),
        (340104, "dibao"): (1, 0, 378, 0, 0),
        (340104, "extreme_poverty"): (1, 0, 42, 0, 0),
    }


def test_a_day_without_changes_awards_nothing() -> None:
    someone("张三", "dibao")
    turn("open")
    turn("subsidise")
    before = (bills(), awards())

    for day in (LATER, date(2026, 11, 16)):
        step = turn("subsidise", on=day)
        assert totals(step) == {}

    assert (bills(), awards()) == before


def test_a_status_lost_and_regained_is_told_row_by_row() -> None:
    person = someone("张三", "dibao")
    turn("open")
    turn("subsidise")
    loses(person, "dibao")
    turn("subsidise", on=LATER)
    recognise(person, "dibao", since=date(2026, 12, 1))
    turn("subsidise", on=date(2026, 12, 1))

    assert awards() == [
        ("张三", FUND, "dibao", 378, OPENING),
        ("张三", FUND, "", -378, LATER),
        ("张三", FUND, "dibao", 378, date(2026, 12, 1)),
    ]
    assert bills() == {"张三": (HEFEI, "dibao", 420, 378, 42)}


def test_others_money_stays_and_leaves_the_rest_to_the_fund() -> None:
    gains, has, loses_it = someone("张三"), someone("李四", "dibao"), someone("王五", "dibao")
    turn("open")
    turn("subsidise")
    adds_money(gains, 100)
    adds_money(has, 42)  # nothing is left to pay
    adds_money(loses_it, 10)
    recognise(gains, "dibao", since=LATER)
    loses(loses_it, "dibao")

    step = turn("subsidise", on=LATER)

    assert bills() == {
        "张三": (HEFEI, "dibao", 420, 420, 0),  # 378 would be more than what 100 leaves
        "李四": (HEFEI, "dibao", 420, 420, 0),
        "王五": (HEFEI, "", 420, 10, 410),
    }
    assert [row for row in awards() if row[1] == FUND] == [
        ("张三", FUND, "dibao", 320, LATER),
        ("李四", FUND, "dibao", 378, OPENING),
        ("王五", FUND, "dibao", 378, OPENING),
        ("王五", FUND, "", -378, LATER),
    ]
    assert sum(row[3] for row in awards()) == sum(row[3] for row in bills().values())
    assert totals(step)[340104, "bill_changed"] == (2, 0, -58, 0, 0)


def test_an_ended_bill_is_left_alone() -> None:
    person = someone("张三")
    turn("open")
    Enrollment.objects.residents(YEAR).update(ended_on=date(2026, 10, 1), ended_for="moved_out")
    recognise(person, "dibao", since=LATER)

    step = turn("subsidise", on=LATER)

    assert (totals(step), awards()) == ({}, [])
    assert bills() == {"张三": (HEFEI, "", 420, 0, 420)}


def test_a_bill_keeps_the_quota_of_its_area_when_the_person_has_moved_on() -> None:
    """The only recipient of a city moves; the bill, and who pays it, are still that city's."""
    person = someone("张三", "dibao", region=HUAINAN)
    turn("open")
    Person.objects.filter(pk=person.pk).update(insured_region=HEFEI)

    turn("subsidise", on=LATER)

    assert bills() == {"张三": (HUAINAN, "dibao", 420, 336, 84)}
    assert awards() == [("张三", FUND, "dibao", 336, LATER)]


def test_the_year_report_adds_up_awards_and_changed_bills() -> None:
    gains, lost = someone("张三"), someone("李四", "dibao")
    someone("王五", "extreme_poverty", region=WUHU)
    receipt("P1", gains, 100)
    turn("open")
    turn("subsidise")
    recognise(gains, "dibao", since=LATER)
    loses(lost, "dibao")
    turn("subsidise", on=LATER)

    report = year_report(YEAR)

    cities = {row["name"]: row for row in report["cities"]}
    for name, regions in (("合肥市", (HEFEI,)), ("芜湖市", (WUHU,))):
        rows = [row for row in bills().values() if row[0] in regions]
        told = cities[name]
        assert told["billed"] == len(rows)
        for column, position in (("standard", 2), ("subsidy", 3), ("payable", 4)):
            assert Decimal(told[column]) == sum(row[position] for row in rows)
    assert {row["category"]: Decimal(row["amount"]) for row in report["subsidies"]} == {
        "": -378, "dibao": 756, "extreme_poverty": 420
    }  # fmt: skip
    assert sum(Decimal(row["amount"]) for row in report["subsidies"]) == sum(
        row[3] for row in awards()
    )
