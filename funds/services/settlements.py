"""The settlement sheet (清算表), a kind of case about the province: opened, filled and signed.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（五）; 川办发〔2023〕38号 二（四）.
Every input that is saved computes all cities again by the rules of the fund, and the sheet keeps
inputs, results and steps. Two levels approve exactly that; in effect it bears the countersignature
of the provincial Finance and is locked. The steps `levy` and `allocate` post it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import GapCause, SettlementLine, SettlementSheet
from funds.selectors import settlements as reads
from funds.services import settlement_figures as figures
from funds.services.settlement_figures import INPUTS, RESULTS, Method, Part

NAME = "settlement_sheet"


class NoAdjustmentFund(Refused):
    message = gettext_noop("This province has no adjustment fund: its cities pool by themselves.")


class SheetStands(Refused):
    message = gettext_noop(
        "Sheet %(case)s settles this already: open it again by a reversal before another is made."
    )
    field = "part"


class LevyComesFirst(Refused):
    message = gettext_noop(
        "The levy of this year and scheme comes first: its sheet in effect, and posted."
    )
    field = "part"


class AllocationStands(Refused):
    message = gettext_noop("Sheet %(case)s allocates what this one levied: it is opened first.")


class RateMissing(Refused):
    message = gettext_noop("Give the rate that the province decided for the year.")
    field = "rate"


class FundLawMissing(Refused):
    message = gettext_noop("The law of the fund is not complete: %(told)s.")


class CityUnknown(Refused):
    message = gettext_noop("%(area)s is no city of this sheet.")


class NoSuchInput(Refused):
    message = gettext_noop("This sheet does not ask for that.")


class EvidenceOfCauseMissing(Refused):
    message = gettext_noop("Say what proves the cause, with its number.")
    field = "evidence"


class FigureUnreadable(Refused):
    message = gettext_noop("%(place)s: %(text)s cannot be read as a figure.")


class InputsMissing(Refused):
    message = gettext_noop("Figures are missing of %(cities)s.")


class SheetOutdated(Refused):
    message = gettext_noop(
        "The balance of the fund changed since the sheet was computed: compute it again."
    )


def open_sheet(
    *,
    maker: User,
    year: int,
    scheme: int,
    part: str,
    decision: str,
    rate: Decimal | None = None,
    approvals: Sequence[str] = (),
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft with a line a city. What an earlier sheet that was opened again said of the
    cities is taken over.

    Raises NoAdjustmentFund, SheetStands, LevyComesFirst, RateMissing, FundLawMissing, and what the
    rules refuse.
    """
    method = reads.method_of(settings.PROVINCE)
    if method is None:
        raise NoAdjustmentFund
    if rate is None and method == Method.SICHUAN and part == Part.LEVY:
        rate = _by_law(year, scheme)
    return cases.open_only_case(
        kind=NAME,
        maker=maker,
        stands_for=reads.place_of(settings.PROVINCE, year, scheme, part),
        taken=SheetStands,
        begin=_begin,
        region_id=settings.PROVINCE,
        year=year,
        request_key=request_key,
        scheme=scheme,
        part=part,
        method=method,
        rate=rate if part == Part.LEVY else None,
        decision=decision.strip(),
        approvals=list(approvals),
        **{**figures.balances(year, scheme, part), **says},
    )


def _begin(case: Case) -> None:
    sheet = _sheet(case)
    _make_lines(sheet)
    figures.compute(sheet)


def _by_law(year: int, scheme: int) -> Decimal:
    try:
        return reads.rate_by_law(year, scheme)
    except MissingParameter as error:
        raise FundLawMissing(told=str(error)) from error


def _make_lines(sheet: SettlementSheet) -> None:
    """A line a city; the inputs and causes of the sheet that was opened again, if there is one."""
    names = INPUTS[sheet.method, sheet.part]
    before = reads.reversed_sheet(sheet.year, sheet.scheme, sheet.part)
    kept = {line.area_id: line for line in before.lines.all()} if before else {}
    lines = SettlementLine.objects.bulk_create(
        SettlementLine(
            sheet=sheet,
            area=city,
            **{name: getattr(kept[city.pk], name) for name in names if city.pk in kept},
        )
        for city in reads.cities_of(settings.PROVINCE)
    )
    key_of = {kept[line.area_id].pk: line.pk for line in lines if line.area_id in kept}
    GapCause.objects.bulk_create(
        GapCause(
            line_id=key_of[cause.line_id],
            cause=cause.cause,
            amount=cause.amount,
            evidence=cause.evidence,
        )
        for cause in GapCause.objects.filter(line__in=key_of)
    )


@transaction.atomic
def change_sheet(
    *,
    case: Case,
    user: User,
    expected_version: int,
    decision: str,
    rate: Decimal | None = None,
    approvals: Sequence[str] = (),
    **says: Any,
) -> Case:
    """Let the maker change rate and decision; year, scheme and part stay. Raises as `open_sheet`
    and `cases.change_case`."""
    sheet = _sheet(case)
    for fixed in ("year", "scheme", "part"):
        says.pop(fixed, None)
    if sheet.part == Part.LEVY:
        says["rate"] = rate
    changed = cases.change_case(
        case=case,
        user=user,
        expected_version=expected_version,
        decision=decision.strip(),
        approvals=list(approvals),
        **says,
    )
    figures.compute(_sheet(changed))
    return changed


@transaction.atomic
def record_cities(
    *,
    case: Case,
    user: User,
    expected_version: int,
    cities: Mapping[int, Mapping[str, Decimal | None]],
) -> Case:
    """Record inputs of cities by code, and compute the sheet again.

    Raises CityUnknown, NoSuchInput, and as `cases.change_case`.
    """
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    sheet = _sheet(changed)
    lines = {line.area_id: line for line in sheet.lines.all()}
    asked = INPUTS[sheet.method, sheet.part]
    for area, inputs in cities.items():
        if area not in lines:
            raise CityUnknown(area=area)
        for name, value in inputs.items():
            if name not in asked:
                raise NoSuchInput
            setattr(lines[area], name, value)
    SettlementLine.objects.bulk_update(lines.values(), asked)
    figures.compute(sheet)
    return changed


@transaction.atomic
def record_causes(
    *,
    case: Case,
    user: User,
    expected_version: int,
    area: int,
    causes: Mapping[str, tuple[Decimal, str]],
) -> Case:
    """Record why a city has a gap: yuan and evidence by cause; nothing takes a cause back.

    Raises CityUnknown, NoSuchInput, EvidenceOfCauseMissing, and as `cases.change_case`.
    """
    changed = cases.change_case(case=case, user=user, expected_version=expected_version)
    sheet = _sheet(changed)
    line = sheet.lines.filter(area=area).first()
    if line is None:
        raise CityUnknown(area=area)
    if (sheet.method, sheet.part) != (Method.ANHUI, Part.ALLOCATION):
        raise NoSuchInput
    if any(amount and not evidence.strip() for amount, evidence in causes.values()):
        raise EvidenceOfCauseMissing
    GapCause.objects.bulk_create(
        [
            GapCause(line=line, cause=cause, amount=amount, evidence=evidence.strip())
            for cause, (amount, evidence) in causes.items()
        ],
        update_conflicts=True,
        unique_fields=["line", "cause"],
        update_fields=["amount", "evidence"],
    )
    figures.compute(sheet)
    return changed


def check(case: Case) -> None:
    """The scheme has begun, the rate is allowed, the levy came first.

    Raises RateMissing, LevyComesFirst, FundLawMissing, and what the rules refuse.
    """
    sheet = _sheet(case)
    if sheet.part == Part.LEVY and sheet.rate is None:
        raise RateMissing
    try:
        if sheet.part == Part.LEVY:
            figures.levies(sheet, [])
    except RuleRefused as error:
        raise figures.refusal_of(error) from error
    except MissingParameter as error:
        raise FundLawMissing(told=str(error)) from error
    if sheet.part == Part.ALLOCATION and not _levy_is_posted(sheet):
        raise LevyComesFirst


def _levy_is_posted(sheet: SettlementSheet) -> bool:
    levied = reads.standing_sheet(sheet.year, sheet.scheme, Part.LEVY)
    if levied is None or levied.state != lifecycle.EFFECTED:
        return False
    owed = levied.lines.filter(levy__gt=0).count()
    return reads.entries_of_sheet(levied).filter(reversed_by=None).count() == owed


def moves(case: Case, move: Transition, user: User) -> None:
    """Nothing is submitted or signed that is incomplete or no longer so. Raises InputsMissing,
    SheetOutdated."""
    if move in (lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.CHECK, lifecycle.CONFIRM):
        _check_whole(_sheet(case))


def _check_whole(sheet: SettlementSheet) -> None:
    lacking = figures.missing(sheet, list(sheet.lines.select_related("area")))
    if lacking:
        raise InputsMissing(cities="、".join(line.area.name for line in lacking))
    now = figures.balances(sheet.year, sheet.scheme, sheet.part)
    if any(getattr(sheet, name) != value for name, value in now.items()):
        raise SheetOutdated


def facts(case: Case) -> list[Fact]:
    """What holds for all, and of each city inputs and results: exactly that is signed."""
    sheet = _sheet(case)
    lines = list(sheet.lines.select_related("area"))
    causes = GapCause.objects.filter(line__sheet=sheet, amount__gt=0).order_by("line", "cause")
    return [
        Fact(gettext_noop("Scheme"), sheet.scheme, sheet.get_scheme_display()),
        Fact(gettext_noop("Part of the settlement"), sheet.part, str(sheet.get_part_display())),
        Fact(gettext_noop("Rate of the levy"), sheet.rate, rate_told(sheet.rate)),
        Fact(gettext_noop("Document of the decision"), sheet.decision),
        Fact(gettext_noop("Approvals on record"), sheet.approvals, str(len(sheet.approvals))),
        Fact(gettext_noop("Balance of the adjustment fund (yuan)"), sheet.fund_balance),
        Fact(gettext_noop("Balance of the risk reserve (yuan)"), sheet.reserve_balance),
        Fact(gettext_noop("Levy suspended"), sheet.suspended),
        Fact(gettext_noop("Into the risk reserve (yuan)"), sheet.reserve_in),
        Fact(gettext_noop("Levies together (yuan)"), reads.total(lines, "levy")),
        Fact(gettext_noop("Paid to cities together (yuan)"), reads.total(lines, "allocation")),
        *(Fact(gettext_noop("City"), _told(line), line.area.name) for line in lines),
        *(
            Fact(
                gettext_noop("Cause of a gap"),
                [cause.line_id, cause.cause, cause.amount, cause.evidence],
                cause.evidence,
            )
            for cause in causes
        ),
    ]


def rate_told(rate: Decimal | None) -> str:
    """A share as it is read: 3%."""
    return f"{rate * 100:.3f}".rstrip("0").rstrip(".") + "%" if rate is not None else ""


TOLD = (
    "area_id", "base", "revenue", "expenditure", "balance", "loss", "share", "weight",
    *RESULTS[:-1],
)  # fmt: skip


def _told(line: SettlementLine) -> list[Any]:
    return [getattr(line, name) for name in TOLD]


def effect(
    *,
    case: Case,
    user: User,
    countersigned_by: str,
    countersigned_on: date,
    countersign_document: str,
    **details: Any,
) -> None:
    """The provincial Finance signed with us: the sheet is locked. The steps post it.

    Raises as `check`.
    """
    check(case)
    SettlementSheet.objects.filter(pk=case.pk).update(
        countersigned_by=countersigned_by.strip(),
        countersigned_on=countersigned_on,
        countersign_document=countersign_document.strip(),
    )


def undo(*, case: Case, user: User) -> None:
    """Open the sheet again: the next run of its step takes its entries back, and a further sheet
    begins with what this one said. Raises AllocationStands."""
    sheet = _sheet(case)
    if sheet.part == Part.LEVY:
        later = reads.standing_sheet(sheet.year, sheet.scheme, Part.ALLOCATION)
        if later is not None:
            raise AllocationStands(case=later.pk)


def _sheet(case: Case) -> SettlementSheet:
    return cast("SettlementSheet", case)


KIND = CaseKind(
    name=NAME,
    label=_("settlement sheet"),
    model=SettlementSheet,
    effect=effect,
    facts=facts,
    check=check,
    moves=moves,
    undo=undo,
    second_always=True,
    reversed_by_two=True,
    asks_on_effect=True,
    working_days=10,
    url_name="admin:funds_settlementsheet",
)
