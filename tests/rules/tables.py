"""Tables of the algorithm pages, so that page and rule cannot part."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from enrollment.rules.refusals import RuleRefused

ALGORITHMS = Path(__file__).resolve().parents[2] / "docs" / "algorithms"


def rows_under(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of the first table under a heading, by column name."""
    text = (ALGORITHMS / page).read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    names = _cells(lines[0])
    return [dict(zip(names, _cells(line), strict=True)) for line in lines[2:]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def day_or_none(cell: str) -> date | None:
    """A day, or the word none."""
    return None if cell == "none" else date.fromisoformat(cell)


def refusal_of(act: Callable[[], object]) -> str:
    """The name under which a rule refuses."""
    with pytest.raises(RuleRefused) as refused:
        act()
    return refused.value.name
