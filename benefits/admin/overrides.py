"""Waiting-period override (等待期例外) on screen: the wait by the rule beside the one decided."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from benefits.models import WaitingOverride
from benefits.selectors.repairs import START, stored_lines
from benefits.services import overrides
from enrollment.admin.cases import CaseForm, CaseKindAdmin
from enrollment.models import Case
from enrollment.selectors.bills import bills_of, years_open
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused


class OverrideForm(CaseForm):
    """The open years that have a bill; why is always said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True

    def years(self) -> list[int]:
        return sorted(bills_of(self.whom.pk, years_open(business_date())), reverse=True)


@admin.register(WaitingOverride)
class OverrideAdmin(CaseKindAdmin):
    """等待期例外."""

    kind = overrides.NAME
    form_class = OverrideForm
    form_template = "benefits/override_form.html"
    asks = ("months", "evidence")
    columns = ("shortened",)
    nav_order = 35

    @admin.display(description=gettext_lazy("wait by the rule, decided (months)"))
    def shortened(self, case: WaitingOverride) -> str:
        return f"{case.computed_months} / {case.months}"

    def open(self, **given: Any) -> Case:
        return overrides.open_override(**given)

    def change(self, **given: Any) -> Case:
        return overrides.change_override(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """The wait by the rule of every open year, or why there is none to shorten."""
        return super().form_context(request, form) | {
            "waits": [self._wait(form, year) for year in form.years()],
            "law": _(
                "The wait holds in principle (原则上): 皖医保发〔2024〕6号 一（二）. Who departs "
                "from it says why and on what evidence; two levels decide."
            ),
        }

    def _wait(self, form: CaseForm, year: int) -> dict[str, Any]:
        try:
            ground, found = overrides.by_the_rule(person=form.whom, year=year)
        except Refused as refused:
            return {"year": year, "refused": str(refused)}
        lines = trace_of(stored_lines(START, found.trace), START)
        return {"year": year, "paid_on": ground.facts.paid_on, "wait": found, "lines": lines}
