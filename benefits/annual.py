"""The yearly step of this app: who has earned, lost and must wait for what."""

from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from benefits.selectors.standing import first_year
from benefits.services.standing import TERMS
from enrollment.declarations import Step, steps

SQL = Path(__file__).resolve().parent / "sql"


def declare() -> None:
    """Add the step to the list that every app adds to."""
    steps.add(
        Step(
            name="assess",
            label=_("assess standings"),
            sql=SQL / "assess.sql",
            sequel=SQL / "assess_dates.sql",
            sums=SQL / "assess_sums.sql",
            day=lambda year: date(year, 1, 1),
            after=("close",),
            before=("activate",),
            fills="standing",
            terms=TERMS,
            first_year=first_year,
        )
    )
