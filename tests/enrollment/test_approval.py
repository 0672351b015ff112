"""Approvals: two levels, bound to what was shown, and what the database refuses whoever writes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Award, Case, ContributionSubsidy, Person, PolicyParameter, User
from enrollment.rules import lifecycle
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.services import cases, reversals, subsidies
from tests import cast

AUTUMN = date(2026, 11, 20)
LIMIT = "approval.second_level_above.contribution_subsidy"
EDITS = {
    "amount": 1,
    "reason": "x",
    "year": 2026,
    "channel": "online",
}


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def zhang_san(db: None) -> Person:
    """Covered in 2026, billed 400 yuan for 2027."""
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    return person


@pytest.fixture
def liu(db: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def zhang(db: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def chen(db: None) -> User:
    return cast.officer("Approver", "chen", "陈立群")


@pytest.fixture
def the_agency_asks_for_two(zhang_san: Person) -> None:
    """A second level above 200 yuan."""
    PolicyParameter.objects.filter(code=LIMIT).delete()
    PolicyParameter.objects.create(
        code=LIMIT,
        area_id=340000000000,
        scheme=PolicyParameter.Scheme.BOTH,
        valid=DateRange(date(2026, 1, 1), None),
        unit="yuan",
        value="200",
        status="unverified",
    )


def submitted(maker: User, person: Person, amount: str = "300.00") -> Case:
    case = cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=person,
        year=2027,
        amount=Decimal(amount),
        funder=Award.Funder.CHARITY,
    )
    return cases.submit_case(case=case, user=maker)


def approve(case: Case, checker: User) -> Case:
    return cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


def confirm(case: Case, checker: User) -> Case:
    return cases.confirm_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


def database_refuses(match: str, case: Case, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**fields)


# Two levels -------------------------------------------------------------------------------------


def test_up_to_the_amount_one_level_is_enough(
    liu: User, zhang: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = approve(submitted(liu, zhang_san, "200.00"), zhang)
    assert (case.state, case.needs_second) == ("approved", False)


def test_above_the_amount_two_people_approve_the_same(
    liu: User, zhang: User, chen: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = submitted(liu, zhang_san, "200.01")
    assert case.needs_second
    case = approve(case, zhang)
    assert (case.state, case.checker, case.second_checker) == ("checked", zhang, None)
    with pytest.raises(cases.NotInThisState):
        cases.put_into_effect(case=case, user=chen)
    case = confirm(case, chen)
    assert (case.state, case.second_checker) == ("approved", chen)
    assert case.second_digest == case.shown_digest == shown_digest_of(case)
    assert cases.put_into_effect(case=case, user=chen).state == "effected"


def test_the_second_level_is_neither_the_maker_nor_the_first_checker(
    liu: User, zhang: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = approve(submitted(liu, zhang_san), zhang)
    with pytest.raises(cases.MakerIsChecker):
        confirm(case, liu)
    with pytest.raises(cases.CheckerIsSecond):
        confirm(case, zhang)
    for user in (liu, zhang):
        database_refuses(
            "second_checker_is_neither_maker_nor_checker",
            case,
            second_checker=user,
            second_digest=case.shown_digest,
        )


def test_the_database_wants_both_for_a_case_that_needs_two(
    liu: User, zhang: User, chen: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = approve(submitted(liu, zhang_san), zhang)
    database_refuses("approved_by_two", case, state="approved")
    database_refuses("saw_the_same", case, second_checker=chen, second_digest="0" * 64)
    database_refuses("needs a second level", case, needs_second=False)


def test_what_changed_between_the_levels_goes_back_to_the_maker(
    liu: User, zhang: User, chen: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = approve(submitted(liu, zhang_san), zhang)
    small = approve(submitted(liu, zhang_san, "50.00"), zhang)
    cases.put_into_effect(case=small, user=chen)
    with pytest.raises(cases.ApprovalVoid):
        confirm(case, chen)
    case = cases.return_case(case=case, checker=chen, reason="应缴额已变")
    assert (case.checker, case.shown_digest, case.second_checker) == (None, "", None)


def test_a_returned_case_that_fell_below_the_amount_needs_one_level_again(
    liu: User, zhang: User, zhang_san: Person, the_agency_asks_for_two: None
) -> None:
    case = approve(submitted(liu, zhang_san), zhang)
    case = cases.return_case(case=case, checker=zhang, reason="金额有误")
    case = cases.change_case(
        case=case, user=liu, expected_version=case.version, amount=Decimal(100)
    )
    case = approve(cases.submit_case(case=case, user=liu), zhang)
    assert (case.state, case.needs_second) == ("approved", False)


def test_an_amount_that_is_not_published_is_named(
    liu: User, zhang_san: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    PolicyParameter.objects.filter(code=LIMIT).delete()
    with pytest.raises(cases.SecondLevelUnknown) as refused:
        submitted(liu, zhang_san)
    assert LIMIT in str(refused.value.details["parameter"])


# Whoever writes ---------------------------------------------------------------------------------


def test_the_database_has_the_table_of_the_rule(liu: User, zhang_san: Person) -> None:
    allowed = {
        (source, move.target) for move in lifecycle.TRANSITIONS.values() for source in move.sources
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('case_keeps_its_life'::regproc)")
        (told,) = cursor.fetchone()
    table = told.split("VALUES", 1)[1].split(") THEN", 1)[0]
    words = table.replace("(", " ").replace(")", " ").replace("'", " ").replace(",", " ").split()
    assert set(zip(words[::2], words[1::2], strict=True)) == allowed


@pytest.mark.parametrize("state", ["approved", "effected", "reversed", "checked"])
def test_a_draft_is_decided_by_nobody_who_writes_past_the_services(
    liu: User, zhang: User, zhang_san: Person, state: str
) -> None:
    case = submitted(liu, zhang_san)
    case = cases.return_case(case=case, checker=zhang, reason="x")
    database_refuses("does not go", case, state=state, checker=zhang, shown_digest="0" * 64)


@pytest.mark.parametrize("field", list(EDITS))
def test_what_was_submitted_is_edited_by_nobody(
    liu: User, zhang: User, zhang_san: Person, field: str
) -> None:
    case = submitted(liu, zhang_san)
    database_refuses("is fixed", case, **{field: EDITS[field]})
    approve(case, zhang)
    database_refuses("is fixed", case, **{field: EDITS[field]})
    with pytest.raises(IntegrityError, match="is fixed"), transaction.atomic():
        ContributionSubsidy.objects.filter(pk=case.pk).update(funder="county")


def test_a_decision_is_rewritten_by_nobody(
    liu: User, zhang: User, chen: User, zhang_san: Person
) -> None:
    case = approve(submitted(liu, zhang_san), zhang)
    database_refuses("not rewritten", case, checker=chen)
    database_refuses("not rewritten", case, shown_digest="1" * 64)
    for field, other in (("person", None), ("maker", chen), ("kind", "gap_repair")):
        database_refuses("keeps its person, kind and maker", case, **{field: other})


# Reversal ---------------------------------------------------------------------------------------


@pytest.fixture
def in_effect(liu: User, zhang: User, chen: User, zhang_san: Person) -> Case:
    return cases.put_into_effect(case=approve(submitted(liu, zhang_san), zhang), user=chen)


def test_a_reversal_is_a_case_that_others_check_and_approve(
    liu: User, zhang: User, chen: User, in_effect: Case
) -> None:
    case = reversals.open_reversal(maker=liu, reverses=in_effect, reason="重复资助")
    case = cases.submit_case(case=case, user=liu)
    with pytest.raises(cases.MakerIsChecker):
        approve(case, liu)
    case = cases.put_into_effect(case=approve(case, zhang), user=chen)
    in_effect.refresh_from_db()
    assert (case.state, in_effect.state) == ("effected", "reversed")
    assert list(Award.objects.order_by("pk").values_list("amount", flat=True)) == [300, -300]


def test_whoever_made_the_case_does_not_decide_about_its_reversal(
    liu: User, zhang: User, in_effect: Case
) -> None:
    he = cast.officer("Maker", "he", "何静")
    case = reversals.open_reversal(maker=he, reverses=in_effect, reason="重复资助")
    case = cases.submit_case(case=case, user=he)
    with pytest.raises(reversals.MadeWhatIsUndone):
        approve(case, liu)
    assert approve(case, zhang).state == "approved"


def test_only_what_is_in_effect_is_undone_and_once(
    liu: User, zhang: User, zhang_san: Person, in_effect: Case
) -> None:
    with pytest.raises(reversals.NotInEffect):
        reversals.open_reversal(maker=liu, reverses=submitted(liu, zhang_san, "1"), reason="x")
    first = reversals.open_reversal(maker=liu, reverses=in_effect, reason="重复资助")
    with pytest.raises(reversals.UndoingAlready) as refused:
        reversals.open_reversal(maker=liu, reverses=in_effect, reason="重复资助")
    assert refused.value.details["other"] == first.pk
    cases.withdraw_case(case=first, user=liu, reason="误报")
    assert reversals.open_reversal(maker=liu, reverses=in_effect, reason="重复资助").pk != first.pk


def test_a_reversal_gives_its_reason_and_is_not_undone_itself(
    liu: User, zhang: User, chen: User, in_effect: Case
) -> None:
    with pytest.raises(cases.ReasonMissing):
        reversals.open_reversal(maker=liu, reverses=in_effect, reason=" ")
    case = reversals.open_reversal(maker=liu, reverses=in_effect, reason="重复资助")
    case = cases.submit_case(case=case, user=liu)
    case = cases.put_into_effect(case=approve(case, zhang), user=chen)
    with pytest.raises(cases.NotReversible):
        reversals.open_reversal(maker=zhang, reverses=case, reason="x")
