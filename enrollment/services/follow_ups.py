"""Keeping the list of what is left to do short: what was dealt with long ago is not asked again."""

from datetime import date, timedelta

from enrollment.models import ListedChange
from enrollment.selectors.bills import years_open
from enrollment.selectors.follow_ups import changes_with_follow_ups

SETTLES_AFTER = 30  # days; until then a reversal, a new quota or a late payment may bring it back


def settle(*, on: date) -> int:
    """Mark the people of lists older than a month about whom nothing is left to do; how many.

    What is left is computed whenever it is shown; this only spares the computation. Called by beat.
    """
    if not years_open(on):
        return 0
    old = ListedChange.objects.filter(
        is_settled=False, source__recognition_list__day__lt=on - timedelta(days=SETTLES_AFTER)
    )
    return old.exclude(pk__in=changes_with_follow_ups(on)).update(is_settled=True)
