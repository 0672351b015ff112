"""The ceiling: the tables of its page, the recurrence against the formulas written out, and what
never happens."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits.rules.cap import (
    Cap,
    CapFacts,
    CapResult,
    CapTerms,
    Standing,
    apply_limits,
    assess_cap,
)
from tests.rules.tables import rows_under
from tests.rules.terms import terms
from tests.sizes import FULL

PAGE = "major-illness-ceiling.md"
LIVES = ("Long cover and use of the bonus", "A break of two years", "Employee years in between")
TERMS = terms(CapTerms)
SICHUAN = terms(CapTerms, area=510000)
AREAS = {"Anhui": TERMS, "Sichuan": SICHUAN, "Hubei": terms(CapTerms, area=420000)}
BASE = Decimal(300_000)


def result_cells(result: CapResult | None) -> list[str]:
    """Bonus, reduction, ceiling and use as the page writes them."""
    if result is None:
        return ["none"] * 4
    amounts = (result.bonus_applied, result.penalty_applied, result.cap)
    return [*(f"{amount:.0f}" for amount in amounts), "yes" if result.bonus_used else "no"]


@pytest.mark.parametrize("life", LIVES)
def test_a_life_goes_as_its_table(life: str) -> None:
    rows = rows_under(PAGE, life)
    zero_claim_years = [int(row["year"]) for row in rows if row["zero-claim"] == "yes"]
    paid = {int(row["year"]): Decimal(row["major illness paid"]) for row in rows}
    history: dict[int, str] = {}

    for row in rows:
        year = int(row["year"])
        history[year] = row["cover"]
        cap = assess_cap(CapFacts(history, year, BASE, zero_claim_years, paid), TERMS)

        streak, continuity, zero_claim, broken = summary(cap)
        assert [str(streak), f"{continuity:.0f}", f"{zero_claim:.0f}", str(broken)] == [
            row[name] for name in ("s", "Ec", "Ez", "broken in all")
        ], year
        assert result_cells(cap.result) == [
            row[name] for name in ("bonus", "reduction", "ceiling", "used")
        ], year


@pytest.mark.parametrize("row", rows_under(PAGE, "The limit"))
def test_each_side_is_limited_by_itself(row: dict[str, str]) -> None:
    numbers, base = AREAS[row["area"]], Decimal(row["original ceiling"])
    standing = Standing(
        year=2040,
        cover="R",
        ever_covered=True,
        streak=5,
        broken_years_total=int(row["broken in all"]),
        continuity_bonus=Decimal(row["Ec"]),
        zero_claim_bonus=Decimal(row["Ez"]),
    )
    endless = replace(standing, continuity_bonus=base, broken_years_total=1000)

    result = apply_limits(standing, base, Decimal(0), numbers)
    limited = apply_limits(endless, base, Decimal(0), numbers)

    assert result is not None
    assert limited is not None
    assert limited.bonus_applied == limited.penalty_applied == Decimal(row["limit"])
    assert [result.bonus_applied, result.penalty_applied, result.cap] == [
        Decimal(row[name]) for name in ("bonus", "reduction", "ceiling")
    ]


@st.composite
def lives(draw: st.DrawFn) -> CapFacts:
    last = draw(st.integers(2025, 2040))
    years = range(draw(st.integers(2015, 2025)), last + 1)
    history = {year: draw(st.sampled_from("RRREN")) for year in years}
    paid = st.sampled_from([0, 290_000, 297_000, 300_000, 300_001, 304_000, 360_000])
    return CapFacts(
        history=history,
        year=last,
        base_cap=draw(st.sampled_from([BASE, Decimal(250_000), Decimal(30_000)])),
        zero_claim_years=frozenset(draw(st.sets(st.sampled_from(years)))),
        serious_paid={year: Decimal(draw(paid)) for year in draw(st.sets(st.sampled_from(years)))},
    )


class WrittenOut:
    """The same figures, each by its own sentence of the law and without a recurrence of states."""

    def __init__(self, facts: CapFacts, numbers: CapTerms) -> None:
        self.facts, self.numbers = facts, numbers

    def cover(self, year: int) -> str:
        return self.facts.history.get(year, "N")

    def streak(self, year: int) -> int:
        since = max((y for y in range(2025, year + 1) if self.cover(y) == "N"), default=2024)
        return sum(self.cover(y) == "R" for y in range(since + 1, year + 1))

    def continuity(self, year: int) -> Decimal:
        gains = [y for y in range(2025, year + 1) if self.cover(y) == "R" and self.streak(y) > 4]
        return self.numbers.incentive_step * len(gains)

    def broken(self, year: int) -> int:
        first = min((y for y in self.facts.history if self.cover(y) != "N"), default=year)
        return sum(self.cover(y) == "N" for y in range(max(2025, first), year))

    def limited(self, amount: Decimal) -> Decimal:
        return min(amount, self.facts.base_cap * Decimal("0.20"))

    def zero_claim(self, year: int) -> Decimal:
        if year <= 2025:
            return Decimal(0)
        earlier = Decimal(0) if self.used(year - 1) else self.zero_claim(year - 1)
        clean = year - 1 in self.facts.zero_claim_years
        earned = clean and self.cover(year - 1) == self.cover(year) == "R"
        return earlier + self.numbers.incentive_step * earned

    def bonus(self, year: int) -> Decimal:
        return self.limited(self.continuity(year) + self.zero_claim(year))

    def penalty(self, year: int) -> Decimal:
        return self.limited(self.numbers.penalty_step * self.broken(year))

    def used(self, year: int) -> bool:
        paid = self.facts.serious_paid.get(year, Decimal(0))
        above = paid > self.facts.base_cap - self.penalty(year)
        return self.cover(year) == "R" and self.bonus(year) > 0 and above

    def summary(self) -> tuple[int, Decimal, Decimal, int]:
        year = self.facts.year
        return self.streak(year), self.continuity(year), self.zero_claim(year), self.broken(year)

    def ceiling(self) -> Decimal:
        year = self.facts.year
        return self.facts.base_cap + self.bonus(year) - self.penalty(year)


def summary(cap: Cap) -> tuple[int, Decimal, Decimal, int]:
    standing = cap.standing
    return (
        standing.streak,
        standing.continuity_bonus,
        standing.zero_claim_bonus,
        standing.broken_years_total,
    )


@settings(max_examples=400 if FULL else 100, deadline=None)
@given(lives(), st.sampled_from([TERMS, SICHUAN]))
def test_the_recurrence_agrees_with_the_law_written_out(facts: CapFacts, numbers: CapTerms) -> None:
    cap = assess_cap(facts, numbers)
    expected = WrittenOut(facts, numbers)

    assert summary(cap) == expected.summary()
    if facts.history.get(facts.year) == "R":
        assert cap.result is not None
        assert cap.result.cap == expected.ceiling()
    else:
        assert cap.result is None


@settings(deadline=None)
@given(lives())
def test_the_ceiling_stays_within_a_fifth(facts: CapFacts) -> None:
    result = assess_cap(facts, TERMS).result
    if result is None:
        return

    fifth = facts.base_cap / 5
    assert 0 <= result.bonus_applied <= fifth
    assert 0 <= result.penalty_applied <= fifth


@settings(deadline=None)
@given(lives())
def test_a_later_year_never_changes_an_earlier_one(facts: CapFacts) -> None:
    longer = replace(facts, history={**facts.history, facts.year + 1: "N"})

    assert assess_cap(longer, TERMS).standing == assess_cap(facts, TERMS).standing


def test_a_break_restarts_the_count_and_keeps_the_bonus() -> None:
    history = {**dict.fromkeys(range(2025, 2031), "R"), 2031: "N", 2032: "R"}

    cap = assess_cap(CapFacts(history, 2032, BASE), TERMS)

    assert cap.result is not None
    assert (cap.standing.streak, cap.standing.continuity_bonus) == (1, Decimal(6000))
    assert cap.result.cap == BASE + 6000 - 3000


def test_the_bonus_is_used_above_the_ceiling_without_it() -> None:
    history = {2025: "N", 2026: "R", 2027: "R", 2024: "R"}
    facts = CapFacts(history, 2027, BASE, frozenset({2026}), {2027: Decimal(297_000)})

    at_the_line = assess_cap(facts, TERMS).result
    above = assess_cap(replace(facts, serious_paid={2027: Decimal("297000.01")}), TERMS).result

    assert at_the_line is not None
    assert above is not None
    assert (at_the_line.bonus_used, above.bonus_used) == (False, True)


def test_every_amount_cites_its_clause() -> None:
    trace = assess_cap(CapFacts({2025: "R", 2026: "R"}, 2026, BASE), TERMS).trace

    assert {line.document for line in trace if line.parameter} == {"皖医保发〔2024〕6号"}
