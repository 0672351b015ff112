"""What a settlement sheet in effect means for the ledger: the steps `levy` and `allocate` post it.

The city's side and the province's stand in one entry, each balanced in its own book, of one scheme.
A step posts every sheet of its part that is in effect, and takes back what sheets that were opened
again had posted; whatever was posted is left alone, so a step may run as often as it likes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings

from enrollment.models import Case, Person, ShardTotal, StepShard
from enrollment.rules.regions import county_of
from funds import posting
from funds.models import Account, Entry, SettlementSheet
from funds.selectors.settlements import entries_of_sheet

Kind, Reason, Part = Account.Kind, Entry.Reason, SettlementSheet.Part


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry that a sheet leads to: of which area, why, and how much in yuan."""

    key: str
    area: int
    reason: Entry.Reason
    amount: Decimal
    sides: tuple[posting.Side, ...]


def planned(sheet: SettlementSheet) -> list[Planned]:
    """The entries of a sheet: the levy of each city, or the reserve and what each city gets."""
    if sheet.part == Part.LEVY:
        return [_levy(sheet, line.area_id, line.levy) for line in sheet.lines.filter(levy__gt=0)]
    gets = Reason.GAP_SHARE_PAID
    if sheet.method == SettlementSheet.Method.SICHUAN:
        gets = Reason.ALLOCATION_PAID
    paid = [
        _allocation(sheet, line.area_id, line.allocation, gets)
        for line in sheet.lines.filter(allocation__gt=0)
    ]
    return [_reserve(sheet), *paid] if sheet.reserve_in else paid


def _levy(sheet: SettlementSheet, area: int, amount: Decimal) -> Planned:
    """川办发〔2023〕38号 二（四）, 安徽 一（五）: into the provincial special fiscal account."""
    return _planned(
        sheet,
        area,
        Reason.LEVY_PAID,
        amount,
        debit=((area, Kind.LEVY_EXPENDITURE), (settings.PROVINCE, Kind.ADJUSTMENT_DEPOSIT)),
        credit=((area, Kind.SPECIAL_FISCAL), (settings.PROVINCE, Kind.ADJUSTMENT_FUND)),
    )


def _allocation(
    sheet: SettlementSheet, area: int, amount: Decimal, reason: Entry.Reason
) -> Planned:
    return _planned(
        sheet,
        area,
        reason,
        amount,
        debit=((settings.PROVINCE, Kind.ADJUSTMENT_FUND), (area, Kind.SPECIAL_FISCAL)),
        credit=((settings.PROVINCE, Kind.ADJUSTMENT_DEPOSIT), (area, Kind.ALLOCATION_REVENUE)),
    )


def _reserve(sheet: SettlementSheet) -> Planned:
    """川办发〔2023〕38号 二（四）: the reserve is a part of the fund that is kept apart."""
    return _planned(
        sheet,
        settings.PROVINCE,
        Reason.RESERVE_SET_ASIDE,
        sheet.reserve_in,
        debit=((settings.PROVINCE, Kind.ADJUSTMENT_FUND),),
        credit=((settings.PROVINCE, Kind.RISK_RESERVE),),
    )


def _planned(
    sheet: SettlementSheet,
    area: int,
    reason: Entry.Reason,
    amount: Decimal,
    *,
    debit: tuple[tuple[int, Account.Kind], ...],
    credit: tuple[tuple[int, Account.Kind], ...],
) -> Planned:
    scheme = Person.Scheme(sheet.scheme)
    sides = (
        *(posting.Side(area=at, kind=kind, debit=amount, scheme=scheme) for at, kind in debit),
        *(posting.Side(area=at, kind=kind, credit=amount, scheme=scheme) for at, kind in credit),
    )
    return Planned(f"sheet:{sheet.pk}:{reason}:{area}", area, reason, amount, sides)


def levy(shard: StepShard) -> int:
    """The step `levy` of a year. Returns the entries counted; raises as `posting.post_all`."""
    return _post(shard, Part.LEVY)


def allocate(shard: StepShard) -> int:
    """The step `allocate` of a year. Returns the entries counted; raises as `posting.post_all`."""
    return _post(shard, Part.ALLOCATION)


def _post(shard: StepShard, part: str) -> int:
    """All that is due of a part, by one statement, or under a rehearsal the totals alone."""
    totals: dict[tuple[int, str], list[Decimal]] = {}
    drafts = []
    for item, place, amount, draft in _due(shard, part):
        totals.setdefault((place, item), []).append(amount)
        drafts.append(draft)
    if not shard.step.run.is_rehearsal:
        posting.post_all(drafts)
    ShardTotal.objects.bulk_create(
        ShardTotal(
            shard=shard,
            county=county_of(place),
            item=item,
            persons=len(amounts),
            payable=sum(amounts),
        )
        for (place, item), amounts in sorted(totals.items())
    )
    return len(drafts)


def _due(shard: StepShard, part: str) -> Iterator[tuple[str, int, Decimal, posting.Draft]]:
    """Item, area, yuan and entry of everything that the year's sheets want and is not there."""
    sheets = SettlementSheet.objects.filter(year=shard.step.run.year, part=part).order_by("pk")
    for sheet in sheets.filter(state=Case.State.REVERSED):
        yield from _taken_back(shard, sheet)
    for sheet in sheets.filter(state=Case.State.EFFECTED):
        known = set(entries_of_sheet(sheet).values_list("key", flat=True))
        for entry in planned(sheet):
            if entry.key in known:
                continue
            yield (
                f"{entry.reason}.{Person.Scheme(sheet.scheme).name.lower()}",
                entry.area,
                entry.amount,
                posting.Draft(
                    key=entry.key,
                    reason=entry.reason,
                    occurred_on=shard.step.on,
                    sides=entry.sides,
                    case=sheet,
                ),
            )


def _taken_back(
    shard: StepShard, sheet: SettlementSheet
) -> Iterator[tuple[str, int, Decimal, posting.Draft]]:
    plans = {each.key: each for each in planned(sheet)}
    for entry in entries_of_sheet(sheet).filter(reversed_by=None):
        plan = plans[entry.key]
        yield (
            f"reversal.{Person.Scheme(sheet.scheme).name.lower()}",
            plan.area,
            plan.amount,
            posting.Draft(
                key=f"{entry.key}:reversed",
                reason=Reason.REVERSAL,
                occurred_on=shard.step.on,
                sides=[replace(side, debit=side.credit, credit=side.debit) for side in plan.sides],
                case=sheet,
                reverses=entry,
            ),
        )
