"""A refused input: every rule answers bad facts with a name, never with a guess."""

from collections.abc import Mapping
from typing import Any


class RuleRefused(ValueError):
    """A rule cannot answer: `name` says why, `details` give what the caller may show.

    Names are stable lower-case codes (`repair_exceeds_useful`); screens translate them.
    """

    def __init__(self, name: str, **details: Any) -> None:
        self.name = name
        self.details: Mapping[str, Any] = details
        told = ", ".join(f"{key}={value}" for key, value in details.items())
        super().__init__(f"{name} ({told})" if told else name)
