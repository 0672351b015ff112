"""What areas set themselves: which parameters, within what, and what holds there now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from enrollment.models import PolicyParameter
from enrollment.rules.parameter_checks import check_cities, share_bounds
from enrollment.rules.parameter_input import TYPED
from enrollment.rules.parameter_units import stored
from enrollment.rules.parameters import (
    Definition,
    ParameterBook,
    ParameterValue,
    province_of,
)
from enrollment.selectors.parameters import definitions
from enrollment.selectors.policy import SCHEMES, PolicyBook, policy_book

SCHEME_OF = {word: number for number, word in SCHEMES.items()}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the law lets an area set on a day, as stored JSON; None where it names no bound."""

    low: Any = None
    high: Any = None


def settable() -> dict[str, Definition]:
    """The parameters that areas may set, by code."""
    found = definitions()
    return {
        code: found[code]
        for code in sorted(found)
        if found[code].city_rule.kind != "refused" and found[code].unit in TYPED
    }


def book_of(found: Iterable[Definition]) -> PolicyBook:
    """The published values that the limits of some parameters rest on."""
    codes = {code for each in found for code in _codes(each)}
    return policy_book(codes)


def _codes(definition: Definition) -> set[str]:
    rule = definition.city_rule
    return {code for code in (definition.code, rule.share_of, rule.rates) if code}


def limits_of(definition: Definition, area: int, on: date, book: PolicyBook) -> Limits:
    """The bounds for an area (twelve digits) on a day. Raises MissingParameter."""
    province = province_of(area // 10**6)
    rule, scheme = definition.city_rule, definition.scheme

    def find(code: str) -> ParameterValue:
        return book.find(code, area=province, on=on, scheme=scheme)

    match rule.kind:
        case "share":
            low, high = share_bounds(find(rule.share_of).value, find(rule.rates).value)
            return Limits(stored(low), stored(high))
        case "inside_province":
            window = find(definition.code).value
            return Limits(stored(window), None)
        case "at_least_province":
            return Limits(stored(find(definition.code).value), None)
    if definition.low is None:
        return Limits()
    return Limits(stored(definition.low), stored(definition.high))


def check_limits(candidate: ParameterValue, book: PolicyBook) -> None:
    """As the loader checks a city's value, against what the province published for all its days.

    Raises ParameterFileError as `check_cities`.
    """
    province = province_of(candidate.area)
    law = [value for values in book.values.values() for value in values if value.area == province]
    check_cities(ParameterBook({}, definitions(), (*law, candidate)))


def overlapping(
    *, code: str, area: int, scheme: int, first: date, last: date | None
) -> list[PolicyParameter]:
    """The area's own published values that hold on some of these days, the earliest first.

    An example is no law: what is published takes its place.
    """
    beyond = None if last is None else last + timedelta(days=1)
    rows = PolicyParameter.objects.filter(
        code=code, area=area, scheme=scheme, valid__overlap=(first, beyond)
    ).exclude(status=PolicyParameter.Status.EXAMPLE)
    return list(rows.order_by("valid"))
