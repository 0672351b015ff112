"""The year view: every figure is a count over the register, and the totals tie."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Count, F
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from benefits.models import Standing, StandingSum
from benefits.selectors.year_view import Kind, altogether, standings_in, year_view
from enrollment.models import (
    CaseMonth,
    Enrollment,
    Fallout,
    ShardTotal,
    StepTotal,
    User,
)
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.totals import Totals
from enrollment.services import transfers
from tests import cast, drafts, turning
from tests.acts import arrived
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of
from tests.test_verify import broken
from tests.turning import WUHU, YEAR, insured, receipt, someone

JANUARY = date(2027, 1, 5)
CHANGES_WAIT = {"every_change_was_taken_into_the_standings"}  # no worker takes them here


@pytest.fixture(autouse=True)
def province(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Anhui with its law and 2026 by history, seen in January 2027."""
    turning.province(monkeypatch)
    with translation.override("zh-hans"), business_date_is(JANUARY):
        yield


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


def a_turn() -> None:
    """Two pay, three do not, one died, one joins; one pays late enough to wait."""
    folk = [someone(f"张{n}", region=WUHU if n % 2 else turning.HEFEI) for n in range(5)]
    gone = someone("赵六", died_on=date(2026, 10, 3))
    insured(*folk, gone)
    receipt("R1", folk[0], 420)
    receipt("R2", folk[1], 420)
    turning.turn("open")
    joins = someone("钱七", region=WUHU)
    cast.bill(joins, YEAR, standard=420)
    receipt("R3", joins, 420)
    for name in ("subsidise", "reconcile", "close", "activate"):
        turning.turn(name)


def test_every_figure_is_a_count_over_the_register(supervisor: User) -> None:
    receipt("R9", None, 420)  # nobody's: posted to the books of the province
    a_turn()
    turning.turn("post", on=JANUARY)
    assert StepTotal.objects.filter(step__name="post", county=cast.ANHUI // 10**6).exists()
    shown = year_view(supervisor, YEAR)
    reasons = dict(Fallout.objects.values_list("reason").annotate(Count("pk")))
    assert shown.now.total.fallout == reasons != {}
    assert shown.now.ties
    before, now = (
        set(
            Enrollment.objects.filter(
                id__gte=year * 10**12, id__lt=(year + 1) * 10**12, paid__gte=F("payable")
            )
            .exclude(ended_on__lt=date(year, 1, 1))
            .values_list("person", flat=True)
        )
        for year in (YEAR - 1, YEAR)
    )
    total = shown.now.total
    assert (total.insured_last_year, total.insured) == (len(before), len(now))
    assert (total.joined, total.fell_out) == (len(now - before), len(before - now))
    rows = Standing.objects.of_year(YEAR)
    assert shown.assessed.total.residents == rows.filter(cover="R").count() == 3
    assert shown.assessed.total.uncovered == rows.filter(cover="N").count()
    assert shown.assessed.total.wait == rows.filter(fixed_months__gt=0).count()
    assert shown.assessed.total.bonus == rows.filter(bonus_applied__gt=0).count()
    assert shown.assessed.total.penalty == rows.filter(penalty_applied__gt=0).count()
    nothing = rows.filter(cover="R", benefit_start=None)
    assert shown.assessed.total.nothing == nothing.count()
    assert [city.now.code for city in shown.cities] == [cast.HEFEI, cast.WUHU]  # not the province
    for city in shown.cities:
        assert city.standings is not None
        here = rows.filter(cover="R", county__gte=city.now.code // 10**6)
        here = here.filter(county__lt=city.now.code // 10**6 + 100)
        assert city.standings.residents == here.count(), city.now.name


def test_marks_of_a_standing_are_counted_each() -> None:
    counts = {"R": 7, "R+wait+nothing": 2, "R+bonus": 3, "R+wait+penalty": 1, "E": 5, "N": 4}
    found = standings_in({name: Totals(people) for name, people in counts.items()})
    assert (found.residents, found.employees, found.uncovered) == (13, 5, 4)
    assert (found.wait, found.nothing, found.bonus, found.penalty) == (3, 2, 3, 1)


def test_the_page_stands_beside_a_year_of_history_and_reads_no_person(supervisor: User) -> None:
    a_turn()
    desk: Client = logged_in(supervisor)
    page = reverse("admin:year_view_of", args=[YEAR])
    shown = text_of(desk.get(page))
    assert "未缴费" in shown
    assert "死亡" in shown
    statements = queries_of(lambda: desk.get(page))
    assert len(statements) <= 15
    assert_counts_nothing(statements)
    for table in ('"person"', '"enrollment"', '"standing"', '"fallout"', '"agency_case"'):
        assert not [sql for sql in statements if table in sql], table
    unknown = text_of(desk.get(reverse("admin:year_view_of", args=[YEAR - 2])))
    assert "2025 年度待遇尚未生效" in unknown
    before = text_of(desk.get(reverse("admin:year_view_of", args=[YEAR - 1])))
    assert "由历史文件导入" in before  # of its turn nothing is known
    assert "已缴费居民" in before  # its standings are
    assert "各市脱保和新增情况无记录" in before
    assert "均相符" not in before
    maker = logged_in(cast.officer("Maker", "liu", "刘婷"))
    assert maker.get(page).status_code == 403


def test_spreads_are_counts_of_the_standings_by_area_and_value(supervisor: User) -> None:
    cast.year(YEAR - 2)
    back = [someone(f"周{n}", region=WUHU if n else turning.HEFEI) for n in range(2)]
    steady = someone("吴一")
    insured(*back, steady, year=YEAR - 2)
    insured(steady, year=YEAR - 1)
    for number, person in enumerate((*back, steady)):
        receipt(f"S{number}", person, 420)
    a_turn()
    shown = year_view(supervisor, YEAR)
    columns: dict[Kind, Any] = {
        Kind.STREAK: F("streak"),
        Kind.BONUS: F("bonus_applied"),
        Kind.PENALTY: F("penalty_applied"),
        Kind.WAIT: F("fixed_months") + F("variable_months"),
        Kind.GAP: F("gap_years"),
        Kind.REPAIRED: F("repaired_months"),
    }
    assert set(shown.spread) == set(columns)
    for year, spread in ((YEAR, shown.spread), (YEAR - 1, shown.spread_before)):
        rows = Standing.objects.of_year(year).filter(cover="R").annotate(city=F("county") / 100)
        for kind, column in columns.items():
            counted = rows.annotate(value=column).values_list("city", "value").annotate(Count("pk"))
            told = [
                (area // 10**8, value, people)
                for area, values in spread[kind].items()
                for value, people in values.items()
            ]
            assert sorted(told) == sorted(counted) != [], (year, kind)
    assert sum(altogether(shown.spread, Kind.GAP).values()) == shown.assessed.total.residents
    moved = {each.code: each.now for each in shown.moves}
    assert (moved[turning.HEFEI // 10**8 * 10**8].came_back, moved[cast.WUHU].came_back) == (1, 1)
    waiting = altogether(shown.spread, Kind.WAIT)
    assert sum(people for months, people in waiting.items() if months) == 2
    page = text_of(logged_in(supervisor).get(reverse("admin:year_view_of", args=[YEAR])))
    assert "待遇状况分布" in page
    assert "断保后复保" in page
    assert broken() <= CHANGES_WAIT


def test_an_area_without_people_in_a_counted_year_had_nobody_come_back(supervisor: User) -> None:
    """Of a year that counted nobody nothing is known, which is another thing."""
    cast.year(YEAR - 2)
    insured(someone("吴一"), year=YEAR - 2)
    a_turn()
    found = year_view(supervisor, YEAR - 1)
    assert {each.code: each.before.came_back for each in found.moves} == {
        cast.HEFEI: 0, cast.WUHU: 0,
    }  # fmt: skip
    earlier = year_view(supervisor, YEAR - 2)
    assert [each.before.came_back for each in earlier.moves] == [None]


def test_a_transfer_counts_where_it_leaves_and_where_it_arrives(supervisor: User) -> None:
    """Between pooling areas; a move inside one is none, and what was undone is none either way."""
    maker, checker = (
        cast.officer("Maker", "liu", "刘婷"),
        cast.officer("Approver", "chen", "陈立群"),
    )
    taker = cast.officer("Approver", "he", "何静", region=cast.WUHU)
    cast.year(YEAR, closed=False)
    cast.bill(near := cast.person("郑九", number=52), YEAR)
    with business_date_is(drafts.AUTUMN):
        far = drafts.transfer(maker)
        inside = transfers.open_transfer(
            maker=maker, person=near, year=YEAR, to_region_id=cast.BAOHE, reason="搬家"
        )
        arrived(far, checker, taker)
        arrived(inside, checker, cast.officer("Approver", "wu", "吴敏"))
    today = timezone.localdate()  # noqa: TID251 - events are logged by the clock of the database
    shown = year_view(supervisor, today.year)
    moved = {each.code: (each.now.moved_out, each.now.moved_in) for each in shown.moves}
    assert moved == {cast.HEFEI: (1, 0), cast.WUHU: (0, 1)}
    assert shown.acts["enrolment_transfer"][0].effected == 2
    assert "cases_are_summed_by_office_and_month" not in broken()
    CaseMonth.objects.filter(moved_in=1).update(moved_in=2)
    assert "cases_are_summed_by_office_and_month" in broken()
    later = year_view(supervisor, today.year + 1)
    assert {each.code: each.before.moved_in for each in later.moves} == {
        cast.HEFEI: 0,
        cast.WUHU: 2,
    }


def test_pages_read_the_totals_of_a_step_that_verify_ties_to_its_shards(supervisor: User) -> None:
    a_turn()
    assert broken() <= CHANGES_WAIT
    shown = year_view(supervisor, YEAR).now.total
    ShardTotal.objects.filter(item="insured").delete()
    assert year_view(supervisor, YEAR).now.total == shown
    assert "step_totals_are_those_of_their_shards" in broken()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StepTotal.objects.update(persons=0)


def test_sums_of_standings_that_lost_somebody_are_named() -> None:
    a_turn()
    StandingSum.objects.filter(kind=Kind.STREAK, step__run__year=YEAR).update(
        people=F("people") + 1
    )
    assert "standings_of_a_step_are_everybody_who_was_counted" in broken()
