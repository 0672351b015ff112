"""Category recognition (类别认定), a kind of case: a status gained or lost, and the bills after it.

皖医保发〔2024〕6号 一（一）、（二）. The category on the day of payment decides: bills that nobody
has paid follow, those that were paid keep what they were (enrollment/sql/subsidise.sql says the
same for everyone).
"""

from datetime import date, timedelta
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, CategoryRecognition, Enrollment, PersonCategory, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.bills import bills_of, terms_elsewhere, years_open
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.selectors.policy import QuotaOutOfRange
from enrollment.services import changes, enrollments
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "category", "category_reversed"  # causes of changes


class FirstDayMissing(Refused):
    message = gettext_noop("Give the first day of the status.")
    field = "since"


class LastDayMissing(Refused):
    message = gettext_noop("Give the last day of the status.")
    field = "until"


class EndsBeforeItBegins(Refused):
    message = gettext_noop("The last day lies before the first, %(first)s.")
    field = "until"


class BeginsBeforeBirth(Refused):
    message = gettext_noop("The status would begin before the birth, %(born)s.")
    field = "since"


class BeginsLater(Refused):
    message = gettext_noop("The status begins after today: recognise it on that day.")
    field = "since"


class CategoryHeld(Refused):
    message = gettext_noop("This person has the status on file from %(first)s to %(last)s already.")
    field = "category"


class CategoryNotHeld(Refused):
    message = gettext_noop("The register has no such status of this person on that day.")
    field = "category"


class TermsMissing(Refused):
    message = gettext_noop(
        "The terms of %(place)s for %(year)s are not complete: %(parameter)s. Publish them first."
    )
    field = "category"


class StatusChangedSince(Refused):
    message = gettext_noop("The status changed since: undo the later act first.")


def check(case: Case) -> None:
    """The days fit, it is proved, and the register can take it.

    Raises FirstDayMissing, LastDayMissing, EndsBeforeItBegins, BeginsBeforeBirth, BeginsLater,
    EvidenceMissing, CategoryHeld, CategoryNotHeld.
    """
    asked = _recognition(case)
    if not asked.evidence.strip():
        raise EvidenceMissing
    if asked.act == CategoryRecognition.Act.GAINED:
        _check_gained(asked)
    else:
        _row_to_end(asked)


def _check_gained(asked: CategoryRecognition) -> None:
    if asked.since is None:
        raise FirstDayMissing
    if asked.until is not None and asked.until < asked.since:
        raise EndsBeforeItBegins(first=asked.since)
    if asked.since < asked.whom.birth_date:
        raise BeginsBeforeBirth(born=asked.whom.birth_date)
    if asked.since > business_date():
        raise BeginsLater
    held = _overlapping(asked).filter(qualified=True).first()
    if held is not None:
        last = held.valid.upper
        told = str(_("further notice")) if last is None else last - timedelta(days=1)
        raise CategoryHeld(first=held.valid.lower, last=told)


def _validity(asked: CategoryRecognition) -> DateRange:
    """Both days of the case are inside; the database keeps the first day after."""
    until = None if asked.until is None else asked.until + timedelta(days=1)
    return DateRange(asked.since, until)


def _overlapping(asked: CategoryRecognition) -> Any:
    rows = PersonCategory.objects.filter(person=asked.whom.pk, category=asked.category)
    return rows.filter(valid__overlap=_validity(asked)).order_by("valid")


def _row_to_end(asked: CategoryRecognition) -> PersonCategory:
    """The row that holds on the last day. Raises LastDayMissing, CategoryNotHeld."""
    if asked.until is None:
        raise LastDayMissing
    row = PersonCategory.objects.filter(
        person=asked.whom.pk, category=asked.category, qualified=True, valid__contains=asked.until
    ).first()
    if row is None:
        raise CategoryNotHeld
    return row


def facts(case: Case) -> list[Fact]:
    """What was recognised by whom, and the unpaid bills that follow."""
    asked = _recognition(case)
    shown = [
        Fact(gettext_noop("What happened"), asked.act, str(asked.get_act_display())),
        Fact(gettext_noop("Category"), asked.category, str(asked.get_category_display())),
        Fact(gettext_noop("Valid from"), asked.since),
        Fact(gettext_noop("Last day"), asked.until),
        Fact(gettext_noop("Meets the conditions"), asked.qualified),
        Fact(gettext_noop("Source department"), asked.source, str(asked.get_source_display())),
        Fact(gettext_noop("Evidence"), asked.evidence),
    ]
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    for bill in _bills_that_follow(asked.whom.pk):
        shown += [
            Fact(gettext_noop("Unpaid bill of benefit year"), bill.year),
            Fact(gettext_noop("Category on the bill"), bill.category),
            Fact(gettext_noop("Subsidy on the bill (yuan)"), bill.subsidy),
            Fact(gettext_noop("Payable (yuan)"), bill.payable),
        ]
    return shown


def _bills_that_follow(person_id: int) -> list[Enrollment]:
    """Open bills of the open years that nobody has paid and that are not paid by others alone."""
    bills = bills_of(person_id, years_open(business_date()))
    return [
        bills[year]
        for year in sorted(bills)
        if bills[year].paid == 0 and bills[year].payable > 0 and bills[year].ended_on is None
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The status in the register, and the unpaid bills by it; the triggers append the changes.

    Raises as `check`, CategoryHeld, TermsMissing.
    """
    check(case)
    asked = _recognition(case)
    with changes.caused_by(cause=NAME, case=case):
        row, was_valid = _gain(asked) if asked.act == asked.Act.GAINED else _lose(asked)
        CategoryRecognition.objects.filter(pk=case.pk).update(row=row, was_valid=was_valid)
    _rebill(asked)


def _gain(asked: CategoryRecognition) -> tuple[PersonCategory, None]:
    """A new row; of two at once the second is refused by the exclusion constraint."""
    says = {
        "valid": _validity(asked),
        "source": asked.source,
        "evidence": asked.evidence,
        "qualified": asked.qualified,
    }
    known = _overlapping(asked).first()
    try:
        with transaction.atomic():
            if known is not None:  # a status that did not count, or was taken back
                asked_again = PersonCategory.objects.filter(pk=known.pk, qualified=False)
                if not asked_again.update(**says):  # recognised by another case since the check
                    raise CategoryHeld(first=asked.since, last=asked.until or "")
                return known, None
            return (
                PersonCategory.objects.create(
                    person_id=asked.whom.pk, category=asked.category, **says
                ),
                None,
            )
    except IntegrityError as error:
        if "same_category_never_overlaps" not in str(error):
            raise
        raise CategoryHeld(first=asked.since, last=asked.until or "") from error


def _lose(asked: CategoryRecognition) -> tuple[PersonCategory, DateRange]:
    """The row ends after the last day. Raises CategoryNotHeld where it changed meanwhile."""
    row = _row_to_end(asked)
    after = cast("date", asked.until) + timedelta(days=1)
    changed = PersonCategory.objects.filter(pk=row.pk, valid=row.valid, qualified=True).update(
        valid=DateRange(row.valid.lower, after)
    )
    if not changed:
        raise CategoryNotHeld
    return row, row.valid


def _rebill(asked: CategoryRecognition) -> None:
    """Unpaid bills by the categories of today. Raises TermsMissing."""
    on = business_date()
    for bill in _bills_that_follow(asked.whom.pk):
        try:
            terms = terms_elsewhere(bill, bill.region_id, on)
        except (MissingParameter, QuotaOutOfRange) as error:
            place = str(places([bill.region_id])[bill.region_id])
            raise TermsMissing(place=place, year=bill.year, parameter=error.code) from error
        enrollments.move(bill_id=bill.pk, region=bill.region_id, terms=terms, case=asked, on=on)


def undo(*, case: Case, user: User) -> None:
    """Give the register back what it said, and the unpaid bills by it. Raises StatusChangedSince,
    TermsMissing."""
    asked = _recognition(case)
    row = PersonCategory.objects.select_for_update().get(pk=cast("int", asked.row_id))
    with changes.caused_by(cause=REVERSED, case=case):
        if asked.act == asked.Act.GAINED:
            changed = PersonCategory.objects.filter(
                pk=row.pk, valid=_validity(asked), qualified=asked.qualified
            ).update(qualified=False)
        else:
            after = cast("date", asked.until) + timedelta(days=1)
            ended = DateRange(row.valid.lower, after)
            changed = PersonCategory.objects.filter(pk=row.pk, valid=ended).update(
                valid=asked.was_valid
            )
        if not changed:
            raise StatusChangedSince
    _rebill(asked)


def _recognition(case: Case) -> CategoryRecognition:
    return cast("CategoryRecognition", case)


KIND = CaseKind(
    name="category_recognition",
    label=_("category recognition"),
    model=CategoryRecognition,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:enrollment_categoryrecognition",
)
