"""Many cases at once: ticked or filtered, looked at together, then done one by one."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.facts import shown
from enrollment.admin.cases.lists import CaseColumns, Label, page_of
from enrollment.models import Case, User
from enrollment.rules.keys import is_key
from enrollment.selectors.calendar import business_date
from enrollment.selectors.cases import kind_of
from enrollment.services import batches
from enrollment.services.batches import Chosen, Done, Planned

BATCH_LABELS: dict[str, Label] = {
    "submit": gettext_lazy("Submit for checking"),
    "approve": gettext_lazy("Approve"),
    "confirm": gettext_lazy("Approve at the second level"),
    "return": gettext_lazy("Return to the maker"),
    "effect": gettext_lazy("Put into effect"),
}


OWN_FACTS = 6  # the first facts of a case stand in columns of their own


class BatchScreens(CaseColumns):
    """Tick boxes in the list, the preview of a batch, and its result."""

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        columns = super().get_list_display(request)
        return ("tick", *columns) if self.batch_moves(request) else columns

    @admin.display(description="")
    def tick(self, case: Case) -> SafeString:
        return format_html(
            '<input type="checkbox" name="case" value="{}" aria-label="{}">',
            case.pk,
            _("Choose case %(case)s") % {"case": case.pk},
        )

    def batch_moves(self, request: HttpRequest) -> list[tuple[str, Label]]:
        """What this user may do with many cases somewhere; each case asks for itself again."""
        user = request.user
        makes = any(name.startswith("add_") for name in self._case_permissions(user))
        return [
            (move, label)
            for move, label in BATCH_LABELS.items()
            if (makes if move == "submit" else user.has_perm(batches.PERMISSIONS[move]))
        ]

    def _case_permissions(self, user: Any) -> Iterable[str]:
        """Codenames of what the user may do with the kinds of this list."""
        models = Case.__subclasses__() if self.model is Case else [self.model]
        for model in models:
            meta = model._meta
            if user.has_perm(f"{meta.app_label}.add_{meta.model_name}"):
                yield f"add_{meta.model_name}"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("batch/", wrap(self.batch_view), name=f"{name}_batch"),
            path("batch/run/", wrap(self.batch_run_view), name=f"{name}_batch_run"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"batch_moves": self.batch_moves(request), "batch_limit": batches.LIMIT}
        return super().changelist_view(request, context | (extra_context or {}))

    def batch_view(self, request: HttpRequest) -> HttpResponse:
        """What would happen to each of the chosen cases; nothing is done here."""
        move = self._asked_move(request)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if request.method != "POST":
            return HttpResponseRedirect(back)
        found = self._chosen(request)
        reason = request.POST.get("reason", "").strip()
        if not found:
            self.message_user(request, _("Choose cases first: tick their rows."))
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")
        if move == "return" and not reason:
            self.message_user(request, _("Give the reason for which these cases are returned."))
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")
        planned = batches.preview(
            chosen=found, move=move, user=cast("User", request.user), reason=reason
        )
        return self._page(request, "enrollment/case/batch.html", move, reason, self._plan(planned))

    def batch_run_view(self, request: HttpRequest) -> HttpResponse:
        """Do what the preview showed, and say what happened to each case.

        The only view that commits case by case: see `own_transactions` in config/middleware.py.
        """
        user = cast("User", request.user)
        with batches.scoped(user):
            move = self._asked_move(request)
            chosen = read_chosen(request)
            keys = [each.pk for each in chosen]
            mine = set(self.by_key(request).filter(pk__in=keys).values_list("pk", flat=True))
            if move and not chosen:
                self.message_user(request, _("Choose cases first: tick their rows."))
        if not (move and chosen):
            return HttpResponseRedirect("../..")
        reason = request.POST.get("reason", "").strip()
        done = batches.run(
            chosen=[each for each in chosen if each.pk in mine],
            move=move,
            user=user,
            reason=reason,
        )
        with batches.scoped(user):
            page = self._page(request, "enrollment/case/batch_done.html", move, reason, told(done))
            return page.render()

    # As middleware and `admin_view` see it.
    batch_run_view.own_transactions = True  # type: ignore[attr-defined]

    def _plan(self, planned: list[Planned]) -> dict[str, Any]:
        rows = [
            {
                "case": each.case,
                "kind": kind_of(each.case).label,
                "page": page_of(each.case),
                "facts": shown(each.facts[OWN_FACTS:]),
                "target": each.target,
                "target_label": Case.State(each.target).label if each.target else "",
                "refused": each.refused,
                "key": f"{each.case.pk}:{each.case.version}:{each.digest}",
            }
            for each in planned
        ]
        possible = [each for each in planned if not each.refused]
        return {
            "rows": rows,
            "possible": len(possible),
            "refused": len(planned) - len(possible),
            "total": sum((each.case.amount or 0) for each in possible),
        }

    def _chosen(self, request: HttpRequest) -> list[int]:
        """The keys of the ticked rows, or of all that the filters show, up to the limit.

        Only what this user's list holds can be chosen, whatever was posted.
        """
        changelist = self.get_changelist_instance(request)
        queryset = changelist.get_queryset(request)
        if request.POST.get("across") != "1":
            ticked = [int(key) for key in request.POST.getlist("case") if is_key(key)]
            queryset = self.by_key(request).filter(pk__in=ticked[: batches.LIMIT])
        return list(queryset.order_by("-pk").values_list("pk", flat=True)[: batches.LIMIT])

    def _asked_move(self, request: HttpRequest) -> str:
        """The move of the batch, which the user may do somewhere."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return ""
        move = request.POST.get("move", "")
        if move not in dict(self.batch_moves(request)):
            raise PermissionDenied
        return move

    def _page(
        self, request: HttpRequest, template: str, move: str, reason: str, rows: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Batch: %(move)s") % {"move": BATCH_LABELS[move]},
            "move": move,
            "move_label": BATCH_LABELS[move],
            "reason": reason,
            "back": reverse(f"{name}_changelist"),
            "run": reverse(f"{name}_batch_run"),
            "on": business_date(),
            **rows,
        }
        return TemplateResponse(request, template, context)


def read_chosen(request: HttpRequest) -> list[Chosen]:
    """The cases that a preview sent on, KEY:VERSION:DIGEST each. Raises BadRequest."""
    found = []
    for text in request.POST.getlist("chosen")[: batches.LIMIT]:
        key, version, digest = [*text.split(":"), "", ""][:3]
        if not (is_key(key) and is_key(version)):
            raise BadRequest("a case of a batch is KEY:VERSION:DIGEST")
        found.append(Chosen(int(key), int(version), digest))
    return found


def told(done: list[Done]) -> dict[str, Any]:
    """The result as its page shows it."""
    rows = [
        {
            "case": each.case,
            "kind": kind_of(each.case).label,
            "page": page_of(each.case),
            "refused": each.refused,
        }
        for each in done
    ]
    refused = sum(bool(each.refused) for each in done)
    return {"rows": rows, "done": len(done) - refused, "refused": refused}
