"""Declaration of the app to Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundsConfig(AppConfig):
    name = "funds"
    verbose_name = _("Funds")

    def ready(self) -> None:
        from enrollment.declarations import case_kinds, change_takers, checks
        from funds import annual
        from funds.selectors.checks import CHECKS
        from funds.services import (
            budget_adjustments,
            budgets,
            county_plans,
            fund_movements,
            repairs,
            risk_warnings,
            settlements,
        )

        annual.declare()
        case_kinds.add(settlements.KIND)
        case_kinds.add(fund_movements.KIND)
        case_kinds.add(budgets.KIND)
        case_kinds.add(budget_adjustments.KIND)
        case_kinds.add(county_plans.KIND)
        case_kinds.add(risk_warnings.KIND)
        change_takers.add(repairs.TAKER)
        for check in CHECKS:
            checks.add(check)
