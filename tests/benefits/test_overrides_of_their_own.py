"""Overrides that need a register of their own: before the assessment, in a form, two at once."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from benefits.models import WaitingOverride
from enrollment.models import Case, Person
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases
from tests import cast, turning
from tests.acts import at_once
from tests.benefits.test_overrides import (
    EVIDENCE,
    bill_of,
    carried_out,
    decided,
    shorten,
    standing_of,
    the_officers,
)
from tests.roles import as_role
from tests.turning import YEAR, insured, receipt, someone, turn


def broken_for_two_years() -> Person:
    """李四 of the other module, without the steps: committed, for the web and for threads."""
    cast.law()
    for year in (2024, 2025, 2026):
        cast.year(year)
    cast.year(YEAR, closed=False)
    person = cast.person("李四", number=2)
    cast.paid(person, 2024)
    cast.paid(person, YEAR)
    return person


def test_a_wait_shortened_before_the_assessment_is_assessed_so(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    turning.province(monkeypatch)
    for year in (2024, 2025):
        cast.year(year)
    officers = the_officers()
    person = someone("李四")
    insured(person, year=2024)
    turn("open")
    turn("subsidise")
    receipt("P1", person, bill_of(person).payable)
    turn("reconcile")
    with business_date_is(date(2026, 12, 31)):
        carried_out(shorten(officers["maker"], person, months=2), officers)
    turn("close")
    turn("assess")
    assert standing_of(person).benefit_start == date(2027, 3, 1)
    assert bill_of(person).benefit_start == date(2027, 3, 1)


def test_the_form_shows_the_wait_by_the_rule_and_refuses_at_the_field(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    li_si, maker = broken_for_two_years(), the_officers()["maker"]
    client = Client()
    client.force_login(maker)
    address = f"/benefits/waitingoverride/add/?person={li_si.pk}"
    says = {"request_key": uuid4(), "year": YEAR, "channel": "counter", "months": 4}

    def ask(**fields: Any) -> Any:
        return as_role("web", lambda: client.post(address, says | fields))

    shown = as_role("web", lambda: client.get(address)).context["waits"]
    assert [each["wait"].total_months for each in shown if "wait" in each] == [4]
    assert set(ask().context["form"].errors) == {"evidence", "reason"}
    told = {"evidence": EVIDENCE, "reason": "灾害期间无法缴费"}
    assert list(ask(**told).context["form"].errors) == ["months"]
    assert ask(**told, months=1).status_code == 302
    assert WaitingOverride.objects.get().benefit_start == date(2027, 2, 1)


def test_of_two_overrides_at_once_one_holds(transactional_db: None) -> None:
    person = broken_for_two_years()
    people = the_officers()
    with business_date_is(date(2026, 12, 1)):
        both = [decided(shorten(people["maker"], person), people) for _ in range(2)]
        at_once(
            *(
                lambda case=case: cases.put_into_effect(case=case, user=people["approver"])
                for case in both
            )
        )
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    assert WaitingOverride.objects.exclude(in_force=None).count() == 1
