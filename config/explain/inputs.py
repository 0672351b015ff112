"""Inputs of a case, read strictly: every value has a type, every key is known and stands once."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from enrollment.rules.dates import Month, read_date
from enrollment.rules.money import read_decimal, read_yuan
from enrollment.rules.refusals import RuleRefused

T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 1900, 2200  # the years that a case may be about
MOST_MONTHS = 1200


class _Mapping(dict[str, Any]):
    """A JSON object that remembers keys which stood twice."""

    twice: str | None = None


def _pairs(pairs: list[tuple[str, Any]]) -> _Mapping:
    mapping = _Mapping()
    for key, value in pairs:
        if key in mapping:
            mapping.twice = key
        mapping[key] = value
    return mapping


def read_json(text: str) -> Any:
    """JSON with exact decimals. Raises ValueError where it is none."""
    return json.loads(text, object_pairs_hook=_pairs, parse_float=str, parse_constant=str)


def check_keys(value: Any) -> None:
    """Raises RuleRefused `year_twice` or `key_twice` for a key that stood twice anywhere."""
    if isinstance(value, _Mapping) and value.twice is not None:
        name = "year_twice" if value.twice.isdigit() else "key_twice"
        raise RuleRefused(name, key=value.twice)
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            check_keys(inner)


def whole(raw: object) -> int:
    """Raises RuleRefused `not_an_integer`."""
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise RuleRefused("not_an_integer", value=str(raw))
    return raw


def count(raw: object) -> int:
    """A whole number, not negative. Raises RuleRefused `count_negative`."""
    number = whole(raw)
    if number < 0:
        raise RuleRefused("count_negative", value=number)
    return number


def months(raw: object) -> int:
    """A number of months that a life can hold. Raises RuleRefused `months_outside_a_life`."""
    number = count(raw)
    if number > MOST_MONTHS:
        raise RuleRefused("months_outside_a_life", value=number, most=MOST_MONTHS)
    return number


def year(raw: object) -> int:
    """A benefit year. Raises RuleRefused `not_a_year`."""
    readable = isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= 8
    number = int(raw) if readable else raw  # type: ignore[call-overload]
    if not isinstance(number, int) or isinstance(number, bool):
        raise RuleRefused("not_a_year", value=str(raw))
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise RuleRefused("not_a_year", value=str(raw))
    return number


def day(raw: object) -> date:
    """A day of a year that cases are about: the rules count from it into the next years.

    Raises RuleRefused `not_a_date`, `date_outside_years`.
    """
    read = read_date(raw)
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise RuleRefused("date_outside_years", value=read.isoformat())
    return read


def month(raw: object) -> Month:
    """A contribution month. Raises RuleRefused `not_a_month`, `date_outside_years`."""
    read = Month.read(raw)
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise RuleRefused("date_outside_years", value=str(read))
    return read


def text(raw: object) -> str:
    """Raises RuleRefused `not_text`."""
    if not isinstance(raw, str):
        raise RuleRefused("not_text", value=str(raw))
    return raw


def flag(raw: object) -> bool:
    """Raises RuleRefused `not_a_flag`."""
    if not isinstance(raw, bool):
        raise RuleRefused("not_a_flag", value=str(raw))
    return raw


def signed_yuan(raw: object) -> Decimal:
    """Money that may be negative, such as a balance."""
    return read_yuan(raw, negative=True)


def list_of(read: Callable[[object], T]) -> Callable[[object], list[T]]:
    """A reader of lists. Raises RuleRefused `not_a_list`."""

    def read_list(raw: object) -> list[T]:
        if not isinstance(raw, list):
            raise RuleRefused("not_a_list", value=str(raw))
        return [read(entry) for entry in raw]

    return read_list


def by_year(read: Callable[[object], T]) -> Callable[[object], dict[int, T]]:
    """A reader of objects year -> value. Raises RuleRefused `not_a_mapping`, `year_twice`."""

    def read_years(raw: object) -> dict[int, T]:
        if not isinstance(raw, Mapping):
            raise RuleRefused("not_a_mapping", value=str(raw))
        found: dict[int, T] = {}
        for key, value in raw.items():
            number = year(key)
            if number in found:
                raise RuleRefused("year_twice", key=str(key))
            found[number] = read(value)
        return found

    return read_years


def by_code(read: Callable[[object], T]) -> Callable[[object], dict[str, T]]:
    """A reader of objects code -> value. Raises RuleRefused `not_a_mapping`."""

    def read_codes(raw: object) -> dict[str, T]:
        if not isinstance(raw, Mapping):
            raise RuleRefused("not_a_mapping", value=str(raw))
        return {text(key): read(value) for key, value in raw.items()}

    return read_codes


def span(raw: object) -> tuple[date, date]:
    """[date, date]. Raises RuleRefused `not_a_window`."""
    if not isinstance(raw, list) or len(raw) != 2:
        raise RuleRefused("not_a_window", value=str(raw))
    return day(raw[0]), day(raw[1])


yuan = read_yuan
number = read_decimal


class Inputs:
    """The inputs of one case."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    def __contains__(self, key: str) -> bool:
        return key in self.raw

    def allow(self, *keys: str) -> None:
        """Raises RuleRefused `unknown_input` for any other key."""
        for key in self.raw:
            if key not in keys:
                raise RuleRefused("unknown_input", input=key)

    def need(self, key: str, read: Callable[[object], T]) -> T:
        """Raises RuleRefused `missing_input`, and what `read` raises, naming the input."""
        if key not in self.raw:
            raise RuleRefused("missing_input", input=key)
        try:
            return read(self.raw[key])
        except RuleRefused as refused:
            raise RuleRefused(refused.name, **{"input": key, **refused.details}) from None

    def get(self, key: str, read: Callable[[object], T], default: T) -> T:
        """As `need`, with a default where the key is missing."""
        return self.need(key, read) if key in self.raw else default

    def maybe(self, key: str, read: Callable[[object], T]) -> T | None:
        """As `need`, none where the key is missing or null."""
        return self.need(key, read) if self.raw.get(key) is not None else None
