"""What the page of a full list says: people by outcome and county, money, the first of each."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from enrollment.models import Import, ListedChange, Person, RecognitionList
from enrollment.models.person import Category
from enrollment.rules.money import ZERO
from enrollment.rules.recognition import OUTCOMES
from enrollment.selectors.people import LIST_FIELDS, Place, places

UNMATCHED = ("person_unknown", "name_differs", "outside_area")


@dataclass(slots=True)
class Money:
    """Bills and yuan of a year: awards to give, unpaid bills to lower, refunds to offer."""

    award_bills: int = 0
    more: Decimal = ZERO
    lowered_bills: int = 0
    less: Decimal = ZERO
    refunds: int = 0
    refunded: Decimal = ZERO

    def add(self, follow_up: str, bills: int, more: Decimal, less: Decimal) -> None:
        match follow_up:
            case "award":
                self.award_bills += bills
                self.more += more
            case "bill":
                self.lowered_bills += bills
                self.less += less
            case _:
                self.refunds += bills
                self.refunded += more

    @property
    def balance(self) -> Decimal:
        """What medical assistance pays more, refunds not counted."""
        return self.more - self.less


@dataclass(slots=True)
class County:
    """A county's people by outcome, and its money of all open years."""

    place: Place
    people: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    money: Money = field(default_factory=Money)


@dataclass(frozen=True, slots=True)
class Move:
    """From which category to which, and how many people."""

    outcome: str
    was: str
    becomes: str
    people: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One person of an outcome."""

    person: Person
    place: Place
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Found:
    """A full list as its page tells it."""

    told: RecognitionList
    people: dict[str, int]
    unmatched: int
    moves: list[Move]
    counties: list[County]
    years: list[tuple[int, Money]]
    first: list[tuple[str, list[Shown]]]

    @property
    def total(self) -> Money:
        """All counties together."""
        total = Money()
        for _year, money in self.years:
            for name in ("award_bills", "more", "lowered_bills", "less", "refunds", "refunded"):
                setattr(total, name, getattr(total, name) + getattr(money, name))
        return total

    @property
    def share(self) -> Decimal:
        """The share of the people on file who are missing, of one."""
        return Decimal(self.told.leaving) / max(self.told.on_file, 1)


def outcome_label(outcome: str) -> str:
    """An outcome in words."""
    return str(ListedChange.Outcome(outcome).label)


def category_label(category: str) -> str:
    """A category in words, a dash where there is none."""
    return str(Category(category).label) if category else "—"


def found_of(source: Import) -> Found | None:
    """What the last check of a file found; None of a file that is no list or was not checked."""
    told = (
        RecognitionList.objects.select_related("acknowledged_by").filter(pk=source.pk).first()
        if source.kind == "recognition_list"
        else None
    )
    if told is None:
        return None
    people = dict.fromkeys(OUTCOMES, 0)
    moves: dict[tuple[str, str, str], int] = defaultdict(int)
    counties: dict[int, County] = {}
    where = places({row[0] * 10**6 for row in told.people} | {row[1] * 10**6 for row in told.money})
    for county, outcome, was, becomes, number in told.people:
        people[outcome] += number
        moves[outcome, was, becomes] += number
        _county(counties, where, county).people[outcome] += number
    years: dict[int, Money] = defaultdict(Money)
    for year, county, follow_up, bills, more, less in told.money:
        for money in (years[year], _county(counties, where, county).money):
            money.add(follow_up, bills, Decimal(more), Decimal(less))
    return Found(
        told=told,
        people=people,
        unmatched=sum(told.problems.get(name, 0) for name in UNMATCHED),
        moves=[
            Move(outcome, was, becomes, number)
            for (outcome, was, becomes), number in sorted(moves.items(), key=_place)
        ],
        counties=[counties[key] for key in sorted(counties)],
        years=sorted(years.items()),
        first=_first(told),
    )


def _county(counties: dict[int, County], where: dict[int, Place], county: int) -> County:
    return counties.setdefault(county, County(where[county * 10**6]))


def _place(move: tuple[tuple[str, str, str], Any]) -> tuple[int, int]:
    (outcome, _was, _becomes), number = move
    return OUTCOMES.index(outcome), -number


def _first(told: RecognitionList) -> list[tuple[str, list[Shown]]]:
    """The first people of each outcome, as far as the user sees them; two queries."""
    wanted = [row[0] for rows in told.first.values() for row in rows]
    people = Person.objects.only(*LIST_FIELDS).in_bulk(wanted)
    where = places({person.insured_region_id for person in people.values()})
    shown = []
    for outcome in OUTCOMES:
        rows = [
            Shown(people[key], where[people[key].insured_region_id], was, becomes)
            for key, was, becomes in told.first.get(outcome, ())
            if key in people
        ]
        if rows:
            shown.append((outcome, rows))
    return shown
