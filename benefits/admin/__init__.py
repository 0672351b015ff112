"""Screens of what a person is owed."""

from benefits.admin import claims, overrides, repairs, retirements, standing, year_view  # noqa: F401
