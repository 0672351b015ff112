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

from enrollment.models import (
    Duty,
    Enrollment,
    Person,
    PolicyParameter,
    Region,
    User,
    YearRun,
)
from enrollment.models.identity import digest, seal
from enrollment.rules import keys
from enrollment.rules.identity import check_character, mask_identity
from enrollment.selectors.calendar import business_date
from enrollment.services.duties import end_duty

ANHUI = 340000000000
HEFEI, SHUSHAN, BAOHE = 340100000000, 340104000000, 340111000000
WUHU, JINGHU = 340200000000, 340202000000
LONG_AGO = date(2000, 1, 1)


def law() -> None:
    """Divisions down to the counties and Anhui's parameters, with the examples that 2027 needs.

    They stand there anyhow (tests/standing.py): a test says by this that it is about them.
    """
    assert PolicyParameter.objects.exists()


def officer(role: str, username: str, name: str, *, region: int = ANHUI) -> User:
    """A member of staff with one duty, in the province unless told otherwise."""
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
