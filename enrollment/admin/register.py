"""The register on screen: the list of people, and the file of one."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import declarations
from enrollment.admin.base import KeysetChangeList, ReadOnlyAdmin, chip, identity
from enrollment.admin.cases import listed, startable
from enrollment.models import Person, Region
from enrollment.rules import keys
from enrollment.rules.keys import is_key
from enrollment.rules.regions import CITY, COUNTY
from enrollment.selectors import handovers, people
from enrollment.selectors import why as reasons
from enrollment.selectors.calendar import business_date
from enrollment.selectors.totals import pooling_areas
from enrollment.services import access

# Where a panel stands follows from its order (enrollment.declarations.PersonPanel).
WIDE_PANELS_FROM, SIDE_PANELS_FROM = 10, 100
CASES_SHOWN = 50  # of somebody whose file is kept elsewhere


class CityFilter(admin.SimpleListFilter):
    """People insured in a city: a range of counties, which the index serves."""

    title = gettext_lazy("city")
    parameter_name = "city"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        cities = pooling_areas(settings.PROVINCE)
        return [(str(city.code // CITY), people.name_of(city)) for city in cities]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        try:
            low = int(self.value() or "") * (CITY // COUNTY)
        except ValueError:
            return queryset.none()
        return queryset.filter(county__gte=low, county__lt=low + CITY // COUNTY)


class CountyFilter(admin.SimpleListFilter):
    """The counties of the chosen city; without a city there would be more than a hundred."""

    title = gettext_lazy("county")
    parameter_name = "county"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        city = request.GET.get(CityFilter.parameter_name, "")
        if not is_key(city):
            return []
        counties = Region.objects.filter(
            level=Region.Level.COUNTY, code__gte=int(city) * CITY, code__lt=(int(city) + 1) * CITY
        )
        return [(str(county.code // COUNTY), people.name_of(county)) for county in counties]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(county=int(value)) if is_key(value) else queryset.none()


class PeopleChangeList(KeysetChangeList):
    """A page of people, with places and standings read for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        decorate(self.result_list)


def decorate(page: list[Person]) -> None:
    """Give each person of a page its place and its standing: two queries for all of them."""
    where = people.places(
        {code for each in page for code in (each.insured_region_id, each.residence_region)}
    )
    standings = people.standings_of(page, business_date())
    for each in page:
        each.place = where[each.insured_region_id]  # type: ignore[attr-defined]
        each.home = where[each.residence_region]  # type: ignore[attr-defined]
        each.standing = standings[each.pk]  # type: ignore[attr-defined]


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """The list of people and the file of one. Facts change by case or by file, never here."""

    nav_group = "enrollment"
    nav_order = 10
    nav_key = "p"
    scope_region = "insured_region"
    change_list_template = "enrollment/person/list.html"
    list_display = (
        "file",
        "masked",
        "sex",
        "born",
        "insured_in",
        "lives_in",
        "stands",
    )
    list_display_links = None
    list_filter = (CityFilter, CountyFilter, "scheme")

    def get_queryset(self, request: HttpRequest) -> Any:
        return people.people_of(super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"search_url": reverse("admin:search"), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("name"))
    def file(self, person: Person) -> SafeString:
        address = reverse("admin:enrollment_person_change", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, person.name)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, person: Person) -> SafeString:
        return identity(person.id_mask)

    @admin.display(description=gettext_lazy("born"))
    def born(self, person: Person) -> int:
        return person.birth_date.year

    @admin.display(description=gettext_lazy("place of insurance"))
    def insured_in(self, person: Any) -> str:
        return str(person.place)

    @admin.display(description=gettext_lazy("habitual residence"))
    def lives_in(self, person: Any) -> SafeString | str:
        if not person.lives_away_from_hukou:
            return str(person.home)
        return format_html(
            '{} <span class="tc-tag">{}</span>', person.home, _("away from registration")
        )

    @admin.display(description=gettext_lazy("standing"))
    def stands(self, person: Any) -> SafeString:
        return chip(person.standing.label, person.standing.code)

    # The file of a person.

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One file a person: who, which years, which money, and why each figure."""
        person = self._person(request, object_id)
        if person is None:
            return self._elsewhere_page(request, object_id)
        access.record(
            act=access.Act.VIEWED,
            person=person,
            user=cast("Any", request.user),
            address=request.META.get("REMOTE_ADDR"),
        )
        on = business_date()
        file = people.person_file(person, on)
        panels = _panels(request, person)
        context = {
            **self.admin_site.each_context(request),
            **panels,
            "title": person.name,
            "opts": self.opts,
            "original": person,
            "file": file,
            "on": on,
            "printed_at": timezone.localtime(),
            "why": self._why(request, person, file.years),
            "starts": startable(request, person),
            # The page is about one person: who reads it, and when, says more than the year at work.
            "scope": [
                (_("Read by"), str(request.user)),
                (_("Data as of"), f"{on:%m-%d} {timezone.localtime():%H:%M}"),
            ],
            "asked": request.GET.get("why", ""),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "enrollment/person/file.html", context)

    def _elsewhere_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who keeps the file of somebody whom the user knows by a case: that, and no more.

        The question is recorded as when the number is typed. Of anybody else there is no page.
        """
        key = int(object_id) if is_key(object_id) else 0
        person = handovers.known_elsewhere(request.user, key)
        if person is None or not self.has_view_permission(request):
            raise Http404
        place = people.place_on_file(person.id_digest)
        context = {
            **self.admin_site.each_context(request),
            "title": person.name,
            "opts": self.opts,
            "person": person,
            "place": people.places([place])[place] if place else "",
            "known": {
                "cases": listed(handovers.cases_about(request.user, person.pk)[:CASES_SHOWN])
            },
        }
        request.current_app = self.admin_site.name
        template = "enrollment/person/elsewhere.html"
        return TemplateResponse(request, template, context, status=403)

    def _person(self, request: HttpRequest, object_id: str) -> Person | None:
        # The file shows more than a list does: the sealed phone is read to be masked.
        queryset = super().get_queryset(request).defer("id_sealed")
        person: Person | None = queryset.filter(pk=object_id).first() if is_key(object_id) else None
        if person is not None and not self.has_view_permission(request, person):
            raise PermissionDenied
        return person

    def _why(
        self, request: HttpRequest, person: Person, years: list[people.YearOfCover]
    ) -> reasons.Why | None:
        """The panel that `?why=subsidy-2026` asks for; none for anything else."""
        subject, _dash, year = request.GET.get("why", "").partition("-")
        if subject not in reasons.SUBJECTS:
            return None
        for each in years:
            if str(each.row.year) == year and each.row.scheme == keys.RESIDENT:
                return reasons.why(person, each.row, subject)
        return None


def _panels(request: HttpRequest, person: Person) -> dict[str, list[dict[str, Any]]]:
    """The panels that the apps declared, by column, each with what its template needs."""
    banner: list[dict[str, Any]] = []
    wide: list[dict[str, Any]] = []
    side: list[dict[str, Any]] = []
    for panel in sorted(declarations.person_panels, key=lambda each: each.order):
        if panel.order < WIDE_PANELS_FROM:
            place = banner
        else:
            place = wide if panel.order < SIDE_PANELS_FROM else side
        place.append({"template": panel.template, "context": panel.context(request, person)})
    return {"banner_panels": banner, "wide_panels": wide, "side_panels": side}
