"""Transfers on screen: the list of what goes out and comes in, and the moves of either side."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin.cases.forms import (
    CaseForm,
    CountyField,
    DocumentNumberField,
    NameField,
    case_form,
    counties_by_city,
)
from enrollment.admin.cases.lists import FILTERS, DeskFilter, Label
from enrollment.admin.cases.pages import DONE_MESSAGES, MOVE_LABELS, PRIMARY, PageScreens
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Case, EnrolmentTransfer, Person, User
from enrollment.rules import handover, lifecycle
from enrollment.rules.lifecycle import Transition
from enrollment.rules.transfer import TransferDeadlines, resident_move_effective
from enrollment.selectors import handovers
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import Place, name_of, places
from enrollment.selectors.scope import inside, scope_for, scope_of
from enrollment.services import transfer_requests, transfers
from enrollment.services.refusals import Refused


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a transfer: where, until when, and who did their part when."""

    label: str
    place: Place
    due: date | None
    who: User | None
    at: datetime | None
    is_late: bool


def sides(transfer: EnrolmentTransfer, on: date) -> list[Side]:
    """The area that lets go and the one that takes over; a missed day of a part still to do."""
    where = places([transfer.region_id, transfer.to_region_id])
    try:
        days: TransferDeadlines | None = transfers.deadlines_of(transfer)
    except Refused:
        days = None
    is_open = transfer.state not in lifecycle.DONE
    parts = (
        (
            _("hands over"),
            transfer.region_id,
            days.out_due if days else None,
            transfer.checker,
            transfer.decided_at,
        ),
        (
            _("takes over"),
            transfer.to_region_id,
            days.in_due if days else None,
            transfer.accepted_by,
            transfer.accepted_at,
        ),
    )
    return [
        Side(
            label,
            where[code],
            due,
            who,
            at,
            is_open and at is None and due is not None and due < on,
        )
        for label, code, due, who, at in parts
    ]


class DirectionFilter(admin.SimpleListFilter):
    """What goes out of the user's regions, and what comes in."""

    title = gettext_lazy("direction")
    parameter_name = "direction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in", gettext_lazy("coming in")), ("out", gettext_lazy("going out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        scope = scope_of(request.user)
        match self.value():
            case "in":
                return queryset.filter(handovers.coming_to(scope))
            case "out":
                return queryset.filter(inside(scope))
        return queryset


class TransferForm(CaseForm):
    """A resident moves from the next benefit year; a switch begins in a month of either."""

    def years(self) -> list[int]:
        following = resident_move_effective(business_date()).year
        return [following, following - 1]


class AskForm(TransferForm):
    """Whom another area shall hand over: their file is kept there, so that nobody is looked for."""

    id_type = forms.ChoiceField(label=gettext_lazy("document type"), choices=Person.IdType)
    id_number = DocumentNumberField()
    name = NameField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(WHO)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Who, then where to."""
        who = [self[name] for name in WHO]
        rest = [each for each in self.visible_fields() if each.name not in WHO]
        return [(_("Who"), who), (_("Transfer"), rest)]


ASKING = "in"  # ?in=1 asks another area for somebody
WHO = ("id_type", "id_number", "name")
ASKS = ("to_region", "to_scheme", "starts_on", "gap_paid")
ASK_FORM = case_form(EnrolmentTransfer, ASKS, AskForm)


@admin.register(EnrolmentTransfer)
class TransferAdmin(CaseKindAdmin):
    """转移接续: the area that lets go and the area that takes over, each with its own moves."""

    kind = transfers.NAME
    form_class = TransferForm
    asks = ASKS
    columns = ("leaves", "joins", "acceptance")
    choose_template = "enrollment/case/transfer_choose.html"
    form_template = "enrollment/case/transfer_form.html"
    page_template = "enrollment/case/transfer_page.html"
    list_filter = (DeskFilter, DirectionFilter, *FILTERS[1:])
    nav_order = 50

    transitions = {**PageScreens.transitions, "accept": handover.ACCEPT}
    move_labels = {**MOVE_LABELS, "accept": gettext_lazy("Accept the transfer")}
    done_messages = {**DONE_MESSAGES, "accept": gettext_lazy("Transfer %(case)s was accepted.")}
    primary_moves = PRIMARY | {handover.ACCEPT}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).select_related("to_region", "accepted_by")

    def reach(self, request: HttpRequest) -> Q:
        """What stands in the user's regions, and what comes to them."""
        own = super().reach(request)
        return own | handovers.coming_to(scope_of(request.user)) if own else own

    @admin.display(description=pgettext_lazy("transfer", "leaves"))
    def leaves(self, case: EnrolmentTransfer) -> str:
        return name_of(case.region)

    @admin.display(description=pgettext_lazy("transfer", "joins"))
    def joins(self, case: EnrolmentTransfer) -> SafeString | str:
        place = name_of(case.to_region)
        if case.is_switch:
            place = f"{place} · {case.get_to_scheme_display()}"
        if not case.asked_for:
            return place
        return format_html('{} <span class="tc-tag">{}</span>', place, _("asks"))

    @admin.display(description=gettext_lazy("acceptance"))
    def acceptance(self, case: EnrolmentTransfer) -> SafeString | str:
        if case.accepted_by is not None:
            return format_html('<span class="nowrap">{}</span>', case.accepted_by)
        return _("waits") if case.state == lifecycle.APPROVED else "—"

    # Writing it, on either side.

    def is_about_nobody_yet(self, request: HttpRequest) -> bool:
        """Whoever is asked for has a file, but not here."""
        return ASKING in request.GET

    def form_for(self, person: Person | None) -> type[CaseForm]:
        return ASK_FORM if person is None else self.form_class

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        person, scope = form.person, scope_of(request.user)
        if person is not None and scope.allows(person.insured_region_id):
            return super().form_context(request, form)
        # Asked for: into an area of the own, and of the bills nothing is known yet.
        field = cast("CountyField", form.fields["to_region"])
        field.choices = counties_by_city(form.province(), scope_for(request.user, transfers.WRITE))
        return {"asks": _("Both terms and who does what: 医保办发〔2021〕43号.")}

    def open(self, **given: Any) -> Case:
        if given["person"] is not None:
            return transfers.open_transfer(**given)
        del given["person"]
        return transfer_requests.ask_transfer(**given)

    def change(self, **given: Any) -> Case:
        return transfers.change_transfer(**given)

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        return {"sides": sides(cast("EnrolmentTransfer", case), business_date())}

    # The moves.

    def _may(self, request: HttpRequest, case: Case, transition: Transition) -> bool:
        if transition is handover.ACCEPT:
            hands = {case.maker_id, case.checker_id}
            allowed = request.user.pk not in hands and request.user.has_perm(handovers.CHECK, case)
        else:
            allowed = super()._may(request, case, transition)
        try:
            transfers.moves(case, transition, cast("Any", request.user))
        except Refused:
            return False
        return allowed

    def _label(self, case: Case, transition: Transition) -> Label:
        if case.state == lifecycle.APPROVED:
            if transition is lifecycle.WITHDRAW:
                return gettext_lazy("Take the transfer back")
            if transition is lifecycle.RETURN and cast("EnrolmentTransfer", case).asked_for:
                return gettext_lazy("Return to the area that asked")
            if transition is lifecycle.RETURN:
                return gettext_lazy("Return to the area that is left")
            if transition is lifecycle.EFFECT:
                return gettext_lazy("Take over: put into effect")
        if transition is lifecycle.APPROVE:
            return gettext_lazy("Approve what is shown and hand over")
        return super()._label(case, transition)

    def _closed_because(self, request: HttpRequest, case: Case) -> str:
        transfer = cast("EnrolmentTransfer", case)
        if transfer.asked_for and case.state == lifecycle.SUBMITTED:
            place = name_of(case.region)
            return _("It waits for %(place)s to hand over.") % {"place": place}
        if case.state != lifecycle.APPROVED:
            return super()._closed_because(request, case)
        place = name_of(transfer.to_region)
        if transfer.is_accepted:
            return _("%(place)s accepted it and puts it into effect.") % {"place": place}
        return _("It waits for %(place)s to accept it.") % {"place": place}

    def _do(
        self, request: HttpRequest, case: Case, transition: Transition, form: forms.Form | None
    ) -> Case:
        if transition is not handover.ACCEPT:
            return super()._do(request, case, transition, form)
        shown_digest = request.POST.get("shown_digest", "")
        return transfers.accept_transfer(
            case=case, user=cast("Any", request.user), shown_digest=shown_digest
        )
