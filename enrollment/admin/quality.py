"""Quality of work on screen: the cases of offices by kind, state and age, and what was sent back.

Offices and kinds, never persons; each figure of open cases leads to the list of as many.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin.areas import above, name_below, path_to, refuse_elsewhere
from enrollment.admin.charts import BAR, OTHERS, Chart, Series
from enrollment.declarations import case_kinds
from enrollment.rules.regions import CITY, COUNTY, PROVINCE
from enrollment.selectors import quality
from enrollment.selectors.calendar import business_date
from enrollment.selectors.scope import scope_of

VIEW = "enrollment.view_casetotal"
PERIODS = {
    "1": gettext_lazy("this month"),
    "3": gettext_lazy("three months"),
    "12": gettext_lazy("twelve months"),
}
# The columns of open cases: field, head, and the filter of the list that has as many.
OPEN = (
    ("open", pgettext_lazy("cases", "open"), {"state": "open"}),
    ("draft", pgettext_lazy("cases", "draft"), {"state": "draft"}),
    ("submitted", pgettext_lazy("cases", "submitted"), {"state": "submitted"}),
    ("checked", pgettext_lazy("cases", "second level"), {"state": "checked"}),
    ("returned", pgettext_lazy("cases", "returned"), {"state": "returned"}),
    ("approved", pgettext_lazy("cases", "approved"), {"state": "approved"}),
    ("over_5", gettext_lazy("> 5 days"), {"state": "open", "age": "5"}),
    ("over_10", gettext_lazy("> 10 days"), {"state": "open", "age": "10"}),
    ("over_30", gettext_lazy("> 30 days"), {"state": "open", "age": "30"}),
    ("overdue", gettext_lazy("overdue"), {"age": "overdue"}),
)


def home_view(request: HttpRequest) -> HttpResponse:
    """The work of the highest area that the user sees: the province, or where the duty is."""
    scope = scope_of(request.user)
    area = settings.PROVINCE if scope.everywhere or len(scope.ranges) != 1 else scope.ranges[0][0]
    return HttpResponseRedirect(reverse("admin:quality_area", args=[area]))


def area_view(request: HttpRequest, area: int) -> HttpResponse:
    """The work of what lies below an area: by office and by kind, and month by month."""
    if area % COUNTY:
        area = area // COUNTY * COUNTY
    refuse_elsewhere(request, area)
    on = business_date()
    months = request.GET.get("months", "")
    months = months if months in PERIODS else "3"
    kind = request.GET.get("kind", "")
    kind = kind if kind in case_kinds else ""
    since = quality.months_back(on, int(months))
    found = quality.quality_of(request.user, area, on=on, since=since, kind=kind)
    year = quality.months_back(on, 12)
    return _page(
        request,
        place=path_to(area)[-1][1],
        above=above(area),
        area=area,
        months=months,
        periods=PERIODS,
        since=since,
        kind=kind,
        kind_label=case_kinds[kind].label if kind else "",
        total=found.total,
        heads=[head for _name, head, _asked in OPEN],
        total_cells=_cells(found.total, area, kind),
        offices=[_office(each, area, kind) for each in found.offices],
        kinds=[
            (name, case_kinds[name].label if name in case_kinds else name, work,
             _cells(work, area, name))
            for name, work in sorted(found.kinds.items(), key=lambda each: -each[1].open)
        ],
        chart=_chart(quality.months_of(request.user, area, since=year, until=on, kind=kind)),
    )  # fmt: skip


def _office(each: quality.Office, area: int, kind: str) -> dict[str, Any]:
    is_own = each.code == area  # a case about a city or the province stands in its own office
    return {
        "name": str(each.place) if is_own else name_below(each.place, area),
        "page": "" if is_own else reverse("admin:quality_area", args=[each.code]),
        "work": each.work,
        "cells": _cells(each.work, each.code, kind, listed=not is_own or area % CITY != 0),
    }


def _cells(
    work: quality.Work, area: int, kind: str, *, listed: bool = True
) -> list[tuple[str, int, str]]:
    """Each figure of open cases with the address of its list; none where no list has as many."""
    cases = reverse("admin:enrollment_case_changelist")
    narrowed = {"kind": kind} if kind else {}
    if area % PROVINCE:
        narrowed["region"] = str(area)
    cells = []
    for name, _head, asked in OPEN:
        number = getattr(work, name)
        address = f"{cases}?{urlencode({**asked, **narrowed})}" if number and listed else ""
        cells.append((name, number, address))
    return cells


def _chart(months: Any) -> Chart | None:
    """Submitted, in effect and sent back in each of the last twelve months."""
    if not any(each.work.sent or each.work.effected for each in months):
        return None
    last = months[-1].work
    return Chart(
        key="moves",
        head=_("Month"),
        summary=_(
            "Moves of cases in twelve months; this month %(sent)s submitted, %(back)s sent back."
        )
        % {"sent": f"{last.sent:,}", "back": f"{last.sent_back:,}"},
        axis=[f"{each.first:%Y-%m}" for each in months],
        kind=BAR,
        series=[
            Series(name=_("submitted"), values=[each.work.sent for each in months], look=OTHERS[0]),
            Series(
                name=_("put into effect"),
                values=[each.work.effected for each in months],
                look=OTHERS[2],
            ),
            Series(
                name=_("sent back"), values=[each.work.sent_back for each in months], look=OTHERS[1]
            ),
        ],
    )


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    request.current_app = admin.site.name
    title = _("Quality of work")
    scope = [
        (_("Region"), context["place"]),
        (_("Data as of"), f"{business_date():%m-%d} {timezone.localtime():%H:%M}"),
    ]
    return TemplateResponse(
        request,
        "enrollment/quality/area.html",
        {**frame, "title": title, "scope": scope, **context},
    )


def register(site: Any) -> None:
    """Let the pages answer, and put the first into the navigation."""
    site.register_page("quality/", home_view, "quality", permission=VIEW)
    site.register_page("quality/<int:area>/", area_view, "quality_area", permission=VIEW)
    site.add_page("work", 95, gettext_lazy("Quality of work"), "admin:quality", VIEW, key="q")


register(admin.site)
