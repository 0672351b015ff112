"""Suspense clearing (挂账处理) on screen: from the page of the receipt."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.forms import CaseForm
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Case, Person, Receipt, SuspenseClearing
from enrollment.rules.keys import is_key
from enrollment.selectors.bills import bills_of, years_on_file
from enrollment.selectors.scope import within
from enrollment.selectors.suspense import paid_day
from enrollment.services import clearings


class ClearingForm(CaseForm):
    """Where the money of a receipt goes; the receipt itself is named by the address."""

    receipt = forms.IntegerField(widget=forms.HiddenInput)
    account = forms.CharField(
        label=gettext_lazy("bank account"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "tc-w-l", "autocomplete": "off"}),
        help_text=gettext_lazy("Only for a refund. In a draft: empty, it stays."),
    )

    def years(self) -> list[int]:
        """The years with a bill of the person; without a person that of the receipt alone."""
        return super().years() or sorted(years_on_file(), reverse=True)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The decision, then what a refund needs beside it."""
        refund = ("ground", "payee", "account")
        rest = [each for each in self.visible_fields() if each.name not in refund]
        return [("", rest), (_("Only for a refund"), [self[name] for name in refund])]

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        return super().values_of(case) | {"receipt": cast("SuspenseClearing", case).receipt_id}


@admin.register(SuspenseClearing)
class ClearingAdmin(CaseKindAdmin):
    """挂账处理: starts on the page of the receipt."""

    kind = clearings.NAME
    starts_with = "receipt"
    form_class = ClearingForm
    asks = ("decision", "evidence", "ground", "payee")
    columns = ("decision", "paid_with", "money")
    form_template = "enrollment/case/clearing_form.html"
    nav_group = "enrollment"
    nav_order = 22

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).select_related("receipt")

    @admin.display(description=gettext_lazy("receipt number"))
    def paid_with(self, case: SuspenseClearing) -> SafeString:
        address = reverse("admin:enrollment_receipt_change", args=[case.receipt_id])
        return format_html('<a href="{}">{}</a>', address, case.receipt.receipt_number)

    def choose(self, request: HttpRequest) -> HttpResponse:
        self.message_user(request, _("A clearing starts on the page of a receipt: choose it here."))
        return HttpResponseRedirect(reverse("admin:enrollment_receipt_changelist"))

    def begins(self, request: HttpRequest) -> Person | None:
        """Whose bill: whom the address names, or whom the receipt names if kept here."""
        receipt = self._receipt(request, request.GET["receipt"])
        if request.GET.get("person"):
            return self._person(request, request.GET["person"])
        people = Person.objects.defer("id_sealed", "phone_sealed")
        here = people.filter(within(request.user, region="insured_region"))
        return here.filter(pk=receipt.person_id or 0).first()

    def open(self, **given: Any) -> Case:
        receipt = Receipt.objects.filter(pk=given.pop("receipt")).first()
        if receipt is None:
            raise Http404
        return clearings.open_clearing(receipt=receipt, **given)

    def change(self, **given: Any) -> Case:
        """A clearing stays one of the same receipt."""
        del given["receipt"]
        return clearings.change_clearing(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        receipt = self._receipt(request, str(form["receipt"].value()))
        bills = bills_of(form.person.pk, years_on_file()) if form.person else {}
        return {
            "receipt": receipt,
            "paid_day": paid_day(receipt),
            "bills": [bills[year] for year in sorted(bills, reverse=True)],
        }

    def _receipt(self, request: HttpRequest, key: str) -> Receipt:
        """The receipt in the user's scope."""
        rows = Receipt.objects.filter(within(request.user))
        receipt = rows.filter(pk=key).first() if is_key(key) else None
        if receipt is None:
            raise Http404
        return receipt
