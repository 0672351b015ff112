"""Files that come in: what is read, what is refused and how, what reaches the register."""

import csv
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from enrollment.declarations import import_kinds
from enrollment.imports import formats, workbooks
from enrollment.imports.formats import open_table
from enrollment.imports.history import read_months
from enrollment.imports.kinds import Desk
from enrollment.imports.problems import PROBLEMS, REFUSALS, FileRefused, LineRefused
from enrollment.models import (
    Change,
    Enrollment,
    Import,
    ImportReject,
    Person,
    PersonCategory,
    Receipt,
    YearRun,
)
from enrollment.models.identity import digest, unseal
from enrollment.rules.identity import check_character, convert_15_to_18, mask_identity
from enrollment.rules.keys import yearly_key
from enrollment.selectors.calendar import business_date_is
from enrollment.services.imports import ImportRefused, ImportResult, receive_file
from tests import cast

TODAY = date(2026, 11, 20)
PEOPLE = (
    "id_type,id_number,name,sex,birth_date,household_region,residence_region,phone,life_status,"
    "died_on"
)
PEOPLE_ZH = "证件类型,证件号码,姓名,性别,出生日期,户籍地代码,常住地代码,手机号,状态,死亡日期"
HISTORY = "id_number,year,scheme,region,paid_on,months"
CATEGORIES = "id_number,category,valid_from,valid_to,source"
REMITTANCE = "receipt_number,id_number,name,year,scheme,amount,paid_at,channel"

Send = Callable[..., ImportResult]


def number(serial: int, born: str = "19720504") -> str:
    """A synthetic identity number; 349900 is the county of nobody."""
    first = f"349900{born}{serial:03d}"
    return first + check_character(first)


ZHANG, LI, WANG = number(1), number(2), number(3)


def person(id_number: str = ZHANG, name: str = "张三", **cells: str) -> str:
    """A line of a people file."""
    told = {
        "id_type": "resident_id",
        "id_number": id_number,
        "name": name,
        "sex": "M",
        "birth_date": "1972-05-04",
        "household_region": "340104",
        "residence_region": "340104",
        "phone": "13900000001",
        "life_status": "alive",
        "died_on": "",
        **cells,
    }
    return ",".join(told.values())


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()


@pytest.fixture
def send(anhui: None, tmp_path: Path) -> Send:
    """Write a file and have it taken."""

    def send(kind: str, *lines: str, name: str = "file.csv", **options: Any) -> ImportResult:
        path = tmp_path / name
        encoding = options.pop("encoding", "utf-8")
        path.write_bytes("\n".join(lines).encode(encoding) + b"\n")
        return receive_file(kind=kind, path=path, **options)

    return send


def counted(result: ImportResult) -> tuple[int, int, int, int, int]:
    """Read, inserted, updated, unchanged, rejected."""
    return result.read, result.inserted, result.updated, result.unchanged, result.rejected


def only_error(result: ImportResult) -> dict[str, Any]:
    (error,) = result.errors
    return error


# People -------------------------------------------------------------------------------------------


def test_people_come_with_everything_the_register_keeps(send: Send) -> None:
    result = send(
        "people",
        PEOPLE,
        person(ZHANG, "单雄信", phone="139 0000-0001", residence_region="340202000000"),
        person(LI, "李四", sex="F", life_status="deceased", died_on="2026-03-01"),
    )
    assert counted(result) == (2, 2, 0, 0, 0)
    first, second = Person.objects.order_by("pk")
    assert (first.name, first.initials, first.sex) == ("单雄信", "sxx", "M")
    assert first.id_digest == digest(ZHANG)
    assert first.identity_number == ZHANG
    assert first.id_mask == f"349900{'*' * 10}{ZHANG[-2:]}"
    assert first.phone_sealed is not None
    assert unseal(bytes(first.phone_sealed)) == "13900000001"
    assert (first.birth_date, first.died_on) == (date(1972, 5, 4), None)
    assert (first.household_region, first.residence_region) == (cast.SHUSHAN, cast.JINGHU)
    assert first.insured_region_id == cast.JINGHU
    assert first.scheme == Person.Scheme.RESIDENT
    assert second.died_on == date(2026, 3, 1)
    source = Import.objects.get()
    assert (source.state, source.lines_read, source.inserted) == ("applied", 2, 2)
    assert source.finished_at is not None
    assert len(source.digest) == 64


def test_chinese_header_in_another_order_and_chinese_words(send: Send) -> None:
    lines = list(csv.reader([PEOPLE_ZH, person()]))
    lines[1] = ["居民身份证", ZHANG, "张三", "女", "1972年5月4日", *lines[1][5:8], "正常", ""]
    result = send("people", *(",".join(reversed(line)) for line in lines))
    assert counted(result) == (1, 1, 0, 0, 0)
    assert Person.objects.get().sex == "F"


def test_the_same_file_twice_changes_nothing(send: Send) -> None:
    lines = PEOPLE, person(ZHANG), person(LI, "李四", phone=""), person(WANG, "王五", sex="X")
    assert counted(send("people", *lines)) == (3, 2, 0, 0, 1)
    before = list(Person.objects.order_by("pk").values())
    again = send("people", *lines)
    assert counted(again) == (3, 0, 0, 2, 1)
    assert list(Person.objects.order_by("pk").values()) == before
    first, second = Import.objects.order_by("pk")
    assert first.digest == second.digest


def test_the_same_file_is_applied_again_where_facts_changed_meanwhile(send: Send) -> None:
    lines = PEOPLE, person(ZHANG)
    send("people", *lines)
    Person.objects.update(name="张山")
    assert counted(send("people", *lines)) == (1, 0, 1, 0, 0)
    assert Person.objects.get().name == "张三"


@pytest.mark.parametrize(
    ("cells", "field", "expected"),
    [
        ({"name": "张杉"}, "name", "张杉"),
        ({"sex": "F"}, "sex", "F"),
        ({"household_region": "340202"}, "household_region", cast.JINGHU),
        ({"residence_region": "340202"}, "residence_region", cast.JINGHU),
        ({"phone": "13900000002"}, "phone_sealed", "13900000002"),
        ({"phone": ""}, "phone_sealed", "13900000001"),
        ({"life_status": "deceased", "died_on": "2026/1/2"}, "died_on", date(2026, 1, 2)),
    ],
)
def test_a_changed_fact_updates_the_person(
    send: Send, cells: dict[str, str], field: str, expected: Any
) -> None:
    send("people", PEOPLE, person())
    result = send("people", PEOPLE, person(**cells))
    changed = int(cells != {"phone": ""})
    assert counted(result) == (1, 0, changed, 1 - changed, 0)
    value = getattr(Person.objects.get(), field)
    assert (unseal(bytes(value)) if field == "phone_sealed" else value) == expected


def test_a_move_does_not_move_the_place_of_insurance(send: Send) -> None:
    send("people", PEOPLE, person())
    send("people", PEOPLE, person(residence_region="340202", household_region="340202"))
    assert Person.objects.get().insured_region_id == cast.SHUSHAN


@pytest.mark.parametrize(
    ("residence", "household", "insured"),
    [
        ("340202", "340104", cast.JINGHU),  # where the person lives
        ("340104001002", "340202", cast.SHUSHAN),  # a village whose township is not in the table
        ("310101", "340104", cast.SHUSHAN),  # lives where the table knows nothing
        ("420106", "340104", cast.SHUSHAN),  # the register's own province first
        ("420106", "310101", 420100000000),  # a pooling area that the table does not divide
    ],
)
def test_where_a_new_person_is_insured(
    send: Send, residence: str, household: str, insured: int
) -> None:
    if residence == "340104001002":
        from enrollment.models import Region

        Region.objects.create(code=340104001000, name="街道", level=4, valid_from=date(2020, 1, 1))
        insured = 340104001000
    send("people", PEOPLE, person(residence_region=residence, household_region=household))
    assert Person.objects.get().insured_region_id == insured


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"id_type": ""}, "id_type", "required"),
        ({"id_type": "护照本"}, "id_type", "not_a_word"),
        ({"id_number": ""}, "id_number", "required"),
        ({"id_number": "34990019720504001"}, "id_number", "identity_format"),
        (
            {"id_number": ZHANG[:-1] + ("1" if ZHANG[-1] != "1" else "2")},
            "id_number",
            "identity_check",
        ),
        ({"id_number": "349900197213040011"}, "id_number", "identity_birth_date"),
        ({"id_number": "3.49900197205040E+17"}, "id_number", "identity_rounded"),
        ({"id_number": "349900197205041000"}, "id_number", "identity_rounded"),
        ({"id_type": "other", "id_number": ZHANG}, "id_number", "identity_type"),
        ({"id_type": "other", "id_number": "A1"}, "id_number", "document_format"),
        ({"name": ""}, "name", "required"),
        ({"name": "?雄信"}, "name", "unreadable"),
        ({"name": "长" * 65}, "name", "too_long"),
        ({"sex": "不详"}, "sex", "not_a_word"),
        ({"birth_date": ""}, "birth_date", "required"),
        ({"birth_date": "1972-02-30"}, "birth_date", "not_a_date"),
        ({"birth_date": "26423"}, "birth_date", "not_a_date"),
        ({"birth_date": "1972-05-05"}, "birth_date", "birth_date_differs"),
        ({"household_region": "3401"}, "household_region", "region_format"),
        ({"household_region": "340199"}, "household_region", "region_unknown"),
        ({"residence_region": "999999"}, "residence_region", "region_unknown"),
        ({"residence_region": "3.40104E+11"}, "residence_region", "region_format"),
        (
            {"residence_region": "310101", "household_region": "320100"},
            "residence_region",
            "no_place_of_insurance",
        ),
        ({"phone": "1.39E+10"}, "phone", "phone_format"),
        ({"life_status": "deceased"}, "died_on", "deceased_without_day"),
        ({"died_on": "2026-01-01"}, "died_on", "alive_with_day"),
        ({"life_status": "deceased", "died_on": "1970-01-01"}, "died_on", "death_before_birth"),
        ({"life_status": "deceased", "died_on": "2062-01-01"}, "died_on", "date_too_late"),
    ],
)
def test_a_bad_line_is_refused_with_line_column_and_reason_and_the_rest_is_taken(
    send: Send, cells: dict[str, str], column: str, problem: str
) -> None:
    result = send("people", PEOPLE, person(LI, "李四"), person(**cells))
    assert counted(result) == (2, 1, 0, 0, 1)
    error = only_error(result)
    assert (error["line"], error["column"]) == (3, column)
    assert error["reason"].startswith(sentence(problem, column))
    kept = ImportReject.objects.get()
    assert (kept.source_id, kept.line, kept.column) == (result.import_id, 3, column)
    assert json.loads(unseal(bytes(kept.sealed_cells))) == person(**cells).split(",")
    assert ZHANG not in kept.reason


def sentence(problem: str, column: str) -> str:
    """The reason of a problem, up to its value."""
    text = str(PROBLEMS[problem]) % {"column": column, "value": "\0", "allowed": "\0"}
    return text.partition("\0")[0]


def test_a_number_ending_in_000_is_refused_only_beside_numbers_that_excel_rounded(
    send: Send,
) -> None:
    born, serial = next(
        (f"197205{day:02d}", serial)
        for day in range(1, 29)
        for serial in range(100, 1000, 100)
        if number(serial, f"197205{day:02d}").endswith("000")
    )
    real = number(serial, born)
    day = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    line = person(real, birth_date=day)
    rounded = person(LI[:15] + "000", "李四")
    assert counted(send("people", PEOPLE, line, rounded)) == (2, 0, 0, 0, 2)
    assert counted(send("people", PEOPLE, line)) == (1, 1, 0, 0, 0)


def test_duplicates_in_a_file_keep_the_first_line(send: Send) -> None:
    result = send("people", PEOPLE, person(ZHANG), person(LI, "李四"), person(ZHANG, "张三丰"))
    assert counted(result) == (3, 2, 0, 0, 1)
    error = only_error(result)
    assert (error["line"], error["column"]) == (4, "id_number")
    assert "2" in error["reason"]
    assert Person.objects.filter(name="张三").exists()


def test_a_line_after_a_refused_one_of_the_same_number_is_taken(send: Send) -> None:
    result = send("people", PEOPLE, person(ZHANG, sex="X"), person(ZHANG))
    assert counted(result) == (2, 1, 0, 0, 1)


def test_an_old_number_of_15_digits_finds_the_person_of_18(send: Send) -> None:
    old = "349900720504001"
    assert convert_15_to_18(old) == ZHANG
    send("people", PEOPLE, person(old))
    assert Person.objects.get().identity_number == ZHANG
    assert counted(send("people", PEOPLE, person(ZHANG))) == (1, 0, 0, 1, 0)


def test_other_documents_have_their_own_numbers(send: Send) -> None:
    line = person("r340123456", id_type="出生医学证明", birth_date="2026-10-01")
    assert counted(send("people", PEOPLE, line)) == (1, 1, 0, 0, 0)
    newborn = Person.objects.get()
    assert (newborn.identity_number, newborn.id_mask) == ("R340123456", "*" * 10)
    result = send("history", HISTORY, "R340123456,2026,居民,340104,,")
    assert counted(result) == (1, 1, 0, 0, 0)


def test_a_death_ends_the_years_of_cover_that_it_reaches(send: Send) -> None:
    whose = cast.person("张三", number=1)
    for year in (2024, 2025, 2026):
        cast.year(year)
        cast.paid(whose, year)
    Enrollment.objects.create(
        id=yearly_key(year=2026, person_id=whose.pk, scheme=2, slot=3),
        person=whose,
        region_id=cast.WUHU,
        months=1,
    )
    send("people", PEOPLE, person(life_status="死亡", died_on="2025-06-30"))
    assert ends() == [None, "2025-06-30", "2025-06-30", "2025-06-30"]
    # corrected: the year 2025 is open again
    send("people", PEOPLE, person(life_status="死亡", died_on="2026-02-01"))
    assert ends() == [None, None, "2026-02-01", "2026-02-01"]
    assert set(Enrollment.objects.of_year(2025).values_list("ended_for", flat=True)) == {""}


def ends() -> list[str | None]:
    days = Enrollment.objects.order_by("id").values_list("ended_on", flat=True)
    return [day.isoformat() if day else None for day in days]


def test_a_death_leaves_what_ended_for_another_reason(send: Send) -> None:
    whose = cast.person("张三", number=1)
    cast.year(2026)
    cast.paid(whose, 2026, ended_on=date(2026, 1, 5), ended_for="employee_scheme")
    send("people", PEOPLE, person(life_status="deceased", died_on="2026-02-01"))
    assert ends() == ["2026-01-05"]


def test_a_file_does_not_undo_a_death(send: Send) -> None:
    send("people", PEOPLE, person(life_status="deceased", died_on="2026-02-01"))
    result = send("people", PEOPLE, person())
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["column"] == "life_status"
    assert "2026-02-01" in only_error(result)["reason"]
    assert Person.objects.get().died_on == date(2026, 2, 1)


def test_a_year_that_was_run_learns_of_the_change(send: Send) -> None:
    send("people", PEOPLE, person())
    cast.year(2027, closed=False)
    send("people", PEOPLE, person(life_status="deceased", died_on="2026-11-01"), person(LI, "李四"))
    changes = Change.objects.order_by("pk").values_list("person__name", "year", "cause")
    assert set(changes) == {("张三", 2027, "person"), ("李四", 2027, "new_person")}


# Encodings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("header", [PEOPLE, PEOPLE_ZH])
def test_every_encoding_gives_the_same_result(send: Send, encoding: str, header: str) -> None:
    result = send("people", header, person(), encoding=encoding)
    assert counted(result) == (1, 1, 0, 0, 0)
    assert Person.objects.get().name == "张三"


@pytest.mark.parametrize("name", ["㛃丹", "䶮", "𠮷田", "阿卜杜拉·买买提"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rare_characters_arrive_whole(send: Send, name: str, encoding: str) -> None:
    send("people", PEOPLE, person(name=name), encoding=encoding)
    assert Person.objects.get().name == name


@pytest.mark.parametrize("name", ["小伟", "兄瞎"])
def test_short_gbk_that_looks_like_utf_8_is_read_as_chinese(send: Send, name: str) -> None:
    name.encode("gbk").decode("utf-8", errors="replace")
    send("people", PEOPLE, person(name=name), encoding="gbk")
    assert Person.objects.get().name == name


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"id_number": ZHANG.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))},
            "张三",
        ),
        ({"id_number": f"  {ZHANG}　"}, "张三"),
        ({"id_number": f"'{ZHANG}"}, "张三"),
        ({"id_number": f"\t{ZHANG}"}, "张三"),
        ({"name": "张　三 "}, "张三"),
        ({"name": "张 三"}, "张三"),
        ({"name": "艾力・买买提"}, "艾力·买买提"),
        ({"birth_date": "1972/5/4"}, "张三"),
        ({"birth_date": "19720504"}, "张三"),
        ({"birth_date": "１９７２．０５．０４"}, "张三"),
        ({"birth_date": "1972/5/4 0:00"}, "张三"),
        ({"household_region": "340104000"}, "张三"),
        ({"household_region": "３４０１０４００００００"}, "张三"),
        ({"phone": "＋８６１３９００００００００１"}, "张三"),
        ({"sex": "m"}, "张三"),
        ({"id_type": "RESIDENT_ID"}, "张三"),
    ],
)
def test_the_same_thing_written_otherwise_is_understood(
    send: Send, cells: dict[str, str], expected: str
) -> None:
    assert counted(send("people", PEOPLE, person(**cells))) == (1, 1, 0, 0, 0)
    known = Person.objects.get()
    assert (known.name, known.identity_number, known.birth_date, known.household_region) == (
        expected,
        ZHANG,
        date(1972, 5, 4),
        cast.SHUSHAN,
    )


def test_lower_case_x_is_the_same_number(send: Send) -> None:
    serial = next(serial for serial in range(1, 999) if number(serial).endswith("X"))
    send("people", PEOPLE, person(number(serial)))
    again = send("people", PEOPLE, person(number(serial).lower()))
    assert counted(again) == (1, 0, 0, 1, 0)


def test_text_in_no_known_encoding_is_refused_with_its_line(send: Send, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(PEOPLE.encode() + b"\n" + person().encode() + b"\n\xff\xff\xff\n")
    refused = refusal(path)
    assert refused.name == "encoding"
    assert "3" in refused.reason
    path.write_bytes(PEOPLE.encode("utf-16"))
    assert refusal(path).name == "encoding"


def refusal(path: Path, kind: str = "people", **options: Any) -> ImportRefused:
    """How a file is refused whole; nothing of it is imported."""
    with pytest.raises(ImportRefused) as caught:
        receive_file(kind=kind, path=path, **options)
    assert not Person.objects.exists()
    if caught.value.import_id is not None:
        source = Import.objects.get(pk=caught.value.import_id)
        assert (source.state, source.refusal) == ("refused", caught.value.reason)
    return caught.value


# The header ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "error", "column"),
    [
        (PEOPLE.replace(",sex", ""), "missing_column", "sex"),
        (PEOPLE_ZH.replace(",性别", ""), "missing_column", "性别"),
        (PEOPLE + ",nickname", "unknown_column", "nickname"),
        (PEOPLE_ZH + ",备注", "unknown_column", "备注"),
        (PEOPLE.replace("name,", "full_name,"), "renamed_column", "name"),
        (PEOPLE_ZH.replace("姓名", "名字"), "renamed_column", "姓名"),
        (PEOPLE + ",name", "duplicate_column", "name"),
        (PEOPLE + ",姓名", "duplicate_column", "姓名"),
        (PEOPLE + ",", "empty_header_cell", "11"),
        (PEOPLE.replace("sex", " "), "empty_header_cell", "4"),
        (PEOPLE + ",line,reason", "unknown_column", "line"),
        ("", "empty_file", ""),
        (",".join(f"c{n}" for n in range(1000)), "too_many_columns", ""),
    ],
)
def test_a_wrong_header_imports_nothing_and_names_the_column(
    send: Send, header: str, error: str, column: str
) -> None:
    with pytest.raises(ImportRefused) as caught:
        send("people", header, person())
    assert (caught.value.name, caught.value.column) == (error, column)
    assert column in caught.value.reason
    assert not Person.objects.exists()
    assert Import.objects.get().state == "refused"


def test_optional_columns_may_be_missing(send: Send) -> None:
    send("people", PEOPLE, person())
    header = HISTORY + ",修复年数"
    result = send("history", header, f"{ZHANG},2026,resident,340104,2026-02-01,,1")
    assert counted(result) == (1, 1, 0, 0, 0)
    row = Enrollment.objects.get()
    assert (row.repaired_years, row.repaired_on) == (1, date(2026, 2, 1))


# Broken lines -------------------------------------------------------------------------------------


def test_broken_lines_are_refused_and_empty_ones_are_none(send: Send) -> None:
    result = send(
        "people",
        PEOPLE,
        "",
        person(ZHANG),
        ",,,,,,,,,",
        person(LI, "李四") + ",more",
        person(WANG, '"王五"老'),
        person(number(4), '"赵\n六"'),
        person(number(5), "孙七").removesuffix(","),
        "resident_id",
    )
    assert counted(result) == (6, 2, 0, 0, 4)
    assert [(error["line"], error["column"]) for error in result.errors] == [
        (5, ""),
        (6, ""),
        (7, ""),
        (10, "id_number"),
    ]


def test_a_quotation_mark_that_never_closes_refuses_the_file(send: Send) -> None:
    with pytest.raises(ImportRefused) as caught:
        send("people", PEOPLE, person(ZHANG), person(LI, '"李四'), person(WANG, "王五"))
    assert caught.value.name == "unclosed_quote"
    assert "3" in caught.value.reason
    assert not Person.objects.exists()


# Area, dry run ------------------------------------------------------------------------------------


def test_an_area_takes_its_own_people_only(send: Send) -> None:
    result = send(
        "people",
        PEOPLE,
        person(ZHANG),
        person(LI, "李四", residence_region="340202"),
        area="340100",
    )
    assert counted(result) == (2, 1, 0, 0, 1)
    assert only_error(result)["column"] == "residence_region"
    # who is insured there already is outside too, wherever the file says that they live
    result = send("people", PEOPLE, person(ZHANG, residence_region="340202"), area="340200000000")
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["column"] == "id_number"


@pytest.mark.parametrize("area", ["349999", "3401", "hefei"])
def test_an_unknown_area_is_refused_by_name(send: Send, area: str) -> None:
    with pytest.raises(ImportRefused, match=area) as caught:
        send("people", PEOPLE, person(), area=area)
    assert caught.value.name == "unknown_area"
    assert not Import.objects.exists()


def test_a_dry_run_counts_everything_and_changes_nothing(send: Send) -> None:
    send("people", PEOPLE, person(ZHANG))
    lines = PEOPLE, person(ZHANG, "张山"), person(LI, "李四"), person(WANG, sex="X")
    result = send("people", *lines, dry_run=True)
    assert counted(result) == (3, 1, 1, 0, 1)
    assert len(result.errors) == 1
    assert list(Person.objects.values_list("name", flat=True)) == ["张三"]
    assert not ImportReject.objects.exists()
    source = Import.objects.get(pk=result.import_id)
    assert (source.state, source.inserted, source.rejected) == ("checked", 1, 1)


def test_a_dry_run_of_history_makes_no_year(send: Send) -> None:
    send("people", PEOPLE, person())
    result = send("history", HISTORY, f"{ZHANG},2019,resident,340104,,", dry_run=True)
    assert counted(result) == (1, 1, 0, 0, 0)
    assert not YearRun.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('enrollment_y2019')")
        assert cursor.fetchone() == (None,)


def test_somebody_who_was_faster_refuses_the_file(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(desk: Desk) -> None:
        cast.person("张三", number=1)
        kind.apply(desk)

    kind = import_kinds["people"]
    monkeypatch.setitem(import_kinds.items, "people", replace(kind, apply=apply))
    with pytest.raises(ImportRefused) as caught:
        send("people", PEOPLE, person(ZHANG), person(LI, "李四"))
    assert caught.value.name == "changed_meanwhile"
    assert not Person.objects.exists()
    assert Import.objects.get().state == "refused"


def test_staging_keeps_nothing(send: Send) -> None:
    send("people", PEOPLE, person(), person(LI, sex="X"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM staging_people")
        assert cursor.fetchone() == (0,)


# History ------------------------------------------------------------------------------------------


@pytest.fixture
def known(send: Send) -> None:
    """张三, 李四 and 王五 are on the register."""
    send("people", PEOPLE, person(ZHANG), person(LI, "李四"), person(WANG, "王五"))


def key(name: str, year: int, scheme: int = 1, slot: int = 0) -> int:
    return yearly_key(
        year=year, person_id=Person.objects.get(name=name).pk, scheme=scheme, slot=slot
    )


def years_of_cover() -> list[tuple[Any, ...]]:
    """Every row of every year: year, name, scheme, slot, region, and what the file said."""
    rows = []
    for row in Enrollment.objects.select_related("person").order_by("id"):
        assert {row.standard, row.subsidy, row.payable, row.paid} == {Decimal(0)}
        slot = row.id // 10**10 % 10
        rows.append(
            (
                *(row.year, row.person.name, row.scheme, slot, row.region_id // 10**6),
                *(row.due_on, row.paid_on, row.months, row.repaired_years, row.repaired_on),
            )
        )
    return rows


def test_history_becomes_years_of_cover_without_money(known: None, send: Send) -> None:
    result = send(
        "history",
        HISTORY + ",repair_years,repair_paid_on",
        f"{ZHANG},2024,resident,340104,,,,",
        f"{ZHANG},2025,none,,,,,",
        f"{ZHANG},2026,居民,340104,2026-02-10,,1,2026-03-01",
        f"{LI},2025,职工,340104,,1-6,,",
        f"{LI},2025,employee,340202,,7-12,,",
        f"{LI},2025,resident,340202,2024-12-31,,,",
    )
    assert counted(result) == (6, 5, 0, 1, 0)
    assert years_of_cover() == [
        (2024, "张三", 1, 0, 340104, date(2023, 12, 31), None, 0, 0, None),
        (2025, "李四", 1, 0, 340202, date(2024, 12, 31), date(2024, 12, 31), 0, 0, None),
        (2025, "李四", 2, 0, 340104, None, None, 0b111111, 0, None),
        (2025, "李四", 2, 1, 340202, None, None, 0b111111000000, 0, None),
        (
            *(2026, "张三", 1, 0, 340104),
            *(date(2025, 12, 31), date(2026, 2, 10), 0, 1, date(2026, 3, 1)),
        ),
    ]


def test_a_year_of_history_counts_as_closed_and_activated(known: None, send: Send) -> None:
    send("history", HISTORY, f"{ZHANG},2024,resident,340104,,", f"{LI},2025,none,,,")
    runs = YearRun.objects.order_by("year").values_list(
        "year", "province", "mode", "from_history", "opened_on", "closed_on", "activated_on"
    )
    assert list(runs) == [
        (2024, 340000000000, "real", True, date(2023, 9, 1), date(2023, 12, 31), date(2024, 1, 1)),
        (2025, 340000000000, "real", True, date(2024, 9, 1), date(2024, 12, 31), date(2025, 1, 1)),
    ]


def test_history_twice_changes_nothing_and_a_correction_updates(known: None, send: Send) -> None:
    lines = [
        HISTORY,
        f"{ZHANG},2024,resident,340104,,",
        f"{LI},2025,employee,340104,,1-6",
        f"{LI},2025,employee,340202,,7-12",
        f"{WANG},2025,none,,,",
    ]
    assert counted(send("history", *lines)) == (4, 3, 0, 1, 0)
    before = years_of_cover()
    assert counted(send("history", *lines)) == (4, 0, 0, 4, 0)
    assert counted(send("history", lines[0], *reversed(lines[1:]))) == (4, 0, 0, 4, 0)
    assert years_of_cover() == before
    lines[3] = f"{LI},2025,employee,340202,,7-11"
    assert counted(send("history", *lines)) == (4, 0, 1, 3, 0)
    assert Enrollment.objects.get(pk=key("李四", 2025, 2, 1)).months == 0b011111000000


def test_a_further_area_takes_the_next_free_spell(known: None, send: Send) -> None:
    send("history", HISTORY, f"{LI},2025,employee,340202,,7-12")
    send("history", HISTORY, f"{LI},2025,employee,340104,,1-3", f"{LI},2025,employee,341000,,4-6")
    assert [row[3:5] for row in years_of_cover()] == [(0, 340202), (1, 340104), (2, 341000)]


def test_none_leaves_a_row_that_came_before(known: None, send: Send) -> None:
    send("history", HISTORY, f"{ZHANG},2024,resident,340104,,")
    assert counted(send("history", HISTORY, f"{ZHANG},2024,none,,,")) == (1, 0, 0, 1, 0)
    assert Enrollment.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        (f"{number(9)},2024,resident,340104,,", "id_number", "person_unknown"),
        ("x,2024,resident,340104,,", "id_number", "document_format"),
        (f"{ZHANG},24,resident,340104,,", "year", "year_format"),
        (f"{ZHANG},,resident,340104,,", "year", "required"),
        (f"{ZHANG},2024,商业,340104,,", "scheme", "not_a_word"),
        (f"{ZHANG},2024,resident,,,", "region", "required"),
        (f"{ZHANG},2024,resident,340199,,", "region", "region_unknown"),
        (f"{ZHANG},2024,resident,310101,,", "region", "region_unknown"),
        (f"{ZHANG},2024,resident,340000,,", "region", "region_unknown"),
        (f"{ZHANG},2024,resident,340104,2025-01-01,", "paid_on", "paid_outside_year"),
        (f"{ZHANG},2024,resident,340104,2022-12-31,", "paid_on", "paid_outside_year"),
        (f"{ZHANG},2024,resident,340104,,1-6", "months", "only_for_employees"),
        (f"{ZHANG},2024,employee,340104,,", "months", "months_required"),
        (f"{ZHANG},2024,employee,340104,,6-1", "months", "months_format"),
        (f"{ZHANG},2024,employee,340104,,1-13", "months", "months_format"),
        (f"{ZHANG},2027,resident,340104,,", "year", "year_was_run"),
    ],
)
def test_a_bad_line_of_history_is_refused(
    known: None, send: Send, line: str, column: str, problem: str
) -> None:
    cast.year(2027, closed=False)
    result = send("history", HISTORY, f"{LI},2024,resident,340104,,", line)
    assert counted(result) == (2, 1, 0, 0, 1)
    error = only_error(result)
    assert (error["line"], error["column"]) == (3, column)
    assert error["reason"].startswith(sentence(problem, column))


def test_a_person_has_one_resident_line_a_year(known: None, send: Send) -> None:
    result = send(
        "history",
        HISTORY,
        f"{ZHANG},2024,resident,340104,,",
        f"{ZHANG},2024,resident,340202,,",
        f"{ZHANG},2025,resident,340104,,",
        f"{LI},2024,employee,340104,,1-3",
        f"{LI},2024,employee,340104,,4-6",
    )
    assert counted(result) == (5, 3, 0, 0, 2)
    assert [error["line"] for error in result.errors] == [3, 6]


def test_more_areas_than_spells_are_refused(known: None, send: Send) -> None:
    from enrollment.models import Region

    counties = Region.objects.filter(level=3, code__lt=350000000000).values_list("pk", flat=True)
    lines = [f"{LI},2025,employee,{code},,1" for code in counties[:11]]
    result = send("history", HISTORY, *lines)
    assert counted(result) == (11, 10, 0, 0, 1)
    assert only_error(result)["line"] == 12


def test_a_rehearsed_year_takes_no_history(known: None, send: Send) -> None:
    YearRun.objects.create(year=2027, province_id=340000000000, mode=YearRun.Mode.REHEARSAL)
    result = send("history", HISTORY, f"{ZHANG},2027,resident,340104,,")
    assert counted(result) == (1, 0, 0, 0, 1)


def test_reasons_are_in_the_language_of_the_agency(send: Send) -> None:
    with translation.override("en"):
        result = send("people", PEOPLE, person(sex="X"))
    assert "无法识别" in only_error(result)["reason"]


def test_history_of_one_area(known: None, send: Send) -> None:
    lines = HISTORY, f"{ZHANG},2024,resident,340104,,", f"{LI},2024,resident,340202,,"
    result = send("history", *lines, area="340200")
    assert counted(result) == (2, 1, 0, 0, 1)
    assert only_error(result)["column"] == "region"


def test_who_died_before_the_year_was_over_ended_with_the_death(send: Send) -> None:
    send("people", PEOPLE, person(life_status="deceased", died_on="2025-06-30"))
    lines = [f"{ZHANG},{year},resident,340104,," for year in (2024, 2025)]
    send("history", HISTORY, *lines)
    assert ends() == [None, "2025-06-30"]
    assert counted(send("history", HISTORY, *lines)) == (2, 0, 0, 2, 0)


@pytest.mark.parametrize(
    ("lines", "scheme", "region"),
    [
        (["2025,resident,340202,,", "2026,resident,341002,,"], 1, 341002),
        (["2025,resident,340202,,", "2026,employee,341002,,1-12"], 2, 341002),
        (["2026,employee,341002,,1-6", "2026,employee,340202,,7-10"], 2, 340202),
        (["2026,employee,341002,,1-6"], 1, 341002),  # left the employee scheme in June
        (["2026,employee,341002,,1-6", "2026,resident,340202,2026-07-01,"], 1, 340202),
        (["2025,employee,341002,,1-12"], 1, 341002),  # nothing in the latest year
    ],
)
def test_history_says_where_and_how_a_person_is_insured_now(
    known: None, send: Send, lines: list[str], scheme: int, region: int
) -> None:
    send("history", HISTORY, f"{LI},2026,resident,340104,,", *(f"{ZHANG},{line}" for line in lines))
    whose = Person.objects.get(name="张三")
    assert (whose.scheme, whose.insured_region_id // 10**6) == (scheme, region)


def test_old_history_again_does_not_move_a_person(known: None, send: Send) -> None:
    lines = HISTORY, f"{ZHANG},2025,resident,340202,,", f"{ZHANG},2026,resident,340202,,"
    send("history", *lines)
    Person.objects.filter(name="张三").update(insured_region=341002000000)  # a transfer
    send("history", *lines)
    send("history", HISTORY, f"{ZHANG},2024,resident,340104,,")
    assert Person.objects.get(name="张三").insured_region_id == 341002000000


def test_late_history_is_a_change_of_the_years_that_were_run(known: None, send: Send) -> None:
    cast.year(2027, closed=False)
    send("history", HISTORY, f"{ZHANG},2025,resident,340104,,", f"{LI},2025,none,,,")
    assert ("history", 2027) in Change.objects.values_list("cause", "year")
    assert not Change.objects.filter(person__name="李四").exists()


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("1-6,9", 0b000100111111),
        ("1", 1),
        ("12", 0b100000000000),
        ("1-12", 0xFFF),
        ("01-03、05", 0b10111),
        ("1月至3月", 0b111),
        ("1, 3; 5", 0b10101),
        ("全年", 0xFFF),
    ],
)
def test_months_are_a_map_of_twelve_bits(text: str, bits: int) -> None:
    assert read_months(text) == bits


@pytest.mark.parametrize("text", ["0", "13", "1-", "6-1", "2026-01-06", "1--3", "Jan", "1,,2"])
def test_what_are_no_months_is_refused(text: str) -> None:
    with pytest.raises(LineRefused):
        read_months(text)


# Categories ---------------------------------------------------------------------------------------


def validities() -> list[tuple[Any, ...]]:
    return [
        (row.category, row.valid.lower, row.valid.upper, row.source)
        for row in PersonCategory.objects.order_by("pk")
    ]


def test_categories_keep_both_days_of_the_file(known: None, send: Send) -> None:
    result = send(
        "categories",
        CATEGORIES,
        f"{ZHANG},dibao,2026-01-01,2026-12-31,民政局",
        f"{LI},特困人员,2025/7/1,,civil_affairs",
        f"{LI},监测对象,2025-07-01,2025-07-01,乡村振兴",
        f"{WANG},刑满释放人员,2025-07-01,,人社局",
    )
    assert counted(result) == (4, 4, 0, 0, 0)
    assert validities() == [
        ("dibao", date(2026, 1, 1), date(2027, 1, 1), "civil_affairs"),
        ("extreme_poverty", date(2025, 7, 1), None, "civil_affairs"),
        ("monitored", date(2025, 7, 1), date(2025, 7, 2), "agriculture"),
        ("released_prisoner", date(2025, 7, 1), None, "人社局"),
    ]


@pytest.mark.parametrize(
    ("until", "upper"),
    [("长期", None), ("9999-12-31", None), ("2099/12/31", date(2100, 1, 1)), ("", None)],
)
def test_a_category_may_be_valid_for_long(
    known: None, send: Send, until: str, upper: date | None
) -> None:
    send("categories", CATEGORIES, f"{ZHANG},dibao,2026-01-01,{until},民政")
    assert validities()[0][2] == upper


def test_categories_again_change_nothing_and_an_end_closes_an_open_one(
    known: None, send: Send
) -> None:
    opened = f"{ZHANG},dibao,2026-01-01,,民政"
    closed = f"{ZHANG},dibao,2026-01-01,2026-06-30,民政"
    followed = f"{ZHANG},dibao,2026-07-01,,民政"
    assert counted(send("categories", CATEGORIES, opened)) == (1, 1, 0, 0, 0)
    assert counted(send("categories", CATEGORIES, opened)) == (1, 0, 0, 1, 0)
    assert counted(send("categories", CATEGORIES, followed, closed)) == (2, 1, 1, 0, 0)
    assert counted(send("categories", CATEGORIES, followed, closed)) == (2, 0, 0, 2, 0)
    assert [row[1:3] for row in validities()] == [
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), None),
    ]
    # the first file once more would open what was closed
    result = send("categories", CATEGORIES, opened)
    assert counted(result) == (1, 0, 0, 0, 1)
    assert "2026-01-01 ~ 2026-06-30" in only_error(result)["reason"]


@pytest.mark.parametrize(
    "line",
    [
        "dibao,2025-12-01,2026-01-01,民政",
        "dibao,2026-06-30,,民政",
        "dibao,2026-01-01,2026-12-31,民政",
        "dibao,2026-02-01,2026-02-02,民政",
    ],
)
def test_an_overlap_of_the_same_category_names_the_other_validity(
    known: None, send: Send, line: str
) -> None:
    send("categories", CATEGORIES, f"{ZHANG},dibao,2026-01-01,2026-06-30,民政")
    result = send("categories", CATEGORIES, f"{ZHANG},{line}", f"{LI},{line}")
    assert counted(result) == (2, 1, 0, 0, 1)
    assert only_error(result)["column"] == "valid_from"
    assert "2026-01-01 ~ 2026-06-30" in only_error(result)["reason"]


def test_overlaps_within_a_file_keep_the_first_line(known: None, send: Send) -> None:
    result = send(
        "categories",
        CATEGORIES,
        f"{ZHANG},dibao,2026-01-01,2026-06-30,民政",
        f"{ZHANG},dibao,2026-06-30,,民政",
        f"{ZHANG},monitored,2026-06-30,,民政",
        f"{ZHANG},dibao,2026-01-01,2026-06-30,民政",
    )
    assert counted(result) == (4, 2, 0, 0, 2)
    assert [error["line"] for error in result.errors] == [3, 5]


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        (f"{number(9)},dibao,2026-01-01,,民政", "id_number", "person_unknown"),
        (f"{ZHANG},富裕,2026-01-01,,民政", "category", "not_a_word"),
        (f"{ZHANG},dibao,,,民政", "valid_from", "required"),
        (f"{ZHANG},dibao,2026-01-01,2025-12-31,民政", "valid_to", "ends_before_it_begins"),
        (f"{ZHANG},dibao,2026-01-01,,", "source", "required"),
    ],
)
def test_a_bad_line_of_categories_is_refused(
    known: None, send: Send, line: str, column: str, problem: str
) -> None:
    result = send("categories", CATEGORIES, line)
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["column"] == column
    assert only_error(result)["reason"].startswith(sentence(problem, column))


def test_categories_of_one_area(known: None, send: Send) -> None:
    result = send("categories", CATEGORIES, f"{ZHANG},dibao,2026-01-01,,民政", area="340200")
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["column"] == "id_number"


# Remittance ---------------------------------------------------------------------------------------


def receipt(receipt_number: str = "T1", id_number: str = ZHANG, **cells: str) -> str:
    told = {
        "receipt_number": receipt_number,
        "id_number": id_number,
        "name": "张三",
        "year": "2027",
        "scheme": "居民",
        "amount": "400.00",
        "paid_at": "2026-11-20 09:30:15",
        "channel": "app",
        **cells,
    }
    return ",".join(told.values())


def test_receipts_come_once_and_wait_to_be_reconciled(known: None, send: Send) -> None:
    lines = (
        REMITTANCE,
        receipt(),
        receipt("T2", number(9), channel="微信", paid_at="20261121083000"),
    )
    assert counted(send("remittance", *lines)) == (2, 2, 0, 0, 0)
    assert counted(send("remittance", *lines)) == (2, 0, 0, 2, 0)
    first, second = Receipt.objects.order_by("pk")
    assert first.person is not None
    assert first.person.name == "张三"
    assert (first.amount, first.year, first.channel) == (Decimal(400), 2027, "app")
    assert first.paid_at.isoformat() == "2026-11-20T01:30:15+00:00"
    assert (first.outcome, first.bill_number, first.scheme) == ("", "", 1)
    assert (second.person, second.channel) == (None, "微信")


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"amount": "0"}, "amount", "amount_not_positive"),
        ({"amount": "-400.00"}, "amount", "amount_reversed"),
        ({"amount": "400.001"}, "amount", "amount_format"),
        ({"amount": "四百"}, "amount", "amount_format"),
        ({"paid_at": "昨天"}, "paid_at", "time_format"),
        ({"paid_at": "2026-11-20 25:00"}, "paid_at", "time_format"),
        ({"scheme": "none"}, "scheme", "not_a_word"),
        ({"receipt_number": ""}, "receipt_number", "required"),
    ],
)
def test_a_bad_receipt_is_refused(
    known: None, send: Send, cells: dict[str, str], column: str, problem: str
) -> None:
    result = send("remittance", REMITTANCE, receipt(**cells))
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["column"] == column
    assert only_error(result)["reason"].startswith(sentence(problem, column))


def test_a_receipt_number_is_never_used_for_another_payment(known: None, send: Send) -> None:
    send("remittance", REMITTANCE, receipt())
    lines = [receipt(amount="500"), receipt("T3"), receipt("T3", LI)]
    result = send("remittance", REMITTANCE, *lines)
    assert counted(result) == (3, 1, 0, 0, 2)
    assert {error["column"] for error in result.errors} == {"receipt_number"}
    assert result.errors[0]["line"] == 2
    assert sum(Receipt.objects.values_list("amount", flat=True)) == 800


def test_receipts_lie_by_day_and_person_and_those_of_a_person_as_their_lines(
    known: None, send: Send
) -> None:
    zhang, li = (Person.objects.get(id_digest=digest(each)).pk for each in (ZHANG, LI))
    days = {"T1": 21, "T2": 20, "T3": 20, "T4": 20, "T5": 21, "T6": 20}
    who = {"T1": LI, "T2": LI, "T3": ZHANG, "T4": LI, "T5": ZHANG, "T6": ZHANG}
    lines = [receipt(each, who[each], paid_at=f"2026-11-{days[each]} 09:30:15") for each in days]
    assert counted(send("remittance", REMITTANCE, *lines)) == (6, 6, 0, 0, 0)
    by_day = {20: {zhang: ["T3", "T6"], li: ["T2", "T4"]}, 21: {zhang: ["T5"], li: ["T1"]}}
    lie = [each for day in (20, 21) for whom in sorted((zhang, li)) for each in by_day[day][whom]]
    assert list(Receipt.objects.order_by("pk").values_list("receipt_number", flat=True)) == lie


def test_receipts_of_one_area(known: None, send: Send) -> None:
    lines = [receipt(), receipt("T2", number(9))]
    assert counted(send("remittance", REMITTANCE, *lines, area="340100")) == (2, 2, 0, 0, 0)
    where = dict(Receipt.objects.values_list("receipt_number", "region"))
    assert where == {"T1": cast.SHUSHAN, "T2": 340100000000}
    # of a payer without a file what suggestions compare, of others nothing
    kept = Receipt.objects.order_by("pk").values_list("id_digest", "id_mask", "born")
    stranger = (digest(number(9)), mask_identity(number(9)), date(1972, 5, 4))
    assert list(kept) == [(None, "", None), stranger]
    assert counted(send("remittance", REMITTANCE, receipt("T4"), area="340200")) == (1, 0, 0, 0, 1)


# Workbooks ----------------------------------------------------------------------------------------


def workbook(path: Path, rows: Sequence[Sequence[Any]], **sheets: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in sheets.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_dates_and_numbers(anhui: None, tmp_path: Path) -> None:
    cells: list[Any] = ["居民身份证", ZHANG, "张三", "男", date(1972, 5, 4), 340104, 340104]
    path = workbook(
        tmp_path / "people.xlsx",
        [
            PEOPLE_ZH.split(","),
            [*cells, 13900000001, "正常", None],
            [None] * 10,
            ["身份证", LI, "李四", "女", 26423, "340104", "340104", "", "正常", ""],
        ],
    )
    result = receive_file(kind="people", path=path)
    assert counted(result) == (2, 2, 0, 0, 0)
    assert {row.birth_date for row in Person.objects.all()} == {date(1972, 5, 4)}
    assert counted(receive_file(kind="people", path=path)) == (2, 0, 0, 2, 0)
    sealed = Person.objects.order_by("pk").first()
    assert sealed is not None
    assert sealed.phone_sealed is not None
    assert unseal(bytes(sealed.phone_sealed)) == "13900000001"


def test_a_number_that_excel_rounded_is_refused_with_its_cell(anhui: None, tmp_path: Path) -> None:
    row = person().split(",")
    path = workbook(
        tmp_path / "p.xlsx", [PEOPLE.split(","), [row[0], int(ZHANG[:17] + "5"), *row[2:]]]
    )
    result = receive_file(kind="people", path=path)
    error = only_error(result)
    assert (error["line"], error["column"]) == (2, "id_number")
    assert "Excel" in error["reason"]
    assert not Person.objects.exists()


def test_line_numbers_of_a_workbook_are_its_rows(anhui: None, tmp_path: Path) -> None:
    rows = [PEOPLE.split(","), [], person().split(","), [], person(LI, sex="X").split(",")]
    result = receive_file(kind="people", path=workbook(tmp_path / "p.xlsx", rows))
    assert only_error(result)["line"] == 5


def test_merged_header_cells_are_refused(anhui: None, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(PEOPLE.split(","))
    book.active.append(person().split(","))
    book.active.merge_cells("C1:D1")
    book.save(tmp_path / "p.xlsx")
    refused = refusal(tmp_path / "p.xlsx")
    assert (refused.name, refused.column) == ("merged_header", "C")


def test_two_sheets_with_data_are_refused(anhui: None, tmp_path: Path) -> None:
    rows = [PEOPLE.split(","), person().split(",")]
    path = workbook(tmp_path / "p.xlsx", rows, empty=[])
    assert counted(receive_file(kind="people", path=path, dry_run=True))[1] == 1
    refused = refusal(workbook(tmp_path / "q.xlsx", rows, more=rows))
    assert refused.name == "several_sheets"
    assert "more" in refused.reason


# Hostile files ------------------------------------------------------------------------------------

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    "{}</sheetData></worksheet>"
)


def rebuilt(source: Path, changes: dict[str, bytes | int | None]) -> Path:
    """A workbook with some parts replaced, added or, where None, left out.

    A number stands for that many megabytes of blanks.
    """
    target = source.with_name("hostile.xlsx")
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part not in changes:
                new.writestr(part, old.read(part))
        for part, content in changes.items():
            if isinstance(content, int):
                with new.open(part, "w") as stream:
                    for _ in range(content):
                        stream.write(b" " * (1 << 20))
            elif content is not None:
                new.writestr(part, content)
    return target


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    return workbook(tmp_path / "p.xlsx", [PEOPLE.split(","), person().split(",")])


FIRST_SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({FIRST_SHEET: 200}, "archive_too_large"),
        ({"xl/media/a.bin": 8}, "archive_too_large"),
        ({"xl/vbaProject.bin": b"macro"}, "macros"),
        ({"xl/embeddings/inner.xlsx": b"PK\x03\x04"}, "macros"),
        ({"xl/media/inner.dat": b"PK\x03\x04 and more"}, "nested_archive"),
        (
            {FIRST_SHEET: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'},
            "xml_entities",
        ),
        (
            {FIRST_SHEET: SHEET.format('<row r="1"><c r="XFD1"><v>1</v></c></row>').encode()},
            "too_many_cells",
        ),
        (
            {FIRST_SHEET: SHEET.format('<row r="1048576"><c r="Z1048576"/></row>').encode()},
            "too_many_cells",
        ),
        ({FIRST_SHEET: SHEET.format("<row><c/></row>" * 9).encode()}, "not_a_workbook"),
        ({FIRST_SHEET: SHEET.format("<c r" + " " * 400 + '="XFD1"/>').encode()}, "not_a_workbook"),
        (
            {"xl/sharedStrings.xml": SHEET.format('<row r="1"><c r="XFD1"/></row>').encode()},
            "too_many_cells",
        ),
        ({f"xl/p{n}.xml": b"" for n in range(600)}, "too_many_parts"),
        ({"xl/workbook.xml": None}, "not_a_workbook"),
        ({"xl/workbook.xml": b"<broken"}, "not_a_workbook"),
    ],
)
def test_a_hostile_workbook_is_refused_by_name_at_once(
    anhui: None, honest: Path, changes: dict[str, bytes | int | None], error: str
) -> None:
    path = rebuilt(honest, changes)
    began = time.process_time()
    refused = refusal(path)
    assert refused.name == error
    assert time.process_time() - began < 2


def test_a_workbook_that_is_too_large_unpacked_is_refused(
    anhui: None, honest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED_BYTES", 1 << 20)
    refused = refusal(rebuilt(honest, {"xl/media/a.bin": 2}))
    assert refused.name == "archive_too_large"
    assert "xl/media/a.bin" in refused.reason


def test_an_archive_that_lies_about_its_size_is_refused(anhui: None, honest: Path) -> None:
    path = rebuilt(honest, {FIRST_SHEET: b"<a>" + b"x" * 5_000_000})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(FIRST_SHEET.encode()))
    content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    assert refusal(path).name == "archive_lies"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("people.xlsx", b"id_type,id_number\n", "wrong_extension"),
        ("people.csv", b"PK\x03\x04rest", "wrong_extension"),
        ("people.pdf", b"%PDF-1.7", "wrong_extension"),
        ("people.csv", b"%PDF-1.7", "wrong_extension"),
        ("people.csv", b"\x1f\x8b\x08", "wrong_extension"),
        ("people.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"rest", "old_workbook"),
        ("people.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"rest", "old_workbook"),
        ("people.xlsm", b"PK\x03\x04rest", "macros"),
        ("people.xlsx", b"PK\x03\x04rest", "not_a_workbook"),
        ("people.csv", b"", "empty_file"),
        ("people.csv", b"x" * (3 << 20), "line_too_long"),
    ],
)
def test_what_is_no_table_is_refused_by_name(
    anhui: None, tmp_path: Path, name: str, content: bytes, error: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path).name == error


def test_a_file_of_gigabytes_is_refused_before_it_is_read(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    began = time.monotonic()
    assert refusal(path).name == "too_large"
    assert time.monotonic() - began < 2


def test_an_upload_is_judged_by_the_name_it_was_sent_under(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "f3a9"
    path.write_text(PEOPLE + "\n" + person() + "\n")
    assert refusal(path, file_name="people.xlsx").name == "wrong_extension"
    user = cast.officer("Maker", "liu", "刘婷")
    result = receive_file(kind="people", path=path, file_name="people.csv", user=user)
    source = Import.objects.get(pk=result.import_id)
    assert (source.file_name, source.sent_by) == ("people.csv", user)


def test_lines_are_read_again_and_never_held(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    table, digest_ = open_table(path, file_name="f.csv")
    assert [line.number for line in table.lines()] == [2, 3]
    assert [line.cells for line in table.lines()] == [["1", "2"], ["3", "4"]]
    assert len(digest_) == 64
    assert isinstance(table, formats.CsvTable)


def test_lines_with_broken_quotes_are_told_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,"x"y\n2,ok\n\n"3\n",z\n4,"p"q\n5,5\n')
    table, _ = open_table(path, file_name="f.csv")
    assert [(line.number, line.problem, line.cells) for line in table.lines()] == [
        (2, "quotes", ['1,"x"y']),
        (3, "", ["2", "ok"]),
        (5, "line_break", ["3\n", "z"]),
        (7, "quotes", ['4,"p"q']),
        (8, "", ["5", "5"]),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.49900199001011e17, "3.49900199001011E+17"),
        (13900000001.0, "13900000001"),
        (367.5, "367.5"),
        (True, "TRUE"),
        (None, ""),
    ],
)
def test_cells_of_a_workbook_as_text(cell: Any, text: str) -> None:
    assert workbooks.text_of(cell) == text


# The command --------------------------------------------------------------------------------------


def command(*words: str) -> dict[str, Any]:
    """The last line that a command prints."""
    out = io.StringIO()
    call_command(*words, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return answer


def test_the_command_answers_in_json(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{PEOPLE}\n{person()}\n{person(LI, sex='X')}\n")
    answer = command("import_file", "people", str(path))
    reason = answer["errors"][0].pop("reason")
    assert "X" in reason
    assert answer == {
        "import": Import.objects.get().pk,
        "kind": "people",
        "read": 2,
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "errors": [{"line": 3, "column": "sex"}],
    }


def test_the_command_refuses_with_a_name_and_a_column(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{PEOPLE_ZH},备注\n{person()},\n")
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_file", "people", str(path), "--json", stdout=out)
    assert caught.value.returncode == 1
    answer = json.loads(out.getvalue())
    assert (answer["error"], answer["column"]) == ("unknown_column", "备注")
    assert "备注" in answer["reason"]


def test_the_command_tells_a_reader_what_happened(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    bad = "".join(person(number(100 + n), sex="X") + "\n" for n in range(120))
    path.write_text(f"{PEOPLE}\n{person()}\n{bad}")
    out = io.StringIO()
    call_command("import_file", "people", str(path), stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 103
    assert "121" in lines[0]
    assert "20" in lines[-2]
    out = io.StringIO()
    call_command("import_file", "people", str(path), "--dry-run", stdout=out)
    assert len(out.getvalue().splitlines()) == 103


def test_a_file_that_is_not_there_is_refused(anhui: None, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        receive_file(kind="people", path=tmp_path / "nothing.csv")
    assert caught.value.name == "file_not_found"
    with pytest.raises(ImportRefused) as caught:
        receive_file(kind="pets", path=tmp_path / "nothing.csv")
    assert caught.value.name == "unknown_kind"


def test_every_reason_has_its_chinese() -> None:
    with translation.override("zh-hans"):
        for name, sentence_ in {**REFUSALS, **PROBLEMS}.items():
            assert any("\u4e00" <= character <= "\u9fff" for character in str(sentence_)), name
    with pytest.raises(FileRefused, match=r"."):
        raise FileRefused("empty_file")
