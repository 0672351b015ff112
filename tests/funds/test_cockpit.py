"""The collection of a year as the web serves it: every figure is counted over the register."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Enrollment, Person, PolicyParameter, User
from tests import cast
from tests.counting import CLOSE, Seasons, bills, has_ended, width
from tests.pushing import round_of
from tests.screens import logged_in, queries_of, served_as_web, text_of

TODAY = date(2026, 11, 20)
DENOMINATOR = "indicators.enrolment_denominator"
TOWN, VILLAGE = 340104003000, 340104003201
ANHUI, HEFEI, SHUSHAN = (
    f"/collection/2027/{code}/" for code in (cast.ANHUI, cast.HEFEI, cast.SHUSHAN)
)
# What a page of sums reads is none of these, in whatever form it is written.
REGISTER = re.compile(
    r'(FROM|JOIN)\s+"?(enrollment|person|person_category|receipt|award|push|fallout)"?(\s|$)',
    re.IGNORECASE,
)

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def officers(transactional_db: None) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "all": cast.officer("Supervisor", "wang", "王建国"),
        "wu": cast.officer("Maker", "wu", "芜湖经办", region=cast.WUHU),
        "town": cast.officer("Maker", "town", "镇上经办", region=TOWN),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
        "system": cast.officer("System administrator", "sys", "系统管理"),
    }


@pytest.fixture
def season(officers: dict[str, User]) -> None:
    """Two seasons of people in three places: paid early, late, in part, not, and subsidised."""
    for number in range(24):
        region = (cast.SHUSHAN, VILLAGE, cast.JINGHU)[number % 3]
        lives = cast.JINGHU if number == 4 else region
        person = cast.person(
            f"人{number}", number=number + 1, region=region, residence_region=lives
        )
        if number % 4:
            cast.paid(person, 2026, on=date(2025, 9 + number % 4, 20))
        match number % 6:
            case 0:
                cast.bill(person, 2027)
            case 1:
                cast.bill(person, 2027, paid=100, paid_on=date(2026, 10, 3))
            case 2:
                cast.bill(person, 2027, subsidy=Decimal(360), category="dibao", paid=40,
                          paid_on=date(2026, 9, 20))  # fmt: skip
            case 3:
                cast.bill(person, 2027, subsidy=Decimal(400), category="extreme_poverty")
            case 4:
                cast.paid(person, 2027, on=date(2026, 11, 19))
            case 5:
                cast.bill(person, 2027, subsidy=Decimal(200), category="monitored")
    for number, region in enumerate((VILLAGE, cast.JINGHU), start=30):
        cast.person(f"职工{number}", number=number, region=region, scheme=2)
    cast.person("亡故", number=40, region=VILLAGE, died_on=date(2026, 3, 1))
    cast.paid(cast.person("迟缴", number=41, region=cast.JINGHU), 2026, on=date(2026, 1, 10))
    refunded = cast.person("退费", number=42, region=cast.SHUSHAN)
    cast.bill(
        refunded, 2027, subsidy=Decimal(200), category="monitored",
        ended_on=date(2026, 10, 20), ended_for="refunded",
    )  # fmt: skip


@pytest.fixture
def ask(officers: dict[str, User]) -> Ask:
    """One request of somebody as the role `web`."""
    return served_as_web(officers)


def _shown(figures: Any) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in bills(cast.ANHUI)}


@pytest.mark.parametrize(
    "path",
    [ANHUI, HEFEI, SHUSHAN, f"{ANHUI}?by=county", f"/collection/2027/{TOWN}/"],
)
def test_every_figure_is_a_direct_count(ask: Ask, season: None, path: str) -> None:
    page = ask("all", path)
    assert page.status_code == 200
    area = page.context["area"]

    assert _shown(page.context["total"].figures) == bills(area)
    assert _shown(page.context["footer"].figures) == bills(area)
    for row in page.context["rows"]:
        counted = bills(row["code"], itself=row["code"] == area)
        assert _shown(row["row"].figures) == counted, row["name"]
    total = page.context["total"]
    assert total.standard == bills(area)["subsidy"] + bills(area)["payable"]
    assert total.outstanding == bills(area)["payable"] - bills(area)["paid"]
    groups = {
        each.category: (each.subsidised, each.insured, each.unpaid, each.subsidy)
        for each in page.context["groups"]
    }
    here = [
        row for row in Enrollment.objects.residents(2027)
        if area <= row.region_id < area + width(area) and row.subsidy and not has_ended(row, 2027)
    ]  # fmt: skip
    assert groups == {
        category: (
            len(of),
            sum(row.paid >= row.payable for row in of),
            sum(row.paid < row.payable for row in of),
            sum(row.subsidy for row in of),
        )
        for category in {row.category for row in here}
        if (of := [row for row in here if row.category == category])
    }


def test_an_earlier_day_tells_what_had_been_paid_by_then(ask: Ask, season: None) -> None:
    for day in (date(2026, 9, 20), date(2026, 10, 3), date(2026, 11, 18)):
        page = ask("all", f"{ANHUI}?day={day}")

        assert _shown(page.context["total"].figures) == bills(cast.ANHUI, day)
        for row in page.context["rows"]:
            assert _shown(row["row"].figures) == bills(row["code"], day)


def test_rates_are_exact_and_cut(ask: Ask, season: None) -> None:
    page = ask("all", ANHUI)
    total, counted = page.context["total"], bills(cast.ANHUI)
    members = counted["insured"] + counted["employees"]

    assert total.rate == Decimal(members) / counted["population"]
    assert f"{members * 10_000 // counted['population'] / 100:.2f}%" in text_of(page)
    assert total.missing == -(-counted["population"] * 95 // 100) - members


def test_whom_the_rate_is_of_is_a_parameter(ask: Ask, season: None) -> None:
    """Where people are registered in place of where they live."""
    PolicyParameter.objects.filter(code=DENOMINATOR).delete()
    PolicyParameter.objects.create(
        code=DENOMINATOR, area_id=cast.ANHUI, scheme=PolicyParameter.Scheme.BOTH,
        valid=DateRange(date(2024, 1, 1), None), unit="choice", value="hukou",
        status=PolicyParameter.Status.UNVERIFIED,
    )  # fmt: skip
    page = ask("all", ANHUI)
    for row in page.context["rows"]:
        low, high = row["code"], row["code"] + width(row["code"])
        here = Person.objects.filter(died_on=None, household_region__range=(low, high - 1))
        counted = bills(row["code"])
        assert row["row"].figures.population == here.count()
        members = counted["insured"] + counted["employees"]
        assert row["row"].rate == Decimal(members) / here.count()
    lives = {row["code"]: bills(row["code"])["population"] for row in page.context["rows"]}
    assert lives != {row["code"]: row["row"].figures.population for row in page.context["rows"]}


@pytest.mark.parametrize("day", [date(2026, 10, 31), TODAY])
@pytest.mark.parametrize("query", ["", "by=county&"])
def test_every_area_is_compared_with_the_same_day_last_year_and_with_the_close(
    ask: Ask, season: None, day: date, query: str
) -> None:
    page = ask("all", f"{ANHUI}?{query}day={day}")
    rows = [(row["code"], row["row"]) for row in page.context["rows"]]
    for code, row in ((cast.ANHUI, page.context["total"]), *rows):
        counted, seasons = bills(code, day), Seasons(code)
        members = counted["insured"] + counted["employees"]
        assert row.rate == Decimal(members) / counted["population"]
        assert row.missing == max(-(-counted["population"] * 95 // 100) - members, 0)
        assert row.ahead == seasons.ahead(day, counted["population"])
        close, others = seasons.close(day), seasons.free(2027) + counted["employees"]
        assert close is not None
        for told, people in zip(
            (row.expected_range[0], row.expected_rate, row.expected_range[1]),
            (close.low, close.middle, close.high),
            strict=True,
        ):
            assert told == Decimal(people + others) / counted["population"]
    assert {tile["row"].code for tile in page.context["tiles"]} == (
        set() if query else {cast.HEFEI, cast.WUHU}
    )
    for tile in page.context["tiles"]:
        assert tile["row"] is dict(rows)[tile["row"].code]


def test_every_day_of_the_chart_is_a_direct_count(ask: Ask, season: None) -> None:
    for path, area in ((ANHUI, cast.ANHUI), (SHUSHAN, cast.SHUSHAN)):
        page = ask("all", path)
        chart, total = page.context["chart"], page.context["total"]
        this, last, expected, _target = chart.series
        counted, seasons = bills(area), Seasons(area)
        first = date(2026, 9, 1)
        for at in range(122):
            day = first + timedelta(days=at)
            then = day.replace(year=2025)
            people = {2026: seasons.insured_by(then, 2026), 2027: seasons.insured_by(day, 2027)}
            shares = {
                year: Decimal(number + counted["employees"]) * 100 / counted["population"]
                for year, number in people.items()
            }
            assert chart.axis[at] == f"{day:%m-%d}"
            assert last.values[at] == shares[2026]
            assert this.values[at] == (shares[2027] if day <= TODAY else None)
        ends = (chart.band.low[-1], expected.values[-1], chart.band.high[-1])
        low, high = total.expected_range
        assert ends == (low * 100, total.expected_rate * 100, high * 100)


def test_who_paid_after_the_close_and_what_ended_before_the_year_are_counted(
    ask: Ask, season: None
) -> None:
    now = ask("all", ANHUI).context["total"].figures
    assert (now.ended, now.late) == (bills(cast.ANHUI)["ended"], Seasons(cast.ANHUI).late())
    assert (now.ended, now.late) == (1, 0)
    closed = ask("all", f"/collection/2026/{cast.ANHUI}/").context["total"].figures
    assert closed.late == Seasons(cast.ANHUI, 2026).late() == 1
    close = CLOSE.replace(year=2025)
    assert closed.insured == bills(cast.ANHUI, close, year=2026)["insured"]


def test_pages_never_touch_the_register(officers: dict[str, User], season: None) -> None:
    client = logged_in(officers["all"])
    for path in (ANHUI, f"{ANHUI}?by=county&with=340104000000", SHUSHAN, f"{HEFEI}?why=close"):
        asked = queries_of(lambda path=path: client.get(path))  # type: ignore[misc]
        assert [sql for sql in asked if REGISTER.search(sql)] == []
        assert len(asked) <= 15


def test_a_page_costs_the_same_however_many_people_there_are(
    officers: dict[str, User], season: None
) -> None:
    client = logged_in(officers["all"])
    client.get(ANHUI)
    before = len(queries_of(lambda: client.get(ANHUI)))
    for number in range(100, 110):
        cast.paid(cast.person(f"新{number}", number=number, region=VILLAGE), 2027)

    assert len(queries_of(lambda: client.get(ANHUI))) == before


def test_everybody_sees_their_own_region(ask: Ask, season: None) -> None:
    assert ask("wu", "/collection/").url == f"/collection/2027/{cast.WUHU}/"
    page = ask("wu", f"/collection/2027/{cast.WUHU}/")
    assert _shown(page.context["total"].figures) == bills(cast.WUHU)
    assert ask("wu", HEFEI).status_code == 404
    province = ask("wu", ANHUI)  # what of it is theirs
    assert [row["code"] for row in province.context["rows"]] == [cast.WUHU]

    town = ask("town", f"/collection/2027/{TOWN}/")
    assert _shown(town.context["total"].figures) == bills(TOWN)
    assert town.context["chart"] is None
    assert ask("town", f"/collection/2027/{cast.WUHU}/").status_code == 404


def test_only_the_duties_that_may_see_it_see_it(ask: Ask, season: None) -> None:
    assert ask("fund", ANHUI).status_code == 200
    assert ask("system", ANHUI).status_code == 403


def test_rows_are_ordered_and_money_has_its_unit(ask: Ask, season: None) -> None:
    paid = [row["row"].figures.paid for row in ask("all", f"{ANHUI}?sort=-paid").context["rows"]]
    assert paid == sorted(paid, reverse=True)
    assert [row["code"] for row in ask("all", f"{ANHUI}?sort=nothing").context["rows"]] == sorted(
        row["code"] for row in ask("all", ANHUI).context["rows"]
    )
    total = bills(cast.ANHUI)["paid"]
    assert f"{total:,.2f}" in text_of(ask("all", f"{ANHUI}?unit=yuan"))
    assert f"{total / 10_000:,.2f}" in text_of(ask("all", f"{ANHUI}?unit=wan"))


def test_areas_are_compared_over_their_own_people(ask: Ask, season: None) -> None:
    page = ask("all", f"{ANHUI}?with={cast.HEFEI}&with={cast.WUHU}&with=999")
    chart = page.context["chart"]
    assert len(chart.series) == 3
    first = TODAY - timedelta(days=29)
    for drawn, area in zip(chart.series, (cast.ANHUI, cast.HEFEI, cast.WUHU), strict=True):
        counted = bills(area)
        assert drawn.values == [
            Decimal(
                Seasons(area).insured_by(first + timedelta(days=at), 2027) + counted["employees"]
            ) * 100 / counted["population"]
            for at in range(30)
        ]  # fmt: skip


def test_figures_lead_to_the_people_that_the_duty_may_see(ask: Ask, season: None) -> None:
    """Before a round to the register, then to the lists; whoever sees no person finds no link."""
    before = ask("all", SHUSHAN).context["people"]
    assert before == "/enrollment/person/?city=3401&county=340104"
    listed = ask("all", before).context["cl"].result_list
    here = Person.objects.filter(insured_region__gte=cast.SHUSHAN)
    here = here.filter(insured_region__lt=cast.SHUSHAN + width(cast.SHUSHAN))
    assert {each.pk for each in listed} == set(here.values_list("pk", flat=True)) != set()
    round_of(2027, cast.HEFEI)
    after = ask("all", SHUSHAN).context["people"]
    assert ask("all", after).status_code == 200
    assert ask("fund", SHUSHAN).context["people"] == ""
    assert ask("fund", after).status_code == 403


@pytest.mark.parametrize(
    "path",
    [f"/collection/2031/{cast.ANHUI}/", "/collection/2027/420000000000/",
     f"/collection/2027/{VILLAGE}/", "/collection/2027/0/"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ask: Ask, season: None, path: str) -> None:
    assert ask("all", path).status_code == 404


@pytest.mark.parametrize("query", ["", "?by=county", f"?with={cast.HEFEI}", "?why=rate"])
def test_a_year_before_the_target_has_figures_and_no_rates(
    ask: Ask, officers: dict[str, User], query: str
) -> None:
    """The target is of 8 April 2024: for 2024 the law told no rate, nor of whom it would be."""
    cast.year(2024)
    person = cast.person("早缴", number=1, region=cast.SHUSHAN)
    cast.paid(person, 2024, on=date(2023, 10, 1))
    page = ask("all", f"/collection/2024/{cast.ANHUI}/{query}")
    told = text_of(page)
    total = page.context["total"]
    assert total.figures.insured == 1
    assert [total.population, total.rate, total.missing] == [None] * 3
    assert page.context["chart"] is None
    assert page.context["why"] is None
    assert page.context["tiles"] == []
    heads = [column.name for column in page.context["columns"]]
    assert heads == ["billed", "subsidised", "insured", "unpaid", "coverage", "paid"]
    assert "该待遇年度开始时尚无参保率目标" in told
    assert "95.00%" not in told


def test_before_any_year_the_page_says_so(ask: Ask, officers: dict[str, User]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM year_run")
    page = ask("all", "/collection/")
    assert page.status_code == 200
    assert page.templates[0].name == "funds/cockpit/none.html"
