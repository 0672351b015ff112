"""The shell in a browser: look, keys, refreshing, the why panel in place, copying."""

from typing import Any, Literal

import pytest

from enrollment.models import User
from tests import cast
from tests.browser.conftest import OpenWindow, Window

LOGIN = {"zh-hans": "登录", "en": "Log in"}
DESK = {"zh-hans": "我的工作台", "en": "My desk"}
every_look = pytest.mark.parametrize(
    ("size", "theme", "language"),
    [
        (size, theme, language)
        for size in ("field", "large")
        for theme in ("light", "dark")
        for language in ("zh-hans", "en")
    ],
)
GROUND = {"light": "rgb(242, 244, 247)", "dark": "rgb(17, 23, 29)"}


@pytest.fixture
def supervisor(transactional_db: None) -> User:
    """Wang, who supervises."""
    return cast.officer("Supervisor", "wang", "王建国")


def ground(window: Window) -> str:
    """The colour behind everything."""
    return str(window.page.evaluate("getComputedStyle(document.body).backgroundColor"))


@every_look
def test_the_login_page_in_every_look(
    window: OpenWindow,
    size: Literal["field", "large"],
    theme: Literal["light", "dark"],
    language: str,
) -> None:
    page = window(size=size, theme=theme, language=language)
    assert page.open("/login/") == 200
    assert page.text("#gate-h") == LOGIN[language]
    assert ground(page) == GROUND[theme]
    assert not page.overflows()


@every_look
def test_the_desk_in_every_look(
    window: OpenWindow,
    supervisor: User,
    size: Literal["field", "large"],
    theme: Literal["light", "dark"],
    language: str,
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    assert page.open("/") == 200
    assert page.text("#content h1") == DESK[language]
    assert page.text("#nav-sidebar [aria-current=page]") == DESK[language]
    assert ground(page) == GROUND[theme]
    assert not page.overflows()
    header = page.page.locator("#header").bounding_box()
    assert header["height"] == 44
    wrapped = page.page.evaluate(
        "Array.from(document.querySelectorAll('#header *, .tc-scope li'))"
        ".filter((each) => !each.closest('.card') && each.offsetHeight > 44).length"
    )
    assert wrapped == 0


def test_a_login_by_hand_and_out_again(window: OpenWindow, supervisor: User) -> None:
    supervisor.set_password("eight-otters-swim-north")
    supervisor.save()
    page = window()
    page.open("/")
    assert "/login/" in page.page.url
    page.page.keyboard.type("wang")
    page.page.keyboard.press("Tab")
    page.page.keyboard.type("eight-otters-swim-north")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url(page.address + "/")
    assert page.text(".tc-account strong") == "王建国"
    page.page.click("#logout-form button")
    page.page.wait_for_load_state()
    page.open("/")
    assert "/login/" in page.page.url


def test_the_language_switch_stays_on_the_page(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open("/password_change/")
    page.page.click(".tc-language button")
    page.page.wait_for_selector("html:lang(en)")
    assert page.page.url == page.address + "/password_change/"


def test_the_theme_button_turns_and_the_choice_stays(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open("/")
    page.page.click(".theme-toggle")
    chosen = page.page.evaluate("document.documentElement.dataset.theme")
    assert chosen != "light"
    page.open("/password_change/done/")
    assert page.page.evaluate("document.documentElement.dataset.theme") == chosen


# Keys.


@pytest.fixture
def desk(window: OpenWindow, supervisor: User) -> Window:
    """Wang's desk, open."""
    page = window(user=supervisor, permissions=("clipboard-read", "clipboard-write"))
    page.open("/")
    return page


def test_the_card_of_keys_opens_by_its_key_and_goes(desk: Window) -> None:
    desk.page.keyboard.press("Shift+Slash")
    assert desk.page.is_visible("#tc-keys")
    desk.page.keyboard.press("Escape")
    assert not desk.page.is_visible("#tc-keys")


def test_two_letters_lead_to_a_page(desk: Window) -> None:
    desk.open("/password_change/done/")
    desk.page.keyboard.press("g")
    desk.page.keyboard.press("h")
    desk.page.wait_for_url(desk.address + "/")


def test_letters_typed_into_a_field_are_no_keys(desk: Window) -> None:
    desk.open("/password_change/done/")
    desk.page.focus("#nav-filter")
    desk.page.keyboard.type("gh?")
    assert desk.page.input_value("#nav-filter") == "gh?"
    assert desk.page.url.endswith("/done/")
    desk.page.fill("#nav-filter", "")


def test_single_keys_can_be_switched_off(desk: Window) -> None:
    desk.page.keyboard.press("Shift+Slash")
    desk.page.uncheck("#tc-keys-on")
    desk.open("/password_change/done/")
    desk.page.keyboard.press("Shift+Slash")
    assert not desk.page.is_visible("#tc-keys")


# Parts of a page that a screen may use; put into the start page on its way to the browser.


def with_part(page: Window, html: str) -> None:
    """Open the start page with this in it."""

    def add(route: Any) -> None:
        answer = route.fetch()
        body = answer.text().replace('<div id="content-main">', f'<div id="content-main">{html}', 1)
        route.fulfill(response=answer, body=body)

    page.page.route(page.address + "/", add)
    page.open("/")


ROWS = """<table class="tc-t"><tbody>
<tr><td><input type="checkbox"></td><td><a href="#one">1</a></td></tr>
<tr><td><input type="checkbox"></td><td><a href="#two">2</a></td></tr></tbody></table>"""


def test_rows_are_walked_ticked_and_opened_by_keys(desk: Window) -> None:
    with_part(desk, ROWS)
    for key in ("j", "j", "k", "j", "x", "Enter"):
        desk.page.keyboard.press(key)
    assert desk.page.evaluate("document.querySelectorAll('.tc-t tr.sel').length") == 1
    assert desk.page.is_checked("tr.sel input")
    assert desk.page.url.endswith("#two")


REFRESHED = """<p id="said" aria-live="polite" data-refresh-copy="done"></p>
<div id="part" data-refresh-url="/part/" data-refresh-seconds="0.1"><p id="done">1</p></div>"""


def answers(page: Window, *given: dict[str, Any]) -> list[Any]:
    """Answer /part/ with these, one after the other, the last one for ever: the requests."""
    asked: list[Any] = []

    def answer(route: Any) -> None:
        asked.append(route.request)
        route.fulfill(**given[min(len(asked), len(given)) - 1])

    page.page.route("**/part/", answer)
    return asked


def test_a_part_refreshes_itself_as_a_poll_and_reads_its_summary_aloud(desk: Window) -> None:
    last = {"body": "<p id='done'>3</p>", "headers": {"X-Refresh": "stop"}}
    asked = answers(desk, {"body": "<p id='done'>2</p>"}, last)
    with_part(desk, REFRESHED)
    desk.page.wait_for_selector("#said:text-is('3')")
    desk.page.wait_for_timeout(400)
    assert len(asked) == 2  # X-Refresh: stop ended it
    assert asked[0].headers["x-poll"] == "1"


def test_a_part_that_cannot_be_refreshed_says_since_when_and_tries_on(
    window: OpenWindow, supervisor: User
) -> None:
    page = window(user=supervisor, expected=("503",))
    away = [True]

    def answer(route: Any) -> None:
        if away:
            route.fulfill(status=503, body="")
        else:
            stop = {"X-Refresh": "stop"}
            route.fulfill(body="<p id='done'>2</p>", headers=stop)

    page.page.route("**/part/", answer)
    with_part(page, REFRESHED)
    page.page.wait_for_selector(".tc-stale")
    assert "未能刷新" in page.text(".tc-stale")
    assert page.text("#done") == "1"
    away.clear()
    page.page.wait_for_selector("#done:text-is('2')")
    assert page.page.query_selector(".tc-stale") is None


def test_a_part_whose_login_ended_leads_to_the_login(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor, expected=("401",))
    asked = answers(page, {"status": 401, "body": "", "headers": {"X-Login": "/login/?ended=idle"}})
    with_part(page, REFRESHED)
    page.page.wait_for_selector(".tc-stale a")
    assert page.page.get_attribute(".tc-stale a", "href") == "/login/?ended=idle"
    page.page.wait_for_timeout(300)
    assert len(asked) == 1


WHY = """<p>300,000.00 <a class="tc-why-btn" href="/?why=cap" aria-label="依据"></a></p>
<div data-why></div>"""


def test_the_why_panel_opens_in_place_and_closes_where_one_was(desk: Window) -> None:
    panel = '<aside class="tc-why" id="why"><header><h2>封顶线</h2></header></aside>'
    desk.page.route("**/?why=cap", lambda route: route.fulfill(
        content_type="text/html; charset=utf-8", body=f"<html><body>{panel}</body></html>"
    ))  # fmt: skip
    with_part(desk, WHY)
    before = desk.page.url
    desk.page.keyboard.press("w")
    desk.page.wait_for_selector("[data-why] #why")
    assert desk.text("#why") == "封顶线"
    assert desk.page.get_attribute(".tc-why-btn", "aria-expanded") == "true"
    assert desk.page.evaluate("document.activeElement.id") == "why"
    desk.page.keyboard.press("Escape")
    assert desk.page.query_selector("#why") is None
    assert desk.page.evaluate("document.activeElement.className") == "tc-why-btn"
    assert desk.page.url == before


def test_a_digest_is_copied_whole(desk: Window) -> None:
    with_part(desk, '<button type="button" class="button" data-copy="9c41e7a05b2d">复制</button>')
    desk.page.click("[data-copy]")
    desk.page.wait_for_selector("[data-copy]:text-is('已复制')")
    assert desk.page.evaluate("navigator.clipboard.readText()") == "9c41e7a05b2d"


def test_the_fixture_notices_what_the_policy_blocks(window: OpenWindow, supervisor: User) -> None:
    """An inline style, as a control: without it, silence would prove nothing."""
    page = window(user=supervisor, expected=("style-src",))
    with_part(page, '<p style="color: red">x</p>')
    assert any("style-src" in complaint for complaint in page.complaints)
