"""`people`: who is on the register, one file a person (皖医保发〔2024〕6号 二（三）).

The identity number is the key.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import (
    read_document_number,
    read_phone,
    read_resident_number,
    read_text,
    read_word,
    tidy_name,
)
from enrollment.models import YearRun
from enrollment.models.identity import digest, seal, unseal
from enrollment.models.person import Person
from enrollment.rules.names import initials_of

LONGEST_NAME, LONGEST_INITIALS = 64, 32
PHONES_AT_ONCE = 10_000
ALIVE, DECEASED = "alive", "deceased"

ID_TYPES = {
    "resident_id": "resident_id",
    "居民身份证": "resident_id",
    "身份证": "resident_id",
    "公民身份证": "resident_id",
    "birth_certificate": "birth_certificate",
    "出生医学证明": "birth_certificate",
    "出生证": "birth_certificate",
    "出生证明": "birth_certificate",
    "other": "other",
    "其他": "other",
    "其它": "other",
    "其他证件": "other",
}
SEXES = {"M": "M", "m": "M", "男": "M", "男性": "M", "F": "F", "f": "F", "女": "F", "女性": "F"}
LIFE = {
    ALIVE: ALIVE,
    "正常": ALIVE,
    "存活": ALIVE,
    "在世": ALIVE,
    "健在": ALIVE,
    DECEASED: DECEASED,
    "死亡": DECEASED,
    "已死亡": DECEASED,
    "身故": DECEASED,
    "已故": DECEASED,
}

COLUMNS = (
    Column("id_type", "证件类型", words=ID_TYPES),
    Column("id_number", "证件号码"),
    Column("name", "姓名"),
    Column("sex", "性别", words=SEXES),
    Column("birth_date", "出生日期"),
    Column("household_region", "户籍地代码"),
    Column("residence_region", "常住地代码"),
    Column("phone", "手机号"),
    Column("life_status", "状态", words=LIFE),
    Column("died_on", "死亡日期"),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("id_type", "text"),
    ("id_sealed", "bytea"),
    ("id_mask", "text"),
    ("name", "text"),
    ("initials", "text"),
    ("sex", "text"),
    ("birth_date", "date"),
    ("household_region", "int8"),
    ("residence_region", "int8"),
    ("insured_region", "int8"),
    ("phone_sealed", "bytea"),
    ("died_on", "date"),
)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of staging_people."""
    day, region, insured = desk.days.read, desk.places.read, desk.places.insured

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        id_type = read_word(cells[0], "id_type", ID_TYPES)
        number = cells[1]
        identity = (
            read_resident_number(number)
            if id_type == Person.IdType.RESIDENT_ID
            else read_document_number(number)
        )
        name = read_text(tidy_name(cells[2]), "name", LONGEST_NAME)
        sex = read_word(cells[3], "sex", SEXES)
        born = day(cells[4], "birth_date")
        if identity.born is not None and born != identity.born:
            raise LineRefused("birth_date_differs", "birth_date", cells[4])
        household = region(cells[5], "household_region")
        residence = region(cells[6], "residence_region")
        phone = read_phone(cells[7], "phone")
        return (
            digest(identity.number),
            identity.doubtful,
            id_type,
            seal(identity.number),
            identity.mask,
            name,
            initials_of(name)[:LONGEST_INITIALS],
            sex,
            born,
            household,
            residence,
            insured(residence=residence, household=household),
            seal(phone) if phone else None,
            _death(cells[8], cells[9], born, day),
        )

    return read


def _death(status: str, died_on: str, born: date, day: Callable[[str, str], date]) -> date | None:
    """The day of death of somebody deceased."""
    life = read_word(status, "life_status", LIFE)
    if life == ALIVE:
        if died_on:
            raise LineRefused("alive_with_day", "died_on", died_on)
        return None
    if not died_on:
        raise LineRefused("deceased_without_day", "died_on")
    died = day(died_on, "died_on")
    if died < born:
        raise LineRefused("death_before_birth", "died_on", died_on)
    return died


def check(desk: Desk) -> None:
    """Refuse what the file or the register contradicts; find who is known and what changed."""
    desk.run("people_duplicates")
    desk.run("people_match")
    desk.run("people_refuse")
    _compare_phones(desk)


def _compare_phones(desk: Desk) -> None:
    """Mark whose phone changed. Sealed numbers cannot be compared in SQL: equal ones differ."""
    changed: list[int] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT line, known_phone, phone_sealed FROM staging_people"
            " WHERE problem IS NULL AND known_phone IS NOT NULL"
        )
        while rows := cursor.fetchmany(PHONES_AT_ONCE):
            changed += [line for line, known, told in rows if unseal(known) != unseal(told)]
            if len(changed) >= PHONES_AT_ONCE:
                desk.run("people_phones", lines=changed)
                changed = []
    if changed:
        desk.run("people_phones", lines=changed)


def apply(desk: Desk) -> None:
    """Insert and update people; a death ends the years of cover that it reaches."""
    real = YearRun.objects.filter(mode=YearRun.Mode.REAL)
    years = sorted(set(real.values_list("year", flat=True)))
    desk.run("people_deaths", years=years)
    desk.run("people_update")
    desk.run("people_insert")


PEOPLE = ImportKind(
    name="people",
    columns=COLUMNS,
    table="staging_people",
    staged=STAGED,
    reader=reader,
    check=check,
    count="people_count",
    apply=apply,
    sql=SQL,
    label=_("people"),
    undo="rows_undo",
)
