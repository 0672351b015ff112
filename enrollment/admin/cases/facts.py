"""What a case rests on, as the page shows it; the same facts are signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from enrollment.admin.base import yuan
from enrollment.rules.lifecycle import Fact


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact as the page shows it."""

    label: str
    text: str
    is_money: bool


def shown(facts: Iterable[Fact]) -> list[ShownFact]:
    """The facts in the language of the page; what is shown is exactly what is signed."""
    return [
        ShownFact(_(fact.label), fact.shown or text_of(fact.value), fact.label.endswith("(yuan)"))
        for fact in facts
    ]


def text_of(value: Any) -> str:
    """A value as it stands on a page: money with separators, days as 2026-11-20."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | str):
        return str(value)
    return yuan(value)
