"""Refund of a resident contribution: all or nothing, and only before the benefits start."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enrollment.rules.money import ZERO, read_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step
from enrollment.rules.window import BenefitYearTerms, benefit_year_of


@dataclass(frozen=True, kw_only=True)
class RefundTerms(Terms):
    """Accepted reasons, and the day that decides."""

    reasons: tuple[str, ...] = parameter("refund.reasons")
    deciding_day: str = parameter("refund.deciding_day")


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A contribution of `paid` yuan. `event_on` is the day of the death, the new job, the error.

    A bill names its benefit `year`; without one it follows from the day of payment.
    """

    paid: Decimal
    paid_on: date
    reason: str
    event_on: date
    requested_on: date
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Yuan: the whole contribution or 0.00."""

    refund: Decimal
    trace: Trace


def check_reason(reason: str, terms: RefundTerms) -> None:
    """Whether money is paid back on this ground at all. Raises RuleRefused `unknown_reason`."""
    if reason not in terms.reasons:
        raise RuleRefused("unknown_reason", reason=reason)


def assess_refund(facts: RefundFacts, terms: RefundTerms, years: BenefitYearTerms) -> Refund:
    """The whole contribution where the request comes before the benefits start, else nothing.

    Raises RuleRefused `unknown_reason`, `requested_before_payment`, and the refusals of money.
    """
    paid = read_yuan(facts.paid)
    check_reason(facts.reason, terms)
    if facts.requested_on < facts.paid_on:
        raise RuleRefused("requested_before_payment")
    year = facts.year or benefit_year_of(facts.paid_on, years).year
    protected_from, _ = years.period.in_year(year)
    refund = paid if facts.requested_on < protected_from else ZERO
    trace = (
        step(gettext_noop("Reason"), facts.reason, terms.cite("reasons")),
        step(gettext_noop("Benefit year"), year),
        step(gettext_noop("Benefits from"), protected_from),
        step(gettext_noop("Requested on"), facts.requested_on, terms.cite("deciding_day")),
        step(gettext_noop("Refund"), refund),
    )
    return Refund(refund, trace)
