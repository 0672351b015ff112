"""Claims that come in: what is read, what is refused, what a year used, what is assessed again."""

import csv
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from benefits.models import Claim, ClaimUse
from enrollment.declarations import checks
from enrollment.models import Change, Import, ImportReject, Person, YearRun, YearStep
from enrollment.rules.keys import yearly_key
from enrollment.selectors.calendar import business_date_is
from enrollment.services.exports import export_file
from enrollment.services.imports import ImportRefused, ImportResult, receive_file
from tests import cast
from tests.enrollment.test_imports import LI, WANG, ZHANG, counted, only_error
from tests.enrollment.test_imports import number as number_of
from tests.roles import as_role

TODAY = date(2026, 11, 20)
HEADER = (
    "claim_number,id_number,settled_on,kind,provider,total,in_policy,fund_paid,"
    "major_illness_paid,assistance_paid"
)
HEADER_ZH = "结算号,证件号码,结算日期,类型,定点机构,总费用,政策范围内,基金支付,大病支付,救助支付"

Send = Callable[..., ImportResult]


def claim(claim_number: str = "J1", id_number: str = ZHANG, **cells: str) -> str:
    """A line of a claims file: an outpatient bill of 100 yuan, of which the fund paid 50."""
    told = {
        "claim_number": claim_number,
        "id_number": id_number,
        "settled_on": "2026-03-05",
        "kind": "outpatient",
        "provider": "合肥市第一人民医院",
        "total": "100.00",
        "in_policy": "80.00",
        "fund_paid": "50.00",
        "major_illness_paid": "0",
        "assistance_paid": "0",
        **cells,
    }
    return ",".join(told.values())


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def people(db: None) -> None:
    """张三 and 李四 in Hefei, 王五 in Wuhu, who died on 1 March 2025."""
    cast.law()
    cast.person("张三", number=1)
    cast.person("李四", number=2)
    cast.person("王五", number=3, region=cast.JINGHU, died_on=date(2025, 3, 1))


@pytest.fixture
def send(people: None, tmp_path: Path) -> Send:
    """Write a file of claims and have it taken."""

    def send(*lines: str, header: str = HEADER, **options: Any) -> ImportResult:
        path = tmp_path / "claims.csv"
        encoding = options.pop("encoding", "utf-8")
        path.write_bytes("\n".join([header, *lines]).encode(encoding) + b"\n")
        return receive_file(kind="claims", path=path, **options)

    return send


def claims() -> list[tuple[Any, ...]]:
    """Every claim, in the order of arrival."""
    return [
        (
            *(row.claim_number, row.person.name, row.region_id, row.settled_on, row.kind),
            *(row.provider, row.total, row.in_policy, row.fund_paid, row.major_illness_paid),
            row.assistance_paid,
        )
        for row in Claim.objects.select_related("person").order_by("pk")
    ]


def used() -> dict[tuple[int, str], tuple[Any, ...]]:
    """The use of every year: claims, total, fund, major illness, assistance by year and name."""
    names = dict(Person.objects.values_list("pk", "name"))
    return {
        (row.id // 10**12, names[row.id % 10**10]): (
            *(row.claims, row.total, row.fund_paid, row.major_illness_paid, row.assistance_paid),
        )
        for row in ClaimUse.objects.order_by("id")
    }


def yuan(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


# What is taken ------------------------------------------------------------------------------------


def test_claims_come_with_everything_and_the_years_sum_them_up(send: Send) -> None:
    result = send(
        claim("J1", total='"1,234.50"', in_policy="1000", fund_paid="¥800.5"),
        claim("J2", kind="住院", settled_on="2026/1/1", assistance_paid="20.00"),
        claim("J3", settled_on="2025-12-31"),
        claim(
            *("J4", LI),
            kind="大病保险",
            total="300000",
            in_policy="280000",
            fund_paid="100000",
            major_illness_paid="150000",
        ),
        claim("J5", WANG, kind="救助", settled_on="20260301", fund_paid="0", assistance_paid="80"),
    )
    assert counted(result) == (5, 5, 0, 0, 0)
    hospital = "合肥市第一人民医院"
    march, old_year = date(2026, 3, 5), date(2025, 12, 31)
    first = ("张三", cast.SHUSHAN)
    assert claims() == [
        ("J1", *first, march, "outpatient", hospital, *yuan("1234.5", "1000", "800.5", "0", "0")),
        (
            "J2",
            *first,
            date(2026, 1, 1),
            "inpatient",
            hospital,
            *yuan("100", "80", "50", "0", "20"),
        ),
        ("J3", *first, old_year, "outpatient", hospital, *yuan("100", "80", "50", "0", "0")),
        (
            *("J4", "李四", cast.SHUSHAN, march, "major_illness", hospital),
            *yuan("300000", "280000", "100000", "150000", "0"),
        ),
        (
            *("J5", "王五", cast.JINGHU, date(2026, 3, 1), "assistance", hospital),
            *yuan("100", "80", "0", "0", "80"),
        ),
    ]
    assert used() == {
        (2025, "张三"): (1, *yuan("100", "50", "0", "0")),
        (2026, "张三"): (2, *yuan("1334.5", "850.5", "0", "20")),
        (2026, "李四"): (1, *yuan("300000", "100000", "150000", "0")),
        (2026, "王五"): (1, *yuan("100", "0", "0", "80")),
    }
    assert set(Claim.objects.values_list("source", flat=True)) == {result.import_id}


def test_the_key_of_a_use_is_computed(send: Send) -> None:
    send(claim())
    whose = Person.objects.get(name="张三").pk
    assert ClaimUse.objects.get().pk == yearly_key(year=2026, person_id=whose)


def test_a_second_file_adds_to_the_years_it_touches_and_to_no_other(send: Send) -> None:
    send(claim("J1"), claim("J2", settled_on="2025-05-01"), claim("J3", LI))
    # what nobody recomputes keeps even a wrong sum, until `verify` names it
    wrong = yearly_key(year=2025, person_id=Person.objects.get(name="张三").pk)
    ClaimUse.objects.filter(pk=wrong).update(claims=9)
    send(claim("J4", fund_paid="10"), claim("J5", LI, settled_on="2024-05-01"))
    assert used() == {
        (2024, "李四"): (1, *yuan("100", "50", "0", "0")),
        (2025, "张三"): (9, *yuan("100", "50", "0", "0")),
        (2026, "张三"): (2, *yuan("200", "60", "0", "0")),
        (2026, "李四"): (1, *yuan("100", "50", "0", "0")),
    }


def test_uses_lie_in_the_order_of_their_keys(send: Send) -> None:
    """Whatever order the lines come in: a slice of them is read beside the standings of a year."""
    for number in range(4, 64):
        cast.person("众人", number=number)
    shuffled = [number * 29 % 61 + 3 for number in range(1, 61)]
    send(*(claim(f"J{n}", number_of(n), settled_on=f"202{n % 2 + 5}-03-05") for n in shuffled))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM claim_use ORDER BY ctid")
        lying = [row[0] for row in cursor.fetchall()]
    assert len(lying) == 60
    assert lying == sorted(lying)


def test_the_same_file_twice_changes_nothing(send: Send) -> None:
    lines = claim("J1"), claim("J2", LI), claim("J3", kind="其他")
    assert counted(send(*lines)) == (3, 2, 0, 0, 1)
    before = claims(), used()
    assert counted(send(*lines)) == (3, 0, 0, 2, 1)
    assert (claims(), used()) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_every_encoding_gives_the_same(send: Send, encoding: str) -> None:
    words = claim("J1", kind="住院")
    assert counted(send(words, header=HEADER_ZH, encoding=encoding)) == (1, 1, 0, 0, 0)
    assert claims()[0][4:6] == ("inpatient", "合肥市第一人民医院")


def test_a_workbook_gives_the_same(people: None, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER_ZH.split(","))
    cells: Sequence[Any] = ("J1", ZHANG, date(2026, 3, 5), "门诊", "合肥市第一人民医院")
    book.active.append([*cells, 100, 80, 50.5, 0, 0])
    path = tmp_path / "claims.xlsx"
    book.save(path)
    assert counted(receive_file(kind="claims", path=path)) == (1, 1, 0, 0, 0)
    assert used() == {(2026, "张三"): (1, *yuan("100", "50.5", "0", "0"))}


def test_a_dry_run_counts_and_changes_nothing(send: Send) -> None:
    result = send(claim("J1"), claim("J2", total="-1"), dry_run=True)
    assert counted(result) == (2, 1, 0, 0, 1)
    assert (claims(), used()) == ([], {})
    assert Import.objects.get().state == "checked"


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"claim_number": ""}, "claim_number", "claim_number为空。"),
        ({"claim_number": "2.02603E+17"}, "claim_number", "Excel"),
        ({"id_number": LI[:-1]}, "id_number", "18"),
        ({"settled_on": ""}, "settled_on", "为空"),
        ({"settled_on": "2026-02-30"}, "settled_on", "不是日期"),
        ({"settled_on": "2026-11-21"}, "settled_on", "在今天之后"),
        ({"settled_on": "1972-05-03"}, "settled_on", "早于本人出生日期"),
        ({"kind": "牙科"}, "kind", "门诊（outpatient）、住院（inpatient）"),
        ({"provider": ""}, "provider", "为空"),
        ({"provider": "长" * 65}, "provider", "过长"),
        ({"total": ""}, "total", "为空"),
        ({"total": "一百"}, "total", "两位小数"),
        ({"total": "100.001"}, "total", "两位小数"),
        ({"total": "1e3"}, "total", "两位小数"),
        ({"total": "100000000"}, "total", "两位小数"),
        ({"total": "-100", "in_policy": "-100", "fund_paid": "0"}, "total", "小于零"),
        ({"fund_paid": "-0.01"}, "fund_paid", "小于零"),
        ({"in_policy": "100.01"}, "in_policy", "大于总费用"),
        (
            {"fund_paid": "50", "major_illness_paid": "30", "assistance_paid": "20.01"},
            "fund_paid",
            "100.01",
        ),
    ],
)
def test_a_bad_line_is_refused_by_name_and_kept_as_it_came(
    send: Send, tmp_path: Path, cells: dict[str, str], column: str, reason: str
) -> None:
    bad = claim(**cells)
    result = send(bad, claim("J9", LI))
    assert counted(result) == (2, 1, 0, 0, 1)
    error = only_error(result)
    assert (error["line"], error["column"]) == (2, column)
    assert reason in error["reason"]
    assert ImportReject.objects.count() == 1
    path = tmp_path / "rejects.csv"
    export_file(kind="rejects", path=path, import_id=result.import_id)
    with path.open(encoding="utf-8", newline="") as file:
        _header, row = csv.reader(file)
    # an export guards what a spreadsheet would compute
    assert [cell.removeprefix("'") for cell in row[:10]] == bad.split(",")


def test_a_claim_of_somebody_without_a_file_is_refused(send: Send) -> None:
    Person.objects.get(name="李四").delete()
    error = only_error(send(claim("J1", LI)))
    assert (error["column"], error["reason"]) == (
        "id_number",
        "该证件号码没有档案，请先导入人员。",
    )


def test_a_number_twice_in_a_file_keeps_its_first_line(send: Send) -> None:
    result = send(claim("J1"), claim("J2"), claim("J1", LI, total="200"))
    assert counted(result) == (3, 2, 0, 0, 1)
    error = only_error(result)
    assert (error["line"], error["column"]) == (4, "claim_number")
    assert "2" in error["reason"]
    assert [row[:2] for row in claims()] == [("J1", "张三"), ("J2", "张三")]


@pytest.mark.parametrize(
    "cells",
    [
        {"id_number": LI},
        {"settled_on": "2026-03-06"},
        {"kind": "inpatient"},
        {"provider": "别的医院"},
        {"total": "100.01"},
        {"in_policy": "80.01"},
        {"fund_paid": "50.01"},
        {"major_illness_paid": "0.01"},
        {"assistance_paid": "0.01"},
    ],
)
def test_a_known_number_with_another_content_is_refused(send: Send, cells: dict[str, str]) -> None:
    send(claim("J1"))
    before = claims(), used()
    result = send(claim(**cells))
    assert counted(result) == (1, 0, 0, 0, 1)
    assert only_error(result)["reason"] == "结算号 J1 已报送过，内容不同。"
    assert (claims(), used()) == before


def test_a_file_for_one_area_refuses_people_of_others(send: Send) -> None:
    result = send(claim("J1"), claim("J2", WANG, settled_on="2025-01-05"), area="340100")
    assert counted(result) == (2, 1, 0, 0, 1)
    assert only_error(result)["column"] == "id_number"
    assert [row[0] for row in claims()] == ["J1"]


def test_a_wrong_header_imports_nothing_and_names_the_column(send: Send) -> None:
    with pytest.raises(ImportRefused, match="救助支付") as caught:
        send(claim(), header=HEADER_ZH.removesuffix(",救助支付") + ",救助")
    assert (caught.value.name, caught.value.column) == ("renamed_column", "救助支付")
    assert not Claim.objects.exists()


def test_a_claim_that_is_settled_after_death_is_taken(send: Send) -> None:
    assert counted(send(claim("J1", WANG, settled_on="2026-03-01"))) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"claim_number": "J2"},
        {"total": Decimal(-1)},
        {"in_policy": Decimal("100.01")},
        {"fund_paid": Decimal("100.01")},
    ],
)
def test_the_database_refuses_what_the_file_reader_would(
    send: Send, change: dict[str, Any]
) -> None:
    send(claim("J1"), claim("J2"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(claim_number="J1").update(**change)


# What is assessed again ---------------------------------------------------------------------------


def assessed(year: int, state: str = "done", mode: str = "real") -> YearStep:
    """A step `assess` of a year, as the yearly run would leave it."""
    run = YearRun.objects.create(year=year, province_id=340000000000, mode=mode)
    ended = {"finished_at": timezone.now(), "digest": "d"} if state == "done" else {}
    return YearStep.objects.create(
        run=run, name="assess", state=state, on=date(year, 1, 1), **ended
    )


def changes() -> list[tuple[str, int]]:
    rows = Change.objects.filter(cause="claim").order_by("pk")
    return [(row.person.name, row.year) for row in rows.select_related("person")]


def test_claims_before_any_assessment_leave_no_change(send: Send) -> None:
    assessed(2026, mode="rehearsal")
    assessed(2025, state="refused")
    assert counted(send(claim("J1"), claim("J2", settled_on="2024-01-05")))[1] == 2
    assert changes() == []


@pytest.mark.parametrize("state", ["done", "running", "paused", "failed"])
def test_claims_up_to_the_last_assessed_year_leave_one_change_a_person_and_year(
    send: Send, state: str
) -> None:
    assessed(2025, state=state)
    send(claim("J1", settled_on="2024-05-05"))
    Change.objects.all().delete()
    result = send(
        claim("J1", settled_on="2024-05-05"),  # known already: nothing changed
        claim("J2", settled_on="2025-05-05"),
        claim("J3", settled_on="2025-06-05"),
        claim("J4", settled_on="2024-05-05", total="-1"),
        claim("J5", settled_on="2026-01-05"),
        claim("J6", LI, settled_on="2023-12-31"),
    )
    assert counted(result) == (6, 4, 0, 1, 1)
    assert changes() == [("张三", 2025), ("李四", 2023)]


def test_a_dry_run_leaves_no_change(send: Send) -> None:
    assessed(2026)
    send(claim("J1"), dry_run=True)
    assert changes() == []


# As it runs in the field --------------------------------------------------------------------------


def written(folder: Path, *lines: str) -> Path:
    path = folder / "claims.csv"
    path.write_text("\n".join([HEADER, *lines]))
    return path


def taken_by_a_worker(path: Path) -> ImportResult:
    def take() -> ImportResult:
        with business_date_is(TODAY):
            return receive_file(kind="claims", path=path)

    return as_role("worker", take)


def somebody_waits_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_file_waits_for_an_assessment_that_is_being_begun(tmp_path: Path) -> None:
    cast.law()
    cast.person("张三", number=1)
    path = written(tmp_path, claim("J1"))
    results: list[ImportResult] = []
    importing = threading.Thread(target=lambda: results.append(taken_by_a_worker(path)))
    with transaction.atomic():
        assessed(2026, state="running")
        importing.start()
        deadline = time.monotonic() + 60
        while not somebody_waits_for("year_step"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert results == []
    importing.join()
    assert [counted(result) for result in results] == [(1, 1, 0, 0, 0)]
    assert changes() == [("张三", 2026)]


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_claims_and_the_web_sees_its_counties(tmp_path: Path) -> None:
    cast.law()
    cast.person("张三", number=1)
    cast.person("王五", number=3, region=cast.JINGHU)
    assessed(2026)
    path = written(tmp_path, claim("J1"), claim("J2", WANG))
    assert counted(taken_by_a_worker(path)) == (2, 2, 0, 0, 0)
    assert len(changes()) == 2

    def look(county: int) -> tuple[list[str], int]:
        regions = f"{{[{county * 10**6},{(county + 1) * 10**6})}}"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.counties', %s, true), set_config('app.regions', %s, true)",
                [f"{{{county}}}", regions],
            )
            numbers = list(Claim.objects.values_list("claim_number", flat=True))
            return numbers, ClaimUse.objects.count()

    assert as_role("web", lambda: look(cast.SHUSHAN // 10**6)) == (["J1"], 1)
    assert as_role("web", lambda: look(cast.JINGHU // 10**6)) == (["J2"], 1)
    assert as_role("web", lambda: look(cast.BAOHE // 10**6)) == ([], 0)
    # the person moves: the claim stays with its region too
    Person.objects.filter(name="张三").update(insured_region=cast.BAOHE)
    assert as_role("web", lambda: look(cast.SHUSHAN // 10**6)) == (["J1"], 0)
    assert as_role("web", lambda: look(cast.BAOHE // 10**6)) == (["J1"], 1)


def test_verify_names_a_use_that_is_not_the_sum_of_its_claims(send: Send) -> None:
    send(claim("J1"), claim("J2", LI))
    check = checks["use_of_a_year_is_the_sum_of_its_claims"]

    def violations() -> int:
        with connection.cursor() as cursor:
            cursor.execute(check.sql)
            return len(cursor.fetchall())

    assert violations() == 0
    Claim.objects.filter(claim_number="J1").update(fund_paid=Decimal("50.01"))
    assert violations() == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM claim_use")
    assert violations() == 2
