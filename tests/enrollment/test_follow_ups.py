"""What is left to do after a full list: shown while it is so, gone once it is done."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from enrollment.models import Enrollment, Import, ListedChange, Person, Region, User
from enrollment.rules import keys
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.follow_ups import FollowUp, follow_ups
from enrollment.selectors.scope import Scope
from enrollment.services import import_jobs, refunds, subsidies
from enrollment.services.follow_ups import settle
from tests import cast, turning
from tests.acts import carried_out
from tests.turning import WUHU, YEAR, someone, turn

TODAY, DAY, PAID_ON = date(2026, 11, 20), date(2026, 11, 18), date(2026, 11, 12)
HEADER = "证件号码,姓名,类别,来源部门,名单日期,认定日期"
EVERYWHERE = Scope(everywhere=True)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and a year 2026 that came by history."""
    turning.province(monkeypatch)


@pytest.fixture
def officers(province: None) -> dict[str, User]:
    return {
        "maker": cast.officer("Maker", "liu", "刘婷"),
        "checker": cast.officer("Checker", "zhang", "张敏"),
    }


@pytest.fixture
def people(province: None) -> dict[str, Person]:
    """甲 and 乙 hold 低保 since long; 丙, 丁 and 戊 nothing, of whom 丁 has paid all and 戊 a part;
    己 lives in 芜湖. The year 2027 is open, and its subsidies are awarded."""
    found = {
        "甲": someone("甲", "dibao"),
        "乙": someone("乙", "dibao"),
        **{name: someone(name) for name in "丙丁戊"},
        "己": someone("己", region=WUHU),
    }
    turn("open")
    turn("subsidise")
    for name, paid in (("丁", 420), ("戊", 30)):
        rows = Enrollment.objects.filter(pk=keys.yearly_key(year=YEAR, person_id=found[name].pk))
        rows.update(paid=paid, paid_on=PAID_ON)
    return found


def line(person: Person, category: str = "低保", since: str = "2026-11-10") -> str:
    return f"{person.identity_number},{person.name},{category},民政局,{DAY},{since}"


def apply_list(officers: dict[str, User], *lines: str) -> Import:
    with business_date_is(TODAY):
        source = import_jobs.submit(
            kind="recognition_list",
            area=Region.objects.get(pk=cast.ANHUI),
            name="民政名单.csv",
            content="\n".join([HEADER, *lines]).encode(),
            user=officers["maker"],
        )
        assert import_jobs.work(import_id=source.pk) == "checked"
        import_jobs.confirm(source=source, user=officers["checker"], previews=1, acknowledged=True)
        assert import_jobs.work(import_id=source.pk) == "applied"
    return source


@pytest.fixture
def listed(people: dict[str, Person], officers: dict[str, User]) -> Import:
    """甲 goes up, 乙 is missing, the others join."""
    joined = [line(people[name]) for name in "丙丁戊己"]
    return apply_list(officers, line(people["甲"], "特困", ""), *joined)


def left(on: date = TODAY, scope: Scope = EVERYWHERE) -> set[tuple[Any, ...]]:
    """Who, what, given, due."""
    rows = follow_ups(scope, on).rows
    return {(row.person.name, row.kind, row.given, row.due) for row in rows}


def of(name: str) -> FollowUp:
    return next(row for row in follow_ups(EVERYWHERE, TODAY).rows if row.person.name == name)


def test_everything_that_is_left_is_told_and_nothing_else(listed: Import) -> None:
    assert left() == {
        ("甲", "award", 378, 420),
        ("乙", "bill", 378, 0),
        ("丙", "award", 0, 378),
        ("丁", "refund", 0, 378),
        ("戊", "award", 0, 378),
        ("己", "award", 0, 378),
    }
    assert {of(name).award for name in "丙戊"} == {Decimal(378)}
    assert of("丁").paid_on == PAID_ON


def test_only_the_people_of_the_scope_are_told(listed: Import) -> None:
    first = cast.WUHU
    assert left(scope=Scope(ranges=((first, first + 10**8 - 1),))) == {("己", "award", 0, 378)}
    assert left(scope=Scope()) == set()


def test_the_daily_step_does_what_nobody_has_paid(listed: Import) -> None:
    turn("subsidise", on=TODAY)
    assert left() == {("丁", "refund", 0, 378), ("戊", "award", 0, 378)}
    assert turning.bills()["乙"][3:] == (0, 420)


def test_a_case_that_does_it_takes_it_off(listed: Import, officers: dict[str, User]) -> None:
    with business_date_is(TODAY):
        row = of("戊")
        case = subsidies.open_subsidy(
            maker=officers["maker"],
            person=row.person,
            year=row.year,
            funder="medical_assistance",
            category=row.category,
            amount=row.award,
        )
        carried_out(case, officers["checker"])
        row = of("丁")
        case = refunds.open_refund(
            maker=officers["maker"],
            person=row.person,
            year=row.year,
            account="6222000012345678",
            ground="handling_error",
            event_on=row.paid_on,
            requested_on=TODAY,
            evidence="民政名单",
            payee=row.person.name,
        )
        carried_out(case, officers["checker"])
    assert {name for name, *_rest in left()} == {"甲", "乙", "丙", "己"}


def test_no_refund_is_offered_once_the_benefits_have_begun(listed: Import) -> None:
    assert ("丁", "refund", 0, 378) in left(date(2026, 12, 31))
    assert not {row for row in left(date(2027, 1, 1)) if row[0] == "丁"}


def test_the_latest_list_of_a_person_speaks(
    listed: Import, people: dict[str, Person], officers: dict[str, User]
) -> None:
    """乙 is found again: nothing is to be done any more."""
    everybody = [line(people[name]) for name in "乙丙丁戊己"]
    apply_list(officers, line(people["甲"], "特困", ""), *everybody)
    assert not {row for row in left() if row[0] == "乙"}
    assert ListedChange.objects.filter(person=people["乙"]).count() == 2


def test_what_was_dealt_with_long_ago_is_not_looked_at_again(listed: Import) -> None:
    turn("subsidise", on=TODAY)
    assert settle(on=TODAY) == 0  # a month is given to whatever may still come
    assert settle(on=date(2026, 12, 31)) == 4
    open_ones = ListedChange.objects.filter(is_settled=False)
    assert set(open_ones.values_list("person__name", flat=True)) == {"丁", "戊"}
    assert left() == {("丁", "refund", 0, 378), ("戊", "award", 0, 378)}


def test_what_a_list_changed_is_fixed_but_for_being_settled(listed: Import) -> None:
    ListedChange.objects.update(is_settled=True)
    for says in ({"outcome": "up"}, {"county": 340202}, {"was": "dibao"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ListedChange.objects.update(**says)
