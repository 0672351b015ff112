"""Payment period (集中征缴期) and benefit year of a contribution.

皖医保发〔2024〕6号 二（五）: September to December, in principle complete by the year's end for the
next year. 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（三）: benefits run from
1 January to 31 December.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enrollment.rules.dates import DayWindow, year_end
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step


@dataclass(frozen=True, kw_only=True)
class BenefitYearTerms(Terms):
    """How a payment that names no benefit year is placed."""

    next_year_from_month: int = parameter("collection.next_year_from_month")
    period: DayWindow = parameter("benefit.period")


@dataclass(frozen=True, slots=True)
class BenefitYear:
    """A benefit year with the first and last day of its protection."""

    year: int
    protected_from: date
    protected_until: date
    trace: Trace


@dataclass(frozen=True, slots=True)
class WindowCheck:
    """Which days lie inside a payment period, in the order in which they were asked."""

    inside: tuple[bool, ...]
    trace: Trace


def is_inside(day: date, first: date, last: date) -> bool:
    """Both end days are inside."""
    return first <= day <= last


def check_window(first: date, last: date, days: Sequence[date]) -> WindowCheck:
    """Whether each day lies inside the period. Raises RuleRefused `window_reversed`."""
    if first > last:
        raise RuleRefused("window_reversed")
    trace = (
        step(gettext_noop("Payment period from"), first),
        step(gettext_noop("Payment period until"), last),
    )
    return WindowCheck(tuple(is_inside(day, first, last) for day in days), trace)


def is_accepted(paid_on: date, window_first: date, benefit_year: int) -> bool:
    """Whether a payment can belong to the benefit year at all.

    Not before the city's own period opens, and not after 31 December of the year itself.
    """
    return window_first <= paid_on <= year_end(benefit_year)


def benefit_year_of(paid_on: date, terms: BenefitYearTerms) -> BenefitYear:
    """The benefit year of a payment that does not name it: from September on the next one."""
    year = paid_on.year + (paid_on.month >= terms.next_year_from_month)
    first, last = terms.period.in_year(year)
    trace = (
        step(gettext_noop("Paid on"), paid_on),
        step(
            gettext_noop("Payments count for the next year from month"),
            terms.next_year_from_month,
            terms.cite("next_year_from_month"),
        ),
        step(gettext_noop("Benefit year"), year),
        step(gettext_noop("Protection from"), first, terms.cite("period")),
        step(gettext_noop("Protection until"), last, terms.cite("period")),
    )
    return BenefitYear(year, first, last, trace)
