"""Correction of identity: both versions kept, the number sealed, and two people needed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import Case, Change, IdentityCorrection, Person, User
from enrollment.models.identity import digest, unseal
from enrollment.rules.identity import check_character
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, corrections, people
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
BORN = date(1972, 5, 4)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()
    cast.year(2027, closed=False)


@pytest.fixture
def maker(anhui: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker(anhui: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def zhang_san(anhui: None) -> Person:
    return cast.person("张三", number=1)


def number(born: date, serial: int) -> str:
    first = f"349900{born:%Y%m%d}{serial:03d}"
    return first + check_character(first)


def correct(maker: User, person: Person, **says: Any) -> Case:
    says.setdefault("evidence", "户口簿 340104-88")
    return corrections.open_correction(maker=maker, person=person, **says)


def test_a_corrected_name_leaves_both_versions(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(correct(maker, zhang_san, name="章三"), checker)
    zhang_san.refresh_from_db()
    assert (zhang_san.name, zhang_san.initials) == ("章三", "zs")
    kept = IdentityCorrection.objects.get()
    assert (kept.old_name, kept.name) == ("张三", "章三")
    told = Change.objects.filter(case=case.pk).values_list("year", "cause")
    assert list(told) == [(2027, "identity")]


def test_a_newborn_gets_an_identity_number(maker: User, checker: User, anhui: None) -> None:
    born = date(2026, 10, 8)
    told = people.Particulars(
        id_type="birth_certificate",
        id_number="P340123456",
        name="张小宝",
        sex="M",
        birth_date=born,
        household_region=cast.SHUSHAN,
        residence_region=cast.SHUSHAN,
    )
    baby = people.open_file(told=told, insured_region=cast.SHUSHAN, on=AUTUMN)
    new = number(born, 11)
    case = correct(maker, baby, id_type="resident_id", id_number=new)
    kept = IdentityCorrection.objects.get()
    assert new not in (kept.id_mask, kept.old_id_mask)
    carried_out(case, checker)
    baby.refresh_from_db()
    assert (baby.identity_number, baby.id_digest, baby.id_type) == (
        new,
        digest(new),
        "resident_id",
    )
    assert unseal(bytes(kept.old_id_sealed)) == "P340123456"


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({}, corrections.NothingCorrected),
        ({"name": "张三"}, corrections.NothingCorrected),
        ({"name": "章三", "evidence": " "}, EvidenceMissing),
        ({"id_number": number(BORN, 9)}, corrections.DocumentTypeMissing),
        ({"id_type": "resident_id"}, corrections.NumberMissing),
        ({"id_type": "resident_id", "id_number": "3499"}, people.NumberNotReadable),
        ({"birth_date": date(1972, 5, 5)}, people.BirthDateDiffers),
        ({"sex": "F"}, people.SexDiffers),
        ({"birth_date": date(2026, 11, 21)}, corrections.BornLater),
    ],
)
def test_a_correction_that_does_not_hold_is_refused_at_its_field(
    maker: User, zhang_san: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        correct(maker, zhang_san, **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_a_number_of_somebody_else_is_no_correction(maker: User, zhang_san: Person) -> None:
    other = cast.person("李四", number=3)
    with pytest.raises(people.AlreadyOnFile):
        correct(maker, zhang_san, id_type="resident_id", id_number=other.identity_number)


def test_a_file_changed_meanwhile_voids_the_approval(
    maker: User, checker: User, zhang_san: Person
) -> None:
    first = approved(correct(maker, zhang_san, name="章三"), checker)
    second = approved(correct(maker, zhang_san, name="彰三"), checker)
    cases.put_into_effect(case=first, user=checker)
    with pytest.raises((cases.ApprovalVoid, corrections.FileDiffers)):
        cases.put_into_effect(case=second, user=checker)
    assert Person.objects.get().name == "章三"


def test_a_reversed_correction_gives_the_file_its_old_version(
    maker: User, checker: User, zhang_san: Person
) -> None:
    old = zhang_san.identity_number
    says = {"id_type": "resident_id", "id_number": number(BORN, 9)}
    case = carried_out(correct(maker, zhang_san, **says), checker)
    cases.reverse_case(case=case, user=checker, reason="录入有误")
    person = Person.objects.get()
    assert (person.identity_number, person.id_digest) == (old, digest(old))


def test_a_correction_that_another_overtook_is_not_reversed(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(correct(maker, zhang_san, name="章三"), checker)
    carried_out(correct(maker, zhang_san, name="彰三"), checker)
    with pytest.raises(corrections.FileDiffers):
        cases.reverse_case(case=case, user=checker, reason="x")


def test_the_database_refuses_half_a_number_and_an_empty_correction(
    maker: User, zhang_san: Person
) -> None:
    case = correct(maker, zhang_san, name="章三")
    for fields in ({"name": ""}, {"id_type": "other"}, {"evidence": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            IdentityCorrection.objects.filter(pk=case.pk).update(**fields)


def test_the_number_of_a_draft_stays_when_it_is_not_typed_again(
    maker: User, zhang_san: Person
) -> None:
    new = number(BORN, 9)
    case = correct(maker, zhang_san, id_type="resident_id", id_number=new)
    corrections.change_correction(
        case=case, user=maker, expected_version=1, id_type="resident_id", evidence="身份证"
    )
    assert IdentityCorrection.objects.get().id_digest == digest(new)


def test_two_people_never_get_one_number_at_once(transactional_db: None) -> None:
    cast.law()
    cast.year(2027, closed=False)
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
    )
    new = number(BORN, 9)
    both = [
        approved(
            correct(maker, cast.person(name, number=serial), id_type="resident_id", id_number=new),
            checker,
        )
        for name, serial in (("张三", 1), ("李四", 3))
    ]
    at_once(*(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both))
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    assert Person.objects.filter(id_digest=digest(new)).count() == 1
