"""Reads of the ledger, of budgets and of settlements."""
