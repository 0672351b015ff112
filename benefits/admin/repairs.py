"""Gap repair payment (缴费修复) on screen: the calculator that makes the case, and the receipt."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from benefits.models import GapRepair
from benefits.rules.covers import EMPLOYEE, RESIDENT
from benefits.selectors.repairs import (
    PRICE,
    START,
    Ground,
    RepairQuote,
    contribution_day,
    price_status,
    quotes,
    stored_trace,
)
from benefits.services import repairs as services
from enrollment.admin.cases import CaseForm, CaseKindAdmin, DayField, text_of
from enrollment.models import Case
from enrollment.rules.dates import year_end
from enrollment.rules.keys import is_key
from enrollment.selectors.bills import bill_of, years_on_file
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused


class RepairForm(CaseForm):
    """Conditions of the quote, and how many years of it the person chose."""

    paid_on = DayField(label=gettext_lazy("contribution paid on"))
    repair_years = forms.IntegerField(label=gettext_lazy("repair years"), min_value=0)
    field_order = ("year", "paid_on", "repair_years", "channel", "reason")

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        repair = cast("GapRepair", case)
        return super().values_of(case) | {"paid_on": repair.contribution_paid_on}


class ReceiptForm(forms.Form):
    """到账登记: the receipt that pays the order."""

    receipt_number = forms.CharField(label=gettext_lazy("receipt number"), max_length=64)
    received_on = DayField(label=gettext_lazy("received on"))


# The calculator -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YearCell:
    """A year of the strip: resident, employee, broken, or the one that is paid for."""

    year: int
    word: str
    look: str


@dataclass(frozen=True, slots=True)
class Option:
    """A row of the comparison: a number of repaired years, with the year at a glance."""

    quote: RepairQuote
    label: str
    months: str  # twelve letters: w waiting, h half, c covered
    days: int
    chosen: bool

    @property
    def months_told(self) -> str:
        """What the twelve cells say, for those who do not see them."""
        start = self.quote.waiting.benefit_start
        if start is None:
            return _("no benefit in the year")
        return _("benefits from %(day)s") % {"day": start}


def months_of(start: date | None, year: int) -> str:
    """Twelve letters, one a month: waiting, half, covered."""
    if start is None:
        return "w" * 12
    return "".join(
        "c" if start <= date(year, month, 1) else "h" if (start.month == month) else "w"
        for month in range(1, 13)
    )


def days_of(start: date | None, year: int) -> int:
    """Days with benefits in the year."""
    return 0 if start is None else (year_end(year) - start).days + 1


def strip_of(ground: Ground) -> list[YearCell]:
    """The years on file before the benefit year, then the year itself."""
    year, history = ground.facts.target_year, ground.facts.history
    words = {RESIDENT: (_("resident"), ""), EMPLOYEE: (_("employee"), "")}
    cells = [
        YearCell(each, *words.get(history.get(each, ""), (_("broken"), "lapsed")))
        for each in years_on_file()
        if each < year
    ]
    return [*cells, YearCell(year, _("this payment"), "now")]


def trace_of(lines: list[dict[str, Any]], subject: str) -> list[dict[str, str]]:
    """The steps that explain `subject`, in the language of the page: name, value, source."""
    shown = []
    for line in lines:
        if line["subject"] != subject:
            continue
        value = line["value"]
        if line["kind"] == "day":
            value = date.fromisoformat(value)
        elif line["kind"] == "yuan":
            value = Decimal(value)
        source = " ".join(part for part in (line["document"], line["clause"]) if part)
        label: str = line["label"]
        shown.append({"label": _(label), "text": text_of(value), "source": source})
    return shown


@admin.register(GapRepair)
class RepairAdmin(CaseKindAdmin):
    """缴费修复."""

    kind = services.NAME
    form_class = RepairForm
    effect_form = ReceiptForm
    effect_label = gettext_lazy("Register the receipt")
    form_template = "benefits/repair_form.html"
    page_template = "benefits/repair_page.html"
    nav_order = 30
    columns = ("repaired", "money")

    @admin.display(description=gettext_lazy("broken, repaired (years)"))
    def repaired(self, case: GapRepair) -> str:
        return f"{case.broken_years} / {case.repair_years}"

    def open(self, **given: Any) -> Case:
        return services.open_repair(**given)

    def change(self, **given: Any) -> Case:
        return services.change_repair(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        """The calculator: conditions from the form or the address, every option, and its why."""
        person = form.whom
        year, paid_on = conditions(form)
        bill = bill_of(person.pk, year)
        context: dict[str, Any] = {"bill": bill, "year": year, "paid_on": paid_on, "options": []}
        settled_on = contribution_day(bill)
        if settled_on is not None:
            paid_on = settled_on
        context |= {"is_paid": settled_on is not None, "paid_on": paid_on}
        if bill is None:
            return context | {"problem": _("No bill of this person is on file for these years.")}
        try:
            ground = services.ground_or_refuse(
                person=person,
                year=year,
                paid_on=paid_on,
                repaired_on=max(paid_on, business_date()),
            )
            services.quote_or_refuse(ground, 0)
            found = quotes(ground)
        except Refused as refused:
            return context | {"problem": str(refused)}
        return context | calculator(ground, found, asked_years(request, form))

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        repair = cast("GapRepair", case)
        entries = case.entries.order_by("pk") if request.user.has_perm("funds.view_entry") else []
        return {
            "trace": trace_of(repair.trace, START),
            "price_trace": trace_of(repair.trace, PRICE),
            "months": months_of(repair.benefit_start, repair.year),
            "entries": entries,
        }


def conditions(form: CaseForm) -> tuple[int, date]:
    """Year and day of the quote: as asked for, or the latest year and today."""
    years = form.years()
    asked = str(form["year"].value() or "")
    year = int(asked) if is_key(asked) else (years[0] if years else business_date().year)
    try:
        day: date | None = form.fields["paid_on"].clean(form["paid_on"].value())
    except ValidationError:
        day = None
    return year, day or business_date()


def asked_years(request: HttpRequest, form: CaseForm) -> int | None:
    """Which option is looked at: the one whose why was asked for, or the one chosen."""
    for text in (request.GET.get("why", ""), str(form["repair_years"].value() or "")):
        if is_key(text):
            return int(text)
    return None


def calculator(ground: Ground, found: list[RepairQuote], asked: int | None) -> dict[str, Any]:
    """The comparison, and the steps behind the option that is looked at."""
    year = ground.facts.target_year
    at = asked if asked is not None and asked < len(found) else len(found) - 1
    options = [
        Option(
            quote=each,
            label=option_label(each.years),
            months=months_of(each.waiting.benefit_start, year),
            days=days_of(each.waiting.benefit_start, year),
            chosen=each.years == at,
        )
        for each in found
    ]
    chosen = found[at]
    trace = stored_trace(chosen)
    return {
        "strip": strip_of(ground),
        "broken": found[0].waiting.broken_years,
        "useful": len(found) - 1,
        "options": options,
        "chosen": options[at],
        "trace": trace_of(trace, START),
        "price_trace": trace_of(trace, PRICE),
        "price_status": price_status(ground),
        "window": (ground.facts.window_first, ground.facts.window_last),
        "exemption": ground.facts.exemption,
    }


def option_label(years: int) -> str:
    """What a number of repaired years is called."""
    if not years:
        return _("no repair")
    return ngettext("repair %(years)s year", "repair %(years)s years", years) % {"years": years}
