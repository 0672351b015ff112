"""The bar above a page of money: whose it is, of which scheme and year, and up to which day.

Without it the frame would name the year that runs, beside figures of another one.
"""

from datetime import date

from django.utils.translation import gettext as _

from enrollment.models import Person
from enrollment.selectors.people import name_of
from funds.models import Budget, CountyPlan, FundMovement, SettlementSheet

Scope = list[tuple[str, str]]


def scope_of(case: Budget | CountyPlan | FundMovement | SettlementSheet, until: date) -> Scope:
    """Of a case about money."""
    return [(_("Region"), name_of(case.region)), *scope_of_books(case.scheme, case.year, until)]


def scope_of_books(scheme: int, year: int, until: date) -> Scope:
    """Of the books of all areas."""
    return [
        (_("Scheme"), str(Person.Scheme(scheme).label)),
        (_("Year"), str(year)),
        (_("Data as of"), f"{until:%Y-%m-%d}"),
    ]
