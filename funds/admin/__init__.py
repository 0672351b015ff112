"""Screens of the ledger and of settlements."""

from funds.admin import accounts, ledger, periods, settlements  # noqa: F401
