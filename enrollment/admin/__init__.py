"""Screens of the register, the policy, the cases and the year."""

from enrollment.admin import cases, policy, register, search, year  # noqa: F401
