"""Looking at people is recorded: files, numbers in clear, last four digits, files elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from enrollment.models import Person, PersonAccess, User
from tests import cast
from tests.roles import as_role

FILE = "/enrollment/person/{}/change/"
NUMBER = "/person/{}/number/"
COMPARE = "/person/{}/compare/"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "supervisor": cast.officer("Supervisor", "wang", "王建国"),
        "auditor": cast.officer("Auditor", "zhou", "周明"),
        "auditor_of_wuhu": cast.officer("Auditor", "shen", "沈洁", region=cast.WUHU),
    }


@pytest.fixture
def zhang_san(officers: dict[str, User]) -> Person:
    return cast.person("张三", number=1)


@pytest.fixture
def wang_wu(officers: dict[str, User]) -> Person:
    return cast.person("王五", number=3, region=cast.JINGHU)


Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """`ask("maker", path, {...})` by POST, without data by GET; served as the role `web`."""
    clients: dict[str, Client] = {}

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        if who not in clients:
            clients[who] = Client(REMOTE_ADDR="10.34.1.9")
            clients[who].force_login(officers[who])
        client = clients[who]

        def serve() -> HttpResponse:
            answer = client.get(path) if data is None else client.post(path, data)
            assert answer.status_code < 500, path
            return answer  # type: ignore[return-value]

        return as_role("web", serve)

    return send


def recorded() -> list[tuple[str, str, str, str, str | None]]:
    rows = PersonAccess.objects.order_by("pk").select_related("user", "person")
    return [(row.user.username, row.act, row.person.name, row.reason, row.address) for row in rows]


def test_every_view_of_a_file_says_who_whom_when_and_from_where(
    ask: Ask, zhang_san: Person
) -> None:
    assert ask("maker", FILE.format(zhang_san.pk)).status_code == 200
    ask("supervisor", FILE.format(zhang_san.pk))
    assert recorded() == [
        ("liu", "viewed", "张三", "", "10.34.1.9"),
        ("wang", "viewed", "张三", "", "10.34.1.9"),
    ]


def test_a_file_that_is_not_shown_is_not_recorded(ask: Ask, wang_wu: Person) -> None:
    assert ask("maker", FILE.format(wang_wu.pk)).status_code == 404
    assert recorded() == []


def test_a_number_in_clear_wants_the_permission_and_a_reason(ask: Ask, zhang_san: Person) -> None:
    page, number = NUMBER.format(zhang_san.pk), zhang_san.identity_number
    for who in ("supervisor", "auditor"):
        answer = ask(who, page, {"reason": "核对证件"})
        assert answer.status_code == 403
        assert number not in answer.content.decode()
    for answer in (ask("maker", page), ask("maker", page, {"reason": " 核 "})):
        assert answer.status_code == 200
        assert number not in answer.content.decode()
    assert "至少" in ask("maker", page, {"reason": "核"}).content.decode()
    assert recorded() == []
    shown = ask("maker", page, {"reason": "转移接续核对证件"}).content.decode()
    assert shown.count(number) == 1
    assert 'data-expires="30"' in shown
    assert recorded() == [("liu", "revealed", "张三", "转移接续核对证件", "10.34.1.9")]


def test_a_number_of_another_region_is_not_found(ask: Ask, wang_wu: Person) -> None:
    for path, form in ((NUMBER, {"reason": "转移接续核对"}), (COMPARE, {"digits": "0000"})):
        assert ask("maker", path.format(wang_wu.pk), form).status_code == 404
    assert recorded() == []


@pytest.mark.parametrize(("right", "says"), [(True, "后四位一致"), (False, "后四位不一致")])
def test_the_last_four_are_answered_with_yes_or_no(
    ask: Ask, zhang_san: Person, right: bool, says: str
) -> None:
    digits = zhang_san.identity_number[-4:] if right else "0000"
    answer = ask("maker", COMPARE.format(zhang_san.pk), {"digits": digits.lower()})
    page = answer.content.decode()
    assert says in page
    assert zhang_san.identity_number not in page
    assert recorded() == [("liu", "compared", "张三", "yes" if right else "no", "10.34.1.9")]


def test_fewer_than_four_are_refused_and_a_get_asks_nothing(ask: Ask, zhang_san: Person) -> None:
    assert "后四位" in ask("maker", COMPARE.format(zhang_san.pk), {"digits": "12"}).content.decode()
    assert ask("maker", COMPARE.format(zhang_san.pk)).status_code == 302
    assert recorded() == []


def test_a_number_on_file_elsewhere_tells_the_place_and_nothing_else(
    ask: Ask, zhang_san: Person, wang_wu: Person
) -> None:
    page = ask("maker", "/search/", {"q": wang_wu.identity_number}).content.decode()
    assert "芜湖市镜湖区" in page
    assert "王五" not in page
    assert wang_wu.id_mask not in page
    assert recorded() == [("liu", "elsewhere", "王五", "", None)]
    ask("maker", "/search/", {"q": zhang_san.identity_number})
    ask("supervisor", "/search/", {"q": wang_wu.identity_number})
    assert len(recorded()) == 1


def test_the_auditor_reads_the_record_of_the_own_region(
    ask: Ask, zhang_san: Person, wang_wu: Person
) -> None:
    ask("maker", FILE.format(zhang_san.pk))
    address = "/enrollment/personaccess/"
    page = ask("auditor", address).content.decode()
    for shown in ("刘婷", "张三", "10.34.1.9", "查看档案"):
        assert shown in page
    assert "张三" not in ask("auditor_of_wuhu", address).content.decode()
    assert ask("maker", address).status_code == 403
    assert ask("auditor", f"{address}add/").status_code == 403


def test_the_record_is_never_edited_and_a_number_never_shown_without_a_reason(
    zhang_san: Person, officers: dict[str, User]
) -> None:
    PersonAccess.objects.create(person=zhang_san, user=officers["maker"], act="viewed")
    for statement in (
        "UPDATE person_access SET act = 'compared'",
        "DELETE FROM person_access",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
    with (
        pytest.raises(IntegrityError, match="a_number_is_shown_for_a_reason"),
        transaction.atomic(),
    ):
        PersonAccess.objects.create(person=zhang_san, user=officers["maker"], act="revealed")
