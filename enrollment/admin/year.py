"""The year on screen: run monitor, rehearsal report, year by city.

Pages read the ledger; what they start or sign goes through `enrollment.services.year` and is done
by the workers. A page that refreshes itself asks for its changing part alone.
"""

import logging
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from kombu.exceptions import KombuError

from enrollment import tasks
from enrollment.declarations import ordered_steps
from enrollment.models import PolicyParameter, Region, User, YearRun, YearStep
from enrollment.rules.keys import is_key
from enrollment.rules.regions import CITY, fill_code
from enrollment.selectors import cities, monitor, rehearsals
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import counties_of
from enrollment.services import signing, steering
from enrollment.services import year as yearly
from enrollment.services.refusals import StepRefused

logger = logging.getLogger("tongchou.year")

VIEW = "enrollment.view_yearrun"
STEER = "enrollment.steer_run"
SIGN = "enrollment.sign_rehearsal"
FIRST_YEAR, LAST_YEAR = yearly.FIRST_YEAR, yearly.LAST_YEAR

View = Callable[..., HttpResponse]
Test = Callable[[HttpRequest], bool]


def may_steer(request: HttpRequest) -> bool:
    """Whether a duty of the user reaches the whole province, whose year it is."""
    return request.user.has_perm(STEER, YearRun(province_id=settings.PROVINCE))


def may_sign(request: HttpRequest) -> bool:
    """As `may_steer`, for the signature that opens the province's year."""
    return request.user.has_perm(SIGN, YearRun(province_id=settings.PROVINCE))


# What a refusal says on screen, by its stable name; the step's own words stand beside it.
REFUSALS: dict[str, str | Promise] = {
    "unknown_step": gettext_lazy("There is no such step."),
    "unknown_year": gettext_lazy("This is not a benefit year."),
    "unknown_area": gettext_lazy("There is no such area in this province."),
    "year_missing": gettext_lazy("A year that this step rests on is not on file."),
    "out_of_order": gettext_lazy("The order of the year does not allow this step yet."),
    "area_before_province": gettext_lazy(
        "An area alone can only be rehearsed until the step has run for the province."
    ),
    "came_by_history": gettext_lazy("This year came by history files and is closed."),
    "missing_parameter": gettext_lazy("A parameter has no value on that day; nothing is guessed."),
    "quota_out_of_range": gettext_lazy("A quota lies outside the range that the law allows."),
    "nobody_here": gettext_lazy("The register is empty."),
    "not_rehearsed": gettext_lazy("No finished rehearsal has this digest."),
    "rehearsal_of_an_area": gettext_lazy("Only a rehearsal of the whole province can be signed."),
    "already_done": gettext_lazy("The step has already run."),
    "another_step_runs": gettext_lazy("Another step of this year is under way; wait for its end."),
    "superseded": gettext_lazy(
        "People changed, and this rehearsal was computed again. Sign the newer report."
    ),
    "paused": gettext_lazy("The step is paused; resume it."),
    "parameter_changed": gettext_lazy("A parameter changed since the rehearsal. Rehearse again."),
    "program_changed": gettext_lazy("The step computes otherwise since. Rehearse again."),
    "result_changed": gettext_lazy("People changed since the rehearsal; it was computed again."),
    "not_running": gettext_lazy("The step is not running."),
    "not_paused": gettext_lazy("The step is not paused."),
    "not_failed": gettext_lazy("The step has not failed."),
}


def told(refusal: StepRefused) -> str:
    """A refusal in the language of the page, with the names that it gives."""
    sentence = REFUSALS.get(refusal.name, refusal.name)
    return f"{sentence} [{refusal.name}: {refusal.told}]"


def refusal_of(step: YearStep) -> str:
    """Why a step stopped, as it was recorded, with the sentence of its name in front."""
    name, _colon, _rest = step.refusal.partition(":")
    sentence = REFUSALS.get(name)
    return f"{sentence} [{step.refusal}]" if sentence else step.refusal


# Pages --------------------------------------------------------------------------------------------


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of the year in the frame of the admin."""
    frame = admin.site.each_context(request)
    request.current_app = admin.site.name
    return TemplateResponse(request, template, {**frame, "title": title, **context})


def scope_of(year: int, run: YearRun | None) -> list[tuple[str, str]]:
    """What the figures of a page are about. The province is that of the run, once there is one."""
    scope = [(_("Region"), name_of(run.province))] if run else []
    return [
        *scope,
        (_("Scheme"), _("Residents")),
        (_("Benefit year"), str(year)),
        (_("Data as of"), f"{timezone.localtime():%Y-%m-%d %H:%M:%S}"),
    ]


def years_bar(chosen: int) -> dict[str, Any]:
    """The years that can be looked at, and the run of the one that is."""
    runs = monitor.real_runs()
    shown = monitor.years_to_show(runs, business_date())
    return {
        "year": chosen,
        "years": shown if chosen in shown else sorted({chosen, *shown}, reverse=True),
        "run": next((run for run in runs if run.year == chosen), None),
    }


def to_present(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """A view that leads to a page's present year, because the navigation has no year in it."""

    def view(request: HttpRequest) -> HttpResponse:
        year = monitor.year_at_work(monitor.real_runs(), business_date())
        return HttpResponseRedirect(reverse(f"admin:{name}", args=[year]))

    return view


def known_year(year: int) -> int:
    """The year, or 404 for what is no benefit year."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return year


# Run monitor --------------------------------------------------------------------------------------


class StartForm(forms.Form):
    """Which step, on which day, for the whole province or one area."""

    step = forms.ChoiceField(label=gettext_lazy("Step"))
    on = forms.DateField(
        label=gettext_lazy("Business date"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    area = forms.CharField(
        label=gettext_lazy("Area"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Empty: the whole province. Else 6, 9 or 12 digits."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.name, each.label) for each in ordered_steps()]
        self.fields["step"].choices = choices  # type: ignore[attr-defined]

    def clean_area(self) -> int | None:
        """Twelve digits of the area, None for the province."""
        text = self.cleaned_data["area"].strip()
        if not text:
            return None
        try:
            return fill_code(text)
        except ValueError:
            raise forms.ValidationError(_("A region code has 6, 9 or 12 digits.")) from None


def run_monitor(request: HttpRequest, year: int, form: StartForm | None = None) -> HttpResponse:
    """The run of a year: steps, progress, slices, cities, signature, what needs somebody."""
    shown = monitor.monitor(known_year(year), step_id=_asked_step(request))
    return page(
        request,
        "enrollment/year/run.html",
        _("Yearly run of %(year)d") % {"year": year},
        scope=scope_of(year, shown.run),
        form=form or StartForm(initial=_next_step(shown)),
        **years_bar(year),
        **_live_context(request, shown),
    )


def run_live(request: HttpRequest, year: int) -> HttpResponse:
    """The changing part of the run monitor, for the page that refreshes itself."""
    shown = monitor.monitor(known_year(year), step_id=_asked_step(request))
    response = render(
        request,
        "enrollment/year/live.html",
        {**years_bar(year), **_live_context(request, shown)},
    )
    if not shown.is_live:
        response.headers["X-Refresh"] = "stop"
    return response


def _live_context(request: HttpRequest, shown: monitor.RunMonitor) -> dict[str, Any]:
    return {
        "monitor": shown,
        "may_steer": may_steer(request),
        "may_sign": may_sign(request),
        "refusal": refusal_of(shown.step) if shown.step else "",
        "asked_step": _asked_step(request) or "",
    }


def _asked_step(request: HttpRequest) -> int | None:
    text = request.GET.get("step", "")
    return int(text) if is_key(text) else None


def _next_step(shown: monitor.RunMonitor) -> dict[str, Any]:
    """What the form proposes: the next step on its day of the calendar."""
    planned = shown.planned
    if planned is None:
        return {"on": business_date()}
    return {"step": planned.declared.name, "on": planned.planned}


# Acts ---------------------------------------------------------------------------------------------


def go_on(step: YearStep) -> None:
    """Ask the workers to go on once this is committed; without a broker the sweep will."""

    def ask() -> None:
        try:
            tasks.advance_soon(step)
        except (KombuError, OSError) as error:
            logger.warning("no broker, the step waits for the sweep: %s", type(error).__name__)

    transaction.on_commit(ask)


def by(request: HttpRequest) -> str:
    """Who started something, as the ledger names it: 王建国 (wang)."""
    name, account = str(request.user), request.user.get_username()
    return account if name == account else f"{name} ({account})"


@require_POST
def start(request: HttpRequest, year: int) -> HttpResponse:
    """Start a step, or with `rehearse` compute it without effect."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return run_monitor(request, year, form)
    rehearse = "rehearse" in request.POST
    try:
        step = yearly.start_step(
            name=form.cleaned_data["step"],
            year=year,
            on=form.cleaned_data["on"],
            area=form.cleaned_data["area"],
            rehearse=rehearse,
            started_by=by(request),
        )
    except StepRefused as refusal:
        form.add_error(None, told(refusal))
        return run_monitor(request, year, form)
    go_on(step)
    messages.success(
        request,
        _("The rehearsal has begun; its report follows.") if rehearse else _("The step has begun."),
    )
    return HttpResponseRedirect(_at(step))


def _at(step: YearStep) -> str:
    """The run monitor at a step."""
    return f"{reverse('admin:run_monitor', args=[step.run.year])}?step={step.pk}"


ACTS: dict[str, tuple[Callable[..., Any], str | Promise]] = {
    "pause": (
        steering.pause_step,
        gettext_lazy("Paused. Slices at work end, no further one begins."),
    ),
    "resume": (steering.resume_step, gettext_lazy("The step goes on.")),
    "retry": (steering.retry_failed, gettext_lazy("The failed pieces are tried again.")),
}


@require_POST
def steer(request: HttpRequest, step_id: int, act: str) -> HttpResponse:
    """Pause or resume a step, or try its failed pieces again."""
    step = get_object_or_404(YearStep.objects.select_related("run"), pk=step_id)
    if act not in ACTS:
        raise Http404
    service, said = ACTS[act]
    try:
        service(step=step)
    except StepRefused as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, str(said))
        if act != "pause":
            go_on(step)
    return HttpResponseRedirect(_at(step))


# Rehearsal ----------------------------------------------------------------------------------------


def rehearsal_report(request: HttpRequest, step_id: int) -> HttpResponse:
    """The report of a rehearsal beside the year before, its terms, its digest, its signature."""
    step = _rehearsed(step_id)
    counties = counties_of(request.user)
    scope = "all" if counties is None else ",".join(map(str, counties))
    report = rehearsals.rehearsal(step, scope=scope)
    return page(
        request,
        "enrollment/year/rehearsal.html",
        _("Rehearsal of %(year)d") % {"year": step.run.year},
        scope=scope_of(step.run.year, step.run),
        report=report,
        step=step,
        may_sign=may_sign(request),
        why_not=_why_not_sign(request, report),
        printed_at=timezone.localtime(),
        refusal=refusal_of(step),
        last_year=step.run.year - 1,
        item_columns=rehearsals.PEOPLE_AND_MONEY,
        statuses={name: report.statuses[name] for name in PolicyParameter.Status.values},
        **years_bar(step.run.year),
    )


def _why_not_sign(request: HttpRequest, report: rehearsals.Rehearsal) -> str:
    """Why the signature is closed to the reader, said beside it; nothing where it is open."""
    step = report.step
    if step.state != YearStep.State.DONE:
        return _("The rehearsal is not finished.")
    if step.area is not None:
        return _("Only a rehearsal of the whole province can be signed.")
    if step.signed_by_id is not None:
        return _("It is signed.")
    if not may_sign(request):
        return _("Your role does not sign rehearsals.")
    return ""


def _rehearsed(step_id: int) -> YearStep:
    steps = YearStep.objects.select_related("run__province", "signed_by", "rehearsed")
    return get_object_or_404(steps, pk=step_id, run__mode=YearRun.Mode.REHEARSAL)


@require_POST
def sign_rehearsal(request: HttpRequest, step_id: int) -> HttpResponse:
    """Sign the digest of a rehearsal; what was rehearsed begins."""
    step = _rehearsed(step_id)
    report_page = reverse("admin:rehearsal", args=[step.pk])
    if request.POST.get("digest", "") != step.digest:
        messages.error(request, _("The report changed while the page was open. Read it again."))
        return HttpResponseRedirect(report_page)
    try:
        with transaction.atomic():
            begun = signing.sign(
                digest=step.digest,
                user=User.objects.get(username=request.user.get_username()),
                started_by=by(request),
            )
    except StepRefused as refusal:
        messages.error(request, told(refusal))
        return HttpResponseRedirect(report_page)
    go_on(begun)
    if begun.run.is_rehearsal:
        messages.warning(
            request,
            _(
                "People changed since the rehearsal. Their slices are computed again; "
                "then sign the new report."
            ),
        )
        return HttpResponseRedirect(reverse("admin:rehearsal", args=[begun.pk]))
    messages.success(request, _("Signed. What was rehearsed begins."))
    return HttpResponseRedirect(_at(begun))


# Year by city -------------------------------------------------------------------------------------


def year_cities(request: HttpRequest, year: int) -> HttpResponse:
    """The year by city."""
    bar = years_bar(known_year(year))
    return page(
        request,
        "enrollment/year/cities.html",
        _("Year by city %(year)d") % {"year": year},
        scope=scope_of(year, bar["run"]),
        **_table(cities.year_by_place(year)),
        city=None,
        **bar,
    )


def year_counties(request: HttpRequest, year: int, city: int) -> HttpResponse:
    """The year of one city by county."""
    region = get_object_or_404(Region, pk=city * CITY)
    bar = years_bar(known_year(year))
    return page(
        request,
        "enrollment/year/cities.html",
        _("%(city)s by county %(year)d") % {"city": name_of(region), "year": year},
        scope=scope_of(year, bar["run"]),
        **_table(cities.year_by_place(year, city=region.pk)),
        city=region,
        **bar,
    )


def _table(table: cities.YearByPlace) -> dict[str, Any]:
    # insured last year, each reason, joined, insured, (waiting,) kept
    return {"table": table, "turn_columns": len(table.reasons) + 4 + table.has_waiting}


def desk_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The year at work on the start page of those who see the year."""
    if not request.user.has_perm(VIEW):
        return None
    year = monitor.year_at_work(monitor.real_runs(), business_date())
    steps = monitor.steps_of(year)
    done = [step for step in steps if not step.run.is_rehearsal]
    return {
        "year": year,
        "lines": monitor.step_lines(done, year, None),
        "today": business_date(),
        "to_sign": monitor.to_sign(steps) if may_sign(request) else [],
    }


def register(site: Any) -> None:
    """Let the pages answer, and put those without a year into the navigation."""
    pages: tuple[tuple[str, View, str, str | Test], ...] = (
        ("year/", to_present("run_monitor"), "year", VIEW),
        ("year/<int:year>/", run_monitor, "run_monitor", VIEW),
        ("year/<int:year>/live/", run_live, "run_live", VIEW),
        ("year/<int:year>/start/", start, "start_step", may_steer),
        ("year/step/<int:step_id>/<slug:act>/", steer, "steer_step", may_steer),
        ("year/rehearsal/<int:step_id>/", rehearsal_report, "rehearsal", VIEW),
        ("year/rehearsal/<int:step_id>/sign/", sign_rehearsal, "sign_rehearsal", may_sign),
        ("year/cities/", to_present("year_cities"), "cities", VIEW),
        ("year/cities/<int:year>/", year_cities, "year_cities", VIEW),
        ("year/cities/<int:year>/<int:city>/", year_counties, "year_counties", VIEW),
    )
    for route, view, name, permission in pages:
        site.register_page(route, view, name, permission=permission)
    site.add_panel("main", 30, "enrollment/year/desk.html", desk_panel)
    site.add_page("year", 10, gettext_lazy("Yearly run"), "admin:year", VIEW, key="r")
    site.add_page("year", 20, gettext_lazy("Year by city"), "admin:cities", VIEW, key="y")


register(admin.site)
