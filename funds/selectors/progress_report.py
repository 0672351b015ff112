"""参保缴费进度日报: the enrolment of a payment period as of a day, and what it is compared with."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from enrollment.selectors import collection
from enrollment.selectors.collection import Figures, Season
from funds.selectors.report_bodies import Body, Tie, cut
from funds.selectors.targets import enrolment_terms

TIES = (Path(__file__).resolve().parent.parent / "sql" / "report_ties.sql").read_text()
PROGRESS = (
    "population", "billed", "subsidised", "insured", "unpaid", "employees", "rate", "paid_share",
    "subsidised_insured", "coverage", "subsidy", "payable", "paid", "yesterday", "last_insured",
)  # fmt: skip
MONEY = ("subsidy", "payable", "paid")


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
    population = terms.denominator if terms else None
    found = collection.collection_of(
        user, season, settings.PROVINCE, population=population, by_county=by_county
    )
    return Body(
        year=season.year,
        rows=[(str(each.code), _progress_of(each.figures, population)) for each in found.areas],
        total=_progress_of(found.total, population),
    )


def _progress_of(figures: Figures, population: str | None) -> list[str]:
    shares = {
        "rate": Decimal(figures.members) / figures.population if figures.population else None,
        "paid_share": figures.paid_share,
        "coverage": figures.coverage,
    }
    told = []
    for name in PROGRESS:
        if name in shares:
            told.append(cut(shares[name]))
        elif name in MONEY:
            told.append(f"{getattr(figures, name):.2f}")
        elif name == "population" and population is None:  # no law says whom to count
            told.append("")
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


__all__ = ["PROGRESS", "progress", "season_on", "ties_of_progress"]
