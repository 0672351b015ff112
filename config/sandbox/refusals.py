"""What a refused case says on screen: a sentence for every name that the rules refuse by.

A test collects the names from the source of the rules and finds each of them here.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.sandbox.words import code_word
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.parameters import description_of

SENTENCES: Mapping[str, str | Promise] = {
    # Values as they are written.
    "missing_input": gettext_lazy("This is needed."),
    "not_a_case": gettext_lazy("This is no case: a group and its inputs are needed."),
    "not_a_mapping": gettext_lazy("Pairs of a name and a value are expected here."),
    "not_a_list": gettext_lazy("A list is expected here."),
    "not_a_date": gettext_lazy("%(value)s is no day. Write it as 2026-11-20."),
    "date_outside_years": gettext_lazy("%(value)s lies outside the years 1900 to 2200."),
    "not_a_month": gettext_lazy("%(value)s is no month. Write it as 2026-11."),
    "not_a_year": gettext_lazy("%(value)s is no year between 1900 and 2200."),
    "not_a_window": gettext_lazy("Give the first and the last day of the period."),
    "window_reversed": gettext_lazy("The period ends before it begins."),
    "not_an_integer": gettext_lazy("%(value)s is no whole number."),
    "not_a_whole_number": gettext_lazy(
        "%(value)s is no whole number between %(at_least)s and %(at_most)s."
    ),
    "count_negative": gettext_lazy("A count cannot be negative."),
    "not_a_number": gettext_lazy(
        "%(value)s is no number. Write digits with a point, without separators."
    ),
    "not_text": gettext_lazy("A text is expected here."),
    "not_a_flag": gettext_lazy("Only yes or no is possible here."),
    "not_a_code": gettext_lazy("%(value)s is no code of lower-case letters."),
    "not_a_list_of_codes": gettext_lazy("A list of different codes is expected here."),
    "not_a_rate": gettext_lazy("%(value)s is no share between 0 and 1."),
    "not_a_list_of_rates": gettext_lazy("A list of shares between 0 and 1 is expected here."),
    "not_a_growth": gettext_lazy("%(value)s lies outside −100 to 100 per cent."),
    "months_missing": gettext_lazy("Between one and twelve months are needed, not %(value)s."),
    "not_percentage_points": gettext_lazy("%(value)s lies outside 0 to 100 per cent."),
    "not_a_span": gettext_lazy("Two bounds are expected here, such as [0.8, 0.9]."),
    "span_reversed": gettext_lazy("The upper bound lies below the lower one."),
    "not_a_day_window": gettext_lazy("A first and a last day of a year are expected here."),
    "day_window_reversed": gettext_lazy("The days of the year end before they begin."),
    "not_a_year_day": gettext_lazy("%(value)s is no day of a year, such as Y-1 09-01."),
    "not_a_list_of_days": gettext_lazy("Days, or spans of days, without repetition are expected."),
    "not_a_work_calendar": gettext_lazy("No day can be both free and worked."),
    "money_negative": gettext_lazy("An amount cannot be negative here: %(value)s."),
    "money_finer_than_cent": gettext_lazy("%(value)s is finer than a cent; nothing is rounded."),
    "months_negative": gettext_lazy("Months cannot be negative."),
    "months_outside_a_life": gettext_lazy(
        "%(value)s months are more than a life holds (at most %(most)s)."
    ),
    "year_twice": gettext_lazy("The year %(key)s stands twice."),
    "key_twice": gettext_lazy("%(key)s stands twice."),
    "not_a_relation": gettext_lazy("%(value)s cannot be read as a relation; see the example."),
    # What the page or a file asks for.
    "unknown_group": gettext_lazy("There is no group %(group)s."),
    "unknown_input": gettext_lazy("This group knows no input %(input)s."),
    "unknown_kind": gettext_lazy("%(kind)s is no way of being insured."),
    "unknown_parameter": gettext_lazy("There is no parameter %(parameter)s."),
    "parameter_outside_unit": gettext_lazy("The value does not fit; expected is %(expected)s."),
    "parameter_outside_range": gettext_lazy("%(value)s lies outside what the parameter admits."),
    "reading_not_supported": gettext_lazy(
        "The reading %(value)s is recorded but not supported; only the stated default is."
    ),
    "rule_not_in_force": gettext_lazy("This rule is in force from %(first_day)s."),
    # Who is covered.
    "unknown_cover": gettext_lazy(
        "%(cover)s in %(year)s is no cover: R resident, E employee, N none."
    ),
    "history_before_birth": gettext_lazy("Cover in %(year)s lies before the birth."),
    "payment_outside_benefit_year": gettext_lazy(
        "The payment lies before the payment period or after 31 December of the benefit year."
    ),
    "payment_before_birth": gettext_lazy("The payment lies before the birth."),
    "override_not_shorter": gettext_lazy("The wait is %(total_months)s months: give fewer."),
    "override_start_unknown": gettext_lazy("A shorter wait would end on one of these: %(days)s."),
    "override_twice": gettext_lazy(
        "That day is the end of %(months)s months: give one of the two."
    ),
    "unknown_exemption": gettext_lazy("%(exemption)s is no exempt group of this area."),
    "birth_date_required": gettext_lazy("For a newborn the birth date is needed."),
    "repair_years_negative": gettext_lazy("Repair years cannot be negative."),
    "repair_years_must_be_positive": gettext_lazy("A repair payment is for one year at least."),
    "repair_exceeds_useful": gettext_lazy(
        "Broken for %(broken_years)s years in a row: at most %(max_useful_repair_years)s repaired"
        " years shorten the wait. Nothing more is taken."
    ),
    "repair_before_enrolment_payment": gettext_lazy(
        "The repair cannot be received before the contribution."
    ),
    "repair_after_recomputed_start": gettext_lazy(
        "The shortened wait would have ended on %(benefit_start)s, before the receipt."
    ),
    "standard_missing": gettext_lazy("The individual standard of %(year)s is needed."),
    "year_before_policy": gettext_lazy("The rule begins with %(first_year)s, after %(year)s."),
    "unknown_category": gettext_lazy("%(category)s is no subsidised category."),
    "category_twice": gettext_lazy("A category stands twice."),
    "quota_missing": gettext_lazy("The quota for %(category)s is needed."),
    "quota_out_of_range": gettext_lazy(
        "The quota for %(category)s must lie between %(min)s and %(max)s yuan at this standard."
    ),
    "city_extra_exceeds_personal_share": gettext_lazy(
        "The further subsidy is more than what the person owes."
    ),
    "third_party_exceeds_personal_share": gettext_lazy(
        "Collectives and charities give more than what the person owes."
    ),
    "account_pay_exceeds_personal_share": gettext_lazy(
        "The relative's account pays more than what the person owes."
    ),
    "no_duplicate": gettext_lazy("Two relations are needed for a duplicate."),
    "unknown_place": gettext_lazy(
        "%(place)s is no place: hukou, habitual, home, school, or a benefit year."
    ),
    "gap_negative": gettext_lazy("A gap cannot be negative."),
    "wait_negative": gettext_lazy("A wait cannot be negative."),
    "wait_above_national_maximum": gettext_lazy("An area may set %(maximum)s months at most."),
    "unknown_reason": gettext_lazy("%(reason)s is no accepted reason for a refund."),
    "requested_before_payment": gettext_lazy("The refund was requested before the payment."),
    # Where the money is.
    "unknown_scheme": gettext_lazy("%(scheme)s is no scheme: resident or employee."),
    "scheme_not_started": gettext_lazy("For this scheme the fund begins with %(first_year)s."),
    "rate_above_maximum": gettext_lazy("The rate may be %(maximum)s at most."),
    "rate_not_positive": gettext_lazy("The rate must be above 0."),
    "rate_outside_range": gettext_lazy("The rate must lie between 0 and 1."),
    "share_outside_range": gettext_lazy("The share must lie between 0 and 1."),
    "cross_scheme_transfer_forbidden": gettext_lazy(
        "Money of one scheme never moves to the other."
    ),
    "unknown_approval": gettext_lazy("Nobody asked for the approval %(approval)s."),
    "approval_missing": gettext_lazy("Approvals are missing: %(missing)s."),
    "adjustment_zero": gettext_lazy("An adjustment of zero changes nothing."),
    "weights_missing": gettext_lazy("Weights are needed."),
    "weight_negative": gettext_lazy("A weight cannot be negative."),
    "weights_sum_zero": gettext_lazy("The weights must not all be zero."),
    "population_zero": gettext_lazy("The population must be above zero."),
    "inpatient_paid_zero": gettext_lazy("The payments for inpatients must be above zero."),
    "driver_missing": gettext_lazy("Fill in all of it, or nothing: %(missing)s missing."),
    "basis_missing": gettext_lazy("Other factors need a basis."),
    "line_negative": gettext_lazy("The line would be negative."),
    "counts_out_of_order": gettext_lazy("A later count cannot be below an earlier one."),
    "spending_zero": gettext_lazy("The spending of a month must be above zero."),
}

# Which input a refusal of a rule is about, where the rule does not say it; the first that the form
# has counts.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "window_reversed": ("window", "city_window"),
    "unknown_cover": ("history",),
    "history_before_birth": ("history",),
    "payment_outside_benefit_year": ("payment_date",),
    "payment_before_birth": ("payment_date",),
    "unknown_exemption": ("exempt",),
    "birth_date_required": ("birth_date",),
    "override_not_shorter": ("override_months", "override_start"),
    "override_start_unknown": ("override_start",),
    "override_twice": ("override_months",),
    "repair_years_negative": ("repair_years",),
    "repair_years_must_be_positive": ("repair_years",),
    "repair_exceeds_useful": ("repair_years",),
    "standard_missing": ("individual_standard_by_year",),
    "year_before_policy": ("year",),
    "unknown_category": ("categories",),
    "category_twice": ("categories",),
    "quota_missing": ("quota",),
    "quota_out_of_range": ("quota",),
    "city_extra_exceeds_personal_share": ("city_extra",),
    "third_party_exceeds_personal_share": ("third_party",),
    "account_pay_exceeds_personal_share": ("account_pay",),
    "no_duplicate": ("relations",),
    "unknown_place": ("relations",),
    "gap_negative": ("gap_months",),
    "wait_negative": ("area_wait_months",),
    "wait_above_national_maximum": ("area_wait_months",),
    "unknown_reason": ("reason",),
    "requested_before_payment": ("requested_on",),
    "unknown_kind": ("kind",),
    "unknown_scheme": ("scheme", "from_scheme"),
    "scheme_not_started": ("year",),
    "rate_above_maximum": ("rate", "new_rate"),
    "rate_not_positive": ("rate", "new_rate"),
    "rate_outside_range": ("rate", "new_rate"),
    "share_outside_range": ("provincial_share",),
    "cross_scheme_transfer_forbidden": ("to_scheme",),
    "unknown_approval": ("approvals",),
    "approval_missing": ("approvals",),
    "adjustment_zero": ("adjustment",),
    "weights_missing": ("weights",),
    "weight_negative": ("weights",),
    "weights_sum_zero": ("weights",),
    "population_zero": ("population",),
    "inpatient_paid_zero": ("inpatient_paid",),
    "count_negative": ("enrolled",),
    "months_negative": ("required_months",),
}


class _Details(dict[str, Any]):
    """A detail that a refusal does not give is a dash; a sentence never fails for it."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence_of(refused: RuleRefused | MissingParameter) -> str:
    """A refusal in the language of the page."""
    if isinstance(refused, MissingParameter):
        return _("%(parameter)s has no value in area %(area)s on %(day)s; nothing is guessed.") % {
            "parameter": description_of(refused.code),
            "area": refused.area,
            "day": refused.on,
        }
    sentence = SENTENCES.get(refused.name)
    if sentence is None:
        return str(refused)
    details = {key: _told(value) for key, value in refused.details.items()}
    return str(sentence) % _Details(details)


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return _(", ").join(_told(each) for each in value)
    return code_word(str(value))


def field_of(refused: RuleRefused | MissingParameter, names: list[str]) -> str:
    """The input, of those that the form has, at which a refusal is shown; "" for the whole form."""
    if isinstance(refused, MissingParameter):
        return ""
    said = refused.details.get("input")
    for name in (said, *FIELDS.get(refused.name, ())):
        if name in names:
            return str(name)
    return ""
