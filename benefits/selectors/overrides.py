"""Overrides of a wait that are in force, by the year of cover that they hold for."""

from datetime import date

from benefits.models import WaitingOverride
from enrollment.rules.keys import yearly_key


def override_of(person_id: int, year: int) -> WaitingOverride | None:
    """The override of a person's wait for a benefit year."""
    key = yearly_key(year=year, person_id=person_id)
    return WaitingOverride.objects.filter(in_force=key).first()


def earlier_of(person_id: int, year: int, start: date) -> date:
    """A first benefit day by the rule, or the earlier one of an override, as `assess` takes it."""
    found = override_of(person_id, year)
    return min(start, found.benefit_start) if found else start
