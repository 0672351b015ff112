"""Making a case and changing it: whom it is about, then what it says."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.admin.cases.base import CaseScreens, KeptElsewhere
from enrollment.admin.cases.forms import CaseForm, FindForm, compared
from enrollment.admin.cases.lists import page_of
from enrollment.models import Case, Person
from enrollment.rules import lifecycle
from enrollment.selectors.calendar import business_date
from enrollment.selectors.cases import events_of, whole_case
from enrollment.selectors.people import find_people, places, standings_of
from enrollment.selectors.scope import scope_of
from enrollment.services.cases import ChangedMeanwhile
from enrollment.services.refusals import Refused

CHANGED = ChangedMeanwhile().name


class OpeningScreens(CaseScreens):
    """The pages on which a case is written."""

    # A new case: whom it is about, then what it says.

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?person=KEY` shows the form for that person; without it, one is looked for first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        named = self.starts_with and not self.is_about_nobody_yet(request)
        if named and self.starts_with not in request.GET:
            return self.choose(request)
        try:
            person = self.begins(request) if named else None
        except KeptElsewhere as known:
            # Their page says where.
            return HttpResponseRedirect(
                reverse("admin:enrollment_person_change", args=[known.person.pk])
            )
        form_class = self.form_for(person)
        if request.method != "POST":
            return self._form_page(
                request, form_class(person=person, initial=self._initial(request))
            )
        form = form_class(request.POST, person=person)
        case = self._save(
            form,
            lambda values: self.open(maker=request.user, person=person, **values),
            without=frozenset({"version"}),
        )
        if case is None:
            return self._form_page(request, form)
        self.log_addition(request, case, [{"added": {}}])
        self.message_user(request, _("Case %(case)s was opened as a draft.") % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.GET.keys() & self.form_class.base_fields.keys()
        return {name: request.GET[name] for name in asked} | {"request_key": uuid.uuid4()}

    def choose(self, request: HttpRequest) -> HttpResponse:
        """What comes before the form: the person is looked for."""
        form = FindForm(request.POST if request.method == "POST" else None)
        found = None
        if form.is_bound and form.is_valid():
            found = find_people(form.cleaned_data["q"])
            if found.refused:
                form.add_error("q", found.refused)
        people = found.people if found else []
        context = {
            "form": form,
            "found": found,
            "people": people,
            "places": places({person.insured_region_id for person in people}),
            "standings": standings_of(people, business_date()),
        }
        title = _("New case: %(kind)s") % {"kind": self.opts.verbose_name}
        return self._respond(request, self.choose_template, title, context)

    def _form_page(
        self, request: HttpRequest, form: CaseForm, case: Case | None = None
    ) -> HttpResponse:
        title = _("New case: %(kind)s") if case is None else _("Change case: %(kind)s")
        context = {
            **self._who(request, form.person),
            "form": form,
            "case": case,
            "page": page_of(case) if case else "",
            **self.form_context(request, form),
        }
        return self._respond(
            request, self.form_template, title % {"kind": self.opts.verbose_name}, context
        )

    def _who(self, request: HttpRequest, person: Person | None) -> dict[str, Any]:
        """Whom the act is about, as the head of the form tells it; elsewhere without standing."""
        if person is None:
            return {"person": None}
        place = person.insured_region_id
        is_here = scope_of(request.user).allows(place)
        return {
            "person": person,
            "place": places([place])[place],
            "standing": standings_of([person], business_date())[person.pk] if is_here else None,
        }

    def _save(
        self,
        form: CaseForm,
        save: Callable[[dict[str, Any]], Case],
        *,
        without: frozenset[str],
    ) -> Case | None:
        """The case that the form makes, or None with the refusal at its field."""
        if not form.is_valid():
            return None
        try:
            return save(form.says(without))
        except Refused as refused:
            error = ValidationError(str(refused), code=refused.name)
            form.add_error(refused.field if refused.field in form.fields else None, error)
            return None

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the maker changes in a draft or a returned case."""
        case = self._case(request, pk)
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        form_class = self.form_for(case.person)
        if request.method != "POST":
            initial = form_class.values_of(case) | self._initial(request)
            initial |= {"request_key": case.request_key or uuid.uuid4(), "version": case.version}
            return self._form_page(request, form_class(person=case.person, initial=initial), case)
        form = form_class(request.POST, person=case.person)
        saved = self._save(
            form,
            lambda values: self.change(
                case=case,
                user=request.user,
                expected_version=form.cleaned_data["version"] or 0,
                **values,
            ),
            without=frozenset({"version", "request_key"}),
        )
        if saved is None and form.has_error(NON_FIELD_ERRORS, CHANGED):
            return self._conflict_page(request, form, pk)
        if saved is None:
            return self._form_page(request, form, case)
        self.message_user(request, _("Case %(case)s was changed.") % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    def _conflict_page(self, request: HttpRequest, form: CaseForm, pk: int) -> HttpResponse:
        """Both versions side by side: what was written here, what is there now, and the ways on.

        What was written travels on in hidden fields; saving it again says by its number that the
        other version was seen.
        """
        case = self._case(request, pk)
        form_class = type(form)
        there = form_class(person=case.person, initial=form_class.values_of(whole_case(pk)))
        seen = request.POST.copy()
        seen["version"] = str(case.version)
        context = {
            **self._who(request, case.person),
            "case": case,
            "page": page_of(case),
            "told": form.non_field_errors(),
            "versions": compared(form, there),
            "form": form_class(seen, person=case.person),
            "last": events_of(case)[-1],
            "may_save": case.state in lifecycle.OPEN_FOR_CHANGE,
        }
        title = _("Conflict: %(kind)s %(case)s") % {
            "kind": self.opts.verbose_name,
            "case": case.pk,
        }
        return self._respond(request, "enrollment/case/conflict.html", title, context, status=409)
