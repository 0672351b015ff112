"""The journal: read only, newest first, each entry with its lines and the case behind it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from enrollment.admin.base import ReadOnlyAdmin, yuan
from enrollment.admin.cases import page_of
from enrollment.rules.keys import is_key
from enrollment.selectors.people import places
from funds.models import Entry, SourcePosting
from funds.selectors.ledger import journal, lines_of


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """总账凭证. The web may read the ledger and nothing else; there is no form to fill in."""

    nav_group = "funds"
    nav_order = 10
    scope_field = ""  # an entry is an area's; the case behind it has its own scope
    list_display = ("number", "key", "reason", "occurred", "money", "because", "recorded")
    list_display_links = None
    list_filter = ("reason",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return journal()

    @admin.display(description=_("entry"))
    def number(self, entry: Entry) -> SafeString:
        address = reverse("admin:funds_entry_change", args=[entry.pk])
        return format_html('<a href="{}">{}</a>', address, entry.pk)

    @admin.display(description=_("occurred on"))
    def occurred(self, entry: Entry) -> str:
        return f"{entry.occurred_on:%Y-%m-%d}"

    @admin.display(description=_("recorded at"))
    def recorded(self, entry: Entry) -> str:
        return f"{timezone.localtime(entry.recorded_at):%Y-%m-%d %H:%M}"

    @admin.display(description=_("amount (yuan)"))
    def money(self, entry: Any) -> SafeString:
        return format_html('<span class="num">{}</span>', yuan(entry.amount))

    @admin.display(description=_("case"))
    def because(self, entry: Entry) -> SafeString | str:
        if entry.case is None:
            return "—"
        return format_html('<a href="{}">{}</a>', page_of(entry.case), entry.case)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One entry: its lines with the totals of both sides, what it reverses, and its case."""
        queryset = self.get_queryset(request).select_related("reverses", "reversed_by")
        entry = queryset.filter(pk=object_id).first() if is_key(object_id) else None
        if entry is None:
            raise Http404
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        lines = lines_of(entry)
        source = SourcePosting.objects.filter(entry=entry).first()
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": entry.key,
            "original": entry,
            "entry": entry,
            "lines": lines,
            "places": places({row.account.area_id for row in lines.lines}),
            "case_page": page_of(entry.case) if entry.case else "",
            "source": source,
            "source_page": _day_page(source),
        }
        return TemplateResponse(request, "funds/entry.html", context)


def _day_page(source: SourcePosting | None) -> str:
    """Where the receipts of an area and day are told, for an entry that stands for them."""
    if source is None or source.source != SourcePosting.Source.RECEIPTS:
        return ""
    return reverse("admin:receipt_day_area", args=[source.day.isoformat(), source.area])
