"""The search box on screen. What was asked goes by POST, so that no number stands in an address."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.admin.cases import page_of
from enrollment.admin.register import decorate
from enrollment.rules.keys import is_key
from enrollment.selectors.cases import kind_of
from enrollment.selectors.people import places
from enrollment.selectors.search import Findings, find_everything


def search(request: HttpRequest) -> HttpResponse:
    """Find people, receipts and cases; what is found alone is opened at once.

    By POST alone: what was asked never stands in an address, a log of addresses or a history.
    """
    asked = request.POST.get("q", "") if request.method == "POST" else ""
    user = request.user
    found = find_everything(
        asked,
        after=_after(request),
        with_cases=user.has_perm("enrollment.view_case"),
        with_receipts=user.has_perm("enrollment.view_receipt"),
    )
    alone = _address_of_the_only(found)
    if alone and "after_id" not in request.POST:
        return HttpResponseRedirect(alone)
    people = found.people
    decorate(people.people)
    context = {
        **admin.site.each_context(request),
        "title": _("Search"),
        # Of what was typed only names are shown again.
        "asked": asked if people.by in {"name", "initials"} else "",
        "found": people,
        "findings": found,
        "cases": [
            {"case": case, "label": kind_of(case).label, "page": page_of(case)}
            for case in found.cases
        ],
        "elsewhere": places([people.elsewhere])[people.elsewhere] if people.elsewhere else "",
        "last": people.people[-1] if people.more else None,
    }
    return render(request, "enrollment/search.html", context)


def _address_of_the_only(found: Findings) -> str:
    """Where the one thing found stands; nothing where there are several or none."""
    if found.only_case is not None:
        return page_of(found.only_case)
    if found.only_person is None:
        return ""
    file = reverse("admin:enrollment_person_change", args=[found.only_person])
    return f"{file}#receipts-h" if found.receipts else file


def _after(request: HttpRequest) -> tuple[str, int] | None:
    """Where the page before ended, from the form that asks for the next one."""
    last, pk = request.POST.get("after", ""), request.POST.get("after_id", "")
    return (last, int(pk)) if last and last.isprintable() and is_key(pk) else None


admin.site.register_page(  # type: ignore[attr-defined]
    "search/", search, "search", permission="enrollment.view_person"
)
