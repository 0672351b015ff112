"""A draft of each of the newer kinds of case, made as of 20 November 2026, with its person.

The years 2026 and 2027 and the law have to be there.
"""

from datetime import date
from decimal import Decimal

from benefits.services import retirements
from enrollment.models import Case, Person, User
from enrollment.services import (
    cases,
    corrections,
    duplicates,
    parameter_settings,
    recognitions,
    refunds,
    registrations,
    transfers,
)
from tests import cast, turning

AUTUMN = date(2026, 11, 20)


def registration(maker: User) -> Case:
    """李四 comes back with a status that a department recognised."""
    return registrations.open_registration(
        maker=maker,
        person=cast.person("李四", number=21, left_on=date(2025, 1, 1), left_for="moved_out"),
        year=2027,
        ground="low_income_recognised",
        recognised_on=date(2026, 11, 1),
        source="civil_affairs",
        evidence="低保证 340104-2026-118",
        insured_region_id=cast.SHUSHAN,
    )


def refund(maker: User) -> Case:
    """张三 paid twice."""
    person = cast.person("张三", number=31)
    cast.paid(person, 2027, date(2026, 11, 2))
    return refunds.open_refund(
        maker=maker,
        person=person,
        year=2027,
        ground="handling_error",
        event_on=date(2026, 11, 2),
        requested_on=AUTUMN,
        evidence="窗口受理单 20261120-7",
        payee="张三",
        account="6217000012345678",
    )


def recognition(maker: User) -> Case:
    """孙七 gets the minimum living guarantee."""
    return cases.open_case(
        kind=recognitions.KIND.name,
        maker=maker,
        person=cast.person("孙七", number=23),
        year=2026,
        act="gained",
        category="dibao",
        since=date(2026, 11, 1),
        source="civil_affairs",
        evidence="低保证 340104-2026-118",
    )


def correction(maker: User) -> Case:
    """赵六 was written with another character."""
    person = cast.person("赵六", number=27)
    return corrections.open_correction(
        maker=maker, person=person, name="赵陆", evidence="户口簿 340104-88"
    )


def resolution(maker: User) -> Case:
    """王五 paid for 2026 and has been employed since March."""
    person = cast.person("王五", number=29)
    cast.paid(person, 2026)
    turning.employed(person, 2026, 0b111111111100)
    return duplicates.open_resolution(
        maker=maker, person=person, year=2026, keep="resident", written_choice="本人选择书"
    )


def transfer(maker: User) -> Case:
    """吴八 lives in 镜湖 now."""
    person = cast.person("吴八", number=51)
    cast.bill(person, 2027)
    return transfers.open_transfer(
        maker=maker, person=person, year=2027, to_region_id=cast.JINGHU, reason="随子女居住"
    )


def setting(maker: User) -> Case:
    """Hefei gives more to whoever has the minimum living guarantee."""
    return parameter_settings.open_setting(
        maker=maker,
        region_id=cast.HEFEI,
        code="subsidy.quota.dibao",
        typed="360",
        valid_from=date(2027, 1, 1),
        document_number="合医保发〔2026〕18号",
        document_title="关于调整资助参保定额的通知",
        document_issued_on=date(2026, 11, 10),
        clause="二（一）",
    )


def assessment(maker: User) -> Case:
    """孙八 retires with months that are missing, which are paid month by month."""
    person = cast.person("孙八", number=52, scheme=Person.Scheme.EMPLOYEE)
    return retirements.open_assessment(
        maker=maker,
        person=person,
        retires_on=date(2026, 12, 15),
        actual_months=240,
        deemed_months=36,
        evidence="职工档案 340104-77",
        base=Decimal(6000),
        choice="monthly",
    )


NEWER_KINDS = (registration, refund, recognition, correction, resolution)
NEWEST_KINDS = (transfer, setting, assessment)
