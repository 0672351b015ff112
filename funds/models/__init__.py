"""Where the money is."""

from funds.models.chart import AccountKind, Kind, Reason, ReasonSide
from funds.models.ledger import Account, AccountDay, AccountTotal, Entry, Line
from funds.models.movement import FundMovement, Level
from funds.models.period import PeriodClose
from funds.models.settlement import GapCause, SettlementLine, SettlementSheet
from funds.models.source import SourcePosting

__all__ = [
    "Account",
    "AccountDay",
    "AccountKind",
    "AccountTotal",
    "Entry",
    "FundMovement",
    "GapCause",
    "Kind",
    "Level",
    "Line",
    "PeriodClose",
    "Reason",
    "ReasonSide",
    "SettlementLine",
    "SettlementSheet",
    "SourcePosting",
]
