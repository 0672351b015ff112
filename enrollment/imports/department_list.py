"""`department_list`: what other departments tell about people, each event by those who may tell it.

皖医保发〔2024〕6号 二（三）、二（四）、二（六）、三（八）、三（九）;
安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）.
What is a fact of that department is written; what needs a decision is queued as a finding; and
every line has one outcome, which goes back as the feedback file.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.categories import read_source
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.people import LONGEST_INITIALS, LONGEST_NAME, SEXES
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import (
    Identity,
    read_any_number,
    read_text,
    read_word,
    tidy_name,
)
from enrollment.models import Import
from enrollment.models.identity import digest, seal
from enrollment.models.person import Person
from enrollment.rules.identity import check_identity
from enrollment.rules.names import initials_of
from enrollment.selectors.bills import years_on_file

BIRTH, DEATH, MOVED, IDENTITY = "birth", "death", "moved", "identity"
EMPLOYEE_START, EMPLOYEE_END = "employee_start", "employee_end"
STUDENT, OTHER_START, OTHER_END = "student", "other_cover_start", "other_cover_end"

# Who may tell what: the register of a fact is kept by its department and by no other.
TOLD_BY = {
    "police": frozenset([BIRTH, DEATH, MOVED, IDENTITY]),
    "health": frozenset([BIRTH, DEATH]),
    "hrss": frozenset([EMPLOYEE_START, EMPLOYEE_END]),
    "education": frozenset([STUDENT]),
    "justice": frozenset([OTHER_START, OTHER_END]),
    "military": frozenset([OTHER_START, OTHER_END]),
}
SOURCES = {code: code for code in TOLD_BY} | {
    "公安": "police",
    "卫健": "health",
    "卫生健康": "health",
    "人社": "hrss",
    "人力资源社会保障": "hrss",
    "人力资源和社会保障": "hrss",
    "教育": "education",
    "司法": "justice",
    "司法行政": "justice",
    "军队": "military",
    "退役军人事务": "military",
}
EVENTS = {event: event for events in TOLD_BY.values() for event in sorted(events)} | {
    "出生": BIRTH,
    "死亡": DEATH,
    "户籍迁移": MOVED,
    "迁移": MOVED,
    "迁出": MOVED,
    "身份变更": IDENTITY,
    "身份信息变更": IDENTITY,
    "职工参保": EMPLOYEE_START,
    "入职": EMPLOYEE_START,
    "职工停保": EMPLOYEE_END,
    "离职": EMPLOYEE_END,
    "在校学生": STUDENT,
    "学生": STUDENT,
    "其他保障开始": OTHER_START,
    "入伍": OTHER_START,
    "服刑": OTHER_START,
    "其他保障结束": OTHER_END,
    "退役": OTHER_END,
    "刑满释放": OTHER_END,
}
_WITH_PLACE = frozenset([EMPLOYEE_START, STUDENT])
_PLACE_AND_SEX = re.compile(r"([0-9]*)[\s/,，、;；]*(\D*)")
_DIGIT = re.compile(r"[0-9]")

COLUMNS = (
    Column("source", "来源", words=SOURCES),
    Column("event", "事项", words=EVENTS),
    Column("id_number", "证件号码"),
    Column("name", "姓名"),
    Column("on", "发生日期"),
    Column("value", "新值", optional=True),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("source", "text"),
    ("event", "text"),
    ("on_day", "date"),
    ("name", "text"),
    ("initials", "text"),
    ("region", "int8"),
    ("insured", "int8"),
    ("id_type", "text"),
    ("id_sealed", "bytea"),
    ("id_mask", "text"),
    ("sex", "text"),
    ("new_digest", "uuid"),
    ("new_sealed", "bytea"),
    ("new_mask", "text"),
    ("new_name", "text"),
)


def word_of(code: str, words: dict[str, str]) -> str:
    """The first Chinese word of a code, as senders read it."""
    return next((word for word, it in words.items() if it == code and not word.isascii()), code)


def read_department(text: str) -> str:
    """Code of a department that sends lists. Raises LineRefused."""
    return read_word(read_source(text) if text else "", "source", SOURCES)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of
    staging_department_list."""
    happened = desk.days.until(desk.today)

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        source = read_department(cells[0])
        event = read_word(cells[1], "event", EVENTS)
        if event not in TOLD_BY[source]:
            told = f"{word_of(source, SOURCES)}：{word_of(event, EVENTS)}"
            raise LineRefused("event_of_another_source", "event", told)
        identity = read_any_number(cells[2])
        name = read_text(tidy_name(cells[3]), "name", LONGEST_NAME)
        on = happened.read(cells[4], "on")
        region, born, new = _value(desk, event, identity, on, cells[5])
        return (
            digest(identity.number),
            identity.doubtful,
            source,
            event,
            on,
            name,
            initials_of(name)[:LONGEST_INITIALS],
            region,
            *born,
            *new,
        )

    return read


_NOBODY_BORN = (None, None, None, None, None)
_NOTHING_NEW = (None, None, None, None)


def _value(
    desk: Desk, event: str, identity: Identity, on: date, text: str
) -> tuple[int | None, tuple[Any, ...], tuple[Any, ...]]:
    """The region that an event names, who was born, and the new identity. Raises LineRefused."""
    if event == BIRTH:
        region, insured, sex = _place_and_sex(desk, identity, on, text)
        born = (insured, _type_of(identity), seal(identity.number), identity.mask, sex)
        return region, born, _NOTHING_NEW
    if event == IDENTITY:
        return None, _NOBODY_BORN, _new_identity(text)
    if event == MOVED:
        return desk.places.read(text, "value"), _NOBODY_BORN, _NOTHING_NEW
    if not text:
        return None, _NOBODY_BORN, _NOTHING_NEW
    if event not in _WITH_PLACE:
        raise LineRefused("value_not_asked", "value", text)
    read = desk.places.read_insured if event == EMPLOYEE_START else desk.places.read
    return read(text, "value"), _NOBODY_BORN, _NOTHING_NEW


def _type_of(identity: Identity) -> str:
    return Person.IdType.RESIDENT_ID if identity.born else Person.IdType.BIRTH_CERTIFICATE


def _place_and_sex(desk: Desk, identity: Identity, on: date, text: str) -> tuple[int, int, str]:
    """Where a child belongs and is insured, and its sex: 340104 男. A resident number tells the sex
    itself. Raises LineRefused."""
    match = _PLACE_AND_SEX.fullmatch(text)
    if not match:
        raise LineRefused("region_format", "value", text)
    region = desk.places.read(match[1], "value")
    insured = desk.places.insured(residence=region, household=region)
    if insured is None or not desk.covers(insured):
        raise LineRefused("region_outside_area", "value", match[1])
    if identity.born is None:
        return region, insured, read_word(match[2], "value", SEXES)
    if identity.born != on:
        raise LineRefused("birth_date_differs", "on", str(on))
    sex = str(check_identity(identity.number).sex)
    if match[2] and read_word(match[2], "value", SEXES) != sex:
        raise LineRefused("sex_differs", "value", match[2])
    return region, insured, sex


def _new_identity(text: str) -> tuple[Any, ...]:
    """A new number, sealed, or a new name. Raises LineRefused."""
    if not _DIGIT.search(text):
        return (None, None, None, read_text(tidy_name(text), "value", LONGEST_NAME))
    new = read_any_number(text, "value")
    if new.doubtful:
        # Nothing else in the file tells whether a spreadsheet rounded it.
        raise LineRefused("identity_rounded", "value")
    return (digest(new.number), seal(new.number), new.mask, None)


def check(desk: Desk) -> None:
    """Refuse what contradicts the register, and say of every other line what becomes of it."""
    desk.run("department_match")
    desk.run("department_renamed")
    desk.run("department_twin")
    desk.run("department_refuse")
    desk.run("department_repeated")
    desk.run("department_outcomes", years=years_on_file())
    desk.run("department_spells")


def as_agreed(desk: Desk) -> bool:
    """Whether each event comes out as it did when the list was looked at."""
    looked_at = Import.objects.only("summary").get(pk=desk.import_id).summary
    return bool(looked_at == [list(row) for row in desk.rows("department_summary")])


def apply(desk: Desk) -> None:
    """Write the facts, what follows for years of cover, and what waits for a case.

    What each row said before stays with the import; answers come last, a line each.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.cause', 'department_list', true)")
    # Files of newborns are opened first: who has no file yet is told by nothing else.
    desk.run("department_born")
    desk.run("department_people")
    desk.run("department_cover", years=years_on_file())
    desk.run("department_begin_spells")
    desk.run("department_categories")
    desk.run("department_students")
    desk.run("department_findings")
    desk.run("department_paid_ahead")
    desk.run("department_answers")


DEPARTMENT_LIST = ImportKind(
    name="department_list",
    columns=COLUMNS,
    table="staging_department_list",
    staged=STAGED,
    reader=reader,
    check=check,
    count="department_count",
    apply=apply,
    as_agreed=as_agreed,
    sql=SQL,
    label=_("events told by departments"),
    undo="rows_undo",
    keeps_lines=True,
    summary="department_summary",
)
