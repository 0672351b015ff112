"""Forms of waiting period, ceiling, repair and retirement."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.sandbox.forms import EXEMPTIONS, ONE_A_LINE, CaseForm, Field, Group, Reading
from config.sandbox.kinds import (
    BY_YEAR,
    CHOICE,
    DAY,
    HISTORY,
    MONEY,
    MONTH,
    NUMBER,
    PAID,
    SPAN,
    WHOLE,
    YEAR,
    YEARS,
)

OFFSET = Reading(
    "variable_offset",
    (
        (1, _("the first broken year adds no month")),
        (0, _("every broken year adds a month")),
    ),
)

BREAKS_FROM = Reading(
    "count_breaks_from",
    (
        (2025, _("breaks count from 2025")),
        (2000, _("earlier breaks count too")),
    ),
)

NEVER_ENROLLED = Reading(
    "never_enrolled_counts",
    (
        (False, _("never insured before: nothing is broken")),
        (True, _("never insured before: years count as broken")),
    ),
)

MISSED_WINDOW = Reading(
    "count_missed_window_year",
    (
        (False, _("a missed payment period breaks no year")),
        (True, _("a missed payment period breaks the year itself")),
    ),
)

WAITING = Group(
    "waiting_period",
    _("Waiting period"),
    (
        CaseForm(
            "wait",
            _("Waiting period"),
            (
                Field("history", _("Cover"), HISTORY),
                Field("target_year", pgettext_lazy("sandbox", "Benefit year"), YEAR),
                Field("payment_date", _("Paid on"), DAY),
                Field("window", _("Payment period"), SPAN),
                Field("grace_end", _("Extension until"), DAY, needed=False),
                Field("repair_years", _("Repair years"), WHOLE, needed=False),
                Field("exempt", _("Exempt group"), CHOICE, needed=False, choices=EXEMPTIONS),
                Field("birth_date", _("Birth date"), DAY, needed=False, help=_("Newborns.")),
                Field("override_months", _("Override: months of wait"), WHOLE, needed=False),
                Field(
                    "override_start",
                    _("Override: benefits from"),
                    DAY,
                    needed=False,
                    help=_("A decision about one person that is in force: months, or the day."),
                ),
            ),
            start="W17",
            until="target_year",
            ends_before=True,
            readings=(OFFSET, NEVER_ENROLLED, MISSED_WINDOW, BREAKS_FROM),
            numbers=(
                "fixed_months",
                "variable_offset",
                "floor_years",
                "floor_total_months",
                "count_breaks_from",
                "newborn_days",
                "never_enrolled_counts",
                "count_missed_window_year",
            ),
        ),
    ),
)

_CAP_NUMBERS = ("incentive_step", "streak_needed", "penalty_step", "cap_limit_pct")

_HISTORY = Field("history", _("Cover"), HISTORY)

_CAP_YEAR = Field("year", pgettext_lazy("sandbox", "Benefit year"), YEAR)

_BASE_CAP = Field("base_cap", _("Original ceiling (yuan)"), MONEY)

CAP = Group(
    "major_illness_cap",
    _("Major-illness ceiling"),
    (
        CaseForm(
            "cap",
            _("Major-illness ceiling"),
            (
                _HISTORY,
                Field("zero_claim_years", _("Year without any claim"), YEARS, needed=False),
                Field("serious_paid", _("Major-illness payments (yuan)"), PAID, needed=False),
                _CAP_YEAR,
                _BASE_CAP,
                Field(
                    "step",
                    _("Step of incentive and reduction (yuan)"),
                    MONEY,
                    needed=False,
                    help=_("Empty: as the area sets it."),
                ),
            ),
            start="C10",
            until="year",
            numbers=_CAP_NUMBERS,
        ),
    ),
)

_REPAIR_YEARS = Field("repair_years", _("Repair years"), WHOLE)

REPAIR = Group(
    "repair_fee",
    _("Gap repair"),
    (
        CaseForm(
            "price",
            _("Price"),
            (
                Field("payment_date", _("Paid on"), DAY),
                _REPAIR_YEARS,
                Field(
                    "individual_standard_by_year",
                    _("Individual standard (year, yuan)"),
                    BY_YEAR,
                    needed=False,
                    help=ONE_A_LINE,
                ),
            ),
            start="R01",
        ),
        CaseForm(
            "effect",
            _("Effect on the ceiling"),
            (_HISTORY, _CAP_YEAR, _REPAIR_YEARS, _BASE_CAP),
            until="year",
            numbers=_CAP_NUMBERS,
        ),
    ),
)

RETIREMENT = Group(
    "retirement",
    _("Retirement"),
    (
        CaseForm(
            "years",
            _("Retirement"),
            (
                Field("required_months", _("Months required"), WHOLE),
                Field("actual_months", _("Actual months"), WHOLE),
                Field("deemed_months", _("Deemed months"), WHOLE),
                Field("min_actual_months", _("Least actual months required"), WHOLE, needed=False),
                Field(
                    "resident_years",
                    _("Years in the resident scheme"),
                    WHOLE,
                    needed=False,
                    help=_("They never count."),
                ),
                Field("base", _("Base at retirement (yuan)"), MONEY, needed=False),
                Field("rate", _("Rate of the lump sum"), NUMBER, needed=False),
                Field("first_payment_month", _("First month paid on"), MONTH, needed=False),
            ),
            area=None,
            start="T02",
        ),
    ),
)
