"""Numbers of law as values: who may say them, for which area and days, and how one is found."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol, TypeVar

from enrollment.rules.trace import Citation

RESIDENT = "resident"
EMPLOYEE = "employee"
BOTH = "both"
SCHEMES = (RESIDENT, EMPLOYEE, BOTH)

VERIFIED = "verified"
UNVERIFIED = "unverified"
EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Document:
    """An official document. `key` is ours; `number` is the 文号, empty where none is known."""

    key: str
    number: str
    title: str
    issuer: str
    issued_on: date | None
    in_force_from: date | None
    url: str
    province: int | None

    @property
    def citation(self) -> str:
        return self.number or f"《{self.title}》"


class Provision(Protocol):
    """What a rule needs to know of a parameter, wherever it is stored."""

    @property
    def code(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def citation(self) -> Citation: ...


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One value of one parameter for one area, scheme and span of days.

    `area` has six digits (340000 a province, 340100 a city). Both days are inside; no
    `valid_until` means until further notice. Values that belong to a benefit year are valid from
    its 1 January. `value` is what rules compute with, `stored` the same as JSON.
    """

    code: str
    area: int
    scheme: str
    valid_from: date
    valid_until: date | None
    unit: str
    value: Any
    stored: Any = field(compare=False)  # JSON, which has no hash; `value` says the same
    document: str
    document_citation: str
    clause: str
    url: str
    verified_on: date | None
    status: str
    note: str

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def citation(self) -> Citation:
        return Citation(self.code, self.document_citation, self.clause)


class MissingParameter(LookupError):
    """No value for this code, area, scheme and date: nothing is guessed."""

    def __init__(self, code: str, area: int, scheme: str, on: date) -> None:
        self.code, self.area, self.scheme, self.on = code, area, scheme, on
        super().__init__(f"parameter {code} has no value for area {area}, scheme {scheme}, on {on}")


class _Dated(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def area(self) -> int: ...
    @property
    def scheme(self) -> str: ...
    def holds_on(self, day: date) -> bool: ...


V = TypeVar("V", bound=_Dated)


def province_of(area: int) -> int:
    """Six-digit province of a six-digit area."""
    return area // 10_000 * 10_000


def resolve(values: Iterable[V], code: str, area: int, on: date, scheme: str) -> V:
    """The value of `code` in force on `on`: the city's own before the province's, and one for
    the scheme before one for both.

    `area` may have 6 or 12 digits. Raises MissingParameter.
    """
    area = area // 1_000_000 if area >= 1_000_000 else area
    wanted_areas = (area, province_of(area))
    wanted_schemes = (scheme, BOTH)
    best: V | None = None
    best_rank = (len(wanted_areas), len(wanted_schemes))
    for value in values:
        if value.code != code or value.area not in wanted_areas:
            continue
        if value.scheme not in wanted_schemes or not value.holds_on(on):
            continue
        rank = (wanted_areas.index(value.area), wanted_schemes.index(value.scheme))
        if rank < best_rank:
            best, best_rank = value, rank
    if best is None:
        raise MissingParameter(code, area, scheme, on)
    return best


@dataclass(frozen=True, slots=True)
class CityRule:
    """What a city may set: nothing, anything, what keeps to the province's value, or a share."""

    kind: str = "refused"
    share_of: str = ""
    rates: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one file says about its parameter, apart from the values."""

    code: str
    description_en: str
    description_zh: str
    unit: str
    scheme: str
    reading: str
    choices: tuple[str, ...]
    supported: tuple[Any, ...]
    low: Any
    high: Any
    city_rule: CityRule
    file: str


@dataclass(frozen=True)
class ParameterBook:
    """Every document, definition and value that was read."""

    documents: Mapping[str, Document]
    definitions: Mapping[str, Definition]
    values: tuple[ParameterValue, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Sequence[ParameterValue]]:
        """Values by the code of their parameter."""
        groups: dict[str, list[ParameterValue]] = defaultdict(list)
        for value in self.values:
            groups[value.code].append(value)
        return groups

    def values_of(self, code: str) -> Sequence[ParameterValue]:
        return self.by_code.get(code, ())

    def find(self, code: str, *, area: int, on: date, scheme: str) -> ParameterValue:
        """As `resolve`. Raises MissingParameter."""
        return resolve(self.values_of(code), code, area, on, scheme)
