"""Findings (核查线索): what lists and searches found, and the way to the case about it."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.base import KeysetChangeList, ReadOnlyAdmin, chip, identity
from enrollment.admin.cases.lists import RegionFilter, page_of
from enrollment.models import Finding, Person, User
from enrollment.rules.keys import is_key
from enrollment.selectors import findings as reads
from enrollment.selectors.people import places
from enrollment.selectors.scope import within
from enrollment.services import duplicate_search, findings
from enrollment.services.refusals import Refused

VIEW, DECIDE = "enrollment.view_finding", "enrollment.change_finding"
LOOKS = {
    Finding.State.OPEN: "queued",
    Finding.State.TAKEN: "submitted",
    Finding.State.CLOSED: "withdrawn",
}


class StateFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Finding.State.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """What was found."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Finding.Kind.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class FindingChangeList(KeysetChangeList):
    """A page of findings, with places and words read for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        where = places({each.region_id for each in self.result_list})
        told = reads.told_in_words(self.result_list)
        for each in self.result_list:
            each.place, each.words = where.get(each.region_id), told[each.pk]


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """The findings of the user's regions, the page of one, and what is decided on it."""

    nav_hidden = True  # the navigation says 核查线索
    change_list_template = "enrollment/findings/list.html"
    list_filter = (StateFilter, KindFilter, RegionFilter)
    list_display = ("what", "whom", "masked", "year", "said", "where", "is_in", "found_on")
    list_display_links = None
    list_select_related = ("person",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FindingChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Findings"),
            "open_by_kind": reads.open_by_kind(self.get_queryset(request)),
            "many": reads.AT_MOST,
            "last": reads.last_search(),
            "asks": request.user.has_perm(DECIDE),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a search of the register; only by POST."""
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        if request.method == "POST":
            try:
                duplicate_search.ask(user=cast("User", request.user))
            except Refused as refused:
                self.message_user(request, str(refused), messages.WARNING)
            else:
                self.message_user(request, _("The register will be searched for duplicates."))
        return HttpResponseRedirect(reverse("admin:enrollment_finding_changelist"))

    @admin.display(description=gettext_lazy("finding"))
    def what(self, finding: Finding) -> SafeString:
        address = reverse("admin:enrollment_finding_change", args=[finding.pk])
        return format_html('<a href="{}">{}</a>', address, finding.get_kind_display())

    @admin.display(description=gettext_lazy("person"))
    def whom(self, finding: Finding) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', finding.person.name)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, finding: Finding) -> SafeString:
        return identity(finding.person.id_mask)

    @admin.display(description=gettext_lazy("told"))
    def said(self, finding: Any) -> str:
        return finding.words or "—"

    @admin.display(description=gettext_lazy("region"))
    def where(self, finding: Any) -> SafeString:
        name = finding.place.short if finding.place else "—"
        return format_html('<span class="nowrap">{}</span>', name)

    @admin.display(description=gettext_lazy("state"))
    def is_in(self, finding: Finding) -> SafeString:
        return chip(finding.get_state_display(), LOOKS[Finding.State(finding.state)])

    @admin.display(description=gettext_lazy("found on"))
    def found_on(self, finding: Finding) -> SafeString:
        day = f"{timezone.localtime(finding.found_at):%Y-%m-%d}"
        return format_html('<span class="nowrap">{}</span>', day)

    # One finding.

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("search/", wrap(self.search_view), name="enrollment_finding_search"),
            path("<int:pk>/close/", wrap(self.close_view), name="enrollment_finding_close"),
            path("<int:pk>/correct/", wrap(self.correct_view), name="enrollment_finding_correct"),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was found about whom, and the ways on."""
        return self._page(request, self._seen(request, int(object_id) if is_key(object_id) else 0))

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close a finding with a reason; only by POST."""
        finding = self._decided(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(address_of(finding))
        user, reason = cast("User", request.user), request.POST.get("reason", "")
        try:
            findings.close(finding=finding, user=user, reason=reason)
        except Refused as refused:
            return self._page(request, finding, refused=str(refused))
        return HttpResponseRedirect(address_of(finding))

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draft the correction that the finding proposes; only by POST."""
        finding = self._decided(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(address_of(finding))
        try:
            case = findings.open_correction(finding=finding, user=cast("User", request.user))
        except Refused as refused:
            return self._page(request, finding, refused=str(refused))
        return HttpResponseRedirect(page_of(case))

    def _seen(self, request: HttpRequest, pk: int) -> Finding:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("person", "case", "closed_by", "source")
        finding: Finding | None = rows.filter(pk=pk).first()
        if finding is None:
            raise Http404
        return finding

    def _decided(self, request: HttpRequest, pk: int) -> Finding:
        finding = self._seen(request, pk)
        if not request.user.has_perm(DECIDE, finding):
            raise PermissionDenied
        return finding

    def _page(self, request: HttpRequest, finding: Finding, refused: str = "") -> HttpResponse:
        request.current_app = self.admin_site.name
        kind = reads.case_kind_of(finding)
        # Row security shows the other file to whoever may see it.
        other = Person.objects.filter(pk=finding.other_id).first() if finding.other_id else None
        where = places({finding.region_id} | ({other.insured_region_id} if other else set()))
        context = {
            "opts": self.opts,
            "title": str(finding.get_kind_display()),
            "finding": finding,
            "look": LOOKS[Finding.State(finding.state)],
            "words": reads.told_in_words([finding])[finding.pk],
            "place": where.get(finding.region_id),
            "other": other,
            "other_place": where.get(other.insured_region_id) if other else None,
            "case_label": kind.label if kind else "",
            "case_form": case_form(finding, kind),
            "case_page": page_of(finding.case) if finding.case else "",
            "decides": finding.state == Finding.State.OPEN
            and request.user.has_perm(DECIDE, finding),
            "refused": refused,
        }
        frame = self.admin_site.each_context(request)
        return TemplateResponse(request, "enrollment/findings/page.html", {**frame, **context})


def address_of(finding: Finding) -> str:
    """The address of a finding's page."""
    return reverse("admin:enrollment_finding_change", args=[finding.pk])


def case_form(finding: Finding, kind: Any) -> str:
    """The address of the form of the case about it; a correction is drafted by the finding."""
    if kind is None or finding.kind == Finding.Kind.IDENTITY:
        return ""
    form = f"{reverse(f'{kind.url_name}_add')}?person={finding.person_id}"
    return f"{form}&year={finding.year}" if finding.year else form


def desk_panel(request: HttpRequest) -> dict[str, Any] | None:
    """What waits to be looked at, on the start page of those who decide about it."""
    if not request.user.has_perm(DECIDE):
        return None
    rows = Finding.objects.filter(within(request.user, county="county", region="region"))
    found = reads.open_by_kind(rows)
    return {"kinds": found, "full": sum(number for *_, number in found) == reads.AT_MOST}


def register(site: Any) -> None:
    """Put the list into the navigation and its numbers on the start page."""
    site.add_page("work", 28, gettext_lazy("Findings"), "admin:enrollment_finding_changelist", VIEW)
    site.add_panel("side", 20, "enrollment/findings/desk.html", desk_panel)


register(admin.site)
