"""Monthly indicators of a fund and their level, compared exactly: a rounded figure never decides.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）: 健全基本医保基金运行分析
与风险预警机制; 川办发〔2023〕38号 三（十一）: 强化风险防控. The texts name no thresholds: all are
parameters (docs/algorithms/fund-risk.md).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from enrollment.rules.money import ZERO, round_yuan
from enrollment.rules.terms import parameter
from funds.rules.indicators import EnrolmentRateTerms, RiskTerms, enrolment_rate, risk_level

NORMAL, ATTENTION, SERIOUS, UNKNOWN = "normal", "attention", "serious", "unknown"


@dataclass(frozen=True, kw_only=True)
class WarningTerms(RiskTerms):
    """Where each indicator begins to ask for attention, and where it is serious."""

    spending_months: int = parameter("risk.spending_months")
    deficit_attention: Decimal = parameter("risk.deficit_attention")
    deficit_serious: Decimal = parameter("risk.deficit_serious")
    collection_attention: Decimal = parameter("risk.collection_attention")
    collection_serious: Decimal = parameter("risk.collection_serious")
    arrears_attention: Decimal = parameter("risk.arrears_attention")
    arrears_serious: Decimal = parameter("risk.arrears_serious")
    growth_attention: Decimal = parameter("risk.growth_attention")
    growth_serious: Decimal = parameter("risk.growth_serious")
    execution_attention: Decimal = parameter("risk.execution_attention")
    execution_serious: Decimal = parameter("risk.execution_serious")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """What is known of a fund at the end of a month, in yuan and people.

    Revenue and expenditure are of the year so far; `spent` of the last `months` months, at most as
    many as the average takes, and `spent_before` of the twelve before, None where the books do not
    reach so far back. `claimed` are the fiscal subsidies due in the year with older arrears.
    `payable` and `paid` are of the benefit year that runs; None where the scheme has none.
    `budgeted` is the expenditure of the year's budget in force, `elapsed` the months of it that are
    over.
    """

    balance: Decimal
    revenue: Decimal
    expenditure: Decimal
    spent: Decimal
    months: int
    spent_before: Decimal | None = None
    claimed: Decimal = ZERO
    arrears: Decimal = ZERO
    payable: Decimal | None = None
    paid: Decimal | None = None
    insured: int | None = None
    population: int | None = None
    budgeted: Decimal | None = None
    elapsed: int = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator as a fraction, whose value is a number of months or a share, and its level."""

    indicator: str
    numerator: Decimal
    denominator: Decimal
    level: str


def readings(
    facts: MonthFacts, terms: WarningTerms, enrolment: EnrolmentRateTerms | None = None
) -> tuple[Reading, ...]:
    """Every indicator of a fund and month; what cannot be told yet is `unknown`."""
    return (
        months_covered(facts, terms),
        _falling(
            "current_balance",
            facts.revenue - facts.expenditure,
            facts.revenue,
            -terms.deficit_attention,
            -terms.deficit_serious,
        ),
        _falling(
            "collection_rate",
            facts.paid or ZERO,
            facts.payable or ZERO,
            terms.collection_attention,
            terms.collection_serious,
        ),
        _rising(
            "subsidy_arrears",
            facts.arrears,
            facts.claimed,
            terms.arrears_attention,
            terms.arrears_serious,
        ),
        _growth(facts, terms),
        _execution(facts, terms),
        _enrolment(facts, enrolment),
    )


def months_covered(facts: MonthFacts, terms: WarningTerms) -> Reading:
    """Months of average spending that the accumulated balance covers (可支付月数)."""
    monthly = round_yuan(facts.spent / facts.months) if facts.months else ZERO
    level = risk_level(facts.balance, monthly, terms).level if monthly > 0 else UNKNOWN
    return Reading("months_covered", facts.balance, monthly, level)


def _growth(facts: MonthFacts, terms: WarningTerms) -> Reading:
    """Growth of spending against the twelve months before (支出增幅)."""
    before = facts.spent_before or ZERO
    more = facts.spent - before
    return _rising("spending_growth", more, before, terms.growth_attention, terms.growth_serious)


def _execution(facts: MonthFacts, terms: WarningTerms) -> Reading:
    """Spending of the year's budget, held against the months that are over (序时进度)."""
    if not facts.budgeted:
        return Reading("budget_execution", facts.expenditure, ZERO, UNKNOWN)
    share = Fraction(facts.expenditure) / Fraction(facts.budgeted)
    ahead = share - Fraction(facts.elapsed, 12)
    level = _level(ahead > terms.execution_attention, ahead > terms.execution_serious or share > 1)
    return Reading("budget_execution", facts.expenditure, facts.budgeted, level)


def _enrolment(facts: MonthFacts, terms: EnrolmentRateTerms | None) -> Reading:
    """Insured of the population (参保率); a target missed asks for attention."""
    if terms is None or not facts.population or facts.insured is None:
        return Reading("enrolment_rate", ZERO, ZERO, UNKNOWN)
    met = enrolment_rate(facts.insured, facts.population, terms).met
    level = NORMAL if met else ATTENTION
    return Reading("enrolment_rate", Decimal(facts.insured), Decimal(facts.population), level)


def _falling(
    name: str, part: Decimal, whole: Decimal, attention: Decimal, serious: Decimal
) -> Reading:
    """The lower the worse: below a bound is beyond it."""
    if whole <= 0:
        return Reading(name, part, whole, UNKNOWN if part >= 0 else SERIOUS)
    share = Fraction(part) / Fraction(whole)
    return Reading(name, part, whole, _level(share < attention, share < serious))


def _rising(
    name: str, part: Decimal, whole: Decimal, attention: Decimal, serious: Decimal
) -> Reading:
    """The higher the worse: above a bound is beyond it."""
    if whole <= 0:
        return Reading(name, part, whole, UNKNOWN)
    share = Fraction(part) / Fraction(whole)
    return Reading(name, part, whole, _level(share > attention, share > serious))


def _level(attention: bool, serious: bool) -> str:
    if serious:
        return SERIOUS
    return ATTENTION if attention else NORMAL
