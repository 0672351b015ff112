"""The worked cases of the law as examples to start from: the same file that the tests run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

FILE = Path("tests", "rules", "cases.json")


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case: its number and title, what goes in, and the numbers that it supposes."""

    key: str
    group: str
    title: str  # an English msgid; the catalogue is held against the file
    inputs: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Number and title in the language of the page. A catalogue doubles each per cent."""
        return f"{self.key} {_(self.title.replace('%', '%%')).replace('%%', '%')}"


@cache
def examples() -> Mapping[str, Example]:
    """Every worked case by its number, read once; none where the file was not installed."""
    path = settings.BASE_DIR / FILE
    if not path.exists():
        return {}
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return {
        case["id"]: Example(case["id"], case["group"], case["title"], case["inputs"])
        for case in cases
    }


def examples_of(group: str) -> Sequence[Example]:
    """The worked cases of a group, in the order of the file."""
    return [each for each in examples().values() if each.group == group]
