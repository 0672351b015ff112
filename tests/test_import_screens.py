"""File exchange on screen, served as the role `web`: who sees, sends, confirms and takes what."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from enrollment.declarations import import_kinds
from enrollment.imports.kinds import match_header
from enrollment.models import Import, Person, PersonCategory, ScreenExport, User
from enrollment.services import import_jobs, import_undo
from tests import cast
from tests.roles import as_role
from tests.screens import (
    FULL_NUMBER,
    assert_counts_nothing,
    logged_in,
    queries_of,
    text_of,
)

TODAY = date(2026, 11, 20)
BUTTON = b'id="confirm"'
HEADER = "证件号码,类别,认定日期,终止日期,来源部门"


@pytest.fixture(scope="module")
def officers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """Committed once for this module; each test sends a file of its own."""
    with django_db_blocker.unblock():
        cast.law()
        yield {
            "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
            "county": cast.officer("Maker", "shu", "舒敏", region=cast.SHUSHAN),
            "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
            "auditor": cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
            "wuhu": cast.officer("Checker", "wuhu", "芜湖复核", region=cast.WUHU),
            "fund": cast.officer("Fund officer", "zhao", "赵文清", region=cast.HEFEI),
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def asked(
    officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, int]]:
    """What the pages ask of the workers: task and file. The tests do it (`worked`)."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    for task in ("work_on_import", "take_import_back"):
        monkeypatch.setattr(
            f"enrollment.tasks.{task}.apply_async",
            lambda arguments, task=task, **_: asked.append((task, *arguments)),
        )
    return asked


Ask = Callable[..., Any]


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """`ask("maker", path, {...})` by POST, without data by GET; whatever it leaves is committed."""

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> Any:
        def serve() -> Any:
            client = logged_in(officers[who])
            response = client.get(path) if data is None else client.post(path, data)
            assert response.status_code < 500, path
            return response

        return as_role("web", serve)

    return send


def someone() -> Person:
    """Somebody on file, committed for the web to see."""
    return as_role("owner", lambda: cast.person("张三", number=2 * Person.objects.count() + 101))


def worked(source: Import) -> Import:
    as_role("worker", lambda: import_jobs.work(import_id=source.pk))
    source.refresh_from_db()
    return source


def send(ask: Ask, who: str, *lines: str, name: str = "低保.csv", **told: Any) -> Any:
    content = "\n".join([HEADER, *lines]).encode()
    form = {
        "kind": "categories",
        "area": cast.HEFEI,
        "file": SimpleUploadedFile(name, content),
        **told,
    }
    return ask(who, "/enrollment/import/add/", form)


def sent(ask: Ask) -> Import:
    """A list with one line that can be taken and one that cannot, checked."""
    number = someone().identity_number
    answer = send(ask, "maker", f"{number},低保,2026-11-01,,民政局", "=1+1,低保,2026-11-01,,民政局")
    assert answer.status_code == 302
    return worked(Import.objects.get(pk=int(answer.url.split("/")[-3])))


def test_a_file_is_sent_looked_at_confirmed_and_its_rejects_taken(ask: Ask) -> None:
    source = sent(ask)
    page = f"/enrollment/import/{source.pk}/change/"
    assert (source.state, source.area, source.by_screen) == ("checked", cast.HEFEI, True)
    told = ask("maker", page)
    assert "须由他人确认" in text_of(told)
    assert BUTTON not in told.content
    assert BUTTON in ask("checker", page).content
    confirm = f"/enrollment/import/{source.pk}/confirm/"
    assert ask("maker", confirm, {"previews": 1}).status_code == 200
    assert ask("checker", confirm, {"previews": 7}).status_code == 200
    assert ask("checker", confirm, {"previews": "x"}).status_code == 200
    assert Import.objects.get(pk=source.pk).state == "checked"
    assert ask("checker", confirm, {"previews": 1}).status_code == 302
    assert "现在没有需要决定的事项" in text_of(ask("checker", confirm, {"previews": 1}))
    assert worked(source).state == "applied"

    given = ask("maker", f"/enrollment/import/{source.pk}/rejects/csv/")
    rows = list(csv.reader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert rows[0] == [*HEADER.split(","), "行号", "有误的列", "原因"]
    assert rows[1][0] == "'=1+1"  # a spreadsheet computes nothing
    assert rows[1][5:7] == ["3", "证件号码"]
    given = ask("checker", f"/enrollment/import/{source.pk}/rejects/xlsx/")
    cell = openpyxl.load_workbook(io.BytesIO(given.content)).active["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    taken = ScreenExport.objects.filter(kind="rejects", reason__contains=str(source.pk))
    assert {each.user.username for each in taken} == {"liu", "zhang"}
    assert ask("auditor", f"/enrollment/import/{source.pk}/rejects/csv/").status_code == 403
    assert ask("maker", f"/enrollment/import/{source.pk}/rejects/exe/").status_code == 404


def test_rejects_come_back_as_they_were_given(ask: Ask) -> None:
    source = sent(ask)
    ask("checker", f"/enrollment/import/{source.pk}/confirm/", {"previews": 1})
    worked(source)
    given = ask("maker", f"/enrollment/import/{source.pk}/rejects/xlsx/").content
    again = ask(
        "maker",
        "/enrollment/import/add/",
        {
            "kind": "categories",
            "area": cast.HEFEI,
            "file": SimpleUploadedFile("again.xlsx", given),
        },
    )
    back = worked(Import.objects.get(pk=int(again.url.split("/")[-3])))
    assert (back.state, back.lines_read, back.rejected) == ("checked", 1, 1)


def test_no_page_shows_a_number(ask: Ask) -> None:
    source = sent(ask)
    for path in (
        "/enrollment/import/",
        f"/enrollment/import/{source.pk}/change/",
        f"/enrollment/import/{source.pk}/live/",
    ):
        assert not FULL_NUMBER.search(ask("maker", path).content.decode()), path


def test_others_of_the_region_see_the_file_and_nobody_elsewhere_does(ask: Ask) -> None:
    source = sent(ask)
    page = f"/enrollment/import/{source.pk}/change/"
    seen = {who: ask(who, page).status_code for who in ("maker", "checker", "auditor")}
    assert set(seen.values()) == {200}
    assert ask("fund", page).status_code == 403
    for path in ("change/", "live/", "confirm/", "cancel/", "undo/", "rejects/csv/"):
        assert ask("wuhu", f"/enrollment/import/{source.pk}/{path}").status_code == 404
        assert ask("wuhu", f"/enrollment/import/{source.pk}/{path}", {}).status_code == 404
    assert Import.objects.get(pk=source.pk).state == "checked"
    assert "低保.csv" not in text_of(ask("wuhu", "/enrollment/import/"))


def test_a_file_is_sent_for_regions_of_the_duty_alone(ask: Ask) -> None:
    offered = text_of(ask("county", "/enrollment/import/add/"))
    assert "蜀山区" in offered
    assert "芜湖市" not in offered
    before = Import.objects.count()
    number = someone().identity_number
    for area in (cast.HEFEI, cast.JINGHU, cast.ANHUI, "x", ""):
        answer = send(ask, "county", f"{number},低保,2026-11-01,,民政局", area=area)
        assert answer.status_code == 200
    for who in ("checker", "auditor", "fund"):
        assert send(ask, who, f"{number},低保,2026-11-01,,民政局").status_code == 403
    assert Import.objects.count() == before


def test_the_door_says_what_is_wrong_with_a_file(ask: Ask, settings: Any) -> None:
    assert "请选择文件" in text_of(send(ask, "maker", file=""))
    assert "内容" in text_of(send(ask, "maker", name="list.xlsx"))
    number = someone().identity_number
    line = f"{number},低保,2026-11-02,,民政局"
    assert send(ask, "maker", line).status_code == 302
    assert "待处理" in text_of(send(ask, "maker", line))
    settings.IMPORT_FILE_BYTES = 100
    assert "MB" in text_of(send(ask, "maker", line, line + " "))


def test_a_large_file_is_taken_here_and_not_elsewhere(ask: Ask, settings: Any) -> None:
    settings.CASE_FILE_BYTES = 200
    lines = [f"{someone().identity_number},低保,2026-11-03,,民政局"] * 9
    answer = send(ask, "maker", *lines)
    source = worked(Import.objects.get(pk=int(answer.url.split("/")[-3])))
    assert (source.size or 0) > 200
    assert (source.lines_read, source.inserted, source.rejected) == (9, 1, 8)


def test_the_page_of_a_file_at_work_refreshes_itself_until_it_is_decided(ask: Ask) -> None:
    number = someone().identity_number
    answer = send(ask, "maker", f"{number},低保,2026-11-04,,民政局")
    key = int(answer.url.split("/")[-3])
    live = f"/enrollment/import/{key}/live/"
    assert b"data-refresh-url" in ask("maker", answer.url).content
    waiting = ask("maker", live)
    assert "X-Refresh" not in waiting.headers
    assert "等待后台处理" in text_of(waiting)
    as_role(
        "worker",
        lambda: Import.objects.filter(pk=key).update(
            attempts=1, phase="reading", lines_done=1200, lines_expected=4800
        ),
    )
    told = ask("maker", live)
    assert "已读 1,200 行，共约 4,800 行" in text_of(told)
    assert b'value="25"' in told.content
    worked(Import.objects.get(pk=key))
    assert ask("maker", live).headers["X-Refresh"] == "stop"


def test_a_file_is_given_up(ask: Ask) -> None:
    source = sent(ask)
    assert ask("auditor", f"/enrollment/import/{source.pk}/cancel/", {}).status_code == 200
    assert Import.objects.get(pk=source.pk).state == "checked"
    assert ask("maker", f"/enrollment/import/{source.pk}/cancel/", {}).status_code == 302
    assert Import.objects.get(pk=source.pk).state == "cancelled"
    assert "已放弃" in text_of(ask("maker", f"/enrollment/import/{source.pk}/change/"))


def test_a_file_is_taken_back_by_another_than_who_asks(
    ask: Ask, asked: list[tuple[str, int]]
) -> None:
    source = sent(ask)
    assert asked == [("work_on_import", source.pk)]
    ask("checker", f"/enrollment/import/{source.pk}/confirm/", {"previews": 1})
    assert asked == [("work_on_import", source.pk)] * 2
    worked(source)
    page = f"/enrollment/import/{source.pk}/"
    assert "可撤销行数 1" in text_of(ask("maker", f"{page}change/"))
    assert b'id="undo"' not in ask("auditor", f"{page}change/").content
    assert "请填写撤销原因" in text_of(ask("maker", f"{page}undo/", {"reason": " "}))
    assert ask("maker", f"{page}undo/", {"reason": "名单有误"}).status_code == 302
    assert b'id="undo-it"' not in ask("maker", f"{page}change/").content
    assert ask("maker", f"{page}undo/decide/", {}).status_code == 200
    assert ask("auditor", f"{page}undo/leave/", {}).status_code == 200
    assert b'id="undo-it"' in ask("checker", f"{page}change/").content
    assert ask("checker", f"{page}undo/decide/", {}).status_code == 302
    assert asked[2:] == [("take_import_back", source.pk)]
    assert b"data-refresh-url" in ask("checker", f"{page}change/").content
    as_role("worker", lambda: import_undo.work(import_id=source.pk))
    told = text_of(ask("checker", f"{page}change/"))
    assert "撤销 1 行，保留 0 行" in told
    assert "已全部撤销" in told
    assert not PersonCategory.objects.filter(person__name="张三", valid__contains=TODAY).filter(
        pk__in=source.effects.values("row_id")
    )


@pytest.mark.parametrize("kind", sorted(import_kinds.items))
def test_templates_are_taken_by_their_own_reader(ask: Ask, kind: str) -> None:
    text = ask("maker", f"/enrollment/import/template/{kind}/csv/").content.decode("utf-8-sig")
    chinese = [column.chinese for column in import_kinds[kind].columns]
    assert next(csv.reader([text])) == chinese
    book = ask("maker", f"/enrollment/import/template/{kind}/xlsx/").content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [cell.value for cell in sheet[1]] == chinese
    assert match_header(import_kinds[kind], chinese).width == len(chinese)
    assert ask("auditor", f"/enrollment/import/template/{kind}/csv/").status_code == 403


def test_the_list_is_read_by_key_and_counted_by_nobody(ask: Ask, officers: dict[str, User]) -> None:
    sent(ask)

    def statements() -> list[str]:
        client = logged_in(officers["maker"])
        client.get("/enrollment/import/")
        return queries_of(lambda: client.get("/enrollment/import/"))

    few = as_role("web", statements)
    assert_counts_nothing(few)
    for _ in range(3):
        sent(ask)
    assert len(as_role("web", statements)) == len(few)
    for query in ("state=applied", "kind=people", "by=me"):
        assert ask("maker", f"/enrollment/import/?{query}").status_code == 200
