"""Duplicate resolution: by rule where it decides, otherwise by written choice."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.explain import explain_case
from enrollment.models import Case, Change, DuplicateResolution, Enrollment, Person, User
from enrollment.rules import keys
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, duplicates
from tests import cast, turning
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
WHOLE_YEAR, SINCE_MARCH = 0b111111111111, 0b111111111100
PAPER = "本人选择书 2026-11-18"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()
    cast.year(2025)
    cast.year(2026)


@pytest.fixture
def maker(anhui: None) -> User:
    return cast.officer("Maker", "liu", "刘婷")


@pytest.fixture
def checker(anhui: None) -> User:
    return cast.officer("Checker", "zhang", "张敏")


@pytest.fixture
def wang_wu(anhui: None) -> Person:
    """Paid as a resident for 2026 and employed since March."""
    return both_schemes()


def both_schemes() -> Person:
    person = cast.person("王五", number=5)
    cast.paid(person, 2026)
    turning.employed(person, 2026, SINCE_MARCH)
    return person


def resolve(maker: User, person: Person, keep: str, **says: Any) -> Case:
    return duplicates.open_resolution(maker=maker, person=person, year=2026, keep=keep, **says)


def rows() -> dict[int, Enrollment]:
    return {row.scheme: row for row in Enrollment.objects.of_year(2026)}


def test_without_a_rule_the_person_chooses_in_writing(
    maker: User, checker: User, wang_wu: Person
) -> None:
    with pytest.raises(duplicates.WrittenChoiceMissing) as refused:
        resolve(maker, wang_wu, "employee", written_choice=" ")
    assert refused.value.field == "written_choice"
    case = carried_out(resolve(maker, wang_wu, "employee", written_choice=PAPER), checker)
    assert rows()[keys.RESIDENT].suspended_from == date(2026, 3, 1)
    wang_wu.refresh_from_db()
    assert wang_wu.scheme == Person.Scheme.EMPLOYEE
    told = Change.objects.filter(case=case.pk, year=2026).values_list("cause", flat=True)
    assert set(told) == {"duplicate"}
    with pytest.raises(duplicates.NoDuplicate):
        resolve(maker, wang_wu, "resident", written_choice=PAPER)


def test_the_resident_relation_stays_by_choice(maker: User, checker: User, wang_wu: Person) -> None:
    Person.objects.update(scheme=Person.Scheme.EMPLOYEE)
    case = carried_out(resolve(maker, wang_wu, "resident", written_choice=PAPER), checker)
    spell = rows()[keys.EMPLOYEE]
    assert (spell.ended_on, spell.ended_for) == (AUTUMN, "duplicate")
    wang_wu.refresh_from_db()
    assert wang_wu.scheme == Person.Scheme.RESIDENT
    with pytest.raises(duplicates.NoDuplicate):
        resolve(maker, wang_wu, "employee", written_choice=PAPER)
    cases.reverse_case(case=case, user=checker, reason="本人撤回")
    wang_wu.refresh_from_db()
    assert wang_wu.scheme == Person.Scheme.EMPLOYEE
    assert rows()[keys.EMPLOYEE].ended_on is None


@pytest.mark.parametrize("months", [11, 12, 14])
def test_the_rule_is_what_explain_gives(maker: User, anhui: None, months: int) -> None:
    person = cast.person("王五", number=5)
    cast.paid(person, 2026)
    before = months - 10  # ten in 2026, the rest at the end of 2025
    turning.employed(person, 2025, (WHOLE_YEAR >> before << before ^ WHOLE_YEAR) << 12 - before)
    turning.employed(person, 2026, 0b001111111111)
    inputs = {"relations": [f"employee:{months} months", "resident:2026"]}
    told = explain_case({"group": "duplicate_control", "inputs": inputs})["outcome"]
    found = duplicates.found_of(person, 2026)
    assert found.months == months
    assert found.by_rule == (told["keep"] == "employee")


def test_what_the_rule_decides_nobody_chooses(maker: User, checker: User, anhui: None) -> None:
    person = cast.person("王五", number=5)
    cast.paid(person, 2026)
    turning.employed(person, 2026, WHOLE_YEAR)
    with pytest.raises(duplicates.KeptByRule) as refused:
        resolve(maker, person, "resident", written_choice=PAPER)
    assert refused.value.field == "keep"
    case = carried_out(resolve(maker, person, "employee"), checker)
    assert rows()[keys.RESIDENT].suspended_from == date(2026, 1, 1)
    cases.reverse_case(case=case, user=checker, reason="x")
    assert rows()[keys.RESIDENT].suspended_from is None


def test_months_with_a_gap_are_not_in_a_row() -> None:
    assert duplicates.longest_run([1, 2, 4, 5, 6, 9], [6]) == 3
    assert duplicates.longest_run([1, 2, 4, 5, 6, 9], [9]) == 1


def test_who_has_one_relation_has_nothing_to_resolve(maker: User, anhui: None) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    with pytest.raises(duplicates.NoDuplicate):
        resolve(maker, person, "employee", written_choice=PAPER)


def test_more_months_make_the_draft_old(maker: User, wang_wu: Person) -> None:
    case = resolve(maker, wang_wu, "resident", written_choice=PAPER)
    Enrollment.objects.filter(pk=rows()[keys.EMPLOYEE].pk).update(months=WHOLE_YEAR)
    with pytest.raises(duplicates.FoundOtherwise):
        cases.submit_case(case=case, user=maker)


def test_the_database_refuses_a_choice_that_is_not_written(maker: User, wang_wu: Person) -> None:
    case = resolve(maker, wang_wu, "resident", written_choice=PAPER)
    with pytest.raises(IntegrityError, match="in_writing"), transaction.atomic():
        DuplicateResolution.objects.filter(pk=case.pk).update(written_choice="")


def test_two_choices_at_once_make_one_decision(transactional_db: None) -> None:
    cast.law()
    cast.year(2026)
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
    )
    person = both_schemes()
    both = [
        approved(resolve(maker, person, keep, written_choice=PAPER), checker)
        for keep in ("employee", "resident")
    ]
    at_once(*(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both))
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    suspended = rows()[keys.RESIDENT].suspended_from is not None
    ended = rows()[keys.EMPLOYEE].ended_on is not None
    assert suspended != ended
