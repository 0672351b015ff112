"""The looks that a page has: size, theme and language."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from tests.browser.conftest import Window
from tests.sizes import FULL

LOOKS = [
    (size, theme, language)
    for size in ("field", "large")
    for theme in ("light", "dark")
    for language in ("zh-hans", "en")
    # Everyday each size, theme and language is seen once.
    if FULL or (size == "large") == (theme == "dark") == (language == "en")
]
OF_A_LOOK = ("size", "theme", "language")
LIGHT = "#F7F9FA"
GROUND_OF_HEADS = "getComputedStyle(document.body).getPropertyValue('--tc-alt').trim()"
SHEET = {"width": 1047, "height": 718}  # A4 landscape within the margins of a sheet, in pixels


def on_paper(window: Window, shot: Callable[[Window, str], None], name: str) -> None:
    """The page that is open, as its sheet prints it: every column, its scope, and no buttons."""
    page = window.page
    screen = page.viewport_size
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for hidden in ("#header", "#nav-sidebar", ".breadcrumbs", ".button", ".tc-chart"):
        assert page.locator(hidden).filter(visible=True).count() == 0, (name, hidden)
    assert page.is_visible(".tc-scope"), name
    assert page.evaluate(GROUND_OF_HEADS) == LIGHT, name  # in the dark theme too
    shot(window, f"paper-{name}")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.set_viewport_size(screen)


def in_every_look(test: Callable[..., None]) -> Callable[..., None]:
    """A test that only looks: run in each look, with what was set up once for all of them."""

    @functools.wraps(test)
    def looked_at(**given: Any) -> None:
        for look in LOOKS:
            try:
                test(**given, **dict(zip(OF_A_LOOK, look, strict=True)))
            except AssertionError as error:
                error.add_note(f"in the look {' '.join(look)}")
                raise

    signature = inspect.signature(test)
    kept = [each for name, each in signature.parameters.items() if name not in OF_A_LOOK]
    looked_at.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return looked_at
