"""What screens and files say of findings and of lines of departments, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.declarations import case_kinds
from enrollment.models import DuplicateSearch, Finding, Import, ImportAnswer
from enrollment.selectors.people import places

DEPARTMENTS: dict[str, Promise] = {
    "police": gettext_lazy("public security"),
    "health": gettext_lazy("health"),
    "hrss": gettext_lazy("human resources and social security"),
    "education": gettext_lazy("education"),
    "justice": gettext_lazy("justice"),
    "military": gettext_lazy("military"),
}
EVENTS: dict[str, Promise] = {
    "birth": pgettext_lazy("event", "birth"),
    "death": pgettext_lazy("event", "death"),
    "moved": pgettext_lazy("event", "household moved"),
    "identity": pgettext_lazy("event", "name or number changed"),
    "employee_start": pgettext_lazy("event", "work begins"),
    "employee_end": pgettext_lazy("event", "work ends"),
    "student": pgettext_lazy("event", "student"),
    "other_cover_start": pgettext_lazy("event", "other cover begins"),
    "other_cover_end": pgettext_lazy("event", "other cover ends"),
}


def department_of(finding: Finding) -> str:
    """Who told what was found; nothing where a search found it."""
    return str(DEPARTMENTS.get(finding.details.get("source", ""), ""))


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Lines of one event by outcome, in the order of `ImportAnswer.Outcome`."""

    label: str
    counts: tuple[int, ...]


def counts_by_event(source: Import) -> list[EventCounts]:
    """What becomes of the lines of each event, as a check or the application counted them."""
    told: dict[str, dict[str, int]] = {}
    for event, outcome, lines in source.summary:
        told.setdefault(event, {})[outcome] = lines
    return [
        EventCounts(
            str(EVENTS.get(event, _("not accepted"))),
            tuple(told[event].get(outcome, 0) for outcome in ImportAnswer.Outcome.values),
        )
        for event in [*EVENTS, ""]
        if event in told
    ]


def told_in_words(findings: Sequence[Finding]) -> dict[int, str]:
    """What was found, in one line each, with the places of all of them read at once."""
    where = places({each.details["region"] for each in findings if "region" in each.details})
    return {each.pk: _in_words(each, where) for each in findings}


def _in_words(finding: Finding, where: Any) -> str:
    said = finding.details
    parts = [
        department_of(finding),
        str(EVENTS[said["event"]]) if said.get("event") in EVENTS else "",
        said.get("on", ""),
        str(where[said["region"]]) if said.get("region") in where else "",
        said.get("name") or said.get("mask") or "",
        _("paid %(amount)s yuan") % {"amount": said["paid"]} if "paid" in said else "",
        _("months %(months)s") % {"months": said["months"]} if "months" in said else "",
    ]
    return _(", ").join(part for part in parts if part)


AT_MOST = 1_000  # findings that are looked at for the numbers above the list


def open_by_kind(rows: QuerySet[Finding]) -> list[tuple[str, str, int]]:
    """Kind, its words and how many wait, of the first AT_MOST that wait in the scope of `rows`."""
    waiting = rows.filter(state=Finding.State.OPEN).order_by().values_list("kind", flat=True)
    counted = Counter(waiting[:AT_MOST])
    return [
        (kind, str(label), counted[kind]) for kind, label in Finding.Kind.choices if counted[kind]
    ]


def last_search() -> DuplicateSearch | None:
    """The search that was asked for last."""
    return DuplicateSearch.objects.select_related("asked_by").order_by("-pk").first()


def case_kind_of(finding: Finding) -> Any:
    """The declared kind of case that takes it up, None where none does."""
    name = Finding.CASES.get(Finding.Kind(finding.kind))
    return case_kinds[name] if name else None
