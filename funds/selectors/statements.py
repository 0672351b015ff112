"""Period statements (社会保险基金财务报表): accounts of a month, quarter or year, and the budgets.

财会〔2017〕28号 names the accounts; 省级统筹实施意见 一（四） asks for execution of budgets. Yuan
with two places.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from enrollment.rules.money import ZERO
from funds.models import AccountKind, Line, Reason
from funds.selectors.accounts import accounts_between, by_kind, totals
from funds.selectors.budget_execution import Execution, executions
from funds.selectors.budgets import in_force
from funds.selectors.report_bodies import Body, Tie, share

ACCOUNTS = (
    "opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit",
)  # fmt: skip
EXECUTION = (
    "revenue_budgeted", "revenue", "revenue_share",
    "expenditure_budgeted", "expenditure", "expenditure_share",
)  # fmt: skip


# Accounts -----------------------------------------------------------------------------------------


def month_of(until: date) -> date:
    """The first day of the month that a day lies in."""
    return until.replace(day=1)


def quarter_of(until: date) -> date:
    """The first day of the quarter that a day lies in."""
    return date(until.year, (until.month - 1) // 3 * 3 + 1, 1)


def year_of(until: date) -> date:
    """The first day of the year that a day lies in."""
    return date(until.year, 1, 1)


def accounts(since: date, until: date) -> Body:
    """基金收支报表: every kind of account in the period up to a day, debit and credit."""
    balances = by_kind(accounts_between(since, until))
    return Body(
        year=until.year,
        rows=[(each.kind, [f"{amount:.2f}" for amount in each.columns]) for each in balances],
        total=[f"{amount:.2f}" for amount in totals(balances)],
    )


def ties_of_balance(body: Body) -> list[Tie]:
    """Debit beside credit, which every book keeps equal: what a page shows at once."""
    told = dict(zip(ACCOUNTS, body.total, strict=True))
    return [
        Tie("opening", told["opening_debit"], told["opening_credit"]),
        Tie("closing", told["closing_debit"], told["closing_credit"]),
    ]


def ties_of_accounts(body: Body, since: date, until: date) -> list[Tie]:
    """The same, and what is told as posted beside the lines of the entries: every line of the
    period is read, for a report that a worker makes."""
    told = dict(zip(ACCOUNTS, body.total, strict=True))
    lines = Line.objects.filter(day__range=(since, until))
    sums = lines.aggregate(debit=Sum("debit", default=0), credit=Sum("credit", default=0))
    return [
        *ties_of_balance(body),
        Tie("lines_debit", told["debit"], f"{sums['debit']:.2f}"),
        Tie("lines_credit", told["credit"], f"{sums['credit']:.2f}"),
    ]


# Budgets ------------------------------------------------------------------------------------------


def execution(until: date) -> Body | None:
    """预算执行表: each area's budgets in force beside the ledger, from January up to a day.

    None where no budget is in force. A row is an area with its scheme: 340100000000-1.
    """
    rows: list[tuple[str, list[str]]] = []
    sums = [ZERO] * 4
    found = _executions(until)
    for each in found:
        rows.append((f"{each.budget.region_id}-{each.budget.scheme}", _told(*_figures(each))))
        sums = [one + other for one, other in zip(sums, _figures(each), strict=True)]
    return Body(year=until.year, rows=rows, total=_told(*sums)) if rows else None


def _executions(until: date) -> list[Execution]:
    """Of the cities: the province's budget is their sum, and would count twice."""
    budgets = [each for each in in_force(until.year, None, until) if each.region_id % 10**10]
    schemes = sorted({each.scheme for each in budgets})
    return [
        each
        for scheme in schemes
        for each in executions([one for one in budgets if one.scheme == scheme], until)
    ]


def _figures(each: Execution) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    revenue, expenditure = each.both
    return revenue.budgeted, revenue.done, expenditure.budgeted, expenditure.done


def _told(
    revenue_budgeted: Decimal, revenue: Decimal, expenditure_budgeted: Decimal, expenditure: Decimal
) -> list[str]:
    return [
        f"{revenue_budgeted:.2f}", f"{revenue:.2f}", share(revenue, revenue_budgeted),
        f"{expenditure_budgeted:.2f}", f"{expenditure:.2f}",
        share(expenditure, expenditure_budgeted),
    ]  # fmt: skip


def ties_of_execution(body: Body, until: date) -> list[Tie]:
    """What was done beside the lines of the budgets' accounts in the ledger, the close left out."""
    told = dict(zip(EXECUTION, body.total, strict=True))
    kinds: dict[tuple[int, int], set[str]] = {}
    for each in _executions(until):
        budget = each.budget
        kinds[budget.region_id, budget.scheme] = {line.item for line in each.lines}
    wanted = Q(pk=None)
    for (book, scheme), items in kinds.items():
        wanted |= Q(account__book=book, account__scheme=scheme, account__kind__in=items)
    closed = Q(entry__reason=Reason.YEAR_CLOSED) | Q(entry__reverses__reason=Reason.YEAR_CLOSED)
    sums = (
        Line.objects.filter(wanted, day__range=(year_of(until), until))
        .exclude(closed)
        .values_list("account__kind")
        .annotate(debit=Sum("debit"), credit=Sum("credit"))
    )
    elements = dict(AccountKind.objects.values_list("kind", "element"))
    done = {"revenue": ZERO, "expenditure": ZERO}
    for kind, debit, credit in sums:
        side = -1 if elements[kind] == AccountKind.Element.REVENUE else 1
        done[elements[kind]] += side * (debit - credit)
    return [Tie(f"{name}_lines", told[name], f"{amount:.2f}") for name, amount in done.items()]


__all__ = [
    "ACCOUNTS", "EXECUTION", "accounts", "execution", "month_of", "quarter_of", "ties_of_accounts",
    "ties_of_balance", "ties_of_execution", "year_of",
]  # fmt: skip
