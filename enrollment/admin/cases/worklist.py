"""The worklist over all kinds."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from enrollment.admin.base import ReadOnlyAdmin
from enrollment.admin.cases.batch import BatchScreens
from enrollment.admin.cases.lists import FILTERS, DeskFilter, KindFilter, page_of
from enrollment.models import Case
from enrollment.rules.keys import is_key
from enrollment.selectors.cases import worklist
from enrollment.selectors.handovers import coming_in

# Piles that hold transfers from elsewhere. They are short: what waits, and what somebody made, by
# indexes of their own. The other lists are those of the own counties, because no index serves both.
FROM_ELSEWHERE = ("accept", "effect", "mine", "returned")


@admin.register(Case)
class AllCasesAdmin(BatchScreens, ReadOnlyAdmin):
    """All kinds in one list: a row leads to the page of its kind, a batch may be of many."""

    nav_group = "work"
    nav_order = 10
    nav_key = "c"
    first_columns = ("number", "kind_name")
    list_filter = (DeskFilter, KindFilter, *FILTERS[1:])

    def reach(self, request: HttpRequest) -> Q:
        own = super().reach(request)
        if request.GET.get(DeskFilter.parameter_name) in FROM_ELSEWHERE:
            return own | coming_in(request.user) if own else own
        return own

    def by_key(self, request: HttpRequest) -> QuerySet[Any]:
        own = super().reach(request)
        return worklist(Case.objects.filter(own | coming_in(request.user) if own else own))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leads on to the screens of the kind, which ask for their own permission."""
        queryset = self.by_key(request)
        case = queryset.filter(pk=object_id).first() if is_key(object_id) else None
        if case is None:
            raise Http404
        return HttpResponseRedirect(page_of(case))
