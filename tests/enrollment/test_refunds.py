"""Refund: all or nothing, before the benefits, and what it leaves on the bill."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.explain import explain_case
from enrollment.models import Award, Case, Change, Enrollment, Person, Refund, User
from enrollment.models.identity import unseal
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, enrollments, refunds, registrations
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast, turning
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
PAID_ON = date(2026, 11, 2)
NEW_YEAR = date(2027, 1, 1)


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
    """Paid 400 yuan for 2027."""
    person = cast.person("张三", number=1)
    cast.paid(person, 2027, PAID_ON)
    return person


def refund(maker: User, person: Person, **says: Any) -> Case:
    told: dict[str, Any] = {
        "year": 2027,
        "ground": "handling_error",
        "event_on": PAID_ON,
        "requested_on": AUTUMN,
        "evidence": "窗口受理单 20261120-7",
        "payee": "张三",
        "account": "6217 0000 1234 5678",
    }
    return refunds.open_refund(maker=maker, person=person, **told | says)


def bill_of(person: Person) -> Enrollment:
    return Enrollment.objects.of_year(2027).get(person=person)


def money(bill: Enrollment) -> str:
    figures = (bill.standard, bill.subsidy, bill.payable, bill.paid)
    return " ".join(f"{each:.2f}" for each in figures)


def test_a_contribution_is_paid_back_whole_and_its_year_ends_before_it_begins(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = refund(maker, zhang_san)
    assert case.amount == Decimal(400)
    case = carried_out(case, checker)
    bill = bill_of(zhang_san)
    assert money(bill) == "400.00 0.00 400.00 0.00"
    assert (bill.ended_on, bill.ended_for, bill.paid_on) == (AUTUMN, "refunded", None)
    told = Change.objects.filter(case=case.pk).values_list("year", "cause")
    assert list(told) == [(2027, "refund")]


def test_the_account_is_sealed_and_shown_by_its_last_four_digits(
    maker: User, zhang_san: Person
) -> None:
    refund(maker, zhang_san)
    kept = Refund.objects.get()
    assert kept.account_mask == "************5678"
    assert unseal(bytes(kept.account_sealed)) == "6217000012345678"


@pytest.mark.parametrize(
    ("ground", "ended_for"),
    [
        ("death", "deceased"),
        ("duplicate_enrolment", "duplicate"),
        ("joined_employee_scheme", "employee_scheme"),
        ("handling_error", "refunded"),
    ],
)
def test_the_year_says_why_it_ended(
    maker: User, checker: User, zhang_san: Person, ground: str, ended_for: str
) -> None:
    Person.objects.update(died_on=date(2026, 11, 10) if ground == "death" else None)
    turning.employed(zhang_san, 2026, 0b110000000000)
    zhang_san.refresh_from_db()
    case = refund(maker, zhang_san, ground=ground, event_on=date(2026, 11, 10))
    carried_out(case, checker)
    assert bill_of(zhang_san).ended_for == ended_for


def test_what_others_gave_returns_to_them(maker: User, checker: User, zhang_san: Person) -> None:
    bill = bill_of(zhang_san)
    Enrollment.objects.filter(pk=bill.pk).update(subsidy=100, payable=300, paid=300)
    helper = carried_out(refund(maker, cast_paid("王五", 5), evidence="x"), checker)
    for funder, amount in (("charity", 40), ("village_collective", 60)):
        Award.objects.create(
            enrollment=bill, funder=funder, amount=amount, awarded_on=PAID_ON, case_id=helper.pk
        )
    case = carried_out(refund(maker, zhang_san), checker)
    assert case.amount == Decimal(300)
    returned = Award.objects.filter(case=case.pk).values_list("funder", "amount")
    assert dict(returned) == {"charity": Decimal(-40), "village_collective": Decimal(-60)}
    assert money(bill_of(zhang_san)) == "400.00 0.00 400.00 0.00"
    cases.reverse_case(case=case, user=checker, reason="账户退票")
    assert sum(Award.objects.values_list("amount", flat=True)) == Decimal(100)
    assert money(bill_of(zhang_san)) == "400.00 100.00 300.00 300.00"


def cast_paid(name: str, number: int) -> Person:
    person = cast.person(name, number=number)
    cast.paid(person, 2027, PAID_ON)
    return person


@pytest.mark.parametrize("ground", ["death", "handling_error"])
@pytest.mark.parametrize("requested_on", [date(2026, 12, 31), NEW_YEAR])
def test_the_answer_is_what_explain_gives(
    maker: User, zhang_san: Person, ground: str, requested_on: date
) -> None:
    died_on = date(2026, 12, 1)
    Person.objects.update(died_on=died_on if ground == "death" else None)
    zhang_san.refresh_from_db()
    told = explain_case(
        {
            "group": "refund",
            "inputs": {
                "paid": "400.00",
                "paid_on": PAID_ON.isoformat(),
                "reason": ground,
                "event_on": died_on.isoformat(),
                "requested_on": requested_on.isoformat(),
            },
        }
    )["outcome"]
    says = {"ground": ground, "event_on": died_on, "requested_on": requested_on}
    with business_date_is(NEW_YEAR):
        try:
            given = refund(maker, zhang_san, **says).amount
        except refunds.BenefitsHaveStarted:
            given = Decimal(0)
    assert given == Decimal(told["refund"])


def test_a_late_payment_of_the_year_itself_is_never_paid_back(maker: User) -> None:
    """Paid in October 2026 for 2026, whose benefits began in January: not a payment for 2027."""
    person = cast.person("李四", number=2)
    cast.paid(person, 2026, date(2026, 10, 8))
    with pytest.raises(refunds.BenefitsHaveStarted):
        refund(maker, person, year=2026)


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        (
            {"requested_on": date(2026, 11, 1), "event_on": date(2026, 11, 1)},
            refunds.RequestedBeforePayment,
        ),
        ({"requested_on": date(2026, 11, 21)}, refunds.RequestedLater),
        ({"event_on": date(2026, 11, 21)}, refunds.EventLater),
        ({"ground": "change_of_mind"}, refunds.GroundNotAccepted),
        ({"ground": "death"}, refunds.DeathNotOnFile),
        ({"ground": "joined_employee_scheme"}, refunds.NotInTheEmployeeScheme),
        ({"evidence": " "}, EvidenceMissing),
        ({"account": "1234"}, refunds.AccountNotReadable),
        ({"year": 2026}, enrollments.BillMissing),
    ],
)
def test_a_refund_that_may_not_be_is_refused_at_its_field(
    maker: User, zhang_san: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        refund(maker, zhang_san, **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_a_death_is_that_of_the_register(maker: User, zhang_san: Person) -> None:
    Person.objects.update(died_on=date(2026, 11, 10))
    zhang_san.refresh_from_db()
    with pytest.raises(refunds.DeathOnAnotherDay):
        refund(maker, zhang_san, ground="death", event_on=date(2026, 11, 9))


def test_an_unpaid_bill_has_nothing_to_pay_back(maker: User) -> None:
    person = cast.person("李四", number=2)
    cast.bill(person, 2027)
    with pytest.raises(refunds.NothingPaid):
        refund(maker, person)


def test_a_repaired_contribution_is_not_refunded_under_its_repair(
    maker: User, zhang_san: Person
) -> None:
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(repaired_years=1)
    with pytest.raises(refunds.RepairStands):
        refund(maker, zhang_san)


def test_a_year_that_ended_by_a_death_is_refunded_and_keeps_its_day(
    maker: User, checker: User, zhang_san: Person
) -> None:
    died_on = date(2026, 11, 10)
    Person.objects.update(died_on=died_on)
    zhang_san.refresh_from_db()
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(
        ended_on=died_on, ended_for="deceased"
    )
    carried_out(refund(maker, zhang_san, ground="death", event_on=died_on), checker)
    bill = bill_of(zhang_san)
    assert (bill.ended_on, bill.ended_for, bill.paid) == (died_on, "deceased", Decimal(0))


def test_more_money_voids_the_approval(maker: User, checker: User, zhang_san: Person) -> None:
    case = approved(refund(maker, zhang_san), checker)
    Enrollment.objects.filter(pk=bill_of(zhang_san).pk).update(paid=500)
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=case, user=checker)
    with pytest.raises(refunds.RefundOutdated):
        refunds.check(case)


def test_a_returned_refund_is_changed_and_keeps_its_account(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = cases.submit_case(case=refund(maker, zhang_san), user=maker)
    case = cases.return_case(case=case, checker=checker, reason="收款人有误")
    refunds.change_refund(
        case=case, user=maker, expected_version=case.version, year=2027, payee="李四"
    )
    kept = Refund.objects.get()
    assert (kept.payee, kept.account_mask[-4:]) == ("李四", "5678")


def test_a_reversed_refund_makes_the_bill_what_it_was(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(refund(maker, zhang_san), checker)
    case = cases.reverse_case(case=case, user=checker, reason="账户退票")
    bill = bill_of(zhang_san)
    assert (bill.paid, bill.paid_on) == (Decimal(400), PAID_ON)
    assert (bill.ended_on, bill.ended_for) == (None, "")
    causes = list(
        Change.objects.filter(case=case.pk).order_by("pk").values_list("cause", flat=True)
    )
    assert causes == ["refund", "refund_reversed"]
    carried_out(refund(maker, zhang_san), checker)  # and may be refunded after all


def test_a_refund_is_not_reversed_after_the_person_registered_again(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(refund(maker, zhang_san), checker)
    again = registrations.open_registration(
        maker=maker,
        person=zhang_san,
        year=2027,
        ground="in_period",
        insured_region_id=cast.SHUSHAN,
    )
    carried_out(again, checker)
    assert bill_of(zhang_san).ended_on is None
    with pytest.raises(enrollments.PaidDifferently):
        cases.reverse_case(case=case, user=checker, reason="x")


def test_the_database_refunds_a_payment_once(maker: User, checker: User, zhang_san: Person) -> None:
    first, second = refund(maker, zhang_san), refund(maker, zhang_san)
    carried_out(first, checker)
    with pytest.raises(IntegrityError, match="refunded_once"), transaction.atomic():
        Refund.objects.filter(pk=second.pk).update(refunded_bill=bill_of(zhang_san).pk)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"requested_on": date(2026, 11, 1)}, "requested_after_payment"),
        ({"evidence": ""}, "evidence_and_payee"),
        ({"payee": ""}, "evidence_and_payee"),
    ],
)
def test_the_database_refuses_what_the_form_refuses(
    maker: User, zhang_san: Person, fields: dict[str, Any], constraint: str
) -> None:
    case = refund(maker, zhang_san)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Refund.objects.filter(pk=case.pk).update(**fields)


def test_two_refunds_at_once_pay_back_once(transactional_db: None) -> None:
    cast.law()
    cast.year(2027, closed=False)
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
    )
    person = cast_paid("张三", 1)
    both = [approved(refund(maker, person), checker) for _ in range(2)]
    results = at_once(
        *(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both)
    )
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert bill_of(person).paid == 0
