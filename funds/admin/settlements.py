"""The settlement sheet (清算表) on screen: all cities on one page, their figures as a grid."""

import csv
import io
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.admin.repairs import trace_of
from enrollment.admin.base import yuan
from enrollment.admin.cases import CaseForm, CaseKindAdmin, DayField, page_of
from enrollment.models import Case, User
from enrollment.rules.money import ZERO, round_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from enrollment.services.refusals import Refused
from funds.admin.grids import texts, typed_share, typed_yuan, unseparated, whole_number
from funds.admin.scope import scope_of
from funds.models import Entry, GapCause, SettlementLine, SettlementSheet
from funds.selectors import settlements as reads
from funds.selectors.settlement_tables import TABLES, Column, Row, Table, table_of
from funds.services import settlement_posting, settlements
from funds.services.settlement_figures import INPUTS, Part

TEN_THOUSAND = Decimal(10000)
APPROVALS = (
    ("provincial_msb", gettext_lazy("provincial medical security administration")),
    ("provincial_finance", gettext_lazy("provincial department of finance")),
    ("provincial_tax", gettext_lazy("provincial tax service")),
    ("provincial_government", gettext_lazy("provincial government")),
)
NEGATIVE = frozenset({"balance"})
NOT_MONEY = frozenset({"share", "weight"})


class SheetForm(CaseForm):
    """Which settlement of which year, and by what decision."""

    approvals = forms.MultipleChoiceField(
        label=gettext_lazy("approvals on record"),
        choices=APPROVALS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "tc-checks"}),
        help_text=gettext_lazy("Only for a rate other than the published one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["channel"]
        if reads.method_of(settings.PROVINCE) != SettlementSheet.Method.SICHUAN:
            del self.fields["approvals"]
        self.fields["decision"].widget.attrs["class"] = "tc-w-xl"

    def years(self) -> list[int]:
        present = business_date().year
        return [present, present - 1, present - 2]


class CountersignForm(forms.Form):
    """Who signed for the provincial Finance, when, and by what document."""

    countersigned_by = forms.CharField(
        label=gettext_lazy("Countersigned by (provincial Finance)"), max_length=64
    )
    countersigned_on = DayField(label=gettext_lazy("Countersigned on"))
    countersign_document = forms.CharField(
        label=gettext_lazy("Document of the countersignature"), max_length=128
    )


@admin.register(SettlementSheet)
class SheetAdmin(CaseKindAdmin):
    """调剂金清算."""

    kind = settlements.NAME
    starts_with = ""
    about_person = False
    form_class = SheetForm
    effect_form = CountersignForm
    effect_label = gettext_lazy("Lock with the countersignature")
    page_template = "funds/settlement_page.html"
    form_template = "funds/settlement_form.html"
    asks = ("scheme", "part", "rate", "decision")
    columns = ("settles", "of_scheme", "of_part")
    nav_group = "funds"
    nav_order = 20

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/cities/", wrap(self.cities_view), name=f"{name}_cities"),
            path("<int:pk>/city/<int:area>/", wrap(self.city_view), name=f"{name}_city"),
            path("<int:pk>/export/", wrap(self.export_view), name=f"{name}_export"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("year"))
    def settles(self, case: SettlementSheet) -> int:
        return case.year

    @admin.display(description=gettext_lazy("scheme"))
    def of_scheme(self, case: SettlementSheet) -> str:
        return str(case.get_scheme_display())

    @admin.display(description=gettext_lazy("part"))
    def of_part(self, case: SettlementSheet) -> str:
        return str(case.get_part_display())

    def open(self, **given: Any) -> Case:
        given.pop("person", None)
        return settlements.open_sheet(**given)

    def change(self, **given: Any) -> Case:
        return settlements.change_sheet(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        return {
            "law": _(
                "Money of one scheme never moves to the other: 安徽省级统筹实施意见 一（五）, "
                "川办发〔2023〕38号 二（四）."
            )
        }

    # The page.

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        sheet = cast("SettlementSheet", case)
        table = table_of(sheet)
        whole = request.GET.get("unit") == "yuan"
        chosen = _chosen(request, table)
        net = (chosen.allocation - chosen.levy) if chosen else None
        return {
            "sheet": sheet,
            "heading": heading(sheet),
            "scope": scope_of(sheet, business_date()),
            "columns": table.columns,
            "rows": [_shown(row, table.columns, whole=whole) for row in table.rows],
            "total": _shown(table.total, table.columns, whole=whole),
            "whole": whole,
            "chosen": chosen,
            "chosen_net": net,
            "chosen_trace": trace_of(chosen.trace, reads.SUBJECT) if chosen else [],
            "causes": GapCause.objects.filter(line=chosen, amount__gt=0) if chosen else [],
            "asks_causes": _asks_causes(sheet),
            "trace": trace_of(sheet.trace, reads.SUBJECT),
            "rate": settlements.rate_told(sheet.rate),
            "approvals": [label for code, label in APPROVALS if code in sheet.approvals],
            **_postings(sheet),
        }

    # Figures of the cities.

    def cities_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The grid: what is recorded of every city."""
        sheet = cast("SettlementSheet", self._own_draft(request, pk))
        asked = INPUTS[sheet.method, sheet.part]
        rows = list(sheet.lines.select_related("area"))
        refused, typed = "", {}
        if request.method == "POST":
            typed = texts(request)
            try:
                settlements.record_cities(
                    case=sheet,
                    user=cast("User", request.user),
                    expected_version=whole_number(request.POST.get("version")),
                    cities=_read_grid(rows, asked, typed),
                )
            except Refused as error:
                refused = str(error)
            else:
                self.message_user(request, _("The figures were recorded and computed."))
                return HttpResponseRedirect(page_of(sheet))
        context = {
            "case": sheet,
            "original": sheet,
            "page": page_of(sheet),
            "heading": heading(sheet),
            "scope": scope_of(sheet, business_date()),
            "labels": [label_of(sheet, name) for name in asked],
            "grid": [
                (
                    name_of(line.area),
                    [(name, f"{name}-{line.area_id}", _typed(line, name, typed)) for name in asked],
                )
                for line in rows
            ],
            "refused": refused,
        }
        title = _("Figures of the cities")
        status = 409 if refused else 200
        return self._respond(request, "funds/settlement_cities.html", title, context, status)

    def city_view(self, request: HttpRequest, pk: int, area: int) -> HttpResponse:
        """Why a city has a gap: causes with amounts and evidence."""
        sheet = cast("SettlementSheet", self._own_draft(request, pk))
        line = sheet.lines.select_related("area").filter(area=area).first()
        if line is None or not _asks_causes(sheet):
            raise Http404
        refused, typed = "", {}
        if request.method == "POST":
            typed = texts(request)
            try:
                settlements.record_causes(
                    case=sheet,
                    user=cast("User", request.user),
                    expected_version=whole_number(request.POST.get("version")),
                    area=area,
                    causes=_read_causes(typed),
                )
            except Refused as error:
                refused = str(error)
            else:
                self.message_user(request, _("The causes were recorded and computed."))
                return HttpResponseRedirect(f"{page_of(sheet)}?city={area}")
        known = {cause.cause: cause for cause in line.causes.all()}
        context = {
            "case": sheet,
            "original": sheet,
            "page": page_of(sheet),
            "heading": heading(sheet),
            "scope": scope_of(sheet, business_date()),
            "line": line,
            "place": name_of(line.area),
            "law": _(
                "Gap of the year: %(gap)s yuan. The province shares what has an accepted cause "
                "(安徽省级统筹实施意见 一（五）)."
            )
            % {"gap": yuan(line.gap)},
            "causes": [
                (code, label, *_cause_typed(known.get(code), code, typed))
                for code, label in GapCause.Cause.choices
            ],
            "refused": refused,
        }
        title = _("Causes of the gap")
        status = 409 if refused else 200
        return self._respond(request, "funds/settlement_causes.html", title, context, status)

    # The file.

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheet as CSV, in yuan to the cent."""
        sheet = cast("SettlementSheet", self._seen(request, pk))
        table = table_of(sheet)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([heading(sheet)])
        writer.writerow([_("code"), _("city"), *(str(column.label) for column in table.columns)])
        for row in [*table.rows, table.total]:
            place = (row.line.area_id, name_of(row.line.area)) if row.line else ("", _("Province"))
            cells = ["" if figure is None else f"{figure:f}" for figure in row.figures]
            writer.writerow([*place, *cells])
        state, digest = str(sheet.get_state_display()), sheet.shown_digest
        writer.writerow([_("case number"), sheet.pk, _("state"), state, _("digest"), digest])
        headers = {
            "Content-Disposition": content_disposition_header(True, f"settlement-{sheet.pk}.csv")
        }
        content = out.getvalue().encode("utf-8-sig")
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def heading(sheet: SettlementSheet) -> str:
    """What the sheet is, as its title has it."""
    return _("Provincial adjustment fund of %(year)s, %(scheme)s: %(part)s") % {
        "year": sheet.year,
        "scheme": sheet.get_scheme_display(),
        "part": sheet.get_part_display(),
    }


def _asks_causes(sheet: SettlementSheet) -> bool:
    return sheet.method == SettlementSheet.Method.ANHUI and sheet.part == Part.ALLOCATION


def _chosen(request: HttpRequest, table: Table) -> SettlementLine | None:
    """The city whose computation is shown: the one asked for, or the first with a gap."""
    asked = request.GET.get("city", "")
    lines = [row.line for row in table.rows if row.line]
    found = [line for line in lines if str(line.area_id) == asked]
    found += [line for line in lines if line.gap]
    return next(iter(found or lines), None)


def _shown(row: Row, columns: tuple[Column, ...], *, whole: bool) -> dict[str, Any]:
    cells = [
        {
            "text": _text(figure, column, whole=whole),
            "group": column.group,
            "short": column.gap and bool(figure),
        }
        for figure, column in zip(row.figures, columns, strict=True)
    ]
    name = name_of(row.line.area) if row.line else _("Province")
    return {"name": name, "area": row.line.area_id if row.line else 0, "cells": cells}


def _text(figure: Decimal | None, column: Column, *, whole: bool) -> str:
    """A figure of the table: nothing as a dash, so that what is there is seen."""
    if figure is None or (not figure and column.name not in {"base", "revenue", "expenditure"}):
        return "—"
    if column.unit == "share":
        return settlements.rate_told(figure)
    if column.unit == "weight":
        return f"{figure.normalize():f}"
    amount = figure if whole else round_yuan(figure / TEN_THOUSAND)
    sign = "+" if column.name == "net" and amount > 0 else ""
    return f"{sign}{amount:,.2f}".replace("-", "−")


def _postings(sheet: SettlementSheet) -> dict[str, Any]:
    """What the sheet leads to in the ledger, by reason, and how much of it is posted."""
    posted = {entry.key: entry for entry in reads.entries_of_sheet(sheet)}
    groups: dict[str, dict[str, Any]] = {}
    for plan in settlement_posting.planned(sheet):
        group = groups.setdefault(
            plan.reason,
            {"label": Entry.Reason(plan.reason).label, "count": 0, "posted": 0, "amount": ZERO},
        )
        group["count"] += 1
        group["posted"] += plan.key in posted
        group["amount"] += plan.amount
    return {
        "postings": list(groups.values()),
        "postings_total": sum((group["amount"] for group in groups.values()), ZERO),
        "posted": sum(group["posted"] for group in groups.values()),
    }


def label_of(sheet: SettlementSheet, name: str) -> str:
    """What an input of a city is called: as the sheet's own column where it has one."""
    for column in TABLES[sheet.method, sheet.part]:
        if column.name == name:
            return str(column.label)
    field = cast("models.Field[Any, Any]", SettlementLine._meta.get_field(name))
    return str(field.verbose_name)


def _read_grid(
    lines: list[SettlementLine], asked: tuple[str, ...], typed: dict[str, str]
) -> dict[int, dict[str, Decimal | None]]:
    """What was typed for each city. Raises FigureUnreadable, which names the city."""
    return {
        line.area_id: {
            name: _read(name, typed.get(f"{name}-{line.area_id}", ""), name_of(line.area))
            for name in asked
        }
        for line in lines
    }


def _read(name: str, text: str, place: str) -> Decimal | None:
    if not unseparated(text):
        return ZERO if name == "loss" else None
    try:
        if name in NOT_MONEY:
            value = typed_share(text)
            if value < 0 or (name == "share" and value > 1):
                raise settlements.FigureUnreadable(place=place, text=text)
            return value
        return typed_yuan(text, negative=name in NEGATIVE)
    except RuleRefused as error:
        raise settlements.FigureUnreadable(place=place, text=text) from error


def _typed(line: SettlementLine, name: str, typed: dict[str, str]) -> str:
    key = f"{name}-{line.area_id}"
    if key in typed:
        return typed[key]
    value = getattr(line, name)
    if value is None:
        return ""
    if name in NOT_MONEY:
        return settlements.rate_told(value) if name == "share" else f"{value.normalize():f}"
    return f"{value:f}"


def _read_causes(typed: dict[str, str]) -> dict[str, tuple[Decimal, str]]:
    return {
        code: (
            _read("amount", typed.get(f"amount-{code}", ""), str(label)) or ZERO,
            typed.get(f"evidence-{code}", "")[:255],
        )
        for code, label in GapCause.Cause.choices
    }


def _cause_typed(cause: GapCause | None, code: str, typed: dict[str, str]) -> tuple[str, str]:
    if f"amount-{code}" in typed:
        return typed[f"amount-{code}"], typed.get(f"evidence-{code}", "")
    if cause is None or not cause.amount:
        return "", cause.evidence if cause else ""
    return f"{cause.amount:f}", cause.evidence
