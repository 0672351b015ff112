"""The yearly steps of this app: declarations only. The first is the model for the others.

Days are those of the ordinary calendar (皖医保发〔2024〕6号 二（五）: September to December for the
next year). An area that opens later says so in its collection window, which bills carry.
"""

from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Step, steps
from enrollment.services import chase
from enrollment.services.terms import TERMS

SQL = Path(__file__).resolve().parent / "sql"


def declare() -> None:
    """Add the steps to the list that every app adds to."""
    steps.add(
        Step(
            name="open",
            label=_("roll into the year"),
            sql=SQL / "open.sql",
            day=lambda year: date(year - 1, 9, 1),
            fills="enrollment",
            marks="opened_on",
            terms=TERMS,
        )
    )
    steps.add(
        Step(
            name="subsidise",
            label=_("award subsidies"),
            sql=SQL / "subsidise.sql",
            day=lambda year: date(year - 1, 9, 1),
            after=("open",),
            daily=True,
            terms=TERMS,
        )
    )
    steps.add(
        Step(
            name="chase",
            label=_("push the unpaid and uninsured"),
            sql=SQL / "chase.sql",
            day=lambda year: date(year - 1, 10, 15),
            after=("subsidise",),
            daily=True,
            rounds=chase.rounds_of,
            terms=chase.TERMS,
        )
    )
    steps.add(
        Step(
            name="reconcile",
            label=_("reconcile receipts"),
            sql=SQL / "reconcile.sql",
            day=lambda year: date(year - 1, 12, 31),
            after=("subsidise",),
            daily=True,
        )
    )
    steps.add(
        Step(
            name="close",
            label=_("close the collection period"),
            sql=None,
            day=lambda year: date(year - 1, 12, 31),
            after=("subsidise",),
            marks="closed_on",
        )
    )
    steps.add(
        Step(
            name="activate",
            label=_("put cover in force"),
            sql=SQL / "activate.sql",
            day=lambda year: date(year, 1, 1),
            after=("close",),
            marks="activated_on",
            quiet=True,
        )
    )
