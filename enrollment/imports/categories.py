"""`categories`: low-income and exempt status, recognised by a department.

皖医保发〔2024〕6号 一（一） (categorised subsidy) and 一（二） (no waiting period).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import Column, ImportKind
from enrollment.imports.kinds import SQL, Desk, Reader
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import read_any_number, read_text, read_word
from enrollment.models.identity import digest
from enrollment.models.person import Category

LONGEST_SOURCE = 32
# How other systems write that no end is known; 31 December 9999 has no day after it.
OPEN = frozenset(["", "长期", "9999-12-31", "99991231", "9999/12/31"])

CATEGORIES = {code: code for code in Category.values} | {
    "特困": "extreme_poverty",
    "特困人员": "extreme_poverty",
    "特困供养人员": "extreme_poverty",
    "低保": "dibao",
    "低保对象": "dibao",
    "最低生活保障对象": "dibao",
    "返贫致贫": "returned_to_poverty",
    "返贫致贫人口": "returned_to_poverty",
    "监测对象": "monitored",
    "防止返贫监测对象": "monitored",
    "防返贫监测对象": "monitored",
    "新生儿": "newborn",
    "动态新增的医疗救助对象": "medical_assistance_new",
    "动态新增医疗救助对象": "medical_assistance_new",
    "新增医疗救助对象": "medical_assistance_new",
    "相关部门认定的低收入人口": "low_income_recognised",
    "认定的低收入人口": "low_income_recognised",
    "低收入人口": "low_income_recognised",
    "退回新兵": "returned_recruit",
    "符合规定的职工医保中断缴费人员": "employee_interrupted",
    "职工医保中断缴费人员": "employee_interrupted",
    "当年退出现役的军人": "demobilised",
    "退出现役的军人": "demobilised",
    "退役军人": "demobilised",
    "随军未就业配偶": "military_spouse",
    "刑满释放等退出其他制度保障的人员": "released_prisoner",
    "刑满释放人员": "released_prisoner",
}
# Departments of the province under their code; another department keeps the name it came with.
SOURCES = {
    "民政": "civil_affairs",
    "农业农村": "agriculture",
    "乡村振兴": "agriculture",
    "残联": "disabled_federation",
    "残疾人联合会": "disabled_federation",
    "卫健": "health",
    "卫生健康": "health",
    "公安": "police",
    "军队": "military",
    "退役军人事务": "military",
    "司法": "justice",
    "司法行政": "justice",
    "医保": "medical_security",
    "医疗保障": "medical_security",
}
_OFFICES = ("委员会", "部门", "局", "厅", "委", "办")

COLUMNS = (
    Column("id_number", "证件号码"),
    Column("category", "类别", words=CATEGORIES),
    Column("valid_from", "认定日期"),
    Column("valid_to", "终止日期"),
    Column("source", "来源部门"),
)
STAGED = (
    ("id_digest", "uuid"),
    ("doubtful", "bool"),
    ("category", "text"),
    ("valid_from", "date"),
    ("valid_until", "date"),
    ("source", "text"),
)


def read_source(text: str) -> str:
    """Code of a department, or the name it came with. Raises LineRefused."""
    name = read_text(text, "source", LONGEST_SOURCE)
    for office in _OFFICES:
        if name.removesuffix(office) in SOURCES:
            return SOURCES[name.removesuffix(office)]
    return name.lower() if name.isascii() else name


def reader(desk: Desk) -> Reader:
    """Reads the cells of a line, in the order of the columns, into a row of staging_categories."""
    ends = desk.days.until(date.max)

    def read(cells: Sequence[str]) -> tuple[Any, ...]:
        identity = read_any_number(cells[0])
        category = read_word(cells[1], "category", CATEGORIES)
        first = desk.days.read(cells[2], "valid_from")
        last = None if cells[3] in OPEN else ends.read(cells[3], "valid_to")
        if last is not None and last < first:
            raise LineRefused("ends_before_it_begins", "valid_to", cells[3])
        return (
            digest(identity.number),
            identity.doubtful,
            category,
            first,
            # Both days of the file are inside; the database keeps the first day after.
            None if last is None else last + timedelta(days=1),
            read_source(cells[4]),
        )

    return read


def check(desk: Desk) -> None:
    """Refuse what the file or the register contradicts; find the validities that are known."""
    desk.run("categories_match")
    desk.run("categories_refuse")
    desk.run("categories_known")
    desk.run("categories_overlaps")
    desk.run("categories_overlaps_in_file")


def apply(desk: Desk) -> None:
    """Insert validities, and close those that were open."""
    desk.run("categories_update")
    desk.run("categories_insert")


CATEGORIES_KIND = ImportKind(
    name="categories",
    columns=COLUMNS,
    table="staging_categories",
    staged=STAGED,
    reader=reader,
    check=check,
    count="categories_count",
    apply=apply,
    sql=SQL,
    label=_("people recognised by departments"),
    undo="categories_undo",
)
