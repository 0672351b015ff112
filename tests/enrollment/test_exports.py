"""Files that are given: years of cover, fallout, and refused lines that come back corrected."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, load_command_class
from django.db import connection

from enrollment.models import (
    Enrollment,
    Fallout,
    ImportReject,
    Person,
    PersonCategory,
    YearRun,
)
from enrollment.rules.keys import yearly_key
from enrollment.selectors.calendar import business_date_is
from enrollment.services.exports import ExportRefused, escaped, export_file
from enrollment.services.imports import receive_file
from tests import cast
from tests.enrollment.test_imports import HISTORY, LI, PEOPLE, PEOPLE_ZH, WANG, ZHANG, person

TODAY = date(2026, 11, 20)
HEADER = (
    "id_number,year,scheme,region,category,standard,subsidy,payable,paid,status,benefit_start,"
    "benefit_end"
)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()


def exported(path: Path, kind: str, **asked: Any) -> list[list[str]]:
    """The rows of an export, the header first."""
    count = export_file(kind=kind, path=path, **asked)
    text = path.read_bytes().decode("utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == count + 1
    return rows


# Years of cover -----------------------------------------------------------------------------------


@pytest.fixture
def covered(anhui: None) -> None:
    """2026, activated: one row of every state, and two of the employee scheme."""
    cast.year(2025)
    cast.year(2026)
    cast.paid(cast.person("covered", number=1), 2026)
    cast.paid(
        cast.person("subsidised", number=2),
        2026,
        category="dibao",
        subsidy=Decimal("360.5"),
        region=cast.JINGHU,
    )
    cast.bill(cast.person("lapsed", number=3), 2026)
    late = date(2026, 3, 1)
    cast.paid(cast.person("waiting, not assessed", number=4), 2026, late)
    cast.paid(cast.person("waited", number=5), 2026, late, benefit_start=date(2026, 6, 1))
    cast.paid(cast.person("waiting", number=6), 2026, late, benefit_start=date(2026, 12, 1))
    died: dict[str, Any] = {"ended_on": date(2026, 5, 4), "ended_for": "deceased"}
    cast.paid(cast.person("ended", number=7), 2026, **died)
    died["ended_on"] = date(2025, 12, 30)
    cast.paid(cast.person("ended before", number=8), 2026, **died)
    cast.paid(cast.person("suspended", number=9), 2026, suspended_from=date(2026, 10, 1))
    cast.paid(cast.person("no benefit", number=10), 2026, late, benefit_start=date(2027, 1, 1))
    worker = cast.person("employee", number=11)
    for slot, region in enumerate((cast.SHUSHAN, cast.JINGHU)):
        Enrollment.objects.create(
            id=yearly_key(year=2026, person_id=worker.pk, scheme=2, slot=slot),
            person=worker,
            region_id=region,
            months=0b111,
        )
    cast.paid(Person.objects.get(name="covered"), 2025)


def test_years_of_cover_with_the_state_of_the_day(covered: None, tmp_path: Path) -> None:
    rows = exported(tmp_path / "e.csv", "enrollments", year=2026)
    assert ",".join(rows[0]) == HEADER
    ids = {row.identity_number: row.name for row in Person.objects.all()}
    year = ["2026-01-01", "2026-12-31"]
    unpaid = ["400.00", "0.00", "400.00", "0.00"]
    paid = ["400.00", "0.00", "400.00", "400.00"]
    nothing = ["0.00"] * 4
    cheaper = ["400.00", "360.50", "39.50"]
    away = ["2026", "resident", "340202000000"]
    home = ["2026", "resident", "340104000000", ""]
    assert [[ids[row[0]], *row[1:]] for row in rows[1:]] == [
        ["covered", *home, *paid, "covered", *year],
        ["subsidised", *away, "dibao", *cheaper, "400.00", "covered", *year],
        ["lapsed", *home, *unpaid, "lapsed", "", ""],
        ["waiting, not assessed", *home, *paid, "waiting", "", ""],
        ["waited", *home, *paid, "covered", "2026-06-01", "2026-12-31"],
        ["waiting", *home, *paid, "waiting", "2026-12-01", "2026-12-31"],
        ["ended", *home, *paid, "ended", "2026-01-01", "2026-05-04"],
        ["ended before", *home, *paid, "ended", "", ""],
        ["suspended", *home, *paid, "suspended", *year],
        ["no benefit", *home, *paid, "waiting", "", ""],
        ["employee", "2026", "employee", "340104000000", "", *nothing, "covered", *year],
        ["employee", "2026", "employee", "340202000000", "", *nothing, "covered", *year],
    ]


def test_a_year_not_activated_is_paid_or_unpaid(anhui: None, tmp_path: Path) -> None:
    cast.year(2027, closed=False)
    cast.paid(cast.person("张三", number=1), 2027)
    cast.bill(cast.person("李四", number=2), 2027)
    rows = exported(tmp_path / "e.csv", "enrollments", year=2027)
    assert [row[9:] for row in rows[1:]] == [
        ["paid", "2027-01-01", "2027-12-31"],
        ["unpaid", "", ""],
    ]


@pytest.mark.parametrize(
    ("area", "count"), [("340000", 12), ("340100000", 10), ("340202000000", 2), ("341000", 0)]
)
def test_years_of_cover_of_an_area(covered: None, tmp_path: Path, area: str, count: int) -> None:
    assert len(exported(tmp_path / "e.csv", "enrollments", year=2026, area=area)) == count + 1


# Fallout ------------------------------------------------------------------------------------------


def test_fallout_with_one_reason_each(anhui: None, tmp_path: Path) -> None:
    for year in (2026, 2027):
        cast.year(year)
    for number, (reason, region) in enumerate(
        [("unpaid", cast.SHUSHAN), ("deceased", cast.JINGHU)], start=1
    ):
        whose = cast.person(reason, number=number)
        for year in (2026, 2027):
            Fallout.objects.create(
                id=yearly_key(year=year, person_id=whose.pk),
                person=whose,
                region_id=region,
                reason=reason,
                shard=1,
            )
    rows = exported(tmp_path / "f.csv", "fallout", year=2027)
    assert rows[0] == ["id_number", "year", "region", "reason"]
    first, second = (row.identity_number for row in Person.objects.order_by("pk"))
    assert rows[1:] == [
        [first, "2027", "340104000000", "unpaid"],
        [second, "2027", "340202000000", "deceased"],
    ]
    assert len(exported(tmp_path / "f.csv", "fallout", year=2027, area="340200")) == 2


# Refused lines ------------------------------------------------------------------------------------


def test_refused_lines_come_back_corrected(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [
        PEOPLE_ZH,
        person(ZHANG),
        person(LI, "李四", sex="未知"),
        person(WANG, "=王五", phone="+8613900000003", birth_date="1972-05-04", sex="未知"),
        "resident_id,1",
    ]
    path.write_bytes("\n".join(lines).encode("gb18030"))
    result = receive_file(kind="people", path=path)
    assert (result.read, result.inserted, result.rejected) == (4, 1, 3)

    back = tmp_path / "rejects.csv"
    rows = exported(back, "rejects", import_id=result.import_id)
    assert rows[0] == [*PEOPLE_ZH.split(","), "line", "column", "reason"]
    assert rows[1][:10] == lines[2].split(",")
    assert rows[1][10:12] == ["3", "性别"]
    assert "未知" in rows[1][12]
    assert rows[2][2] == "'=王五"
    assert rows[2][7] == "'+8613900000003"
    assert rows[3][:12] == ["resident_id", "1", *[""] * 8, "5", "证件号码"]

    # sent again as it came, it is refused again; corrected, it is taken with its further columns
    again = receive_file(kind="people", path=back)
    assert (again.read, again.inserted, again.rejected) == (3, 0, 3)
    back.write_text(back.read_text().replace("未知,1972", "女,1972"))
    corrected = receive_file(kind="people", path=back)
    assert (corrected.inserted, corrected.rejected) == (2, 1)
    assert Person.objects.filter(sex="F").count() == 2
    assert Person.objects.get(name="=王五").identity_number == WANG
    rows = exported(tmp_path / "rest.csv", "rejects", import_id=corrected.import_id)
    assert rows[0] == [*PEOPLE_ZH.split(","), "line", "column", "reason"]
    assert rows[1][:11] == ["resident_id", "1", *[""] * 8, "4"]


def test_a_line_with_too_many_cells_keeps_them(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{PEOPLE}\n{person()},more\n")
    result = receive_file(kind="people", path=path)
    rows = exported(tmp_path / "rejects.csv", "rejects", import_id=result.import_id)
    assert rows[1][:11] == [*person().split(","), "2"]
    assert rows[1][13:] == ["more"]


def test_refused_lines_are_sealed_at_rest(anhui: None, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{PEOPLE}\n{person(sex='X')}\n")
    receive_file(kind="people", path=path)
    kept = ImportReject.objects.get()
    assert ZHANG.encode() not in bytes(kept.sealed_cells)


def test_more_refused_lines_than_are_told_are_all_kept(
    anhui: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrollment.imports.load.REJECTS_AT_ONCE", 60)
    path = tmp_path / "people.csv"
    path.write_text(f"{PEOPLE}\n" + f"{person(sex='X')}\n" * 200)
    result = receive_file(kind="people", path=path)
    assert (result.rejected, len(result.errors)) == (200, 100)
    assert [error["line"] for error in result.errors] == list(range(2, 102))
    rows = exported(tmp_path / "rejects.csv", "rejects", import_id=result.import_id)
    assert [row[10] for row in rows[1:]] == [str(line) for line in range(2, 202)]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-5", "'-5"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("张三", "张三"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_cells_that_a_spreadsheet_would_compute_are_guarded(cell: str, safe: str) -> None:
    assert escaped(cell) == safe


# Refusals and the command -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "asked", "error"),
    [
        ("pets", {}, "unknown_export"),
        ("enrollments", {}, "year_required"),
        ("enrollments", {"year": 1999}, "unknown_year"),
        ("fallout", {"year": 1999}, "unknown_year"),
        ("fallout", {"year": 2027}, "year_not_activated"),
        ("enrollments", {"year": 2026, "area": "349999"}, "unknown_area"),
        ("enrollments", {"year": 2026, "area": "34"}, "unknown_area"),
        ("rejects", {}, "import_required"),
        ("rejects", {"import_id": 0}, "unknown_import"),
    ],
)
def test_what_is_not_there_is_refused_by_name_and_writes_nothing(
    anhui: None, tmp_path: Path, kind: str, asked: dict[str, Any], error: str
) -> None:
    cast.year(2026)
    cast.year(2027, closed=False)
    with pytest.raises(ExportRefused) as caught:
        export_file(kind=kind, path=tmp_path / "out.csv", **asked)
    assert caught.value.name == error
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(anhui: None, tmp_path: Path) -> None:
    cast.year(2026)
    with pytest.raises(ExportRefused) as caught:
        export_file(kind="enrollments", year=2026, path=tmp_path / "no" / "out.csv")
    assert caught.value.name == "not_writable"


def test_only_its_owner_reads_an_export(anhui: None, tmp_path: Path) -> None:
    cast.year(2026)
    export_file(kind="enrollments", year=2026, path=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


def test_the_command_answers_in_json(anhui: None, tmp_path: Path) -> None:
    cast.year(2026)
    path = tmp_path / "out.csv"
    out = io.StringIO()
    words = ("export_file", "enrollments", "--year=2026", f"--out={path}")
    call_command(*words, "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"export": "enrollments", "rows": 0}
    call_command(*words, stdout=out)
    assert str(path) in out.getvalue()
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("export_file", "fallout", "--year=1999", f"--out={path}", "--json", stdout=out)
    assert caught.value.returncode == 1
    assert json.loads(out.getvalue())["error"] == "unknown_year"


# As the worker ------------------------------------------------------------------------------------


TOGETHER = """
import io, json, sys, django
django.setup()
from django.core.management import call_command
answers = []
for words in json.load(sys.stdin):
    out = io.StringIO()
    call_command(*words, "--json", stdout=out)
    answers.append(json.loads(out.getvalue().splitlines()[-1]))
print(json.dumps(answers))
"""


def run(*words: str, **others: Any) -> Any:
    """What a process prints last that connects to the test's database as the worker."""
    environment = {**os.environ, "TONGCHOU_TODAY": TODAY.isoformat(), "TONGCHOU_ROLE": "worker"}
    for name in settings.ROLE_URLS.values():
        address = urlsplit(os.environ[name])
        environment[name] = urlunsplit(
            address._replace(path=f"/{connection.settings_dict['NAME']}")
        )
    done = subprocess.run(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        **others,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.django_db(transaction=True)
def test_the_plain_worker_imports_and_exports_everything(tmp_path: Path) -> None:
    cast.law()
    files = {
        "people": [PEOPLE, person(ZHANG), person(LI, "李四", sex="X")],
        "history": [
            HISTORY,
            f"{ZHANG},2025,resident,340104,,",
            f"{ZHANG},2026,employee,340104,,1-6",
        ],
        "categories": [
            "id_number,category,valid_from,valid_to,source",
            f"{ZHANG},dibao,2026-01-01,,民政",
        ],
        "remittance": [
            "receipt_number,id_number,name,year,scheme,amount,paid_at,channel",
            f"T1,{ZHANG},张三,2027,居民,400,2026-11-20,app",
        ],
        "deaths": [PEOPLE, person(ZHANG, life_status="deceased", died_on="2026-02-01")],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    first = run("manage.py", "import_file", "people", str(tmp_path / "people.csv"), "--json")
    assert (first["inserted"], first["rejected"]) == (1, 1)

    out = str(tmp_path / "out.csv")
    commands = [
        ["import_file", "history", str(tmp_path / "history.csv")],
        ["import_file", "categories", str(tmp_path / "categories.csv")],
        ["import_file", "remittance", str(tmp_path / "remittance.csv")],
        ["import_file", "people", str(tmp_path / "deaths.csv")],
        ["export_file", "enrollments", "--year=2025", f"--out={out}"],
        ["export_file", "fallout", "--year=2026", f"--out={out}"],
        ["export_file", "rejects", f"--import={first['import']}", f"--out={out}"],
    ]
    answers = run("-c", TOGETHER, input=json.dumps(commands))
    assert [answer["inserted"] for answer in answers[:3]] == [2, 1, 1]
    assert answers[3]["updated"] == 1
    assert [answer["rows"] for answer in answers[4:]] == [1, 0, 1]
    assert Path(out).read_text().splitlines()[1].startswith(f"resident_id,{LI},李四,X")
    assert Enrollment.objects.of_year(2026).get().ended_for == "deceased"
    assert PersonCategory.objects.count() == 1
    assert YearRun.objects.count() == 2


@pytest.mark.parametrize(
    "words",
    [
        ["import_file", "pets", "people.csv"],
        ["import_file", "people"],
        ["export_file", "pets", "--out=out.csv"],
        ["export_file", "enrollments", "--year=2026"],
        ["export_file", "enrollments", "--year=next", "--out=out.csv"],
    ],
)
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    command = load_command_class("enrollment", words[0])
    with pytest.raises(SystemExit) as caught:
        command.run_from_argv(["manage.py", *words])
    assert caught.value.code == 2
