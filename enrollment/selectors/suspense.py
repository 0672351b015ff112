"""Money in suspense (待处理款): the list, how long it waits, and whose it may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from enrollment.models import Enrollment, Person, Receipt
from enrollment.models.identity import digest
from enrollment.rules import keys, suspense
from enrollment.rules.keys import is_key
from enrollment.rules.names import initials_of
from enrollment.rules.regions import COUNTY, pooling_area_of
from enrollment.rules.suspense import Candidate, Likeness, Payer
from enrollment.selectors.people import LIST_FIELDS

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Days since the payment: name, at least, less than.
AGES: tuple[tuple[str, int, int | None], ...] = (
    ("0-7", 0, 8),
    ("8-30", 8, 31),
    ("31-90", 31, 91),
    ("91-", 91, None),
)
NAMESAKES = 20  # candidates a receipt, those born on its day first: more say nothing
# Bounded in the database: a common name has thousands of people. Index person_by_name.
_NAMESAKES = """
    SELECT DISTINCT p.id
      FROM unnest(%(names)s::text[], %(born)s::date[]) AS asked (name, born)
     CROSS JOIN LATERAL (
        (SELECT n.id FROM person n WHERE n.name = asked.name AND n.birth_date = asked.born
          ORDER BY n.id LIMIT %(most)s)
         UNION ALL
        (SELECT n.id FROM person n WHERE n.name = asked.name ORDER BY n.id LIMIT %(most)s)
     ) p
"""
SLIP = 2  # characters that one slip of the hand changes, at most
OTHER_YEARS = (-1, 1)


def in_suspense(queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
    """The receipts that were looked at and have money left. Index receipt_in_suspense."""
    return queryset.filter(waits=True)


def of_age(queryset: QuerySet[Receipt], name: str, on: date) -> QuerySet[Receipt]:
    """Those of a bucket of AGES; any other name leaves the list as it is."""
    for bucket, least, below in AGES:
        if bucket != name:
            continue
        queryset = queryset.filter(paid_at__lt=midnight(on - timedelta(days=least - 1)))
        if below is not None:
            queryset = queryset.filter(paid_at__gte=midnight(on - timedelta(days=below - 1)))
    return queryset


def age_of(receipt: Receipt, on: date) -> int:
    """Days since the payment."""
    return (on - paid_day(receipt)).days


def paid_day(receipt: Receipt) -> date:
    """The day of the payment, in local time."""
    return receipt.paid_at.astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins, in local time."""
    return datetime.combine(day, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A bill that the money may be for: whose, and why."""

    person: Person
    bill: Enrollment
    likeness: Likeness
    is_other_year: bool

    @property
    def left(self) -> Decimal:
        """Yuan that the bill lacks."""
        return self.bill.payable - self.bill.paid


def suggestions_of(receipts: Sequence[Receipt]) -> dict[int, list[Suggestion]]:
    """Open bills in the user's scope for each receipt, the likeliest first; by key of the receipt.

    Three queries for all of them: who is of the same names, these people with whom the receipts
    name, their bills.
    """
    wanted = {receipt.person_id for receipt in receipts if receipt.person_id}
    wanted |= _namesakes(receipts)
    fields = (*LIST_FIELDS, "initials", "id_sealed", "id_digest")
    people = list(Person.objects.only(*fields).filter(pk__in=wanted).order_by("pk"))
    by_name: dict[str, list[Person]] = {}
    for person in people:
        by_name.setdefault(person.name, []).append(person)
    by_key = {person.pk: person for person in people}
    meant = {
        receipt.pk: _whom(receipt, by_name.get(receipt.name, []), by_key) for receipt in receipts
    }
    bills = _open_bills(receipts, meant)
    return {receipt.pk: _of_receipt(receipt, meant[receipt.pk], bills) for receipt in receipts}


def _namesakes(receipts: Sequence[Receipt]) -> set[int]:
    """Keys of people who are called as the receipts say, a bounded number a receipt."""
    asked = sorted({(receipt.name, receipt.born) for receipt in receipts}, key=str)
    with connection.cursor() as cursor:
        cursor.execute(
            _NAMESAKES,
            {
                "names": [name for name, _born in asked],
                "born": [born for _name, born in asked],
                "most": NAMESAKES,
            },
        )
        return {key for (key,) in cursor.fetchall()}


def _whom(receipt: Receipt, namesakes: list[Person], by_key: dict[int, Person]) -> list[Person]:
    namesakes = sorted(namesakes, key=lambda each: each.birth_date != receipt.born)[:NAMESAKES]
    named = by_key.get(receipt.person_id or 0)
    return namesakes if named is None or named in namesakes else [named, *namesakes]


def _open_bills(
    receipts: Iterable[Receipt], meant: dict[int, list[Person]]
) -> dict[int, Enrollment]:
    """Bills that take money, by their key."""
    wanted = {
        keys.yearly_key(year=receipt.year + shift, person_id=person.pk)
        for receipt in receipts
        for person in meant[receipt.pk]
        for shift in (0, *OTHER_YEARS)
    }
    rows = Enrollment.objects.filter(pk__in=wanted, ended_on=None)
    return {row.pk: row for row in rows if row.paid < row.payable}


def _of_receipt(
    receipt: Receipt, people: list[Person], bills: dict[int, Enrollment]
) -> list[Suggestion]:
    payer = _payer(receipt)
    found = []
    for person in people:
        alike = suspense.likeness(payer, _candidate(receipt, person))
        for shift in (0, *OTHER_YEARS):
            key = keys.yearly_key(year=receipt.year + shift, person_id=person.pk)
            if key in bills:
                found.append(Suggestion(person, bills[key], alike, shift != 0))
    return sorted(found, key=lambda each: (-each.likeness.weight, each.is_other_year, each.bill.pk))


def _payer(receipt: Receipt) -> Payer:
    place = receipt.id_mask[:6]
    return Payer(
        name=receipt.name,
        initials=initials_of(receipt.name),
        born=receipt.born,
        place=int(place) if is_key(place) else 0,
        area=pooling_area_of(receipt.region) if receipt.region else 0,
    )


def _candidate(receipt: Receipt, person: Person) -> Candidate:
    same = receipt.person_id == person.pk or receipt.id_digest == person.id_digest
    near = not same and receipt.id_digest is not None and _is_near(receipt, person)
    return Candidate(
        name=person.name,
        initials=person.initials,
        born=person.birth_date,
        place=person.household_region // COUNTY,
        area=pooling_area_of(person.insured_region_id),
        same_number=same,
        near_number=near,
    )


def _is_near(receipt: Receipt, person: Person) -> bool:
    """Whether one slip of the hand makes the person's number that of the receipt: by digests.

    What the masks show differs no more than the numbers do, and is compared for nothing.
    """
    shown = zip(receipt.id_mask, person.id_mask, strict=False)
    if sum(one != other for one, other in shown) > SLIP:
        return False
    nearby = suspense.numbers_nearby(person.identity_number)
    return any(digest(number) == receipt.id_digest for number in nearby)


def proposal_of(receipt: Receipt, suggestions: Sequence[Suggestion]) -> Suggestion | None:
    """The one suggestion that stands out, by which a draft may be proposed; None if none does."""
    likely = [each for each in suggestions if each.likeness.is_proposed]
    if not likely or len({each.person.pk for each in likely}) > 1:
        return None
    return likely[0]
