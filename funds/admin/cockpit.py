"""The collection of a year on screen (征缴进度): from the province down to the list of people.

Every figure comes from sums that the register keeps (`enrollment.selectors.collection`); who sees
what is decided by row security and the user's duties. 安徽省人民政府办公厅关于基本医疗保险省级统筹
的实施意见 一（一）; 皖医保发〔2024〕6号 二（三）、（五）.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.areas import name_below, path_to, refuse_elsewhere
from enrollment.admin.charts import Chart
from enrollment.admin.figures import rate
from enrollment.rules.regions import CITY, COUNTY, PROVINCE
from enrollment.selectors import chase, collection
from enrollment.selectors.calendar import business_date
from enrollment.selectors.collection import Area, Collection, Season
from enrollment.selectors.policy import policy_book
from enrollment.selectors.tiles import tiles
from funds.admin.cockpit_chart import comparison_chart, pace_chart, why_of
from funds.admin.cockpit_table import (
    AHEAD_BOUNDS,
    COLUMNS,
    RATE_BOUNDS,
    Row,
    cells,
    ordered,
    row_of,
    rows_of,
)
from funds.rules.indicators import EnrolmentRateTerms
from funds.selectors.targets import enrolment_terms

VIEW = "enrollment.view_collectiontotal"
PUSHES, PEOPLE = "enrollment.view_push", "enrollment.view_person"
UNITS = {"wan": gettext_lazy("10,000 yuan"), "yuan": gettext_lazy("yuan")}
MOST_COMPARED = 4
POPULATION_WORDS = {
    "habitual": gettext_lazy("residents who live here"),
    "hukou": gettext_lazy("registered here"),
}
LEVEL_WORDS = {
    PROVINCE: gettext_lazy("By pooling area"),
    CITY: gettext_lazy("By county"),
    COUNTY: gettext_lazy("By township"),
    chase.TOWNSHIP: gettext_lazy("The township"),
}
LAW = gettext_lazy(
    "Enrolment rate: residents who have paid and members of the employee scheme, of those who "
    "should be insured; target %(target)s (省级统筹的实施意见 一（一）). Rates are cut, never "
    "rounded up."
)
NO_LAW = gettext_lazy(
    "When this benefit year began no enrolment target was in force, nor who should be insured: "
    "there are no rates."
)
GROUPS_LAW = gettext_lazy(
    "Of those whose bill is subsidised, who is insured for the year; fully subsidised people have "
    "nothing to pay. 皖医保发〔2024〕6号 一（一）"
)


def home_view(request: HttpRequest) -> HttpResponse:
    """The latest year that was opened, where the user's duties begin."""
    years = collection.years_opened()
    if not years:
        return _page(request, "funds/cockpit/none.html", _("Collection progress"))
    area = chase.area_of_user(request.user, settings.PROVINCE)
    page = reverse("admin:collection_area", args=[next(iter(years)), area - area % chase.TOWNSHIP])
    return HttpResponseRedirect(page)


def area_view(request: HttpRequest, year: int, area: int) -> HttpResponse:
    """What was billed, subsidised and paid of an area and below, by a day of the season."""
    refuse_elsewhere(request, area)
    years = collection.years_opened()
    if year not in years or area % chase.TOWNSHIP:
        raise Http404
    law = policy_book([collection.WINDOW, *EnrolmentRateTerms.codes().values()])
    terms = enrolment_terms(year, law)
    season = collection.season_of(year, business_date(), _day(request.GET.get("day", "")), law)
    by_county = area % PROVINCE == 0 and request.GET.get("by") == "county"
    target, population = (terms.target, terms.denominator) if terms else (None, None)
    found = collection.collection_of(
        request.user, season, area, population=population, by_county=by_county
    )
    *higher, (_code, name) = path_to(area)
    total, rows = row_of(found.total, target), rows_of(found, target)
    footer = row_of(found.rows, target)
    by_day = found.has_days and area % CITY == 0
    sort, unit = request.GET.get("sort", ""), request.GET.get("unit", "")
    if unit not in UNITS:
        unit = "wan" if area % CITY == 0 else "yuan"
    rated = target is not None
    compares = by_day and rated
    compared = _compared(request, found) if compares else []
    columns = [
        column
        for column in COLUMNS
        if (by_day or not column.by_day) and (rated or not column.rated)
    ]
    title = _("Collection progress, %(year)s") % {"year": year}
    return _page(
        request,
        "funds/cockpit/area.html",
        title,
        year=year,
        years=list(years),
        season=season,
        area=area,
        place=name,
        above=higher,
        total=total,
        footer=footer,
        footer_cells=cells(footer, columns, unit, with_heat=False),
        rows=[
            line_of(each, year, area) | {"cells": cells(each, columns, unit, with_heat=True)}
            for each in ordered(rows, sort)
        ],
        columns=columns,
        sort=sort,
        has_days=found.has_days,
        by_day=by_day,
        rated=rated,
        compares=compares,
        is_province=area % PROVINCE == 0,
        by_county=by_county,
        level=LEVEL_WORDS[CITY] if by_county else _level(area),
        tiles=_tiles(rows, year, area) if rated and not by_county else [],
        rate_steps=_steps(RATE_BOUNDS),
        ahead_steps=range(len(AHEAD_BOUNDS) + 1),
        chart=_chart(request, season, area, total=total, name=name, compared=compared)
        if found.has_days
        else None,
        compared={each.code for each in compared},
        most_compared=MOST_COMPARED,
        groups=collection.groups_of(request.user, season, area),
        unit=unit,
        unit_word=UNITS[unit],
        units=UNITS,
        population=POPULATION_WORDS[population] if population else "",
        target=target,
        law=NO_LAW if target is None else LAW % {"target": rate(target)},
        groups_law=GROUPS_LAW,
        why=why_of(request.GET.get("why", ""), total, terms),
        people=_people(request, year, area, pushed=years[year]),
        day_before=season.day - timedelta(days=1) if season.day > season.first else None,
        day_after=season.day + timedelta(days=1) if season.day < season.latest else None,
        scope=[
            (_("Region"), name),
            (_("Scheme"), _("Residents")),
            (_("Benefit year"), str(year)),
            (_("Data as of"), f"{season.day:%m-%d} 24:00"),
        ],
    )


# The parts of the page ----------------------------------------------------------------------------


def _people(request: HttpRequest, year: int, area: int, *, pushed: bool) -> str:
    """The list of people behind the figures: of who was pushed, before a round the register's own.

    Empty for whoever may not see it.
    """
    if pushed:
        may = request.user.has_perm(PUSHES)
        return reverse("admin:push_people", args=[year, area]) if may else ""
    if not request.user.has_perm(PEOPLE):
        return ""
    asked = {}
    if area % PROVINCE:
        asked["city"] = area // CITY
    if area % CITY:
        asked["county"] = area // COUNTY
    return f"{reverse('admin:enrollment_person_changelist')}?{urlencode(asked)}"


def _level(area: int) -> Any:
    return next(word for step, word in LEVEL_WORDS.items() if area % step == 0)


def line_of(row: Row, year: int, area: int) -> dict[str, Any]:
    """A row of the table, with where it leads: the next level, or nowhere below a township."""
    code, place = row.code, row.place
    is_whole = code == area
    page = reverse("admin:collection_area", args=[year, code])
    name = _("named no further") if is_whole else name_below(place, area)
    return {
        "row": row,
        "code": code,
        "name": name,
        "compare": _("Compare %(name)s") % {"name": name},
        "page": "" if is_whole or code % chase.TOWNSHIP else page,
    }


def _tiles(rows: Iterable[Row], year: int, area: int) -> list[dict[str, Any]]:
    """The cities of a province on their tiles; none where nobody has drawn it."""
    drawn = tiles() if area % PROVINCE == 0 else {}
    return [
        {
            "row": row,
            "name": name_below(row.place, area).removesuffix("市"),
            "page": reverse("admin:collection_area", args=[year, row.code]),
            "column": drawn[row.code][0],
            "line": drawn[row.code][1],
        }
        for row in rows
        if row.code in drawn
    ]


def _steps(bounds: tuple[int, ...]) -> list[tuple[str, str]]:
    """The legend of a sequential scale, from high to low."""
    words = [_("below %(bound)s") % {"bound": bounds[0]}]
    words += [f"{low}–{high}" for low, high in pairwise(bounds)]
    words.append(_("%(bound)s and more") % {"bound": bounds[-1]})
    return [(f"s{step}", word) for step, word in reversed(list(enumerate(words)))]


def _compared(request: HttpRequest, found: Collection) -> list[Area]:
    asked = set(request.GET.getlist("with"))
    return [each for each in found.areas if str(each.code) in asked][:MOST_COMPARED]


def _chart(
    request: HttpRequest, season: Season, area: int, *, total: Row, name: str, compared: list[Area]
) -> Chart | None:
    """The season day by day, with the areas compared; none where nobody should be insured."""
    course = collection.course_of(request.user, season, area)
    if not compared:
        return pace_chart(season, course, total, name)
    found = collection.courses_of(request.user, season, [each.code for each in compared])
    others = [(name_below(each.place, area), each.figures, found[each.code]) for each in compared]
    return comparison_chart(season, course, total, name, others)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, everywhere | context)


def register(site: Any) -> None:
    """Let the pages answer, and put the first into the navigation."""
    site.register_page("collection/", home_view, "collection", permission=VIEW)
    site.register_page(
        "collection/<int:year>/<int:area>/", area_view, "collection_area", permission=VIEW
    )
    site.add_page(
        "funds", 1, gettext_lazy("Collection progress"), "admin:collection", VIEW, key="f"
    )


register(admin.site)
