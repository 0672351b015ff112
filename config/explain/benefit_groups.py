"""Cases on what a person is owed: waits, repair, ceiling, retirement."""

from dataclasses import replace
from decimal import Decimal

from benefits.rules.cap import CapFacts, CapTerms, assess_cap
from benefits.rules.repair import RepairTerms, check_repair_years
from benefits.rules.repair import repair_fee as price_repair
from benefits.rules.retirement import RetirementFacts, assess_retirement
from benefits.rules.waiting import (
    Waiting,
    WaitingFacts,
    WaitingTerms,
    assess_waiting,
    months_of_override,
    shorten_wait,
)
from config.explain import inputs as read
from config.explain.inputs import Inputs
from config.explain.law import ANHUI, Law
from config.explain.shown import Answer, iso, money, yuan_number
from enrollment.rules.dates import year_start
from enrollment.rules.refusals import RuleRefused


def waiting_period(inputs: Inputs, law: Law) -> Answer:
    inputs.allow(
        "history",
        "target_year",
        "payment_date",
        "window",
        "grace_end",
        "repair_years",
        "exempt",
        "birth_date",
        "override_months",
        "override_start",
    )
    year = inputs.need("target_year", read.year)
    first, last = inputs.need("window", read.span)
    facts = WaitingFacts(
        history=inputs.need("history", read.by_year(read.text)),
        target_year=year,
        paid_on=inputs.need("payment_date", read.day),
        window_first=first,
        window_last=last,
        grace_end=inputs.maybe("grace_end", read.day),
        repair_years=inputs.get("repair_years", read.whole, 0),
        exemption=inputs.maybe("exempt", read.text),
        birth_date=inputs.maybe("birth_date", read.day),
    )
    terms = law.terms(WaitingTerms, ANHUI, year_start(year))
    waiting = _overridden(assess_waiting(facts, terms), facts, terms, inputs)
    outcome = {
        "broken_years": waiting.broken_years,
        "fixed_months": waiting.fixed_months,
        "variable_before": waiting.variable_before,
        "variable_months": waiting.variable_months,
        "total_months": waiting.total_months,
        "benefit_start": iso(waiting.benefit_start),
        "max_useful_repair_years": waiting.max_useful_repair_years,
    }
    return outcome, waiting.trace


def _overridden(
    waiting: Waiting, facts: WaitingFacts, terms: WaitingTerms, inputs: Inputs
) -> Waiting:
    """The wait, shortened by an override that is in force: by its months or its first benefit day.

    Raises RuleRefused `override_twice`, `override_not_shorter`, `override_start_unknown`.
    """
    months, start = (
        inputs.maybe("override_months", read.count),
        inputs.maybe("override_start", read.day),
    )
    if start is not None:
        told = months_of_override(waiting, facts, start)
        if months not in (None, told):
            raise RuleRefused("override_twice", months=told)
        months = told
    if months is None:
        return waiting
    return shorten_wait(waiting, facts, months, terms.exception_clause)


def repair_fee(inputs: Inputs, law: Law) -> Answer:
    """The price, or what a repair leaves unchanged in streak and reduction."""
    inputs.allow(
        "payment_date",
        "repair_years",
        "individual_standard_by_year",
        "history",
        "year",
        "base_cap",
    )
    years = inputs.need("repair_years", read.whole)
    check_repair_years(years)
    if "payment_date" not in inputs:
        outcome, trace = _ceiling(inputs, law)
        return {key: outcome[key] for key in ("streak", "penalty_applied") if key in outcome}, trace
    paid_on = inputs.need("payment_date", read.day)
    standards = inputs.need("individual_standard_by_year", read.by_year(read.yuan))
    terms = law.terms(RepairTerms, ANHUI, year_start(paid_on.year))
    fee = price_repair(paid_on, years, standards, terms)
    return {"standard_year": fee.standard_year, "amount": money(fee.amount)}, fee.trace


def major_illness_cap(inputs: Inputs, law: Law) -> Answer:
    inputs.allow("history", "year", "base_cap", "zero_claim_years", "serious_paid", "step")
    return _ceiling(inputs, law)


def _ceiling(inputs: Inputs, law: Law) -> Answer:
    year = inputs.need("year", read.year)
    facts = CapFacts(
        history=inputs.need("history", read.by_year(read.text)),
        year=year,
        base_cap=inputs.need("base_cap", read.yuan),
        zero_claim_years=inputs.get("zero_claim_years", read.list_of(read.year), []),
        serious_paid=inputs.get("serious_paid", read.by_year(read.yuan), {}),
    )
    terms = law.terms(CapTerms, ANHUI, year_start(year))
    step = inputs.maybe("step", read.yuan)
    if step is not None:
        cap = assess_cap(facts, _with_step(terms, step))
    else:
        earlier = range(terms.count_from, year)
        cap = assess_cap(
            facts, terms, {y: law.terms(CapTerms, ANHUI, year_start(y)) for y in earlier}
        )
    if cap.result is None:
        return {"cap": None, "streak": cap.standing.streak}, cap.trace
    outcome = {
        "streak": cap.standing.streak,
        "continuity_bonus": yuan_number(cap.standing.continuity_bonus),
        "zero_claim_bonus": yuan_number(cap.standing.zero_claim_bonus),
        "bonus_applied": yuan_number(cap.result.bonus_applied),
        "penalty_applied": yuan_number(cap.result.penalty_applied),
        "cap": yuan_number(cap.result.cap),
        "broken_years_total": cap.standing.broken_years_total,
        "bonus_used": cap.result.bonus_used,
    }
    return outcome, cap.trace


def _with_step(terms: CapTerms, step: Decimal) -> CapTerms:
    """Terms in which the case gives the step itself, which no document then does."""
    unproven = {
        name: source
        for name, source in terms.citations.items()
        if name not in ("incentive_step", "penalty_step")
    }
    return replace(terms, incentive_step=step, penalty_step=step, citations=unproven)


def retirement(inputs: Inputs, law: Law) -> Answer:
    """`resident_years` is accepted and has no effect: resident years never count."""
    del law  # the case brings its own requirement; areas differ and none is published
    inputs.allow(
        "required_months",
        "actual_months",
        "deemed_months",
        "min_actual_months",
        "resident_years",
        "base",
        "rate",
        "first_payment_month",
    )
    inputs.get("resident_years", read.count, 0)
    result = assess_retirement(
        RetirementFacts(
            required_months=inputs.need("required_months", read.months),
            actual_months=inputs.need("actual_months", read.months),
            deemed_months=inputs.need("deemed_months", read.months),
            min_actual_months=inputs.get("min_actual_months", read.months, 0),
            base=inputs.maybe("base", read.yuan),
            rate=inputs.maybe("rate", read.number),
            first_payment_month=inputs.maybe("first_payment_month", read.month),
        )
    )
    outcome: dict[str, object] = {
        "cumulative_months": result.cumulative_months,
        "shortfall_total": result.shortfall_total,
        "shortfall_actual": result.shortfall_actual,
        "shortfall_months": result.shortfall_months,
        "retiree_benefits": result.retiree_benefits,
    }
    if result.lump_sum is not None:
        outcome["lump_sum"] = money(result.lump_sum)
    if "first_payment_month" in inputs:
        last = result.last_payment_month
        outcome["last_payment_month"] = None if last is None else str(last)
        outcome["retiree_benefits_from"] = iso(result.retiree_benefits_from)
    return outcome, result.trace
