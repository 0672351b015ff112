"""Enrolment transfers: what moves, and who of the two sides does what, whoever writes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from enrollment.models import (
    Award,
    Case,
    CaseEvent,
    Change,
    Enrollment,
    EnrolmentTransfer,
    Person,
    PersonCategory,
    User,
    YearRun,
    YearStep,
)
from enrollment.rules import handover, lifecycle
from enrollment.rules.regions import scope_of
from enrollment.selectors import handovers
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import facts_of
from enrollment.selectors.policy import terms_of_area
from enrollment.services import batches, cases, subsidies, transfers
from tests import cast
from tests.acts import approved, arrived, carried_out

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
    return cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)


@pytest.fixture
def checker(anhui: None) -> User:
    return cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI)


@pytest.fixture
def approver(anhui: None) -> User:
    return cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI)


@pytest.fixture
def taker(anhui: None) -> User:
    """Checks and puts into effect in 芜湖."""
    return cast.officer("Approver", "he", "何静", region=cast.WUHU)


@pytest.fixture
def zhang_san(anhui: None) -> Person:
    """Covered in 2026, billed 400 yuan for 2027."""
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    return person


def money(*amounts: Decimal) -> str:
    return " ".join(f"{amount:.2f}" for amount in amounts)


def bill_of(person: Person, year: int = 2027) -> Enrollment:
    return Enrollment.objects.of_year(year).get(person=person)


def accepted(case: Case, user: User) -> EnrolmentTransfer:
    taken = transfers.accept_transfer(case=case, user=user, shown_digest=case.shown_digest)
    assert isinstance(taken, EnrolmentTransfer)
    return taken


# What moves -------------------------------------------------------------------------------------


def transfer(maker: User, person: Person, to: int = cast.JINGHU, year: int = 2027) -> Case:
    return transfers.open_transfer(maker=maker, person=person, year=year, to_region_id=to)


def subsidise_is_done() -> None:
    """The yearly step wrote the awards of medical assistance."""
    YearStep.objects.create(
        run=YearRun.objects.get(year=2027),
        name="subsidise",
        on=date(2026, 9, 1),
        state=YearStep.State.DONE,
        digest="0" * 64,
        finished_at="2026-09-01T10:00:00+08:00",
    )


def on_dibao(person: Person) -> None:
    PersonCategory.objects.create(
        person=person,
        category="dibao",
        valid=DateRange(date(2026, 1, 1), None),
        source=PersonCategory.Source.CIVIL_AFFAIRS,
    )


def test_a_move_takes_the_person_and_an_unpaid_bill_to_the_new_area_by_its_terms(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    on_dibao(zhang_san)
    case = arrived(transfer(maker, zhang_san), checker, taker)
    person = Person.objects.get(pk=zhang_san.pk)
    bill = bill_of(person)
    assert person.insured_region_id == bill.region_id == cast.JINGHU
    terms = terms_of_area(cast.WUHU, 2027)
    assert (bill.standard, bill.subsidy, bill.category) == (
        terms.standard,
        terms.quotas["dibao"],
        "dibao",
    )
    # This year's cover stays where it is, and the change names its cause and case.
    assert bill_of(person, 2026).region_id == cast.SHUSHAN
    told = Change.objects.filter(case=case.pk)
    assert list(told.values_list("year", "cause")) == [(2027, "transfer")]
    assert not Change.objects.filter(pk__gt=told.get().pk).exists()
    # The step `subsidise` has not run: it will write the award behind the bill.
    assert not Award.objects.exists()


def test_a_move_after_the_awards_leaves_the_difference_as_an_award(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    on_dibao(zhang_san)
    subsidise_is_done()
    arrived(transfer(maker, zhang_san), checker, taker)
    bill = bill_of(zhang_san)
    award = Award.objects.get()
    assert (award.funder, award.amount) == ("medical_assistance", bill.subsidy)
    assert award.amount > 0


def test_a_paid_bill_moves_without_its_money(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(paid=400, paid_on=AUTUMN)
    on_dibao(zhang_san)
    arrived(transfer(maker, zhang_san), checker, taker)
    bill = bill_of(zhang_san)
    assert money(bill.standard, bill.subsidy, bill.paid) == "400.00 0.00 400.00"
    assert bill.region_id == cast.JINGHU


def test_others_money_moves_along(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    given = cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=zhang_san,
        year=2027,
        amount=Decimal("50.00"),
        funder=Award.Funder.CHARITY,
    )
    carried_out(given, checker)
    arrived(transfer(maker, zhang_san), checker, taker)
    bill = bill_of(zhang_san)
    assert money(bill.subsidy, bill.payable) == money(Decimal(50), bill.standard - 50)
    assert Award.objects.get().amount == 50


def test_a_move_inside_the_county_or_to_another_year_is_refused(
    maker: User, zhang_san: Person
) -> None:
    with pytest.raises(transfers.SamePlace):
        transfer(maker, zhang_san, to=cast.SHUSHAN)
    for year in (2026, 2028):
        with pytest.raises(transfers.TooLateForYear):
            transfer(maker, zhang_san, year=year)


@pytest.mark.parametrize(
    "fields",
    [
        {"died_on": date(2026, 3, 1)},
        {"left_on": date(2026, 3, 1), "left_for": "moved_out"},
        {"scheme": Person.Scheme.EMPLOYEE},
    ],
)
def test_only_residents_on_the_register_move(
    maker: User, zhang_san: Person, fields: dict[str, Any]
) -> None:
    Person.objects.filter(pk=zhang_san.pk).update(**fields)
    zhang_san.refresh_from_db()
    with pytest.raises(transfers.NotAResident):
        transfer(maker, zhang_san)


def test_a_move_that_another_move_overtook_is_void(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    slow = approved(transfer(maker, zhang_san), checker)
    slow = accepted(slow, taker)
    near = cast.officer("Approver", "gao", "高健", region=cast.HEFEI)
    arrived(transfer(maker, zhang_san, to=cast.BAOHE), checker, near)
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=slow, user=taker)
    # What cannot be put into effect any more goes back, also after the acceptance.
    slow = cases.return_case(case=slow, checker=taker, reason="已转往包河")
    assert slow.state == Case.State.RETURNED
    assert Person.objects.get().insured_region_id == cast.BAOHE


def test_a_reversed_move_brings_person_and_bill_back(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    on_dibao(zhang_san)
    case = arrived(transfer(maker, zhang_san), checker, taker)
    cases.reverse_case(case=case, user=checker, reason="未迁出")
    assert Person.objects.get().insured_region_id == bill_of(zhang_san).region_id == cast.SHUSHAN


def test_a_move_to_an_area_without_terms_is_refused_by_name(maker: User, anhui: None) -> None:
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    with pytest.raises(transfers.TermsMissing) as refused:
        transfer(maker, person, to=420102000000)
    assert refused.value.details["parameter"] == "contribution.individual_standard"


# Two sides --------------------------------------------------------------------------------------


def test_the_new_area_accepts_and_takes_over_and_every_step_is_recorded(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = approved(transfer(maker, zhang_san), checker)
    assert not EnrolmentTransfer.objects.get().is_accepted
    case = accepted(case, taker)
    assert (case.accepted_by, case.accepted_digest) == (taker, case.shown_digest)
    case = cases.put_into_effect(case=case, user=taker)
    told = CaseEvent.objects.filter(case=case.pk).order_by("pk")
    assert list(told.values_list("to_state", "user__display_name", "version")) == [
        ("draft", "刘婷", 1),
        ("submitted", "刘婷", 2),
        ("approved", "张敏", 3),
        ("approved", "何静", 4),
        ("effected", "何静", 5),
    ]


def test_each_side_has_its_own_term_in_working_days(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    """Ten working days from the application to hand over, and five more to take over."""
    case = transfer(maker, zhang_san)
    assert case.due_on == date(2026, 12, 4)
    case = approved(case, checker)
    assert (case.due_on, case.due_is_provisional) == (date(2026, 12, 11), False)
    case = cases.return_case(case=case, checker=taker, reason="信息表缺页")
    case.refresh_from_db()
    assert case.due_on == date(2026, 12, 4)
    shown = {fact.label: str(fact.value) for fact in facts_of(case)}
    assert (shown["Hand over by"], shown["Take over by"]) == ("2026-12-04", "2026-12-11")


def test_a_term_beyond_the_published_holidays_is_provisional(
    maker: User, checker: User, zhang_san: Person
) -> None:
    with business_date_is(date(2026, 12, 17)):
        case = transfer(maker, zhang_san)
        assert (case.due_on, case.due_is_provisional) == (date(2026, 12, 31), False)
        assert approved(case, checker).due_is_provisional


def test_a_returned_transfer_says_why_and_has_to_be_accepted_anew(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = accepted(approved(transfer(maker, zhang_san), checker), taker)
    with pytest.raises(cases.ReasonMissing):
        cases.return_case(case=case, checker=taker, reason=" ")
    cases.return_case(case=case, checker=taker, reason="户籍证明不清")
    case = EnrolmentTransfer.objects.get()
    assert (case.state, case.is_accepted, case.accepted_digest) == ("returned", False, "")
    again = approved(case, checker)
    assert not EnrolmentTransfer.objects.get().is_accepted
    with pytest.raises(transfers.NotAcceptedYet):
        cases.put_into_effect(case=again, user=taker)


def test_the_leaving_side_takes_a_transfer_back_until_it_is_accepted(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = approved(transfer(maker, zhang_san), checker)
    assert cases.withdraw_case(case=case, user=maker, reason="本人不转了").state == "withdrawn"
    case = accepted(approved(transfer(maker, zhang_san), checker), taker)
    with pytest.raises(transfers.AcceptedAlready):
        cases.withdraw_case(case=case, user=maker, reason="本人不转了")
    with pytest.raises(transfers.NotYourSide):
        cases.return_case(case=case, checker=checker, reason="x")


def test_every_other_hand_is_refused_by_name(
    maker: User, checker: User, approver: User, taker: User, zhang_san: Person
) -> None:
    case = cases.submit_case(case=transfer(maker, zhang_san), user=maker)
    with pytest.raises(transfers.NotYourSide):
        cases.approve_case(case=case, checker=taker, shown_digest="")
    with pytest.raises(transfers.NotYourSide):
        cases.return_case(case=case, checker=taker, reason="x")
    with pytest.raises(cases.NotInThisState):
        accepted(case, taker)
    case = approved(transfer(maker, zhang_san), checker)
    for user, refusal in (
        (maker, cases.MakerIsChecker),
        (checker, cases.CheckerIsSecond),
        (approver, transfers.NotYourSide),
    ):
        with pytest.raises(refusal):
            accepted(case, user)
    with pytest.raises(transfers.NotAcceptedYet):
        cases.put_into_effect(case=case, user=taker)
    with pytest.raises(cases.ShownFactsChanged):
        transfers.accept_transfer(case=case, user=taker, shown_digest="0" * 64)
    case = accepted(case, taker)
    again = cast.officer("Checker", "wu", "吴越", region=cast.WUHU)
    with pytest.raises(transfers.AcceptedAlready):
        accepted(case, again)
    with pytest.raises(transfers.NotYourSide):
        cases.put_into_effect(case=case, user=approver)
    assert Person.objects.get().insured_region_id == cast.SHUSHAN


def test_whoever_serves_both_areas_does_not_do_both_parts(maker: User, zhang_san: Person) -> None:
    province = cast.officer("Checker", "fang", "方远")
    case = approved(transfer(maker, zhang_san), province)
    with pytest.raises(cases.CheckerIsSecond):
        accepted(case, province)


def test_a_bill_that_was_paid_after_the_acceptance_sends_the_transfer_back(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = accepted(approved(transfer(maker, zhang_san), checker), taker)
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(paid=400, paid_on=AUTUMN)
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=case, user=taker)
    assert cases.return_case(case=case, checker=taker, reason="已缴费").state == "returned"


def test_the_new_area_reads_of_a_transfer_what_it_needs(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = transfer(maker, zhang_san)
    case = cases.change_case(case=case, user=maker, expected_version=1, reason="婚姻变化")
    facts = facts_of(case)
    assert transfers.told(case, checker, facts) == facts
    needed = {fact.label for fact in transfers.told(case, taker, facts)}
    assert {fact.label for fact in facts} - needed == transfers.KEPT_BACK
    assert {"Person", "Leaves", "Joins", "Take over by", "Payable after the move (yuan)"} <= needed


def test_a_batch_tells_the_new_area_no_more_than_the_page(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = accepted(approved(transfer(maker, zhang_san), checker), taker)
    (planned,) = batches.preview(chosen=[case.pk], move="effect", user=taker)
    assert (planned.target, planned.refused) == ("effected", "")
    assert not {fact.label for fact in planned.facts} & transfers.KEPT_BACK
    chosen = [batches.Chosen(case.pk, case.version, planned.digest)]
    (done,) = batches.run(chosen=chosen, move="effect", user=taker)
    assert (done.case.state, done.refused) == ("effected", "")


def test_what_waits_on_either_side(
    maker: User, checker: User, approver: User, taker: User, zhang_san: Person
) -> None:
    case = approved(transfer(maker, zhang_san), checker)
    near = cast.officer("Checker", "wu", "吴越", region=cast.WUHU)
    waiting = [handovers.to_accept(user).count() for user in (near, taker, checker, approver)]
    assert waiting == [1, 1, 0, 0]
    assert not handovers.to_take_over(taker).exists()
    accepted(case, near)
    assert not handovers.to_accept(taker).exists()
    assert [handovers.to_take_over(user).count() for user in (near, taker, approver)] == [0, 1, 0]


# Whoever writes ---------------------------------------------------------------------------------


def database_refuses(told: str, act: Any) -> None:
    with pytest.raises((IntegrityError, DatabaseError), match=told), transaction.atomic():
        act()


def of_case(case: Case, **fields: Any) -> Any:
    return lambda: Case.objects.filter(pk=case.pk).update(**fields)


def of_transfer(case: Case, **fields: Any) -> Any:
    return lambda: EnrolmentTransfer.objects.filter(pk=case.pk).update(**fields)


def acceptance(user: User, case: Case, **fields: Any) -> dict[str, Any]:
    return {
        "accepted_by": user,
        "accepted_at": timezone.now(),
        "accepted_digest": case.shown_digest,
    } | fields


def test_the_database_knows_the_regions_of_a_duty_as_the_rule_does(db: None) -> None:
    for code in (cast.ANHUI, cast.HEFEI, cast.SHUSHAN, 340104001000, 340104001001):
        first, last = scope_of(code)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT region_holds(%s, %s), region_holds(%s, %s), region_holds(%s, %s),"
                " region_holds(%s, %s)",
                [code, first, code, last, code, first - 1, code, last + 1],
            )
            assert cursor.fetchone() == (True, True, False, False), code


def test_the_database_wants_the_leaving_area_to_approve(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = cases.submit_case(case=transfer(maker, zhang_san), user=maker)
    says = {"shown_digest": "1" * 64, "decided_at": timezone.now(), "state": "approved"}
    database_refuses("approved by the area", of_case(case, checker=taker, **says))
    # Nor is it approved without being handed over, which the approval of the services does.
    database_refuses("handed over before", of_case(case, checker=checker, **says))


def test_the_database_wants_the_other_area_to_accept_before_anything_takes_effect(
    maker: User, checker: User, approver: User, taker: User, zhang_san: Person
) -> None:
    draft = transfer(maker, zhang_san)
    early = acceptance(taker, draft, accepted_digest="1" * 64)
    database_refuses("as it was approved", of_transfer(draft, **early))
    case = approved(draft, checker)
    database_refuses("accepted before", of_case(case, state="effected", effected_at=timezone.now()))
    for user in (maker, checker):
        database_refuses("somebody else", of_transfer(case, **acceptance(user, case)))
    database_refuses("area that the person joins", of_transfer(case, **acceptance(approver, case)))
    other = acceptance(taker, case, accepted_digest="1" * 64)
    database_refuses("as it was approved", of_transfer(case, **other))
    half = acceptance(taker, case, accepted_at=None)
    database_refuses("acceptance_has", of_transfer(case, **half))
    database_refuses("is fixed", of_transfer(case, to_region=cast.BAOHE))
    database_refuses("is fixed", of_transfer(case, applied_on=date(2026, 12, 1)))
    database_refuses("handed over by", of_transfer(case, handed_over_version=1))


def test_the_database_keeps_an_acceptance_until_the_transfer_is_returned(
    maker: User, checker: User, taker: User, zhang_san: Person
) -> None:
    case = accepted(approved(transfer(maker, zhang_san), checker), taker)
    nobody = {"accepted_by": None, "accepted_at": None, "accepted_digest": ""}
    database_refuses("not rewritten", of_transfer(case, **nobody))
    database_refuses("not rewritten", of_transfer(case, accepted_at=timezone.now()))
    database_refuses(
        "not taken back",
        of_case(case, state="withdrawn", checker=None, decided_at=None, shown_digest=""),
    )
    done = cases.put_into_effect(case=case, user=taker)
    database_refuses("not rewritten", of_transfer(done, **nobody))


@pytest.mark.parametrize("asked_for", [False, True])
def test_the_table_of_the_two_sides_covers_every_move_of_an_approved_case(asked_for: bool) -> None:
    """What the lifecycle allows of an approved case is given to a side, before or after."""

    def sides(move: str, state: str = lifecycle.APPROVED, *, accepted: bool = False) -> Any:
        return handover.sides_of(move, state, accepted=accepted, asked_for=asked_for)

    moves = {move.name for move in lifecycle.moves_from(lifecycle.APPROVED)}
    names = (*moves, handover.ACCEPT.name)
    given = {name for name in names if sides(name) or sides(name, accepted=True)}
    assert given == moves | {"accept"}
    writer = {handover.RECEIVING if asked_for else handover.LEAVING}
    for state in (lifecycle.DRAFT, lifecycle.SUBMITTED, lifecycle.RETURNED):
        assert (sides("return", state), sides("withdraw", state)) == ({handover.LEAVING}, writer)
