"""The view of the funds (基金运行): areas side by side, what is out of bounds, what is expected.

Read only. A figure leads to the accounts behind it, a reading to the warning that is open about it.
"""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from enrollment.models import Person, User
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from funds.admin.overview_charts import expected_chart, months_chart
from funds.models import FundMonth
from funds.models.risk import Indicator, RiskLevel
from funds.rules.projection import Projection
from funds.selectors.accounts import SubsidyOfLevel, subsidies_between
from funds.selectors.overview import FundView, fund_view, months_of, projection_of
from funds.selectors.risk import alarms, latest, place_of, value_told
from funds.selectors.settlements import SUBJECT, fund_on, reserve_on, stored

VIEW = "funds.view_fundmonth"
ADD_WARNING = "funds.add_riskwarning"
# How levels look: colour and form, the word beside it.
LOOK = {"normal": "done", "attention": "waiting", "serious": "failed", "unknown": "ended"}


def overview_view(request: HttpRequest) -> HttpResponse:
    """Areas of one scheme as of today; with `area` that one's subsidies and projection."""
    scheme = _scheme(request)
    on = business_date()
    view = fund_view(scheme, on)
    known = [each.fund.area for each in view.standings]
    asked = request.GET.get("area", "")
    chosen = int(asked) if asked.isdigit() and int(asked) in known else (known or [0])[0]
    names = places(known)
    place = names[chosen].short if chosen else ""
    context = {
        "title": _("Funds at a glance"),
        "scheme": scheme,
        "schemes": Person.Scheme.choices,
        "on": on,
        "since": date(on.year, 1, 1),
        "view": view,
        "rows": [_row(each, names[each.fund.area].short, view) for each in view.standings],
        "alarms": _alarms(request, view, scheme),
        "chosen": chosen,
        "place": place,
        "subsidies": _subsidies(chosen, scheme, on),
        "adjustment": fund_on(scheme, on),
        "reserve": reserve_on(scheme, on),
        "months_chart": months_chart(months_of(chosen, scheme), place) if chosen else None,
        **_expected(chosen, scheme, view, place),
    }
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | context
    return TemplateResponse(request, "funds/overview.html", everywhere)


def _scheme(request: HttpRequest) -> int:
    asked = request.GET.get("scheme", "")
    known = {str(value) for value in Person.Scheme.values}
    return int(asked) if asked in known else int(Person.Scheme.RESIDENT)


def _row(standing: Any, name: str, view: FundView) -> dict[str, Any]:
    covered = standing.readings.get(Indicator.MONTHS_COVERED)
    worst = standing.worst
    out = sum(
        level in (RiskLevel.ATTENTION, RiskLevel.SERIOUS)
        for _value, level, _key in standing.readings.values()
    )
    return {
        "name": name,
        "fund": standing.fund,
        "executed": _share(standing.fund.executed),
        "covered": covered[0] if covered else "—",
        "covered_look": LOOK[covered[1]] if covered else "ended",
        "covered_word": RiskLevel(covered[1]).label if covered else RiskLevel.UNKNOWN.label,
        "look": LOOK[worst],
        "word": RiskLevel(worst).label,
        "out": out,
    }


def _share(share: Decimal | None) -> str:
    return "—" if share is None else f"{share * 100:.1f}%"


def _alarms(request: HttpRequest, view: FundView, scheme: int) -> list[dict[str, Any]]:
    """What is out of bounds in the last month, with its warning or the way to one."""
    if view.month is None:
        return []
    found = alarms(view.month, scheme)
    names = places({each.reading.of.region_id for each in found})
    may = cast("User", request.user).has_perm(ADD_WARNING)
    return [
        {
            "reading": each.reading,
            "stands_for": place_of(each.reading),
            "name": names[each.reading.of.region_id].short,
            "value": value_told(each.reading),
            "look": LOOK[each.reading.level],
            "warning": each.warning,
            "may_warn": may and each.warning is None,
        }
        for each in found
    ]


def _subsidies(area: int, scheme: int, on: date) -> list[SubsidyOfLevel]:
    """Fiscal subsidies of the year: due, received and in arrears, by level."""
    if not area:
        return []
    return list(subsidies_between(date(on.year, 1, 1), on, book=area, scheme=scheme).values())


def _expected(area: int, scheme: int, view: FundView, place: str) -> dict[str, Any]:
    """What the balance of the chosen area is expected to be, or why nothing is told."""
    row = _last(area, scheme, view)
    if row is None:
        return {}
    try:
        found = projection_of(row)
    except MissingParameter as error:
        return {"silent": str(error)}
    if found is None:
        return {}
    return {
        "expected": found,
        "expected_chart": expected_chart(found, row, place),
        "expected_trace": _trace(found),
        "expected_from": row.month,
    }


def _last(area: int, scheme: int, view: FundView) -> FundMonth | None:
    if not area or view.month is None:
        return None
    return latest(view.month).filter(region=area, scheme=scheme).first()


def _trace(found: Projection) -> list[Any]:
    return trace_of(stored(found.trace), SUBJECT)


def register(site: Any) -> None:
    """Let the page answer, and put it first into the navigation of the funds."""
    site.register_page("funds/view/", overview_view, "fund_view", permission=VIEW)
    site.add_page("funds", 1, gettext_lazy("Funds at a glance"), "admin:fund_view", VIEW)


register(admin.site)
