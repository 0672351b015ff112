"""Reports of work by county: the follow-up of those who were pushed, and duplicates cleared.

皖医保发〔2024〕6号 二（三）、（四）. Both are read from sums that the register keeps.
"""

from datetime import date
from typing import Any

from django.conf import settings

from enrollment.models import Case, CaseEvent, Push
from enrollment.rules.regions import COUNTY
from enrollment.selectors.chase import Sums, pushed_by_county, rounds_by
from enrollment.selectors.quality import Work, moves_by_county
from funds.selectors.report_bodies import Body, Tie, cut

FOLLOW_UP = ("pushed", "answered", "unanswered", "feedback_rate", "paid_since", "paid_share")
DUPLICATES = ("sent", "sent_back", "effected", "late", "reversed")
DUPLICATE = "duplicate_resolution"


# Follow-up ----------------------------------------------------------------------------------------


def follow_up(user: Any, until: date) -> Body | None:
    """未参保跟进表: lines on the lists of a year's rounds, answered and paid up to a day.

    None where nobody was pushed for a year that was still to be insured.
    """
    rounds = rounds_by(until)
    year = max(rounds, default=0)
    if year < until.year:
        return None
    found = pushed_by_county(user, rounds[year], until)
    total = Sums()
    for sums in found.values():
        total.add(sums)
    rows = [(str(county * COUNTY), _pushes(sums)) for county, sums in sorted(found.items())]
    return Body(year=year, rows=rows, total=_pushes(total))


def _pushes(sums: Sums) -> list[str]:
    return [
        str(sums.pushed), str(sums.answered), str(sums.unanswered), cut(sums.feedback_rate),
        str(sums.paid), cut(sums.paid_share),
    ]  # fmt: skip


def ties_of_follow_up(body: Body, until: date) -> list[Tie]:
    """Beside the lists themselves."""
    told = dict(zip(FOLLOW_UP, body.total, strict=True))
    lines = Push.objects.filter(year=body.year, pushed_on__lte=until)
    return [
        Tie("pushed", told["pushed"], str(lines.count())),
        Tie("answered", told["answered"], str(lines.filter(told_on__lte=until).count())),
    ]


# Duplicates ---------------------------------------------------------------------------------------


def duplicates(user: Any, until: date) -> Body:
    """重复参保清理表: cases that clear duplicates, by office, from January to a day's month."""
    found = moves_by_county(
        user, settings.PROVINCE, kind=DUPLICATE, first=date(until.year, 1, 1), last=until
    )
    total = Work()
    for work in found.values():
        total.add(work)
    rows = [(str(county * COUNTY), _moves(work)) for county, work in sorted(found.items())]
    return Body(year=until.year, rows=rows, total=_moves(total))


def _moves(work: Work) -> list[str]:
    return [str(getattr(work, name)) for name in DUPLICATES]


def ties_of_duplicates(body: Body, until: date) -> list[Tie]:
    """Beside the log of the cases: each time that one was put into effect."""
    told = dict(zip(DUPLICATES, body.total, strict=True))
    events = CaseEvent.objects.filter(case__kind=DUPLICATE, to_state=Case.State.EFFECTED)
    events = events.filter(recorded_at__year=until.year, recorded_at__month__lte=until.month)
    return [Tie("effected", told["effected"], str(events.count()))]


__all__ = [
    "DUPLICATES", "FOLLOW_UP", "duplicates", "follow_up", "ties_of_duplicates", "ties_of_follow_up",
]  # fmt: skip
