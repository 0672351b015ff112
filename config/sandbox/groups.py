"""The groups of cases as forms: which inputs each takes, how they are written, what can be read
otherwise. A test holds every group of `config.explain` against these declarations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.explain.law import ANHUI, HUBEI, SICHUAN
from config.sandbox.kinds import (
    BY_CODE,
    BY_YEAR,
    CHOICE,
    DAY,
    FLAG,
    HISTORY,
    LINES,
    LIST,
    MISSING,
    MONEY,
    MONTH,
    NUMBER,
    PAID,
    RELATION,
    RELATIONS,
    SEVERAL,
    SPAN,
    TEXT,
    WHOLE,
    YEAR,
    YEARS,
    Form,
    Kind,
    Pairs,
)
from enrollment.models.person import Category

Label = str | Promise
Choices = tuple[tuple[str, Label], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a case: its key, what it is called with its unit, how it is written."""

    name: str
    label: Label
    kind: Kind
    needed: bool = True
    choices: Choices = ()
    help: Label = ""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """One form of a group: its inputs, the area whose law is meant, the case that it starts with.

    `until` names the input that holds the last year of the table of years, `ends_before` says
    that the table ends the year before. `readings` are the places of the text that can be read
    otherwise and matter here, `numbers` what can be supposed in place of the law.
    """

    name: str
    label: Label
    fields: tuple[Field, ...]
    area: int | None = ANHUI
    start: str = ""
    until: str = ""
    ends_before: bool = False
    readings: tuple["Reading", ...] = ()
    numbers: tuple[str, ...] = ()

    def inputs_of(self, form: Form) -> dict[str, Any]:
        """The inputs that a form holds; what it says nothing of is left out."""
        read = ((field.name, field.kind.read(form, field.name)) for field in self.fields)
        return {name: value for name, value in read if value is not MISSING}

    def pairs_of(self, inputs: Mapping[str, Any]) -> Pairs:
        """The texts of a form that hold these inputs."""
        for field in self.fields:
            if inputs.get(field.name) is not None:
                yield from field.kind.write(field.name, inputs[field.name])


@dataclass(frozen=True, slots=True)
class Reading:
    """A place where the text can be read in two ways: the parameter, and each way in words."""

    name: str
    ways: tuple[tuple[Any, Label], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of cases and its forms."""

    name: str
    label: Label
    forms: tuple[CaseForm, ...]

    def form_called(self, name: str) -> CaseForm | None:
        return next((form for form in self.forms if form.name == name), None)

    def form_for(self, inputs: Mapping[str, Any]) -> CaseForm:
        """The form that takes all these inputs, the one with the fewest others first."""
        fitting = [form for form in self.forms if set(inputs) <= {f.name for f in form.fields}]
        return min(fitting or self.forms, key=lambda form: len(form.fields))


# Words of codes -----------------------------------------------------------------------------------

SCHEMES: Choices = (("resident", _("Residents")), ("employee", _("Employees")))
SUBSIDISED = (
    Category.EXTREME_POVERTY,
    Category.DIBAO,
    Category.RETURNED_TO_POVERTY,
    Category.MONITORED,
)
CATEGORIES: Choices = tuple((each.value, each.label) for each in SUBSIDISED)
EXEMPTIONS: Choices = tuple((each.value, each.label) for each in Category if each not in SUBSIDISED)
KINDS: Choices = (
    ("employer", _("by an employer")),
    ("flexible_first", _("flexible, for the first time")),
)
REASONS: Choices = (
    ("death", pgettext_lazy("refund", "death")),
    ("duplicate_enrolment", pgettext_lazy("refund", "insured twice")),
    ("joined_employee_scheme", pgettext_lazy("refund", "joined the employee scheme")),
    ("handling_error", pgettext_lazy("refund", "handling error")),
)
CITY_APPROVALS: Choices = (
    ("city_msb", _("medical security bureau of the city")),
    ("city_finance", _("finance bureau of the city")),
    ("city_government", _("government of the city")),
)
PROVINCE_APPROVALS: Choices = (
    ("provincial_msb", _("medical security bureau of the province")),
    ("provincial_finance", _("finance department of the province")),
    ("provincial_tax", _("tax service of the province")),
    ("provincial_government", _("government of the province")),
)
ONE_A_LINE = _("One a line.")

# Readings: policy texts that can be understood in two ways and be switched. -----------------------

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
TOPUP = Reading(
    "reserve_topup",
    (
        ("target", _("the reserve is filled up to its target")),
        ("full", _("the full part is set aside while below it")),
    ),
)

# Groups -------------------------------------------------------------------------------------------

_WAITING = Group(
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

_CAP = Group(
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
_REPAIR = Group(
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

_RETIREMENT = Group(
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

_SUBSIDY = Group(
    "subsidy",
    _("Contribution subsidy"),
    (
        CaseForm(
            "person",
            _("One person"),
            (
                Field("standard", _("Individual standard (yuan)"), MONEY),
                Field("categories", _("Categories"), SEVERAL, choices=CATEGORIES),
                Field("quota", _("Quotas of the area (yuan)"), BY_CODE, choices=CATEGORIES[1:]),
                Field(
                    "monitored_qualified",
                    _("Monitored and qualified"),
                    FLAG,
                    needed=False,
                ),
                Field("city_extra", _("Further subsidy of the city (yuan)"), MONEY, needed=False),
                Field(
                    "third_party",
                    _("Collectives and charities (yuan)"),
                    MONEY,
                    needed=False,
                ),
                Field(
                    "account_pay",
                    _("From a relative's account (yuan)"),
                    MONEY,
                    needed=False,
                ),
            ),
            start="S17",
        ),
        CaseForm(
            "financing",
            _("Financing of a head"),
            (
                Field("individual", _("Individual standard (yuan)"), MONEY),
                Field("fiscal", _("Government subsidy (yuan)"), MONEY),
            ),
            area=None,
            start="S21",
        ),
    ),
)

_EMPLOYEE = Group(
    "employee_start",
    _("Employee start"),
    (
        CaseForm(
            "start",
            _("First benefit day"),
            (
                Field("kind", _("Insured"), CHOICE, choices=KINDS),
                Field("paid_on", _("First paid on"), DAY, needed=False),
                Field("registered_on", _("Registered on"), DAY, needed=False),
                Field(
                    "months_paid",
                    _("Months paid"),
                    LIST,
                    needed=False,
                    help=_("Flexible: 2026-01, one a line."),
                ),
            ),
            start="E04",
        ),
        CaseForm(
            "worker",
            _("Worker's contribution"),
            (Field("wage", _("Wage (yuan)"), MONEY),),
        ),
    ),
)

_DUPLICATES = Group(
    "duplicate_control",
    _("Duplicates"),
    (
        CaseForm(
            "registration",
            _("At registration"),
            (
                Field(
                    "existing",
                    _("Existing relations"),
                    RELATIONS,
                    help=_("resident AREA YEAR, or employee AREA FIRST-DAY LAST-DAY (or open)."),
                ),
                Field(
                    "new",
                    _("New relation"),
                    RELATION,
                    help=_("resident AREA YEAR, or employee AREA FIRST-DAY."),
                ),
            ),
            area=None,
            start="D01",
        ),
        CaseForm(
            "found",
            _("Found later"),
            (
                Field(
                    "relations",
                    _("Relations found"),
                    LINES,
                    help=_("employee:14 months, resident:2026, resident:school."),
                ),
                Field("student", _("Student"), FLAG, needed=False),
            ),
            start="D04",
        ),
    ),
)

_WINDOW = Group(
    "collection_window",
    _("Payment period"),
    (
        CaseForm(
            "days",
            _("Days against a period"),
            (
                Field("window", _("Payment period"), SPAN),
                Field("dates", _("Days"), LIST, help=ONE_A_LINE),
            ),
            area=None,
            start="Y01",
        ),
        CaseForm(
            "city",
            _("Period of a city"),
            (
                Field("city_window", _("Period of the city"), SPAN),
                Field("dates", _("Days"), LIST, help=ONE_A_LINE),
            ),
            area=None,
        ),
        CaseForm(
            "year",
            _("Benefit year of a payment"),
            (Field("payment_date", _("Paid on"), DAY),),
            start="Y03",
        ),
    ),
)

_TRANSFER = Group(
    "transfer",
    _("Transfer"),
    (
        CaseForm(
            "switch",
            _("Wait at a switch"),
            (
                Field("continuous_years", _("Years of continuous cover"), WHOLE),
                Field("gap_months", _("Gap (months)"), WHOLE),
                Field("gap_paid", _("Gap paid"), FLAG, needed=False),
                Field("area_wait_months", _("Wait of the area (months)"), WHOLE, needed=False),
            ),
            start="V03",
        ),
        CaseForm(
            "terms",
            _("Time limits"),
            (Field("accepted_on", _("Accepted on"), DAY),),
        ),
        CaseForm(
            "area_wait",
            _("Wait of an area"),
            (Field("area_wait_months", _("Wait of the area (months)"), WHOLE),),
        ),
    ),
)

_REFUND = Group(
    "refund",
    pgettext_lazy("sandbox", "Refund"),
    (
        CaseForm(
            "refund",
            pgettext_lazy("sandbox", "Refund"),
            (
                Field("paid", _("Paid (yuan)"), MONEY),
                Field("paid_on", _("Paid on"), DAY),
                Field("reason", _("Reason"), CHOICE, choices=REASONS),
                Field("event_on", _("Event on"), DAY),
                Field("requested_on", _("Requested on"), DAY),
            ),
            start="U02",
        ),
    ),
)

_IDENTITY = Group(
    "identity",
    _("Identity number"),
    (
        CaseForm(
            "identity",
            _("Identity number"),
            (Field("id_number", _("Identity number"), TEXT),),
            area=None,
            start="I01",
        ),
    ),
)

_MOVEMENT = CaseForm(
    "movement",
    _("Movement of money"),
    (
        Field("from_scheme", _("From scheme"), CHOICE, choices=SCHEMES),
        Field("to_scheme", _("To scheme"), CHOICE, choices=SCHEMES),
        Field("amount", _("Amount (yuan)"), MONEY),
    ),
    area=None,
)
_SCHEME = Field("scheme", _("Scheme"), CHOICE, choices=SCHEMES)

_ANHUI = Group(
    "anhui_adjustment_fund",
    _("Adjustment fund of Anhui"),
    (
        CaseForm(
            "levy",
            _("Levy"),
            (
                _SCHEME,
                Field("year", _("Year of the levy"), YEAR),
                Field("rate", _("Rate of the levy"), NUMBER),
                Field(
                    "prev_year_revenue",
                    _("Contributions of the city, year before (yuan)"),
                    MONEY,
                    needed=False,
                ),
                Field(
                    "fund_balance_prev_year_end",
                    _("Balance of the fund, end of the year before (yuan)"),
                    MONEY,
                    needed=False,
                ),
                Field(
                    "province_prev_year_revenue",
                    _("Contributions of the province, year before (yuan)"),
                    MONEY,
                    needed=False,
                ),
            ),
            start="F05",
            numbers=("anhui_levy_max", "anhui_suspend_at"),
        ),
        CaseForm(
            "suspension",
            _("Suspension"),
            (
                Field(
                    "employee_balance_ratio",
                    _("Balance ratio of the employee scheme"),
                    NUMBER,
                    needed=False,
                ),
                Field(
                    "resident_balance_ratio",
                    _("Balance ratio of the resident scheme"),
                    NUMBER,
                    needed=False,
                ),
            ),
            start="F09",
            numbers=("anhui_suspend_at",),
        ),
        CaseForm(
            "gap",
            _("Sharing of a gap"),
            (
                Field("revenue", _("Revenue (yuan)"), MONEY),
                Field("expenditure", _("Expenditure (yuan)"), MONEY),
                Field(
                    "eligible_gap",
                    _("Gap with an accepted cause (yuan)"),
                    MONEY,
                    needed=False,
                    help=_("Empty: the whole gap."),
                ),
                Field("provincial_share", _("Share of the province"), NUMBER),
                Field(
                    "local_cumulative_balance",
                    _("Balance of the city (yuan)"),
                    MONEY,
                    needed=False,
                ),
            ),
            area=None,
            start="F10",
        ),
        CaseForm(
            "claims",
            _("Several claims"),
            (
                Field("claims", _("Claims (yuan)"), LIST, help=ONE_A_LINE),
                Field("fund_available", _("Available in the fund (yuan)"), MONEY),
            ),
            start="F14",
        ),
        _MOVEMENT,
    ),
)

_SICHUAN = Group(
    "sichuan_adjustment_fund",
    _("Adjustment fund of Sichuan"),
    (
        CaseForm(
            "year",
            _("A year of the fund"),
            (
                _SCHEME,
                Field("year", _("Year of the levy"), YEAR),
                Field("income", _("Fund income, all areas (yuan)"), MONEY),
                Field("reserve_balance", _("Reserve before (yuan)"), MONEY, needed=False),
            ),
            area=SICHUAN,
            start="G04",
            readings=(TOPUP,),
            numbers=(
                "sichuan_levy_employee",
                "sichuan_levy_resident",
                "sichuan_reserve_rate",
                "sichuan_reserve_target",
                "reserve_topup",
            ),
        ),
        CaseForm(
            "distribution",
            _("Distribution"),
            (
                Field("distributable", _("To distribute (yuan)"), MONEY),
                Field("weights", _("Weights"), LIST, help=ONE_A_LINE),
            ),
            area=SICHUAN,
            start="G08",
        ),
        CaseForm(
            "city_gap",
            _("Gap of a city"),
            (
                Field("city_gap", _("Gap of the city (yuan)"), MONEY),
                Field("allocation", _("Allocation (yuan)"), MONEY),
                Field("local_rolling_balance", _("Rolling balance of the city (yuan)"), MONEY),
            ),
            area=None,
        ),
        CaseForm(
            "violation",
            _("Loss from a violation"),
            (
                Field("loss_from_violation", _("Loss from a violation (yuan)"), MONEY),
                Field(
                    "local_rolling_balance",
                    _("Rolling balance of the city (yuan)"),
                    MONEY,
                    needed=False,
                ),
            ),
            area=None,
            start="G11",
        ),
        CaseForm(
            "rate",
            _("Change of the rate"),
            (
                Field("new_rate", _("New rate"), NUMBER),
                Field("approvals", _("Approvals"), SEVERAL, choices=PROVINCE_APPROVALS),
            ),
            area=SICHUAN,
            start="G13",
        ),
        _MOVEMENT,
    ),
)

_BUDGET = Group(
    "budget",
    _("Budget"),
    (
        CaseForm(
            "year",
            _("Budget of a year"),
            (
                Field("opening", _("Opening balance (yuan)"), MONEY),
                Field("revenue", _("Revenue (yuan)"), MONEY),
                Field("expenditure", _("Expenditure (yuan)"), MONEY),
            ),
            start="B01",
        ),
        CaseForm(
            "plan",
            _("Month of a county"),
            (
                Field("approved", _("Approved budget (yuan)"), MONEY),
                Field("disbursed", _("Disbursed so far (yuan)"), MONEY),
                Field("plan", _("Plan of the month (yuan)"), MONEY),
            ),
            area=None,
            start="B05",
        ),
        CaseForm(
            "adjustment",
            _("Adjustment"),
            (
                Field("adjustment", _("Budget adjustment (yuan)"), MONEY),
                Field("approvals", _("Approvals"), SEVERAL, choices=CITY_APPROVALS),
            ),
            area=HUBEI,
            start="B06",
        ),
    ),
)

_INDICATORS = Group(
    "indicators",
    _("Indicators"),
    (
        CaseForm(
            "enrolment",
            _("Enrolment rate"),
            (
                Field("enrolled", _("Insured people"), WHOLE),
                Field("population", _("Population"), WHOLE),
            ),
            start="N01",
        ),
        CaseForm(
            "drg_dip",
            _("DRG and DIP share"),
            (
                Field("drg_dip_paid", _("Paid by DRG or DIP (yuan)"), MONEY),
                Field("inpatient_paid", _("Paid for inpatients (yuan)"), MONEY),
                Field("year", _("Year"), YEAR),
            ),
            area=SICHUAN,
            start="N03",
        ),
        CaseForm(
            "tiers",
            _("Hospital tiers"),
            (
                Field(
                    "ratios",
                    _("Shares paid, lowest tier first (per cent)"),
                    LIST,
                    help=ONE_A_LINE,
                ),
            ),
            start="N05",
        ),
    ),
)

GROUPS: Mapping[str, Group] = {
    group.name: group
    for group in (
        _WAITING,
        _CAP,
        _REPAIR,
        _SUBSIDY,
        _REFUND,
        _WINDOW,
        _TRANSFER,
        _DUPLICATES,
        _EMPLOYEE,
        _RETIREMENT,
        _ANHUI,
        _SICHUAN,
        _BUDGET,
        _INDICATORS,
        _IDENTITY,
    )
}
