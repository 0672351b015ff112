"""The calendar of a benefit year on screen: each step on a timeline, its state and what is next.

Steering and progress stand on the run monitor (`enrollment.admin.year`), to which every step leads.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from enrollment.admin import year as pages
from enrollment.declarations import Step, ordered_steps
from enrollment.rules.timetable import Plan, every_day, in_rounds, once
from enrollment.selectors import jobs
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import StepRefused

LOOKS = {
    "due": gettext_lazy("planned"),
    "done": gettext_lazy("done"),
    "running": gettext_lazy("at work"),
    "failed": gettext_lazy("stopped"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A step with what its timeline says in words, mark by mark and as a whole."""

    job: jobs.Job
    why_stopped: str
    marks: list[tuple[jobs.Stretch, str]]

    @property
    def said(self) -> str:
        """The timeline in a sentence; of many marks the last ones."""
        told = [words for _stretch, words in self.marks]
        return "; ".join(told[-6:]) or _("not run yet")


def _row(job: jobs.Job) -> Row:
    marks = [(stretch, _words(stretch)) for stretch in job.runs]
    return Row(job, pages.refusal_of(job.trouble) if job.trouble else "", marks)


def _words(stretch: jobs.Stretch) -> str:
    """2026-09-01 to 2026-10-14: done, 44 times."""
    days = f"{stretch.first:%Y-%m-%d}"
    if stretch.last != stretch.first:
        days = _("%(first)s to %(last)s") % {"first": days, "last": f"{stretch.last:%Y-%m-%d}"}
    told = {"days": days, "state": LOOKS[stretch.look], "times": stretch.times}
    if stretch.times == 1:
        return _("%(days)s: %(state)s") % told
    return _("%(days)s: %(state)s, %(times)s times") % told


def year_calendar(request: HttpRequest, year: int) -> HttpResponse:
    """The calendar of a benefit year as a timeline, with what failed last and who signed."""
    bar = pages.years_bar(pages.known_year(year))
    plans, refusals = plans_of(year)
    timeline = jobs.timeline_of(year, on=business_date(), plans=plans, refusals=refusals)
    return pages.page(
        request,
        "enrollment/year/calendar.html",
        _("Calendar of %(year)d") % {"year": year},
        scope=pages.scope_of(year, bar["run"]),
        timeline=timeline,
        rows=[_row(job) for job in timeline.jobs],
        legend=[(look, str(word)) for look, word in LOOKS.items()],
        today=business_date(),
        beat=PeriodicTask.objects.filter(enabled=True).order_by("name"),
        **bar,
    )


def plans_of(year: int) -> tuple[dict[str, Plan], dict[str, str]]:
    """The plan of each step of a year, and why one has none."""
    plans: dict[str, Plan] = {}
    refusals: dict[str, str] = {}
    for step in ordered_steps():
        try:
            plans[step.name] = plan_of(step, year)
        except StepRefused as refusal:
            refusals[step.name] = pages.told(refusal)
    return plans, refusals


def plan_of(step: Step, year: int) -> Plan:
    """When the calendar begins a step, as `enrollment.services.steering` does. Raises StepRefused.

    What falls due after the year has ended is settled in the year that follows.
    """
    if step.rounds is not None:
        return in_rounds(step.rounds(year))
    day = step.day(year)
    until = date(max(year, day.year), 12, 31)
    return every_day(day, until) if step.daily else once(day, until)


def register(site: Any) -> None:
    """Let the page answer, and put it into the navigation without a year."""
    lead = pages.to_present("year_calendar")
    site.register_page("year/calendar/", lead, "calendar", permission=pages.VIEW)
    site.register_page(
        "year/calendar/<int:year>/", year_calendar, "year_calendar", permission=pages.VIEW
    )
    site.add_page("year", 30, gettext_lazy("Calendar"), "admin:calendar", pages.VIEW)


register(admin.site)
