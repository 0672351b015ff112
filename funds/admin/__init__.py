"""Screens of the ledger."""

from funds.admin import accounts, ledger, periods  # noqa: F401
