"""Granting and ending duties. A duty is never deleted and never grows: it is granted anew."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_noop, pgettext

from enrollment.models import Duty, Region, User
from enrollment.rules.regions import province_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.duties import incompatible_with, overlapping
from enrollment.selectors.scope import reach_of
from enrollment.services.refusals import Refused


class DutyOfOneself(Refused):
    message = gettext_noop("Nobody grants or ends a duty of their own: somebody else has to.")
    field = "user"


class AccountIsDisabled(Refused):
    message = gettext_noop("The account of %(user)s is disabled.")
    field = "user"


class OutsideTheProvince(Refused):
    message = gettext_noop("%(region)s lies outside the province that this system serves.")
    field = "region"


class OutsideOfYourRegion(Refused):
    message = gettext_noop("%(region)s lies outside the regions of your own duty.")
    field = "region"


class DutyEndsBeforeItBegins(Refused):
    message = gettext_noop("The last day lies before the first.")
    field = "last"


class SameDutyOverlaps(Refused):
    message = gettext_noop(
        "%(user)s is %(role)s in %(region)s already on days of this range (duty %(duty)s)."
    )
    field = "first"


class IncompatibleDuties(Refused):
    message = gettext_noop(
        "%(user)s is %(other)s in %(region)s on days of this range (duty %(duty)s): nobody is"
        " %(role)s and %(other)s at once."
    )
    field = "role"


class DutyIsOver(Refused):
    message = gettext_noop("This duty is over already.")


class DutyEndsInThePast(Refused):
    message = gettext_noop(
        "A duty ends yesterday at the earliest: it was in force on the days before."
    )
    field = "last"


class DutyNeverGrows(Refused):
    message = gettext_noop("This duty ends on %(last)s already. Grant another for the days after.")
    field = "last"


class EndNeedsAReason(Refused):
    message = gettext_noop("Say why the duty ends.")
    field = "reason"


@transaction.atomic
def grant_duty(
    *,
    user: User,
    role: Group,
    region: Region,
    first: date,
    last: date | None = None,
    granted_by: User | None = None,
) -> Duty:
    """Give `user` a role in a region from `first` to `last`, both inclusive; no last day is open.

    Raises DutyOfOneself, AccountIsDisabled, OutsideTheProvince, OutsideOfYourRegion,
    DutyEndsBeforeItBegins, IncompatibleDuties, SameDutyOverlaps. `granted_by`
    is None only for what the owner sets up.
    """
    # Two grants to one account wait for each other, or each would miss the other's conflict.
    user = User.objects.select_for_update().get(pk=user.pk)
    if granted_by is not None and granted_by.pk == user.pk:
        raise DutyOfOneself
    if not user.is_active:
        raise AccountIsDisabled(user=user)
    if province_of(region.pk) != settings.PROVINCE:
        raise OutsideTheProvince(region=region)
    if granted_by is not None and not reach_of(granted_by).allows(region.pk):
        raise OutsideOfYourRegion(region=region)
    if last is not None and last < first:
        raise DutyEndsBeforeItBegins
    during = DateRange(first, last + timedelta(days=1) if last else None)
    names = {"user": user, "role": pgettext("role", role.name)}
    for duty in overlapping(user, during, incompatible_with(role)):
        other = pgettext("role", duty.role.name)
        raise IncompatibleDuties(duty=duty.pk, region=duty.region, other=other, **names)
    for duty in overlapping(user, during, [role.pk]):
        if duty.region_id == region.pk:
            raise SameDutyOverlaps(duty=duty.pk, region=region, **names)
    return Duty.objects.create(
        user=user,
        role=role,
        region=region,
        granted_for=during,
        valid=during,
        granted_by=granted_by,
    )


@transaction.atomic
def end_duty(*, duty: Duty, last: date, reason: str, ended_by: User | None = None) -> Duty:
    """Let `last` be the last day of a duty; yesterday takes it away from the next request on.

    Raises DutyOfOneself, OutsideOfYourRegion, EndNeedsAReason, DutyIsOver, DutyEndsInThePast,
    DutyNeverGrows.
    """
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    today = business_date()
    if ended_by is not None and ended_by.pk == duty.user_id:
        raise DutyOfOneself
    if ended_by is not None and not reach_of(ended_by).allows(duty.region_id):
        raise OutsideOfYourRegion(region=duty.region)
    if not reason.strip():
        raise EndNeedsAReason
    first, beyond = duty.valid.lower, duty.valid.upper
    if duty.valid.isempty or (beyond is not None and beyond <= today):
        raise DutyIsOver
    if last < today - timedelta(days=1):
        raise DutyEndsInThePast
    until = last + timedelta(days=1)
    if beyond is not None and until > beyond:
        raise DutyNeverGrows(last=beyond - timedelta(days=1))
    duty.valid = DateRange(first, until) if until > first else DateRange(empty=True)
    duty.ended_by, duty.ended_at, duty.end_reason = ended_by, timezone.now(), reason.strip()
    duty.save(update_fields=["valid", "ended_by", "ended_at", "end_reason"])
    return duty
