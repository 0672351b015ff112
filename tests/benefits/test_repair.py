"""Gap repair payment: quoted from the register, approved, in effect on receipt."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from benefits.models import GapRepair
from benefits.selectors.repairs import history_of, quotes, waiting_ground
from benefits.services import repairs as services
from enrollment.models import Case, Change, Enrollment, Person, Receipt, User
from enrollment.rules import keys
from enrollment.rules.dates import year_start
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import facts_of, shown_digest_of
from enrollment.services import cases, enrollments
from enrollment.services.refusals import Refused
from tests import cast

AUTUMN = date(2026, 11, 20)
JANUARY = date(2027, 1, 10)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()
    for number in (2024, 2025, 2026):
        cast.year(number)
    cast.year(2027, closed=False)


@pytest.fixture
def maker(anhui: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker(anhui: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def li_si(anhui: None) -> Person:
    """Covered in 2024, lapsed in 2025 and 2026, billed for 2027."""
    person = cast.person("李四", number=2)
    cast.paid(person, 2024)
    cast.bill(person, 2025)
    cast.bill(person, 2026)
    cast.bill(person, 2027)
    return person


def bill_of(person: Person) -> Enrollment:
    return Enrollment.objects.get(pk=keys.yearly_key(year=2027, person_id=person.pk))


def pay(person: Person, on: date = AUTUMN) -> None:
    Enrollment.objects.filter(pk=bill_of(person).pk).update(paid=400, paid_on=on)


def repair(maker: User, person: Person, years: int = 1, paid_on: date = AUTUMN) -> Case:
    return services.open_repair(
        maker=maker, person=person, year=2027, paid_on=paid_on, repair_years=years
    )


def approved(case: Case, checker: User) -> Case:
    case = cases.submit_case(case=case, user=case.maker)
    return cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


def received(case: Case, user: User, on: date = AUTUMN, number: str = "3400001") -> GapRepair:
    done = cases.put_into_effect(case=case, user=user, receipt_number=number, received_on=on)
    assert isinstance(done, GapRepair)
    return done


# The history of a person ------------------------------------------------------------------------


def test_a_history_counts_what_was_paid_and_employee_months(anhui: None) -> None:
    person = cast.person("李四", number=2)
    cast.paid(person, 2024)
    cast.bill(person, 2025)
    Enrollment.objects.create(
        id=keys.yearly_key(year=2026, person_id=person.pk, scheme=keys.EMPLOYEE, slot=1),
        person=person,
        region_id=cast.SHUSHAN,
        months=0b1,
    )
    cast.bill(person, 2026)
    assert history_of(person.pk, 2027) == {2024: "R", 2026: "E"}
    assert history_of(person.pk, 2026) == {2024: "R"}


def test_a_year_that_ended_before_it_began_or_has_no_months_is_no_cover(anhui: None) -> None:
    person = cast.person("李四", number=2)
    cast.paid(person, 2025, ended_on=date(2024, 12, 31), ended_for="refunded")
    cast.paid(person, 2026, ended_on=date(2026, 6, 30), ended_for="moved_out")
    Enrollment.objects.create(
        id=keys.yearly_key(year=2024, person_id=person.pk, scheme=keys.EMPLOYEE),
        person=person,
        region_id=cast.SHUSHAN,
        months=0,
    )
    assert history_of(person.pk, 2027) == {2026: "R"}


# The quote --------------------------------------------------------------------------------------


def test_the_quote_compares_doing_nothing_with_every_useful_year(li_si: Person) -> None:
    # Broken in 2025 and 2026: 3 + 1 months from 1 January; one year can be repaired.
    ground = waiting_ground(li_si, 2027, paid_on=AUTUMN, repaired_on=AUTUMN)
    without, one = quotes(ground)
    assert (without.waiting.broken_years, without.waiting.max_useful_repair_years) == (2, 1)
    assert (without.waiting.total_months, without.waiting.benefit_start) == (4, date(2027, 5, 1))
    assert (one.waiting.total_months, one.waiting.benefit_start) == (3, date(2027, 4, 1))
    assert (without.repair_amount, one.repair_amount) == (Decimal(0), Decimal("400.00"))
    assert one.total_amount == Decimal("800.00")


def test_the_price_is_that_of_the_calendar_year_of_payment(li_si: Person) -> None:
    ground = waiting_ground(li_si, 2027, paid_on=AUTUMN, repaired_on=JANUARY)
    fee = quotes(ground)[1].fee
    assert fee is not None
    assert fee.standard_year == 2027


def test_somebody_exempt_has_nothing_to_repair(li_si: Person, maker: User) -> None:
    li_si.categories.create(
        category="medical_assistance_new",
        valid=(date(2026, 1, 1), None),
        source="civil_affairs",
    )
    with pytest.raises(services.RepairExceedsUseful):
        repair(maker, li_si)


def test_somebody_covered_without_a_break_has_nothing_to_repair(maker: User) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    with pytest.raises(services.RepairExceedsUseful) as refused:
        repair(maker, person)
    assert refused.value.details["max_useful_repair_years"] == 0


@pytest.mark.parametrize(
    ("years", "paid_on", "refusal"),
    [
        (2, AUTUMN, services.RepairExceedsUseful),
        (0, AUTUMN, services.RepairYearsMustBePositive),
        (1, date(2026, 8, 31), services.PaymentOutsideYear),
        (1, date(2028, 1, 1), services.PaymentOutsideYear),
    ],
)
def test_a_quote_that_the_law_does_not_know_is_refused_in_a_sentence(
    maker: User, li_si: Person, years: int, paid_on: date, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        repair(maker, li_si, years, paid_on)
    assert refused.value.field
    assert "%(" not in str(refused.value)
    assert not Case.objects.exists()


# The case ---------------------------------------------------------------------------------------


def test_a_case_keeps_what_the_person_was_told(maker: User, li_si: Person) -> None:
    case = repair(maker, li_si)
    assert isinstance(case, GapRepair)
    assert (case.repair_years, case.unit_price, case.amount) == (1, Decimal(400), Decimal(400))
    assert (case.broken_years, case.fixed_months) == (2, 3)
    assert (case.variable_before, case.variable_months) == (1, 0)
    assert (case.unrepaired_start, case.benefit_start) == (date(2027, 5, 1), date(2027, 4, 1))
    cited = [line for line in case.trace if line["parameter"] == "waiting.fixed_months"]
    assert cited[0]["clause"] == "一（二）"
    assert "皖医保发〔2024〕6号" in cited[0]["document"]
    assert {fact.label for fact in facts_of(case)} >= {"Benefits from, with repair"}


def test_a_returned_case_is_quoted_anew(maker: User, checker: User, li_si: Person) -> None:
    case = cases.submit_case(case=repair(maker, li_si), user=maker)
    case = cases.return_case(case=case, checker=checker, reason="缴费日改为一月")
    case = services.change_repair(
        case=case,
        user=maker,
        expected_version=case.version,
        year=2027,
        paid_on=JANUARY,
        repair_years=1,
    )
    assert isinstance(case, GapRepair)
    assert case.benefit_start == date(2027, 4, 10)


def test_approval_numbers_the_payment_order(maker: User, checker: User, li_si: Person) -> None:
    case = approved(repair(maker, li_si), checker)
    assert isinstance(case, GapRepair)
    assert case.bill_number == f"XF2027{case.pk:010d}"


def test_a_quote_that_the_register_overtook_is_not_approved(
    maker: User, checker: User, li_si: Person
) -> None:
    case = cases.submit_case(case=repair(maker, li_si), user=maker)
    Enrollment.objects.filter(person=li_si, id__lt=2027 * keys.YEAR).update(paid=400)
    with pytest.raises(services.RepairExceedsUseful):
        cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


def test_a_contribution_that_came_later_than_told_needs_a_new_quote(
    maker: User, checker: User, li_si: Person
) -> None:
    case = cases.submit_case(case=repair(maker, li_si), user=maker)
    pay(li_si, JANUARY)
    with business_date_is(JANUARY), pytest.raises(services.QuoteOutdated):
        cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


# The receipt ------------------------------------------------------------------------------------


def test_a_receipt_sets_the_dates_of_the_cover_and_leaves_a_change(
    maker: User, checker: User, li_si: Person
) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    done = received(case, checker)
    bill = bill_of(li_si)
    assert (bill.benefit_start, bill.repaired_years, bill.repaired_on) == (
        date(2027, 4, 1),
        1,
        AUTUMN,
    )
    assert (done.state, done.receipt_number, done.received_on) == ("effected", "3400001", AUTUMN)
    assert list(Change.objects.filter(case=case.pk).values_list("year", "cause")) == [
        (2027, "repair")
    ]


def test_a_repair_without_receipt_number_or_day_is_not_put_into_effect(
    maker: User, checker: User, li_si: Person
) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    for details in (
        {},
        {"receipt_number": " ", "received_on": AUTUMN},
        {"receipt_number": "3400001", "received_on": None},
    ):
        with pytest.raises(services.ReceiptMissing):
            cases.put_into_effect(case=case, user=checker, **details)
    assert Case.objects.get().state == Case.State.APPROVED


def test_a_repair_waits_for_the_contribution(maker: User, checker: User, li_si: Person) -> None:
    case = approved(repair(maker, li_si), checker)
    with pytest.raises(services.ContributionUnpaid):
        received(case, checker)
    assert bill_of(li_si).repaired_years == 0
    assert not Change.objects.filter(cause="repair").exists()


def test_a_receipt_of_tomorrow_is_refused(maker: User, checker: User, li_si: Person) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    with pytest.raises(services.NotReceivedYet):
        received(case, checker, on=date(2026, 11, 21))


def test_a_receipt_before_the_contribution_is_refused(
    maker: User, checker: User, li_si: Person
) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    with pytest.raises(services.RepairBeforeContribution):
        received(case, checker, on=date(2026, 11, 19))


def test_a_receipt_pays_one_repair(maker: User, checker: User, li_si: Person) -> None:
    received_first = approved(repair(maker, li_si), checker)
    other = cast.person("李五", number=7)
    cast.paid(other, 2024)
    cast.bill(other, 2027)
    pay(li_si)
    pay(other)
    received(received_first, checker)
    second = approved(repair(maker, other), checker)
    with pytest.raises(services.ReceiptUsed):
        received(second, checker)
    with pytest.raises(IntegrityError, match="a_receipt_pays_one_repair"), transaction.atomic():
        GapRepair.objects.filter(pk=second.pk).update(receipt_number="3400001")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"bill_number": ""}, services.ReceiptUsed),
        ({"amount": Decimal("399.99")}, services.ReceiptDiffers),
    ],
)
def test_a_receipt_that_the_tax_service_sent_for_something_else_is_refused(
    maker: User, checker: User, li_si: Person, fields: dict[str, Any], refusal: type[Refused]
) -> None:
    case = approved(repair(maker, li_si), checker)
    assert isinstance(case, GapRepair)
    pay(li_si)
    sent = {"bill_number": case.bill_number, "amount": Decimal(400)} | fields
    Receipt.objects.create(
        receipt_number="3400001",
        person=li_si,
        name="李四",
        year=2027,
        paid_at="2026-11-20T10:00:00+08:00",
        channel=Receipt.Channel.BANK,
        **sent,
    )
    with pytest.raises(refusal):
        received(case, checker)


def test_a_running_wait_is_shortened_no_earlier_than_the_day_after_the_receipt(
    maker: User, checker: User, li_si: Person
) -> None:
    pay(li_si)
    day = date(2027, 4, 1)
    with business_date_is(day):
        case = approved(repair(maker, li_si, paid_on=day), checker)
        received(case, checker, on=day)
    assert bill_of(li_si).benefit_start == date(2027, 4, 2)
    with business_date_is(date(2027, 4, 20)), pytest.raises(services.RepairTooLate):
        repair(maker, li_si)


def test_a_price_that_changed_before_the_receipt_sends_the_case_back(
    maker: User, checker: User, li_si: Person
) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    # The price of a year is that of the day of payment: 400 yuan in 2026, 420 in 2027.
    with business_date_is(JANUARY), pytest.raises(services.PriceChanged):
        received(case, checker, on=JANUARY)


def test_a_year_without_benefit_never_reads_as_cover(
    maker: User, checker: User, li_si: Person
) -> None:
    late = date(2027, 11, 2)
    pay(li_si, late)
    with business_date_is(late):
        case = approved(repair(maker, li_si, paid_on=late), checker)
        received(case, checker, on=late)
    assert bill_of(li_si).benefit_start == year_start(2028)


def test_a_reversed_repair_puts_the_wait_back(maker: User, checker: User, li_si: Person) -> None:
    case = approved(repair(maker, li_si), checker)
    pay(li_si)
    received(case, checker)
    cases.reverse_case(case=case, user=checker, reason="票据作废")
    bill = bill_of(li_si)
    assert (bill.benefit_start, bill.repaired_years, bill.repaired_on) == (
        date(2027, 5, 1),
        0,
        None,
    )
    assert Change.objects.filter(cause="repair_reversed").count() == 1


def test_a_repair_of_a_year_without_a_bill_is_refused(maker: User) -> None:
    person = cast.person("王五", number=5, region=cast.JINGHU)
    with pytest.raises(enrollments.BillMissing):
        repair(maker, person)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"repair_years": 0}, "a_repair_repairs_at_least_a_year"),
        ({"variable_months": 2}, "a_repair_never_lengthens_the_wait"),
    ],
)
def test_the_database_refuses_a_repair_that_is_none(
    maker: User, li_si: Person, fields: dict[str, int], constraint: str
) -> None:
    case = repair(maker, li_si)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        GapRepair.objects.filter(pk=case.pk).update(**fields)
