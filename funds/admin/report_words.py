"""What reports call their columns, rows and ties: bodies hold keys alone."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

HEADS: dict[str, str | Promise] = {
    "population": gettext_lazy("should be insured"),
    "billed": gettext_lazy("billed"),
    "subsidised": gettext_lazy("subsidised"),
    "insured": gettext_lazy("paid in full"),
    "unpaid": gettext_lazy("unpaid"),
    "employees": gettext_lazy("employee scheme"),
    "rate": gettext_lazy("enrolment rate"),
    "paid_share": gettext_lazy("paid share"),
    "subsidised_insured": gettext_lazy("subsidised and paid in full"),
    "coverage": gettext_lazy("coverage of the subsidised"),
    "subsidy": gettext_lazy("subsidy (yuan)"),
    "payable": gettext_lazy("payable (yuan)"),
    "paid": gettext_lazy("paid (yuan)"),
    "yesterday": gettext_lazy("paid up on the day"),
    "last_insured": gettext_lazy("same day last year"),
    "opening_debit": gettext_lazy("opening balance, debit"),
    "opening_credit": gettext_lazy("opening balance, credit"),
    "debit": gettext_lazy("posted, debit"),
    "credit": gettext_lazy("posted, credit"),
    "closing_debit": gettext_lazy("closing balance, debit"),
    "closing_credit": gettext_lazy("closing balance, credit"),
    "revenue_budgeted": gettext_lazy("revenue budgeted (yuan)"),
    "revenue": gettext_lazy("revenue (yuan)"),
    "revenue_share": gettext_lazy("of the budgeted revenue"),
    "expenditure_budgeted": gettext_lazy("expenditure budgeted (yuan)"),
    "expenditure": gettext_lazy("expenditure (yuan)"),
    "expenditure_share": gettext_lazy("of the budgeted expenditure"),
    "pushed": gettext_lazy("lines on lists"),
    "answered": gettext_lazy("followed up"),
    "unanswered": gettext_lazy("not followed up"),
    "feedback_rate": gettext_lazy("follow-up rate"),
    "paid_since": gettext_lazy("paid since"),
    "sent": gettext_lazy("submitted in the year"),
    "sent_back": gettext_lazy("sent back"),
    "effected": gettext_lazy("put into effect"),
    "late": gettext_lazy("put into effect late"),
    "reversed": gettext_lazy("reversed"),
}
# Of what a row is: the head of its names, and that of the table.
ROWS: dict[str, tuple[str | Promise, str | Promise]] = {
    "region": (gettext_lazy("region"), gettext_lazy("By county")),
    "account": (gettext_lazy("account kind"), gettext_lazy("Accounts")),
    "budget": (gettext_lazy("area and scheme"), gettext_lazy("By budget")),
}
# What is beside what: the report's figure, and where the other comes from.
TIES: dict[str, tuple[str | Promise, str | Promise]] = {
    "billed": (gettext_lazy("billed"), gettext_lazy("bills on the register")),
    "insured": (gettext_lazy("paid in full"), gettext_lazy("paid bills on the register")),
    "paid": (gettext_lazy("paid (yuan)"), gettext_lazy("money of the bills on the register")),
    "unposted": (
        gettext_lazy("nothing left to post"),
        gettext_lazy("on the register and not in the ledger (yuan)"),
    ),
    "opening": (gettext_lazy("opening, debit"), gettext_lazy("opening, credit")),
    "closing": (gettext_lazy("closing, debit"), gettext_lazy("closing, credit")),
    "lines_debit": (gettext_lazy("posted, debit"), gettext_lazy("debit of the ledger's lines")),
    "lines_credit": (gettext_lazy("posted, credit"), gettext_lazy("credit of the ledger's lines")),
    "revenue_lines": (
        gettext_lazy("revenue (yuan)"),
        gettext_lazy("lines of these accounts in the ledger"),
    ),
    "expenditure_lines": (
        gettext_lazy("expenditure (yuan)"),
        gettext_lazy("lines of these accounts in the ledger"),
    ),
    "pushed": (gettext_lazy("lines on lists"), gettext_lazy("lines counted")),
    "answered": (gettext_lazy("followed up"), gettext_lazy("answers counted")),
    "effected": (gettext_lazy("put into effect"), gettext_lazy("cases counted")),
}
COUNTED = frozenset({"billed", "insured", "pushed", "answered", "effected"})  # the rest is yuan

__all__ = ["COUNTED", "HEADS", "ROWS", "TIES"]
