"""The figures of reports as of the end of a day, and what they are compared with.

A body is keys and figures without words, so that it has one digest in every language. Counts are
people, money is yuan with two places, shares are cut to six places.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from enrollment.selectors import collection
from enrollment.selectors.collection import Figures, Season
from funds.models import Line, Report
from funds.selectors.accounts import accounts_between, by_kind, totals
from funds.selectors.targets import enrolment_terms

TIES = (Path(__file__).resolve().parent.parent / "sql" / "report_ties.sql").read_text()
SHARE = Decimal("0.000001")

# The columns of each kind of report, in their order: what they are called stands with the page.
PROGRESS = (
    "population", "billed", "subsidised", "insured", "unpaid", "employees", "rate", "paid_share",
    "subsidised_insured", "coverage", "subsidy", "payable", "paid", "yesterday", "last_insured",
)  # fmt: skip
FUND_MONTH = (
    "opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit",
)  # fmt: skip
SHARES, MONEY = ("rate", "paid_share", "coverage"), ("subsidy", "payable", "paid", *FUND_MONTH)
COLUMNS = {Report.Kind.PROGRESS: PROGRESS, Report.Kind.FUND_MONTH: FUND_MONTH}


@dataclass(frozen=True, slots=True)
class Tie:
    """A figure of a report beside the same from where it comes from."""

    name: str
    told: str
    found: str

    @property
    def holds(self) -> bool:
        return self.told == self.found


@dataclass(frozen=True, slots=True)
class Body:
    """What a report says of a benefit year. A row is of a region, or of a kind of account."""

    year: int
    rows: list[tuple[str, list[str]]]
    total: list[str]
    ties: list[Tie] = field(default_factory=list)

    @property
    def is_tied(self) -> bool:
        """Whether it was compared and every figure is the same."""
        return bool(self.ties) and all(tie.holds for tie in self.ties)

    def as_json(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "rows": [[key, values] for key, values in self.rows],
            "total": self.total,
            "ties": [[tie.name, tie.told, tie.found] for tie in self.ties],
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Body":
        return cls(
            year=told["year"],
            rows=[(key, values) for key, values in told["rows"]],
            total=told["total"],
            ties=[Tie(*tie) for tie in told["ties"]],
        )


def digest_of(kind: str, as_of: date, body: Body) -> str:
    """SHA-256 of what a report says."""
    said = [kind, as_of.isoformat(), body.as_json()]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# Enrolment progress -------------------------------------------------------------------------------


def season_on(day: date) -> Season | None:
    """The payment period that a day lies in: of the latest such year; None outside of any."""
    for year in collection.years_opened():
        if year not in {day.year, day.year + 1}:  # a period begins in the autumn before its year
            continue
        season = collection.season_of(year, day, day)
        if season.first <= day <= season.last:
            return season
    return None


def progress(user: Any, season: Season, *, by_county: bool = True) -> Body:
    """参保缴费进度日报: every county and the province by the end of the season's day.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）: the enrolment rate.
    """
    terms = enrolment_terms(season.year)
    found = collection.collection_of(
        user, season, settings.PROVINCE, population=terms.denominator, by_county=by_county
    )
    return Body(
        year=season.year,
        rows=[(str(each.code), _progress_of(each.figures)) for each in found.areas],
        total=_progress_of(found.total),
    )


def _progress_of(figures: Figures) -> list[str]:
    shares = {
        "rate": Decimal(figures.members) / figures.population if figures.population else None,
        "paid_share": figures.paid_share,
        "coverage": figures.coverage,
    }
    told = []
    for name in PROGRESS:
        if name in shares:
            share = shares[name]
            told.append("" if share is None else str(share.quantize(SHARE, rounding=ROUND_DOWN)))
        elif name in MONEY:
            told.append(f"{getattr(figures, name):.2f}")
        else:
            told.append(str(getattr(figures, name)))
    return told


def ties_of_progress(body: Body, season: Season) -> list[Tie]:
    """The report beside the register, and what the register says beside the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(TIES, {"year": season.year, "day": season.day})
        billed, insured, paid = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(sum(abs(amount)), 0) FROM unposted(%s, %s)",
            [season.first, season.day],
        )
        (left,) = cursor.fetchone()
    told = dict(zip(PROGRESS, body.total, strict=True))
    return [
        Tie("billed", told["billed"], str(billed)),
        Tie("insured", told["insured"], str(insured)),
        Tie("paid", told["paid"], f"{paid:.2f}"),
        Tie("unposted", "0.00", f"{left:.2f}"),
    ]


# Accounts of the funds ----------------------------------------------------------------------------


def fund_month(until: date) -> Body:
    """基金收支月报: every kind of account in the month up to a day, debit and credit in yuan."""
    balances = by_kind(accounts_between(until.replace(day=1), until))
    sums = totals(balances)
    return Body(
        year=until.year,
        rows=[(each.kind, [f"{amount:.2f}" for amount in each.columns]) for each in balances],
        total=[f"{amount:.2f}" for amount in sums],
    )


def ties_of_balance(body: Body) -> list[Tie]:
    """Debit beside credit, which every book keeps equal: what a page shows at once."""
    told = dict(zip(FUND_MONTH, body.total, strict=True))
    return [
        Tie("opening", told["opening_debit"], told["opening_credit"]),
        Tie("closing", told["closing_debit"], told["closing_credit"]),
    ]


def ties_of_fund_month(body: Body, until: date) -> list[Tie]:
    """The same, and what is told as posted beside the lines of the entries: every line of the month
    is read, for a report that a worker makes."""
    told = dict(zip(FUND_MONTH, body.total, strict=True))
    lines = Line.objects.filter(day__range=(until.replace(day=1), until))
    sums = lines.aggregate(debit=Sum("debit", default=0), credit=Sum("credit", default=0))
    return [
        *ties_of_balance(body),
        Tie("lines_debit", told["debit"], f"{sums['debit']:.2f}"),
        Tie("lines_credit", told["credit"], f"{sums['credit']:.2f}"),
    ]


__all__ = [
    "COLUMNS", "MONEY", "SHARES", "Body", "Tie", "digest_of", "fund_month", "progress", "season_on",
    "ties_of_balance", "ties_of_fund_month", "ties_of_progress",
]  # fmt: skip
