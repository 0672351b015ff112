"""The page of one case: what it says, what happened to it, and the moves of its life."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.base import CaseScreens
from enrollment.admin.cases.facts import shown
from enrollment.admin.cases.lists import Label, due_text, page_of
from enrollment.models import Case
from enrollment.rules import lifecycle
from enrollment.rules.keys import is_key
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.selectors import cases as reads
from enrollment.selectors.calendar import business_date
from enrollment.selectors.history import history_of_case
from enrollment.services import cases
from enrollment.services.refusals import Refused

CHECK, EFFECT = "enrollment.check_case", "enrollment.effect_case"
CONFIRM = "enrollment.confirm_case"


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
    "confirm": gettext_lazy("Approve at the second level"),
    "return": gettext_lazy("Return to the maker"),
    "effect": gettext_lazy("Put into effect"),
    "withdraw": gettext_lazy("Withdraw"),
}
DONE_MESSAGES: dict[str, Label] = {
    "submit": gettext_lazy("Case %(case)s was submitted."),
    "approve": gettext_lazy("Case %(case)s was approved."),
    "confirm": gettext_lazy("Case %(case)s was approved at the second level."),
    "return": gettext_lazy("Case %(case)s was returned."),
    "effect": gettext_lazy("Case %(case)s is in effect."),
    "withdraw": gettext_lazy("Case %(case)s was withdrawn."),
}


PRIMARY = {lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.CONFIRM, lifecycle.EFFECT}


def may_undo(user: Any, case: Case) -> bool:
    """Whoever writes cases of a kind asks to undo them: money is undone by fund officers."""
    own = reads.kind_of(case).model._meta
    changes = f"{own.app_label}.change_{own.model_name}"
    return bool(user.has_perm("enrollment.add_casereversal", case) and user.has_perm(changes, case))


class PageScreens(CaseScreens):
    """The page, and the one view that all moves are posted to.

    A kind with a move of its own adds it to `transitions`, `move_labels` and `done_messages`.
    """

    transitions = {name: lifecycle.TRANSITIONS[name] for name in MOVE_LABELS}
    move_labels = MOVE_LABELS
    done_messages = DONE_MESSAGES
    primary_moves = PRIMARY

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
        **shown_again: Any,
    ) -> HttpResponse:
        facts, problem = self._facts(case)
        moves = self._moves(request, case, effect_form)
        context = {
            "case": case,
            "original": case,
            "person": case.person,
            "facts": shown(reads.kind_of(case).told(case, cast("Any", request.user), facts)),
            "digest": lifecycle.digest_of(facts),
            "problem": problem,
            "events": reads.events_of(case),
            "moves": moves,
            "closed_because": "" if moves else self._closed_because(request, case),
            "may_edit": case.state in lifecycle.OPEN_FOR_CHANGE
            and case.maker_id == request.user.pk
            and self.has_change_permission(request, case),
            "reverse_address": self._reverse_address(request, case),
            "reversals": reads.reversals_of(case.pk),
            "history": history_of_case(case.pk),
            "refused": refused,
            "refused_move": move,
            "posted_reason": request.POST.get("reason", ""),
            "due": due_text(case, business_date()),
            "printed_at": timezone.now(),
            **self.beside_moves(request, case),
            **self.page_context(request, case),
            **shown_again,
        }
        title = f"{capfirst(self.opts.verbose_name)} {case.pk}"
        return self._respond(request, self.page_template, title, context)

    def beside_moves(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        """What stands on the page beside the moves."""
        return {}

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
        for transition in self.transitions.values():
            if case.state not in transition.sources or not self._may(request, case, transition):
                continue
            is_effect = transition is lifecycle.EFFECT
            form = (effect_form or self._effect_form(None)) if is_effect else None
            found.append(
                Move(
                    transition,
                    self._label(case, transition),
                    primary=transition in self.primary_moves,
                    form=form,
                )
            )
        return sorted(found, key=lambda move: not move.primary)

    def _reverse_address(self, request: HttpRequest, case: Case) -> str:
        """Where a reversal of the case is asked for, if this user may ask."""
        undoable = reads.kind_of(case).undo is not None and case.state == lifecycle.EFFECTED
        if not undoable or not may_undo(request.user, case):
            return ""
        return f"{reverse('admin:enrollment_casereversal_add')}?reverses={case.pk}"

    def _label(self, case: Case, transition: Transition) -> Label:
        if transition is lifecycle.EFFECT:
            return self.effect_label
        if transition is lifecycle.APPROVE and case.needs_second:
            return gettext_lazy("Check and pass on to the second level")
        return self.move_labels[transition.name]

    def _effect_form(self, data: Any) -> forms.Form | None:
        if self.effect_form is None:
            return None
        initial = {"received_on": business_date()}
        return self.effect_form(data, initial=initial, label_suffix="")

    def _may(self, request: HttpRequest, case: Case, transition: Transition) -> bool:
        """Role and hands. A reversal comes as a case of its own and is no move."""
        user = request.user
        is_maker = case.maker_id == user.pk
        match transition.name:
            case "submit" | "withdraw":
                return is_maker and self.has_change_permission(request, case)
            case "return" | "approve":
                return not is_maker and user.has_perm(CHECK, case)
            case "confirm":
                hands = {case.maker_id, case.checker_id}
                return user.pk not in hands and user.has_perm(CONFIRM, case)
            case "effect":
                return user.has_perm(EFFECT, case)
        return False

    def _closed_because(self, request: HttpRequest, case: Case) -> str:
        """Why there is no button, in a sentence."""
        if not lifecycle.moves_from(case.state) or case.state == lifecycle.EFFECTED:
            return _("This case is closed.")
        if case.state == lifecycle.SUBMITTED:
            if case.maker_id == request.user.pk:
                return _("You made this case: somebody else checks it.")
            return _("It waits for a checker.")
        if case.state == lifecycle.CHECKED:
            return _("It waits for somebody who may approve at the second level.")
        if case.state == lifecycle.APPROVED:
            return _("It waits for somebody who may put it into effect.")
        return _("It is with its maker, %(maker)s.") % {"maker": case.maker}

    def move_view(self, request: HttpRequest, pk: int, move: str) -> HttpResponse:
        """One move of the lifecycle; only by POST."""
        case = self._case(request, pk)
        transition = self.transitions.get(move)
        if transition is None:
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
        self.message_user(request, str(self.done_messages[move]) % {"case": case.pk})
        return HttpResponseRedirect(page_of(case))

    def _check_role(self, request: HttpRequest, case: Case, transition: Transition) -> None:
        """The role alone; whose hands it is in, the service refuses with a sentence."""
        needed: dict[str, bool] = {
            "submit": self.has_change_permission(request, case),
            "withdraw": self.has_change_permission(request, case),
            "approve": request.user.has_perm(CHECK, case),
            "accept": request.user.has_perm(CHECK, case),
            "confirm": request.user.has_perm(CONFIRM, case),
            "return": request.user.has_perm(CHECK, case),
            "effect": request.user.has_perm(EFFECT, case),
        }
        if not self.has_view_permission(request, case) or not needed[transition.name]:
            raise PermissionDenied

    def _do(
        self, request: HttpRequest, case: Case, transition: Transition, form: forms.Form | None
    ) -> Case:
        user = cast("Any", request.user)
        posted = request.POST
        reason = posted.get("reason", "")
        version = int(posted["version"]) if is_key(posted.get("version", "")) else None
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
            case "confirm":
                return cases.confirm_case(
                    case=case, checker=user, shown_digest=posted.get("shown_digest", "")
                )
            case "withdraw":
                return cases.withdraw_case(
                    case=case, user=user, reason=reason, expected_version=version
                )
        details = form.cleaned_data if form is not None else {}
        return cases.put_into_effect(case=case, user=user, **details)
