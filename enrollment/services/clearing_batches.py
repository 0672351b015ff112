"""Suspense clearings of many receipts in one act: ticked lines, a preview, then drafts.

The preview asks the database four times for all lines together and changes nothing. Each draft is
then made by itself, so that the refusal of one leaves the others alone, and once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.models import Case, Person, Receipt, SuspenseClearing, User
from enrollment.rules.lifecycle import DONE
from enrollment.rules.money import ZERO
from enrollment.selectors.suspense import Suggestion, in_suspense, proposal_of, suggestions_of
from enrollment.services import clearings
from enrollment.services.refusals import EvidenceMissing, Refused

LIMIT = 1000  # receipts of one batch
# What may be decided for many at once: as suggested, each for its own bill, or back to the tax
# service. A refund names an account and is done on its page.
SUGGESTED = "suggested"
DECISIONS = (SUGGESTED, SuspenseClearing.Decision.RETURN_TAX.value)


class NothingSuggested(Refused):
    message = gettext_noop("No bill stands out: look at the receipt itself.")


class SuggestionChanged(Refused):
    message = gettext_noop("Another bill stands out now than was shown: look at it again.")


class NoReceiptLeft(Refused):
    message = gettext_noop("None of these receipts is in suspense in your region.")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is decided of all receipts of a batch. `key` is that of the form."""

    key: UUID
    decision: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt of the batch: what would be opened, or why not. Yuan."""

    receipt: Receipt
    decision: str = ""
    suggestion: Suggestion | None = None
    amount: Decimal = ZERO
    refused: str = ""

    @property
    def bill_id(self) -> int:
        """Key of the bill that would be paid; 0 without one."""
        return self.suggestion.bill.pk if self.suggestion else 0

    @property
    def rest(self) -> Decimal:
        """What would stay in suspense."""
        rest: Decimal = self.receipt.suspense
        return rest - self.amount


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a line: its case, or why there is none."""

    line: Line
    case: Case | None = None
    refused: str = ""


def preview(*, batch: Batch, chosen: Sequence[int]) -> list[Line]:
    """What would be opened for each receipt, in the order of the list.

    Raises NoReceiptLeft, EvidenceMissing.
    """
    if not batch.evidence.strip():
        raise EvidenceMissing
    receipts = list(in_suspense(Receipt.objects.filter(pk__in=chosen[:LIMIT])).order_by("-pk"))
    if not receipts:
        raise NoReceiptLeft
    live = SuspenseClearing.objects.filter(receipt__in=receipts).exclude(state__in=DONE)
    busy = dict(live.values_list("receipt", "pk"))
    found = suggestions_of(receipts) if batch.decision == SUGGESTED else {}
    return [_line(batch, receipt, found.get(receipt.pk, []), busy) for receipt in receipts]


def _line(
    batch: Batch, receipt: Receipt, suggestions: list[Suggestion], busy: dict[int, int]
) -> Line:
    if receipt.pk in busy:
        told = clearings.ClearingOpen(case=busy[receipt.pk], number=receipt.receipt_number)
        return Line(receipt, refused=str(told))
    if batch.decision != SUGGESTED:
        return Line(receipt, batch.decision, amount=receipt.suspense)
    chosen = proposal_of(receipt, suggestions)
    if chosen is None:
        return Line(receipt, refused=str(NothingSuggested()))
    decision = clearings.Decision.MOVE_YEAR if chosen.is_other_year else clearings.Decision.APPLY
    return Line(receipt, decision, chosen, min(receipt.suspense, chosen.left))


def open_drafts(
    *, batch: Batch, lines: Sequence[Line], shown: Mapping[int, int], maker: User
) -> list[Opened]:
    """A draft for each line that is not refused, each in a transaction of its own.

    `shown` is the key of the bill that the preview showed, by key of the receipt: what stands out
    only now is not drafted unseen.
    """
    return [_opened(batch, line, shown.get(line.receipt.pk), maker) for line in lines]


def _opened(batch: Batch, line: Line, shown: int | None, maker: User) -> Opened:
    if line.refused:
        return Opened(line, refused=line.refused)
    if shown != line.bill_id:
        return Opened(line, refused=str(SuggestionChanged()))
    bill = line.suggestion.bill if line.suggestion else None
    try:
        with transaction.atomic():
            case = clearings.open_clearing(
                maker=maker,
                receipt=line.receipt,
                decision=line.decision,
                person=_person(line),
                year=bill.year if bill else None,
                evidence=batch.evidence,
                request_key=uuid5(batch.key, str(line.receipt.pk)),
            )
    except Refused as refused:
        return Opened(line, refused=str(refused))
    return Opened(line, case)


def _person(line: Line) -> Person | None:
    """Whom the case is about: of the bill, or of the receipt where their file is kept here."""
    if line.suggestion is not None:
        return line.suggestion.person
    return Person.objects.filter(pk=line.receipt.person_id or 0).first()
