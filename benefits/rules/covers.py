"""A person's cover year by year: resident, employee or none; a year not named is none."""

from collections.abc import Mapping

from enrollment.rules.refusals import RuleRefused

RESIDENT = "R"
EMPLOYEE = "E"
NONE = "N"
_COVERED = (RESIDENT, EMPLOYEE)

History = Mapping[int, str]


def check_history(history: History, *, born: int | None = None) -> None:
    """Raises RuleRefused `unknown_cover`, `history_before_birth`."""
    for year, cover in history.items():
        if cover not in (RESIDENT, EMPLOYEE, NONE):
            raise RuleRefused("unknown_cover", year=year, cover=cover)
        if born is not None and year < born and cover in _COVERED:
            raise RuleRefused("history_before_birth", year=year)


def cover_of(history: History, year: int) -> str:
    """R, E or N."""
    return history.get(year, NONE)


def is_covered(history: History, year: int) -> bool:
    return cover_of(history, year) in _COVERED


def first_covered_year(history: History) -> int | None:
    """The earliest year with cover in either scheme."""
    return min((year for year, cover in history.items() if cover in _COVERED), default=None)
