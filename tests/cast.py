"""The named cast of the tests: who they are, where they live, and what their years say.

张三 is covered, 李四 lapsed in 2025 and 2026, 王五 lives in another area. 刘婷 makes cases, 张敏
checks them, 陈立群 puts them into effect.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from config.parameters import ROOTS
from config.roles import apply_roles
from enrollment.models import (
    Duty,
    Enrollment,
    Person,
    Region,
    User,
    YearRun,
)
from enrollment.models.identity import digest, seal
from enrollment.rules import keys
from enrollment.rules.identity import check_character, mask_identity
from enrollment.selectors.calendar import business_date
from enrollment.services.duties import end_duty
from enrollment.services.policy import load_policies

ANHUI = 340000000000
HEFEI, SHUSHAN, BAOHE = 340100000000, 340104000000, 340111000000
WUHU, JINGHU = 340200000000, 340202000000
LONG_AGO = date(2000, 1, 1)


# One INSERT a table: the rows as they were when they were read from the files.
_law: list[tuple[str, str]] = []
_LAW_TABLES = {
    "region": f"level <= {Region.Level.COUNTY.value}",
    "policy_document": "true",
    "policy_parameter": "true",
}


def law() -> None:
    """Divisions down to the counties and Anhui's parameters, with the examples that 2027 needs.

    Read from the files once; each test after the first gets copies of the rows.
    """
    if not _law:
        load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
        with connection.cursor() as cursor:
            for table, which in _LAW_TABLES.items():
                cursor.execute(f"SELECT json_agg(t)::text FROM {table} t WHERE {which}")
                _law.append((table, cursor.fetchone()[0]))
        return
    with connection.cursor() as cursor:
        for table, rows in _law:
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)"
                # a duty may have needed the province before
                + (" ON CONFLICT DO NOTHING" if table == "region" else ""),
                [rows],
            )


# The roles, which right each has, and which exclude each other: rights by their names, because a
# migrated database numbers them anew.
_roles: list[str] = []
_REMEMBER = """
    SELECT (SELECT json_agg(g)::text FROM auth_group g),
           (SELECT json_agg(json_build_object('role', r.group_id, 'app', t.app_label,
                                              'may', p.codename))::text
              FROM auth_group_permissions r
              JOIN auth_permission p ON p.id = r.permission_id
              JOIN django_content_type t ON t.id = p.content_type_id),
           (SELECT json_agg(c)::text FROM role_conflict c)
"""
_REPEAT = (
    "INSERT INTO auth_group SELECT * FROM json_populate_recordset(NULL::auth_group, %s)",
    """
    INSERT INTO auth_group_permissions (group_id, permission_id)
    SELECT r.role, p.id
      FROM json_to_recordset(%s) r (role int, app text, may text)
      JOIN django_content_type t ON t.app_label = r.app
      JOIN auth_permission p ON p.content_type_id = t.id AND p.codename = r.may
    """,
    "INSERT INTO role_conflict SELECT * FROM json_populate_recordset(NULL::role_conflict, %s)",
)


def roles() -> None:
    """The roles as they are declared, from the second time on as they were written first.

    Where they stand already nothing is done.
    """
    if Group.objects.filter(name="Maker").exists():
        return
    with connection.cursor() as cursor:
        if _roles:
            for statement, rows in zip(_REPEAT, _roles, strict=True):
                cursor.execute(statement, [rows])
        else:
            apply_roles()
            cursor.execute(_REMEMBER)
            _roles.extend(cursor.fetchone())


def officer(role: str, username: str, name: str, *, region: int = ANHUI) -> User:
    """A member of staff with one duty, in the province unless told otherwise."""
    roles()
    user = User.objects.create_user(username=username, display_name=name, is_staff=True)
    entrust(user, role, region=region)
    return user


def entrust(user: User, role: str, *, region: int = ANHUI, **days: date | None) -> Duty:
    """Give a further duty, without end unless told otherwise.

    As the service writes it, without its questions: they are asked where duties are tested.
    """
    where, _ = Region.objects.get_or_create(
        code=region, defaults={"name": "安徽省", "level": 1, "valid_from": LONG_AGO}
    )
    last = days.get("last")
    during = DateRange(days.get("first") or LONG_AGO, last + timedelta(days=1) if last else None)
    return Duty.objects.create(
        user=user,
        role=Group.objects.get(name=role),
        region=where,
        granted_for=during,
        valid=during,
    )


def relieve(user: User) -> None:
    """End all duties of somebody from the next request on."""
    for duty in Duty.objects.filter(user=user, valid__contains=business_date()):
        end_duty(duty=duty, last=business_date() - timedelta(days=1), reason="调离")


def person(name: str, *, number: int, region: int = SHUSHAN, **fields: Any) -> Person:
    """A person of the register; `number` makes the synthetic identity number."""
    born: date = fields.pop("birth_date", date(1972, 5, 4))
    first = f"349900{born:%Y%m%d}{number:03d}"
    identity = first + check_character(first)
    return Person.objects.create(
        id_digest=digest(identity),
        id_sealed=seal(identity),
        id_mask=mask_identity(identity),
        name=name,
        initials=fields.pop("initials", ""),
        sex="M",
        birth_date=born,
        household_region=fields.pop("household_region", region),
        residence_region=fields.pop("residence_region", region),
        insured_region_id=region,
        **fields,
    )


def year(number: int, *, closed: bool = True) -> YearRun:
    """A benefit year with its partition; a closed one is activated too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT year_table_make('enrollment', %s)", [number])
    return YearRun.objects.create(
        year=number,
        province=Region.objects.get(pk=340000000000),
        mode=YearRun.Mode.REAL,
        from_history=closed,
        opened_on=date(number - 1, 9, 1),
        closed_on=date(number - 1, 12, 31) if closed else None,
        activated_on=date(number, 1, 1) if closed else None,
    )


def bill(whose: Person, number: int, **fields: Any) -> Enrollment:
    """A resident's bill of 400.00 yuan, unpaid unless told otherwise."""
    standard = fields.pop("standard", Decimal(400))
    subsidy = fields.pop("subsidy", Decimal(0))
    return Enrollment.objects.create(
        id=keys.yearly_key(year=number, person_id=whose.pk),
        person=whose,
        region_id=fields.pop("region", whose.insured_region_id),
        standard=standard,
        subsidy=subsidy,
        payable=standard - subsidy,
        due_on=date(number - 1, 12, 31),
        **fields,
    )


def paid(whose: Person, number: int, on: date | None = None, **fields: Any) -> Enrollment:
    """A resident's bill that was paid, in the payment period unless told otherwise."""
    return bill(whose, number, paid=Decimal(400), paid_on=on or date(number - 1, 11, 20), **fields)
