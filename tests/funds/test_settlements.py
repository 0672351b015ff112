"""Worked years of two adjustment funds, from the levy to the books, each proved to the cent."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from config.parameters import ROOTS
from enrollment.admin.cases import page_of
from enrollment.models import ShardTotal, YearStep
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases, reversals, steering, year
from enrollment.services.policy import load_policies
from funds import posting
from funds.models import Entry, GapCause, SettlementLine, SettlementSheet
from funds.selectors.checks import CHECKS
from funds.selectors.settlements import cities_of, entries_of_sheet
from funds.services import settlement_posting, settlements
from tests import cast
from tests.funds import settling
from tests.funds.settling import EMPLOYEE, RESIDENT, Desk, by_city

SICHUAN, CHENGDU = 510000000000, 510100000000
LEVY, ALLOCATION = SettlementSheet.Part.LEVY, SettlementSheet.Part.ALLOCATION
WUHU, BENGBU = cast.WUHU, 340300000000


@pytest.fixture
def anhui(db: None) -> Iterator[Desk]:
    cast.law()
    with business_date_is(date(2026, 1, 10)):
        yield Desk()


@pytest.fixture
def sichuan(db: None, settings: Any) -> Iterator[Desk]:
    settings.PROVINCE = SICHUAN
    load_policies(provinces=["sichuan"], roots=ROOTS)
    with business_date_is(date(2025, 1, 10)):
        yield Desk()


def equal(province: int, name: str, first: str, others: str) -> dict[int, dict[str, Decimal]]:
    """The same figure of every city but the first."""
    codes = [city.pk for city in cities_of(province)]
    return {code: {name: Decimal(others if number else first)} for number, code in enumerate(codes)}


def levied(desk: Desk, of: int = 2026, rate: str = "0.05", **says: Any) -> SettlementSheet:
    """Anhui's levy on a billion of Hefei and a hundred million of each other city."""
    sheet = desk.draft(of=of, part=LEVY, rate=Decimal(rate), **says)
    return desk.fill(sheet, equal(cast.ANHUI, "base", "1000000000", "100000000"))


# Anhui --------------------------------------------------------------------------------------------


def test_a_levy_a_shared_gap_and_a_suspension_of_anhui(anhui: Desk) -> None:
    settling.opening(cast.ANHUI, "240000000.00")
    for city in cities_of(cast.ANHUI):
        settling.opening(city.pk, "60000000.00")
    settling.activated(2026)
    settling.activated(2027)

    # 240 million are below ten per cent of 2.5 billion: levied.
    levy = anhui.sign(levied(anhui))
    assert settling.run("levy", 2026, date(2026, 1, 15)).state == "done"
    assert sum(by_city(levy, "levy").values()) == Decimal("125000000.00")

    # The gap of Wuhu: 50 million, 40 of them with accepted causes, 60 per cent the province's.
    with business_date_is(date(2027, 1, 8)):
        sheet = anhui.draft(of=2026, part=ALLOCATION)
        even = {"revenue": Decimal(300000000), "expenditure": Decimal(290000000)}
        figures_of = {
            city.pk: {**even, "balance": Decimal(10000000), "share": None}
            for city in cities_of(cast.ANHUI)
        }
        figures_of[WUHU] |= {"expenditure": Decimal(350000000), "share": Decimal("0.6")}
        anhui.fill(sheet, figures_of)
        anhui.explain(
            sheet, WUHU,
            policy_change=("25000000.00", "皖医保发〔2026〕3号"),
            epidemic=("15000000.00", "应急响应通知第5号"),
        )  # fmt: skip
        sheet = anhui.sign(sheet)
    line = SettlementLine.objects.get(sheet=sheet, area=WUHU)
    assert (line.gap, line.eligible, line.allocation, line.from_balance, line.uncovered) == tuple(
        map(Decimal, ("50000000", "40000000", "24000000", "10000000", "6000000"))
    )

    # A year later the fund holds 365 million, more than ten per cent: suspended.
    with business_date_is(date(2027, 1, 9)):
        paused = anhui.sign(levied(anhui, of=2027))
    assert paused.suspended
    assert by_city(paused, "levy") == {}
    settling.run("levy", 2027, date(2027, 1, 15))
    settling.run("allocate", 2026, date(2027, 1, 20))

    assert settling.trial_balance(RESIDENT) == dedent("""\
        cities   special_fiscal              859,000,000.00
        cities   pooled_fund                                   960,000,000.00
        cities   allocation_revenue                             24,000,000.00
        cities   levy_expenditure            125,000,000.00
        province adjustment_deposit          341,000,000.00
        province adjustment_fund                               341,000,000.00
        together                           1,325,000,000.00  1,325,000,000.00""")
    assert settling.trial_balance(EMPLOYEE).split()[1:] == ["0.00", "0.00"]


def test_the_pages_of_a_sheet_say_its_own_province_scheme_and_year(anhui: Desk) -> None:
    sheet = anhui.draft(of=2026, part=LEVY, scheme=EMPLOYEE, rate=Decimal("0.05"))
    client = Client()
    client.force_login(anhui.maker)
    cities = reverse("admin:funds_settlementsheet_cities", args=[sheet.pk])
    for page in (page_of(sheet), cities):
        answer = client.get(page)
        assert answer.status_code == 200
        assert [value for _name, value in answer.context["scope"]][:3] == [
            "安徽省", "职工医保", "2026",
        ]  # fmt: skip


def test_a_short_fund_pays_in_proportion_and_says_what_nobody_bears(anhui: Desk) -> None:
    settling.activated(2026)
    for area in (cast.HEFEI, WUHU):
        settling.opening(area, "40000000.00")
    sheet = anhui.draft(of=2026, part=LEVY, rate=Decimal("0.05"))
    bases = equal(cast.ANHUI, "base", "800000000", "0")
    anhui.sign(anhui.fill(sheet, bases))
    settling.run("levy", 2026, date(2026, 1, 15))
    with business_date_is(date(2027, 1, 8)):
        sheet = anhui.draft(of=2026, part=ALLOCATION)
        rows = {
            city.pk: dict.fromkeys(("revenue", "expenditure", "balance"), Decimal(0))
            for city in cities_of(cast.ANHUI)
        }
        rows[WUHU] |= {"expenditure": Decimal(30000000), "share": Decimal(1)}
        rows[BENGBU] |= {"expenditure": Decimal(20000000), "share": Decimal(1)}
        anhui.fill(sheet, rows)
        anhui.explain(sheet, WUHU, dependency_ratio=("30000000", "老年比核定表"))
        anhui.explain(sheet, BENGBU, dependency_ratio=("20000000", "老年比核定表"))
    assert by_city(sheet, "claim") == {WUHU: Decimal(30000000), BENGBU: Decimal(20000000)}
    assert by_city(sheet, "allocation") == {WUHU: Decimal(24000000), BENGBU: Decimal(16000000)}
    assert by_city(sheet, "uncovered") == {WUHU: Decimal(6000000), BENGBU: Decimal(4000000)}


# Sichuan ------------------------------------------------------------------------------------------

INCOMES = {EMPLOYEE: ("1000000000", "50000000"), RESIDENT: ("1000000000", "100000000")}


def test_four_years_of_sichuan_fill_both_reserves(sichuan: Desk) -> None:
    reserves = []
    weights = {code: each["weight"] for code, each in equal(SICHUAN, "weight", "5", "1").items()}
    for of in range(2024, 2028):
        settling.activated(of)
        for scheme, (first, others) in INCOMES.items():
            incomes = equal(SICHUAN, "base", first, others)
            settling.received(of, scheme, {code: row["base"] for code, row in incomes.items()})
            with business_date_is(date(of + 1, 1, 10)):
                levy = sichuan.draft(of=of, part=LEVY, scheme=scheme)
                sichuan.sign(sichuan.fill(levy, incomes))
        settling.run("levy", of, date(of + 1, 1, 15))
        for scheme in INCOMES:
            with business_date_is(date(of + 1, 1, 18)):
                sheet = sichuan.draft(of=of, part=ALLOCATION, scheme=scheme)
                rows = {
                    code: {"expenditure": Decimal(0), "balance": Decimal(0), "weight": weight}
                    for code, weight in weights.items()
                }
                reserves.append(sichuan.sign(sichuan.fill(sheet, rows)).reserve_in)
        settling.run("allocate", of, date(of + 1, 1, 20))
    million = Decimal(1000000)
    assert [each / million for each in reserves[0::2]] == [10, 10, 0, 0]  # employees
    assert [each / million for each in reserves[1::2]] == [
        Decimal("7.5"), Decimal("7.5"), Decimal("7.5"), Decimal("7.5"),
    ]  # fmt: skip

    assert settling.trial_balance(EMPLOYEE) == dedent("""\
        cities   special_fiscal            7,980,000,000.00
        cities   contribution_revenue                        8,000,000,000.00
        cities   allocation_revenue                            780,000,000.00
        cities   levy_expenditure            800,000,000.00
        province adjustment_deposit           20,000,000.00
        province risk_reserve                                   20,000,000.00
        together                           8,800,000,000.00  8,800,000,000.00""")
    assert settling.trial_balance(RESIDENT) == dedent("""\
        cities   special_fiscal           11,970,000,000.00
        cities   contribution_revenue                       12,000,000,000.00
        cities   allocation_revenue                            570,000,000.00
        cities   levy_expenditure            600,000,000.00
        province adjustment_deposit           30,000,000.00
        province risk_reserve                                   30,000,000.00
        together                          12,600,000,000.00 12,600,000,000.00""")
    # A fifth year sets nothing aside any more.
    settling.activated(2028)
    settling.received(2028, RESIDENT, {CHENGDU: Decimal(3000000000)})
    with business_date_is(date(2029, 1, 10)):
        levy = sichuan.draft(of=2028, part=LEVY)
        sichuan.sign(sichuan.fill(levy, equal(SICHUAN, "base", "3000000000", "0")))
    settling.run("levy", 2028, date(2029, 1, 15))
    with business_date_is(date(2029, 1, 18)):
        sheet = sichuan.draft(of=2028, part=ALLOCATION)
        rows = {
            code: {"expenditure": Decimal(0), "balance": Decimal(0), "weight": weight}
            for code, weight in weights.items()
        }
        sheet = sichuan.fill(sheet, rows)
    assert not sheet.reserve_in
    assert sum(by_city(sheet, "allocation").values()) == 150 * million


# Steps --------------------------------------------------------------------------------------------


def test_a_step_is_rehearsed_signed_and_posts_once(anhui: Desk) -> None:
    run = settling.activated(2026)
    for city in cities_of(cast.ANHUI):
        settling.opening(city.pk, "60000000.00")
    before = Entry.objects.count()
    sheet = anhui.sign(levied(anhui, rate="0.03"))
    rehearsal = settling.run("levy", 2026, date(2026, 1, 15), rehearse=True)
    assert Entry.objects.count() == before
    totals = ShardTotal.objects.filter(shard__step=rehearsal, county=cast.WUHU // 10**6)
    assert totals.values_list("item", "persons", "payable").get() == (
        "levy_paid.resident", 1, Decimal("3000000.00"),
    )  # fmt: skip
    done = settling.signed(rehearsal, anhui.approver)
    assert (done.state, done.run) == ("done", run)
    assert Entry.objects.count() == before + 16
    again = settling.run("levy", 2026, date(2026, 1, 16))
    assert (again.state, again.serial) == ("done", 2)
    assert Entry.objects.count() == before + 16
    assert entries_of_sheet(sheet).count() == 16


def test_a_city_that_cannot_pay_keeps_all_from_being_posted(anhui: Desk) -> None:
    settling.activated(2026)
    settling.opening(cast.HEFEI, "60000000.00")  # and nobody else
    before = Entry.objects.count()
    anhui.sign(levied(anhui))
    step = year.start_step(name="levy", year=2026, on=date(2026, 1, 15))
    with pytest.raises(posting.Overdrawn):
        settlement_posting.levy(step.shards.get())
    assert Entry.objects.count() == before


def test_a_sheet_is_opened_again_by_others_and_its_money_goes_back(anhui: Desk) -> None:
    settling.activated(2026)
    for city in cities_of(cast.ANHUI):
        settling.opening(city.pk, "60000000.00")
    books = settling.trial_balance(RESIDENT)
    sheet = anhui.sign(levied(anhui))
    settling.run("levy", 2026, date(2026, 1, 15))
    with pytest.raises(settlements.SheetStands):
        levied(anhui)
    clerk = cast.officer("Maker", "liu", "刘婷")
    undone = reversals.open_reversal(maker=clerk, reverses=sheet, reason="蚌埠基数有误")
    cases.submit_case(case=undone, user=clerk)
    shown = settling.shown(undone)
    cases.approve_case(case=undone, checker=anhui.checker, shown_digest=shown)
    with pytest.raises(cases.NotInThisState):  # one level is not enough
        cases.put_into_effect(case=undone, user=anhui.approver)
    cases.confirm_case(case=undone, checker=anhui.approver, shown_digest=shown)
    cases.put_into_effect(case=undone, user=anhui.approver)
    settling.run("levy", 2026, date(2026, 1, 17))
    assert settling.trial_balance(RESIDENT) == books
    fresh = anhui.draft(of=2026, part=LEVY, rate=Decimal("0.05"))  # begins with what was recorded
    assert by_city(fresh, "levy") == by_city(sheet, "levy")


def test_the_calendar_settles_a_year_in_the_year_that_follows(anhui: Desk) -> None:
    settling.activated(2026)
    begun = YearStep.objects.exclude(name="activate").values_list("name", "run__year", "on")
    with business_date_is(date(2026, 1, 20)):
        steering.run_calendar(on=date(2026, 1, 20), queue=settling.inline)
        year.sweep(queue=settling.inline)
    assert list(begun.all()) == [("levy", 2026, date(2026, 1, 20))]
    with business_date_is(date(2027, 1, 21)):
        told = steering.run_calendar(on=date(2027, 1, 21), queue=settling.inline)
        assert told[0] == "allocate 2026: started"
    assert list(begun.all())[1:] == [("allocate", 2026, date(2027, 1, 21))]


def test_verify_finds_an_entry_that_is_not_what_its_sheet_says(anhui: Desk) -> None:
    settling.activated(2026)
    for city in cities_of(cast.ANHUI):
        settling.opening(city.pk, "60000000.00")
    sheet = anhui.sign(levied(anhui))
    settling.run("levy", 2026, date(2026, 1, 15))
    (check,) = (each for each in CHECKS if each.name.startswith("settlement_sheets"))
    with connection.cursor() as cursor:
        cursor.execute(check.sql)
        assert cursor.fetchall() == []
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE settlement_line DISABLE TRIGGER USER")
        cursor.execute("UPDATE settlement_line SET levy = levy + 1 WHERE area_id = %s", [WUHU])
        cursor.execute(check.sql)
        found = cursor.fetchall()
    assert found == [
        (sheet.pk, f"sheet:{sheet.pk}:levy_paid:{WUHU}", Decimal(5000001), Decimal(5000000))
    ]


# What is refused ----------------------------------------------------------------------------------


def test_what_a_draft_is_refused_for(anhui: Desk) -> None:
    with pytest.raises(settlements.RateMissing):
        anhui.draft(of=2026, part=LEVY)
    with pytest.raises(settlements.LevyComesFirst):
        anhui.draft(of=2026, part=ALLOCATION)
    sheet = anhui.draft(of=2026, part=LEVY, rate=Decimal("0.05"))
    anhui.fill(sheet, {WUHU: {"base": Decimal(1)}})
    with pytest.raises(settlements.InputsMissing, match="合肥"):
        cases.submit_case(case=sheet, user=anhui.maker)
    with pytest.raises(settlements.NoSuchInput):
        anhui.fill(sheet, {WUHU: {"weight": Decimal(1)}})
    with pytest.raises(settlements.CityUnknown):
        anhui.fill(sheet, {CHENGDU: {"base": Decimal(1)}})


def test_a_balance_that_changed_is_computed_again_before_anybody_signs(anhui: Desk) -> None:
    sheet = levied(anhui)
    settling.opening(cast.ANHUI, "500000000.00")  # and the levy would be suspended
    with pytest.raises(settlements.SheetOutdated):
        cases.submit_case(case=sheet, user=anhui.maker)


LOCKED = (
    "UPDATE settlement_sheet SET rate = 0.01",
    "UPDATE settlement_sheet SET stands_for = NULL",
    "UPDATE settlement_sheet SET countersigned_by = '别人'",
    "UPDATE settlement_line SET base = 1",
    "UPDATE settlement_line SET levy = 0",
    "INSERT INTO gap_cause SELECT 1, 'epidemic', 1, '文件', id FROM settlement_line LIMIT 1",
    "DELETE FROM settlement_line",
    "UPDATE agency_case SET state = 'draft' WHERE kind = 'settlement_sheet'",
)


def test_the_database_refuses_every_change_of_a_locked_sheet(anhui: Desk) -> None:
    anhui.sign(levied(anhui))
    for statement in LOCKED:
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_database_asks_for_two_levels_and_the_countersignature(anhui: Desk) -> None:
    sheet = levied(anhui)
    cases.submit_case(case=sheet, user=anhui.maker)
    cases.approve_case(case=sheet, checker=anhui.checker, shown_digest=settling.shown(sheet))
    cases.confirm_case(case=sheet, checker=anhui.approver, shown_digest=settling.shown(sheet))
    with (
        pytest.raises(DatabaseError, match="not signed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE agency_case SET state = 'effected', effected_at = now() WHERE id = %s",
            [sheet.pk],
        )
    cause = GapCause(line=sheet.lines.first(), cause="epidemic", amount=1, evidence="")
    with pytest.raises(DatabaseError), transaction.atomic():
        cause.save()


def test_there_is_no_sheet_where_cities_pool_by_themselves(anhui: Desk, settings: Any) -> None:
    settings.PROVINCE = 420000000000
    with pytest.raises(settlements.NoAdjustmentFund):
        anhui.draft(of=2026, part=LEVY)
