"""Outcomes and steps in words: what each result is called, with its unit, and how it looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.sandbox.enrollment_groups import REASONS
from config.sandbox.forms import CATEGORIES, EXEMPTIONS, SCHEMES
from config.sandbox.fund_groups import CITY_APPROVALS, PROVINCE_APPROVALS
from enrollment.admin.figures import DASH, day, yuan
from enrollment.rules.money import plain
from enrollment.rules.trace import TraceLine

Label = str | Promise

MONEY, PLAIN = "money", "plain"


@dataclass(frozen=True, slots=True)
class Result:
    """What a result is called; `kind` says whether its number is money."""

    label: Label
    kind: str = PLAIN


RESULTS: Mapping[str, Result] = {
    # waiting period, repair, ceiling, retirement
    "broken_years": Result(gettext_lazy("Broken years in a row")),
    "fixed_months": Result(gettext_lazy("Fixed wait (months)")),
    "variable_before": Result(gettext_lazy("Variable wait before repair (months)")),
    "variable_months": Result(gettext_lazy("Variable wait (months)")),
    "total_months": Result(gettext_lazy("Wait in all (months)")),
    "benefit_start": Result(gettext_lazy("Benefits from")),
    "max_useful_repair_years": Result(gettext_lazy("Years that repair can still shorten")),
    "standard_year": Result(gettext_lazy("Year of the standard")),
    "amount": Result(gettext_lazy("Amount (yuan)"), MONEY),
    "streak": Result(gettext_lazy("Years of continuous resident cover")),
    "continuity_bonus": Result(gettext_lazy("Continuity bonus (yuan)"), MONEY),
    "zero_claim_bonus": Result(gettext_lazy("Zero-claim bonus (yuan)"), MONEY),
    "bonus_applied": Result(gettext_lazy("Bonus after the limit (yuan)"), MONEY),
    "penalty_applied": Result(gettext_lazy("Reduction after the limit (yuan)"), MONEY),
    "cap": Result(gettext_lazy("Ceiling of the year (yuan)"), MONEY),
    "broken_years_total": Result(gettext_lazy("Broken years in all")),
    "bonus_used": Result(gettext_lazy("Bonus used in the year")),
    "cumulative_months": Result(gettext_lazy("Cumulative months")),
    "shortfall_total": Result(gettext_lazy("Cumulative months missing")),
    "shortfall_actual": Result(gettext_lazy("Actual months missing")),
    "shortfall_months": Result(gettext_lazy("Months missing")),
    "retiree_benefits": Result(gettext_lazy("Retiree benefits at once")),
    "lump_sum": Result(gettext_lazy("Lump sum (yuan)"), MONEY),
    "last_payment_month": Result(gettext_lazy("Last month to pay")),
    "retiree_benefits_from": Result(gettext_lazy("Retiree benefits from")),
    # subsidy, employee, duplicates, window, transfer, refund, identity
    "category": Result(gettext_lazy("Category applied")),
    "assistance_subsidy": Result(gettext_lazy("Paid by medical assistance (yuan)"), MONEY),
    "personal_share": Result(gettext_lazy("Personal share (yuan)"), MONEY),
    "cash_due": Result(gettext_lazy("Cash due (yuan)"), MONEY),
    "total": Result(gettext_lazy("Financing a head (yuan)"), MONEY),
    "employee_contribution": Result(gettext_lazy("Worker's contribution (yuan)"), MONEY),
    "accepted": Result(gettext_lazy("Accepted")),
    "reason": Result(gettext_lazy("Reason")),
    "resident_suspended_from": Result(gettext_lazy("Resident cover suspended from")),
    "keep": Result(gettext_lazy("Kept by rule")),
    "keep_default": Result(gettext_lazy("Kept unless chosen otherwise in writing")),
    "needs_written_choice_for_other": Result(gettext_lazy("Another needs a written choice")),
    "inside": Result(gettext_lazy("Inside the period, day by day")),
    "benefit_year": Result(gettext_lazy("Benefit year")),
    "protection": Result(gettext_lazy("Protection, first and last day")),
    "out_due": Result(gettext_lazy("Hand over by")),
    "in_due": Result(gettext_lazy("Take over by")),
    "wait_months": Result(gettext_lazy("Wait (months)")),
    "retroactive": Result(gettext_lazy("Back to the first day of the gap")),
    "refund": Result(gettext_lazy("Refund (yuan)"), MONEY),
    "valid": Result(gettext_lazy("Valid")),
    "birth_date": Result(gettext_lazy("Birth date")),
    "sex": Result(gettext_lazy("Sex")),
    # adjustment funds, budgets, indicators
    "levy": Result(gettext_lazy("Levy (yuan)"), MONEY),
    "suspended": Result(gettext_lazy("Levy suspended")),
    "employee_suspended": Result(gettext_lazy("Levy of the employee scheme suspended")),
    "resident_suspended": Result(gettext_lazy("Levy of the resident scheme suspended")),
    "gap": Result(gettext_lazy("Gap of the year (yuan)"), MONEY),
    "provincial": Result(gettext_lazy("From the province (yuan)"), MONEY),
    "local_balance": Result(gettext_lazy("From the balance of the city (yuan)"), MONEY),
    "uncovered": Result(gettext_lazy("Not covered (yuan)"), MONEY),
    "ineligible": Result(gettext_lazy("Without an accepted cause (yuan)"), MONEY),
    "paid": Result(gettext_lazy("Paid, in the order of the claims (yuan)"), MONEY),
    "reserve_in": Result(gettext_lazy("Into the reserve (yuan)"), MONEY),
    "distributable": Result(gettext_lazy("To distribute (yuan)"), MONEY),
    "reserve_balance_after": Result(gettext_lazy("Reserve after (yuan)"), MONEY),
    "allocations": Result(gettext_lazy("Allocations, in the order of the weights (yuan)"), MONEY),
    "self_filled": Result(gettext_lazy("Gap left to the city (yuan)"), MONEY),
    "from_rolling_balance": Result(gettext_lazy("From the rolling balance (yuan)"), MONEY),
    "government_must_cover": Result(
        gettext_lazy("Covered by the government of the place (yuan)"), MONEY
    ),
    "new_rate": Result(gettext_lazy("New rate")),
    "closing": Result(gettext_lazy("Closing balance (yuan)"), MONEY),
    "current_deficit": Result(gettext_lazy("Deficit of the year")),
    "allowed": Result(gettext_lazy("Allowed")),
    "allowed_with_exception": Result(gettext_lazy("Allowed with an approved exception")),
    "payable": Result(gettext_lazy("May be paid out")),
    "error": Result(gettext_lazy("Refused because")),
    "remaining_after": Result(gettext_lazy("Left of the budget (yuan)"), MONEY),
    "adjustment": Result(gettext_lazy("Budget adjustment (yuan)"), MONEY),
    "rate": Result(gettext_lazy("Rate")),
    "met": Result(gettext_lazy("Target met")),
    "share": Result(gettext_lazy("Share")),
}

# Steps whose number is a share or percentage points; any other number with a point is money.
SHARES = frozenset(
    {
        "Balance ratio of the employee scheme",
        "Balance ratio of the resident scheme",
        "Difference",
        "Largest difference allowed",
        "Levy pauses at this share of the province's contributions",
        "Rate",
        "Rate of the levy",
        "Rate of the lump sum",
        "Share",
        "Share of the province",
        "Smallest difference allowed",
        "Target",
        "Worker's share",
    }
)

CODE_WORDS: Mapping[str, Label] = {
    **dict(CATEGORIES),
    **dict(EXEMPTIONS),
    **dict(REASONS),
    **dict(SCHEMES),
    **dict(CITY_APPROVALS),
    **dict(PROVINCE_APPROVALS),
    "M": pgettext_lazy("sex", "male"),
    "F": pgettext_lazy("sex", "female"),
    "employee_scheme_active": gettext_lazy("cover in the employee scheme is open"),
    "exceeds_approved_budget": gettext_lazy("more than what is left of the approved budget"),
    "format": gettext_lazy("not 18 characters"),
    "check_character": gettext_lazy("the check character is wrong"),
    "resident:school": gettext_lazy("resident, at the school"),
    "resident:habitual": gettext_lazy("resident, at the habitual residence"),
    "resident:hukou": gettext_lazy("resident, at the household registration"),
    "resident:home": gettext_lazy("resident, at home"),
}
# Codes that mean something else where they are the reason of a refused number.
IDENTITY_REASONS: Mapping[str, Label] = {"birth_date": gettext_lazy("there is no such birth date")}


def code_word(code: str) -> str:
    """A code in words; one without is shown as it is."""
    return str(CODE_WORDS.get(code, code))


def result_label(key: str) -> str:
    """What a result is called."""
    known = RESULTS.get(key)
    return str(known.label) if known else key


def result_texts(key: str, value: Any) -> list[str]:
    """A result as it is read, one text an entry: lists have several."""
    if isinstance(value, list):
        return [text for each in value for text in result_texts(key, each)]
    if isinstance(value, str) and key == "reason" and value in IDENTITY_REASONS:
        return [str(IDENTITY_REASONS[value])]
    money = key in RESULTS and RESULTS[key].kind == MONEY
    return [shown(Decimal(value) if money and value is not None else value)]


def step_text(line: TraceLine) -> str:
    """The value of a step as it is read."""
    if isinstance(line.value, Decimal) and line.label in SHARES:
        return plain(line.value)
    return shown(line.value)


def shown(value: Any) -> str:
    """Money with separators, days as 2026-11-20, yes and no, codes in words."""
    if value is None:
        return DASH
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return yuan(value)
    if isinstance(value, date):
        return day(value)
    return code_word(str(value))
