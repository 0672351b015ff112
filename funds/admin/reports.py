"""Reports on screen: delivered ones with tie and digest, and as of any day; print and XLSX."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from kombu.exceptions import KombuError

from enrollment.admin.areas import short
from enrollment.admin.charts import table_rows
from enrollment.admin.figures import count, rate, yuan
from enrollment.models import Person
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.selectors.scope import scope_of
from funds.admin.report_words import COUNTED, HEADS, ROWS, TIES
from funds.models import Kind, Report
from funds.selectors import reports
from funds.services import report_sheets
from funds.services.reports import nothing_by

VIEW = "funds.view_report"
SHOWN = 60


def home_view(request: HttpRequest) -> HttpResponse:
    """What was delivered, the newest first, and the form for any day."""
    whole = scope_of(request.user).everywhere
    delivered = list(Report.objects.defer("content")[:SHOWN]) if whole else []
    return _page(
        request,
        "funds/reports/list.html",
        _("Reports"),
        delivered=delivered,
        is_whole=whole,
        kinds=Report.Kind.choices,
        day=business_date() - timedelta(days=1),
    )


def day_view(request: HttpRequest, report: str, day: str) -> HttpResponse:
    """A report as of any day, of what the user sees, as it is now."""
    as_of = _asked(report, day)
    if as_of is None:
        raise Http404
    form = reports.FORMS[report]
    body = form.body(request.user, as_of)
    if body is None:
        messages.error(request, str(nothing_by(report, as_of)))
        return HttpResponseRedirect(reverse("admin:reports"))
    body.ties.extend(form.shown(body))
    return _shown(request, Report(kind=report, as_of=as_of), body)


def report_view(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report as it was delivered."""
    if not scope_of(request.user).everywhere:
        raise Http404
    report = get_object_or_404(Report, pk=report_id)
    return _shown(request, report, reports.Body.from_json(report.content))


def _asked(kind: str, text: str) -> date | None:
    """The day of a report that there can be: of a kind that is known, and not to come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if kind in Report.Kind.values and day <= business_date() else None


@require_POST
def ask_view(request: HttpRequest) -> HttpResponse:
    """Leads to the report of the kind and day that a form names."""
    kind, text = request.POST.get("kind", ""), request.POST.get("day", "")
    day = _asked(kind, text)
    if day is None:
        messages.error(request, _("Choose a report and a day that is not to come."))
        return HttpResponseRedirect(reverse("admin:reports"))
    return HttpResponseRedirect(reverse("admin:report_day", args=[kind, day.isoformat()]))


@require_POST
def make_view(request: HttpRequest) -> HttpResponse:
    """Have the workers make a report of a day, compared with the register and the ledger."""
    kind = request.POST.get("kind", "")
    as_of = _asked(kind, request.POST.get("day", ""))
    if as_of is None or not scope_of(request.user).everywhere:
        raise Http404
    if reports.FORMS[kind].body(request.user, as_of) is None:
        messages.error(request, str(nothing_by(kind, as_of)))
        return HttpResponseRedirect(reverse("admin:reports"))

    def send() -> None:
        try:
            current_app.send_task(
                "funds.make_report", [kind, as_of.isoformat()], ignore_result=True
            )
        except (KombuError, OSError):
            messages.error(request, _("The workers cannot be reached; try again later."))
        else:
            messages.success(request, _("The report is being made and will stand in the list."))

    transaction.on_commit(send)
    return HttpResponseRedirect(reverse("admin:reports"))


# A report -----------------------------------------------------------------------------------------


def _shown(request: HttpRequest, report: Report, body: reports.Body) -> HttpResponse:
    form = reports.FORMS[report.kind]
    columns = form.columns
    kinds = [_kind_of(name) for name in columns]
    names = _names(form.rows, body)
    period = _period(report, body)
    heading = [str(report.get_kind_display()), period]
    first, level = map(str, ROWS[form.rows])
    if request.GET.get("as") == "xlsx":
        return _file(
            report=report,
            body=body,
            heading=heading,
            head=[first, *(str(HEADS[name]) for name in columns)],
            kinds=kinds,
            names=names,
        )
    return _page(
        request,
        "funds/reports/report.html",
        capfirst(report.get_kind_display()),
        report=report,
        period=period,
        with_money="money" in kinds,
        with_shares="share" in kinds,
        scope=_scope(request, report, body),
        first=first,
        heads=[HEADS[name] for name in columns],
        rows=table_rows((names[key], _cells(kinds, values)) for key, values in body.rows),
        total=_cells(kinds, body.total),
        ties=[
            (*TIES[tie.name], *_cells([_kind_of_tie(tie)] * 2, [tie.told, tie.found]), tie.holds)
            for tie in body.ties
        ],
        level=level,
        is_whole=scope_of(request.user).everywhere,
        printed_at=timezone.localtime(),
    )


def _period(report: Report, body: reports.Body) -> str:
    """Of which days its figures are: from one to another, or how things stood at the end of one."""
    form = reports.FORMS[report.kind]
    if form.since is None:
        told = {"day": report.as_of.isoformat(), "year": body.year}
        return _("as of the end of %(day)s, benefit year %(year)d") % told
    made_on = timezone.localtime(report.made_at).date() if report.pk else business_date()
    until = max(report.as_of, min(form.until(report.as_of), made_on))
    return f"{form.since(report.as_of)} – {until}"


def _scope(request: HttpRequest, report: Report, body: reports.Body) -> list[tuple[str, str]]:
    """What the figures are about. Books and cases are of both schemes, bills and lists of one."""
    of_residents = report.kind in {Report.Kind.PROGRESS, Report.Kind.FOLLOW_UP}
    schemes = [Person.Scheme.RESIDENT] if of_residents else list(Person.Scheme)
    whole = scope_of(request.user).everywhere
    return [
        (_("Region"), short(places([settings.PROVINCE])[settings.PROVINCE]) if whole
         else _("of your region")),
        (_("Scheme"), " · ".join(str(each.label) for each in schemes)),
        (_("Benefit year") if of_residents else _("Year"), str(body.year)),
        (_("Data as of"), f"{report.as_of:%Y-%m-%d}"),
    ]  # fmt: skip


def _names(rows: str, body: reports.Body) -> dict[str, str]:
    """What each row is called in the language of the page."""
    keys = [key for key, _values in body.rows]
    if rows == "account":
        return {key: str(Kind(key).label) for key in keys}
    codes = {key: key.split("-") for key in keys}
    found = places(int(code) for code, *_scheme in codes.values())
    return {
        key: " ".join(
            [str(found[int(code)]), *(str(Person.Scheme(int(each)).label) for each in scheme)]
        )
        for key, (code, *scheme) in codes.items()
    }


def _kind_of(column: str) -> str:
    if column in reports.SHARES:
        return "share"
    return "money" if column in reports.MONEY else "count"


def _cells(kinds: Sequence[str], values: Sequence[str]) -> list[str]:
    return [_cell(kind, value) for kind, value in zip(kinds, values, strict=True)]


def _cell(kind: str, value: str) -> str:
    if not value:
        return rate(None)
    if kind == "count":
        return count(int(value))
    return rate(Decimal(value)) if kind == "share" else yuan(Decimal(value))


def _kind_of_tie(tie: reports.Tie) -> str:
    return "count" if tie.name in COUNTED else "money"


def _file(
    *,
    report: Report,
    body: reports.Body,
    heading: list[str],
    head: list[str],
    kinds: list[str],
    names: dict[str, str],
) -> HttpResponse:
    digest = report.digest or reports.digest_of(report.kind, report.as_of, body)
    content = report_sheets.workbook(
        heading=[*heading, _("digest %(digest)s") % {"digest": digest}],
        head=head,
        kinds=kinds,
        rows=[*((names[key], values) for key, values in body.rows), (_("Total"), body.total)],
        ties=[
            (
                [str(word) for word in TIES[tie.name]],
                _kind_of_tie(tie),
                tie.told,
                "＝" if tie.holds else "≠",
                tie.found,
            )
            for tie in body.ties
        ],
    )
    response = HttpResponse(content, content_type=report_sheets.MEDIA_TYPE)
    name = f"{report.kind.replace('_', '-')}-{report.as_of:%Y%m%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    request.current_app = admin.site.name
    return TemplateResponse(request, template, {**frame, "title": title, **context})


def register(site: Any) -> None:
    """Let the pages answer, and put the list into the navigation."""
    pages: tuple[tuple[str, Any, str], ...] = (
        ("reports/", home_view, "reports"),
        ("reports/ask/", ask_view, "ask_report"),
        ("reports/make/", make_view, "make_report"),
        ("reports/<int:report_id>/", report_view, "report"),
        ("reports/<slug:report>/<str:day>/", day_view, "report_day"),
    )
    for route, view, name in pages:
        site.register_page(route, view, name, permission=VIEW)
    site.add_page("year", 40, gettext_lazy("Reports"), "admin:reports", VIEW)


register(admin.site)
