"""What a resident pays, and who pays the rest (资助参保).

皖医保发〔2024〕6号 一（一）: medical assistance pays the whole contribution of persons in extreme
poverty, 80 to 90 per cent for subsistence allowance recipients, 70 to 80 for people fallen back
into poverty and 50 for qualified monitored people, in yuan amounts set by each pooling area;
village collectives and charities may pay too. With several categories the most favourable counts,
alone. docs/algorithms/contribution-subsidy.md tells the same with tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from enrollment.rules.money import ZERO, read_yuan
from enrollment.rules.parameter_checks import share_bounds
from enrollment.rules.parameter_units import Span
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms
from enrollment.rules.trace import Trace, TraceLine, gettext_noop, step

EXTREME_POVERTY = "extreme_poverty"
DIBAO = "dibao"
RETURNED_TO_POVERTY = "returned_to_poverty"
MONITORED = "monitored"
# Order of the document, which decides between equal amounts.
CATEGORIES = (EXTREME_POVERTY, DIBAO, RETURNED_TO_POVERTY, MONITORED)


@dataclass(frozen=True, kw_only=True)
class SubsidyTerms(Terms):
    """Share of the standard that each category may be paid; citations by category."""

    ranges: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class SubsidyFacts:
    """All money in yuan. `quota` is the amount of the area by category; a category that is paid in
    full needs none. `monitored_qualified` says whether a monitored person meets the condition;
    `city_extra`, `third_party` lower the personal share, `account_pay` only the cash due."""

    standard: Decimal
    categories: tuple[str, ...] = ()
    quota: Mapping[str, Decimal] = field(default_factory=dict)
    monitored_qualified: bool = True
    city_extra: Decimal = ZERO
    third_party: Decimal = ZERO
    account_pay: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Yuan. `category` is the one applied, none where medical assistance pays nothing."""

    category: str | None
    assistance_subsidy: Decimal
    personal_share: Decimal
    cash_due: Decimal
    trace: Trace


@dataclass(frozen=True, slots=True)
class Financing:
    """Yuan a head and benefit year."""

    total: Decimal
    trace: Trace


def check_quota(category: str, amount: Decimal, standard: Decimal, rates: Span) -> None:
    """Raises RuleRefused `quota_out_of_range` with `min`, `max` and `category`."""
    low, high = share_bounds(standard, rates)
    if not low <= amount <= high:
        raise RuleRefused("quota_out_of_range", min=low, max=high, category=category)


def assess_subsidy(facts: SubsidyFacts, terms: SubsidyTerms) -> Subsidy:
    """Subsidy, personal share and cash due of one contribution.

    Raises RuleRefused `quota_out_of_range` (with `min`, `max`), `quota_missing`,
    `unknown_category`, `category_twice`, `city_extra_exceeds_personal_share`,
    `third_party_exceeds_personal_share`, `account_pay_exceeds_personal_share`, and the refusals of
    money (`money_negative`, `money_finer_than_cent`).
    """
    standard = read_yuan(facts.standard)
    extra, others, account = map(
        read_yuan, (facts.city_extra, facts.third_party, facts.account_pay)
    )
    amounts = _amounts(facts, terms, standard)
    category, assistance = _best(amounts)
    after_assistance = standard - assistance
    if extra > after_assistance:
        raise RuleRefused("city_extra_exceeds_personal_share")
    if others > after_assistance - extra:
        raise RuleRefused("third_party_exceeds_personal_share")
    personal = after_assistance - extra - others
    if account > personal:
        raise RuleRefused("account_pay_exceeds_personal_share")

    trace = [step(gettext_noop("Individual standard"), standard, terms.cite("standard"))]
    for code, amount in amounts.items():
        trace += _category_lines(code, amount, standard, terms)
    trace.append(step(gettext_noop("Paid by medical assistance"), assistance))
    trace += [
        step(label, amount)
        for label, amount in (
            (gettext_noop("Paid by the city"), extra),
            (gettext_noop("Paid by collectives and charities"), others),
        )
        if amount
    ]
    trace.append(step(gettext_noop("Personal share"), personal))
    if account:
        trace.append(step(gettext_noop("Paid from a relative's personal account"), account))
    trace.append(step(gettext_noop("Cash due"), personal - account))
    return Subsidy(category, assistance, personal, personal - account, tuple(trace))


def _amounts(facts: SubsidyFacts, terms: SubsidyTerms, standard: Decimal) -> dict[str, Decimal]:
    """What each category of the person would be paid."""
    if len(set(facts.categories)) != len(facts.categories):
        raise RuleRefused("category_twice")
    amounts: dict[str, Decimal] = {}
    for category in sorted(facts.categories, key=_place):
        if category not in terms.ranges:
            raise RuleRefused("unknown_category", category=category)
        rates = terms.ranges[category]
        if category in facts.quota:
            amount = read_yuan(facts.quota[category])
        elif rates.low == 1:
            amount = standard
        else:
            raise RuleRefused("quota_missing", category=category)
        check_quota(category, amount, standard, rates)
        if category == MONITORED and not facts.monitored_qualified:
            amount = ZERO
        amounts[category] = amount
    return amounts


def _place(category: str) -> tuple[int, str]:
    place = CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)
    return place, category


def _best(amounts: Mapping[str, Decimal]) -> tuple[str | None, Decimal]:
    """The most favourable category; none where nothing is paid."""
    paid = {category: amount for category, amount in amounts.items() if amount}
    if not paid:
        return None, ZERO
    best = max(paid, key=lambda category: paid[category])
    return best, paid[best]


def _category_lines(
    category: str, amount: Decimal, standard: Decimal, terms: SubsidyTerms
) -> list[TraceLine]:
    low, high = share_bounds(standard, terms.ranges[category])
    source = terms.cite(category)
    return [
        step(gettext_noop("Category"), category, source),
        step(gettext_noop("Lowest amount allowed"), low, source),
        step(gettext_noop("Highest amount allowed"), high, source),
        step(gettext_noop("Amount of the area"), amount, terms.cite(f"quota.{category}")),
    ]


def financing_per_head(individual: Decimal, fiscal: Decimal) -> Financing:
    """Individual and government money a head (实施意见 一（二）: 个人缴费和政府补贴相结合)."""
    own, government = read_yuan(individual), read_yuan(fiscal)
    trace = (
        step(gettext_noop("Individual standard"), own),
        step(gettext_noop("Government subsidy"), government),
        step(gettext_noop("Financing a head"), own + government),
    )
    return Financing(own + government, trace)
