"""Reads of the register, the policy and the year."""
