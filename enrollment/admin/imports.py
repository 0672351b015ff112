"""File exchange on screen: what came in, sending a file, what its check found, the decision.

The pages receive, confirm and cancel; the workers read, check and apply
(docs/adr/0027-files-of-imports.md). A page of a file at work refreshes its changing part alone.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError

from enrollment import tasks
from enrollment.admin.base import ReadOnlyAdmin, chip
from enrollment.admin.figures import count
from enrollment.admin.import_filters import KindFilter, SenderFilter, StateFilter
from enrollment.declarations import import_kinds
from enrollment.models import Import, ImportAnswer, Region, User
from enrollment.rules.keys import is_key
from enrollment.selectors import imports as reads
from enrollment.selectors import recognition_lists
from enrollment.selectors.findings import counts_by_event
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import inside, scope_of
from enrollment.services import import_jobs, import_sheets, import_undo
from enrollment.services.import_sheets import GivenFile
from enrollment.services.refusals import Refused

logger = logging.getLogger("tongchou.imports")

VIEW, SEND = "enrollment.view_import", "enrollment.add_import"
ACCEPTED = ".csv,.txt,.xlsx"
LOOKS = {
    Import.State.RECEIVED: "queued",
    Import.State.CHECKED: "submitted",
    Import.State.APPLYING: "running",
    Import.State.APPLIED: "effected",
    Import.State.REFUSED: "failed",
    Import.State.CANCELLED: "withdrawn",
    Import.State.UNDO_ASKED: "returned",
    Import.State.UNDOING: "running",
    Import.State.UNDONE: "reversed",
}


class SendForm(forms.Form):
    """A file: what it is and for which area; nothing in it is believed before it was checked."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of file"))
    area = forms.TypedChoiceField(
        label=gettext_lazy("Area"),
        coerce=int,
        help_text=gettext_lazy("Lines about people who are insured elsewhere are refused."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,  # the service says what is missing, as of every other file
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("CSV (UTF-8 or GB18030) or XLSX, in the columns of its kind."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.name, reads.label_of(kind.name)) for kind in import_kinds]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["area"].choices = list(reads.areas_of(user))  # type: ignore[attr-defined]


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """The files of the user's regions, and those they sent."""

    nav_hidden = True  # the navigation says 文件交换
    scope_field = "area"
    change_list_template = "enrollment/imports/list.html"
    list_filter = (StateFilter, KindFilter, SenderFilter)
    list_display = (
        "received", "kind_name", "file", "where", "sent_by", "is_in", "read", "new", "changed",
        "same", "refused", "told_apart",
    )  # fmt: skip
    list_display_links = ("received",)
    list_select_related = ("sent_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        english = get_language() == "en"
        region = Region.objects.filter(code=OuterRef("area"))
        name = region.values("name_en" if english else "name")[:1]
        rows: QuerySet = (
            super().get_queryset(request).defer("errors").annotate(place=Subquery(name))
        )
        return rows

    def reach(self, request: HttpRequest) -> Q:
        """As row security: files of areas inside the scope, and one's own."""
        scope = scope_of(request.user)
        own = Q(sent_by=request.user.pk)
        return Q() if scope.everywhere else inside(scope, region="area") | own

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEND)

    # The list.

    @admin.display(description=gettext_lazy("received at"))
    def received(self, row: Import) -> str:
        return f"{timezone.localtime(row.received_at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("kind"))
    def kind_name(self, row: Import) -> str:
        return reads.label_of(row.kind)

    @admin.display(description=gettext_lazy("file name"))
    def file(self, row: Import) -> SafeString:
        return format_html(
            '<span class="tc-cut" title="{}">{}</span>', row.file_name, row.file_name
        )

    @admin.display(description=gettext_lazy("area"))
    def where(self, row: Any) -> str:
        return row.place or _("everywhere")

    @admin.display(description=gettext_lazy("state"))
    def is_in(self, row: Import) -> SafeString:
        return chip(row.get_state_display(), LOOKS[Import.State(row.state)])

    @admin.display(description=gettext_lazy("lines"))
    def read(self, row: Import) -> SafeString:
        return figure(row, row.lines_read)

    @admin.display(description=pgettext_lazy("lines", "New"))
    def new(self, row: Import) -> SafeString:
        return figure(row, row.inserted)

    @admin.display(description=pgettext_lazy("lines", "Changed"))
    def changed(self, row: Import) -> SafeString:
        return figure(row, row.updated)

    @admin.display(description=pgettext_lazy("lines", "Unchanged"))
    def same(self, row: Import) -> SafeString:
        return figure(row, row.unchanged)

    @admin.display(description=pgettext_lazy("lines", "Refused"))
    def refused(self, row: Import) -> SafeString:
        return figure(row, row.rejected)

    @admin.display(description=gettext_lazy("SHA-256"))
    def told_apart(self, row: Import) -> SafeString:
        return format_html("<code>{}</code>", row.digest[:8] or "—")

    # The pages.

    def get_urls(self) -> list[URLPattern]:
        name, wrap = "enrollment_import", self.admin_site.admin_view
        own = [
            path(
                "template/<slug:file_kind>/<slug:form>/",
                wrap(self.template_view),
                name=f"{name}_template",
            ),
            path("<int:pk>/live/", wrap(self.live_view), name=f"{name}_live"),
            path("<int:pk>/confirm/", wrap(self.confirm_view), name=f"{name}_confirm"),
            path("<int:pk>/cancel/", wrap(self.cancel_view), name=f"{name}_cancel"),
            path("<int:pk>/undo/", wrap(self.ask_undo_view), name=f"{name}_ask_undo"),
            path("<int:pk>/undo/decide/", wrap(self.undo_view), name=f"{name}_undo"),
            path("<int:pk>/undo/leave/", wrap(self.leave_view), name=f"{name}_leave"),
            path("<int:pk>/rejects/<slug:form>/", wrap(self.rejects_view), name=f"{name}_rejects"),
            path(
                "<int:pk>/feedback/<slug:form>/", wrap(self.feedback_view), name=f"{name}_feedback"
            ),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send a file; a job checks it, and its page shows what the check found."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = cast("User", request.user)
        if request.method != "POST":
            chosen = {"kind": request.GET.get("kind", "")}
            return self._send_page(request, SendForm(user=user, initial=chosen))
        form = SendForm(request.POST, request.FILES, user=user)
        if not form.is_valid():
            return self._send_page(request, form)
        sent = form.cleaned_data["file"]
        try:
            source = import_jobs.submit(
                kind=form.cleaned_data["kind"],
                area=Region.objects.get(pk=form.cleaned_data["area"]),
                name=sent.name if sent else "",
                content=sent.read() if sent else b"",
                user=user,
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
            return self._send_page(request, form)
        soon(source)
        return HttpResponseRedirect(page_of(source))

    # As config/uploads.py sees it.
    add_view.file_limit = "IMPORT_FILE_BYTES"  # type: ignore[attr-defined]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What became of a file, or what would."""
        source = self._seen(request, int(object_id) if is_key(object_id) else 0)
        return self._page(request, source)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The changing part of a file's page, for the page that refreshes itself."""
        source = self._seen(request, pk)
        response = render(request, "enrollment/imports/live.html", self._told(request, source))
        if source.state not in Import.AT_WORK:
            response.headers["X-Refresh"] = "stop"
        return response

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let what the check found be applied; only by POST."""
        source = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(source))
        shown = request.POST.get("previews", "")
        try:
            source = import_jobs.confirm(
                source=source,
                user=cast("User", request.user),
                previews=int(shown) if is_key(shown) else 0,
                acknowledged="acknowledged" in request.POST,
            )
        except Refused as refused:
            return self._page(request, source, refused=str(refused))
        soon(source)
        return HttpResponseRedirect(page_of(source))

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a file up; only by POST."""
        source = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(source))
        return self._done(
            request, source, lambda user: import_jobs.cancel(source=source, user=user)
        )

    def ask_undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask that a file be taken back, with a reason; only by POST."""
        source = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(source))
        reason = request.POST.get("reason", "")
        return self._done(
            request, source, lambda user: import_undo.ask(source=source, user=user, reason=reason)
        )

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a file be taken back as was asked; only by POST."""
        source = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(source))
        answer = self._done(
            request, source, lambda user: import_undo.decide(source=source, user=user)
        )
        if answer.status_code == HTTPStatus.FOUND:
            soon(source)
        return answer

    def leave_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Leave a file applied after all; only by POST."""
        source = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(source))
        return self._done(request, source, lambda user: import_undo.leave(source=source, user=user))

    def _done(
        self, request: HttpRequest, source: Import, act: Callable[[User], object]
    ) -> HttpResponse:
        """Do it and go back to the file's page, or show there why it was refused."""
        try:
            act(cast("User", request.user))
        except Refused as refused:
            return self._page(request, source, refused=str(refused))
        return HttpResponseRedirect(page_of(source))

    def rejects_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """The refused lines as they came, recorded as taken."""
        source, user = self._seen(request, pk), cast("User", request.user)
        if form not in import_sheets.MEDIA_TYPES:
            raise Http404
        if not takes_rejects(source, user):
            raise PermissionDenied
        return download(import_sheets.rejects_of(source=source, form=form, user=user))

    def feedback_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """Every line of a department's list with its outcome, recorded as taken."""
        source, user = self._seen(request, pk), cast("User", request.user)
        if form not in import_sheets.MEDIA_TYPES or not import_kinds[source.kind].summary:
            raise Http404
        if not takes_feedback(source, user):
            raise PermissionDenied
        return download(import_sheets.feedback_of(source=source, form=form, user=user))

    def template_view(self, request: HttpRequest, file_kind: str, form: str) -> HttpResponse:
        """An empty file of a kind, with its header."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if file_kind not in import_kinds or form not in import_sheets.MEDIA_TYPES:
            raise Http404
        return download(import_sheets.template_of(import_kinds[file_kind], form))

    def _seen(self, request: HttpRequest, pk: int) -> Import:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related(
            "sent_by", "confirmed_by", "undo_asked_by", "undone_by"
        )
        source: Import | None = rows.defer(None).filter(pk=pk).first()
        if source is None:
            raise Http404
        return source

    def _send_page(self, request: HttpRequest, form: SendForm) -> HttpResponse:
        return self._in_frame(
            request,
            "enrollment/imports/send.html",
            _("Send a file"),
            form=form,
            kinds=[
                {
                    "name": kind.name,
                    "label": reads.label_of(kind.name),
                    "needs_second": kind.needs_second,
                    "columns": kind.columns,
                }
                for kind in import_kinds
            ],
        )

    def _page(self, request: HttpRequest, source: Import, refused: str = "") -> HttpResponse:
        title = _("Import %(number)s") % {"number": source.pk}
        told = self._told(request, source)
        return self._in_frame(
            request, "enrollment/imports/page.html", title, refused=refused, **told
        )

    def _told(self, request: HttpRequest, source: Import) -> dict[str, Any]:
        user = cast("User", request.user)
        return {
            "source": source,
            "look": LOOKS[Import.State(source.state)],
            "label": reads.label_of(source.kind),
            "progress": reads.progress_of(source),
            "found": recognition_lists.found_of(source),
            "why_not": why_not(import_jobs.confirmable, source, user),
            "may_cancel": not why_not(import_jobs.cancellable, source, user),
            "takes_rejects": takes_rejects(source, user),
            "takes_feedback": takes_feedback(source, user),
            "events": counts_by_event(source),
            "outcomes": ImportAnswer.Outcome.labels,
            "done": source.state in Import.IN_FORCE and source.state != Import.State.UNDOING,
            "undo": self._undo_told(source, user),
            "came_as": import_sheets.form_of(source),
            "place": name_of(Region.objects.get(pk=source.area)) if source.area else "",
        }

    def _undo_told(self, source: Import, user: User) -> dict[str, Any]:
        """What the page says about taking the file back; nothing where that cannot be."""
        asks = not why_not(import_undo.askable, source, user)
        asked = source.state == Import.State.UNDO_ASKED
        told: dict[str, Any] = {"asks": asks, "asked": asked}
        if source.state == Import.State.APPLIED:
            told["never"] = never(source)
        if asks or asked:
            told["as_written"], told["changed"] = import_undo.preview(source)
            told["why_not"] = why_not(import_undo.decidable, source, user)
            told["leaves"] = asked and not why_not(import_undo.leavable, source, user)
        if source.state == Import.State.UNDONE:
            told["kept"] = reads.kept_rows(source)
        return told

    def _in_frame(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        frame = self.admin_site.each_context(request)
        return TemplateResponse(
            request, template, {**frame, "opts": self.opts, "title": title, **context}
        )


def figure(row: Import, number: int) -> SafeString:
    """A count, or a dash while nothing was counted."""
    counted = row.state in (Import.State.CHECKED, Import.State.APPLYING, *Import.IN_FORCE)
    return format_html('<span class="num">{}</span>', count(number if counted else None))


def page_of(source: Import) -> str:
    """The address of a file's page."""
    return reverse("admin:enrollment_import_change", args=[source.pk])


def takes_rejects(source: Import, user: User) -> bool:
    """Whether the user takes the refused lines, with full numbers: who sends or confirms them."""
    return source.rejected > 0 and _takes_lines(source, user)


def takes_feedback(source: Import, user: User) -> bool:
    """Whether the user takes the file that goes back to the department, with full numbers."""
    return bool(source.summary) and _takes_lines(source, user)


def _takes_lines(source: Import, user: User) -> bool:
    is_of_theirs = import_jobs.may_send(user, source) or import_jobs.may_check(user, source)
    return source.state in Import.IN_FORCE and is_of_theirs


def why_not(question: Any, source: Import, user: User) -> str:
    """Why an act is closed to the user, said beside it; nothing where it is open."""
    try:
        question(source, user)
    except Refused as refused:
        return str(refused)
    return ""


def never(source: Import) -> str:
    """Why files of this kind are not taken back, nothing where they are."""
    try:
        import_undo.refuse_without_undo(source)
    except Refused as refused:
        return str(refused)
    return ""


def soon(source: Import) -> None:
    """Ask a worker once this is committed; without a broker the sweep will."""
    # Read before: what is asked after the commit is asked for nobody, who sees no file.
    state = Import.objects.values_list("state", flat=True).get(pk=source.pk)

    def ask() -> None:
        try:
            tasks.queue_import(source.pk, state)
        except (KombuError, OSError) as error:
            logger.warning("no broker, the file waits for the sweep: %s", type(error).__name__)

    transaction.on_commit(ask)


def download(given: GivenFile) -> HttpResponse:
    """A file that is saved and never shown inside the site."""
    headers = {
        "Content-Disposition": content_disposition_header(True, given.name),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(given.content, content_type=given.media_type, headers=headers)


def register(site: Any) -> None:
    """Put the list into the navigation."""
    site.add_page(
        "work",
        30,
        gettext_lazy("File exchange"),
        "admin:enrollment_import_changelist",
        VIEW,
        key="i",
    )


register(admin.site)
