"""A number in clear, the last four digits, and the log of who looked at whom."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import declarations
from enrollment.admin.base import ReadOnlyAdmin, identity
from enrollment.models import Person, PersonAccess
from enrollment.selectors.scope import within
from enrollment.services import access
from enrollment.services.refusals import Refused

REVEAL = "enrollment.reveal_identity"


def address_of(request: HttpRequest) -> str | None:
    """From which machine a request came."""
    return request.META.get("REMOTE_ADDR") or None


class RevealForm(forms.Form):
    """What the number is needed for."""

    reason = forms.CharField(
        label=gettext_lazy("What the number is needed for"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DigitsForm(forms.Form):
    """What the person at the counter reads out."""

    digits = forms.CharField(
        label=gettext_lazy("Last four characters"),
        max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 6, "inputmode": "text"}),
    )


def _person(request: HttpRequest, person_id: int, permission: str) -> Person:
    rows = Person.objects.defer("id_sealed", "phone_sealed")
    person = rows.filter(within(request.user, region="insured_region"), pk=person_id).first()
    if person is None:
        raise Http404
    if not request.user.has_perm(permission, person):
        raise PermissionDenied
    return person


def reveal_view(request: HttpRequest, person_id: int) -> HttpResponse:
    """Asks a reason, then shows one number for half a minute; by POST alone."""
    person = _person(request, person_id, REVEAL)
    form = RevealForm(request.POST if request.method == "POST" else None, label_suffix="")
    number = ""
    if form.is_bound and form.is_valid():
        try:
            number = access.reveal(
                person=person,
                user=cast("Any", request.user),
                reason=form.cleaned_data["reason"],
                address=address_of(request),
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
    return _page(
        request, person, _("Full identity number"), form=form, number=number,
        seconds=access.SHOWN_SECONDS,
    )  # fmt: skip


def compare_view(request: HttpRequest, person_id: int) -> HttpResponse:
    """Yes or no to four characters; by POST alone."""
    person = _person(request, person_id, "enrollment.view_person")
    if request.method != "POST":
        return HttpResponseRedirect(reverse("admin:enrollment_person_change", args=[person.pk]))
    form = DigitsForm(request.POST, label_suffix="")
    same = None
    if form.is_valid():
        try:
            same = access.compare(
                person=person,
                user=cast("Any", request.user),
                digits=form.cleaned_data["digits"],
                address=address_of(request),
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
    return _page(request, person, _("Compare the last four"), digits=form, same=same)


def _page(request: HttpRequest, person: Person, title: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(
        request,
        "enrollment/person/identity.html",
        {
            **admin.site.each_context(request),
            "title": title,
            "person": person,
            "opts": Person._meta,
            **context,
        },
    )


def identity_panel(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: compare four characters, or ask for the number."""
    return {
        "person": person,
        "form": DigitsForm(label_suffix=""),
        "may_reveal": request.user.has_perm(REVEAL, person),
    }


PANEL = declarations.PersonPanel(
    name="identity", order=105, template="enrollment/person/identity_panel.html",
    context=identity_panel,
)  # fmt: skip


@admin.register(PersonAccess)
class PersonAccessAdmin(ReadOnlyAdmin):
    """Who looked at whose file, when, why, and from where."""

    nav_group = "system"
    nav_order = 30
    scope_field = "person__county"
    scope_region = "person__insured_region"
    list_display = ("recorded", "user", "act", "whom", "masked", "reason", "address")
    list_display_links = None
    list_filter = ("act",)
    list_select_related = ("user", "person")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("person__id_sealed", "person__phone_sealed")

    @admin.display(description=gettext_lazy("recorded at"))
    def recorded(self, row: PersonAccess) -> str:
        return f"{timezone.localtime(row.recorded_at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=gettext_lazy("person"))
    def whom(self, row: PersonAccess) -> SafeString:
        address = reverse("admin:enrollment_person_change", args=[row.person_id])
        return format_html('<a href="{}">{}</a>', address, row.person.name)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, row: PersonAccess) -> SafeString:
        return identity(row.person.id_mask)


admin.site.register_page(  # type: ignore[attr-defined]
    "person/<int:person_id>/number/", reveal_view, "person_number", permission=REVEAL
)
admin.site.register_page(  # type: ignore[attr-defined]
    "person/<int:person_id>/compare/",
    compare_view,
    "person_compare",
    permission="enrollment.view_person",
)
