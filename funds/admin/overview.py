"""The view of the funds (基金运行): areas side by side, what is out of bounds, what is expected.

Read only. A figure leads to the accounts behind it, a reading to the warning that is open about it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from enrollment.admin.areas import short
from enrollment.admin.figures import rate
from enrollment.models import Person, User
from enrollment.rules.keys import is_key
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import Place, places
from funds.admin.overview_charts import expected_chart, months_chart
from funds.models import FundMonth, Kind
from funds.models.risk import Indicator, RiskLevel
from funds.rules.projection import Projection
from funds.selectors.overview import FundView, fund_view, months_of, projection_of
from funds.selectors.risk import alarms, place_of, value_told
from funds.selectors.settlements import SUBJECT, stored

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
    chosen = int(asked) if is_key(asked) and int(asked) in known else (known or [0])[0]
    names = places({settings.PROVINCE, *known, *(each.of.region_id for each in view.read)})
    place = names[chosen].short if chosen else ""
    months = months_of(chosen, scheme) if chosen else []
    context = {
        "title": _("Funds at a glance"),
        "scheme": scheme,
        "schemes": Person.Scheme.choices,
        "on": on,
        "since": date(on.year, 1, 1),
        "view": view,
        "rows": [_row(each, names[each.fund.area].short, view) for each in view.standings],
        "alarms": _alarms(request, view, names),
        "chosen": chosen,
        "place": place,
        "subsidies": view.subsidies(chosen),
        "adjustment": view.of_province(Kind.ADJUSTMENT_FUND),
        "reserve": view.of_province(Kind.RISK_RESERVE),
        "months_chart": months_chart(months, place) if chosen else None,
        "scope": [
            (_("Region"), short(names[settings.PROVINCE])),
            (_("Scheme"), Person.Scheme(scheme).label),
            (_("Data as of"), f"{on:%m-%d}"),
        ],
        **_expected(months, view, place),
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
        "executed": rate(standing.fund.executed),
        "covered": covered[0] if covered else "—",
        "covered_look": LOOK[covered[1]] if covered else "ended",
        "covered_word": RiskLevel(covered[1]).label if covered else RiskLevel.UNKNOWN.label,
        "look": LOOK[worst],
        "word": RiskLevel(worst).label,
        "out": out,
    }


def _alarms(
    request: HttpRequest, view: FundView, names: Mapping[int, Place]
) -> list[dict[str, Any]]:
    """What is out of bounds in the last month, with its warning or the way to one."""
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
        for each in alarms(view.read)
    ]


def _expected(months: Sequence[FundMonth], view: FundView, place: str) -> dict[str, Any]:
    """What the balance of the chosen area is expected to be, or why nothing is told."""
    if not months or months[-1].month != view.month:
        return {}
    row = months[-1]
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


def _trace(found: Projection) -> list[Any]:
    return trace_of(stored(found.trace), SUBJECT)


def register(site: Any) -> None:
    """Let the page answer, and put it first into the navigation of the funds."""
    site.register_page("funds/view/", overview_view, "fund_view", permission=VIEW)
    site.add_page("funds", 1, gettext_lazy("Funds at a glance"), "admin:fund_view", VIEW)


register(admin.site)
