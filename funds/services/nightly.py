"""The step `post`: what the register says and the ledger does not is posted, by area and day.

鄂政办发〔2020〕9号 三（五）: contributions go from the tax service to the treasury, day by day.
A run looks at all that is there and posts the differences, so that it may run as often as anybody
likes; an area whose accounts do not allow it is left as it was and told, and stops no other.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from enrollment.models import Person, ShardTotal, StepShard
from enrollment.rules.money import ZERO
from enrollment.rules.regions import county_of, pooling_area_of
from funds import posting
from funds.models import Entry, Kind, PeriodClose, Reason, SourcePosting

REASONS: Mapping[str, Reason] = {
    SourcePosting.Source.RECEIPTS: Reason.RECEIPTS,
    SourcePosting.Source.AWARDS: Reason.CONTRIBUTION_AWARDED,
    SourcePosting.Source.REFUNDS: Reason.CONTRIBUTION_REFUNDED,
    SourcePosting.Source.CLEARINGS: Reason.SUSPENSE_CLEARED,
}
BEGINNING = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """What an entry stands for: a source, an area, a scheme and a day."""

    day: date
    source: str
    area: int
    scheme: int

    def key(self, serial: int) -> str:
        """One entry a serial number, however often a run is repeated."""
        return f"{self.source}:{self.area}:{self.scheme}:{self.day}:{serial}"


Differences = dict[Tie, dict[Kind, Decimal]]


def post_differences(shard: StepShard) -> int:
    """The piece of the step: post what is not posted up to its day. Returns the entries counted.

    A rehearsal counts and posts nothing. What an area's accounts refuse is an item of the control
    totals under the refusal's name.
    """
    on = shard.step.on
    real = not shard.step.run.is_rehearsal
    totals: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    by_area: dict[int, Differences] = defaultdict(dict)
    for tie, kinds in differences(BEGINNING, on).items():
        by_area[tie.area][tie] = kinds
    for area, found in sorted(by_area.items()):
        items = {tie: str(REASONS[tie.source]) for tie in found}
        if real:
            try:
                _post_area(found, area=area, on=on, shard=shard.pk)
            except posting.PostingRefused as refusal:
                items = dict.fromkeys(found, refusal.name)
        for tie, kinds in found.items():
            totals[area, items[tie]].append(sum((max(each, ZERO) for each in kinds.values()), ZERO))
    ShardTotal.objects.bulk_create(
        ShardTotal(
            shard=shard, county=county_of(area), item=item, persons=len(amounts), paid=sum(amounts)
        )
        for (area, item), amounts in sorted(totals.items())
    )
    return sum(len(amounts) for amounts in totals.values())


def differences(since: date, until: date) -> Differences:
    """What the register says and the ledger does not, in yuan, debits positive."""
    found: Differences = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM unposted(%s, %s)", [since, until])
        for source, area, scheme, day, kind, amount in cursor.fetchall():
            found[Tie(day=day, source=source, area=area, scheme=scheme)][Kind(kind)] = amount
    return dict(found)


@transaction.atomic
def _post_area(found: Differences, *, area: int, on: date, shard: int) -> None:
    """The entries of one area by one statement, and what each stands for."""
    before = _posted_before(area)
    closed = _closed_months(area)
    ties: dict[str, Tie] = {}
    drafts = []
    for tie, kinds in sorted(found.items()):
        serial = before.get(tie, 0) + 1
        # What a day said first belongs to the day; what it says otherwise since, to today.
        first = serial == 1 and tie.day.replace(day=1) not in closed
        key = tie.key(serial)
        ties[key] = tie
        drafts.append(
            posting.Draft(
                key=key,
                reason=REASONS[tie.source],
                occurred_on=tie.day if first else on,
                sides=list(_sides(tie, kinds)),
                shard=shard,
            )
        )
    posting.post_all(drafts)
    entries = Entry.objects.filter(key__in=ties).values_list("key", "pk")
    SourcePosting.objects.bulk_create(
        SourcePosting(
            entry_id=entry,
            source=ties[key].source,
            area=area,
            scheme=ties[key].scheme,
            day=ties[key].day,
        )
        for key, entry in entries
    )


def _sides(tie: Tie, kinds: Mapping[Kind, Decimal]) -> Iterator[posting.Side]:
    for kind, amount in sorted(kinds.items()):
        yield posting.Side(
            area=tie.area,
            kind=kind,
            debit=max(amount, ZERO),
            credit=max(-amount, ZERO),
            scheme=Person.Scheme(tie.scheme),
        )


def _posted_before(area: int) -> dict[Tie, int]:
    rows = SourcePosting.objects.filter(area=area).values_list("day", "source", "area", "scheme")
    before: dict[Tie, int] = defaultdict(int)
    for row in rows:
        before[Tie(*row)] += 1
    return before


def _closed_months(area: int) -> set[date]:
    closes = PeriodClose.objects.filter(region=pooling_area_of(area), reopened_at=None)
    return set(closes.values_list("month", flat=True))


def open_day(area: int, day: date, on: date) -> date:
    """The day under which a fact of `day` is posted: its own, or `on` once its month is closed."""
    return on if day.replace(day=1) in _closed_months(area) else day
