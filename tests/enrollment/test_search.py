"""One box: what a text stands for, what is opened at once, and what a user does not get to see."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from enrollment.models import Case, Person, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.people import find_people
from enrollment.selectors.search import find_everything
from enrollment.services import cases, subsidies
from tests import cast, turning
from tests.roles import as_role
from tests.screens import assert_counts_nothing, file_of, find, logged_in, queries_of, text_of

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
    person = turning.someone("张三", initials="zs")
    cast.bill(person, 2027)
    return person


@pytest.fixture
def case(maker: User, zhang_san: Person) -> Case:
    return cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=zhang_san,
        year=2027,
        amount=Decimal(100),
        funder="charity",
    )


# Receipts -----------------------------------------------------------------------------------------


def test_a_receipt_leads_to_the_receipts_of_the_file(desk: Client, zhang_san: Person) -> None:
    turning.receipt("34202700000001", zhang_san, 400)
    answer = find(desk, "34202700000001")
    assert answer.headers["Location"] == f"{file_of(zhang_san)}#receipts-h"


def test_a_receipt_number_of_letters_and_of_the_length_of_an_identity_number_is_found(
    desk: Client, zhang_san: Person
) -> None:
    turning.receipt("AH-2026-00017", zhang_san, 400)
    turning.receipt("340000000000000018", zhang_san, 40)
    for number in ("AH-2026-00017", "340000000000000018"):
        assert find(desk, number).headers["Location"] == f"{file_of(zhang_san)}#receipts-h"


def test_a_receipt_in_suspense_says_so(desk: Client) -> None:
    turning.receipt("34202700000009", None, 400)
    shown = text_of(find(desk, "34202700000009"))
    assert "挂账" in shown
    assert "400.00" in shown


def test_a_receipt_of_somebody_out_of_scope_is_not_found(
    transactional_db: None, zhang_san: Person
) -> None:
    """Row security shows the receipt and hides the person: then the receipt is hidden too."""
    turning.receipt("34202700000001", zhang_san, 400)

    def found_in(county: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.counties', %s, true), set_config('app.regions', %s, true)",
                [f"{{{county}}}", f"{{[{county * 10**6},{(county + 1) * 10**6})}}"],
            )
            return not find_everything("34202700000001").is_empty

    assert as_role("web", lambda: found_in(zhang_san.insured_region_id // 10**6))
    assert not as_role("web", lambda: found_in(cast.JINGHU // 10**6))


# Cases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["张\u200b三", "\ufeff张三", "张\0三", "张 三"])
def test_signs_that_nobody_sees_are_not_asked_for(
    desk: Client, zhang_san: Person, typed: str
) -> None:
    assert find(desk, typed).headers["Location"] == file_of(zhang_san)
    assert desk.post("/search/", {"q": "王", "after": "\0", "after_id": "1"}).status_code == 200


def test_a_case_number_opens_the_case(desk: Client, case: Case) -> None:
    page = reverse("admin:enrollment_contributionsubsidy_change", args=[case.pk])
    assert find(desk, str(case.pk)).headers["Location"] == page


def test_a_number_of_a_case_and_of_a_receipt_lists_both(
    desk: Client, case: Case, zhang_san: Person
) -> None:
    turning.receipt(str(case.pk), zhang_san, 400)
    shown = text_of(find(desk, str(case.pk)))
    assert "资助参保" in shown
    assert "票据号" in shown


def test_who_may_not_see_cases_finds_none(case: Case) -> None:
    assert find_everything(str(case.pk), with_cases=False).is_empty
    found = find_everything(str(case.pk)).only_case
    assert found is not None
    assert found.pk == case.pk


def test_a_short_number_of_nothing_says_what_it_might_have_been(desk: Client) -> None:
    shown = text_of(find(desk, "777"))
    assert "没有此号码的案件或票据" in shown
    assert "18 位" in shown


# Names --------------------------------------------------------------------------------------------


def test_namesakes_are_read_on_behind_the_last_one_by_a_row_comparison() -> None:
    people = [turning.someone("张伟", initials="zw") for _ in range(60)]
    with CaptureQueriesContext(connection) as captured:
        rest = find_people("zw", after=("zw", people[49].pk))
    assert [person.pk for person in rest.people] == [person.pk for person in people[50:]]
    assert '("person"."initials", "person"."id") > (' in captured.captured_queries[0]["sql"]


def test_a_search_counts_nothing_and_asks_a_bounded_number_of_queries(desk: Client) -> None:
    for _ in range(52):
        turning.someone("张伟", initials="zw")
    find(desk, "nobody")
    for asked in ("张", "zw", "34202700000001"):
        statements = queries_of(lambda asked=asked: find(desk, asked))  # type: ignore[misc]
        assert len(statements) <= 15
        assert_counts_nothing(statements)


@pytest.mark.parametrize(
    ("column", "typed"), [("person_by_name", "张"), ("person_by_initials", "z")]
)
def test_the_search_reads_a_page_of_its_index(column: str, typed: str) -> None:
    for at in range(3):
        turning.someone(f"张{at}", initials="zs")
    plan = plan_of(typed)
    assert column in plan
    assert "Sort" not in plan


def plan_of(typed: str) -> str:
    """How the page of a prefix is read where sequences and bitmaps are out of the question."""
    with CaptureQueriesContext(connection) as captured:
        find_people(typed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {captured.captured_queries[0]['sql']}")
        lines: list[Any] = cursor.fetchall()
    return "\n".join(line for (line,) in lines)
