"""A file in a browser, a worker at its side: sent, checked, confirmed, taken back."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import openpyxl
import pytest
from django.conf import settings
from django.db import connection

from config import embedded
from enrollment.models import Import, Person, PersonCategory
from tests import cast
from tests.browser.conftest import OpenWindow, Window, press

TODAY = date(2026, 11, 20)
HEADER = ["类别", "证件号码", "认定日期", "终止日期", "来源部门"]
PATIENCE = 60_000  # milliseconds in which a worker has started and done a short file


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def people(live_server: Any) -> list[Person]:
    cast.law()
    return [cast.person("张三", number=1), cast.person("李四", number=2)]


@pytest.fixture
def worker(live_server: Any) -> Iterator[None]:
    """`celery worker` as the plain worker role, on the database of the test."""
    addresses = {}
    for name in settings.ROLE_URLS.values():
        parts = urlsplit(os.environ[name])
        addresses[name] = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    process = subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "config.worker", "worker", "--pool=solo",
            "--loglevel=warning", "--without-gossip", "--without-mingle", "--hostname=files@%h",
        ],
        cwd=Path(embedded.__file__).parents[2],
        env={**os.environ, **addresses},
    )  # fmt: skip
    yield
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()


def list_of(people: list[Person]) -> bytes:
    """低保 for both, a line of nobody, a line with a word that is not known."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名单"
    sheet.append(HEADER)
    for person in people:
        sheet.append(["低保", person.identity_number, "2026-11-01", "长期", "民政局"])
    sheet.append(["低保", "349900197205040999", "2026-11-01", "长期", "民政局"])
    sheet.append(["先富", people[0].identity_number, "2026-11-01", "", "民政局"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def wait_for(window: Window, text: str) -> None:
    window.page.wait_for_selector(f".tc-title .tc-chip:has-text('{text}')", timeout=PATIENCE)


def test_a_list_goes_from_the_sender_to_the_register(
    window: OpenWindow, people: list[Person], worker: None, shot: Callable[[Window, str], None]
) -> None:
    maker = window(user=cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI))
    maker.open("/enrollment/import/")
    assert "还没有收到文件" in maker.text("#content")
    shot(maker, "imports-empty")
    maker.page.keyboard.press("n")
    maker.page.wait_for_url("**/enrollment/import/add/")
    shot(maker, "imports-send")
    maker.page.select_option("[name=kind]", "categories")
    maker.page.set_input_files(
        "[name=file]",
        {"name": "低保名单.xlsx", "mimeType": "application/x", "buffer": list_of(people)},
    )
    maker.page.get_by_role("button", name="上传并校验").click()
    maker.page.wait_for_url("**/change/")
    shot(maker, "imports-checking")
    wait_for(maker, "已检查")
    told = maker.text("#content")
    assert "工作表 名单" in told
    assert "须由他人确认" in told
    assert [
        cell.inner_text() for cell in maker.page.query_selector_all("#import-live tbody th")
    ] == ["4", "5"]
    assert not PersonCategory.objects.exists()
    shot(maker, "imports-checked-maker")

    checker = window(user=cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI))
    checker.open("/enrollment/import/")
    shot(checker, "imports-list")
    checker.page.locator("#result_list tbody th a").first.click()
    checker.settle()
    shot(checker, "imports-checked-checker")
    press(checker, "确认入库")
    wait_for(checker, "已入库")
    shot(checker, "imports-applied")
    assert PersonCategory.objects.count() == 2
    with checker.page.expect_download() as taken:
        checker.page.get_by_role("link", name="下载退回行").click()
    given = io.BytesIO(Path(taken.value.path()).read_bytes())
    rows = list(openpyxl.load_workbook(given).active.iter_rows(values_only=True))
    assert rows[0] == (*HEADER, "行号", "有误的列", "原因")
    assert [(row[0], row[5], row[6]) for row in rows[1:]] == [
        ("低保", "4", "证件号码"),
        ("先富", "5", "类别"),
    ]
    assert Import.objects.filter(confirmed_by__username="zhang", state="applied").exists()

    maker.open(f"/enrollment/import/{Import.objects.get().pk}/change/")
    maker.page.fill("#undo-reason", "名单取错了县区")
    shot(maker, "imports-undo")
    press(maker, "申请撤销")
    PersonCategory.objects.filter(person=people[0]).update(evidence="低保证 340104-2026-118")
    checker.page.reload()
    shot(checker, "imports-undo-asked")
    press(checker, "确认撤销")
    wait_for(checker, "已撤销")
    shot(checker, "imports-undone")
    assert PersonCategory.objects.get().person == people[0]

    dark = window(
        user=cast.officer("Auditor", "zhou", "周明", region=cast.HEFEI),
        theme="dark",
        language="en",
    )
    dark.open(f"/enrollment/import/{Import.objects.get().pk}/change/")
    assert "Take the refused lines" not in dark.text("#content")
    shot(dark, "imports-applied-dark")


def test_a_file_that_is_refused_or_given_up_says_so(
    window: OpenWindow, people: list[Person], worker: None, shot: Callable[[Window, str], None]
) -> None:
    maker = window(user=cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI))
    maker.open("/enrollment/import/add/")
    maker.page.get_by_role("button", name="上传并校验").click()
    maker.page.wait_for_selector(".errornote")
    shot(maker, "imports-no-file")
    maker.page.set_input_files(
        "[name=file]",
        {"name": "list.csv", "mimeType": "text/csv", "buffer": "证件号,类别\n1,低保\n".encode()},
    )
    maker.page.select_option("[name=kind]", "categories")
    maker.page.get_by_role("button", name="上传并校验").click()
    wait_for(maker, "已拒收")
    assert "renamed_column" in maker.text("#content")
    shot(maker, "imports-refused")
