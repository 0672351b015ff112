"""The settlement of a year and scheme, all cities of a province together (清算).

Nothing is computed here that the rules of the two funds do not say: this puts the cities of a sheet
through them, in the order of their codes, and adds up.
安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）; 川办发〔2023〕38号 二（四）.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from enrollment.rules.money import ZERO, read_yuan
from enrollment.rules.trace import Trace, gettext_noop, step
from funds.rules.anhui_fund import (
    AnhuiFundTerms,
    AnhuiLevyFacts,
    GapFacts,
    assess_anhui_levy,
    check_levy,
    pay_claims,
    share_gap,
)
from funds.rules.schemes import EMPLOYEE, check_scheme
from funds.rules.sichuan_fund import (
    SichuanFundTerms,
    area_levy,
    assess_city_gap,
    assess_violation,
    check_rate_change,
    check_year,
    distribute,
    set_reserve_aside,
)


@dataclass(frozen=True, slots=True)
class CityLevy:
    """Yuan that a city pays up, with how it came about."""

    levy: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class Levies:
    """The levies in the order of the cities, and what holds for all of them."""

    cities: tuple[CityLevy, ...]
    total: Decimal
    suspended: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class AnhuiCity:
    """Yuan of the year. `eligible` is the part of the gap with accepted causes."""

    revenue: Decimal
    expenditure: Decimal
    eligible: Decimal
    share: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class SichuanCity:
    """Yuan of the year; `weight` by the province's decision, `loss` from violations."""

    revenue: Decimal
    expenditure: Decimal
    weight: Decimal
    balance: Decimal
    loss: Decimal


@dataclass(frozen=True, slots=True)
class CitySettlement:
    """Yuan: the gap, its part with a cause, what the province owes and pays, what the city's own
    balance bears, what the government must cover, and what nobody bears."""

    gap: Decimal
    eligible: Decimal
    claim: Decimal
    allocation: Decimal
    from_balance: Decimal
    government: Decimal
    uncovered: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class Settlement:
    """The cities in their order. `reserve_in` is set aside before anything is paid."""

    cities: tuple[CitySettlement, ...]
    reserve_in: Decimal
    available: Decimal
    allocated: Decimal
    trace: Trace


def levy_anhui(
    *,
    scheme: str,
    year: int,
    rate: Decimal,
    fund_balance: Decimal,
    revenues: Sequence[Decimal],
    terms: AnhuiFundTerms,
) -> Levies:
    """What the cities pay up of last year's contributions. Raises as `check_levy`."""
    check_levy(scheme, year, rate, terms)
    province = sum((read_yuan(revenue) for revenue in revenues), ZERO)
    found = [
        assess_anhui_levy(
            AnhuiLevyFacts(scheme, year, rate, revenue, fund_balance, province), terms
        )
        for revenue in revenues
    ]
    total = sum((each.levy for each in found), ZERO)
    suspended = any(each.suspended for each in found)
    trace = (
        step(gettext_noop("Balance of the fund"), fund_balance),
        step(gettext_noop("Contributions of the province in the year before"), province),
        step(
            gettext_noop("Levy pauses at this share of the province's contributions"),
            terms.suspend_at,
            terms.cite("suspend_at"),
        ),
        step(gettext_noop("Suspended"), suspended),
        step(gettext_noop("Levy"), total),
    )
    return Levies(tuple(CityLevy(each.levy, each.trace) for each in found), total, suspended, trace)


def levy_sichuan(
    scheme: str, year: int, incomes: Sequence[Decimal], terms: SichuanFundTerms
) -> Levies:
    """What the cities pay up of the year's fund income. Raises as `check_year`."""
    check_scheme(scheme)
    check_year(year, terms)
    name = "levy_employee" if scheme == EMPLOYEE else "levy_resident"
    rate = getattr(terms, name)
    found = []
    for income in incomes:
        levy = area_levy(scheme, income, terms)
        trace = (
            step(gettext_noop("Fund income of the year"), read_yuan(income)),
            step(gettext_noop("Rate of the levy"), rate, terms.cite(name)),
            step(gettext_noop("Levy"), levy),
        )
        found.append(CityLevy(levy, trace))
    total = sum((each.levy for each in found), ZERO)
    whole = (
        step(gettext_noop("Fund income of the year"), sum(incomes, ZERO)),
        step(gettext_noop("Levy"), total),
    )
    return Levies(tuple(found), total, False, whole)


def with_rate(
    terms: SichuanFundTerms, scheme: str, rate: Decimal, approvals: Sequence[str]
) -> SichuanFundTerms:
    """The terms under a rate of a decision. Raises as `check_rate_change` for a new one.

    川办发〔2023〕38号 二（四）: later rates are set by the three departments with the consent of
    the province.
    """
    name = "levy_employee" if scheme == EMPLOYEE else "levy_resident"
    if rate == getattr(terms, name):
        return terms
    check_rate_change(rate, approvals, terms)
    citations = {key: value for key, value in terms.citations.items() if key != name}
    if scheme == EMPLOYEE:
        return replace(terms, levy_employee=rate, citations=citations)
    return replace(terms, levy_resident=rate, citations=citations)


def settle_anhui(
    cities: Sequence[AnhuiCity], available: Decimal, terms: AnhuiFundTerms
) -> Settlement:
    """Share the gaps, and pay the province's part as far as the fund reaches.

    What a short fund leaves of the province's part stays uncovered: the text names nobody for it.
    Raises as `share_gap`.
    """
    shared = []
    for city in cities:
        facts = GapFacts(city.revenue, city.expenditure, city.share, city.eligible, city.balance)
        shared.append(share_gap(facts))
    paid = pay_claims([each.provincial for each in shared], available, terms)
    settled = []
    for each, given in zip(shared, paid.paid, strict=True):
        short = each.provincial - given
        trace = (
            *each.trace,
            step(gettext_noop("Paid of the fund's part"), given, terms.cite("short_fund")),
        )
        settled.append(
            CitySettlement(
                gap=each.gap,
                eligible=each.gap - each.ineligible,
                claim=each.provincial,
                allocation=given,
                from_balance=each.local_balance,
                government=ZERO,
                uncovered=each.uncovered + short,
                trace=trace,
            )
        )
    return Settlement(tuple(settled), ZERO, available, sum(paid.paid, ZERO), paid.trace)


def settle_sichuan(
    *,
    scheme: str,
    cities: Sequence[SichuanCity],
    levy: Decimal,
    income: Decimal,
    reserve_balance: Decimal,
    terms: SichuanFundTerms,
) -> Settlement:
    """Set the reserve aside, distribute all the rest by weight, leave each city its own gap.

    A loss from a violation is no part of the gap. Raises the refusals of money and of weights.
    """
    year = set_reserve_aside(levy, income, reserve_balance, terms, scheme=scheme)
    shares = distribute(year.distributable, [city.weight for city in cities], terms)
    settled = []
    for city, given in zip(cities, shares.allocations, strict=True):
        loss = assess_violation(city.loss)
        gap = max(ZERO, city.expenditure - city.loss - city.revenue)
        left = assess_city_gap(gap, given, city.balance)
        violation = loss.trace if city.loss else ()
        settled.append(
            CitySettlement(
                gap=gap,
                eligible=gap,
                claim=given,
                allocation=given,
                from_balance=left.from_rolling_balance,
                government=loss.government_must_cover,
                uncovered=left.self_filled - left.from_rolling_balance,
                trace=(step(gettext_noop("Weight"), city.weight), *left.trace, *violation),
            )
        )
    return Settlement(
        tuple(settled),
        year.reserve_in,
        year.distributable,
        sum(shares.allocations, ZERO),
        (*year.trace, *shares.trace),
    )
