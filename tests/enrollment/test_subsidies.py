"""Contribution subsidy: by the quotas, by others up to the share, by a relative's account."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from config.explain import explain_case
from enrollment.models import (
    Award,
    Case,
    ContributionSubsidy,
    Enrollment,
    Person,
    PolicyParameter,
    User,
)
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.policy import terms_of_area
from enrollment.selectors.statuses import read_numbers
from enrollment.selectors.subsidies import offer_of
from enrollment.services import cases, enrollments, subsidies, subsidy_batches
from enrollment.services.refusals import Refused
from enrollment.services.subsidy_batches import Batch
from tests import cast, turning
from tests.acts import approved, at_once, carried_out

AUTUMN = date(2026, 11, 20)
WORKED = Path(__file__).resolve().parent.parent / "rules" / "cases.json"
ACCOUNT = {
    "funder": "personal_account",
    "relation": "parent",
    "kinship": "出生医学证明 P340104118",
    "consent": "共济备案 2026-118",
}


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
    person = cast.person("张三", number=1)
    cast.bill(person, 2027, standard=terms_of_area(cast.HEFEI, 2027).standard)
    return person


@pytest.fixture
def owner(anhui: None) -> Person:
    """Insured in Wuhu, in the employee scheme."""
    return cast.person("张建国", number=9, region=cast.JINGHU, scheme=Person.Scheme.EMPLOYEE)


def subsidise(maker: User, person: Person, **says: Any) -> Case:
    told: dict[str, Any] = {"year": 2027, "funder": "charity", "amount": Decimal(100)}
    return subsidies.open_subsidy(maker=maker, person=person, **told | says)


def share(maker: User, person: Person, owner: Person, **says: Any) -> Case:
    told = ACCOUNT | {"owner_number": owner.identity_number}
    return subsidise(maker, person, **told | says)


def the_bill(person: Person, year: int = 2027) -> Enrollment:
    bill = bill_of(person.pk, year)
    assert bill is not None
    return bill


def test_medical_assistance_pays_the_quota_of_the_area_and_its_reversal_takes_it_back(
    maker: User, checker: User, zhang_san: Person
) -> None:
    turning.recognise(zhang_san, "dibao")
    offer = offer_of(the_bill(zhang_san), AUTUMN)
    assert (offer.category, offer.missing) == (
        "dibao",
        terms_of_area(cast.HEFEI, 2027).quotas["dibao"],
    )
    case_says = {"funder": "medical_assistance", "category": "dibao", "amount": offer.missing}
    case = carried_out(subsidise(maker, zhang_san, **case_says), checker)
    bill = the_bill(zhang_san)
    assert (bill.category, bill.subsidy) == ("dibao", offer.missing)
    with pytest.raises(subsidies.NothingMissing):
        subsidise(maker, zhang_san, **case_says | {"amount": Decimal(1)})
    cases.reverse_case(case=case, user=checker, reason="录入有误")
    assert (the_bill(zhang_san).category, the_bill(zhang_san).subsidy) == ("", Decimal(0))
    assert list(Award.objects.order_by("pk").values_list("amount", flat=True)) == [
        offer.missing,
        -offer.missing,
    ]


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"category": ""}, subsidies.CategoryMissing),
        ({"category": "extreme_poverty"}, subsidies.CategoryNotHeld),
        ({"category": "monitored"}, subsidies.AnotherCategoryDecides),
        ({"amount": Decimal("100.00")}, subsidies.NotTheQuota),
        ({"relation": "parent"}, subsidies.OnlyOfAnAccount),
        ({"funder": "other", "category": ""}, subsidies.GiverMissing),
        ({"funder": "charity", "amount": Decimal(421)}, enrollments.AbovePersonalShare),
    ],
)
def test_what_a_funder_may_not_pay_is_refused_at_its_field(
    maker: User, zhang_san: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    for category in ("dibao", "monitored"):
        turning.recognise(zhang_san, category)
    quota = terms_of_area(cast.HEFEI, 2027).quotas["dibao"]
    told = {"funder": "medical_assistance", "category": "dibao", "amount": quota}
    with pytest.raises(refusal) as refused:
        subsidise(maker, zhang_san, **told | says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_a_quota_that_left_its_range_pays_nobody(maker: User, zhang_san: Person) -> None:
    turning.recognise(zhang_san, "dibao")
    PolicyParameter.objects.filter(code="subsidy.quota.dibao", status="example").update(value="1")
    with pytest.raises(subsidies.QuotaUnknown):
        subsidise(maker, zhang_san, funder="medical_assistance", category="dibao")


def test_a_quota_is_held_against_the_standard_on_the_bill(maker: User, anhui: None) -> None:
    person = cast.person("李四", number=2)
    cast.bill(person, 2027)  # over 400 yuan, where the area's standard is 420
    turning.recognise(person, "dibao")
    with pytest.raises(subsidies.QuotaUnknown, match="quota_out_of_range"):
        subsidise(maker, person, funder="medical_assistance", category="dibao")


def test_a_relatives_account_pays_the_share_and_does_not_lower_it(
    maker: User, checker: User, zhang_san: Person, owner: Person
) -> None:
    standard = the_bill(zhang_san).standard
    case = carried_out(share(maker, zhang_san, owner, amount=standard - 20), checker)
    bill = the_bill(zhang_san)
    assert (bill.payable, bill.subsidy, bill.paid) == (standard, Decimal(0), standard - 20)
    assert bill.paid_on == AUTUMN
    assert not Award.objects.exists()
    kept = ContributionSubsidy.objects.get()
    assert (kept.owner_id, kept.owner_mask) == (owner.pk, owner.id_mask)
    with pytest.raises(enrollments.AbovePersonalShare):
        share(maker, zhang_san, owner, amount=Decimal(21))
    cases.reverse_case(case=case, user=checker, reason="账户所有人撤回")
    bill = the_bill(zhang_san)
    assert (bill.paid, bill.paid_on) == (Decimal(0), None)


def test_what_an_account_paid_stays_once_the_benefits_started(
    maker: User, checker: User, zhang_san: Person, owner: Person
) -> None:
    case = carried_out(share(maker, zhang_san, owner), checker)
    with business_date_is(date(2027, 1, 1)), pytest.raises(enrollments.BenefitsStarted):
        cases.reverse_case(case=case, user=checker, reason="x")


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"owner_number": ""}, subsidies.OwnerMissing),
        ({"owner_number": "349900197205040011"}, subsidies.OwnerNumberWrong),
        ({"relation": ""}, subsidies.RelationMissing),
        ({"kinship": " "}, subsidies.KinshipUnproved),
        ({"consent": ""}, subsidies.ConsentMissing),
        ({"category": "dibao"}, subsidies.NotForAnAccount),
    ],
)
def test_an_account_without_owner_relation_proof_or_consent_is_refused(
    maker: User, zhang_san: Person, owner: Person, says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        share(maker, zhang_san, owner, **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_only_another_member_of_the_employee_scheme_has_an_account(
    maker: User, zhang_san: Person, owner: Person
) -> None:
    resident = cast.person("张小兰", number=8)
    with pytest.raises(subsidies.OwnerHasNoAccount):
        share(maker, zhang_san, resident)
    cast.bill(owner, 2027)
    with pytest.raises(subsidies.OwnAccount):
        share(maker, owner, owner)


def test_an_account_is_shared_with_the_relatives_that_are_published(
    maker: User, zhang_san: Person, owner: Person
) -> None:
    PolicyParameter.objects.filter(code=subsidies.RELATIVES).delete()
    with pytest.raises(subsidies.NotANearRelative):
        share(maker, zhang_san, owner)


def test_a_changed_draft_keeps_its_owner_until_another_is_named(
    maker: User, zhang_san: Person, owner: Person
) -> None:
    case = share(maker, zhang_san, owner)
    says: dict[str, Any] = ACCOUNT | {"year": 2027, "amount": Decimal(50)}
    case = subsidies.change_subsidy(case=case, user=maker, expected_version=1, **says)
    assert ContributionSubsidy.objects.get().owner_id == owner.pk
    subsidies.change_subsidy(
        case=case,
        user=maker,
        expected_version=2,
        year=2027,
        funder="charity",
        relation="",
        kinship="",
        consent="",
        amount=Decimal(50),
    )
    assert ContributionSubsidy.objects.get().owner_id is None


# The database --------------------------------------------------------------------------------


def test_the_database_refuses_a_funder_without_what_it_rests_on(
    maker: User, zhang_san: Person, owner: Person
) -> None:
    charity = subsidise(maker, zhang_san)
    account = share(maker, zhang_san, owner)
    wrong: list[tuple[Case, dict[str, Any]]] = [
        (charity, {"funder": "other"}),
        (charity, {"funder": "medical_assistance"}),
        (charity, {"relation": "child"}),
        (account, {"consent": ""}),
        (account, {"owner": None}),
        (account, {"owner": zhang_san}),
    ]
    for case, fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            ContributionSubsidy.objects.filter(pk=case.pk).update(**fields)


def test_the_database_refuses_an_award_above_the_subsidy_on_the_bill(
    maker: User, checker: User, zhang_san: Person
) -> None:
    case = carried_out(subsidise(maker, zhang_san), checker)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS awards_fit_into_the_bill IMMEDIATE")
    award = {"funder": "charity", "awarded_on": AUTUMN, "case_id": case.pk}
    with pytest.raises(IntegrityError, match="above the subsidy"), transaction.atomic():
        Award.objects.create(enrollment=the_bill(zhang_san), amount=Decimal("0.01"), **award)


def test_the_database_refuses_an_account_whose_money_is_not_on_the_bill(
    maker: User, checker: User, zhang_san: Person, owner: Person
) -> None:
    case = approved(share(maker, zhang_san, owner), checker)
    with pytest.raises(IntegrityError, match="does not pay what is due"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="effected", effected_at="2026-11-20T08:00Z")


def test_two_at_once_never_pay_more_than_the_personal_share(transactional_db: None) -> None:
    cast.law()
    cast.year(2027, closed=False)
    person = cast.person("张三", number=1)
    parent = cast.person("张建国", number=9, scheme=Person.Scheme.EMPLOYEE)
    cast.bill(person, 2027)
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Checker", "zhang", "张敏"),
    )
    both = [
        approved(subsidise(maker, person, amount=Decimal(300)), checker),
        approved(share(maker, person, parent, amount=Decimal(300)), checker),
    ]
    at_once(*(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both))
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "effected"]
    bill = the_bill(person)
    assert bill.subsidy + bill.paid == 300


# The worked cases ----------------------------------------------------------------------------


def worked() -> list[dict[str, Any]]:
    found = json.loads(WORKED.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if case["group"] == "subsidy" and "standard" in case["inputs"]]


@pytest.mark.parametrize("case", worked(), ids=lambda case: case["id"])
def test_the_desk_gives_what_explain_gives(
    maker: User, checker: User, owner: Person, case: dict[str, Any]
) -> None:
    """Quota, city, third parties and account by cases: the bill says the same shares."""
    inputs = case["inputs"]
    expected = explain_case(case)["outcome"]
    law(inputs)
    person = cast.person("张三", number=1)
    cast.bill(person, 2027, standard=Decimal(inputs["standard"]))
    for category in inputs["categories"]:
        qualified = category != "monitored" or inputs.get("monitored_qualified", True)
        turning.recognise(person, category, qualified=qualified)
    offer = offer_of(the_bill(person), AUTUMN)
    if "error" in expected:
        assert expected["error"] in offer.told
        return
    assert (offer.category or None, offer.quota) == (
        expected["category"],
        Decimal(expected["assistance_subsidy"]),
    )
    if offer.missing:
        award = {"category": offer.category, "amount": offer.missing}
        carried_out(subsidise(maker, person, funder="medical_assistance", **award), checker)
    for name, funder in (("city_extra", "local_extra"), ("third_party", "village_collective")):
        if name in inputs:
            paid = {"funder": funder, "amount": Decimal(inputs[name])}
            carried_out(subsidise(maker, person, **paid), checker)
    if "account_pay" in inputs:
        money = Decimal(inputs["account_pay"])
        carried_out(share(maker, person, owner, amount=money), checker)
    bill = the_bill(person)
    assert bill.payable == Decimal(expected["personal_share"])
    assert bill.payable - bill.paid == Decimal(expected["cash_due"])


def law(inputs: dict[str, Any]) -> None:
    """The standard and the quotas of a worked case, in force for 2027 in Hefei."""
    days = DateRange(date(2027, 1, 1), date(2028, 1, 1))
    rows = PolicyParameter.objects.filter(valid__contains=date(2027, 1, 1), status="example")
    rows.filter(code="contribution.individual_standard").update(value=inputs["standard"])
    quotas = {"extreme_poverty": inputs["standard"], **inputs.get("quota", {})}
    for category, amount in quotas.items():
        code = f"subsidy.quota.{category}"
        rows.filter(code=code).delete()
        PolicyParameter.objects.create(
            code=code, area_id=cast.HEFEI, valid=days, unit="yuan", value=amount, status="example"
        )


# Many at once --------------------------------------------------------------------------------


@pytest.fixture
def village(zhang_san: Person) -> list[Person]:
    """张三 and 李四 with unpaid bills, 王五 paid, 赵六 without a bill."""
    standard = the_bill(zhang_san).standard
    people = [zhang_san, *(cast.person(f"{n}", number=at) for at, n in enumerate("李王赵", 2))]
    cast.bill(people[1], 2027, standard=standard)
    cast.paid(people[2], 2027)
    return people


def listed(*people: Person) -> str:
    return "\n".join(person.identity_number for person in people)


def test_a_list_is_previewed_in_few_queries_and_opens_each_draft_once(
    maker: User, village: list[Person], django_assert_max_num_queries: Any
) -> None:
    turning.recognise(village[0], "dibao")
    batch = Batch(key=uuid4(), year=2027, funder="medical_assistance")
    asked = read_numbers(listed(*village, village[0]))
    with django_assert_max_num_queries(6):
        lines = subsidy_batches.preview(batch=batch, asked=asked)
    quota = terms_of_area(cast.HEFEI, 2027).quotas["dibao"]
    assert [(line.amount, bool(line.refused)) for line in lines] == [
        (quota, False),
        (0, True),
        (0, True),
        (0, True),
        (0, True),
    ]
    for _ in range(2):  # sent twice
        subsidy_batches.open_drafts(batch=batch, lines=lines, maker=maker)
    case = Case.objects.get()
    assert (case.person_id, case.amount, case.state) == (village[0].pk, quota, "draft")


def test_a_collective_pays_all_that_is_left_or_what_it_says(
    maker: User, village: list[Person]
) -> None:
    asked = read_numbers(listed(*village))
    batch = Batch(key=uuid4(), year=2027, funder="village_collective", giver="某村")
    lines = subsidy_batches.preview(batch=batch, asked=asked)
    left = the_bill(village[0]).payable
    assert [(line.amount, line.after) for line in lines[:2]] == [(left, Decimal(0))] * 2
    assert "already paid" in lines[2].refused or "缴" in lines[2].refused
    assert lines[3].refused
    opened = subsidy_batches.open_drafts(batch=batch, lines=lines, maker=maker)
    assert [bool(each.case) for each in opened] == [True, True, False, False]


def test_a_draft_that_meets_another_is_refused_alone(
    maker: User, checker: User, village: list[Person]
) -> None:
    batch = Batch(key=uuid4(), year=2027, funder="village_collective")
    lines = subsidy_batches.preview(batch=batch, asked=read_numbers(listed(*village[:2])))
    carried_out(subsidise(maker, village[0]), checker)
    opened = subsidy_batches.open_drafts(batch=batch, lines=lines, maker=maker)
    assert [bool(each.case) for each in opened] == [False, True]


def test_a_list_of_strangers_is_refused(maker: User, anhui: None) -> None:
    batch = Batch(key=uuid4(), year=2027, funder="charity")
    with pytest.raises(subsidy_batches.NoLineLeft):
        subsidy_batches.preview(batch=batch, asked=read_numbers("34010419900101123X"))
