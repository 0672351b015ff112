"""`recognition_list`: everybody whom a department recognises in an area on one day (部门认定名单).

Unlike `categories`, which adds, a full list is compared to the register: who is absent has left,
who is new joins, who stands under another category goes up or down
(enrollment/rules/recognition.py).
Only what this department told is ended, and nobody for a line that cannot be read.
皖医保发〔2024〕6号 一（一）、一（二）; docs/adr/0034-full-lists-are-compared.md.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.categories import CATEGORIES, OPEN, read_source
from enrollment.imports.kinds import (
    PLAIN_NAME,
    PLAIN_NUMBER,
    SQL,
    Desk,
    Header,
    Quick,
    Reader,
    plain_lines,
)
from enrollment.imports.problems import FileRefused, LineRefused
from enrollment.imports.values import (
    is_resident_number,
    may_be_rounded,
    read_any_number,
    read_text,
    read_word,
    tidy_name,
)
from enrollment.models import Import, RecognitionList
from enrollment.models.identity import digest, digest_hex
from enrollment.rules.keys import YEAR
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.recognition import DEPARTMENTS, NEW, ORDER, drops_too_many
from enrollment.rules.regions import scope_of
from enrollment.rules.subsidy import CATEGORIES as SUBSIDISED
from enrollment.selectors.bills import years_open
from enrollment.selectors.policy import policy_book
from enrollment.selectors.quotas import pooling_areas, quota_table

FIRST_SHOWN = 10  # people of each outcome that a preview names
LONGEST_NAME = 64
MANY_LINES = 2_000
NEXT_YEAR_FROM = "collection.next_year_from_month"
YES_NO = {"yes": "yes", "no": "no", "是": "yes", "否": "no", "符合": "yes", "不符合": "no"}
LISTED = {word: code for word, code in CATEGORIES.items() if code in ORDER}

COLUMNS = (
    Column("id_number", "证件号码"),
    Column("name", "姓名"),
    Column("category", "类别", words=LISTED),
    Column("source", "来源部门"),
    Column("list_date", "名单日期"),
    Column("valid_from", "认定日期", optional=True),
    Column("valid_to", "终止日期", optional=True),
    Column("qualified", "符合资助条件", optional=True, words=YES_NO),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("name", "text"),
    ("born", "date"),
    ("category", "text"),
    ("source", "text"),
    ("listed_on", "date"),
    ("valid_from", "date"),
    ("valid_until", "date"),
    ("open_ended", "bool"),
    ("qualified", "bool"),
    ("told_problem", "text"),
    ("told_column", "text"),
    ("told_value", "text"),
)


Cells = Sequence[str]
FIRST_OF_REST = 2  # number and name differ from line to line; the cells after them hardly


def _columns(desk: Desk) -> tuple[Callable[[Cells], Any], ...]:
    """How the cell under each column is read. Each raises LineRefused."""
    days, ends = desk.days, desk.days.until(date.max)
    return (
        lambda cells: read_any_number(cells[0]),
        lambda cells: tidy_name(read_text(cells[1], "name", LONGEST_NAME)),
        lambda cells: read_word(cells[2], "category", LISTED),
        lambda cells: read_source(cells[3]),
        lambda cells: days.read(cells[4], "list_date"),
        lambda cells: days.read_or_none(cells[5], "valid_from"),
        lambda cells: None if cells[6] in OPEN else ends.read(cells[6], "valid_to"),
        lambda cells: read_word(cells[7], "qualified", YES_NO) if cells[7] else None,
    )


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of
    staging_recognition_list.

    A line that is refused still says whom it is about, so that nobody counts as absent for it: the
    first thing wrong with it is kept beside the rest.
    """
    columns = _columns(desk)

    def read(cells: Cells) -> tuple[Any, ...]:
        wrong: LineRefused | None = None
        try:
            values = [column(cells) for column in columns]
            _check_line(values[FIRST_OF_REST:], cells)
        except LineRefused as refused:
            wrong, values = refused, [_read_or_none(column, cells) for column in columns]
        identity, name, *rest = values
        return (
            digest(identity.number) if identity else None,
            identity.doubtful if identity else False,
            name,
            identity.born if identity else _born_in(cells[0]),
            *_staged(rest, cells),
            wrong.problem if wrong else None,
            wrong.column if wrong else None,
            wrong.value if wrong else None,
        )

    return read


def _staged(rest: Sequence[Any], cells: Cells) -> tuple[Any, ...]:
    """What staging says of the columns after the name."""
    category, source, on, first, last, qualified = rest
    return (
        category,
        source,
        on,
        first,
        # Both days of the file are inside; the database keeps the first day after.
        None if last is None else last + timedelta(days=1),
        bool(cells[6]) and cells[6] in OPEN,
        None if qualified is None else qualified == "yes",
    )


# How nearly all cells come: of these, and of these alone, `quick` says the same as `reader`.
_PLAIN_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
PLAIN = {
    "id_number": PLAIN_NUMBER,
    "name": PLAIN_NAME,
    "category": "|".join(map(re.escape, LISTED)),
    "source": "[a-z_]{1,32}|[\u4e00-\u9fff]{1,32}",
    "list_date": _PLAIN_DAY,
    "valid_from": f"(?:{_PLAIN_DAY})?",
    "valid_to": f"(?:{_PLAIN_DAY}|长期)?",
    "qualified": "|".join(["", *map(re.escape, YES_NO)]),
}


def quick(desk: Desk, header: Header) -> Quick:
    """Reads a line whose cells are all written plainly: what follows the name is read by `reader`'s
    own columns and remembered.
    """
    is_plain = plain_lines(RECOGNITION_LIST, header, PLAIN)
    # An optional column that is missing is the empty cell behind the last.
    in_order = itemgetter(*(header.width if each is None else each for each in header.positions))
    columns = _columns(desk)[FIRST_OF_REST:]

    @lru_cache(maxsize=1 << 14)
    def rest_of(*rest: str) -> str | None:
        cells = ("", "", *rest)
        try:
            values = [column(cells) for column in columns]
            _check_line(values, cells)
        except LineRefused:
            return None
        return "\t".join(map(_as_text, (*_staged(values, cells), None, None, None)))

    def read(cells: Cells) -> str | None:
        if not is_plain(cells):
            return None
        number, name, *rest = in_order((*cells, ""))
        text = rest_of(*rest)
        if text is None or not is_resident_number(number):
            return None
        doubtful = "t" if may_be_rounded(number) else "f"
        return f"{digest_hex(number)}\t{doubtful}\t{name}\t{number[6:14]}\t{text}"

    return read


def _as_text(value: Any) -> str:
    """A value in COPY's text form."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return "\\N" if value is None else str(value)


def _read_or_none(column: Callable[[Cells], Any], cells: Cells) -> Any:
    try:
        return column(cells)
    except LineRefused:
        return None


def _check_line(rest: Sequence[Any], cells: Cells) -> None:
    """The list says who is recognised on its day, each under its own. Raises LineRefused."""
    category, source, on, first, last, _ = rest
    if first is not None and first > on:
        raise LineRefused("begins_after_the_list", "valid_from", cells[5])
    if last is not None and last < on:
        raise LineRefused("ends_before_the_list", "valid_to", cells[6])
    if source in DEPARTMENTS and category not in DEPARTMENTS[source]:
        raise LineRefused("not_its_category", "category", cells[2])


def _born_in(number: str) -> date | None:
    """The birth date in a number that is wrong elsewhere."""
    try:
        return date.fromisoformat(number[6:14]) if len(number) == 18 else None
    except ValueError:
        return None


# Comparing ----------------------------------------------------------------------------------------


def check(desk: Desk) -> None:
    """Compare the list to the register, and keep what the check found beside the import.

    Raises FileRefused: several_lists, no_such_department, list_of_a_day_to_come, older_list,
    terms_missing, and drops_too_many where no screen asks for an acknowledgement.
    """
    source, day, lines = _list_of(desk)
    new_until = _free_of_waiting_until(desk, day)
    law: dict[str, Any] = {
        "source": source,
        "day": day,
        "categories": list(DEPARTMENTS[source]),
        "order": list(ORDER),
        "subsidised": list(SUBSIDISED),
        "new": NEW,
        "new_until": new_until,
    }
    desk.run("recognition_list_empty")
    # Each person by the digest: the register is large.
    desk.run("recognition_list_match", **law)
    desk.run("recognition_list_unknown")
    desk.run("recognition_list_reasons")
    with _hashing(lines):
        desk.run("recognition_list_twice")
        desk.run("recognition_list_acts", **law)
        desk.run("recognition_list_people", **law)
        desk.run("recognition_list_additions", **law)
        _keep(desk, law)


@contextmanager
def _hashing(lines: int) -> Iterator[None]:
    """Let a long list be joined by hashing.

    The planner knows nothing of what was staged in this transaction, takes it for a few rows and
    walks through all of it once a row.
    """
    if lines < MANY_LINES:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def _list_of(desk: Desk) -> tuple[str, date, int]:
    """The department, the day, and how many lines say so. Raises FileRefused."""
    told = desk.rows("recognition_list_told")
    if not told:
        raise FileRefused("no_readable_line")
    if len(told) > 1:
        one, other = told[0], told[1]
        raise FileRefused("several_lists", one=f"{one[0]} {one[1]}", other=f"{other[0]} {other[1]}")
    source, day, lines = told[0]
    if source not in DEPARTMENTS:
        raise FileRefused("no_such_department", column="source", department=source)
    if day > desk.today:
        raise FileRefused("list_of_a_day_to_come", column="list_date", day=day)
    later = _later_list(desk, source, day)
    if later is not None:
        raise FileRefused("older_list", column="list_date", day=day, number=later)
    return source, day, lines


def _later_list(desk: Desk, source: str, day: date) -> int | None:
    """An applied list of the department, of a later day and with people of the same area."""
    rows = RecognitionList.objects.filter(
        department=source,
        day__gt=day,
        source__state__in=(Import.State.APPLIED, Import.State.UNDO_ASKED, Import.State.UNDOING),
    ).order_by("-day")
    for number, area in rows.values_list("pk", "source__area"):
        first, last = scope_of(area or settings.PROVINCE)
        if first <= desk.scope[1] and desk.scope[0] <= last:
            return int(number)
    return None


def _free_of_waiting_until(desk: Desk, day: date) -> date:
    """The first day after the benefit year that one pays for on the day of the list.

    皖医保发〔2024〕6号 二（五）: from September on that is the next one. Raises FileRefused.
    """
    area = desk.area or settings.PROVINCE
    try:
        month = policy_book([NEXT_YEAR_FROM]).find(NEXT_YEAR_FROM, area=area, on=day).value
    except MissingParameter as error:
        raise FileRefused("terms_missing", told=str(error)) from error
    return date(day.year + (2 if day.month >= month else 1), 1, 1)


def _keep(desk: Desk, law: dict[str, Any]) -> None:
    """What the check found, for whoever decides. Raises FileRefused drops_too_many."""
    ((on_file, listed, leaving, held, found),) = desk.rows("recognition_list_sums", **law)
    drops = drops_too_many(
        leaving=leaving,
        on_file=on_file,
        percent=settings.LIST_LEAVING_PERCENT,
        least=settings.LIST_LEAVING_LEAST,
    )
    by_screen = Import.objects.values_list("by_screen", flat=True).get(pk=desk.import_id)
    if drops and not by_screen:
        raise FileRefused("drops_too_many", leaving=leaving, on_file=on_file)
    known = RecognitionList.objects.filter(pk=desk.import_id).first()
    RecognitionList(
        source_id=desk.import_id,
        department=law["source"],
        day=law["day"],
        on_file=on_file,
        listed=listed,
        leaving=leaving,
        held=held,
        drops_many=drops,
        digest=found,
        was_digest=known.digest if known else "",
        problems=dict(desk.rows("recognition_list_problems")),
        people=[list(row) for row in desk.rows("recognition_list_totals", **law)],
        first=_first(desk),
        **_money(desk),
        # What was acknowledged is what was shown.
        acknowledged_by_id=known.acknowledged_by_id if known and known.digest == found else None,
        acknowledged_at=known.acknowledged_at if known and known.digest == found else None,
    ).save(force_insert=known is None, force_update=known is not None)


def _first(desk: Desk) -> dict[str, list[Any]]:
    first: dict[str, list[Any]] = {}
    for outcome, *row in desk.rows("recognition_list_first", most=FIRST_SHOWN):
        first.setdefault(outcome, []).append(row)
    return first


def _money(desk: Desk) -> dict[str, Any]:
    """Bills and yuan of the open years, and the terms that are missing for them."""
    years = years_open(desk.today)
    if not years:
        return {"money": [], "missing": []}
    quotas, missing = quota_table(years, pooling_areas(*_area_of_people(desk)))
    rows = desk.rows(
        "recognition_list_money",
        quotas=quotas,
        years=years,
        subsidised=list(SUBSIDISED),
        first_key=years[0] * YEAR,
        last_key=(years[-1] + 1) * YEAR,
    )
    money = [[*row[:4], str(row[4] or 0), str(row[5] or 0)] for row in rows]
    return {"money": money, "missing": missing}


def _area_of_people(desk: Desk) -> tuple[int, int]:
    return scope_of(desk.area or settings.PROVINCE)


def as_agreed(desk: Desk) -> bool:
    """Whether the list still does what was looked at."""
    found = RecognitionList.objects.get(pk=desk.import_id)
    return found.digest == found.was_digest


def apply(desk: Desk) -> None:
    """End and change rows, begin others, and leave the people for the follow-up.

    Raises FileRefused changed_meanwhile where a row says something else by now.
    """
    source = RecognitionList.objects.values_list("department", flat=True).get(pk=desk.import_id)
    ((_begins, changes, _stays),) = desk.rows("recognition_list_count")
    if desk.run("recognition_list_update") != changes:
        raise FileRefused("changed_meanwhile")
    desk.run("recognition_list_insert", source=source)
    desk.run("recognition_list_changes")
    desk.run("recognition_list_answers")
    desk.run("recognition_list_empty")


RECOGNITION_LIST = ImportKind(
    name="recognition_list",
    columns=COLUMNS,
    table="staging_recognition_list",
    staged=STAGED,
    reader=reader,
    check=check,
    count="recognition_list_count",
    apply=apply,
    as_agreed=as_agreed,
    sql=SQL,
    label=_("full list of a department"),
    undo="categories_undo",
    quick=quick,
    keeps_lines=True,
    summary="recognition_list_summary",
)
