"""The monthly plan of a county (县级用款计划), a kind of case: planned, reviewed, transferred and
confirmed.

鄂政办发〔2020〕9号 三（五）: the city transfers a month's money to the county's expenditure account
by the county's plan, at most what is left of the approved budget. The database guards that, however
many plans are approved at once (`plans_stay_within_the_budget`).
"""

from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Person, Region, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.money import ZERO
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.duties import duties_of
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds import posting
from funds.models import CountyPlan, CountyReceipt, Entry, Reason
from funds.rules import budget as rules
from funds.selectors import budgets as reads
from funds.services import movements

NAME = "county_plan"
CONFIRM = "funds.confirm_county_plan"


class NotACounty(Refused):
    message = gettext_noop("A monthly plan is one of a county.")
    field = "region"


class PlanStands(Refused):
    message = gettext_noop("Case %(case)s plans this month already.")
    field = "month"


class MonthUnreadable(Refused):
    message = gettext_noop("A plan is for one month of its year.")
    field = "month"


class NoBudgetInForce(Refused):
    message = gettext_noop("No budget of %(year)s is approved for %(place)s.")
    field = "region"


class NothingPlanned(Refused):
    message = gettext_noop("Give the amount that the county needs.")
    field = "amount"


class ExceedsApprovedBudget(Refused):
    message = gettext_noop(
        "%(plan)s yuan are more than what is left of the approved budget: %(left)s yuan."
    )
    field = "amount"


class TransferConfirmed(Refused):
    message = gettext_noop(
        "The county confirmed this transfer: what it does not need it returns by an entry."
    )


class NotTransferred(Refused):
    message = gettext_noop("The money was not transferred yet.")


class ConfirmedAlready(Refused):
    message = gettext_noop("The county confirmed this already.")


class NotTheCounty(Refused):
    message = gettext_noop("The county itself confirms what it received.")


class ReceivedDiffers(Refused):
    message = gettext_noop(
        "%(amount)s yuan were transferred: another amount is not confirmed, but cleared up first."
    )
    field = "amount"


class ReceivedTooEarly(Refused):
    message = gettext_noop("The money was transferred later than that, or the day has not come.")
    field = "received_on"


def open_plan(
    *,
    maker: User,
    region_id: int,
    month: date,
    scheme: int,
    amount: Decimal,
    year: int | None = None,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft of a county's month. Raises NotACounty, PlanStands, and as `check`."""
    if not Region.objects.filter(pk=region_id, level=Region.Level.COUNTY).exists():
        raise NotACounty
    return cases.open_only_case(
        kind=NAME,
        maker=maker,
        stands_for=place_of(region_id, scheme, month),
        taken=PlanStands,
        region_id=region_id,
        year=month.year,
        request_key=request_key,
        scheme=scheme,
        month=month,
        amount=amount,
        **says,
    )


def place_of(county: int, scheme: int, month: date) -> str:
    """What a plan stands for, as `stands_for` keeps it."""
    return f"{county // 10**6}-{scheme}-{month:%Y-%m}"


def change_plan(
    *, case: Case, user: User, expected_version: int, amount: Decimal, **says: Any
) -> Case:
    """Let the maker change the amount; county, scheme and month stay. Raises as `check`."""
    for fixed in ("region_id", "month", "scheme", "year"):
        says.pop(fixed, None)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, amount=amount, **says
    )


def check(case: Case) -> None:
    """Raises MonthUnreadable, NothingPlanned, NoBudgetInForce, ExceedsApprovedBudget."""
    plan = _plan(case)
    if plan.month.day != 1 or plan.month.year != plan.year:
        raise MonthUnreadable
    if not plan.amount:
        raise NothingPlanned
    found = assessed(plan)
    if not found.payable:
        left = reads.county_left(plan.region_id, plan.scheme, plan.year)
        others = left.left + taken_by(plan) if left else ZERO
        raise ExceedsApprovedBudget(plan=f"{plan.amount:,.2f}", left=f"{others:,.2f}")


def assessed(plan: CountyPlan) -> rules.CountyPlan:
    """The plan by the rules, against what others took of the budget. Raises NoBudgetInForce."""
    left = reads.county_left(plan.region_id, plan.scheme, plan.year)
    if left is None:
        place = Region.objects.get(pk=pooling_area_of(plan.region_id)).name
        raise NoBudgetInForce(year=plan.year, place=place)
    others = left.disbursed - taken_by(plan)
    # what a county returned of a year before may exceed what it took of this one
    return rules.assess_county_plan(
        left.approved - min(others, ZERO), max(others, ZERO), plan.amount or ZERO
    )


def taken_by(plan: CountyPlan) -> Decimal:
    """Yuan of the budget that this plan holds already."""
    holds = plan.state in (lifecycle.APPROVED, lifecycle.EFFECTED)
    return (plan.amount or ZERO) if holds else ZERO


def moves(case: Case, move: Transition, user: User) -> None:
    """Raises what the budget refuses."""
    if move in (lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.EFFECT):
        reads.hold_counties(pooling_area_of(case.region_id), case.year, _plan(case).scheme)
        check(case)


def facts(case: Case) -> list[Fact]:
    """Which month of which scheme; the amount is the case's own."""
    plan = _plan(case)
    return [
        Fact(gettext_noop("Scheme"), plan.scheme, plan.get_scheme_display()),
        Fact(gettext_noop("Month of the plan"), plan.month, f"{plan.month:%Y-%m}"),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Transfer the month's money from the city's expenditure account to the county's.

    Raises the refusals of `posting`: nothing is transferred that the city's account does not hold.
    """
    plan = _plan(case)
    movements.move(
        reason=Reason.COUNTY_FUNDED,
        area=plan.region_id,
        amount=plan.amount or ZERO,
        on=business_date(),
        key=f"plan:{plan.pk}",
        scheme=Person.Scheme(plan.scheme),
        case=case,
    )


def undo(*, case: Case, user: User) -> None:
    """Take the transfer back. Raises TransferConfirmed, and the refusals of `posting`."""
    if CountyReceipt.objects.filter(plan=case.pk).exists():
        raise TransferConfirmed
    posting.reverse(
        entry=Entry.objects.get(key=f"plan:{case.pk}"),
        key=f"plan:{case.pk}:reversed",
        occurred_on=business_date(),
        case=case,
    )


@transaction.atomic
def confirm_receipt(
    *, plan: CountyPlan, user: User, received_on: date, amount: Decimal
) -> CountyReceipt:
    """Let the county confirm that the money came in, in yuan, to the cent.

    Raises NotTransferred, ConfirmedAlready, NotTheCounty, ReceivedDiffers, ReceivedTooEarly.
    """
    now = Case.objects.select_for_update().get(pk=plan.pk)
    if now.state != lifecycle.EFFECTED:
        raise NotTransferred
    if CountyReceipt.objects.filter(plan=plan.pk).exists():
        raise ConfirmedAlready
    if not is_of_the_county(user, plan):
        raise NotTheCounty
    if amount != now.amount:
        raise ReceivedDiffers(amount=f"{now.amount:,.2f}")
    sent = Entry.objects.get(key=f"plan:{plan.pk}").occurred_on
    if not sent <= received_on <= business_date():
        raise ReceivedTooEarly
    return CountyReceipt.objects.create(
        plan_id=plan.pk, received_on=received_on, amount=amount, confirmed_by=user
    )


def is_of_the_county(user: User, plan: CountyPlan) -> bool:
    """Whether a duty in that very county lets the user confirm, who did not check the plan."""
    county = plan.region_id // 10**6
    return plan.checker_id != user.pk and any(
        duty.region_id // 10**6 == county and CONFIRM in duty.may  # type: ignore[attr-defined]
        for duty in duties_of(user)
    )


def _plan(case: Case) -> CountyPlan:
    return cast("CountyPlan", case)


KIND = CaseKind(
    name=NAME,
    label=_("county monthly plan"),
    model=CountyPlan,
    effect=effect,
    facts=facts,
    check=check,
    moves=moves,
    undo=undo,
    url_name="admin:funds_countyplan",
)
