"""What those who supervise and those who keep the books find on the start page: their figures.

Makers and checkers find their piles there, system administrators the yearly run
(`enrollment.admin.desk`, `enrollment.admin.year`).
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from enrollment.selectors import chase, collection
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.selectors.policy import policy_book
from funds.admin import cockpit
from funds.admin.cockpit_table import row_of, rows_of
from funds.models import PeriodClose
from funds.rules.indicators import EnrolmentRateTerms
from funds.selectors import accounts
from funds.selectors.targets import enrolment_terms
from funds.services.periods import CLOSE

SIGN = "enrollment.sign_rehearsal"
LAST_SHOWN = 5


def collection_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The season of who supervises: its figures, and the areas that are furthest behind."""
    may = request.user.has_perm(cockpit.VIEW) and request.user.has_perm(SIGN)
    year = next(iter(collection.years_opened()), None) if may else None
    if year is None:
        return None
    area = chase.area_of_user(request.user, settings.PROVINCE)
    area -= area % chase.TOWNSHIP
    law = policy_book([collection.WINDOW, *EnrolmentRateTerms.codes().values()])
    terms = enrolment_terms(year, law)
    season = collection.season_of(year, business_date(), book=law)
    target, population = (terms.target, terms.denominator) if terms else (None, None)
    found = collection.collection_of(request.user, season, area, population=population)
    rows = [row for row in rows_of(found, target) if row.rate is not None]
    behind = sorted(rows, key=lambda row: (row.rate or 0, row.code))[:LAST_SHOWN]
    return {
        "year": year,
        "area": area,
        "season": season,
        "total": row_of(found.total, target),
        "target": target,
        "behind": [cockpit.line_of(row, year, area) for row in behind],
    }


def month_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The month of who keeps the books: what moved in it, and which books of the last are open."""
    if not request.user.has_perm(CLOSE):
        return None
    today = business_date()
    first = today.replace(day=1)
    last = (first - timedelta(days=1)).replace(day=1)
    books = accounts.books()
    closed = set(
        PeriodClose.objects.filter(month=last, reopened_at=None).values_list("region_id", flat=True)
    )
    names = places(books)
    return {
        "first": first,
        "today": today,
        "last": last,
        "books": len(books),
        "closed": len(closed & set(books)),
        "open": [(code, names[code].short) for code in books if code not in closed],
        "kinds": accounts.by_kind(accounts.accounts_between(first, today)),
    }


def register(site: Any) -> None:
    """Put both on the start page; each says nothing to whom it is none of their business."""
    site.add_panel("main", 5, "funds/home/collection.html", collection_panel)
    site.add_panel("main", 8, "funds/home/month.html", month_panel)


register(admin.site)
