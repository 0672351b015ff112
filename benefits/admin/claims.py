"""Claims on screen: the list of settlements, and their years on the file of a person."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from benefits.models import Claim
from benefits.selectors.claims import claims_by_year
from enrollment.admin.base import ReadOnlyAdmin, number
from enrollment.declarations import PersonPanel
from enrollment.models import Person
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.keys import is_key
from enrollment.selectors.bills import years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import people_of

VIEW = "benefits.view_claim"
SHOWN_YEARS = 10


class YearFilter(admin.SimpleListFilter):
    """Claims settled in a benefit year."""

    title = pgettext_lazy("column", "Year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        this = business_date().year
        years = [year for year in years_on_file() if year <= this]
        return [(str(year), str(year)) for year in reversed(years[-SHOWN_YEARS:])]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        if not (is_key(value) and date.min.year <= int(value) <= date.max.year):
            return queryset.none()
        return queryset.filter(
            settled_on__gte=year_start(int(value)), settled_on__lte=year_end(int(value))
        )


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Settlements of everyone, or with `?person=ID` of one person. They come by file alone."""

    nav_order = 20
    change_list_template = "benefits/claims.html"
    list_display = (
        "claim_number",
        "whose",
        "on",
        "kind",
        "provider",
        "costs",
        "covered",
        "fund",
        "major_illness",
        "assistance",
    )
    list_display_links = None
    list_filter = (YearFilter, "kind")
    asked_by_links = ("person",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without the name on every row where all are of one person."""
        columns = super().get_list_display(request)
        return [name for name in columns if name != "whose" or "person" not in request.GET]

    def get_queryset(self, request: HttpRequest) -> Any:
        people = ("person__id_sealed", "person__phone_sealed")
        return super().get_queryset(request).select_related("person").defer(*people)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"person": self._person(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _person(self, request: HttpRequest) -> Person | None:
        """Whose claims are listed, if the user may see that file."""
        asked = request.GET.get("person", "")
        if not is_key(asked) or not request.user.has_perm("enrollment.view_person"):
            return None
        return people_of(Person.objects.all()).filter(pk=asked).first()

    @admin.display(description=gettext_lazy("person"))
    def whose(self, claim: Claim) -> SafeString:
        address = reverse("admin:enrollment_person_change", args=[claim.person_id])
        return format_html('<a class="nowrap" href="{}">{}</a>', address, claim.person.name)

    @admin.display(description=gettext_lazy("settled on"))
    def on(self, claim: Claim) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', claim.settled_on.isoformat())

    @admin.display(description=gettext_lazy("total (yuan)"))
    def costs(self, claim: Claim) -> SafeString:
        return number(claim.total)

    @admin.display(description=gettext_lazy("in policy"))
    def covered(self, claim: Claim) -> SafeString:
        return number(claim.in_policy)

    @admin.display(description=pgettext_lazy("payer", "fund"))
    def fund(self, claim: Claim) -> SafeString:
        return number(claim.fund_paid)

    @admin.display(description=gettext_lazy("major illness"))
    def major_illness(self, claim: Claim) -> SafeString:
        return number(claim.major_illness_paid)

    @admin.display(description=pgettext_lazy("payer", "assistance"))
    def assistance(self, claim: Claim) -> SafeString:
        return number(claim.assistance_paid)


def person_claims(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: use by year, for those who may see claims."""
    if not request.user.has_perm(VIEW):
        return {"hidden": True}
    return {
        "hidden": False,
        "years": claims_by_year(person, business_date()),
        "listed": f"{reverse('admin:benefits_claim_changelist')}?person={person.pk}",
    }


PERSON_PANEL = PersonPanel(
    name="claims", order=30, template="benefits/claims_panel.html", context=person_claims
)
