"""History on screen: who changed what, when, from what to what, by which case."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import declarations
from enrollment.admin.base import KeysetChangeList, ReadOnlyAdmin, identity
from enrollment.models import History, Person
from enrollment.rules.keys import is_key
from enrollment.selectors.history import Line, Told, history_of_person, lines_of, tables_told
from enrollment.selectors.scope import within


def person_history(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: the latest changes, once they are asked for.

    A file is opened far more often than its history is read, and has its number of queries.
    """
    asked = "history" in request.GET
    return {
        "asked": asked,
        "history": history_of_person(person.pk) if asked else [],
        "whole": f"{reverse('admin:enrollment_history_changelist')}?person={person.pk}"
        if request.user.has_perm("enrollment.view_history")
        else "",
    }


PERSON_PANEL = declarations.PersonPanel(
    name="history",
    order=90,
    template="enrollment/person/history_panel.html",
    context=person_history,
)

# The list of all changes, for who audits.


class TableFilter(admin.SimpleListFilter):
    """Of what."""

    title = gettext_lazy("what")
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return tables_told()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(table_name=self.value()) if self.value() else queryset


class TypedFilter(admin.SimpleListFilter):
    """A filter that is typed and not chosen; the template shows a field."""

    is_typed = True
    width = "tc-w-m"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("", "")]

    @property
    def typed(self) -> str:
        return (self.value() or "").strip()


class DayFilter(TypedFilter):
    """On which day, as 2026-11-20; whatever is no day finds nothing."""

    title = gettext_lazy("day")
    parameter_name = "day"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        try:
            day = date.fromisoformat(self.typed)
        except ValueError:
            return queryset.none()
        begins = timezone.make_aware(datetime.combine(day, time()))
        return queryset.filter(recorded_at__gte=begins, recorded_at__lt=begins + timedelta(days=1))


class WhoFilter(TypedFilter):
    """By which account, or by which role of the database."""

    title = gettext_lazy("account name")
    parameter_name = "who"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        return queryset.filter(user__username=self.typed)


class WhomFilter(TypedFilter):
    """On whose file: by the key that stands in its address, never by a number."""

    title = gettext_lazy("file number")
    parameter_name = "person"
    width = "tc-w-s"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        return queryset.filter(person=int(self.typed)) if is_key(self.typed) else queryset.none()


class HistoryChangeList(KeysetChangeList):
    """A page of changes, told in words for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for row, line in zip(self.result_list, lines_of(self.result_list), strict=True):
            row.line = line


@admin.register(History)
class HistoryAdmin(ReadOnlyAdmin):
    """数据变更: every change that acts, files and raw SQL made, newest first."""

    nav_group = "system"
    nav_order = 32
    change_list_template = "enrollment/history_list.html"
    list_display = ("recorded", "by", "what", "whom", "told", "act_of")
    list_display_links = None
    list_filter = (TableFilter, DayFilter, WhoFilter, WhomFilter)
    list_select_related = ("user", "person", "case")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("person__id_sealed", "person__phone_sealed")

    def reach(self, request: HttpRequest) -> Q:
        """A row is about a person or about a case, and goes with either."""
        people = within(request.user, county="person__county", region="person__insured_region")
        about_cases = within(request.user, county="case__county", region="case__region")
        return people | about_cases if people else people

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HistoryChangeList

    @admin.display(description=gettext_lazy("recorded at"))
    def recorded(self, row: History) -> SafeString:
        at = f"{timezone.localtime(row.recorded_at):%Y-%m-%d %H:%M:%S}"
        return format_html('<span class="nowrap">{}</span>', at)

    @admin.display(description=gettext_lazy("by"))
    def by(self, row: Any) -> str:
        line: Line = row.line
        return line.by

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: Any) -> SafeString | str:
        line: Line = row.line
        if not line.act:
            return line.what
        return format_html('{} <span class="quiet small">{}</span>', line.what, line.act)

    @admin.display(description=gettext_lazy("person or case"))
    def whom(self, row: History) -> SafeString:
        if row.person is None:
            return _case_link(row.case_id)
        address = reverse("admin:enrollment_person_change", args=[row.person_id])
        mask = identity(row.person.id_mask)
        return format_html('<a href="{}">{}</a> {}', address, row.person.name, mask)

    @admin.display(description=gettext_lazy("before and after"))
    def told(self, row: Any) -> SafeString | str:
        line: Line = row.line
        if not line.told:
            return _("a move of the case: its page tells it")
        return format_html_join("", "<div>{}</div>", ((_change(each),) for each in line.told))

    @admin.display(description=gettext_lazy("by case"))
    def act_of(self, row: History) -> SafeString:
        return _case_link(row.by_case_id)


def _change(each: Told) -> SafeString:
    if not (each.before or each.after):
        return format_html("{}: {}", each.field, _("changed; it is kept sealed"))
    return format_html(
        '{}: <span class="quiet">{}</span> → {}', each.field, each.before, each.after
    )


def _case_link(case: int | None) -> SafeString:
    if case is None:
        return format_html("{}", "—")
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:enrollment_case_change", args=[case]), case
    )
