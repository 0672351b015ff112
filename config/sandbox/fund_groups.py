"""Forms of the funds: levies, distribution, budgets, indicators."""

from django.utils.translation import gettext_lazy as _

from config.explain.law import HUBEI, SICHUAN
from config.sandbox.forms import ONE_A_LINE, SCHEMES, CaseForm, Choices, Field, Group, Reading
from config.sandbox.kinds import CHOICE, LIST, MONEY, NUMBER, SEVERAL, WHOLE, YEAR

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

TOPUP = Reading(
    "reserve_topup",
    (
        ("target", _("the reserve is filled up to its target")),
        ("full", _("the full part is set aside while below it")),
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

ANHUI_FUND = Group(
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

SICHUAN_FUND = Group(
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

BUDGET = Group(
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

INDICATORS = Group(
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
