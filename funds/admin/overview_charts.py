"""Charts of a fund: its months as they were kept, and what its balance is expected to be."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from enrollment.admin.charts import BAR, NOW, OTHERS, PROJECTED, Band, Chart, Series
from funds.models import FundMonth
from funds.rules.projection import Projection

TEN_THOUSAND = Decimal(10_000)


def months_chart(rows: Sequence[FundMonth], place: str) -> Chart | None:
    """Revenue and expenditure month by month, in 10,000 yuan. None before a month was kept."""
    if not rows:
        return None
    last = rows[-1]
    summary = _(
        "%(place)s month by month, in 10,000 yuan: in %(month)s revenue %(revenue)s and "
        "expenditure %(expenditure)s."
    ) % {
        "place": place,
        "month": f"{last.month:%Y-%m}",
        "revenue": _told(last.revenue_of_month),
        "expenditure": _told(last.expenditure_of_month),
    }
    return Chart(
        key="months",
        head=_("month"),
        summary=summary,
        axis=[f"{row.month:%Y-%m}" for row in rows],
        kind=BAR,
        series=[
            Series(
                name=pgettext("month", "revenue"),
                values=[row.revenue_of_month / TEN_THOUSAND for row in rows],
                look=NOW,
            ),
            Series(
                name=pgettext("month", "expenditure"),
                values=[row.expenditure_of_month / TEN_THOUSAND for row in rows],
                look=OTHERS[4],
            ),
        ],
        places=2,
        least=None if any(_is_below(row) for row in rows) else 0,
        at=len(rows) - 1,
    )


def expected_chart(found: Projection, row: FundMonth, place: str) -> Chart:
    """The balance from the kept month on: in between, with the range, in 10,000 yuan."""
    axis = [f"{row.month:%Y-%m}", *(str(year.year) for year in found.years)]
    starts = row.balance
    if row.month.month == 12:  # the kept month is the end of its year
        axis, years = axis[:1] + axis[2:], found.years[1:]
    else:
        years = found.years
    low, middle, high = (
        [starts / TEN_THOUSAND, *(getattr(year, name) / TEN_THOUSAND for year in years)]
        for name in ("low", "middle", "high")
    )
    last = years[-1]
    summary = _(
        "Balance of %(place)s in 10,000 yuan, expected for the end of %(year)s: %(middle)s, "
        "between %(low)s and %(high)s."
    ) % {
        "place": place,
        "year": last.year,
        "middle": _told(last.middle),
        "low": _told(last.low),
        "high": _told(last.high),
    }
    return Chart(
        key="expected",
        head=_("end of"),
        summary=summary,
        axis=axis,
        series=[Series(name=_("in between"), values=middle, look=PROJECTED)],
        band=Band(name=_("range of what is expected"), low=low, high=high),
        places=2,
        least=None if min(low) < 0 else 0,
        at=0,
    )


def _is_below(row: FundMonth) -> bool:
    return row.revenue_of_month < 0 or row.expenditure_of_month < 0


def _told(amount: Decimal) -> str:
    return f"{amount / TEN_THOUSAND:,.2f}".replace("-", "−")
