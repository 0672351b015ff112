"""The numbers in force for a case: YAML, overlaid by what the case itself supposes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from enrollment.rules.parameter_units import UNITS, order
from enrollment.rules.parameters import Definition, ParameterBook, Provision, province_of
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, read_terms
from enrollment.rules.trace import Citation

ANHUI = 340000
HUBEI = 420000
SICHUAN = 510000

# Short names under which a case may suppose another number.
NAMES: Mapping[str, str] = {
    "fixed_months": "waiting.fixed_months",
    "variable_offset": "waiting.variable_offset",
    "floor_years": "waiting.floor_years",
    "floor_total_months": "waiting.floor_total_months",
    "count_breaks_from": "waiting.count_breaks_from",
    "newborn_days": "waiting.newborn_days",
    "never_enrolled_counts": "waiting.never_enrolled_counts",
    "count_missed_window_year": "waiting.count_missed_window_year",
    "incentive_step": "incentive.step",
    "streak_needed": "incentive.streak_needed",
    "penalty_step": "penalty.step",
    "cap_limit_pct": "incentive.limit_rate",
    "anhui_levy_max": "anhui_fund.levy_max",
    "anhui_suspend_at": "anhui_fund.suspend_at",
    "sichuan_levy_employee": "sichuan_fund.levy_employee",
    "sichuan_levy_resident": "sichuan_fund.levy_resident",
    "sichuan_reserve_rate": "sichuan_fund.reserve_rate",
    "sichuan_reserve_target": "sichuan_fund.reserve_target",
    "reserve_topup": "sichuan_fund.reserve_topup",
}
# Where a case names no day, the newest number counts.
NEWEST = date.max

K = TypeVar("K", bound=Terms)


@dataclass(frozen=True, slots=True)
class Supposed:
    """A number that the case supposes: no document stands behind it."""

    code: str
    value: Any

    @property
    def citation(self) -> Citation:
        return Citation(self.code)


class Law:
    """Finds provisions for one case, and keeps in `found` which the rules asked for.

    `area` and `on` take the place of the area and the day that a group names by itself.
    """

    def __init__(
        self,
        book: ParameterBook,
        supposed: Mapping[str, Any],
        *,
        area: int | None = None,
        on: date | None = None,
    ) -> None:
        self.book = book
        self.area = area
        self.on = on
        self.found: dict[str, Provision] = {}
        self.supposed = {
            given.code: given for given in (self._suppose(*item) for item in supposed.items())
        }

    def _suppose(self, name: str, raw: Any) -> Supposed:
        code = self._code_of(name)
        return Supposed(code, read_supposed(self.book.definitions[code], name, raw))

    def _code_of(self, name: str) -> str:
        """By short name, by code, or by the id of a reading that one parameter holds."""
        if name in NAMES:
            return NAMES[name]
        if name in self.book.definitions:
            return name
        readings = [d.code for d in self.book.definitions.values() if d.reading == name]
        if len(readings) != 1:
            raise RuleRefused("unknown_parameter", parameter=name)
        return readings[0]

    def find(self, code: str, area: int, on: date, scheme: str = "resident") -> Provision:
        """What the case supposes, or what is in force. Raises MissingParameter."""
        return self._find(code, area, self.on or on, scheme)

    def find_of_year(self, code: str, area: int, year: int, scheme: str) -> Provision:
        """As `find`, of what belongs to a calendar year, whichever day the law is looked at."""
        return self._find(code, area, date(year, 7, 1), scheme)

    def _find(self, code: str, area: int, on: date, scheme: str) -> Provision:
        provision: Provision | None = self.supposed.get(code)
        if provision is None:
            provision = self.book.find(code, area=self.area or area, on=on, scheme=scheme)
        self.found[code] = provision
        return provision

    def terms(self, kind: type[K], area: int, on: date, scheme: str = "resident") -> K:
        """The terms of a rule on a day. Raises MissingParameter."""
        return read_terms(kind, lambda code: self.find(code, area, on, scheme))

    def begins(self, code: str, area: int) -> date:
        """First day on which a number is in force, so that an earlier year can be refused by
        the rule itself; the first day of all where the area has none."""
        area = self.area or area
        areas = (area, province_of(area))
        values = self.book.values_of(code)
        return min((each.valid_from for each in values if each.area in areas), default=date.min)


def read_supposed(definition: Definition, name: str, raw: Any) -> Any:
    """A supposed value of a parameter, under the same rules as a published one.

    Raises RuleRefused `parameter_outside_unit`, `parameter_outside_range`,
    `reading_not_supported`.
    """
    try:
        value = UNITS[definition.unit].read(raw)
    except RuleRefused:
        written = UNITS[definition.unit].written
        raise RuleRefused("parameter_outside_unit", parameter=name, expected=written) from None
    if definition.choices and value not in definition.choices:
        raise RuleRefused("reading_not_supported", parameter=name, value=str(raw))
    if definition.supported and value not in definition.supported:
        raise RuleRefused("reading_not_supported", parameter=name, value=str(raw))
    inside = definition.low is None or (
        order(definition.low) <= order(value) <= order(definition.high)
    )
    if not inside:
        raise RuleRefused("parameter_outside_range", parameter=name, value=str(raw))
    return value
