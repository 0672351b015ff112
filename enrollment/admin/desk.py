"""The desk: the start page of makers and checkers, a pile at a time, one case beside it."""

from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin.cases import due_text, page_of, startable
from enrollment.models import Case
from enrollment.rules import lifecycle
from enrollment.selectors import desk
from enrollment.selectors.calendar import business_date
from enrollment.selectors.cases import kind_of, worklist
from enrollment.selectors.handovers import is_of_the_leaving_side

LABELS: dict[str, Promise] = {
    "todo": pgettext_lazy("pile", "To do"),
    "returned": pgettext_lazy("pile", "Returned to me"),
    "draft": pgettext_lazy("pile", "My drafts"),
    "check": pgettext_lazy("pile", "For my check"),
    "accept": pgettext_lazy("pile", "For my acceptance"),
    "effect": pgettext_lazy("pile", "For effect"),
    "overdue": pgettext_lazy("pile", "Overdue"),
    "today": pgettext_lazy("pile", "Due today"),
    "sent": pgettext_lazy("pile", "Sent by me"),
}
EMPTY: dict[str, Promise] = {
    "todo": gettext_lazy("Nothing waits for you."),
    "returned": gettext_lazy("No case came back to you."),
    "draft": gettext_lazy("You have no drafts."),
    "check": gettext_lazy("No case waits for your check."),
    "accept": gettext_lazy("No transfer waits to be accepted here."),
    "effect": gettext_lazy("No approved case waits to be put into effect."),
    "overdue": gettext_lazy("Nothing is overdue."),
    "today": gettext_lazy("Nothing is due today."),
    "sent": gettext_lazy("None of your cases is being checked."),
}
# What the list of all cases is narrowed to for the rest of a pile.
IN_FULL = {
    "returned": "desk=returned",
    "check": "desk=check",
    "accept": "desk=accept",
    "effect": "desk=effect",
    "overdue": "age=overdue",
    "today": "age=today",
}


def desk_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The piles of who makes, checks or puts into effect; `?pile=` and `?case=` choose."""
    rights = {
        "makes": bool(startable(request)),
        "checks": request.user.has_perm(desk.CHECK),
        "effects": request.user.has_perm(desk.EFFECT),
    }
    if not any(rights.values()):
        return None
    on = business_date()
    found = desk.desk_of(cast("Any", request.user), on, **rights)
    asked = request.GET.get("pile", "")
    names = [tab.name for tab in found.tabs]
    chosen = asked if asked in names else desk.TODO
    lying = found.of(chosen)
    cases = desk.cases_on_top(lying)
    selected = _selected(cases, request.GET.get("case", ""))
    return {
        "tabs": [(tab, LABELS[tab.name]) for tab in found.tabs],
        "chosen": chosen,
        "empty": EMPTY[chosen],
        "rows": [_row(case) for case in cases],
        "selected": selected.pk if selected else None,
        "detail": _detail(request, selected) if selected else None,
        "more": len(lying) > len(cases),
        "in_full": _in_full(chosen),
        "late": len(found.of("overdue")),
        "today": len(found.of("today")),
    }


def _in_full(pile: str) -> str:
    return f"{reverse('admin:enrollment_case_changelist')}?{IN_FULL.get(pile, 'desk=mine')}"


def _selected(cases: list[Case], asked: str) -> Case | None:
    return next((case for case in cases if str(case.pk) == asked), cases[0] if cases else None)


def _row(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "label": kind_of(case).label,
        "page": page_of(case),
        "due": due_text(case, business_date()),
    }


def _detail(request: HttpRequest, case: Case) -> dict[str, Any]:
    mine = case.maker_id == request.user.pk
    may_edit = mine and case.state in lifecycle.OPEN_FOR_CHANGE
    return {
        **_row(case),
        "about": desk.detail_of(case),
        "is_ours": mine or is_of_the_leaving_side(request.user, case),
        "edit": reverse(f"{kind_of(case).url_name}_edit", args=[case.pk]) if may_edit else "",
        "checks": not mine
        and case.state == Case.State.SUBMITTED
        and request.user.has_perm(desk.CHECK, case),
    }


def desk_case(request: HttpRequest, pk: int) -> HttpResponse:
    """The detail of one case, for the desk that shows it in place."""
    case = worklist(Case.objects.filter(pk=pk)).first()
    if case is None:
        raise Http404
    return render(request, "enrollment/desk/detail.html", {"detail": _detail(request, case)})


def desk_tools(request: HttpRequest) -> dict[str, Any] | None:
    """What a day begins with: a new case."""
    starts = startable(request)
    return {"starts": starts} if starts else None


def register(site: Any) -> None:
    """Put the piles and the tools on the start page."""
    site.register_page("desk/<int:pk>/", desk_case, "desk_case", permission="enrollment.view_case")
    site.add_panel("main", 10, "enrollment/desk/piles.html", desk_panel)
    site.add_panel("tools", 10, "enrollment/desk/tools.html", desk_tools)


register(admin.site)
