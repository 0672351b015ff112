"""The path of the money: what moves with each reason, and the close of a year.

鄂政办发〔2020〕9号 三（五）: contributions by the treasury to the city's special fiscal account,
fiscal subsidies of all levels into it, medical assistance paying for those whom it subsidises, from
there to the city's and the counties' expenditure accounts, and on to providers and people.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from enrollment.models import Case, Person
from enrollment.rules.money import ZERO
from enrollment.rules.regions import pooling_area_of
from funds import posting
from funds.models import AccountKind, Entry, Kind, Reason
from funds.selectors.accounts import accounts_between


class Level(StrEnum):
    """Who owes a fiscal subsidy."""

    CENTRAL = "central"
    PROVINCIAL = "provincial"
    CITY = "city"
    COUNTY = "county"


Kinds = tuple[tuple[Kind, ...], tuple[Kind, ...]]
# Each with the same amount: what is debited, what is credited.
MOVES: dict[Reason, Kinds] = {
    Reason.TREASURY_PAID_OVER: ((Kind.SPECIAL_FISCAL,), (Kind.TREASURY_IN_TRANSIT,)),
    Reason.ASSISTANCE_FUNDED: ((Kind.ASSISTANCE_DEPOSIT,), (Kind.ASSISTANCE_BALANCE,)),
    # Its deposit goes over, its own spending is kept, and what it owed for people is settled.
    Reason.ASSISTANCE_PAID: (
        (Kind.SPECIAL_FISCAL, Kind.ASSISTANCE_EXPENDITURE, Kind.SUBSIDIES_DUE),
        (Kind.ASSISTANCE_DEPOSIT, Kind.ASSISTANCE_CONTRIBUTIONS, Kind.RECEIVABLE_ASSISTANCE),
    ),
    Reason.SPONSOR_PAID: (
        (Kind.SPECIAL_FISCAL, Kind.SUBSIDIES_DUE),
        (Kind.SPONSOR_CONTRIBUTIONS, Kind.RECEIVABLE_SPONSORS),
    ),
    Reason.DRAWN: ((Kind.EXPENDITURE_CITY,), (Kind.SPECIAL_FISCAL,)),
    Reason.COUNTY_FUNDED: ((Kind.EXPENDITURE_COUNTY,), (Kind.EXPENDITURE_CITY,)),
    Reason.COUNTY_RETURNED: ((Kind.EXPENDITURE_CITY,), (Kind.EXPENDITURE_COUNTY,)),
    Reason.BENEFIT_PAID: ((Kind.BENEFIT_EXPENDITURE,), (Kind.EXPENDITURE_COUNTY,)),
    Reason.BENEFIT_RECOVERED: ((Kind.EXPENDITURE_COUNTY,), (Kind.BENEFIT_EXPENDITURE,)),
    Reason.REFUND_PAID: ((Kind.REFUNDS_PAYABLE,), (Kind.EXPENDITURE_CITY,)),
    Reason.INTEREST_RECEIVED: ((Kind.SPECIAL_FISCAL,), (Kind.INTEREST_REVENUE,)),
    # Out of the spending of the fund: the government covers it, the balance does not.
    # 川办发〔2023〕38号 二（四）
    Reason.VIOLATION_FOUND: ((Kind.RECEIVABLE_VIOLATION,), (Kind.BENEFIT_EXPENDITURE,)),
    Reason.VIOLATION_COVERED: ((Kind.SPECIAL_FISCAL,), (Kind.RECEIVABLE_VIOLATION,)),
}


def moved_by(reason: Reason, level: Level | None = None) -> Kinds:
    """The kinds that a reason debits and credits. Raises KeyError for what the path has not."""
    if reason == Reason.SUBSIDY_DUE and level is not None:
        return (Kind(f"receivable_{level}"),), (Kind.SUBSIDIES_DUE,)
    if reason == Reason.SUBSIDY_RECEIVED and level is not None:
        return (
            (Kind.SPECIAL_FISCAL, Kind.SUBSIDIES_DUE),
            (Kind(f"subsidy_{level}"), Kind(f"receivable_{level}")),
        )
    return MOVES[reason]


def move(
    *,
    reason: Reason,
    area: int,
    amount: Decimal,
    on: date,
    key: str,
    scheme: Person.Scheme = Person.Scheme.RESIDENT,
    level: Level | None = None,
    case: Case | None = None,
) -> Entry:
    """Post one move of the money path; `amount` in yuan, `level` for fiscal subsidies.

    Raises as `posting.post`: nothing is paid that an account does not hold, no subsidy is received
    that is not due.
    """
    debited, credited = moved_by(reason, level)
    return posting.post(
        key=key,
        reason=reason,
        occurred_on=on,
        sides=[
            *(posting.Side(area=area, kind=kind, debit=amount, scheme=scheme) for kind in debited),
            *(
                posting.Side(area=area, kind=kind, credit=amount, scheme=scheme)
                for kind in credited
            ),
        ],
        case=case,
    )


def close_year(*, area: int, scheme: Person.Scheme, year: int) -> Entry | None:
    """Carry revenue and expenditure of a year into the balance of the fund (年终结转).

    On its last day; what medical assistance paid goes to its own balance. None where there was
    neither. Raises Overdrawn where the fund would end below zero: no cumulative deficit
    (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）).
    """
    last = date(year, 12, 31)
    book = pooling_area_of(area)
    found = accounts_between(date(year, 1, 1), last, book=book, scheme=int(scheme))
    sides: list[posting.Side] = []
    carried = {Kind.POOLED_FUND: ZERO, Kind.ASSISTANCE_BALANCE: ZERO}
    for each in found:
        if each.element not in {AccountKind.Element.REVENUE, AccountKind.Element.EXPENDITURE}:
            continue
        own = each.kind == Kind.ASSISTANCE_EXPENDITURE
        carried[Kind.ASSISTANCE_BALANCE if own else Kind.POOLED_FUND] -= each.closing
        sides += _side(book, Kind(each.kind), -each.closing, scheme)
    if not sides:
        return None
    for kind, amount in carried.items():
        sides += _side(book, kind, -amount, scheme)
    return posting.post(
        key=f"year:{book}:{int(scheme)}:{year}",
        reason=Reason.YEAR_CLOSED,
        occurred_on=last,
        sides=sides,
    )


def _side(area: int, kind: Kind, amount: Decimal, scheme: Person.Scheme) -> Sequence[posting.Side]:
    """Nothing for nothing; above zero a debit, below a credit."""
    if not amount:
        return ()
    return (
        posting.Side(
            area=area,
            kind=kind,
            debit=max(amount, ZERO),
            credit=max(-amount, ZERO),
            scheme=scheme,
        ),
    )
