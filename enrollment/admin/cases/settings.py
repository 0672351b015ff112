"""Setting of a policy parameter (政策参数设定) on screen: an act about an area."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.forms import CaseForm, CountyField
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Case, ParameterSetting, Region
from enrollment.rules.parameter_input import write_typed
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date
from enrollment.selectors.parameters import description_of
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import scope_for
from enrollment.selectors.settable import book_of, limits_of, settable
from enrollment.services import parameter_settings

ADD = "enrollment.add_parametersetting"


class SettingForm(CaseForm):
    """Which number of which area, as it is typed, and the document that sets it."""

    region = CountyField(label=gettext_lazy("area"))
    code = forms.ChoiceField(
        label=gettext_lazy("parameter"), widget=forms.Select(attrs={"class": "tc-w-xl"})
    )
    typed = forms.CharField(
        label=gettext_lazy("value"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "tc-w-l", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Yuan or months as a number, a share as 8%, a period as 2026-09-01..2026-12-31."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["year"]
        self.order_fields(["region", "code", "typed"])
        cast("forms.ChoiceField", self.fields["code"]).choices = [
            ("", "—"),
            *((code, description_of(code)) for code in settable()),
        ]
        self.initial.setdefault("valid_from", date(business_date().year + 1, 1, 1))

    def _fill_counties(self) -> None:
        """The pooling areas of the province instead of its counties."""
        low = settings.PROVINCE // 10**10 * 10**10
        areas = Region.objects.filter(
            is_pooling_area=True, code__gt=low, code__lt=low + 10**10, valid_to=None
        )
        cast("CountyField", self.fields["region"]).choices = [
            ("", "—"),
            *((str(area.pk), name_of(area)) for area in areas.order_by("code")),
        ]

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        asked = cast("ParameterSetting", case)
        typed = write_typed(asked.unit, asked.value, asked.valid_from.year)
        return super().values_of(case) | {"typed": typed}


@admin.register(ParameterSetting)
class SettingAdmin(CaseKindAdmin):
    """政策参数设定."""

    kind = parameter_settings.NAME
    starts_with = ""
    about_person = False
    form_class = SettingForm
    form_template = "enrollment/case/setting_form.html"
    asks = (
        "valid_from",
        "valid_until",
        "document_number",
        "document_title",
        "document_issued_on",
        "clause",
    )
    columns = ("parameter", "set_to", "from_day")
    nav_group = "year"
    nav_order = 45

    @admin.display(description=gettext_lazy("parameter"))
    def parameter(self, case: ParameterSetting) -> str:
        return description_of(case.code)

    @admin.display(description=gettext_lazy("value"))
    def set_to(self, case: ParameterSetting) -> str:
        return write_typed(case.unit, case.value, case.valid_from.year)

    @admin.display(description=gettext_lazy("first day"))
    def from_day(self, case: ParameterSetting) -> str:
        return f"{case.valid_from:%Y-%m-%d}"

    def open(self, **given: Any) -> Case:
        if not scope_for(given["maker"], ADD).allows(given["region_id"]):
            raise parameter_settings.NotYourArea
        return parameter_settings.open_setting(**given)

    def change(self, **given: Any) -> Case:
        return parameter_settings.change_setting(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """What an area may set, and within what on the next 1 January."""
        on = date(business_date().year + 1, 1, 1)
        found = settable()
        book = book_of(found.values())
        rows = []
        for code, definition in found.items():
            try:
                limits = limits_of(definition, settings.PROVINCE, on, book)
            except MissingParameter:
                rows.append((description_of(code), "", "", True))
                continue
            low, high = parameter_settings.bounds_told(definition, limits, on.year)
            rows.append((description_of(code), low, high, False))
        return {"limits": rows, "limits_on": on}
