"""The unpaid and uninsured on screen (催缴): from the province down to the people of a village.

Sums come from summaries, lists by key; who sees what is decided by row security and the user's
duties. 皖医保发〔2024〕6号 二（三）.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import declarations
from enrollment.admin.areas import above, name_below, province_name, refuse_elsewhere, short
from enrollment.models import Push, User, YearStep
from enrollment.rules.keys import is_key
from enrollment.rules.regions import CITY, COUNTY, PROVINCE
from enrollment.selectors import chase
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import Place, places
from enrollment.services.import_sheets import CSV, XLSX
from enrollment.services.push_lists import MOST, export_pushes
from enrollment.services.refusals import Refused

VIEW, EXPORT = "enrollment.view_push", "enrollment.export_push"
NUMBERS = "enrollment.export_push_numbers"
DAYS_SHOWN, MOST_PRINTED = 40, 1_000
STANDS: dict[str, tuple[Any, str]] = {
    # word and look
    chase.OPEN: (gettext_lazy("still open"), "unpaid"),
    chase.PAID: (gettext_lazy("paid up"), "paid"),
    chase.GONE: (gettext_lazy("no longer to push"), "ended"),
}
SIDE_WORDS = {
    "": gettext_lazy("all lists"),
    "registered": gettext_lazy("registered area"),
    "habitual": gettext_lazy("habitual area"),
}
LEVEL_WORDS = {
    PROVINCE: gettext_lazy("By pooling area"),
    CITY: gettext_lazy("By county"),
    COUNTY: gettext_lazy("By township"),
    chase.TOWNSHIP: gettext_lazy("By village"),
}
LAW = gettext_lazy(
    "Lists of the uninsured are pushed down, checked and answered; registered and habitual area "
    "share the work: 皖医保发〔2024〕6号 二（三）. Answered of pushed is cut, not rounded."
)

Row = dict[str, Any]


def home_view(request: HttpRequest) -> HttpResponse:
    """The latest year that was pushed for, where the user's duties begin."""
    years = chase.years_with_rounds()
    area = chase.area_of_user(request.user, settings.PROVINCE)
    if years:
        return HttpResponseRedirect(reverse("admin:push_area", args=[years[0], area]))
    return _page(request, "enrollment/chase/none.html", _("Unpaid and uninsured"))


# Sums of an area ----------------------------------------------------------------------------------


def area_view(request: HttpRequest, year: int, area: int) -> HttpResponse:
    """Pushed, answered and paid since, of what lies below an area and day by day."""
    refuse_elsewhere(request, area)
    rounds, pushed = _round_of(request, year)
    if chase.child_of(area) is None:  # a village is its list
        return HttpResponseRedirect(_with(reverse("admin:push_people", args=[year, area]), request))
    side = request.GET.get("side", "")
    side = side if side in chase.SIDES else ""
    rows = chase.areas_of(request.user, pushed, area, side)
    total = chase.Sums()
    for row in rows:
        total.add(row.sums)
    due = chase.due_of(pushed, area)
    days = chase.days_of(request.user, pushed, area)
    place = _place(area)
    return _page(
        request,
        "enrollment/chase/area.html",
        _("Unpaid and uninsured, %(year)s") % {"year": year},
        **_frame(year, area, rounds, pushed, place),
        rows=[_row(each, year, area, pushed, side) for each in rows],
        total=total,
        due=due,
        is_overdue=due[1] is not None and due[1] < business_date(),
        days=list(reversed(days))[:DAYS_SHOWN],
        has_days=area % COUNTY == 0,
        side=side,
        sides=SIDE_WORDS,
        level=next(word for step, word in LEVEL_WORDS.items() if area % step == 0),
        law=LAW,
    )


def _row(each: chase.Area, year: int, area: int, pushed: YearStep, side: str) -> Row:
    """A line of the table, with where it leads: the next level, or the list of a village."""
    name = "push_people" if area % COUNTY else "push_area"
    found = {"round": pushed.serial} | ({"side": side} if side else {})
    query = "&".join(f"{key}={value}" for key, value in found.items())
    page = f"{reverse(f'admin:{name}', args=[year, each.code])}?{query}"
    # a register that names no more than the area itself stands on its list as a whole
    is_whole = each.code == area
    return {
        "code": each.code,
        "name": _("named no further") if is_whole else name_below(each.place, area),
        "sums": each.sums,
        "page": "" if is_whole else page,
    }


# Lists --------------------------------------------------------------------------------------------


def people_view(request: HttpRequest, year: int, area: int, refused: str = "") -> HttpResponse:
    """The people of an area's list, by village and key, with how they stand and what was told."""
    refuse_elsewhere(request, area)
    rounds, pushed = _round_of(request, year)
    wanted = _wanted(request, year, area, pushed)
    is_print = "print" in request.GET
    most = MOST_PRINTED if is_print else chase.LISTED
    lines = chase.lines_of(request.user, wanted, business_date(), most + 1)
    place = _place(area)
    return _page(
        request,
        "enrollment/chase/people.html",
        _("List of %(place)s") % {"place": place},
        **_frame(year, area, rounds, pushed, place),
        lines=[_line(each) for each in lines[:most]],
        more=lines[most - 1].key if len(lines) > most else "",
        stands=wanted.stands,
        choices={name: word for name, (word, _look) in STANDS.items()} | {"": _("all")},
        answer=request.GET.get("answer", ""),
        answers=Push.Result.choices,
        workers=list(chase.workers_in(area, business_date())),
        is_print=is_print,
        refused=refused,
        may_export=request.user.has_perm(EXPORT),
        may_have_numbers=request.user.has_perm(NUMBERS),
        forms=(XLSX, CSV),
        most=MOST,
        printed_at=timezone.localtime(),
        today=business_date(),
    )


def _wanted(request: HttpRequest, year: int, area: int, pushed: YearStep) -> chase.Wanted:
    """Which rows the address asks for; those still open where it does not say."""
    stands = request.GET.get("stands", chase.OPEN)
    return chase.Wanted(
        year=year,
        area=area,
        pushed=pushed,
        stands=stands if stands in STANDS else "",
        answers=_answers(request),
        after=request.GET.get("after", ""),
    )


def _answers(request: HttpRequest) -> tuple[str, ...] | None:
    """Which answers: one of them, none of them (`none`), or whatever was told or not."""
    asked = request.GET.get("answer", "")
    if asked == "none":
        return ("",)
    return (asked,) if asked in Push.Result.values else None


def _line(each: chase.Line) -> Row:
    word, look = STANDS[each.stands]
    return {
        "at": each,
        "push": each.push,
        "word": word,
        "look": look,
        "place": each.place.below or each.place.short,
        "kind": each.push.get_kind_display(),
        "side": each.push.get_side_display(),
        "result": each.push.result_word,
    }


def file_view(request: HttpRequest, year: int, area: int) -> HttpResponse:
    """The list as a file for the field; a refusal comes back with the list."""
    if request.method != "POST":
        raise PermissionDenied
    refuse_elsewhere(request, area)
    _rounds, pushed = _round_of(request, year)
    with_numbers = request.POST.get("numbers") == "yes"
    if with_numbers and not request.user.has_perm(NUMBERS):
        raise PermissionDenied
    wanted = replace(_wanted(request, year, area, pushed), after="")
    form = request.POST.get("form", XLSX)
    try:
        given = export_pushes(
            user=cast("User", request.user),
            wanted=wanted,
            on=business_date(),
            reason=request.POST.get("reason", ""),
            form=form if form in (CSV, XLSX) else XLSX,
            with_numbers=with_numbers,
        )
    except Refused as refused:
        response = people_view(request, year, area, refused=str(refused))
        response.status_code = 409
        return response
    response = HttpResponse(given.content, content_type=given.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{given.name}"'
    return response


# What to follow up --------------------------------------------------------------------------------


def follow_view(request: HttpRequest, year: int, area: int) -> HttpResponse:
    """Answers that report a fact which the register does not know yet, each with what brings it."""
    refuse_elsewhere(request, area)
    rounds = chase.rounds_of(year)
    if not rounds:
        raise Http404
    asked = request.GET.get("answer", "")
    answers = (asked,) if asked in chase.FOLLOWED_BY else tuple(chase.FOLLOWED_BY)
    after = request.GET.get("after", "")
    wanted = chase.Wanted(year=year, area=area, answers=answers, after=after)
    lines = chase.lines_of(request.user, wanted, business_date(), chase.LISTED + 1)
    place = _place(area)
    return _page(
        request,
        "enrollment/chase/follow.html",
        _("To follow up, %(place)s") % {"place": place},
        **_frame(year, area, rounds, rounds[-1], place),
        lines=[_line(each) | _followed(request, each) for each in lines[: chase.LISTED]],
        more=lines[chase.LISTED - 1].key if len(lines) > chase.LISTED else "",
        answer=asked if asked in chase.FOLLOWED_BY else "",
        answers=[(code, Push.Result(code).label) for code in chase.FOLLOWED_BY],
        serials={each.pk: each.serial for each in rounds},
    )


def _followed(request: HttpRequest, each: chase.Line) -> Row:
    """What brings the fact to the register: a case begun from the file, or a department's list."""
    name = chase.FOLLOWED_BY.get(each.push.result, "")
    if not name:
        return {"by": _("a list of the department brings it"), "begin": ""}
    kind = declarations.case_kinds[name]
    opts = kind.model._meta
    may_begin = each.is_on_file_here and request.user.has_perm(
        f"{opts.app_label}.add_{opts.model_name}"
    )
    begin = f"{reverse(f'{kind.url_name}_add')}?person={each.push.person_id}" if may_begin else ""
    told = (
        kind.label
        if each.is_on_file_here
        else _("%(kind)s, where the file is kept") % {"kind": kind.label}
    )
    return {"by": told, "begin": begin}


# What every page of these says --------------------------------------------------------------------


def _round_of(request: HttpRequest, year: int) -> tuple[list[YearStep], YearStep]:
    """The rounds of a year and the one asked for by its number, else the province's latest.

    404 where nobody has been pushed.
    """
    rounds = chase.rounds_of(year)
    asked = request.GET.get("round", "")
    for each in rounds:
        if is_key(asked) and each.serial == int(asked):
            return rounds, each
    whole = [each for each in rounds if each.area is None]
    if not whole:
        raise Http404
    return rounds, whole[-1]


def _place(area: int) -> Place:
    return places([area])[area]


def _with(address: str, request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return f"{address}?{query}" if query else address


def _frame(
    year: int, area: int, rounds: list[YearStep], pushed: YearStep, place: Place
) -> dict[str, Any]:
    """Where one is: year, area with those above it, rounds to choose from."""
    return {
        "year": year,
        "area": area,
        "place": province_name() if area % PROVINCE == 0 else place,
        "above": above(area),
        "rounds": rounds,
        "pushed": pushed,
        "years": chase.years_with_rounds(),
        "scope": [
            (_("Region"), province_name() if area % PROVINCE == 0 else short(place)),
            (_("Scheme"), _("Residents")),
            (_("Benefit year"), str(year)),
            (_("Data as of"), f"{business_date():%m-%d} {timezone.localtime():%H:%M}"),
        ],
    }


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, everywhere | context)


PAGES: Iterable[tuple[str, Any, str, str]] = (
    ("chase/", home_view, "push_home", VIEW),
    ("chase/<int:year>/<int:area>/", area_view, "push_area", VIEW),
    ("chase/<int:year>/<int:area>/people/", people_view, "push_people", VIEW),
    ("chase/<int:year>/<int:area>/file/", file_view, "push_file", EXPORT),
    ("chase/<int:year>/<int:area>/follow/", follow_view, "push_follow", VIEW),
)


def register(site: Any) -> None:
    """Let the pages answer, and put the first into the navigation."""
    for route, view, name, permission in PAGES:
        site.register_page(route, view, name, permission=permission)
    site.add_page(
        "work", 27, gettext_lazy("Unpaid and uninsured"), "admin:push_home", VIEW, key="u"
    )


register(admin.site)
