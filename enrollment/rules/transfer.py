"""Transfer between areas and schemes (转移接续): time limits and waits.

医保办发〔2021〕43号: ten working days to hand over, five to take over; no wait where a gap of at
most three months is paid, a wait of at most six months otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from enrollment.rules.dates import Month, WorkCalendar, year_start
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class TransferTerms(Terms):
    """Numbers of the national rule."""

    gap_months: int = parameter("transfer.gap_months")
    continuous_years: int = parameter("transfer.continuous_years")
    max_wait_months: int = parameter("transfer.max_wait_months")
    out_working_days: int = parameter("transfer.out_working_days")
    in_working_days: int = parameter("transfer.in_working_days")


@dataclass(frozen=True, slots=True)
class SwitchFacts:
    """A move between the schemes after `gap_months` without cover.

    `area_wait_months` is the wait that the area has set for longer or unpaid gaps.
    """

    continuous_years: int
    gap_months: int
    gap_paid: bool = False
    area_wait_months: int = 0


@dataclass(frozen=True, slots=True)
class CoverBefore:
    """Months without cover before a switch, and full years of unbroken cover before those."""

    gap_months: int
    continuous_years: int


def cover_before(covered: Iterable[Month], first: Month) -> CoverBefore:
    """What went before the `first` month of the new scheme, in whatever scheme and area.

    Employee years count as continuous, though not as resident years (皖医保发〔2024〕6号 一（二）).
    Whoever was never covered has no gap to pay and no year.
    """
    months = sorted({month for month in covered if month < first}, reverse=True)
    if not months:
        return CoverBefore(0, 0)
    run = 1
    while run < len(months) and months[run].plus(run) == months[0]:
        run += 1
    return CoverBefore(months[0].until(first) - 1, run // MONTHS_OF_A_YEAR)


@dataclass(frozen=True, slots=True)
class SwitchWait:
    """Months of wait, and whether benefits reach back over the gap."""

    wait_months: int
    retroactive: bool
    trace: Trace


@dataclass(frozen=True, slots=True)
class TransferDeadlines:
    """Last days for handing over and for taking over."""

    out_due: date
    in_due: date
    trace: Trace


def check_area_wait(months: int, terms: TransferTerms) -> None:
    """Raises RuleRefused `wait_above_national_maximum`, `wait_negative`."""
    if months > terms.max_wait_months:
        raise RuleRefused("wait_above_national_maximum", maximum=terms.max_wait_months)
    if months < 0:
        raise RuleRefused("wait_negative")


def assess_switch(facts: SwitchFacts, terms: TransferTerms) -> SwitchWait:
    """The wait at a switch between the schemes.

    A gap that is not paid, or a person without the years of continuous cover, is treated as a gap
    longer than three months. Raises as `check_area_wait`, and `gap_negative`.
    """
    check_area_wait(facts.area_wait_months, terms)
    if facts.gap_months < 0 or facts.continuous_years < 0:
        raise RuleRefused("gap_negative")
    long_cover = facts.continuous_years >= terms.continuous_years
    short_gap = facts.gap_months <= terms.gap_months
    paid = facts.gap_paid or facts.gap_months == 0
    without_wait = long_cover and short_gap and paid
    wait = 0 if without_wait else facts.area_wait_months
    retroactive = without_wait and facts.gap_paid
    trace = (
        step(
            gettext_noop("Years of continuous cover"),
            facts.continuous_years,
            terms.cite("continuous_years"),
        ),
        step(gettext_noop("Gap in months"), facts.gap_months, terms.cite("gap_months")),
        step(gettext_noop("Gap paid"), facts.gap_paid),
        step(
            gettext_noop("Wait set by the area, months"),
            facts.area_wait_months,
            terms.cite("max_wait_months"),
        ),
        step(gettext_noop("Wait in all, months"), wait),
    )
    return SwitchWait(wait, retroactive, trace)


def transfer_deadlines(
    accepted_on: date, terms: TransferTerms, calendar: WorkCalendar
) -> TransferDeadlines:
    """Working days after the day of acceptance, which is not counted, one term after the other."""
    out_due = calendar.add_working_days(accepted_on, terms.out_working_days)
    in_due = calendar.add_working_days(out_due, terms.in_working_days)
    trace = (
        step(gettext_noop("Accepted on"), accepted_on),
        step(
            gettext_noop("Working days to hand over"),
            terms.out_working_days,
            terms.cite("out_working_days"),
        ),
        step(gettext_noop("Hand over by"), out_due),
        step(
            gettext_noop("Working days to take over"),
            terms.in_working_days,
            terms.cite("in_working_days"),
        ),
        step(gettext_noop("Take over by"), in_due),
    )
    return TransferDeadlines(out_due, in_due, trace)


def covered_from(first: Month, before: CoverBefore, wait: SwitchWait) -> date:
    """The first day of cover in the new scheme: after the wait, or back over the paid gap."""
    months = -before.gap_months if wait.retroactive else wait.wait_months
    return first.plus(months).first_day()


def resident_move_effective(decided_on: date) -> date:
    """A resident who moves is covered by the new area from the next benefit year."""
    return year_start(decided_on.year + 1)
