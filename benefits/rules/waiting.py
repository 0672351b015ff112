"""Waiting period (待遇等待期) of a resident contribution: fixed, variable, repaired, exempt.

皖医保发〔2024〕6号 一（二）: whoever enrols outside the concentrated period or after a break waits
three months; each further broken year adds a month, which repair payments remove again; after four
and more consecutive years six months remain. Named groups do not wait.
docs/algorithms/waiting-period.md tells the same with tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benefits.rules.covers import NONE, History, check_history, cover_of, first_covered_year
from enrollment.rules.dates import add_months, year_end, year_start
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.shapes import Shapes
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import NO_CITATION, Citation, Trace, TraceLine, gettext_noop, step

NEWBORN = "newborn"


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """What is known of one contribution of one person.

    `history` is the cover of earlier years. `window_first` and `window_last` are the payment
    period of the city for `target_year`, both inside; `grace_end` is the last day of a declared
    extension. `exemption` says that the person qualifies; newborns also need `birth_date`.
    """

    history: History
    target_year: int
    paid_on: date
    window_first: date
    window_last: date
    grace_end: date | None = None
    repair_years: int = 0
    exemption: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class WaitingTerms(Terms):
    """Numbers and readings of the area, in force on 1 January of the benefit year."""

    fixed_months: int = parameter("waiting.fixed_months")
    variable_offset: int = parameter("waiting.variable_offset")
    floor_years: int = parameter("waiting.floor_years")
    floor_total_months: int = parameter("waiting.floor_total_months")
    count_breaks_from: int = parameter("waiting.count_breaks_from")
    newborn_days: int = parameter("waiting.newborn_days")
    never_enrolled_counts: bool = parameter("waiting.never_enrolled_counts")
    count_missed_window_year: bool = parameter("waiting.count_missed_window_year")
    exemptions: tuple[str, ...] = parameter("waiting.exemptions")

    @property
    def exception_clause(self) -> Citation:
        """The clause that sets the wait 原则上, and so lets one person be excepted."""
        return replace(self.cite("fixed_months"), parameter="")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The wait in months, and the first benefit day; no day means no benefit in the year."""

    broken_years: int
    fixed_months: int
    variable_before: int
    variable_months: int
    total_months: int
    benefit_start: date | None
    max_useful_repair_years: int
    trace: Trace


def assess_waiting(facts: WaitingFacts, terms: WaitingTerms) -> Waiting:
    """The wait of a contribution for benefit year `target_year`, in the shape of that year.

    Raises RuleRefused: `payment_outside_benefit_year`; `repair_exceeds_useful` with
    `max_useful_repair_years` and `broken_years`; `unknown_exemption`, `birth_date_required`,
    `unknown_cover`, `history_before_birth`, `window_reversed`, `payment_before_birth`,
    `repair_years_negative`, `rule_not_in_force`.
    """
    return SHAPES.on(year_start(facts.target_year))(facts, terms)


def fixed_and_variable_wait(facts: WaitingFacts, terms: WaitingTerms) -> Waiting:
    """A fixed wait, and a variable one that repair shortens (皖医保发〔2024〕6号 一（二）)."""
    _check(facts, terms)
    inside = facts.window_first <= facts.paid_on <= facts.window_last
    extended = not inside and facts.grace_end is not None and facts.paid_on <= facts.grace_end
    broken = _count_broken(facts, terms, inside=inside)
    exempt = facts.exemption is not None
    waits = not exempt and (broken > 0 or not (inside or extended))

    fixed = terms.fixed_months if waits else 0
    variable_before = max(broken - terms.variable_offset, 0) if waits and broken else 0
    floor = _variable_floor(broken, terms) if waits else 0
    useful = max(variable_before - floor, 0)
    if facts.repair_years > useful:
        raise RuleRefused(
            "repair_exceeds_useful", max_useful_repair_years=useful, broken_years=broken
        )
    variable = max(variable_before - facts.repair_years, floor)
    total = fixed + variable
    start = _start(facts, terms, inside=inside, waits=waits, total=total)
    start_in_year = start if start <= year_end(facts.target_year) else None

    trace: list[TraceLine] = [
        step(gettext_noop("Paid on"), facts.paid_on),
        step(gettext_noop("Paid inside the payment period"), inside),
        step(gettext_noop("Consecutive broken years"), broken, terms.cite("count_breaks_from")),
    ]
    if exempt:
        trace.append(
            step(gettext_noop("Exempt from waiting"), facts.exemption, terms.cite("exemptions"))
        )
    elif extended and not waits:
        trace.append(step(gettext_noop("Paid in the declared extension"), facts.grace_end))
    if waits:
        trace += [
            step(gettext_noop("Fixed wait, months"), fixed, terms.cite("fixed_months")),
            step(
                gettext_noop("Variable wait before repair, months"),
                variable_before,
                terms.cite("variable_offset"),
            ),
        ]
        if broken >= terms.floor_years:
            trace.append(
                step(
                    gettext_noop("Least variable wait after repair, months"),
                    floor,
                    terms.cite("floor_total_months"),
                )
            )
        trace += [
            step(gettext_noop("Repair years paid"), facts.repair_years),
            step(gettext_noop("Variable wait, months"), variable, terms.cite("variable_offset")),
            step(gettext_noop("Wait in all, months"), total),
        ]
    trace.append(step(gettext_noop("Benefits from"), start_in_year))
    return Waiting(
        broken_years=broken,
        fixed_months=fixed,
        variable_before=variable_before,
        variable_months=variable,
        total_months=total,
        benefit_start=start_in_year,
        max_useful_repair_years=useful,
        trace=tuple(trace),
    )


SHAPES: Shapes[Callable[[WaitingFacts, WaitingTerms], Waiting]] = Shapes(
    "waiting", ((date(2025, 1, 1), fixed_and_variable_wait),)
)


def shorten_wait(
    waiting: Waiting, facts: WaitingFacts, months: int, source: Citation = NO_CITATION
) -> Waiting:
    """A wait that was shortened to `months` for one person (原则上, reading W-A7).

    Without a month left benefits begin as for somebody exempt. `source` is the clause whose 原则上
    lets a person be excepted. Raises RuleRefused `override_not_shorter` with `total_months`.
    """
    if not 0 <= months < waiting.total_months:
        raise RuleRefused("override_not_shorter", total_months=waiting.total_months)
    start = _shortened_start(facts, months)
    in_year = start if start <= year_end(facts.target_year) else None
    lines = (
        step(gettext_noop("Wait by the override, months"), months, source),
        step(gettext_noop("Benefits from, by the override"), in_year, source),
    )
    return replace(
        waiting, total_months=months, benefit_start=in_year, trace=(*waiting.trace, *lines)
    )


def months_of_override(waiting: Waiting, facts: WaitingFacts, start: date) -> int:
    """How many months of wait an override leaves with which benefits begin on `start`.

    Raises RuleRefused `override_not_shorter` where the rule does not wait, and
    `override_start_unknown` with the days on which a shorter wait would end.
    """
    days = [_shortened_start(facts, months) for months in range(waiting.total_months)]
    if not days:
        raise RuleRefused("override_not_shorter", total_months=waiting.total_months)
    if start not in days:
        raise RuleRefused("override_start_unknown", days=[day.isoformat() for day in days])
    return days.index(start)


def _shortened_start(facts: WaitingFacts, months: int) -> date:
    """The first benefit day after `months` of wait; without one the day after the payment."""
    inside = facts.window_first <= facts.paid_on <= facts.window_last
    start = add_months(year_start(facts.target_year) if inside else facts.paid_on, months)
    return start if months or inside else start + timedelta(days=1)


def _check(facts: WaitingFacts, terms: WaitingTerms) -> None:
    if facts.window_first > facts.window_last:
        raise RuleRefused("window_reversed")
    if facts.exemption is not None and facts.exemption not in terms.exemptions:
        raise RuleRefused("unknown_exemption", exemption=facts.exemption)
    if facts.exemption == NEWBORN and facts.birth_date is None:
        raise RuleRefused("birth_date_required")
    if not facts.window_first <= facts.paid_on <= year_end(facts.target_year):
        raise RuleRefused("payment_outside_benefit_year")
    if facts.birth_date is not None and facts.paid_on < facts.birth_date:
        raise RuleRefused("payment_before_birth")
    check_history(facts.history, born=facts.birth_date.year if facts.birth_date else None)
    if facts.repair_years < 0:
        raise RuleRefused("repair_years_negative")


def _count_broken(facts: WaitingFacts, terms: WaitingTerms, *, inside: bool) -> int:
    """Consecutive years without cover right before the benefit year, from the first that counts.

    Nothing is broken for a person never covered before (未连续参保 presupposes an enrolment),
    unless the area counts that too; years before birth are never broken.
    """
    earliest = terms.count_breaks_from
    first = first_covered_year(facts.history)
    if first is None or first >= facts.target_year:
        if not terms.never_enrolled_counts:
            return 0
        if facts.birth_date is not None:
            earliest = max(earliest, facts.birth_date.year)
    broken = 0
    year = facts.target_year - 1
    while year >= earliest and cover_of(facts.history, year) == NONE:
        broken += 1
        year -= 1
    missed_window_counts = terms.count_missed_window_year and broken > 0 and not inside
    return broken + 1 if missed_window_counts else broken


def _variable_floor(broken: int, terms: WaitingTerms) -> int:
    """Variable months that repair cannot remove, so that both waits reach the floor together."""
    if broken < terms.floor_years:
        return 0
    return max(terms.floor_total_months - terms.fixed_months, 0)


def _start(
    facts: WaitingFacts, terms: WaitingTerms, *, inside: bool, waits: bool, total: int
) -> date:
    """First benefit day, which may lie after the benefit year."""
    new_year = year_start(facts.target_year)
    if waits:
        return add_months(new_year if inside else facts.paid_on, total)
    born = facts.birth_date if facts.exemption == NEWBORN else None
    if born is not None and (facts.paid_on - born).days <= terms.newborn_days:
        return max(born, new_year)
    if inside:
        return new_year
    return facts.paid_on + timedelta(days=1)
