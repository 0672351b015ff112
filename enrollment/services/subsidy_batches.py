"""Contribution subsidies of many people in one act: a pasted list, a preview, then drafts.

The preview asks the database four times for all lines together and changes nothing. Each draft is
then made by itself, so that the refusal of one leaves the others alone, and once: a list that is
sent twice makes each case once. Of relatives' accounts (个人账户共济) each line names its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.models import Case, ContributionSubsidy, Enrollment, Person, User
from enrollment.models.person import Category
from enrollment.models.subsidy import PERSONAL_ACCOUNT
from enrollment.rules import keys
from enrollment.rules.money import CENT, ZERO
from enrollment.rules.regions import pooling_area_of
from enrollment.selectors.bills import ASSISTANCE
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import LIST_FIELDS
from enrollment.selectors.sharing import Sharing
from enrollment.selectors.statuses import FOUND, LINES, NOT_FOUND, OUTCOMES, Asked
from enrollment.selectors.subsidies import Offer, offers_of
from enrollment.services import cases, enrollments, subsidies
from enrollment.services.refusals import Refused


class NoLineLeft(Refused):
    message = gettext_noop("None of these lines leads to a file in your region.")
    field = "numbers"


class NoCategoryHeld(Refused):
    message = gettext_noop("In no category today that medical assistance pays for.")
    field = "category"


@dataclass(frozen=True, slots=True)
class Batch:
    """What a list says of all its people. Without an amount each gets what is due: the quota of
    medical assistance, or all that is left to pay. `key` is that of the form."""

    key: UUID
    year: int
    funder: str
    giver: str = ""
    amount: Decimal | None = None
    reason: str = ""
    channel: str = Case.Channel.COUNTER
    # Of accounts: what is not said on a line, and by the line whose account pays.
    kinship: str = ""
    consent: str = ""
    sharing: Mapping[int, Sharing] = field(default_factory=dict)

    def account_of(self, line: int) -> dict[str, Any]:
        """The columns of a case that say whose account pays for a line; none for other funders."""
        if self.funder != PERSONAL_ACCOUNT:
            return {}
        said = self.sharing.get(line, Sharing())
        return {
            "owner_id": said.owner_id,
            "owner_mask": said.owner_mask,
            "relation": said.relation,
            "kinship": said.kinship or self.kinship,
            "consent": said.consent or self.consent,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: what would be opened, or why not. Yuan."""

    asked: Asked
    person: Person | None = None
    bill: Enrollment | None = None
    category: str = ""
    amount: Decimal = ZERO
    refused: str = ""
    account: Mapping[str, Any] = field(default_factory=dict)

    @property
    def category_label(self) -> str:
        return str(Category(self.category).label) if self.category else ""

    @property
    def relation_label(self) -> str:
        relation = self.account.get("relation")
        return str(ContributionSubsidy.Relation(relation).label) if relation else ""

    @property
    def after(self) -> Decimal | None:
        """What would be left to pay."""
        if self.bill is None or self.refused:
            return None
        return self.bill.payable - self.bill.paid - self.amount


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a line: its case, or why there is none."""

    line: Line
    case: Case | None = None
    refused: str = ""


def preview(*, batch: Batch, asked: Sequence[Asked]) -> list[Line]:
    """What would be opened for each line, in the order given. Raises NoLineLeft."""
    wanted = [each.person_id for each in asked[:LINES] if each.person_id is not None]
    people = Person.objects.only(*LIST_FIELDS).in_bulk(wanted)
    if not people:
        raise NoLineLeft
    rows = {keys.yearly_key(year=batch.year, person_id=person): person for person in people}
    bills = {row.person_id: row for row in Enrollment.objects.filter(pk__in=rows)}
    offers = offers_of(bills.values(), business_date()) if batch.funder == ASSISTANCE else {}
    shared = batch.funder == PERSONAL_ACCOUNT
    areas = {pooling_area_of(bill.region_id) for bill in bills.values()} if shared else ()
    ground = Ground(people, bills, offers, {area: subsidies.relatives_of(area) for area in areas})
    return [_line(batch, each, ground) for each in asked[:LINES]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What was read for all lines: bills by person, offers by bill, relatives by area."""

    people: dict[int, Person]
    bills: dict[int, Enrollment]
    offers: dict[int, Offer]
    relatives: dict[int, tuple[str, ...]]


def _line(batch: Batch, asked: Asked, ground: Ground) -> Line:
    person = ground.people.get(asked.person_id or 0)
    if person is None:
        outcome = NOT_FOUND if asked.outcome == FOUND else asked.outcome
        return Line(asked, refused=str(OUTCOMES[outcome]))
    bill = ground.bills.get(person.pk)
    offer = ground.offers.get(bill.pk) if bill else None
    account = batch.account_of(asked.line)
    category = offer.category if offer else ""
    amount = _amount(batch, bill, offer)
    subsidy = ContributionSubsidy(
        funder=batch.funder, giver=batch.giver, category=category, amount=amount, **account
    )
    refused = ""
    try:
        if account:
            _check_account(batch, asked, person, subsidy, ground)
        _check(batch, bill, subsidy, offer)
    except Refused as error:
        refused = str(error)
    return Line(asked, person, bill, category, amount, refused, account)


def _amount(batch: Batch, bill: Enrollment | None, offer: Offer | None) -> Decimal:
    if batch.amount is not None:
        return batch.amount
    if offer is not None:
        return offer.missing
    return bill.payable - bill.paid if bill else ZERO


def _check(
    batch: Batch, bill: Enrollment | None, subsidy: ContributionSubsidy, offer: Offer | None
) -> None:
    """As the case will ask when it is opened; what is due is not asked of a bill without any."""
    if offer is not None and not offer.told and not offer.held:
        raise NoCategoryHeld
    if bill is not None and batch.funder != PERSONAL_ACCOUNT:
        subsidies.check_funder(subsidy, offer)
    enrollments.check_award(bill=bill, year=batch.year, amount=subsidy.amount or CENT)


def _check_account(
    batch: Batch, asked: Asked, person: Person, subsidy: ContributionSubsidy, ground: Ground
) -> None:
    """Whose account it is, as the form of one person asks it."""
    said = batch.sharing.get(asked.line, Sharing())
    if said.owner_mask and not said.is_number:
        raise subsidies.OwnerNumberWrong
    if said.owner_mask and said.owner_id is None:
        raise subsidies.OwnerHasNoAccount
    bill = ground.bills.get(person.pk)
    if bill is not None:
        relatives = ground.relatives[pooling_area_of(bill.region_id)]
        subsidies.check_account(subsidy, person_id=person.pk, relatives=relatives)


def open_drafts(*, batch: Batch, lines: Sequence[Line], maker: User) -> list[Opened]:
    """A draft for each line that is not refused, each in a transaction of its own."""
    return [_opened(batch, line, maker) for line in lines]


def _opened(batch: Batch, line: Line, maker: User) -> Opened:
    if line.refused or line.person is None:
        return Opened(line, refused=line.refused)
    try:
        with transaction.atomic():
            case = cases.open_case(
                kind=subsidies.NAME,
                maker=maker,
                person=line.person,
                year=batch.year,
                funder=batch.funder,
                giver=batch.giver,
                category=line.category,
                amount=line.amount,
                reason=batch.reason,
                channel=batch.channel,
                request_key=uuid5(batch.key, str(line.person.pk)),
                **line.account,
            )
    except Refused as refused:
        return Opened(line, refused=str(refused))
    return Opened(line, case)
