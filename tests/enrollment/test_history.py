"""History: who changed what, when, from, to, by which case; and nobody rewrites or silences it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from enrollment.declarations import case_kinds
from enrollment.models import Case, Enrollment, History, Person, PersonCategory, User
from enrollment.rules.identity import check_character
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.history import history_of_case, history_of_person
from enrollment.selectors.scope import set_scope
from enrollment.services import cases, corrections, refunds, reversals
from tests import cast, turning
from tests.acts import carried_out
from tests.drafts import AUTUMN, correction, recognition, refund, registration
from tests.roles import as_role
from tests.screens import file_of, logged_in, text_of


@pytest.fixture
def law(db: None) -> Iterator[None]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def maker(law: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker(law: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


def rows_of(**which: Any) -> list[tuple[Any, ...]]:
    found = History.objects.filter(**which).order_by("pk")
    return list(found.values_list("table_name", "act", "by_case", "user", "changed"))


# What is told -----------------------------------------------------------------------------------


def test_a_correction_tells_the_name_before_and_after_by_its_case(
    maker: User, checker: User
) -> None:
    case = carried_out(correction(maker), checker)
    assert rows_of(person=case.person) == [
        ("person", "UPDATE", case.pk, checker.pk, {"name": ["赵六", "赵陆"]})
    ]


def test_a_status_gained_and_lost_is_told_with_its_days(maker: User, checker: User) -> None:
    case = carried_out(recognition(maker), checker)
    ((table, act, by_case, user, changed),) = rows_of(table_name="person_category")
    assert (table, act, by_case, user) == ("person_category", "INSERT", case.pk, checker.pk)
    assert changed["category"] == [None, "dibao"]
    assert changed["valid"] == [None, "[2026-11-01,)"]
    lost = cases.open_case(
        kind="category_recognition", maker=maker, person=case.whom, year=2026, act="lost",
        category="dibao", until=AUTUMN, source="civil_affairs", evidence="退出通知",
    )  # fmt: skip
    lost = carried_out(lost, checker)
    changed_again = rows_of(table_name="person_category")[1]
    assert changed_again[1:3] == ("UPDATE", lost.pk)
    assert changed_again[4] == {"valid": ["[2026-11-01,)", "[2026-11-01,2026-11-21)"]}


def test_money_of_a_year_is_told_before_and_after(maker: User, checker: User) -> None:
    case = carried_out(refund(maker), checker)
    (told,) = rows_of(table_name="enrollment", person=case.person)
    assert told[2:4] == (case.pk, checker.pk)
    assert told[4]["paid"] == [400.00, 0]
    assert told[4]["ended_for"] == ["", "refunded"]


def test_a_reversal_is_told_by_its_own_case(maker: User, checker: User) -> None:
    case = carried_out(correction(maker), checker)
    he = cast.officer("Maker", "he", "何娟")
    undoing = reversals.open_reversal(maker=he, reverses=case, reason="录入有误")
    undoing = carried_out(undoing, checker)
    assert rows_of(person=case.person)[1] == (
        "person", "UPDATE", undoing.pk, checker.pk, {"name": ["赵陆", "赵六"]},
    )  # fmt: skip
    state = [
        row for row in rows_of(case=case.pk) if row[4].get("state") == ["effected", "reversed"]
    ]
    assert [row[2] for row in state] == [undoing.pk]


def test_a_changed_draft_is_told_on_its_case_and_what_is_sealed_is_not(maker: User) -> None:
    case = refund(maker)
    refunds.change_refund(
        case=case, user=maker, expected_version=case.version, year=2027, payee="张小三",
        account="6217000099990000",
    )  # fmt: skip
    told = {row[0]: row[4] for row in rows_of(case=case.pk)}
    assert told["refund"]["payee"] == ["张三", "张小三"]
    assert told["refund"]["account_sealed"] == []
    assert told["refund"]["account_mask"] == ["************5678", "************0000"]
    assert "account_digest" not in told["refund"]


def test_a_new_number_is_told_masked_and_never_in_clear(maker: User, checker: User) -> None:
    person = cast.person("张小宝", number=33)
    first = f"349900{person.birth_date:%Y%m%d}035"
    number = first + check_character(first)
    case = corrections.open_correction(
        maker=maker, person=person, id_type="resident_id", id_number=number, evidence="户口簿"
    )
    carried_out(case, checker)
    ((*_rest, changed),) = rows_of(person=person)
    assert changed["id_mask"][1] == "349900**********" + number[-2:]
    assert changed["id_sealed"] == []
    assert number not in str(changed)
    assert "id_digest" not in changed


def test_whoever_writes_past_the_services_is_told_by_database_role(maker: User) -> None:
    person = cast.person("张三", number=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL app.by_user = ''")
        cursor.execute("UPDATE person SET sex = 'F' WHERE id = %s", [person.pk])
        cursor.execute("UPDATE person SET sex = sex WHERE id = %s", [person.pk])
    ((_table, _act, by_case, user, changed),) = rows_of(person=person)
    assert (by_case, user, changed) == (None, None, {"sex": ["M", "F"]})
    assert History.objects.get(person=person).by_role == connection.settings_dict["USER"]


def test_many_rows_of_one_statement_are_told_one_by_one(law: None) -> None:
    people = [cast.person("张三", number=number) for number in range(1, 41, 2)]
    Person.objects.update(name="李四")
    assert sorted(History.objects.values_list("person", flat=True)) == [each.pk for each in people]


# The triggers -----------------------------------------------------------------------------------


def test_every_kind_of_case_and_what_acts_change_has_a_trigger_by_statement(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgtype & 1 FROM pg_trigger"
            " WHERE tgfoid = 'record_history'::regproc AND tgtype & 16 > 0 AND tgenabled = 'O'"
        )
        found = dict(cursor.fetchall())
    register = {"person", "person_category", "enrollment", "agency_case"}
    assert found.keys() >= register | {kind.model._meta.db_table for kind in case_kinds}
    assert set(found.values()) == {0}


def test_a_yearly_step_leaves_its_ledger_and_no_history(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    turning.province(monkeypatch)
    people = turning.someone("张三"), turning.someone("王五", "dibao")
    turning.insured(*people)
    for name in turning.STEPS:
        if name == "reconcile":
            turning.receipt("R1", people[0], 420)
        turning.turn(name)
    assert Enrollment.objects.of_year(turning.YEAR).filter(paid__gt=0).exists()
    assert not History.objects.filter(table_name="enrollment").exists()
    Enrollment.objects.of_year(turning.YEAR).update(due_on=date(2027, 1, 5))
    assert History.objects.filter(table_name="enrollment").exists()


# Nobody rewrites it -----------------------------------------------------------------------------


def test_the_owner_rewrites_and_removes_nothing(maker: User, checker: User) -> None:
    carried_out(correction(maker), checker)
    for statement in ("UPDATE history SET changed = '{}'", "DELETE FROM history"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_web_writes_no_history_and_cannot_silence_it(transactional_db: None) -> None:
    cast.law()
    cast.year(2026)
    liu = cast.officer("Maker", "liu", "刘婷")
    person = cast.person("张三", number=1)
    forged = (
        "INSERT INTO history (table_name, row_id, act, person_id, by_role, changed)"
        f" VALUES ('person', 1, 'UPDATE', {person.pk}, 'x', '{{}}')"
    )

    def attempt() -> list[str]:
        told = []
        statements = (
            forged,
            "UPDATE history SET changed = '{}'",
            "DELETE FROM history",
            "TRUNCATE history",
            "ALTER TABLE person DISABLE TRIGGER history_updated",
        )
        for statement in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    set_scope(liu)
                    cursor.execute(statement)
            except DatabaseError as error:
                told.append(str(error).split("\n", maxsplit=1)[0])
        with transaction.atomic(), connection.cursor() as cursor:
            set_scope(liu)
            cursor.execute("SELECT set_config('app.recorded', 'true', true)")
            cursor.execute("UPDATE person SET sex = 'F' WHERE id = %s", [person.pk])
        return told

    told = as_role("web", attempt)
    assert len(told) == 5
    assert all("permission denied" in each or "must be owner" in each for each in told), told
    ((_table, _act, _case, user, changed),) = rows_of(person=person)
    assert (user, changed) == (liu.pk, {"sex": ["M", "F"]})


# On screen --------------------------------------------------------------------------------------


def test_the_file_tells_the_history_in_words(maker: User, checker: User) -> None:
    case = carried_out(correction(maker), checker)
    carried_out(registration(maker), checker)
    desk = logged_in(maker)
    assert "查看变更明细" in text_of(desk.get(file_of(case.whom)))
    told = text_of(desk.get(file_of(case.whom), {"history": "1"}))
    history = told.split("数据变更")[1]
    assert "张敏" in history
    assert "姓名 赵六 赵陆" in history
    assert f" {case.pk} " in history


def test_lines_name_regions_choices_money_and_days(maker: User, checker: User) -> None:
    case = carried_out(recognition(maker), checker)
    PersonCategory.objects.filter(person=case.person).update(valid="[2026-11-01,2027-01-01)")
    Person.objects.filter(pk=case.whom.pk).update(insured_region=cast.JINGHU, phone_sealed=b"x")
    moved, ended, _gained = history_of_person(case.whom.pk)
    told = {each.field: (each.before, each.after) for each in moved.told + ended.told}
    assert told["参保地"] == ("合肥市蜀山区", "芜湖市镜湖区")
    assert ("", "") in told.values()  # sealed
    assert ("自 2026-11-01 起", "2026-11-01 – 2026-12-31") in told.values()
    back = carried_out(refund(maker), checker)
    lines = [line for line in history_of_case(back.pk) if line.by_case == back.pk]
    assert ("400.00", "0.00") in {(each.before, each.after) for line in lines for each in line.told}


def test_a_page_of_a_case_leaves_its_events_to_its_events(maker: User, checker: User) -> None:
    case = cases.submit_case(case=registration(maker), user=maker)
    assert History.objects.filter(case=case.pk).exists()
    assert history_of_case(case.pk) == []
    assert Case.objects.get(pk=case.pk).state == "submitted"


def test_a_new_day_is_told_as_a_day(maker: User) -> None:
    person = cast.person("张三", number=1)
    Person.objects.filter(pk=person.pk).update(died_on=date(2026, 11, 3))
    ((told,),) = [line.told for line in history_of_person(person.pk)]
    assert (told.before, told.after) == ("—", "2026-11-03")
