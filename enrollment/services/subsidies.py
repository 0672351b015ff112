"""Contribution subsidy (资助参保), a kind of case: what it checks, shows and does.

This is the kind that the others are copied from: a model (enrollment/models/subsidy.py), a service
module as this one, its declaration in `AppConfig.ready()`, and a class of screens
(enrollment/admin/cases/subsidies.py).

Medical assistance pays by the quota of the area for the most favourable category that the person
holds, no more and no less; collectives, charities and others pay what they want up to the personal
share; a near relative's personal account pays the share itself.
"""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from enrollment.declarations import CaseKind
from enrollment.models import Award, Case, ContributionSubsidy, Enrollment, Person, User
from enrollment.models.identity import digest
from enrollment.models.subsidy import PERSONAL_ACCOUNT
from enrollment.rules.identity import check_identity, mask_identity
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import BOTH, MissingParameter
from enrollment.rules.regions import pooling_area_of
from enrollment.rules.trace import gettext_noop
from enrollment.selectors.bills import ASSISTANCE, bill_of
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import account_owner
from enrollment.selectors.policy import policy_book
from enrollment.selectors.subsidies import Offer, offer_of
from enrollment.services import cases, enrollments
from enrollment.services.refusals import Refused

NAME = "contribution_subsidy"
RELATIVES = "account_sharing.relatives"
OF_AN_ACCOUNT = ("relation", "kinship", "consent")


class CategoryMissing(Refused):
    message = gettext_noop("Medical assistance pays for a category: choose which.")
    field = "category"


class CategoryNotHeld(Refused):
    message = gettext_noop(
        "The register does not know this person as %(category)s today: recognise the category "
        "first."
    )
    field = "category"


class AnotherCategoryDecides(Refused):
    message = gettext_noop(
        "Of several categories the most favourable counts, alone: here it is %(category)s."
    )
    field = "category"


class NothingMissing(Refused):
    message = gettext_noop(
        "The quota of the area, %(quota)s yuan, is on the bill already: nothing is missing."
    )
    field = "amount"


class NotTheQuota(Refused):
    message = gettext_noop(
        "By the quota of the area medical assistance pays %(quota)s yuan, %(given)s are on the "
        "bill: the award is %(missing)s."
    )
    field = "amount"


class QuotaUnknown(Refused):
    message = gettext_noop("The quotas of the area are not complete: %(told)s. Publish them first.")
    field = "category"


class GiverMissing(Refused):
    message = gettext_noop("Name the organisation or person that pays.")
    field = "giver"


class OnlyOfAnAccount(Refused):
    message = gettext_noop("Relation, proof and consent belong to a relative's account alone.")
    field = "relation"


class NotForAnAccount(Refused):
    message = gettext_noop("An account pays for a relative, not for a category: leave it empty.")
    field = "category"


class RelationMissing(Refused):
    message = gettext_noop("Say what the owner of the account is to the person.")
    field = "relation"


class NotANearRelative(Refused):
    message = gettext_noop("An account is shared with near relatives alone: %(relation)s is none.")
    field = "relation"


class KinshipUnproved(Refused):
    message = gettext_noop("Say what document proves the relation, with its number.")
    field = "kinship"


class ConsentMissing(Refused):
    message = gettext_noop("An account pays only with the written consent of its owner: name it.")
    field = "consent"


class OwnerMissing(Refused):
    message = gettext_noop("Give the identity number of the owner of the account.")
    field = "owner_number"


class OwnerNumberWrong(Refused):
    message = gettext_noop(
        "This is no identity number: 18 characters with the right check character."
    )
    field = "owner_number"


class OwnerHasNoAccount(Refused):
    message = gettext_noop(
        "Nobody in the employee scheme has this number: only its members have a personal account."
    )
    field = "owner_number"


class OwnAccount(Refused):
    message = gettext_noop("The owner of the account is the person: nobody shares with oneself.")
    field = "owner_number"


def open_subsidy(
    *,
    maker: User,
    person: Person,
    year: int,
    owner_number: str = "",
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft. `owner_number` names whose account pays; it is kept masked.

    Raises OwnerNumberWrong, OwnerHasNoAccount, and as `check` and `cases.open_case`.
    """
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        year=year,
        request_key=request_key,
        **_owner(says["funder"], owner_number),
        **says,
    )


def change_subsidy(
    *, case: Case, user: User, expected_version: int, owner_number: str = "", **says: Any
) -> Case:
    """Change a draft or returned case; a number left empty stays what it is.

    Raises as `open_subsidy` and `cases.change_case`.
    """
    keeps = says["funder"] == PERSONAL_ACCOUNT and not owner_number
    owner = {} if keeps else _owner(says["funder"], owner_number)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, **owner, **says
    )


def _owner(funder: str, number: str) -> dict[str, Any]:
    """The columns that name an owner. Raises OwnerNumberWrong, OwnerHasNoAccount."""
    if funder != PERSONAL_ACCOUNT or not number.strip():
        return {"owner_id": None, "owner_mask": ""}
    checked = check_identity(number)
    if not checked.valid:
        raise OwnerNumberWrong
    owner = account_owner(digest(checked.number))
    if owner is None:
        raise OwnerHasNoAccount
    return {"owner_id": owner, "owner_mask": mask_identity(checked.number)}


def check(case: Case) -> None:
    """The bill is there, open, and the money fits into what is left to pay (皖医保发〔2024〕6号
    一（一）); the funder may pay it. Raises as `enrollments.check_award`, and as the funder asks.
    """
    subsidy = _subsidy(case)
    bill = _checked_bill(case)
    if subsidy.funder == PERSONAL_ACCOUNT:
        check_account(subsidy, person_id=subsidy.whom.pk, relatives=relatives_of(bill.region_id))
        return
    offer = offer_of(bill, business_date()) if subsidy.funder == ASSISTANCE else None
    check_funder(subsidy, offer)


def check_funder(subsidy: ContributionSubsidy, offer: Offer | None) -> None:
    """Whether a funder may pay this; `offer` is asked of medical assistance alone.

    Raises OnlyOfAnAccount, GiverMissing, and as the quota asks.
    """
    if subsidy.owner_id or any(getattr(subsidy, name) for name in OF_AN_ACCOUNT):
        raise OnlyOfAnAccount
    if subsidy.funder == Award.Funder.OTHER and not subsidy.giver.strip():
        raise GiverMissing
    if offer is not None:
        _check_quota(subsidy, offer)


def _checked_bill(case: Case) -> Enrollment:
    return enrollments.check_award(
        bill=bill_of(case.whom.pk, case.year), year=case.year, amount=_amount(case)
    )


def _check_quota(subsidy: ContributionSubsidy, offer: Offer) -> None:
    """By the quota alone. Raises CategoryMissing, QuotaUnknown, CategoryNotHeld,
    AnotherCategoryDecides, NothingMissing, NotTheQuota."""
    if not subsidy.category:
        raise CategoryMissing
    if subsidy.category not in offer.held:
        raise CategoryNotHeld(category=subsidy.get_category_display())
    if offer.answer is None:
        raise QuotaUnknown(told=offer.told)
    if subsidy.category != offer.category:
        raise AnotherCategoryDecides(category=offer.label)
    if offer.given >= offer.quota:
        raise NothingMissing(quota=offer.quota)
    if subsidy.amount != offer.missing:
        raise NotTheQuota(quota=offer.quota, given=offer.given, missing=offer.missing)


def check_account(
    subsidy: ContributionSubsidy, *, person_id: int, relatives: tuple[str, ...]
) -> None:
    """Relation, proof and consent (皖医保发〔2024〕6号 一（一）: 近亲属) of who pays for a person.

    Raises NotForAnAccount, OwnerMissing, OwnAccount, RelationMissing, NotANearRelative,
    KinshipUnproved, ConsentMissing.
    """
    if subsidy.category or subsidy.giver:
        raise NotForAnAccount
    if subsidy.owner_id is None:
        raise OwnerMissing
    if subsidy.owner_id == person_id:
        raise OwnAccount
    if not subsidy.relation:
        raise RelationMissing
    if subsidy.relation not in relatives:
        raise NotANearRelative(relation=subsidy.get_relation_display())
    if not subsidy.kinship.strip():
        raise KinshipUnproved
    if not subsidy.consent.strip():
        raise ConsentMissing


def relatives_of(region: int) -> tuple[str, ...]:
    """With whom an account is shared in the area of a bill; nobody where it is not published."""
    area, on = pooling_area_of(region), business_date()
    try:
        found = policy_book([RELATIVES]).find(RELATIVES, area=area, on=on, scheme=BOTH)
    except MissingParameter:
        return ()
    return cast("tuple[str, ...]", found.value)


def facts(case: Case) -> list[Fact]:
    """Who pays how much on what ground, and the bill before and after."""
    subsidy = _subsidy(case)
    bill = bill_of(case.whom.pk, case.year)
    shown = [
        Fact(gettext_noop("Funder"), subsidy.funder, str(subsidy.get_funder_display())),
        *_ground(subsidy),
    ]
    if bill is None:
        return shown
    # Once in effect the bill says what came of it; until then, what would.
    done = case.state in (Case.State.EFFECTED, Case.State.REVERSED)
    if subsidy.funder == ASSISTANCE and not done:
        offer = offer_of(bill, business_date())
        shown += [
            Fact(gettext_noop("Quota of the area (yuan)"), offer.quota),
            Fact(gettext_noop("Medical assistance on the bill (yuan)"), offer.given),
        ]
    shown += [
        Fact(gettext_noop("Individual standard (yuan)"), bill.standard),
        Fact(gettext_noop("Subsidy on the bill (yuan)"), bill.subsidy),
        Fact(gettext_noop("Payable (yuan)"), bill.payable),
        Fact(gettext_noop("Paid (yuan)"), bill.paid),
    ]
    if not done and subsidy.funder == PERSONAL_ACCOUNT:
        due = bill.payable - bill.paid - _amount(case)
        shown.append(Fact(gettext_noop("Cash due after the account's payment (yuan)"), due))
    elif not done:
        after = bill.payable - _amount(case)
        shown.append(Fact(gettext_noop("Payable after the subsidy (yuan)"), after))
    return shown


def _ground(subsidy: ContributionSubsidy) -> list[Fact]:
    """What the funder pays for, as far as the case says it."""
    shown = []
    if subsidy.category:
        label = str(subsidy.get_category_display())
        shown.append(Fact(gettext_noop("Category"), subsidy.category, label))
    if subsidy.giver:
        shown.append(Fact(gettext_noop("Name of the giver"), subsidy.giver))
    if subsidy.owner_id:
        owner = [subsidy.owner_id, subsidy.owner_mask]
        relation = str(subsidy.get_relation_display())
        shown += [
            Fact(gettext_noop("Owner of the account"), owner, subsidy.owner_mask),
            Fact(gettext_noop("Relation of the owner"), subsidy.relation, relation),
            Fact(gettext_noop("Proof of the relation"), subsidy.kinship),
            Fact(gettext_noop("Consent of the owner"), subsidy.consent),
        ]
    return shown


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The award with the bill's subsidy and payable, or the payment of an account, in one UPDATE.

    Raises as `check`.
    """
    check(case)
    subsidy, bill, on = _subsidy(case), _checked_bill(case), business_date()
    if subsidy.funder == PERSONAL_ACCOUNT:
        was = enrollments.pay(bill_id=bill.pk, amount=_amount(case), on=on)
        ContributionSubsidy.objects.filter(pk=case.pk).update(was_paid_on=was.paid_on)
        return
    ContributionSubsidy.objects.filter(pk=case.pk).update(was_category=bill.category)
    enrollments.award(
        bill_id=bill.pk,
        funder=subsidy.funder,
        category=subsidy.category,
        amount=_amount(case),
        case=case,
        on=on,
    )


def undo(*, case: Case, user: User) -> None:
    """A further award of the opposite amount, or the account's payment taken off the bill.

    Raises as `enrollments.take_back_award` and `enrollments.take_back_payment`.
    """
    subsidy, on = _subsidy(case), business_date()
    bill = bill_of(case.whom.pk, case.year)
    if bill is None:
        raise enrollments.BillMissing(year=case.year)
    if subsidy.funder == PERSONAL_ACCOUNT:
        enrollments.take_back_payment(
            bill_id=bill.pk, amount=_amount(case), was_paid_on=subsidy.was_paid_on, on=on
        )
        return
    enrollments.take_back_award(bill_id=bill.pk, case=case, on=on, category=subsidy.was_category)


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
