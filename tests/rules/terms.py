"""Terms of Anhui as published, for tests of single rules."""

from datetime import date
from functools import cache
from typing import TypeVar

from config.parameters import ROOTS
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameters import ParameterBook
from enrollment.rules.terms import Terms, read_terms

ANHUI = 340000
T = TypeVar("T", bound=Terms)


@cache
def book() -> ParameterBook:
    return load_parameters(ROOTS)


def terms(kind: type[T], *, area: int = ANHUI, year: int = 2026, scheme: str = "resident") -> T:
    """Terms of `kind` in force on 1 January of `year`."""
    on = date(year, 1, 1)
    return read_terms(kind, lambda code: book().find(code, area=area, on=on, scheme=scheme))
