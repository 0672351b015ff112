"""Cases on the file of a person: those there are, and the kinds that may be started."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from enrollment import declarations
from enrollment.admin.cases.lists import page_of
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Person
from enrollment.selectors import cases as reads


def person_cases(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: the person's cases, and the kinds that may be started."""
    listed = [
        {"case": case, "label": reads.kind_of(case).label, "page": page_of(case)}
        for case in reads.cases_of(person.pk)
    ]
    kinds = []
    for kind in declarations.case_kinds:
        screens = admin.site._registry.get(kind.model)
        if not isinstance(screens, CaseKindAdmin) or not screens.about_person:
            continue
        if screens.has_add_permission(request):
            kinds.append({"label": kind.label, "address": reverse(f"{kind.url_name}_add")})
    return {"cases": listed, "kinds": kinds, "person": person}


PERSON_PANEL = declarations.PersonPanel(
    name="cases", order=40, template="enrollment/case/person_panel.html", context=person_cases
)
