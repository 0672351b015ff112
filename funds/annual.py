"""The yearly steps of this app: what is posted every night, the settlement of the year, and the
look at the funds every month."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Step, steps
from funds.selectors.settlements import allocation_day, levy_day
from funds.services import nightly, settlement_posting, watching


def declare() -> None:
    """Add the steps to the list that every app adds to."""
    steps.add(
        Step(
            name="post",
            label=_("post to the ledger"),
            sql=None,
            piece=nightly.post_differences,
            day=lambda year: date(year, 1, 1),
            after=("open",),
            daily=True,
            rounds=nights,
        )
    )
    steps.add(
        Step(
            name="levy",
            label=_("levy the adjustment fund"),
            sql=None,
            piece=settlement_posting.levy,
            day=levy_day,
            after=("activate",),
            daily=True,
        )
    )
    steps.add(
        Step(
            name="allocate",
            label=_("allocate the adjustment fund"),
            sql=None,
            piece=settlement_posting.allocate,
            day=allocation_day,
            after=("levy",),
            daily=True,
        )
    )
    steps.add(
        Step(
            name="watch",
            label=_("look at the funds"),
            sql=None,
            piece=watching.watch,
            day=lambda year: date(year, 2, watching.FIRST_DAY),
            after=("post",),
            daily=True,
            rounds=watching.look_days,
        )
    )


def nights(year: int) -> Sequence[tuple[date, date]]:
    """Every day from the first bill of a benefit year to its end: one run each."""
    first, last = date(year - 1, 9, 1), date(year, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(day, day) for day in days]
