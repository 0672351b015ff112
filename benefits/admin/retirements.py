"""Retirement assessment (退休缴费年限核定) on screen: the months, both ways, and the notice."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from benefits.models import RetirementAssessment
from benefits.selectors.retirement import law_of, months_on_register
from benefits.services import retirements
from enrollment.admin.cases import CaseForm, CaseKindAdmin
from enrollment.models import Case
from enrollment.rules.parameters import MissingParameter
from enrollment.selectors.calendar import business_date

LAW = gettext_lazy(
    "Resident years never count; what is paid beyond the requirement is not refunded: "
    "《安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见》一（二）."
)


class RetirementForm(CaseForm):
    """The year follows from the day; the months of the register are where one begins."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["year"]
        self.known = months_on_register(self.whom.pk)
        self.initial.setdefault("actual_months", self.known)


@admin.register(RetirementAssessment)
class RetirementAdmin(CaseKindAdmin):
    """退休缴费年限核定."""

    kind = retirements.NAME
    form_class = RetirementForm
    form_template = "benefits/retirement_form.html"
    page_template = "benefits/retirement_page.html"
    asks = (
        "retires_on",
        "actual_months",
        "deemed_months",
        "evidence",
        "base",
        "choice",
        "first_month",
    )
    columns = ("missing", "chosen", "money")
    nav_order = 60

    @admin.display(description=gettext_lazy("months missing"))
    def missing(self, case: RetirementAssessment) -> int:
        return case.shortfall_months

    @admin.display(description=gettext_lazy("choice"))
    def chosen(self, case: RetirementAssessment) -> str:
        return str(case.get_choice_display())

    def open(self, **given: Any) -> Case:
        return retirements.open_assessment(**given)

    def change(self, **given: Any) -> Case:
        return retirements.change_assessment(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """Months on file, what the area asks, and once the form says enough, both ways."""
        asked = cast("RetirementForm", form)
        context: dict[str, Any] = {"known": asked.known, "law_text": str(LAW)}
        try:
            context["law"] = law_of(form.whom, business_date())
        except MissingParameter as error:
            context["problem"] = str(retirements.LawMissing(parameter=str(error)))
        return context

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        asked = cast("RetirementAssessment", case)
        return {"trace": trace_of(asked.trace, retirements.MONTHS), "law_text": str(LAW)}
