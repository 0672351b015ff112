"""What a report says: keys and figures without words, what they are compared with, and its digest.

Counts are people, money is yuan with two places, shares are cut to six places.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

SHARE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Tie:
    """A figure of a report beside the same from where it comes from."""

    name: str
    told: str
    found: str

    @property
    def holds(self) -> bool:
        return self.told == self.found


@dataclass(frozen=True, slots=True)
class Body:
    """What a report says of a benefit year. A row is of a region, or of a kind of account."""

    year: int
    rows: list[tuple[str, list[str]]]
    total: list[str]
    ties: list[Tie] = field(default_factory=list)

    @property
    def is_tied(self) -> bool:
        """Whether it was compared and every figure is the same."""
        return bool(self.ties) and all(tie.holds for tie in self.ties)

    def as_json(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "rows": [[key, values] for key, values in self.rows],
            "total": self.total,
            "ties": [[tie.name, tie.told, tie.found] for tie in self.ties],
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Body":
        return cls(
            year=told["year"],
            rows=[(key, values) for key, values in told["rows"]],
            total=told["total"],
            ties=[Tie(*tie) for tie in told["ties"]],
        )


def digest_of(kind: str, as_of: date, body: Body) -> str:
    """SHA-256 of what a report says."""
    said = [kind, as_of.isoformat(), body.as_json()]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def share(part: int | Decimal, whole: int | Decimal) -> str:
    """A share of one, cut; empty where there is no whole."""
    return cut(Decimal(part) / whole) if whole else ""


def cut(value: Decimal | None) -> str:
    """A share as reports tell it: never rounded up, empty where it does not apply."""
    return "" if value is None else str(value.quantize(SHARE, rounding=ROUND_DOWN))


__all__ = ["Body", "Tie", "cut", "digest_of", "share"]
