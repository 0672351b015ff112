"""The one writer of the ledger. Entries are added, never changed; corrections are further entries.

Nothing else imports the managers of Entry and Line to write (tests/funds/test_posting.py looks).
The database proves the balance of every statement and refuses UPDATE, DELETE and TRUNCATE
(funds/sql/database.sql), so a mistake here is an error and never a wrong ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from enrollment.models import Case, Person
from enrollment.rules.money import ZERO, read_yuan
from enrollment.rules.regions import pooling_area_of
from funds.models import Account, Entry, Line


class EntryDiffers(ValueError):
    """The key was posted before with other lines: two facts must never share a key."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry in yuan: a debit or a credit of an area's account of one kind.

    `area` is the 12-digit code of any region inside the pooling area.
    """

    area: int
    kind: Account.Kind
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    scheme: Person.Scheme = Person.Scheme.RESIDENT


@transaction.atomic
def post(
    *,
    key: str,
    reason: Entry.Reason,
    occurred_on: date,
    sides: Sequence[Side],
    case: Case | None = None,
    reverses: Entry | None = None,
) -> Entry:
    """Write one entry with all its lines in one INSERT; a key that was posted is returned as it is.

    Raises EntryDiffers where the key stands for other lines, and the database's refusals (an
    entry that does not balance, or mixes schemes).
    """
    for side in sides:
        read_yuan(side.debit)
        read_yuan(side.credit)
    accounts = _accounts(sides)
    wanted = sorted((accounts[_place(side)].pk, side.debit, side.credit) for side in sides)
    try:
        with transaction.atomic():
            entry = Entry.objects.create(
                key=key,
                reason=reason,
                occurred_on=occurred_on,
                case_id=case.pk if case else None,
                reverses=reverses,
            )
    except IntegrityError:
        return _posted_before(key, wanted)
    Line.objects.bulk_create(
        [
            Line(entry=entry, account_id=account, debit=debit, credit=credit)
            for account, debit, credit in wanted
        ]
    )
    return entry


def reverse(*, entry: Entry, key: str, occurred_on: date, case: Case | None = None) -> Entry:
    """Undo an entry by a further one with its sides exchanged. Posting it twice has effect once."""
    lines = Line.objects.filter(entry=entry).select_related("account")
    sides = [
        Side(
            area=line.account.area_id,
            kind=Account.Kind(line.account.kind),
            debit=line.credit,
            credit=line.debit,
            scheme=Person.Scheme(line.account.scheme),
        )
        for line in lines
    ]
    return post(
        key=key,
        reason=Entry.Reason.REVERSAL,
        occurred_on=occurred_on,
        sides=sides,
        case=case,
        reverses=entry,
    )


Place = tuple[int, int, str]


def _place(side: Side) -> Place:
    return pooling_area_of(side.area), int(side.scheme), str(side.kind)


def _accounts(sides: Sequence[Side]) -> dict[Place, Account]:
    """The accounts of the sides, opened where an area has not used one yet."""
    places = sorted({_place(side) for side in sides})
    Account.objects.bulk_create(
        [Account(area_id=area, scheme=scheme, kind=kind) for area, scheme, kind in places],
        ignore_conflicts=True,
    )
    return {
        place: Account.objects.get(area=place[0], scheme=place[1], kind=place[2])
        for place in places
    }


def _posted_before(key: str, wanted: list[tuple[int, Decimal, Decimal]]) -> Entry:
    entry = Entry.objects.filter(key=key).first()
    if entry is None:
        # Not the key: an entry is reversed once, and that is what refused.
        raise EntryDiffers(f"entry {key} reverses what another one reversed")
    lines = Line.objects.filter(entry=entry).values_list("account_id", "debit", "credit")
    if sorted(lines) != wanted:
        raise EntryDiffers(f"entry {key} was posted with other lines")
    return entry
