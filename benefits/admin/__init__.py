"""Screens of what a person is owed."""

from benefits.admin import claims, repairs, standing  # noqa: F401
