"""Making reports: at night by the calendar, for any day on request; they are only appended."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.selectors.scope import PROVINCE_WORK
from enrollment.services.refusals import Refused
from funds.models import Report
from funds.selectors import reports


class NoSuchDay(Refused):
    message = gettext_noop("No payment period contains %(day)s, so there is no progress to report.")
    field = "as_of"


@transaction.atomic
def make_report(*, kind: str, as_of: date) -> Report:
    """The report of the province as of the end of a day, compared with where it comes from.

    The same figures are the report that is there. Raises NoSuchDay for progress outside of a
    payment period.
    """
    if kind == Report.Kind.PROGRESS:
        season = reports.season_on(as_of)
        if season is None:
            raise NoSuchDay(day=as_of.isoformat())
        body = reports.progress(PROVINCE_WORK, season)
        body.ties.extend(reports.ties_of_progress(body, season))
    else:
        body = reports.fund_month(as_of)
        body.ties.extend(reports.ties_of_fund_month(body, as_of))
    digest = reports.digest_of(kind, as_of, body)
    report, _made = Report.objects.get_or_create(
        kind=kind,
        as_of=as_of,
        digest=digest,
        defaults={"content": body.as_json(), "ties": body.is_tied},
    )
    return report


def make_due(*, on: date) -> list[Report]:
    """What the calendar delivers on a day: progress by the evening before, the month that ended.

    Both once a day; a month is made until its figures stand still, each change being a report.
    """
    yesterday = on - timedelta(days=1)
    made = []
    if reports.season_on(yesterday) is not None:
        made.append(make_report(kind=Report.Kind.PROGRESS, as_of=yesterday))
    month_end = on.replace(day=1) - timedelta(days=1)
    made.append(make_report(kind=Report.Kind.FUND_MONTH, as_of=month_end))
    return made


__all__ = ["NoSuchDay", "make_due", "make_report"]
