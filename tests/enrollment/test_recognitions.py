"""Category recognition: the status in the register, and the unpaid bills after it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import (
    Case,
    CategoryRecognition,
    Change,
    Enrollment,
    Person,
    PersonCategory,
    User,
)
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.policy import terms_of_area
from enrollment.services import cases, recognitions
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast, turning
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
SINCE = date(2026, 11, 1)


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
    """Billed for 2027, unpaid, by the terms of Hefei."""
    person = cast.person("张三", number=1)
    cast.bill(person, 2027, standard=terms_of_area(cast.HEFEI, 2027).standard)
    return person


def recognise(maker: User, person: Person, **says: Any) -> Case:
    told: dict[str, Any] = {
        "year": 2026,
        "act": "gained",
        "category": "dibao",
        "since": SINCE,
        "source": "civil_affairs",
        "evidence": "低保证 340104-2026-118",
    }
    return cases.open_case(kind=recognitions.KIND.name, maker=maker, person=person, **told | says)


def bill_of(person: Person) -> Enrollment:
    return Enrollment.objects.of_year(2027).get(person=person)


def test_a_status_gained_is_on_file_and_the_unpaid_bill_follows(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(recognise(maker, zhang_san, until=date(2027, 10, 31)), checker)
    row = PersonCategory.objects.get()
    assert (row.category, row.source, row.valid) == (
        "dibao",
        "civil_affairs",
        DateRange(SINCE, date(2027, 11, 1)),
    )
    bill = bill_of(zhang_san)
    assert (bill.category, bill.subsidy) == (
        "dibao",
        terms_of_area(cast.HEFEI, 2027).quotas["dibao"],
    )
    told = Change.objects.filter(case=case.pk).values_list("year", "cause")
    assert set(told) == {(2027, "category")}


def test_a_paid_bill_stays_what_it_was(maker: User, checker: User, zhang_san: Person) -> None:
    bill = bill_of(zhang_san)
    Enrollment.objects.filter(pk=bill.pk).update(paid=bill.payable, paid_on=AUTUMN)
    carried_out(recognise(maker, zhang_san), checker)
    assert bill_of(zhang_san).subsidy == 0


def test_a_monitored_person_who_does_not_meet_the_conditions_is_not_subsidised(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = recognise(maker, zhang_san, category="monitored", qualified=False)
    carried_out(case, checker)
    assert bill_of(zhang_san).subsidy == 0
    carried_out(recognise(maker, zhang_san, category="monitored", since=AUTUMN), checker)
    assert bill_of(zhang_san).category == "monitored"


def test_a_status_lost_ends_and_the_unpaid_bill_follows(
    maker: User, checker: User, zhang_san: Person
) -> None:
    carried_out(recognise(maker, zhang_san), checker)
    ends = date(2026, 11, 15)
    lost = recognise(maker, zhang_san, act="lost", since=None, until=ends)
    carried_out(lost, checker)
    assert PersonCategory.objects.get().valid == DateRange(SINCE, date(2026, 11, 16))
    assert bill_of(zhang_san).subsidy == 0
    cases.reverse_case(case=lost, user=checker, reason="撤销停保决定")
    assert PersonCategory.objects.get().valid == DateRange(SINCE, None)
    assert bill_of(zhang_san).category == "dibao"


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"since": None}, recognitions.FirstDayMissing),
        ({"since": date(2026, 11, 21)}, recognitions.BeginsLater),
        ({"since": date(1972, 5, 3)}, recognitions.BeginsBeforeBirth),
        ({"until": date(2026, 10, 31)}, recognitions.EndsBeforeItBegins),
        ({"evidence": " "}, EvidenceMissing),
        ({"act": "lost", "until": None}, recognitions.LastDayMissing),
        ({"act": "lost", "until": AUTUMN}, recognitions.CategoryNotHeld),
    ],
)
def test_a_recognition_that_does_not_hold_is_refused_at_its_field(
    maker: User, zhang_san: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        recognise(maker, zhang_san, **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_a_status_that_is_held_is_not_recognised_again(maker: User, zhang_san: Person) -> None:
    turning.recognise(zhang_san, "dibao")
    with pytest.raises(recognitions.CategoryHeld):
        recognise(maker, zhang_san)


def test_a_reversed_recognition_counts_no_longer_and_may_come_again(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(recognise(maker, zhang_san), checker)
    cases.reverse_case(case=case, user=checker, reason="认定有误")
    assert not PersonCategory.objects.get().qualified
    assert bill_of(zhang_san).subsidy == 0
    carried_out(recognise(maker, zhang_san), checker)
    assert PersonCategory.objects.get().qualified
    PersonCategory.objects.update(valid=DateRange(SINCE, AUTUMN))
    with pytest.raises(recognitions.StatusChangedSince):
        cases.reverse_case(case=Case.objects.latest("pk"), user=checker, reason="x")


def test_the_database_refuses_a_recognition_without_its_days_or_evidence(
    maker: User, zhang_san: Person
) -> None:
    case = recognise(maker, zhang_san)
    for fields in ({"since": None}, {"until": date(2026, 1, 1)}, {"evidence": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CategoryRecognition.objects.filter(pk=case.pk).update(**fields)


def test_two_recognitions_at_once_make_one_status(transactional_db: None) -> None:
    cast.law()
    cast.year(2027, closed=False)
    person = cast.person("张三", number=1)
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
    )
    both = [approved(recognise(maker, person), checker) for _ in range(2)]
    at_once(*(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both))
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    assert PersonCategory.objects.count() == 1
