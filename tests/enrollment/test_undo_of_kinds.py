"""Every kind of file is taken back as a batch, or says why not and what to do instead."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from enrollment.declarations import import_kinds
from enrollment.models import (
    ControlTotal,
    Enrollment,
    Finding,
    Import,
    Person,
    PersonCategory,
    Region,
    SchoolAttendance,
    User,
)
from enrollment.rules.identity import check_character
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.imports import kept_rows
from enrollment.services import findings, import_jobs, import_undo
from enrollment.services.import_undo import NotTakenBack
from tests import cast, turning

TODAY = date(2026, 11, 20)
PEOPLE = "证件类型,证件号码,姓名,性别,出生日期,户籍地代码,常住地代码,手机号,状态,死亡日期"
LIST = "来源,事项,证件号码,姓名,发生日期,新值"
TOTALS = "日期,地区代码,险种,渠道,笔数,金额,来源"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def officers(db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "second": cast.officer("Checker", "qian", "钱伟", region=cast.HEFEI),
    }


Apply = Callable[..., Import]


@pytest.fixture
def apply(officers: dict[str, User]) -> Apply:
    """A file that came by a screen, checked, confirmed by another and applied."""

    def send(kind: str, *lines: str) -> Import:
        source = import_jobs.submit(
            kind=kind,
            area=Region.objects.get(pk=cast.HEFEI),
            name="名单.csv",
            content="\n".join(lines).encode(),
            user=officers["maker"],
        )
        assert import_jobs.work(import_id=source.pk) == "checked"
        source.refresh_from_db()
        import_jobs.confirm(source=source, user=officers["checker"], previews=source.previews)
        assert import_jobs.work(import_id=source.pk) == "applied", source.refusal
        source.refresh_from_db()
        assert source.rejected == 0, source.errors
        return source

    return send


def take_back(source: Import, officers: dict[str, User]) -> tuple[int, int]:
    import_undo.ask(source=source, user=officers["maker"], reason="名单有误")
    source.refresh_from_db()
    import_undo.decide(source=source, user=officers["checker"])
    assert import_undo.work(import_id=source.pk) == "undone"
    source.refresh_from_db()
    return source.taken_back, source.kept


def people_line(whom: Person, name: str, place: str, died: str = "") -> str:
    life = "死亡" if died else "正常"
    return f"居民身份证,{whom.identity_number},{name},男,1972-05-04,{place},{place},,{life},{died}"


def folks() -> dict[str, tuple[Any, ...]]:
    rows = Person.objects.values_list("name", "household_region", "died_on", "left_for", "scheme")
    return {name: tuple(rest) for name, *rest in rows}


def test_people_are_what_they_were_and_new_files_say_that_nobody_registered_them(
    officers: dict[str, User], apply: Apply
) -> None:
    known = [cast.person(name, number=number) for number, name in enumerate("甲乙丙", start=1)]
    cast.paid(known[1], 2026)
    first = "34990019720504099"
    number = first + check_character(first)
    source = apply(
        "people",
        PEOPLE,
        people_line(known[0], "甲大", "340111"),
        people_line(known[1], "乙", "340104", died="2026-11-01"),
        people_line(known[2], "丙大", "340111"),
        f"居民身份证,{number},新,男,1972-05-04,340104,340104,,正常,",
    )
    Person.objects.filter(pk=known[2].pk).update(name="丙小")  # somebody corrected it since
    assert import_undo.preview(source) == (4, 1)
    assert take_back(source, officers) == (4, 1)
    assert folks() == {
        "甲": (cast.SHUSHAN, None, "", 1),
        "乙": (cast.SHUSHAN, None, "", 1),
        "丙小": (cast.BAOHE, None, "", 1),
        "新": (cast.SHUSHAN, None, "not_registered", 1),
    }
    bill = Enrollment.objects.get()
    assert (bill.ended_on, bill.ended_for) == (None, "")
    with translation.override("zh-hans"):
        (kept,) = kept_rows(source)
    assert (kept.name, kept.wrote, kept.now) == ("丙小", "姓名 丙大", "姓名 丙小")


def test_a_list_of_a_department_is_taken_back_person_by_person(
    officers: dict[str, User], apply: Apply
) -> None:
    found = {
        name: cast.person(name, number=number) for number, name in enumerate("甲乙丙丁戊己", 1)
    }
    for name in "甲乙丙":
        cast.paid(found[name], 2026)
        cast.paid(found[name], 2027)

    def line(told: str, name: str, on: str, value: str = "") -> str:
        return f"{told},{found[name].identity_number},{name},{on},{value}"

    before = (folks(), cover())
    source = apply(
        "department_list",
        LIST,
        line("公安,死亡", "甲", "2026-11-01"),
        line("人社,职工参保", "乙", "2026-09-01"),
        line("军队,入伍", "丙", "2026-09-01"),
        line("司法,刑满释放", "丁", "2026-09-01"),
        line("教育,在校学生", "戊", "2026-09-01"),
        line("公安,身份变更", "己", "2026-09-01", "己大"),
    )
    # 丙 came back by a case since: neither the person nor the year is touched
    Person.objects.filter(name="丙").update(left_on=None, left_for="")
    rows = cover()
    taken_back, kept = take_back(source, officers)
    assert kept == 3  # 丙 and both years
    assert {row.name for row in kept_rows(source)} == {"丙"}
    after = cover()
    assert {key: after[key] for key in after if key[0] == "丙"} == {
        key: rows[key] for key in rows if key[0] == "丙"
    }
    assert folks() == before[0]
    assert {key: value for key, value in after.items() if key[0] == "甲"} == {
        key: value for key, value in before[1].items() if key[0] == "甲"
    }
    # the spell never was, and the resident years go on
    assert {key: value for key, value in after.items() if key[0] == "乙"} == {
        ("乙", 2026, 1): (0, None, None, ""),
        ("乙", 2027, 1): (0, None, None, ""),
        ("乙", 2026, 2): (0, None, date(2026, 9, 1), "reversed"),
    }
    assert not PersonCategory.objects.exists()
    assert not SchoolAttendance.objects.exists()
    assert not Finding.objects.exists()
    assert taken_back == 9 + 4  # rows, and findings that waited


def cover() -> dict[tuple[str, int, int], tuple[Any, ...]]:
    return {
        (row.person.name, row.year, row.scheme): (
            row.months, row.suspended_from, row.ended_on, row.ended_for,
        )
        for row in Enrollment.objects.select_related("person")
    }  # fmt: skip


def test_what_a_case_rests_on_is_kept(officers: dict[str, User], apply: Apply) -> None:
    whom = cast.person("甲", number=1)
    Person.objects.filter(pk=whom.pk).update(scheme=2)
    turning.employed(whom, 2026, 0b1)
    source = apply(
        "department_list",
        LIST,
        f"人社,职工停保,{whom.identity_number},甲,2026-06-30,",
        f"公安,身份变更,{whom.identity_number},甲,2026-06-30,甲大",
    )
    told = Finding.objects.get(kind="identity")
    findings.open_correction(finding=told, user=officers["maker"])
    assert take_back(source, officers) == (0, 2)
    assert folks()["甲"][-1] == 1
    assert set(Finding.objects.values_list("kind", "state")) == {
        ("identity", "taken"),
        ("returned", "open"),
    }


def test_control_totals_are_what_the_source_said_before(
    officers: dict[str, User], apply: Apply
) -> None:
    old = apply("control_totals", TOTALS, "2026-11-10,340104,居民,,3,1200.00,税务")
    source = apply(
        "control_totals",
        TOTALS,
        "2026-11-10,340104,居民,,4,1600.00,税务",
        "2026-11-11,340104,居民,,5,2000.00,税务",
        "2026-11-12,340104,居民,,0,0.00,税务",
    )
    assert import_undo.preview(source) == (3, 0)
    assert import_undo.preview(old) == (0, 1)
    assert take_back(source, officers) == (3, 0)
    rows = ControlTotal.objects.values_list("day", "receipts", "amount")
    assert list(rows) == [(date(2026, 11, 10), 3, Decimal("1200.00"))]


def test_each_other_kind_says_why_not_and_what_to_do(officers: dict[str, User]) -> None:
    told = {}
    for kind in import_kinds:
        source = Import.objects.create(
            kind=kind.name, file_name="x.csv", digest="", area=cast.HEFEI, state="applied"
        )
        if kind.undo:
            continue
        with pytest.raises(NotTakenBack) as refused, translation.override("zh-hans"):
            import_undo.ask(source=source, user=officers["checker"], reason="错")
        with translation.override("zh-hans"):
            told[kind.name] = str(refused.value)[:6]
    assert {"remittance", "history", "claims"} <= set(told)
    assert len(set(told.values())) == len(told)


def test_the_database_takes_back_only_what_was_decided(
    officers: dict[str, User], apply: Apply
) -> None:
    source = apply("control_totals", TOTALS, "2026-11-10,340104,居民,,3,1200.00,税务")
    with (
        pytest.raises(DatabaseError, match="is not being taken back"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM take_back_rows(%s, %s)", [source.pk, TODAY])
