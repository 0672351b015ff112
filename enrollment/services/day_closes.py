"""The close of a day (日结): one area's day is settled once all three sides agree, and opened again
by a second person with a reason. The database refuses both otherwise."""

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from enrollment.models import DayClose, User
from enrollment.selectors.calendar import business_date
from enrollment.selectors.days import differences_of
from enrollment.services.refusals import Refused

CLOSE, REOPEN = "enrollment.close_day", "enrollment.reopen_day"


class NotYourArea(Refused):
    message = gettext_noop("Your duty does not allow this for the area.")


class DayNotOver(Refused):
    message = gettext_noop("%(day)s is not over yet: a day is closed from its evening on.")


class DayDiffers(Refused):
    message = gettext_noop("The sides differ in %(places)s places: see below where.")


class DayIsClosed(Refused):
    message = gettext_noop("The day is closed already.")


class DayIsOpen(Refused):
    message = gettext_noop("The day is not closed.")


class CloserOpens(Refused):
    message = gettext_noop("Whoever closed a day does not open it again: somebody else has to.")


class ReasonMissing(Refused):
    message = gettext_noop("Give the reason.")
    field = "reason"


@transaction.atomic
def close_day(*, user: User, area: int, day: date) -> DayClose:
    """Close a day of a pooling area (twelve digits) over what came in.

    Raises NotYourArea, DayNotOver, DayDiffers, DayIsClosed.
    """
    if not user.has_perm(CLOSE, DayClose(region_id=area)):
        raise NotYourArea
    if day > business_date():
        raise DayNotOver(day=day)
    try:
        with transaction.atomic():
            close = DayClose(region_id=area, day=day, closed_by=user, receipts=0, amount=0)
            close.save(force_insert=True)
    except IntegrityError as error:
        if "a_day_of_an_area_is_closed_once" in str(error):
            raise DayIsClosed from error
        places = len(differences_of(area, day))
        if not places:
            raise
        raise DayDiffers(places=places) from error
    close.refresh_from_db()  # what the database counted
    return close


@transaction.atomic
def reopen_day(*, user: User, area: int, day: date, reason: str) -> DayClose:
    """Open a closed day again, by a second person. Raises NotYourArea, ReasonMissing, DayIsOpen,
    CloserOpens."""
    if not user.has_perm(REOPEN, DayClose(region_id=area)):
        raise NotYourArea
    if not reason.strip():
        raise ReasonMissing
    found = DayClose.objects.select_for_update()
    close = found.filter(region_id=area, day=day, reopened_at=None).first()
    if close is None:
        raise DayIsOpen
    if close.closed_by_id == user.pk:
        raise CloserOpens
    DayClose.objects.filter(pk=close.pk).update(
        reopened_by=user, reopened_at=Now(), reason=reason.strip()[:255]
    )
    close.refresh_from_db()
    return close


def fold() -> int:
    """Make one row of the several that a day, county, scheme and channel has. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fold_receipt_days()")
        (folded,) = cursor.fetchone()
    return int(folded)
