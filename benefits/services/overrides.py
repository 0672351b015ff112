"""Waiting-period override (等待期例外), a kind of case: one person waits less, for one year.

皖医保发〔2024〕6号 一（二）, 原则上: decided by two levels, whatever the case. It only shortens a
wait; the register gets the day at once and `assess` takes it from the case, as whatever else is
known of the person then.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from benefits.models import WaitingOverride
from benefits.rules.waiting import Waiting, shorten_wait
from benefits.selectors.overrides import override_of
from benefits.selectors.repairs import Ground, contribution_day
from benefits.services import repairs
from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, Person, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.services import cases, changes, enrollments
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "waiting_override", "waiting_override_reversed"  # also causes of changes
SAME = ("contribution_paid_on", "computed_months", "computed_start", "benefit_start")


class YearOver(Refused):
    message = gettext_noop("The year %(year)s is over: its waits are not changed any more.")
    field = "year"


class ContributionOpen(Refused):
    message = gettext_noop(
        "The contribution of %(year)s is not paid: without its day there is no wait to shorten."
    )
    field = "year"


class NothingToShorten(Refused):
    message = gettext_noop("By the rule this person does not wait in %(year)s.")
    field = "year"


class NotShorter(Refused):
    message = gettext_noop("By the rule the wait is %(total_months)s months: give fewer.")
    field = "months"


class StillNoBenefit(Refused):
    message = gettext_noop("With this wait the benefits would still not begin in %(year)s.")
    field = "months"


class OverrideStands(Refused):
    message = gettext_noop(
        "Case %(case)s already shortens this wait: reverse it before another is decided."
    )
    field = "year"


class OverrideOutdated(Refused):
    message = gettext_noop(
        "The wait by the rule changed since the case was made. Save the form again."
    )


def open_override(
    *,
    maker: User,
    person: Person,
    year: int,
    months: int,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft that keeps what the rule says. Raises as `decided`, `check` and
    `cases.open_case`."""
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        **decided(person=person, year=year, months=months),
        **says,
    )


def change_override(
    *, case: Case, user: User, expected_version: int, year: int, months: int, **says: Any
) -> Case:
    """Decide a draft or returned case anew. Raises as `open_override` and `cases.change_case`."""
    found = decided(person=case.whom, year=year, months=months)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, year=year, **found, **says
    )


def decided(*, person: Person, year: int, months: int) -> dict[str, Any]:
    """What a case keeps: the wait by the rule, and what `months` make of it.

    Raises NotShorter, StillNoBenefit, and as `by_the_rule`.
    """
    ground, found = by_the_rule(person=person, year=year)
    try:
        shorter = shorten_wait(found, ground.facts, months, ground.terms.exception_clause)
    except RuleRefused as error:
        raise NotShorter(**error.details) from error
    if shorter.benefit_start is None:
        raise StillNoBenefit(year=year)
    return {
        "months": months,
        "contribution_paid_on": ground.facts.paid_on,
        "computed_months": found.total_months,
        "computed_start": found.benefit_start,
        "benefit_start": shorter.benefit_start,
    }


def by_the_rule(*, person: Person, year: int) -> tuple[Ground, Waiting]:
    """What the wait rests on and the wait itself, with the repair that was received.

    Raises YearOver, ContributionOpen, NothingToShorten, and as `repairs.ground_or_refuse`,
    `repairs.quote_or_refuse`, `repairs.open_bill`.
    """
    if year < business_date().year:
        raise YearOver(year=year)
    bill = repairs.open_bill(person.pk, year)
    paid_on = contribution_day(bill)
    if paid_on is None:
        raise ContributionOpen(year=year)
    ground, found = _waiting(person, bill, paid_on)
    if not found.total_months:
        raise NothingToShorten(year=year)
    return ground, found


def _waiting(person: Person, bill: Enrollment, paid_on: date) -> tuple[Ground, Waiting]:
    ground = repairs.ground_or_refuse(
        person=person, year=bill.year, paid_on=paid_on, repaired_on=bill.repaired_on or paid_on
    )
    return ground, repairs.quote_or_refuse(ground, bill.repaired_years).waiting


def check(case: Case) -> None:
    """The rule still says what it said, nothing else shortens the wait, and reason and evidence
    are there. Raises cases.ReasonMissing, EvidenceMissing, OverrideStands, OverrideOutdated, and as
    `decided`."""
    asked = _override(case)
    if not asked.reason.strip():
        raise cases.ReasonMissing
    if not asked.evidence.strip():
        raise EvidenceMissing
    known = override_of(asked.whom.pk, asked.year)
    if known is not None:
        raise OverrideStands(case=known.pk)
    found = decided(person=asked.whom, year=asked.year, months=asked.months)
    if any(found[name] != getattr(asked, name) for name in SAME):
        raise OverrideOutdated


def facts(case: Case) -> list[Fact]:
    """The wait by the rule, the wait by the decision, and on what it rests."""
    asked = _override(case)
    none = "" if asked.computed_start else str(_("no benefit in the year"))
    return [
        Fact(gettext_noop("Contribution paid on"), asked.contribution_paid_on),
        Fact(gettext_noop("Wait by the rule, months"), asked.computed_months),
        Fact(gettext_noop("Benefits from, by the rule"), asked.computed_start, none),
        Fact(gettext_noop("Wait by the override, months"), asked.months),
        Fact(gettext_noop("Benefits from, by the override"), asked.benefit_start),
        Fact(gettext_noop("Evidence"), asked.evidence),
        Fact(gettext_noop("Basis"), "皖医保发〔2024〕6号 一（二）原则上"),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The first benefit day at once, and a change that has the person assessed again.

    Of two at once the second is refused. Raises as `check`.
    """
    check(case)
    asked = _override(case)
    bill = repairs.open_bill(asked.whom.pk, asked.year)
    try:
        with transaction.atomic():
            WaitingOverride.objects.filter(pk=case.pk).update(in_force=bill.pk)
    except IntegrityError as error:
        known = override_of(asked.whom.pk, asked.year)
        if known is None:
            raise
        raise OverrideStands(case=known.pk) from error
    _write_start(case, bill, asked.benefit_start, NAME)


def undo(*, case: Case, user: User) -> None:
    """The wait is by the rule again. Raises as `repairs.open_bill`, `repairs.quote_or_refuse`."""
    asked = _override(case)
    bill = repairs.open_bill(asked.whom.pk, asked.year)
    paid_on = contribution_day(bill) or asked.contribution_paid_on
    found = _waiting(asked.whom, bill, paid_on)[1]
    WaitingOverride.objects.filter(pk=case.pk).update(in_force=None)
    _write_start(case, bill, repairs.start_on_file(found, asked.year), REVERSED)


def _write_start(case: Case, bill: Enrollment, start: date, cause: str) -> None:
    enrollments.set_benefit_dates(
        bill_id=bill.pk,
        benefit_start=start,
        repaired_years=bill.repaired_years,
        repaired_on=bill.repaired_on,
    )
    changes.append(person_id=case.whom.pk, year=case.year, cause=cause, case=case)


def _override(case: Case) -> WaitingOverride:
    return cast("WaitingOverride", case)


KIND = CaseKind(
    name=NAME,
    label=_("waiting-period override"),
    model=WaitingOverride,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    second_always=True,
    url_name="admin:benefits_waitingoverride",
)
