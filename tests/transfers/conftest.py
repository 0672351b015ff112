"""Somebody of 蜀山 who may go to 镜湖, and who decides about that in either city."""

from collections.abc import Iterator

import pytest

from enrollment.models import EnrolmentTransfer, Person, User
from enrollment.selectors.calendar import business_date_is
from tests import cast
from tests.screens import served_as_web
from tests.transfers.sides import OFFICERS, SCREENS, TODAY, Ask, move


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    with business_date_is(TODAY):
        yield


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        who: cast.officer(role, username, name, region=region)
        for who, (role, username, name, region) in OFFICERS.items()
    }


@pytest.fixture
def zhang_san(officers: dict[str, User]) -> Person:
    person = cast.person("张三", number=1, initials="zs")
    cast.paid(person, 2026)
    cast.bill(person, 2027)
    return person


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    return served_as_web(officers)


@pytest.fixture
def sent(ask: Ask, zhang_san: Person) -> EnrolmentTransfer:
    """A transfer from 蜀山 to 镜湖 that its maker submitted."""
    says = {
        "request_key": "5b0f3c9e-6f0c-4b57-8c55-0d9f2e6f0a01",
        "channel": "counter",
        "year": 2027,
        "to_region": cast.JINGHU,
        "to_scheme": Person.Scheme.RESIDENT,
        "reason": "随配偶迁居",
    }
    made = ask("maker", f"{SCREENS}/add/?person={zhang_san.pk}", says)
    assert made.status_code == 302, made.content.decode()
    transfer = EnrolmentTransfer.objects.get()
    move(ask, "maker", transfer, "submit")
    return transfer
