"""Contribution years at retirement in the employee scheme.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（二）: with the required cumulative years
nothing more is paid; otherwise payment goes on until they are reached, or the rest is paid at once
at the contribution base of retirement. Cumulative years are actual and deemed years; years of the
resident scheme never count.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enrollment.rules.dates import Month
from enrollment.rules.money import read_yuan, round_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import NO_CITATION, Citation, Trace, TraceLine, gettext_noop, step


@dataclass(frozen=True, slots=True)
class RetirementFacts:
    """Months of the employee scheme. `base` in yuan and `rate` price a lump sum;
    `first_payment_month` starts further monthly payment."""

    required_months: int
    actual_months: int
    deemed_months: int
    min_actual_months: int = 0
    base: Decimal | None = None
    rate: Decimal | None = None
    first_payment_month: Month | None = None


@dataclass(frozen=True, slots=True)
class Retirement:
    """What is missing, and both ways to make it up."""

    cumulative_months: int
    shortfall_total: int
    shortfall_actual: int
    shortfall_months: int
    retiree_benefits: bool
    lump_sum: Decimal | None
    last_payment_month: Month | None
    retiree_benefits_from: date | None
    trace: Trace


def assess_retirement(facts: RetirementFacts, source: Citation = NO_CITATION) -> Retirement:
    """Shortfall in months, lump sum in yuan, or last month of further payment.

    `source` is what the required months are cited by. Raises RuleRefused `months_negative`,
    `rate_outside_range`, and the refusals of money.
    """
    months = (
        facts.required_months,
        facts.actual_months,
        facts.deemed_months,
        facts.min_actual_months,
    )
    if any(count < 0 for count in months):
        raise RuleRefused("months_negative")
    cumulative = facts.actual_months + facts.deemed_months
    short_total = max(facts.required_months - cumulative, 0)
    short_actual = max(facts.min_actual_months - facts.actual_months, 0)
    shortfall = max(short_total, short_actual)
    lump = _lump_sum(facts, shortfall)
    last, free_from = _monthly(facts.first_payment_month, shortfall)
    lines: list[TraceLine] = [
        step(gettext_noop("Actual months"), facts.actual_months),
        step(gettext_noop("Deemed months"), facts.deemed_months),
        step(gettext_noop("Cumulative months"), cumulative),
        step(gettext_noop("Months required"), facts.required_months, source),
        step(gettext_noop("Actual months required"), facts.min_actual_months),
        step(gettext_noop("Months missing"), shortfall),
    ]
    if lump is not None:
        lines += [
            step(gettext_noop("Contribution base at retirement"), facts.base),
            step(gettext_noop("Rate of the lump sum"), facts.rate),
            step(gettext_noop("Lump sum"), lump),
        ]
    if free_from is not None:
        lines += [
            step(gettext_noop("Last month to pay"), None if last is None else str(last)),
            step(gettext_noop("Retiree benefits from"), free_from),
        ]
    return Retirement(
        cumulative_months=cumulative,
        shortfall_total=short_total,
        shortfall_actual=short_actual,
        shortfall_months=shortfall,
        retiree_benefits=shortfall == 0,
        lump_sum=lump,
        last_payment_month=last,
        retiree_benefits_from=free_from,
        trace=tuple(lines),
    )


def _lump_sum(facts: RetirementFacts, shortfall: int) -> Decimal | None:
    if facts.base is None or facts.rate is None:
        return None
    if not 0 <= facts.rate <= 1:
        raise RuleRefused("rate_outside_range")
    return round_yuan(shortfall * read_yuan(facts.base) * facts.rate)


def _monthly(first: Month | None, shortfall: int) -> tuple[Month | None, date | None]:
    """Last month to pay and first free day; nothing to pay where nothing is missing."""
    if first is None:
        return None, None
    last = first.plus(shortfall - 1) if shortfall else None
    return last, first.plus(shortfall).first_day()
