"""Shapes of a rule by date: where the law changes a computation, and not only a number of it.

A changed number is a parameter. A changed shape is a new function beside the old one, in force from
its first day; the old one stays as it is, so that a year computed again comes out as it did
(docs/adr/0013-shapes-by-date.md).
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Generic, TypeVar

from enrollment.rules.refusals import RuleRefused

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Shapes(Generic[S]):
    """The shapes that a rule has had, each with its first day, the earliest first.

    Raises ValueError where there is none, or where they are not in order.
    """

    rule: str
    shapes: tuple[tuple[date, S], ...]

    def __post_init__(self) -> None:
        days = [first for first, _shape in self.shapes]
        if not days or any(first >= later for first, later in pairwise(days)):
            raise ValueError(f"the shapes of {self.rule} are not in the order of their first days")

    def on(self, day: date) -> S:
        """The shape in force. Raises RuleRefused `rule_not_in_force` with `first_day`."""
        for first, shape in reversed(self.shapes):
            if first <= day:
                return shape
        raise RuleRefused("rule_not_in_force", rule=self.rule, first_day=self.shapes[0][0])
