"""Registration (参保登记): on what ground somebody registers, inside the payment period or outside.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（二）: once a year in the payment period;
newborns, newly recognised assistance recipients, leavers of other cover and others at any time.
皖医保发〔2024〕6号 一（二）: whoever else comes late registers too, and waits.
"""

from dataclasses import dataclass
from datetime import date

from enrollment.rules.dates import add_months, year_end
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step

IN_PERIOD, LATE = "in_period", "late"
NEWBORN = "newborn"


@dataclass(frozen=True, kw_only=True)
class RegistrationTerms(Terms):
    """The groups that register at any time, and how long a child is a newborn, in months."""

    off_period: tuple[str, ...] = parameter("registration.off_period_groups")
    newborn_months: int = parameter("registration.newborn_months")


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """A registration on day `on` for benefit year `year`. The payment period of the year is from
    `window_first` to `window_last`, both inside, with a declared extension to `grace_end`."""

    ground: str
    on: date
    year: int
    window_first: date
    window_last: date
    birth_date: date
    grace_end: date | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """`inside`: the day lies in the payment period or its extension. From `newborn_until` on a
    child registers like anybody else."""

    inside: bool
    newborn_until: date
    trace: Trace


def admit(facts: RegistrationFacts, terms: RegistrationTerms) -> Admission:
    """Whether the ground holds on that day.

    Raises RuleRefused `unknown_ground`, `born_later`, `year_not_payable_yet`, `year_over`,
    `outside_payment_period`, `inside_payment_period`, `not_a_newborn`.
    """
    if facts.ground not in {IN_PERIOD, LATE, *terms.off_period}:
        raise RuleRefused("unknown_ground", ground=facts.ground)
    if facts.birth_date > facts.on:
        raise RuleRefused("born_later")
    if facts.on < facts.window_first:
        raise RuleRefused("year_not_payable_yet", first=facts.window_first)
    if facts.on > year_end(facts.year):
        raise RuleRefused("year_over", last=year_end(facts.year))
    last = max(facts.window_last, facts.grace_end or facts.window_last)
    inside = facts.on <= last
    if facts.ground == IN_PERIOD and not inside:
        raise RuleRefused("outside_payment_period", last=last)
    if facts.ground == LATE and inside:
        raise RuleRefused("inside_payment_period", last=last)
    newborn_until = add_months(facts.birth_date, terms.newborn_months)
    born_in_time = facts.birth_date.year <= facts.year and facts.on < newborn_until
    if facts.ground == NEWBORN and not born_in_time:
        raise RuleRefused("not_a_newborn", born=facts.birth_date, until=newborn_until)
    trace = (
        step(gettext_noop("Payment period from"), facts.window_first),
        step(gettext_noop("Payment period until"), last),
        step(gettext_noop("Registered on"), facts.on),
        step(gettext_noop("Inside the payment period"), inside),
        step(gettext_noop("Ground of the registration"), facts.ground, terms.cite("off_period")),
    )
    return Admission(inside, newborn_until, trace)
