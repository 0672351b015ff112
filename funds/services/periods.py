"""The close of a month (月结) of an area's books, and its opening by a second person.

The database refuses entries into a closed month, and the close while money waits to be posted.
"""

from collections.abc import Callable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from enrollment.models import User
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused
from funds.models import PeriodClose

CLOSE, REOPEN = "funds.close_period", "funds.reopen_period"


class BooksOfOthers(Refused):
    message = gettext_noop("Your duty does not allow this for the area.")


class MonthNotOver(Refused):
    message = gettext_noop("%(month)s is not over yet.")


class MonthIsClosed(Refused):
    message = gettext_noop("The month is closed already.")


class MonthIsOpen(Refused):
    message = gettext_noop("The month is not closed.")


class MoneyNotPosted(Refused):
    message = gettext_noop("Money of the area is not posted yet: close the month afterwards.")


class ReceiptsOfMonthNotPosted(Refused):
    message = gettext_noop("Receipts of the month are not posted yet: close it afterwards.")


class CloserOpensMonth(Refused):
    message = gettext_noop("Whoever closed a month does not open it again: somebody else has to.")


class NoReasonGiven(Refused):
    message = gettext_noop("Give the reason.")
    field = "reason"


REFUSALS: dict[str, Callable[[], Refused]] = {
    "a_month_of_a_book_is_closed_once": MonthIsClosed,
    "period_is_closed_when_all_is_posted": MoneyNotPosted,
    "receipts_are_posted_before_the_close": ReceiptsOfMonthNotPosted,
}


@transaction.atomic
def close_month(*, user: User, book: int, month: date) -> PeriodClose:
    """Close a month of the books of a pooling area or the province.

    Raises BooksOfOthers, MonthNotOver, MonthIsClosed, MoneyNotPosted, ReceiptsOfMonthNotPosted.
    """
    first = month.replace(day=1)
    close = PeriodClose(region_id=book, month=first, closed_by=user)
    if not user.has_perm(CLOSE, close):
        raise BooksOfOthers
    if first >= business_date().replace(day=1):
        raise MonthNotOver(month=f"{first:%Y-%m}")
    try:
        with transaction.atomic():
            close.save(force_insert=True)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal() from error
    return close


@transaction.atomic
def reopen_month(*, user: User, book: int, month: date, reason: str) -> PeriodClose:
    """Open a closed month again, by a second person with a reason.

    Raises BooksOfOthers, NoReasonGiven, MonthIsOpen, CloserOpensMonth.
    """
    if not user.has_perm(REOPEN, PeriodClose(region_id=book)):
        raise BooksOfOthers
    if not reason.strip():
        raise NoReasonGiven
    found = PeriodClose.objects.select_for_update(of=("self",))
    close = found.filter(region_id=book, month=month.replace(day=1), reopened_at=None).first()
    if close is None:
        raise MonthIsOpen
    if close.closed_by_id == user.pk:
        raise CloserOpensMonth
    PeriodClose.objects.filter(pk=close.pk).update(
        reopened_by=user, reopened_at=Now(), reason=reason.strip()[:255]
    )
    close.refresh_from_db()
    return close
