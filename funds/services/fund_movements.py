"""Fund movement (资金划拨), a kind of case: recorded by a fund officer, posted once approved.

鄂政办发〔2020〕9号 三（五）; 川办发〔2023〕38号 二（四）. What a purpose needs is asked for by
name, the form refuses what the books would refuse, and the books themselves decide. In effect a
movement has one entry; its reversal takes that back by another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, Person, Region, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.money import read_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.regions import CITY, pooling_area_of, province_of
from enrollment.selectors.calendar import business_date
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds import posting
from funds.models import (
    AccountKind,
    Entry,
    FundMovement,
    Kind,
    Level,
    Reason,
    SettlementSheet,
)
from funds.models.movement import HOLDINGS, OF_A_LEVEL, PURPOSES, RESIDENTS_ONLY
from funds.selectors.ledger import closed_month, lowest_since, receipts_wait
from funds.selectors.settlements import method_of
from funds.services import movements

NAME = "fund_movement"
SICHUAN = SettlementSheet.Method.SICHUAN
CITY_LEVEL = AccountKind.Level.POOLING_AREA
Chart = Mapping[str, AccountKind]  # the kinds that a movement moves
# The fields that some purposes ask for, and others leave empty.
ASKED_BY: Mapping[str, tuple[Reason, ...]] = {
    "level": OF_A_LEVEL,
    "holding": tuple(HOLDINGS),
    "receiver_id": (Reason.RESERVE_USED,),
    "event": (Reason.RESERVE_USED,),
    "evidence": (Reason.RESERVE_USED, Reason.VIOLATION_FOUND),
}
# Moves that no money of another backs: two levels answer for them.
BY_TWO = (Reason.RESERVE_USED, Reason.OPENING_BALANCE, Reason.YEAR_CLOSED)


class PurposeUnknown(Refused):
    message = gettext_noop("Money moves for a purpose of the list only: %(purpose)s is none.")
    field = "purpose"


class AmountMissing(Refused):
    message = gettext_noop("Give the amount: above zero, and below 1,000,000,000,000,000 yuan.")
    field = "amount"


class LevelMissing(Refused):
    message = gettext_noop("Say which level of government owes the subsidy.")
    field = "level"


class HoldingMissing(Refused):
    message = gettext_noop("Say which account it is: this purpose knows %(known)s.")
    field = "holding"


class AreaOfOtherLevel(Refused):
    message = gettext_noop("These accounts are kept by a %(level)s: choose one.")
    field = "region"


class ReceiverMissing(Refused):
    message = gettext_noop("Say which city receives the money.")
    field = "receiver"


class EventMissing(Refused):
    message = gettext_noop("The reserve is for sudden events only: say which.")
    field = "event"


class NoRiskReserve(Refused):
    message = gettext_noop("This province has no risk reserve.")
    field = "purpose"


class ForResidentsOnly(Refused):
    message = gettext_noop("Medical assistance and sponsors pay contributions of residents only.")
    field = "scheme"


class DocumentOfMoveMissing(Refused):
    message = gettext_noop("Name the document by which the money moves.")
    field = "document"


class ProofMissing(Refused):
    message = gettext_noop("Say what happened, and by what document that is known.")
    field = "evidence"


class NotYet(Refused):
    message = gettext_noop("%(day)s has not come yet.")
    field = "occurred_on"


class NotTheLastDay(Refused):
    message = gettext_noop("A year is closed on its 31 December.")
    field = "occurred_on"


class NothingToCarry(Refused):
    message = gettext_noop("This year has neither revenue nor expenditure to be carried.")
    field = "occurred_on"


class EarlierYearOpen(Refused):
    message = gettext_noop("%(year)s is not closed yet: it comes first.")
    field = "occurred_on"


class ReceiptsNotPosted(Refused):
    message = gettext_noop("Receipts of %(year)s are not posted yet: close the year afterwards.")
    field = "occurred_on"


class FiguresMoved(Refused):
    message = gettext_noop(
        "Revenue or expenditure changed since this was written: save it again with the figures "
        "of now."
    )


class BooksNotYours(Refused):
    message = gettext_noop("Your duty does not reach these books.")
    field = "region"


class MovementStays(Refused):
    message = gettext_noop("A movement stays in its area: open a new one for another.")
    field = "region"


def open_movement(
    *,
    maker: User,
    region_id: int,
    purpose: str,
    scheme: int,
    occurred_on: date,
    document: str,
    person: None = None,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft. What the purpose does not ask for is left out. Raises as `check`."""
    given = _asked(
        region_id,
        purpose=purpose,
        scheme=scheme,
        occurred_on=occurred_on,
        document=document,
        **says,
    )
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=None,
        region_id=region_id,
        year=occurred_on.year,
        request_key=request_key,
        **given,
    )


def change_movement(
    *,
    case: Case,
    user: User,
    expected_version: int,
    region_id: int,
    occurred_on: date,
    **says: Any,
) -> Case:
    """Let the maker change a draft; it stays in its area. Raises MovementStays, as `check` and
    `cases.change_case`."""
    if region_id != case.region_id:
        raise MovementStays
    return cases.change_case(
        case=case,
        user=user,
        expected_version=expected_version,
        year=occurred_on.year,
        **_asked(region_id, occurred_on=occurred_on, **says),
    )


def _asked(
    region: int, *, purpose: str, scheme: int, occurred_on: date, **says: Any
) -> dict[str, Any]:
    """What the purpose asks for of what was said; the close of a year brings its own figures.

    Raises PurposeUnknown, FinerThanCent, AmountMissing.
    """
    if purpose not in PURPOSES:
        raise PurposeUnknown(purpose=purpose)
    says |= {"purpose": purpose, "scheme": scheme, "occurred_on": occurred_on}
    says["document"] = says.get("document", "").strip()
    says["amount"] = None if purpose == Reason.YEAR_CLOSED else _yuan(says.get("amount"))
    for name, purposes in ASKED_BY.items():
        if purpose not in purposes:
            says[name] = None if name == "receiver_id" else ""
    says["revenue"] = says["expenditure"] = None
    if purpose == Reason.YEAR_CLOSED:
        says["revenue"], says["expenditure"] = movements.year_result(
            area=region, scheme=Person.Scheme(scheme), year=occurred_on.year
        )
    return says


def _yuan(amount: object) -> Decimal:
    try:
        return read_yuan(amount)
    except RuleRefused as error:
        if error.name == "money_finer_than_cent":
            raise posting.FinerThanCent from error
        raise AmountMissing from error


def check(case: Case) -> None:
    """The purpose has what it needs, the day can be posted, and the accounts hold the money.

    Raises the refusals of this module, PeriodClosed, Overdrawn.
    """
    move = _move(case)
    if move.purpose not in PURPOSES:
        raise PurposeUnknown(purpose=move.purpose)
    _check_words(move)
    chart = _chart(move)
    wanted = _level_of_books(chart)
    if not _is_of(move.region_id, wanted):
        raise AreaOfOtherLevel(level=AccountKind.Level(wanted).label)
    if move.occurred_on > business_date():
        raise NotYet(day=move.occurred_on)
    if move.purpose == Reason.YEAR_CLOSED:
        _check_year(move)
    for book in {pooling_area_of(_area_of(move, kind)) for kind in chart.values()}:
        if closed_month(book, move.occurred_on):
            raise posting.PeriodClosed(
                place=Region.objects.get(pk=book).name, month=f"{move.occurred_on:%Y-%m}"
            )
    _check_money(move, chart)


def _check_words(move: FundMovement) -> None:
    """What the purpose has to say. Raises as `check`."""
    purpose = Reason(move.purpose)
    if purpose != Reason.YEAR_CLOSED and not move.amount:
        raise AmountMissing
    if not move.document:
        raise DocumentOfMoveMissing
    if purpose in OF_A_LEVEL and move.level not in Level.values:
        raise LevelMissing
    if purpose in HOLDINGS and move.holding not in HOLDINGS[purpose]:
        raise HoldingMissing(known="、".join(str(kind.label) for kind in HOLDINGS[purpose]))
    if purpose in RESIDENTS_ONLY and move.scheme != Person.Scheme.RESIDENT:
        raise ForResidentsOnly
    if purpose in ASKED_BY["evidence"] and not move.evidence.strip():
        raise ProofMissing
    if purpose == Reason.RESERVE_USED or move.holding == Kind.RISK_RESERVE:
        _check_reserve(move)


def _check_reserve(move: FundMovement) -> None:
    """Only Sichuan has a risk reserve; it goes to a city, for a sudden event."""
    if method_of(settings.PROVINCE) != SICHUAN:
        raise NoRiskReserve
    if move.purpose == Reason.OPENING_BALANCE:
        return
    if move.receiver_id is None or not _is_of(move.receiver_id, CITY_LEVEL):
        raise ReceiverMissing
    if not move.event:
        raise EventMissing


def _check_year(move: FundMovement) -> None:
    """A year is closed once it is over, in order, with all its receipts and with these figures."""
    year, scheme = move.occurred_on.year, Person.Scheme(move.scheme)
    if (move.occurred_on.month, move.occurred_on.day) != (12, 31):
        raise NotTheLastDay
    if any(movements.year_result(area=move.region_id, scheme=scheme, year=year - 1)):
        raise EarlierYearOpen(year=year - 1)
    if receipts_wait(move.region_id, date(year, 1, 1), date(year, 12, 31)):
        raise ReceiptsNotPosted(year=year)
    now = movements.year_result(area=move.region_id, scheme=scheme, year=year)
    if not any(now):
        raise NothingToCarry
    if (move.revenue, move.expenditure) != now:
        raise FiguresMoved


def _check_money(move: FundMovement, chart: Chart) -> None:
    """What leaves an account is there, from that day until now. Raises Overdrawn."""
    if move.purpose == Reason.YEAR_CLOSED or move.amount is None:
        return
    debited, credited = _sides(move)
    for each in chart.values():
        leaves = credited if each.side == AccountKind.Side.DEBIT else debited
        if each.may_be_negative or each.kind not in leaves:
            continue
        area = _area_of(move, each)
        left = lowest_since(area, move.scheme, each.kind, move.occurred_on) - move.amount
        if left < 0:
            raise posting.Overdrawn(
                kind=each.kind,
                place=Region.objects.get(pk=area).name,
                balance=left,
                day=move.occurred_on,
            )


def _sides(move: FundMovement) -> movements.Kinds:
    return movements.moved_by(
        Reason(move.purpose),
        Level(move.level) if move.level else None,
        Kind(move.holding) if move.holding else None,
    )


def _kinds(move: FundMovement) -> tuple[Kind, ...]:
    """The kinds of accounts that it moves; of the close of a year those of the city's books."""
    if move.purpose == Reason.YEAR_CLOSED:
        return (Kind.POOLED_FUND,)
    debited, credited = _sides(move)
    return debited + credited


def _chart(move: FundMovement) -> Chart:
    """What the database knows of the kinds that it moves, asked for once."""
    return AccountKind.objects.in_bulk(_kinds(move))


def _level_of_books(chart: Chart) -> str:
    """Whose books are moved first of all: a county's, the province's, or a city's."""
    levels = {kind.level for kind in chart.values()}
    if AccountKind.Level.COUNTY in levels:
        return AccountKind.Level.COUNTY
    if AccountKind.Level.PROVINCE in levels:
        return AccountKind.Level.PROVINCE
    return CITY_LEVEL


def _is_of(region: int, level: str) -> bool:
    """Whether a region has accounts of a level, as `account_is_of_its_level` of the database."""
    if level == AccountKind.Level.PROVINCE:
        return region == province_of(region)
    if region == province_of(region):
        return False
    if level == AccountKind.Level.COUNTY:
        return region % CITY != 0
    return region == pooling_area_of(region)


def _area_of(move: FundMovement, kind: AccountKind) -> int:
    """The area whose account of a kind moves."""
    place = move.receiver_id or move.region_id
    if kind.level == AccountKind.Level.PROVINCE:
        return province_of(place)
    return move.region_id if kind.level == AccountKind.Level.COUNTY else pooling_area_of(place)


def facts(case: Case) -> list[Fact]:
    """What moves, where and by what: exactly that is approved and posted."""
    move = _move(case)
    told = [
        Fact(gettext_noop("Purpose"), move.purpose, str(move.get_purpose_display())),
        Fact(gettext_noop("Scheme"), move.scheme, str(move.get_scheme_display())),
        Fact(gettext_noop("Books of"), move.region_id, move.region.name),
        Fact(gettext_noop("Occurred on"), move.occurred_on),
        Fact(gettext_noop("Document of the move"), move.document),
    ]
    if move.level:
        told.append(
            Fact(gettext_noop("Level of government"), move.level, str(move.get_level_display()))
        )
    if move.holding:
        told.append(Fact(gettext_noop("Account"), move.holding, str(move.get_holding_display())))
    if move.receiver:
        told.append(Fact(gettext_noop("City that receives"), move.receiver_id, move.receiver.name))
        told.append(Fact(gettext_noop("Event"), move.event, str(move.get_event_display())))
    if move.evidence:
        told.append(Fact(gettext_noop("Event or violation"), move.evidence))
    if move.purpose != Reason.YEAR_CLOSED:
        return told
    revenue, expenditure = move.revenue or Decimal(0), move.expenditure or Decimal(0)
    return [
        *told,
        Fact(gettext_noop("Revenue of the year (yuan)"), revenue),
        Fact(gettext_noop("Expenditure of the year (yuan)"), expenditure),
        Fact(gettext_noop("Into the balance of the fund (yuan)"), revenue - expenditure),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Post it: one entry. Raises as `check` and as `posting.post`."""
    move = _move(case)
    check(case)
    if move.purpose == Reason.YEAR_CLOSED:
        movements.close_year(
            area=move.region_id,
            scheme=Person.Scheme(move.scheme),
            year=move.occurred_on.year,
            case=case,
        )
        return
    movements.move(
        reason=Reason(move.purpose),
        area=move.receiver_id or move.region_id,
        amount=move.amount or Decimal(0),
        on=move.occurred_on,
        key=f"movement:{case.pk}",
        scheme=Person.Scheme(move.scheme),
        level=Level(move.level) if move.level else None,
        holding=Kind(move.holding) if move.holding else None,
        case=case,
    )


def undo(*, case: Case, user: User) -> None:
    """Take the entry back by another, of today. Raises as `posting.reverse`."""
    posting.reverse(
        entry=entry_of(case),
        key=f"movement:{case.pk}:reversed",
        occurred_on=business_date(),
        case=case,
    )


def entry_of(case: Case) -> Entry:
    """The entry of a movement in effect."""
    return Entry.objects.get(key=f"movement:{case.pk}")


@dataclass(frozen=True, slots=True)
class Planned:
    """A line that a movement posts, in yuan, as its page shows it before and after."""

    kind: Kind
    area: int
    debit: Decimal
    credit: Decimal


def planned(case: Case) -> list[Planned]:
    """What it posts, debits first; the close of a year carries what its accounts stand at then."""
    move = _move(case)
    if move.purpose == Reason.YEAR_CLOSED or move.amount is None:
        return []
    debited, credited = _sides(move)
    areas = {kind: _area_of(move, known) for kind, known in _chart(move).items()}
    zero = Decimal(0)
    return [
        *(Planned(kind, areas[kind], move.amount, zero) for kind in debited),
        *(Planned(kind, areas[kind], zero, move.amount) for kind in credited),
    ]


def needs_two(case: Case) -> bool:
    """Whether two levels answer for the move."""
    return _move(case).purpose in BY_TWO


def _move(case: Case) -> FundMovement:
    return cast("FundMovement", case)


KIND = CaseKind(
    name=NAME,
    label=_("fund movement"),
    model=FundMovement,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    second_for=needs_two,
    working_days=5,
    url_name="admin:funds_fundmovement",
)
