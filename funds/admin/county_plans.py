"""County monthly plans (县级用款计划) on screen: the budget, transfer, confirmation."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from benefits.selectors.repairs import stored_lines
from enrollment.admin.cases import CaseForm, CaseKindAdmin, CountyField, DayField, page_of
from enrollment.models import Case, User
from enrollment.rules import lifecycle
from enrollment.selectors.calendar import business_date
from enrollment.selectors.scope import scope_for
from enrollment.services.refusals import Refused
from funds.admin.scope import scope_of
from funds.models import CountyPlan, CountyReceipt
from funds.selectors import budgets as reads
from funds.selectors.ledger import entries_of
from funds.services import budgets, county_plans

ADD = "funds.add_countyplan"


def _first_of(value: Any) -> date:
    """A month as a choice says it. Raises ValueError."""
    return date.fromisoformat(str(value))


class PlanForm(CaseForm):
    """Which county needs how much in which month."""

    region = CountyField(label=gettext_lazy("county"))
    month = forms.TypedChoiceField(label=gettext_lazy("month"), coerce=_first_of)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("channel", "year"):
            del self.fields[name]
        self.order_fields(["region", "scheme", "month", "amount"])
        today = business_date()
        months = [date(today.year + add // 12, add % 12 + 1, 1)
                  for add in range(today.month - 2, today.month + 11)]  # fmt: skip
        cast("forms.ChoiceField", self.fields["month"]).choices = [
            (f"{each:%Y-%m-%d}", f"{each:%Y-%m}") for each in months
        ]
        self.initial.setdefault("month", f"{today.replace(day=1):%Y-%m-%d}")


class ReceivedForm(forms.Form):
    """What the county found on its account, and when."""

    received_on = DayField(label=gettext_lazy("Received on"))
    amount = forms.DecimalField(
        label=gettext_lazy("Amount received (yuan)"), max_digits=17, decimal_places=2
    )


@admin.register(CountyPlan)
class PlanAdmin(CaseKindAdmin):
    """县级用款计划."""

    kind = county_plans.NAME
    starts_with = ""
    about_person = False
    form_class = PlanForm
    form_template = "funds/plan_form.html"
    page_template = "funds/plan_page.html"
    effect_label = gettext_lazy("Transfer to the county")
    asks = ("scheme", "amount")
    columns = ("of_scheme", "of_month", "money", "confirmed")
    nav_group = "funds"
    nav_order = 14

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(self.confirm_view)
        name = "funds_countyplan_confirm"
        return [path("<int:pk>/confirm/", confirm, name=name), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("receipt")

    @admin.display(description=gettext_lazy("scheme"))
    def of_scheme(self, case: CountyPlan) -> str:
        return str(case.get_scheme_display())

    @admin.display(description=gettext_lazy("month"))
    def of_month(self, case: CountyPlan) -> str:
        return f"{case.month:%Y-%m}"

    @admin.display(description=gettext_lazy("confirmed on"))
    def confirmed(self, case: CountyPlan) -> str:
        receipt = _receipt_of(case)
        return f"{receipt.received_on:%Y-%m-%d}" if receipt else "—"

    def open(self, **given: Any) -> Case:
        given.pop("person", None)
        if not scope_for(given["maker"], ADD).allows(given["region_id"]):
            raise budgets.NotYourArea
        return county_plans.open_plan(**given)

    def change(self, **given: Any) -> Case:
        return county_plans.change_plan(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        return {
            "law": _(
                "A month's money goes to the county by its plan, at most what is left of the "
                "approved budget: 鄂政办发〔2020〕9号 三（五）."
            )
        }

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        plan = cast("CountyPlan", case)
        user = cast("User", request.user)
        receipt = _receipt_of(plan)
        waits = plan.state == lifecycle.EFFECTED and receipt is None
        may_confirm = waits and county_plans.is_of_the_county(user, plan)
        context: dict[str, Any] = {
            "plan": plan,
            "scope": scope_of(plan, business_date()),
            "receipt": receipt,
            "entries": entries_of(plan.pk),
            "waits": waits,
            "confirm_form": self._received_form(plan) if may_confirm else None,
            "left": reads.county_left(plan.region_id, plan.scheme, plan.year),
            "trace": [],
            "short": "",
        }
        try:
            found = county_plans.assessed(plan)
        except Refused as refused:
            return context | {"short": str(refused)}
        trace = stored_lines(reads.SUBJECT, found.trace)
        return context | {
            "trace": trace_of(trace, reads.SUBJECT),
            "remaining": found.remaining_after,
            "exceeds": not found.payable,
        }

    def _received_form(self, plan: CountyPlan, data: Any = None) -> ReceivedForm:
        initial = {"received_on": business_date(), "amount": plan.amount}
        return ReceivedForm(data, initial=initial, label_suffix="")

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The county confirms what it received; only by POST."""
        plan = cast("CountyPlan", self._case(request, pk))
        if not request.user.has_perm(county_plans.CONFIRM, plan):
            return self._case_page(request, plan, refused=county_plans.NotTheCounty())
        if request.method != "POST":
            return HttpResponseRedirect(page_of(plan))
        form = self._received_form(plan, request.POST)
        if not form.is_valid():
            return self._case_page(request, plan, confirm_form=form)
        try:
            county_plans.confirm_receipt(
                plan=plan,
                user=cast("User", request.user),
                received_on=form.cleaned_data["received_on"],
                amount=cast("Decimal", form.cleaned_data["amount"]),
            )
        except Refused as refused:
            if refused.field in form.fields:
                form.add_error(refused.field, str(refused))
            return self._case_page(request, plan, refused=refused, confirm_form=form)
        self.message_user(request, _("The receipt was confirmed."))
        return HttpResponseRedirect(page_of(plan))


def _receipt_of(plan: CountyPlan) -> CountyReceipt | None:
    return getattr(plan, "receipt", None)
