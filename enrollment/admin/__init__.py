"""Screens of the register, the policy, the cases and the year."""

from enrollment.admin import (  # noqa: F401
    cases,
    chase,
    days,
    desk,
    findings,
    follow_ups,
    grid_workers,
    history,
    imports,
    jobs,
    policy,
    quality,
    register,
    search,
    staff,
    statuses,
    suspense,
    year,
)
