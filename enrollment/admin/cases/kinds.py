"""The screens of the kinds that enrollment owns: each a few lines.

What a kind asks for comes from its model; a form class of its own says only what the model cannot.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.forms import CaseForm
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import (
    Case,
    CategoryRecognition,
    DuplicateResolution,
    IdentityCorrection,
    Refund,
)
from enrollment.selectors.bills import bills_of, years_on_file, years_open
from enrollment.selectors.calendar import business_date
from enrollment.services import corrections, duplicates, recognitions, refunds


class PresentYearForm(CaseForm):
    """An act on who somebody is stands in the year in which it is done."""

    def years(self) -> list[int]:
        return [business_date().year]


@admin.register(CategoryRecognition)
class RecognitionAdmin(CaseKindAdmin):
    """类别认定."""

    kind = recognitions.KIND.name
    form_class = PresentYearForm
    asks = ("act", "category", "since", "until", "qualified", "source", "evidence")
    columns = ("act", "category")
    nav_order = 15

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """The bills that may follow."""
        bills = bills_of(form.whom.pk, years_open(business_date()))
        return {"bills": [bills[year] for year in sorted(bills, reverse=True)]}


class CorrectionForm(PresentYearForm):
    """What is wrong in the file; the number is typed and sealed, and shown to nobody."""

    id_number = forms.CharField(
        label=gettext_lazy("number of the document"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Only what is wrong is filled in; the rest stays as it is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["year", "name", "sex", "birth_date", "id_type", "id_number"])


@admin.register(IdentityCorrection)
class CorrectionAdmin(CaseKindAdmin):
    """信息更正."""

    kind = corrections.KIND.name
    form_class = CorrectionForm
    asks = ("name", "sex", "birth_date", "id_type", "evidence")
    nav_order = 16

    def open(self, **given: Any) -> Case:
        return corrections.open_correction(**given)

    def change(self, **given: Any) -> Case:
        return corrections.change_correction(**given)


class RefundForm(CaseForm):
    """The years that were paid for, and where the money goes."""

    account = forms.CharField(
        label=gettext_lazy("bank account"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "tc-w-l", "autocomplete": "off"}),
        help_text=gettext_lazy("In a draft the account is not shown again: empty, it stays."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].required = not self.initial.get("version") and not self.data.get(
            "version"
        )
        self.initial.setdefault("requested_on", business_date())
        self.initial.setdefault("payee", self.whom.name)

    def years(self) -> list[int]:
        bills = bills_of(self.whom.pk, years_on_file())
        return sorted((year for year, bill in bills.items() if bill.paid > 0), reverse=True)


@admin.register(Refund)
class RefundAdmin(CaseKindAdmin):
    """退费."""

    kind = refunds.NAME
    form_class = RefundForm
    asks = ("ground", "event_on", "requested_on", "evidence", "payee")
    columns = ("ground", "money")
    nav_order = 20

    def open(self, **given: Any) -> Case:
        return refunds.open_refund(**given)

    def change(self, **given: Any) -> Case:
        return refunds.change_refund(**given)


@admin.register(DuplicateResolution)
class DuplicateAdmin(CaseKindAdmin):
    """重复参保处理."""

    kind = duplicates.KIND.name
    asks = ("keep", "written_choice")
    columns = ("keep",)
    nav_order = 25

    def open(self, **given: Any) -> Case:
        return duplicates.open_resolution(**given)

    def change(self, **given: Any) -> Case:
        return duplicates.change_resolution(**given)
