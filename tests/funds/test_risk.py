"""Months of the funds: the step `watch` against sums over the ledger, warnings, the page."""

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment.declarations import checks
from enrollment.models import Case, CollectionTotal, PeopleTotal, YearStep
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import cases
from funds import posting
from funds.models import FundMonth, Kind, Level, Line, Reason, RiskReading, RiskWarning
from funds.selectors.overview import fund_view
from funds.selectors.risk import alarms, funds_at, latest, readings_of, value_told
from funds.services import movements, risk_warnings
from tests import cast
from tests.funds import budgeting, settling
from tests.funds.settling import RESIDENT, Desk

TODAY, LOOK, OCTOBER = date(2026, 11, 20), date(2026, 11, 5), date(2026, 10, 1)
CHECK = "the_last_month_of_the_funds_is_that_of_the_ledger"


Move = tuple[Reason, Kind, Kind]
OPENED: Move = (Reason.OPENING_BALANCE, Kind.SPECIAL_FISCAL, Kind.POOLED_FUND)
PAID: Move = (Reason.BENEFIT_PAID, Kind.BENEFIT_EXPENDITURE, Kind.EXPENDITURE_CITY)
INTEREST: Move = (Reason.INTEREST_RECEIVED, Kind.SPECIAL_FISCAL, Kind.INTEREST_REVENUE)


def entry(key: str, on: date, area: int, move: Move, yuan: int) -> None:
    reason, debit, credit = move
    posting.post(
        key=key, reason=reason, occurred_on=on,
        sides=[
            posting.Side(area=area, kind=debit, debit=Decimal(yuan)),
            posting.Side(area=area, kind=credit, credit=Decimal(yuan)),
        ],
    )  # fmt: skip


def spent(key: str, on: date, area: int, yuan: int) -> None:
    """Drawn and paid on one day."""
    movements.move(reason=Reason.DRAWN, area=area, amount=Decimal(yuan), on=on, key=f"{key}-drawn")
    entry(key, on, area, PAID, yuan)


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two years of 合肥, closed in between, and a few months of 芜湖, which is short."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    cast.law()
    with business_date_is(TODAY):
        for area, yuan in ((cast.HEFEI, 90_000), (cast.WUHU, 1_000)):
            entry(f"open-{area}", date(2024, 11, 1), area, OPENED, yuan)
        for number in range(24):  # November 2024 to October 2026
            month = date(2024 + (number + 10) // 12, (number + 10) % 12 + 1, 10)
            amount = 1_000 if number < 12 else 1_300
            spent(f"hefei-{number}", month, cast.HEFEI, amount)
            entry(f"interest-{number}", month, cast.HEFEI, INTEREST, 1_250)
        for year in (2024, 2025):
            movements.close_year(area=cast.HEFEI, scheme=RESIDENT, year=year)
        spent("wuhu", date(2026, 9, 3), cast.WUHU, 400)
        for level, yuan in (("central", 600), ("county", 400)):
            movements.move(
                reason=Reason.SUBSIDY_DUE, area=cast.WUHU, amount=Decimal(yuan),
                on=date(2026, 3, 1), key=f"due-{level}", level=Level(level),
            )  # fmt: skip
        movements.move(
            reason=Reason.SUBSIDY_RECEIVED, area=cast.WUHU, amount=Decimal(600),
            on=date(2026, 4, 1), key="came", level=Level.CENTRAL,
        )  # fmt: skip
        spent("november", date(2026, 11, 2), cast.HEFEI, 77)  # after the month that is looked at
        run = settling.activated(2026)
        YearStep.objects.create(
            run=run, name="post", on=LOOK, state=YearStep.State.DONE, finished_at=timezone.now(),
            digest="p",
        )  # fmt: skip
        yield


def watched(on: date = LOOK) -> YearStep:
    step = settling.run("watch", 2026, on)
    assert step.state == YearStep.State.DONE, step.refusal
    return step


def told(area: int) -> dict[str, tuple[str, str]]:
    rows = RiskReading.objects.filter(of__in=latest(OCTOBER), of__region=area)
    return {row.indicator: (value_told(row), row.level) for row in rows}


def test_a_month_is_told_as_the_ledger_says_and_read_by_the_rules(books: None) -> None:
    watched()
    rows: dict[int, tuple[object, ...]] = {
        row.region_id: (
            row.revenue_of_month, row.expenditure_of_month, row.revenue, row.expenditure,
            row.balance, row.earned, row.spent, row.months, row.spent_before, row.claimed,
            row.arrears,
        )
        for row in FundMonth.objects.all()
    }  # fmt: skip
    balance = 90_000 + 24 * 1_250 - 12 * 1_000 - 12 * 1_300
    assert rows == {
        cast.HEFEI: (1_250, 1_300, 12_500, 13_000, balance, 15_000, 15_600, 12, 12_000, 0, 0),
        cast.WUHU: (0, 0, 600, 400, 1_200, 600, 400, 2, None, 1_000, 400),
    }
    assert told(cast.HEFEI) == {
        "months_covered": ("71.08", "normal"),
        "current_balance": ("−4.00%", "attention"),
        "collection_rate": ("—", "unknown"),
        "subsidy_arrears": ("—", "unknown"),
        "spending_growth": ("30.00%", "serious"),
        "budget_execution": ("—", "unknown"),
        "enrolment_rate": ("—", "unknown"),
    }
    assert told(cast.WUHU) == {
        "months_covered": ("6.00", "normal"),
        "current_balance": ("33.33%", "normal"),
        "collection_rate": ("—", "unknown"),
        "subsidy_arrears": ("40.00%", "serious"),
        "spending_growth": ("—", "unknown"),
        "budget_execution": ("—", "unknown"),
        "enrolment_rate": ("—", "unknown"),
    }


def test_spending_is_held_against_the_budget_in_force(books: None) -> None:
    desk = budgeting.Desk()
    carried_on = {"growth": 0, "ageing": 0, "policy_change": 0, "cost_control": 0}
    lines = {
        "benefit_expenditure": {"standard": Decimal(14_000), **carried_on},
        "allocation_revenue": {"other": Decimal(14_000), "note": "测算表"},
    }
    budget = desk.fill(desk.draft(of=2026, opening="90000"), lines)
    desk.approve(budget, on=date(2026, 1, 10))
    watched()
    assert told(cast.HEFEI)["budget_execution"] == ("92.86%", "attention")  # 10 of 12 months over
    hefei = fund_view(RESIDENT, TODAY).standings[0].fund
    assert hefei.executed == Decimal(13_077) / 14_000


def test_who_is_insured_is_held_against_who_lives_there_and_the_target_of_the_law(
    books: None,
) -> None:
    """95 of a hundred, exactly, is met; one less is not, though it would be shown alike."""
    for area, habitual, employees, insured in (
        (cast.SHUSHAN, 20_000, 4_000, 15_000), (cast.JINGHU, 100_000, 0, 94_999),
    ):  # fmt: skip
        PeopleTotal.objects.create(
            region=area, habitual=habitual, hukou=habitual, employees=employees, residents=0
        )
        CollectionTotal.objects.create(
            year=2026, region=area, billed=insured, ended=0, insured=insured, subsidised=0,
            subsidised_insured=0, subsidy=0, payable=Decimal(400) * insured,
            paid=Decimal(400) * insured,
        )  # fmt: skip
    watched()
    assert told(cast.HEFEI)["enrolment_rate"] == ("95.00%", "normal")
    assert told(cast.WUHU)["enrolment_rate"] == ("95.00%", "attention")


def test_a_shorter_average_leaves_the_year_whole(books: None) -> None:
    """With three months, the window of five must not cut the sums since January."""
    short, usual = (
        {row["region_id"]: row for row in funds_at(OCTOBER, months)}[cast.HEFEI]
        for months in (3, 12)
    )
    same = ("revenue", "expenditure", "balance", "claimed")
    assert [short[name] for name in same] == [usual[name] for name in same]
    assert (short["spent"], short["months"], short["spent_before"]) == (3 * 1_300, 3, 3 * 1_300)


def violations() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(checks[CHECK].sql)
        return list(cursor.fetchall())


def test_a_month_is_looked_at_again_and_what_was_kept_stays(books: None) -> None:
    watched()
    assert violations() == []
    spent("late", date(2026, 10, 30), cast.WUHU, 100)
    assert violations() == []  # the books moved since: nobody is wrong
    watched(date(2026, 11, 6))
    assert told(cast.WUHU)["months_covered"] == ("4.40", "attention")
    assert FundMonth.objects.count() == 4
    with pytest.raises(IntegrityError), transaction.atomic():
        FundMonth.objects.update(balance=1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fund_month DISABLE TRIGGER USER")
        cursor.execute("UPDATE fund_month SET balance = 1")
        cursor.execute("ALTER TABLE fund_month ENABLE TRIGGER USER")
    assert len(violations()) == 2


# Warnings -----------------------------------------------------------------------------------------


def draft(desk: Desk, reading: RiskReading, **says: Any) -> Case:
    plan = {"plan": "函告县财政限期拨付", "responsible": "李岚", "act_by": date(2026, 12, 20)}
    return risk_warnings.open_warning(maker=desk.maker, reading=reading, **{**plan, **says})


def test_an_indicator_has_one_open_warning_with_a_plan_and_is_closed_with_a_result(
    books: None,
) -> None:
    watched()
    desk = Desk()
    serious = next(
        each.reading
        for each in alarms(readings_of(OCTOBER, RESIDENT))
        if each.reading.of.region_id == cast.WUHU
    )
    normal = RiskReading.objects.get(indicator="months_covered", of__region=cast.WUHU)
    for reading, says, refusal in (
        (normal, {}, risk_warnings.NothingToWarnOf),
        (serious, {"plan": " "}, risk_warnings.PlanMissing),
        (serious, {"act_by": date(2026, 11, 19)}, risk_warnings.DayIsPast),
    ):
        with pytest.raises(refusal):
            draft(desk, reading, **says)
    case = draft(desk, serious)
    with pytest.raises(risk_warnings.WarnedAlready):
        draft(desk, serious)
    cases.submit_case(case=case, user=desk.maker)
    with pytest.raises(IntegrityError, match="is fixed"), transaction.atomic():
        RiskWarning.objects.filter(pk=case.pk).update(plan="无")
    shown = shown_digest_of(whole_case(case.pk))
    cases.approve_case(case=case, checker=desk.checker, shown_digest=shown)
    with pytest.raises(IntegrityError, match="no result"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="effected", effected_at=timezone.now())
    with pytest.raises(risk_warnings.ResultMissing):
        cases.put_into_effect(case=case, user=desk.approver, outcome="resolved", result=" ")
    cases.put_into_effect(case=case, user=desk.approver, outcome="resolved", result="已拨付到位")
    closed = RiskWarning.objects.get()
    assert (closed.state, closed.outcome, closed.stands_for) == ("effected", "resolved", None)
    again = cases.submit_case(case=draft(desk, serious), user=desk.maker)  # may be warned of again
    cases.withdraw_case(case=again, user=desk.maker, reason="重复")
    assert not RiskWarning.objects.exclude(stands_for=None).exists()


# The page -----------------------------------------------------------------------------------------


def summed(area: int, *kinds: Kind, since: date) -> Decimal:
    """Credit less debit of kinds, straight from the lines; the close of a year is left out."""
    rows = Line.objects.filter(
        account__area=area, account__kind__in=kinds, day__gte=since, day__lte=TODAY
    ).exclude(entry__reason=Reason.YEAR_CLOSED)
    sums = rows.aggregate(credit=Sum("credit"), debit=Sum("debit"))
    return (sums["credit"] or Decimal(0)) - (sums["debit"] or Decimal(0))


def test_every_figure_of_the_page_is_a_sum_over_the_ledger(books: None) -> None:
    watched()
    view = fund_view(RESIDENT, TODAY)
    long_ago, year = date(2000, 1, 1), date(2026, 1, 1)
    revenue = (Kind.INTEREST_REVENUE, Kind.SUBSIDY_CENTRAL)
    for each in view.standings:
        fund, area = each.fund, each.fund.area
        assert fund.revenue == summed(area, *revenue, since=year)
        assert fund.expenditure == -summed(area, Kind.BENEFIT_EXPENDITURE, since=year)
        every = (*revenue, Kind.BENEFIT_EXPENDITURE, Kind.POOLED_FUND)
        assert fund.balance == summed(area, *every, since=long_ago)
        due = (Kind.RECEIVABLE_CENTRAL, Kind.RECEIVABLE_COUNTY)
        assert fund.arrears == -summed(area, *due, since=long_ago)
        assert fund.levied == fund.allocated == 0
    assert [each.fund.area for each in view.standings] == [cast.HEFEI, cast.WUHU]
    assert view.total.balance == sum(each.fund.balance for each in view.standings)
    assert view.total.expenditure == 13_000 + 77 + 400


def test_levies_and_subsidies_of_the_page_are_sums_over_the_ledger(books: None) -> None:
    sides = (
        (cast.HEFEI, Kind.LEVY_EXPENDITURE, 50, 0), (cast.HEFEI, Kind.SPECIAL_FISCAL, 0, 50),
        (cast.ANHUI, Kind.ADJUSTMENT_DEPOSIT, 50, 0), (cast.ANHUI, Kind.ADJUSTMENT_FUND, 0, 50),
    )  # fmt: skip
    posting.post(
        key="levy", reason=Reason.LEVY_PAID, occurred_on=date(2026, 6, 1),
        sides=[
            posting.Side(area=area, kind=kind, debit=Decimal(debit), credit=Decimal(credit))
            for area, kind, debit, credit in sides
        ],
    )  # fmt: skip
    view = fund_view(RESIDENT, TODAY)
    year = date(2026, 1, 1)
    assert [each.fund.levied for each in view.standings] == [50, 0]
    assert view.total.levied == -summed(cast.HEFEI, Kind.LEVY_EXPENDITURE, since=year)
    fund = summed(cast.ANHUI, Kind.ADJUSTMENT_FUND, since=date(2000, 1, 1))
    assert view.of_province(Kind.ADJUSTMENT_FUND) == fund == 50
    assert view.subsidies(cast.HEFEI) == []
    found = {each.kind: each for each in view.subsidies(cast.WUHU)}
    for kind, each in found.items():
        lines = Line.objects.filter(account__area=cast.WUHU, account__kind=kind)
        sums = lines.aggregate(due=Sum("debit", default=0), received=Sum("credit", default=0))
        assert (each.due, each.received) == (sums["due"], sums["received"])
        assert each.arrears == sums["due"] - sums["received"]
    assert set(found) == {Kind.RECEIVABLE_CENTRAL, Kind.RECEIVABLE_COUNTY}


def test_allocations_and_the_reserve_of_the_page_are_sums_over_the_ledger(books: None) -> None:
    """Set apart in the province, used for 芜湖; and its own adjustment fund beside it."""
    settling.opening(cast.ANHUI, "900")
    kept = (Kind.ADJUSTMENT_FUND, Kind.RISK_RESERVE)
    paid = (Kind.ADJUSTMENT_FUND, Kind.ADJUSTMENT_DEPOSIT)
    got = (Kind.SPECIAL_FISCAL, Kind.ALLOCATION_REVENUE)
    for key, reason, moves in (
        ("kept", Reason.RESERVE_SET_ASIDE, [(cast.ANHUI, kept, 120)]),
        ("given", Reason.ALLOCATION_PAID, [(cast.ANHUI, paid, 70), (cast.WUHU, got, 70)]),
    ):
        posting.post(
            key=key, reason=reason, occurred_on=date(2026, 7, 1),
            sides=[
                posting.Side(area=area, kind=kind, debit=Decimal(debit), credit=Decimal(credit))
                for area, (taken, given), yuan in moves
                for kind, debit, credit in ((taken, yuan, 0), (given, 0, yuan))
            ],
        )  # fmt: skip
    view = fund_view(RESIDENT, TODAY)
    ever, year = date(2000, 1, 1), date(2026, 1, 1)
    allocated = {each.fund.area: each.fund.allocated for each in view.standings}
    assert allocated == {
        area: summed(area, Kind.ALLOCATION_REVENUE, since=year) for area in (cast.HEFEI, cast.WUHU)
    }
    assert view.total.allocated == allocated[cast.WUHU] == 70
    for kind, yuan in ((Kind.RISK_RESERVE, 120), (Kind.ADJUSTMENT_FUND, 900 - 120 - 70)):
        assert view.of_province(kind) == summed(cast.ANHUI, kind, since=ever) == yuan


def test_the_chart_of_the_months_is_the_ledger_month_by_month(books: None) -> None:
    for month in range(6, 12):
        watched(date(2026, month, 5))
    client = Client()
    client.force_login(Desk().maker)
    page = client.get(reverse("admin:fund_view"), {"area": f"{cast.HEFEI}"})
    chart = page.context["months_chart"]
    assert chart.axis == [f"2026-{month:02d}" for month in range(5, 11)]
    revenue, expenditure = chart.series
    for at, month in enumerate(range(5, 11)):
        lines = Line.objects.filter(
            account__area=cast.HEFEI, day__year=2026, day__month=month
        ).exclude(entry__reason=Reason.YEAR_CLOSED)
        came, went = (
            lines.filter(account__kind=kind).aggregate(
                sum=Sum("credit", default=0) - Sum("debit", default=0)
            )["sum"]
            for kind in (Kind.INTEREST_REVENUE, Kind.BENEFIT_EXPENDITURE)
        )
        assert (revenue.values[at], expenditure.values[at]) == (came / 10_000, -went / 10_000)
    row = next(each for each in page.context["rows"] if each["fund"].area == cast.HEFEI)
    until = date(2026, 10, 31)
    spent = Line.objects.filter(
        account__area=cast.HEFEI, account__kind=Kind.BENEFIT_EXPENDITURE,
        day__range=(date(2025, 11, 1), until),
    ).exclude(entry__reason=Reason.YEAR_CLOSED)  # fmt: skip
    a_month = spent.aggregate(debit=Sum("debit"))["debit"] / 12
    held = sum(
        (
            line.credit - line.debit
            for line in Line.objects.filter(
                account__area=cast.HEFEI, day__lte=until,
                account__kind__in=(
                    Kind.INTEREST_REVENUE, Kind.BENEFIT_EXPENDITURE, Kind.POOLED_FUND
                ),
            )
        ),
        Decimal(0),
    )  # fmt: skip
    assert row["covered"] == f"{held / a_month:.2f}"


def test_the_page_leads_to_accounts_and_to_a_warning(
    books: None, django_assert_max_num_queries: Any
) -> None:
    watched()
    desk = Desk()
    client = Client()
    client.force_login(desk.maker)
    page = reverse("admin:fund_view")
    client.get(page)
    with django_assert_max_num_queries(15):
        answer = client.get(page, {"area": f"{cast.WUHU}"})
    body = answer.content.decode()
    assert "40.00%" in body
    assert "30.00%" in body
    assert f"{reverse('admin:trial_balance')}?book={cast.WUHU}&amp;scheme=1" in body
    assert [year.year for year in answer.context["expected"].years] == [2026, 2027, 2028, 2029]
    serious = next(each["reading"] for each in answer.context["alarms"] if each["name"] == "芜湖")
    add = f"{reverse('admin:funds_riskwarning_add')}?reading={serious.pk}"
    assert add in body
    form = {
        "request_key": str(uuid.uuid4()), "reading": f"{serious.pk}", "plan": "函告县财政",
        "responsible": "李岚", "act_by": "2026-12-20", "reason": "",
    }  # fmt: skip
    assert client.post(add, form).status_code == 302
    warning = RiskWarning.objects.get()
    assert (
        reverse("admin:funds_riskwarning_change", args=[warning.pk])
        in client.get(page).content.decode()
    )
