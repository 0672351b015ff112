"""The start page by duty: each finds their own figures, and nothing that the duty may not see."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from enrollment.declarations import ordered_steps
from enrollment.models import Case, User, YearRun, YearStep
from enrollment.services import cases, subsidies
from funds.models import Account, AccountKind, Kind, Line, PeriodClose, Reason
from funds.services import movements
from tests import cast
from tests.counting import Seasons, bills
from tests.funds import settling
from tests.funds.test_cockpit import REGISTER, TODAY
from tests.screens import logged_in, queries_of, served_as_web

HOME = "/"
PANELS = {
    "supervisor": {"funds/home/collection.html", "enrollment/year/desk.html"},
    "fund": {"enrollment/desk/piles.html", "funds/home/month.html", "enrollment/year/desk.html"},
    "system": {"enrollment/year/desk.html"},
    "maker": {"enrollment/desk/piles.html"},
    "checker": {"enrollment/desk/piles.html"},
    "audit": set(),
}


@pytest.fixture
def officers(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    for number, region in enumerate([cast.SHUSHAN] * 3 + [cast.JINGHU] * 2):
        person = cast.person(f"人{number}", number=number + 1, region=region)
        cast.paid(person, 2026, on=date(2025, 9 + number % 3, 20))
        if number % 2:
            cast.bill(person, 2027, subsidy=Decimal(200), category="dibao")
        else:
            cast.paid(person, 2027, on=date(2026, 10, 1))
    return {
        "supervisor": cast.officer("Supervisor", "wang", "王建国"),
        "fund": cast.officer("Fund officer", "zhao", "赵文清"),
        "system": cast.officer("System administrator", "sun", "孙浩"),
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "audit": cast.officer("Audit administrator", "zheng", "郑凯"),
    }


def panels(page: Any) -> dict[str, Any]:
    assert page.status_code == 200
    return {each["template"]: each["context"] for each in page.context["panels"]["main"]}


def test_each_duty_finds_its_own_panels(officers: dict[str, User]) -> None:
    ask = served_as_web(officers)

    assert {who: set(panels(ask(who, HOME))) for who in officers} == PANELS


def test_a_supervisor_finds_the_season(officers: dict[str, User]) -> None:
    """Every figure of the panel is counted over the bills, of all and of those furthest behind."""
    found = panels(served_as_web(officers)("supervisor", HOME))["funds/home/collection.html"]

    assert [each["code"] for each in found["behind"]] == [cast.WUHU, cast.HEFEI]  # 1/2, 2/3
    rows = [(each["code"], each["row"]) for each in found["behind"]]
    for area, row in ((cast.ANHUI, found["total"]), *rows):
        counted, seasons = bills(area), Seasons(area)
        assert row.figures.billed == counted["billed"]
        assert row.figures.unpaid == counted["unpaid"]
        assert row.rate == Decimal(counted["insured"]) / counted["population"]
        assert row.ahead == seasons.ahead(TODAY, counted["population"])
        close = seasons.close(TODAY)
        assert close is not None
        expected = close.middle + seasons.free(2027)
        assert row.expected_rate == Decimal(expected) / counted["population"]
        coverage = Decimal(counted["subsidised_insured"]) / counted["subsidised"]
        assert row.figures.coverage == coverage
        assert row.subsidised_unpaid == counted["subsidised"] - counted["subsidised_insured"]


def test_a_supervisor_of_a_city_finds_the_season_of_that_city(officers: dict[str, User]) -> None:
    officers["wuhu"] = cast.officer("Supervisor", "qian", "钱一", region=cast.WUHU)
    found = panels(served_as_web(officers)("wuhu", HOME))["funds/home/collection.html"]

    assert found["area"] == cast.WUHU
    assert found["total"].figures.billed == bills(cast.WUHU)["billed"]
    assert found["total"].figures.unpaid == bills(cast.WUHU)["unpaid"]
    assert [each["code"] for each in found["behind"]] == [cast.JINGHU]


def test_a_fund_officer_finds_the_month(officers: dict[str, User]) -> None:
    """What moved in the month and what stands at its day, counted over the lines of the ledger."""
    cities = (cast.HEFEI, cast.WUHU)
    for area, amount in zip(cities, ("90000", "7000.5"), strict=True):
        settling.opening(area, amount)
    closed = PeriodClose.objects.create(
        region_id=cast.HEFEI, month=date(2026, 10, 1), closed_by=officers["fund"]
    )
    for area, on, yuan in ((cast.HEFEI, date(2026, 11, 3), 250), (cast.WUHU, TODAY, 1_000)):
        movements.move(
            reason=Reason.INTEREST_RECEIVED, area=area, amount=Decimal(yuan), on=on, key=f"{area}"
        )
    found = panels(served_as_web(officers)("fund", HOME))["funds/home/month.html"]

    assert (found["first"], found["last"]) == (date(2026, 11, 1), closed.month)
    books = set(Account.objects.values_list("book", flat=True))
    assert (found["books"], found["closed"]) == (len(books), 1)
    assert [code for code, _name in found["open"]] == sorted(books - {cast.HEFEI}) == [cast.WUHU]
    told = {row.kind: (row.debit, row.credit, row.standing) for row in found["kinds"]}
    sides = {each.kind: each.side for each in AccountKind.objects.all()}
    counted = {}
    for kind in Line.objects.values_list("account__kind", flat=True).distinct():
        until = Line.objects.filter(account__kind=kind, day__lte=TODAY)
        debit, credit = _sums(until.filter(day__gte=date(2026, 11, 1)))
        ever = _sums(until)
        counted[kind] = (debit, credit, sides[kind] * (ever[0] - ever[1]))
    assert told == counted
    assert counted[Kind.INTEREST_REVENUE] == (Decimal(0), Decimal(1_250), Decimal(1_250))


def _sums(lines: Any) -> tuple[Decimal, Decimal]:
    """Debit and credit."""
    rows = lines.values_list("debit", "credit")
    return sum((row[0] for row in rows), Decimal(0)), sum((row[1] for row in rows), Decimal(0))


def test_the_piles_of_a_desk_are_counts_of_cases(officers: dict[str, User]) -> None:
    maker, checker = officers["maker"], officers["checker"]
    states = Case.State
    for number, due in enumerate((-1, 0, 0, 3)):
        case = _case(maker, number, TODAY + timedelta(days=due))
        if number % 2:
            case = cases.submit_case(case=case, user=maker)
        if number == 3:
            cases.return_case(
                case=case, checker=checker, reason="材料不全", expected_version=case.version
            )
    ask = served_as_web(officers)
    mine, others = Case.objects.filter(maker=maker), Case.objects.exclude(maker=checker)
    open_states = (states.DRAFT, states.RETURNED)
    todo = mine.filter(state__in=open_states)
    for who, counted in (
        ("maker", {
            "todo": todo, "draft": mine.filter(state=states.DRAFT),
            "returned": mine.filter(state=states.RETURNED),
            "sent": mine.filter(state=states.SUBMITTED),
            "overdue": todo.filter(due_on__lt=TODAY), "today": todo.filter(due_on=TODAY),
        }),
        ("checker", {
            "todo": others.filter(state=states.SUBMITTED),
            "check": others.filter(state=states.SUBMITTED), "accept": Case.objects.none(),
            "overdue": Case.objects.none(),
            "today": others.filter(state=states.SUBMITTED, due_on=TODAY),
        }),
    ):  # fmt: skip
        found = panels(ask(who, HOME))["enrollment/desk/piles.html"]
        tabs = {tab.name: tab.number for tab, _label in found["tabs"]}
        assert tabs == {name: rows.count() for name, rows in counted.items()}, who
        assert (found["late"], found["today"]) == (tabs["overdue"], tabs["today"])
        assert sorted(row["case"].pk for row in found["rows"]) == sorted(
            counted["todo"].values_list("pk", flat=True)
        )


def _case(maker: User, number: int, due_on: date) -> Case:
    person = cast.person("张三", number=50 + number)
    cast.bill(person, 2027)
    case = cases.open_case(
        kind=subsidies.NAME, maker=maker, person=person, year=2027, amount=Decimal(100),
        funder="charity", reason="红十字会名单",
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(due_on=due_on)
    case.refresh_from_db()
    return case


def test_a_system_administrator_finds_the_steps(officers: dict[str, User]) -> None:
    run = YearRun.objects.get(year=2027)
    for name, on in (("open", date(2026, 9, 1)), ("subsidise", TODAY)):
        YearStep.objects.create(run=run, name=name, on=on, state="running")
    found = panels(served_as_web(officers)("system", HOME))["enrollment/year/desk.html"]

    latest = {step.name: step.pk for step in YearStep.objects.filter(run__year=2027)}
    told = {line.declared.name: line.latest.pk for line in found["lines"] if line.latest}
    assert told == latest
    assert [line.declared for line in found["lines"]] == ordered_steps()


@pytest.mark.parametrize("who", ["supervisor", "fund", "system"])
def test_a_start_page_reads_sums_alone(officers: dict[str, User], who: str) -> None:
    client = logged_in(officers[who])
    client.get(HOME)
    asked = queries_of(lambda: client.get(HOME))

    assert [sql for sql in asked if REGISTER.search(sql)] == []
    assert len(asked) <= 15
