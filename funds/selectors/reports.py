"""Which reports there are: of each kind its columns, how its body is made, and its ties.

A kind is added here, to `Report.Kind`, and with the words of its columns and ties to
`funds/admin/report_words.py`.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from funds.models import Report
from funds.selectors import progress_report, statements, work_reports
from funds.selectors.progress_report import season_on
from funds.selectors.report_bodies import Body, Tie, digest_of

Bounds = Callable[[date], date]  # the first or last day of the period that a day lies in
SHARES = (
    "rate", "paid_share", "coverage", "revenue_share", "expenditure_share", "feedback_rate",
)  # fmt: skip
MONEY = (
    *progress_report.MONEY, *statements.ACCOUNTS,
    "revenue_budgeted", "revenue", "expenditure_budgeted", "expenditure",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of report. `body` is none where a day has nothing to report; `ties` reads what the
    figures come from, from end to end, and is for workers; `shown` is what a page compares.

    `rows` says of what its rows are: a region, a kind of account, or a budget. `since` is the first
    day that its figures are of, none where they say how things stand at the end of `until`.
    """

    columns: Sequence[str]
    body: Callable[[Any, date], Body | None]
    ties: Callable[[Body, date], list[Tie]]
    shown: Callable[[Body], list[Tie]] = lambda _body: []
    rows: str = "region"
    since: Bounds | None = None
    until: Bounds = lambda day: day


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _progress(user: Any, day: date) -> Body | None:
    season = season_on(day)
    return None if season is None else progress_report.progress(user, season)


def _ties_of_progress(body: Body, day: date) -> list[Tie]:
    season = season_on(day)
    return [] if season is None else progress_report.ties_of_progress(body, season)


def _accounts(first: Bounds) -> Form:
    return Form(
        columns=statements.ACCOUNTS,
        body=lambda _user, until: statements.accounts(first(until), until),
        ties=lambda body, until: statements.ties_of_accounts(body, first(until), until),
        shown=statements.ties_of_balance,
        rows="account",
        since=first,
    )


FORMS: Mapping[str, Form] = {
    Report.Kind.PROGRESS: Form(progress_report.PROGRESS, _progress, _ties_of_progress),
    Report.Kind.FUND_MONTH: _accounts(statements.month_of),
    Report.Kind.FUND_QUARTER: _accounts(statements.quarter_of),
    Report.Kind.FUND_YEAR: _accounts(statements.year_of),
    Report.Kind.EXECUTION: Form(
        statements.EXECUTION,
        lambda _user, until: statements.execution(until),
        statements.ties_of_execution,
        rows="budget",
        since=statements.year_of,
    ),
    Report.Kind.FOLLOW_UP: Form(
        work_reports.FOLLOW_UP, work_reports.follow_up, work_reports.ties_of_follow_up
    ),
    Report.Kind.DUPLICATES: Form(
        work_reports.DUPLICATES,
        work_reports.duplicates,
        work_reports.ties_of_duplicates,
        since=statements.year_of,
        until=_month_end,  # cases are summed by month
    ),
}

__all__ = ["FORMS", "MONEY", "SHARES", "Body", "Form", "Tie", "digest_of", "season_on"]
