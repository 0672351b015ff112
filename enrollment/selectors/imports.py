"""What the screens of imports read: kinds, areas, how far a job is."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from enrollment.declarations import import_kinds
from enrollment.models import Import, Region, User
from enrollment.rules.regions import scope_of
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
        "": _("waits for a worker") if not source.attempts else _("being opened"),
        "reading": _("lines are being read"),
        "checking": _("compared with the register"),
        "writing": _("written to the register"),
    }[source.phase]
    return Progress(doing, source.lines_done, source.lines_expected)
