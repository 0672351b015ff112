"""The bill of one person for one year: the resident row of the register, found by its key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from enrollment.models import Award, Enrollment, PersonCategory, YearRun, YearStep
from enrollment.rules import keys
from enrollment.rules.money import ZERO
from enrollment.selectors.policy import SUBSIDISED, terms_of_area

ASSISTANCE = Award.Funder.MEDICAL_ASSISTANCE


def bill_of(person_id: int, year: int) -> Enrollment | None:
    """The resident row of a year, or None where the person has none."""
    return Enrollment.objects.filter(pk=keys.yearly_key(year=year, person_id=person_id)).first()


def bills_of(person_id: int, years: Iterable[int]) -> dict[int, Enrollment]:
    """The resident rows of several years, by year."""
    wanted = [keys.yearly_key(year=year, person_id=person_id) for year in years]
    return {row.year: row for row in Enrollment.objects.filter(pk__in=wanted)}


def years_on_file() -> list[int]:
    """Benefit years that the register holds, also those that came by history files."""
    runs = YearRun.objects.filter(mode=YearRun.Mode.REAL)
    return sorted(runs.values_list("year", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What a bill would say in another area. Yuan; `assistance` is part of `subsidy`."""

    standard: Decimal
    category: str
    assistance: Decimal
    subsidy: Decimal
    due_on: date

    @property
    def payable(self) -> Decimal:
        return self.standard - self.subsidy


def terms_elsewhere(bill: Enrollment, region: int, on: date) -> NewTerms:
    """Standard, subsidy and last day of a bill by the terms of the area that `region` lies in.

    Medical assistance follows the new area's quota of the best category of the day, as in the
    yearly step; what other funders gave stays, up to the new personal share.
    Raises MissingParameter, QuotaOutOfRange.
    """
    others = bill.subsidy - assistance_of(bill)
    return terms_of_bill(bill.person_id, bill.year, region, on, others=others)


def terms_of_bill(
    person_id: int, year: int, region: int, on: date, *, others: Decimal = ZERO
) -> NewTerms:
    """What a bill of a person says in the area of `region`, by the categories held on a day.

    `others` is what funders besides medical assistance gave, in yuan. Raises MissingParameter,
    QuotaOutOfRange.
    """
    held = PersonCategory.objects.filter(
        person=person_id, category__in=SUBSIDISED, qualified=True, valid__contains=on
    )
    categories = sorted(set(held.values_list("category", flat=True)))
    terms = terms_of_area(region, year, categories=categories)
    best = max(categories, key=lambda name: terms.quotas[name], default="")
    assistance = min(terms.quotas.get(best, ZERO), terms.standard)
    subsidy = assistance + min(others, terms.standard - assistance)
    return NewTerms(terms.standard, best, assistance, subsidy, terms.window_last)


def assistance_of(bill: Enrollment) -> Decimal:
    """What medical assistance pays of a bill: its subsidy less the awards of all others."""
    others = Award.objects.filter(enrollment=bill).exclude(funder=ASSISTANCE)
    return bill.subsidy - sum(others.values_list("amount", flat=True), start=ZERO)


def has_awards(year: int) -> bool:
    """Whether the step `subsidise` wrote the awards behind the subsidies of a year.

    Until then a bill has its subsidy and no award of medical assistance; the step will write
    what the bill says. In a year that came by history files no step will.
    """
    runs = YearRun.objects.filter(year=year, mode=YearRun.Mode.REAL)
    done = YearStep.objects.filter(
        run__in=runs, name="subsidise", state=YearStep.State.DONE
    ).exists()
    return done or runs.filter(from_history=True).exists()


def years_open(on: date) -> list[int]:
    """Benefit years that can be registered for: the present one and the next, once opened."""
    runs = YearRun.objects.filter(mode=YearRun.Mode.REAL, year__in=(on.year, on.year + 1))
    known = runs.filter(Q(from_history=True) | Q(opened_on__isnull=False))
    return sorted(set(known.values_list("year", flat=True)))
