"""Files and comments on the page of a case: added, taken off, downloaded; and the log of that."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.access import address_of
from enrollment.admin.base import ReadOnlyAdmin
from enrollment.admin.cases.lists import page_of
from enrollment.admin.cases.pages import PageScreens
from enrollment.models import Case, CaseFile, CaseFileAccess, User
from enrollment.rules.uploads import KINDS
from enrollment.selectors import cases as reads
from enrollment.services import case_files
from enrollment.services.refusals import Refused

COMMENT = "enrollment.add_casecomment"
ACCEPTED = ",".join(f".{suffix}" for kind in KINDS for suffix in kind.suffixes)
# What a browser that showed the file all the same would let it do.
NOTHING = "default-src 'none'; sandbox"


class CommentForm(forms.Form):
    """A remark on the case."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )


class FileScreens(PageScreens):
    """What is posted to and fetched from a case beside its moves; scoped as the case."""

    def beside_moves(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        user = cast("User", request.user)
        return {
            "files": reads.files_of(case.pk),
            "file_limits": {"files": settings.CASE_FILES, "bytes": settings.CASE_FILE_BYTES},
            "accepted": ACCEPTED,
            "may_attach": case_files.may_change_files(case, user)
            and self.has_change_permission(request, case),
            "comments": reads.comments_of(case.pk),
            "comment_form": CommentForm(label_suffix="") if user.has_perm(COMMENT, case) else None,
        }

    def attach_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A file for the case; only by POST."""
        case = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(case))
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        sent = request.FILES.get("file")
        try:
            file = case_files.attach(
                case=case,
                user=cast("User", request.user),
                name=(sent and sent.name) or "",
                content=sent.read() if sent else b"",
            )
        except Refused as refused:
            return self._case_page(request, case, refused=refused, move="attach")
        self.message_user(request, _("%(file)s was attached.") % {"file": file.name})
        return HttpResponseRedirect(f"{page_of(case)}#files")

    def take_off_view(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """Take a file off the case; only by POST."""
        case = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(case))
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        found = self._file(case, file)
        try:
            case_files.take_off(file=found, user=cast("User", request.user))
        except Refused as refused:
            return self._case_page(request, case, refused=refused, move="attach")
        self.message_user(request, _("%(file)s was taken off the case.") % {"file": found.name})
        return HttpResponseRedirect(f"{page_of(case)}#files")

    def file_view(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """The file as a download, recorded; never shown inside the site."""
        case = self._seen(request, pk)
        found = self._file(case, file)
        try:
            content = case_files.fetch(
                file=found, user=cast("User", request.user), address=address_of(request)
            )
        except Refused as refused:
            return self._case_page(request, case, refused=refused, move="attach")
        headers = {
            "Content-Disposition": content_disposition_header(True, found.name),
            "Content-Security-Policy": NOTHING,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(content, content_type=found.media_type, headers=headers)

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A remark on the case; only by POST."""
        case = self._seen(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(case))
        if not request.user.has_perm(COMMENT, case):
            raise PermissionDenied
        form = CommentForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self._case_page(request, case, move="comment", comment_form=form)
        case_files.comment(
            case=case, user=cast("User", request.user), text=form.cleaned_data["text"]
        )
        return HttpResponseRedirect(f"{page_of(case)}#comments")

    def _seen(self, request: HttpRequest, pk: int) -> Case:
        case = self._case(request, pk)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        return case

    def _file(self, case: Case, key: int) -> CaseFile:
        found = reads.files_of(case.pk).filter(pk=key).first()
        if found is None:
            raise Http404
        return found


@admin.register(CaseFileAccess)
class CaseFileAccessAdmin(ReadOnlyAdmin):
    """Who took which file of which case to their machine, when, and from where."""

    nav_group = "system"
    nav_order = 31
    scope_field = "file__case__county"
    scope_region = "file__case__region"
    list_display = ("recorded", "user", "file", "whose", "address")
    list_display_links = None
    list_select_related = ("user", "file__case")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("file__content")

    @admin.display(description=gettext_lazy("recorded at"))
    def recorded(self, row: CaseFileAccess) -> str:
        return f"{timezone.localtime(row.recorded_at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=gettext_lazy("case"))
    def whose(self, row: CaseFileAccess) -> SafeString:
        address = reverse(
            f"{reads.kind_of(row.file.case).url_name}_change", args=[row.file.case_id]
        )
        return format_html('<a href="{}">{}</a>', address, row.file.case_id)
