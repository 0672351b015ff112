"""Who has which duty today. Every right and every scope of the screens begins here."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from enrollment.models import Duty, RoleConflict, User
from enrollment.rules.regions import scope_of
from enrollment.selectors.calendar import business_date

# Where an object stands: a duty reaches it if it reaches one of these. A transfer has two sides.
REGION_FIELDS = ("region_id", "insured_region_id", "to_region_id", "province_id")

# One query for duties, the names of their roles and what these may do. It is asked before every
# page, so it is written here and not composed anew each time.
_IN_FORCE = """
    SELECT d.*, g.name AS role_name,
           ARRAY(SELECT t.app_label || '.' || p.codename
                   FROM auth_group_permissions r
                   JOIN auth_permission p ON p.id = r.permission_id
                   JOIN django_content_type t ON t.id = p.content_type_id
                  WHERE r.group_id = d.role_id) AS may
      FROM duty d
      JOIN auth_group g ON g.id = d.role_id
     WHERE d.user_id = %s AND d.valid @> %s::date
     ORDER BY d.id
"""


def duties_of(user: Any) -> list[Duty]:
    """Duties of `user` in force on the business date, oldest first; none for a disabled account.

    Beside its columns each has `role_name` and `may`, the set of the names of its permissions.

    Read once a request: each request has a `User` of its own, so that a duty which was granted,
    ended or has expired counts from the next request on.
    """
    if not (user and user.is_authenticated and user.is_active):
        return []
    on = business_date()
    known: tuple[date, list[Duty]] | None = getattr(user, "tc_duties", None)
    if known is None or known[0] != on:
        known = (on, list(Duty.objects.raw(_IN_FORCE, [user.pk, on])))
        for duty in known[1]:
            duty.may = frozenset(duty.may)  # type: ignore[attr-defined]
        user.tc_duties = known
        # A page asks some forty times what may be done somewhere.
        user.tc_may_somewhere = _united(known[1])
    return known[1]


def permissions_of(user: Any, about: models.Model | None = None) -> frozenset[str]:
    """Names ("app.codename") of what the duties of `user` allow.

    With an object that stands in a region, only the duties count that reach it: who checks in one
    city and reads in another checks nothing there.
    """
    duties = duties_of(user)
    if about is None:
        return user.tc_may_somewhere if duties else frozenset()
    return _united(duty for duty in duties if reaches(duty, about))


def _united(duties: Iterable[Duty]) -> frozenset[str]:
    return frozenset().union(*(duty.may for duty in duties))  # type: ignore[attr-defined]


def reaches(duty: Duty, about: models.Model) -> bool:
    """Whether a duty's region holds the object; what stands nowhere is reached by every duty."""
    places = [getattr(about, name) for name in REGION_FIELDS if getattr(about, name, None)]
    first, last = scope_of(duty.region_id)
    return not places or any(first <= place <= last for place in places)


def permissions_by_role(user: Any) -> dict[int, frozenset[str]]:
    """What each role of the user's duties may do, by the key of the role."""
    return {duty.role_id: duty.may for duty in duties_of(user)}  # type: ignore[attr-defined]


def incompatible_with(role: Group) -> set[int]:
    """Keys of the roles that nobody holds together with `role`."""
    pairs = RoleConflict.objects.filter(Q(role=role) | Q(other=role))
    both = {key for pair in pairs.values_list("role", "other") for key in pair}
    return both - {role.pk}


def overlapping(user: User, during: DateRange, roles: Iterable[int]) -> list[Duty]:
    """Duties of a user in these roles that are in force on a day of the range."""
    rows = Duty.objects.filter(user=user, role__in=roles, valid__overlap=during)
    return list(rows.select_related("role", "region").order_by("pk"))
