"""Acts on one year of cover: the only writer of benefit dates, and of its money by act.

Yearly steps write everyone's rows by SQL; here is what an act of a caseworker does to one. Each
function is one guarded UPDATE: where it changes no row, somebody else was faster, and the act is
refused with the reason that the row shows now.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from enrollment.models import Award, Case, Enrollment
from enrollment.rules.dates import year_start
from enrollment.rules.keys import EMPLOYEE, year_of, yearly_key
from enrollment.rules.money import ZERO, round_yuan
from enrollment.selectors.bills import ASSISTANCE, NewTerms, assistance_of, has_awards
from enrollment.services.refusals import Refused


class BillMissing(Refused):
    message = gettext_noop(
        "This person has no resident bill for %(year)s: open the year or register the person first."
    )
    field = "year"


class BillEnded(Refused):
    message = gettext_noop("The bill of %(year)s ended on %(day)s.")
    field = "year"


class BillAlreadyPaid(Refused):
    message = gettext_noop("The bill of %(year)s is already paid: nothing is left to subsidise.")
    field = "year"


class AbovePersonalShare(Refused):
    message = gettext_noop(
        "%(amount)s yuan is above the personal share: %(left)s yuan are left to pay for %(year)s."
    )
    field = "amount"


class BillThere(Refused):
    message = gettext_noop("There is a bill of %(year)s already: nobody is registered twice.")
    field = "year"


class PaidDifferently(Refused):
    message = gettext_noop(
        "%(paid)s yuan are paid on the bill of %(year)s now, not %(amount)s: look at it again."
    )


class BenefitsStarted(Refused):
    message = gettext_noop(
        "The benefits of %(year)s started on %(first)s: what was paid for it is not taken back."
    )


class RepairRests(Refused):
    message = gettext_noop("A gap repair rests on this contribution: reverse the repair first.")


class NotMoney(Refused):
    message = gettext_noop("Give an amount above zero, in yuan with at most two places.")
    field = "amount"


def check_award(*, bill: Enrollment | None, year: int, amount: Decimal) -> Enrollment:
    """What has to hold for somebody to pay `amount` yuan of a bill; returns the bill.

    Third parties pay never more than the personal share (皖医保发〔2024〕6号 一（一）).
    Raises BillMissing, BillEnded, BillAlreadyPaid, AbovePersonalShare, NotMoney.
    """
    if amount <= 0 or amount != round_yuan(amount):
        raise NotMoney
    if bill is None:
        raise BillMissing(year=year)
    if bill.ended_on is not None:
        raise BillEnded(year=year, day=bill.ended_on)
    left = bill.payable - bill.paid
    if left <= 0:
        raise BillAlreadyPaid(year=year)
    if amount > left:
        raise AbovePersonalShare(amount=amount, left=left, year=year)
    return bill


@transaction.atomic
def award(
    *, bill_id: int, funder: str, category: str, amount: Decimal, case: Case, on: date
) -> Award:
    """Let `funder` pay `amount` yuan of a bill: subsidy and payable in one UPDATE, and its award.

    A bill that this settles after its last day counts as paid on the day of the award, so that it
    waits like any other late payment. Medical assistance also decides the category of the bill.
    Raises as `check_award`.
    """
    year = year_of(bill_id)
    decides = {"category": category} if funder == ASSISTANCE else {}
    changed = Enrollment.objects.filter(
        pk=bill_id, ended_on=None, paid__lt=F("payable"), payable__gte=F("paid") + amount
    ).update(subsidy=F("subsidy") + amount, payable=F("payable") - amount, **decides)
    if not changed:
        bill = Enrollment.objects.filter(pk=bill_id).first()
        check_award(bill=bill, year=year, amount=amount)
        raise BillMissing(year=year)
    Enrollment.objects.filter(pk=bill_id, paid__gte=F("payable"), due_on__lt=on).update(paid_on=on)
    return Award.objects.create(
        enrollment_id=bill_id,
        funder=funder,
        category=category,
        amount=amount,
        awarded_on=on,
        case_id=case.pk,
    )


@transaction.atomic
def take_back_award(*, bill_id: int, case: Case, on: date, category: str) -> Award:
    """Undo the award of a case by a further one of the opposite amount, on a bill still unpaid.

    `category` is what the bill said before medical assistance paid. Raises BillMissing, BillEnded,
    BillAlreadyPaid: money that came in for the smaller bill is not turned into an underpayment.
    """
    given = Award.objects.get(enrollment=bill_id, case=case.pk, amount__gt=0)
    year = year_of(bill_id)
    decided = {"category": category} if given.funder == ASSISTANCE else {}
    changed = Enrollment.objects.filter(pk=bill_id, ended_on=None, paid=0).update(
        subsidy=F("subsidy") - given.amount,
        payable=F("payable") + given.amount,
        paid_on=None,
        **decided,
    )
    if not changed:
        bill = Enrollment.objects.filter(pk=bill_id).first()
        if bill is None:
            raise BillMissing(year=year)
        if bill.ended_on is not None:
            raise BillEnded(year=year, day=bill.ended_on)
        raise BillAlreadyPaid(year=year)
    return Award.objects.create(
        enrollment_id=bill_id,
        funder=given.funder,
        category=given.category,
        amount=-given.amount,
        awarded_on=on,
        case_id=case.pk,
    )


@transaction.atomic
def pay(*, bill_id: int, amount: Decimal, on: date) -> Enrollment:
    """Let an act pay `amount` yuan, from a relative's account or from suspense: the personal share
    stays. Of several payments the latest day dates the bill.

    Returns the bill as it was. Raises as `check_award`.
    """
    bill = Enrollment.objects.select_for_update().filter(pk=bill_id).first()
    was = check_award(bill=bill, year=year_of(bill_id), amount=amount)
    Enrollment.objects.filter(pk=bill_id).update(
        paid=F("paid") + amount, paid_on=max(on, was.paid_on or on)
    )
    return was


@transaction.atomic
def take_back_payment(*, bill_id: int, amount: Decimal, was_paid_on: date | None, on: date) -> None:
    """Undo what an act paid, before the benefits of the year start.

    Raises BillMissing, BillEnded, BenefitsStarted, PaidDifferently, RepairRests.
    """
    year = year_of(bill_id)
    bill = Enrollment.objects.select_for_update().filter(pk=bill_id).first()
    if bill is None:
        raise BillMissing(year=year)
    if bill.ended_on is not None:
        raise BillEnded(year=year, day=bill.ended_on)
    if on >= year_start(year):
        raise BenefitsStarted(year=year, first=year_start(year))
    if bill.paid < amount:
        raise PaidDifferently(year=year, paid=bill.paid, amount=amount)
    if bill.repaired_years:
        raise RepairRests
    rest = bill.paid - amount
    paid_on = (was_paid_on or bill.paid_on) if rest else None
    Enrollment.objects.filter(pk=bill_id).update(paid=rest, paid_on=paid_on)


@transaction.atomic
def move(*, bill_id: int, region: int, terms: NewTerms | None, case: Case, on: date) -> None:
    """Let a bill belong to another place of insurance; with `terms` it also follows its money.

    `terms` only for a bill that nobody has paid yet; then standard, category, subsidy and payable
    change with the region in one UPDATE, and the difference of medical assistance is a further
    award. Raises BillMissing, BillEnded, BillAlreadyPaid.
    """
    year = year_of(bill_id)
    bill = Enrollment.objects.select_for_update().filter(pk=bill_id).first()
    if bill is None:
        raise BillMissing(year=year)
    if bill.ended_on is not None:
        raise BillEnded(year=year, day=bill.ended_on)
    if terms is None:
        Enrollment.objects.filter(pk=bill_id).update(region=region)
        return
    if bill.paid > 0:
        raise BillAlreadyPaid(year=year)
    before = assistance_of(bill)
    others_cut = bill.subsidy - before - (terms.subsidy - terms.assistance)
    Enrollment.objects.filter(pk=bill_id).update(
        region=region,
        category=terms.category,
        standard=terms.standard,
        subsidy=terms.subsidy,
        payable=terms.payable,
        due_on=terms.due_on,
    )
    if has_awards(year):
        _award_difference(
            bill=bill,
            funder=ASSISTANCE,
            category=terms.category,
            amount=terms.assistance - before,
            case=case,
            on=on,
        )
    _cut_others(bill=bill, cut=others_cut, case=case, on=on)


def _cut_others(*, bill: Enrollment, cut: Decimal, case: Case, on: date) -> None:
    """Take back what the new personal share has no room for, from the last funder first."""
    given: dict[str, Decimal] = {}
    awards = Award.objects.filter(enrollment=bill).exclude(funder=ASSISTANCE).order_by("pk")
    for row in awards:
        given[row.funder] = given.get(row.funder, ZERO) + row.amount
    for funder in reversed(given):
        less = min(cut, given[funder])
        _award_difference(bill=bill, funder=funder, category="", amount=-less, case=case, on=on)
        cut -= less


def _award_difference(
    *, bill: Enrollment, funder: str, category: str, amount: Decimal, case: Case, on: date
) -> None:
    if amount:
        Award.objects.create(
            enrollment=bill,
            funder=funder,
            category=category,
            amount=amount,
            awarded_on=on,
            case_id=case.pk,
        )


@transaction.atomic
def register(
    *, person_id: int, year: int, region: int, terms: NewTerms, case: Case, on: date
) -> None:
    """Make the bill of a registration, or open again one that ended without money.

    The key lets a person have one bill a year, whoever registers at the same moment: the second
    is refused with BillThere. A bill that is paid by others alone after its last day counts as
    paid on the day of the registration. Raises BillThere.
    """
    settled_late = terms.payable == 0 and terms.due_on < on
    says = {
        "region_id": region,
        "category": terms.category,
        "standard": terms.standard,
        "subsidy": terms.subsidy,
        "payable": terms.payable,
        "due_on": terms.due_on,
        "paid_on": on if settled_late else None,
        "benefit_start": None,
        "benefit_end": None,
        "ended_on": None,
        "ended_for": "",
    }
    key = yearly_key(year=year, person_id=person_id)
    known = Enrollment.objects.select_for_update().filter(pk=key).first()
    if known is None:
        try:
            with transaction.atomic():
                Enrollment.objects.create(id=key, person_id=person_id, **says)
        except IntegrityError as error:
            raise BillThere(year=year) from error
    else:
        if known.ended_on is None or known.paid > 0:
            raise BillThere(year=year)
        Enrollment.objects.filter(pk=key).update(**says)
    if has_awards(year):
        _award_difference(
            bill=Enrollment(pk=key),
            funder=ASSISTANCE,
            category=terms.category,
            amount=terms.assistance - (assistance_of(known) if known else ZERO),
            case=case,
            on=on,
        )


@transaction.atomic
def unregister(*, person_id: int, year: int, case: Case, on: date) -> None:
    """End the bill of a reversed registration as if it had never begun, and return its awards.

    Raises BillMissing, BillEnded, BillAlreadyPaid: money that came in is refunded first.
    """
    key = yearly_key(year=year, person_id=person_id)
    bill = Enrollment.objects.select_for_update().filter(pk=key).first()
    if bill is None:
        raise BillMissing(year=year)
    if bill.ended_on is not None:
        raise BillEnded(year=year, day=bill.ended_on)
    if bill.paid > 0:
        raise BillAlreadyPaid(year=year)
    return_awards(bill=bill, case=case, on=on)
    Enrollment.objects.filter(pk=key).update(
        ended_on=min(on, year_start(year) - timedelta(days=1)),
        ended_for=Enrollment.Ended.REVERSED,
        paid_on=None,
        subsidy=ZERO,
        payable=F("standard"),
    )


def return_awards(*, bill: Enrollment, case: Case, on: date) -> None:
    """Take back everything that others gave for a bill, by a further award a funder."""
    given: dict[tuple[str, str], Decimal] = {}
    for row in Award.objects.filter(enrollment=bill).order_by("pk"):
        given[row.funder, row.category] = given.get((row.funder, row.category), ZERO) + row.amount
    for (funder, category), amount in given.items():
        _award_difference(
            bill=bill, funder=funder, category=category, amount=-amount, case=case, on=on
        )


@transaction.atomic
def refund(
    *,
    person_id: int,
    year: int,
    amount: Decimal,
    ended_on: date,
    ended_for: str,
    case: Case,
    on: date,
) -> Enrollment:
    """Take what was paid off a bill and end it; what others gave returns to them.

    A bill that had ended already keeps its day and reason. Returns the bill as it was. Raises
    BillMissing, PaidDifferently.
    """
    key = yearly_key(year=year, person_id=person_id)
    bill = Enrollment.objects.select_for_update().filter(pk=key).first()
    if bill is None:
        raise BillMissing(year=year)
    if bill.paid != amount:
        raise PaidDifferently(year=year, paid=bill.paid, amount=amount)
    return_awards(bill=bill, case=case, on=on)
    Enrollment.objects.filter(pk=key).update(
        paid=ZERO,
        paid_on=None,
        subsidy=ZERO,
        payable=F("standard"),
        benefit_start=None,
        ended_on=bill.ended_on or ended_on,
        ended_for=bill.ended_for or ended_for,
    )
    return bill


@transaction.atomic
def take_back_refund(*, was: Enrollment, case: Case, on: date) -> None:
    """Make a refunded bill what it was, with the awards that were returned.

    `was` holds key, paid, paid_on, subsidy, ended_on and ended_for from before the refund. Raises
    BillMissing, PaidDifferently: a bill that was registered and paid again stays as it is.
    """
    year = year_of(was.pk)
    bill = Enrollment.objects.select_for_update().filter(pk=was.pk).first()
    if bill is None:
        raise BillMissing(year=year)
    if bill.paid > 0 or bill.ended_on is None:
        raise PaidDifferently(year=year, paid=bill.paid, amount=ZERO)
    for row in Award.objects.filter(enrollment=bill, case=case.pk, amount__lt=0).order_by("pk"):
        _award_difference(
            bill=bill,
            funder=row.funder,
            category=row.category,
            amount=-row.amount,
            case=case,
            on=on,
        )
    Enrollment.objects.filter(pk=was.pk).update(
        paid=was.paid,
        paid_on=was.paid_on,
        subsidy=was.subsidy,
        payable=F("standard") - was.subsidy,
        ended_on=was.ended_on,
        ended_for=was.ended_for,
    )


@transaction.atomic
def suspend(*, bill_id: int, since: date | None) -> None:
    """Suspend a year of resident cover from a day on, or no longer (None).

    Raises BillMissing, BillEnded.
    """
    changed = Enrollment.objects.filter(pk=bill_id, ended_on=None).update(suspended_from=since)
    if changed:
        return
    bill = Enrollment.objects.filter(pk=bill_id).first()
    if bill is None:
        raise BillMissing(year=year_of(bill_id))
    raise BillEnded(year=year_of(bill_id), day=bill.ended_on)


@transaction.atomic
def end_spells(*, person_id: int, year: int, on: date | None) -> None:
    """End the employee spells of a year as a duplicate; None opens again those that ended so."""
    duplicate = Enrollment.Ended.DUPLICATE
    spells = [
        row.pk
        for row in Enrollment.objects.of_person(person_id, (year,))
        if row.scheme == EMPLOYEE and row.ended_for == ("" if on else duplicate)
    ]
    Enrollment.objects.filter(pk__in=spells).update(ended_on=on, ended_for=duplicate if on else "")


@transaction.atomic
def set_benefit_dates(
    *, bill_id: int, benefit_start: date, repaired_years: int, repaired_on: date | None
) -> None:
    """Write the first benefit day of one year of cover, and the repair it rests on.

    A start after 31 December says that the year has no benefit. Raises BillMissing, BillEnded.
    """
    changed = Enrollment.objects.filter(pk=bill_id, ended_on=None).update(
        benefit_start=benefit_start, repaired_years=repaired_years, repaired_on=repaired_on
    )
    if changed:
        return
    bill = Enrollment.objects.filter(pk=bill_id).first()
    if bill is None:
        raise BillMissing(year=year_of(bill_id))
    raise BillEnded(year=year_of(bill_id), day=bill.ended_on)
