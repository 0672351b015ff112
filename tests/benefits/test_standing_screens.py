"""Standing on screen: the panel of the file, the page, and what stands behind a figure."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benefits.models import ClaimUse, Standing, StandingTerms
from benefits.selectors.ledger import LedgerYear, ledger_of, movements_of, why_standing
from enrollment.models import Person, YearStep
from enrollment.rules import keys
from enrollment.selectors.policy import policy_book
from tests import cast

CODES = {
    "base_cap": "cap.base",
    "incentive_step": "incentive.step",
    "streak_needed": "incentive.streak_needed",
    "limit_rate": "incentive.limit_rate",
    "penalty_step": "penalty.step",
    "fixed_months": "waiting.fixed_months",
    "variable_offset": "waiting.variable_offset",
    "count_breaks_from": "waiting.count_breaks_from",
    "floor_total_months": "waiting.floor_total_months",
    "window": "collection.window",
}


@pytest.fixture
def zhang_san(db: None) -> Person:
    """Resident of 2025 without a claim, broken in 2026, back in 2027 after one repaired year; in
    2027 the fund paid, and major-illness insurance beyond the ceiling without the bonus."""
    cast.law()
    person = cast.person("张三", number=1)
    for number in (2025, 2026, 2027, 2028):
        terms_of(number)
    standing(person, 2025, streak=1, continuity_bonus=0, zero_claim_bonus=0)
    standing(person, 2026, cover="N", streak=0, continuity_bonus=0, zero_claim_bonus=0, gap_years=0)
    standing(
        person,
        2027,
        streak=1,
        broken_years_total=1,
        zero_claim_bonus=3000,
        zero_claim_gain=3000,
        broken_years=2,
        fixed_months=3,
        variable_before=1,
        repaired_months=1,
        benefit_start=date(2027, 4, 1),
    )
    standing(person, 2028, streak=2, broken_years_total=1, zero_claim_cleared=3000)
    ClaimUse.objects.create(
        id=keys.yearly_key(year=2027, person_id=person.pk),
        claims=2,
        total=400_000,
        fund_paid=12_000,
        major_illness_paid=302_000,
        assistance_paid=0,
    )
    return person


def terms_of(number: int) -> None:
    """An assessed year with the law that it rested on in Hefei."""
    run = cast.year(number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT year_table_make('standing', %s)", [number])
    step = YearStep.objects.create(run=run, name="assess", on=date(number, 1, 1))
    on = date(number, 1, 1)
    book = policy_book(list(CODES.values()))
    found = {name: book.find(code, area=340100, on=on) for name, code in CODES.items()}
    first, last = found["window"].value.in_year(number)
    StandingTerms.objects.create(
        step=step,
        area=cast.HEFEI,
        window_first=first,
        window_last=last,
        fixed_months=3,
        variable_offset=1,
        floor_years=4,
        floor_total_months=6,
        count_breaks_from=2025,
        newborn_days=90,
        never_enrolled_counts=False,
        count_missed_window_year=False,
        exemptions=["newborn"],
        base_cap=300_000,
        incentive_step=3000,
        penalty_step=3000,
        streak_needed=4,
        limit_rate=Decimal("0.2"),
        sources={name: book.source(value) for name, value in found.items()},
    )


def standing(person: Person, number: int, *, cover: str = "R", **fields: Any) -> None:
    resident: dict[str, Any] = {}
    bonus = fields.get("continuity_bonus", 0) + fields.get("zero_claim_bonus", 0)
    penalty = 3000 * fields.get("broken_years_total", 0)
    if cover == "R":
        resident = {
            "base_cap": 300_000,
            "bonus_applied": bonus,
            "penalty_applied": penalty,
            "cap": 300_000 + bonus - penalty,
            "paid_on": date(number - 1, 11, 20),
            "broken_years": 0,
            "fixed_months": 0,
            "variable_before": 0,
            "repaired_months": 0,
            "variable_months": 0,
            "benefit_start": date(number, 1, 1),
        }
    values = {
        "gap_years": 0,
        "streak": 0,
        "broken_years_total": 0,
        "continuity_bonus": 0,
        "continuity_gain": 0,
        "zero_claim_bonus": 0,
        "zero_claim_gain": 0,
        "zero_claim_cleared": 0,
        **resident,
        **fields,
    }
    Standing.objects.create(
        id=keys.yearly_key(year=number, person_id=person.pk),
        person=person,
        region_id=person.insured_region_id,
        county=person.county,
        cover=cover,
        **values,
    )


def client_of(role: str, username: str, **where: int) -> Client:
    client = Client()
    client.force_login(cast.officer(role, username, username, **where))
    return client


def page_of(person: Person) -> str:
    return reverse("admin:person_standing", args=[person.pk])


def steps_behind(person: Person, subject: str, year: int) -> list[tuple[str, Any]]:
    why = why_standing(ledger_of(person), year, subject)
    assert why is not None
    return [(step.label, step.value) for step in why.steps]


# What stands behind a figure ----------------------------------------------------------------------


def test_the_steps_of_a_ceiling_are_its_stored_components(zhang_san: Person) -> None:
    why = why_standing(ledger_of(zhang_san), 2027, "cap")
    assert why is not None
    row = Standing.objects.of_person(zhang_san.pk, [2027]).get()
    assert why.answer == row.cap == 300_000
    assert [step.value for step in why.steps] == [300_000, 0, 3000, 3000, -3000]
    total = why.steps[0].value, why.steps[3].value, why.steps[4].value
    assert sum(total) == row.cap  # type: ignore[arg-type]
    basis = [step.basis.code if step.basis else "" for step in why.steps]
    assert basis == [
        "cap.base",
        "incentive.step",
        "incentive.step",
        "incentive.limit_rate",
        "penalty.step",
    ]
    assert all(step.basis and step.basis.citation for step in why.steps[1:])


def test_a_wait_tells_payment_break_repair_and_both_parts(zhang_san: Person) -> None:
    assert steps_behind(zhang_san, "start", 2027) == [
        ("缴费日", date(2026, 11, 20)),
        ("连续断保年数", 2),
        ("固定等待期", 3),
        ("修复前变动等待期", 1),
        ("修复减少", 1),
        ("变动等待期", 0),
    ]
    why = why_standing(ledger_of(zhang_san), 2027, "start")
    assert why is not None
    assert why.answer == date(2027, 4, 1)
    assert why.steps[0].note.startswith("集中")


def test_a_used_bonus_is_reset_with_its_reason(zhang_san: Person) -> None:
    assert steps_behind(zhang_san, "zero_claim", 2028) == [
        ("2027 年度结转", 3000),
        ("因已使用清零", -3000),
        ("2027 年度基金支付", 314_000),
        ("当年新增", 0),
    ]
    moves = movements_of(ledger_of(zhang_san))
    assert [(each.year, each.amount) for each in moves] == [
        (2028, -3000), (2027, None), (2027, 3000)
    ]  # fmt: skip
    assert "302,000.00" in moves[0].reason
    assert moves[1].what == "激励已使用"
    assert " 3,000.00 " in moves[1].reason


def test_a_continuity_bonus_that_was_used_is_told_though_nothing_is_reset() -> None:
    row = Standing(id=1, cap=304_000, bonus_applied=4000, continuity_bonus=4000, zero_claim_bonus=0,
                   continuity_gain=0, zero_claim_gain=0, zero_claim_cleared=0)  # fmt: skip
    used = {paid: LedgerYear(row, ClaimUse(fund_paid=0, major_illness_paid=paid)).bonus_used
            for paid in (300_000, 301_500, 304_000, 310_000)}  # fmt: skip
    assert used == {300_000: 0, 301_500: 1500, 304_000: 4000, 310_000: 4000}
    (move,) = movements_of([LedgerYear(row, ClaimUse(fund_paid=0, major_illness_paid=301_500))])
    assert (move.amount, move.balance) == (None, Decimal(4000))
    assert "1,500.00" in move.reason


def test_a_year_without_cover_has_no_ceiling_to_explain(zhang_san: Person) -> None:
    ledger = ledger_of(zhang_san)
    for subject in ("cap", "penalty", "start"):
        assert why_standing(ledger, 2026, subject) is None
    assert why_standing(ledger, 2026, "continuity") is not None
    assert why_standing(ledger, 1999, "cap") is None
    assert why_standing(ledger, 2027, "weather") is None


def test_a_year_of_an_area_without_terms_says_so(zhang_san: Person) -> None:
    StandingTerms.objects.all().delete()
    why = why_standing(ledger_of(zhang_san), 2027, "cap")
    assert why is not None
    assert why.answer == 300_000
    assert all("参数未入库" in step.note or "参数" in step.note for step in why.steps)


# Screens ------------------------------------------------------------------------------------------


def test_the_file_and_the_page_show_every_year_with_marks(zhang_san: Person) -> None:
    desk = client_of("Maker", "liu")
    file = desk.get(reverse("admin:enrollment_person_change", args=[zhang_san.pk])).text
    page = desk.get(page_of(zhang_san)).text
    for text in (file, page):
        assert f"{page_of(zhang_san)}?why=cap-2027#why" in text
        assert "连续参保" in text
        assert text.count("?why=cap-") == 3
    assert "314,000.00" in page
    assert "−3,000.00" in page


def test_a_mark_opens_the_steps_with_parameter_and_clause(zhang_san: Person) -> None:
    page = client_of("Maker", "liu").get(page_of(zhang_san), {"why": "cap-2027"}).text
    panel = page.split('id="why"')[1].split("</aside>")[0]
    assert "300,000.00" in panel
    assert "皖医保发〔2024〕6号" in panel
    assert "2027 年度封顶线" in panel


@pytest.mark.parametrize("asked", ["cap-²", "cap-99999999999999999999", "cap", "-2027", "x-2027"])
def test_nonsense_in_place_of_a_figure_opens_no_panel(zhang_san: Person, asked: str) -> None:
    page = client_of("Maker", "liu").get(page_of(zhang_san), {"why": asked})
    assert page.status_code == 200
    assert page.context["why"] is None


def test_nobody_sees_the_standing_of_another_area_or_without_the_duty(zhang_san: Person) -> None:
    assert client_of("Maker", "wu", region=cast.WUHU).get(page_of(zhang_san)).status_code == 404
    assert client_of("System administrator", "sun").get(page_of(zhang_san)).status_code == 403
    assert Client().get(page_of(zhang_san)).status_code == 302
    assert client_of("Maker", "liu").get("/standing/999999999/").status_code == 404


def test_a_person_without_a_year_has_an_empty_ledger(zhang_san: Person) -> None:
    other = cast.person("李四", number=2)
    assert "尚无待遇核定记录" in client_of("Maker", "liu").get(page_of(other)).text


def test_the_page_reads_by_keys_and_counts_nothing(zhang_san: Person) -> None:
    desk = client_of("Maker", "liu")
    desk.get(page_of(zhang_san), {"why": "cap-2027"})
    with CaptureQueriesContext(connection) as queries:
        desk.get(page_of(zhang_san), {"why": "cap-2027"})
    told = " ".join(query["sql"] for query in queries)
    assert "count(*)" not in told.lower()
    assert len(queries) <= 30, len(queries)
