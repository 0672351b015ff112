"""Screens of the register, the policy, the cases and the year."""

from enrollment.admin import cases, policy, register, search, staff, year  # noqa: F401
