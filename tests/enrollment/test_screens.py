"""The screens of the register, the law and the year: what they show, refuse, and never ask."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from enrollment.admin import figures
from enrollment.declarations import ChangeTaker, change_takers
from enrollment.models import (
    Award,
    Change,
    Enrollment,
    Fallout,
    Person,
    PersonCategory,
    PolicyParameter,
    Region,
    ShardTotal,
    StepShard,
    User,
    YearRun,
    YearStep,
)
from enrollment.models.identity import digest, seal
from enrollment.rules.identity import convert_15_to_18
from enrollment.selectors import cities, monitor
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.people import find_people, person_file, places
from enrollment.selectors.totals import Totals
from tests import cast, turning
from tests.screens import (
    FULL_NUMBER,
    assert_counts_nothing,
    file_of,
    find,
    logged_in,
    number_of,
    queries_of,
    text_of,
)

WINTER = date(2027, 1, 15)
AUTUMN = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Texts compared here are those of the Chinese screens."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Anhui with its law and 2026 by history; a worker is asked nothing."""
    turning.province(monkeypatch)
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    cache.clear()
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


@pytest.fixture
def desk(supervisor: User) -> Client:
    return logged_in(supervisor)


# Search -------------------------------------------------------------------------------------------


def test_a_number_leads_straight_to_the_file(desk: Client) -> None:
    person = turning.someone("张三")
    response = find(desk, number_of(person))
    assert response.status_code == 302
    assert response.headers["Location"] == file_of(person)
    assert number_of(person) not in response.headers["Location"]


@pytest.mark.parametrize(
    "written",
    [
        lambda number: f"  {number} ",
        lambda number: number.lower(),
        lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
        lambda number: "".join(chr(ord(sign) + 0xFEE0) for sign in number),
    ],
    ids=["spaces around", "small x", "spaces within", "full width"],
)
def test_a_number_is_found_however_it_is_typed(desk: Client, written: Callable[[str], str]) -> None:
    person = next(
        each
        for each in (
            turning.someone(f"张{n}") for n in "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑"
        )
        if number_of(each).endswith("X")
    )
    assert find(desk, written(number_of(person))).headers["Location"] == file_of(person)


def test_an_old_number_of_15_digits_finds_the_file_with_18(desk: Client) -> None:
    person = turning.someone("李四")
    old = "349900720504011"
    person.id_digest, person.id_sealed = digest(convert_15_to_18(old)), seal(convert_15_to_18(old))
    person.save()
    assert find(desk, old).headers["Location"] == file_of(person)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("3499001972050400", "18 位"),
        ("349900197213040014", "出生日期"),
        ("349900197205040010", "校验码"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason_and_asks_nobody(
    desk: Client, wrong: str, says: str
) -> None:
    turning.someone("张三")
    with CaptureQueriesContext(connection) as captured:
        shown = text_of(find(desk, wrong))
    assert says in shown
    assert wrong not in shown
    assert not [q for q in captured.captured_queries if 'FROM "person"' in q["sql"]]


def test_a_valid_number_without_a_file_says_so_and_is_not_shown_again(desk: Client) -> None:
    gone = number_of(turning.someone("张三"))
    Person.objects.all().delete()
    shown = text_of(find(desk, gone))
    assert "没有找到" in shown
    assert gone not in shown


def test_the_beginning_of_a_name_lists_people_and_one_alone_is_opened(desk: Client) -> None:
    turning.someone("张三")
    turning.someone("张三丰")
    only = turning.someone("李四")
    shown = text_of(find(desk, "张三"))
    assert "张三丰" in shown
    assert "李四" not in shown
    assert find(desk, "李").headers["Location"] == file_of(only)


def test_pinyin_initials_are_a_beginning_too_in_any_case(desk: Client) -> None:
    turning.someone("张三", initials="zs")
    turning.someone("张三丰", initials="zsf")
    turning.someone("王五", initials="ww")
    assert "张三丰" in text_of(find(desk, "ZS"))
    assert find(desk, "zsf").status_code == 302


def test_many_of_a_name_are_read_on_by_key_without_counting(desk: Client) -> None:
    for _ in range(52):
        turning.someone("张伟")
    with CaptureQueriesContext(connection) as captured:
        first = find(desk, "张伟")
    assert_counts_nothing([query["sql"] for query in captured.captured_queries])
    assert len(first.context["found"].people) == 50
    last = first.context["last"]
    second = find(desk, "张伟", after=last.name, after_id=last.pk)
    assert len(second.context["found"].people) == 2
    assert last not in second.context["found"].people


def test_a_get_finds_nobody_so_that_nothing_stands_in_an_address(desk: Client) -> None:
    person = turning.someone("张三")
    response = desk.get(reverse("admin:search"), {"q": number_of(person)})
    assert response.context["found"].people == []
    assert number_of(person) not in text_of(response)


def test_who_may_not_see_people_may_not_search_them() -> None:
    fund_officer = logged_in(cast.officer("Fund officer", "zhao", "赵文清"))
    assert find(fund_officer, "张三").status_code == 403


def test_nothing_asked_is_nothing_found() -> None:
    assert find_people("  ").by == ""


# The list -----------------------------------------------------------------------------------------


def test_the_list_of_people_counts_nothing_and_asks_a_bounded_number_of_queries(
    desk: Client,
) -> None:
    for at in range(3):
        turning.insured(turning.someone(f"张{at}"))
    address = reverse("admin:enrollment_person_changelist")
    desk.get(address)  # the first click of a login writes its session
    few = queries_of(lambda: desk.get(address))
    for at in range(30):
        turning.someone(f"李{at}", region=cast.JINGHU)
    many = queries_of(lambda: desk.get(address))
    assert_counts_nothing(many)
    assert len(many) == len(few) <= 16


def test_a_row_of_the_list_says_who_where_and_how_covered(desk: Client) -> None:
    turning.insured(turning.someone("张三"))
    away = turning.someone("王五", region=cast.JINGHU)
    away.household_region = cast.BAOHE
    away.save()
    shown = text_of(desk.get(reverse("admin:enrollment_person_changelist")))
    assert "合肥市蜀山区" in shown
    assert "待遇享受中" in shown
    assert "芜湖市镜湖区" in shown
    assert "人户分离" in shown
    assert "未参保" in shown
    assert not FULL_NUMBER.search(shown)


def test_the_list_is_cut_by_city_and_county(desk: Client) -> None:
    turning.someone("张三")
    turning.someone("王五", region=cast.JINGHU)
    address = reverse("admin:enrollment_person_changelist")
    assert "王五" not in text_of(desk.get(address, {"city": "3401"}))
    assert "张三" in text_of(desk.get(address, {"city": "3401", "county": "340104"}))
    assert "张三" not in text_of(desk.get(address, {"city": "3401", "county": "340111"}))
    assert "张三" not in text_of(desk.get(address, {"city": "nowhere"}))


def test_the_register_is_changed_by_no_list(desk: Client) -> None:
    person = turning.someone("张三")
    desk.post(file_of(person), {"name": "李四"})
    person.refresh_from_db()
    assert person.name == "张三"
    assert desk.get(reverse("admin:enrollment_person_add")).status_code == 403


# The file of a person -----------------------------------------------------------------------------


@pytest.fixture
def zhang_san() -> Person:
    """Dibao, living away, covered in 2026, billed and paid for 2027."""
    person = turning.someone("张三", "dibao", phone_sealed=seal("13912345627"))
    Person.objects.filter(pk=person.pk).update(household_region=cast.BAOHE)
    turning.insured(person)
    return person


def test_the_file_says_who_somebody_is_and_masks_what_it_must(
    desk: Client, zhang_san: Person
) -> None:
    response = desk.get(file_of(zhang_san))
    shown = text_of(response)
    assert "张三" in shown
    assert "待遇享受中" in shown
    assert "合肥市包河区" in shown
    assert "人户分离" in shown
    assert "低保对象" in shown
    assert "139******27" in shown
    assert zhang_san.id_mask in shown
    assert not FULL_NUMBER.search(response.content.decode())
    assert "1972-05-04" not in shown  # the year and the age alone stand beside the mask
    assert "54 岁" in shown


def test_the_file_shows_both_schemes_lapsed_years_and_why_somebody_fell_out(
    desk: Client,
) -> None:
    person = turning.someone("李四")
    turning.insured(person)
    turning.employed(person, 2026, 0b111)
    turning.turn_until("close")
    turning.turn("close")
    turning.turn("activate")
    with business_date_is(WINTER):
        response = desk.get(file_of(person))
    shown = text_of(response)
    assert next(each.status for each in response.context["file"].years) == "lapsed"
    assert "断保" in shown
    assert "缴费 3 个月" in shown
    assert Fallout.objects.get().reason == "unpaid"
    assert "退出情况" in shown


def test_the_next_years_bill_stands_in_the_banner_during_collection(
    desk: Client, zhang_san: Person
) -> None:
    turning.turn("open")
    assert "2027 已登记未缴" in text_of(desk.get(file_of(zhang_san)))


def test_benefits_are_shown_for_what_was_paid_and_not_for_an_unknown_wait() -> None:
    turned = turning.someone("张三")
    cast.year(2027, closed=False)
    run = YearRun.objects.get(year=2027)
    run.closed_on, run.activated_on = date(2026, 12, 31), date(2027, 1, 1)
    run.save()
    row = cast.paid(turned, 2027, on=date(2027, 2, 3))
    (late,) = person_file(turned, date(2027, 3, 1)).years
    assert late.status == "waiting"
    assert late.benefit is None
    Enrollment.objects.filter(pk=row.pk).update(benefit_start=date(2027, 5, 3))
    (dated,) = person_file(turned, date(2027, 3, 1)).years
    assert dated.benefit == (date(2027, 5, 3), date(2027, 12, 31))
    Enrollment.objects.filter(pk=row.pk).update(
        benefit_start=None, paid_on=AUTUMN, ended_on=date(2027, 6, 1), ended_for="moved_out"
    )
    (ended,) = person_file(turned, date(2027, 7, 1)).years
    assert ended.benefit == (date(2027, 1, 1), date(2027, 6, 1))


@pytest.mark.parametrize(
    ("fields", "code", "word"),
    [
        ({"died_on": date(2026, 3, 1)}, "ended", "死亡"),
        ({"left_on": date(2026, 3, 1), "left_for": "moved_out"}, "ended", "转出"),
        ({"scheme": Person.Scheme.EMPLOYEE}, "employee", "职工在保"),
        ({}, "none", "未参保"),
    ],
)
def test_the_banner_has_one_word_for_everybody(
    fields: dict[str, Any], code: str, word: str
) -> None:
    present = person_file(turning.someone("张三", **fields), AUTUMN).present
    assert (present.code, present.label) == (code, word)


def test_a_change_that_waits_says_so_until_it_is_taken(
    desk: Client, zhang_san: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_takers, "items", {})
    Change.objects.create(person=zhang_san, year=2026, cause="category")
    assert "重新核定中" not in text_of(desk.get(file_of(zhang_san)))
    change_takers.add(ChangeTaker(name="nobody", take=lambda changes: None))
    assert "重新核定中" in text_of(desk.get(file_of(zhang_san)))


def test_a_file_asks_at_most_fifteen_queries_whatever_it_holds(
    desk: Client, zhang_san: Person
) -> None:
    desk.get(file_of(zhang_san))  # the first click of a login writes its session
    for at in range(8):
        turning.receipt(f"R{at}", zhang_san, 10)
        turning.recognise(
            zhang_san, "monitored", since=date(2020 + at, 1, 1), until=date(2020 + at, 6, 1)
        )
    turning.turn("open")
    asked = queries_of(lambda: desk.get(file_of(zhang_san)))
    assert len(asked) <= 15
    assert_counts_nothing(asked)
    assert len(queries_of(lambda: desk.get(file_of(zhang_san), {"why": "subsidy-2027"}))) <= 20


def test_an_unknown_file_and_a_forbidden_one_are_refused(desk: Client, zhang_san: Person) -> None:
    assert desk.get(reverse("admin:enrollment_person_change", args=[999_999])).status_code == 404
    assert desk.get(reverse("admin:enrollment_person_change", args=["abc"])).status_code == 404
    fund_officer = logged_in(cast.officer("Fund officer", "zhao", "赵文清"))
    assert fund_officer.get(file_of(zhang_san)).status_code == 403


def test_the_file_is_english_for_who_reads_english(desk: Client, zhang_san: Person) -> None:
    desk.cookies["django_language"] = "en"
    shown = text_of(desk.get(file_of(zhang_san)))
    assert "Years of cover" in shown
    assert "away from registration" in shown


def test_a_print_of_the_file_names_the_agency_and_who_printed(
    desk: Client, zhang_san: Person
) -> None:
    html = desk.get(file_of(zhang_san)).content.decode()
    notice = html[html.index('<article class="tc-notice"') :]
    assert "参保情况表" in notice
    assert "王建国" in notice
    assert zhang_san.id_mask in notice


# Why this figure ----------------------------------------------------------------------------------


def why(desk: Client, person: Person, what: str) -> tuple[Any, str]:
    response = desk.get(file_of(person), {"why": what})
    html = response.content.decode()
    begin = html.find('<aside class="tc-why"')
    panel = html[begin : html.find("</aside>", begin)] if begin >= 0 else ""
    return response.context["why"], re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", panel))


def test_a_subsidy_names_category_quota_document_and_status(
    desk: Client, zhang_san: Person
) -> None:
    turning.turn("open")
    answer, panel = why(desk, zhang_san, "subsidy-2027")
    assert answer.answer == Decimal(378)
    assert "378.00" in panel
    assert "低保对象" in panel
    assert "皖医保发〔2024〕6号 一（一）" in panel
    assert "示例" in panel  # the quota of 2027 stands in no document
    assert "2026-09-01" in panel


def test_a_standard_names_its_document_of_the_time(desk: Client, zhang_san: Person) -> None:
    answer, panel = why(desk, zhang_san, "standard-2026")
    assert answer.answer == Decimal(400)
    assert "合肥" not in panel or "芜湖" in panel
    assert "筹资标准" in panel
    assert "示例" not in panel
    assert "未核实" not in panel


def test_an_unverified_standard_says_so(desk: Client) -> None:
    cast.year(2024)
    person = turning.someone("张三")
    cast.paid(person, 2024)
    _, panel = why(desk, person, "standard-2024")
    assert "未核实" in panel


def test_the_lines_of_a_subsidy_add_up_to_it(desk: Client, zhang_san: Person) -> None:
    turning.turn("open")
    turning.turn("subsidise")
    turning.turn("subsidise")
    assert Award.objects.count() == 1
    answer, panel = why(desk, zhang_san, "subsidy-2027")
    assert sum(line.amount for line in answer.lines if line.amount is not None) == Decimal(378)
    assert "378.00" in panel


def test_payable_is_told_from_standard_and_subsidy(desk: Client, zhang_san: Person) -> None:
    turning.turn("open")
    answer, _ = why(desk, zhang_san, "payable-2027")
    assert answer.answer == Decimal(42)
    assert [line.amount for line in answer.lines] == [Decimal(420), None, Decimal(378)]


def test_no_subsidy_says_why_not(desk: Client) -> None:
    person = turning.someone("李四")
    turning.turn("open")
    _, panel = why(desk, person, "subsidy-2027")
    assert "无有效的资助类别" in panel or "没有" in panel or "无资助" in panel


@pytest.mark.parametrize("what", ["", "paid-2026", "subsidy", "subsidy-1999", "subsidy-x"])
def test_any_other_question_opens_no_panel(desk: Client, zhang_san: Person, what: str) -> None:
    assert why(desk, zhang_san, what) == (None, "")


# The law ------------------------------------------------------------------------------------------


def test_parameters_are_listed_with_value_days_clause_and_how_far_verified(desk: Client) -> None:
    address = reverse("admin:enrollment_policyparameter_changelist")
    response = desk.get(address, {"subject": "contribution", "in": "340000000000"})
    shown = text_of(response)
    assert "400.00 元" in shown
    assert "2026-01-01 至 2026-12-31" in shown
    assert "已核实" in shown
    assert "未核实" in shown
    assert "示例" in shown
    assert "个人缴费标准" in shown


def test_lists_of_the_law_count_nothing(desk: Client) -> None:
    for name in ("policyparameter", "policydocument", "region"):
        address = reverse(f"admin:enrollment_{name}_changelist")
        assert_counts_nothing(queries_of(lambda address=address: desk.get(address)))  # type: ignore[misc]


def test_a_parameter_shows_all_its_values_here_and_in_the_province(desk: Client) -> None:
    quota = PolicyParameter.objects.get(
        code="subsidy.quota.dibao", area=340100000000, valid__contains=date(2025, 5, 1)
    )
    response = desk.get(reverse("admin:enrollment_policyparameter_change", args=[quota.pk]))
    values = [row.value for row in response.context["siblings"]]
    assert "360.00 元" in values
    assert "378.00 元" in values
    shown = text_of(response)
    assert "低保对象资助参保定额" in shown
    assert "合肥市2025年度城乡居民" in response.content.decode()


def test_the_law_is_only_looked_at(desk: Client) -> None:
    row = PolicyParameter.objects.first()
    assert row is not None
    address = reverse("admin:enrollment_policyparameter_change", args=[row.pk])
    assert desk.post(address, {"value": "1"}).status_code == 403
    assert desk.get(reverse("admin:enrollment_policyparameter_add")).status_code == 403


def test_a_document_lists_what_rests_on_it(desk: Client) -> None:
    row = PolicyParameter.objects.filter(document__key="anhui-enrolment-2024").first()
    assert row is not None
    address = reverse("admin:enrollment_policydocument_change", args=[row.document_id])
    response = desk.get(address)
    assert len(response.context["parameters"]) > 3
    assert "皖医保发〔2024〕6号" in text_of(response)


@pytest.fixture
def jinggang() -> Region:
    """A town of Shushan: the law of the tests ends at the counties."""
    return Region.objects.create(
        code=340104100000, name="井岗镇", level=Region.Level.TOWNSHIP, valid_from=date(2023, 6, 30)
    )


@pytest.mark.usefixtures("jinggang")
def test_regions_are_found_by_name(desk: Client) -> None:
    address = reverse("admin:enrollment_region_changelist")
    shown = text_of(desk.get(address, {"q": "井岗"}))
    assert "340104100000" in shown
    assert "芜湖市" not in shown


# The start page -----------------------------------------------------------------------------------


def test_the_start_page_says_where_the_year_stands_and_what_waits_for_a_signature(
    desk: Client, zhang_san: Person
) -> None:
    home = reverse("admin:index")
    assert "2027 年度运行" in text_of(desk.get(home))
    step = turning.turn("open", rehearse=True)
    assert f"R-2027-{step.pk}" in text_of(desk.get(home))
    turning.turn("open")
    assert f"R-2027-{step.pk}" not in text_of(desk.get(home))
    maker = logged_in(cast.officer("Maker", "liu", "刘婷"))
    assert "2027 年度运行" not in text_of(maker.get(home))


# The run monitor ----------------------------------------------------------------------------------


def run_page(year: int = 2027, **query: Any) -> str:
    return reverse("admin:run_monitor", args=[year]) + (
        "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
    )


def at_work(**fields: Any) -> YearStep:
    """`open` of 2027 under way: six slices in every state a slice can be in."""
    cast.year(2027, closed=False)
    run = YearRun.objects.get(year=2027)
    started = timezone.now() - timedelta(seconds=100)
    step = YearStep.objects.create(
        run=run, name="open", on=turning.OPENING, started_at=started, **fields
    )
    states = ["done", "done", "running", "queued", "retry", "failed"]
    for number, state in enumerate(states, 1):
        shard = StepShard.objects.create(
            step=step,
            phase=0,
            number=number,
            work="fill",
            first_person=number,
            last_person=number,
            state=state,
            attempts=number,
            worker=f"here:{number}",
            rows=500 if state == "done" else 0,
            started_at=started,
            finished_at=timezone.now() if state == "done" else None,
            error="OperationalError: connection reset" if state in {"retry", "failed"} else "",
        )
        if state == "done":
            ShardTotal.objects.create(
                shard=shard,
                county=340104 if number == 1 else 340202,
                item="" if number == 1 else "dibao",
                persons=500,
                standard=Decimal(210_000),
                subsidy=Decimal(10_000),
                payable=Decimal(200_000),
            )
    StepShard.objects.create(step=step, phase=1, number=1, work="index id")
    return step


def over(step: YearStep, **says: Any) -> None:
    """Done, as the run says it, when the database adds up its shards."""
    YearStep.objects.filter(pk=step.pk).update(
        state="done", finished_at=timezone.now(), digest="d" * 64, **says
    )


def test_a_year_that_nobody_opened_says_what_comes_next(desk: Client) -> None:
    shown = text_of(desk.get(run_page()))
    assert "2027 年度尚未展期" in shown
    assert "2026-09-01" in shown


def test_the_monitor_tells_progress_pieces_rate_time_and_failures(desk: Client) -> None:
    step = at_work()
    response = desk.get(run_page())
    progress = response.context["monitor"].progress
    assert (progress.total, progress.done) == (7, 2)
    assert (progress.running, progress.queued) == (1, 2)
    assert (progress.retry, progress.failed) == (1, 1)
    assert progress.rows == 1000
    assert progress.percent == "28.57"
    assert progress.rate == 1000 // 60
    assert progress.workers == 1
    assert 190 < progress.left < 215  # two of six slices took a hundred seconds
    assert [shard.number for shard in response.context["monitor"].attention] == [3, 5, 6]
    shown = text_of(response)
    assert "connection reset" in shown
    assert "运行中" in shown
    assert response.context["monitor"].step == step


def test_totals_stand_by_city_and_add_up(desk: Client) -> None:
    at_work()
    found = desk.get(run_page()).context["monitor"]
    names = {
        area.name: [area.first.value, *(cell.value for cell in area.cells)] for area in found.areas
    }
    assert names["合肥"] == [500, 210_000, 10_000, 200_000]
    assert names["芜湖"] == [500, 210_000, 10_000, 200_000]
    assert found.total.first.value == 1000
    assert [cell.value for cell in found.total.cells] == [420_000, 20_000, 400_000]


def test_the_changing_part_is_asked_alone_and_says_when_to_stop(desk: Client) -> None:
    step = at_work()
    part = reverse("admin:run_live", args=[2027])
    page = desk.get(run_page()).content.decode()
    assert f'data-refresh-url="{part}"' in page
    response = desk.get(part, headers={"X-Poll": "1"})
    assert "<html" not in response.content.decode()
    assert "X-Refresh" not in response.headers
    assert 'id="run-summary"' in response.content.decode()
    YearStep.objects.filter(pk=step.pk).update(
        state="done", finished_at=timezone.now(), digest="d" * 64
    )
    assert desk.get(part).headers["X-Refresh"] == "stop"
    assert "data-refresh-url" not in desk.get(run_page()).content.decode()


def test_looking_at_a_run_never_reads_the_register(desk: Client) -> None:
    at_work()
    turning.someone("张三")
    for address in (
        run_page(),
        reverse("admin:run_live", args=[2027]),
        reverse("admin:year_cities", args=[2027]),
        reverse("admin:year_counties", args=[2027, 3401]),
        reverse("admin:year_calendar", args=[2027]),
    ):
        statements = queries_of(lambda address=address: desk.get(address))  # type: ignore[misc]
        read = [sql for sql in statements if re.search(r'FROM "(person|enrollment|fallout)"', sql)]
        assert read == []
        assert len(statements) <= 22


@pytest.mark.parametrize(
    ("role", "region", "may"),
    [
        ("Supervisor", cast.ANHUI, True),
        ("Supervisor", cast.HEFEI, False),  # a city's supervisor reads the province's year
        ("Auditor", cast.ANHUI, False),
        ("Fund officer", cast.ANHUI, False),
    ],
)
def test_only_who_steers_the_province_sees_and_presses_the_buttons(
    role: str, region: int, may: bool
) -> None:
    step = at_work()
    client = logged_in(cast.officer(role, "someone", "某人", region=region))
    pause = reverse("admin:steer_step", args=[step.pk, "pause"])
    assert (pause in client.get(run_page()).content.decode()) is may
    assert client.post(pause).status_code == (302 if may else 403)
    step.refresh_from_db()
    assert (step.state == "paused") is may


def test_a_step_is_paused_resumed_and_its_failures_tried_again(desk: Client) -> None:
    step = at_work()

    def press(act: str) -> str:
        desk.post(reverse("admin:steer_step", args=[step.pk, act]))
        step.refresh_from_db()
        return step.state

    assert press("pause") == "paused"
    assert press("resume") == "running"
    YearStep.objects.filter(pk=step.pk).update(state="failed")
    assert press("retry") == "running"
    assert not step.shards.filter(state="failed").exists()
    assert desk.post(reverse("admin:steer_step", args=[step.pk, "delete"])).status_code == 404


def test_an_act_that_comes_too_late_is_refused_in_words(desk: Client) -> None:
    step = at_work()
    resume = reverse("admin:steer_step", args=[step.pk, "resume"])
    assert "该步骤没有暂停" in text_of(desk.post(resume, follow=True))


def test_acts_answer_no_get(desk: Client) -> None:
    step = at_work()
    assert desk.get(reverse("admin:steer_step", args=[step.pk, "pause"])).status_code == 405
    assert desk.get(reverse("admin:start_step", args=[2027])).status_code == 405


# Starting, rehearsing, signing --------------------------------------------------------------------


def begin(client: Client, name: str = "open", on: date = turning.OPENING, **fields: Any) -> Any:
    return client.post(
        reverse("admin:start_step", args=[2027]), {"step": name, "on": f"{on}", **fields}
    )


def rehearsed(client: Client) -> YearStep:
    """A rehearsal of `open`, begun on the page and done by the workers."""
    assert begin(client, rehearse="1").status_code == 302
    return turning.finish(YearStep.objects.get(run__mode="rehearsal", state="running"))


def test_a_step_out_of_order_is_refused_by_name_and_writes_nothing(desk: Client) -> None:
    shown = text_of(begin(desk, "activate"))
    assert "按年度顺序，此步骤还不能运行" in shown
    assert "out_of_order" in shown
    assert not YearStep.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"area": "abc"}, "6、9 或 12 位"),
        ({"area": "349999"}, "本省没有这个地区"),
        ({"on": "soon"}, "没有启动"),
        ({"step": "dance"}, "没有启动"),
    ],
)
def test_a_wrong_form_starts_nothing_and_says_what_is_wrong(
    desk: Client, fields: dict[str, str], says: str
) -> None:
    turning.someone("张三")
    address = reverse("admin:start_step", args=[2027])
    given = {"step": "open", "on": "2026-09-01", "rehearse": "1", **fields}
    assert says in text_of(desk.post(address, given))
    assert not YearStep.objects.exists()


def test_a_broker_that_is_away_leaves_the_step_to_the_sweep(
    desk: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(current_app, "send_task", away)
    turning.someone("张三")
    with django_capture_on_commit_callbacks(execute=True):
        assert begin(desk).status_code == 302
    assert YearStep.objects.get().state == "running"


def test_a_rehearsal_is_read_signed_and_run_and_the_totals_are_equal(
    desk: Client, supervisor: User, zhang_san: Person
) -> None:
    turning.someone("王五", region=cast.JINGHU)
    step = rehearsed(desk)
    report_page = reverse("admin:rehearsal", args=[step.pk])
    report = desk.get(report_page)
    shown = text_of(report)
    assert figures.grouped(step.digest) in shown
    assert "合肥" in shown
    assert "芜湖" in shown
    assert "签署并正式运行" in shown
    response = desk.post(reverse("admin:sign_rehearsal", args=[step.pk]), {"digest": step.digest})
    assert response.status_code == 302
    real = turning.finish(YearStep.objects.get(run__mode="real", name="open"))
    assert real.digest == step.digest
    found = desk.get(run_page()).context["monitor"]
    assert [line.same for line in found.compared] == [True] * 5
    assert found.step.rehearsed.signed_by == supervisor
    shown = text_of(desk.get(run_page()))
    assert figures.digest_ends(step.digest) in shown
    assert "王建国" in shown
    assert "已签署" in text_of(desk.get(report_page))


def test_a_report_stands_beside_the_year_before(desk: Client, zhang_san: Person) -> None:
    turning.insured(turning.someone("李四"))
    Person.objects.filter(name="李四").update(died_on=date(2026, 8, 1))
    step = rehearsed(desk)
    report = desk.get(reverse("admin:rehearsal", args=[step.pk])).context["report"]
    (hefei,) = report.by_area
    assert hefei.this[0].value == 1
    assert hefei.last[0].value == 2
    assert hefei.difference[0].value == -1
    by_item = {line.name: line for line in report.by_item}
    assert by_item["低保对象"].this[1].value == Decimal(378)
    assert by_item["普通居民"].last[0].value == 2
    assert report.compared_with == "history"
    assert report.statuses["example"] == 3  # standard, fiscal standard and the one quota


def test_history_without_money_is_compared_by_people_alone(desk: Client, zhang_san: Person) -> None:
    Enrollment.objects.update(standard=0, subsidy=0, payable=0, paid=0)
    step = rehearsed(desk)
    report = desk.get(reverse("admin:rehearsal", args=[step.pk])).context["report"]
    assert report.compared_with == "people"
    assert report.total.last[0].value == 1
    assert report.total.last[1].kind == "none"


def test_the_year_before_is_counted_once(desk: Client, zhang_san: Person) -> None:
    step = rehearsed(desk)
    address = reverse("admin:rehearsal", args=[step.pk])

    def counts() -> int:
        return sum('FROM "enrollment"' in sql for sql in queries_of(lambda: desk.get(address)))

    assert [counts(), counts()] == [1, 0]


def test_a_turned_year_before_is_read_from_its_ledger(desk: Client, zhang_san: Person) -> None:
    for name in turning.STEPS:
        turning.turn(name)
    step = turning.turn("open", year=2028, rehearse=True) if law_of_2028() else None
    assert step is not None
    report = desk.get(reverse("admin:rehearsal", args=[step.pk])).context["report"]
    assert report.compared_with == "ledger"
    assert report.total.last[0].value == 1


def law_of_2028() -> bool:
    """Values of 2027 hold on, so that 2028 can be computed."""
    for row in PolicyParameter.objects.filter(status="example", valid__contains=date(2027, 6, 1)):
        if row.valid.upper == date(2028, 1, 1):
            row.valid = DateRange(row.valid.lower, date(2029, 1, 1))
            row.save()
    return True


def test_people_who_changed_since_lead_to_a_new_report(desk: Client, zhang_san: Person) -> None:
    step = rehearsed(desk)
    turning.recognise(turning.someone("李四"), "dibao")
    response = desk.post(
        reverse("admin:sign_rehearsal", args=[step.pk]), {"digest": step.digest}, follow=True
    )
    shown = text_of(response)
    assert "请签署新的报告" in shown
    assert not YearStep.objects.filter(run__mode="real").exists()


def test_a_parameter_that_changed_since_refuses_the_signature(
    desk: Client, zhang_san: Person
) -> None:
    step = rehearsed(desk)
    PolicyParameter.objects.filter(
        code="contribution.individual_standard", valid__contains=date(2027, 1, 1)
    ).update(value="421")
    response = desk.post(
        reverse("admin:sign_rehearsal", args=[step.pk]), {"digest": step.digest}, follow=True
    )
    assert "参数有变化，请重新预演" in text_of(response)
    step.refresh_from_db()
    assert step.signed_at is None


def test_a_digest_that_is_not_the_shown_one_is_not_signed(desk: Client, zhang_san: Person) -> None:
    step = rehearsed(desk)
    response = desk.post(
        reverse("admin:sign_rehearsal", args=[step.pk]), {"digest": "0" * 64}, follow=True
    )
    assert "报告有变化" in text_of(response)
    step.refresh_from_db()
    assert step.signed_at is None


def test_a_signature_is_a_permission_of_its_own(desk: Client, zhang_san: Person) -> None:
    step = rehearsed(desk)
    auditor = logged_in(cast.officer("Auditor", "zhou", "周明"))
    of_a_city = logged_in(cast.officer("Supervisor", "sun", "孙市", region=cast.HEFEI))
    sign = reverse("admin:sign_rehearsal", args=[step.pk])
    for client in (auditor, of_a_city):
        shown = text_of(client.get(reverse("admin:rehearsal", args=[step.pk])))
        assert "您的角色无权签署预演" in shown
        assert client.post(sign, {"digest": step.digest}).status_code == 403


def test_a_rehearsal_of_an_area_has_a_report_and_no_signature(
    desk: Client, zhang_san: Person
) -> None:
    step = turning.turn("open", rehearse=True, area=cast.HEFEI)
    shown = text_of(desk.get(reverse("admin:rehearsal", args=[step.pk])))
    assert "只有全省预演可以签署" in shown
    assert "签署并正式运行" not in shown


def test_a_real_step_is_no_rehearsal_and_an_unfinished_one_has_no_report(desk: Client) -> None:
    step = at_work()
    assert desk.get(reverse("admin:rehearsal", args=[step.pk])).status_code == 404
    turning.someone("张三")
    YearRun.objects.filter(pk=step.run_id).update(mode="rehearsal")
    shown = text_of(desk.get(reverse("admin:rehearsal", args=[step.pk])))
    assert "预演完成后出具报告" in shown


def test_a_total_that_differs_from_the_rehearsal_is_marked(desk: Client) -> None:
    step = at_work()
    twin = YearStep.objects.create(
        run=YearRun.objects.create(year=2027, province_id=340000000000, mode="rehearsal"),
        name="open",
        on=turning.OPENING,
    )
    for number in (1, 2, 3):
        shard = StepShard.objects.create(
            step=twin,
            phase=0,
            number=number,
            work="fill",
            state="done",
            finished_at=timezone.now(),
        )
        ShardTotal.objects.create(
            shard=shard,
            county=340104,
            item="",
            persons=500,
            standard=Decimal(210_000),
            subsidy=Decimal(10_000 if number != 2 else 9_999),
            payable=Decimal(200_000),
        )
    over(twin)
    YearStep.objects.filter(pk=step.pk).update(rehearsed=twin)
    found = desk.get(run_page()).context["monitor"]
    same = {str(line.label): line.same for line in found.compared}
    assert list(same.values()) == [True, True, True, False, True]  # the third slice is not done
    assert found.progress.expected == 1500
    states = {area.name: area.state for area in found.areas}
    assert states == {"合肥": "running", "芜湖": "done"}


# The year by city ---------------------------------------------------------------------------------


def test_the_year_by_city_ties_with_the_register(desk: Client, zhang_san: Person) -> None:
    gone = turning.someone("李四", region=cast.JINGHU)
    new = turning.someone("王五", region=cast.JINGHU)
    lapsed = turning.someone("赵六")
    turning.insured(gone, lapsed)
    turning.turn("open")
    turning.turn("subsidise")
    turning.receipt("R1", zhang_san, 42)
    turning.receipt("R2", new, 420)
    turning.receipt("R3", None, 420)
    Person.objects.filter(pk=gone.pk).update(died_on=date(2026, 10, 1))
    for name in ("reconcile", "close", "activate"):
        turning.turn(name)
    table = cities.year_by_place(2027)
    by_name = {place.name: place for place in table.places}
    hefei, wuhu = by_name["合肥"], by_name["芜湖"]
    assert (hefei.billed, hefei.subsidised, hefei.subsidy) == (2, 1, Decimal(378))
    assert (hefei.payable, hefei.paid) == (Decimal(462), Decimal(42))
    assert (hefei.insured_last_year, hefei.insured) == (2, 1)
    assert (hefei.fallout, hefei.lapsed) == ({"unpaid": 1}, 1)
    assert (wuhu.fallout, wuhu.joined, wuhu.insured) == ({"deceased": 1}, 1, 1)
    assert table.open_receipts == Decimal(420)
    assert table.reasons == ["deceased", "unpaid"]
    assert table.ties
    total = table.total
    assert total.insured == sum(place.insured or 0 for place in table.places) == 2
    assert total.fell_out == Fallout.objects.count() == 2
    shown = text_of(desk.get(reverse("admin:year_cities", args=[2027])))
    assert "上年 − 退出 ＋ 新增 ＝ 参保" in shown
    counties = cities.year_by_place(2027, city=cast.HEFEI)
    assert [place.name for place in counties.places] == ["蜀山区"]
    assert counties.total.billed == 2
    assert "蜀山区" in text_of(desk.get(reverse("admin:year_counties", args=[2027, 3401])))


def test_a_bill_that_changed_is_counted_as_it_is_now(zhang_san: Person) -> None:
    turning.turn("open")
    PersonCategory.objects.all().delete()
    turning.turn("subsidise")
    (hefei,) = cities.year_by_place(2027).places
    assert hefei.subsidy == Enrollment.objects.get(person=zhang_san, id__gte=2027 * 10**12).subsidy
    assert (hefei.subsidy, hefei.payable) == (Decimal(0), Decimal(420))


def test_a_year_that_does_not_tie_is_said_so(desk: Client) -> None:
    step = at_work()
    shard = step.shards.first()
    assert shard is not None
    for item, persons in (("insured_last_year", 10), ("insured", 9), ("fallout:unpaid", 2)):
        ShardTotal.objects.create(shard=shard, county=340104, item=item, persons=persons)
    over(step, name="activate")
    table = cities.year_by_place(2027)
    assert not table.ties
    assert 'class="tc-diff"' in desk.get(reverse("admin:year_cities", args=[2027])).content.decode()


def test_figures_that_no_step_has_counted_are_dashes_not_noughts(zhang_san: Person) -> None:
    turning.turn("open")
    (hefei,) = cities.year_by_place(2027).places
    assert (hefei.paid, hefei.insured, hefei.fell_out, hefei.lapsed) == (None, None, None, None)
    assert hefei.kept_share is None
    assert hefei.heat == ""


@pytest.mark.parametrize(
    ("kept", "step"), [(799, "s0"), (800, "s1"), (900, "s3"), (979, "s5"), (980, "s6")]
)
def test_the_heat_of_a_city_has_fixed_bounds(kept: int, step: str) -> None:
    found = cities._place_year(
        cast.HEFEI,
        "合肥",
        {
            "activate": {
                "insured_last_year": Totals(1000),
                "insured": Totals(kept),
                "fallout:unpaid": Totals(1000 - kept),
            }
        },
        {"activate"},
    )
    assert found.heat == step


def test_a_year_of_history_says_that_it_has_no_totals(desk: Client) -> None:
    assert "由历史文件导入" in text_of(desk.get(reverse("admin:year_cities", args=[2026])))


def test_an_unknown_year_or_city_is_no_page(desk: Client) -> None:
    assert desk.get(reverse("admin:year_cities", args=[1066])).status_code == 404
    assert desk.get(run_page(9999)).status_code == 404
    assert desk.get(reverse("admin:year_counties", args=[2027, 9999])).status_code == 404


# Calendar and navigation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [("year", "run_monitor"), ("cities", "year_cities"), ("calendar", "year_calendar")],
)
def test_the_navigation_leads_to_the_year_at_work(
    desk: Client, address: str, leads_to: str
) -> None:
    response = desk.get(reverse(f"admin:{address}"))
    assert response.headers["Location"] == reverse(f"admin:{leads_to}", args=[2027])


@pytest.mark.parametrize(
    ("on", "year"),
    [(date(2026, 8, 31), 2026), (date(2026, 9, 1), 2027), (date(2026, 12, 31), 2027)],
)
def test_before_a_year_was_turned_the_next_one_to_open_is_shown(on: date, year: int) -> None:
    assert monitor.year_at_work(monitor.real_runs(), on) == year


def test_the_pages_of_the_year_are_for_those_who_see_the_year() -> None:
    maker = logged_in(cast.officer("Maker", "liu", "刘婷"))
    for name in ("run_monitor", "year_cities", "year_calendar"):
        assert maker.get(reverse(f"admin:{name}", args=[2027])).status_code == 403


# Places -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("jinggang")
def test_places_are_named_from_the_city_down_and_outside_by_code() -> None:
    found = places([340104100000, 340100000000, 330782000000])
    assert str(found[340104100000]) == "合肥市蜀山区 井岗镇"
    assert found[340104100000].short == "合肥蜀山"
    assert str(found[340100000000]) == "合肥市"
    assert str(found[330782000000]) == "省外 330782"
    with translation.override("en"):
        assert str(places([340100000000])[340100000000]) == "Hefei"
