"""The admin site: titles, navigation by work, own pages, and what every page says about its scope.

The apps below must not import `config`. They reach this site as `django.contrib.admin.site`:

    admin.site.register_page("runs/<int:year>/", views.monitor, "run_monitor",
                             permission="enrollment.view_yearrun")
    admin.site.add_page("year", 10, _("Yearly run"), "admin:runs",
                        permission="enrollment.view_yearrun", key="r")
    admin.site.add_panel("main", 20, "admin/enrollment/desk.html", desk_panel)

A ModelAdmin says with three attributes where its list stands: `nav_group`, `nav_order` and, to stay
out of the navigation, `nav_hidden`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Label = str | Promise
Permission = str | Callable[[HttpRequest], bool] | None
View = Callable[..., HttpResponseBase]
Scope = list[tuple[str, str]]

# The order of the navigation. Work comes first because that is where a day begins.
GROUPS: dict[str, Label] = {
    "work": pgettext_lazy("navigation", "Work"),
    "enrollment": pgettext_lazy("navigation", "Enrolment"),
    "benefits": pgettext_lazy("navigation", "Benefits"),
    "funds": pgettext_lazy("navigation", "Funds"),
    "year": pgettext_lazy("navigation", "Year"),
    "system": pgettext_lazy("navigation", "System"),
}
# Our apps' lists stand under their own name unless they say otherwise; what others bring is
# the administrators' business.
GROUP_OF_APP = {"enrollment": "enrollment", "benefits": "benefits", "funds": "funds"}
COLUMNS = ("main", "side", "tools")


@dataclass(frozen=True, kw_only=True)
class NavPage:
    """A link of the navigation that leads to a page of our own."""

    group: str
    order: int
    label: Label
    url_name: str
    permission: Permission = None
    key: str = ""
    count: Callable[[HttpRequest], int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of our own: where it answers, what answers, who may ask."""

    route: str
    view: View
    name: str
    permission: Permission = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel of the start page; `context` returns None when it has nothing to say to the user."""

    column: str
    order: int
    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]


def allows(request: HttpRequest, permission: Permission) -> bool:
    """Whether the user may: by name ("app.codename"), by a test of the request, or anybody."""
    if permission is None:
        return True
    if callable(permission):
        return permission(request)
    return request.user.has_perm(permission)


class TongchouAdminSite(AdminSite):
    """One site for everybody; what a person sees follows from the permissions of the role."""

    site_title = pgettext_lazy("product", "Tongchou")
    site_header = pgettext_lazy("product", "Tongchou")
    index_title = _("My desk")
    site_url = None
    empty_value_display = "—"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._nav_pages: list[NavPage] = []
        self._pages: list[Page] = []
        self._panels: list[Panel] = []

    # What the apps declare.

    def register_page(
        self, route: str, view: View, name: str, *, permission: Permission = None
    ) -> None:
        """Let `view` answer `route` as `admin:name`, for members of staff with the permission."""
        if any(page.name == name for page in self._pages):
            raise ImproperlyConfigured(f"Two pages are called {name}.")
        self._pages.append(Page(route=route, view=view, name=name, permission=permission))

    def add_page(
        self,
        group: str,
        order: int,
        label: Label,
        url_name: str,
        permission: Permission = None,
        *,
        key: str = "",
        count: Callable[[HttpRequest], int | None] | None = None,
    ) -> None:
        """Put a link into the navigation; `key` is the letter that follows `g`, `count` a number.

        `count` is asked on every page that is shown, so it has to be one cheap query.
        """
        if group not in GROUPS:
            raise ImproperlyConfigured(f"The navigation has no group {group}.")
        self._nav_pages.append(
            NavPage(
                group=group,
                order=order,
                label=label,
                url_name=url_name,
                permission=permission,
                key=key,
                count=count,
            )
        )

    def add_panel(
        self,
        column: str,
        order: int,
        template: str,
        context: Callable[[HttpRequest], dict[str, Any] | None],
    ) -> None:
        """Put a panel on the start page, in the main or the side column or among its tools."""
        if column not in COLUMNS:
            raise ImproperlyConfigured(f"The start page has no column {column}.")
        self._panels.append(Panel(column=column, order=order, template=template, context=context))

    # Pages.

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Own pages first: Django's last pattern answers everything."""
        own: list[URLResolver | URLPattern] = [
            path(page.route, self.admin_view(self._guarded(page)), name=page.name)
            for page in self._pages
        ]
        return own + super().get_urls()

    def _guarded(self, page: Page) -> Callable[..., HttpResponse]:
        @wraps(page.view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allows(request, page.permission):
                raise PermissionDenied
            request.current_app = self.name
            return page.view(request, *args, **kwargs)

        return inner  # type: ignore[return-value]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The desk: the panels that the apps declared."""
        from enrollment.selectors.calendar import business_date

        panels: dict[str, list[dict[str, Any]]] = {column: [] for column in COLUMNS}
        for panel in sorted(self._panels, key=lambda each: each.order):
            shown = panel.context(request)
            if shown is not None:
                panels[panel.column].append({"template": panel.template, "context": shown})
        context = {"panels": panels, "today": business_date(), **(extra_context or {})}
        return super().index(request, context)

    # What every page knows.

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Django's own, and the navigation and the scope bar. A page may pass its own `scope`."""
        context = super().each_context(request)
        if context["has_permission"]:
            # Asked only where the page does not say its own.
            context["scope"] = SimpleLazyObject(lambda: self.scope(request))
            context["roles"] = self.roles(request)
            context["search_url"] = self.page_url(request, "search")
        return context

    def scope(self, request: HttpRequest) -> Scope:
        """What the figures of a page are about: region, scheme, benefit year, time of the data.

        Region and year are those of the latest year that runs for real; before the first one
        there is nothing to state, and nothing is guessed.
        """
        from enrollment.models import YearRun
        from enrollment.selectors.calendar import business_date

        run = (
            YearRun.objects.filter(mode=YearRun.Mode.REAL)
            .select_related("province")
            .order_by("-year", "-id")
            .first()
        )
        read_at = f"{business_date():%m-%d} {timezone.localtime():%H:%M}"
        as_of = (gettext("Data as of"), read_at)
        if run is None:
            return [as_of]
        return [
            (gettext("Region"), in_language(run.province.name, run.province.name_en)),
            (gettext("Scheme"), gettext("Residents")),
            (gettext("Benefit year"), str(run.year)),
            as_of,
        ]

    def page_url(self, request: HttpRequest, name: str) -> str | None:
        """Address of a page of our own without arguments, if it exists and the user may open it."""
        for page in self._pages:
            if page.name == name and allows(request, page.permission):
                return reverse(f"admin:{name}", current_app=self.name)
        return None

    def roles(self, request: HttpRequest) -> list[str]:
        """Names of the user's roles of today, in the language of the page."""
        from config.roles import label_of
        from enrollment.selectors.duties import duties_of

        names = dict.fromkeys(duty.role_name for duty in duties_of(request.user))  # type: ignore[attr-defined]
        return [label_of(name) for name in names]

    # Navigation.

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The navigation, in the form in which Django's templates know the list of apps.

        With an app's label it is Django's own list of that app, for the page of an app.
        """
        if app_label is not None:
            return super().get_app_list(request, app_label)
        # Django asks for it twice on the start page, and each count is a query.
        known: list[dict[str, Any]] | None = getattr(request, "tc_navigation", None)
        if known is None:
            known = self._navigation(request)
            request.tc_navigation = known  # type: ignore[attr-defined]
        return known

    def _navigation(self, request: HttpRequest) -> list[dict[str, Any]]:
        if not self.has_permission(request):
            return []
        entries = [*self._list_entries(request), *self._page_entries(request)]
        self._mark_current(request.path, entries)
        groups = []
        for key, label in GROUPS.items():
            members = sorted(
                (entry for entry in entries if entry["group"] == key),
                key=lambda entry: (entry["order"], str(entry["name"])),
            )
            if members:
                groups.append(
                    {
                        "name": label,
                        "app_label": key,
                        "app_url": "",
                        "has_module_perms": True,
                        "current": any(entry["current"] for entry in members),
                        "models": members,
                    }
                )
        return groups

    def _list_entries(self, request: HttpRequest) -> Iterable[dict[str, Any]]:
        for app in self._build_app_dict(request).values():
            for entry in app["models"]:
                model_admin = self._registry[entry["model"]]
                if getattr(model_admin, "nav_hidden", False) or not entry["admin_url"]:
                    continue
                group = getattr(model_admin, "nav_group", None)
                yield {
                    **entry,
                    "group": group or GROUP_OF_APP.get(app["app_label"], "system"),
                    "order": getattr(model_admin, "nav_order", 100),
                    "key": getattr(model_admin, "nav_key", ""),
                    "count": None,
                }

    def _page_entries(self, request: HttpRequest) -> Iterable[dict[str, Any]]:
        desk = NavPage(
            group="work", order=0, label=self.index_title, url_name="admin:index", key="h"
        )
        for page in (desk, *self._nav_pages):
            if not allows(request, page.permission):
                continue
            try:
                url = reverse(page.url_name, current_app=self.name)
            except NoReverseMatch as error:
                raise ImproperlyConfigured(
                    f"The navigation names {page.url_name}, which no page answers."
                ) from error
            yield {
                "name": page.label,
                "object_name": page.url_name.rpartition(":")[2],
                "admin_url": url,
                "add_url": None,
                "view_only": True,
                "perms": {},
                "group": page.group,
                "order": page.order,
                "key": page.key,
                "count": page.count(request) if page.count else None,
            }

    def _mark_current(self, asked: str, entries: list[dict[str, Any]]) -> None:
        """Exactly one entry is current: the one with the longest address that the page is under."""
        home = reverse("admin:index", current_app=self.name)
        current = max(
            (
                entry["admin_url"]
                for entry in entries
                if asked == entry["admin_url"]
                or (entry["admin_url"] != home and asked.startswith(entry["admin_url"]))
            ),
            key=len,
            default=None,
        )
        for entry in entries:
            entry["current"] = entry["admin_url"] == current


def in_language(chinese: str, english: str) -> str:
    """The name in the language of the page, where there is an English one."""
    return english if english and get_language() == "en" else chinese


def branding(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the header says on every page, also before anybody logged in."""
    return brand()


def brand() -> dict[str, Any]:
    """Name of the agency and whether the data are synthetic; needs no database."""
    return {"agency": settings.AGENCY, "demo": settings.DEMO}


__all__ = ["GROUPS", "TongchouAdminSite", "branding"]
