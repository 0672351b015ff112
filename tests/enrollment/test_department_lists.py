"""Lists of departments: each line has one outcome, and the register says what was told, once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from enrollment.declarations import checks
from enrollment.models import (
    Change,
    Enrollment,
    Finding,
    Import,
    ImportAnswer,
    Person,
    PersonCategory,
    SchoolAttendance,
)
from enrollment.rules.identity import check_character
from enrollment.selectors.calendar import business_date_is
from enrollment.services.exports import ExportRefused, export_file
from enrollment.services.imports import ImportResult, receive_file
from tests import cast, turning

TODAY = date(2026, 11, 20)
HEADER = "来源,事项,证件号码,姓名,发生日期,新值"
BORN = "T340100001"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def years(db: None) -> None:
    """2026 is turned, 2027 is open and somewhere paid already."""
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)


@pytest.fixture
def folks(years: None) -> dict[str, Person]:
    return {name: cast.person(name, number=2 * n + 1) for n, name in enumerate("甲乙丙丁戊己庚辛")}


class Lists:
    """Writes lists into a folder and takes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *lines: str, **options: Any) -> ImportResult:
        path = self._folder / "list.csv"
        path.write_text("\n".join([HEADER, *lines]))
        return receive_file(kind="department_list", path=path, area="340100", **options)


@pytest.fixture
def take(tmp_path: Path) -> Lists:
    return Lists(tmp_path)


def line(source: str, event: str, whom: Person, on: str, value: str = "") -> str:
    return f"{source},{event},{whom.identity_number},{whom.name},{on},{value}"


def new_number(serial: int) -> str:
    """A number that nobody has."""
    first = f"34990019720504{serial:03d}"
    return first + check_character(first)


def outcomes(result: ImportResult) -> list[tuple[int, str, str]]:
    rows = ImportAnswer.objects.filter(source=result.import_id).order_by("line")
    return list(rows.values_list("line", "event", "outcome"))


def findings() -> set[tuple[str, str, int | None, str]]:
    rows = Finding.objects.select_related("person")
    return {(each.person.name, each.kind, each.year, each.state) for each in rows}


def cover() -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """Every year of cover: months, days of suspension and end, and why it ended."""
    rows = Enrollment.objects.select_related("person")
    return {
        (each.person.name, each.year, each.scheme): (
            each.months, each.suspended_from, each.ended_on, each.ended_for,
        )
        for each in rows
    }  # fmt: skip


def test_each_event_becomes_the_facts_that_it_tells(folks: dict[str, Person], take: Lists) -> None:
    for name in "甲乙丙丁":
        cast.paid(folks[name], 2026)
        cast.paid(folks[name], 2027)
    Person.objects.filter(pk=folks["戊"].pk).update(scheme=2)
    turning.employed(folks["戊"], 2026, 0b11)
    result = take(
        line("公安", "死亡", folks["甲"], "2026-11-02"),
        line("公安", "户籍迁移", folks["乙"], "2026-10-05", "340111"),
        line("人社", "职工参保", folks["丙"], "2026-09-10"),
        line("军队", "入伍", folks["丁"], "2026-09-01"),
        line("人社", "职工停保", folks["戊"], "2026-06-30"),
        line("教育", "在校学生", folks["己"], "2026-09-01", "340111"),
        f"卫健,出生,{BORN},新生,2026-11-01,340104 女",
        line("司法", "刑满释放", folks["庚"], "2026-10-01"),
    )
    assert (result.inserted, result.updated, result.unchanged, result.rejected) == (2, 6, 0, 0)
    assert {outcome for _, _, outcome in outcomes(result)} == {"applied"}
    died, ended = date(2026, 11, 2), date(2026, 6, 30)
    eve, enlisted, work = date(2026, 12, 31), date(2026, 9, 1), date(2026, 9, 10)
    assert cover() == {
        ("甲", 2026, 1): (0, None, died, "deceased"),
        ("甲", 2027, 1): (0, None, died, "deceased"),
        ("乙", 2026, 1): (0, None, None, ""),
        ("乙", 2027, 1): (0, None, None, ""),
        ("丙", 2026, 1): (0, work, None, ""),
        ("丙", 2027, 1): (0, None, eve, "employee_scheme"),
        ("丙", 2026, 2): (1 << 8, None, None, ""),
        ("丁", 2026, 1): (0, enlisted, None, ""),
        ("丁", 2027, 1): (0, None, eve, "other_cover"),
        ("戊", 2026, 2): (0b111111, None, ended, "resident_scheme"),
    }
    rows = Person.objects.order_by("pk").values_list(
        "name", "died_on", "scheme", "household_region", "left_on", "left_for"
    )
    assert list(rows) == [
        ("甲", died, 1, cast.SHUSHAN, None, ""),
        ("乙", None, 1, cast.BAOHE, None, ""),
        ("丙", None, 2, cast.SHUSHAN, None, ""),
        ("丁", None, 1, cast.SHUSHAN, enlisted, "other_cover"),
        ("戊", None, 1, cast.SHUSHAN, None, ""),
        ("己", None, 1, cast.SHUSHAN, None, ""),
        ("庚", None, 1, cast.SHUSHAN, None, ""),
        ("辛", None, 1, cast.SHUSHAN, None, ""),
        ("新生", None, 1, cast.SHUSHAN, TODAY, "not_registered"),
    ]
    child = Person.objects.get(name="新生")
    assert (child.identity_number, child.sex, child.birth_date, child.id_type) == (
        BORN, "F", date(2026, 11, 1), "birth_certificate",
    )  # fmt: skip
    assert list(
        PersonCategory.objects.values_list("person__name", "category", "valid", "source")
    ) == [("庚", "released_prisoner", DateRange(date(2026, 10, 1), date(2027, 1, 1)), "justice")]
    assert list(SchoolAttendance.objects.values_list("person__name", "since", "region")) == [
        ("己", date(2026, 9, 1), cast.BAOHE)
    ]
    assert findings() == {
        ("甲", "paid_ahead", 2027, "open"),
        ("丙", "paid_ahead", 2027, "open"),
        ("戊", "returned", 2026, "open"),
        ("庚", "returned", 2026, "open"),
        ("新生", "newborn", 2026, "open"),
    }
    changed = Change.objects.filter(year=2027, cause="department_list")
    assert set(changed.values_list("person__name", flat=True)) == set("甲丙丁戊庚") | {"新生"}


def test_the_same_list_twice_changes_nothing(folks: dict[str, Person], take: Lists) -> None:
    Person.objects.filter(pk=folks["戊"].pk).update(scheme=2)
    cast.paid(folks["丙"], 2026)
    lines = [
        line("公安", "死亡", folks["甲"], "2026-11-02"),
        line("公安", "户籍迁移", folks["乙"], "2026-10-05", "340111"),
        line("人社", "职工参保", folks["丙"], "2026-09-10"),
        line("军队", "入伍", folks["丁"], "2026-09-01"),
        line("人社", "职工停保", folks["戊"], "2026-06-30"),
        line("教育", "在校学生", folks["己"], "2026-09-01"),
        f"卫健,出生,{BORN},新生,2026-11-01,340104 女",
        line("司法", "刑满释放", folks["庚"], "2026-10-01"),
        line("公安", "身份变更", folks["辛"], "2026-10-01", "辛大"),
    ]
    take(*lines)
    before = (cover(), findings(), Change.objects.count(), Person.objects.count())
    result = take(*lines)
    assert (result.inserted, result.updated, result.unchanged, result.rejected) == (0, 1, 8, 0)
    assert [outcome for _, _, outcome in outcomes(result)] == ["known"] * 8 + ["case"]
    assert (cover(), findings(), Change.objects.count(), Person.objects.count()) == before


def test_each_line_that_is_not_taken_says_why(folks: dict[str, Person], take: Lists) -> None:
    Person.objects.filter(name="乙").update(died_on=date(2026, 3, 1))
    Person.objects.filter(name="丙").update(scheme=2)
    Person.objects.filter(name="丁").update(left_on=TODAY, left_for="moved_out")
    elsewhere = cast.person("外", number=200, region=cast.JINGHU)
    stranger = cast.person("生", number=201)
    number = stranger.identity_number
    Person.objects.filter(pk=stranger.pk).update(id_digest="0" * 32)
    lines = {
        line("教育", "死亡", folks["甲"], "2026-11-02"): "event_of_another_source",
        line("公安", "死亡", folks["甲"], "2026-12-02"): "date_too_late",
        line("公安", "死亡", folks["甲"], "1960-12-02"): "born_later",
        line("公安", "死亡", folks["乙"], "2026-03-02"): "other_death",
        line("公安", "户籍迁移", folks["乙"], "2026-05-02", "340111"): "person_is_dead",
        line("公安", "户籍迁移", folks["甲"], "2026-05-02"): "required",
        line("军队", "入伍", folks["丙"], "2026-05-02"): "in_employee_scheme",
        line("军队", "入伍", folks["丁"], "2026-05-02"): "left_otherwise",
        line("军队", "退役", folks["甲"], "2026-05-02", "立功"): "value_not_asked",
        line("人社", "入职", folks["戊"], "2024-05-02"): "year_not_on_file",
        line("公安", "死亡", elsewhere, "2026-11-02"): "outside_area",
        f"公安,死亡,{number},生,2026-11-02,": "person_unknown",
        f"公安,死亡,{folks['甲'].identity_number},乙,2026-11-03,": "name_differs",
        "卫健,出生,T340100009,新,2026-11-01,340104": "required",
        "卫健,出生,T340100009,新,2026-11-01,340202 男": "region_outside_area",
    }
    result = take(*lines)
    assert (result.inserted, result.updated, result.unchanged) == (0, 0, 0)
    assert result.rejected == len(lines)
    told = [outcome for _, _, outcome in outcomes(result)]
    assert told == ["refused"] * 11 + ["unmatched", "name_differs", "refused", "refused"]
    from enrollment.imports.problems import PROBLEMS

    reasons = {each["line"]: each["reason"] for each in result.errors}
    for at, problem in enumerate(lines.values(), start=2):
        head = str(PROBLEMS[problem]).split("%")[0]
        assert head in reasons[at] or "“" in reasons[at], (problem, reasons[at])
    assert not Finding.objects.exists()


def test_what_needs_a_decision_waits_once_and_is_written_by_nobody(
    folks: dict[str, Person], take: Lists
) -> None:
    child = cast.person("婴", number=77, birth_date=date(2026, 8, 1))
    number = child.identity_number
    Person.objects.filter(pk=child.pk).update(id_digest="1" * 32, id_type="birth_certificate")
    Person.objects.filter(name="戊").update(scheme=2)
    other = folks["己"].identity_number
    before = set(Person.objects.values_list("name", "id_digest", "household_region", "scheme"))
    result = take(
        line("公安", "身份变更", folks["甲"], "2026-10-01", "甲大"),
        line("公安", "身份变更", folks["乙"], "2026-10-01", new_number(501)),
        line("公安", "身份变更", folks["丙"], "2026-10-01", other),
        line("人社", "职工参保", folks["丁"], "2026-10-01", "340202"),
        line("人社", "职工参保", folks["戊"], "2026-10-01", "340202"),
        f"公安,出生,{number},婴,2026-08-01,340104",
    )
    assert [outcome for _, _, outcome in outcomes(result)] == ["case"] * 6, result.errors
    assert findings() == {
        ("甲", "identity", 2026, "open"),
        ("乙", "identity", 2026, "open"),
        ("丙", "two_files", 2026, "open"),
        ("丁", "switched", 2026, "open"),
        ("戊", "employed_twice", 2026, "open"),
        ("婴", "identity", 2026, "open"),
    }
    after = set(Person.objects.values_list("name", "id_digest", "household_region", "scheme"))
    assert after == before
    assert not Enrollment.objects.exists()


def test_of_two_events_of_one_kind_the_later_waits_for_the_earlier(
    folks: dict[str, Person], take: Lists
) -> None:
    start = line("人社", "职工参保", folks["甲"], "2026-03-02")
    end = line("人社", "职工停保", folks["甲"], "2026-08-31")
    result = take(end, start, start)
    assert [outcome for _, _, outcome in outcomes(result)] == ["refused", "applied", "refused"]
    assert cover() == {("甲", 2026, 2): (0b100, None, None, "")}
    take(end)
    assert cover() == {("甲", 2026, 2): (0b11111100, None, date(2026, 8, 31), "resident_scheme")}


def test_a_household_that_left_the_area_for_good_is_a_transfer_to_be_looked_at(
    folks: dict[str, Person], take: Lists
) -> None:
    Person.objects.filter(name="甲").update(residence_region=cast.JINGHU)
    take(*[line("公安", "迁出", folks[name], "2026-10-01", "340202") for name in "甲乙"])
    rows = Person.objects.filter(name__in="甲乙").values_list("household_region", "insured_region")
    assert set(rows) == {(cast.JINGHU, cast.SHUSHAN)}
    assert findings() == {("甲", "moved", 2026, "open")}


def test_a_dry_run_counts_by_event_and_leaves_nothing(
    folks: dict[str, Person], take: Lists
) -> None:
    result = take(
        line("公安", "死亡", folks["甲"], "2026-11-02"),
        line("公安", "死亡", folks["乙"], "2026-11-02"),
        line("公安", "身份变更", folks["丙"], "2026-10-01", "丙大"),
        f"公安,死亡,{folks['丁'].identity_number},别名,2026-11-02,",
        dry_run=True,
    )
    assert Import.objects.get(pk=result.import_id).summary == [
        ["death", "applied", 2],
        ["death", "name_differs", 1],
        ["identity", "case", 1],
    ]
    assert not ImportAnswer.objects.exists()
    assert not Finding.objects.exists()
    assert not Person.objects.exclude(died_on=None).exists()


def test_the_database_keeps_what_was_found_and_answered(
    folks: dict[str, Person], take: Lists
) -> None:
    take(line("公安", "身份变更", folks["甲"], "2026-10-01", "甲大"))

    def refuses(statement: str, says: str) -> None:
        with (
            pytest.raises(DatabaseError, match=says),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    refuses("UPDATE finding SET told = '乙大'", "what was found is fixed")
    refuses("UPDATE finding SET state = 'closed', closed_at = now()", "taken_up_or_closed")
    refuses("UPDATE import_answer SET outcome = 'applied'", "import_answer")
    refuses(
        "INSERT INTO finding (kind, person_id, region, year, told, details)"
        " SELECT kind, person_id, region, year, told, '{}' FROM finding",
        "a_finding_is_queued_once",
    )


def test_the_table_of_kinds_is_the_same_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k, finding_case_kind(k) FROM unnest(%s::text[]) k", [Finding.Kind.values]
        )
        told = {kind: case for kind, case in cursor.fetchall() if case}
    assert told == {kind.value: case for kind, case in Finding.CASES.items()}


def test_the_feedback_is_given_by_the_command_and_a_list_that_was_not_applied_has_none(
    folks: dict[str, Person], take: Lists, tmp_path: Path
) -> None:
    told = line("公安", "死亡", folks["甲"], "2026-11-02")
    checked = take(told, dry_run=True)
    with pytest.raises(ExportRefused, match="没有反馈文件"), translation.override("zh-hans"):
        export_file(kind="feedback", path=tmp_path / "f.csv", import_id=checked.import_id)
    result = take(told, line("公安", "死亡", folks["乙"], "2027-11-02"))
    assert export_file(kind="feedback", path=tmp_path / "f.csv", import_id=result.import_id) == 2
    numbers = [folks[name].identity_number for name in "甲乙"]
    assert (tmp_path / "f.csv").read_text().splitlines() == [
        f"{HEADER},line,outcome,reason",
        f"公安,死亡,{numbers[0]},甲,2026-11-02,,2,已入库,",
        f"公安,死亡,{numbers[1]},乙,2027-11-02,,3,退回,发生日期：2027-11-02 在过远的将来。",
    ]


def test_a_workbook_and_a_file_in_gb18030_say_the_same(
    folks: dict[str, Person], tmp_path: Path
) -> None:
    rows = [
        HEADER.split(","),
        ["公安局", "死亡", folks["甲"].identity_number, "甲", "2026-11-02", ""],
        ["卫健委", "出生", BORN, "新生", "2026-11-01", "340104/F"],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    (tmp_path / "list.csv").write_text("\n".join(map(",".join, rows)), encoding="gb18030")
    results = [
        receive_file(kind="department_list", path=tmp_path / name, area="340100", dry_run=True)
        for name in ("list.xlsx", "list.csv")
    ]
    told = {(each.read, each.inserted, each.updated, each.rejected) for each in results}
    assert told == {(2, 1, 1, 0)}


def test_verify_names_a_line_without_an_answer(folks: dict[str, Person], take: Lists) -> None:
    result = take(line("公安", "死亡", folks["甲"], "2026-11-02"))
    name = "every_line_of_a_list_has_one_answer"
    assert violations(name) == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE import_answer DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM import_answer")
    assert [row[0] for row in violations(name)] == [result.import_id]


def violations(name: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(checks[name].sql)
        return list(cursor.fetchall())
