"""Where the money is."""

from funds.models.ledger import Account, Entry, Line

__all__ = ["Account", "Entry", "Line"]
