"""The path of the money: what moves with each reason, and the close of a year.

鄂政办发〔2020〕9号 三（五）: contributions by the treasury to the city's special fiscal account,
fiscal subsidies of all levels into it, medical assistance paying for those whom it subsidises, from
there to the city's and the counties' expenditure accounts, and on to providers and people.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from enrollment.models import Case, Person
from enrollment.rules.money import ZERO
from enrollment.rules.regions import pooling_area_of
from funds import posting
from funds.models import AccountKind, Entry, Kind, Level, Reason
from funds.models.movement import HOLDINGS
from funds.selectors.accounts import Balance, accounts_between

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
    # From the province's books into those of a city: each balances by itself.
    Reason.RESERVE_USED: (
        (Kind.RISK_RESERVE, Kind.SPECIAL_FISCAL),
        (Kind.ADJUSTMENT_DEPOSIT, Kind.ALLOCATION_REVENUE),
    ),
}


def moved_by(reason: Reason, level: Level | None = None, holding: Kind | None = None) -> Kinds:
    """The kinds that a reason debits and credits; `holding` is the account that it leaves open.

    Raises KeyError for what the path has not.
    """
    if reason == Reason.SUBSIDY_DUE and level is not None:
        return (Kind(f"receivable_{level.value}"),), (Kind.SUBSIDIES_DUE,)
    if reason == Reason.SUBSIDY_RECEIVED and level is not None:
        return (
            (Kind.SPECIAL_FISCAL, Kind.SUBSIDIES_DUE),
            (Kind(f"subsidy_{level.value}"), Kind(f"receivable_{level.value}")),
        )
    if holding is not None:
        other = HOLDINGS[reason][holding]
        # Money that goes out leaves the account, and a reserve is no deposit but lies in one.
        goes_out = reason == Reason.BENEFIT_PAID or holding == Kind.RISK_RESERVE
        return ((other,), (holding,)) if goes_out else ((holding,), (other,))
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
    holding: Kind | None = None,
    case: Case | None = None,
) -> Entry:
    """Post one move of the money path; `amount` in yuan, `level` for fiscal subsidies, `holding`
    where the reason leaves an account open.

    Raises as `posting.post`: nothing is paid that an account does not hold, no subsidy is received
    that is not due.
    """
    debited, credited = moved_by(reason, level, holding)
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


def year_result(*, area: int, scheme: Person.Scheme, year: int) -> tuple[Decimal, Decimal]:
    """Revenue and expenditure of a year that are not carried into the balance yet, in yuan.

    What medical assistance paid is its own spending and none of the fund.
    """
    sums = {AccountKind.Element.REVENUE: ZERO, AccountKind.Element.EXPENDITURE: ZERO}
    for each in _results(area, scheme, year):
        if each.kind != Kind.ASSISTANCE_EXPENDITURE:
            sums[AccountKind.Element(each.element)] += each.standing
    return sums[AccountKind.Element.REVENUE], sums[AccountKind.Element.EXPENDITURE]


def _results(area: int, scheme: Person.Scheme, year: int) -> list[Balance]:
    """The accounts of revenue and expenditure of a year, as they stand on its last day."""
    book, first, last = pooling_area_of(area), date(year, 1, 1), date(year, 12, 31)
    elements = {AccountKind.Element.REVENUE, AccountKind.Element.EXPENDITURE}
    found = accounts_between(first, last, book=book, scheme=int(scheme))
    return [each for each in found if each.element in elements and each.closing]


def close_year(
    *, area: int, scheme: Person.Scheme, year: int, case: Case | None = None
) -> Entry | None:
    """Carry revenue and expenditure of a year into the balance of the fund (年终结转).

    On its last day; what medical assistance paid goes to its own balance. None where there was
    neither. Raises Overdrawn where the fund would end below zero: no cumulative deficit
    (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）).
    """
    book = pooling_area_of(area)
    sides: list[posting.Side] = []
    carried = {Kind.POOLED_FUND: ZERO, Kind.ASSISTANCE_BALANCE: ZERO}
    for each in _results(area, scheme, year):
        own = each.kind == Kind.ASSISTANCE_EXPENDITURE
        carried[Kind.ASSISTANCE_BALANCE if own else Kind.POOLED_FUND] -= each.closing
        sides += _side(book, Kind(each.kind), -each.closing, scheme)
    if not sides:
        return None
    for kind, amount in carried.items():
        sides += _side(book, kind, -amount, scheme)
    return posting.post(
        key=f"movement:{case.pk}" if case else f"year:{book}:{int(scheme)}:{year}",
        reason=Reason.YEAR_CLOSED,
        occurred_on=date(year, 12, 31),
        sides=sides,
        case=case,
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
