"""The figures of a settlement sheet: all its cities through the rules of the fund, kept
with their steps.

Every input that is saved computes the sheet again; nothing is computed when it is shown.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from enrollment.models import Person
from enrollment.rules.money import ZERO
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused
from funds.models import SettlementLine, SettlementSheet
from funds.rules import settlement
from funds.selectors import settlements as reads

Part, Method = SettlementSheet.Part, SettlementSheet.Method
RESULTS = (
    "levy", "gap", "eligible", "claim", "allocation", "from_balance", "government", "uncovered",
    "trace",
)  # fmt: skip
# What is recorded of each city, by method and part.
INPUTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    (Method.ANHUI, Part.LEVY): ("base",),
    (Method.SICHUAN, Part.LEVY): ("base",),
    (Method.ANHUI, Part.ALLOCATION): ("revenue", "expenditure", "balance", "share"),
    (Method.SICHUAN, Part.ALLOCATION): ("expenditure", "balance", "weight", "loss"),
}


class RateAboveMaximum(Refused):
    message = gettext_noop("The law allows a rate of at most %(maximum)s.")
    field = "rate"


class RateNotPositive(Refused):
    message = gettext_noop("A rate lies above zero.")
    field = "rate"


class SchemeNotStarted(Refused):
    message = gettext_noop("For this scheme the fund begins with %(first_year)s.")
    field = "year"


class ApprovalMissing(Refused):
    message = gettext_noop(
        "A rate other than the published one needs the approval of all four: the provincial "
        "medical security, finance and tax departments, and the provincial government."
    )
    field = "approvals"


class WeightsMissing(Refused):
    message = gettext_noop("The weights add up to nothing: nothing could be distributed.")


# What the rules refuse, and what that means at a field.
REFUSALS: Mapping[str, type[Refused]] = {
    "rate_above_maximum": RateAboveMaximum,
    "rate_not_positive": RateNotPositive,
    "scheme_not_started": SchemeNotStarted,
    "approval_missing": ApprovalMissing,
    "unknown_approval": ApprovalMissing,
    "rate_outside_range": RateNotPositive,
    "weights_sum_zero": WeightsMissing,
}


def balances(year: int, scheme: int, part: str) -> dict[str, Decimal]:
    """What the ledger says before the levy and before the allocation, in yuan."""
    on = date(year - 1, 12, 31) if part == Part.LEVY else business_date()
    return {
        "fund_balance": reads.fund_on(scheme, on),
        "reserve_balance": reads.reserve_on(scheme, on),
    }


def compute(sheet: SettlementSheet) -> None:
    """Put all cities through the rules, with what the ledger says now, and keep the results.

    As long as figures are missing the results are nothing. Raises what the rules refuse.
    """
    now = balances(sheet.year, sheet.scheme, sheet.part)
    lines = list(sheet.lines.all())
    for line in lines:
        for name in RESULTS:
            setattr(line, name, [] if name == "trace" else ZERO)
    whole: dict[str, Any] = {"reserve_in": ZERO, "suspended": False, "trace": [], **now}
    for name, value in now.items():
        setattr(sheet, name, value)
    if sheet.part == Part.ALLOCATION:
        _take_levies(sheet, lines)
    if not missing(sheet, lines):
        try:
            whole |= _levied(sheet, lines) if sheet.part == Part.LEVY else _settled(sheet, lines)
        except RuleRefused as error:
            raise refusal_of(error) from error
    asked = ("base", "revenue") if sheet.part == Part.ALLOCATION else ()
    SettlementLine.objects.bulk_update(lines, [*RESULTS, *asked])
    SettlementSheet.objects.filter(pk=sheet.pk).update(**whole)


def _take_levies(sheet: SettlementSheet, lines: Sequence[SettlementLine]) -> None:
    """What the levy's sheet says of the cities stands on the allocation's too."""
    levied = reads.standing_sheet(sheet.year, sheet.scheme, Part.LEVY)
    found = {line.area_id: line for line in levied.lines.all()} if levied else {}
    for line in lines:
        of_levy = found.get(line.area_id)
        line.base = of_levy.base if of_levy else None
        line.levy = of_levy.levy if of_levy else ZERO
        if sheet.method == Method.SICHUAN:
            line.revenue = line.base  # of the year itself


def missing(sheet: SettlementSheet, lines: Sequence[SettlementLine]) -> list[SettlementLine]:
    """The cities of which figures are missing. A share is asked for where there is a gap."""
    asked = INPUTS[sheet.method, sheet.part]

    def lacks(line: SettlementLine) -> bool:
        return any(
            getattr(line, name) is None and (name != "share" or _has_gap(line)) for name in asked
        )

    return [line for line in lines if lacks(line)]


def _has_gap(line: SettlementLine) -> bool:
    return (line.expenditure or ZERO) > (line.revenue or ZERO)


def _levied(sheet: SettlementSheet, lines: Sequence[SettlementLine]) -> dict[str, Any]:
    bases = [line.base or ZERO for line in lines]
    found = levies(sheet, bases)
    for line, city in zip(lines, found.cities, strict=True):
        line.levy, line.trace = city.levy, reads.stored(city.trace)
    return {"suspended": found.suspended, "trace": reads.stored(found.trace)}


def levies(sheet: SettlementSheet, bases: Sequence[Decimal]) -> settlement.Levies:
    """What the cities pay up, in their order. Raises RuleRefused, MissingParameter."""
    scheme = reads.SCHEMES[Person.Scheme(sheet.scheme)]
    rate = sheet.rate or ZERO
    if sheet.method == Method.ANHUI:
        terms = reads.anhui_terms(sheet.year)
        return settlement.levy_anhui(
            scheme=scheme,
            year=sheet.year,
            rate=rate,
            fund_balance=sheet.fund_balance,
            revenues=bases,
            terms=terms,
        )
    decided = settlement.with_rate(reads.sichuan_terms(sheet.year), scheme, rate, sheet.approvals)
    return settlement.levy_sichuan(scheme, sheet.year, bases, decided)


def _settled(sheet: SettlementSheet, lines: Sequence[SettlementLine]) -> dict[str, Any]:
    found = _settlement(sheet, lines)
    for line, city in zip(lines, found.cities, strict=True):
        line.trace = reads.stored(city.trace)
        for name in RESULTS[1:-1]:
            setattr(line, name, getattr(city, name))
    return {"reserve_in": found.reserve_in, "trace": reads.stored(found.trace)}


def _settlement(sheet: SettlementSheet, lines: Sequence[SettlementLine]) -> settlement.Settlement:
    if sheet.method == Method.ANHUI:
        eligible = reads.eligible_of(lines)
        gaps = [
            settlement.AnhuiCity(
                revenue=line.revenue or ZERO,
                expenditure=line.expenditure or ZERO,
                eligible=eligible.get(line.pk, ZERO),
                share=line.share or ZERO,
                balance=line.balance or ZERO,
            )
            for line in lines
        ]
        return settlement.settle_anhui(gaps, sheet.fund_balance, reads.anhui_terms(sheet.year))
    areas = [
        settlement.SichuanCity(
            revenue=line.revenue or ZERO,
            expenditure=line.expenditure or ZERO,
            weight=line.weight or ZERO,
            balance=line.balance or ZERO,
            loss=line.loss,
        )
        for line in lines
    ]
    return settlement.settle_sichuan(
        scheme=reads.SCHEMES[Person.Scheme(sheet.scheme)],
        cities=areas,
        levy=reads.total(lines, "levy"),
        income=reads.total(lines, "base"),
        reserve_balance=sheet.reserve_balance,
        terms=reads.sichuan_terms(sheet.year),
    )


def refusal_of(error: RuleRefused) -> Exception:
    """What a rule refuses as a refusal at a field; the error itself where none is meant."""
    known = REFUSALS.get(error.name)
    return known(**error.details) if known else error
