"""Screens of the collection, the ledger, of what moves money, of budgets and of settlements."""

from funds.admin import (  # noqa: F401
    accounts,
    budget_execution,
    budgets,
    cockpit,
    county_plans,
    home,
    ledger,
    movements,
    overview,
    periods,
    reports,
    settlements,
    warnings,
)
