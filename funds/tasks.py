"""Work in the background: a day in, one service called."""

from datetime import date

from celery import shared_task

from enrollment.selectors.calendar import business_date
from funds.services import reports

HOURS = 3600


@shared_task(name="funds.make_reports", soft_time_limit=HOURS, time_limit=HOURS + 60)
def make_reports() -> int:
    """The reports of the day; beat sends it. Made twice they are made once."""
    return len(reports.make_due(on=business_date()))


@shared_task(name="funds.make_report", soft_time_limit=HOURS, time_limit=HOURS + 60)
def make_report(kind: str, as_of: str) -> int:
    """A report that somebody asked for."""
    return reports.make_report(kind=kind, as_of=date.fromisoformat(as_of)).pk
