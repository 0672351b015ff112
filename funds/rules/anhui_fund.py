"""Provincial adjustment fund of Anhui (省级调剂金): levy, suspension, sharing of a gap.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）: levied by scheme, at most five per
cent of the contributions that the pooled funds collected in the year before; paused while the
balance is ten per cent of them province-wide; a gap with an accepted cause is shared between the
fund and the city's own balance. 二: residents from 2025, employees from 2026.
docs/algorithms/adjustment-funds.md tells the same with tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from enrollment.rules.money import ZERO, read_yuan, round_yuan, split_by_largest_remainder
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step
from funds.rules.schemes import EMPLOYEE, check_scheme


@dataclass(frozen=True, kw_only=True)
class AnhuiFundTerms(Terms):
    """Numbers of the fund."""

    levy_max: Decimal = parameter("anhui_fund.levy_max")
    suspend_at: Decimal = parameter("anhui_fund.suspend_at")
    first_year_resident: int = parameter("anhui_fund.first_year_resident")
    first_year_employee: int = parameter("anhui_fund.first_year_employee")
    short_fund: str = parameter("anhui_fund.short_fund")


@dataclass(frozen=True, slots=True)
class AnhuiLevyFacts:
    """Yuan, all of one scheme and of the year before: revenue of the city and of the province, and
    the fund's balance at the year's end."""

    scheme: str
    year: int
    rate: Decimal
    prev_year_revenue: Decimal
    fund_balance_prev_year_end: Decimal
    province_prev_year_revenue: Decimal


@dataclass(frozen=True, slots=True)
class AnhuiLevy:
    """Yuan to pay up for the year; 0.00 while suspended."""

    levy: Decimal
    suspended: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class GapFacts:
    """Yuan of one year of a city. `eligible_gap` is the part with an accepted cause (the whole gap
    if none is named), `provincial_share` the province's decision."""

    revenue: Decimal
    expenditure: Decimal
    provincial_share: Decimal
    eligible_gap: Decimal | None = None
    local_cumulative_balance: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class GapSharing:
    """Yuan: who pays which part of the gap."""

    gap: Decimal
    provincial: Decimal
    local_balance: Decimal
    uncovered: Decimal
    ineligible: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class ClaimsPaid:
    """Yuan, in the order of the claims."""

    paid: tuple[Decimal, ...]
    trace: Trace


def check_levy(scheme: str, year: int, rate: Decimal, terms: AnhuiFundTerms) -> None:
    """The year first, then the rate.

    Raises RuleRefused `scheme_not_started`, `rate_above_maximum`, `rate_not_positive`,
    `unknown_scheme`.
    """
    check_scheme(scheme)
    first = terms.first_year_employee if scheme == EMPLOYEE else terms.first_year_resident
    if year < first:
        raise RuleRefused("scheme_not_started", first_year=first)
    if rate > terms.levy_max:
        raise RuleRefused("rate_above_maximum", maximum=terms.levy_max)
    if rate <= 0:
        raise RuleRefused("rate_not_positive")


def is_suspended(balance_ratio: Decimal, terms: AnhuiFundTerms) -> bool:
    """Whether a fund balance of that share of last year's revenue pauses the levy of its scheme."""
    return balance_ratio >= terms.suspend_at


def assess_anhui_levy(facts: AnhuiLevyFacts, terms: AnhuiFundTerms) -> AnhuiLevy:
    """What a city pays up for one scheme and year. Raises as `check_levy`."""
    check_levy(facts.scheme, facts.year, facts.rate, terms)
    revenue = read_yuan(facts.prev_year_revenue)
    province = read_yuan(facts.province_prev_year_revenue)
    balance = read_yuan(facts.fund_balance_prev_year_end)
    suspended = balance >= terms.suspend_at * province
    levy = ZERO if suspended else round_yuan(facts.rate * revenue)
    trace = (
        step(gettext_noop("Contributions collected in the year before"), revenue),
        step(gettext_noop("Contributions of the province in the year before"), province),
        step(gettext_noop("Balance of the fund"), balance),
        step(
            gettext_noop("Levy pauses at this share of the province's contributions"),
            terms.suspend_at,
            terms.cite("suspend_at"),
        ),
        step(gettext_noop("Suspended"), suspended),
        step(gettext_noop("Rate of the levy"), facts.rate, terms.cite("levy_max")),
        step(gettext_noop("Levy"), levy),
    )
    return AnhuiLevy(levy, suspended, trace)


def share_gap(facts: GapFacts) -> GapSharing:
    """Sharing of a city's gap of the year by the share that the province decided.

    Raises RuleRefused `share_outside_range` and the refusals of money.
    """
    revenue, spent = read_yuan(facts.revenue), read_yuan(facts.expenditure)
    if not 0 <= facts.provincial_share <= 1:
        raise RuleRefused("share_outside_range")
    gap = max(ZERO, spent - revenue)
    eligible = gap if facts.eligible_gap is None else min(read_yuan(facts.eligible_gap), gap)
    own = max(ZERO, read_yuan(facts.local_cumulative_balance, negative=True))
    provincial = round_yuan(facts.provincial_share * eligible)
    local = min(eligible - provincial, own)
    trace = (
        step(gettext_noop("Revenue"), revenue),
        step(gettext_noop("Expenditure"), spent),
        step(gettext_noop("Gap of the year"), gap),
        step(gettext_noop("Gap with an accepted cause"), eligible),
        step(gettext_noop("Share of the province"), facts.provincial_share),
        step(gettext_noop("From the adjustment fund"), provincial),
        step(gettext_noop("From the city's own balance"), local),
        step(gettext_noop("Not covered"), eligible - provincial - local),
    )
    return GapSharing(gap, provincial, local, eligible - provincial - local, gap - eligible, trace)


def pay_claims(
    claims: Sequence[Decimal], fund_available: Decimal, terms: AnhuiFundTerms
) -> ClaimsPaid:
    """All claims in full if the fund suffices, otherwise in proportion, exactly to the cent."""
    asked = tuple(read_yuan(claim) for claim in claims)
    available = read_yuan(fund_available)
    total = sum(asked, ZERO)
    paid = asked if total <= available else split_by_largest_remainder(available, asked)
    trace = (
        step(gettext_noop("Claimed in all"), total),
        step(gettext_noop("Available in the fund"), available),
        step(gettext_noop("Paid in all"), sum(paid, ZERO), terms.cite("short_fund")),
    )
    return ClaimsPaid(paid, trace)
