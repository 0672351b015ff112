"""Contribution subsidy (资助参保), a kind of case: what it checks, shows and does.

This is the kind that the others are copied from: a model (enrollment/models/case.py), a service
module as this one, its declaration in `AppConfig.ready()`, and a class of screens
(enrollment/admin/cases/kinds.py).
"""

from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import CaseKind
from enrollment.models import Case, ContributionSubsidy, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.trace import gettext_noop
from enrollment.selectors.bills import bill_of
from enrollment.selectors.calendar import business_date
from enrollment.services import enrollments

NAME = "contribution_subsidy"


def check(case: Case) -> None:
    """The bill is there, open, and the money fits into what is left to pay (皖医保发〔2024〕6号
    一（一）). Raises as `enrollments.check_award`."""
    enrollments.check_award(
        bill=bill_of(case.whom.pk, case.year), year=case.year, amount=_amount(case)
    )


def facts(case: Case) -> list[Fact]:
    """Who pays how much, and the bill before and after."""
    subsidy = _subsidy(case)
    bill = bill_of(case.whom.pk, case.year)
    shown = [Fact(gettext_noop("Funder"), subsidy.funder, str(subsidy.get_funder_display()))]
    if bill is None:
        return shown
    # Once in effect the bill says what came of it; until then, what would.
    done = case.state in (Case.State.EFFECTED, Case.State.REVERSED)
    shown += [
        Fact(gettext_noop("Individual standard (yuan)"), bill.standard),
        Fact(gettext_noop("Subsidy on the bill (yuan)"), bill.subsidy),
        Fact(gettext_noop("Payable (yuan)"), bill.payable),
        Fact(gettext_noop("Paid (yuan)"), bill.paid),
    ]
    if not done:
        after = bill.payable - _amount(case)
        shown.append(Fact(gettext_noop("Payable after the subsidy (yuan)"), after))
    return shown


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The award, and the bill's subsidy and payable in one UPDATE. Raises as `check`."""
    subsidy = _subsidy(case)
    bill = enrollments.check_award(
        bill=bill_of(case.whom.pk, case.year), year=case.year, amount=_amount(case)
    )
    enrollments.award(
        bill_id=bill.pk,
        funder=subsidy.funder,
        category=subsidy.category,
        amount=_amount(case),
        case=case,
        on=business_date(),
    )


def undo(*, case: Case, user: User) -> None:
    """A further award of the opposite amount. Raises as `enrollments.take_back_award`."""
    bill = bill_of(case.whom.pk, case.year)
    if bill is None:
        raise enrollments.BillMissing(year=case.year)
    enrollments.take_back_award(bill_id=bill.pk, case=case, on=business_date())


def _subsidy(case: Case) -> ContributionSubsidy:
    return cast("ContributionSubsidy", case)


def _amount(case: Case) -> Decimal:
    if case.amount is None:
        raise enrollments.NotMoney
    return case.amount


KIND = CaseKind(
    name=NAME,
    label=_("contribution subsidy"),
    model=ContributionSubsidy,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    second_above="approval.second_level_above.contribution_subsidy",
    url_name="admin:enrollment_contributionsubsidy",
)
