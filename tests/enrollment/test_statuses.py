"""The table of a pasted list: each line its answer, and no file taken without a record."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from enrollment.models import Person, ScreenExport, User
from enrollment.rules.identity import check_character
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.statuses import LINES, read_numbers, statuses_of
from tests import cast, turning
from tests.screens import FULL_NUMBER, assert_counts_nothing, logged_in, queries_of, text_of

AUTUMN = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Anhui with its law, 2026 by history, 2027 open; texts compared here are Chinese."""
    turning.province(monkeypatch)
    cast.year(2027, closed=False)
    with translation.override("zh-hans"), business_date_is(AUTUMN):
        yield


@pytest.fixture
def maker() -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def desk(maker: User) -> Client:
    return logged_in(maker)


@pytest.fixture
def zhang_san() -> Person:
    person = turning.someone("张三", "dibao")
    turning.insured(person)
    cast.bill(person, 2027)
    return person


def paste(client: Client, *numbers: str) -> Any:
    return client.post(reverse("admin:statuses"), {"numbers": "\n".join(numbers)})


def wrong_check(number: str) -> str:
    return number[:17] + ("1" if number[17] != "1" else "2")


# Reading the list ---------------------------------------------------------------------------------


def test_every_line_has_its_own_answer(zhang_san: Person) -> None:
    number = zhang_san.identity_number
    nobody = f"34990019720504{'987'}"
    lines = read_numbers(
        "\n".join(
            [
                number,
                "",
                number.lower(),
                nobody + check_character(nobody),
                wrong_check(number),
                "349900197213040014",
                "3499001972",
                "张三",
            ]
        )
    )
    assert [(each.line, each.outcome) for each in lines] == [
        (1, "found"),
        (3, "twice"),
        (4, "not_found"),
        (5, "check_character"),
        (6, "birth_date"),
        (7, "format"),
        (8, "format"),
    ]
    assert lines[0].person_id == zhang_san.pk


@pytest.mark.parametrize(
    "written", ["'{}", "{}\t张三\t男", "{},张三", " {} ", "＇{}", "{}，张三"], ids=str
)
def test_a_number_is_read_as_a_spreadsheet_gives_it(zhang_san: Person, written: str) -> None:
    (line,) = read_numbers(written.format(zhang_san.identity_number))
    assert line.person_id == zhang_san.pk


def test_an_old_number_is_the_same_person_as_the_new_one(zhang_san: Person) -> None:
    new = zhang_san.identity_number
    first, second = read_numbers(f"{new}\n{new[:6]}{new[8:17]}")
    assert (first.outcome, second.outcome) == ("found", "twice")


def test_a_line_says_how_both_years_stand(zhang_san: Person) -> None:
    (row,) = statuses_of(read_numbers(zhang_san.identity_number), AUTUMN)
    assert row.present is not None
    assert row.coming is not None
    assert (row.present.code, row.coming.code) == ("covered", "unpaid")
    assert row.next_year is not None
    assert row.next_year.row.payable == 400


def test_a_thousand_lines_take_as_many_queries_as_three() -> None:
    people = [turning.someone(f"张{at}") for at in range(40)]
    numbers = [person.identity_number for person in people]

    def asked(count: int) -> list[str]:
        return queries_of(lambda: statuses_of(read_numbers("\n".join(numbers[:count])), AUTUMN))

    assert len(asked(40)) == len(asked(3)) == 4
    assert_counts_nothing(asked(40))


# The page -----------------------------------------------------------------------------------------


def test_the_page_shows_no_number_in_full(desk: Client, zhang_san: Person) -> None:
    answer = paste(desk, zhang_san.identity_number, wrong_check(zhang_san.identity_number))
    shown = text_of(answer)
    assert zhang_san.id_mask in shown
    assert "校验码有误" in shown
    assert "待遇享受中" in shown
    assert not FULL_NUMBER.search(answer.content.decode())


def test_more_than_a_thousand_lines_are_refused_at_the_field(desk: Client) -> None:
    shown = text_of(paste(desk, *["340101199001011234"] * (LINES + 1)))
    assert "共 1001 个号码" in shown


def test_nothing_pasted_is_refused_at_the_field(desk: Client) -> None:
    assert "至少粘贴一个" in text_of(paste(desk, " "))


def test_who_may_not_see_people_has_no_table() -> None:
    fund_officer = logged_in(cast.officer("Fund officer", "zhao", "赵文清"))
    assert paste(fund_officer, "340101199001011234").status_code == 403


# The file -----------------------------------------------------------------------------------------


def take(client: Client, page: Any, reason: str = "乡镇核对") -> Any:
    sealed = page.context["sealed"]
    address = reverse("admin:export_statuses")
    return client.post(address, {"lines": sealed, "reason": reason})


def test_a_file_is_masked_recorded_and_says_who_took_it(
    desk: Client, maker: User, zhang_san: Person
) -> None:
    answer = take(desk, paste(desk, zhang_san.identity_number, "349900197205040010"))
    content = answer.content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["行", "证件号码", "结果"]
    assert rows[1][:6] == ["1", zhang_san.id_mask, "找到", "张三", "合肥市蜀山区", "待遇享受中"]
    assert rows[2][2] in {"校验码有误", "辖区内无档案"}
    assert "刘婷" in rows[-1][0]
    assert "乡镇核对" in rows[-1][0]
    assert not FULL_NUMBER.search(content.decode())
    record = ScreenExport.objects.get()
    assert (record.user, record.reason, record.rows) == (maker, "乡镇核对", 2)
    assert record.digest == hashlib.sha256(content).hexdigest()
    assert str(record.pk) in answer.headers["Content-Disposition"]


def test_a_name_that_a_spreadsheet_would_compute_is_text_in_the_file(desk: Client) -> None:
    person = turning.someone("=1+1")
    content = take(desk, paste(desk, person.identity_number), "=2+2").content.decode("utf-8-sig")
    assert "'=1+1" in content
    assert ",=1+1" not in content


def test_a_file_without_a_reason_is_refused_and_nothing_is_recorded(
    desk: Client, zhang_san: Person
) -> None:
    answer = take(desk, paste(desk, zhang_san.identity_number), "  ")
    assert "请填写导出用途" in text_of(answer)
    assert not ScreenExport.objects.exists()


def test_a_list_of_somebody_else_or_a_crafted_one_is_not_taken(
    desk: Client, zhang_san: Person
) -> None:
    other = logged_in(cast.officer("Maker", "li", "李静"))
    page = paste(desk, zhang_san.identity_number)
    assert "超过一小时" in text_of(take(other, page))
    address = reverse("admin:export_statuses")
    shown = desk.post(address, {"lines": f"[[1,'x','found',{zhang_san.pk}]]", "reason": "x"})
    assert "超过一小时" in text_of(shown)
    assert not ScreenExport.objects.exists()


def test_who_checks_looks_up_and_takes_no_file(zhang_san: Person) -> None:
    checker = logged_in(cast.officer("Checker", "zhang", "张敏"))
    page = paste(checker, zhang_san.identity_number)
    assert "导出 CSV" not in text_of(page)
    assert take(checker, page).status_code == 403


def test_the_record_of_a_file_is_never_edited(desk: Client, zhang_san: Person) -> None:
    take(desk, paste(desk, zhang_san.identity_number))
    for act in (
        lambda: ScreenExport.objects.update(reason="anything"),
        ScreenExport.objects.all().delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    auditor = logged_in(cast.officer("Auditor", "zhou", "周明"))
    assert "乡镇核对" in text_of(auditor.get(reverse("admin:enrollment_screenexport_changelist")))
