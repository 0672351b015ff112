"""What a person has earned and must wait for, on screen: a panel of the file and a page of its own.

The mark 据 of each figure leads to the page with the steps behind it; with script they are put
beside the figure in place.
"""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from benefits.selectors.ledger import ledger_of, movements_of, why_standing
from enrollment.declarations import PersonPanel
from enrollment.models import Person
from enrollment.rules.keys import is_key
from enrollment.selectors.calendar import business_date

VIEW = "benefits.view_standing"


def person_standing(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The ledger of a person, for the panel of the file; none for who may not see it."""
    if not request.user.has_perm(VIEW, person):
        return {"allowed": False}
    return {"allowed": True, "ledger": ledger_of(person), "person": person}


PERSON_PANEL = PersonPanel(
    name="standing",
    order=20,
    template="benefits/standing_panel.html",
    context=person_standing,
)


def standing_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """Standing, bonuses and waits of one person; `?why=cap-2027` opens the steps of a figure."""
    people: Any = admin.site.get_model_admin(Person)
    person = people.get_queryset(request).filter(pk=person_id).first()
    if person is None or not request.user.has_perm(VIEW, person):
        raise Http404
    ledger = ledger_of(person)
    subject, _dash, year = request.GET.get("why", "").partition("-")
    context = {
        **admin.site.each_context(request),
        "title": _("Standing of %(name)s") % {"name": person.name},
        "person": person,
        "ledger": ledger,
        "movements": movements_of(ledger),
        "why": why_standing(ledger, int(year), subject) if is_key(year) else None,
        "scope": [
            (_("Read by"), str(request.user)),
            (_("Data as of"), f"{business_date():%m-%d} {timezone.localtime():%H:%M}"),
        ],
        "printed_at": timezone.localtime(),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "benefits/standing_page.html", context)


def register() -> None:
    """Let the page answer, for who may see standings."""
    site: Any = admin.site
    site.register_page(
        "standing/<int:person_id>/", standing_page, "person_standing", permission=VIEW
    )


register()
