"""Forms of contribution, enrolment and transfer."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.sandbox.forms import CATEGORIES, ONE_A_LINE, CaseForm, Choices, Field, Group
from config.sandbox.kinds import (
    BY_CODE,
    CHOICE,
    DAY,
    FLAG,
    LINES,
    LIST,
    MONEY,
    RELATION,
    RELATIONS,
    SEVERAL,
    SPAN,
    TEXT,
    WHOLE,
)

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

SUBSIDY = Group(
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

EMPLOYEE = Group(
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

DUPLICATES = Group(
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

WINDOW = Group(
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

TRANSFER = Group(
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

REFUND = Group(
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

IDENTITY = Group(
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
