"""Screens of the collection, the ledger, of what moves money, and of settlements."""

from funds.admin import (  # noqa: F401
    accounts,
    cockpit,
    home,
    ledger,
    movements,
    overview,
    periods,
    settlements,
    warnings,
)
