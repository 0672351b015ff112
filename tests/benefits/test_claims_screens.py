"""Claims on screen: their years on the file of a person, and the list of settlements."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from benefits.admin.claims import person_claims
from benefits.models import Claim, ClaimUse
from enrollment.models import Person, YearRun
from enrollment.rules.keys import yearly_key
from enrollment.selectors.calendar import business_date_is
from tests import cast
from tests.screens import assert_counts_nothing, file_of, logged_in, queries_of, text_of

LIST = "admin:benefits_claim_changelist"


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    cache.clear()
    with translation.override("zh-hans"), business_date_is(date(2026, 11, 20)):
        yield


@pytest.fixture
def zhang(db: None) -> Person:
    """张三, on file in 2025 and 2026, who claimed in 2024 and 2026."""
    cast.law()
    for year in (2025, 2026):
        cast.year(year)
    cast.year(2027, closed=False)
    person = cast.person("张三", number=1)
    claim(person, "J1", date(2024, 5, 1))
    claim(person, "J2", date(2026, 2, 1))
    claim(person, "J3", date(2026, 3, 1), kind="major_illness", total="400000", major="250000")
    use(person, 2024, claims=1, total="100", fund="50")
    use(person, 2026, claims=2, total="400100", fund="100", major="250000")
    return person


def claim(
    whose: Person,
    number: str,
    on: date,
    *,
    kind: str = "outpatient",
    total: str = "100",
    major: str = "0",
) -> Claim:
    return Claim.objects.create(
        claim_number=number,
        person=whose,
        region_id=whose.insured_region_id,
        settled_on=on,
        kind=kind,
        provider="市一院",
        total=Decimal(total),
        in_policy=Decimal(80),
        fund_paid=Decimal(50),
        major_illness_paid=Decimal(major),
        assistance_paid=Decimal(0),
    )


def use(whose: Person, year: int, *, claims: int, total: str, fund: str, major: str = "0") -> None:
    ClaimUse.objects.create(
        id=yearly_key(year=year, person_id=whose.pk),
        claims=claims,
        total=Decimal(total),
        fund_paid=Decimal(fund),
        major_illness_paid=Decimal(major),
        assistance_paid=Decimal(0),
    )


@pytest.fixture
def desk(zhang: Person) -> Client:
    return logged_in(cast.officer("Maker", "liu", "刘婷"))


def shown(client: Client, **asked: Any) -> str:
    """The text of the list."""
    response = client.get(reverse(LIST), asked)
    assert response.status_code == 200
    return text_of(response)


def test_the_file_sums_up_each_year_and_names_the_years_without_a_claim(
    desk: Client, zhang: Person
) -> None:
    response = desk.get(file_of(zhang))
    text = text_of(response)
    assert "历年待遇结算" in text
    assert "2026 2 400,100.00 100.00 250,000.00 0.00 150,000.00" in text
    assert "2025 0 未发生费用" in text
    assert "2024 1 100.00 50.00 0.00 0.00 50.00" in text
    assert "2027 0" not in text
    address = f"{reverse(LIST)}?person={zhang.pk}"
    page = response.content.decode()
    assert f'href="{address}"' in page
    assert f'href="{address}&amp;year=2026"' in page


def test_a_person_without_any_year_is_told_so(desk: Client) -> None:
    YearRun.objects.all().delete()
    text = text_of(desk.get(file_of(cast.person("李四", number=2))))
    assert "没有此人的待遇结算记录。" in text


def test_who_may_not_see_claims_gets_neither_panel_nor_list(zhang: Person) -> None:
    officer = cast.officer("Fund officer", "zhao", "赵文清")
    request = RequestFactory().get(file_of(zhang))
    request.user = officer
    assert person_claims(request, zhang) == {"hidden": True}
    assert logged_in(officer).get(reverse(LIST)).status_code == 403


def test_the_list_of_a_person_holds_the_claims_of_nobody_else(desk: Client, zhang: Person) -> None:
    claim(cast.person("李四", number=2), "J9", date(2026, 4, 1))
    text = shown(desk, person=zhang.pk)
    assert "张三的待遇结算" in text
    assert [number for number in ("J1", "J2", "J3", "J9") if number in text] == ["J1", "J2", "J3"]
    assert "J9" in shown(desk)


def test_the_list_narrows_by_year_and_kind(desk: Client, zhang: Person) -> None:
    asked = {"person": zhang.pk, "year": "2026"}
    assert "J1" not in shown(desk, **asked)
    assert "J2" in shown(desk, **asked)
    assert "J2" not in shown(desk, **asked, kind__exact="major_illness")
    assert "没有此人的待遇结算记录。" in shown(desk, person=zhang.pk, year="2025")
    assert "没有符合条件的待遇结算记录。" in shown(desk, year="99999")


def test_nothing_is_changed_on_screen(desk: Client, zhang: Person) -> None:
    assert desk.get(reverse("admin:benefits_claim_add")).status_code == 403
    first = Claim.objects.earliest("pk")
    page = reverse("admin:benefits_claim_change", args=[first.pk])
    assert desk.post(page, {"total": "1"}).status_code == 403
    first.refresh_from_db()
    assert first.total == Decimal(100)


def test_the_list_asks_the_same_whatever_it_holds(desk: Client, zhang: Person) -> None:
    desk.get(reverse(LIST))  # what is remembered from one page to the next
    few = queries_of(lambda: desk.get(reverse(LIST)))
    for number in range(40):
        claim(cast.person(f"人{number}", number=100 + number), f"K{number}", date(2026, 5, 1))
    many = queries_of(lambda: desk.get(reverse(LIST)))
    assert len(many) == len(few)
    assert_counts_nothing(many)
