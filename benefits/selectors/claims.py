"""What a person used: claims summed up by benefit year, found by key."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from benefits.models import ClaimUse
from enrollment.rules import keys
from enrollment.selectors.bills import years_on_file

FIRST_YEAR = 2000  # of which a file of claims may tell


@dataclass(frozen=True, slots=True)
class YearOfClaims:
    """A benefit year of a person; `use` is None where nothing was claimed in it."""

    year: int
    use: ClaimUse | None

    @property
    def own_costs(self) -> Decimal | None:
        """Yuan that only the person paid, from the own account or in cash."""
        if self.use is None:
            return None
        paid = self.use.fund_paid + self.use.major_illness_paid + self.use.assistance_paid
        return self.use.total - paid


def claims_by_year(person_id: int, on: date) -> list[YearOfClaims]:
    """Years with claims, and years on file without any up to the one of `on`; latest first."""
    wanted = {
        keys.yearly_key(year=year, person_id=person_id): year
        for year in range(FIRST_YEAR, on.year + 1)
    }
    used = {wanted[use.pk]: use for use in ClaimUse.objects.filter(pk__in=wanted)}
    years = set(used) | {year for year in years_on_file() if year <= on.year}
    return [YearOfClaims(year, used.get(year)) for year in sorted(years, reverse=True)]
