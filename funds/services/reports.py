"""Making reports: at night by the calendar, for any day on request; they are only appended."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.selectors.scope import PROVINCE_WORK
from enrollment.services.refusals import Refused
from funds.models import Report
from funds.selectors import reports, statements


class NoSuchDay(Refused):
    message = gettext_noop("No payment period contains %(day)s, so there is no progress to report.")
    field = "as_of"


class NothingToReport(Refused):
    message = gettext_noop(
        "There is nothing of this kind to report by %(day)s: no budget is in force, or nobody was "
        "pushed."
    )
    field = "as_of"


def nothing_by(kind: str, day: date) -> Refused:
    """Why a kind of report cannot be made as of a day."""
    refusal = NoSuchDay if kind == Report.Kind.PROGRESS else NothingToReport
    return refusal(day=day.isoformat())


@transaction.atomic
def make_report(*, kind: str, as_of: date) -> Report:
    """The report of the province as of the end of a day, compared with where it comes from.

    The same figures are the report that is there. Raises NoSuchDay for progress outside of a
    payment period, NothingToReport where there is no budget in force or nobody was pushed.
    """
    form = reports.FORMS[kind]
    body = form.body(PROVINCE_WORK, as_of)
    if body is None:
        raise nothing_by(kind, as_of)
    body.ties.extend(form.ties(body, as_of))
    digest = reports.digest_of(kind, as_of, body)
    report, _made = Report.objects.get_or_create(
        kind=kind,
        as_of=as_of,
        digest=digest,
        defaults={"content": body.as_json(), "ties": body.is_tied},
    )
    return report


def make_due(*, on: date) -> list[Report]:
    """What the calendar delivers on a day, each kind where there is something to report.

    Progress every morning of a payment period, follow-up on its Mondays; every month, quarter and
    year what ended last, once a day until its figures stand still, each change being a report.
    """
    made = []
    for kind, as_of in _due(on):
        try:
            made.append(make_report(kind=kind, as_of=as_of))
        except (NoSuchDay, NothingToReport):
            continue
    return made


def _due(on: date) -> Iterator[tuple[str, date]]:
    yesterday = on - timedelta(days=1)
    yield Report.Kind.PROGRESS, yesterday
    if on.weekday() == 0 and reports.season_on(yesterday) is not None:
        yield Report.Kind.FOLLOW_UP, yesterday
    month = statements.month_of(on) - timedelta(days=1)
    yield Report.Kind.FUND_MONTH, month
    yield Report.Kind.EXECUTION, month
    yield Report.Kind.DUPLICATES, month
    # What is over for long stands still: it is looked at in the two months in which years close.
    if on.month % 3 in (1, 2):
        yield Report.Kind.FUND_QUARTER, statements.quarter_of(on) - timedelta(days=1)
    if on.month <= 2:
        yield Report.Kind.FUND_YEAR, statements.year_of(on) - timedelta(days=1)


__all__ = ["NoSuchDay", "NothingToReport", "make_due", "make_report", "nothing_by"]
