"""Employee scheme: first benefit day and the worker's own contribution.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（二）, 一（三）.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enrollment.rules.dates import Month, first_of_next_month
from enrollment.rules.money import read_yuan, round_yuan
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step


@dataclass(frozen=True, kw_only=True)
class EmployeeTerms(Terms):
    """Numbers of the employee scheme."""

    worker_share: Decimal = parameter("employee.worker_share")
    flexible_months: int = parameter("employee.flexible_months")
    starts_from: str = parameter("employee.start_counts_from")


@dataclass(frozen=True, slots=True)
class EmployeeStart:
    """First benefit day; none while the months of a flexible worker do not suffice."""

    benefit_start: date | None
    trace: Trace


@dataclass(frozen=True, slots=True)
class WorkerContribution:
    """Yuan a month."""

    employee_contribution: Decimal
    trace: Trace


def employer_start(registered_on: date, paid_on: date, terms: EmployeeTerms) -> EmployeeStart:
    """First day of the month after registration and first payment, whichever is later."""
    decisive = max(registered_on, paid_on)
    start = first_of_next_month(decisive)
    trace = (
        step(gettext_noop("Registered on"), registered_on),
        step(gettext_noop("First paid on"), paid_on),
        step(gettext_noop("The later of both counts"), decisive, terms.cite("starts_from")),
        step(gettext_noop("Benefits from"), start),
    )
    return EmployeeStart(start, trace)


def flexible_start(months_paid: Iterable[Month], terms: EmployeeTerms) -> EmployeeStart:
    """First day of the month after the first unbroken run of contribution months (3 in Anhui)."""
    run = 0
    previous: Month | None = None
    start: date | None = None
    for month in sorted(set(months_paid)):
        run = run + 1 if previous is not None and month == previous.plus(1) else 1
        previous = month
        if run == terms.flexible_months:
            start = month.plus(1).first_day()
            break
    trace = (
        step(
            gettext_noop("Consecutive months needed"),
            terms.flexible_months,
            terms.cite("flexible_months"),
        ),
        step(gettext_noop("Consecutive months reached"), run),
        step(gettext_noop("Benefits from"), start),
    )
    return EmployeeStart(start, trace)


def worker_contribution(wage: Decimal, terms: EmployeeTerms) -> WorkerContribution:
    """The worker's share of the own wage, rounded to the cent."""
    amount = round_yuan(read_yuan(wage) * terms.worker_share)
    trace = (
        step(gettext_noop("Wage"), read_yuan(wage)),
        step(gettext_noop("Worker's share"), terms.worker_share, terms.cite("worker_share")),
        step(gettext_noop("Worker's contribution"), amount),
    )
    return WorkerContribution(amount, trace)
