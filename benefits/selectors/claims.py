"""What a person used: claims summed up by benefit year, found by key."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from benefits.models import ClaimUse
from enrollment.models import Person
from enrollment.rules import keys
from enrollment.selectors.bills import years_on_file
from enrollment.selectors.calendar import business_date

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


def uses_of(person: Person) -> dict[int, ClaimUse]:
    """What a person used, by benefit year. Several panels of a file ask: read once an object."""
    known: dict[int, ClaimUse] | None = vars(person).get("uses_read")
    if known is None:
        last = max(business_date().year, *years_known(person), FIRST_YEAR)
        years = range(FIRST_YEAR, last + 1)
        wanted = [keys.yearly_key(year=year, person_id=person.pk) for year in years]
        found = ClaimUse.objects.filter(pk__in=wanted)
        known = {keys.year_of(use.pk): use for use in found}
        vars(person)["uses_read"] = known
    return known


def years_known(person: Person) -> list[int]:
    """The years on file, as the page has read them or read here."""
    return person.years_read if person.years_read is not None else years_on_file()


def claims_by_year(person: Person, on: date) -> list[YearOfClaims]:
    """Years with claims, and years on file without any up to the one of `on`; latest first."""
    used = {year: use for year, use in uses_of(person).items() if year <= on.year}
    years = set(used) | {year for year in years_known(person) if year <= on.year}
    return [YearOfClaims(year, used.get(year)) for year in sorted(years, reverse=True)]
