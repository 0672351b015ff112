"""Provincial adjustment fund of Sichuan (省级统筹调剂基金): levy, reserve, distribution.

川办发〔2023〕38号 二（四）, from 2024: ten per cent of the employee pooled fund's income and five
of the resident fund's; five per cent of the levy goes into a risk reserve until that is one per
cent of the income; everything else is distributed, and the gap left is the area's own.
docs/algorithms/adjustment-funds.md tells the same with tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from enrollment.rules.money import ZERO, read_yuan, round_yuan, split_by_largest_remainder
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step
from funds.rules.schemes import EMPLOYEE, check_approvals, check_scheme

TOP_UP_TO_TARGET = "target"
TOP_UP_IN_FULL = "full"


@dataclass(frozen=True, kw_only=True)
class SichuanFundTerms(Terms):
    """Numbers of the fund."""

    levy_employee: Decimal = parameter("sichuan_fund.levy_employee")
    levy_resident: Decimal = parameter("sichuan_fund.levy_resident")
    reserve_rate: Decimal = parameter("sichuan_fund.reserve_rate")
    reserve_target: Decimal = parameter("sichuan_fund.reserve_target")
    reserve_topup: str = parameter("sichuan_fund.reserve_topup")
    first_year: int = parameter("sichuan_fund.first_year")
    rate_approvals: tuple[str, ...] = parameter("sichuan_fund.rate_approvals")
    cents: str = parameter("sichuan_fund.cents")


@dataclass(frozen=True, slots=True)
class SichuanYear:
    """Yuan of one scheme and year, all areas together."""

    levy: Decimal
    reserve_in: Decimal
    distributable: Decimal
    reserve_balance_after: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class Distribution:
    """Yuan, in the order of the weights, adding up exactly."""

    allocations: tuple[Decimal, ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class CityGap:
    """Yuan of the gap left to a city after its allocation; the province fills nothing."""

    self_filled: Decimal
    from_rolling_balance: Decimal
    provincial: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class ViolationLoss:
    """Yuan of a loss from a policy violation, which no rolling balance may carry."""

    from_rolling_balance: Decimal
    government_must_cover: Decimal
    trace: Trace


def check_year(year: int, terms: SichuanFundTerms) -> None:
    """Raises RuleRefused `scheme_not_started`."""
    if year < terms.first_year:
        raise RuleRefused("scheme_not_started", first_year=terms.first_year)


def area_levy(scheme: str, income: Decimal, terms: SichuanFundTerms) -> Decimal:
    """Yuan that an area pays up from its fund income of the year."""
    check_scheme(scheme)
    rate = terms.levy_employee if scheme == EMPLOYEE else terms.levy_resident
    return round_yuan(rate * read_yuan(income))


def assess_sichuan_year(
    scheme: str, year: int, income: Decimal, reserve_balance: Decimal, terms: SichuanFundTerms
) -> SichuanYear:
    """Levy, reserve and what is distributed. `reserve_balance` is before the year.

    Raises RuleRefused `scheme_not_started`, `unknown_scheme`, and the refusals of money.
    """
    check_scheme(scheme)
    check_year(year, terms)
    levy = area_levy(scheme, income, terms)
    return set_reserve_aside(levy, income, reserve_balance, terms, scheme=scheme)


def set_reserve_aside(
    levy: Decimal,
    income: Decimal,
    reserve_balance: Decimal,
    terms: SichuanFundTerms,
    *,
    scheme: str,
) -> SichuanYear:
    """The reserve's part of a levy that was paid up by the areas."""
    reserve = read_yuan(reserve_balance)
    target = round_yuan(terms.reserve_target * read_yuan(income))
    room = max(ZERO, target - reserve)
    part = round_yuan(terms.reserve_rate * levy)
    if terms.reserve_topup == TOP_UP_IN_FULL:
        reserve_in = part if room else ZERO
    else:
        reserve_in = min(part, room)
    rate_name = "levy_employee" if scheme == EMPLOYEE else "levy_resident"
    trace = (
        step(gettext_noop("Fund income of the year"), read_yuan(income)),
        step(gettext_noop("Levy"), levy, terms.cite(rate_name)),
        step(gettext_noop("Reserve before"), reserve),
        step(gettext_noop("Reserve aimed at"), target, terms.cite("reserve_target")),
        step(gettext_noop("Part of the levy for the reserve"), part, terms.cite("reserve_rate")),
        step(gettext_noop("Into the reserve"), reserve_in, terms.cite("reserve_topup")),
        step(gettext_noop("To distribute"), levy - reserve_in),
    )
    return SichuanYear(levy, reserve_in, levy - reserve_in, reserve + reserve_in, trace)


def distribute(
    distributable: Decimal, weights: Sequence[Decimal], terms: SichuanFundTerms
) -> Distribution:
    """Shares by weight, exactly to the cent; missing cents by largest remainder."""
    shares = split_by_largest_remainder(distributable, weights)
    trace = (
        step(gettext_noop("To distribute"), read_yuan(distributable)),
        step(gettext_noop("Areas"), len(weights)),
        step(gettext_noop("Distributed"), sum(shares, ZERO), terms.cite("cents")),
    )
    return Distribution(shares, trace)


def assess_city_gap(
    city_gap: Decimal, allocation: Decimal, local_rolling_balance: Decimal
) -> CityGap:
    """The gap that is left is the city's own, from its rolling balance as far as that reaches."""
    gap, given = read_yuan(city_gap), read_yuan(allocation)
    own = max(ZERO, read_yuan(local_rolling_balance, negative=True))
    left = max(ZERO, gap - given)
    from_balance = min(left, own)
    trace = (
        step(gettext_noop("Gap of the city"), gap),
        step(gettext_noop("Allocation"), given),
        step(gettext_noop("Gap left to the city"), left),
        step(gettext_noop("From the rolling balance"), from_balance),
    )
    return CityGap(left, from_balance, ZERO, trace)


def assess_violation(loss: Decimal) -> ViolationLoss:
    """A loss from a policy violation is covered by the city or county government in full."""
    amount = read_yuan(loss)
    trace = (
        step(gettext_noop("Loss from a violation"), amount),
        step(gettext_noop("From the rolling balance"), ZERO),
        step(gettext_noop("Covered by the government of the city or county"), amount),
    )
    return ViolationLoss(ZERO, amount, trace)


def check_rate_change(new_rate: Decimal, approvals: Sequence[str], terms: SichuanFundTerms) -> None:
    """Raises RuleRefused `approval_missing` (with `missing`), `rate_outside_range`."""
    check_approvals(approvals, terms.rate_approvals)
    if not 0 < new_rate <= 1:
        raise RuleRefused("rate_outside_range")
