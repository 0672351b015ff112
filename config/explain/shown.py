"""Outcomes and traces as JSON."""

from datetime import date
from decimal import Decimal
from typing import Any

from enrollment.rules.money import plain
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import Trace

Answer = tuple[dict[str, Any], Trace]


def money(amount: Decimal | None) -> str | None:
    """Yuan with two places."""
    return None if amount is None else f"{amount:.2f}"


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def yuan_number(amount: Decimal) -> int | str:
    """Whole yuan as a number, anything else as a string."""
    return int(amount) if amount == amount.to_integral_value() else plain(amount)


def shown(value: Any) -> Any:
    """A value of a trace or refusal."""
    match value:
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return value


def show_details(refused: RuleRefused) -> dict[str, Any]:
    return {key: shown(value) for key, value in refused.details.items()}


def show_trace(trace: Trace) -> list[dict[str, Any]]:
    return [
        {
            "label": line.label,
            "value": shown(line.value),
            "parameter": line.parameter,
            "document": line.document,
            "clause": line.clause,
        }
        for line in trace
    ]
