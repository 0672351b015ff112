"""Those who budget: a city's fund officer, the checker, the approver; and what they write."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from enrollment.models import Case, Person
from enrollment.selectors.cases import shown_digest_of, whole_case
from enrollment.services import cases
from funds.models import Budget, BudgetAdjustment, CountyPlan
from funds.services import budget_adjustments, budgets, county_plans
from tests import cast

RESIDENT = Person.Scheme.RESIDENT
Drivers = Mapping[str, Mapping[str, Any]]


class Desk:
    """The officers of the province, who reach every city."""

    def __init__(self) -> None:
        self.maker = cast.officer("Fund officer", "zhao", "赵文清")
        self.checker = cast.officer("Checker", "xu", "许文静")
        self.approver = cast.officer("Approver", "chen", "陈立群")

    def draft(
        self, area: int = cast.HEFEI, *, of: int = 2027, opening: str = "5", **says: Any
    ) -> Budget:
        made = budgets.open_budget(
            maker=self.maker, region_id=area, year=of, scheme=RESIDENT,
            opening=Decimal(opening), **says,
        )  # fmt: skip
        return budgets.whole(made)

    def fill(self, budget: Case, lines: Drivers) -> Budget:
        done = budgets.record_lines(
            case=budget, user=self.maker, expected_version=whole_case(budget.pk).version,
            lines=lines,
        )  # fmt: skip
        return budgets.whole(done)

    def give(self, budget: Case, amounts: Mapping[int, str]) -> None:
        budgets.record_counties(
            case=budget, user=self.maker, expected_version=whole_case(budget.pk).version,
            amounts={county: Decimal(amount) for county, amount in amounts.items()},
        )  # fmt: skip

    def of_two(self, area: int, revenue: str, expenditure: str, **says: Any) -> Budget:
        """A budget of two lines."""
        return self.fill(self.draft(area, **says), plain(revenue, expenditure))

    def sign(self, budget: Case) -> Case:
        """From the maker through both levels to an approval."""
        cases.submit_case(case=budget, user=self.maker)
        cases.approve_case(case=budget, checker=self.checker, shown_digest=shown(budget))
        return cases.confirm_case(case=budget, checker=self.approver, shown_digest=shown(budget))

    def approve(
        self, budget: Case, on: date = date(2026, 12, 20), document: str = "合政秘〔2026〕81号"
    ) -> Budget:
        """Into effect, by the document of the government."""
        done = cases.put_into_effect(
            case=self.sign(budget), user=self.approver, approval_document=document, approved_on=on
        )
        return budgets.whole(done)

    def adjust(self, budget: Budget, lines: Drivers, **says: Any) -> BudgetAdjustment:
        made = budget_adjustments.open_adjustment(
            maker=self.maker, adjusts=budget,
            **{"cause": "突发疫情救治", "approvals": ["city_msb", "city_finance"], **says},
        )  # fmt: skip
        self.fill(made, lines)
        return BudgetAdjustment.objects.get(pk=made.pk)

    def plan(self, county: int, amount: str, month: int = 1, of: int = 2027) -> CountyPlan:
        made = county_plans.open_plan(
            maker=self.maker, region_id=county, month=date(of, month, 1), scheme=RESIDENT,
            amount=Decimal(amount),
        )  # fmt: skip
        return CountyPlan.objects.get(pk=made.pk)

    def review(self, plan: Case) -> Case:
        cases.submit_case(case=plan, user=self.maker)
        return cases.approve_case(case=plan, checker=self.checker, shown_digest=shown(plan))

    def transfer(self, plan: Case) -> CountyPlan:
        cases.put_into_effect(case=self.review(plan), user=self.approver)
        return CountyPlan.objects.get(pk=plan.pk)


def plain(revenue: str, expenditure: str) -> Drivers:
    """Two lines written with their basis."""
    return {
        "allocation_revenue": {"other": Decimal(revenue), "note": "测算表"},
        "benefit_expenditure": {"other": Decimal(expenditure), "note": "测算表"},
    }


def shown(case: Case) -> str:
    return shown_digest_of(whole_case(case.pk))
