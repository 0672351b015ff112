"""Registration: who comes in, on what ground, and what it leaves in the register."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    Award,
    Case,
    Change,
    Enrollment,
    Person,
    PersonCategory,
    Registration,
    User,
    YearRun,
)
from enrollment.rules.identity import check_character
from enrollment.selectors.bills import terms_of_bill
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import whole_case
from enrollment.selectors.policy import terms_of_area
from enrollment.services import cases, enrollments, people, registrations
from enrollment.services.people import Particulars
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast, turning
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)  # in the payment period of 2027
SUMMER = date(2027, 7, 1)  # after it
BORN = date(2026, 10, 8)


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


def number(born: date = date(1990, 3, 2), serial: int = 15) -> str:
    first = f"349900{born:%Y%m%d}{serial:03d}"
    return first + check_character(first)


def adult(**fields: Any) -> Particulars:
    """孙七 from Wuhan, who lives in Hefei and was never on file."""
    says: dict[str, Any] = {
        "id_type": "resident_id",
        "id_number": number(),
        "name": "孙七",
        "sex": "M",
        "birth_date": date(1990, 3, 2),
        "household_region": 420102000000,
        "residence_region": cast.SHUSHAN,
        "phone": "13912345678",
    }
    return Particulars(**says | fields)


def baby(**fields: Any) -> Particulars:
    """A newborn who has a birth certificate and no number yet."""
    says = {
        "id_type": "birth_certificate",
        "id_number": "p340123456",
        "name": "张小宝",
        "birth_date": BORN,
    }
    return adult(**says | fields)


PROVED: dict[str, Any] = {
    "recognised_on": BORN,
    "source": "health",
    "evidence": "出生医学证明 P340123456",
}


def register(maker: User, told: Particulars | None = None, **says: Any) -> Case:
    says.setdefault("insured_region_id", cast.SHUSHAN)
    says.setdefault("year", 2027)
    says.setdefault("ground", "in_period")
    return registrations.open_registration(maker=maker, told=told, **says)


def bill_of(person: Person, year: int = 2027) -> Enrollment:
    return Enrollment.objects.of_year(year).get(person=person)


# Coming in for the first time -------------------------------------------------------------------


def test_somebody_new_is_on_file_with_the_draft_and_registered_by_its_effect(
    maker: User, checker: User
) -> None:
    case = register(maker, adult())
    person = Person.objects.get()
    assert (person.name, person.initials, person.left_for) == ("孙七", "sq", "not_registered")
    assert person.identity_number == number()
    assert not Enrollment.objects.exists()

    carried_out(case, checker)

    person.refresh_from_db()
    assert (person.left_on, person.left_for, person.scheme) == (None, "", 1)
    terms = terms_of_area(cast.HEFEI, 2027)
    bill = bill_of(person)
    assert (bill.region_id, bill.due_on) == (cast.SHUSHAN, terms.window_last)
    assert (bill.standard, bill.payable, bill.paid) == (terms.standard, terms.standard, Decimal(0))
    told = set(Change.objects.filter(case=case.pk).values_list("year", "cause"))
    assert told == {(2027, "registration")}


def test_a_household_registration_of_another_province_is_no_reason_to_refuse(maker: User) -> None:
    case = register(maker, adult(household_region=420102000000))
    assert case.whom.household_region == 420102000000


def test_a_newborn_has_the_year_of_birth_and_the_next_and_does_not_wait(
    maker: User, checker: User
) -> None:
    case = register(maker, baby(), year=2026, also_next_year=True, ground="newborn", **PROVED)
    carried_out(case, checker)
    person = Person.objects.get()
    assert (person.id_type, person.identity_number) == ("birth_certificate", "P340123456")
    years = [row.year for row in Enrollment.objects.filter(person=person).order_by("pk")]
    assert years == [2026, 2027]
    status = PersonCategory.objects.get()
    assert (status.category, status.valid) == (
        "newborn",
        DateRange(BORN, date(2027, 10, 8)),
    )
    assert (status.source, status.evidence) == ("health", PROVED["evidence"])


def test_a_registration_by_its_category_is_billed_with_its_subsidy(
    maker: User, checker: User
) -> None:
    person = cast.person("李四", number=2, left_on=date(2025, 1, 1), left_for="moved_out")
    turning.recognise(person, "dibao")
    case = register(maker, person=person)
    carried_out(case, checker)
    bill = bill_of(person)
    assert bill.category == "dibao"
    assert bill.subsidy == terms_of_area(cast.HEFEI, 2027).quotas["dibao"]
    # The step `subsidise` has not run: it will write the award behind the bill.
    assert not Award.objects.exists()


def test_in_a_year_that_no_step_will_subsidise_the_award_is_written_at_once(
    maker: User, checker: User
) -> None:
    person = cast.person("李四", number=2, left_on=date(2025, 1, 1), left_for="moved_out")
    turning.recognise(person, "extreme_poverty")
    proved = PROVED | {"recognised_on": date(2026, 9, 1)}
    case = register(maker, person=person, year=2026, ground="medical_assistance_new", **proved)
    carried_out(case, checker)
    award, bill = Award.objects.get(), bill_of(person, 2026)
    assert (award.amount, award.case_id, award.funder) == (
        bill.subsidy,
        case.pk,
        "medical_assistance",
    )
    assert bill.payable == 0
    assert bill.paid_on == AUTUMN  # settled after its last day


# On what ground ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "says", "refusal"),
    [
        (SUMMER, {"ground": "in_period"}, registrations.OutsidePaymentPeriod),
        (AUTUMN, {"ground": "late"}, registrations.InsidePaymentPeriod),
        (AUTUMN, {"year": 2028}, registrations.YearNotOpen),
        (SUMMER, {"year": 2026, "ground": "late"}, registrations.YearNotOpen),
        (AUTUMN, {"ground": "released_prisoner"}, registrations.RecognitionDayMissing),
        (
            AUTUMN,
            {"ground": "demobilised", **PROVED, "source": ""},
            registrations.SourceMissing,
        ),
        (
            AUTUMN,
            {"ground": "demobilised", **PROVED, "evidence": "  "},
            EvidenceMissing,
        ),
        (
            AUTUMN,
            {"ground": "demobilised", **PROVED, "recognised_on": SUMMER},
            registrations.RecognitionDayMissing,
        ),
        (AUTUMN, {"ground": "newborn", **PROVED}, registrations.NotANewborn),
        (AUTUMN, {"ground": "tourist", **PROVED}, registrations.GroundNotAccepted),
    ],
)
def test_a_ground_that_does_not_hold_is_refused_at_its_field(
    maker: User, on: date, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with business_date_is(on), pytest.raises(refusal) as refused:
        register(maker, adult(), **says)
    assert refused.value.field
    assert str(refused.value)
    assert not Person.objects.exists()
    assert not Case.objects.exists()


def test_whoever_is_late_registers_and_will_wait(maker: User, checker: User) -> None:
    with business_date_is(SUMMER):
        carried_out(register(maker, adult(), ground="late"), checker)
        bill = bill_of(Person.objects.get())
        Enrollment.objects.filter(pk=bill.pk).update(paid=bill.payable, paid_on=SUMMER)
        YearRun.objects.filter(year=2027).update(activated_on=date(2027, 1, 1))
        status = Enrollment.objects.filter(pk=bill.pk).with_status(SUMMER).get()
    assert getattr(status, "status_code") == "waiting"  # noqa: B009


def test_the_database_refuses_a_group_without_evidence(maker: User) -> None:
    case = register(maker, adult())
    with pytest.raises(IntegrityError, match="off_period_registration"), transaction.atomic():
        Registration.objects.filter(pk=case.pk).update(ground="newborn")


# Nobody twice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("area", [cast.SHUSHAN, cast.JINGHU])
def test_whoever_has_a_bill_is_not_registered_again_in_any_area(maker: User, area: int) -> None:
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    with pytest.raises(registrations.AlreadyRegistered) as refused:
        register(maker, person=person, insured_region_id=area)
    assert refused.value.field == "year"


def test_whoever_is_covered_elsewhere_this_year_moves_by_a_transfer(maker: User) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    with pytest.raises(registrations.MovesByTransfer):
        register(maker, person=person, insured_region_id=cast.JINGHU)


def test_a_number_that_has_a_file_gets_no_second_one(maker: User) -> None:
    person = cast.person("张三", number=1, region=cast.JINGHU)
    told = adult(id_number=person.identity_number, birth_date=person.birth_date)
    with pytest.raises(people.AlreadyOnFile) as refused:
        register(maker, told)
    assert refused.value.field == "id_number"
    assert "芜湖" in str(refused.value)


def test_the_database_gives_a_number_one_file(maker: User) -> None:
    register(maker, adult())
    person = Person.objects.get()
    person.pk = None
    with pytest.raises(IntegrityError, match="one_file"), transaction.atomic():
        person.save(force_insert=True)


def test_somebody_of_the_employee_scheme_gives_its_last_day(maker: User, checker: User) -> None:
    person = cast.person("王五", number=5, scheme=Person.Scheme.EMPLOYEE)
    turning.employed(person, 2026, 0b000111111111)
    says: dict[str, Any] = {"person": person, "year": 2026, "also_next_year": True}
    proved = PROVED | {"recognised_on": date(2026, 10, 1), "source": "medical_security"}
    leaver = says | proved | {"ground": "employee_interrupted"}
    with pytest.raises(registrations.InTheEmployeeScheme) as refused:
        register(maker, **leaver)
    assert refused.value.field == "employee_until"
    with pytest.raises(registrations.InTheEmployeeScheme):
        register(maker, **leaver, employee_until=AUTUMN)
    carried_out(register(maker, **leaver, employee_until=date(2026, 9, 30)), checker)
    person.refresh_from_db()
    assert person.scheme == Person.Scheme.RESIDENT
    assert {row.year for row in Enrollment.objects.filter(person=person)} == {2026, 2027}


def test_a_last_day_in_a_scheme_that_one_is_not_in_is_refused(maker: User) -> None:
    with pytest.raises(registrations.EmployeeDayNotAsked):
        register(maker, adult(), employee_until=date(2026, 9, 30))


def test_the_dead_are_not_registered(maker: User) -> None:
    with pytest.raises(registrations.Deceased):
        register(maker, person=cast.person("赵六", number=6, died_on=date(2026, 1, 5)))


def test_a_year_that_ended_without_money_is_opened_again(maker: User, checker: User) -> None:
    person = cast.person("张三", number=1)
    cast.bill(person, 2027, ended_on=AUTUMN, ended_for="moved_out", region=cast.JINGHU)
    carried_out(register(maker, person=person), checker)
    bill = bill_of(person)
    assert (bill.ended_on, bill.ended_for, bill.region_id) == (None, "", cast.SHUSHAN)


def test_a_year_whose_cover_was_paid_and_ended_has_no_second_one(maker: User) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2027, ended_on=AUTUMN, ended_for="moved_out")
    with pytest.raises(registrations.YearClosed):
        register(maker, person=person)


# Who somebody is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"id_number": "34990019900302015"}, people.NumberNotReadable, "id_number"),
        ({"id_number": "349900199013020158"}, people.NumberHasNoDay, "id_number"),
        ({"id_number": number()[:-1] + "0"}, people.NumberMistyped, "id_number"),
        ({"id_type": "other"}, people.NumberOfAnotherDocument, "id_type"),
        ({"id_type": "other", "id_number": "P"}, people.DocumentNotReadable, "id_number"),
        ({"birth_date": date(1990, 3, 3)}, people.BirthDateDiffers, "birth_date"),
        ({"sex": "F"}, people.SexDiffers, "sex"),
        ({"name": "  "}, people.NameMissing, "name"),
        ({"phone": "call me"}, people.PhoneNotReadable, "phone"),
        ({"household_region": 34}, people.PlaceUnknown, "household_region"),
    ],
)
def test_particulars_that_contradict_each_other_are_refused_at_their_field(
    maker: User, fields: dict[str, Any], refusal: type[Refused], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        register(maker, adult(**fields))
    assert refused.value.field == field
    assert not Person.objects.exists()


def test_an_old_number_of_15_digits_is_the_same_number(maker: User) -> None:
    register(maker, adult(id_number=number()[:6] + number()[8:17]))
    assert Person.objects.get().identity_number == number()


def test_the_maker_corrects_the_file_of_a_draft_and_of_nothing_else(
    maker: User, checker: User
) -> None:
    case = register(maker, adult())
    registrations.change_registration(
        case=case, user=maker, expected_version=1, told=adult(name="孙琪"), year=2027
    )
    assert Person.objects.get().name == "孙琪"
    carried_out(whole_case(case.pk), checker)
    with pytest.raises(people.FileInUse):
        people.correct_file(person=Person.objects.get(), told=adult(), insured_region=cast.SHUSHAN)


def test_an_approval_is_bound_to_who_the_file_says_it_is(maker: User, checker: User) -> None:
    case = approved(register(maker, adult()), checker)
    Person.objects.update(birth_date=date(1991, 3, 2))
    with pytest.raises(cases.ApprovalVoid):
        cases.put_into_effect(case=case, user=checker)


# Undone -----------------------------------------------------------------------------------------


def test_a_reversed_registration_never_was(maker: User, checker: User) -> None:
    case = carried_out(
        register(maker, baby(), year=2026, also_next_year=True, ground="newborn", **PROVED), checker
    )
    case = cases.reverse_case(case=case, user=checker, reason="出生证号有误")
    person = Person.objects.get()
    assert (case.state, person.left_for) == ("reversed", "not_registered")
    ended = Enrollment.objects.order_by("pk").values_list("ended_on", "ended_for")
    assert list(ended) == [(date(2025, 12, 31), "reversed"), (AUTUMN, "reversed")]
    assert not PersonCategory.objects.get().qualified
    causes = set(Change.objects.filter(case=case.pk).values_list("year", "cause"))
    assert {(2026, "registration_reversed"), (2027, "registration_reversed")} <= causes


def test_a_reversed_subsidised_registration_returns_its_awards(maker: User, checker: User) -> None:
    person = cast.person("李四", number=2, left_on=date(2025, 1, 1), left_for="moved_out")
    turning.recognise(person, "extreme_poverty")
    proved = PROVED | {"recognised_on": date(2026, 9, 1)}
    case = register(maker, person=person, year=2026, ground="medical_assistance_new", **proved)
    case = carried_out(case, checker)
    cases.reverse_case(case=case, user=checker, reason="x")
    assert sum(Award.objects.values_list("amount", flat=True)) == 0
    person.refresh_from_db()
    assert (person.left_on, person.left_for) == (date(2025, 1, 1), "moved_out")


def test_a_paid_registration_is_refunded_before_it_is_reversed(maker: User, checker: User) -> None:
    case = carried_out(register(maker, adult()), checker)
    Enrollment.objects.update(paid=Decimal(420), paid_on=AUTUMN)
    with pytest.raises(enrollments.BillAlreadyPaid):
        cases.reverse_case(case=case, user=checker, reason="x")
    assert Case.objects.get().state == Case.State.EFFECTED


def test_a_registration_that_a_later_act_overtook_is_not_reversed(
    maker: User, checker: User
) -> None:
    case = carried_out(register(maker, adult()), checker)
    Person.objects.update(died_on=AUTUMN)
    with pytest.raises(registrations.FileChangedSince):
        cases.reverse_case(case=case, user=checker, reason="x")


# Several at once --------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> tuple[User, User, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Maker", "wang", "王芳"),
        cast.officer("Checker", "zhang", "张敏"),
    )


def test_the_same_newcomer_at_two_counters_gets_one_file(
    committed: tuple[User, User, User],
) -> None:
    liu, wang, _ = committed
    results = at_once(
        lambda: register(liu, adult()),
        lambda: register(wang, adult(), insured_region_id=cast.JINGHU),
    )
    assert sorted(type(result).__name__ for result in results) == ["AlreadyOnFile", "Registration"]
    assert Person.objects.count() == Case.objects.count() == 1


def test_two_registrations_of_one_person_make_one_bill(committed: tuple[User, User, User]) -> None:
    liu, wang, checker = committed
    person = cast.person("张三", number=1, left_on=date(2025, 1, 1), left_for="moved_out")
    both = [approved(register(maker, person=person), checker) for maker in (liu, wang)]
    results = at_once(
        *(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both)
    )
    states = sorted(Case.objects.values_list("state", flat=True))
    assert states == ["approved", "effected"]
    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(each) for each in refused] == [registrations.AlreadyRegistered]
    assert Enrollment.objects.count() == 1


def test_the_key_itself_refuses_a_second_bill(maker: User, checker: User) -> None:
    case = carried_out(register(maker, adult()), checker)
    bill = bill_of(Person.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrollment (id, person_id, region) VALUES (%s, %s, %s)",
            [bill.pk, bill.person_id, cast.JINGHU],
        )
    with pytest.raises(enrollments.BillThere):
        enrollments.register(
            person_id=bill.person_id,
            year=2027,
            region=cast.JINGHU,
            terms=terms_of_bill(bill.person_id, 2027, cast.JINGHU, AUTUMN),
            case=case,
            on=AUTUMN,
        )
