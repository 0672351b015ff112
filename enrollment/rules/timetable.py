"""The days of a step in the calendar of a benefit year: its plan, what comes next, where they lie.

Days are business dates, both ends inside.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, date]
MONTH = 100  # width of a month in a timeline; a day is its share of it
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """When the calendar begins a step of a year: once, every day, or in rounds.

    `begins` are the days from which and until which each may begin; every day of a daily step is
    one of its own, told by its first and last.
    """

    begins: tuple[Days, ...]
    daily: bool = False

    @property
    def first(self) -> date:
        """The first day on which it begins."""
        return self.begins[0][0]

    @property
    def last(self) -> date:
        """The last day on which it may begin."""
        return self.begins[-1][1]

    def next_after(self, ran: date | None, on: date) -> date | None:
        """The day on which it begins next, seen from `on`; none once nothing is to come.

        `ran` is the day of its last run. What was missed begins at once.
        """
        if self.daily:
            first, last = self.begins[0]
            day = max(first, on if ran is None or ran < on else on + DAY)
            return day if day <= last else None
        for first, last in self.begins:
            if last >= on and (ran is None or ran < first):
                return max(first, on)
        return None


def once(day: date, until: date) -> Plan:
    """Once on a day or, where it was missed, until the year is over."""
    return Plan(begins=((day, until),))


def every_day(first: date, last: date) -> Plan:
    """Every day anew."""
    return Plan(begins=((first, last),), daily=True)


def in_rounds(rounds: Sequence[Days]) -> Plan:
    """In rounds; nights that follow each other are every day."""
    each_a_day = all(first == last for first, last in rounds)
    joined = _joined(rounds)
    if each_a_day and len(joined) == 1 and len(rounds) > 1:
        return every_day(*joined[0])
    return Plan(begins=tuple(rounds))


def _joined(days: Iterable[Days]) -> list[Days]:
    """The same days with those joined that touch each other."""
    joined: list[Days] = []
    for first, last in sorted(days):
        if joined and first <= joined[-1][1] + DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole months beside each other, all of one width."""

    first: date
    months: int

    @classmethod
    def of_year(cls, year: int) -> "Axis":
        """From the opening in September before a benefit year to the January that settles it.

        皖医保发〔2024〕6号 二（五）; the adjustment fund is allocated in January of the year after.
        """
        return cls(date(year - 1, 9, 1), 17)

    @property
    def width(self) -> int:
        return self.months * MONTH

    @property
    def names(self) -> list[date]:
        """The first day of each month."""
        return [
            date(
                self.first.year + (self.first.month - 1 + n) // 12,
                (self.first.month - 1 + n) % 12 + 1,
                1,
            )
            for n in range(self.months)
        ]

    def at(self, day: date) -> float:
        """Where a day begins, within the axis."""
        months = (day.year - self.first.year) * 12 + day.month - self.first.month
        share = (day.day - 1) / monthrange(day.year, day.month)[1]
        return round(min(max((months + share) * MONTH, 0.0), float(self.width)), 2)

    def has(self, day: date) -> bool:
        """Whether a day lies within the axis."""
        return 0 <= (day.year - self.first.year) * 12 + day.month - self.first.month < self.months
