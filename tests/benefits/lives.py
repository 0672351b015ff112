"""Made lives: years of cover, payments, repairs, exemptions and claims, and what the rules say.

Hypothesis draws them; the pure rules say what each year's standing is. The files of the same people
go through `import_file` and `assess` (test_agreement).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from benefits.models import Standing, StandingTerms
from benefits.rules.cap import CapResult, CapTerms, apply_limits, next_standing
from benefits.rules.cap import Standing as Earned
from benefits.rules.covers import EMPLOYEE, NONE, RESIDENT
from benefits.rules.repair import apply_repair
from benefits.rules.waiting import NEWBORN, Waiting, WaitingFacts, WaitingTerms, assess_waiting
from benefits.selectors.standing import CODES
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.money import ZERO
from enrollment.rules.refusals import RuleRefused

FIRST, LAST = 2020, 2034  # years on file
EXEMPTIONS = (
    "newborn",
    "medical_assistance_new",
    "low_income_recognised",
    "returned_recruit",
    "employee_interrupted",
    "demobilised",
    "military_spouse",
    "released_prisoner",
)
TermsOf = Callable[[int, int], StandingTerms]  # of an area in a year


@dataclass
class Year:
    """One year of a life. `paid_on` None is inside the payment period; months as in a file."""

    number: int
    cover: str
    paid_on: date | None = None
    months: str = ""
    repair_years: int = 0
    repair_paid_on: date | None = None
    pooled: int = 0  # yuan that the pooled fund paid
    major: int = 0  # yuan that major-illness insurance paid


@dataclass
class Life:
    """A person of one area, with the years from the first one on that says anything."""

    born: date
    region: int
    years: list[Year]
    exemption: str = ""
    exempt_from: date | None = None
    exempt_until: date | None = None  # the last day
    number: int = 0
    wanted_repairs: dict[int, int] = field(default_factory=dict)


@st.composite
def lives(draw: st.DrawFn, regions: tuple[int, ...]) -> Life:
    """A life of 1 to 15 years of cover and breaks, ending with LAST at the latest."""
    first = draw(st.integers(FIRST, LAST))
    covers = draw(st.lists(st.sampled_from("RRRRNNE"), min_size=1, max_size=LAST - first + 1))
    # A life without any cover has no file of years at all.
    if set(covers) == {NONE}:
        covers[0] = RESIDENT
    exemption = draw(st.sampled_from(("", "", "", *EXEMPTIONS)))
    born = draw(st.dates(date(first - 80, 1, 1), date(first - 1, 8, 31)))
    if exemption == NEWBORN:
        born = draw(st.dates(date(first - 1, 10, 1), date(first, 12, 31)))
    life = Life(born, draw(st.sampled_from(regions)), [], exemption)
    for offset, cover in enumerate(covers):
        life.years.append(_year(draw, first + offset, cover, life))
    if exemption:
        life.exempt_from = draw(st.dates(max(born, date(first - 1, 1, 1)), date(LAST, 12, 31)))
        days = draw(st.none() | st.integers(0, 800))
        if days is not None:
            life.exempt_until = life.exempt_from + timedelta(days=days)
    return life


def _year(draw: st.DrawFn, number: int, cover: str, life: Life) -> Year:
    year = Year(number, cover)
    if cover == EMPLOYEE:
        year.months = draw(st.sampled_from(("1-12", "1", "6,9-12", "12")))
    if cover == RESIDENT:
        late = st.dates(max(year_start(number), life.born), year_end(number))
        closes = date(number - 1, 12, 31)
        opens = max(date(number - 1, 9, 1), life.born)
        year.paid_on = draw(late if opens > closes else st.none() | st.dates(opens, closes) | late)
        life.wanted_repairs[number] = draw(st.integers(0, 4))
        year.pooled = draw(st.sampled_from((0, 0, 1, 250, 8000)))
        year.major = draw(st.sampled_from((0, 0, 0, 290_000, 300_000, 310_000, 400_000)))
    return year


@dataclass(frozen=True)
class Said:
    """What the rules say of one year; the columns of Standing that carry a figure."""

    cover: str
    streak: int
    broken_years_total: int
    continuity_bonus: Decimal
    zero_claim_bonus: Decimal
    bonus_applied: Decimal | None
    penalty_applied: Decimal | None
    cap: Decimal | None
    broken_years: int | None
    fixed_months: int | None
    variable_before: int | None
    variable_months: int | None
    benefit_start: date | None


FIGURES = tuple(Said.__dataclass_fields__)


def as_stored(row: Standing) -> Said:
    """The same columns of a row."""
    return Said(**{name: getattr(row, name) for name in FIGURES})


def cap_terms(terms: StandingTerms, count_from: int) -> CapTerms:
    """As the step kept them."""
    names = [name for name in CapTerms.codes() if name in CODES]
    return CapTerms(count_from=count_from, **{name: getattr(terms, name) for name in names})


def waiting_terms(terms: StandingTerms) -> WaitingTerms:
    """As the step kept them."""
    values = {name: getattr(terms, name) for name in WaitingTerms.codes()}
    return WaitingTerms(**{**values, "exemptions": tuple(values["exemptions"])})


def settle_repairs(life: Life, terms_of: TermsOf) -> None:
    """Let a life repair as many years as it wanted and as help, as a desk would have allowed."""
    for year, facts in _contributions(life, terms_of):
        wanted = life.wanted_repairs.get(year.number, 0)
        terms = waiting_terms(terms_of(life.region, year.number))
        years = min(wanted, assess_waiting(facts, terms).max_useful_repair_years)
        if not years:
            continue
        try:
            apply_repair(facts, years, facts.paid_on, terms)
        except RuleRefused:
            continue
        year.repair_years = years
        # Every other one pays the repair a while later.
        later = facts.paid_on + timedelta(days=20 * (year.number % 2))
        if later != facts.paid_on and later <= year_end(year.number):
            try:
                apply_repair(facts, years, later, terms)
            except RuleRefused:
                continue
            year.repair_paid_on = later


def said(life: Life, terms_of: TermsOf, count_from: int) -> dict[int, Said]:
    """What the rules say of every year from the first covered one, or `count_from`, to LAST."""
    history = {year.number: year.cover for year in life.years}
    first = min(number for number, cover in history.items() if cover != NONE)
    waits = dict(_waits(life, terms_of))
    years = {year.number: year for year in life.years}
    earned = Earned(
        count_from - 1, history.get(count_from - 1, NONE), first < count_from, 0, 0, ZERO, ZERO
    )
    result: CapResult | None = None
    told = {}
    for number in range(count_from, LAST + 1):
        terms = terms_of(life.region, number)
        before = years.get(number - 1)
        earned = next_standing(
            earned,
            history.get(number, NONE),
            cap_terms(terms, count_from),
            zero_claim=before is None or before.pooled + before.major == 0,
            bonus_used=result is not None and result.bonus_used,
        )
        now = years.get(number)
        serious = Decimal(now.major if now else 0)
        result = apply_limits(earned, terms.base_cap, serious, cap_terms(terms, count_from))
        if number >= first:
            told[number] = _one(earned, result, waits.get(number))
    return told


def _one(earned: Earned, result: CapResult | None, wait: Waiting | None) -> Said:
    return Said(
        cover=earned.cover,
        streak=earned.streak,
        broken_years_total=earned.broken_years_total,
        continuity_bonus=earned.continuity_bonus,
        zero_claim_bonus=earned.zero_claim_bonus,
        bonus_applied=result.bonus_applied if result else None,
        penalty_applied=result.penalty_applied if result else None,
        cap=result.cap if result else None,
        broken_years=wait.broken_years if wait else None,
        fixed_months=wait.fixed_months if wait else None,
        variable_before=wait.variable_before if wait else None,
        variable_months=wait.variable_months if wait else None,
        benefit_start=wait.benefit_start if wait else None,
    )


def _waits(life: Life, terms_of: TermsOf) -> Iterator[tuple[int, Waiting]]:
    for year, facts in _contributions(life, terms_of):
        terms = waiting_terms(terms_of(life.region, year.number))
        if year.repair_years:
            received = year.repair_paid_on or facts.paid_on
            yield year.number, apply_repair(facts, year.repair_years, received, terms)
        else:
            yield year.number, assess_waiting(facts, terms)


def _contributions(life: Life, terms_of: TermsOf) -> Iterator[tuple[Year, WaitingFacts]]:
    """The resident years of a life that have a standing, as the rule of waits asks for them."""
    history: dict[int, str] = {}
    for year in life.years:
        if year.cover == RESIDENT and year.number >= 2025:
            terms = terms_of(life.region, year.number)
            paid_on = year.paid_on or terms.window_last
            exempt = (
                life.exempt_from is not None
                and life.exempt_from <= paid_on
                and (life.exempt_until is None or paid_on <= life.exempt_until)
            )
            yield (
                year,
                WaitingFacts(
                    history=dict(history),
                    target_year=year.number,
                    paid_on=paid_on,
                    window_first=min(terms.window_first, paid_on),
                    window_last=terms.window_last,
                    grace_end=terms.grace_end,
                    exemption=life.exemption if exempt else None,
                    birth_date=life.born,
                ),
            )
        history[year.number] = year.cover


__all__ = ["FIRST", "LAST", "Life", "Said", "as_stored", "lives", "said", "settle_repairs"]
