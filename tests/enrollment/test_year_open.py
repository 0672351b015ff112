"""The step `open`: who is billed for the coming year, where, how much, and who is not."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    Award,
    Enrollment,
    Fallout,
    Person,
    PolicyParameter,
    Receipt,
    StepShard,
    StepTerms,
    YearRun,
)
from enrollment.services.year import start_step
from tests import turning
from tests.turning import (
    BENGBU,
    HEFEI,
    HUAINAN,
    OPENING,
    WUHU,
    YEAR,
    bills,
    finish,
    insured,
    persons,
    recognise,
    someone,
    totals,
    turn,
)

EVE, AFTER = date(2026, 8, 31), date(2026, 9, 2)
PLAIN = (HEFEI, "", 420, 0, 420)
DIBAO = (HEFEI, "dibao", 420, 378, 42)


@pytest.fixture(autouse=True)
def province(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year that came by history, 2026 unless a test names another."""
    turning.province(monkeypatch, history=getattr(request, "param", 2026))


def test_every_living_registered_resident_is_billed_and_nobody_else() -> None:
    someone("张三")
    someone("李四", died_on=EVE)
    someone("李五", died_on=OPENING)
    someone("李六", died_on=AFTER)
    someone("王五", left_on=EVE, left_for="moved_out")
    someone("王六", left_on=OPENING, left_for="other_cover")
    someone("王七", left_on=AFTER, left_for="duplicate")
    someone("赵六", scheme=Person.Scheme.EMPLOYEE)
    insured(someone("钱七"))  # last year's row changes nothing
    someone("孙八", birth_date=OPENING)  # born on the day
    lives_away = someone("周九")
    Person.objects.filter(pk=lives_away.pk).update(household_region=WUHU, residence_region=BENGBU)

    step = turn("open")

    assert bills() == dict.fromkeys(("张三", "李六", "王七", "钱七", "孙八", "周九"), PLAIN)
    assert totals(step) == {(340104, ""): (6, 2520, 0, 2520, 0)}
    assert set(bills(2026)) == {"钱七"}
    assert not Award.objects.exists()
    assert not Fallout.objects.exists()
    assert not Receipt.objects.exists()


def test_a_bill_holds_what_was_computed_and_no_more() -> None:
    person = someone("张三", "dibao")

    step = turn("open")

    row = Enrollment.objects.get(pk=2027_1_0_0000000000 + person.pk)
    shard = step.shards.get(phase=0)
    told = {
        name: getattr(row, name)
        for name in (
            "person_id",
            "region_id",
            "county",
            "shard",
            "category",
            "standard",
            "subsidy",
            "payable",
            "paid",
            "due_on",
            "paid_on",
            "benefit_start",
            "benefit_end",
            "suspended_from",
            "ended_on",
            "ended_for",
            "months",
            "repaired_years",
            "repaired_on",
        )
    }
    assert told == {
        "person_id": person.pk,
        "region_id": HEFEI,
        "county": 340104,
        "shard": shard.pk,
        "category": "dibao",
        "standard": Decimal(420),
        "subsidy": Decimal(378),
        "payable": Decimal(42),
        "paid": 0,
        "due_on": date(2026, 12, 31),
        "paid_on": None,
        "benefit_start": None,
        "benefit_end": None,
        "suspended_from": None,
        "ended_on": None,
        "ended_for": "",
        "months": 0,
        "repaired_years": 0,
        "repaired_on": None,
    }
    run = YearRun.objects.get(year=YEAR)
    assert (run.opened_on, run.closed_on, run.activated_on) == (OPENING, None, None)


def test_the_best_quota_of_the_day_decides_the_subsidy() -> None:
    someone("张三", "dibao", "extreme_poverty")
    someone("李四", "returned_to_poverty", "dibao", "monitored")
    someone("王五", "monitored")
    recognise(someone("赵六"), "monitored", qualified=False)
    recognise(someone("钱七", "dibao"), "extreme_poverty", qualified=False)
    recognise(someone("孙八"), "dibao", until=OPENING)  # the last day was yesterday
    recognise(someone("周九"), "dibao", until=AFTER)
    recognise(someone("吴十"), "dibao", since=OPENING)
    recognise(someone("郑一"), "dibao", since=AFTER)
    someone("冯二", "newborn")  # recognised, but for the wait alone
    again = someone("陈三")
    recognise(again, "dibao", since=date(2025, 1, 1), until=date(2026, 3, 1))
    recognise(again, "dibao", since=date(2026, 8, 1))

    step = turn("open")

    assert bills() == {
        "张三": (HEFEI, "extreme_poverty", 420, 420, 0),
        "李四": DIBAO,
        "王五": (HEFEI, "monitored", 420, 210, 210),
        "赵六": PLAIN,
        "钱七": DIBAO,
        "孙八": PLAIN,
        "周九": DIBAO,
        "吴十": DIBAO,
        "郑一": PLAIN,
        "冯二": PLAIN,
        "陈三": DIBAO,
    }
    assert totals(step) == {
        (340104, ""): (4, 1680, 0, 1680, 0),
        (340104, "dibao"): (5, 2100, 1890, 210, 0),
        (340104, "extreme_poverty"): (1, 420, 420, 0, 0),
        (340104, "monitored"): (1, 420, 210, 210, 0),
    }


def test_each_city_has_its_own_quota() -> None:
    for name, region in (("张三", HEFEI), ("李四", WUHU), ("王五", HUAINAN), ("赵六", BENGBU)):
        someone(name, "dibao", region=region)

    step = turn("open")

    assert bills() == {
        "张三": (HEFEI, "dibao", 420, 378, 42),
        "李四": (WUHU, "dibao", 420, 378, 42),
        "王五": (HUAINAN, "dibao", 420, 336, 84),
        "赵六": (BENGBU, "dibao", 420, 357, 63),
    }
    assert {county: row[2] for (county, _), row in totals(step).items()} == {
        340104: 378, 340202: 378, 340302: 357, 340402: 336
    }  # fmt: skip


@pytest.mark.parametrize("province", [2024], indirect=True)
def test_published_law_decides_where_there_is_some() -> None:
    """Hefei's notice of 2025 and Wuhu's of 2026 beside the examples of the others."""
    someone("张三", region=HEFEI)
    someone("李四", region=WUHU)
    for name, category in (
        ("王五", "dibao"), ("赵六", "extreme_poverty"), ("钱七", "returned_to_poverty"),
        ("孙八", "monitored"),
    ):  # fmt: skip
        recognise(someone(name), category, since=date(2024, 1, 1))
    recognise(someone("周九", region=WUHU), "dibao", since=date(2025, 1, 1))

    turn("open", year=2025)
    assert bills(2025) == {
        "张三": (HEFEI, "", 400, 0, 400),
        "李四": (WUHU, "", 400, 0, 400),
        "王五": (HEFEI, "dibao", 400, 360, 40),
        "赵六": (HEFEI, "extreme_poverty", 400, 400, 0),
        "钱七": (HEFEI, "returned_to_poverty", 400, 320, 80),
        "孙八": (HEFEI, "monitored", 400, 200, 200),
        "周九": (WUHU, "", 400, 0, 400),
    }
    for name in ("subsidise", "close", "activate"):
        turn(name, year=2025)

    step = turn("open", year=2026)
    assert bills(2026)["周九"] == (WUHU, "dibao", 400, 360, 40)
    terms = {row.area: row for row in StepTerms.objects.filter(step=step)}
    assert (terms[340100000000].window_first, terms[340100000000].window_last) == (
        date(2025, 9, 1), date(2025, 12, 31)
    )  # fmt: skip
    assert terms[340200000000].window_first == date(2025, 10, 20)
    source = terms[340200000000].sources["standard"]
    assert (source["clause"], source["status"]) == ("筹资标准", "verified")


def test_a_bill_is_due_on_the_last_day_of_its_areas_window() -> None:
    PolicyParameter.objects.create(
        code="collection.window",
        area_id=340200000000,
        valid=DateRange(date(2027, 1, 1), None),
        unit="day_window",
        value={"first": "Y-1 10-20", "last": "Y-1 12-25"},
        status=PolicyParameter.Status.EXAMPLE,
    )
    someone("张三")
    someone("李四", region=WUHU)

    turn("open")

    due = Enrollment.objects.residents(YEAR).values_list("person__name", "due_on")
    assert dict(due) == {"张三": date(2026, 12, 31), "李四": date(2026, 12, 25)}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_report_does_not_depend_on_how_the_people_are_cut(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3, 7, 8, 14, 15, 24):
        someone(f"甲{number}", *(["dibao"] if number % 2 else []), id=number)
    whole = turn("open", rehearse=True)
    monkeypatch.setenv("TONGCHOU_SHARD_PEOPLE", str(size))

    step = turn("open")

    assert step.shards.filter(phase=0).count() == -(-24 // size)
    assert step.digest == whole.digest
    assert set(bills()) == {f"甲{number}" for number in (1, 2, 3, 7, 8, 14, 15, 24)}
    assert totals(step) == totals(whole)


def test_who_comes_while_the_year_is_opened_is_in_the_last_slice() -> None:
    someone("张三")
    step = start_step(name="open", year=YEAR, on=OPENING)
    someone("李四", id=9_999_999_999)  # the last person that the key can hold

    finish(step)

    assert set(bills()) == {"张三", "李四"}


def test_a_year_can_open_on_29_february() -> None:
    """A late opening in a leap year; categories that begin and end on that day."""
    day, next_day = date(2024, 2, 29), date(2024, 3, 1)
    someone("张三", birth_date=day)
    someone("李四", died_on=day)
    someone("王五", died_on=next_day)
    recognise(someone("赵六"), "dibao", since=day, until=next_day)
    recognise(someone("钱七"), "dibao", since=date(2024, 2, 1), until=day)
    recognise(someone("孙八"), "dibao", since=next_day)
    someone("周九", birth_date=date(2000, 2, 29))

    step = turn("open", year=2024, on=day)

    plain = (HEFEI, "", 380, 0, 380)
    assert bills(2024) == {
        "张三": plain,
        "王五": plain,
        "赵六": (HEFEI, "dibao", 380, 342, 38),
        "钱七": plain,
        "孙八": plain,
        "周九": plain,
    }
    assert persons(step) == {"": 5, "dibao": 1}
    assert YearRun.objects.get(year=2024).opened_on == day


def test_a_year_is_filled_apart_and_then_attached() -> None:
    someone("张三")

    step = start_step(name="open", year=YEAR, on=OPENING)
    assert step.table_name == f"enrollment_y2027_s{step.pk}"
    assert bills() == {}
    step = finish(step)

    assert step.table_name == "enrollment_y2027"
    assert not step.shards.exclude(state=StepShard.State.DONE).exists()
    assert list(step.shards.order_by("phase", "number").values_list("work", flat=True)) == [
        "fill", "index id", "index county", "index region", "check", "attach", "vacuum"
    ]  # fmt: skip
    assert bills() == {"张三": PLAIN}
