"""Forms of the newer kinds that were crafted, sent twice or sent by the wrong hands.

Served as the role `web`. Every kind meets the same refusals, and nothing is half done.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from enrollment.models import Case, Person, User
from enrollment.selectors.cases import kind_of, shown_digest_of, whole_case
from enrollment.services import cases
from tests import cast, turning
from tests.drafts import AUTUMN
from tests.roles import as_role
from tests.screens import text_of

# What each form says, and what its person needs to be.
SAYS: dict[str, dict[str, Any]] = {
    "registration": {
        "year": 2027,
        "ground": "low_income_recognised",
        "recognised_on": "2026-11-01",
        "source": "civil_affairs",
        "evidence": "低保证 340104-2026-118",
        "insured_region": cast.SHUSHAN,
    },
    "refund": {
        "year": 2027,
        "ground": "handling_error",
        "event_on": "2026-11-02",
        "requested_on": "2026-11-20",
        "evidence": "窗口受理单 20261120-7",
        "payee": "张三",
        "account": "6217000012345678",
    },
    "categoryrecognition": {
        "year": 2026,
        "act": "gained",
        "category": "dibao",
        "since": "2026-11-01",
        "qualified": "on",
        "source": "civil_affairs",
        "evidence": "低保证 340104-2026-118",
    },
    "identitycorrection": {"year": 2026, "name": "章三", "evidence": "户口簿 340104-88"},
    "duplicateresolution": {"year": 2026, "keep": "resident", "written_choice": "本人选择书"},
}
# Columns that a form does not ask for, sent all the same.
NOT_ASKED = {
    "state": "effected",
    "checker": "1",
    "maker": "1",
    "shown_digest": "0" * 64,
    "needs_second": "",
    "amount": "999999",
    "by_rule": "on",
    "months": "12",
    "was_scheme": "2",
    "refunded_bill": "1",
    "recognised": "1",
    "row": "1",
    "person_id": "1",
    "kind": "refund",
    "old_name": "假名",
    "contribution_paid_on": "2020-01-01",
}


@pytest.fixture(scope="module")
def officers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """Committed once for this module; each test has a person of its own."""
    with django_db_blocker.unblock():
        cast.law()
        cast.year(2026)
        cast.year(2027, closed=False)
        yield {
            "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
            "other": cast.officer("Maker", "he", "何娟", region=cast.HEFEI),
            "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
            "approver": cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI),
            "auditor": cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
            "wuhu": cast.officer("Maker", "wuhu", "芜湖员", region=cast.WUHU),
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def today(officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", AUTUMN.isoformat())


Ask = Callable[..., Any]


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """`ask("maker", path, {...})` by POST, without data by GET."""

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> Any:
        def serve() -> Any:
            client = Client()
            client.force_login(officers[who])
            response = client.get(path) if data is None else client.post(path, data)
            assert response.status_code < 500, path
            return response

        return as_role("web", serve)

    return send


def person_for(screens: str) -> Person:
    """Somebody about whom the form of these screens can be sent, committed for the web to see."""

    def make() -> Person:
        number = 2 * Person.objects.count() + 101
        if screens == "registration":
            return cast.person(
                "张三", number=number, left_on=date(2025, 1, 1), left_for="moved_out"
            )
        person = cast.person("张三", number=number)
        if screens == "refund":
            cast.paid(person, 2027, date(2026, 11, 2))
        if screens in {"categoryrecognition", "duplicateresolution"}:
            cast.paid(person, 2026)
        if screens == "duplicateresolution":
            turning.employed(person, 2026, 0b111111111100)
        return person

    return as_role("owner", make)


def add(screens: str, person: Person, key: str) -> tuple[str, dict[str, Any]]:
    sent = {"channel": "counter", "request_key": key, **SAYS[screens]}
    return f"/enrollment/{screens}/add/?person={person.pk}", sent


def drafted(ask: Ask, screens: str) -> Case:
    person = person_for(screens)
    made = ask("maker", *add(screens, person, str(uuid.uuid4())))
    assert made.status_code == 302, text_of(made)
    return Case.objects.get(person=person)


def stands(case: Case) -> tuple[Any, ...]:
    """All that a case says, but when it was asked."""
    whole = whole_case(case.pk)
    return tuple(getattr(whole, field.attname) for field in whole._meta.concrete_fields)


def move(case: Case, name: str) -> str:
    screens = kind_of(case).url_name.removeprefix("admin:").replace("_", "/")
    return f"/{screens}/{case.pk}/move/{name}/"


def edit(case: Case) -> str:
    return move(case, "x").replace("move/x/", "edit/")


every_kind = pytest.mark.parametrize("screens", list(SAYS))


@every_kind
def test_a_form_sent_twice_and_twice_at_once_makes_one_case(
    ask: Ask, officers: dict[str, User], screens: str
) -> None:
    person = person_for(screens)
    form = add(screens, person, str(uuid.uuid4()))
    start, pages = threading.Barrier(2), []

    def send() -> None:
        start.wait(timeout=10)
        pages.append(ask("maker", *form))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    pages.append(ask("maker", *form))
    assert [page.status_code for page in pages] == [302, 302, 302]
    assert len({page.headers["Location"] for page in pages}) == 1
    assert Case.objects.filter(person=person).count() == 1
    assert ask("other", *form).status_code == 200  # somebody else's form is refused by name
    assert Case.objects.filter(person=person).count() == 1


@every_kind
def test_what_a_form_does_not_ask_for_is_not_taken(ask: Ask, screens: str) -> None:
    person = person_for(screens)
    path, sent = add(screens, person, str(uuid.uuid4()))
    assert ask("maker", path, {**NOT_ASKED, **sent}).status_code == 302
    case = whole_case(Case.objects.get(person=person).pk)
    assert (case.state, case.checker, case.shown_digest) == ("draft", None, "")
    assert (case.kind, case.maker.username) == (kind_of(case).name, "liu")
    plain = whole_case(drafted(ask, screens).pk)
    theirs = {"id", "case_ptr", "person", "request_key", "opened_at"}
    sealed = {"account_sealed", "old_id_sealed", "old_id_digest", "old_id_mask"}
    for field in case._meta.concrete_fields:
        if field.name not in theirs | sealed:
            assert getattr(case, field.attname) == getattr(plain, field.attname), field.name


@every_kind
def test_the_wrong_hands_change_and_decide_nothing(
    ask: Ask, officers: dict[str, User], screens: str
) -> None:
    case = drafted(ask, screens)
    said = {"version": case.version, "request_key": str(uuid.uuid4()), "channel": "online"}
    said |= SAYS[screens]
    before = stands(case)
    assert ask("wuhu", edit(case), said).status_code == 404
    assert ask("wuhu", move(case, "submit"), {"version": case.version}).status_code == 404
    for role in ("checker", "approver", "auditor"):
        assert ask(role, edit(case), said).status_code == 403
        assert ask(role, move(case, "submit"), {}).status_code == 403
    assert ask("other", edit(case), said).status_code != 302
    assert "刘婷" in text_of(ask("other", move(case, "submit"), {"version": case.version}))
    for name in ("approve", "effect", "confirm", "return"):
        assert ask("maker", move(case, name), {"reason": "x"}).status_code == 403
    for name in ("reverse", "delete", "x"):
        assert ask("maker", move(case, name), {}).status_code == 404
    for name in ("submit", "withdraw"):
        assert ask("maker", move(case, name)).status_code == 302  # a GET moves nothing
    assert stands(case) == before
    digest = shown_digest_of(whole_case(case.pk))
    told = text_of(ask("checker", move(case, "approve"), {"shown_digest": digest}))
    assert "草稿" in told
    assert ask("approver", move(case, "effect"), {}).status_code == 200
    assert stands(case) == before


@every_kind
def test_what_was_submitted_is_changed_by_no_form_and_approved_by_its_digest_alone(
    ask: Ask, officers: dict[str, User], screens: str
) -> None:
    case = drafted(ask, screens)
    as_role("owner", partial(cases.submit_case, case=case, user=officers["maker"]))
    case.refresh_from_db()
    before = stands(case)
    said = {"version": case.version, "request_key": str(uuid.uuid4()), "channel": "online"}
    assert ask("maker", edit(case), said | SAYS[screens]).status_code != 302 or (
        stands(case) == before
    )
    assert ask("maker", move(case, "submit"), {"version": case.version}).status_code == 200
    for digest in ("", "0" * 64):
        told = text_of(ask("checker", move(case, "approve"), {"shown_digest": digest}))
        assert "请重新查看" in told
    assert "请填写原因" in text_of(ask("checker", move(case, "return"), {"reason": " "}))
    assert ask("approver", move(case, "effect"), {}).status_code == 200
    assert stands(case) == before
