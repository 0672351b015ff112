"""The sandbox page: a form a group, recomputed in place with script and by a plain submit without.

It stores nothing. A GET starts from a worked case, a POST computes what the form holds; the same
answer comes as a whole page or, for the script, as the parts that change.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from benefits.rules.covers import EMPLOYEE, NONE, RESIDENT
from config.explain import published_book
from config.explain.inputs import FIRST_YEAR, LAST_YEAR
from config.explain.law import NAMES, Law
from config.sandbox.compute import (
    Comparison,
    Source,
    Trial,
    compare,
    errors_of,
    missing_inputs,
    source_of,
)
from config.sandbox.examples import examples, examples_of
from config.sandbox.forms import CaseForm, Field, Group
from config.sandbox.groups import GROUPS
from config.sandbox.kinds import HISTORY, PAID, YEARS, Form, form_of, history_of, text_in, whole
from config.sandbox.refusals import sentence_of
from enrollment.models import Region
from enrollment.rules.dates import read_date
from enrollment.rules.parameters import MissingParameter, province_of
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.selectors.parameters import description_of
from enrollment.selectors.people import name_of

VIEW = "enrollment.view_policyparameter"
YEARS_SHOWN, MOST_YEARS = 10, 40
TURNS = {RESIDENT: EMPLOYEE, EMPLOYEE: NONE, NONE: RESIDENT}
ROWS = (HISTORY, YEARS, PAID)  # kinds of inputs that stand in the table of years
SUPPOSE = "suppose_"


# What a form holds beside the inputs of its case. ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The law that is asked for: area, day, supposed numbers."""

    area: int | None
    on: date | None
    parameters: Mapping[str, Any]
    errors: Mapping[str, str]


def asked_of(form: CaseForm, data: Form) -> Asked:
    """What the form says of the law; a mistake is a sentence at its field."""
    errors: dict[str, str] = {}
    area, on = form.area, None
    if text := text_in(data, "law_area"):
        area = int(text) if text.isascii() and text.isdigit() and len(text) == 6 else None
        if area not in areas():
            area, errors["law_area"] = form.area, _("There is no such area.")
    if text := text_in(data, "law_day"):
        try:
            on = read_date(text)
        except RuleRefused as refused:
            errors["law_day"] = sentence_of(refused)
    parameters = {
        name: supposed(name, text)
        for name in form.numbers
        if (text := text_in(data, f"{SUPPOSE}{name}"))
    }
    return Asked(area, on, parameters, errors)


def supposed(name: str, text: str) -> Any:
    """A supposed number as a case holds it: a flag, a whole number, or a text."""
    unit = published_book().definitions[NAMES[name]].unit
    if unit == "flag":
        return {"yes": True, "no": False}.get(text, text)
    return text if unit in {"yuan", "rate"} else whole(text)


def areas() -> Sequence[int]:
    """Areas with numbers of their own, provinces first."""
    found = {value.area for value in published_book().values}
    return sorted(found, key=lambda area: (province_of(area), area))


# What the page shows. -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """An input on the page: what it is, what it holds, what is wrong with it."""

    field: Field
    values: Sequence[str]
    first: str
    last: str
    entries: Sequence[tuple[str, Any, str]]  # of an input with a part for each code
    error: str

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def told(self) -> str:
        """What it holds, as the printed page says it."""
        names = {code: str(label) for code, label in self.field.choices}
        if self.entries:
            return _(", ").join(f"{name} {text}" for _code, name, text in self.entries if text)
        if self.first or self.last:
            return _("%(first)s to %(last)s") % {"first": self.first, "last": self.last}
        words = {"yes": _("yes"), "no": _("no"), **names}
        texts = [text for value in self.values for text in value.splitlines()]
        return _(", ").join(words.get(text, text) for text in texts)


@dataclass(frozen=True, slots=True)
class YearCell:
    """A year of the table: its cover, whether it had no claim, what major illness was paid."""

    year: int
    cover: str
    no_claim: bool
    paid: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be supposed, with the one in force."""

    name: str
    what: str
    value: str
    in_force: Source | None
    options: Sequence[tuple[str, str]]
    error: str


COVERS = (
    (RESIDENT, gettext_lazy("resident")),
    (EMPLOYEE, gettext_lazy("employee")),
    (NONE, pgettext_lazy("cover", "none")),
)


def shown_fields(form: CaseForm, data: Form, errors: Mapping[str, str]) -> list[Shown]:
    """The inputs that stand outside of the table of years."""
    found = []
    for field in form.fields:
        if field.kind in ROWS:
            continue
        name = field.name
        entries = [
            (code, label, text_in(data, f"{name}_{code}"))
            for code, label in field.choices
            if field.kind.widget == "by_code"
        ]
        found.append(
            Shown(
                field,
                [text for text in data.getlist(name) if text],
                text_in(data, f"{name}_first"),
                text_in(data, f"{name}_last"),
                entries,
                errors.get(name, ""),
            )
        )
    return found


def years_of(form: CaseForm, data: Form) -> list[YearCell]:
    """The years of the table: ten up to the last, and every earlier one with cover."""
    if not form.until:
        return []
    covers = {
        int(year): cover
        for year, cover in history_of(data, "history").items()
        if year.isascii() and year.isdigit() and FIRST_YEAR <= int(year) <= LAST_YEAR
    }
    asked = whole(text_in(data, form.until))
    known = isinstance(asked, int) and FIRST_YEAR <= asked <= LAST_YEAR
    last = int(asked) - form.ends_before if known else business_date().year
    covered = [year for year, cover in covers.items() if cover != NONE]
    last = max([last, *covered])
    first = max(min([last - YEARS_SHOWN + 1, *covered]), last - MOST_YEARS + 1)
    no_claim = data.getlist("zero_claim_years")
    return [
        YearCell(
            year,
            covers.get(year, NONE),
            str(year) in no_claim,
            text_in(data, f"serious_paid_{year}"),
        )
        for year in range(first, last + 1)
    ]


def turned(data: Form, year: str) -> Form:
    """The form after a click on a year: resident, employee, none, and again."""
    covers = history_of(data, "history")
    covers[year] = TURNS.get(covers.get(year, NONE), RESIDENT)
    copy = data.copy()
    copy.setlist("history", [f"{each}:{cover}" for each, cover in covers.items()])
    return copy


def numbers_of(trial: Trial, data: Form, errors: Mapping[str, str]) -> list[Number]:
    """The numbers that can be supposed, each with what is in force."""
    law = Law(trial.book, {}, area=trial.area, on=trial.on)
    on = _day_of(trial)
    found = []
    for name in trial.form.numbers:
        code = NAMES[name]
        definition = trial.book.definitions[code]
        try:
            source = source_of(trial.book, law.find(code, trial.area or 0, on, definition.scheme))
        except MissingParameter:
            source = None
        value = text_in(data, f"{SUPPOSE}{name}")
        options = [("yes", _("yes")), ("no", _("no"))] if definition.unit == "flag" else []
        options += [(choice, choice) for choice in definition.choices]
        error = errors.get(f"{SUPPOSE}{name}", "")
        found.append(Number(name, description_of(code), value, source, options, error))
    return found


def _day_of(trial: Trial) -> date:
    """1 January of the year that the case is about, else today."""
    year = trial.inputs.get("target_year", trial.inputs.get("year"))
    known = isinstance(year, int) and FIRST_YEAR <= year <= LAST_YEAR
    return date(year, 1, 1) if known else business_date()


# The page -----------------------------------------------------------------------------------------


def to_first_group(request: HttpRequest) -> HttpResponse:
    """To the first group: the navigation names none."""
    return HttpResponseRedirect(reverse("admin:sandbox_group", args=[next(iter(GROUPS))]))


@require_http_methods(["GET", "HEAD", "POST"])
def sandbox(request: HttpRequest, group: str) -> HttpResponse:
    """The page of a group; for the script that recomputes, its changing parts alone."""
    began = time.perf_counter()
    if group not in GROUPS:
        raise Http404
    form, data, loaded = _form_and_data(request, GROUPS[group])
    context = context_of(GROUPS[group], form, data) | {
        "loaded": loaded,
        "milliseconds": _milliseconds(began),
        "printed_at": timezone.localtime(),
    }
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        response = render(request, "config/sandbox_live.html", context)
    else:
        frame = admin.site.each_context(request)
        scope = [(_("Kind"), _("trial, nothing is stored"))]
        context = {**frame, "title": _("Policy sandbox"), "scope": scope, **context}
        response = TemplateResponse(request, "config/sandbox.html", context).render()
    response.headers["Server-Timing"] = f"sandbox;dur={_milliseconds(began):.1f}"
    return response


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _form_and_data(request: HttpRequest, group: Group) -> tuple[CaseForm, Form, str]:
    """Which form is looked at, what it holds, and the number of the worked case that it is.

    As it was sent; else a worked case that is asked for; else the one that the form starts with.
    """
    if request.method == "POST":
        data: Form = request.POST
        year = data.get("turn", "")
        named = group.form_called(data.get("form", ""))
        return named or group.forms[0], turned(data, year) if year else data, ""
    example = examples().get(request.GET.get("case", ""))
    if example is not None and example.group == group.name:
        form = group.form_for(example.inputs)
    else:
        form = group.form_called(request.GET.get("form", "")) or group.forms[0]
        example = examples().get(form.start)
    if example is None:
        return form, form_of(()), ""
    return form, form_of(form.pairs_of(example.inputs)), example.key


def context_of(group: Group, form: CaseForm, data: Form) -> dict[str, Any]:
    """What the templates show of a form: inputs, mistakes, the comparison."""
    asked = asked_of(form, data)
    inputs = form.inputs_of(data)
    trial = Trial(group, form, inputs, asked.parameters, asked.area, asked.on)
    errors = {**asked.errors, **(missing_inputs(trial) if data else {})}
    comparison: Comparison | None = None
    if data and not errors:
        comparison = compare(trial, data.get("beside", ""))
        errors = errors_of(trial, comparison)
    return {
        "group": group,
        "groups": GROUPS.values(),
        "form": form,
        "fields": shown_fields(form, data, errors),
        "years": years_of(form, data),
        "history_error": errors.get("history", ""),
        "has_claims": any(field.kind is YEARS for field in form.fields),
        "covers": COVERS,
        "numbers": numbers_of(trial, data, errors),
        "errors": errors,
        "error": errors.get("", ""),
        "comparison": comparison,
        "supposes": bool(asked.parameters),
        "examples": examples_of(group.name),
        "law": {
            "area": asked.area,
            "areas": named_areas() if form.area else {},
            "area_name": named_areas().get(asked.area or 0, ""),
            "day": text_in(data, "law_day"),
        },
    }


def named_areas() -> dict[int, str]:
    """The areas that can be chosen, by name; the code where the divisions are not loaded."""
    codes = areas()
    rows = Region.objects.filter(pk__in=[code * 1_000_000 for code in codes])
    names = {row.pk // 1_000_000: name_of(row) for row in rows}
    return {code: names.get(code, str(code)) for code in codes}


def register() -> None:
    """Let the page answer and put it into the navigation beside the parameters."""
    site: Any = admin.site
    site.register_page("sandbox/", to_first_group, "sandbox", permission=VIEW)
    site.register_page("sandbox/<slug:group>/", sandbox, "sandbox_group", permission=VIEW)
    site.add_page("year", 45, gettext_lazy("Policy sandbox"), "admin:sandbox", VIEW, key="s")
