"""The scope of row security: which regions the present transaction may see and write."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from enrollment.models import Duty
from enrollment.rules import regions
from enrollment.selectors.duties import duties_of, permissions_by_role

SET = """
SELECT set_config('app.all', %s, true), set_config('app.counties', %s, true),
       set_config('app.regions', %s, true), set_config('app.user', %s, true)
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Regions whose rows may be seen: the whole province, or ranges of codes, both ends inside."""

    everywhere: bool = False
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def counties(self) -> tuple[int, ...]:
        """Six-digit counties that the ranges touch, whether or not such a county exists."""
        touched = {
            county
            for first, last in self.ranges
            for county in range(regions.county_of(first), regions.county_of(last) + 1)
        }
        return tuple(sorted(touched))

    @property
    def multirange(self) -> str:
        """The ranges as PostgreSQL's int8multirange."""
        return f"{{{','.join(f'[{first},{last}]' for first, last in self.ranges)}}}"

    def allows(self, code: int) -> bool:
        """Whether a region lies inside."""
        return self.everywhere or any(first <= code <= last for first, last in self.ranges)

    def touches(self, code: int) -> bool:
        """Whether a region and the scope have something in common: a duty may lie inside it."""
        low, high = regions.scope_of(code)
        return self.everywhere or any(first <= high and low <= last for first, last in self.ranges)


# A role that may look at none of these sees no row of people or money, wherever its duty is.
ROWS = frozenset(
    {
        "enrollment.view_person",
        "enrollment.view_case",
        "enrollment.view_receipt",
        "funds.view_entry",
    }
)


class _Work:
    """Nobody's reading: a job of the workers, whom row security lets see everybody."""


PROVINCE_WORK = _Work()


def scope_of(user: Any) -> Scope:
    """What the duties in force of `user` reach of people and money, together."""
    if user is PROVINCE_WORK:
        return Scope(everywhere=True)
    allowed = permissions_by_role(user)
    return _reach(duty for duty in duties_of(user) if allowed[duty.role_id] & ROWS)


def scope_for(user: Any, permission: str) -> Scope:
    """Where `user` may do one thing: who checks in one city may only read in another."""
    allowed = permissions_by_role(user)
    return _reach(duty for duty in duties_of(user) if permission in allowed[duty.role_id])


def reach_of(user: Any) -> Scope:
    """What the duties in force reach, an administrator's too: where duties are granted."""
    return _reach(duties_of(user))


def _reach(duties: Iterable[Duty]) -> Scope:
    codes = {duty.region_id for duty in duties}
    if settings.PROVINCE in codes:
        return Scope(everywhere=True)
    return Scope(ranges=tuple(sorted(regions.scope_of(code) for code in codes)))


def counties_of(user: Any) -> tuple[int, ...] | None:
    """Six-digit counties whose rows `user` may see, if only in part: None is everywhere."""
    scope = scope_of(user)
    return None if scope.everywhere else scope.counties


def within(user: Any, *, county: str = "county", region: str = "region") -> Q:
    """The rows of the user's scope, by paths to the county and to the full code.

    The county is what the indexes know; the full code decides for duties below a county.
    """
    return rows_of(scope_of(user), county=county, region=region)


def rows_of(scope: Scope, *, county: str = "county", region: str = "region") -> Q:
    """The rows of a scope, as `within`."""
    if scope.everywhere:
        return Q()
    found = Q(**{f"{county}__in": scope.counties})
    if any(last - first + 1 < regions.COUNTY for first, last in scope.ranges):
        found &= inside(scope, region=region)
    return found


def inside(scope: Scope, *, region: str = "region") -> Q:
    """The rows of a scope by the full code alone: for short lists without a county."""
    if scope.everywhere:
        return Q()
    found = Q(pk__in=[])  # no duty, no rows
    for first, last in scope.ranges:
        found |= Q(**{f"{region}__gte": first, f"{region}__lte": last})
    return found


def set_scope(user: Any) -> None:
    """Set the row-security context of this transaction for `user`.

    Always sets every value, with empty ones where there is no right, because a value of an
    earlier request in the same transaction would still be there.
    """
    _set(scope_of(user), str(user.pk) if user and user.is_authenticated else "")


@contextmanager
def reaching(*codes: int) -> Iterator[None]:
    """Let the transaction reach further regions for the one act inside, and then no more.

    For acts with two sides: who puts a transfer into effect moves a person out of their own scope,
    which row security refuses. Every use is such an act, checked before, and named here by nobody
    else: `enrollment.services.transfers`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.all', true), current_setting('app.counties', true),"
            " current_setting('app.regions', true), current_setting('app.user', true)"
        )
        everywhere, counties, ranges, user = (value or "" for value in cursor.fetchone())
        further = Scope(ranges=tuple(regions.scope_of(code) for code in codes))
        wider = [each for each in counties.strip("{}").split(",") if each]
        wider += map(str, further.counties)
        spans = ",".join(filter(None, (ranges.strip("{}"), further.multirange.strip("{}"))))
        cursor.execute(SET, [everywhere, f"{{{','.join(wider)}}}", f"{{{spans}}}", user])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(SET, [everywhere, counties or "{}", ranges or "{}", user])


def _set(scope: Scope, user: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            SET,
            [
                "true" if scope.everywhere else "",
                f"{{{','.join(map(str, scope.counties))}}}",
                scope.multirange,
                user,
            ],
        )
