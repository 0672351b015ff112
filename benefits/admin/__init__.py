"""Screens of what a person is owed."""

from benefits.admin import repairs  # noqa: F401
