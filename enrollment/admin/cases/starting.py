"""Starting a case from anywhere: the declared kinds that the user may open."""

from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from enrollment import declarations
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Person


@dataclass(frozen=True, slots=True)
class Start:
    """A kind of case and the address of its empty form."""

    label: str | Promise
    address: str


def startable(request: HttpRequest, person: Person | None = None) -> list[Start]:
    """The kinds that the user may open, of `person` where one is given; asks the database nothing.

    What is about an area alone is not started from the file of a person, and what undoes a case
    only from that case.
    """
    found = []
    for kind in declarations.case_kinds:
        screens = admin.site._registry.get(kind.model)
        if not isinstance(screens, CaseKindAdmin) or not screens.has_add_permission(request):
            continue
        if screens.starts_with not in (("person",) if person else ("person", "")):
            continue
        address = reverse(f"{kind.url_name}_add")
        found.append(Start(kind.label, f"{address}?person={person.pk}" if person else address))
    return found
