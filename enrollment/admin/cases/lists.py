"""Lists of cases: the piles of a desk, filters, columns, and the worklist over all kinds.

Read by keyset and never counted; a filter narrows by columns of the case alone.
"""

from datetime import date, timedelta
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment import declarations
from enrollment.admin.base import ScopedAdmin, chip, identity, yuan
from enrollment.models import Case
from enrollment.rules import lifecycle
from enrollment.rules.keys import is_key
from enrollment.rules.regions import county_of, scope_of
from enrollment.selectors import cases as reads
from enrollment.selectors import handovers
from enrollment.selectors.bills import years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import counties_of

Label = str | Promise


def waiting_states(user: Any) -> list[str]:
    """In which states a case waits for a decision of this user: the first level, the second."""
    asked = (
        ("enrollment.check_case", lifecycle.SUBMITTED),
        ("enrollment.confirm_case", lifecycle.CHECKED),
    )
    return [state for permission, state in asked if user.has_perm(permission)]


class DeskFilter(admin.SimpleListFilter):
    """The piles of a desk."""

    title = gettext_lazy("my desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("made by me, open")),
            ("returned", gettext_lazy("returned to me")),
            ("check", gettext_lazy("waiting for a check")),
            ("accept", gettext_lazy("coming in, to be accepted")),
            ("effect", gettext_lazy("approved, not in effect")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = Case.State
        match self.value():
            case "mine":
                mine = queryset.filter(maker=cast("Any", request.user))
                return mine.exclude(state__in=lifecycle.DONE)
            case "returned":
                return queryset.filter(maker=cast("Any", request.user), state=states.RETURNED)
            case "check":
                me = cast("Any", request.user)
                waiting = queryset.filter(state__in=waiting_states(me)).exclude(maker=me)
                return waiting.exclude(checker__isnull=False, checker=me)
            case "accept":
                return queryset.filter(pk__in=handovers.to_accept(request.user).values("pk"))
            case "effect":
                # A transfer waits for the area that accepted it.
                accepted = handovers.to_take_over(request.user).values("pk")
                ready = ~Q(kind=handovers.KIND) | Q(pk__in=accepted)
                return queryset.filter(ready, state=states.APPROVED)
        return queryset


class StateFilter(admin.SimpleListFilter):
    """Where a case stands."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", pgettext_lazy("cases", "open")), *Case.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.exclude(state__in=lifecycle.DONE)
        return queryset.filter(state=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """The kinds that the apps declared."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in declarations.case_kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class RegionFilter(admin.SimpleListFilter):
    """A city, and once it is chosen its counties: both are one range of county codes."""

    title = gettext_lazy("region")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = self.used_parameters.get(self.parameter_name, "")
        return [
            (str(code), name)
            for code, name in reads.filter_places(chosen, counties_of(request.user))
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = self.value() or ""
        if not is_key(text):
            return queryset
        low, high = scope_of(int(text))
        return queryset.filter(county__gte=county_of(low), county__lte=county_of(high))


class AgeFilter(admin.SimpleListFilter):
    """How long a case has been there, and whether its day is past."""

    title = gettext_lazy("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", gettext_lazy("overdue")),
            ("today", gettext_lazy("due today")),
            ("5", gettext_lazy("older than 5 days")),
            ("10", gettext_lazy("older than 10 days")),
            ("30", gettext_lazy("older than 30 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked, on = self.value() or "", business_date()
        if asked == "overdue":
            return queryset.filter(due_on__lt=on).exclude(state__in=lifecycle.DONE)
        if asked == "today":
            return queryset.filter(due_on=on).exclude(state__in=lifecycle.DONE)
        if asked in dict(self.lookup_choices):
            return queryset.filter(opened_at__date__lt=on - timedelta(days=int(asked)))
        return queryset


class AmountFilter(admin.SimpleListFilter):
    """The money of a case in bands, yuan."""

    title = gettext_lazy("amount (yuan)")
    parameter_name = "money"
    bands: tuple[tuple[str, int, int | None], ...] = (
        ("0-500", 0, 500),
        ("500-1000", 500, 1000),
        ("1000-5000", 1000, 5000),
        ("5000-", 5000, None),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("none", gettext_lazy("without money")),
            *[(name, band_label(low, high)) for name, low, high in self.bands],
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(amount=None)
        for name, low, high in self.bands:
            if name == self.value():
                above = queryset.filter(amount__gte=low)
                return above if high is None else above.filter(amount__lt=high)
        return queryset


def band_label(low: int, high: int | None) -> str:
    """A band of money in words; the upper end is outside."""
    if high is None:
        return _("%(low)s and more") % {"low": f"{low:,}"}
    return _("%(low)s to below %(high)s") % {"low": f"{low:,}", "high": f"{high:,}"}


class YearFilter(admin.SimpleListFilter):
    """The benefit years on file, without reading the cases for them."""

    title = gettext_lazy("benefit year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(year), str(year)) for year in reversed(years_on_file())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = self.value() or ""
        return queryset.filter(year=int(text)) if is_key(text) else queryset


# Every list of cases has these; the list of all kinds adds the kind.
FILTERS: tuple[Any, ...] = (
    DeskFilter,
    StateFilter,
    RegionFilter,
    AgeFilter,
    AmountFilter,
    YearFilter,
)


class CaseColumns(ScopedAdmin):
    """The columns and filters that every list of cases has.

    A kind names in `columns` what it shows of its own, between the year and the state.
    """

    list_display_links = None
    list_filter = FILTERS
    change_list_template = "enrollment/case/list.html"
    about_person = True
    first_columns: tuple[str, ...] = ("number",)
    columns: tuple[str, ...] = ("money",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        about = ("about", "masked") if self.about_person else ("place",)
        last = ("stands", "due", "maker", "checker")
        return (*self.first_columns, *about, "year", *self.columns, *last)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return reads.worklist(super().get_queryset(request))

    def by_key(self, request: HttpRequest) -> QuerySet[Any]:
        """The cases that this user may open or act on one by one, found by their keys."""
        return self.get_queryset(request)

    @admin.display(description=gettext_lazy("case number"))
    def number(self, case: Case) -> SafeString:
        return format_html('<a href="{}">{}</a>', page_of(case), case.pk)

    @admin.display(description=gettext_lazy("kind"))
    def kind_name(self, case: Case) -> Label:
        return reads.kind_of(case).label

    @admin.display(description=gettext_lazy("person"))
    def about(self, case: Case) -> SafeString | str:
        if case.person is None:
            return name_of(case.region)
        address = reverse("admin:enrollment_person_change", args=[case.person_id])
        return format_html('<a href="{}">{}</a>', address, case.person.name)

    @admin.display(description=gettext_lazy("region"))
    def place(self, case: Case) -> str:
        return name_of(case.region)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, case: Case) -> SafeString:
        return identity(case.person.id_mask if case.person else "—")

    @admin.display(description=gettext_lazy("amount (yuan)"))
    def money(self, case: Case) -> SafeString:
        return format_html('<span class="num">{}</span>', yuan(case.amount))

    @admin.display(description=gettext_lazy("state"))
    def stands(self, case: Case) -> SafeString:
        return chip(case.get_state_display(), case.state)

    @admin.display(description=gettext_lazy("due on"))
    def due(self, case: Case) -> SafeString | str:
        return due_text(case, business_date())


def due_text(case: Case, on: date) -> SafeString | str:
    """A deadline as text: a day, or by how many days it was missed; none once it is decided."""
    if case.due_on is None or case.state in lifecycle.DONE:
        return "—"
    if case.due_on < on:
        days = (on - case.due_on).days
        return format_html(
            '<span class="tc-due-late">{}</span>', _("overdue by %(days)s d") % {"days": days}
        )
    if case.due_on == on:
        return format_html('<span class="tc-due-soon">{}</span>', _("today"))
    day = f"{case.due_on:%m-%d}" if case.due_on.year == on.year else f"{case.due_on:%Y-%m-%d}"
    return _("expected %(day)s") % {"day": day} if case.due_is_provisional else day


def page_of(case: Case) -> str:
    """The page of a case, in the screens of its kind."""
    return reverse(f"{reads.kind_of(case).url_name}_change", args=[case.pk])
