"""County plans: planned, reviewed, transferred, confirmed; never more than the budget gives."""

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from enrollment.admin.cases import page_of
from enrollment.models import Case, User
from enrollment.selectors.calendar import business_date_is
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds import posting
from funds.models import Account, CountyPlan, CountyReceipt
from funds.selectors import budgets as reads
from funds.selectors.checks import CHECKS
from funds.selectors.ledger import balance_on
from funds.services import county_plans, movements
from tests import cast
from tests.funds.budgeting import RESIDENT, Desk, shown
from tests.funds.settling import Reason, opening

SPRING = date(2027, 3, 5)


@pytest.fixture(autouse=True)
def spring(db: None) -> Iterator[None]:
    cast.law()
    with business_date_is(SPRING):
        yield


def approved(desk: Desk, given: str, drawn: str = "500") -> None:
    """A budget in force that gives a county something, and money on the city's account."""
    budget = desk.of_two(cast.HEFEI, "1000", "900")
    desk.give(budget, {cast.SHUSHAN: given, cast.BAOHE: "1"})
    desk.approve(budget)
    opening(cast.HEFEI, "1000")
    movements.move(
        reason=Reason.DRAWN, area=cast.HEFEI, amount=Decimal(drawn), on=SPRING, key="drawn"
    )


def county_officer() -> User:
    return cast.officer("Fund officer", "he", "何娟", region=cast.SHUSHAN)


def test_a_month_is_planned_transferred_and_confirmed_by_the_county() -> None:
    desk = Desk()
    with pytest.raises(county_plans.NoBudgetInForce):
        desk.plan(cast.SHUSHAN, "10")
    approved(desk, "100")
    plan = desk.transfer(desk.plan(cast.SHUSHAN, "60", month=3))
    client = Client()
    client.force_login(desk.maker)
    scope = client.get(page_of(plan)).context["scope"]
    assert [value for _name, value in scope][:3] == ["蜀山区", "居民医保", str(plan.year)]
    with pytest.raises(county_plans.PlanStands):
        desk.plan(cast.SHUSHAN, "1", month=3)
    kind = Account.Kind
    assert balance_on(cast.SHUSHAN, RESIDENT, kind.EXPENDITURE_COUNTY, SPRING) == 60
    assert balance_on(cast.HEFEI, RESIDENT, kind.EXPENDITURE_CITY, SPRING) == 440

    officer = county_officer()
    given: dict[str, Any] = {"plan": plan, "received_on": SPRING, "amount": Decimal(60)}
    for who in (desk.maker, desk.checker):
        with pytest.raises(county_plans.NotTheCounty):
            county_plans.confirm_receipt(user=who, **given)
    with pytest.raises(county_plans.ReceivedDiffers):
        county_plans.confirm_receipt(user=officer, **given | {"amount": Decimal("59.99")})
    with pytest.raises(IntegrityError, match="was not transferred so"), transaction.atomic():
        CountyReceipt.objects.create(plan=plan, received_on=SPRING, amount=59, confirmed_by=officer)
    county_plans.confirm_receipt(user=officer, **given)
    with pytest.raises(county_plans.ConfirmedAlready):
        county_plans.confirm_receipt(user=officer, **given)
    with pytest.raises(county_plans.TransferConfirmed):
        cases.reverse_case(case=plan, user=desk.checker, reason="误拨")
    assert untied() == []
    with connection.cursor() as cursor:  # what only the owner can do, past the triggers
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE agency_case DISABLE TRIGGER case_keeps_its_life")
        cursor.execute("UPDATE agency_case SET amount = 61 WHERE id = %s", [plan.pk])
    assert untied() == [(plan.pk, "effected", 61, 60, 60)]


def untied() -> list[tuple[Any, ...]]:
    """What `verify` finds of transfers that are not what plans say."""
    (check,) = (each for each in CHECKS if each.name.startswith("transfers_to_counties"))
    with connection.cursor() as cursor:
        cursor.execute(check.sql)
        return list(cursor.fetchall())


def test_what_was_taken_back_or_returned_may_be_planned_again() -> None:
    desk = Desk()
    approved(desk, "100")
    first = desk.transfer(desk.plan(cast.SHUSHAN, "90"))
    with pytest.raises(county_plans.ExceedsApprovedBudget) as refused:
        desk.plan(cast.SHUSHAN, "10.01", month=2)
    assert refused.value.details["left"] == "10.00"
    cases.reverse_case(case=first, user=desk.checker, reason="误拨")
    desk.transfer(desk.plan(cast.SHUSHAN, "100"))
    movements.move(
        reason=Reason.COUNTY_RETURNED, area=cast.SHUSHAN, amount=Decimal(25), on=SPRING, key="back"
    )
    assert reads.county_left(cast.SHUSHAN, RESIDENT, 2027) == reads.CountyLeft(
        Decimal(100), Decimal(75)
    )
    desk.review(desk.plan(cast.SHUSHAN, "25", month=2))


def test_nothing_is_transferred_that_the_city_does_not_hold() -> None:
    desk = Desk()
    approved(desk, "100", drawn="50")
    plan = desk.review(desk.plan(cast.SHUSHAN, "60"))
    with pytest.raises(posting.Overdrawn):
        cases.put_into_effect(case=plan, user=desk.approver)
    plan.refresh_from_db()
    assert plan.state == Case.State.APPROVED


@pytest.mark.django_db(transaction=True)
def test_of_plans_approved_at_once_only_those_pass_that_the_budget_covers() -> None:
    desk = Desk()
    approved(desk, "100")
    plans = [desk.plan(cast.SHUSHAN, "30", month=month) for month in range(1, 6)]
    for plan in plans:
        cases.submit_case(case=plan, user=desk.maker)
    digests = {plan.pk: shown(plan) for plan in plans}
    refused: list[str] = []
    ready = threading.Barrier(len(plans))

    def approve(plan: Case) -> None:
        with business_date_is(SPRING):
            ready.wait()
            try:
                cases.approve_case(case=plan, checker=desk.checker, shown_digest=digests[plan.pk])
            except Refused as error:
                refused.append(error.name)
            finally:
                connection.close()

    threads = [threading.Thread(target=approve, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["exceeds_approved_budget"] * 2
    assert CountyPlan.objects.filter(state="approved").count() == 3
    last = CountyPlan.objects.filter(state="submitted").earliest("pk")
    with pytest.raises(IntegrityError, match="plans_stay_within_the_budget"), transaction.atomic():
        Case.objects.filter(pk=last.pk).update(
            state="approved", checker=desk.checker, decided_at="2027-03-05T00:00Z", shown_digest="d"
        )
