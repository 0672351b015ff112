"""The list of all changes, for who audits: by table, day, account and person, in the own region."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrollment.models import History, Person, Receipt, User
from enrollment.selectors.calendar import business_date_is
from tests import cast, turning
from tests.acts import carried_out
from tests.drafts import AUTUMN, correction
from tests.roles import as_role
from tests.screens import assert_counts_nothing, logged_in, text_of

LIST = "/enrollment/history/"


@pytest.fixture
def auditor(transactional_db: None) -> User:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with business_date_is(AUTUMN):
        carried_out(
            correction(cast.officer("Maker", "liu", "刘婷")),
            cast.officer("Checker", "zhang", "张敏"),
        )
    other = cast.person("王五", number=3, region=cast.JINGHU)
    Person.objects.filter(pk=other.pk).update(sex="F")
    return cast.officer("Auditor", "zhou", "周明")


def listed(user: User, **asked: Any) -> str:
    client = logged_in(user)
    return as_role("web", lambda: text_of(client.get(LIST, asked)))


def test_the_list_tells_who_changed_what_on_whom_by_which_case(auditor: User) -> None:
    told = listed(auditor)
    assert "姓名: 赵六 → 赵陆" in told
    assert "张敏" in told
    assert "王五" in told
    assert "数据库角色" in told  # nobody was logged in


def test_the_list_is_narrowed_by_table_day_account_and_person(auditor: User) -> None:
    last = History.objects.filter(table_name="person").latest("pk")
    day = f"{last.recorded_at.astimezone():%Y-%m-%d}"
    wang = Person.objects.get(name="王五")
    for asked, shown in (
        ({"table": "person"}, ("赵陆", "王五")),
        ({"table": "person_category"}, ()),
        ({"day": day}, ("赵陆", "王五")),
        ({"day": "2020-01-01"}, ()),
        ({"day": "gestern"}, ()),
        ({"who": "zhang"}, ("赵陆",)),
        ({"who": "nobody"}, ()),
        ({"person": wang.pk}, ("王五",)),
        ({"person": "x"}, ()),
    ):
        told = listed(auditor, **asked)
        assert tuple(name for name in ("赵陆", "王五") if name in told) == shown, asked


def test_an_auditor_of_one_city_reads_of_that_city_alone(auditor: User) -> None:
    near = cast.officer("Auditor", "qian", "钱进", region=cast.WUHU)
    told = listed(near)
    assert ("王五" in told, "赵陆" in told) == (True, False)
    assert "赵陆" not in listed(near, person=Person.objects.get(name="赵陆").pk)


def test_nobody_else_reads_the_list_and_no_row_is_edited_there(auditor: User) -> None:
    row = History.objects.latest("pk")
    for who in (User.objects.get(username="liu"), cast.officer("Supervisor", "wang", "王建国")):
        assert logged_in(who).get(LIST).status_code == 403
    client = logged_in(auditor)
    assert client.post(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{row.pk}/change/", {"act": "DELETE"}).status_code == 403


def test_a_page_of_changes_is_read_in_few_queries_and_counts_nothing(auditor: User) -> None:
    person = Person.objects.get(name="王五")
    for number in range(60):
        Person.objects.filter(pk=person.pk).update(sex="MF"[number % 2])
    client: Client = logged_in(auditor)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(LIST)
    assert len(page.context["cl"].result_list) == 50
    assert page.context["cl"].next_link
    statements = [query["sql"] for query in captured.captured_queries]
    assert len(statements) <= 15
    assert_counts_nothing(statements)


# Receipts ---------------------------------------------------------------------------------------


def test_what_an_act_changes_on_a_receipt_is_told_and_what_a_step_does_is_not(
    auditor: User,
) -> None:
    wang = Person.objects.get(name="王五")
    paid = Receipt.objects.filter(pk=turning.receipt("T1", wang, 400).pk)
    unknown = Receipt.objects.filter(pk=turning.receipt("T2", None, 400).pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.recorded', 'true', false)")
        paid.update(outcome="no_bill")
        cursor.execute("SELECT set_config('app.recorded', '', false)")
    assert not History.objects.filter(table_name="receipt").exists()
    paid.update(name="王武")
    unknown.update(name="某人")  # of nobody and by no case: its own columns tell
    told = History.objects.get(table_name="receipt")
    assert (told.person_id, told.changed) == (wang.pk, {"name": ["王五", "王武"]})
    assert "王武" in listed(auditor, table="receipt")
