"""The start page by duty: each finds their own figures, and nothing that the duty may not see."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from enrollment.models import Enrollment, User
from funds.models import PeriodClose
from tests import cast
from tests.funds.test_cockpit import REGISTER
from tests.screens import logged_in, queries_of, served_as_web

HOME = "/"
PANELS = {
    "supervisor": {"funds/home/collection.html", "enrollment/year/desk.html"},
    "fund": {"enrollment/desk/piles.html", "funds/home/month.html", "enrollment/year/desk.html"},
    "system": {"enrollment/year/desk.html"},
    "maker": {"enrollment/desk/piles.html"},
    "checker": {"enrollment/desk/piles.html"},
    "audit": set(),
}


@pytest.fixture
def officers(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    for number, region in enumerate([cast.SHUSHAN] * 3 + [cast.JINGHU] * 2):
        person = cast.person(f"人{number}", number=number + 1, region=region)
        cast.paid(person, 2026, on=date(2025, 9 + number % 3, 20))
        if number % 2:
            cast.bill(person, 2027, subsidy=Decimal(200), category="dibao")
        else:
            cast.paid(person, 2027, on=date(2026, 10, 1))
    return {
        "supervisor": cast.officer("Supervisor", "wang", "王建国"),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
        "system": cast.officer("System administrator", "sun", "孙浩"),
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "audit": cast.officer("Audit administrator", "zheng", "郑凯"),
    }


def panels(page: Any) -> dict[str, Any]:
    assert page.status_code == 200
    return {each["template"]: each["context"] for each in page.context["panels"]["main"]}


def test_each_duty_finds_its_own_panels(officers: dict[str, User]) -> None:
    ask = served_as_web(officers)

    assert {who: set(panels(ask(who, HOME))) for who in officers} == PANELS


def test_a_supervisor_finds_the_season(officers: dict[str, User]) -> None:
    found = panels(served_as_web(officers)("supervisor", HOME))["funds/home/collection.html"]
    bills = list(Enrollment.objects.residents(2027))
    paid = [bill for bill in bills if bill.paid >= bill.payable]

    assert found["total"].figures.unpaid == len(bills) - len(paid) == 2
    assert found["total"].rate == Decimal(len(paid)) / 5
    assert [each["code"] for each in found["behind"]] == [cast.WUHU, cast.HEFEI]  # 1/2, 2/3


def test_a_fund_officer_finds_the_month(officers: dict[str, User]) -> None:
    found = panels(served_as_web(officers)("fund", HOME))["funds/home/month.html"]

    assert (found["first"], found["last"]) == (date(2026, 11, 1), date(2026, 10, 1))
    assert (found["books"], found["closed"]) == (0, PeriodClose.objects.count())


@pytest.mark.parametrize("who", ["supervisor", "fund", "system"])
def test_a_start_page_reads_sums_alone(officers: dict[str, User], who: str) -> None:
    client = logged_in(officers[who])
    client.get(HOME)
    asked = queries_of(lambda: client.get(HOME))

    assert [sql for sql in asked if REGISTER.search(sql)] == []
    assert len(asked) <= 15
