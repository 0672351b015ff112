"""History on screen: who changed what, when, from what to what, by which case."""

from typing import Any

from django.http import HttpRequest

from enrollment import declarations
from enrollment.models import Person
from enrollment.selectors.history import history_of_person


def person_history(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: the latest changes, once they are asked for.

    A file is opened far more often than its history is read, and has its number of queries.
    """
    asked = "history" in request.GET
    return {"asked": asked, "history": history_of_person(person.pk) if asked else []}


PERSON_PANEL = declarations.PersonPanel(
    name="history",
    order=90,
    template="enrollment/person/history_panel.html",
    context=person_history,
)
