"""The search for duplicates: found as whole tables, once, and never again after a decision."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import DuplicateSearch, Enrollment, Finding, Person, User
from enrollment.models.identity import digest, seal
from enrollment.rules.identity import check_character, mask_identity
from enrollment.selectors.calendar import business_date_is
from enrollment.services import duplicate_search, duplicates, findings
from enrollment.services.duplicate_search import SearchUnderWay
from tests import cast, turning

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def years(db: None) -> None:
    cast.law()
    cast.year(2025)
    cast.year(2026)
    cast.year(2027, closed=False)


def numbered(name: str, first: str, **fields: Any) -> Person:
    """A person whose number begins with 17 digits, or has another document."""
    whom = cast.person(name, number=990 - Person.objects.count(), **fields)
    number = first + check_character(first) if len(first) == 17 and first.isdigit() else first
    Person.objects.filter(pk=whom.pk).update(
        id_digest=digest(number), id_sealed=seal(number), id_mask=mask_identity(number)
    )
    return whom


def queued() -> set[tuple[Any, ...]]:
    rows = Finding.objects.select_related("person", "other")
    return {
        (
            each.kind,
            each.person.name,
            each.person.id_mask[-2:],
            each.year,
            each.details.get("months", ""),
            each.region_id,
        )
        for each in rows
    }


def test_both_schemes_in_the_same_months_are_found_and_others_are_not(years: None) -> None:
    def both(name: str, months: int, **bill: Any) -> Person:
        whom = cast.person(name, number=1 + 2 * Person.objects.count())
        cast.paid(whom, 2026, **bill)
        if months:
            turning.employed(whom, 2026, months)
        return whom

    both("甲", 0b111)
    both("乙", 0)
    both("丙", 0b111, suspended_from=date(2026, 1, 1))
    both("丁", 0b111, benefit_start=date(2026, 3, 15))  # began in March: March is double
    both("戊", 0b11, benefit_start=date(2026, 3, 15))  # ended before
    both("己", 0b1, ended_on=date(2026, 1, 1), ended_for="refunded")
    resolved = both("庚", 0b1)
    Enrollment.objects.filter(person=resolved, months__gt=0).update(
        ended_on=TODAY, ended_for="duplicate"
    )
    turning.employed(cast.person("辛", number=99), 2025, 0b1)  # no open year
    assert duplicate_search.search(years=[2026, 2027])["two_schemes"] == 2
    assert queued() == {
        ("two_schemes", "甲", mask("甲"), 2026, "1,2,3", cast.SHUSHAN),
        ("two_schemes", "丁", mask("丁"), 2026, "3", cast.SHUSHAN),
    }


def mask(name: str) -> str:
    return Person.objects.get(name=name).id_mask[-2:]


def test_two_areas_of_the_employee_scheme_in_the_same_months_are_found(years: None) -> None:
    def spells(name: str, *told: tuple[int, int]) -> None:
        whom = cast.person(name, number=1 + 2 * Person.objects.count())
        for slot, (region, months) in enumerate(told):
            row = turning.employed(whom, 2026, months, slot=slot)
            type(row).objects.filter(pk=row.pk).update(region=region)

    spells("甲", (cast.SHUSHAN, 0b1111), (cast.JINGHU, 0b110000))
    spells("乙", (cast.SHUSHAN, 0b1111), (cast.JINGHU, 0b111000))
    spells("丙", (cast.SHUSHAN, 0b1111), (cast.BAOHE, 0b1111))  # one pooling area
    duplicate_search.search(years=[2026])
    assert queued() == {("two_areas", "乙", mask("乙"), 2026, "4", cast.SHUSHAN)}


def test_files_of_one_person_are_found_by_what_their_numbers_have_in_common(years: None) -> None:
    born = {"birth_date": date(1990, 1, 5)}
    numbered("甲", "34010419900105123", **born)
    numbered("甲", "34010419900105133", **born)  # one digit
    numbered("甲", "34110419900105444", **born)  # another person of the name
    numbered("乙", "34010419900105127", **born)
    numbered("乙", "34010419900105217", **born)  # two neighbours in the wrong order
    numbered("丙", "34010419900105129", **born)
    numbered("丙", "35010419900105129", **born)  # one digit of the place
    numbered("丁", "340104900105128", id_type="other", **born)  # the same number of 15 digits
    numbered("丁", "34010419900105128", **born)
    child = {"birth_date": date(2026, 5, 1)}
    numbered("婴", "T340100001", id_type="birth_certificate", **child)
    numbered("婴", "34010420260501123", **child)
    numbered("婴", "T340100002", id_type="birth_certificate", birth_date=date(2026, 5, 2))
    found = duplicate_search.search(years=[])
    assert found == {
        "two_schemes": 0, "two_areas": 0, "one_digit_off": 3, "certificate": 1, "old_number": 1,
    }  # fmt: skip
    rows = Finding.objects.select_related("person", "other")
    assert {(each.kind, each.person.name) for each in rows} == {
        ("one_digit_off", "甲"),
        ("one_digit_off", "乙"),
        ("one_digit_off", "丙"),
        ("old_number", "丁"),
        ("certificate", "婴"),
    }
    assert all(each.other and each.person.pk > each.other.pk for each in rows)


def test_what_was_found_is_not_found_again_whatever_became_of_it(years: None) -> None:
    maker = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    for number, name in enumerate("甲乙", start=1):
        whom = cast.person(name, number=number)
        cast.paid(whom, 2026)
        turning.employed(whom, 2026, 0b11)
    assert duplicate_search.search(years=[2026])["two_schemes"] == 2
    first = Finding.objects.get(person__name="甲")
    findings.close(finding=first, user=maker, reason="已核实为同名")
    before = queued()
    assert duplicate_search.search(years=[2026])["two_schemes"] == 0
    assert queued() == before
    assert Finding.objects.get(pk=first.pk).state == "closed"


def test_a_case_about_the_duplicate_takes_it_up(years: None) -> None:
    maker = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    whom = cast.person("甲", number=1)
    cast.paid(whom, 2026)
    turning.employed(whom, 2026, 0b11)
    duplicate_search.search(years=[2026])
    case = duplicates.open_resolution(
        maker=maker, person=whom, year=2026, keep="employee", written_choice="自愿选择书"
    )
    found = Finding.objects.get()
    assert (found.state, found.case_id) == ("taken", case.pk)


def test_a_search_is_asked_for_once_and_done_once(years: None) -> None:
    user: User = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    whom = cast.person("甲", number=1)
    cast.paid(whom, 2026)
    turning.employed(whom, 2026, 0b11)
    duplicate_search.ask(user=user)
    with pytest.raises(SearchUnderWay):
        duplicate_search.ask(user=user)
    duplicate_search.ask_by_calendar()
    assert duplicate_search.work() == {
        "two_schemes": 1, "two_areas": 0, "one_digit_off": 0, "certificate": 0, "old_number": 0,
    }  # fmt: skip
    assert duplicate_search.work() is None
    row = DuplicateSearch.objects.get()
    assert (row.asked_by, row.found["two_schemes"]) == (user, 1)
    assert row.finished_at is not None


def test_the_database_refuses_a_number_twice_and_two_searches_at_once(years: None) -> None:
    one, other = (cast.person("甲", number=number) for number in (1, 3))
    with pytest.raises(IntegrityError, match="identity_number_has_one_file"), transaction.atomic():
        Person.objects.filter(pk=other.pk).update(id_digest=one.id_digest)
    DuplicateSearch.objects.create()
    with pytest.raises(IntegrityError, match="one_search_at_a_time"), transaction.atomic():
        DuplicateSearch.objects.create()
