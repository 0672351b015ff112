"""Keeping the grid workers (网格员) of townships and villages: who serves where, and when."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_noop

from enrollment.models import GridWorker, User
from enrollment.models.identity import seal
from enrollment.rules.regions import COUNTY
from enrollment.selectors.scope import scope_for
from enrollment.services.refusals import Refused

ADD, CHANGE = "enrollment.add_gridworker", "enrollment.change_gridworker"


class NeitherTownshipNorVillage(Refused):
    message = gettext_noop("%(region)s is neither a township nor a village.")
    field = "region_code"


class NotInYourRegion(Refused):
    message = gettext_noop("%(region)s lies outside the regions of your own duty.")
    field = "region_code"


class WorkerEndsBeforeBeginning(Refused):
    message = gettext_noop("The last day lies before the first.")
    field = "last"


class AreaHasAWorker(Refused):
    message = gettext_noop(
        "%(name)s serves this area on days of this range: end that first, by its last day."
    )
    field = "first"


def check_grid_worker(
    *, user: User, region: int, first: date, last: date | None, worker: GridWorker | None = None
) -> DateRange:
    """Whether `user` may enter or change who serves an area on these days, both inside.

    Returns the days as they are kept. Raises NeitherTownshipNorVillage, NotInYourRegion,
    WorkerEndsBeforeBeginning, AreaHasAWorker.
    """
    if not 10**11 <= region < 10**12 or region % COUNTY == 0:
        raise NeitherTownshipNorVillage(region=region)
    if not scope_for(user, ADD if worker is None else CHANGE).allows(region):
        raise NotInYourRegion(region=region)
    if last is not None and last < first:
        raise WorkerEndsBeforeBeginning
    days = DateRange(first, last + timedelta(days=1) if last else None)
    others = GridWorker.objects.filter(region=region, valid__overlap=days)
    if worker is not None:
        others = others.exclude(pk=worker.pk)
    other = others.first()
    if other is not None:
        raise AreaHasAWorker(name=other.name)
    return days


def keep_grid_worker(
    *,
    user: User,
    region: int,
    name: str,
    contact: str,
    first: date,
    last: date | None,
    worker: GridWorker | None = None,
) -> GridWorker:
    """Enter who serves a township or village, or change name, phone and days of `worker`.

    `contact` is a phone in clear, which is sealed. Raises as `check_grid_worker`.
    """
    days = check_grid_worker(user=user, region=region, first=first, last=last, worker=worker)
    found = worker or GridWorker(region=region, entered_by=user)
    found.name, found.valid = name.strip(), days
    found.contact_sealed = seal(contact) if contact else None
    try:
        with transaction.atomic():
            if worker is None:
                found.save(force_insert=True)
            else:
                found.save(update_fields=["name", "contact_sealed", "valid"])
    except IntegrityError as error:  # somebody else entered one just now
        if "an_area_has_one_grid_worker_at_a_time" not in str(error):
            raise
        raise AreaHasAWorker(name=name) from error
    return found


__all__ = [
    "AreaHasAWorker",
    "NeitherTownshipNorVillage",
    "NotInYourRegion",
    "WorkerEndsBeforeBeginning",
    "check_grid_worker",
    "keep_grid_worker",
]
