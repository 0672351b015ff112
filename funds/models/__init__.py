"""Where the money is."""

from funds.models.budget import (
    Budget,
    BudgetAdjustment,
    BudgetGoal,
    BudgetLine,
    BudgetPart,
    CountyBudget,
    GoalScore,
)
from funds.models.chart import AccountKind, Kind, Reason, ReasonSide
from funds.models.county_plan import CountyPlan, CountyReceipt
from funds.models.ledger import Account, AccountDay, AccountTotal, Entry, Line
from funds.models.movement import FundMovement, Level
from funds.models.period import PeriodClose
from funds.models.report import Report
from funds.models.risk import FundMonth, RiskReading, RiskWarning
from funds.models.settlement import GapCause, SettlementLine, SettlementSheet
from funds.models.source import SourcePosting

__all__ = [
    "Account",
    "AccountDay",
    "AccountKind",
    "AccountTotal",
    "Budget",
    "BudgetAdjustment",
    "BudgetGoal",
    "BudgetLine",
    "BudgetPart",
    "CountyBudget",
    "CountyPlan",
    "CountyReceipt",
    "Entry",
    "FundMonth",
    "FundMovement",
    "GapCause",
    "GoalScore",
    "Kind",
    "Level",
    "Line",
    "PeriodClose",
    "Reason",
    "ReasonSide",
    "Report",
    "RiskReading",
    "RiskWarning",
    "SettlementLine",
    "SettlementSheet",
    "SourcePosting",
]
