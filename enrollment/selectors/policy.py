"""The law in force, read from the published parameters: nothing is guessed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from enrollment.models import PolicyParameter
from enrollment.rules.dates import year_start
from enrollment.rules.parameter_checks import share_bounds
from enrollment.rules.parameter_units import read_stored
from enrollment.rules.parameters import BOTH, EMPLOYEE, RESIDENT, ParameterValue, resolve
from enrollment.rules.regions import pooling_area_of

SCHEMES = {
    PolicyParameter.Scheme.BOTH: BOTH,
    PolicyParameter.Scheme.RESIDENT: RESIDENT,
    PolicyParameter.Scheme.EMPLOYEE: EMPLOYEE,
}
SUBSIDISED = ("extreme_poverty", "dibao", "returned_to_poverty", "monitored")
TERM_CODES = (
    "contribution.individual_standard",
    "contribution.fiscal_standard",
    "collection.window",
)


class QuotaOutOfRange(ValueError):
    """A quota lies outside the province's range (皖医保发〔2024〕6号 一（一）)."""

    def __init__(
        self, *, code: str, area: int, amount: Decimal, low: Decimal, high: Decimal
    ) -> None:
        self.code, self.area, self.amount, self.low, self.high = code, area, amount, low, high
        super().__init__(
            f"quota_out_of_range: {code} of area {area} is {amount} yuan, "
            f"the law allows {low} to {high}"
        )


@dataclass(frozen=True, slots=True)
class AreaTerms:
    """A pooling area's terms for a benefit year, in yuan, with the parameter behind each value."""

    area: int
    standard: Decimal
    fiscal: Decimal
    window_first: date
    window_last: date
    quotas: dict[str, Decimal]
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyBook:
    """Published parameter values by code; `find` takes the city's own before the province's."""

    values: dict[str, list[ParameterValue]]
    keys: dict[ParameterValue, int]

    def find(self, code: str, *, area: int, on: date, scheme: str = RESIDENT) -> ParameterValue:
        """The value in force. Raises MissingParameter naming code, area, scheme and date."""
        return resolve(self.values.get(code, []), code, area, on, scheme)

    def source(self, value: ParameterValue) -> dict[str, Any]:
        """What a screen or report says about a value: parameter, document, clause, status."""
        return {
            "parameter": self.keys[value],
            "code": value.code,
            "area": value.area * 10**6,
            "value": value.stored,
            "document": value.document_citation,
            "clause": value.clause,
            "status": value.status,
        }


class _Hashable(ParameterValue):
    """A parameter value that is one row: two rows are never the same value."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def _value(row: PolicyParameter) -> ParameterValue:
    document = row.document
    number = "" if document is None else document.number or f"《{document.title}》"
    upper = row.valid.upper
    return _Hashable(
        code=row.code,
        area=row.area_id // 10**6,
        scheme=SCHEMES[PolicyParameter.Scheme(row.scheme)],
        valid_from=row.valid.lower or date.min,
        valid_until=None if upper is None else date.fromordinal(upper.toordinal() - 1),
        unit=row.unit,
        value=read_stored(row.unit, row.value),
        stored=row.value,
        document="" if document is None else document.key,
        document_citation=number,
        clause=row.clause,
        url=row.url,
        verified_on=row.verified_on,
        status=row.status,
        note=row.note,
    )


def policy_book(codes: Collection[str] | None = None) -> PolicyBook:
    """All published values that hold on some day, or those of some codes."""
    rows = PolicyParameter.objects.select_related("document").order_by("pk")
    rows = rows.filter(withdrawn_on=None)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    values: dict[str, list[ParameterValue]] = {}
    keys: dict[ParameterValue, int] = {}
    for row in rows:
        value = _value(row)
        values.setdefault(row.code, []).append(value)
        keys[value] = row.pk
    return PolicyBook(values, keys)


def second_level_above(code: str, region: int, on: date) -> Decimal:
    """Yuan above which a case in the area of `region` needs a second level.

    Raises MissingParameter naming code, area, scheme and date.
    """
    value: Decimal = policy_book([code]).find(code, area=pooling_area_of(region), on=on).value
    return value


def term_book() -> PolicyBook:
    """The values that the terms of a year are made of."""
    shares = [f"subsidy.{kind}.{name}" for kind in ("quota", "range") for name in SUBSIDISED]
    return policy_book([*TERM_CODES, *shares])


def terms_of_area(
    area: int,
    year: int,
    *,
    categories: Collection[str] = SUBSIDISED,
    book: PolicyBook | None = None,
) -> AreaTerms:
    """Standard, window and the quotas of `categories` in an area for a benefit year.

    Raises MissingParameter, or QuotaOutOfRange where a quota leaves the range of the law at the
    year's standard (皖医保发〔2024〕6号 一（一）: 特困全额, 低保 80%-90%, 返贫致贫 70%-80%,
    监测 50%).
    """
    book = book or term_book()
    on = year_start(year)
    area = pooling_area_of(area)
    standard, fiscal, window = (book.find(code, area=area, on=on) for code in TERM_CODES)
    first, last = window.value.in_year(year)
    sources = {
        "standard": book.source(standard),
        "fiscal": book.source(fiscal),
        "window": book.source(window),
    }
    quotas = {}
    for category in sorted(categories):
        quota = book.find(f"subsidy.quota.{category}", area=area, on=on)
        rates = book.find(f"subsidy.range.{category}", area=area, on=on)
        low, high = share_bounds(standard.value, rates.value)
        if not low <= quota.value <= high:
            raise QuotaOutOfRange(
                code=quota.code, area=area, amount=quota.value, low=low, high=high
            )
        quotas[category] = quota.value
        sources[f"quota.{category}"] = book.source(quota)
    return AreaTerms(
        area=area,
        standard=standard.value,
        fiscal=fiscal.value,
        window_first=first,
        window_last=last,
        quotas=quotas,
        sources=sources,
    )
