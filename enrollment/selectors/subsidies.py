"""What medical assistance pays of the bills of some people, by the quotas of their areas."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from enrollment.models import Award, Enrollment, PersonCategory
from enrollment.models.person import Category
from enrollment.rules import keys
from enrollment.rules.dates import year_start
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.subsidy import Subsidy, SubsidyFacts, SubsidyTerms, assess_subsidy
from enrollment.selectors.bills import ASSISTANCE
from enrollment.selectors.policy import (
    SUBSIDISED,
    PolicyBook,
    QuotaOutOfRange,
    term_book,
    terms_of_area,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A bill, the answer of the rule for it, and what of that is not on it yet. Yuan.

    `given` is what medical assistance pays already, `missing` what it would still pay as far as
    something is left to pay. `told` says why there is no answer: a parameter or a quota.
    """

    bill: Enrollment
    held: tuple[str, ...]
    answer: Subsidy | None
    given: Decimal
    told: str = ""

    @property
    def category(self) -> str:
        """The category that decides, none where medical assistance pays nothing."""
        return (self.answer.category if self.answer else None) or ""

    @property
    def label(self) -> str:
        """The category that decides, in words."""
        return str(Category(self.category).label) if self.category else ""

    @property
    def quota(self) -> Decimal:
        return self.answer.assistance_subsidy if self.answer else ZERO

    @property
    def left(self) -> Decimal:
        """What the person still has to pay."""
        return max(self.bill.payable - self.bill.paid, ZERO)

    @property
    def missing(self) -> Decimal:
        return max(min(self.quota - self.given, self.left), ZERO)


def offer_of(bill: Enrollment, on: date) -> Offer:
    """The offer for one bill, by the categories held on a day."""
    return offers_of([bill], on)[bill.pk]


def offers_of(bills: Iterable[Enrollment], on: date) -> dict[int, Offer]:
    """The offers for bills of one year each, by key of the bill; three queries for all of them."""
    found = list(bills)
    held = _held({bill.person_id for bill in found}, on)
    others = dict(
        Award.objects.filter(enrollment__in=[bill.pk for bill in found])
        .exclude(funder=ASSISTANCE)
        .values_list("enrollment")
        .annotate(Sum("amount"))
    )
    book = term_book()
    return {
        bill.pk: _offer(
            bill, held.get(bill.person_id, ()), bill.subsidy - others.get(bill.pk, ZERO), book
        )
        for bill in found
    }


def _held(people: Collection[int], on: date) -> dict[int, tuple[str, ...]]:
    rows = PersonCategory.objects.filter(
        person__in=people, category__in=SUBSIDISED, qualified=True, valid__contains=on
    )
    found: dict[int, set[str]] = {}
    for person, category in rows.values_list("person", "category"):
        found.setdefault(person, set()).add(category)
    return {person: tuple(sorted(categories)) for person, categories in found.items()}


def _offer(bill: Enrollment, held: tuple[str, ...], given: Decimal, book: PolicyBook) -> Offer:
    year = keys.year_of(bill.pk)
    try:
        terms = terms_of_area(bill.region_id, year, categories=held, book=book)
    except (MissingParameter, QuotaOutOfRange) as error:
        return Offer(bill, held, None, given, told=str(error))
    ranges = {
        category: book.find(f"subsidy.range.{category}", area=terms.area, on=year_start(year))
        for category in held
    }
    facts = SubsidyFacts(standard=bill.standard, categories=held, quota=terms.quotas)
    law = SubsidyTerms(
        ranges={category: value.value for category, value in ranges.items()},
        citations={category: value.citation for category, value in ranges.items()},
    )
    try:
        return Offer(bill, held, assess_subsidy(facts, law), given)
    except RuleRefused as error:  # a bill over another standard than the area's
        return Offer(bill, held, None, given, told=str(error))
