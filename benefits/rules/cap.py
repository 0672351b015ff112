"""Ceiling of major-illness insurance (大病保险年度最高支付限额): incentives and reductions.

皖医保发〔2024〕6号 一（二）, from benefit year 2025: after four years of continuous resident
cover each further year raises the ceiling, and so does the year after a year without any
reimbursement; each broken year lowers it for who enrols again; both are limited to a share of the
original ceiling.
A break restarts the count of years but keeps what was earned; use of the bonus clears the
zero-claim part for later years. Employee years pause the count.

The state of a person is a recurrence: `next_standing` makes the standing of a year from that of the
year before and what happened in it. The yearly step does the same for everyone.
docs/algorithms/major-illness-ceiling.md tells the same with tables.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from benefits.rules.covers import (
    NONE,
    RESIDENT,
    History,
    check_history,
    cover_of,
    first_covered_year,
)
from enrollment.rules.dates import year_start
from enrollment.rules.money import ZERO, read_yuan, round_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.shapes import Shapes
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, TraceLine, gettext_noop, step


@dataclass(frozen=True, kw_only=True)
class CapTerms(Terms):
    """Numbers of the area in force on 1 January of the year."""

    incentive_step: Decimal = parameter("incentive.step")
    penalty_step: Decimal = parameter("penalty.step")
    streak_needed: int = parameter("incentive.streak_needed")
    limit_rate: Decimal = parameter("incentive.limit_rate")
    count_from: int = parameter("incentive.count_from")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has earned and lost up to a year. Bonuses are before the limit, in yuan."""

    year: int
    cover: str
    ever_covered: bool
    streak: int
    broken_years_total: int
    continuity_bonus: Decimal
    zero_claim_bonus: Decimal


@dataclass(frozen=True, slots=True)
class CapResult:
    """Ceiling of a resident year, in yuan; outside the resident scheme there is none."""

    bonus_applied: Decimal
    penalty_applied: Decimal
    cap: Decimal
    bonus_used: bool


@dataclass(frozen=True, slots=True)
class CapFacts:
    """History up to and including `year`; `base_cap` in yuan, the same for all its years.

    `zero_claim_years` are years without any payment of the pooled fund; `serious_paid` is what
    major-illness insurance paid by year, nothing where a year is not named.
    """

    history: History
    year: int
    base_cap: Decimal
    zero_claim_years: Collection[int] = ()
    serious_paid: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cap:
    """Standing of the year asked for, and its ceiling if it is a resident year."""

    standing: Standing
    result: CapResult | None
    trace: Trace


def first_standing(history: History, terms: CapTerms) -> Standing:
    """Before the first year that counts: nothing earned, nothing lost."""
    first = first_covered_year(history)
    year = terms.count_from - 1
    ever = first is not None and first <= year
    return Standing(year, cover_of(history, year), ever, 0, 0, ZERO, ZERO)


def next_standing(
    before: Standing,
    cover: str,
    terms: CapTerms,
    *,
    zero_claim: bool = False,
    bonus_used: bool = False,
) -> Standing:
    """Standing of the year after `before`, in which the person is covered as `cover`.

    `zero_claim` and `bonus_used` tell what happened in the year before.
    """
    streak = {RESIDENT: before.streak + 1, NONE: 0}.get(cover, before.streak)
    counts = before.year >= terms.count_from
    broken = counts and before.cover == NONE and before.ever_covered
    gained = cover == RESIDENT and streak > terms.streak_needed
    earned = counts and zero_claim and before.cover == RESIDENT and cover == RESIDENT
    kept = ZERO if bonus_used else before.zero_claim_bonus
    return Standing(
        year=before.year + 1,
        cover=cover,
        ever_covered=before.ever_covered or cover != NONE,
        streak=streak,
        broken_years_total=before.broken_years_total + broken,
        continuity_bonus=before.continuity_bonus + (terms.incentive_step if gained else ZERO),
        zero_claim_bonus=kept + (terms.incentive_step if earned else ZERO),
    )


def apply_limits(
    standing: Standing, base_cap: Decimal, serious_paid: Decimal, terms: CapTerms
) -> CapResult | None:
    """Ceiling of the year from its standing; none unless it is a resident year.

    Each side is limited by itself. The bonus counts as used when more was paid than the ceiling
    without it.
    """
    if standing.cover != RESIDENT:
        return None
    limit = round_yuan(base_cap * terms.limit_rate)
    bonus = min(standing.continuity_bonus + standing.zero_claim_bonus, limit)
    penalty = min(terms.penalty_step * standing.broken_years_total, limit)
    cap = base_cap + bonus - penalty
    return CapResult(bonus, penalty, cap, amount_used(cap, bonus, serious_paid) > 0)


def amount_used(cap: Decimal, bonus: Decimal, serious_paid: Decimal) -> Decimal:
    """Yuan of the bonus inside a ceiling that major-illness payments used: above it without bonus.

    皖医保发〔2024〕6号 一（二）, in the reading C-A3.
    """
    return min(max(serious_paid - (cap - bonus), ZERO), bonus)


@dataclass(frozen=True, slots=True)
class CapShape:
    """How a year follows from the year before, and what becomes of it."""

    next_standing: Callable[..., Standing]
    apply_limits: Callable[[Standing, Decimal, Decimal, CapTerms], CapResult | None]


SHAPES = Shapes("cap", ((date(2025, 1, 1), CapShape(next_standing, apply_limits)),))


def assess_cap(
    facts: CapFacts, terms: CapTerms, earlier: Mapping[int, CapTerms] | None = None
) -> Cap:
    """Streak, bonuses, reduction and ceiling of the year asked for; `terms` are those of that year.

    Each year is computed in its own shape, and in its own terms where `earlier` names them: what
    was earned stays as it was earned. Raises RuleRefused `unknown_cover`, `year_before_policy`,
    `rule_not_in_force`, and the refusals of money.
    """
    check_history(facts.history)
    if facts.year < terms.count_from:
        raise RuleRefused("year_before_policy", year=facts.year, first_year=terms.count_from)
    base_cap = read_yuan(facts.base_cap)
    paid = {year: read_yuan(amount) for year, amount in facts.serious_paid.items()}
    standing = first_standing(facts.history, terms)
    result: CapResult | None = None
    while standing.year < facts.year:
        year = standing.year + 1
        of_year = terms if year == facts.year else (earlier or {}).get(year, terms)
        shape = SHAPES.on(year_start(year))
        standing = shape.next_standing(
            standing,
            cover_of(facts.history, year),
            of_year,
            zero_claim=standing.year in facts.zero_claim_years,
            bonus_used=result is not None and result.bonus_used,
        )
        result = shape.apply_limits(standing, base_cap, paid.get(year, ZERO), of_year)
    return Cap(standing, result, _trace(standing, result, base_cap, terms))


def _trace(
    standing: Standing, result: CapResult | None, base_cap: Decimal, terms: CapTerms
) -> tuple[TraceLine, ...]:
    lines = [
        step(gettext_noop("Benefit year"), standing.year),
        step(
            gettext_noop("Years of continuous resident cover"),
            standing.streak,
            terms.cite("count_from"),
        ),
    ]
    if result is None:
        lines.append(step(gettext_noop("No ceiling outside the resident scheme"), None))
        return tuple(lines)
    step_source = terms.cite("incentive_step")
    return (
        *lines,
        step(
            gettext_noop("Years needed before the first gain"),
            terms.streak_needed,
            terms.cite("streak_needed"),
        ),
        step(gettext_noop("Original ceiling"), base_cap, terms.cite("base_cap")),
        step(gettext_noop("Continuity bonus"), standing.continuity_bonus, step_source),
        step(gettext_noop("Zero-claim bonus"), standing.zero_claim_bonus, step_source),
        step(
            gettext_noop("Bonus after the limit"),
            result.bonus_applied,
            terms.cite("limit_rate"),
        ),
        step(gettext_noop("Broken years in all"), standing.broken_years_total),
        step(
            gettext_noop("Reduction after the limit"),
            result.penalty_applied,
            terms.cite("penalty_step"),
        ),
        step(gettext_noop("Ceiling of the year"), result.cap),
        step(gettext_noop("Bonus used in the year"), result.bonus_used),
    )
