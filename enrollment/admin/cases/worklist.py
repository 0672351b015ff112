"""The worklist over all kinds."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from enrollment.admin.base import ReadOnlyAdmin
from enrollment.admin.cases.batch import BatchScreens
from enrollment.admin.cases.lists import FILTERS, DeskFilter, KindFilter, page_of
from enrollment.models import Case


@admin.register(Case)
class AllCasesAdmin(BatchScreens, ReadOnlyAdmin):
    """All kinds in one list: a row leads to the page of its kind, a batch may be of many."""

    nav_group = "work"
    nav_order = 10
    nav_key = "c"
    first_columns = ("number", "kind_name")
    list_filter = (DeskFilter, KindFilter, *FILTERS[1:])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leads on to the screens of the kind, which ask for their own permission."""
        queryset = self.get_queryset(request)
        case = queryset.filter(pk=object_id).first() if object_id.isdigit() else None
        if case is None:
            raise Http404
        return HttpResponseRedirect(page_of(case))
