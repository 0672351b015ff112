"""`chase_results`: what the field answers about the unpaid and uninsured.

皖医保发〔2024〕6号 二（三）. The sheet that was exported comes back as it was filled in: its other
columns are taken and not read, a line without an answer is left as it is. A line names somebody by
the number of the item, or by the full identity number; then it answers on every list of that person
in the area of the import.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import read_any_number, read_text, read_word
from enrollment.models import Push
from enrollment.models.identity import digest
from enrollment.selectors.policy import policy_book

IN_USE = "chase.results"
LONGEST_NOTE = 255
MOST_DIGITS = 18
_ROUND = re.compile(r"([0-9]{4})[-－]([1-9][0-9]{0,3})")

RESULTS = {code: code for code in Push.Result.values} | {
    "愿意缴费": "will_pay",
    "将缴费": "will_pay",
    "称已缴费": "paid",
    "已缴费": "paid",
    "外地参加职工医保": "employee",
    "职工医保": "employee",
    "外地参加居民医保": "insured_elsewhere",
    "异地参保": "insured_elsewhere",
    "其他制度保障": "other_cover",
    "其他保障": "other_cover",
    "已迁离": "moved_away",
    "迁出": "moved_away",
    "死亡": "deceased",
    "已死亡": "deceased",
    "缴费困难": "cannot_afford",
    "无法联系": "unreachable",
    "拒绝参保": "refuses",
    "不愿参保": "refuses",
}
COLUMNS = (
    Column("round", "批次"),
    Column("item", "编号", optional=True),
    Column("id_number", "证件号码", optional=True),
    Column("result", "反馈结果", words=RESULTS),
    Column("told_on", "反馈日期"),
    Column("note", "备注", optional=True),
    # what the exported sheet says beside
    Column("name", "姓名", optional=True),
    Column("birth_year", "出生年份", optional=True),
    Column("phone", "手机号", optional=True),
    Column("place", "名单区域", optional=True),
    Column("side", "区域性质", optional=True),
    Column("worker", "网格员", optional=True),
    Column("kind", "类别", optional=True),
    Column("owed", "欠缴金额", optional=True),
    Column("due_on", "反馈截止日", optional=True),
    Column("taken", "出处", optional=True),
)
STAGED = (
    ("round_year", "int2"),
    ("round_serial", "int2"),
    ("item", "int8"),
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("result", "text"),
    ("told_on", "date"),
    ("note", "text"),
)


def read_round(text: str) -> tuple[int, int]:
    """Benefit year and number of a round written 2027-1. Raises LineRefused."""
    match = _ROUND.fullmatch(read_text(text, "round", LONGEST_NOTE))
    if match is None:
        raise LineRefused("round_format", "round", text)
    return int(match[1]), int(match[2])


def read_item(text: str) -> int | None:
    """The number of an item, none where the cell is empty. Raises LineRefused."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        raise LineRefused("item_format", "item", text)
    return int(text)


def results_in_use(on: date) -> frozenset[str]:
    """What may be answered on a day; nothing where the law says nothing."""
    values = policy_book([IN_USE]).values.get(IN_USE, [])
    province = settings.PROVINCE // 10**6
    held = (each.value for each in values if each.area == province and each.holds_on(on))
    return frozenset(code for codes in held for code in codes)


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of
    staging_chase_results."""
    told = desk.days.until(desk.today)
    # Read before the COPY begins; a file tells of few days, and the list changes rarely.
    in_use = results_in_use(desk.today)

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        year, serial = read_round(cells[0])
        item = read_item(cells[1])
        # a masked number only says whom the item is about
        masked = item is not None and "*" in cells[2]
        if item is None and not cells[2]:
            raise LineRefused("required", "id_number")
        identity = read_any_number(cells[2]) if cells[2] and not masked else None
        whom = (year, serial, item, digest(identity.number) if identity else None,
                identity.doubtful if identity else False)  # fmt: skip
        if not cells[3]:
            return (*whom, None, None, "")
        result = read_word(cells[3], "result", RESULTS)
        if result not in in_use:
            raise LineRefused("result_not_in_use", "result", cells[3])
        note = read_text(cells[5], "note", LONGEST_NOTE) if cells[5] else ""
        return (*whom, result, told.read(cells[4], "told_on"), note)

    return read


def check(desk: Desk) -> None:
    """Refuse rounds, items and people that are not known, and what cannot have been told."""
    desk.run("chase_results_round")
    desk.run("chase_results_person")
    desk.run("chase_results_listed")
    desk.run("chase_results_refuse")
    desk.run("chase_results_known")


def apply(desk: Desk) -> None:
    """Write the answers that are new or say something else."""
    desk.run("chase_results_write")


CHASE_RESULTS = ImportKind(
    name="chase_results",
    columns=COLUMNS,
    table="staging_chase_results",
    staged=STAGED,
    reader=reader,
    check=check,
    count="chase_results_count",
    apply=apply,
    sql=SQL,
    label=_("answers about the unpaid and uninsured"),
    needs_second=False,  # an answer gives nobody a right
    no_undo=_(
        "An answer changes nothing in the register; what was told in error is corrected by another"
        " file, and the history keeps both."
    ),
)
