"""The year view: every figure is a count over the register, and the totals tie."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db.models import Count, F
from django.test import Client
from django.urls import reverse
from django.utils import translation

from benefits.models import Standing
from benefits.selectors.year_view import standings_in, year_view
from enrollment.models import Enrollment, Fallout, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.quality import moves_by_kind
from enrollment.selectors.totals import Totals
from tests import cast, turning
from tests.screens import assert_counts_nothing, logged_in, queries_of, text_of
from tests.turning import WUHU, YEAR, insured, receipt, someone

JANUARY = date(2027, 1, 5)


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
    a_turn()
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
    maker = logged_in(cast.officer("Maker", "liu", "刘婷"))
    assert maker.get(page).status_code == 403


def test_moves_by_kind_are_those_of_the_months_asked_for(supervisor: User) -> None:
    assert moves_by_kind(supervisor, cast.ANHUI, first=date(2020, 1, 1), last=JANUARY) == {}
