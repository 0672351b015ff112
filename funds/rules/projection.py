"""Projection (预计) of the balance of a fund to the end of the next three years, as a range.

The method is ours (docs/algorithms/fund-risk.md). What the last twelve months say goes on with the
recorded drivers: payers and contributions a head move the revenue, one growth the spending. The
cautious case takes the low ends of the revenue and the high end of the spending, the hopeful one
the others.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from enrollment.rules.money import round_yuan
from enrollment.rules.parameter_units import Span
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step

YEARS = 3
MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class ProjectionTerms(Terms):
    """The recorded drivers: yearly changes as shares."""

    payers: Span = parameter("projection.payers_growth")
    standard: Span = parameter("projection.standard_growth")
    spending: Span = parameter("projection.spending_growth")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionFacts:
    """A fund at the end of a month: its balance, what `months` brought and took, in yuan.

    `left` are the months of the year that are still to come.
    """

    year: int
    balance: Decimal
    earned: Decimal
    spent: Decimal
    months: int
    left: int


@dataclass(frozen=True, slots=True)
class ProjectedYear:
    """The balance at the end of a year in yuan: cautious, in between, hopeful."""

    year: int
    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Projection:
    """The end of this year and of the next three. `short` is the first year whose cautious balance
    falls below zero."""

    years: tuple[ProjectedYear, ...]
    short: int | None
    trace: Trace


def project(facts: ProjectionFacts, terms: ProjectionTerms) -> Projection:
    """Carry a fund on. Raises RuleRefused `months_missing` where nothing was spent yet."""
    if not 1 <= facts.months <= MONTHS or not 0 <= facts.left < MONTHS:
        raise RuleRefused("months_missing", value=str(facts.months))
    cautious = _balances(facts, terms.payers.low, terms.standard.low, terms.spending.high)
    between = _balances(
        facts, _middle(terms.payers), _middle(terms.standard), _middle(terms.spending)
    )
    hopeful = _balances(facts, terms.payers.high, terms.standard.high, terms.spending.low)
    years = tuple(
        ProjectedYear(facts.year + number, *each)
        for number, each in enumerate(zip(cautious, between, hopeful, strict=True))
    )
    short = next((each.year for each in years if each.low < 0), None)
    trace = (
        step(gettext_noop("Accumulated balance"), facts.balance),
        step(gettext_noop("Revenue of the months looked at"), facts.earned),
        step(gettext_noop("Spending of the months looked at"), facts.spent),
        step(gettext_noop("Months looked at"), facts.months),
        step(gettext_noop("Months left of the year"), facts.left),
        step(gettext_noop("Change of payers, low"), terms.payers.low, terms.cite("payers")),
        step(gettext_noop("Change of payers, high"), terms.payers.high, terms.cite("payers")),
        step(gettext_noop("Change a head, low"), terms.standard.low, terms.cite("standard")),
        step(gettext_noop("Change a head, high"), terms.standard.high, terms.cite("standard")),
        step(gettext_noop("Change of spending, low"), terms.spending.low, terms.cite("spending")),
        step(gettext_noop("Change of spending, high"), terms.spending.high, terms.cite("spending")),
    )
    return Projection(years, short, trace)


def _balances(
    facts: ProjectionFacts, payers: Decimal, standard: Decimal, spending: Decimal
) -> list[Decimal]:
    """The balance at the end of this year and of each that follows, exactly until it is shown."""
    revenue = Fraction(facts.earned) * MONTHS / facts.months
    spent = Fraction(facts.spent) * MONTHS / facts.months
    balance = Fraction(facts.balance) + (revenue - spent) * facts.left / MONTHS
    found = [balance]
    for _year in range(YEARS):
        revenue *= (1 + Fraction(payers)) * (1 + Fraction(standard))
        spent *= 1 + Fraction(spending)
        balance += revenue - spent
        found.append(balance)
    return [_yuan(each) for each in found]


def _middle(span: Span) -> Decimal:
    return (span.low + span.high) / 2


def _yuan(exact: Fraction) -> Decimal:
    return round_yuan(Decimal(exact.numerator) / Decimal(exact.denominator))
