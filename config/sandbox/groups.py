"""All groups. A test holds every group of `config.explain` against these declarations."""

from collections.abc import Mapping

from config.sandbox.benefit_groups import CAP, REPAIR, RETIREMENT, WAITING
from config.sandbox.enrollment_groups import (
    DUPLICATES,
    EMPLOYEE,
    IDENTITY,
    REFUND,
    SUBSIDY,
    TRANSFER,
    WINDOW,
)
from config.sandbox.forms import Group
from config.sandbox.fund_groups import ANHUI_FUND, BUDGET, INDICATORS, SICHUAN_FUND

GROUPS: Mapping[str, Group] = {
    group.name: group
    for group in (
        WAITING,
        CAP,
        REPAIR,
        SUBSIDY,
        REFUND,
        WINDOW,
        TRANSFER,
        DUPLICATES,
        EMPLOYEE,
        RETIREMENT,
        ANHUI_FUND,
        SICHUAN_FUND,
        BUDGET,
        INDICATORS,
        IDENTITY,
    )
}
