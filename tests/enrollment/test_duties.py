"""Duties: who may do what, where and when; what is refused at granting, and by the database."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.roles import INCOMPATIBLE, ROLES, apply_roles
from enrollment.models import ContributionSubsidy, Duty, Person, Region, RoleConflict, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.duties import duties_of
from enrollment.selectors.scope import Scope, counties_of, scope_of
from enrollment.services import duties
from enrollment.services.duties import end_duty, grant_duty
from tests import cast

TODAY = date(2026, 11, 20)
TOWNSHIP = 340104002000  # of 蜀山区
VIEW_PERSON, CHECK, MAKE = (
    "enrollment.view_person",
    "enrollment.check_case",
    "enrollment.add_contributionsubsidy",
)


@pytest.fixture(autouse=True)
def anhui(db: None) -> Iterator[None]:
    """The divisions to the counties, one township, and a day."""
    cast.law()
    Region.objects.get_or_create(
        code=TOWNSHIP, defaults={"name": "井岗镇", "level": 4, "valid_from": cast.LONG_AGO}
    )
    with business_date_is(TODAY), translation.override("zh-hans"):
        yield


@pytest.fixture
def wu() -> User:
    return cast.officer("Security administrator", "wu", "吴静")


@pytest.fixture
def liu() -> User:
    return User.objects.create_user(username="liu", display_name="刘婷", is_staff=True)


def again(user: User) -> User:
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


def role(name: str) -> Group:
    return Group.objects.get(name=name)


def place(code: int) -> Region:
    return Region.objects.get(pk=code)


def refused(name: str) -> Any:
    return pytest.raises(getattr(duties, name))


# What a duty gives --------------------------------------------------------------------------------


def test_without_a_duty_nobody_may_or_sees_anything(liu: User) -> None:
    assert not liu.get_all_permissions()
    assert scope_of(liu) == Scope()
    assert counties_of(liu) == ()


def test_rights_follow_from_duties_and_not_from_a_group(liu: User) -> None:
    liu.groups.add(role("Maker"))
    liu.user_permissions.add(*role("Checker").permissions.all())
    assert not again(liu).get_all_permissions()
    cast.entrust(liu, "Maker")
    assert again(liu).has_perms([VIEW_PERSON, MAKE])
    assert not again(liu).has_perm(CHECK)


@pytest.mark.parametrize(
    ("region", "counties"),
    [
        (cast.ANHUI, None),
        (cast.HEFEI, tuple(range(340100, 340200))),
        (cast.SHUSHAN, (340104,)),
        (TOWNSHIP, (340104,)),
    ],
)
def test_a_duty_reaches_all_that_lies_in_its_region(
    liu: User, region: int, counties: tuple[int, ...] | None
) -> None:
    cast.entrust(liu, "Maker", region=region)
    assert counties_of(again(liu)) == counties


def test_a_duty_counts_on_its_days_alone_at_the_next_request(liu: User) -> None:
    cast.entrust(liu, "Maker", first=TODAY, last=TODAY + timedelta(days=1))
    for days, holds in ((-1, False), (0, True), (1, True), (2, False)):
        with business_date_is(TODAY + timedelta(days=days)):
            assert again(liu).has_perm(VIEW_PERSON) is holds
            assert bool(duties_of(again(liu))) is holds


def test_a_disabled_account_has_nothing_at_its_next_request(liu: User) -> None:
    cast.entrust(liu, "Maker")
    client = Client()
    client.force_login(liu)
    assert client.get(reverse("admin:enrollment_person_changelist")).status_code == 200
    User.objects.filter(pk=liu.pk).update(is_active=False)
    answer = client.get(reverse("admin:enrollment_person_changelist"))
    assert answer.status_code == 302
    assert reverse("admin:login") in answer.headers["Location"]
    assert counties_of(again(liu)) == ()


def test_an_ended_duty_is_gone_at_the_next_click_of_a_running_session(liu: User) -> None:
    cast.entrust(liu, "Maker")
    client = Client()
    client.force_login(liu)
    assert client.get(reverse("admin:enrollment_person_changelist")).status_code == 200
    cast.relieve(liu)
    assert client.get(reverse("admin:enrollment_person_changelist")).status_code == 403


def test_a_right_holds_only_where_its_duty_does(liu: User) -> None:
    """Who checks in one city and approves in another checks nothing more in the first."""
    cast.entrust(liu, "Checker", region=cast.HEFEI)
    cast.entrust(liu, "Supervisor", region=cast.WUHU)
    someone = again(liu)
    here = ContributionSubsidy(region_id=cast.SHUSHAN)
    there = ContributionSubsidy(region_id=cast.JINGHU)
    assert someone.has_perm(CHECK)
    assert someone.has_perm(CHECK, here)
    assert not someone.has_perm(CHECK, there)
    assert someone.has_perm(VIEW_PERSON, Person(insured_region_id=cast.JINGHU))
    assert not someone.has_perm(VIEW_PERSON, Person(insured_region_id=340302000000))


def test_a_duty_below_a_county_sees_its_township_alone(liu: User) -> None:
    cast.entrust(liu, "Maker", region=TOWNSHIP)
    cast.person("张三", number=1, region=TOWNSHIP + 1)
    cast.person("李四", number=2, region=cast.SHUSHAN + 3000)
    client = Client()
    client.force_login(liu)
    page = client.get(reverse("admin:enrollment_person_changelist")).content.decode()
    assert "张三" in page
    assert "李四" not in page


# Granting -----------------------------------------------------------------------------------------


def grant(user: User, name: str, region: int = cast.ANHUI, **given: Any) -> Duty:
    given.setdefault("first", TODAY)
    return grant_duty(user=user, role=role(name), region=place(region), **given)


def test_a_grant_says_who_what_where_when_and_by_whom(liu: User, wu: User) -> None:
    duty = grant(liu, "Maker", cast.HEFEI, last=TODAY, granted_by=wu)
    assert (duty.user, duty.granted_by, duty.region_id) == (liu, wu, cast.HEFEI)
    assert duty.valid == duty.granted_for == DateRange(TODAY, TODAY + timedelta(days=1))


def test_what_does_not_hold_is_refused_by_name(liu: User, wu: User) -> None:
    with refused("DutyOfOneself"):
        grant(wu, "Maker", granted_by=wu)
    with refused("DutyEndsBeforeItBegins"):
        grant(liu, "Maker", last=TODAY - timedelta(days=1))
    grant(liu, "Maker", cast.HEFEI)
    with refused("SameDutyOverlaps"):
        grant(liu, "Maker", cast.HEFEI, first=TODAY + timedelta(days=9))
    Region.objects.get_or_create(
        code=420000000000, defaults={"name": "湖北省", "level": 1, "valid_from": cast.LONG_AGO}
    )
    with refused("OutsideTheProvince"):
        grant(liu, "Maker", 420000000000)
    User.objects.filter(pk=liu.pk).update(is_active=False)
    with refused("AccountIsDisabled"):
        grant(liu, "Maker", cast.WUHU)


def test_an_administrator_of_a_city_grants_and_ends_nothing_elsewhere(liu: User) -> None:
    local = cast.officer("Security administrator", "local", "郑洁", region=cast.HEFEI)
    with refused("OutsideOfYourRegion"):
        grant(liu, "Maker", cast.WUHU, granted_by=local)
    with refused("OutsideOfYourRegion"):
        grant(liu, "Maker", cast.ANHUI, granted_by=local)
    duty = grant(liu, "Maker", cast.WUHU)
    with refused("OutsideOfYourRegion"):
        end_duty(duty=duty, last=TODAY, reason="调离", ended_by=local)
    assert grant(liu, "Maker", cast.SHUSHAN, granted_by=local).pk


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("Maker", "Checker"),
        ("Approver", "Maker"),
        ("Fund officer", "Checker"),
        ("Supervisor", "Maker"),
        ("Auditor", "Supervisor"),
        ("System administrator", "Security administrator"),
        ("Audit administrator", "Maker"),
    ],
)
def test_roles_that_exclude_each_other_are_refused_in_whatever_regions(
    liu: User, held: str, asked: str
) -> None:
    first = grant(liu, held, cast.HEFEI, last=TODAY + timedelta(days=9))
    with refused("IncompatibleDuties") as raised:
        grant(liu, asked, cast.WUHU, first=TODAY + timedelta(days=9))
    assert str(first.pk) in str(raised.value)
    assert grant(liu, asked, cast.WUHU, first=TODAY + timedelta(days=10)).pk


def test_roles_that_do_not_exclude_each_other_are_held_together(liu: User) -> None:
    grant(liu, "Checker", cast.HEFEI)
    grant(liu, "Approver", cast.HEFEI)
    grant(liu, "Supervisor")
    assert len(duties_of(again(liu))) == 3


def test_the_conflicts_are_written_as_declared_and_a_stray_one_is_taken_away() -> None:
    groups = apply_roles()
    assert RoleConflict.objects.count() == len(INCOMPATIBLE)
    low, high = sorted((groups["Checker"], groups["Approver"]), key=lambda group: group.pk)
    RoleConflict.objects.create(role=low, other=high)
    apply_roles()
    assert RoleConflict.objects.count() == len(INCOMPATIBLE)
    named = {role.name for role in ROLES}
    assert {name for pair in INCOMPATIBLE for name in pair} <= named
    administrators = {name for name in named if name.endswith("administrator")}
    assert len(administrators) == 3
    for one in (*administrators, "Auditor"):
        assert {frozenset((one, other)) for other in named - {one}} <= INCOMPATIBLE


# Ending -------------------------------------------------------------------------------------------


def test_a_duty_ends_with_a_reason_and_what_was_granted_stays_on_record(
    liu: User, wu: User
) -> None:
    duty = grant(liu, "Maker", first=TODAY - timedelta(days=30))
    ended = end_duty(duty=duty, last=TODAY + timedelta(days=5), reason=" 轮岗 ", ended_by=wu)
    assert ended.valid.upper == TODAY + timedelta(days=6)
    assert ended.granted_for.upper is None
    assert (ended.ended_by, ended.end_reason) == (wu, "轮岗")
    assert again(liu).has_perm(VIEW_PERSON)
    end_duty(duty=duty, last=TODAY - timedelta(days=1), reason="停职", ended_by=wu)
    assert not again(liu).has_perm(VIEW_PERSON)


def test_a_duty_granted_today_by_mistake_is_taken_away_today(liu: User) -> None:
    duty = end_duty(duty=grant(liu, "Maker"), last=TODAY - timedelta(days=1), reason="误授")
    assert duty.valid.isempty
    assert duty.granted_for.lower == TODAY
    assert not again(liu).get_all_permissions()
    assert grant(liu, "Checker").pk


def test_an_end_is_refused_by_name(liu: User, wu: User) -> None:
    duty = grant(
        liu, "Maker", first=TODAY - timedelta(days=9), last=TODAY + timedelta(days=9), granted_by=wu
    )
    refusals: tuple[tuple[str, dict[str, Any]], ...] = (
        ("EndNeedsAReason", {"last": TODAY, "reason": " "}),
        ("DutyEndsInThePast", {"last": TODAY - timedelta(days=2), "reason": "轮岗"}),
        ("DutyNeverGrows", {"last": TODAY + timedelta(days=10), "reason": "轮岗"}),
        ("DutyOfOneself", {"last": TODAY, "reason": "轮岗", "ended_by": liu}),
    )
    for name, given in refusals:
        with refused(name):
            end_duty(duty=duty, **given)
    end_duty(duty=duty, last=TODAY - timedelta(days=1), reason="轮岗")
    with refused("DutyIsOver"):
        end_duty(duty=duty, last=TODAY, reason="轮岗")


# The database -------------------------------------------------------------------------------------


def raw(statement: str, *given: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)


def test_the_database_refuses_whoever_asks(liu: User, wu: User) -> None:
    duty = grant(liu, "Maker", cast.HEFEI)
    insert = (
        "INSERT INTO duty (user_id, role_id, region, granted_for, valid, granted_by_id)"
        " VALUES (%s, %s, %s, '[2026-01-01,)', %s, %s)"
    )
    whole = "[2026-01-01,)"
    for name, given in (
        ("duties_are_compatible", (liu.pk, role("Checker").pk, cast.WUHU, whole, None)),
        ("same_duty_never_overlaps", (liu.pk, role("Maker").pk, cast.HEFEI, whole, None)),
        (
            "nobody_grants_a_duty",
            (wu.pk, role("Security administrator").pk, cast.HEFEI, whole, wu.pk),
        ),
        ("only_as_granted", (liu.pk, role("Maker").pk, cast.WUHU, "[2025-01-01,)", None)),
    ):
        with pytest.raises(IntegrityError, match="excludes" if "compat" in name else name):
            raw(insert, *given)
    for change in (
        "valid = '[2026-01-01,)'",
        f"role_id = {role('Checker').pk}",
        f"region = {cast.ANHUI}",
        "granted_for = '[2026-01-01,)'",
        f"granted_by_id = {wu.pk}",
    ):
        with pytest.raises(IntegrityError, match="only ends"):
            raw(f"UPDATE duty SET {change} WHERE id = {duty.pk}")
    with pytest.raises(IntegrityError, match="append-only"):
        raw("DELETE FROM duty")


# Commands -----------------------------------------------------------------------------------------


def test_the_first_security_administrator_comes_from_the_command_line() -> None:
    User.objects.create_user(username="first", is_staff=True)
    out = StringIO()
    call_command("grant_duty", "first", "Security administrator", "34", stdout=out)
    assert User.objects.get(username="first").has_perm("enrollment.add_duty")
    assert "duty" in out.getvalue()
    with pytest.raises(CommandError, match="no account"):
        call_command("grant_duty", "nobody", "Maker", "34")
    with pytest.raises(CommandError, match="no region"):
        call_command("grant_duty", "first", "Maker", "3")
    with pytest.raises(CommandError, match="incompatible_duties"):
        call_command("grant_duty", "first", "Maker", "3401")


# Screens ------------------------------------------------------------------------------------------


@pytest.fixture
def desk(wu: User) -> Client:
    client = Client()
    client.force_login(wu)
    return client


def form_of(user: User, name: str, region: str, **given: Any) -> dict[str, Any]:
    return {
        "user": user.pk,
        "role": role(name).pk,
        "region": region,
        "first": TODAY.isoformat(),
        "last": "",
    } | given


ADD = "/enrollment/duty/add/"


def test_an_administrator_sees_no_row_of_people_or_money(wu: User) -> None:
    assert scope_of(wu) == Scope()
    assert counties_of(wu) == ()


@pytest.mark.parametrize("region", ["340104", "340104000000", "蜀山区"])
def test_a_duty_is_granted_on_the_screen_by_code_or_name(
    desk: Client, liu: User, wu: User, region: str
) -> None:
    answer = desk.post(ADD, form_of(liu, "Maker", region))
    duty = Duty.objects.get(user=liu)
    assert answer.headers["Location"] == f"/enrollment/duty/{duty.pk}/change/"
    assert (duty.region_id, duty.granted_by) == (cast.SHUSHAN, wu)
    page = desk.get(answer.headers["Location"]).content.decode()
    for shown in ("刘婷", "经办", "合肥市蜀山区", "2026-11-20", "吴静", "在岗"):
        assert shown in page


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"region": "无名县"}, "没有这个地区"),
        ({"region": "350000"}, "没有这个地区"),
        ({"region": "34010"}, "6、9 或 12 位"),
        ({"last": "2026-11-19"}, "最后一天早于第一天"),
        ({"user": ""}, "这个字段是必填项"),
    ],
)
def test_a_refused_grant_says_why_at_its_field(
    desk: Client, liu: User, given: dict[str, str], says: str
) -> None:
    answer = desk.post(ADD, form_of(liu, "Maker", "340104") | given)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r'class="errorlist".{0,200}' + says, page, re.DOTALL), page
    assert not Duty.objects.filter(user=liu).exists()


def test_an_incompatible_duty_is_refused_at_the_role(desk: Client, liu: User) -> None:
    grant(liu, "Checker", cast.HEFEI)
    answer = desk.post(ADD, form_of(liu, "Maker", "340200"))
    assert "不能同时担任" in str(answer.context["form"].errors["role"])


def test_a_duty_is_ended_on_its_page_and_the_history_tells_it(desk: Client, liu: User) -> None:
    duty = grant(liu, "Maker", cast.HEFEI)
    page = f"/enrollment/duty/{duty.pk}/change/"
    refused_page = desk.post(page, {"last": TODAY.isoformat(), "reason": " "}).content.decode()
    assert "这个字段是必填项" in refused_page
    answer = desk.post(page, {"last": TODAY.isoformat(), "reason": "轮岗"})
    assert answer.status_code == 302
    duty.refresh_from_db()
    assert duty.valid.upper == TODAY + timedelta(days=1)
    assert "轮岗" in desk.get(f"/enrollment/duty/{duty.pk}/history/").content.decode()


def test_the_list_says_who_has_what_where_and_is_filtered(desk: Client, liu: User) -> None:
    grant(liu, "Maker", cast.WUHU)
    rows = desk.get("/enrollment/duty/").content.decode()
    assert "芜湖市" in rows
    assert "经办" in rows
    for query, there in (
        ("state=now", True),
        ("state=over", False),
        (f"role={role('Maker').pk}", True),
        (f"role={role('Checker').pk}", False),
        ("city=3402", True),
        ("city=3401", False),
        ("q=liu", True),
    ):
        page = desk.get(f"/enrollment/duty/?{query}").content.decode()
        assert ("刘婷</a>" in page) is there, query


def test_an_account_is_made_shown_with_its_duties_and_disabled(desk: Client, liu: User) -> None:
    grant(liu, "Maker", cast.WUHU)
    password = "eight-otters-swim-north"
    answer = desk.post(
        "/enrollment/user/add/",
        {"username": "he", "display_name": "何欢", "password1": password, "password2": password},
    )
    assert answer.status_code == 302, answer.context["errors"]
    made = User.objects.get(username="he")
    assert made.is_staff
    assert not made.is_superuser
    assert "经办" in desk.get("/enrollment/user/").content.decode()
    page = f"/enrollment/user/{liu.pk}/change/"
    assert "芜湖市" in desk.get(page).content.decode()
    desk.post(page, {"username": "liu", "display_name": "刘婷", "is_superuser": "on"})
    liu.refresh_from_db()
    assert (liu.is_active, liu.is_superuser, liu.is_staff) == (False, False, True)


@pytest.mark.parametrize("name", [role.name for role in ROLES if role.name[:8] != "Security"])
def test_nobody_else_grants_or_ends(name: str, liu: User) -> None:
    duty = grant(liu, "Maker", cast.WUHU)
    client = Client()
    client.force_login(cast.officer(name, "other", "某人"))
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, form_of(liu, "Maker", "340100")).status_code == 403
    ended = client.post(
        f"/enrollment/duty/{duty.pk}/change/", {"last": TODAY.isoformat(), "reason": "x"}
    )
    assert ended.status_code == 403
    assert Duty.objects.filter(user=liu).count() == 1
