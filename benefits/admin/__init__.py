"""Screens of what a person is owed."""

from benefits.admin import claims, overrides, repairs, retirements, standing  # noqa: F401
