"""Screens of the register, the policy, the cases and the year."""
