"""Answers about the unpaid and uninsured: what a file may say, and what it never changes."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    GridWorker,
    History,
    Import,
    Person,
    PolicyParameter,
    Push,
    ScreenExport,
    User,
)
from enrollment.selectors import chase
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.scope import set_scope
from enrollment.services import push_lists
from enrollment.services.exports import ExportRefused, export_file
from enrollment.services.grid_workers import keep_grid_worker
from enrollment.services.imports import ImportResult, receive_file
from enrollment.services.screen_exports import ExportWithoutReason
from tests import cast, turning
from tests.turning import BENGBU, HEFEI, WUHU, YEAR, someone, turn, turn_until

TODAY = date(2026, 10, 25)
HEADER = "批次,证件号码,反馈结果,反馈日期,备注"

Send = Callable[..., ImportResult]


@pytest.fixture(scope="module")
def pushed(for_the_module: pytest.MonkeyPatch) -> None:
    """张三 in 蜀山, 李四 registered in 蚌埠 and living in 芜湖, both unpaid and pushed."""
    turning.province(for_the_module)
    someone("张三")
    someone("李四", household_region=BENGBU, residence_region=WUHU, region=WUHU)
    turn_until("chase")
    turn("chase")


@pytest.fixture(autouse=True)
def today(pushed: None, db: None) -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """Write a file and have it taken."""

    def send(*lines: str, header: str = HEADER, **options: Any) -> ImportResult:
        path = tmp_path / "results.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return receive_file(kind="chase_results", path=path, **options)

    return send


def number(name: str) -> str:
    return Person.objects.get(name=name).identity_number


def answers() -> list[tuple[Any, ...]]:
    """Every item in order: name, list, result, day, note."""
    rows = Push.objects.order_by("person", "region")
    return list(rows.values_list("name", "region", "result", "told_on", "note"))


def counted(result: ImportResult) -> tuple[int, int, int, int]:
    """Inserted, updated, unchanged, rejected."""
    return result.inserted, result.updated, result.unchanged, result.rejected


def officer(role: str = "Maker", region: int = cast.ANHUI) -> User:
    """Somebody with one duty, the same one whenever asked for."""
    known = User.objects.filter(username=f"{role}-{region}".lower().replace(" ", "-")).first()
    return known or cast.officer(
        role, f"{role}-{region}".lower().replace(" ", "-"), "刘婷", region=region
    )


# What a line says ---------------------------------------------------------------------------------


def test_an_answer_is_written_on_every_list_of_the_person(send: Send) -> None:
    result = send(
        f"2027-1,{number('张三')},拒绝参保,2026-10-20,不愿意",
        f"2027-1,{number('李四')},will_pay,2026-10-21,",
    )

    assert counted(result) == (2, 0, 0, 0)
    assert answers() == [
        ("张三", HEFEI, "refuses", date(2026, 10, 20), "不愿意"),
        ("李四", WUHU, "will_pay", date(2026, 10, 21), ""),
        ("李四", BENGBU, "will_pay", date(2026, 10, 21), ""),
    ]
    assert set(Push.objects.values_list("told_by", flat=True)) == {Import.objects.get().pk}


def test_a_file_of_an_area_answers_on_its_own_lists(send: Send) -> None:
    result = send(f"2027-1,{number('李四')},无法联系,2026-10-20,", area="340300")

    assert counted(result) == (1, 0, 0, 0)
    assert {row[1]: row[2] for row in answers()} == {HEFEI: "", WUHU: "", BENGBU: "unreachable"}


def test_the_same_file_twice_changes_nothing_and_a_later_one_corrects(send: Send) -> None:
    line = f"2027-1,{number('张三')},拒绝参保,2026-10-20,"
    send(line)

    assert counted(send(line)) == (0, 0, 1, 0)
    assert counted(send(f"2027-1,{number('张三')},愿意缴费,2026-10-23,")) == (0, 1, 0, 0)
    assert answers()[0][2:] == ("will_pay", date(2026, 10, 23), "")


def test_an_item_is_answered_by_its_number_with_the_masked_number_beside(send: Send) -> None:
    item = Push.objects.get(name="李四", region=WUHU)
    header = "批次,编号,证件号码,反馈结果,反馈日期"

    result = send(f"2027-1,{item.pk},{item.id_mask},已死亡,2026-10-20", header=header)

    assert counted(result) == (1, 0, 0, 0)
    assert {row[1]: row[2] for row in answers()} == {HEFEI: "", WUHU: "deceased", BENGBU: ""}
    assert Person.objects.get(name="李四").died_on is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2027-9,{zhang},拒绝参保,2026-10-20,", "没有 2027-9 这个批次"),
        ("2027,{zhang},拒绝参保,2026-10-20,", "批次：“2027”不是批次"),
        ("2027-1,34990019720504001X,拒绝参保,2026-10-20,", "校验"),
        ("2027-1,E12345678,拒绝参保,2026-10-20,", "该证件号码没有档案"),
        ("2027-1,{zhang},不知道,2026-10-20,", "不知道"),
        ("2027-1,{zhang},拒绝参保,2026-10-14,", "早于"),
        ("2027-1,{zhang},拒绝参保,2026-10-26,", "2026-10-26"),
        ("2027-1,{zhang},拒绝参保,,", "为空"),
        ("2027-1,,拒绝参保,2026-10-20,", "为空"),
    ],
)
def test_a_line_is_refused_by_name(send: Send, line: str, reason: str) -> None:
    result = send(line.format(zhang=number("张三")))

    assert counted(result) == (0, 0, 0, 1)
    assert reason in result.errors[0]["reason"]
    assert {row[2] for row in answers()} == {""}


def test_who_is_on_no_list_of_the_round_is_refused(send: Send) -> None:
    someone("王五")
    result = send(
        f"2027-1,{number('王五')},拒绝参保,2026-10-20,",
        f"2027-1,{number('张三')},拒绝参保,2026-10-20,",
        area="340200",
    )
    assert counted(result) == (0, 0, 0, 2)
    assert {error["reason"] for error in result.errors} == {
        "该批次在本次导入区域的名单中没有此人。"
    }


def test_an_item_with_the_number_of_somebody_else_is_refused(send: Send) -> None:
    item = Push.objects.get(name="张三")
    header = "批次,编号,证件号码,反馈结果,反馈日期"
    result = send(f"2027-1,{item.pk},{number('李四')},已死亡,2026-10-20", header=header)
    assert (counted(result), result.errors[0]["column"]) == ((0, 0, 0, 1), "证件号码")


def test_a_second_answer_in_one_file_is_refused_and_names_the_first(send: Send) -> None:
    line = f"2027-1,{number('张三')},"
    result = send(f"{line}拒绝参保,2026-10-20,", f"{line}愿意缴费,2026-10-21,")
    assert counted(result) == (1, 0, 0, 1)
    assert "2" in result.errors[0]["reason"]


def test_a_line_without_an_answer_leaves_the_item_as_it_is(send: Send) -> None:
    assert counted(send(f"2027-1,{number('张三')},,,")) == (0, 0, 1, 0)


def test_a_result_that_is_not_in_use_is_refused(send: Send) -> None:
    PolicyParameter.objects.filter(code="chase.results").delete()
    PolicyParameter.objects.create(
        code="chase.results",
        area_id=cast.ANHUI,
        scheme=PolicyParameter.Scheme.RESIDENT,
        valid=DateRange(date(2026, 1, 1), None),
        unit="codes",
        value=["will_pay"],
        status="unverified",
    )
    result = send(f"2027-1,{number('张三')},拒绝参保,2026-10-20,")
    assert counted(result) == (0, 0, 0, 1)
    assert "拒绝参保" in result.errors[0]["reason"]


def test_a_corrected_answer_leaves_its_history(send: Send) -> None:
    send(f"2027-1,{number('张三')},拒绝参保,2026-10-20,")
    send(f"2027-1,{number('张三')},愿意缴费,2026-10-23,")

    kept = History.objects.filter(table_name="push").order_by("pk")

    assert [(row.person.name, row.changed["result"]) for row in kept if row.person] == [
        ("张三", ["", "refuses"]), ("张三", ["refuses", "will_pay"]),
    ]  # fmt: skip


# What is followed up ------------------------------------------------------------------------------


def followed(area: int = cast.ANHUI) -> list[tuple[str, int, str]]:
    user = officer("Supervisor")
    set_scope(user)
    wanted = chase.Wanted(year=YEAR, area=area, answers=tuple(chase.FOLLOWED_BY))
    found = chase.lines_of(user, wanted, TODAY)
    return [(line.push.name, line.push.region, line.push.result) for line in found]


def test_a_reported_fact_waits_to_be_followed_up_until_the_register_says_so(send: Send) -> None:
    send(
        f"2027-1,{number('张三')},已死亡,2026-10-20,",
        f"2027-1,{number('李四')},拒绝参保,2026-10-20,",
    )
    assert Person.objects.get(name="张三").died_on is None
    assert followed() == [("张三", HEFEI, "deceased")]

    Person.objects.filter(name="张三").update(died_on=date(2026, 10, 19))

    assert followed() == []


def test_every_reported_fact_names_a_case_that_exists_or_a_list() -> None:
    from enrollment.declarations import case_kinds

    assert {name for name in chase.FOLLOWED_BY.values() if name} <= set(case_kinds.items)


# Out to the field and back ------------------------------------------------------------------------


def taken(user: User, area: int, **options: Any) -> push_lists.GivenFile:
    set_scope(user)
    wanted = chase.Wanted(year=YEAR, area=area, pushed=chase.rounds_of(YEAR)[0])
    told: dict[str, Any] = {"reason": "入户核查", "form": "csv", "with_numbers": False} | options
    return push_lists.export_pushes(user=user, wanted=wanted, on=TODAY, **told)


def rows_of(given: push_lists.GivenFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))


def test_the_sheet_is_masked_and_comes_back_as_it_was_filled_in(send: Send, tmp_path: Path) -> None:
    user = officer()
    keep_grid_worker(
        user=user, region=340104003000, name="陈网格", contact="13900000001", first=TODAY, last=None
    )
    given = taken(user, cast.HEFEI)
    (row,) = rows_of(given)
    assert (row["姓名"], row["证件号码"], row["手机号"]) == (
        "张三", Push.objects.get(name="张三").id_mask, "",
    )  # fmt: skip
    assert row["欠缴金额"] == "420.00"
    assert row["出处"].startswith(user.username)
    record = ScreenExport.objects.get()
    assert (record.kind, record.rows, record.reason) == ("pushes", 1, "入户核查")

    row |= {"反馈结果": "缴费困难", "反馈日期": "2026-10-22"}
    path = tmp_path / "back.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
    result = receive_file(kind="chase_results", path=path)

    assert counted(result) == (1, 0, 0, 0)
    assert answers()[0][2] == "cannot_afford"


def test_a_workbook_has_the_same_lines_as_text() -> None:
    given = taken(officer(), cast.ANHUI, form="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(given.content)).active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows[0] == push_lists.HEADER
    assert [row[2] for row in rows[1:]] == ["张三", "李四", "李四"]
    assert given.name.startswith(f"push-{YEAR}-1-{cast.ANHUI}-")


def test_full_numbers_are_those_of_files_that_the_user_may_see() -> None:
    """李四 is on the list of 蚌埠 and insured in 芜湖: the list tells no number there."""
    (row,) = rows_of(taken(officer("Supervisor", BENGBU), BENGBU, with_numbers=True))
    assert row["证件号码"] == Push.objects.filter(name="李四")[0].id_mask
    first, *_others = rows_of(taken(officer("Supervisor"), cast.ANHUI, with_numbers=True))
    assert first["证件号码"] == number("张三")
    assert set(ScreenExport.objects.values_list("kind", flat=True)) == {"push_numbers"}


def test_a_file_needs_a_reason_people_and_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    user = officer()
    for nothing in (" ", "\0"):
        with pytest.raises(ExportWithoutReason):
            taken(user, cast.ANHUI, reason=nothing)
    with pytest.raises(push_lists.ListIsEmpty):
        taken(user, 341100000000)
    monkeypatch.setattr(push_lists, "MOST", 2)
    with pytest.raises(push_lists.ListTooLong, match="2"):
        taken(user, cast.ANHUI)
    assert not ScreenExport.objects.exists()


def test_the_command_gives_the_latest_round_with_full_numbers(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"

    assert export_file(kind="push_list", path=path, year=YEAR) == 3

    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [(row["round"], row["id_number"], row["region"], row["side"]) for row in rows] == [
        ("2027-1", number("张三"), str(HEFEI), "one"),
        ("2027-1", number("李四"), str(WUHU), "residence"),
        ("2027-1", number("李四"), str(BENGBU), "household"),
    ]
    assert export_file(kind="push_list", path=path, year=YEAR, area="340200") == 1
    with pytest.raises(ExportRefused, match="2026"):
        export_file(kind="push_list", path=path, year=2026)


def test_a_village_is_its_own_workers_else_its_townships() -> None:
    user = officer()
    village, township = 340104003201, 340104003000
    for region, name in ((village, "村里"), (township, "镇上")):
        keep_grid_worker(
            user=user, region=region, name=name, contact="", first=date(2026, 9, 1), last=None
        )
    workers = chase.workers_on([village, 340104003202, HEFEI], TODAY)
    assert [
        worker.name if (worker := chase.worker_of(region, workers)) else None
        for region in (village, 340104003202, HEFEI)
    ] == ["村里", "镇上", None]
    assert GridWorker.objects.count() == 2
