"""Risk warnings (风险预警) on screen: they begin at a reading that is out of bounds."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from enrollment.admin.cases import CaseForm, CaseKindAdmin
from enrollment.models import Case
from enrollment.rules.keys import is_key
from enrollment.selectors.people import short_name_of
from enrollment.selectors.scope import scope_for
from funds.models import RiskReading, RiskWarning
from funds.selectors.risk import latest, value_told
from funds.services import risk_warnings
from funds.services.fund_movements import BooksNotYours

ADD = "funds.add_riskwarning"
LONG_TEXT = {"rows": 3, "cols": 60}


class WarningForm(CaseForm):
    """What is done about it, by whom and by when."""

    reading = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("year", "channel"):
            del self.fields[name]
        self.fields["plan"].widget = forms.Textarea(attrs=LONG_TEXT)

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        return super().values_of(case) | {"reading": case.reading_id}  # type: ignore[attr-defined]


class ResultForm(forms.Form):
    """What came of a warning."""

    outcome = forms.ChoiceField(label=gettext_lazy("outcome"), choices=RiskWarning.Outcome.choices)
    result = forms.CharField(
        label=gettext_lazy("result"), max_length=1000, widget=forms.Textarea(attrs=LONG_TEXT)
    )


@admin.register(RiskWarning)
class WarningAdmin(CaseKindAdmin):
    """风险预警."""

    kind = risk_warnings.NAME
    starts_with = "reading"
    about_person = False
    form_class = WarningForm
    effect_form = ResultForm
    effect_label = gettext_lazy("Close with this result")
    form_template = "funds/warning_form.html"
    page_template = "funds/warning_page.html"
    asks = ("plan", "responsible", "act_by")
    columns = ("what", "of_scheme", "books", "month", "value", "by_day")
    nav_group = "funds"
    nav_order = 4

    @admin.display(description=gettext_lazy("indicator"))
    def what(self, case: RiskWarning) -> str:
        return str(case.reading.get_indicator_display())

    @admin.display(description=gettext_lazy("scheme"))
    def of_scheme(self, case: RiskWarning) -> str:
        return str(case.reading.of.get_scheme_display())

    @admin.display(description=gettext_lazy("books of"))
    def books(self, case: RiskWarning) -> str:
        return short_name_of(case.region)

    @admin.display(description=gettext_lazy("month"))
    def month(self, case: RiskWarning) -> str:
        return f"{case.reading.of.month:%Y-%m}"

    @admin.display(description=gettext_lazy("value"))
    def value(self, case: RiskWarning) -> str:
        return value_told(case.reading)

    @admin.display(description=gettext_lazy("to be done by"))
    def by_day(self, case: RiskWarning) -> str:
        return f"{case.act_by:%Y-%m-%d}"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("reading__of")

    def choose(self, request: HttpRequest) -> HttpResponse:
        """A warning begins on the page of the funds."""
        return HttpResponseRedirect(f"{reverse('admin:fund_view')}#alarms-h")

    def begins(self, request: HttpRequest) -> None:
        """A warning is about nobody; its address names the reading."""
        _reading(request.GET["reading"])

    def open(self, **given: Any) -> Case:
        reading = _reading(str(given.pop("reading")))
        del given["person"]
        if not scope_for(given["maker"], ADD).allows(reading.of.region_id):
            raise BooksNotYours
        return risk_warnings.open_warning(reading=reading, **given)

    def change(self, **given: Any) -> Case:
        """A warning stays one of its reading."""
        del given["reading"]
        return super().change(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        reading = _reading(str(form["reading"].value()))
        return {"reading": reading, "value": value_told(reading)}


def _reading(key: str) -> RiskReading:
    """A reading of the latest run of its month, in the user's scope."""
    found = RiskReading.objects.filter(of__in=latest()).select_related("of__region")
    reading = found.filter(pk=key).first() if is_key(key) else None
    if reading is None:
        raise Http404
    return reading
