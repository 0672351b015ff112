"""The life of a case, and the two kinds of enrolment: subsidy and transfer."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from enrollment.declarations import ChangeTaker, change_takers
from enrollment.models import (
    Award,
    Case,
    CaseEvent,
    Change,
    ChangeTaken,
    Enrollment,
    Person,
    User,
)
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, digest_of
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.selectors.changes import pending_of
from enrollment.services import cases, changes, enrollments, refusals, subsidies
from tests import cast
from tests.acts import approved, at_once

AUTUMN = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    """A day in the payment period of 2027."""
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)


@pytest.fixture
def maker(anhui: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker(anhui: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def approver(anhui: None) -> User:
    return cast.officer("Approver", "chen", "陈立群")


@pytest.fixture
def zhang_san(anhui: None) -> Person:
    """Covered in 2026, billed 400 yuan for 2027."""
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    return person


def subsidy(maker: User, person: Person, amount: str = "100.00", **fields: Any) -> Case:
    return cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=person,
        year=2027,
        amount=Decimal(amount),
        funder=fields.pop("funder", Award.Funder.VILLAGE_COLLECTIVE),
        **fields,
    )


def money(*amounts: Decimal) -> str:
    return " ".join(f"{amount:.2f}" for amount in amounts)


def bill_of(person: Person, year: int = 2027) -> Enrollment:
    return Enrollment.objects.of_year(year).get(person=person)


# The table of transitions -----------------------------------------------------------------------


def test_the_states_of_the_rule_are_those_of_the_model() -> None:
    named = {
        value for name, value in vars(lifecycle).items() if name.isupper() and type(value) is str
    }
    assert set(Case.State.values) <= named
    reached = {move.target for move in lifecycle.TRANSITIONS.values()}
    assert reached | {lifecycle.DRAFT} == set(Case.State.values)


def test_nothing_leaves_a_final_state() -> None:
    assert all(lifecycle.moves_from(state) == () for state in lifecycle.FINAL)


def test_a_digest_tells_different_facts_apart_and_takes_no_floats() -> None:
    assert digest_of([Fact("a", 1)]) == digest_of([Fact("a", 1, shown="one")])
    different: list[Any] = ["1", 1, Decimal(1), Decimal("1.00"), True, None, date(2027, 1, 1)]
    assert len({digest_of([Fact("a", value)]) for value in different}) == len(different)
    with pytest.raises(TypeError):
        digest_of([Fact("a", 1.0)])


# The life of a case -----------------------------------------------------------------------------


def test_a_case_goes_from_draft_to_effect_and_every_step_is_recorded(
    maker: User, checker: User, approver: User, zhang_san: Person
) -> None:
    case = approved(subsidy(maker, zhang_san), checker)
    case = cases.put_into_effect(case=case, user=approver)
    assert (case.state, case.checker, case.version) == (Case.State.EFFECTED, checker, 4)
    told = CaseEvent.objects.filter(case=case.pk).order_by("pk")
    assert list(told.values_list("from_state", "to_state", "user__username", "version")) == [
        ("", "draft", "liu", 1),
        ("draft", "submitted", "liu", 2),
        ("submitted", "approved", "zhang", 3),
        ("approved", "effected", "chen", 4),
    ]


def test_a_form_that_is_sent_twice_makes_one_case(maker: User, zhang_san: Person) -> None:
    key = uuid.uuid4()
    first = subsidy(maker, zhang_san, request_key=key)
    again = subsidy(maker, zhang_san, request_key=key)
    assert first.pk == again.pk
    assert Case.objects.count() == CaseEvent.objects.count() == 1


def test_a_form_of_somebody_else_makes_none(maker: User, checker: User, zhang_san: Person) -> None:
    key = uuid.uuid4()
    subsidy(maker, zhang_san, request_key=key)
    with pytest.raises(cases.FormUsedBySomebodyElse):
        subsidy(checker, zhang_san, request_key=key)


def test_the_maker_never_checks(maker: User, zhang_san: Person) -> None:
    case = cases.submit_case(case=subsidy(maker, zhang_san), user=maker)
    with pytest.raises(cases.MakerIsChecker):
        cases.approve_case(case=case, checker=maker, shown_digest=shown_digest_of(case))
    with pytest.raises(cases.MakerIsChecker):
        cases.return_case(case=case, checker=maker, reason="mine")


def test_the_database_refuses_a_maker_who_checks(maker: User, zhang_san: Person) -> None:
    case = subsidy(maker, zhang_san)
    with pytest.raises(IntegrityError, match="maker_is_never_checker"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(checker=maker)
    with (
        pytest.raises(IntegrityError, match="maker_is_never_checker"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE agency_case SET checker_id = maker_id")


def test_the_database_refuses_a_decision_without_a_checker(maker: User, zhang_san: Person) -> None:
    case = cases.submit_case(case=subsidy(maker, zhang_san), user=maker)
    for state in ("checked", "approved"):
        with pytest.raises(IntegrityError, match="decided_case_has"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=state)
    for state in ("effected", "reversed"):
        with pytest.raises(IntegrityError, match="does not go"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=state)


def test_what_happened_to_a_case_is_never_edited(maker: User, zhang_san: Person) -> None:
    subsidy(maker, zhang_san)
    for statement in ("UPDATE case_event SET note = 'x'", "DELETE FROM case_event"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_returned_case_is_changed_and_submitted_again(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.submit_case(case=subsidy(maker, zhang_san), user=maker)
    with pytest.raises(cases.ReasonMissing):
        cases.return_case(case=case, checker=checker, reason="  ")
    case = cases.return_case(case=case, checker=checker, reason="金额有误")
    case = cases.change_case(
        case=case, user=maker, expected_version=case.version, amount=Decimal("120.00")
    )
    case = cases.submit_case(case=case, user=maker)
    assert (case.state, case.amount) == (Case.State.SUBMITTED, Decimal("120.00"))


def test_somebody_elses_draft_is_not_changed_submitted_or_withdrawn(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = subsidy(maker, zhang_san)
    with pytest.raises(cases.NotTheMaker):
        cases.change_case(case=case, user=checker, expected_version=1, amount=Decimal(1))
    with pytest.raises(cases.NotTheMaker):
        cases.submit_case(case=case, user=checker)
    with pytest.raises(cases.NotTheMaker):
        cases.withdraw_case(case=case, user=checker, reason="x")


def test_a_change_of_what_was_changed_meanwhile_is_refused(maker: User, zhang_san: Person) -> None:
    case = subsidy(maker, zhang_san)
    cases.change_case(case=case, user=maker, expected_version=1, amount=Decimal(50))
    with pytest.raises(cases.ChangedMeanwhile):
        cases.change_case(case=case, user=maker, expected_version=1, amount=Decimal(60))
    assert Case.objects.get().amount == Decimal(50)


def test_after_submission_nothing_can_be_changed(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = approved(subsidy(maker, zhang_san), checker)
    with pytest.raises(cases.ClosedForChange):
        cases.change_case(case=case, user=maker, expected_version=case.version, amount=Decimal(1))


@pytest.mark.parametrize("name", ["state", "maker", "checker", "person", "shown_digest", "version"])
def test_the_maker_changes_no_field_of_the_lifecycle(
    maker: User, zhang_san: Person, name: str
) -> None:
    with pytest.raises(TypeError):
        cases.change_case(
            case=subsidy(maker, zhang_san), user=maker, expected_version=1, **{name: None}
        )


def test_an_approval_is_bound_to_what_was_shown(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.submit_case(case=subsidy(maker, zhang_san), user=maker)
    shown = shown_digest_of(case)
    other = approved(subsidy(maker, zhang_san, "60.00"), checker)
    cases.put_into_effect(case=other, user=checker)
    with pytest.raises(cases.ShownFactsChanged):
        cases.approve_case(case=case, checker=checker, shown_digest=shown)
    assert Case.objects.get(pk=case.pk).state == Case.State.SUBMITTED


def test_a_later_change_voids_the_approval_and_the_case_goes_back(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = approved(subsidy(maker, zhang_san), checker)
    # Past every service, as a script might.
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(standard=420, payable=420)
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=case, user=checker)
    assert bill_of(zhang_san).payable == Decimal(420)
    case = cases.return_case(case=case, checker=checker, reason="金额变了")
    assert (case.state, case.checker, case.shown_digest) == (Case.State.RETURNED, None, "")


def test_a_withdrawn_case_is_over(maker: User, checker: User, zhang_san: Person) -> None:
    case = approved(subsidy(maker, zhang_san), checker)
    case = cases.withdraw_case(case=case, user=maker, reason="当事人放弃")
    with pytest.raises(cases.NotInThisState):
        cases.put_into_effect(case=case, user=checker)
    with pytest.raises(cases.NotInThisState):
        cases.submit_case(case=case, user=maker)


def test_an_effected_case_is_not_put_into_effect_again(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.put_into_effect(case=approved(subsidy(maker, zhang_san), checker), user=checker)
    with pytest.raises(cases.NotInThisState):
        cases.put_into_effect(case=case, user=checker)
    assert Award.objects.count() == 1


def test_a_refused_effect_leaves_nothing(maker: User, checker: User, zhang_san: Person) -> None:
    case = approved(subsidy(maker, zhang_san), checker)
    with (
        mock.patch.object(Award.objects, "create", side_effect=RuntimeError("killed")),
        pytest.raises(RuntimeError),
    ):
        cases.put_into_effect(case=case, user=checker)
    assert bill_of(zhang_san).subsidy == 0
    assert Case.objects.get().state == Case.State.APPROVED


def test_an_unknown_kind_is_refused_by_name(maker: User, zhang_san: Person) -> None:
    with pytest.raises(cases.UnknownKind) as refused:
        cases.open_case(kind="wish", maker=maker, person=zhang_san, year=2027)
    assert refused.value.name == "unknown_kind"
    assert "wish" in str(refused.value)


def every_refusal() -> Iterator[type[refusals.Refused]]:
    waiting = list(refusals.Refused.__subclasses__())
    for each in waiting:
        waiting.extend(each.__subclasses__())
        yield each


def test_every_refusal_has_a_sentence() -> None:
    assert all(each.message for each in every_refusal())


# Subsidy ----------------------------------------------------------------------------------------


def test_a_subsidy_lowers_what_is_payable_and_leaves_its_award(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.put_into_effect(case=approved(subsidy(maker, zhang_san), checker), user=checker)
    bill = bill_of(zhang_san)
    assert money(bill.standard, bill.subsidy, bill.payable) == "400.00 100.00 300.00"
    award = Award.objects.get()
    assert (award.enrollment_id, award.amount, award.funder) == (
        bill.pk,
        Decimal(100),
        "village_collective",
    )
    assert (award.case_id, award.awarded_on, award.shard) == (case.pk, AUTUMN, None)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("400.01", enrollments.AbovePersonalShare),
        ("0.00", enrollments.NotMoney),
        ("-1.00", enrollments.NotMoney),
        ("0.001", enrollments.NotMoney),
    ],
)
def test_a_subsidy_outside_the_personal_share_is_refused(
    maker: User, zhang_san: Person, amount: str, refusal: type[refusals.Refused]
) -> None:
    with pytest.raises(refusal):
        subsidy(maker, zhang_san, amount)
    assert not Case.objects.exists()


def test_a_subsidy_of_the_whole_personal_share_is_taken(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = subsidy(maker, zhang_san, "400.00")
    cases.put_into_effect(case=approved(case, checker), user=checker)
    assert bill_of(zhang_san).payable == 0
    assert bill_of(zhang_san).paid_on is None  # settled inside the payment period


@pytest.mark.parametrize("paid", [0, 150])
def test_a_bill_settled_after_its_last_day_waits_like_a_late_payment(
    maker: User, checker: User, zhang_san: Person, paid: int
) -> None:
    first = AUTUMN if paid else None
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(paid=paid, paid_on=first)
    late = date(2027, 2, 1)
    with business_date_is(late):
        case = subsidy(maker, zhang_san, f"{400 - paid}.00")
        case = cases.put_into_effect(case=approved(case, checker), user=checker)
    assert bill_of(zhang_san).paid_on == late
    if not paid:
        cases.reverse_case(case=case, user=checker, reason="资金未到位")
        assert bill_of(zhang_san).paid_on is None


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"paid": 400, "paid_on": AUTUMN}, enrollments.BillAlreadyPaid),
        ({"ended_on": AUTUMN, "ended_for": "moved_out"}, enrollments.BillEnded),
    ],
)
def test_a_subsidy_of_a_closed_bill_is_refused(
    maker: User, zhang_san: Person, fields: dict[str, Any], refusal: type[refusals.Refused]
) -> None:
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(**fields)
    with pytest.raises(refusal) as refused:
        subsidy(maker, zhang_san)
    assert refused.value.field == "year"


def test_a_subsidy_without_a_bill_is_refused(maker: User, anhui: None) -> None:
    with pytest.raises(enrollments.BillMissing):
        subsidy(maker, cast.person("王五", number=5, region=cast.JINGHU))


def test_two_subsidies_that_do_not_fit_together_are_never_both_given(
    maker: User, checker: User, zhang_san: Person
) -> None:
    first = approved(subsidy(maker, zhang_san, "300.00"), checker)
    second = approved(subsidy(maker, zhang_san, "200.00"), checker)
    cases.put_into_effect(case=first, user=checker)
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=second, user=checker)
    # Nor by the service alone: the UPDATE itself looks at what is left.
    with pytest.raises(enrollments.AbovePersonalShare):
        enrollments.award(
            bill_id=bill_of(zhang_san).pk,
            funder="charity",
            category="",
            amount=Decimal(200),
            case=second,
            on=AUTUMN,
        )
    assert bill_of(zhang_san).payable == Decimal(100)


def test_a_reversed_subsidy_is_taken_back_by_a_further_award(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.put_into_effect(case=approved(subsidy(maker, zhang_san), checker), user=checker)
    with pytest.raises(cases.MakerIsChecker):
        cases.reverse_case(case=case, user=maker, reason="x")
    case = cases.reverse_case(case=case, user=checker, reason="资金未到位")
    assert case.state == Case.State.REVERSED
    assert sorted(Award.objects.values_list("amount", flat=True)) == [-100, 100]
    assert money(bill_of(zhang_san).subsidy, bill_of(zhang_san).payable) == "0.00 400.00"


def test_a_subsidy_of_a_bill_paid_since_is_not_taken_back(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.put_into_effect(case=approved(subsidy(maker, zhang_san), checker), user=checker)
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(paid=300, paid_on=AUTUMN)
    with pytest.raises(enrollments.BillAlreadyPaid):
        cases.reverse_case(case=case, user=checker, reason="x")
    assert Case.objects.get().state == Case.State.EFFECTED


# Changes ----------------------------------------------------------------------------------------


@pytest.fixture
def taker() -> Iterator[list[list[int]]]:
    """A taker of one cause that keeps what it was given."""
    given: list[list[int]] = []
    change_takers.add(
        ChangeTaker("listener", lambda batch: given.append([c.pk for c in batch]), ("heard",))
    )
    yield given
    del change_takers.items["listener"]


def change(person: Person, cause: str = "heard") -> Change:
    return changes.append(person_id=person.pk, year=2027, cause=cause)


def test_changes_are_taken_in_order_and_once(taker: list[list[int]], zhang_san: Person) -> None:
    wanted = [change(zhang_san).pk for _ in range(3)]
    change(zhang_san, cause="not for the listener")
    with mock.patch.object(changes, "AT_ONCE", 2):
        assert changes.take_all()["listener"] == 3
    assert taker == [wanted[:2], wanted[2:]]
    assert changes.take_all()["listener"] == 0
    marks = ChangeTaken.objects.filter(taker="listener").order_by("change")
    assert list(marks.values_list("change", flat=True)) == wanted


def test_a_taker_that_fails_leaves_its_changes_for_the_next_time(zhang_san: Person) -> None:
    change(zhang_san)

    def fail(batch: Any) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        changes.take(taker=ChangeTaker("listener", fail, ("heard",)))
    assert not ChangeTaken.objects.exists()


def test_a_file_shows_changes_until_those_who_want_them_took_them(
    taker: list[list[int]], zhang_san: Person
) -> None:
    waiting = change(zhang_san)
    change(zhang_san, cause="not for the listener")
    assert waiting in pending_of(zhang_san.pk, [2027])
    changes.take_all()
    assert pending_of(zhang_san.pk, [2027]) == []


def test_takers_are_started_on_commit_and_a_lost_broker_loses_nothing(
    zhang_san: Person, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with (
        mock.patch.object(current_app, "send_task") as sent,
        django_capture_on_commit_callbacks(execute=True),
    ):
        change(zhang_san)
        sent.assert_not_called()
    sent.assert_called_once()
    with (
        mock.patch.object(current_app, "send_task", side_effect=OperationalError),
        django_capture_on_commit_callbacks(execute=True),
    ):
        change(zhang_san)
    assert Change.objects.filter(cause="heard").count() == 2


# Several at once --------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> tuple[User, User, User, Person]:
    """Maker, two checkers and 张三, committed, so that other connections see them."""
    cast.law()
    cast.year(2027, closed=False)
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    return (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
        cast.officer("Checker", "he", "何静"),
        person,
    )


def test_two_checkers_at_once_make_one_decision(
    committed: tuple[User, User, User, Person],
) -> None:
    maker, zhang, he, person = committed
    case = cases.submit_case(case=subsidy(maker, person), user=maker)
    shown = shown_digest_of(case)
    results = at_once(
        lambda: cases.approve_case(case=case, checker=zhang, shown_digest=shown),
        lambda: cases.approve_case(case=case, checker=he, shown_digest=shown),
    )
    refused = [each for each in results if isinstance(each, cases.NotInThisState)]
    (decided,) = [each for each in results if isinstance(each, Case)]
    assert len(refused) == 1
    assert Case.objects.get().checker == decided.checker
    assert CaseEvent.objects.filter(to_state="approved").count() == 1


def test_a_form_sent_twice_at_once_makes_one_case(
    committed: tuple[User, User, User, Person],
) -> None:
    maker, _, _, person = committed
    key = uuid.uuid4()
    results = at_once(*[lambda: subsidy(maker, person, request_key=key)] * 4)
    assert len({case.pk for case in results}) == 1
    assert Case.objects.count() == CaseEvent.objects.count() == 1


def test_takers_of_one_name_wait_for_each_other(
    committed: tuple[User, User, User, Person],
) -> None:
    person = committed[3]
    seen: list[int] = []
    taker = ChangeTaker("listener", lambda batch: seen.extend(c.pk for c in batch), ("heard",))
    wanted = [change(person).pk for _ in range(20)]
    at_once(*[lambda: changes.take(taker=taker)] * 4)
    assert seen == wanted
