"""What a submitted case says in its own table is fixed, whoever writes, column by column."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.declarations import case_kinds
from enrollment.models import Case, Enrollment, PolicyParameter, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import kind_of, shown_digest_of
from enrollment.services import cases, refunds, reversals
from tests import cast
from tests.acts import approved, carried_out
from tests.drafts import NEWER_KINDS, refund

AUTUMN = date(2026, 11, 20)
TRIGGER = """
    SELECT array_remove(string_to_array(encode(t.tgargs, 'escape'), '\\000'), '')
      FROM pg_trigger t
     WHERE t.tgrelid = %s::regclass
       -- a transfer is fixed by a function of its own, which knows both sides; so is a sheet, which
       -- is countersigned
       AND t.tgfoid IN ('case_details_are_fixed'::regproc, 'transfer_is_fixed'::regproc,
                        'sheet_is_fixed'::regproc, 'what_stands_is_fixed'::regproc)
       AND t.tgenabled = 'O'
"""
OTHER = {
    "CharField": "'x'",
    "BinaryField": r"'\x00'",
    "UUIDField": "gen_random_uuid()",
    "BooleanField": "NOT {0}",
    "DateField": "coalesce({0}, current_date) + 1",
    "DateRangeField": "'[2020-01-01,2020-02-01)'",
    "DecimalField": "coalesce({0}, 0) + 1",
}


@pytest.fixture(autouse=True)
def autumn(db: None) -> Iterator[None]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def maker() -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker() -> User:
    return cast.officer("Checker", "zhang", "张敏")


Open = Callable[[User], Case]


def columns_of(case: Case) -> list["models.Field[Any, Any]"]:
    return [each for each in case._meta.local_concrete_fields if not each.primary_key]


def edit(case: Case, column: "models.Field[Any, Any]") -> None:
    """Another value for one column, past every service."""
    kind = "DecimalField" if column.get_internal_type() not in OTHER else column.get_internal_type()
    value = OTHER[kind].format(column.column)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{case._meta.db_table}" SET "{column.column}" = {value}'
            " WHERE case_ptr_id = %s",
            [case.pk],
        )
        assert cursor.rowcount == 1


def kept_columns(case: Case) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER, [case._meta.db_table])
        ((names,),) = cursor.fetchall()
    return list(names)


def test_every_kind_has_the_trigger_over_its_whole_table_or_names_what_it_fixes() -> None:
    without = []
    for kind in case_kinds:
        with connection.cursor() as cursor:
            cursor.execute(TRIGGER, [kind.model._meta.db_table])
            if cursor.fetchone() is None:
                without.append(kind.name)
    assert without == []


@pytest.mark.parametrize("opened", NEWER_KINDS, ids=lambda each: each.__name__)
def test_no_column_of_a_submitted_case_is_edited(maker: User, checker: User, opened: Open) -> None:
    case = cases.submit_case(case=opened(maker), user=maker)
    for column in columns_of(case):
        with pytest.raises(IntegrityError, match="is fixed: it is submitted"):
            edit(case, column)


@pytest.mark.parametrize("opened", NEWER_KINDS, ids=lambda each: each.__name__)
def test_what_was_approved_is_edited_in_nothing_but_what_the_effect_keeps(
    maker: User, checker: User, opened: Open
) -> None:
    case = approved(opened(maker), checker)
    for state in ("approved", "effected"):
        if state == "effected":
            case = cases.put_into_effect(case=case, user=checker)
        kept = kept_columns(case)
        assert {each.column for each in columns_of(case)} >= set(kept)
        for column in columns_of(case):
            if column.column not in kept:
                with pytest.raises(IntegrityError, match=f"is fixed: it is {state}"):
                    edit(case, column)


@pytest.mark.parametrize("opened", NEWER_KINDS, ids=lambda each: each.__name__)
def test_a_case_that_was_undone_keeps_what_its_effect_wrote(
    maker: User, checker: User, opened: Open
) -> None:
    case = carried_out(opened(maker), checker)
    undoing = reversals.open_reversal(maker=cast.officer("Maker", "he", "何娟"), reverses=case,
                                      reason="录入有误")  # fmt: skip
    carried_out(undoing, checker)
    case.refresh_from_db()
    assert case.state == Case.State.REVERSED
    for column in columns_of(case):
        with pytest.raises(IntegrityError, match="is fixed: it is reversed"):
            edit(case, column)


def test_a_draft_is_still_its_makers(maker: User) -> None:
    case = refund(maker)
    changed = refunds.change_refund(
        case=case, user=maker, expected_version=case.version, year=2027, payee="张小三"
    )
    assert changed.payee == "张小三"  # type: ignore[attr-defined]


# A refund above the area's amount ---------------------------------------------------------------


def ask_for_two_above(yuan: str) -> None:
    code = kind_of(Case(kind="refund")).second_above
    PolicyParameter.objects.filter(code=code).delete()
    PolicyParameter.objects.create(
        code=code,
        area_id=340000000000,
        scheme=PolicyParameter.Scheme.BOTH,
        valid=DateRange(date(2026, 1, 1), None),
        unit="yuan",
        value=yuan,
        status="unverified",
    )


def test_money_above_the_amount_is_paid_back_by_three_people(maker: User, checker: User) -> None:
    ask_for_two_above("399.99")
    case = approved(refund(maker), checker)
    assert (case.state, case.needs_second) == ("checked", True)
    with pytest.raises(cases.NotInThisState):
        cases.put_into_effect(case=case, user=checker)
    with pytest.raises(cases.CheckerIsSecond):
        cases.confirm_case(case=case, checker=checker, shown_digest=shown_digest_of(case))
    approver = cast.officer("Approver", "chen", "陈立群")
    case = cases.confirm_case(case=case, checker=approver, shown_digest=shown_digest_of(case))
    cases.put_into_effect(case=case, user=approver)
    assert Enrollment.objects.of_year(2027).get(person=case.person).paid == Decimal(0)


def test_money_up_to_the_amount_needs_one_check(maker: User, checker: User) -> None:
    ask_for_two_above("400")
    assert approved(refund(maker), checker).state == "approved"
