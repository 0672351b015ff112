"""How a figure came about: ordered steps, each with the parameter and clause behind it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Shown = Decimal | date | int | str | bool | None


def gettext_noop(message: str) -> str:
    """Mark a label for the catalogue; it is translated where it is shown, not where it is made."""
    return message


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a number comes from: parameter code, document (文号 or title) and clause (条款)."""

    parameter: str = ""
    document: str = ""
    clause: str = ""


NO_CITATION = Citation()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of a computation. `label` is an English msgid; the rest is data."""

    label: str
    value: Shown
    parameter: str = ""
    document: str = ""
    clause: str = ""


Trace = tuple[TraceLine, ...]


def step(label: str, value: Shown, source: Citation = NO_CITATION) -> TraceLine:
    """A trace line that cites `source`."""
    return TraceLine(label, value, source.parameter, source.document, source.clause)
