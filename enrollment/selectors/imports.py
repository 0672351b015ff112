"""What the screens of imports read: kinds, areas, how far a job is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _

from enrollment.declarations import import_kinds
from enrollment.models import Import, ImportEffect, Person, PersonCategory, Region, User
from enrollment.rules.regions import scope_of
from enrollment.selectors import import_rows
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import inside, scope_for

LEVELS = (Region.Level.PROVINCE, Region.Level.CITY, Region.Level.COUNTY)


def label_of(kind: str) -> str:
    """What a kind of file is called in the language of the page."""
    return str(import_kinds[kind].label or kind) if kind in import_kinds else kind


def areas_of(user: User) -> Iterator[tuple[int, str]]:
    """The regions for which a user sends files, cities before their counties, names in full."""
    scope = scope_for(user, "enrollment.add_import")
    first, last = scope_of(settings.PROVINCE)
    own = [code for code, _last in scope.ranges]
    rows = Region.objects.filter(
        inside(scope, region="code"),
        Q(level__in=LEVELS) | Q(code__in=own),
        code__gte=first,
        code__lte=last,
        valid_to=None,
    ).order_by("code")
    city = ""
    for row in rows:
        name = name_of(row)
        if row.level == Region.Level.CITY:
            city = name
        yield row.code, f"{city} {name}" if row.level > Region.Level.CITY and city else name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: what it does, lines read of about how many, percent of the reading."""

    doing: str
    lines: int
    expected: int

    @property
    def percent(self) -> int:
        """Of the lines; what follows the reading is told by its name alone."""
        return min(100, 100 * self.lines // self.expected) if self.expected else 0


def progress_of(source: Import) -> Progress | None:
    """How far the job of a file is, None where nothing is to be done."""
    if source.state not in Import.AT_WORK:
        return None
    doing = {
        "": _("at work") if source.attempts else _("waits for a worker"),
        "reading": _("lines are being read"),
        "checking": _("compared with the register"),
        "writing": _("written to the register"),
    }[source.phase]
    return Progress(doing, source.lines_done, source.lines_expected)


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row that was not taken back: whose it is, what the file wrote, what it says now."""

    person_id: int | None
    name: str
    wrote: str
    now: str


def kept_rows(source: Import, most: int = 100) -> list[KeptRow]:
    """The first rows that were kept because somebody changed them since."""
    effects = list(source.effects.filter(outcome=ImportEffect.Outcome.KEPT)[:most])
    if source.kind != "categories":
        return [KeptRow(*told) for told in import_rows.compared(effects)]
    rows = PersonCategory.objects.in_bulk([each.row_id for each in effects])
    people = Person.objects.only("name").in_bulk({each.became["person_id"] for each in effects})
    kept = []
    for each in effects:
        row, person = rows.get(each.row_id), people.get(each.became["person_id"])
        kept.append(
            KeptRow(
                person_id=each.became["person_id"],
                name=person.name if person else "—",
                wrote=_told(_as_row(each.became)),
                now=_told(row) if row else _("no longer there, or insured elsewhere"),
            )
        )
    return kept


def _as_row(written: dict[str, Any]) -> PersonCategory:
    """A row as the file wrote it."""
    first, last = written["valid"].strip("[)").split(",")
    days = DateRange(date.fromisoformat(first), date.fromisoformat(last) if last else None)
    return PersonCategory(
        category=written["category"],
        valid=days,
        source=written["source"],
        evidence=written["evidence"],
    )


def _told(row: PersonCategory) -> str:
    """Status, days, department and document of a row: 低保对象 2026-11-01 ~ 2026-11-30，民政."""
    last = row.valid.upper - timedelta(days=1) if row.valid.upper else ""
    parts = [row.get_source_display(), row.evidence, "" if row.qualified else _("does not count")]
    return ", ".join([f"{row} {row.valid.lower} ~ {last}".rstrip(), *filter(None, map(str, parts))])
