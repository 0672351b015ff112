"""Reversals on screen: from the page of the case that is to be undone."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.facts import shown
from enrollment.admin.cases.forms import CaseForm
from enrollment.admin.cases.lists import page_of
from enrollment.admin.cases.pages import may_undo
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.admin.cases.worklist import AllCasesAdmin
from enrollment.models import Case, CaseReversal, Person
from enrollment.rules.keys import is_key
from enrollment.selectors import cases as reads
from enrollment.services import cases, reversals


class ReversalForm(CaseForm):
    """Which case is undone, and why; everything else stands in that case."""

    reverses = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("channel", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["year"]
        self.fields["reason"].required = True

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        return super().values_of(case) | {"reverses": cast("CaseReversal", case).reverses_id}


@admin.register(CaseReversal)
class ReversalAdmin(CaseKindAdmin):
    """冲销: starts from the page of the case that is to be undone."""

    kind = reversals.NAME
    starts_with = "reverses"
    form_class = ReversalForm
    page_template = "enrollment/case/reversal_page.html"
    form_template = "enrollment/case/reversal_form.html"
    columns = ("undoes", "money")
    nav_group = "work"
    nav_order = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).select_related("reverses")

    @admin.display(description=gettext_lazy("undoes"))
    def undoes(self, case: CaseReversal) -> SafeString:
        return format_html('<a href="{}">{}</a>', page_of(case.reverses), case.reverses_id)

    def choose(self, request: HttpRequest) -> HttpResponse:
        self.message_user(
            request,
            _("A reversal starts on the page of the case that is to be undone: choose it here."),
        )
        return HttpResponseRedirect(f"{reverse('admin:enrollment_case_changelist')}?state=effected")

    def begins(self, request: HttpRequest) -> Person | None:
        return self._undone(request, request.GET["reverses"]).person

    def open(self, **given: Any) -> Case:
        """Person and year are those of the case to be undone."""
        del given["person"]
        # Whole, because a transfer is undone by the area that it says.
        undone = reads.whole_case(given.pop("reverses"))
        if not may_undo(given["maker"], undone):
            raise reversals.UndoneByOthers
        return reversals.open_reversal(reverses=undone, **given)

    def change(self, **given: Any) -> Case:
        """A reversal stays one of the same case."""
        del given["reverses"]
        return cases.change_case(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        undone = reads.whole_case(self._undone(request, str(form["reverses"].value())).pk)
        kind = reads.kind_of(undone)
        facts = kind.told(undone, cast("Any", request.user), reads.facts_of(undone))
        return {
            "undone": undone,
            "undone_page": page_of(undone),
            "undone_kind": kind.label,
            "undone_facts": shown(facts),
        }

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        return {"undone_page": page_of(cast("CaseReversal", case).reverses)}

    def _undone(self, request: HttpRequest, key: str) -> Case:
        """The case to be undone, in the user's scope."""
        queryset = AllCasesAdmin(Case, self.admin_site).by_key(request)
        case = queryset.filter(pk=key).first() if is_key(key) else None
        if case is None:
            raise Http404
        return cast("Case", case)
