"""Control totals of the yearly steps: added up by place, read as the figures of each step."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollment.models import Receipt, Region, ShardTotal, StepTotal, YearStep
from enrollment.models.enrollment import Fallout
from enrollment.models.person import Category
from enrollment.rules.regions import COUNTY, pooling_area_of

SLICES = 0  # the phase of the slices of people; later phases are longer pieces of the whole year
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of something: persons (or receipts) and yuan."""

    persons: int = 0
    standard: Decimal = ZERO
    subsidy: Decimal = ZERO
    payable: Decimal = ZERO
    paid: Decimal = ZERO

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.persons + other.persons,
            self.standard + other.standard,
            self.subsidy + other.subsidy,
            self.payable + other.payable,
            self.paid + other.paid,
        )


NOTHING = Totals()
ByItem = dict[str, Totals]
ByPlace = dict[int, ByItem]
FIELDS = ("persons", "standard", "subsidy", "payable", "paid")


def totals_in(row: Mapping[str, Any]) -> Totals:
    """The totals in a row that was annotated with `sum_` and the name of each."""
    return Totals(*(row[f"sum_{name}"] for name in FIELDS))


def totals_rows(step: YearStep) -> QuerySet[Any]:
    """Totals of a step: of the whole step once it is done, of its shards before."""
    if step.state == YearStep.State.DONE:
        return StepTotal.objects.filter(step=step)
    return ShardTotal.objects.filter(shard__step=step)


def totals_of(
    step: YearStep, *, numbers: Iterable[int] | None = None, place: Callable[[int], int]
) -> ByPlace:
    """Control totals of a step by place and item, of all its slices or of those numbered.

    `place` turns a six-digit county into what the page lists. One query, added up in the database.
    """
    rows = totals_rows(step)
    if numbers is not None:
        rows = ShardTotal.objects.filter(
            shard__step=step, shard__phase=SLICES, shard__number__in=list(numbers)
        )
    sums = {f"sum_{name}": Sum(name) for name in FIELDS}
    found: ByPlace = {}
    for row in rows.values("county", "item").annotate(**sums):
        counted = totals_in(row)
        into = found.setdefault(place(row["county"]), {})
        into[row["item"]] = into.get(row["item"], NOTHING) + counted
    return found


def area_of(county: int) -> int:
    """The pooling area of a six-digit county, 0 for what has none."""
    return pooling_area_of(county * COUNTY) if county else 0


def same_county(county: int) -> int:
    """Twelve digits of a county."""
    return county * COUNTY


def altogether(by_place: Iterable[ByItem]) -> ByItem:
    """The totals of several places by item."""
    total: ByItem = {}
    for items in by_place:
        for item, counted in items.items():
            total[item] = total.get(item, NOTHING) + counted
    return total


# Columns: what a step counts ----------------------------------------------------------------------

COUNT, MONEY = "count", "money"


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of a step: its head, whether it counts or is money (yuan), and how it is read."""

    label: str | Promise
    kind: str
    of: Callable[[ByItem], int | Decimal]


def every(name: str, *, but: tuple[str, ...] = ()) -> Callable[[ByItem], Any]:
    """A field summed over the items, apart from some."""

    def read(items: ByItem) -> Any:
        values = [getattr(counted, name) for item, counted in items.items() if item not in but]
        return sum(values, 0 if name == "persons" else ZERO)

    return read


def item(name: str, of: str = "persons") -> Callable[[ByItem], Any]:
    """A field of one item."""
    return lambda items: getattr(items.get(name, NOTHING), of)


def beginning(prefix: str) -> Callable[[ByItem], int]:
    """People of all items whose name begins so."""
    return lambda items: sum(
        counted.persons for name, counted in items.items() if name.startswith(prefix)
    )


REBILLED = "bill_changed"
FALLOUT = "fallout:"
APPLIED = tuple(Receipt.APPLIED)
EXCESS = "excess"


def subsidised(items: ByItem) -> int:
    """People with a category that lowers their bill, from the totals of `open`."""
    return sum(counted.persons for counted in items.values() if counted.subsidy)


def applied(items: ByItem) -> Decimal:
    """Yuan of receipts that found their bill."""
    return sum((items[name].paid for name in APPLIED if name in items), ZERO)


COLUMNS: dict[str, tuple[Column, ...]] = {
    "open": (
        Column(_("billed"), COUNT, every("persons")),
        Column(_("standard"), MONEY, every("standard")),
        Column(_("subsidy"), MONEY, every("subsidy")),
        Column(_("payable"), MONEY, every("payable")),
    ),
    "subsidise": (
        Column(_("awards"), COUNT, every("persons", but=(REBILLED,))),
        Column(_("awarded"), MONEY, every("subsidy", but=(REBILLED,))),
        Column(_("bills changed"), COUNT, item(REBILLED)),
    ),
    "chase": (
        Column(_("unpaid"), COUNT, item("unpaid")),
        Column(_("insured nowhere"), COUNT, item("uninsured")),
        Column(_("on a second list"), COUNT, item("second_list")),
        Column(_("owed"), MONEY, every("payable")),
    ),
    "reconcile": (
        Column(_("receipts"), COUNT, every("persons")),
        Column(_("received"), MONEY, every("paid")),
        Column(_("found their bill"), MONEY, applied),
    ),
    "activate": (
        Column(_("insured last year"), COUNT, item("insured_last_year")),
        Column(_("fell out"), COUNT, beginning(FALLOUT)),
        Column(_("joined"), COUNT, item("joined")),
        Column(_("insured"), COUNT, item("insured")),
    ),
}
ANY_STEP = (
    Column(_("rows"), COUNT, every("persons")),
    Column(_("subsidy"), MONEY, every("subsidy")),
    Column(_("payable"), MONEY, every("payable")),
)


def columns_of(name: str) -> tuple[Column, ...]:
    """The figures of a step; a step of an app above shows what every step counts."""
    return COLUMNS.get(name, ANY_STEP)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure under its column."""

    kind: str
    value: int | Decimal


def cells_of(columns: Iterable[Column], items: ByItem) -> list[Cell]:
    return [Cell(column.kind, column.of(items)) for column in columns]


# What an item is called ---------------------------------------------------------------------------

ITEM_WORDS: dict[str, str | Promise] = {
    "": _("ordinary resident"),
    "bill_changed": _("bills changed"),
    "insured_last_year": _("insured last year"),
    "insured": _("insured"),
    "joined": _("joined"),
    EXCESS: _("paid above the bill"),
    "waiting": _("waiting period"),
    "unpaid": _("unpaid"),
    "uninsured": _("insured nowhere"),
    "second_list": _("on a second list"),
    "lapsed_before": _("not insured, nor last year"),
}


def word_of(name: str) -> str:
    """What a category, outcome or reason of the totals is called."""
    if name in ITEM_WORDS:
        return str(ITEM_WORDS[name])
    reason = name.removeprefix(FALLOUT)
    if reason != name and reason in Fallout.Reason.values:
        return str(_("fell out: %(reason)s") % {"reason": Fallout.Reason(reason).label})
    for words in (Category, Receipt.Outcome):
        if name in words.values:
            return str(words(name).label)
    return name


def pooling_areas(province: int) -> list[Region]:
    """The pooling areas of a province in the order of their codes."""
    return list(
        Region.objects.filter(
            is_pooling_area=True,
            level__in=[Region.Level.CITY, Region.Level.COUNTY],
            code__gte=province,
            code__lt=province + 10**10,
        )
    )
