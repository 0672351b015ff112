"""Cases on where the money is: adjustment funds, budgets, indicators."""

from datetime import date

from config.explain import inputs as read
from config.explain.inputs import Inputs
from config.explain.law import ANHUI, HUBEI, NEWEST, SICHUAN, Law
from config.explain.shown import Answer, money
from enrollment.rules.dates import year_start
from enrollment.rules.money import ZERO, plain
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import gettext_noop, step
from funds.rules import anhui_fund, sichuan_fund
from funds.rules import budget as budgets
from funds.rules import indicators as measures
from funds.rules.schemes import check_movement


def _movement(inputs: Inputs) -> Answer:
    check_movement(inputs.need("from_scheme", read.text), inputs.need("to_scheme", read.text))
    amount = inputs.need("amount", read.yuan)
    return {"amount": money(amount)}, (step(gettext_noop("Amount"), amount),)


def _in_force(law: Law, code: str, area: int, year: int) -> date:
    """1 January of the year, or the first day of the law for a year before it, which the rule
    itself refuses."""
    return max(year_start(year), law.begins(code, area))


def anhui_adjustment_fund(inputs: Inputs, law: Law) -> Answer:
    inputs.allow(
        "scheme",
        "year",
        "rate",
        "prev_year_revenue",
        "fund_balance_prev_year_end",
        "province_prev_year_revenue",
        "employee_balance_ratio",
        "resident_balance_ratio",
        "revenue",
        "expenditure",
        "eligible_gap",
        "provincial_share",
        "local_cumulative_balance",
        "claims",
        "fund_available",
        "from_scheme",
        "to_scheme",
        "amount",
    )
    if "from_scheme" in inputs:
        return _movement(inputs)
    if "expenditure" in inputs:
        return _gap(inputs)
    if "rate" in inputs:
        return _anhui_levy(inputs, law)
    terms = law.terms(anhui_fund.AnhuiFundTerms, ANHUI, NEWEST, "both")
    if "claims" in inputs:
        claims = inputs.need("claims", read.list_of(read.yuan))
        paid = anhui_fund.pay_claims(claims, inputs.need("fund_available", read.yuan), terms)
        return {"paid": [money(amount) for amount in paid.paid]}, paid.trace
    return _suspension(inputs, terms)


def _anhui_levy(inputs: Inputs, law: Law) -> Answer:
    scheme = inputs.need("scheme", read.text)
    year = inputs.need("year", read.year)
    rate = inputs.need("rate", read.number)
    on = _in_force(law, "anhui_fund.levy_max", ANHUI, year)
    terms = law.terms(anhui_fund.AnhuiFundTerms, ANHUI, on, "both")
    anhui_fund.check_levy(scheme, year, rate, terms)
    facts = anhui_fund.AnhuiLevyFacts(
        scheme=scheme,
        year=year,
        rate=rate,
        prev_year_revenue=inputs.need("prev_year_revenue", read.yuan),
        fund_balance_prev_year_end=inputs.need("fund_balance_prev_year_end", read.yuan),
        province_prev_year_revenue=inputs.need("province_prev_year_revenue", read.yuan),
    )
    result = anhui_fund.assess_anhui_levy(facts, terms)
    return {"levy": money(result.levy), "suspended": result.suspended}, result.trace


def _suspension(inputs: Inputs, terms: anhui_fund.AnhuiFundTerms) -> Answer:
    outcome, trace = {}, []
    for scheme, label in (
        ("employee", gettext_noop("Balance ratio of the employee scheme")),
        ("resident", gettext_noop("Balance ratio of the resident scheme")),
    ):
        if f"{scheme}_balance_ratio" in inputs:
            ratio = inputs.need(f"{scheme}_balance_ratio", read.number)
            outcome[f"{scheme}_suspended"] = anhui_fund.is_suspended(ratio, terms)
            trace.append(step(label, ratio, terms.cite("suspend_at")))
    if not outcome:
        raise RuleRefused("missing_input", input="scheme")
    return outcome, tuple(trace)


def _gap(inputs: Inputs) -> Answer:
    facts = anhui_fund.GapFacts(
        revenue=inputs.need("revenue", read.yuan),
        expenditure=inputs.need("expenditure", read.yuan),
        provincial_share=inputs.need("provincial_share", read.number),
        eligible_gap=inputs.maybe("eligible_gap", read.yuan),
        local_cumulative_balance=inputs.get("local_cumulative_balance", read.signed_yuan, ZERO),
    )
    result = anhui_fund.share_gap(facts)
    outcome = {
        "gap": money(result.gap),
        "provincial": money(result.provincial),
        "local_balance": money(result.local_balance),
        "uncovered": money(result.uncovered),
        "ineligible": money(result.ineligible),
    }
    return outcome, result.trace


def sichuan_adjustment_fund(inputs: Inputs, law: Law) -> Answer:
    inputs.allow(
        "scheme",
        "year",
        "income",
        "reserve_balance",
        "distributable",
        "weights",
        "city_gap",
        "allocation",
        "local_rolling_balance",
        "loss_from_violation",
        "from_scheme",
        "to_scheme",
        "amount",
        "new_rate",
        "approvals",
    )
    if "from_scheme" in inputs:
        return _movement(inputs)
    if "loss_from_violation" in inputs:
        return _violation(inputs)
    if "city_gap" in inputs:
        return _city_gap(inputs)
    if "year" in inputs:
        return _sichuan_year(inputs, law)
    terms = law.terms(sichuan_fund.SichuanFundTerms, SICHUAN, NEWEST, "both")
    if "weights" in inputs:
        weights = inputs.need("weights", read.list_of(read.number))
        shares = sichuan_fund.distribute(inputs.need("distributable", read.yuan), weights, terms)
        return {"allocations": [money(share) for share in shares.allocations]}, shares.trace
    rate = inputs.need("new_rate", read.number)
    sichuan_fund.check_rate_change(rate, inputs.need("approvals", read.list_of(read.text)), terms)
    line = step(gettext_noop("Rate of the levy"), rate, terms.cite("rate_approvals"))
    return {"new_rate": plain(rate)}, (line,)


def _sichuan_year(inputs: Inputs, law: Law) -> Answer:
    year = inputs.need("year", read.year)
    on = _in_force(law, "sichuan_fund.first_year", SICHUAN, year)
    terms = law.terms(sichuan_fund.SichuanFundTerms, SICHUAN, on, "both")
    sichuan_fund.check_year(year, terms)
    result = sichuan_fund.assess_sichuan_year(
        inputs.need("scheme", read.text),
        year,
        inputs.need("income", read.yuan),
        inputs.get("reserve_balance", read.yuan, ZERO),
        terms,
    )
    outcome = {
        "levy": money(result.levy),
        "reserve_in": money(result.reserve_in),
        "distributable": money(result.distributable),
        "reserve_balance_after": money(result.reserve_balance_after),
    }
    return outcome, result.trace


def _city_gap(inputs: Inputs) -> Answer:
    result = sichuan_fund.assess_city_gap(
        inputs.need("city_gap", read.yuan),
        inputs.need("allocation", read.yuan),
        inputs.need("local_rolling_balance", read.signed_yuan),
    )
    outcome = {
        "self_filled": money(result.self_filled),
        "from_rolling_balance": money(result.from_rolling_balance),
        "provincial": money(result.provincial),
    }
    return outcome, result.trace


def _violation(inputs: Inputs) -> Answer:
    inputs.get("local_rolling_balance", read.signed_yuan, ZERO)
    result = sichuan_fund.assess_violation(inputs.need("loss_from_violation", read.yuan))
    outcome = {
        "from_rolling_balance": money(result.from_rolling_balance),
        "government_must_cover": money(result.government_must_cover),
    }
    return outcome, result.trace


def budget(inputs: Inputs, law: Law) -> Answer:
    inputs.allow(
        "opening",
        "revenue",
        "expenditure",
        "approved",
        "disbursed",
        "plan",
        "adjustment",
        "approvals",
    )
    if "adjustment" in inputs:
        needed = law.terms(budgets.AdjustmentTerms, HUBEI, NEWEST, "both")
        amount = inputs.need("adjustment", read.signed_yuan)
        given = inputs.need("approvals", read.list_of(read.text))
        trace = budgets.check_adjustment(amount, given, needed)
        return {"adjustment": money(amount)}, trace
    if "plan" in inputs:
        return _county_plan(inputs)
    result = budgets.assess_year_budget(
        inputs.need("opening", read.signed_yuan),
        inputs.need("revenue", read.yuan),
        inputs.need("expenditure", read.yuan),
        law.terms(budgets.BudgetTerms, ANHUI, NEWEST, "both"),
    )
    outcome = {
        "closing": plain(result.closing),
        "current_deficit": result.current_deficit,
        "allowed": result.allowed,
        "allowed_with_exception": result.allowed_with_exception,
    }
    return outcome, result.trace


def _county_plan(inputs: Inputs) -> Answer:
    plan = budgets.assess_county_plan(
        inputs.need("approved", read.yuan),
        inputs.need("disbursed", read.yuan),
        inputs.need("plan", read.yuan),
    )
    if not plan.payable:
        return {"payable": False, "error": plan.reason}, plan.trace
    return {"payable": True, "remaining_after": money(plan.remaining_after)}, plan.trace


def indicators(inputs: Inputs, law: Law) -> Answer:
    inputs.allow("enrolled", "population", "drg_dip_paid", "inpatient_paid", "year", "ratios")
    if "ratios" in inputs:
        terms = law.terms(measures.TierTerms, ANHUI, NEWEST, "both")
        tiers = measures.check_tiers(inputs.need("ratios", read.list_of(read.number)), terms)
        return {"valid": tiers.valid}, tiers.trace
    if "drg_dip_paid" in inputs:
        on = year_start(inputs.need("year", read.year))
        share = measures.case_payment_share(
            inputs.need("drg_dip_paid", read.yuan),
            inputs.need("inpatient_paid", read.yuan),
            law.terms(measures.CasePaymentTerms, SICHUAN, on, "both"),
        )
        return {"share": f"{share.rate:.4f}", "met": share.met}, share.trace
    rate = measures.enrolment_rate(
        inputs.need("enrolled", read.count),
        inputs.need("population", read.count),
        law.terms(measures.EnrolmentRateTerms, ANHUI, NEWEST, "both"),
    )
    return {"rate": f"{rate.rate:.4f}", "met": rate.met}, rate.trace
