"""Reads of settlement sheets: which province settles how, what a sheet rests on and leads to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet, Sum

from benefits.selectors.repairs import stored_lines
from enrollment.models import Case, Person, Region
from enrollment.rules.money import CENT, ZERO, plain
from enrollment.rules.parameters import BOTH
from enrollment.rules.regions import PROVINCE
from enrollment.rules.terms import Terms, read_terms
from enrollment.rules.trace import Trace
from enrollment.selectors.policy import policy_book
from funds.models import Account, Entry, GapCause, SettlementLine, SettlementSheet
from funds.rules import schemes
from funds.rules.anhui_fund import AnhuiFundTerms
from funds.rules.sichuan_fund import SichuanFundTerms
from funds.selectors.ledger import balance_on

METHODS = {
    34: SettlementSheet.Method.ANHUI,
    51: SettlementSheet.Method.SICHUAN,
}
SCHEMES = {
    Person.Scheme.RESIDENT: schemes.RESIDENT,
    Person.Scheme.EMPLOYEE: schemes.EMPLOYEE,
}
SUBJECT = "settlement"

T = TypeVar("T", bound=Terms)


def method_of(province: int) -> SettlementSheet.Method | None:
    """How a province settles; None where it has no adjustment fund (Hubei pools in its cities)."""
    return METHODS.get(province // PROVINCE)


def levy_day(year: int) -> date:
    """The calendar's day of the levy of a benefit year.

    Anhui levies of the contributions of the year before, in January; Sichuan of the income of the
    year itself, which is known once it is over (川办发〔2023〕38号 二（四）, reading G-A1).
    """
    late = method_of(settings.PROVINCE) == SettlementSheet.Method.SICHUAN
    return date(year + late, 1, 15)


def allocation_day(year: int) -> date:
    """The calendar's day of the allocation: what the cities received and paid is known."""
    return date(year + 1, 1, 20)


def terms_of(kind: type[T], year: int) -> T:
    """The terms of the province's fund in a year; before its first one, those of the first day.

    So a year too early is refused by the rule and not by a missing number. Raises MissingParameter.
    """
    codes = kind.codes()
    book = policy_book(list(codes.values()))
    known = [each.valid_from for each in book.values.get(codes[_first(codes)], [])]
    on = max(date(year, 1, 1), min(known, default=date(year, 1, 1)))
    return read_terms(
        kind, lambda code: book.find(code, area=settings.PROVINCE, on=on, scheme=BOTH)
    )


def _first(codes: Mapping[str, str]) -> str:
    return next(name for name in codes if name.startswith("first_year"))


def anhui_terms(year: int) -> AnhuiFundTerms:
    """Raises MissingParameter."""
    return terms_of(AnhuiFundTerms, year)


def sichuan_terms(year: int) -> SichuanFundTerms:
    """Raises MissingParameter."""
    return terms_of(SichuanFundTerms, year)


def rate_by_law(year: int, scheme: int) -> Decimal:
    """Sichuan's rate of a scheme as it is published. Raises MissingParameter."""
    terms = sichuan_terms(year)
    employee = SCHEMES[Person.Scheme(scheme)] == schemes.EMPLOYEE
    return terms.levy_employee if employee else terms.levy_resident


def cities_of(province: int) -> QuerySet[Region]:
    """The pooling areas of a province, in the order of their codes."""
    low = province // PROVINCE * PROVINCE
    return Region.objects.filter(
        is_pooling_area=True, code__gt=low, code__lt=low + PROVINCE, valid_to=None
    ).order_by("code")


def place_of(province: int, year: int, scheme: int, part: str) -> str:
    """What a sheet settles, as `stands_for` keeps it."""
    return f"{province // 10**6}-{year}-{scheme}-{part}"


def standing_sheet(year: int, scheme: int, part: str) -> SettlementSheet | None:
    """The sheet of a year, scheme and part that was neither withdrawn nor reversed."""
    place = place_of(settings.PROVINCE, year, scheme, part)
    return SettlementSheet.objects.filter(stands_for=place).first()


def reversed_sheet(year: int, scheme: int, part: str) -> SettlementSheet | None:
    """The latest sheet of a year, scheme and part that was opened again."""
    found = SettlementSheet.objects.filter(year=year, scheme=scheme, part=part)
    return found.filter(state=Case.State.REVERSED).order_by("-pk").first()


def fund_on(scheme: int, on: date) -> Decimal:
    """Balance of the adjustment fund of a scheme at the end of a day, in yuan."""
    return balance_on(settings.PROVINCE, scheme, Account.Kind.ADJUSTMENT_FUND, on)


def reserve_on(scheme: int, on: date) -> Decimal:
    """Balance of the risk reserve of a scheme at the end of a day, in yuan."""
    return balance_on(settings.PROVINCE, scheme, Account.Kind.RISK_RESERVE, on)


def eligible_of(lines: Iterable[SettlementLine]) -> dict[int, Decimal]:
    """Yuan with an accepted cause, by line."""
    found = GapCause.objects.filter(line__in=[line.pk for line in lines])
    return dict(found.order_by().values_list("line").annotate(together=Sum("amount")))


def stored(trace: Trace) -> list[dict[str, Any]]:
    """A computation as a sheet keeps it; what is finer than a cent is a rate and no money."""
    told = [
        replace(line, value=plain(line.value))
        if isinstance(line.value, Decimal) and line.value != line.value.quantize(CENT)
        else line
        for line in trace
    ]
    return stored_lines(SUBJECT, tuple(told))


def entries_of_sheet(sheet: SettlementSheet) -> QuerySet[Entry]:
    """What was posted for the sheet, in its order, with what took it back."""
    return Entry.objects.filter(case=sheet.pk, reverses=None).order_by("pk")


def total(lines: Iterable[SettlementLine], name: str) -> Decimal:
    """The sum of a column, in yuan; what is not known yet counts as nothing."""
    return sum((getattr(line, name) or ZERO for line in lines), ZERO)
