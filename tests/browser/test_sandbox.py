"""The policy sandbox in a browser: years by mouse and keys, readings side by side, paper."""

from typing import Literal

import pytest
from django.urls import reverse

from config.sandbox.groups import GROUPS
from enrollment.models import User
from tests import cast
from tests.browser.conftest import OpenWindow, Window
from tests.sizes import FULL

COVER = "#y-{year}[data-cover={cover}]"
# The first cell of the law in force and of the reading beside it, in the row of the first day.
START = "#sandbox-result .tc-readings tr:has(th:text-is('待遇起始日')) td"


@pytest.fixture
def supervisor(transactional_db: None) -> User:
    cast.law()
    return cast.officer("Supervisor", "wang", "王建国")


def page_of(group: str) -> str:
    return reverse("admin:sandbox_group", args=[group])


def starts(page: Window) -> list[str]:
    """First benefit day under the law in force and under each other reading."""
    return [str(text).strip() for text in page.page.locator(START).all_inner_texts()]


def test_years_are_turned_by_clicks_and_both_readings_follow_in_place(
    window: OpenWindow, supervisor: User
) -> None:
    page = window(user=supervisor)
    asked: list[str] = []
    page.open(page_of("waiting_period"))
    page.page.on("framenavigated", lambda frame: asked.append(frame.url))
    assert starts(page)[:2] == ["2028-05-01", "2028-06-01"]
    page.page.fill("#id_repair_years", "0")
    page.page.click("#y-2027")
    page.page.wait_for_selector(f"{START}:has-text('2028-01-01')")
    assert page.page.is_visible(COVER.format(year=2027, cover="R"))
    assert len(set(starts(page))) == 1
    assert page.page.locator(".tc-differs").count() == 0
    page.page.click("#y-2027")
    page.page.click("#y-2027")
    page.page.wait_for_selector(f"{START}:has-text('2028-07-01')")
    assert starts(page)[:2] == ["2028-06-01", "2028-07-01"]
    assert page.page.locator(".tc-readings .tc-differs").count() > 0
    assert page.page.locator(".tc-trace .tc-differs").count() > 0
    assert "皖医保发〔2024〕6号" in page.text(".tc-trace")
    assert asked == []  # no page was loaded


def test_years_are_turned_by_keys_alone(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open(page_of("waiting_period"))
    keys = page.page.keyboard
    page.page.fill("#id_repair_years", "0")
    page.page.focus("#y-2027")
    keys.press("Enter")
    page.page.wait_for_selector(COVER.format(year=2027, cover="R"))
    keys.press("ArrowLeft")
    keys.press("e")
    page.page.wait_for_selector(COVER.format(year=2026, cover="E"))
    keys.press("ArrowLeft")
    keys.press("r")
    keys.press("n")
    keys.press("Space")
    page.page.wait_for_selector(COVER.format(year=2025, cover="R"))
    page.page.wait_for_selector(f"{START}:has-text('2028-01-01')")
    assert page.page.evaluate("document.activeElement.id") == "y-2025"


def test_what_is_typed_is_computed_and_a_mistake_stands_at_its_field(
    window: OpenWindow, supervisor: User
) -> None:
    page = window(user=supervisor)
    page.open(page_of("waiting_period"))
    page.page.fill("#id_repair_years", "9")
    page.page.wait_for_selector("#e-repair_years li")
    assert "最多修复 2 年" in page.text("#e-repair_years")
    assert page.page.evaluate("document.activeElement.id") == "id_repair_years"
    page.page.fill("#id_repair_years", "2")
    page.page.wait_for_selector("#e-repair_years li", state="detached")
    page.page.click("#beside-never_enrolled_counts")
    page.page.wait_for_selector(".tc-trace .tc-differs", state="detached")
    assert "W-A3" in page.text(".tc-trace thead")
    page.page.fill("#id_target_year", "2029")
    page.page.wait_for_selector("#y-2028")


def test_claims_by_year_move_the_ceiling(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.open(page_of("major_illness_cap"))
    assert "306,000.00" in page.text("#sandbox-result")
    page.page.uncheck("input[name=zero_claim_years][value='2025']")
    page.page.wait_for_selector("#sandbox-result :text('303,000.00')")


def test_paper_shows_the_case_the_outcome_and_who_printed_it(
    window: OpenWindow, supervisor: User
) -> None:
    page = window(user=supervisor)
    page.open(page_of("waiting_period"))
    assert not page.page.is_visible(".tc-print-only")
    page.page.emulate_media(media="print")
    for shown in (".tc-print-only", ".tc-yearrow", ".tc-readings", ".tc-trace", ".tc-sign-off"):
        assert page.page.is_visible(shown), shown
    for hidden in ("#header", ".tc-pagetabs", "#case", "button.default", "#id_payment_date"):
        assert not page.page.is_visible(hidden), hidden
    assert "王建国" in page.text(".tc-sign-off")


@pytest.mark.parametrize(
    ("theme", "language"), [("dark", "en"), *([("light", "zh-hans")] if FULL else [])]
)
def test_every_form_of_every_group_fits_the_desk(
    window: OpenWindow, supervisor: User, theme: Literal["light", "dark"], language: str
) -> None:
    page = window(user=supervisor, theme=theme, language=language)
    for group in GROUPS.values():
        for form in group.forms:
            assert page.open(f"{page_of(group.name)}?form={form.name}") == 200
            assert not page.overflows(), (group.name, form.name)


def test_without_script_the_buttons_send_the_form(window: OpenWindow, supervisor: User) -> None:
    page = window(user=supervisor)
    page.page.route("**/sandbox*.js", lambda route: route.fulfill(body=""))
    page.open(page_of("waiting_period"))
    page.page.fill("#id_repair_years", "0")
    page.page.click("#y-2027")
    page.page.wait_for_load_state()
    assert page.page.is_visible(COVER.format(year=2027, cover="R"))
    assert set(starts(page)) == {"2028-01-01"}
    page.page.click("button.default")
    page.page.wait_for_load_state()
    assert page.page.is_visible(COVER.format(year=2027, cover="R"))
