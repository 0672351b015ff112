"""Execution of budgets (预算执行): the areas of a year against their budgets, as of a day."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases import page_of
from enrollment.admin.figures import rate
from enrollment.models import Person
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from funds.admin.budget_sheets import version_of
from funds.admin.grids import typed_day, whole_number
from funds.admin.scope import scope_of_books
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import executions, together

VIEW = "funds.view_budget"


def execution_view(request: HttpRequest) -> HttpResponse:
    """The budgets of one scheme and year that are in force, each with what was executed of it."""
    on = typed_day(request.GET.get("on", ""), business_date())
    year = whole_number(request.GET.get("year")) or on.year
    asked = whole_number(request.GET.get("scheme"))
    scheme = asked if asked in Person.Scheme.values else Person.Scheme.RESIDENT.value
    found = executions(reads.in_force(year, scheme, on), on)
    province = [each for each in found if reads.is_of_province(each.budget.region_id)]
    cities = [each for each in found if each not in province]
    title = _("Execution of budgets")
    present = business_date().year
    context = {
        "title": title,
        "rows": [
            (page_of(each.budget), name_of(each.budget.region), version_of(each.budget), each)
            for each in (*province, *cities)
        ],
        "total": together(cities) if len(cities) > 1 else None,
        "time_share": rate(found[0].time_share) if found else "",
        "on_day": found[0].until if found else on,
        "year": year,
        "years": [present + 1, present, present - 1, present - 2],
        "scheme": scheme,
        "schemes": Person.Scheme.choices,
        "scope": scope_of_books(scheme, year, found[0].until if found else on),
    }
    request.current_app = admin.site.name
    everywhere = admin.site.each_context(request) | context
    return TemplateResponse(request, "funds/budget_execution.html", everywhere)


def register(site: admin.AdminSite) -> None:
    """Let the page answer, and put it into the navigation."""
    site.register_page(  # type: ignore[attr-defined]
        "funds/budget-execution/", execution_view, "budget_execution", permission=VIEW
    )
    site.add_page(  # type: ignore[attr-defined]
        "funds", 15, gettext_lazy("Execution of budgets"), "admin:budget_execution", VIEW
    )


register(admin.site)
