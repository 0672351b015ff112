"""What moves money on the books because something happened below: takers of changes.

They run in a worker (enrollment.tasks.take_changes): the web may read the ledger and nothing else.
"""

from collections.abc import Sequence
from typing import cast

from benefits.models import GapRepair
from benefits.services.repairs import RECEIVED, REVERSED
from enrollment.declarations import ChangeTaker
from enrollment.models import Change
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date
from funds import posting
from funds.models import Account, Entry
from funds.services.nightly import open_day

NAME = "post"


def post_changes(changes: Sequence[Change]) -> None:
    """Post what the changes mean for the ledger, in their order; each at most once."""
    for change in changes:
        repair = GapRepair.objects.select_related("person").get(pk=cast("int", change.case_id))
        if change.cause == RECEIVED:
            post_repair(repair=repair)
        else:
            reverse_repair(repair=repair)


def post_repair(*, repair: GapRepair) -> Entry:
    """Money of a received repair: from the treasury on its way, revenue of the person's area.

    皖医保发〔2024〕6号 一（二）; the tax service collects, so the money stands in transit until the
    treasury's statement comes.
    """
    amount = repair.amount
    if amount is None or repair.received_on is None:
        raise ValueError(f"repair {repair.pk} was not received")
    area = area_of(repair)
    return posting.post(
        key=repair_key(repair),
        reason=Entry.Reason.REPAIR_RECEIVED,
        occurred_on=open_day(area, repair.received_on, business_date()),
        sides=[
            posting.Side(area=area, kind=Account.Kind.TREASURY_IN_TRANSIT, debit=amount),
            posting.Side(area=area, kind=Account.Kind.CONTRIBUTION_REVENUE, credit=amount),
        ],
        case=repair,
    )


def reverse_repair(*, repair: GapRepair) -> Entry:
    """The opposite entry of a repair that was reversed."""
    entry = Entry.objects.get(key=repair_key(repair))
    return posting.reverse(
        entry=entry, key=f"{entry.key}:reversed", occurred_on=business_date(), case=repair
    )


def area_of(repair: GapRepair) -> int:
    """The area whose cover the repair is for: that of the year's bill."""
    bill = bill_of(repair.whom.pk, repair.year)
    return bill.region_id if bill else repair.region_id


def repair_key(repair: GapRepair) -> str:
    """One entry a repair, however often its change is delivered."""
    return f"repair:{repair.pk}"


TAKER = ChangeTaker(name=NAME, take=post_changes, causes=(RECEIVED, REVERSED))
