"""Accounts and duties: who works here, and who has which role where, for the administrators.

The security administrator grants and ends; nothing is deleted, and a duty is never edited: it
ends, and another is granted.
"""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from enrollment.admin.base import KeysetChangeList, ScopedAdmin, chip
from enrollment.admin.cases.forms import DayField, capitalise
from enrollment.models import Duty, Region, User
from enrollment.rules.keys import is_key
from enrollment.rules.regions import CITY, fill_code
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of, places
from enrollment.selectors.scope import inside, reach_of
from enrollment.selectors.totals import pooling_areas
from enrollment.services.duties import end_duty, grant_duty
from enrollment.services.refusals import Refused


def role_name(role: Group) -> str:
    """What a role is called in the language of the page."""
    return pgettext("role", role.name)


def state_of(duty: Duty, on: date) -> SafeString:
    """In force, to come, over, or taken away before it began."""
    if duty.valid.isempty:
        return chip(pgettext("duty", "taken away"), "withdrawn")
    if duty.valid.lower > on:
        return chip(pgettext("duty", "to come"), "submitted")
    if duty.valid.upper is not None and duty.valid.upper <= on:
        return chip(pgettext("duty", "over"), "ended")
    return chip(pgettext("duty", "in force"), "covered")


def days_of(duty: Duty) -> tuple[date, date | None]:
    """First and last day: as in force, or as granted where nothing is left of it."""
    days = duty.granted_for if duty.valid.isempty else duty.valid
    return days.lower, days.upper - timedelta(days=1) if days.upper else None


def until(duty: Duty) -> str:
    """The last day in words."""
    last = days_of(duty)[1]
    return f"{last:%Y-%m-%d}" if last else pgettext("duty", "without end")


# Forms --------------------------------------------------------------------------------------------


class RoleField(forms.ModelChoiceField):
    """Roles by their name in the language of the page."""

    def label_from_instance(self, role: Any) -> str:
        return role_name(role)


class AccountField(forms.ModelChoiceField):
    """Accounts by name, with the user name that tells two of one name apart."""

    def label_from_instance(self, user: Any) -> str:
        return f"{user} ({user.get_username()})"


class GrantForm(forms.Form):
    """Who, as what, where, and on which days."""

    user = AccountField(label=gettext_lazy("account"), queryset=User.objects.none())
    role = RoleField(label=gettext_lazy("role"), queryset=Group.objects.none())
    region = forms.CharField(
        label=gettext_lazy("region"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "regions", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Name or code of 6, 9 or 12 digits. The duty holds in all that lies in it."
        ),
    )
    first = DayField(label=pgettext_lazy("duty", "first day"))
    last = DayField(
        label=pgettext_lazy("duty", "last day"),
        required=False,
        help_text=gettext_lazy("Empty: until it is ended."),
    )
    required_css_class = "required"

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        capitalise(self)
        self.fields["user"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            is_active=True, is_staff=True
        ).order_by("display_name", "username")
        self.fields["role"].queryset = Group.objects.order_by("pk")  # type: ignore[attr-defined]

    def clean_region(self) -> Region:
        """A region by its code or by its name, if one alone in the province is called that."""
        asked = self.cleaned_data["region"].strip()
        if is_key(asked):
            try:
                code = fill_code(asked)
            except ValueError as error:
                raise forms.ValidationError(_("A region code has 6, 9 or 12 digits.")) from error
            found = list(Region.objects.filter(code=code))
        else:
            named = Q(name=asked) | Q(name_en__iexact=asked)
            first = settings.PROVINCE
            rows = Region.objects.filter(named, code__gte=first, code__lt=first + 10**10)
            found = list(rows.filter(valid_to=None)[:2])
        if len(found) > 1:
            raise forms.ValidationError(_("Several regions are called that: give the code."))
        if not found:
            raise forms.ValidationError(_("There is no such region."))
        return found[0]


class EndForm(forms.Form):
    """From when on a duty is no more, and why."""

    last = DayField(
        label=pgettext_lazy("duty", "last day"),
        help_text=gettext_lazy("Yesterday takes the duty away at once, from the next click on."),
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=255, widget=forms.TextInput())
    required_css_class = "required"

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        capitalise(self)


# Duties -------------------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    """How a duty stands today."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("now", pgettext_lazy("duty", "in force")),
            ("later", pgettext_lazy("duty", "to come")),
            ("over", pgettext_lazy("duty", "over")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        on = business_date()
        match self.value():
            case "now":
                return queryset.filter(valid__contains=on)
            case "later":
                return queryset.filter(valid__startswith__gt=on)
            case "over":
                return queryset.filter(Q(valid__endswith__lte=on) | Q(valid__isempty=True))
        return queryset


class RoleFilter(admin.SimpleListFilter):
    """One role."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(role.pk), role_name(role)) for role in Group.objects.order_by("pk")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.filter(role=int(value)) if is_key(value) else queryset


class PlaceFilter(admin.SimpleListFilter):
    """Duties in a city or below it."""

    title = gettext_lazy("city")
    parameter_name = "city"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        cities = pooling_areas(settings.PROVINCE)
        return [(str(city.code // CITY), name_of(city)) for city in cities]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        if not is_key(value):
            return queryset
        low = int(value) * CITY
        return queryset.filter(region__gte=low, region__lt=low + CITY)


class DutyChangeList(KeysetChangeList):
    """A page of duties with the names of their places, read at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        where = places({duty.region_id for duty in self.result_list})
        for duty in self.result_list:
            duty.place = where[duty.region_id]


@admin.register(Duty)
class DutyAdmin(ScopedAdmin):
    """职责: granted, ended, listed; the history of each is its row and the log beside it."""

    nav_group = "system"
    nav_order = 6
    scope_field = ""
    list_display = ("holder", "role_named", "where", "since", "to", "stands", "granted_by")
    list_display_links = None
    list_filter = (StateFilter, RoleFilter, PlaceFilter)
    list_select_related = ("user", "role", "granted_by")
    search_fields = ("user__username", "user__display_name")
    search_help_text = gettext_lazy("user name or name of the account")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(inside(reach_of(request.user)))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DutyChangeList

    @admin.display(description=gettext_lazy("account"))
    def holder(self, duty: Duty) -> SafeString:
        address = reverse("admin:enrollment_duty_change", args=[duty.pk])
        return format_html('<a href="{}">{}</a>', address, duty.user)

    @admin.display(description=gettext_lazy("role"))
    def role_named(self, duty: Duty) -> str:
        return role_name(duty.role)

    @admin.display(description=gettext_lazy("region"))
    def where(self, duty: Any) -> str:
        return str(duty.place).strip() or name_of(duty.region)

    @admin.display(description=pgettext_lazy("duty", "from"))
    def since(self, duty: Duty) -> str:
        return f"{days_of(duty)[0]:%Y-%m-%d}"

    @admin.display(description=pgettext_lazy("duty", "until"))
    def to(self, duty: Duty) -> str:
        return until(duty)

    @admin.display(description=gettext_lazy("state"))
    def stands(self, duty: Duty) -> SafeString:
        return state_of(duty, business_date())

    # Granting.

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?user=KEY` chooses the account beforehand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            asked = {"user": request.GET.get("user"), "first": business_date()}
            return self._grant_page(request, GrantForm(initial=asked))
        form = GrantForm(request.POST)
        if not form.is_valid():
            return self._grant_page(request, form)
        try:
            duty = grant_duty(granted_by=self._actor(request), **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field or None, str(refused))
            return self._grant_page(request, form)
        self.log_addition(request, duty, [{"added": {}}])
        told = {"user": duty.user, "role": role_name(duty.role), "region": name_of(duty.region)}
        self.message_user(request, _("%(user)s is %(role)s in %(region)s.") % told)
        return HttpResponseRedirect(reverse("admin:enrollment_duty_change", args=[duty.pk]))

    def _actor(self, request: HttpRequest) -> User:
        return User.objects.get(username=request.user.get_username())

    def _grant_page(self, request: HttpRequest, form: GrantForm) -> HttpResponse:
        regions = Region.objects.filter(
            code__gte=settings.PROVINCE,
            code__lt=settings.PROVINCE + 10**10,
            level__lte=Region.Level.COUNTY,
            valid_to=None,
        )
        context = {"form": form, "regions": [(row.code, name_of(row)) for row in regions]}
        return self._respond(request, "enrollment/staff/grant.html", _("Grant a duty"), context)

    def _respond(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                **context,
            },
        )

    # One duty, and its end.

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was granted by whom, and what became of it; a POST ends it."""
        rows = self.get_queryset(request).select_related(
            "user", "role", "region", "granted_by", "ended_by"
        )
        duty = rows.filter(pk=object_id).first() if is_key(object_id) else None
        if duty is None:
            raise Http404
        if not self.has_view_permission(request, duty):
            raise PermissionDenied
        form = EndForm(initial={"last": business_date() - timedelta(days=1)})
        if request.method == "POST":
            if not self.has_change_permission(request, duty):
                raise PermissionDenied
            form = EndForm(request.POST)
            if form.is_valid() and self._end(request, duty, form):
                return HttpResponseRedirect(request.path)
        return self._duty_page(request, duty, form)

    def _end(self, request: HttpRequest, duty: Duty, form: EndForm) -> bool:
        try:
            ended = end_duty(duty=duty, ended_by=self._actor(request), **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            return False
        self.log_change(request, ended, f"{until(ended)}: {ended.end_reason}")
        self.message_user(request, _("The duty ends."))
        return True

    def _duty_page(self, request: HttpRequest, duty: Duty, form: EndForm) -> HttpResponse:
        on = business_date()
        over = duty.valid.isempty or (duty.valid.upper is not None and duty.valid.upper <= on)
        context = {
            "duty": duty,
            "original": duty,
            "role": role_name(duty.role),
            "place": str(places([duty.region_id])[duty.region_id]).strip() or name_of(duty.region),
            "first": days_of(duty)[0],
            "until": until(duty),
            "granted_until": duty.granted_for.upper - timedelta(days=1)
            if duty.granted_for.upper
            else None,
            "state": state_of(duty, on),
            "form": None if over or not self.has_change_permission(request, duty) else form,
            "others": [
                (other, role_name(other.role), until(other), state_of(other, on))
                for other in Duty.objects.filter(inside(reach_of(request.user)), user=duty.user)
                .exclude(pk=duty.pk)
                .select_related("role", "region")
            ],
        }
        return self._respond(request, "enrollment/staff/duty.html", str(duty.user), context)


# Accounts -----------------------------------------------------------------------------------------


class AccountForm(AdminUserCreationForm):
    """A new account. The page itself says where the keys begin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["username"].widget.attrs["autofocus"]
        for name, what in (("username", "username"), ("display_name", "name")):
            self.fields[name].widget.attrs["autocomplete"] = what


class PasswordForm(AdminPasswordChangeForm):
    """A new password, typed twice. The page itself says where the keys begin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        del self.fields["password1"].widget.attrs["autofocus"]


@admin.register(User)
class AccountAdmin(ScopedAdmin, UserAdmin):
    """账号: made, disabled, given a new password. What it may do is said by its duties."""

    nav_group = "system"
    nav_order = 5
    scope_field = ""
    list_display = ("username", "display_name", "is_active", "roles", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "display_name")
    search_help_text = gettext_lazy("user name or name of the account")
    ordering = ("username",)  # of the suggestions; the list goes by key
    filter_horizontal = ()
    add_form = AccountForm
    change_password_form = PasswordForm
    change_user_password_template = "enrollment/staff/password.html"  # noqa: S105
    fieldsets = (
        (None, {"fields": ("username", "display_name", "is_active")}),
        (gettext_lazy("duties"), {"fields": ("duties_listed", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "password1", "password2")}),)
    readonly_fields = ("duties_listed", "last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("duties__role")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever gets an account works here; what for is said by duties alone."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("roles today"))
    def roles(self, user: User) -> str:
        on = business_date()
        names = [role_name(duty.role) for duty in user.duties.all() if on in duty.valid]
        return " · ".join(dict.fromkeys(names)) or "—"

    @admin.display(description=gettext_lazy("duties"))
    def duties_listed(self, user: User) -> SafeString:
        on = business_date()
        rows = user.duties.select_related("role", "region")
        return format_html(
            '<div class="tc-beside"><ul class="tc-list">{}</ul><a href="{}?user={}">{}</a></div>',
            format_html_join(
                "",
                '<li><a href="{}">{} {}</a> {} – {} {}</li>',
                (
                    (
                        reverse("admin:enrollment_duty_change", args=[duty.pk]),
                        role_name(duty.role),
                        name_of(duty.region),
                        days_of(duty)[0],
                        until(duty),
                        state_of(duty, on),
                    )
                    for duty in rows
                ),
            ),
            reverse("admin:enrollment_duty_add"),
            user.pk,
            _("Grant a duty"),
        )
