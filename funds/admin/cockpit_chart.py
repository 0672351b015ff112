"""The pace of a season as a chart, and what stands behind its two computed figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from enrollment.admin.base import yuan
from enrollment.admin.charts import LAST, NOW, OTHERS, PROJECTED, TARGET, Band, Chart, Series
from enrollment.admin.figures import count, rate
from enrollment.rules.pace import project_days
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.collection import Course, Figures, Season
from funds.admin.cockpit_table import Row
from funds.rules.indicators import EnrolmentRateTerms, enrolment_rate

COMPARED_DAYS, WEEK = 30, 7
Compared = tuple[str, Figures, Sequence[int]]  # name, figures, insured day by day


def pace_chart(season: Season, course: Course, total: Row, name: str) -> Chart | None:
    """Insured of those who should be, day by day: this year, expected, last year and target.

    None where nobody should be insured.
    """
    if total.target is None or not total.figures.population:
        return None
    days = _names(course.days)
    reached, after = len(course.this), len(course.days) - len(course.this)
    now, last = _shares(course.this, total.figures), _shares(course.last, total.figures)
    series = [
        Series(
            name=str(season.year),
            values=[*now, *[None] * after],
            look=NOW,
            point=(reached - 1, f"{days[reached - 1]}  {rate(now[-1] / 100)}"),
        ),
        Series(
            name=str(season.year - 1),
            values=last,
            look=LAST,
            end=f"{season.year - 1} {rate(last[-1] / 100)}",
        ),
    ]
    band = None
    if total.projection and after:
        low, middle, high = (
            [*[None] * (reached - 1), now[-1], *_to_come(total, pace, course.last[reached - 1 :])]
            for pace in total.projection.paces
        )
        told = f"{_('expected')} {rate(total.expected_rate)}"
        series.append(Series(name=_("expected"), values=middle, look=PROJECTED, end=told))
        band = Band(name=_("range of what is expected"), low=low, high=high)
    lines = [*(each.values for each in series), *([band.high] if band else [])]
    highest = max(value or 0 for line in lines for value in line)
    target = [total.target * 100] * len(days)
    return Chart(
        key="pace",
        head=_("Day"),
        summary=_summary(season, total, name),
        axis=days,
        marks=_first_days(days),
        series=[*series, Series(name=_("target"), values=target, look=TARGET)],
        band=band,
        unit="%",
        places=2,
        most=100 if highest <= 100 else None,
        at=reached - 1,
        on_paper=WEEK,
    )


def comparison_chart(
    season: Season, course: Course, total: Row, name: str, others: Sequence[Compared]
) -> Chart | None:
    """The last days of several areas beside those of the whole, each over its own population."""
    told = [(name, total.figures, course.this), *others]
    drawn = [(label, _shares(people, of)) for label, of, people in told if of.population]
    if not drawn:
        return None
    days = _names(course.days[: len(course.this)])[-COMPARED_DAYS:]
    return Chart(
        key="pace",
        head=_("Day"),
        summary=" ".join(
            _("Enrolment rate of %(area)s on %(day)s: %(rate)s.")
            % {"area": label, "day": f"{season.day:%Y-%m-%d}", "rate": rate(values[-1] / 100)}
            for label, values in drawn
        ),
        axis=days,
        series=[
            Series(
                name=label,
                values=values[-COMPARED_DAYS:],
                look=look,
                end=f"{label} {rate(values[-1] / 100)}",
            )
            for look, (label, values) in zip(OTHERS, drawn, strict=False)
        ],
        unit="%",
        places=2,
        least=None,
        at=len(days) - 1,
        on_paper=WEEK,
    )


def _names(days: Sequence[date]) -> list[str]:
    return [f"{day:%m-%d}" for day in days]


def _first_days(days: Sequence[str]) -> list[int]:
    """Where months begin, and the end."""
    return [at for at, day in enumerate(days) if day.endswith("-01")] + [len(days) - 1]


def _shares(people: Sequence[int], of: Figures) -> list[Decimal]:
    """Per cent of the population, with the members of the employee scheme of today."""
    return [Decimal(each + of.employees) * 100 / of.population for each in people]


def _to_come(total: Row, pace: Fraction, last: Sequence[int]) -> list[Decimal]:
    """The days after today at a pace; whoever has nothing to pay is there already."""
    standing = total.figures.standing
    coming = project_days(standing.now, pace, last, standing.most)
    return _shares([each + total.figures.free for each in coming], total.figures)


def _summary(season: Season, total: Row, name: str) -> str:
    told = [
        _("Enrolment rate of %(area)s on %(day)s: %(rate)s.")
        % {"area": name, "day": f"{season.day:%Y-%m-%d}", "rate": rate(total.rate)},
    ]
    if total.ahead is not None:
        told.append(
            _("Against the same day last year: %(points)s points.")
            % {"points": rate(total.ahead).removesuffix("%")}
        )
    if total.expected_rate is not None:
        told.append(
            _("Expected at the close: %(rate)s, target %(target)s.")
            % {"rate": rate(total.expected_rate), "target": rate(total.target)}
        )
    return " ".join(told)


# Why this figure ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Why:
    """The steps of a computed figure: label, value and source of each."""

    title: str
    answer: str
    steps: list[tuple[str, str, str]]
    note: str


RATE, CLOSE = "rate", "close"
RATE_NOTE = gettext_noop(
    "Insured are residents who have paid for the year and present members of the employee scheme; "
    "the population is of living people on file. The comparison is exact, what is shown is cut."
)
CLOSE_NOTE = gettext_noop(
    "An estimate: what came in last year between the same day and the close, times a pace: last "
    "year's, that of the season or that of the last fortnight. The middle one is told, the others "
    "are its range. People who have nothing to pay and members of the employee scheme come on top."
)


def why_of(asked: str, total: Row, terms: EnrolmentRateTerms | None) -> Why | None:
    """What stands behind the rate or the estimate; None for anything else."""
    if terms is None:
        return None
    if asked == RATE:
        figures = total.figures
        try:
            found = enrolment_rate(figures.members, figures.population, terms)
        except RuleRefused:
            return None
        lines, title, answer, note = found.trace, _("Enrolment rate"), total.rate, _(RATE_NOTE)
    elif asked == CLOSE and total.projection:
        lines, title = total.projection.trace, _("Expected at the close")
        answer, note = total.expected_rate, _(CLOSE_NOTE)
    else:
        return None
    steps = [
        (
            _(line.label),
            # the rule tells it rounded half up, this page cuts
            rate(answer) if line.label == "Rate" else _told(line.value),
            " ".join(filter(None, (line.document, line.clause))),
        )
        for line in lines
    ]
    return Why(title, rate(answer), steps, note)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return count(value)
    if isinstance(value, Decimal):
        return rate(value) if value <= 1 else yuan(value)
    return "—" if value is None else str(value)


__all__ = ["CLOSE", "RATE", "Why", "comparison_chart", "pace_chart", "why_of"]
