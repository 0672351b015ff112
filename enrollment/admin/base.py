"""What every screen shares: scope by region, lists without COUNT, no deleting, chips and money.

Every ModelAdmin of the apps derives from `ScopedAdmin`. A list is read by keyset: one page is one
range of the primary key and costs the same on page one thousand, and nobody counts the table.
"""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.auth import get_permission_codename
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enrollment.selectors.scope import within

BEFORE = "before"  # rows that follow this key in the order of the list
AFTER = "after"  # rows that come just before this key


class BoundedPaginator(Paginator):
    """Pages of a reference list or an autocomplete: counts a bounded number of rows, no more."""

    limit = 10_000

    @property
    def count(self) -> int:
        """Rows, at most `limit`; what lies beyond is found by filters."""
        rows = self.object_list[: self.limit]
        return rows.count() if isinstance(rows, QuerySet) else len(rows)


class AskedChangeList(ChangeList):
    """A list that answers its own filters and nothing else.

    Django lets an address ask any column in any way: what a list hides could be guessed letter by
    letter, and much that no column can be asked came back as an error of the server.
    """

    model_admin: "AskedByFilters"

    def get_filters(self, request: HttpRequest) -> tuple[Any, ...]:
        try:
            specs, any_spec, left, *more = super().get_filters(request)
        except OverflowError as error:  # a year of twenty digits in the hierarchy of dates
            raise IncorrectLookupParameters(error) from error
        known = {f"{self.date_hierarchy}__gte", f"{self.date_hierarchy}__lt"}
        known.update(self.model_admin.asked_by_links)
        for name in left:  # what no filter has taken
            if name not in known:
                raise IncorrectLookupParameters(name)
        return (specs, any_spec, left, *more)


class AskedByFilters(admin.ModelAdmin):
    """A screen whose list is an `AskedChangeList`, and which says so when it was asked for more.

    `asked_by_links` are columns by which a link of ours narrows the list without a filter.
    """

    asked_by_links: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AskedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if ERROR_FLAG in request.GET:
            if len(request.GET) > 1:  # Django would call the database broken
                return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
            messages.warning(
                request,
                _("The address asked something that this list cannot be asked: all is shown."),
            )
        return super().changelist_view(request, extra_context)


class KeysetChangeList(AskedChangeList):
    """A list in the order of its primary key, cut by key and never counted.

    `?before=KEY` shows the page that follows the row KEY, `?after=KEY` the one ahead of it.
    Columns cannot be sorted: any other order would have to read everything.
    """

    keyset = True
    model_admin: "ScopedAdmin"

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        for own in (BEFORE, AFTER):
            found.pop(own, None)
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str | Combinable]:
        return ["pk"] if self.model_admin.oldest_first else ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """One page and one row more, which says whether there is another page."""
        backwards = AFTER in self.params
        rows = self._range(self.queryset, backwards)[: self.list_per_page + 1]
        page = list(rows)
        more = len(page) > self.list_per_page
        page = page[: self.list_per_page]
        if backwards:
            page.reverse()
        has_next = more if not backwards else bool(page)
        has_previous = more if backwards else BEFORE in self.params
        self.next_link = self._link(BEFORE, page[-1].pk) if page and has_next else ""
        self.previous_link = self._link(AFTER, page[0].pk) if page and has_previous else ""
        self.first_link = self.get_query_string(remove=[BEFORE, AFTER]) if has_previous else ""
        self.result_list = page
        self.result_count = len(page)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = bool(page)
        self.can_show_all = False
        self.multi_page = False
        self.paginator = None

    def _range(self, queryset: QuerySet, backwards: bool) -> QuerySet:
        for name in (BEFORE, AFTER):
            if name not in self.params:
                continue
            try:
                key = int(self.params[name])
            except ValueError as error:
                raise IncorrectLookupParameters(error) from error
            down = (name == BEFORE) != self.model_admin.oldest_first
            queryset = queryset.filter(pk__lt=key) if down else queryset.filter(pk__gt=key)
        return queryset.reverse() if backwards else queryset

    def _link(self, name: str, key: Any) -> str:
        other = AFTER if name == BEFORE else BEFORE
        return self.get_query_string({name: key, other: None})


class ScopedAdmin(AskedByFilters):
    """Base of all screens: only rows of the user's counties, no deleting, one way to save.

    `scope_field` is the path to the six-digit county ("" for what has no region, as the law),
    `scope_region` the path to the full code, which decides for duties below a county.
    `oldest_first` turns the order of the list. `keyset = False` gives a small reference list
    Django's own pages and sorting.
    """

    scope_field = "county"
    scope_region = "region"
    oldest_first = False
    keyset = True
    paginator = BoundedPaginator
    list_per_page = 50
    actions: Any = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # facets count
    save_as = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Rows of the user's scope; the database's row security says the same once more."""
        queryset = super().get_queryset(request)
        return queryset.filter(self.reach(request)) if self.scope_field else queryset

    def reach(self, request: HttpRequest) -> Q:
        """Which rows the user's duties reach."""
        return within(request.user, county=self.scope_field, region=self.scope_region)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By the duties that reach the object; who may change may look."""
        return self._allowed(request, "view", obj) or self._allowed(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By the duties that reach the object."""
        return self._allowed(request, "change", obj)

    def _allowed(self, request: HttpRequest, act: str, obj: Model | None) -> bool:
        name = f"{self.opts.app_label}.{get_permission_codename(act, self.opts)}"
        return request.user.has_perm(name, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList if self.keyset else super().get_changelist(request, **kwargs)

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if self.keyset else super().get_sortable_by(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted: it is withdrawn, reversed or ended."""
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context = {
            **context,
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)


class ReadOnlyAdmin(ScopedAdmin):
    """A list and a page to look at: nothing is added or changed here, whatever is posted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows of a page that are only looked at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def chip(word: object, state: str) -> SafeString:
    """A state as word, colour and shape; `state` is a case state, coverage or job state."""
    return format_html('<span class="tc-chip is-{}">{}</span>', state, word)


def yuan(amount: Decimal | None) -> str:
    """Yuan with thousands separators and a true minus; a dash where money does not apply."""
    if amount is None:
        return "—"
    return f"{amount:,.2f}".replace("-", "−")


def number(amount: Decimal | None) -> SafeString:
    """`yuan` for a column of figures: right-aligned, never wrapped."""
    return format_html('<span class="num">{}</span>', yuan(amount))


def identity(mask: str) -> SafeString:
    """A masked identity number."""
    return format_html('<span class="tc-id">{}</span>', mask)


def why(target: str, about: str) -> SafeString:
    """The mark 据 beside a computed figure, leading to its steps and law on the page."""
    return format_html(
        '<a class="tc-why-btn" href="#{}" aria-label="{}"></a>',
        target,
        _("Why: %(about)s") % {"about": about},
    )


__all__ = [
    "AskedByFilters",
    "AskedChangeList",
    "BoundedPaginator",
    "KeysetChangeList",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "ScopedAdmin",
    "chip",
    "identity",
    "number",
    "why",
    "yuan",
]
