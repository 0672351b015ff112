"""The desk: whose pile a case lies in, in which order, and what it costs to look."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import translation

from enrollment.models import Case, User
from enrollment.selectors import desk
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, subsidies
from tests import cast, turning
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of

FRIDAY = date(2026, 11, 20)
HOME = "/"


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Anhui with its law, 2026 by history, 2027 open; texts compared here are Chinese."""
    turning.province(monkeypatch)
    cast.year(2027, closed=False)
    with translation.override("zh-hans"), business_date_is(FRIDAY):
        yield


@pytest.fixture
def maker() -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker() -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def approver() -> User:
    return cast.officer("Approver", "chen", "陈立群")


def draft(maker: User, *, due_on: date | None = None) -> Case:
    person = turning.someone("张三")
    cast.bill(person, 2027)
    case = cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=person,
        year=2027,
        amount=Decimal(100),
        funder="charity",
        reason="红十字会名单",
    )
    if due_on is not None:
        Case.objects.filter(pk=case.pk).update(due_on=due_on)
    return case


def submitted(maker: User, **fields: Any) -> Case:
    case = draft(maker, **fields)
    return cases.submit_case(case=case, user=maker, expected_version=case.version)


def returned(maker: User, checker: User) -> Case:
    case = submitted(maker)
    return cases.return_case(
        case=case, checker=checker, reason="缴费日与税票不符", expected_version=case.version
    )


def on_desk(user: User, pile: str, **rights: bool) -> list[int]:
    asked = {"makes": False, "checks": False, "effects": False, **rights}
    return [each.case_id for each in desk.desk_of(user, FRIDAY, **asked).of(pile)]


# Piles --------------------------------------------------------------------------------------------


def test_a_case_lies_with_whoever_has_to_act_on_it(
    maker: User, checker: User, approver: User
) -> None:
    open_one, sent, back = draft(maker), submitted(maker), returned(maker, checker)
    assert on_desk(maker, "draft", makes=True) == [open_one.pk]
    assert on_desk(maker, "returned", makes=True) == [back.pk]
    assert on_desk(maker, "sent", makes=True) == [sent.pk]
    assert on_desk(maker, "todo", makes=True) == [open_one.pk, back.pk]
    assert on_desk(checker, "check", checks=True) == [sent.pk]
    assert on_desk(checker, "todo", checks=True) == [sent.pk]
    assert on_desk(approver, "effect", checks=True, effects=True) == []


def test_nobody_is_given_an_own_case_to_check(maker: User) -> None:
    submitted(maker)
    assert on_desk(maker, "check", checks=True) == []


def test_who_checks_in_one_city_and_reads_in_another_checks_there_alone(maker: User) -> None:
    here = submitted(maker)
    both = cast.officer("Checker", "qian", "钱一", region=cast.WUHU)
    assert on_desk(both, "check", checks=True) == []
    cast.entrust(both, "Supervisor", region=cast.HEFEI)
    at_the_next_request = User.objects.get(pk=both.pk)
    assert on_desk(at_the_next_request, "check", checks=True) == []
    near = cast.officer("Checker", "sun", "孙二", region=cast.HEFEI)
    assert on_desk(near, "check", checks=True) == [here.pk]


def test_a_case_of_somebody_else_is_not_mine(maker: User) -> None:
    draft(cast.officer("Maker", "li", "李静"))
    assert on_desk(maker, "draft", makes=True) == []


def test_the_earliest_deadline_lies_on_top_and_late_ones_make_a_pile(maker: User) -> None:
    later = draft(maker, due_on=date(2026, 11, 24))
    late = draft(maker, due_on=date(2026, 11, 19))
    today = draft(maker, due_on=FRIDAY)
    assert on_desk(maker, "todo", makes=True) == [late.pk, today.pk, later.pk]
    assert on_desk(maker, "overdue", makes=True) == [late.pk]
    assert on_desk(maker, "today", makes=True) == [today.pk]


def test_a_pile_is_counted_up_to_a_bound(maker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "AT_MOST", 3)
    for _ in range(4):
        draft(maker)
    found = desk.desk_of(maker, FRIDAY, makes=True, checks=False, effects=False)
    tabs = {tab.name: (tab.number, tab.is_more) for tab in found.tabs}
    assert tabs["draft"] == (2, True)  # 99+ with the real bound
    assert tabs["todo"] == (2, True)
    assert tabs["returned"] == (0, False)


def test_the_piles_are_read_in_the_order_of_their_indexes(
    maker: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms: list[QuerySet[Any]] = []
    plain = desk._arm

    def seen(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        arms.append(plain(name, rows))
        return arms[-1]

    monkeypatch.setattr(desk, "_arm", seen)
    desk.desk_of(maker, FRIDAY, makes=True, checks=False, effects=False)
    desk.desk_of(approver, FRIDAY, makes=False, checks=True, effects=True)
    assert len(arms) == 7  # transfers that come in have two of their own
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # or a table of one row is sorted
    for arm in arms:
        plan = arm.explain()
        assert "case_on_a_makers_desk" in plan or "case_that_waits" in plan
        assert "Sort" not in plan


# The page -----------------------------------------------------------------------------------------


def test_the_page_tells_who_returned_a_case_and_why(maker: User, checker: User) -> None:
    back = returned(maker, checker)
    shown = text_of(logged_in(maker).get(HOME, {"pile": "returned"}))
    assert "缴费日与税票不符" in shown
    assert "张敏" in shown
    assert "修改后重新提交" in shown
    assert reverse("admin:enrollment_contributionsubsidy_edit", args=[back.pk]) in (
        logged_in(maker).get(HOME, {"pile": "returned"}).content.decode()
    )


def test_the_detail_of_a_row_comes_alone(maker: User) -> None:
    case = draft(maker)
    shown = logged_in(maker).get(reverse("admin:desk_case", args=[case.pk]))
    assert "红十字会名单" in shown.content.decode()
    assert "<html" not in shown.content.decode()
    assert logged_in(maker).get(reverse("admin:desk_case", args=[999_999])).status_code == 404


def test_an_unknown_pile_shows_what_is_to_do(maker: User) -> None:
    draft(maker)
    assert logged_in(maker).get(HOME, {"pile": "<script>", "case": "x"}).status_code == 200


def test_who_neither_makes_nor_checks_has_no_piles() -> None:
    auditor = logged_in(cast.officer("Auditor", "zhou", "周明"))
    assert "待办" not in text_of(auditor.get(HOME))


def test_an_empty_desk_says_so(maker: User) -> None:
    assert "没有待办案件" in text_of(logged_in(maker).get(HOME))


def test_a_desk_asks_at_most_fifteen_queries_and_counts_nothing(maker: User, checker: User) -> None:
    for _ in range(desk.SHOWN + 2):
        submitted(maker)
    returned(maker, checker)
    for user in (maker, checker):
        client: Client = logged_in(user)
        client.get(HOME)  # the first click of a login writes its session
        asked = queries_of(lambda client=client: client.get(HOME))  # type: ignore[misc]
        assert len(asked) <= 15
        assert_counts_nothing(asked)
