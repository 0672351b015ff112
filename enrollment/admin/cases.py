"""Cases on screen: lists, the form of each kind, the page of one case, and the moves of its life.

`CaseKindAdmin` is what a kind derives from, in whatever app: it names the kind, gives a form, and
where needed its own templates. Every move is a POST to one view that calls one service; a refusal
comes back as a sentence at the field that caused it.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment import declarations
from enrollment.admin.base import ReadOnlyAdmin, ScopedAdmin, chip, identity, yuan
from enrollment.models import Award, Case, ContributionSubsidy, EnrolmentTransfer, Person, Region
from enrollment.models.person import Category
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.transfer import resident_move_effective
from enrollment.selectors import cases as reads
from enrollment.selectors.bills import bills_of, years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import find_people, name_of, places, standings_of
from enrollment.selectors.scope import counties_of
from enrollment.services import cases, subsidies, transfers
from enrollment.services.refusals import Refused

CHECK, EFFECT = "enrollment.check_case", "enrollment.effect_case"
Label = str | Promise


# Facts as text ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact as the page shows it."""

    label: str
    text: str
    is_money: bool


def shown(facts: Iterable[Fact]) -> list[ShownFact]:
    """The facts in the language of the page; what is shown is exactly what is signed."""
    return [
        ShownFact(_(fact.label), fact.shown or text_of(fact.value), fact.label.endswith("(yuan)"))
        for fact in facts
    ]


def text_of(value: Any) -> str:
    """A value as it stands on a page: money with separators, days as 2026-11-20."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | str):
        return str(value)
    return yuan(value)


# Forms --------------------------------------------------------------------------------------------


class CaseForm(forms.Form):
    """What every kind asks. `request_key` makes a form that is sent twice one case."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    year = forms.TypedChoiceField(label=gettext_lazy("benefit year"), coerce=int)
    channel = forms.ChoiceField(
        label=gettext_lazy("channel"),
        choices=Case.Channel.choices,
        initial=Case.Channel.COUNTER,
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=255,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    required_css_class = "required"

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.person = person
        cast("forms.ChoiceField", self.fields["year"]).choices = [
            (str(year), str(year)) for year in self.years()
        ]

    def years(self) -> list[int]:
        """The years that the act can be for, the likeliest first."""
        return sorted(bills_of(self.person.pk, years_on_file()), reverse=True)

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        """What the form says of a case that is to be changed."""
        return {
            name: getattr(case, name)
            for name in cls.base_fields
            if name not in {"request_key", "version"} and hasattr(case, name)
        }


class SubsidyForm(CaseForm):
    """Who pays how much of whose contribution."""

    funder = forms.ChoiceField(label=gettext_lazy("funder"), choices=Award.Funder.choices)
    amount = forms.DecimalField(
        label=gettext_lazy("amount (yuan)"), max_digits=10, decimal_places=2
    )
    category = forms.ChoiceField(
        label=gettext_lazy("category"),
        required=False,
        choices=[("", "—"), *Category.choices],
        help_text=gettext_lazy("Where the money is given because of a category."),
    )
    field_order = ("year", "funder", "amount", "category", "channel", "reason")


class TransferForm(CaseForm):
    """Where to. The year is always the next one."""

    to_region = forms.TypedChoiceField(
        label=gettext_lazy("new place of insurance"), coerce=int, empty_value=None
    )
    field_order = ("to_region", "year", "channel", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["to_region"]).choices = [
            ("", "—"),
            *counties_by_city(self.person.insured_region_id),
        ]

    def years(self) -> list[int]:
        return [resident_move_effective(business_date()).year]

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        return super().values_of(case) | {"to_region": cast("Any", case).to_region_id}


def counties_by_city(region: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """The counties of the province that `region` lies in, under their cities."""
    low = region // 10**10 * 10**10
    rows = Region.objects.filter(
        code__gte=low,
        code__lt=low + 10**10,
        level__in=(Region.Level.CITY, Region.Level.COUNTY),
        valid_to=None,
    ).order_by("code")
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for row in rows:
        if row.level == Region.Level.CITY:
            groups.append((name_of(row), []))
        elif groups:
            groups[-1][1].append((str(row.code), name_of(row)))
    return groups


class FindForm(forms.Form):
    """Whom an act is about: found by number, name or initials, sent by POST."""

    q = forms.CharField(
        label=gettext_lazy("identity number, name or pinyin initials"), max_length=64
    )


# Lists --------------------------------------------------------------------------------------------


class DeskFilter(admin.SimpleListFilter):
    """The piles of a desk."""

    title = gettext_lazy("my desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("made by me, open")),
            ("returned", gettext_lazy("returned to me")),
            ("check", gettext_lazy("waiting for a check")),
            ("effect", gettext_lazy("approved, not in effect")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = Case.State
        match self.value():
            case "mine":
                over = (states.EFFECTED, states.WITHDRAWN, states.REVERSED)
                return queryset.filter(maker=cast("Any", request.user)).exclude(state__in=over)
            case "returned":
                return queryset.filter(maker=cast("Any", request.user), state=states.RETURNED)
            case "check":
                mine = {"maker": request.user}
                return queryset.filter(state=states.SUBMITTED).exclude(**mine)
            case "effect":
                return queryset.filter(state=states.APPROVED)
        return queryset


class KindFilter(admin.SimpleListFilter):
    """The kinds that the apps declared."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in declarations.case_kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class CaseColumns(ScopedAdmin):
    """The columns that every list of cases has."""

    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return reads.worklist(super().get_queryset(request))

    @admin.display(description=gettext_lazy("case number"))
    def number(self, case: Case) -> SafeString:
        return format_html('<a href="{}">{}</a>', page_of(case), case.pk)

    @admin.display(description=gettext_lazy("kind"))
    def kind_name(self, case: Case) -> Label:
        return reads.kind_of(case).label

    @admin.display(description=gettext_lazy("person"))
    def about(self, case: Case) -> SafeString:
        address = reverse("admin:enrollment_person_change", args=[case.person_id])
        return format_html('<a href="{}">{}</a>', address, case.person.name)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, case: Case) -> SafeString:
        return identity(case.person.id_mask)

    @admin.display(description=gettext_lazy("amount (yuan)"))
    def money(self, case: Case) -> SafeString:
        return format_html('<span class="num">{}</span>', yuan(case.amount))

    @admin.display(description=gettext_lazy("state"))
    def stands(self, case: Case) -> SafeString:
        return chip(case.get_state_display(), case.state)

    @admin.display(description=gettext_lazy("due on"))
    def due(self, case: Case) -> SafeString | str:
        return due_text(case, business_date())


def due_text(case: Case, on: date) -> SafeString | str:
    """A deadline as text: a day, or by how many days it was missed; none once it is decided."""
    if case.due_on is None or case.state in {*lifecycle.FINAL, lifecycle.EFFECTED}:
        return "—"
    if case.due_on < on:
        days = (on - case.due_on).days
        return format_html(
            '<span class="tc-due-late">{}</span>', _("overdue by %(days)s d") % {"days": days}
        )
    if case.due_on == on:
        return format_html('<span class="tc-due-soon">{}</span>', _("today"))
    return f"{case.due_on:%m-%d}" if case.due_on.year == on.year else f"{case.due_on:%Y-%m-%d}"


def page_of(case: Case) -> str:
    """The page of a case, in the screens of its kind."""
    return reverse(f"{reads.kind_of(case).url_name}_change", args=[case.pk])


@admin.register(Case)
class AllCasesAdmin(CaseColumns, ReadOnlyAdmin):
    """All kinds in one list. A row leads to the page of its kind; nothing is done here."""

    nav_group = "work"
    nav_order = 10
    nav_key = "c"
    list_display = (
        "number",
        "kind_name",
        "about",
        "masked",
        "year",
        "money",
        "stands",
        "due",
        "maker",
        "checker",
    )
    list_filter = (DeskFilter, "state", KindFilter)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leads on to the screens of the kind, which ask for their own permission."""
        queryset = self.get_queryset(request)
        case = queryset.filter(pk=object_id).first() if object_id.isdigit() else None
        if case is None:
            raise Http404
        return HttpResponseRedirect(page_of(case))


# The screens of a kind ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """A button of the case page. `form` is what it asks for beside the reason, if anything."""

    transition: Transition
    label: Label
    primary: bool = False
    form: forms.Form | None = None

    @property
    def name(self) -> str:
        return self.transition.name

    @property
    def needs_reason(self) -> bool:
        return self.transition.needs_reason


MOVE_LABELS: dict[str, Label] = {
    "submit": gettext_lazy("Submit for checking"),
    "approve": gettext_lazy("Approve what is shown"),
    "return": gettext_lazy("Return to the maker"),
    "effect": gettext_lazy("Put into effect"),
    "withdraw": gettext_lazy("Withdraw"),
}
DONE_MESSAGES: dict[str, Label] = {
    "submit": gettext_lazy("Case %(case)s was submitted."),
    "approve": gettext_lazy("Case %(case)s was approved."),
    "return": gettext_lazy("Case %(case)s was returned."),
    "effect": gettext_lazy("Case %(case)s is in effect."),
    "withdraw": gettext_lazy("Case %(case)s was withdrawn."),
}


class CaseKindAdmin(CaseColumns):
    """Base of the screens of a kind. A kind gives `kind`, `form` and its columns."""

    kind = ""
    form_class: type[CaseForm] = CaseForm
    effect_form: type[forms.Form] | None = None
    effect_label: Label = MOVE_LABELS["effect"]
    form_template = "enrollment/case/form.html"
    page_template = "enrollment/case/page.html"
    list_filter = (DeskFilter, "state", "year")
    nav_group = "enrollment"

    # What a kind may change.

    def open(self, **given: Any) -> Case:
        """Make the case: maker, person, request_key and what the form says."""
        return cases.open_case(kind=self.kind, **given)

    def change(self, **given: Any) -> Case:
        """Change the case: case, user, expected_version and what the form says."""
        return cases.change_case(**given)

    def form_context(self, request: HttpRequest, person: Person, form: CaseForm) -> dict[str, Any]:
        """What the template of the form needs beside the person and the form."""
        bills = bills_of(person.pk, form.years())
        return {"bills": [bills[year] for year in sorted(bills, reverse=True)]}

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        """What the template of the page needs beside the case."""
        return {}

    # Addresses.

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:pk>/move/<slug:move>/", wrap(self.move_view), name=f"{name}_move"),
        ]
        return own + super().get_urls()

    def _respond(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        everywhere = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "on": business_date(),
        }
        return TemplateResponse(request, template, everywhere | context)

    # A new case: whom it is about, then what it says.

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?person=KEY` shows the form for that person; without it, one is looked for first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "person" not in request.GET:
            return self._choose(request)
        person = self._person(request, request.GET["person"])
        if request.method != "POST":
            form = self.form_class(person=person, initial=self._initial(request))
            return self._form_page(request, person, form)
        form = self.form_class(request.POST, person=person)
        case = self._save(
            form,
            lambda values: self.open(maker=request.user, person=person, **values),
            without=("version",),
        )
        if case is None:
            return self._form_page(request, person, form)
        self.log_addition(request, case, [{"added": {}}])
        self.message_user(request, _("Case %(case)s was opened as a draft.") % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.GET.keys() & self.form_class.base_fields.keys()
        return {name: request.GET[name] for name in asked} | {"request_key": uuid.uuid4()}

    def _choose(self, request: HttpRequest) -> HttpResponse:
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
        return self._respond(request, "enrollment/case/choose.html", title, context)

    def _person(self, request: HttpRequest, key: str) -> Person:
        people = Person.objects.defer("id_sealed", "phone_sealed")
        counties = counties_of(request.user)
        if counties is not None:
            people = people.filter(county__in=counties)
        person = people.filter(pk=key).first() if key.isdigit() else None
        if person is None:
            raise Http404
        return person

    def _form_page(
        self, request: HttpRequest, person: Person, form: CaseForm, case: Case | None = None
    ) -> HttpResponse:
        title = _("New case: %(kind)s") if case is None else _("Change case: %(kind)s")
        context = {
            "person": person,
            "place": places([person.insured_region_id])[person.insured_region_id],
            "standing": standings_of([person], business_date())[person.pk],
            "form": form,
            "case": case,
            "page": page_of(case) if case else "",
            **self.form_context(request, person, form),
        }
        return self._respond(
            request, self.form_template, title % {"kind": self.opts.verbose_name}, context
        )

    def _save(
        self, form: CaseForm, save: Callable[[dict[str, Any]], Case], *, without: Iterable[str]
    ) -> Case | None:
        """The case that the form makes, or None with the refusal at its field."""
        if not form.is_valid():
            return None
        values = {name: value for name, value in form.cleaned_data.items() if name not in without}
        if "to_region" in values:
            values["to_region_id"] = values.pop("to_region")
        try:
            return save(values)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            return None

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the maker changes in a draft or a returned case."""
        case = self._case(request, pk)
        if not self.has_change_permission(request, case):
            raise PermissionDenied
        if request.method != "POST":
            initial = self.form_class.values_of(case) | self._initial(request)
            initial |= {"request_key": case.request_key or uuid.uuid4(), "version": case.version}
            form = self.form_class(person=case.person, initial=initial)
            return self._form_page(request, case.person, form, case)
        form = self.form_class(request.POST, person=case.person)
        saved = self._save(
            form,
            lambda values: self.change(
                case=case,
                user=request.user,
                expected_version=form.cleaned_data["version"] or 0,
                **values,
            ),
            without=("version", "request_key"),
        )
        if saved is None:
            return self._form_page(request, case.person, form, case)
        self.message_user(request, _("Case %(case)s was changed.") % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    # The page of a case.

    def _case(self, request: HttpRequest, pk: int | str) -> Case:
        """A case of this kind in the user's scope."""
        queryset = self.get_queryset(request).select_related("region")
        case = queryset.filter(pk=pk).first() if str(pk).isdigit() else None
        if case is None:
            raise Http404
        return cast("Case", case)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the case says, what happened to it, and what may be done with it now."""
        case = self._case(request, object_id)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        return self._case_page(request, case)

    def _case_page(
        self,
        request: HttpRequest,
        case: Case,
        *,
        refused: Refused | None = None,
        move: str = "",
        effect_form: forms.Form | None = None,
    ) -> HttpResponse:
        facts, problem = self._facts(case)
        moves = self._moves(request, case, effect_form)
        context = {
            "case": case,
            "original": case,
            "person": case.person,
            "facts": shown(facts),
            "digest": lifecycle.digest_of(facts),
            "problem": problem,
            "events": reads.events_of(case),
            "moves": moves,
            "closed_because": "" if moves else self._closed_because(request, case),
            "may_edit": case.state in lifecycle.OPEN_FOR_CHANGE
            and case.maker_id == request.user.pk
            and self.has_change_permission(request, case),
            "refused": refused,
            "refused_move": move,
            "posted_reason": request.POST.get("reason", ""),
            "due": due_text(case, business_date()),
            **self.page_context(request, case),
        }
        title = f"{self.opts.verbose_name} {case.pk}"
        return self._respond(request, self.page_template, title, context)

    def _facts(self, case: Case) -> tuple[list[Fact], str]:
        """The facts, and why they cannot be computed any more, where that is so."""
        try:
            return reads.facts_of(case), ""
        except Refused as refused:
            return [], str(refused)

    def _moves(
        self, request: HttpRequest, case: Case, effect_form: forms.Form | None
    ) -> list[Move]:
        """What this user may do with the case now."""
        found = []
        for transition in lifecycle.moves_from(case.state):
            if not self._may(request, case, transition):
                continue
            is_effect = transition is lifecycle.EFFECT
            form = (effect_form or self._effect_form(None)) if is_effect else None
            found.append(
                Move(
                    transition,
                    self.effect_label if is_effect else MOVE_LABELS[transition.name],
                    primary=transition in {lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.EFFECT},
                    form=form,
                )
            )
        return sorted(found, key=lambda move: not move.primary)

    def _effect_form(self, data: Any) -> forms.Form | None:
        if self.effect_form is None:
            return None
        initial = {"received_on": business_date()}
        return self.effect_form(data, initial=initial, label_suffix="")

    def _may(self, request: HttpRequest, case: Case, transition: Transition) -> bool:
        """Role and hands. A reversal comes as a case of its own and has no button."""
        user = request.user
        is_maker = case.maker_id == user.pk
        match transition.name:
            case "submit" | "withdraw":
                return is_maker and self.has_change_permission(request, case)
            case "return" | "approve":
                return not is_maker and user.has_perm(CHECK)
            case "effect":
                return user.has_perm(EFFECT)
        return False

    def _closed_because(self, request: HttpRequest, case: Case) -> str:
        """Why there is no button, in a sentence."""
        if not lifecycle.moves_from(case.state) or case.state == lifecycle.EFFECTED:
            return _("This case is closed.")
        if case.state == lifecycle.SUBMITTED:
            if case.maker_id == request.user.pk:
                return _("You made this case: somebody else checks it.")
            return _("It waits for a checker.")
        if case.state == lifecycle.APPROVED:
            return _("It waits for somebody who may put it into effect.")
        return _("It is with its maker, %(maker)s.") % {"maker": case.maker}

    def move_view(self, request: HttpRequest, pk: int, move: str) -> HttpResponse:
        """One move of the lifecycle; only by POST."""
        case = self._case(request, pk)
        transition = lifecycle.TRANSITIONS.get(move)
        if transition is None or move not in MOVE_LABELS:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(page_of(case))
        self._check_role(request, case, transition)
        form = self._effect_form(request.POST) if transition is lifecycle.EFFECT else None
        if form is not None and not form.is_valid():
            return self._case_page(request, case, move=move, effect_form=form)
        try:
            self._do(request, case, transition, form)
        except Refused as refused:
            if form is not None and refused.field in form.fields:
                form.add_error(refused.field, str(refused))
            fresh = self._case(request, pk)
            return self._case_page(request, fresh, refused=refused, move=move, effect_form=form)
        self.message_user(request, str(DONE_MESSAGES[move]) % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    def _check_role(self, request: HttpRequest, case: Case, transition: Transition) -> None:
        """The role alone; whose hands it is in, the service refuses with a sentence."""
        needed: dict[str, bool] = {
            "submit": self.has_change_permission(request, case),
            "withdraw": self.has_change_permission(request, case),
            "approve": request.user.has_perm(CHECK),
            "return": request.user.has_perm(CHECK),
            "effect": request.user.has_perm(EFFECT),
        }
        if not self.has_view_permission(request, case) or not needed[transition.name]:
            raise PermissionDenied

    def _do(
        self, request: HttpRequest, case: Case, transition: Transition, form: forms.Form | None
    ) -> Case:
        user = cast("Any", request.user)
        posted = request.POST
        reason = posted.get("reason", "")
        version = int(posted["version"]) if posted.get("version", "").isdigit() else None
        match transition.name:
            case "submit":
                return cases.submit_case(case=case, user=user, expected_version=version)
            case "return":
                return cases.return_case(
                    case=case, checker=user, reason=reason, expected_version=version
                )
            case "approve":
                return cases.approve_case(
                    case=case, checker=user, shown_digest=posted.get("shown_digest", "")
                )
            case "withdraw":
                return cases.withdraw_case(
                    case=case, user=user, reason=reason, expected_version=version
                )
        details = form.cleaned_data if form is not None else {}
        return cases.put_into_effect(case=case, user=user, **details)


@admin.register(ContributionSubsidy)
class SubsidyAdmin(CaseKindAdmin):
    """资助参保: the model for the screens of the other kinds."""

    kind = subsidies.NAME
    form_class = SubsidyForm
    nav_order = 40
    list_display = (
        "number",
        "about",
        "masked",
        "year",
        "funder",
        "money",
        "stands",
        "due",
        "maker",
        "checker",
    )


@admin.register(EnrolmentTransfer)
class TransferAdmin(CaseKindAdmin):
    """转移接续."""

    kind = transfers.NAME
    form_class = TransferForm
    nav_order = 50
    list_display = (
        "number",
        "about",
        "masked",
        "year",
        "leaves",
        "joins",
        "stands",
        "due",
        "maker",
        "checker",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("region", "to_region")

    @admin.display(description=pgettext_lazy("transfer", "leaves"))
    def leaves(self, case: EnrolmentTransfer) -> str:
        return name_of(case.region)

    @admin.display(description=pgettext_lazy("transfer", "joins"))
    def joins(self, case: EnrolmentTransfer) -> str:
        return name_of(case.to_region)


# On the file of a person --------------------------------------------------------------------------


def person_cases(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The panel of the person file: the person's cases, and the kinds that may be started."""
    listed = [
        {"case": case, "label": reads.kind_of(case).label, "page": page_of(case)}
        for case in reads.cases_of(person.pk)
    ]
    kinds = []
    for kind in declarations.case_kinds:
        screens = admin.site._registry.get(kind.model)
        if screens is not None and screens.has_add_permission(request):
            kinds.append({"label": kind.label, "address": reverse(f"{kind.url_name}_add")})
    return {"cases": listed, "kinds": kinds, "person": person}


PERSON_PANEL = declarations.PersonPanel(
    name="cases", order=40, template="enrollment/case/person_panel.html", context=person_cases
)
