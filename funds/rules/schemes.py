"""Money of one scheme never moves to the other.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）: 省级调剂金按职工医保、居民医保
分别计提, 单独建账.
川办发〔2023〕38号 二（四）: 险种间不得相互调剂.
"""

from collections.abc import Sequence

from enrollment.rules.refusals import RuleRefused

RESIDENT = "resident"
EMPLOYEE = "employee"
_SCHEMES = (RESIDENT, EMPLOYEE)


def check_scheme(scheme: str) -> None:
    """Raises RuleRefused `unknown_scheme`."""
    if scheme not in _SCHEMES:
        raise RuleRefused("unknown_scheme", scheme=scheme)


def check_movement(from_scheme: str, to_scheme: str) -> None:
    """Raises RuleRefused `cross_scheme_transfer_forbidden`, `unknown_scheme`."""
    check_scheme(from_scheme)
    check_scheme(to_scheme)
    if from_scheme != to_scheme:
        raise RuleRefused("cross_scheme_transfer_forbidden")


def check_approvals(given: Sequence[str], needed: Sequence[str]) -> None:
    """Raises RuleRefused `approval_missing` with `missing` in the order of `needed`, and
    `unknown_approval` for one that nobody asked for."""
    for approval in given:
        if approval not in needed:
            raise RuleRefused("unknown_approval", approval=approval)
    missing = [approval for approval in needed if approval not in given]
    if missing:
        raise RuleRefused("approval_missing", missing=missing)
