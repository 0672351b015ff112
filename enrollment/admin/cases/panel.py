"""Cases on the file of a person; what may be started stands in the menu at its top."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from enrollment import declarations
from enrollment.admin.cases.lists import page_of
from enrollment.models import Case, Person
from enrollment.selectors import cases as reads


def person_cases(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: the person's cases."""
    return {"cases": listed(reads.cases_of(person.pk))}


def listed(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases as the table of a person shows them."""
    return [
        {"case": case, "label": reads.kind_of(case).label, "page": page_of(case)} for case in cases
    ]


PERSON_PANEL = declarations.PersonPanel(
    name="cases", order=40, template="enrollment/case/person_panel.html", context=person_cases
)
