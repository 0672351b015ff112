"""Suspense clearing (挂账处理), a kind of case: money that found no bill goes where it belongs.

To a bill of the year or of another one, back to the payer, or back to the tax service; a maker
proposes and a checker decides on the digest of what both saw. The receipt itself is written by the
database from the approved case (`clear_suspense`), once, and never beyond what is in suspense.
"""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Enrollment, Person, Receipt, SuspenseClearing, User
from enrollment.rules import refund as refund_rule
from enrollment.rules.lifecycle import DONE, Fact
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.terms import read_terms
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.policy import policy_book
from enrollment.selectors.suspense import paid_day
from enrollment.services import cases, changes, enrollments, refunds
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "suspense_clearing", "suspense_clearing_reversed"  # also causes of changes
Decision = SuspenseClearing.Decision


class NothingInSuspense(Refused):
    message = gettext_noop("Nothing of receipt %(number)s is in suspense any more.")


class SuspenseChanged(Refused):
    message = gettext_noop(
        "%(left)s yuan of receipt %(number)s are in suspense now, not %(amount)s: save the form "
        "again."
    )


class ClearingOpen(Refused):
    message = gettext_noop("Case %(case)s already decides on receipt %(number)s.")


class PersonMissing(Refused):
    message = gettext_noop("Choose the person whose bill the money is for.")
    field = "decision"


class YearOfTheReceipt(Refused):
    message = gettext_noop("The receipt is for %(year)s: moving it means the bill of another year.")
    field = "year"


class YearOfAnother(Refused):
    message = gettext_noop(
        "The receipt is for %(year)s: another year is the decision to move it there."
    )
    field = "year"


class GroundMissing(Refused):
    message = gettext_noop("Give the ground of the refund.")
    field = "ground"


class PayeeMissing(Refused):
    message = gettext_noop("Name who gets the money, and the account.")
    field = "payee"


def open_clearing(
    *,
    maker: User,
    receipt: Receipt,
    decision: str,
    person: Person | None = None,
    year: int | None = None,
    account: str = "",
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft about all that can go where `decision` says: what the bill lacks, or the rest.

    It stands where the person is insured, or else where the receipt came in. Raises
    NothingInSuspense, ClearingOpen, PersonMissing, refunds.AccountNotReadable, and as `check` and
    `cases.open_case`.
    """
    known = cases.case_of_request(request_key, maker)
    if known is not None:
        return known
    _check_nobody_else(receipt)
    wanted_year = year or receipt.year
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        region_id=None if person else receipt.region or settings.PROVINCE,
        year=wanted_year,
        request_key=request_key,
        receipt=receipt,
        decision=decision,
        amount=_movable(receipt, decision, person, wanted_year),
        **_account(decision, account),
        **says,
    )


def change_clearing(
    *,
    case: Case,
    user: User,
    expected_version: int,
    decision: str,
    year: int | None = None,
    account: str = "",
    **says: Any,
) -> Case:
    """Change a draft or returned case; an account left empty stays. Raises as `open_clearing`."""
    clearing = _clearing(case)
    wanted_year = year or clearing.receipt.year
    return cases.change_case(
        case=case,
        user=user,
        expected_version=expected_version,
        decision=decision,
        year=wanted_year,
        amount=_movable(clearing.receipt, decision, case.person, wanted_year),
        **(_account(decision, account) if account else {}),
        **says,
    )


def _account(decision: str, account: str) -> dict[str, Any]:
    if decision != Decision.REFUND:
        return {}
    if not account:
        raise PayeeMissing
    return refunds.account_columns(account)


def _movable(receipt: Receipt, decision: str, person: Person | None, year: int) -> Decimal:
    """Yuan that the decision can move. Raises NothingInSuspense, PersonMissing, BillMissing."""
    if receipt.suspense <= 0 or receipt.outcome == "":
        raise NothingInSuspense(number=receipt.receipt_number)
    rest: Decimal = receipt.suspense
    if decision not in SuspenseClearing.TO_A_BILL:
        return rest
    if person is None:
        raise PersonMissing
    bill = bill_of(person.pk, year)
    if bill is None:
        raise enrollments.BillMissing(year=year)
    return min(rest, max(bill.payable - bill.paid, ZERO)) or rest


def _check_nobody_else(receipt: Receipt) -> None:
    """One open case a receipt, so that two makers do not work on the same money."""
    others = SuspenseClearing.objects.filter(receipt=receipt).exclude(state__in=DONE)
    other = others.first()
    if other is not None:
        raise ClearingOpen(case=other.pk, number=receipt.receipt_number)


def check(case: Case) -> None:
    """The money is still there, and may go where the case says.

    Raises NothingInSuspense, SuspenseChanged, EvidenceMissing, PersonMissing, YearOfTheReceipt,
    YearOfAnother, GroundMissing, PayeeMissing, refunds.GroundNotAccepted, refunds.TermsMissing, and
    as `enrollments.check_award`.
    """
    clearing = _clearing(case)
    receipt = Receipt.objects.get(pk=clearing.receipt_id)
    if receipt.suspense <= 0 or receipt.outcome == "":
        raise NothingInSuspense(number=receipt.receipt_number)
    if receipt.suspense < _amount(case):
        raise SuspenseChanged(
            number=receipt.receipt_number, left=receipt.suspense, amount=case.amount
        )
    if not clearing.evidence.strip():
        raise EvidenceMissing
    if clearing.decision in SuspenseClearing.TO_A_BILL:
        _check_year(clearing, receipt)
        _check_bill(clearing)
    if clearing.decision == Decision.REFUND:
        _check_refund(clearing)


def _check_year(clearing: SuspenseClearing, receipt: Receipt) -> None:
    if clearing.decision == Decision.MOVE_YEAR and clearing.year == receipt.year:
        raise YearOfTheReceipt(year=receipt.year)
    if clearing.decision == Decision.APPLY and clearing.year != receipt.year:
        raise YearOfAnother(year=receipt.year)


def _check_bill(clearing: SuspenseClearing) -> Enrollment:
    if clearing.person is None:
        raise PersonMissing
    bill = bill_of(clearing.person.pk, clearing.year)
    return enrollments.check_award(bill=bill, year=clearing.year, amount=_amount(clearing))


def _check_refund(clearing: SuspenseClearing) -> None:
    """The grounds are those of every refund. The benefits that end its time have not begun by this
    money: it bought none (docs/adr/0030-suspense-is-cleared-by-cases.md)."""
    if not clearing.ground:
        raise GroundMissing
    if not clearing.payee.strip() or clearing.account_digest is None:
        raise PayeeMissing
    area, on = pooling_area_of(clearing.region_id), business_date()
    book = policy_book(list(refund_rule.RefundTerms.codes().values()))
    try:
        terms = read_terms(refund_rule.RefundTerms, lambda code: book.find(code, area=area, on=on))
        refund_rule.check_reason(clearing.ground, terms)
    except MissingParameter as error:
        raise refunds.TermsMissing(year=clearing.year, told=str(error)) from error
    except RuleRefused as error:
        raise refunds.GroundNotAccepted(ground=clearing.ground) from error


def facts(case: Case) -> list[Fact]:
    """The receipt, the decision, and the bill as it stands."""
    clearing = _clearing(case)
    receipt = clearing.receipt
    outcome = str(receipt.get_outcome_display())
    shown = [
        Fact(gettext_noop("Receipt number"), receipt.receipt_number),
        Fact(gettext_noop("Name on the receipt"), receipt.name),
        Fact(gettext_noop("Paid on"), paid_day(receipt)),
        Fact(gettext_noop("Receipt for the year"), receipt.year),
        Fact(gettext_noop("Outcome"), receipt.outcome, outcome),
        Fact(gettext_noop("Received (yuan)"), receipt.amount),
        Fact(gettext_noop("Decision"), clearing.decision, str(clearing.get_decision_display())),
        Fact(gettext_noop("Evidence"), clearing.evidence),
    ]
    if clearing.decision == Decision.REFUND:
        ground = str(clearing.get_ground_display())
        shown += [
            Fact(gettext_noop("Ground"), clearing.ground, ground),
            Fact(gettext_noop("Paid to"), clearing.payee),
            Fact(
                gettext_noop("Bank account"),
                [clearing.account_mask, str(clearing.account_digest)],
                clearing.account_mask,
            ),
        ]
    if case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    shown.append(Fact(gettext_noop("In suspense (yuan)"), receipt.suspense))
    if clearing.decision in SuspenseClearing.TO_A_BILL and clearing.person is not None:
        bill = bill_of(clearing.person.pk, clearing.year)
        if bill is not None:
            shown += [
                Fact(gettext_noop("Payable (yuan)"), bill.payable),
                Fact(gettext_noop("Paid (yuan)"), bill.paid),
            ]
    return shown


@transaction.atomic
def effect(*, case: Case, user: User, **details: Any) -> None:
    """The receipt says where its money went, and the bill has it, as of the day of payment.

    Raises as `check`, and SuspenseChanged where somebody else was faster.
    """
    check(case)
    clearing = _clearing(case)
    _write(case, "SELECT clear_suspense(%s)")
    if clearing.decision not in SuspenseClearing.TO_A_BILL:
        return
    bill = _check_bill(clearing)
    with changes.caused_by(cause=NAME, case=case):
        was = enrollments.pay(bill_id=bill.pk, amount=_amount(case), on=paid_day(clearing.receipt))
    SuspenseClearing.objects.filter(pk=case.pk).update(paid_bill=bill.pk, was_paid_on=was.paid_on)
    changes.announce()


@transaction.atomic
def undo(*, case: Case, user: User) -> None:
    """The money is in suspense again. Raises as `enrollments.take_back_payment`."""
    clearing = _clearing(case)
    if clearing.paid_bill is not None:
        with changes.caused_by(cause=REVERSED, case=case):
            enrollments.take_back_payment(
                bill_id=clearing.paid_bill,
                amount=_amount(case),
                was_paid_on=clearing.was_paid_on,
                on=business_date(),
            )
    _write(case, "SELECT unclear_suspense(%s)")


def _write(case: Case, statement: str) -> None:
    """Let the database write the receipt. Raises SuspenseChanged."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [case.pk])
    except IntegrityError as error:
        if "receipt_is_never_spent_twice" not in str(error):
            raise
        receipt = Receipt.objects.get(pk=_clearing(case).receipt_id)
        raise SuspenseChanged(
            number=receipt.receipt_number, left=receipt.suspense, amount=case.amount
        ) from error


def _clearing(case: Case) -> SuspenseClearing:
    return cast("SuspenseClearing", case)


def _amount(case: Case) -> Decimal:
    if case.amount is None:
        raise enrollments.NotMoney
    return case.amount


KIND = CaseKind(
    name=NAME,
    label=_("suspense clearing"),
    model=SuspenseClearing,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    second_above="approval.second_level_above.refund",
    url_name="admin:enrollment_suspenseclearing",
)
