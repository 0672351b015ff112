"""The yearly steps of this app."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Step, steps
from funds.services import nightly


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


def nights(year: int) -> Sequence[tuple[date, date]]:
    """Every day from the first bill of a benefit year to its end: one run each."""
    first, last = date(year - 1, 9, 1), date(year, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(day, day) for day in days]
