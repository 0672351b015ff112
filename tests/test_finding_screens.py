"""Findings and feedback on screen, served as the role `web`: who sees, takes up and closes what."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from enrollment.models import (
    Case,
    DuplicateSearch,
    Finding,
    IdentityCorrection,
    Import,
    Person,
    ScreenExport,
    User,
)
from enrollment.services import duplicate_search
from enrollment.services.imports import receive_file
from tests import cast
from tests.roles import as_role
from tests.screens import FULL_NUMBER, assert_counts_nothing, logged_in, queries_of, text_of

TODAY = date(2026, 11, 20)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def officers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with django_db_blocker.unblock():
        cast.law()
        cast.year(2026)
        yield {
            "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
            "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
            "auditor": cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
            "wuhu": cast.officer("Maker", "wuhu", "芜湖经办", region=cast.WUHU),
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def autumn(officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """`ask("maker", path, {...})` by POST, without data by GET; whatever it leaves is committed."""

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> Any:
        def serve() -> Any:
            client = logged_in(officers[who])
            return client.get(path) if data is None else client.post(path, data)

        return as_role("web", serve)

    return send


@pytest.fixture
def told(officers: dict[str, User], tmp_path: Path) -> tuple[Import, Finding]:
    """A list that names somebody anew, applied by the worker."""
    whom = as_role("owner", lambda: cast.person("张三", number=3 + 2 * Person.objects.count()))
    path = tmp_path / "list.csv"
    path.write_text(
        "来源,事项,证件号码,姓名,发生日期,新值\n"
        f"公安,身份变更,{whom.identity_number},张三,2026-10-01,张叁\n"
        f"公安,死亡,{whom.identity_number},李四,2026-10-01,\n"
    )

    def send() -> tuple[Import, Finding]:
        result = receive_file(
            kind="department_list", path=path, area="340100", user=officers["maker"]
        )
        return Import.objects.get(pk=result.import_id), Finding.objects.get(person=whom)

    found: tuple[Import, Finding] = as_role("worker", send)
    return found


def page(finding: Finding, act: str = "change") -> str:
    return f"/enrollment/finding/{finding.pk}/{act}/"


def fresh(finding: Finding) -> Finding:
    found: Finding = as_role("owner", lambda: Finding.objects.get(pk=finding.pk))
    return found


def test_a_proposed_name_is_drafted_by_one_click_and_the_finding_taken_up(
    ask: Ask, told: tuple[Import, Finding]
) -> None:
    source, finding = told
    listed = text_of(ask("maker", "/enrollment/finding/"))
    assert "身份信息变更" in listed
    assert "张叁" in listed
    assert 'id="correct"' in ask("maker", page(finding)).content.decode()
    answer = ask("maker", page(finding, "correct"), {})
    assert answer.status_code == 302
    case = as_role("owner", lambda: IdentityCorrection.objects.latest("pk"))
    assert (case.name, case.old_name, case.state) == ("张叁", "张三", "draft")
    assert case.evidence == f"公安名单，导入 {source.pk} 第 2 行"
    assert (fresh(finding).state, fresh(finding).case_id) == ("taken", case.pk)
    assert 'id="correct"' not in ask("maker", page(finding)).content.decode()
    # withdrawn, it waits again
    as_role(
        "owner",
        lambda: Case.objects.filter(pk=case.pk).update(state="withdrawn"),
    )
    assert (fresh(finding).state, fresh(finding).case_id) == ("open", None)


def test_a_finding_is_closed_for_a_reason_and_stays_closed(
    ask: Ask, told: tuple[Import, Finding]
) -> None:
    _source, finding = told
    assert "请说明不予处理的原因" in text_of(ask("maker", page(finding, "close"), {"reason": " "}))
    assert ask("maker", page(finding, "close"), {"reason": "已按户口簿核对"}).status_code == 302
    closed = fresh(finding)
    assert (closed.state, closed.reason, closed.closed_by and closed.closed_by.username) == (
        "closed", "已按户口簿核对", "liu",
    )  # fmt: skip
    again = text_of(ask("maker", page(finding, "correct"), {}))
    assert "无需再处理" in again


def test_who_only_reads_decides_nothing_and_elsewhere_nobody_sees(
    ask: Ask, told: tuple[Import, Finding]
) -> None:
    _source, finding = told
    for reader in ("auditor", "checker"):
        assert "张三" in text_of(ask(reader, page(finding)))
        assert 'id="close"' not in ask(reader, page(finding)).content.decode()
        for act in ("close", "correct"):
            assert ask(reader, page(finding, act), {"reason": "x"}).status_code == 403
    for act in ("change", "close", "correct"):
        assert ask("wuhu", page(finding, act)).status_code == 404
    assert "张三" not in text_of(ask("wuhu", "/enrollment/finding/"))


def test_the_feedback_goes_back_as_it_came_with_an_outcome_a_line(
    ask: Ask, told: tuple[Import, Finding]
) -> None:
    source, finding = told
    number = as_role("owner", lambda: finding.person.identity_number)
    shown = text_of(ask("maker", f"/enrollment/import/{source.pk}/change/"))
    assert "按事项统计" in shown
    given = ask("maker", f"/enrollment/import/{source.pk}/feedback/csv/")
    assert given.content.decode("utf-8-sig").splitlines() == [
        "来源,事项,证件号码,姓名,发生日期,新值,行号,处理结果,说明",
        f"公安,身份变更,{number},张三,2026-10-01,张叁,2,转待办核查,",
        f"公安,死亡,{number},李四,2026-10-01,,3,姓名不符,姓名：“李四”与该号码的建档姓名不符。",
    ]
    taken = as_role("owner", lambda: ScreenExport.objects.latest("pk"))
    assert (taken.kind, taken.rows) == ("feedback", 2)
    assert ask("maker", f"/enrollment/import/{source.pk}/feedback/xlsx/").status_code == 200
    assert ask("auditor", f"/enrollment/import/{source.pk}/feedback/csv/").status_code == 403
    assert ask("wuhu", f"/enrollment/import/{source.pk}/feedback/csv/").status_code == 404


def test_no_page_says_a_number_or_asks_once_a_row(
    ask: Ask, told: tuple[Import, Finding], officers: dict[str, User]
) -> None:
    _source, finding = told
    for path in ("/enrollment/finding/", page(finding)):
        assert not FULL_NUMBER.search(ask("maker", path).content.decode()), path
    few = as_role(
        "web",
        lambda: queries_of(lambda: logged_in(officers["maker"]).get("/enrollment/finding/")),
    )
    assert_counts_nothing(few)


def test_who_decides_asks_for_a_search_once(ask: Ask) -> None:
    search = "/enrollment/finding/search/"
    assert ask("auditor", search, {}).status_code == 403
    assert ask("maker", search).status_code == 302
    assert as_role("owner", DuplicateSearch.objects.count) == 0
    for _ in range(2):
        assert ask("maker", search, {}).status_code == 302
    (asked,) = as_role("owner", lambda: list(DuplicateSearch.objects.all()))
    assert (str(asked.asked_by), asked.finished_at) == ("刘婷", None)
    assert "重复参保排查进行中" in text_of(ask("maker", "/enrollment/finding/"))
    found = as_role("worker", duplicate_search.work)
    assert found is not None
    assert found["two_schemes"] == 0
    assert "最近一次重复参保排查" in text_of(ask("maker", "/enrollment/finding/"))
