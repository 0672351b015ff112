"""The waiting period: the tables of its page, and what holds for every history."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits.rules.waiting import (
    Waiting,
    WaitingFacts,
    WaitingTerms,
    assess_waiting,
    months_of_override,
    shorten_wait,
)
from enrollment.rules.dates import add_months
from enrollment.rules.refusals import RuleRefused
from tests.rules.tables import day_or_none, rows_under
from tests.rules.terms import terms

PAGE = "waiting-period.md"
TERMS = terms(WaitingTerms)
READING_B = replace(TERMS, variable_offset=0)


def broken_before(year: int, broken: int) -> dict[int, str]:
    """Covered once, then `broken` years without cover right before `year`."""
    return {year - broken - 1: "R", **dict.fromkeys(range(year - broken, year), "N")}


def facts(year: int, paid_on: date, **others: object) -> WaitingFacts:
    usual = WaitingFacts(
        history=broken_before(year, 0),
        target_year=year,
        paid_on=paid_on,
        window_first=date(year - 1, 9, 1),
        window_last=date(year - 1, 12, 31),
    )
    return replace(usual, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", rows_under(PAGE, "Broken years, paid inside the period for 2030"))
def test_broken_years_lengthen_the_wait(row: dict[str, str]) -> None:
    case = facts(2030, date(2029, 10, 1), history=broken_before(2030, int(row["broken years"])))

    for reading, numbers in (("A", TERMS), ("B", READING_B)):
        waiting = assess_waiting(case, numbers)
        assert waiting.variable_before == int(row[f"V0, {reading}"])
        assert waiting.max_useful_repair_years == int(row[f"useful repair, {reading}"])
        assert waiting.benefit_start == day_or_none(row[f"start without repair, {reading}"])


@pytest.mark.parametrize(
    "row", rows_under(PAGE, "Repair, paid inside the period for 2031, reading A")
)
def test_repair_shortens_the_wait_to_its_floor(row: dict[str, str]) -> None:
    case = facts(
        2031,
        date(2030, 10, 1),
        history=broken_before(2031, int(row["broken years"])),
        repair_years=int(row["repair years"]),
    )

    waiting = assess_waiting(case, TERMS)

    assert waiting.variable_months == int(row["variable wait"])
    assert waiting.benefit_start == day_or_none(row["start"])


@pytest.mark.parametrize(
    "row", rows_under(PAGE, "Day of payment, covered in 2025, for benefit year 2026")
)
def test_the_day_of_payment_decides_the_start(row: dict[str, str]) -> None:
    grace = date(2026, 2, 28) if row["extension"] == "yes" else None

    waiting = assess_waiting(
        facts(2026, date.fromisoformat(row["paid on"]), grace_end=grace), TERMS
    )

    assert waiting.benefit_start == day_or_none(row["start"])


@pytest.mark.parametrize(
    "row",
    rows_under(PAGE, "A wait shortened by decision, paid inside the period for 2030, reading A"),
)
def test_a_decision_shortens_the_wait(row: dict[str, str]) -> None:
    broken = broken_before(2030, int(row["broken years"]))
    case = facts(2030, date.fromisoformat(row["paid on"]), history=broken)
    found = assess_waiting(case, TERMS)
    months = int(row["months decided"])
    shorter = shorten_wait(found, case, months)
    assert (shorter.total_months, shorter.benefit_start) == (months, day_or_none(row["start"]))
    for wrong in (-1, found.total_months):
        with pytest.raises(RuleRefused, match="override_not_shorter"):
            shorten_wait(found, case, wrong)
    decided = shorten_wait(found, case, months, TERMS.exception_clause)
    if decided.benefit_start is not None:
        assert months_of_override(found, case, decided.benefit_start) == months
    with pytest.raises(RuleRefused, match="override_start_unknown"):
        months_of_override(found, case, case.paid_on - timedelta(days=1))


@pytest.mark.parametrize("row", rows_under(PAGE, "Newborns, benefit year 2026"))
def test_a_newborn_is_covered_from_birth_for_ninety_days(row: dict[str, str]) -> None:
    case = facts(
        2026,
        date.fromisoformat(row["paid on"]),
        history={},
        exemption="newborn",
        birth_date=date.fromisoformat(row["born"]),
    )

    assert assess_waiting(case, TERMS).benefit_start == day_or_none(row["start"])


def test_the_birth_year_is_closed_on_31_december() -> None:
    case = facts(
        2026, date(2027, 1, 2), history={}, exemption="newborn", birth_date=date(2026, 12, 20)
    )

    with pytest.raises(RuleRefused) as refused:
        assess_waiting(case, TERMS)

    assert refused.value.name == "payment_outside_benefit_year"


def test_years_before_birth_are_never_broken() -> None:
    counting = replace(TERMS, never_enrolled_counts=True)
    case = facts(2030, date(2029, 10, 1), history={}, birth_date=date(2028, 5, 1))

    assert assess_waiting(case, counting).broken_years == 2


def test_a_city_that_opens_later_refuses_earlier_payments() -> None:
    wuhu = facts(2026, date(2025, 10, 19), window_first=date(2025, 10, 20))

    with pytest.raises(RuleRefused):
        assess_waiting(wuhu, TERMS)
    assert assess_waiting(replace(wuhu, paid_on=date(2025, 10, 20)), TERMS).total_months == 0


def test_the_trace_cites_the_clause_of_every_number() -> None:
    case = facts(2030, date(2029, 10, 1), history=broken_before(2030, 4))

    cited = {line.parameter: line.document for line in assess_waiting(case, TERMS).trace}

    for code in ("waiting.fixed_months", "waiting.variable_offset", "waiting.floor_total_months"):
        assert cited[code] == "皖医保发〔2024〕6号"


COVERS = st.sampled_from("REN")
YEARS = st.integers(min_value=2025, max_value=2040)


@st.composite
def contributions(draw: st.DrawFn) -> WaitingFacts:
    year = draw(YEARS)
    first = date(year - 1, draw(st.integers(9, 12)), draw(st.integers(1, 28)))
    until = date(year, 12, 31)
    return facts(
        year,
        first + timedelta(days=draw(st.integers(0, (until - first).days))),
        window_first=first,
        history=draw(st.dictionaries(st.integers(year - 16, year - 1), COVERS, max_size=16)),
        grace_end=draw(st.none() | st.just(add_months(date(year, 1, 31), 1))),
        exemption=draw(st.none() | st.sampled_from(TERMS.exemptions[1:])),
    )


NUMBERS = st.builds(
    replace,
    st.just(TERMS),
    variable_offset=st.integers(0, 1),
    never_enrolled_counts=st.booleans(),
    count_missed_window_year=st.booleans(),
)


def counted(case: WaitingFacts, numbers: WaitingTerms) -> Waiting:
    return assess_waiting(case, numbers)


@settings(deadline=None)
@given(contributions(), NUMBERS)
def test_the_wait_is_the_sum_of_its_parts(case: WaitingFacts, numbers: WaitingTerms) -> None:
    waiting = counted(case, numbers)

    assert waiting.total_months == waiting.fixed_months + waiting.variable_months
    assert waiting.fixed_months in (0, numbers.fixed_months)
    assert waiting.benefit_start is None or waiting.benefit_start.year == case.target_year
    if case.exemption:
        assert waiting.total_months == 0


@settings(deadline=None)
@given(contributions(), NUMBERS)
def test_each_useful_repair_year_saves_one_month_and_no_other_does(
    case: WaitingFacts, numbers: WaitingTerms
) -> None:
    before = counted(case, numbers)
    useful = before.max_useful_repair_years

    for years in range(1, useful + 1):
        repaired = counted(replace(case, repair_years=years), numbers)
        assert repaired.total_months == before.total_months - years
    with pytest.raises(RuleRefused) as refused:
        counted(replace(case, repair_years=useful + 1), numbers)
    assert refused.value.details == {
        "max_useful_repair_years": useful,
        "broken_years": before.broken_years,
    }


@settings(deadline=None)
@given(contributions(), NUMBERS)
def test_after_a_long_break_repair_never_goes_below_the_floor(
    case: WaitingFacts, numbers: WaitingTerms
) -> None:
    before = counted(case, numbers)
    if before.broken_years < numbers.floor_years or case.exemption:
        return

    best = counted(replace(case, repair_years=before.max_useful_repair_years), numbers)

    assert best.total_months == numbers.floor_total_months


@settings(deadline=None)
@given(contributions(), NUMBERS)
def test_one_more_broken_year_never_brings_benefits_forward(
    case: WaitingFacts, numbers: WaitingTerms
) -> None:
    longer = dict(case.history)
    covered = [year for year, cover in longer.items() if cover != "N"]
    if len(covered) < 2:
        return
    longer[max(covered)] = "N"

    late = date.max
    more = counted(replace(case, history=longer), numbers).benefit_start or late
    assert more >= (counted(case, numbers).benefit_start or late)


@settings(deadline=None)
@given(contributions())
def test_who_has_no_break_and_pays_in_time_never_waits(case: WaitingFacts) -> None:
    steady = replace(
        case,
        history={case.target_year - 1: "R"},
        paid_on=min(case.paid_on, case.window_last),
        exemption=None,
    )

    waiting = counted(steady, TERMS)

    assert (waiting.total_months, waiting.benefit_start) == (0, date(case.target_year, 1, 1))
