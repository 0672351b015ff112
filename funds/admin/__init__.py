"""Screens of the ledger."""

from funds.admin import accounts, ledger  # noqa: F401
