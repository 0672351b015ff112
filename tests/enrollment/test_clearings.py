"""Money in suspense: whose it may be, and the cases by which it goes where it belongs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from enrollment.declarations import checks
from enrollment.models import Case, Enrollment, Person, Receipt, SuspenseClearing, User
from enrollment.models.identity import digest
from enrollment.rules import suspense as rule
from enrollment.rules.identity import mask_identity
from enrollment.selectors import suspense
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.services import cases, clearing_batches, clearings, enrollments, refunds
from enrollment.services.clearing_batches import Batch
from enrollment.services.refusals import Refused
from tests import cast
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
KEY = "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a01"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
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
def zhang_san(anhui: None) -> Person:
    """Billed 400 yuan for 2027, nothing paid."""
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    return person


def waiting(number: str, amount: str | int = 400, **says: Any) -> Receipt:
    """A receipt that reconcile has looked at, with all of its money in suspense."""
    told: dict[str, Any] = {
        "name": "张三",
        "year": 2027,
        "paid_at": datetime(2026, 11, 10, 2, tzinfo=UTC),
        "channel": "app",
        "outcome": "person_unknown",
        "region": cast.SHUSHAN,
    }
    row = Receipt.objects.create(receipt_number=number, amount=Decimal(amount), **told | says)
    return Receipt.objects.get(pk=row.pk)


def clearing(maker: User, receipt: Receipt, person: Person | None, **says: Any) -> Case:
    told: dict[str, Any] = {"decision": "apply", "evidence": "电话核实 20261120-3"}
    return clearings.open_clearing(maker=maker, receipt=receipt, person=person, **told | says)


def money(number: str) -> tuple[Any, ...]:
    """Applied by cases, paid back, in suspense."""
    row = Receipt.objects.get(receipt_number=number)
    return (row.cleared, row.refunded, row.suspense)


def paid(person: Person, year: int = 2027) -> tuple[Any, ...]:
    bill = Enrollment.objects.of_year(year).get(person=person)
    return (bill.paid, bill.paid_on)


def verified() -> None:
    """Bills have what was applied to them, receipts lost what cases moved."""
    for name in ("paid_is_the_sum_of_its_receipts", "receipts_are_cleared_by_cases"):
        with connection.cursor() as cursor:
            cursor.execute(checks[name].sql)
            assert cursor.fetchall() == [], name


# Where it goes ------------------------------------------------------------------------------------


def test_money_of_an_unknown_payer_is_applied_by_a_maker_and_a_checker(
    maker: User, checker: User, zhang_san: Person
) -> None:
    receipt = waiting("R1", region=0)
    case = carried_out(clearing(maker, receipt, zhang_san), checker)

    assert case.state == "effected"
    assert case.amount == 400
    assert money("R1") == (400, 0, 0)
    # as of the day of the payment, whenever it was cleared
    assert paid(zhang_san) == (400, date(2026, 11, 10))
    assert Receipt.objects.get().region == cast.SHUSHAN
    verified()


def test_a_bill_takes_what_it_lacks_and_the_rest_goes_back(
    maker: User, checker: User, zhang_san: Person
) -> None:
    receipt = waiting("R1", 450)
    assert carried_out(clearing(maker, receipt, zhang_san), checker).amount == 400
    assert money("R1") == (400, 0, 50)
    rest = Receipt.objects.get()

    back = carried_out(clearing(maker, rest, None, decision="return_tax"), checker)

    assert back.amount == 50
    assert (back.person, back.region_id) == (None, cast.SHUSHAN)
    assert money("R1") == (400, 50, 0)
    verified()
    with pytest.raises(clearings.NothingInSuspense):
        clearing(maker, Receipt.objects.get(), zhang_san)


def test_money_of_the_wrong_year_moves_to_the_bill_of_the_other(
    maker: User, checker: User, zhang_san: Person
) -> None:
    receipt = waiting("R1", year=2026, outcome="wrong_year", person=zhang_san)
    with pytest.raises(clearings.YearOfAnother):
        clearing(maker, receipt, zhang_san, year=2027)

    carried_out(clearing(maker, receipt, zhang_san, decision="move_year", year=2027), checker)

    assert (money("R1"), paid(zhang_san)) == ((400, 0, 0), (400, date(2026, 11, 10)))


def test_a_refund_names_ground_payee_and_account(
    maker: User, checker: User, zhang_san: Person
) -> None:
    receipt = waiting("R1", outcome="name_differs", person=zhang_san)
    refund = {"decision": "refund", "payee": "张三", "account": "6217 0000 1234 5678"}
    with pytest.raises(clearings.GroundMissing):
        clearing(maker, receipt, zhang_san, **refund)
    with pytest.raises(refunds.GroundNotAccepted):
        clearing(maker, receipt, zhang_san, **refund, ground="regret")
    with pytest.raises(refunds.AccountNotReadable):
        clearing(maker, receipt, zhang_san, **refund | {"account": "12"}, ground="handling_error")
    with pytest.raises(clearings.PayeeMissing):
        clearing(maker, receipt, zhang_san, decision="refund", payee="张三")

    case = clearing(maker, receipt, zhang_san, **refund, ground="handling_error")
    carried_out(case, checker)

    assert (money("R1"), paid(zhang_san)) == ((0, 400, 0), (0, None))
    assert SuspenseClearing.objects.get().account_mask == "************5678"
    verified()


def test_a_reversal_puts_the_money_back_into_suspense(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(clearing(maker, waiting("R1"), zhang_san), checker)

    cases.reverse_case(case=case, user=checker, reason="票据张冠李戴")

    assert (money("R1"), paid(zhang_san)) == ((0, 0, 400), (0, None))
    verified()
    with business_date_is(date(2027, 1, 2)):
        again = carried_out(clearing(maker, Receipt.objects.get(), zhang_san), checker)
        with pytest.raises(enrollments.BenefitsStarted):
            cases.reverse_case(case=again, user=checker, reason="迟了")
    assert money("R1") == (400, 0, 0)


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"evidence": " "}, "EvidenceMissing"),
        ({"person": None}, "PersonMissing"),
        ({"year": 2026}, "BillMissing"),
        ({"decision": "move_year"}, "YearOfTheReceipt"),
    ],
)
def test_a_clearing_is_refused_by_name(
    maker: User, zhang_san: Person, says: dict[str, Any], refusal: str
) -> None:
    given = {"person": zhang_san} | says
    with pytest.raises(Refused) as caught:
        clearing(maker, waiting("R1"), **given)
    assert type(caught.value).__name__ == refusal
    assert Case.objects.count() == 0


def test_two_cases_never_work_on_the_same_money(maker: User, zhang_san: Person) -> None:
    receipt = waiting("R1")
    first = clearing(maker, receipt, zhang_san)
    with pytest.raises(clearings.ClearingOpen, match=str(first.pk)):
        clearing(maker, receipt, None, decision="return_tax")


def test_the_approval_is_bound_to_what_is_in_suspense(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = approved(clearing(maker, waiting("R1"), zhang_san), checker)
    Receipt.objects.update(refunded=1)

    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=case, user=checker)

    assert paid(zhang_san) == (0, None)


def test_the_maker_does_not_check(maker: User, zhang_san: Person) -> None:
    case = cases.submit_case(case=clearing(maker, waiting("R1"), zhang_san), user=maker)
    with pytest.raises(cases.MakerIsChecker):
        cases.approve_case(case=case, checker=maker, shown_digest=shown_digest_of(case))


@pytest.mark.django_db(transaction=True)
def test_of_two_effects_at_once_one_has_effect(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = approved(clearing(maker, waiting("R1"), zhang_san), checker)

    answers = at_once(*[lambda: cases.put_into_effect(case=case, user=checker) for _ in range(3)])

    done = [each for each in answers if isinstance(each, Case)]
    assert len(done) == 1
    assert {type(each).__name__ for each in answers if each not in done} == {"NotInThisState"}
    assert (money("R1"), paid(zhang_san)) == ((400, 0, 0), (400, date(2026, 11, 10)))


def execute(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def test_the_database_moves_money_of_an_approved_case_alone_and_once(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = clearing(maker, waiting("R1"), zhang_san)
    with pytest.raises(DatabaseError, match="moves nothing"):
        execute("SELECT clear_suspense(%s)", case.pk)
    case = approved(case, checker)
    # nobody calls it done while the money has not moved
    with pytest.raises(IntegrityError, match="not where it says"):
        execute(
            "UPDATE agency_case SET state = 'effected', effected_at = now() WHERE id = %s", case.pk
        )
    execute("SELECT clear_suspense(%s)", case.pk)
    with pytest.raises(DatabaseError, match="moves nothing"):
        execute("SELECT clear_suspense(%s)", case.pk)
    with pytest.raises(DatabaseError, match="moves nothing"):
        execute("SELECT unclear_suspense(%s)", case.pk)
    assert money("R1") == (400, 0, 0)


def test_verify_names_money_that_no_case_moved(zhang_san: Person) -> None:
    waiting("R1")
    Receipt.objects.update(refunded=400)
    with pytest.raises(AssertionError, match="receipts_are_cleared_by_cases"):
        verified()


# Whose it may be ----------------------------------------------------------------------------------


def test_one_slip_of_the_hand_is_found_by_digests(zhang_san: Person) -> None:
    number = zhang_san.identity_number
    other = str((int(number[9]) + 1) % 10)
    slipped = number[:9] + other + number[10:]
    seen: dict[str, Any] = {"id_mask": mask_identity(slipped), "born": zhang_san.birth_date}
    near = waiting("R1", id_digest=digest(slipped), **seen)
    far = waiting("R2", id_digest=digest("340104190001010000"), name="张三")
    stranger = waiting("R3", name="李四")

    found = suspense.suggestions_of([near, far, stranger])

    (best,) = found[near.pk]
    assert best.person == zhang_san
    assert best.left == 400
    assert best.likeness.reasons[:3] == (
        rule.ONE_CHARACTER_OFF, rule.SAME_NAME, rule.SAME_BIRTH_DATE
    )  # fmt: skip
    assert suspense.proposal_of(near, found[near.pk]) == best
    assert [each.likeness.reasons for each in found[far.pk]] == [(rule.SAME_NAME, rule.SAME_AREA)]
    assert suspense.proposal_of(far, found[far.pk]) is None
    assert found[stranger.pk] == []


def test_two_namesakes_born_on_the_same_day_are_not_proposed(anhui: None) -> None:
    people = [cast.person("张三", number=at, birth_date=date(1980, 1, 1)) for at in (1, 2)]
    for person in people:
        cast.bill(person, 2027)
    receipt = waiting("R1", born=date(1980, 1, 1))

    found = suspense.suggestions_of([receipt])[receipt.pk]

    assert {each.person.pk for each in found} == {person.pk for person in people}
    assert suspense.proposal_of(receipt, found) is None


def test_of_many_namesakes_those_born_on_the_day_come_first_and_the_rest_is_bounded(
    anhui: None,
) -> None:
    for at in range(1, suspense.NAMESAKES + 6):
        cast.bill(cast.person("张三", number=at), 2027)
    meant = cast.person("张三", number=900, birth_date=date(1980, 1, 1))
    cast.bill(meant, 2027)
    receipt = waiting("R1", born=date(1980, 1, 1))

    found = suspense.suggestions_of([receipt])[receipt.pk]

    assert found[0].person == meant
    assert len(found) == suspense.NAMESAKES
    assert suspense.proposal_of(receipt, found) == found[0]


def test_ages_are_days_since_the_payment(anhui: None) -> None:
    for number, day in (("R1", 13), ("R2", 12), ("R3", 1)):
        waiting(number, paid_at=datetime(2026, 11, day, 2, tzinfo=UTC))
    waiting("R4", paid_at=datetime(2026, 8, 21, 15, 59, tzinfo=UTC))  # 21 August in Shanghai
    waiting("R5", paid_at=datetime(2026, 8, 20, 15, 59, tzinfo=UTC))

    rows = suspense.in_suspense(Receipt.objects.all())
    found = {
        name: sorted(suspense.of_age(rows, name, AUTUMN).values_list("receipt_number", flat=True))
        for name, _least, _below in suspense.AGES
    }

    assert found == {"0-7": ["R1"], "8-30": ["R2", "R3"], "31-90": [], "91-": ["R4", "R5"]}


# Many at once -------------------------------------------------------------------------------------


def test_a_batch_drafts_what_stands_out_and_names_the_rest(maker: User, zhang_san: Person) -> None:
    near = waiting("R1", born=zhang_san.birth_date)
    alone = waiting("R2", name="李四")
    decided = waiting("R3")
    clearing(maker, decided, None, decision="return_tax")
    batch = Batch(key=UUID(KEY), decision="suggested", evidence="名单 12 号")

    lines = clearing_batches.preview(batch=batch, chosen=[near.pk, alone.pk, decided.pk])

    told: list[Any] = [(line.receipt.receipt_number, line.amount) for line in lines]
    assert told == [("R3", 0), ("R2", 0), ("R1", 400)]
    assert Case.objects.count() == 1
    shown = {line.receipt.pk: line.bill_id for line in lines}
    for _twice in range(2):
        lines = clearing_batches.preview(batch=batch, chosen=[near.pk, alone.pk])
        clearing_batches.open_drafts(batch=batch, lines=lines, shown=shown, maker=maker)
    made = SuspenseClearing.objects.get(receipt=near)
    assert made.amount == 400
    assert (made.decision, made.person_id) == ("apply", zhang_san.pk)
    assert Case.objects.count() == 2


def test_what_stands_out_only_after_the_preview_is_not_drafted_unseen(
    maker: User, zhang_san: Person
) -> None:
    near = waiting("R1", born=zhang_san.birth_date)
    batch = Batch(key=UUID(KEY), decision="suggested", evidence="名单 12 号")
    lines = clearing_batches.preview(batch=batch, chosen=[near.pk])

    (opened,) = clearing_batches.open_drafts(
        batch=batch, lines=lines, shown={near.pk: 0}, maker=maker
    )

    assert opened.case is None
    assert opened.refused == str(clearing_batches.SuggestionChanged())
