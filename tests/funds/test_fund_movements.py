"""Fund movements: from the form through checker and approver to the entry and the trial balance."""

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from enrollment.declarations import checks
from enrollment.models import Case, User
from enrollment.rules.regions import COUNTY
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import cases, reversals
from enrollment.services.refusals import Refused
from funds import posting
from funds.models import Entry, FundMovement, PeriodClose, Reason
from funds.selectors.accounts import accounts_between, by_kind
from funds.services import fund_movements as moves
from funds.services import movements
from tests import cast
from tests.funds.settling import RESIDENT, Desk

TODAY = date(2026, 11, 20)
SPRING = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def today(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    cast.law()
    with business_date_is(TODAY):
        yield


@pytest.fixture
def desk(today: None) -> Desk:
    return Desk()


def draft(desk: Desk, purpose: str, amount: str = "100", **says: Any) -> Case:
    given: dict[str, Any] = {
        "region_id": cast.HEFEI,
        "scheme": RESIDENT,
        "occurred_on": SPRING,
        "document": "财社〔2026〕11号",
        "amount": amount,
    }
    return moves.open_movement(maker=desk.maker, purpose=purpose, **{**given, **says})


def posted(desk: Desk, case: Case) -> Case:
    """Through the checker, the second level where one is asked for, and into effect."""
    cases.submit_case(case=case, user=desk.maker)
    cases.approve_case(case=case, checker=desk.checker, shown_digest=shown(case))
    if whole_case(case.pk).state == Case.State.CHECKED:
        cases.confirm_case(case=case, checker=desk.approver, shown_digest=shown(case))
    return cases.put_into_effect(case=case, user=desk.approver)


def shown(case: Case) -> str:
    return shown_digest_of(whole_case(case.pk))


def balances(book: int = cast.HEFEI, until: date = TODAY) -> dict[str, Decimal]:
    rows = by_kind(accounts_between(date(2020, 1, 1), until, book=book, scheme=1))
    return {row.kind: row.standing for row in rows if row.closing}


def test_the_path_of_the_money_by_cases_ends_in_the_expected_trial_balance(desk: Desk) -> None:
    opening = {"holding": "special_fiscal", "occurred_on": date(2026, 1, 1)}
    for purpose, amount, says in (
        ("opening_balance", "1000", opening),
        ("subsidy_due", "600", {"level": "central"}),
        ("subsidy_due", "50", {"level": "county"}),
        ("subsidy_received", "600", {"level": "central"}),
        ("assistance_funded", "80", {}),
        ("assistance_paid", "75.60", {}),
        ("drawn", "900", {}),
        ("benefit_paid", "850.25", {"holding": "expenditure_city"}),
        ("interest_received", "1.05", {"holding": "expenditure_city"}),
        ("violation_found", "30", {"evidence": "皖医保罚〔2026〕2号"}),
        ("violation_covered", "20", {}),
    ):
        posted(desk, draft(desk, purpose, amount, **says))
    assert balances() == {
        "special_fiscal": Decimal("795.60"),  # 1000 + 600 + 75.60 - 900 + 20
        "expenditure_city": Decimal("50.80"),
        "assistance_deposit": Decimal("4.40"),
        "receivable_county": Decimal(50),
        "receivable_assistance": Decimal("-75.60"),  # paid before it was awarded
        "receivable_violation": Decimal(10),
        "subsidies_due": Decimal("-25.60"),
        "pooled_fund": Decimal(1000),
        "assistance_balance": Decimal(80),
        "assistance_contributions": Decimal("75.60"),
        "subsidy_central": Decimal(600),
        "interest_revenue": Decimal("1.05"),
        "benefit_expenditure": Decimal("820.25"),
        "assistance_expenditure": Decimal("75.60"),
    }


def test_a_year_is_closed_by_two_levels_and_opened_by_a_reversal(desk: Desk) -> None:
    last = date(2025, 12, 31)
    earlier = {"occurred_on": date(2025, 5, 1)}
    posted(desk, draft(desk, "opening_balance", "1000", holding="special_fiscal", **earlier))
    posted(desk, draft(desk, "interest_received", "30", holding="special_fiscal", **earlier))
    with pytest.raises(moves.NotTheLastDay):
        draft(desk, "year_closed", occurred_on=date(2025, 12, 30))
    case = draft(desk, "year_closed", occurred_on=last)
    posted(desk, draft(desk, "interest_received", "2", holding="special_fiscal", **earlier))
    with pytest.raises(moves.FiguresMoved):
        cases.submit_case(case=case, user=desk.maker)
    case = moves.change_movement(
        case=case, user=desk.maker, expected_version=1, region_id=cast.HEFEI, occurred_on=last,
        purpose="year_closed", scheme=RESIDENT, document="决算〔2025〕1号",
    )  # fmt: skip
    posted(desk, case)
    carried = {"special_fiscal": Decimal(1032), "pooled_fund": Decimal(1032)}
    assert balances(until=last) == carried
    with pytest.raises(moves.NothingToCarry):
        draft(desk, "year_closed", occurred_on=last)
    undo(desk, case)
    assert balances(until=TODAY)["interest_revenue"] == 32


def undo(desk: Desk, case: Case) -> None:
    clerk = cast.officer("Fund officer", f"clerk-{case.pk}", "何娟")
    asked = reversals.open_reversal(maker=clerk, reverses=case, reason="录入有误")
    cases.submit_case(case=asked, user=clerk)
    cases.approve_case(case=asked, checker=desk.checker, shown_digest=shown(asked))
    cases.put_into_effect(case=asked, user=desk.approver)


def test_what_the_books_refuse_is_refused_when_it_is_written(desk: Desk) -> None:
    for purpose, says, refusal in (
        ("gift", {}, moves.PurposeUnknown),
        ("levy_paid", {}, moves.PurposeUnknown),  # by its sheet alone
        ("county_funded", {}, moves.PurposeUnknown),  # by its plan alone
        ("drawn", {"amount": "0"}, moves.AmountMissing),
        ("drawn", {"amount": "-5"}, moves.AmountMissing),
        ("drawn", {"amount": "0.005"}, posting.FinerThanCent),
        ("drawn", {"amount": "1000000000000000"}, moves.AmountMissing),
        ("drawn", {}, posting.Overdrawn),
        ("drawn", {"document": " "}, moves.DocumentOfMoveMissing),
        ("drawn", {"occurred_on": date(2026, 11, 21)}, moves.NotYet),
        ("drawn", {"region_id": cast.SHUSHAN}, moves.AreaOfOtherLevel),
        ("drawn", {"region_id": cast.ANHUI}, moves.AreaOfOtherLevel),
        ("subsidy_due", {}, moves.LevelMissing),
        ("subsidy_received", {"level": "city"}, posting.Overdrawn),
        ("interest_received", {}, moves.HoldingMissing),
        ("interest_received", {"holding": "risk_reserve"}, moves.HoldingMissing),
        ("assistance_funded", {"scheme": 2}, moves.ForResidentsOnly),
        ("violation_found", {}, moves.ProofMissing),
        ("reserve_used", {"evidence": "x", "region_id": cast.ANHUI}, moves.NoRiskReserve),
    ):
        with pytest.raises(refusal):
            draft(desk, purpose, **says)
    PeriodClose.objects.create(
        region_id=cast.HEFEI, month=SPRING.replace(day=1), closed_by=desk.maker
    )
    with pytest.raises(posting.PeriodClosed):
        draft(desk, "subsidy_due", level="central")
    assert not FundMovement.objects.exists()


def test_the_fund_of_a_whole_province_is_written_as_one_amount(desk: Desk) -> None:
    whole = Decimal("31415926535.89")
    says = {"holding": "adjustment_deposit", "region_id": cast.ANHUI}
    posted(desk, draft(desk, "opening_balance", str(whole), **says))
    assert balances(cast.ANHUI) == {"adjustment_deposit": whole, "adjustment_fund": whole}


def test_a_county_returns_what_it_holds_and_no_more(desk: Desk) -> None:
    posted(desk, draft(desk, "opening_balance", "100", holding="expenditure_city"))
    movements.move(
        reason=Reason.COUNTY_FUNDED, area=cast.SHUSHAN, amount=Decimal(60), on=SPRING, key="plan"
    )
    county = {"region_id": cast.SHUSHAN // COUNTY * COUNTY}
    with pytest.raises(moves.AreaOfOtherLevel):
        draft(desk, "county_returned", "20")
    with pytest.raises(posting.Overdrawn):
        draft(desk, "county_returned", "60.01", **county)
    posted(desk, draft(desk, "county_returned", "20", **county))
    assert balances() == {"expenditure_city": 60, "expenditure_county": 40, "pooled_fund": 100}


def test_the_reserve_of_sichuan_goes_to_a_city_for_an_event_by_two(
    desk: Desk, settings: Any
) -> None:
    settings.PROVINCE = cast.ANHUI  # its regions, settled as Sichuan does
    sichuan = moves.SICHUAN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moves, "method_of", lambda province: sichuan)
        whole: dict[str, Any] = {"region_id": cast.ANHUI}
        posted(desk, draft(desk, "opening_balance", "500", holding="risk_reserve", **whole))
        with pytest.raises(moves.ReceiverMissing):
            draft(desk, "reserve_used", evidence="疫情", event="epidemic", **whole)
        use: dict[str, Any] = {
            "receiver_id": cast.WUHU,
            "event": "epidemic",
            "evidence": "应急响应〔2026〕1号",
        }
        case = draft(desk, "reserve_used", "200", **use, **whole)
        posted(desk, case)
        assert balances(cast.ANHUI) == {"adjustment_deposit": 300, "risk_reserve": 300}
        assert balances(cast.WUHU) == {"special_fiscal": 200, "allocation_revenue": 200}
        with pytest.raises(posting.Overdrawn):
            draft(desk, "reserve_used", "300.01", **use, **whole)


def test_the_database_refuses_what_is_written_past_the_services(desk: Desk) -> None:
    case = draft(desk, "subsidy_due", level="central")
    for said in (
        "purpose = 'gift'", "level = ''", "holding = 'special_fiscal'", "document = ''",
        "event = 'epidemic'", "revenue = 1",
        "purpose = 'assistance_funded', level = '', scheme = 2",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE fund_movement SET {said}")
    cases.submit_case(case=case, user=desk.maker)
    with pytest.raises(IntegrityError, match="is fixed"), transaction.atomic():
        FundMovement.objects.filter(pk=case.pk).update(document="x")
    cases.approve_case(case=case, checker=desk.checker, shown_digest=shown(case))
    with pytest.raises(DatabaseError, match="stand in the ledger"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="effected", effected_at="2026-11-20T10:00Z")


def test_verify_finds_a_movement_that_the_ledger_does_not_have(desk: Desk) -> None:
    posted(desk, draft(desk, "subsidy_due", level="central"))
    check = checks["movements_in_effect_stand_in_the_ledger"].sql
    with connection.cursor() as cursor:
        cursor.execute(check)
        assert cursor.fetchall() == []
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE agency_case DISABLE TRIGGER USER")
        cursor.execute("UPDATE agency_case SET amount = 99")
        cursor.execute("ALTER TABLE agency_case ENABLE TRIGGER USER")
        cursor.execute(check)
        assert len(cursor.fetchall()) == 1


def test_a_movement_is_undone_by_a_further_entry_and_not_while_its_money_is_gone(
    desk: Desk,
) -> None:
    first = posted(desk, draft(desk, "opening_balance", "100", holding="special_fiscal"))
    second = posted(desk, draft(desk, "drawn", "60"))
    with pytest.raises(posting.Overdrawn), transaction.atomic():
        undo(desk, first)
    undo(desk, second)
    assert whole_case(second.pk).state == "reversed"
    assert balances() == {"special_fiscal": 100, "pooled_fund": 100}
    assert Entry.objects.get(key=f"movement:{second.pk}:reversed").reason == Reason.REVERSAL


def test_the_screens_take_a_movement_from_the_purpose_to_the_trial_balance(desk: Desk) -> None:
    maker, checker, approver = (signed_in(who) for who in (desk.maker, desk.checker, desk.approver))
    add = reverse("admin:funds_fundmovement_add")
    assert "?purpose=subsidy_due" in maker.get(add).content.decode()
    assert maker.get(f"{add}?purpose=levy_paid").status_code == 404
    form = {
        "request_key": str(uuid.uuid4()), "purpose": "subsidy_due", "scheme": "1",
        "region": f"{cast.HEFEI}", "occurred_on": "2026-03-02", "amount": "1234.56",
        "document": "财社〔2026〕11号", "level": "", "reason": "",
    }  # fmt: skip
    refused = maker.post(f"{add}?purpose=subsidy_due", form)
    assert refused.context["form"].errors.keys() == {"level"}
    assert maker.post(f"{add}?purpose=subsidy_due", {**form, "level": "central"}).status_code == 302
    case = FundMovement.objects.get()
    page = reverse("admin:funds_fundmovement_change", args=[case.pk])
    assert page in maker.get(reverse("admin:funds_fundmovement_changelist")).content.decode()
    for client, move, says in (
        (maker, "submit", {}),
        (checker, "approve", {"shown_digest": shown(case)}),
        (approver, "effect", {}),
    ):
        done = client.post(
            reverse("admin:funds_fundmovement_move", args=[case.pk, move]), says, follow=True
        )
        assert "errornote" not in done.content.decode()
    entry = Entry.objects.get(case=case.pk)
    answer = maker.get(page)
    assert ("年度", str(case.year)) in answer.context["scope"]
    told = answer.content.decode()
    assert reverse("admin:funds_entry_change", args=[entry.pk]) in told
    assert f"?reverses={case.pk}" in told
    assert "1,234.56" in maker.get(reverse("admin:trial_balance")).content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_is_of_another_city_records_nothing_here(desk: Desk) -> None:
    other = cast.officer("Fund officer", "wuhu", "芜湖财务", region=cast.WUHU)
    form = {
        "request_key": str(uuid.uuid4()), "purpose": "drawn", "scheme": "1", "amount": "1",
        "region": f"{cast.HEFEI}", "occurred_on": "2026-03-02", "document": "x",
    }  # fmt: skip
    add = reverse("admin:funds_fundmovement_add") + "?purpose=drawn"
    answer = signed_in(other).post(add, form)
    assert [error.code for error in answer.context["form"].errors["region"].as_data()] == [
        "books_not_yours"
    ]
    assert issubclass(moves.BooksNotYours, Refused)
