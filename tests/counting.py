"""A collection counted over the register itself, by plain Python: what pages are held against."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from enrollment.models import Enrollment, Person
from enrollment.rules.pace import Projection, Standing, project_close
from enrollment.rules.pace import same_day as day_of

YEAR = 2027
CLOSE = date(YEAR - 1, 12, 31)


def width(area: int) -> int:
    """How many codes lie in an area."""
    return next(step for step in (10**10, 10**8, 10**6, 10**3, 1) if area % step == 0)


def bills(
    area: int, until: date | None = None, *, itself: bool = False, year: int = YEAR
) -> dict[str, Any]:
    """The bills and people of an area by the end of a day; of a code `itself` or below."""
    low, high = area, area + (1000 if itself else width(area))
    every = [row for row in Enrollment.objects.residents(year) if low <= row.region_id < high]
    rows = [row for row in every if not has_ended(row, year)]
    told = [row for row in rows if until is None or row.paid_on is None or row.paid_on <= until]
    insured = [row for row in told if row.paid >= row.payable]
    folk = Person.objects.filter(died_on=None)
    return {
        "billed": len(rows),
        "ended": len(every) - len(rows),
        "insured": len(insured),
        "unpaid": len(rows) - len(insured),
        "subsidised": sum(row.subsidy > 0 for row in rows),
        "subsidised_insured": sum(row.subsidy > 0 for row in insured),
        "subsidy": sum((row.subsidy for row in rows), Decimal(0)),
        "payable": sum((row.payable for row in rows), Decimal(0)),
        "paid": sum((row.paid for row in told), Decimal(0)),
        "population": folk.filter(residence_region__gte=low, residence_region__lt=high).count(),
        "employees": folk.filter(
            scheme=2, insured_region__gte=low, insured_region__lt=high
        ).count(),
    }


def has_ended(row: Enrollment, year: int) -> bool:
    """Whether a bill ended before its year."""
    return row.ended_on is not None and row.ended_on < date(year, 1, 1)


@dataclass(frozen=True, slots=True)
class Seasons:
    """Payments of an area's bills in the season of a year and in the one before."""

    area: int
    year: int = YEAR

    def paid_by(self, day: date, year: int) -> int:
        """People who have paid all they owe by a day; whoever owes nothing is not among them."""
        return sum(row.paid_on is not None and row.paid_on <= day for row in self._insured(year))

    def free(self, year: int) -> int:
        """People who have nothing to pay."""
        return sum(row.paid_on is None for row in self._insured(year))

    def late(self) -> int:
        """People who paid after the close of the season."""
        close = day_of(CLOSE, self.year - 1)
        return sum(bool(row.paid_on and row.paid_on > close) for row in self._insured(self.year))

    def insured_by(self, day: date, year: int) -> int:
        return self.free(year) + self.paid_by(day, year)

    def ahead(self, day: date, population: int) -> Decimal | None:
        """More people than by the same day last year, of the population."""
        last = self.insured_by(day_of(day, day.year - 1), self.year - 1)
        if not last:
            return None
        return Decimal(self.insured_by(day, self.year) - last) / population

    def close(self, day: date) -> Projection | None:
        """Who will have paid by the close, by the counts of both seasons at a day."""
        then, before = day_of(day, day.year - 1), timedelta(days=14)
        last = self.year - 1
        now = self.paid_by(day, self.year)
        return project_close(
            Standing(
                now=now,
                now_before=self.paid_by(day - before, self.year),
                last=self.paid_by(then, last),
                last_before=self.paid_by(then - before, last),
                last_close=self.paid_by(day_of(CLOSE, last - 1), last),
                most=max(bills(self.area, year=self.year)["billed"] - self.free(self.year), now),
            )
        )

    def _insured(self, year: int) -> list[Enrollment]:
        return [
            row
            for row in Enrollment.objects.residents(year)
            if self.area <= row.region_id < self.area + width(self.area)
            and row.paid >= row.payable
            and not has_ended(row, year)
        ]
