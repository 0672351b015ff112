"""What the screens of every kind stand on: their addresses, their look-ups, their answers."""

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.batch import BatchScreens
from enrollment.admin.cases.forms import CaseForm, case_form
from enrollment.admin.cases.lists import Label
from enrollment.models import Case, Person
from enrollment.rules import lifecycle
from enrollment.rules.keys import is_key
from enrollment.selectors.bills import bills_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.handovers import known_elsewhere
from enrollment.selectors.scope import within
from enrollment.services import cases


class KeptElsewhere(Exception):
    """Whom an act was to be about is known here, and their file is kept elsewhere."""

    def __init__(self, person: Person) -> None:
        self.person = person
        super().__init__()


class CaseScreens(BatchScreens):
    """What a kind says of itself, and how its screens find and answer.

    `asks` are the fields of the model that the form asks for; `form_class` adds what the model
    cannot say. `columns` are those of the list. Where `about_person` is false and `starts_with`
    empty the act is about an area, and its form names the region.
    """

    kind = ""
    starts_with = "person"  # what the address of a new case names
    asks: tuple[str, ...] = ()
    form_class: type[CaseForm] = CaseForm
    effect_form: type[forms.Form] | None = None
    effect_label: Label = gettext_lazy("Put into effect")
    choose_template = "enrollment/case/choose.html"
    form_template = "enrollment/case/form.html"
    page_template = "enrollment/case/page.html"
    nav_group = "enrollment"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asks:
            self.form_class = case_form(self.model, self.asks, self.form_class)

    # What a kind may change.

    def is_about_nobody_yet(self, request: HttpRequest) -> bool:
        """Whether the act is for somebody who gets a file with it."""
        return False

    def form_for(self, person: Person | None) -> type[CaseForm]:
        """The form of an act about `person`."""
        return self.form_class

    def open(self, **given: Any) -> Case:
        """Make the case: maker, person, request_key and what the form says."""
        return cases.open_case(kind=self.kind, **given)

    def change(self, **given: Any) -> Case:
        """Change the case: case, user, expected_version and what the form says."""
        return cases.change_case(**given)

    def begins(self, request: HttpRequest) -> Person | None:
        """Whom a new case is about, by what its address names."""
        return self._person(request, request.GET["person"]) if self.starts_with else None

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """What the template of the form needs beside the form, which knows whom it is about."""
        if form.person is None:
            return {}
        bills = bills_of(form.person.pk, form.years())
        return {"bills": [bills[year] for year in sorted(bills, reverse=True)]}

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        """What the template of the page needs beside the case."""
        return {}

    # How they find and answer.

    def _respond(
        self,
        request: HttpRequest,
        template: str,
        title: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        everywhere = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "on": business_date(),
        }
        return TemplateResponse(request, template, everywhere | context, status=status)

    def _case(self, request: HttpRequest, pk: int | str) -> Case:
        """A case of this kind in the user's scope."""
        queryset = self.get_queryset(request).select_related("region")
        case = queryset.filter(pk=pk).first() if is_key(str(pk)) else None
        if case is None:
            raise Http404
        return cast("Case", case)

    def _own_draft(self, request: HttpRequest, pk: int) -> Case:
        """A case that the user made and may still change. Raises PermissionDenied."""
        case = self._case(request, pk)
        is_open = case.state in lifecycle.OPEN_FOR_CHANGE and case.maker_id == request.user.pk
        if not is_open or not self.has_change_permission(request, case):
            raise PermissionDenied
        return case

    def _person(self, request: HttpRequest, key: str) -> Person:
        """A person in the user's scope. Raises KeptElsewhere."""
        people = Person.objects.defer("id_sealed", "phone_sealed")
        people = people.filter(within(request.user, region="insured_region"))
        person = people.filter(pk=key).first() if is_key(key) else None
        if person is not None:
            return person
        known = known_elsewhere(request.user, int(key)) if is_key(key) else None
        if known is None:
            raise Http404
        raise KeptElsewhere(known)
