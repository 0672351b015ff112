"""The status table of a pasted list of numbers: on screen, on paper, as a file."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.base import ReadOnlyAdmin
from enrollment.models import ScreenExport
from enrollment.selectors import statuses
from enrollment.selectors.calendar import business_date
from enrollment.selectors.statuses import LINES, Asked
from enrollment.services.refusals import Refused
from enrollment.services.screen_exports import export_statuses

VIEW, EXPORT = "enrollment.view_person", "enrollment.export_statuses"
# The list goes round as keys of files, signed for the user; nobody exports what was not looked up.
SALT, VALID_SECONDS = "tongchou.statuses", 3600


class NumbersForm(forms.Form):
    """One number a line, as it is copied from a spreadsheet."""

    numbers = forms.CharField(
        label=gettext_lazy("identity numbers, one a line"),
        widget=forms.Textarea(attrs={"rows": 14, "cols": 40, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Paste at least one number.")},
    )

    def clean_numbers(self) -> str:
        """At most 1,000 lines; longer lists are cut by hand or come as a file."""
        text: str = self.cleaned_data["numbers"]
        found = len(statuses.numbers_of(text))
        if found > LINES:
            raise forms.ValidationError(
                _("There are %(found)s numbers; at most %(most)s are looked up at once.")
                % {"found": found, "most": LINES}
            )
        return text


def status_table(request: HttpRequest) -> HttpResponse:
    """The empty form; by POST the table. Numbers stand in no address and are not shown again."""
    form = NumbersForm(request.POST if request.method == "POST" else None, label_suffix="")
    if not form.is_bound or not form.is_valid():
        return _page(request, form=form)
    return _table(request, statuses.read_numbers(form.cleaned_data["numbers"]))


def export(request: HttpRequest) -> HttpResponse:
    """The table as a file; the refusal of one comes back with the table."""
    if request.method != "POST":
        raise PermissionDenied
    lines = _opened(request, request.POST.get("lines", ""))
    if lines is None:
        form = NumbersForm(label_suffix="")
        return _page(request, form=form, expired=True)
    user, reason = cast("Any", request.user), request.POST.get("reason", "")
    try:
        taken = export_statuses(user=user, lines=lines, reason=reason, on=business_date())
    except Refused as refused:
        return _table(request, lines, refused=str(refused))
    response = HttpResponse(taken.content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response


def _table(request: HttpRequest, lines: list[Asked], refused: str = "") -> HttpResponse:
    on = business_date()
    rows = statuses.statuses_of(lines, on)
    return _page(
        request,
        rows=rows,
        summary=statuses.summary_of(rows),
        heading=statuses.heading(on),
        years=(on.year, on.year + 1),
        may_export=request.user.has_perm(EXPORT),
        sealed=_sealed(request, lines),
        refused=refused,
        printed_at=timezone.localtime(),
    )


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    everywhere = admin.site.each_context(request)
    title = _("Status of many people")
    limit = {"title": title, "most": LINES}
    return TemplateResponse(request, "enrollment/statuses.html", everywhere | limit | context)


def _salt(request: HttpRequest) -> str:
    return f"{SALT}.{request.user.pk}"


def _sealed(request: HttpRequest, lines: list[Asked]) -> str:
    rows = [[each.line, each.mask, each.outcome, each.person_id] for each in lines]
    return signing.dumps(rows, salt=_salt(request), compress=True)


def _opened(request: HttpRequest, sealed: str) -> list[Asked] | None:
    """The lines that this user was shown within the hour; None for anything else."""
    try:
        rows = signing.loads(sealed, salt=_salt(request), max_age=VALID_SECONDS)
    except signing.BadSignature:
        return None
    return [Asked(*row) for row in rows]


@admin.register(ScreenExport)
class ScreenExportAdmin(ReadOnlyAdmin):
    """What left a screen as a file, for auditors."""

    scope_field = ""
    nav_group = "system"
    nav_order = 80
    list_display = ("taken_at", "user", "kind", "rows", "reason", "digest")
    list_select_related = ("user",)
    list_display_links = None


def register(site: Any) -> None:
    """Let the pages answer, and put the table into the navigation."""
    site.register_page("statuses/", status_table, "statuses", permission=VIEW)
    site.register_page("statuses/export/", export, "export_statuses", permission=EXPORT)
    site.add_page("work", 20, gettext_lazy("Status of many"), "admin:statuses", VIEW, key="b")


register(admin.site)
