"""Where a collection will stand at its close (预计): last year's season at this year's pace.

An estimate for those who supervise, and no rule of law. What came in last year between the same day
and the close comes in this year k times. Three paces are looked at:

* as last year: k = 1;
* of the season: those who have paid by the day, of those who had by the same day last year;
* of the last fortnight: the same of the last fourteen days alone.

The middle one is told, with the lowest and the highest as its range. Whole people, cut; never fewer
than have paid, never more than are billed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import Trace, gettext_noop, step

FORTNIGHT = 14


@dataclass(frozen=True, slots=True)
class Standing:
    """People who have paid: by the day and a fortnight before it, this year and last year.

    `last_close` had paid by last year's close, `most` can have paid at all this year.
    """

    now: int
    now_before: int
    last: int
    last_before: int
    last_close: int
    most: int


@dataclass(frozen=True, slots=True)
class Projection:
    """People who will have paid by the close: the middle estimate and its range.

    `paces` are the k of the lowest, the middle and the highest estimate.
    """

    low: int
    middle: int
    high: int
    paces: tuple[Fraction, Fraction, Fraction]
    trace: Trace


def project_close(standing: Standing) -> Projection | None:
    """None where there was no season last year to walk.

    Raises RuleRefused `count_negative`, `counts_out_of_order`.
    """
    if min(standing.now_before, standing.last_before, standing.most) < 0:
        raise RuleRefused("count_negative")
    in_order = (
        standing.now_before <= standing.now <= standing.most
        and standing.last_before <= standing.last <= standing.last_close
    )
    if not in_order:
        raise RuleRefused("counts_out_of_order")
    if standing.last_close == 0:
        return None
    fortnight = (standing.now - standing.now_before, standing.last - standing.last_before)
    as_last_year = Fraction(1)
    of_the_season = _share(standing.now, standing.last)
    of_the_fortnight = _share(*fortnight)
    known = sorted(k for k in (as_last_year, of_the_season, of_the_fortnight) if k is not None)
    paces = (known[0], known[(len(known) - 1) // 2], known[-1])
    left = standing.last_close - standing.last
    low, middle, high = (_reached(standing.now, k, left, standing.most) for k in paces)
    trace = (
        step(gettext_noop("Paid by the day"), standing.now),
        step(gettext_noop("Paid by the same day last year"), standing.last),
        step(gettext_noop("Came in last year from then to the close"), left),
        step(gettext_noop("Pace of the season, times last year's"), _shown(of_the_season)),
        step(gettext_noop("Pace of the last fortnight, times last year's"),
             _shown(of_the_fortnight)),
        step(gettext_noop("Pace of the estimate"), _shown(paces[1])),
        step(gettext_noop("Can have paid at most"), standing.most),
    )  # fmt: skip
    return Projection(low, middle, high, paces, trace)


def project_days(now: int, pace: Fraction, last: Sequence[int], most: int) -> tuple[int, ...]:
    """People who will have paid by each following day.

    `last` had paid by the same day last year and by each day after it: its first is today's.
    """
    return tuple(_reached(now, pace, on_day - last[0], most) for on_day in last[1:])


def same_day(day: date, year: int) -> date:
    """The same day of another year; the last of February for the one that it lacks."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _reached(now: int, pace: Fraction, left: int, most: int) -> int:
    return min(floor(now + pace * left), most)


def _shown(pace: Fraction | None) -> str | None:
    """A pace with three places, cut."""
    if pace is None:
        return None
    thousandths = floor(pace * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"
