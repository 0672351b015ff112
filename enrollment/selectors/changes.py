"""Changes that somebody above still has to act on."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from enrollment.declarations import ChangeTaker, change_takers
from enrollment.models import Change, ChangeTaken


def not_taken(taker: ChangeTaker) -> QuerySet[Change]:
    """Changes that `taker` wants and has not taken, in order."""
    marks = ChangeTaken.objects.filter(change=OuterRef("pk"), taker=taker.name)
    changes = Change.objects.filter(~Exists(marks)).order_by("pk")
    # By cause, index change_cause: a taker of a few acts must not read every change of a year.
    return changes.filter(cause__in=taker.causes) if taker.causes else changes


def pending_of(person_id: int, years: Iterable[int]) -> list[Change]:
    """Changes of a person that a taker who wants them has not taken yet (重新核定中)."""
    found: dict[int, Change] = {}
    for taker in change_takers:
        waiting = not_taken(taker).filter(person=person_id, year__in=list(years))
        found.update((change.pk, change) for change in waiting)
    return [found[key] for key in sorted(found)]
