"""Forms of budgets: what a budget is of, what an adjustment adjusts, the government's approval."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from enrollment.admin.cases import CaseForm, CountyField, DayField
from enrollment.models import Case, Region
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from funds.admin import budget_sheets as sheets
from funds.models import Budget, BudgetAdjustment
from funds.selectors import budgets as reads

APPROVALS = (
    ("city_msb", gettext_lazy("medical security administration of the city")),
    ("city_finance", gettext_lazy("department of finance of the city")),
)


class BudgetForm(CaseForm):
    """Of which area, scheme and year, with what it begins, and by which exception."""

    region = CountyField(label=gettext_lazy("area"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["channel"]
        self.order_fields(["region", "year", "scheme", "opening"])
        for name in ("exception_document", "exception_clause"):
            self.fields[name].required = False
        self.fields["exception_document"].widget.attrs["class"] = "tc-w-xl"
        self.initial.setdefault("year", business_date().year + 1)

    def years(self) -> list[int]:
        present = business_date().year
        return [present + 1, present, present - 1]

    def _fill_counties(self) -> None:
        """The pooling areas of the province, and the province itself, instead of counties."""
        province = Region.objects.filter(pk=settings.PROVINCE)
        areas = [*province, *reads.areas_with_budgets()]
        cast("CountyField", self.fields["region"]).choices = [
            ("", "—"),
            *((str(area.pk), name_of(area)) for area in areas),
        ]


class AdjustmentForm(CaseForm):
    """Which budget is adjusted, why, and who agreed."""

    adjusts = forms.TypedChoiceField(label=gettext_lazy("budget that is adjusted"), coerce=int)
    approvals = forms.MultipleChoiceField(
        label=gettext_lazy("approvals on record"),
        choices=APPROVALS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "tc-checks"}),
        help_text=gettext_lazy("The document of the government is recorded when it is in effect."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("channel", "year"):
            del self.fields[name]
        self.order_fields(["adjusts", "cause", "approvals"])
        for name in ("exception_document", "exception_clause"):
            self.fields[name].required = False
        cast("forms.ChoiceField", self.fields["adjusts"]).choices = [
            ("", "—"),
            *((str(each.pk), sheets.heading_of(each)) for each in _adjustable()),
        ]

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        adjustment = cast("BudgetAdjustment", case)
        return super().values_of(case) | {"adjusts": adjustment.adjusts_id}


def _adjustable() -> list[Budget]:
    """The budgets that are in force or were, of this year and the next; the newest version each."""
    year = business_date().year
    found = Budget.objects.filter(state=Case.State.EFFECTED, year__gte=year)
    return list(
        found.select_related("region").order_by("region_id", "year", "scheme", "-number")
        .distinct("region_id", "year", "scheme")
    )  # fmt: skip


class ApprovalForm(forms.Form):
    """By which document the government approved, and when."""

    approval_document = forms.CharField(
        label=gettext_lazy("Document of the government's approval"), max_length=128
    )
    approved_on = DayField(label=gettext_lazy("Approved on"))
