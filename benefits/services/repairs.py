"""Gap repair payment (缴费修复), a kind of case: quoted, approved, ordered, effected on receipt.

皖医保发〔2024〕6号 一（二）. The calculator's answer is kept with the case, because it is what the
person was told and the checker approved; what the payment then does follows from the days on which
the money really came.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from benefits.models import GapRepair
from benefits.rules.repair import RepairFee
from benefits.rules.waiting import Waiting
from benefits.selectors.overrides import earlier_of, override_of
from benefits.selectors.repairs import (
    Ground,
    RepairQuote,
    contribution_day,
    quote,
    stored_trace,
    waiting_ground,
)
from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, Person, Receipt, User
from enrollment.rules.dates import year_start
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date
from enrollment.services import cases, changes, enrollments
from enrollment.services.refusals import Refused

NAME = "gap_repair"
RECEIVED, REVERSED = "repair", "repair_reversed"  # causes of the changes that funds posts


class RepairExceedsUseful(Refused):
    message = gettext_noop(
        "Broken for %(broken_years)s years in a row: at most %(max_useful_repair_years)s can be "
        "repaired, more would not shorten the wait."
    )
    field = "repair_years"


class RepairYearsMustBePositive(Refused):
    message = gettext_noop("Repair at least one year.")
    field = "repair_years"


class RepairTooLate(Refused):
    message = gettext_noop(
        "The wait would have ended on %(benefit_start)s, before the repair is received: it would "
        "not shorten anything any more."
    )
    field = "received_on"


class RepairBeforeContribution(Refused):
    message = gettext_noop("The repair cannot be received before the contribution of %(year)s.")
    field = "received_on"


class PaymentOutsideYear(Refused):
    message = gettext_noop(
        "%(day)s is outside the days on which %(year)s can be paid: from the first day of the "
        "area's payment period to 31 December %(year)s."
    )
    field = "paid_on"


class QuoteRefused(Refused):
    message = gettext_noop("The wait cannot be computed: %(told)s.")


class TermsMissing(Refused):
    message = gettext_noop("The terms for %(year)s are not complete: %(told)s. Publish them first.")


class WaitOverridden(Refused):
    message = gettext_noop(
        "Case %(case)s shortened this wait by decision: a repair would not be told rightly."
    )
    field = "year"


class ContributionUnpaid(Refused):
    message = gettext_noop(
        "The contribution of %(year)s is not paid yet: %(left)s yuan are open. A repair shortens "
        "the wait of a contribution that was paid."
    )


class ReceiptMissing(Refused):
    message = gettext_noop("Give the number of the receipt.")
    field = "receipt_number"


class ReceiptUsed(Refused):
    message = gettext_noop("Receipt %(number)s already pays something else.")
    field = "receipt_number"


class ReceiptDiffers(Refused):
    message = gettext_noop("Receipt %(number)s is over %(received)s yuan, the order over %(due)s.")
    field = "receipt_number"


class NotReceivedYet(Refused):
    message = gettext_noop("%(day)s lies in the future: register the receipt once it is there.")
    field = "received_on"


class PriceChanged(Refused):
    message = gettext_noop(
        "A repaired year costs %(price)s yuan on %(day)s, %(approved)s were approved. Return the "
        "case, so that the person is told again."
    )
    field = "received_on"


class QuoteOutdated(Refused):
    message = gettext_noop(
        "The register or the parameters changed since the quote. Compute it again."
    )


def open_repair(
    *,
    maker: User,
    person: Person,
    year: int,
    paid_on: date,
    repair_years: int,
    request_key: UUID | None = None,
    channel: str = Case.Channel.COUNTER,
    reason: str = "",
) -> Case:
    """Make a draft from a quote. `paid_on` is the day of the contribution, or when it is expected.

    Raises the refusals of the quote, and as `cases.open_case`.
    """
    found = quoted(person=person, year=year, paid_on=paid_on, repair_years=repair_years)
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        channel=channel,
        reason=reason,
        **found,
    )


def change_repair(
    *,
    case: Case,
    user: User,
    expected_version: int,
    year: int,
    paid_on: date,
    repair_years: int,
    **fields: Any,
) -> Case:
    """Quote a draft or returned case anew. Raises as `open_repair` and `cases.change_case`."""
    found = quoted(person=case.whom, year=year, paid_on=paid_on, repair_years=repair_years)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, year=year, **found, **fields
    )


def quoted(*, person: Person, year: int, paid_on: date, repair_years: int) -> dict[str, Any]:
    """What a case keeps of a quote. The day of a contribution that was paid is the day it was paid.

    Raises enrollments.BillMissing, WaitOverridden, and as `quote_or_refuse`.
    """
    bill = open_bill(person.pk, year)
    overridden = override_of(person.pk, year)
    if overridden is not None:
        raise WaitOverridden(case=overridden.pk)
    paid_on = contribution_day(bill) or paid_on
    ground = ground_or_refuse(
        person=person, year=year, paid_on=paid_on, repaired_on=max(paid_on, business_date())
    )
    if repair_years < 1:
        raise RepairYearsMustBePositive
    without = quote_or_refuse(ground, 0)
    found = quote_or_refuse(ground, repair_years)
    fee = cast("RepairFee", found.fee)  # years are positive
    return {
        "repair_years": repair_years,
        "contribution_paid_on": paid_on,
        "unit_price": fee.unit_price,
        "amount": fee.amount,
        "broken_years": found.waiting.broken_years,
        "fixed_months": found.waiting.fixed_months,
        "variable_before": found.waiting.variable_before,
        "variable_months": found.waiting.variable_months,
        "unrepaired_start": without.waiting.benefit_start,
        "benefit_start": found.waiting.benefit_start,
        "trace": stored_trace(found),
    }


def open_bill(person_id: int, year: int) -> Enrollment:
    """The bill of a year, not ended. Raises enrollments.BillMissing, enrollments.BillEnded."""
    bill = bill_of(person_id, year)
    if bill is None:
        raise enrollments.BillMissing(year=year)
    if bill.ended_on is not None:
        raise enrollments.BillEnded(year=year, day=bill.ended_on)
    return bill


def ground_or_refuse(*, person: Person, year: int, paid_on: date, repaired_on: date) -> Ground:
    """As `waiting_ground`. Raises TermsMissing."""
    try:
        return waiting_ground(person, year, paid_on=paid_on, repaired_on=repaired_on)
    except MissingParameter as error:
        raise TermsMissing(year=year, told=str(error)) from error


def quote_or_refuse(ground: Ground, years: int) -> RepairQuote:
    """As `quote`, with a sentence for every refusal of the rule.

    Raises RepairExceedsUseful, RepairTooLate, RepairBeforeContribution, PaymentOutsideYear,
    QuoteRefused, TermsMissing.
    """
    year = ground.facts.target_year
    try:
        return quote(ground, years)
    except MissingParameter as error:
        raise TermsMissing(year=year, told=str(error)) from error
    except RuleRefused as error:
        if error.name == "repair_exceeds_useful":
            raise RepairExceedsUseful(**error.details) from error
        if error.name == "repair_after_recomputed_start":
            raise RepairTooLate(**error.details) from error
        if error.name == "repair_before_enrolment_payment":
            raise RepairBeforeContribution(year=year) from error
        if error.name == "payment_outside_benefit_year":
            raise PaymentOutsideYear(year=year, day=ground.facts.paid_on) from error
        raise QuoteRefused(told=str(error)) from error


def check(case: Case) -> None:
    """The quote is still what the register and the law say. Raises QuoteOutdated, and as quoted."""
    repair = _repair(case)
    found = quoted(
        person=repair.whom,
        year=repair.year,
        paid_on=_planned_day(repair),
        repair_years=repair.repair_years,
    )
    same = (
        "amount",
        "broken_years",
        "fixed_months",
        "variable_before",
        "variable_months",
        "unrepaired_start",
        "benefit_start",
    )
    if any(found[name] != getattr(repair, name) for name in same):
        raise QuoteOutdated


def facts(case: Case) -> list[Fact]:
    """What the person was told: the wait with and without repair, and the price."""
    repair = _repair(case)
    none = str(_("no benefit in the year"))
    return [
        Fact(gettext_noop("Contribution paid or expected on"), repair.contribution_paid_on),
        Fact(gettext_noop("Consecutive broken years"), repair.broken_years),
        Fact(gettext_noop("Repair years paid"), repair.repair_years),
        Fact(gettext_noop("Fixed wait, months"), repair.fixed_months),
        Fact(gettext_noop("Variable wait before repair, months"), repair.variable_before),
        Fact(gettext_noop("Variable wait, months"), repair.variable_months),
        Fact(gettext_noop("Wait in all, months"), repair.fixed_months + repair.variable_months),
        Fact(
            gettext_noop("Benefits from, without repair"),
            repair.unrepaired_start,
            "" if repair.unrepaired_start else none,
        ),
        Fact(
            gettext_noop("Benefits from, with repair"),
            repair.benefit_start,
            "" if repair.benefit_start else none,
        ),
        Fact(gettext_noop("Price of a repaired year (yuan)"), repair.unit_price),
    ]


def approved(case: Case) -> None:
    """Number the payment order that the person pays by."""
    GapRepair.objects.filter(pk=case.pk).update(bill_number=order_number(case))


def order_number(case: Case) -> str:
    """XF, benefit year, case: the same however often the case is approved."""
    return f"XF{case.year}{case.pk:010d}"


def effect(*, case: Case, user: User, **details: Any) -> None:
    """On receipt: the dates of the cover, and a change for those who post the money.

    `details` are receipt_number and received_on. Raises ContributionUnpaid, ReceiptMissing,
    ReceiptUsed, ReceiptDiffers, NotReceivedYet, PriceChanged, and as `quote_or_refuse`.
    """
    repair = _repair(case)
    number = str(details.get("receipt_number") or "").strip()
    received_on: date | None = details.get("received_on")
    if not number or received_on is None:
        raise ReceiptMissing
    if received_on > business_date():
        raise NotReceivedYet(day=received_on)
    bill = open_bill(repair.whom.pk, repair.year)
    paid_on = contribution_day(bill)
    if paid_on is None:
        raise ContributionUnpaid(year=repair.year, left=bill.payable - bill.paid)
    found = _found_on_receipt(repair, paid_on, received_on)
    _take_receipt(repair, number, received_on, found)
    enrollments.set_benefit_dates(
        bill_id=bill.pk,
        benefit_start=_start(repair, found),
        repaired_years=repair.repair_years,
        repaired_on=received_on,
    )
    changes.append(person_id=repair.whom.pk, year=repair.year, cause=RECEIVED, case=case)


def _found_on_receipt(repair: GapRepair, paid_on: date, received_on: date) -> RepairQuote:
    """The wait as it is by the days on which the money came. Raises PriceChanged."""
    ground = ground_or_refuse(
        person=repair.whom, year=repair.year, paid_on=paid_on, repaired_on=received_on
    )
    found = quote_or_refuse(ground, repair.repair_years)
    fee = cast("RepairFee", found.fee)  # years are positive
    if fee.amount != repair.amount:
        raise PriceChanged(day=received_on, price=fee.unit_price, approved=repair.unit_price)
    return found


def _take_receipt(repair: GapRepair, number: str, received_on: date, found: RepairQuote) -> None:
    """Keep the receipt with the case, once and for this order alone. Raises ReceiptUsed."""
    known = Receipt.objects.filter(receipt_number=number).first()
    if known is not None and known.bill_number != repair.bill_number:
        raise ReceiptUsed(number=number)
    if known is not None and known.amount != repair.amount:
        raise ReceiptDiffers(number=number, received=known.amount, due=repair.amount)
    try:
        with transaction.atomic():
            GapRepair.objects.filter(pk=repair.pk).update(
                receipt_number=number,
                received_on=received_on,
                benefit_start=found.waiting.benefit_start,
                variable_months=found.waiting.variable_months,
                trace=stored_trace(found),
            )
    except IntegrityError as error:
        if "a_receipt_pays_one_repair" not in str(error):
            raise
        raise ReceiptUsed(number=number) from error


def undo(*, case: Case, user: User) -> None:
    """Take the repair off the cover: the wait is what it was without, and the money is reversed."""
    repair = _repair(case)
    bill = open_bill(repair.whom.pk, repair.year)
    paid_on = contribution_day(bill)
    if paid_on is None:
        raise ContributionUnpaid(year=repair.year, left=bill.payable - bill.paid)
    ground = ground_or_refuse(
        person=repair.whom, year=repair.year, paid_on=paid_on, repaired_on=business_date()
    )
    enrollments.set_benefit_dates(
        bill_id=bill.pk,
        benefit_start=_start(repair, quote_or_refuse(ground, 0)),
        repaired_years=0,
        repaired_on=None,
    )
    changes.append(person_id=repair.whom.pk, year=repair.year, cause=REVERSED, case=case)


def start_on_file(waiting: Waiting, year: int) -> date:
    """The first benefit day as an enrollment keeps it; none in the year is the day after it.

    An empty day would read as cover from 1 January.
    """
    return waiting.benefit_start or year_start(year + 1)


def _start(repair: GapRepair, found: RepairQuote) -> date:
    """The first benefit day by the quote, or the earlier one of an override."""
    return earlier_of(repair.whom.pk, repair.year, start_on_file(found.waiting, repair.year))


def _repair(case: Case) -> GapRepair:
    return cast("GapRepair", case)


def _planned_day(repair: GapRepair) -> date:
    return repair.contribution_paid_on or business_date()


KIND = CaseKind(
    name=NAME,
    label=_("gap repair payment"),
    model=GapRepair,
    effect=effect,
    facts=facts,
    check=check,
    approved=approved,
    undo=undo,
    asks_on_effect=True,
    second_above="approval.second_level_above.gap_repair",
    url_name="admin:benefits_gaprepair",
)
