"""Screens of the ledger, of what moves money, and of settlements."""

from funds.admin import accounts, ledger, movements, overview, periods, settlements, warnings  # noqa: F401
