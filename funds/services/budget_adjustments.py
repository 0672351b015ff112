"""Adjustment of an approved budget (预算调整), a kind of case: a further version of all lines.

鄂政办发〔2020〕9号 三（五）: the approved budget is followed strictly, and adjusted only for
special causes, through the government of the city. 川办发〔2023〕38号 二（三）. It begins with
what is in force; once the government approved it, its figures hold from that day, and those before
remain.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, User
from enrollment.rules import lifecycle
from enrollment.rules.lifecycle import Fact, Transition
from enrollment.rules.money import ZERO
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import Budget, BudgetAdjustment, BudgetLine
from funds.rules.budget import AdjustmentTerms, check_adjustment
from funds.selectors import budgets as reads
from funds.services import budget_figures as figures
from funds.services import budgets

NAME = "budget_adjustment"
GOVERNMENT = "city_government"


class NotInForce(Refused):
    message = gettext_noop("Only an approved budget that is in force is adjusted.")
    field = "adjusts"


class AdjustedAlready(Refused):
    message = gettext_noop("Case %(case)s adjusts this budget already.")
    field = "adjusts"


class CauseMissing(Refused):
    message = gettext_noop("Say for which special cause the budget is adjusted.")
    field = "cause"


class ApprovalMissing(Refused):
    message = gettext_noop(
        "An adjustment needs the approval of the city's medical security administration, its "
        "department of finance and its government."
    )
    field = "approvals"


class AdjustmentZero(Refused):
    message = gettext_noop("Nothing is adjusted: every line is as it was.")


class ApprovedTooEarly(Refused):
    message = gettext_noop("The budget that is adjusted was approved later than that.")
    field = "approved_on"


REFUSALS = {
    "approval_missing": ApprovalMissing,
    "unknown_approval": ApprovalMissing,
    "adjustment_zero": AdjustmentZero,
}


def open_adjustment(
    *,
    maker: User,
    adjusts: Budget,
    cause: str,
    approvals: Sequence[str] = (),
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft with the lines, counties and exception of the budget that it adjusts.

    Raises NotInForce, AdjustedAlready, CauseMissing.
    """
    return cases.open_only_case(
        kind=NAME,
        maker=maker,
        stands_for=reads.place_of(
            adjusts.region_id, adjusts.year, adjusts.scheme, adjusts.number + 1
        ),
        taken=AdjustedAlready,
        begin=_begin,
        region_id=adjusts.region_id,
        year=adjusts.year,
        request_key=request_key,
        scheme=adjusts.scheme,
        number=adjusts.number + 1,
        opening=adjusts.opening,
        adjusts=adjusts,
        cause=cause.strip(),
        approvals=list(approvals),
        **{**says, **_exception(adjusts, says)},
    )


def _begin(case: Case) -> None:
    adjustment = _adjustment(case)
    figures.begin_from(adjustment, adjustment.adjusts)
    if reads.is_of_province(adjustment.region_id):
        figures.sum_cities(adjustment)


def _exception(adjusts: Budget, says: dict[str, Any]) -> dict[str, str]:
    """The exception that is given, or that of the budget before."""
    names = ("exception_document", "exception_clause")
    return {name: says.get(name) or getattr(adjusts, name) for name in names}


@transaction.atomic
def change_adjustment(
    *,
    case: Case,
    user: User,
    expected_version: int,
    cause: str,
    approvals: Sequence[str] = (),
    **says: Any,
) -> Case:
    """Let the maker change cause, approvals and exception. Raises as `budgets.change_budget`."""
    return budgets.change_budget(
        case=case,
        user=user,
        expected_version=expected_version,
        cause=cause.strip(),
        approvals=list(approvals),
        **says,
    )


def check(case: Case) -> None:
    """Raises NotInForce, CauseMissing, ExceptionIncomplete."""
    adjustment = _adjustment(case)
    budgets.check(case)
    if not adjustment.cause:
        raise CauseMissing
    now = Budget.objects.get(pk=adjustment.adjusts_id)
    if now.state != lifecycle.EFFECTED:
        raise NotInForce


def moves(case: Case, move: Transition, user: User) -> None:
    """As a budget's, and something is adjusted. Raises AdjustmentZero, ApprovalMissing."""
    budgets.moves(case, move, user)
    if move in (lifecycle.SUBMIT, lifecycle.APPROVE, lifecycle.CHECK, lifecycle.CONFIRM):
        # the government decides last: without it nothing is in effect
        _check_approvals(_adjustment(case), [*_adjustment(case).approvals, GOVERNMENT])


def changes_of(adjustment: BudgetAdjustment) -> dict[str, tuple[Decimal, Decimal]]:
    """Items of which the amount is another: before and now, in yuan."""
    before = budgets.lines_by_item(adjustment.adjusts)
    return {
        line.item: (before[line.item].amount if line.item in before else ZERO, line.amount)
        for line in reads.lines_of(adjustment)
        if line.item not in before or before[line.item].amount != line.amount
    }


def adjusted(adjustment: BudgetAdjustment) -> Decimal:
    """Yuan that are moved: all differences of lines and counties, whatever their direction."""
    before = reads.given_of(adjustment.adjusts)
    now = reads.given_of(adjustment)
    return sum((abs(new - old) for old, new in changes_of(adjustment).values()), ZERO) + sum(
        (abs(now.get(key, ZERO) - before.get(key, ZERO)) for key in before | now), ZERO
    )


def _check_approvals(adjustment: BudgetAdjustment, given: Sequence[str]) -> None:
    on = date(adjustment.year, 1, 1)
    try:
        terms = reads.terms_of(AdjustmentTerms, adjustment.region_id, on)
        check_adjustment(adjusted(adjustment), given, terms)
    except MissingParameter as error:
        raise budgets.BudgetLawMissing(told=str(error)) from error
    except RuleRefused as error:
        known = REFUSALS.get(error.name)
        if known is None:
            raise
        raise known(**error.details) from error


def facts(case: Case) -> list[Fact]:
    """What is adjusted, why, who approved, and the budget as it would be."""
    adjustment = _adjustment(case)
    before = adjustment.adjusts
    return [
        Fact(gettext_noop("Budget that is adjusted"), before.pk),
        Fact(gettext_noop("Cause of the adjustment"), adjustment.cause),
        Fact(
            gettext_noop("Approvals on record"),
            adjustment.approvals,
            str(len(adjustment.approvals)),
        ),
        *(
            Fact(
                gettext_noop("Line that is adjusted"),
                [item, old, new],
                f"{_label(item)} {old:,.2f} → {new:,.2f}",
            )
            for item, (old, new) in changes_of(adjustment).items()
        ),
        *budgets.facts(case),
    ]


def _label(item: str) -> str:
    return str(BudgetLine.Kind(item).label)


def effect(
    *, case: Case, user: User, approval_document: str, approved_on: date, **details: Any
) -> None:
    """The government of the city approved it: the new figures hold from that day.

    Raises ApprovalMissing, ApprovedTooEarly, NotInForce, PlansAbove, and as `budgets.effect`.
    """
    adjustment = _adjustment(case)
    check(case)
    government = [GOVERNMENT] if approval_document.strip() else []
    _check_approvals(adjustment, [*adjustment.approvals, *government])
    before = adjustment.adjusts.approved_on
    if before is not None and approved_on < before:
        raise ApprovedTooEarly
    budgets.check_plans(adjustment, reads.given_of(adjustment))
    budgets.effect(
        case=case, user=user, approval_document=approval_document, approved_on=approved_on
    )


def _adjustment(case: Case) -> BudgetAdjustment:
    return cast("BudgetAdjustment", case)


KIND = CaseKind(
    name=NAME,
    label=_("budget adjustment"),
    model=BudgetAdjustment,
    effect=effect,
    facts=facts,
    check=check,
    moves=moves,
    undo=budgets.undo,
    second_always=True,
    reversed_by_two=True,
    asks_on_effect=True,
    working_days=15,
    url_name="admin:funds_budgetadjustment",
)
