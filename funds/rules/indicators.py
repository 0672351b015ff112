"""Indicators and targets, compared exactly: a rounded figure never decides.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）: 参保率稳定在 95%以上;
一（三）: 不同层级医疗机构间保持 5—15 个百分点的支付比例差距.
川办发〔2023〕38号 二（七）: DRG/DIP 达到住院医保基金支出 70%以上.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

from enrollment.rules.money import read_decimal, read_yuan
from enrollment.rules.parameter_units import Span
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step

_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class EnrolmentRateTerms(Terms):
    """Target, and who is counted below the line."""

    target: Decimal = parameter("indicators.enrolment_target")
    denominator: str = parameter("indicators.enrolment_denominator")


@dataclass(frozen=True, kw_only=True)
class CasePaymentTerms(Terms):
    """Target for payment by case."""

    target: Decimal = parameter("indicators.drg_dip_target")


@dataclass(frozen=True, kw_only=True)
class TierTerms(Terms):
    """Allowed difference of payment ratios between tiers of institutions."""

    difference: Span = parameter("indicators.tier_difference")
    pairs: str = parameter("indicators.tier_pairs")


@dataclass(frozen=True, kw_only=True)
class RiskTerms(Terms):
    """Months of spending that the balance should cover."""

    normal_months: int = parameter("risk.normal_months")
    serious_months: int = parameter("risk.serious_months")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with four decimals for display, and whether the exact one meets the target."""

    rate: Decimal
    met: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class TierCheck:
    """Whether all differences are allowed."""

    valid: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class RiskLevel:
    """`normal`, `attention` or `serious`."""

    level: str
    trace: Trace


def _shown(share: Fraction) -> Decimal:
    """Half up to four decimals, from the exact fraction."""
    return Decimal(floor(share * 10_000 + Fraction(1, 2))) * _SHOWN


def enrolment_rate(enrolled: int, population: int, terms: EnrolmentRateTerms) -> Rate:
    """Insured people of the population. Raises RuleRefused `population_zero`, `count_negative`."""
    if enrolled < 0 or population < 0:
        raise RuleRefused("count_negative")
    if population == 0:
        raise RuleRefused("population_zero")
    share = Fraction(enrolled, population)
    met = share >= Fraction(terms.target)
    trace = (
        step(gettext_noop("Insured people"), enrolled),
        step(gettext_noop("Population"), population, terms.cite("denominator")),
        step(gettext_noop("Rate"), _shown(share)),
        step(gettext_noop("Target"), terms.target, terms.cite("target")),
        step(gettext_noop("Target met"), met),
    )
    return Rate(_shown(share), met, trace)


def case_payment_share(by_case: Decimal, inpatient: Decimal, terms: CasePaymentTerms) -> Rate:
    """Share of DRG and DIP in the fund's inpatient payments, yuan.

    Raises RuleRefused `inpatient_paid_zero`, and the refusals of money.
    """
    paid, total = read_yuan(by_case), read_yuan(inpatient)
    if total == 0:
        raise RuleRefused("inpatient_paid_zero")
    share = Fraction(paid) / Fraction(total)
    met = share >= Fraction(terms.target)
    trace = (
        step(gettext_noop("Paid by DRG or DIP"), paid),
        step(gettext_noop("Paid for inpatients"), total),
        step(gettext_noop("Share"), _shown(share)),
        step(gettext_noop("Target"), terms.target, terms.cite("target")),
        step(gettext_noop("Target met"), met),
    )
    return Rate(_shown(share), met, trace)


def check_tiers(ratios: Sequence[object], terms: TierTerms) -> TierCheck:
    """Payment ratios in percentage points from the lowest tier to the highest, falling.

    Neighbours differ by at least and at most the allowed points. Raises RuleRefused `not_a_number`.
    """
    points = [read_decimal(ratio) for ratio in ratios]
    differences = [lower - higher for lower, higher in pairwise(points)]
    low, high = terms.difference.low, terms.difference.high
    valid = all(low <= difference <= high for difference in differences)
    source = terms.cite("difference")
    trace = (
        step(gettext_noop("Smallest difference allowed"), low, source),
        step(gettext_noop("Largest difference allowed"), high, source),
        *(step(gettext_noop("Difference"), difference) for difference in differences),
        step(gettext_noop("All differences allowed"), valid, terms.cite("pairs")),
    )
    return TierCheck(valid, trace)


def risk_level(balance: Decimal, spending_a_month: Decimal, terms: RiskTerms) -> RiskLevel:
    """Months of spending that the accumulated balance covers, as a warning level.

    Raises RuleRefused `spending_zero`, and the refusals of money.
    """
    reserve, monthly = read_yuan(balance, negative=True), read_yuan(spending_a_month)
    if monthly == 0:
        raise RuleRefused("spending_zero")
    months = Fraction(reserve) / Fraction(monthly)
    if months < terms.serious_months:
        level = "serious"
    elif months < terms.normal_months:
        level = "attention"
    else:
        level = "normal"
    trace = (
        step(gettext_noop("Accumulated balance"), reserve),
        step(gettext_noop("Spending a month"), monthly),
        step(gettext_noop("Normal from months"), terms.normal_months, terms.cite("normal_months")),
        step(
            gettext_noop("Serious below months"),
            terms.serious_months,
            terms.cite("serious_months"),
        ),
        step(gettext_noop("Warning level"), level),
    )
    return RiskLevel(level, trace)
