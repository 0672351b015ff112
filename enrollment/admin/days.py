"""The workbench of receipts: days with three sides, where they differ, and the close (日结)."""

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from enrollment.models import DayClose, Receipt, User
from enrollment.rules.keys import is_key
from enrollment.rules.regions import COUNTY, pooling_area_of
from enrollment.selectors import days
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import Place, places
from enrollment.selectors.scope import scope_of
from enrollment.services import day_closes
from enrollment.services.refusals import Refused

VIEW = "enrollment.view_controltotal"
RECEIPTS_SHOWN = 100
STATES: dict[str, tuple[Any, str]] = {
    # word and look
    "closed": (gettext_lazy("closed"), "effected"),
    "partly": (gettext_lazy("closed in part"), "submitted"),
    "agrees": (gettext_lazy("all sides agree"), "approved"),
    "differs": (gettext_lazy("sides differ"), "lapsed"),
    "untold": (gettext_lazy("totals missing"), "draft"),
}
SOURCES = {"tax": gettext_lazy("tax service"), "treasury": gettext_lazy("treasury")}
SCHEMES = {1: gettext_lazy("resident scheme"), 2: gettext_lazy("employee scheme")}

Row = dict[str, Any]


def month_view(request: HttpRequest) -> HttpResponse:
    """The days of a month, the latest first, and what waits in suspense beside."""
    first = _month(request.GET.get("month", ""))
    last = first.replace(day=monthrange(first.year, first.month)[1])
    found = days.sides_of(request.user, first, last)
    rows = [_row(found_of, day=day) for day, found_of in sorted(found.items(), reverse=True)]
    for row in rows:
        row["page"] = reverse("admin:receipt_day", args=[row["day"].isoformat()])
    before = date.fromordinal(first.toordinal() - 1)
    after = date.fromordinal(last.toordinal() + 1)
    context = {
        "rows": rows,
        "total": _row({0: days.together(each["sides"] for each in rows)}) if rows else None,
        "closed": sum(row["state"] == "closed" for row in rows),
        "differing": sum(row["state"] == "differs" for row in rows),
        "suspense": days.suspense_of(request.user),
        "month": f"{first:%Y-%m}",
        "earlier": f"{before:%Y-%m}",
        "later": f"{after:%Y-%m}" if after <= business_date() else "",
        "law": _(
            "From the tax service to the treasury, and on to the special account of the city: "
            "鄂政办发〔2020〕9号 三（五）."
        ),
    }
    title = _("Receipts by day")
    return _page(request, "enrollment/days/month.html", title, **context)


def _month(text: str) -> date:
    """The first day of a month written 2026-11; the present one for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return business_date().replace(day=1)


def _row(areas: dict[int, days.Sides], **more: Any) -> Row:
    """What a line of a table shows of one or several areas together."""
    sides = days.together(areas.values())
    word, look = STATES[sides.state]
    return {"sides": sides, "state": sides.state, "word": word, "look": look, **more}


def day_view(request: HttpRequest, day: str) -> HttpResponse:
    """A day by pooling area: the three sides, in how many places they differ, the close."""
    on = _day(day)
    areas = days.sides_of(request.user, on, on).get(on, {})
    whole = [area for area in areas if area and scope_of(request.user).allows(area)]
    for area, places_differing in days.count_differences(whole, on).items():
        areas[area].differs = places_differing
    names = places(area for area in areas if area)
    rows = []
    for area in sorted(areas):
        row = _row({area: areas[area]}, area=area, place=names.get(area))
        row["page"] = reverse("admin:receipt_day_area", args=[day, area])
        rows.append(row)
    total = _row(areas) if areas else None
    title = _("Receipts of %(day)s") % {"day": f"{on:%Y-%m-%d}"}
    return _page(
        request, "enrollment/days/day.html", title, day=on, month=f"{on:%Y-%m}", rows=rows,
        total=total,
    )  # fmt: skip


def area_view(request: HttpRequest, day: str, area: int, refused: str = "") -> HttpResponse:
    """A day of an area: where the sides differ, the lines behind, the close and its buttons."""
    on = _day(day)
    whole = _reached(request, area)
    sides = days.sides_of(request.user, on, on).get(on, {}).get(area, days.Sides())
    differences = days.differences_of(area, on) if whole and area else []
    sides.differs = len(differences)
    lines = days.lines_of(request.user, area, on)
    names = places(
        {each.region for each in differences} | {each.county * COUNTY for each in lines} | {area}
    )
    past = DayClose.objects.filter(region_id=area, day=on, reopened_at__isnull=False)
    stands = DayClose(region_id=area)
    user = cast("User", request.user)
    close = sides.closes[0] if sides.closes else None
    place = names.get(area) if area else _("area unknown")
    title = _("%(area)s, receipts of %(day)s") % {"area": place, "day": f"{on:%Y-%m-%d}"}
    return _page(
        request,
        "enrollment/days/area.html",
        title,
        day=on,
        area=area,
        row=_row({area: sides}),
        close=close,
        past=past.select_related("closed_by", "reopened_by").order_by("-pk"),
        differences=[_difference(each, names) for each in differences],
        lines=[_line(each, names, day) for each in lines],
        may_close=close is None and whole and user.has_perm(day_closes.CLOSE, stands),
        may_reopen=close is not None and whole and user.has_perm(day_closes.REOPEN, stands),
        refused=refused,
        knows_area=bool(area),
        late_since=close.closed_at if close and sides.late.receipts else None,
    )


def _difference(each: days.Difference, names: dict[int, Place]) -> Row:
    return {
        "source": SOURCES[each.source],
        "place": _short(names.get(each.region)) or each.region,
        "scheme": SCHEMES[each.scheme],
        "channel": _channel(each.channel),
        "at": each,
    }


def _line(each: days.Line, names: dict[int, Place], day: str) -> Row:
    return {
        "place": _short(names.get(each.county * COUNTY)) or _("area unknown"),
        "scheme": SCHEMES[each.scheme],
        "channel": _channel(each.channel),
        "sides": each.sides,
        "page": reverse("admin:receipt_day_county", args=[day, each.county])
        if each.sides.came.receipts
        else "",
    }


def _short(place: Place | None) -> str:
    """A place as a column of a table tells it."""
    return place.short if place else ""


def _channel(code: str) -> str:
    labels = dict(Receipt.Channel.choices)
    return str(labels.get(code, code)) if code else _("all channels")


def county_view(request: HttpRequest, day: str, county: int) -> HttpResponse:
    """The receipts of a county on a day, by key; those that came in after the close are marked."""
    on = _day(day)
    area = pooling_area_of(county * COUNTY) if county else 0
    rows = days.receipts_of(request.user, county, on).order_by("-pk")
    before = request.GET.get("before", "")
    if is_key(before):
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: RECEIPTS_SHOWN + 1])
    close = DayClose.objects.filter(region_id=area, day=on, reopened_at=None).first()
    place = places([county * COUNTY])[county * COUNTY] if county else _("area unknown")
    title = _("%(area)s, receipts of %(day)s") % {"area": place, "day": f"{on:%Y-%m-%d}"}
    return _page(
        request,
        "enrollment/days/receipts.html",
        title,
        day=on,
        area=area,
        receipts=[
            (each, close is not None and each.recorded_at > close.closed_at)
            for each in page[:RECEIPTS_SHOWN]
        ],
        more=page[RECEIPTS_SHOWN - 1].pk if len(page) > RECEIPTS_SHOWN else 0,
    )


def _reached(request: HttpRequest, area: int) -> bool:
    """Whether the user's scope holds the whole area; 404 where it holds nothing of it."""
    scope = scope_of(request.user)
    if scope.everywhere or (area and scope.allows(area)):
        return True
    if not area or not any(pooling_area_of(each * COUNTY) == area for each in scope.counties):
        raise Http404
    return False


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


@require_POST
def close_view(request: HttpRequest, day: str, area: int) -> HttpResponse:
    """Close the day of the area, or say where the sides differ."""
    _reached(request, area)
    user = cast("User", request.user)
    return _done(
        request, day, area, lambda: day_closes.close_day(user=user, area=area, day=_day(day)),
        _("The day is closed."),
    )  # fmt: skip


@require_POST
def reopen_view(request: HttpRequest, day: str, area: int) -> HttpResponse:
    """Open the day of the area again."""
    _reached(request, area)
    user, reason = cast("User", request.user), request.POST.get("reason", "")
    return _done(
        request, day, area,
        lambda: day_closes.reopen_day(user=user, area=area, day=_day(day), reason=reason),
        _("The day is open again."),
    )  # fmt: skip


def _done(
    request: HttpRequest, day: str, area: int, act: Callable[[], DayClose], told: str
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        response = area_view(request, day, area, refused=str(refused))
        response.status_code = 409
        return response
    admin.site._registry[Receipt].message_user(request, told)
    return HttpResponseRedirect(reverse("admin:receipt_day_area", args=[day, area]))


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, everywhere | context)


PAGES: Iterable[tuple[str, Any, str]] = (
    ("receipts/days/", month_view, "receipt_days"),
    ("receipts/days/<str:day>/", day_view, "receipt_day"),
    ("receipts/days/<str:day>/<int:area>/", area_view, "receipt_day_area"),
    ("receipts/days/<str:day>/<int:area>/close/", close_view, "receipt_day_close"),
    ("receipts/days/<str:day>/<int:area>/reopen/", reopen_view, "receipt_day_reopen"),
    ("receipts/days/<str:day>/county/<int:county>/", county_view, "receipt_day_county"),
)


def register(site: Any) -> None:
    """Let the pages answer, and put the first into the navigation."""
    for route, view, name in PAGES:
        site.register_page(route, view, name, permission=VIEW)
    site.add_page("work", 25, gettext_lazy("Receipts by day"), "admin:receipt_days", VIEW, key="m")


register(admin.site)
