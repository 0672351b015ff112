"""Screens of the ledger."""

from funds.admin import ledger  # noqa: F401
