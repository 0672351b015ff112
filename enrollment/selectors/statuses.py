"""How a pasted list of numbers stands (批量查询): line by line, in four queries for up to 1,000.

A list is read once into `Asked` lines, which hold no number but its mask; from then on a line is a
key of a person or the reason why there is none, so that a table can be exported without its
numbers going round once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Enrollment, Person
from enrollment.models.identity import digest
from enrollment.rules import keys
from enrollment.rules.identity import (
    check_identity,
    convert_15_to_18,
    mask_identity,
    normalise_identity,
)
from enrollment.selectors.people import (
    LIST_FIELDS,
    WORDS,
    Place,
    Present,
    YearOfCover,
    places,
    squeezed,
    standing_of,
)

LINES = 1_000

FOUND, NOT_FOUND, TWICE = "found", "not_found", "twice"
OUTCOMES = {
    FOUND: gettext_lazy("found"),
    NOT_FOUND: gettext_lazy("no file in your region"),
    TWICE: gettext_lazy("same as a line above"),
    "format": gettext_lazy("not 18 characters or 15 digits"),
    "birth_date": gettext_lazy("birth date impossible"),
    "check_character": gettext_lazy("check character wrong"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the list: its number masked, and whose file it leads to or why to none."""

    line: int
    mask: str
    outcome: str
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A line of the table. `this_year` and `next_year` are the resident bills of the two years."""

    asked: Asked
    person: Person | None
    place: Place | None
    present: Present | None
    coming: Present | None
    this_year: YearOfCover | None
    next_year: YearOfCover | None

    @property
    def outcome(self) -> str:
        """What became of the line, in words."""
        return str(OUTCOMES[self.asked.outcome])


def read_numbers(text: str) -> list[Asked]:
    """The lines of a pasted list, empty ones left out; one query for all of them.

    What a spreadsheet adds is taken away: an apostrophe before the number, commas and tabs behind.
    """
    known: dict[UUID, int] = {}
    lines: list[tuple[Asked, UUID | None]] = []
    for at, number in numbers_of(text):
        reason = _wrong(number)
        if reason:
            lines.append((Asked(at, mask_identity(number), reason), None))
            continue
        full = convert_15_to_18(number) if len(number) == 15 and number.isdigit() else number
        key = digest(full)
        outcome = TWICE if key in known else NOT_FOUND
        known.setdefault(key, at)
        lines.append((Asked(at, mask_identity(full), outcome), key))
    files = dict(Person.objects.filter(id_digest__in=known).values_list("id_digest", "pk"))
    return [_answered(asked, files.get(key) if key else None) for asked, key in lines]


def numbers_of(text: str) -> list[tuple[int, str]]:
    """The numbers of a list with the lines they stand on, the first of each line."""
    return [(at, number) for at, cells in cells_of(text) if (number := as_number(cells[0]))]


def cells_of(text: str) -> list[tuple[int, list[str]]]:
    """The cells of the lines of a list that have any, with the lines they stand on."""
    lines = enumerate(text.splitlines(), 1)
    rows = [(at, line.replace("，", ",").replace("\t", ",").split(",")) for at, line in lines]
    return [(at, [cell.strip() for cell in cells]) for at, cells in rows if any(cells)]


def as_number(cell: str) -> str:
    """A cell as a number, without what a spreadsheet adds."""
    return normalise_identity(squeezed(cell)).lstrip("'’＇")


def _wrong(number: str) -> str:
    """Why a number cannot be one; nothing for a document of another kind, which has letters."""
    if not number.removesuffix("X").isdigit():
        return "" if number.isascii() and any(sign.isdigit() for sign in number) else "format"
    if len(number) == 15 and number.isdigit():
        number = convert_15_to_18(number)
    return check_identity(number).reason or ""


def _answered(asked: Asked, person_id: int | None) -> Asked:
    if person_id is None or asked.outcome != NOT_FOUND:
        return asked
    return Asked(asked.line, asked.mask, FOUND, person_id)


def statuses_of(lines: Sequence[Asked], on: date) -> list[Status]:
    """How the people of the lines stand on a day and in the year after; three queries."""
    wanted = [each.person_id for each in lines if each.person_id is not None]
    people = Person.objects.only(*LIST_FIELDS).in_bulk(wanted)
    bills = _bills(list(people), on)
    where = places({person.insured_region_id for person in people.values()})
    return [_status(each, people.get(each.person_id or 0), bills, where, on) for each in lines]


def _bills(people: Sequence[int], on: date) -> dict[tuple[int, int], YearOfCover]:
    """The resident rows of this year and the next, by person and year."""
    wanted = [
        keys.yearly_key(year=year, person_id=person)
        for person in people
        for year in (on.year, on.year + 1)
    ]
    rows = Enrollment.objects.filter(pk__in=wanted).with_status(on)
    unplaced = Place(0)
    return {
        (row.person_id, row.year): YearOfCover(
            row=row,
            place=unplaced,
            status=row.status_code,  # type: ignore[attr-defined]  # annotated
            label=str(WORDS[row.status_code]),  # type: ignore[attr-defined]
            from_history=True,  # a bill of nothing came by a file: it is shown without money
        )
        for row in rows
    }


def _status(
    asked: Asked,
    person: Person | None,
    bills: dict[tuple[int, int], YearOfCover],
    where: dict[int, Place],
    on: date,
) -> Status:
    if person is None:
        # Found once and out of the user's reach since: then there is no file for this user.
        told = Asked(asked.line, asked.mask, NOT_FOUND) if asked.outcome == FOUND else asked
        return Status(told, None, None, None, None, None, None)
    now, after = bills.get((person.pk, on.year)), bills.get((person.pk, on.year + 1))
    present = standing_of(person, now.status if now else None)
    gone = person.died_on or person.left_on or person.scheme == keys.EMPLOYEE
    return Status(
        asked=asked,
        person=person,
        place=where[person.insured_region_id],
        present=present,
        coming=Present(after.status, after.label) if after and not gone else None,
        this_year=now,
        next_year=after,
    )


def summary_of(lines: Sequence[Status]) -> list[tuple[str, int]]:
    """How many lines had which outcome, in words, the found ones first."""
    counts = [(name, sum(each.asked.outcome == name for each in lines)) for name in OUTCOMES]
    return [(str(OUTCOMES[name]), count) for name, count in counts if count]


def heading(on: date) -> list[str]:
    """The columns of the table, as screen, print and export name them."""
    columns = [_("Line"), _("Identity number"), _("Result"), _("Name"), _("Place of insurance")]
    for year in (on.year, on.year + 1):
        columns += [
            _("%(year)s status") % {"year": year},
            _("%(year)s category") % {"year": year},
            _("%(year)s payable") % {"year": year},
            _("%(year)s paid") % {"year": year},
            _("%(year)s waits until") % {"year": year},
        ]
    return columns


__all__ = [
    "LINES",
    "Asked",
    "Status",
    "as_number",
    "cells_of",
    "heading",
    "numbers_of",
    "read_numbers",
    "statuses_of",
]
