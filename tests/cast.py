"""The named cast of the tests: who they are, where they live, and what their years say.

张三 is covered, 李四 lapsed in 2025 and 2026, 王五 lives in another area. 刘婷 makes cases, 张敏
checks them, 陈立群 puts them into effect.
"""

from copy import copy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model

from config.parameters import ROOTS
from config.roles import apply_roles
from enrollment.models import (
    Duty,
    Enrollment,
    Person,
    PolicyDocument,
    PolicyParameter,
    Region,
    User,
    YearRun,
)
from enrollment.models.identity import digest, seal
from enrollment.rules import keys
from enrollment.rules.identity import check_character, mask_identity
from enrollment.selectors.calendar import business_date
from enrollment.services.duties import end_duty, grant_duty
from enrollment.services.policy import load_policies

ANHUI = 340000000000
HEFEI, SHUSHAN, BAOHE = 340100000000, 340104000000, 340111000000
WUHU, JINGHU = 340200000000, 340202000000
LONG_AGO = date(2000, 1, 1)


_law: list[tuple[type[Model], list[Model]]] = []


def law() -> None:
    """Divisions down to the counties and Anhui's parameters, with the examples that 2027 needs.

    Read from the files once; each test after the first gets copies of the rows.
    """
    if _law:
        for model, rows in _law:
            known = model is Region  # a duty may have needed the province before
            model._default_manager.bulk_create(map(copy, rows), ignore_conflicts=known)
        return
    load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
    counties = Region.objects.filter(level__lte=Region.Level.COUNTY)
    tables = (counties, PolicyDocument.objects.all(), PolicyParameter.objects.all())
    _law.extend((queryset.model, list(queryset)) for queryset in tables)


def officer(role: str, username: str, name: str, *, region: int = ANHUI) -> User:
    """A member of staff with one duty, in the province unless told otherwise."""
    if not Group.objects.filter(name=role).exists():
        apply_roles()
    user = User.objects.create_user(username=username, display_name=name, is_staff=True)
    entrust(user, role, region=region)
    return user


def entrust(user: User, role: str, *, region: int = ANHUI, **days: date | None) -> Duty:
    """Give a further duty, without end unless told otherwise."""
    where, _ = Region.objects.get_or_create(
        code=region, defaults={"name": "安徽省", "level": 1, "valid_from": LONG_AGO}
    )
    return grant_duty(
        user=user,
        role=Group.objects.get(name=role),
        region=where,
        first=days.get("first") or LONG_AGO,
        last=days.get("last"),
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
        household_region=region,
        residence_region=region,
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
