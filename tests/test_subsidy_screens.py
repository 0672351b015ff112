"""Contribution subsidies as the web serves them: proposals, refusals by field, a pasted list."""

import re
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from enrollment.models import Case, ContributionSubsidy, Person, User
from tests import cast, turning
from tests.roles import as_role

ADD, MANY = "/enrollment/contributionsubsidy/add/", "/enrollment/contributionsubsidy/many/"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")


@pytest.fixture
def maker(transactional_db: None) -> User:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)


@pytest.fixture
def people(maker: User) -> list[Person]:
    """张三 a dibao recipient, 李四 in no category, 王五 in another city."""
    places = (cast.SHUSHAN, cast.SHUSHAN, cast.JINGHU)
    people = [
        cast.person(name, number=at, region=place)
        for at, (name, place) in enumerate(zip(("张三", "李四", "王五"), places, strict=True), 1)
    ]
    for person in people:
        cast.bill(person, 2027, standard=Decimal(420))
    turning.recognise(people[0], "dibao", since=date(2026, 1, 1))
    return people


def ask(user: User, path: str, data: dict[str, Any] | None = None) -> Any:
    """One request as the role `web`; no data is a GET."""
    client = Client()
    client.force_login(user)
    return as_role("web", lambda: client.get(path) if data is None else client.post(path, data))


def says(person: Person, **fields: Any) -> tuple[str, dict[str, Any]]:
    told = {"request_key": uuid.uuid4(), "year": 2027, "channel": "counter", "amount": "42"}
    return f"{ADD}?person={person.pk}", told | fields


def test_a_new_form_proposes_what_the_quota_still_owes(maker: User, people: list[Person]) -> None:
    page = ask(maker, f"{ADD}?person={people[0].pk}")
    proposed = {name: page.context["form"][name].value() for name in ("funder", "category")}
    assert proposed == {"funder": "medical_assistance", "category": "dibao"}
    assert page.context["form"]["amount"].value() == Decimal(378)
    assert ask(maker, f"{ADD}?person={people[1].pk}").context["form"]["funder"].value() is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"funder": "medical_assistance", "category": "dibao"}, "amount"),
        ({"funder": "charity", "amount": "420.01"}, "amount"),
        ({"funder": "other"}, "giver"),
        ({"funder": "personal_account"}, "owner_number"),
        ({"funder": "charity", "consent": "备案 1"}, "relation"),
    ],
)
def test_the_form_refuses_at_the_field(
    maker: User, people: list[Person], fields: dict[str, Any], field: str
) -> None:
    page = ask(maker, *says(people[0], **fields))
    assert list(page.context["form"].errors) == [field]
    assert not Case.objects.exists()


def test_an_account_of_another_city_is_found_by_its_number(
    maker: User, people: list[Person]
) -> None:
    owner = cast.person("张建国", number=9, region=cast.JINGHU, scheme=Person.Scheme.EMPLOYEE)
    account = {
        "funder": "personal_account",
        "owner_number": owner.identity_number,
        "relation": "parent",
        "kinship": "户口簿 0118",
        "consent": "备案 118",
    }
    page = ask(maker, *says(people[0], **account))
    assert page.status_code == 302
    assert ContributionSubsidy.objects.get().owner_id == owner.pk
    page = ask(maker, page.url)
    assert owner.id_mask in page.content.decode()
    assert owner.name not in page.content.decode()


def test_a_list_is_previewed_then_opened_once(maker: User, people: list[Person]) -> None:
    numbers = "\n".join(person.identity_number for person in people)
    told = {"year": 2027, "funder": "medical_assistance", "numbers": numbers}
    page = ask(maker, MANY, told)
    assert not Case.objects.exists()
    assert (page.context["possible"], page.context["refused"]) == (1, 2)
    assert "王五" not in page.content.decode()
    sealed = re.findall(r'name="lines" value="([^"]+)"', page.content.decode())[0]
    left_out = ask(maker, MANY, {"lines": sealed})
    assert "请勾选要建立的行" in left_out.content.decode()
    assert not Case.objects.exists()
    for _ in range(2):
        done = ask(maker, MANY, {"lines": sealed, "line": ["1", "2"]})
        assert len(done.context["done"]) == 1
    case = Case.objects.get()
    assert (case.person_id, case.amount) == (people[0].pk, Decimal(378))
    assert ask(maker, MANY, {"lines": sealed[:-1]}).context["expired"]


def test_a_list_says_who_gives_and_no_quota_by_hand(maker: User, people: list[Person]) -> None:
    told = {"year": 2027, "numbers": people[0].identity_number, "amount": "5"}
    for funder, field in (("other", "giver"), ("medical_assistance", "amount")):
        page = ask(maker, MANY, told | {"funder": funder})
        assert list(page.context["form"].errors) == [field]
        assert people[0].identity_number not in page.content.decode()


@pytest.fixture
def owner(people: list[Person]) -> Person:
    """A member of the employee scheme of another city, who pays for a relative."""
    return cast.person("张建国", number=9, region=cast.JINGHU, scheme=Person.Scheme.EMPLOYEE)


def previewed(maker: User, lines: str, **fields: Any) -> Any:
    told = {"year": 2027, "funder": "personal_account", "numbers": lines, "consent": "备案册 3"}
    return ask(maker, MANY, told | fields)


def test_accounts_of_relatives_pay_for_a_list_as_for_one(
    maker: User, people: list[Person], owner: Person
) -> None:
    zhang, li, _wang = (person.identity_number for person in people)
    account = owner.identity_number
    lines = f"{zhang}\t{account}\t父亲\n{li}，{account}，子女，结婚证 8"
    page = previewed(maker, lines, kinship="户口簿名册")
    assert (page.context["possible"], page.context["refused"]) == (2, 0)
    html = page.content.decode()
    assert owner.id_mask in html
    assert owner.identity_number not in html
    assert owner.name not in html
    sealed = re.findall(r'name="lines" value="([^"]+)"', html)[0]
    done = ask(maker, MANY, {"lines": sealed, "line": "2"})
    assert len(done.context["done"]) == 1  # the other was left out
    ask(maker, MANY, {"lines": sealed, "line": ["1", "2"]})
    made = ContributionSubsidy.objects.order_by("pk")
    said = made.values_list("person", "relation", "kinship", "consent", "owner", "amount")
    assert list(said) == [
        (people[1].pk, "child", "结婚证 8", "备案册 3", owner.pk, Decimal(420)),
        (people[0].pk, "parent", "户口簿名册", "备案册 3", owner.pk, Decimal(420)),
    ]


def test_a_line_whose_account_does_not_hold_is_refused_by_name(
    maker: User, people: list[Person], owner: Person
) -> None:
    zhang = people[0].identity_number
    resident = people[1].identity_number
    wrong = owner.identity_number[:-1] + ("1" if owner.identity_number[-1] == "0" else "0")
    for behind, told in (
        ("", "请填写账户所有人的证件号码"),
        (f"\t{wrong}\t父母", "证件号码有误"),
        (f"\t{resident}\t父母", "没有此号码"),
        (f"\t{zhang}\t父母", "没有此号码"),
        (f"\t{owner.identity_number}\t邻居", "请选择账户所有人"),
        (f"\t{owner.identity_number}\t父母", "证明关系"),
    ):
        page = previewed(maker, f"{zhang}{behind}")
        assert page.context["possible"] == 0, behind
        assert told in page.context["lines"][0].refused, (behind, page.context["lines"][0].refused)
    for field, fields in (("giver", {"giver": "某公司"}), ("kinship", {"funder": "charity"})):
        page = previewed(maker, zhang, kinship="户口簿", **fields)
        assert field in page.context["form"].errors


def test_only_who_makes_subsidies_sees_the_list_page(maker: User) -> None:
    checker = cast.officer("Checker", "zhang", "张敏")
    assert ask(checker, MANY).status_code == 403
    assert ask(checker, MANY, {"lines": "x"}).status_code == 403
