"""The unpaid and uninsured as the web serves them, under row security."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    Enrollment,
    GridWorker,
    Person,
    Push,
    ScreenExport,
    User,
    YearStep,
)
from enrollment.selectors.chase import SIDES
from enrollment.selectors.scope import set_scope
from tests import cast
from tests.counting import width
from tests.pushing import PUSHED, push, round_of
from tests.roles import as_role
from tests.screens import (
    assert_counts_nothing,
    logged_in,
    queries_of,
    served_as_web,
    text_of,
)

TODAY = date(2026, 11, 20)
TOWN, VILLAGE = 340104003000, 340104003201
HEFEI, ANHUI = f"/chase/2027/{cast.HEFEI}/", f"/chase/2027/{cast.ANHUI}/"
PEOPLE = f"/chase/2027/{TOWN}/people/"
WORKERS = "/enrollment/gridworker/"

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "all": cast.officer("Supervisor", "wang", "王建国"),
        "he": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "shu": cast.officer("Maker", "shu", "蜀山经办", region=cast.SHUSHAN),
        "town": cast.officer("Maker", "town", "镇上经办", region=TOWN),
        "wu": cast.officer("Maker", "wu", "芜湖经办", region=cast.WUHU),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
    }


@pytest.fixture
def pushed(officers: dict[str, User]) -> YearStep:
    """A round: 张三 and 李四 in a township of 蜀山, 王五 registered there and living in 芜湖."""
    step = round_of(2027, cast.HEFEI, cast.WUHU)
    for number, (name, region, lists) in enumerate(
        [
            ("张三", cast.SHUSHAN, [(VILLAGE, "one")]),
            ("李四", cast.SHUSHAN, [(TOWN, "one")]),
            ("王五", cast.JINGHU, [(TOWN, "household"), (cast.JINGHU, "residence")]),
        ],
        start=1,
    ):
        person = cast.person(name, number=number, region=region)
        cast.bill(person, 2027)
        for code, side in lists:
            push(step, person, code, side)
    return step


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """One request of somebody as the role `web`; no data is a GET."""
    return served_as_web(officers)


def names(page: Any) -> list[str]:
    """Who is on the list, in its order."""
    assert page.status_code == 200
    return [line["push"].name for line in page.context["lines"]]


def sums(page: Any) -> dict[int, tuple[int, int, int]]:
    """The table of an area by code: pushed, answered, paid since."""
    assert page.status_code == 200
    return {
        row["code"]: (row["sums"].pushed, row["sums"].answered, row["sums"].paid)
        for row in page.context["rows"]
    }


# Down to the people -------------------------------------------------------------------------------


def test_sums_go_down_from_the_province_to_the_village(ask: Ask, pushed: YearStep) -> None:
    Push.objects.filter(name="李四").update(result="refuses", told_on=date(2026, 10, 20))
    Enrollment.objects.filter(person__name="张三").update(paid=400, paid_on=date(2026, 10, 22))
    user = "all"
    home = ask(user, "/chase/")
    assert (home.status_code, home.url) == (302, ANHUI)

    assert sums(ask(user, ANHUI)) == {cast.HEFEI: (3, 1, 1), cast.WUHU: (1, 0, 0)}
    assert sums(ask(user, HEFEI)) == {cast.SHUSHAN: (3, 1, 1)}
    assert sums(ask(user, f"/chase/2027/{cast.SHUSHAN}/")) == {TOWN: (3, 1, 1)}
    assert sums(ask(user, f"/chase/2027/{TOWN}/")) == {TOWN: (2, 1, 0), VILLAGE: (1, 0, 1)}
    village = ask(user, f"/chase/2027/{VILLAGE}/?round=1")
    assert (village.status_code, village.url) == (302, f"/chase/2027/{VILLAGE}/people/?round=1")


def test_rates_are_exact_and_the_days_tell_what_happened(ask: Ask, pushed: YearStep) -> None:
    Push.objects.filter(name="李四").update(result="refuses", told_on=date(2026, 10, 20))
    Enrollment.objects.filter(person__name="张三").update(paid=400, paid_on=date(2026, 10, 22))

    page = ask("he", HEFEI)

    scope = dict(page.context["scope"])
    assert (scope["区域"], scope["年度"]) == ("合肥市", "2027")
    assert page.context["total"].feedback_rate == Decimal(1) / 3
    text = text_of(page)
    assert "33.33%" in text
    assert "逾期" in text  # due on 5 November, two have not answered
    assert [
        (each.day, each.sums.pushed, each.sums.answered, each.sums.paid, each.until.paid)
        for each in page.context["days"]
    ] == [
        (date(2026, 10, 22), 0, 0, 1, 1),
        (date(2026, 10, 20), 0, 1, 0, 0),
        (PUSHED, 3, 0, 0, 0),
    ]


def test_every_figure_of_a_round_is_a_count_over_its_lists(ask: Ask, pushed: YearStep) -> None:
    """Each area at each level and side, each day, and what each line says."""
    for number, (region, paid) in enumerate([(VILLAGE, 0), (cast.JINGHU, 400), (TOWN, 0)], start=4):
        person = cast.person(f"赵{number}", number=number, region=region)
        says: dict[str, Any] = {"kind": "uninsured", "owed": 0} if number == 4 else {}
        push(pushed, person, region, **says)
        cast.bill(person, 2027)
        if paid:
            Enrollment.objects.filter(person=person).update(paid=400, paid_on=date(2026, 11, 3))
    Push.objects.filter(name__in=["李四", "赵6"]).update(
        result="refuses", told_on=date(2026, 11, 2)
    )
    Enrollment.objects.filter(person__name="张三").update(paid=400, paid_on=date(2026, 10, 22))
    Push.objects.filter(name="赵5").update(result="will_pay", told_on=date(2026, 11, 3))

    for path, area in ((ANHUI, cast.ANHUI), (HEFEI, cast.HEFEI), (f"/chase/2027/{TOWN}/", TOWN)):
        for side, lists in SIDES.items():
            page = ask("all", f"{path}?side={side}")
            rows = [(row["code"], row["code"] == area, row["sums"]) for row in page.context["rows"]]
            for code, itself, told in ((area, False, page.context["total"]), *rows):
                lines = _lines(code, lists, itself=itself)
                settled = [line for line in lines if _paid_on(line)]
                answered = [line for line in lines if line.result]
                assert told.pushed == len(lines) > 0
                assert told.uninsured == sum(line.kind == "uninsured" for line in lines)
                assert (told.answered, told.paid) == (len(answered), len(settled)), (code, side)
                assert told.unanswered == len(lines) - len(answered)
                assert told.feedback_rate == Decimal(len(answered)) / len(lines)
                assert told.paid_share == Decimal(len(settled)) / len(lines)
        if area % 10**6 == 0:
            _are_days_counted(page.context["days"], _lines(area, ()))
    for line in ask("all", f"/chase/2027/{TOWN}/people/?stands=all").context["lines"]:
        assert line["at"].stands == ("paid" if _paid_on(line["push"]) else "open")


def _lines(area: int, lists: tuple[str, ...], *, itself: bool = False) -> list[Push]:
    rows = Push.objects.filter(region__gte=area, region__lt=area + (1 if itself else width(area)))
    return list(rows.filter(side__in=lists) if lists else rows)


def _paid_on(line: Push) -> date | None:
    bill = Enrollment.objects.residents(2027).get(person=line.person_id)
    return bill.paid_on if bill.paid >= bill.payable else None


def _are_days_counted(days: list[Any], lines: list[Push]) -> None:
    told = {each for line in lines for each in (line.pushed_on, line.told_on, _paid_on(line))}
    happened = [day for day in told if day]
    assert [each.day for each in days] == sorted(happened, reverse=True)
    for each in days:
        assert each.sums.pushed == sum(line.pushed_on == each.day for line in lines)
        assert each.sums.answered == sum(line.told_on == each.day for line in lines)
        assert each.sums.paid == sum(_paid_on(line) == each.day for line in lines)
        paid = [day for line in lines if (day := _paid_on(line)) and day <= each.day]
        assert each.until.paid == len(paid)
        assert each.until.paid_share == Decimal(len(paid)) / len(lines)


def test_registered_and_habitual_lists_are_told_apart(ask: Ask, pushed: YearStep) -> None:
    user = "all"
    assert sums(ask(user, f"{ANHUI}?side=registered")) == {cast.HEFEI: (3, 0, 0)}
    assert sums(ask(user, f"{ANHUI}?side=habitual")) == {
        cast.HEFEI: (2, 0, 0),
        cast.WUHU: (1, 0, 0),
    }


def test_who_pays_drops_from_the_open_list_by_the_facts_alone(ask: Ask, pushed: YearStep) -> None:
    user = "he"
    assert names(ask(user, PEOPLE)) == ["李四", "王五", "张三"]
    before = list(Push.objects.order_by("pk").values())

    Enrollment.objects.filter(person__name="王五").update(paid=400, paid_on=TODAY)
    Person.objects.filter(name="李四").update(died_on=date(2026, 11, 1))

    assert names(ask(user, PEOPLE)) == ["张三"]
    assert names(ask(user, f"{PEOPLE}?stands=paid")) == ["王五"]
    assert names(ask(user, f"{PEOPLE}?stands=gone")) == ["李四"]
    assert names(ask(user, f"{PEOPLE}?stands=all")) == ["李四", "王五", "张三"]
    assert list(Push.objects.order_by("pk").values()) == before


def test_a_list_goes_on_by_key_with_a_fixed_number_of_queries(
    ask: Ask, officers: dict[str, User], pushed: YearStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(officers["he"])
    client.get(PEOPLE)
    statements = queries_of(lambda: client.get(PEOPLE))
    assert_counts_nothing(statements)
    monkeypatch.setattr("enrollment.selectors.chase.LISTED", 1)
    assert len(queries_of(lambda: client.get(PEOPLE))) == len(statements)
    user = "he"
    first = ask(user, PEOPLE)
    assert names(first) == ["李四"]
    second = ask(user, f"{PEOPLE}?after={first.context['more']}")
    assert names(second) == ["王五"]
    third = ask(user, f"{PEOPLE}?after={second.context['more']}")
    assert (names(third), third.context["more"]) == (["张三"], "")
    assert names(ask(user, f"{PEOPLE}?after=nonsense")) == ["李四"]


def test_the_page_of_an_area_asks_as_often_however_much_lies_below_it(
    officers: dict[str, User], pushed: YearStep
) -> None:
    client = logged_in(officers["all"])
    client.get(ANHUI)
    statements = queries_of(lambda: client.get(ANHUI))
    assert_counts_nothing(statements)
    assert not [sql for sql in statements if 'FROM "person"' in sql or 'FROM "enrollment"' in sql]
    for number, region in enumerate((cast.BAOHE, 340302000000, 340402000000), start=7):
        person = cast.person(f"赵{number}", number=number, region=region)
        push(pushed, person, region)
    assert len(queries_of(lambda: client.get(ANHUI))) == len(statements)


# Whose --------------------------------------------------------------------------------------------


def test_each_sees_the_lists_of_their_own_duties(ask: Ask, pushed: YearStep) -> None:
    assert ask("wu", HEFEI).status_code == 404
    assert ask("he", f"/chase/2027/{cast.WUHU}/").status_code == 404
    assert ask("he", "/chase/2027/320100000000/").status_code == 404
    assert ask("fund", ANHUI).status_code == 403
    home = {who: ask(who, "/chase/").url for who in ("he", "shu", "town", "wu")}
    assert home == {
        "he": HEFEI, "shu": f"/chase/2027/{cast.SHUSHAN}/", "town": f"/chase/2027/{TOWN}/",
        "wu": f"/chase/2027/{cast.WUHU}/",
    }  # fmt: skip
    assert sums(ask("shu", ANHUI)) == {cast.HEFEI: (3, 0, 0)}
    assert sums(ask("town", f"/chase/2027/{TOWN}/")) != {}
    # A county's days are told to who sees the county.
    assert ask("town", f"/chase/2027/{cast.SHUSHAN}/").context["days"] == []


def test_the_area_of_a_list_knows_of_others_people_what_the_list_says(
    ask: Ask, officers: dict[str, User], pushed: YearStep
) -> None:
    """王五 is insured in 芜湖: 合肥 sees name and mask, how he stands, and no file."""
    (line,) = [line for line in ask("he", PEOPLE).context["lines"] if line["push"].name == "王五"]
    assert (line["at"].is_on_file_here, line["at"].stands) == (False, "open")

    def look() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(officers["he"])
            cursor.execute("SELECT FROM person WHERE name = '王五'")
            return int(cursor.rowcount)

    assert as_role("web", look) == 0


def test_the_web_answers_no_push_and_reads_none_of_elsewhere(
    officers: dict[str, User], pushed: YearStep
) -> None:
    def look(statement: str) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(officers["wu"])
            cursor.execute(statement)
            return int(cursor.rowcount)

    seen = "SELECT id FROM push"
    assert as_role("web", lambda: look(seen)) == 2  # 王五, whom 芜湖 insures, on both lists
    everything = f"0, {10**12 - 1}, '', NULL, 0, 0, 99"
    lists = f"SELECT FROM pushes_in(2027, NULL, {everything})"
    assert as_role("web", lambda: look(lists)) == 1
    total = "INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)"
    worker_of_others = "INSERT INTO grid_worker (region, name, valid, entered_by_id)"
    for statement in (
        "UPDATE push SET result = 'refuses', told_on = pushed_on",
        "DELETE FROM push",
        f"{total} VALUES (1, {TOWN}, 'unpaid', 'one', 1, 0, 0)",
        f"{worker_of_others} VALUES ({TOWN}, 'x', '[2026-01-01,)', {officers['wu'].pk})",
    ):
        with pytest.raises(DatabaseError):
            as_role("web", partial(look, statement))


# For the field ------------------------------------------------------------------------------------


def test_a_list_is_taken_for_the_field_with_a_reason_and_recorded(
    ask: Ask, pushed: YearStep
) -> None:
    file = f"/chase/2027/{TOWN}/file/?round=1&stands=open"
    refused = ask("he", file, {"reason": " ", "form": "csv"})
    assert (refused.status_code, ScreenExport.objects.count()) == (409, 0)
    assert "请填写导出用途" in text_of_error(refused)

    given = ask("he", file, {"reason": "入户", "form": "csv"})

    assert given.status_code == 200
    assert f"push-2027-1-{TOWN}-" in given.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert [row["姓名"] for row in rows] == ["李四", "王五", "张三"]
    assert all("*" in row["证件号码"] for row in rows)
    assert ScreenExport.objects.get().rows == 3


def text_of_error(response: Any) -> str:
    return str(response.content.decode())


def test_full_numbers_need_a_right_of_their_own(ask: Ask, pushed: YearStep) -> None:
    file = f"/chase/2027/{TOWN}/file/?round=1"
    asked = {"reason": "入户", "form": "csv", "numbers": "yes"}
    assert ask("he", file, asked).status_code == 403
    assert ask("he", file).status_code == 403
    given = ask("all", file, asked).content.decode("utf-8-sig")
    assert Person.objects.get(name="张三").identity_number in given


def test_a_sheet_to_print_has_the_whole_list(ask: Ask, pushed: YearStep) -> None:
    page = ask("he", f"{PEOPLE}?print=1")
    assert names(page) == ["李四", "王五", "张三"]
    assert "导出供入户" not in text_of(page)


# Followed up --------------------------------------------------------------------------------------


def test_a_reported_fact_leads_to_the_case_of_the_area_that_keeps_the_file(
    ask: Ask, pushed: YearStep
) -> None:
    for name, result in (("张三", "employee"), ("李四", "deceased"), ("王五", "moved_away")):
        Push.objects.filter(name=name).update(result=result, told_on=TODAY)

    page = ask("he", f"/chase/2027/{cast.HEFEI}/follow/")

    told = {
        line["push"].name: (bool(line["begin"]), str(line["by"])) for line in page.context["lines"]
    }
    assert told == {
        "张三": (True, "转移接续"),
        "李四": (False, "由主管部门名单带入"),
        "王五": (False, "转移接续（由档案所在地办理）"),
    }
    (begin,) = [line["begin"] for line in page.context["lines"] if line["begin"]]
    assert ask("he", begin).status_code == 200
    only = ask("he", f"/chase/2027/{cast.HEFEI}/follow/?answer=deceased")
    assert names(only) == ["李四"]
    Person.objects.filter(name="李四").update(died_on=TODAY)
    assert names(ask("he", f"/chase/2027/{cast.HEFEI}/follow/?answer=deceased")) == []


# Grid workers -------------------------------------------------------------------------------------


def worker(**says: str) -> dict[str, str]:
    return {
        "region_code": "340104003", "name": "陈网格", "contact": "139 0000 0001",
        "first": "2026-11-01", "last": "", **says,
    }  # fmt: skip


def test_a_county_keeps_its_grid_workers_and_lists_name_them(ask: Ask, pushed: YearStep) -> None:
    user = "shu"
    assert ask(user, f"{WORKERS}add/").status_code == 200
    assert ask(user, f"{WORKERS}add/", worker()).status_code == 302
    assert (
        ask(user, f"{WORKERS}add/", worker(region_code=str(VILLAGE), name="村里")).status_code
        == 302
    )
    kept = GridWorker.objects.get(name="陈网格")
    assert (kept.region, kept.contact, kept.entered_by.username) == (TOWN, "13900000001", user)
    assert b"13900000001" not in bytes(kept.contact_sealed or b"")

    lines = ask(user, PEOPLE).context["lines"]

    assert {line["push"].name: line["at"].worker.name for line in lines} == {
        "李四": "陈网格", "王五": "陈网格", "张三": "村里",
    }  # fmt: skip
    shown = text_of(ask(user, WORKERS))
    assert "陈网格" in shown
    assert "13900000001" not in shown
    path = f"{WORKERS}{kept.pk}/change/"
    assert ask(user, path, worker(name="陈新", last="2026-11-30")).status_code == 302
    kept.refresh_from_db()
    assert (kept.name, kept.valid) == ("陈新", DateRange(date(2026, 11, 1), date(2026, 12, 1)))


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ({"region_code": "340104"}, "不是乡镇"),
        ({"region_code": "34010400300"}, "代码 9 位"),
        ({"region_code": "340202001"}, "不在您本人职责所辖地区内"),
        ({"contact": "电话"}, "不是电话号码"),
        ({"last": "2026-10-01"}, "早于"),
        ({"first": "2026-11-05"}, "先到"),
    ],
)
def test_what_a_grid_worker_cannot_be_is_said_under_its_field(
    ask: Ask, says: dict[str, str], told: str
) -> None:
    if told == "先到":
        assert ask("shu", f"{WORKERS}add/", worker(name="先到")).status_code == 302
    page = ask("shu", f"{WORKERS}add/", worker(**says))
    assert page.status_code == 200
    assert told in page.content.decode()
    assert GridWorker.objects.count() == (told == "先到")


def test_the_database_refuses_two_grid_workers_at_once_and_one_of_a_county(
    officers: dict[str, User],
) -> None:
    told: dict[str, Any] = {"entered_by": officers["shu"], "name": "陈", "region": TOWN}
    GridWorker.objects.create(valid=DateRange(TODAY, None), **told)
    with pytest.raises(IntegrityError, match="one_grid_worker_at_a_time"), transaction.atomic():
        GridWorker.objects.create(valid=DateRange(PUSHED, None), **told)
    with pytest.raises(IntegrityError, match="serve_townships_and_villages"), transaction.atomic():
        GridWorker.objects.create(valid=DateRange(TODAY, None), **told | {"region": cast.SHUSHAN})
    GridWorker.objects.create(valid=DateRange(PUSHED, TODAY), **told)


def test_before_the_first_round_the_page_says_so(ask: Ask) -> None:
    assert "尚未下发催缴名单" in text_of(ask("he", "/chase/"))
    assert ask("he", HEFEI).status_code == 404
