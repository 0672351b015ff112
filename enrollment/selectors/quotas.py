"""The quotas of medical assistance by year, area and category, as a table that SQL joins."""

import json
from collections.abc import Iterable
from typing import Any

from enrollment.models import Region
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.subsidy import CATEGORIES
from enrollment.selectors.policy import QuotaOutOfRange, term_book, terms_of_area


def pooling_areas(first: int, last: int) -> list[int]:
    """The pooling areas (统筹地区) that a range of codes touches: cities, and counties that are
    their own."""
    rows = Region.objects.filter(code__gte=first // 10**8 * 10**8, code__lte=last, valid_to=None)
    found = rows.filter(level=Region.Level.CITY) | rows.filter(
        level=Region.Level.COUNTY, code__regex=r"^..90"
    )
    return list(found.order_by("code").values_list("code", flat=True))


def quota_table(years: Iterable[int], areas: Iterable[int]) -> tuple[str, list[dict[str, Any]]]:
    """JSON of year, area, category and amount in yuan; and what is not published or not lawful.

    What is missing is named and not guessed: nothing is said of money that rests on it.
    """
    book, rows, missing = term_book(), [], []
    wanted = list(areas)
    for year in years:
        for area in wanted:
            for category in CATEGORIES:
                try:
                    terms = terms_of_area(area, year, categories=(category,), book=book)
                except (MissingParameter, QuotaOutOfRange) as error:
                    missing.append({"year": year, "area": area, "code": error.code})
                    continue
                amount = str(terms.quotas[category])
                rows.append({"year": year, "area": area, "category": category, "amount": amount})
    return json.dumps(rows), missing
