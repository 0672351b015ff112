"""What shows only when all parameters are read together: overlaps, readings, cities' values."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from enrollment.rules.money import plain, round_yuan
from enrollment.rules.parameter_units import Span, order, stored
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.rules.parameters import (
    EXAMPLE,
    Definition,
    ParameterBook,
    ParameterValue,
    province_of,
)


def close_open_values(
    values: Iterable[ParameterValue], definitions: Mapping[str, Definition]
) -> list[ParameterValue]:
    """Each open value ends on the day before the next one of its area and scheme."""
    groups: dict[tuple[str, int, str], list[ParameterValue]] = defaultdict(list)
    for value in values:
        groups[value.code, value.area, value.scheme].append(value)
    closed: list[ParameterValue] = []
    for (code, area, scheme), group in groups.items():
        group.sort(key=lambda value: value.valid_from)
        for value, later in pairwise(group):
            if value.valid_from == later.valid_from or (
                value.valid_until is not None and value.valid_until >= later.valid_from
            ):
                raise ParameterFileError(
                    "overlapping_values",
                    definitions[code].file,
                    f"area {area}, {scheme}",
                    f"two values hold on {later.valid_from}",
                    "End the earlier value before, or remove one",
                )
            end = value.valid_until or later.valid_from - timedelta(days=1)
            closed.append(replace(value, valid_until=end))
        closed.append(group[-1])
    return closed


def check_readings(book: ParameterBook) -> None:
    for definition in book.definitions.values():
        if definition.reading and not definition.supported and definition.unit == "choice":
            raise ParameterFileError(
                "missing_key",
                definition.file,
                "supported",
                "a reading must say which values the rules know",
                "Add supported",
            )
        for code in filter(None, (definition.city_rule.share_of, definition.city_rule.rates)):
            if code not in book.definitions:
                raise ParameterFileError(
                    "unknown_code",
                    definition.file,
                    "city_values",
                    f"{code} is no parameter",
                    "Name the code of an existing parameter",
                )


def check_cities(book: ParameterBook) -> None:
    """Cities set what the province's law lets them, on every day on which both hold, by a document.

    Raises ParameterFileError `city_value_refused`, `city_value_not_approved`,
    `city_value_outside_range`, `city_value_cannot_be_checked`.
    """
    for value in book.values:
        definition = book.definitions[value.code]
        if value.area == province_of(value.area):
            continue
        _check_approved(definition, value)
        match definition.city_rule.kind:
            case "refused":
                raise _city_error(
                    "city_value_refused",
                    definition,
                    value,
                    "cities do not set this parameter",
                    "Remove the value, or say under city_values what they may set",
                )
            case "allowed":
                _check_allowed(book, definition, value)
            case "inside_province":
                for _first, _last, limit in _province_values(book, value, value.code):
                    _check_inside(definition, value, limit)
            case "at_least_province":
                for _first, _last, limit in _province_values(book, value, value.code):
                    _check_at_least(definition, value, limit)
            case "share":
                _check_share(book, definition, value)


def _check_approved(definition: Definition, value: ParameterValue) -> None:
    if value.status != EXAMPLE and not (value.document and value.clause):
        raise _city_error(
            "city_value_not_approved",
            definition,
            value,
            "a city's value needs the document and clause by which it was set",
            "Add both, or remove the value",
        )


def _city_error(
    name: str, definition: Definition, value: ParameterValue, wrong: str, remedy: str
) -> ParameterFileError:
    key = f"area {value.area} from {value.valid_from}"
    return ParameterFileError(name, definition.file, key, wrong, remedy)


def _province_values(
    book: ParameterBook, value: ParameterValue, code: str
) -> list[tuple[date, date | None, ParameterValue]]:
    """As `_meanwhile`, which must reach back to the first day of `value`."""
    found = _meanwhile(book, value, code)
    if not found or min(first for first, _last, _limit in found) > value.valid_from:
        definition = book.definitions[value.code]
        raise _city_error(
            "city_value_cannot_be_checked",
            definition,
            value,
            f"the province has no {code} on {value.valid_from}",
            "Add the province's value first",
        )
    return found


def _meanwhile(
    book: ParameterBook, value: ParameterValue, code: str
) -> list[tuple[date, date | None, ParameterValue]]:
    """The province's values of `code` while `value` holds, with the first and last such day."""
    found = []
    for limit in book.values_of(code):
        if limit.area != province_of(value.area):
            continue
        first = max(limit.valid_from, value.valid_from)
        ends = [day for day in (limit.valid_until, value.valid_until) if day is not None]
        last = min(ends) if ends else None
        if last is None or first <= last:
            found.append((first, last, limit))
    return found


def _check_allowed(book: ParameterBook, definition: Definition, value: ParameterValue) -> None:
    """Inside the range; without one a city sets only what the province does not set itself."""
    if definition.low is not None:
        outside = value.value is not None and not (
            order(definition.low) <= order(value.value) <= order(definition.high)
        )
        if outside:
            raise _city_error(
                "city_value_outside_range",
                definition,
                value,
                f"{value.stored} leaves {stored(definition.low)} to {stored(definition.high)}",
                "Correct the city's value",
            )
    elif _meanwhile(book, value, value.code):
        raise _city_error(
            "city_value_refused",
            definition,
            value,
            "the province sets it too and names no range",
            "Remove the value, or add the range with its clause",
        )


def _check_at_least(definition: Definition, value: ParameterValue, limit: ParameterValue) -> None:
    if value.value < limit.value:
        raise _city_error(
            "city_value_outside_range",
            definition,
            value,
            f"{value.stored} is less than the province's {limit.stored}",
            "Correct the city's value",
        )


def _check_inside(definition: Definition, value: ParameterValue, limit: ParameterValue) -> None:
    own, province = value.value, limit.value
    inside = order(province.first) <= order(own.first) and order(own.last) <= order(province.last)
    if not inside:
        raise _city_error(
            "city_value_outside_range",
            definition,
            value,
            f"{value.stored} leaves the province's {limit.stored}",
            "Correct the city's value",
        )


def _check_share(book: ParameterBook, definition: Definition, value: ParameterValue) -> None:
    rule = definition.city_rule
    for first, last, standard in _province_values(book, value, rule.share_of):
        part = replace(value, valid_from=first, valid_until=last)
        for day, _last, rates in _province_values(book, part, rule.rates):
            low, high = share_bounds(standard.value, rates.value)
            if not low <= value.value <= high:
                raise _city_error(
                    "city_value_outside_range",
                    definition,
                    value,
                    f"{plain(value.value)} lies outside {plain(low)} to {plain(high)} on {day}"
                    f" ({rule.rates} of {rule.share_of})",
                    "Correct the city's value, or end it when the province's number changes",
                )


def share_bounds(standard: Decimal, rates: Span) -> tuple[Decimal, Decimal]:
    """Lowest and highest amount in yuan that `rates` of `standard` allow, both inside."""
    return round_yuan(standard * rates.low), round_yuan(standard * rates.high)
