"""Headless Chromium: who is logged in, at which size, theme and language, and what it complains of.

A machine without a Chromium collects none of these tests, and the last lines say so.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

SIZES = {"field": (1366, 768), "large": (1920, 1080)}  # what stands on the desks of agencies
BEGINS, ANSWERED = 80, 20_000  # milliseconds until an act asks the server, and has its answer
HERE = Path(__file__).resolve().parent
# Tables that are wider than the panel they stand in.
TOO_WIDE = """Array.from(document.querySelectorAll('#content table'))
    .filter((table) => table.offsetWidth > table.parentElement.clientWidth + 1)
    .map((table) => table.className)"""


def chromium_path() -> str | None:
    """`TONGCHOU_CHROMIUM`, or the Chromium of the machine.

    The shell without a window comes first: a whole browser draws its own tabs and bars as well.
    """
    named = os.environ.get("TONGCHOU_CHROMIUM")
    if named:
        return named
    for name in (
        "chromium-headless-shell",
        "/usr/bin/chromium",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ):
        found = shutil.which(name)
        if found:
            return found
    return None


CHROMIUM = chromium_path()
collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, so that `-m "not browser"` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say that the browser tests were left out; they are never silently missing."""
    if CHROMIUM is None:
        terminalreporter.write_line(
            "No Chromium found (TONGCHOU_CHROMIUM names one): the browser tests were left out."
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser of this test run."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The synchronous interface runs a loop in this thread, which Django takes for a server's.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
        # While a loop runs, Django keeps connections of its own for it: nobody else could end them.
        connections.close_all()


@dataclass
class Window:
    """One open page and everything that it complained of."""

    page: Any
    address: str
    complaints: list[str]
    asked: set[Any]  # requests that are not answered yet

    def open(self, path: str) -> int:
        """Go to a path of the site: the status of the answer."""
        return int(self.page.goto(self.address + path).status)

    def settle(self) -> None:
        """Wait until what an act began is there: the page that it leads to, the answers it asked.

        Playwright's own "networkidle" waits for half a second of silence after every act.
        """
        from playwright.sync_api import Error

        self.page.wait_for_timeout(BEGINS)
        # A busy machine begins later; a page that is left meanwhile cannot answer, and has begun.
        with suppress(Error):
            self.page.evaluate("new Promise((done) => setTimeout(done, 0))")
        for _ in range(ANSWERED // BEGINS):
            self.page.wait_for_load_state("load")
            if not self.asked:
                return
            self.page.wait_for_timeout(BEGINS)
        raise AssertionError(f"not answered: {[request.url for request in self.asked]}")

    def text(self, selector: str) -> str:
        """What stands in the first element that fits."""
        return str(self.page.inner_text(selector)).strip()

    def overflows(self) -> bool:
        """Whether the page, once it is there, is wider than its window."""
        self.page.wait_for_load_state("load")
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


OpenWindow = Callable[..., Window]


@pytest.fixture
def window(chromium: Any, live_server: Any) -> Iterator[OpenWindow]:
    """Open a page: `window(user=..., size="field", theme="light", language="zh-hans")`.

    At the end of the test it must have written nothing to the console, broken no content security
    policy and asked no other host. `expected` names parts of messages that the test provokes.
    """
    contexts: list[Any] = []
    windows: list[tuple[Window, tuple[str, ...]]] = []

    def open_window(
        *,
        user: Any = None,
        size: Literal["field", "large"] = "field",
        theme: Literal["light", "dark"] = "light",
        language: str = "zh-hans",
        expected: tuple[str, ...] = (),
        permissions: tuple[str, ...] = (),
    ) -> Window:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", permissions=permissions
        )
        contexts.append(context)
        context.add_init_script(
            f"localStorage.getItem('theme') || localStorage.setItem('theme', '{theme}')"
        )
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[
                settings.SESSION_COOKIE_NAME
            ].value
        context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        page = context.new_page()
        opened = Window(page, live_server.url, [], set())
        host = urlsplit(live_server.url).netloc

        def asked(request: Any) -> None:
            opened.asked.add(request)
            if urlsplit(request.url).netloc not in {host, ""}:
                opened.complaints.append(f"asked another host: {request.url}")

        page.on("console", lambda message: opened.complaints.append(message.text))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))

        def answered(request: Any) -> None:
            opened.asked.discard(request)

        def gone_on(frame: Any) -> None:
            if frame == page.main_frame:  # whatever the page before still asked is of no interest
                opened.asked.clear()

        page.on("request", asked)
        page.on("framenavigated", gone_on)
        page.on("requestfinished", answered)
        page.on("requestfailed", answered)
        windows.append((opened, expected))
        return opened

    yield open_window
    for context in contexts:
        context.close()
    for opened, expected in windows:
        unforeseen = [
            complaint
            for complaint in opened.complaints
            if not any(part in complaint for part in expected)
        ]
        assert unforeseen == []


@pytest.fixture
def shot() -> Callable[[Window, str], None]:
    """Keep a picture where TONGCHOU_PICTURES names a folder."""
    folder = os.environ.get("TONGCHOU_PICTURES")

    def take(window: Window, name: str) -> None:
        assert not window.overflows(), name
        wide = window.page.evaluate(TOO_WIDE)
        assert wide == [], name
        if folder:
            window.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    return take


def press(window: Window, label: str) -> None:
    window.page.get_by_role("button", name=label).click()
    window.settle()
