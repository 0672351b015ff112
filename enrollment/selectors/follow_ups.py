"""What is left to do after full lists: subsidies to award, bills to change, refunds to offer.

Nothing is kept of it: each answer is computed from bills, awards, categories and quotas as they are
(enrollment/sql/follow_ups.sql), so that what was done is gone from the list, whoever did it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from enrollment.models import Person, RecognitionList
from enrollment.rules.keys import YEAR
from enrollment.rules.recognition import FOLLOW_UPS
from enrollment.rules.regions import scope_of as codes_of
from enrollment.rules.subsidy import CATEGORIES
from enrollment.selectors.bills import years_open
from enrollment.selectors.people import LIST_FIELDS, Place, places
from enrollment.selectors.quotas import pooling_areas, quota_table
from enrollment.selectors.scope import Scope

SQL = (Path(__file__).resolve().parent.parent / "sql" / "follow_ups.sql").read_text()
AT_ONCE = 50  # a screen; the next begins after its last
NEWEST = (2**62, 9999)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One bill: what is to be done about it, and why. Yuan.

    `given` is what medical assistance pays of it, `due` what it should by `category`: today's, or
    for a refund that of the day of payment.
    """

    person: Person
    place: Place
    told_by: RecognitionList
    change_id: int
    year: int
    outcome: str
    was: str
    becomes: str
    kind: str
    category: str
    given: Decimal
    due: Decimal
    payable: Decimal
    paid: Decimal
    paid_on: date | None

    @property
    def difference(self) -> Decimal:
        """What medical assistance pays more, or less."""
        return self.due - self.given

    @property
    def award(self) -> Decimal:
        """What of it can be awarded: never more than is left to pay."""
        return min(self.difference, self.payable - self.paid)


@dataclass(frozen=True, slots=True)
class Page:
    """A screen of them, the place after its last where there are more, and how many quotas are not
    published."""

    rows: list[FollowUp]
    after: tuple[int, int] | None
    missing: int


def follow_ups(
    scope: Scope,
    on: date,
    *,
    kinds: Sequence[str] = FOLLOW_UPS,
    before: tuple[int, int] = NEWEST,
) -> Page:
    """What is left to do in a scope, the latest list first. Five queries."""
    found, missing = _found(scope, on, kinds=kinds, before=before, most=AT_ONCE + 1)
    page, more = found[:AT_ONCE], len(found) > AT_ONCE
    people = Person.objects.only(*LIST_FIELDS).in_bulk({row[2] for row in page})
    lists = RecognitionList.objects.in_bulk({row[1] for row in page})
    where = places({row[3] for row in page})
    rows = [
        FollowUp(
            people[person],
            where[region],
            lists.get(source) or RecognitionList(source_id=source),
            change,
            year,
            *rest,
        )
        for change, source, person, region, year, *rest in page
        if person in people
    ]
    last = (page[-1][0], page[-1][4]) if more else None
    return Page(rows, last, missing)


def changes_with_follow_ups(on: date) -> list[int]:
    """Keys of all changes of lists about which something is left to do, in the whole province."""
    found, _missing = _found(Scope(everywhere=True), on, kinds=FOLLOW_UPS, before=NEWEST, most=None)
    return [row[0] for row in found]


def _found(
    scope: Scope, on: date, *, kinds: Sequence[str], before: tuple[int, int], most: int | None
) -> tuple[list[Any], int]:
    """The rows, and how many quotas are not published."""
    years = years_open(on)
    if not years:
        return [], 0
    quotas, missing = quota_table(years, _areas_of(scope))
    with connection.cursor() as cursor:
        cursor.execute(
            SQL,
            {
                "quotas": quotas,
                "years": years,
                "counties": None if scope.everywhere else list(scope.counties),
                "before_id": before[0],
                "before_year": before[1],
                "first_key": years[0] * YEAR,
                "last_key": (years[-1] + 1) * YEAR,
                "subsidised": list(CATEGORIES),
                "today": on,
                "kinds": list(kinds),
                "most": most,
            },
        )
        return cursor.fetchall(), len(missing)


def _areas_of(scope: Scope) -> list[int]:
    ranges = (codes_of(settings.PROVINCE),) if scope.everywhere else scope.ranges
    return sorted({area for first, last in ranges for area in pooling_areas(first, last)})
