"""Waiting-period override: two levels shorten one wait, and `assess` says the same day."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from benefits.models import GapRepair, Standing, WaitingOverride
from benefits.rules.waiting import shorten_wait
from benefits.selectors.repairs import quote, waiting_ground
from benefits.services import overrides, repairs
from benefits.services.standing import TAKER
from enrollment.models import Case, Change, Enrollment, Person, User
from enrollment.rules import keys
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.services import cases, changes
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast, turning
from tests.turning import YEAR, insured, receipt, someone, turn

JANUARY = date(2027, 1, 10)
EVIDENCE = "皖医保个案〔2027〕3号"


@pytest.fixture(scope="module")
def broken(for_the_module: pytest.MonkeyPatch) -> Person:
    """Covered in 2024, broken for two years, paid for 2027: four months by the rule."""
    turning.province(for_the_module)
    for year in (2024, 2025):
        cast.year(year)
    person = someone("李四")
    insured(person, year=2024)
    turn("open")
    turn("subsidise")
    receipt("P1", person, bill_of(person).payable)
    turn("reconcile")
    turn("close")
    turn("assess")
    turn("activate")
    return person


@pytest.fixture
def li_si(broken: Person, db: None) -> Person:
    return Person.objects.get(pk=broken.pk)


@pytest.fixture
def officers(li_si: Person) -> dict[str, User]:
    return the_officers()


def the_officers() -> dict[str, User]:
    return {
        "maker": cast.officer("Maker", "liu", "刘婷"),
        "checker": cast.officer("Checker", "zhang", "张敏"),
        "approver": cast.officer("Approver", "chen", "陈立群"),
    }


def bill_of(person: Person) -> Enrollment:
    return Enrollment.objects.get(pk=keys.yearly_key(year=YEAR, person_id=person.pk))


def standing_of(person: Person) -> Standing:
    return Standing.objects.of_year(YEAR).get(person=person)


def shorten(maker: User, person: Person, months: int = 1, **says: Any) -> Case:
    told: dict[str, Any] = {"year": YEAR, "evidence": EVIDENCE, "reason": "灾害期间无法缴费"}
    return overrides.open_override(maker=maker, person=person, months=months, **told | says)


def decided(case: Case, officers: dict[str, User]) -> Case:
    """Submitted, checked, and approved at the second level."""
    case = cases.submit_case(case=case, user=officers["maker"])
    shown = shown_digest_of(case)
    case = cases.approve_case(case=case, checker=officers["checker"], shown_digest=shown)
    assert case.state == "checked"
    return cases.confirm_case(case=case, checker=officers["approver"], shown_digest=shown)


def carried_out(case: Case, officers: dict[str, User]) -> Case:
    return cases.put_into_effect(case=decided(case, officers), user=officers["approver"])


def test_two_levels_shorten_a_wait_and_the_standing_says_so(
    officers: dict[str, User], li_si: Person
) -> None:
    assert standing_of(li_si).benefit_start == date(2027, 5, 1)
    with business_date_is(JANUARY):
        case = carried_out(shorten(officers["maker"], li_si), officers)
        assert bill_of(li_si).benefit_start == date(2027, 2, 1)
        assert Change.objects.filter(case=case.pk, cause=overrides.NAME, year=YEAR).exists()
        changes.take(taker=TAKER)
        row = standing_of(li_si)
        assert (row.fixed_months, row.variable_months) == (3, 1)  # by the rule, as before
        assert row.benefit_start == date(2027, 2, 1)
        assert bill_of(li_si).benefit_start == date(2027, 2, 1)

        cases.reverse_case(case=case, user=officers["checker"], reason="依据有误")
        assert bill_of(li_si).benefit_start == date(2027, 5, 1)
        changes.take(taker=TAKER)
        assert standing_of(li_si).benefit_start == date(2027, 5, 1)
        assert bill_of(li_si).benefit_start == date(2027, 5, 1)
        carried_out(shorten(officers["maker"], li_si, months=0), officers)
        assert bill_of(li_si).benefit_start == date(2027, 1, 1)


@pytest.mark.parametrize("paid_on", [None, date(2027, 2, 20)])
def test_assess_gives_the_day_of_the_rule_for_every_number_of_months(
    officers: dict[str, User], li_si: Person, paid_on: date | None
) -> None:
    """In the window and late: each shorter wait by the rule, by the case and by `assess`."""
    day = date(2027, 3, 1)
    if paid_on:
        Enrollment.objects.filter(pk=bill_of(li_si).pk).update(paid_on=paid_on)
    with business_date_is(day):
        paid = bill_of(li_si).paid_on
        assert paid is not None
        ground = waiting_ground(li_si, YEAR, paid_on=paid, repaired_on=day)
        found = quote(ground, 0).waiting
        assert found.total_months == 4
        for months in range(found.total_months):
            expected = shorten_wait(found, ground.facts, months).benefit_start
            case = carried_out(shorten(officers["maker"], li_si, months=months), officers)
            changes.take(taker=TAKER)
            # an empty day of the register is 1 January
            on_the_bill = bill_of(li_si).benefit_start or turning.NEW_YEAR
            assert standing_of(li_si).benefit_start == on_the_bill == expected
            cases.reverse_case(case=case, user=officers["checker"], reason="换月数")
        with pytest.raises(RuleRefused, match="override_not_shorter"):
            shorten_wait(found, ground.facts, found.total_months)


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"months": 4}, overrides.NotShorter),
        ({"evidence": " "}, EvidenceMissing),
        ({"reason": ""}, cases.ReasonMissing),
        ({"year": 2026}, overrides.YearOver),
    ],
)
def test_an_override_that_does_not_hold_is_refused_at_its_field(
    officers: dict[str, User], li_si: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with business_date_is(JANUARY), pytest.raises(refusal) as refused:
        shorten(officers["maker"], li_si, **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_who_does_not_wait_or_has_not_paid_has_nothing_to_shorten(
    officers: dict[str, User], li_si: Person
) -> None:
    with business_date_is(JANUARY):
        Enrollment.objects.filter(pk=bill_of(li_si).pk).update(paid=0, paid_on=None)
        with pytest.raises(overrides.ContributionOpen):
            shorten(officers["maker"], li_si)
        newcomer = someone("周九")
        cast.paid(newcomer, YEAR)
        with pytest.raises(overrides.NothingToShorten):
            shorten(officers["maker"], newcomer)


def test_a_late_payment_that_still_waits_past_the_year_is_refused(
    officers: dict[str, User], li_si: Person
) -> None:
    day = date(2027, 12, 20)
    Enrollment.objects.filter(pk=bill_of(li_si).pk).update(paid_on=day)
    with business_date_is(day), pytest.raises(overrides.StillNoBenefit):
        shorten(officers["maker"], li_si, months=2)


def test_repair_and_override_know_of_each_other(officers: dict[str, User], li_si: Person) -> None:
    with business_date_is(JANUARY):
        repair = repairs.open_repair(
            maker=officers["maker"], person=li_si, year=YEAR, paid_on=JANUARY, repair_years=1
        )
        repair = cases.submit_case(case=repair, user=officers["maker"])
        shown = shown_digest_of(repair)
        repair = cases.approve_case(case=repair, checker=officers["checker"], shown_digest=shown)
        carried_out(shorten(officers["maker"], li_si), officers)
        with pytest.raises(repairs.WaitOverridden):
            repairs.open_repair(
                maker=officers["maker"], person=li_si, year=YEAR, paid_on=JANUARY, repair_years=1
            )
        # what was ordered before is still received, and the earlier day stays
        receipt_of = {"receipt_number": "3400001", "received_on": JANUARY}
        cases.put_into_effect(case=repair, user=officers["approver"], **receipt_of)
        assert GapRepair.objects.get().benefit_start == date(2027, 4, 1)
        assert bill_of(li_si).benefit_start == date(2027, 2, 1)
        changes.take(taker=TAKER)
        assert standing_of(li_si).benefit_start == date(2027, 2, 1)


# The database --------------------------------------------------------------------------------


def test_the_database_refuses_an_override_by_one_level_or_of_another_year(
    officers: dict[str, User], li_si: Person
) -> None:
    with business_date_is(JANUARY):
        case = shorten(officers["maker"], li_si)
        for fields in ({"months": 4}, {"evidence": ""}, {"in_force": bill_of(li_si).pk}):
            with pytest.raises(IntegrityError), transaction.atomic():
                WaitingOverride.objects.filter(pk=case.pk).update(**fields)
        case = cases.submit_case(case=case, user=officers["maker"])
        one_level = Case.objects.filter(pk=case.pk)
        decision = {"checker": officers["checker"], "decided_at": "2027-01-10T08:00Z"}
        with pytest.raises(IntegrityError), transaction.atomic():
            one_level.update(state="approved", shown_digest="x", needs_second=False, **decision)
        with pytest.raises(IntegrityError), transaction.atomic():
            one_level.update(state="approved", shown_digest="x", **decision)


def test_a_second_override_of_one_wait_is_refused(officers: dict[str, User], li_si: Person) -> None:
    with business_date_is(JANUARY):
        first, second = (decided(shorten(officers["maker"], li_si), officers) for _ in range(2))
        cases.put_into_effect(case=first, user=officers["approver"])
        with pytest.raises(overrides.OverrideStands):
            cases.put_into_effect(case=second, user=officers["approver"])
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitingOverride.objects.filter(pk=second.pk).update(in_force=bill_of(li_si).pk)
