"""Retirement assessment: the months, both ways to make them up, and one assessment a person."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from benefits.models import RetirementAssessment
from benefits.services import retirements
from config.explain import explain_case
from enrollment.models import Case, Person, PolicyParameter, User
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases
from enrollment.services.refusals import EvidenceMissing, Refused
from tests import cast, turning
from tests.acts import approved, at_once, carried_out
from tests.roles import as_role

TODAY = date(2026, 6, 10)
RETIRES = date(2026, 6, 15)
WORKED = Path(__file__).resolve().parent.parent / "rules" / "cases.json"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def world(db: None) -> tuple[User, User, Person]:
    return the_world()


def the_world() -> tuple[User, User, Person]:
    """Maker, checker, and a member of the employee scheme with 18 months on the register."""
    cast.law()
    for year in (2025, 2026):
        cast.year(year)
    person = cast.person("孙八", number=8, scheme=Person.Scheme.EMPLOYEE)
    turning.employed(person, 2025, 0xFFF)
    turning.employed(person, 2026, 0b111111)
    published("retirement.lump_sum_rate", "0.08", unit="rate")
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"), cast.officer("Checker", "zhang", "张敏")
    )  # fmt: skip
    return maker, checker, person


def published(code: str, value: Any, unit: str = "months") -> None:
    """What Hefei asks, instead of the province."""
    PolicyParameter.objects.filter(code=code, area=cast.HEFEI).delete()
    PolicyParameter.objects.create(
        code=code,
        area_id=cast.HEFEI,
        scheme=PolicyParameter.Scheme.EMPLOYEE,
        valid=DateRange(date(2024, 1, 1), None),
        unit=unit,
        value=value,
        status="example",
    )


def assess(maker: User, person: Person, **says: Any) -> Case:
    told: dict[str, Any] = {
        "retires_on": RETIRES,
        "actual_months": 240,
        "deemed_months": 96,
        "evidence": "职工档案 340104-77",
        "base": Decimal(6000),
        "choice": "lump_sum",
    }
    return retirements.open_assessment(maker=maker, person=person, **told | says)


def kept(case: Case) -> RetirementAssessment:
    return RetirementAssessment.objects.get(pk=case.pk)


def worked() -> list[dict[str, Any]]:
    found = json.loads(WORKED.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if case["group"] == "retirement"]


@pytest.mark.parametrize("case", worked(), ids=lambda case: case["id"])
def test_the_desk_gives_what_explain_gives(
    world: tuple[User, User, Person], case: dict[str, Any]
) -> None:
    maker, checker, person = world
    inputs, expected = case["inputs"], explain_case(case)["outcome"]
    published("retirement.required_months.male", inputs["required_months"])
    published("retirement.min_actual_months", inputs.get("min_actual_months", 0))
    first = inputs.get("first_payment_month")
    missing = expected["shortfall_months"]
    choice = "nothing" if not missing else "monthly" if first else "lump_sum"
    done = kept(
        carried_out(
            assess(
                maker,
                person,
                actual_months=inputs["actual_months"],
                deemed_months=inputs["deemed_months"],
                base=Decimal(inputs.get("base", "6000")),
                choice=choice,
                first_month=date.fromisoformat(f"{first}-01") if first else None,
            ),
            checker,
        )
    )
    assert done.actual_months + done.deemed_months == expected["cumulative_months"]
    assert done.shortfall_months == missing
    assert (done.shortfall_months == 0) is expected["retiree_benefits"]
    if expected.get("lump_sum"):
        assert done.lump_sum == Decimal(expected["lump_sum"])
        assert done.amount == (done.lump_sum if choice == "lump_sum" else None)
    if first:
        assert f"{done.last_month:%Y-%m}" == expected["last_payment_month"]
        assert f"{done.benefits_from}" == expected["retiree_benefits_from"]
    labels = {line["label"] for line in done.trace}
    assert {"Actual months", "Months required", "Months missing"} <= labels


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"evidence": " "}, EvidenceMissing),
        ({"actual_months": 17}, retirements.FewerThanOnFile),
        ({"choice": "nothing"}, retirements.ChoiceMissing),
        ({"actual_months": 360}, retirements.NothingIsMissing),
        ({"base": Decimal(0)}, retirements.BaseMissing),
        ({"base": Decimal("0.001")}, retirements.BaseNotReadable),
        ({"actual_months": -1}, retirements.MonthsNegative),
        ({"deemed_months": -1}, retirements.MonthsNegative),
        ({"choice": "monthly", "first_month": RETIRES}, retirements.FirstMonthTooEarly),
        ({"retires_on": date(2020, 1, 1)}, retirements.LawMissing),
    ],
)
def test_an_assessment_that_does_not_hold_is_refused_at_its_field(
    world: tuple[User, User, Person], says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        assess(world[0], world[2], **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_without_a_published_rate_only_monthly_payment_is_chosen(
    world: tuple[User, User, Person],
) -> None:
    maker, _checker, person = world
    PolicyParameter.objects.filter(code="retirement.lump_sum_rate").delete()
    with pytest.raises(retirements.RateUnpublished):
        assess(maker, person)
    case = kept(assess(maker, person, choice="monthly"))
    assert (case.lump_sum, case.first_month, case.benefits_from) == (
        None,
        date(2026, 7, 1),
        date(2028, 7, 1),
    )


def test_nobody_retires_after_their_death(world: tuple[User, User, Person]) -> None:
    maker, checker, person = world
    case = assess(maker, person)
    Person.objects.filter(pk=person.pk).update(died_on=date(2026, 6, 1))
    with pytest.raises(retirements.Deceased) as refused:
        cases.submit_case(case=case, user=maker)
    assert refused.value.details == {"day": date(2026, 6, 1)}
    Person.objects.filter(pk=person.pk).update(died_on=RETIRES)
    assert carried_out(case, checker).state == "effected"


def test_residents_are_not_assessed(world: tuple[User, User, Person]) -> None:
    with pytest.raises(retirements.NotInTheEmployeeScheme):
        assess(world[0], cast.person("张三", number=1))


def test_a_month_in_two_spells_counts_once(world: tuple[User, User, Person]) -> None:
    maker, _checker, person = world
    turning.employed(person, 2026, 0b1111111, slot=1)
    with pytest.raises(retirements.FewerThanOnFile) as refused:
        assess(maker, person, actual_months=18)
    assert refused.value.details["months"] == 19


def test_a_changed_requirement_is_told_again_and_a_reversal_lets_assess_again(
    world: tuple[User, User, Person],
) -> None:
    maker, checker, person = world
    case = assess(maker, person)
    published("retirement.required_months.male", 348)
    with pytest.raises(retirements.AssessmentOutdated):
        cases.submit_case(case=case, user=maker)
    says = {"retires_on": RETIRES, "actual_months": 240, "deemed_months": 96, "choice": "monthly"}
    case = retirements.change_assessment(
        case=case, user=maker, expected_version=1, base=Decimal(6000), evidence="档案", **says
    )
    assert kept(case).shortfall_months == 12
    case = carried_out(case, checker)
    with pytest.raises(retirements.AssessmentStands):
        assess(maker, person)
    cases.reverse_case(case=case, user=checker, reason="档案有误")
    assert carried_out(assess(maker, person), checker).state == "effected"


def test_the_database_refuses_months_that_do_not_add_up_and_a_choice_that_is_none(
    world: tuple[User, User, Person],
) -> None:
    maker, checker, person = world
    rows = RetirementAssessment.objects.filter(pk=assess(maker, person).pk)
    for fields in (
        {"shortfall_months": 23}, {"choice": "nothing"}, {"lump_sum": None}, {"evidence": ""},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)
    second = approved(assess(maker, person, choice="monthly"), checker)
    carried_out(rows.get(), checker)
    with pytest.raises(IntegrityError), transaction.atomic():
        RetirementAssessment.objects.filter(pk=second.pk).update(in_force=person.pk)


def test_of_two_at_once_one_holds(transactional_db: None) -> None:
    maker, checker, person = the_world()
    both = [approved(assess(maker, person), checker) for _ in range(2)]
    at_once(*(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both))
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]


def test_the_form_refuses_at_the_field_and_the_notice_tells_both_ways(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    maker, _checker, person = the_world()
    client = Client()
    client.force_login(maker)
    address = f"/benefits/retirementassessment/add/?person={person.pk}"
    says = {
        "request_key": uuid4(), "channel": "counter", "retires_on": "2026-06-15",
        "actual_months": 240, "deemed_months": 96, "evidence": "档案", "base": "6000",
        "choice": "nothing",
    }  # fmt: skip

    def ask(path: str, data: dict[str, Any] | None = None) -> Any:
        return as_role("web", lambda: client.post(path, data) if data else client.get(path))

    assert ask(address).context["form"]["actual_months"].value() == 18
    assert list(ask(address, says).context["form"].errors) == ["choice"]
    made = ask(address, says | {"choice": "lump_sum"})
    assert made.status_code == 302
    page = ask(made.url).content.decode()
    assert "11,520.00" in page
    assert "2026-07 至 2028-06" in page
