"""Suspense and the days of receipts as the web serves them, under row security."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrollment.models import (
    Case,
    ControlTotal,
    DayClose,
    Enrollment,
    Person,
    Receipt,
    SuspenseClearing,
    User,
)
from enrollment.selectors.cases import shown_digest_of
from enrollment.selectors.scope import set_scope
from tests import cast
from tests.roles import as_role

TODAY, DAY = date(2026, 11, 20), date(2026, 11, 10)
LIST, BATCH = "/enrollment/receipt/", "/enrollment/receipt/batch/"
CLEARING = "/enrollment/suspenseclearing/"
DAYS = "/receipts/days/"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "liu": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "zhang": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "chen": cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI),
        "shu": cast.officer("Maker", "shu", "蜀山经办", region=cast.SHUSHAN),
        "wu": cast.officer("Maker", "wu", "芜湖经办", region=cast.WUHU),
        "all": cast.officer("Maker", "sheng", "省级经办"),
    }


@pytest.fixture
def zhang_san(officers: dict[str, User]) -> Person:
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    return person


def waiting(number: str, **says: Any) -> Receipt:
    told: dict[str, Any] = {
        "name": "张三", "year": 2027, "amount": 400, "channel": "app", "region": cast.SHUSHAN,
        "paid_at": datetime(2026, 11, 10, 2, tzinfo=UTC), "outcome": "person_unknown",
        "born": date(1972, 5, 4),
    }  # fmt: skip
    return Receipt.objects.create(receipt_number=number, **told | says)


def ask(user: User, path: str, data: dict[str, Any] | None = None) -> Any:
    """One request as the role `web`; no data is a GET."""
    client = Client()
    client.force_login(user)
    return as_role("web", lambda: client.get(path) if data is None else client.post(path, data))


def listed(user: User, query: str = "") -> list[str]:
    """Numbers of the receipts on the list, in its order."""
    page = ask(user, f"{LIST}?{query}")
    assert page.status_code == 200
    return [each.receipt_number for each in page.context["cl"].result_list]


# The list -----------------------------------------------------------------------------------------


def test_each_area_lists_what_it_received_and_the_province_the_rest(
    officers: dict[str, User], zhang_san: Person
) -> None:
    waiting("R1")
    waiting("R2", region=cast.BAOHE)
    waiting("R3", region=cast.JINGHU)
    waiting("R4", region=0)
    waiting("R5", outcome="")
    waiting("R6", outcome="no_bill", refunded=400)

    assert {name: listed(officers[name]) for name in ("liu", "shu", "wu", "all")} == {
        "liu": ["R2", "R1"], "shu": ["R1"], "wu": ["R3"], "all": ["R4", "R3", "R2", "R1"]
    }  # fmt: skip
    wanted = Receipt.objects.get(receipt_number="R3").pk
    assert ask(officers["liu"], f"{LIST}{wanted}/change/").status_code == 404
    assert ask(officers["wu"], f"{LIST}{wanted}/change/").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=paid_twice", ["R2"]),
        ("age=91-", ["R3"]),
        ("channel=bank", ["R2"]),
        ("money=0-500", ["R4", "R2", "R1"]),
        (f"region={cast.BAOHE}", ["R4"]),
        ("age=nonsense&outcome=", ["R4", "R3", "R2", "R1"]),
    ],
)
def test_filters_narrow_the_list(
    officers: dict[str, User], zhang_san: Person, query: str, found: list[str]
) -> None:
    bill = Enrollment.objects.of_year(2027).get()
    waiting("R1")
    waiting("R2", outcome="paid_twice", enrollment=bill, person=zhang_san, channel="bank")
    waiting("R3", paid_at=datetime(2026, 8, 1, tzinfo=UTC), amount=600)
    waiting("R4", region=cast.BAOHE)
    assert listed(officers["liu"], query) == found


def test_a_page_of_the_list_asks_as_often_as_one_row(
    officers: dict[str, User], zhang_san: Person
) -> None:
    """Suggestions are read for the whole page at once, and nobody counts."""

    def queries() -> int:
        client = Client()
        client.force_login(officers["liu"])

        def call() -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(LIST)
            assert not any("COUNT(" in query["sql"] for query in asked.captured_queries)
            return len(asked)

        return as_role("web", call)

    waiting("R0")
    once = queries()
    for number in range(1, 12):
        waiting(f"R{number}")
    assert queries() == once


# From the list to the bill ------------------------------------------------------------------------


def test_ticked_receipts_go_through_maker_checker_and_approver(
    officers: dict[str, User], zhang_san: Person
) -> None:
    receipt = waiting("R1")
    stranger = waiting("R2", name="李四", born=None)
    foreign = waiting("R3", region=cast.JINGHU)
    ticked = {
        "receipt": [receipt.pk, stranger.pk, foreign.pk], "decision": "suggested",
        "evidence": "名单 12 号",
    }  # fmt: skip
    refused = ask(officers["liu"], BATCH, ticked | {"evidence": " "})
    assert refused.status_code == 302
    assert ask(officers["zhang"], BATCH, ticked).status_code == 403
    page = ask(officers["liu"], BATCH, ticked)
    assert (page.context["possible"], page.context["refused"]) == (1, 1)
    assert Case.objects.count() == 0
    shown = ticked | {
        "key": page.context["batch"].key,
        "receipt": [line.receipt.pk for line, _why in page.context["lines"]],
        "bill": [line.bill_id for line, _why in page.context["lines"]],
    }
    for _twice in range(2):
        page = ask(officers["liu"], f"{BATCH}open/", shown)
        assert page.status_code == 200
    case = SuspenseClearing.objects.get()
    assert (case.receipt_id, case.person_id) == (receipt.pk, zhang_san.pk)

    move = f"{CLEARING}{case.pk}/move/"
    ask(officers["liu"], f"{move}submit/", {"version": case.version})
    case.refresh_from_db()
    digest = shown_digest_of(case)
    ask(officers["zhang"], f"{move}approve/", {"version": case.version, "shown_digest": digest})
    case.refresh_from_db()
    assert case.state == "approved"
    ask(officers["chen"], f"{move}effect/", {"version": case.version})
    case.refresh_from_db()

    assert case.state == "effected"
    bill = Enrollment.objects.of_year(2027).get()
    assert bill.paid == 400
    assert bill.paid_on == DAY
    receipt.refresh_from_db()
    assert receipt.cleared == 400
    assert listed(officers["liu"]) == ["R2"]
    assert ask(officers["liu"], f"{LIST}{receipt.pk}/change/").status_code == 200


def test_the_web_writes_no_receipt_but_by_an_approved_case(
    officers: dict[str, User], zhang_san: Person
) -> None:
    waiting("R1")

    def write(statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(officers["all"])
            cursor.execute(statement)

    for statement in (
        "UPDATE receipt SET refunded = amount",
        "INSERT INTO receipt_day SELECT * FROM receipt_day",
        "UPDATE control_total SET amount = 0",
        "SELECT move_suspense(1, 'draft', 1)",
        "SELECT fold_receipt_days()",
        "DELETE FROM day_close",
    ):
        with pytest.raises(DatabaseError, match="permission denied"):
            as_role("web", lambda statement=statement: write(statement))  # type: ignore[misc]


def test_a_clearing_starts_on_a_receipt_of_the_own_area(
    officers: dict[str, User], zhang_san: Person
) -> None:
    foreign = waiting("R3", region=cast.JINGHU)
    assert ask(officers["liu"], f"{CLEARING}add/").url == LIST
    form = f"{CLEARING}add/?receipt={foreign.pk}&decision=return_tax"
    assert ask(officers["liu"], form).status_code == 404
    page = ask(officers["wu"], form)
    assert page.status_code == 200
    sent = {
        "request_key": "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a01", "year": 2027, "channel": "counter",
        "receipt": foreign.pk, "decision": "return_tax", "evidence": "来函 3 号",
    }  # fmt: skip
    assert ask(officers["wu"], form, sent).status_code == 302
    made = SuspenseClearing.objects.get()
    assert (made.region_id, made.person, made.decision) == (cast.JINGHU, None, "return_tax")
    again = ask(officers["wu"], form, sent | {"request_key": made.pk})
    assert again.status_code == 200  # the form, with what is wrong


# The days -----------------------------------------------------------------------------------------


def agreed() -> None:
    waiting("R1")
    for source in ("tax", "treasury"):
        ControlTotal.objects.create(
            source=source, day=DAY, region=cast.HEFEI, scheme=1, receipts=1, amount=400
        )


def test_a_day_is_closed_and_opened_as_the_web(
    officers: dict[str, User], zhang_san: Person
) -> None:
    agreed()
    page = f"{DAYS}{DAY}/{cast.HEFEI}/"
    assert ask(officers["zhang"], f"{DAYS}?month=2026-11").context["rows"][0]["state"] == "agrees"
    assert ask(officers["wu"], f"{DAYS}?month=2026-11").context["rows"] == []
    assert ask(officers["wu"], page).status_code == 404
    assert ask(officers["liu"], f"{page}close/", {}).status_code == 409
    assert ask(officers["zhang"], f"{page}close/").status_code == 405
    assert ask(officers["zhang"], f"{page}close/", {}).status_code == 302
    assert DayClose.objects.get().receipts == 1
    # who sees a county of the area sees that its day is closed, and no total of the area
    county = ask(officers["shu"], page)
    assert county.context["row"]["state"] == "closed"
    assert county.context["row"]["sides"].treasury is None
    assert ask(officers["chen"], f"{page}reopen/", {"reason": ""}).status_code == 409
    assert ask(officers["chen"], f"{page}reopen/", {"reason": "补传"}).status_code == 302
    assert DayClose.objects.get().reason == "补传"


def test_a_difference_blocks_the_close_and_says_where(
    officers: dict[str, User], zhang_san: Person
) -> None:
    agreed()
    waiting("R2", amount=20, channel="bank")
    answer = ask(officers["zhang"], f"{DAYS}{DAY}/{cast.HEFEI}/close/", {})
    assert answer.status_code == 409
    assert "三方有 2 处不符" in answer.content.decode()
    assert [each["at"].by for each in answer.context["differences"]] == [20, 20]
    assert DayClose.objects.count() == 0


@pytest.mark.parametrize(
    "path", [f"{DAYS}2026-13-01/", f"{DAYS}x/{cast.HEFEI}/", f"{DAYS}2026-13-01/county/340104/"]
)
def test_a_day_that_is_none_is_not_found(officers: dict[str, User], path: str) -> None:
    assert ask(officers["zhang"], path).status_code == 404


def test_the_receipts_of_a_county_and_day_go_by_key(
    officers: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrollment.admin.days.RECEIPTS_SHOWN", 2)
    made = [waiting(f"R{number}") for number in range(3)]
    path = f"{DAYS}{DAY}/county/{cast.SHUSHAN // 10**6}/"
    page = ask(officers["liu"], path)
    assert [each.receipt_number for each, _late in page.context["receipts"]] == ["R2", "R1"]
    page = ask(officers["liu"], f"{path}?before={made[1].pk}")
    assert [each.receipt_number for each, _late in page.context["receipts"]] == ["R0"]
    assert ask(officers["wu"], path).context["receipts"] == []
