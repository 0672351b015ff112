"""The year view: fallout by reason and area, standings and what cases did, year against year."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.selectors import year_view as reads
from enrollment.admin import year as pages
from enrollment.admin.charts import BAR, OTHERS, Chart, Series
from enrollment.declarations import case_kinds
from enrollment.models import Fallout

STANDINGS: dict[str, str | Promise] = {
    "residents": gettext_lazy("residents who paid"),
    "wait": gettext_lazy("of them waiting"),
    "nothing": gettext_lazy("of them without a benefit in the year"),
    "bonus": gettext_lazy("of them with a bonus"),
    "penalty": gettext_lazy("of them with a reduction"),
    "employees": gettext_lazy("in the employee scheme"),
    "uncovered": gettext_lazy("not covered"),
}


Kind = reads.Kind
SPREADS = (Kind.STREAK, Kind.WAIT, Kind.BONUS, Kind.PENALTY, Kind.GAP, Kind.REPAIRED)
YEARS, MONTHS, YUAN = gettext_lazy("years"), gettext_lazy("months"), gettext_lazy("yuan")
UNITS = {
    Kind.STREAK: YEARS,
    Kind.WAIT: MONTHS,
    Kind.BONUS: YUAN,
    Kind.PENALTY: YUAN,
    Kind.GAP: YEARS,
    Kind.REPAIRED: MONTHS,
}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of both years; None where a year did not keep it. `of` is what it is a share of."""

    label: str
    now: int | None
    before: int | None
    of_now: int | None = None
    of_before: int | None = None

    @property
    def difference(self) -> int | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def share(self) -> Decimal | None:
        return _share(self.now, self.of_now)

    @property
    def share_before(self) -> Decimal | None:
        return _share(self.before, self.of_before)


def _share(part: int | None, whole: int | None) -> Decimal | None:
    return Decimal(part) / whole if part is not None and whole else None


@dataclass(frozen=True, slots=True)
class Spread:
    """A kind of figure of the standings: how many people have which value, drawn and told.

    `unit` is named where the label says none.
    """

    label: str
    unit: str
    told: str
    chart: Chart | None


def view(request: HttpRequest, year: int) -> HttpResponse:
    """The year beside the one before."""
    bar = pages.years_bar(pages.known_year(year))
    shown = reads.year_view(request.user, year)
    fallout = _fallout(shown)
    return pages.page(
        request,
        "benefits/year/view.html",
        _("Year view %(year)d") % {"year": year},
        scope=pages.scope_of(year, bar["run"]),
        shown=shown,
        last_year=year - 1,
        fallout=fallout,
        fallout_total=_fallout_total(shown),
        standings=_standings(shown),
        spreads=_spreads(shown),
        spread_years=_spread_years(shown),
        moves=shown.moves,
        moves_total=_moves_total(shown),
        acts=[
            (case_kinds[kind].label if kind in case_kinds else kind, now, before,
             now.effected - before.effected)
            for kind, (now, before) in shown.acts.items()
            if now.effected or before.effected
        ],
        chart=_chart(fallout, year),
        **bar,
    )  # fmt: skip


def _fallout(shown: reads.YearView) -> list[Line]:
    now, before = shown.now.total, shown.before.total
    return [
        Line(
            str(Fallout.Reason(reason).label),
            None if now.insured is None else now.fallout.get(reason, 0),
            None if before.insured is None else before.fallout.get(reason, 0),
            now.insured_last_year,
            before.insured_last_year,
        )
        for reason in shown.reasons
    ]


def _fallout_total(shown: reads.YearView) -> Line:
    now, before = shown.now.total, shown.before.total
    return Line(
        _("Total"), now.fell_out, before.fell_out, now.insured_last_year, before.insured_last_year
    )


def _standings(shown: reads.YearView) -> list[Line]:
    now, before = shown.assessed, shown.assessed_before
    marks = ("wait", "nothing", "bonus", "penalty")
    return [
        Line(
            str(label),
            None if now.step is None else getattr(now.total, name),
            None if before.step is None else getattr(before.total, name),
            now.total.residents if name in marks else None,
            before.total.residents if name in marks else None,
        )
        for name, label in STANDINGS.items()
    ]


def _spread_years(shown: reads.YearView) -> list[tuple[int, str]]:
    """Years whose standings were counted, each with how its bars look."""
    spreads = ((shown.year, shown.spread), (shown.year - 1, shown.spread_before))
    return [(year, look) for (year, spread), look in zip(spreads, OTHERS, strict=False) if spread]


def _spreads(shown: reads.YearView) -> list[Spread]:
    """Streaks, bonuses, waits and the rest, year against year; none where no year counted them."""
    if not shown.spread and not shown.spread_before:
        return []
    return [_spread(shown, kind) for kind in SPREADS]


def _spread(shown: reads.YearView, kind: reads.Kind) -> Spread:
    """One kind. Who has none of it is told beside the picture, which would show nobody else."""
    now, before = (reads.altogether(each, kind) for each in (shown.spread, shown.spread_before))
    people = sum(now.values())
    having = people - now.get(ZERO, 0)
    values = sorted({*now, *before} - {ZERO})
    label, unit = str(kind.label), UNITS[kind]
    told = _("%(having)s of %(people)s residents") % {
        "having": f"{having:,}",
        "people": f"{people:,}",
    }
    counts = {shown.year: now, shown.year - 1: before}
    chart = Chart(
        key=str(kind),
        head=str(unit),
        summary=_("%(kind)s, people: %(told)s.") % {"kind": label.capitalize(), "told": told},
        axis=[f"{value.normalize():,f}" for value in values],
        kind=BAR,
        series=[
            Series(name=str(year), values=[counts[year].get(v, 0) for v in values], look=look)
            for year, look in _spread_years(shown)
        ],
    )
    return Spread(label, str(unit) if unit == YUAN else "", told, chart if values else None)


def _moves_total(shown: reads.YearView) -> tuple[reads.Moves, reads.Moves]:
    now, before = reads.Moves(), reads.Moves()
    for city in shown.moves:
        now.add(city.now)
        before.add(city.before)
    return now, before


def _chart(fallout: Sequence[Line], year: int) -> Chart | None:
    """Who fell out by reason, in both years."""
    known = [line for line in fallout if line.now is not None]
    if not known:
        return None
    most = max(known, key=lambda line: line.now or 0)
    series = [Series(name=str(year), values=[line.now for line in known], look=OTHERS[0])]
    if any(line.before is not None for line in known):
        before = [line.before for line in known]
        series.append(Series(name=str(year - 1), values=before, look=OTHERS[1]))
    return Chart(
        key="fallout",
        head=_("Reason"),
        summary=_("Who fell out, by reason; most often %(reason)s, %(people)s people.")
        % {"reason": most.label, "people": f"{most.now:,}"},
        axis=[line.label for line in known],
        kind=BAR,
        series=series,
    )


def register(site: Any) -> None:
    """Let the page answer, and put it into the navigation without a year."""
    lead = pages.to_present("year_view_of")
    site.register_page("year/view/", lead, "year_view", permission=pages.VIEW)
    site.register_page("year/view/<int:year>/", view, "year_view_of", permission=pages.VIEW)
    site.add_page("year", 15, gettext_lazy("Year view"), "admin:year_view", pages.VIEW)


register(admin.site)
