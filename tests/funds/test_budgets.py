"""Budgets: worked cases through the case kind, lines, roll-up, adjustments, what is refused."""

import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from enrollment.admin.cases import page_of
from enrollment.models import Case, Region
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import Budget, BudgetLine, GoalScore, Kind, Line
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import by_reason, executions
from funds.selectors.checks import CHECKS
from funds.services import (
    budget_adjustments,
    budget_figures,
    budget_scores,
    budgets,
    county_plans,
    movements,
)
from funds.services.budget_scores import Score
from tests import cast
from tests.funds.budgeting import RESIDENT, Desk, plain, shown
from tests.funds.settling import Reason, opening, received
from tests.funds.test_risk import spent

CASES = json.loads((Path(__file__).parents[1] / "rules" / "cases.json").read_text())["cases"]
BUDGETS = [case for case in CASES if case["group"] == "budget"]


@pytest.fixture(autouse=True)
def december(db: None) -> Iterator[None]:
    cast.law()
    with business_date_is(date(2026, 12, 28)):
        yield


@pytest.fixture
def desk() -> Desk:
    return Desk()


def outcome(desk: Desk, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the case kinds answer to the inputs of a worked case."""
    if "plan" in inputs:
        return planned(desk, inputs)
    if "adjustment" in inputs:
        return adjusted(desk, inputs)
    budget = desk.of_two(
        cast.HEFEI, inputs["revenue"], inputs["expenditure"], opening=inputs["opening"]
    )
    found = budgets.assessed(budget)
    return {
        "closing": str(found.closing),
        "current_deficit": refusal(desk, budget) == "current_deficit",
        "allowed": refusal(desk, budget) == "",
        "allowed_with_exception": excepted(desk, budget) == "",
    }


def refusal(desk: Desk, case: Case) -> str:
    """The name of what keeps a case from being submitted; nothing of the attempt stays."""
    with transaction.atomic():
        try:
            cases.submit_case(case=case, user=desk.maker)
        except Refused as refused:
            return refused.name
        finally:
            transaction.set_rollback(True)
    return ""


def excepted(desk: Desk, budget: Budget) -> str:
    changed = budgets.change_budget(
        case=budget, user=desk.maker, expected_version=budget.version,
        exception_document="皖医保秘〔2026〕40号", exception_clause="第二条",
    )  # fmt: skip
    return refusal(desk, changed)


def planned(desk: Desk, inputs: dict[str, Any]) -> dict[str, Any]:
    opening(cast.HEFEI, "1000")
    budget = desk.of_two(cast.HEFEI, "1000", "1000")
    desk.give(budget, {cast.SHUSHAN: inputs["approved"]})
    desk.approve(budget)
    drawn("500")
    with business_date_is(date(2027, 1, 5)):
        desk.transfer(desk.plan(cast.SHUSHAN, inputs["disbursed"]))
        try:
            desk.plan(cast.SHUSHAN, inputs["plan"], month=2)
        except Refused as refused:
            return {"payable": False, "error": refused.name}
    return {"payable": True}


def adjusted(desk: Desk, inputs: dict[str, Any]) -> dict[str, Any]:
    budget = desk.approve(desk.of_two(cast.HEFEI, "100", "50"))
    more = Decimal(50) + Decimal(inputs["adjustment"])
    adjustment = desk.adjust(budget, plain("100", str(more)), approvals=inputs["approvals"])
    try:
        desk.approve(adjustment, document="")
    except Refused as refused:
        return {"error": refused.name, **refused.details}
    return {}


def violations(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def drawn(amount: str) -> None:
    """Money of the city on its expenditure account."""
    movements.move(
        reason=Reason.DRAWN, area=cast.HEFEI, amount=Decimal(amount), on=date(2026, 12, 28),
        key=f"drawn:{amount}",
    )  # fmt: skip


@pytest.mark.parametrize("case", BUDGETS, ids=lambda case: str(case["id"]))
def test_the_worked_cases_come_out_of_the_case_kinds(desk: Desk, case: dict[str, Any]) -> None:
    found = outcome(desk, case["inputs"])
    for key, value in case["expected"].items():
        if isinstance(value, str) and value.isdigit():
            assert Decimal(found[key]) == Decimal(value)
        else:
            assert found[key] == value, key


def test_a_year_is_budgeted_from_its_drivers_line_by_line(desk: Desk) -> None:
    budget = desk.draft(opening="1250000000")
    budget = desk.fill(
        budget,
        {
            "contribution_revenue": {
                "heads": 5200000, "standard": Decimal(400), "rate": Decimal("0.985"),
            },
            "subsidy_central": {"heads": 5200000, "standard": Decimal(402)},
            "interest_revenue": {"standard": Decimal(1250000000), "rate": Decimal("0.0135")},
            "benefit_expenditure": {
                "standard": Decimal(3600000000), "growth": Decimal("0.05"),
                "ageing": Decimal("0.012"), "policy_change": Decimal(30000000),
                "cost_control": Decimal(45000000),
            },
            "major_illness_expenditure": {"heads": 5200000, "standard": Decimal(60)},
        },
    )  # fmt: skip
    amounts = {line.item: line.amount for line in budget.lines.all() if line.amount}
    assert amounts == {
        "contribution_revenue": Decimal("2048800000.00"),
        "subsidy_central": Decimal("2090400000.00"),
        "interest_revenue": Decimal("16875000.00"),
        "benefit_expenditure": Decimal("3808200000.00"),
        "major_illness_expenditure": Decimal("312000000.00"),
    }
    assert (budget.revenue, budget.expenditure) == (
        Decimal("4156075000.00"), Decimal("4120200000.00"),
    )  # fmt: skip
    with pytest.raises(budget_figures.LinesRefused) as refused:
        desk.fill(
            budget,
            {
                "subsidy_city": {"heads": 5200000},
                "levy_expenditure": {"other": Decimal(-1), "note": ""},
                "benefit_expenditure": {"other": Decimal(-4000000000), "note": "x"},
            },
        )
    assert [*refused.value.lines] == ["subsidy_city", "levy_expenditure", "benefit_expenditure"]
    assert "标准或基数" in refused.value.lines["subsidy_city"]
    budget.refresh_from_db()
    assert budget.expenditure == Decimal("4120200000.00")


def test_the_next_year_begins_with_this_one_and_the_spending_of_the_ledger(desk: Desk) -> None:
    desk.approve(desk.of_two(cast.HEFEI, "100", "90", of=2026, opening="0"))
    opening(cast.HEFEI, "500")
    drawn("80")
    for reason in (Reason.COUNTY_FUNDED, Reason.BENEFIT_PAID):
        movements.move(
            reason=reason, area=cast.SHUSHAN, amount=Decimal(71), on=date(2026, 12, 28), key=reason
        )
    later = desk.draft()
    assert later.lines.get(item="benefit_expenditure").standard == Decimal(71)
    assert (later.revenue, later.expenditure) == (100, 90)


def test_the_province_budgets_the_sum_of_its_cities_and_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Region.objects.filter(pk__in=(cast.HEFEI, cast.WUHU)).order_by("code")
    monkeypatch.setattr(reads, "cities_of", lambda _province: two)
    province = desk.draft(cast.ANHUI)
    assert refusal(desk, province) == "nothing_budgeted"
    made = [desk.approve(desk.of_two(cast.HEFEI, "100", "90"))]
    province = budgets.whole(
        budgets.sum_again(case=province, user=desk.maker, expected_version=province.version)
    )
    assert refusal(desk, province) == "cities_missing"
    made.append(desk.approve(desk.of_two(cast.WUHU, "100", "90")))
    province = budgets.whole(
        budgets.sum_again(case=province, user=desk.maker, expected_version=province.version)
    )
    assert (province.opening, province.revenue, province.expenditure) == (
        5 * len(made), 100 * len(made), 90 * len(made),
    )  # fmt: skip
    adjustment = desk.adjust(made[0], plain("100", "95"))
    desk.approve(adjustment)
    assert refusal(desk, province) == "roll_up_outdated"
    with pytest.raises(budget_figures.ProvinceIsSummed):
        desk.fill(province, plain("1", "1"))
    province = budgets.whole(
        budgets.sum_again(case=province, user=desk.maker, expected_version=province.version)
    )
    province = desk.approve(province, document="皖政秘〔2026〕90号")
    assert {part.pk for part in reads.parts_of(province)} >= {adjustment.pk}
    with pytest.raises(budgets.WholeStands):
        cases.reverse_case(case=made[1], user=desk.checker, reason="错误")
    (check,) = (each for each in CHECKS if each.name.startswith("province_budgets"))
    assert violations(check.sql) == []
    with connection.cursor() as cursor:  # what only the owner can do, past the triggers
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE budget_line DISABLE TRIGGER lines_are_fixed")
        cursor.execute("UPDATE budget_line SET amount = 94 WHERE budget_id = %s AND amount = 95",
                       [adjustment.pk])  # fmt: skip
    assert [row[1:] for row in violations(check.sql)] == [("benefit_expenditure", 185, 184)]


def test_an_adjustment_is_dated_and_what_was_before_remains(desk: Desk) -> None:
    budget = desk.approve(desk.of_two(cast.HEFEI, "100", "90"))
    same = desk.adjust(budget, {})
    assert refusal(desk, same) == "adjustment_zero"
    with pytest.raises(budget_adjustments.AdjustedAlready):
        desk.adjust(budget, {})
    desk.fill(same, plain("100", "99"))
    with business_date_is(date(2027, 6, 20)):
        adjusted = desk.approve(same, on=date(2027, 6, 18), document="合政秘〔2027〕40号")
    before = reads.budget_in_force(cast.HEFEI, 2027, RESIDENT, date(2027, 6, 17))
    after = reads.budget_in_force(cast.HEFEI, 2027, RESIDENT, date(2027, 6, 18))
    assert [each.pk for each in (before, after) if each] == [budget.pk, adjusted.pk]
    assert (before.expenditure, after.expenditure) == (90, 99)  # type: ignore[union-attr]
    with pytest.raises(budgets.AdjustmentStands):
        cases.reverse_case(case=budget, user=desk.checker, reason="错误")


def test_execution_is_what_the_ledger_says_also_after_the_year_was_closed(desk: Desk) -> None:
    budget = desk.fill(
        desk.draft(opening="500"),
        {
            "contribution_revenue": {
                "heads": 2, "standard": Decimal(400), "rate": Decimal("0.5"),
            },
            **plain("0", "300"),
        },
    )  # fmt: skip
    budget = desk.approve(budget)
    opening(cast.HEFEI, "500")
    drawn("200")
    with business_date_is(date(2027, 12, 31)):
        received(2027, RESIDENT, {cast.HEFEI: Decimal(360)})
        for reason in (Reason.COUNTY_FUNDED, Reason.BENEFIT_PAID):
            movements.move(
                reason=reason, area=cast.SHUSHAN, amount=Decimal(150), on=date(2027, 6, 30),
                key=f"{reason}:6",
            )  # fmt: skip
        (half,) = executions([budget], date(2027, 7, 1))
        movements.close_year(area=cast.HEFEI, scheme=RESIDENT, year=2027)
        (whole,) = executions([budget], date(2028, 2, 1))
    done = [(each.revenue.done, each.expenditure.done) for each in (half, whole)]
    assert done == [(Decimal(0), Decimal(150)), (Decimal(360), Decimal(150))]
    assert (whole.revenue.share, whole.expenditure.share) == (Decimal("0.9"), Decimal("0.5"))
    assert whole.time_share == 1
    reasons = by_reason(
        [cast.HEFEI], RESIDENT, "benefit_expenditure", date(2027, 1, 1), date(2027, 12, 31)
    )
    assert reasons == [("benefit_paid", 1, Decimal(150))]


def test_the_page_of_execution_is_a_sum_over_the_ledger(desk: Desk) -> None:
    """Each city's budget in force against the lines of its own accounts, and both together."""
    cities = {cast.HEFEI: ("1000", "800"), cast.WUHU: ("400", "300")}
    for area, (revenue, expenditure) in cities.items():
        desk.approve(desk.of_two(area, revenue, expenditure))
        opening(area, "5000")
    for area, yuan, month in ((cast.HEFEI, 250, 3), (cast.HEFEI, 125, 7), (cast.WUHU, 60, 5)):
        spent(f"{area}:{month}", date(2027, month, 1), area, yuan)
    client = Client()
    client.force_login(desk.maker)
    page = reverse("admin:budget_execution")
    answer = client.get(page, {"year": "2027", "on": "2027-06-30"})
    found = {}
    for _address, _name, _version, each in answer.context["rows"]:
        area = each.budget.region_id
        lines = Line.objects.filter(
            account__book=area, account__kind=Kind.BENEFIT_EXPENDITURE,
            day__range=(date(2027, 1, 1), date(2027, 6, 30)),
        )  # fmt: skip
        found[area] = lines.aggregate(debit=Sum("debit"))["debit"]
        budgeted = tuple(map(Decimal, cities[area]))
        assert (each.revenue.budgeted, each.expenditure.budgeted) == budgeted
        assert (each.revenue.done, each.expenditure.done) == (0, found[area])
        assert each.expenditure.share == found[area] / budgeted[1]
    assert found == {cast.HEFEI: 250, cast.WUHU: 60}
    revenue, expenditure = answer.context["total"]
    assert (revenue.budgeted, revenue.done) == (1_400, 0)
    assert (expenditure.budgeted, expenditure.done) == (1_100, sum(found.values()))
    assert [value for _name, value in answer.context["scope"]] == ["居民医保", "2027", "2027-06-30"]
    # 181 / 365 is 49.589 in a hundred: shares are cut, as in the reports
    assert answer.context["time_share"] == "49.58%"
    assert "28.18%" in answer.content.decode()


def test_the_sheet_leaves_as_a_file_with_its_months_of_balance(desk: Desk) -> None:
    budget = desk.of_two(cast.HEFEI, "100", "100", opening="50")
    client = Client()
    client.force_login(desk.maker)
    address = reverse("admin:funds_budget_export", args=[budget.pk])
    scope = client.get(page_of(budget)).context["scope"]
    assert [value for _name, value in scope][:3] == ["合肥市", "居民医保", "2027"]
    rows = list(load_workbook(io.BytesIO(client.get(f"{address}?as=xlsx").content)).active.values)
    closing = next(row for row in rows if row[0] == "年末累计结余")
    assert closing[:3] == ("年末累计结余", "可支付 6.00 个月，处于合理区间", 50)
    text = client.get(address).content.decode("utf-8-sig")
    assert "年末累计结余,可支付 6.00 个月，处于合理区间,50.00\r\n" in text


def test_goals_make_a_hundred_points_and_scores_are_appended(desk: Desk) -> None:
    budget = desk.of_two(cast.HEFEI, "100", "90")
    goals = [("参保率", "不低于95%", 60), ("基金结余可支付月数", "6至9个月", 30)]
    with pytest.raises(budgets.PointsAbove):
        budgets.record_goals(
            case=budget, user=desk.maker, expected_version=budget.version, goals=goals
        )
    goals.append(("费用增长率", "不高于5%", 10))
    budgets.record_goals(case=budget, user=desk.maker, expected_version=budget.version, goals=goals)
    budget = desk.approve(budget)
    first = budget.goals.earliest("pk")
    for score in ("70", "95"):
        budget_scores.record_scores(
            budget=budget, user=desk.maker, scored_on=date(2026, 12, 28),
            scores=[Score(first.pk, "95.4%", Decimal(score), "与下年预算挂钩")],
        )  # fmt: skip
    assert reads.goals_of(budget)[0].points == 57
    assert GoalScore.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        GoalScore.objects.update(score=100)


# The database, past every service ----------------------------------------------------------------


def raw(statement: str, *given: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)


SUBMIT = "UPDATE agency_case SET state = 'submitted' WHERE id = %s"


@pytest.mark.parametrize(
    ("revenue", "expenditure", "broken"),
    [("100", "106", "no_cumulative_deficit"),
     ("100", "104", "a_deficit_of_the_year_has_its_exception")],
)  # fmt: skip
def test_no_deficit_leaves_its_maker_by_raw_sql(
    desk: Desk, revenue: str, expenditure: str, broken: str
) -> None:
    budget = desk.of_two(cast.HEFEI, revenue, expenditure)
    with pytest.raises(IntegrityError, match=broken):
        raw(SUBMIT, budget.pk)
    raw("UPDATE budget SET expenditure = 0 WHERE case_ptr_id = %s", budget.pk)
    with pytest.raises(IntegrityError, match="a_budget_is_the_sum_of_its_lines"):
        raw(SUBMIT, budget.pk)


def test_an_exception_does_not_let_the_balance_end_below_zero(desk: Desk) -> None:
    budget = desk.of_two(cast.HEFEI, "100", "105.01")
    assert excepted(desk, budget) == "cumulative_deficit"
    with pytest.raises(IntegrityError, match="no_cumulative_deficit"):
        raw(SUBMIT, budget.pk)


def test_what_was_submitted_is_fixed(desk: Desk) -> None:
    budget = desk.of_two(cast.HEFEI, "100", "90")
    desk.give(budget, {cast.SHUSHAN: "60"})
    cases.submit_case(case=budget, user=desk.maker)
    for statement in (
        "UPDATE budget SET opening = 900 WHERE case_ptr_id = %s",
        "UPDATE budget_line SET amount = 0 WHERE budget_id = %s",
        "DELETE FROM budget_line WHERE budget_id = %s",
        "UPDATE county_budget SET amount = 61 WHERE budget_id = %s",
        "INSERT INTO budget_goal (budget_id, name, target, weight) VALUES (%s, 'x', 'y', 1)",
    ):
        with pytest.raises(IntegrityError, match="is fixed: it is submitted"):
            raw(statement, budget.pk)
    assert BudgetLine.objects.filter(budget=budget.pk, amount=90).exists()


def test_counties_are_given_no_more_than_the_benefits(desk: Desk) -> None:
    budget = desk.of_two(cast.HEFEI, "100", "90")
    with pytest.raises(budgets.CountiesAboveBudget):
        desk.give(budget, {cast.SHUSHAN: "60", cast.BAOHE: "30.01"})
    desk.give(budget, {cast.SHUSHAN: "60", cast.BAOHE: "30"})
    desk.approve(budget)
    opening(cast.HEFEI, "500")
    drawn("90")
    plan = desk.review(desk.plan(cast.SHUSHAN, "55"))
    adjustment = desk.adjust(budgets.whole(budget), plain("100", "80"))
    desk.give(adjustment, {cast.SHUSHAN: "50", cast.BAOHE: "30"})
    with pytest.raises(budgets.PlansAbove):
        desk.approve(adjustment)
    cases.withdraw_case(case=adjustment, user=desk.maker, reason="不再调整")
    with pytest.raises(budgets.PlansAbove):
        cases.reverse_case(case=budgets.whole(budget), user=desk.checker, reason="错误")
    cases.put_into_effect(case=plan, user=desk.approver)
    assert shown(plan) == plan.shown_digest
    left = reads.county_left(cast.SHUSHAN, RESIDENT, 2027)
    assert left == reads.CountyLeft(Decimal(60), Decimal(55))
    assert county_plans.KIND.undo is not None
