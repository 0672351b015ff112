"""Giving what people are owed: their standings of a benefit year."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import ExportKind
from enrollment.models import YearRun, YearStep
from enrollment.models.identity import unseal
from enrollment.services.exports import Asked, ExportRefused, Sheet, escaped, select

SQL = Path(__file__).resolve().parent.parent / "sql" / "export"
STANDINGS_HEADER = [
    "id_number",
    "year",
    "streak",
    "broken_years_total",
    "continuity_bonus",
    "zero_claim_bonus",
    "bonus_applied",
    "penalty_applied",
    "cap",
    "fixed_months",
    "variable_months",
    "benefit_start",
]
NOT_ASSESSED = _("The year %(year)s is not assessed yet: nobody has a standing in it.")


def _standings(asked: Asked) -> Sheet:
    year, _activated_on, parameters = asked.of_year()
    assessed = YearStep.objects.filter(
        name="assess",
        area=None,
        state=YearStep.State.DONE,
        run__mode=YearRun.Mode.REAL,
        run__year=year,
    )
    if not assessed.exists():
        raise ExportRefused("year_not_assessed", NOT_ASSESSED, year=year)
    rows = (
        [escaped(unseal(sealed)), *others]
        for sealed, *others in select(SQL / "standings.sql", parameters)
    )
    return Sheet(STANDINGS_HEADER, rows)


EXPORTS = (ExportKind("standings", _standings),)
