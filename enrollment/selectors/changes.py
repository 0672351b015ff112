"""Changes of the facts of a year: what happened to a person's, and what still waits for a taker."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from enrollment.declarations import ChangeTaker, change_takers
from enrollment.models import Change, ChangeTaken

SHOWN = 100  # of one person; what waits comes first


def not_taken(taker: ChangeTaker) -> QuerySet[Change]:
    """Changes that `taker` wants and has not taken, in order."""
    return Change.objects.filter(_wanted_by(taker)).order_by("pk")


def _wanted_by(taker: ChangeTaker) -> Q:
    marks = ChangeTaken.objects.filter(change=OuterRef("pk"), taker=taker.name)
    # By cause, index change_cause: a taker of a few acts must not read every change of a year.
    return Q(cause__in=taker.causes) & Q(~Exists(marks)) if taker.causes else Q(~Exists(marks))


def changes_of(person_id: int, years: Iterable[int]) -> list[Change]:
    """A person's changes, newest first; `waits` says that a taker who wants one has not taken it.

    One query by index change_year_person, however many takers there are.
    """
    wanted = [_wanted_by(taker) for taker in change_takers]
    waits: Combinable = (
        ExpressionWrapper(reduce(or_, wanted), output_field=BooleanField())
        if wanted
        else Value(value=False, output_field=BooleanField())
    )
    rows = Change.objects.filter(person=person_id, year__in=list(years)).annotate(waits=waits)
    first = list(rows.order_by("-waits", "-pk")[:SHOWN])
    return sorted(first, key=lambda change: change.pk, reverse=True)


def pending_of(person_id: int, years: Iterable[int]) -> list[Change]:
    """Changes of a person that a taker who wants them has not taken yet (重新核定中), in order."""
    return [change for change in reversed(changes_of(person_id, years)) if change.waits]  # type: ignore[attr-defined]  # annotated
