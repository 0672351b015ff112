"""Suspense (待处理款): receipts with money that found no bill, whose it may be, and the batch."""

import uuid
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.base import KeysetChangeList, ReadOnlyAdmin, chip, identity, number
from enrollment.admin.cases.lists import AmountFilter, RegionFilter, YearFilter, page_of
from enrollment.admin.figures import receipt_look
from enrollment.models import Receipt, SuspenseClearing, User
from enrollment.rules import suspense as rule
from enrollment.rules.keys import is_key
from enrollment.rules.lifecycle import DONE
from enrollment.selectors import suspense
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.services import clearing_batches
from enrollment.services.clearing_batches import Batch
from enrollment.services.refusals import Refused

VIEW, CLEAR = "enrollment.view_receipt", "enrollment.add_suspenseclearing"
REASONS = {
    rule.SAME_NUMBER: gettext_lazy("same number"),
    rule.ONE_CHARACTER_OFF: gettext_lazy("number one character off"),
    rule.SAME_NAME: gettext_lazy("same name"),
    rule.SAME_INITIALS: gettext_lazy("name sounds alike"),
    rule.SAME_BIRTH_DATE: gettext_lazy("same birth date"),
    rule.SAME_HOUSEHOLD: gettext_lazy("registered where the number is from"),
    rule.SAME_AREA: gettext_lazy("insured in the area that received it"),
}
AGE_WORDS = {
    "0-7": gettext_lazy("up to 7 days"),
    "8-30": gettext_lazy("8 to 30 days"),
    "31-90": gettext_lazy("31 to 90 days"),
    "91-": gettext_lazy("91 days and more"),
}
DECISION_WORDS = {
    clearing_batches.SUGGESTED: gettext_lazy("Apply as suggested"),
    SuspenseClearing.Decision.RETURN_TAX: gettext_lazy("Return to the tax service"),
}


class OutcomeFilter(admin.SimpleListFilter):
    """Why the money waits."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        waiting = (Receipt.Outcome.OVERPAID, *Receipt.NOT_NEEDED, *Receipt.WITHOUT_BILL)
        return [(each.value, each.label) for each in waiting]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class WaitFilter(admin.SimpleListFilter):
    """How long it has been since the payment."""

    title = gettext_lazy("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AGE_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return suspense.of_age(queryset, self.value() or "", business_date())


class ChannelFilter(admin.SimpleListFilter):
    """By which way it was paid."""

    title = gettext_lazy("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Receipt.Channel.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


class ReceiptChangeList(KeysetChangeList):
    """A page of receipts, with their places and suggestions read for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page = self.result_list
        where = places({each.region for each in page if each.region})
        found = suspense.suggestions_of(page)
        for each in page:
            each.place = where.get(each.region)
            each.suggested = found[each.pk][:1]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """The list of what waits, the page of one receipt, and the batch over ticked ones."""

    nav_hidden = True  # it stands there under its own name
    change_list_template = "enrollment/suspense/list.html"
    list_display_links = None
    list_filter = (
        OutcomeFilter,
        RegionFilter,
        WaitFilter,
        ChannelFilter,
        AmountFilter,
        YearFilter,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        return suspense.in_suspense(super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReceiptChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        columns = (
            "receipt",
            "paid_day",
            "age",
            "payer",
            "masked",
            "year",
            "why",
            "place",
            "channel_name",
            "waiting",
            "suggestion",
        )
        return ("tick", *columns) if self.may_clear(request) else columns

    def may_clear(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CLEAR)

    @admin.display(description="")
    def tick(self, receipt: Receipt) -> SafeString:
        return format_html(
            '<input type="checkbox" name="receipt" value="{}" aria-label="{}">',
            receipt.pk,
            _("Choose receipt %(number)s") % {"number": receipt.receipt_number},
        )

    @admin.display(description=gettext_lazy("receipt number"))
    def receipt(self, receipt: Receipt) -> SafeString:
        address = reverse("admin:enrollment_receipt_change", args=[receipt.pk])
        return format_html('<a href="{}">{}</a>', address, receipt.receipt_number)

    @admin.display(description=gettext_lazy("paid on"))
    def paid_day(self, receipt: Receipt) -> SafeString:
        return nowrap(f"{suspense.paid_day(receipt):%Y-%m-%d}")

    @admin.display(description=gettext_lazy("days"))
    def age(self, receipt: Receipt) -> SafeString:
        return format_html('<span class="num">{}</span>', suspense.age_of(receipt, business_date()))

    @admin.display(description=gettext_lazy("name"))
    def payer(self, receipt: Receipt) -> SafeString:
        return nowrap(receipt.name)

    @admin.display(description=gettext_lazy("identity number"))
    def masked(self, receipt: Receipt) -> SafeString:
        return identity(receipt.id_mask or "—")

    @admin.display(description=gettext_lazy("outcome"))
    def why(self, receipt: Receipt) -> SafeString:
        return chip(receipt.get_outcome_display(), receipt_look(receipt.outcome))

    @admin.display(description=gettext_lazy("region"))
    def place(self, receipt: Any) -> SafeString:
        return nowrap(receipt.place.short if receipt.place else _("province"))

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, receipt: Receipt) -> SafeString:
        return nowrap(receipt.get_channel_display())

    @admin.display(description=gettext_lazy("in suspense (yuan)"))
    def waiting(self, receipt: Receipt) -> SafeString:
        return number(receipt.suspense)

    @admin.display(description=gettext_lazy("suggestion"))
    def suggestion(self, receipt: Any) -> SafeString | str:
        if not receipt.suggested:
            return "—"
        best = receipt.suggested[0]
        return format_html(
            '{} {} <span class="quiet small">{}</span>',
            best.person.name,
            best.bill.year,
            reasons_of(best),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Money in suspense"),
            "decisions": DECISION_WORDS.items() if self.may_clear(request) else (),
            "batch_limit": clearing_batches.LIMIT,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    # One receipt.

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What is known of one receipt, whose it may be, and what was decided on it."""
        receipt = self._receipt(request, object_id)
        suggestions = suspense.suggestions_of([receipt])[receipt.pk] if receipt.suspense else []
        clearings = list(SuspenseClearing.objects.filter(receipt=receipt).order_by("-pk"))
        decided = any(case.state not in DONE for case in clearings)
        where = places({receipt.region} | {each.person.insured_region_id for each in suggestions})
        return self._respond(
            request,
            "enrollment/suspense/receipt.html",
            _("Receipt %(number)s") % {"number": receipt.receipt_number},
            receipt=receipt,
            on=suspense.paid_day(receipt),
            days=suspense.age_of(receipt, business_date()),
            place=where.get(receipt.region),
            look=receipt_look(receipt.outcome),
            suggestions=[
                (each, where.get(each.person.insured_region_id), reasons_of(each))
                for each in suggestions
            ],
            clearings=[(case, page_of(case)) for case in clearings],
            may_clear=self.may_clear(request)
            and receipt.suspense > 0
            and receipt.outcome != ""
            and not decided,
            add=reverse("admin:enrollment_suspenseclearing_add"),
        )

    def _receipt(self, request: HttpRequest, object_id: str) -> Receipt:
        """A receipt of the user's scope, also once nothing of it is in suspense."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Receipt.objects.filter(self.reach(request)).select_related("enrollment")
        receipt = rows.filter(pk=object_id).first() if is_key(object_id) else None
        if receipt is None:
            raise Http404
        return receipt

    # Many at once.

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("batch/", wrap(self.batch_view), name="enrollment_receipt_batch"),
            path("batch/open/", wrap(self.open_view), name="enrollment_receipt_open"),
        ]
        return own + super().get_urls()

    def batch_view(self, request: HttpRequest) -> HttpResponse:
        """What would be drafted for each ticked receipt; nothing is done here."""
        self._check_batch(request)
        back = reverse("admin:enrollment_receipt_changelist")
        asked = self._asked(request)
        if request.method != "POST" or asked is None:
            return HttpResponseRedirect(back)
        batch, chosen = asked
        try:
            lines = clearing_batches.preview(batch=batch, chosen=self._mine(request, chosen))
        except Refused as refused:
            self.message_user(request, str(refused))
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")
        possible = [line for line in lines if not line.refused]
        return self._batch_page(
            request,
            batch=batch,
            lines=[(line, self._said(line)) for line in lines],
            possible=len(possible),
            refused=len(lines) - len(possible),
            total=sum(line.amount for line in possible),
        )

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Draft what the preview showed, asked once more line by line."""
        self._check_batch(request)
        back = reverse("admin:enrollment_receipt_changelist")
        asked = self._asked(request)
        if request.method != "POST" or asked is None:
            return HttpResponseRedirect(back)
        batch, chosen = asked
        try:
            lines = clearing_batches.preview(batch=batch, chosen=self._mine(request, chosen))
        except Refused as refused:
            self.message_user(request, str(refused))
            return HttpResponseRedirect(back)
        user = cast("User", request.user)
        opened = clearing_batches.open_drafts(
            batch=batch, lines=lines, shown=_shown(request), maker=user
        )
        done = [each for each in opened if each.case]
        return self._batch_page(
            request,
            batch=batch,
            opened=[(each, page_of(each.case) if each.case else "") for each in opened],
            done=done,
            refused=len(opened) - len(done),
        )

    def _check_batch(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and self.may_clear(request)):
            raise PermissionDenied

    def _mine(self, request: HttpRequest, chosen: list[int]) -> list[int]:
        """Those of the ticked receipts that are in the user's scope."""
        return list(self.get_queryset(request).filter(pk__in=chosen).values_list("pk", flat=True))

    def _asked(self, request: HttpRequest) -> tuple[Batch, list[int]] | None:
        """What the form says; None where it was not ours."""
        decision = request.POST.get("decision", "")
        keys = [int(key) for key in request.POST.getlist("receipt") if is_key(key)]
        try:
            key = uuid.UUID(request.POST.get("key") or str(uuid.uuid4()))
        except ValueError:
            return None
        if decision not in clearing_batches.DECISIONS:
            return None
        evidence = request.POST.get("evidence", "").strip()[:255]
        return Batch(key, decision, evidence), keys[: clearing_batches.LIMIT]

    def _said(self, line: clearing_batches.Line) -> str:
        return reasons_of(line.suggestion) if line.suggestion else ""

    def _batch_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        batch = context["batch"]
        return self._respond(
            request,
            "enrollment/suspense/batch.html",
            _("Clear many receipts: %(decision)s") % {"decision": DECISION_WORDS[batch.decision]},
            **context,
        )

    def _respond(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        everywhere = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
        }
        return TemplateResponse(request, template, everywhere | context)


def nowrap(text: object) -> SafeString:
    """A cell that stays on one line."""
    return format_html('<span class="nowrap">{}</span>', text)


def _shown(request: HttpRequest) -> dict[int, int]:
    """The bills that the preview showed, by receipt: two lists in the order of its lines."""
    receipts, bills = (request.POST.getlist(name) for name in ("receipt", "bill"))
    pairs = zip(receipts, bills, strict=False)
    return {int(one): int(other) for one, other in pairs if is_key(one) and is_key(other)}


def reasons_of(suggestion: suspense.Suggestion) -> str:
    """Why it may be them, in words."""
    return _(", ").join(str(REASONS[name]) for name in suggestion.likeness.reasons)


admin.site.add_page(  # type: ignore[attr-defined]
    "work", 30, gettext_lazy("Money in suspense"), "admin:enrollment_receipt_changelist", VIEW
)
