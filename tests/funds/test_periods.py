"""Months of the books: closed by a fund officer, opened by a supervisor, refused by name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from enrollment.models import User
from enrollment.selectors.calendar import business_date_is
from funds import posting
from funds.models import Kind, PeriodClose, Reason
from funds.services import periods
from tests import cast

TODAY, OCTOBER = date(2026, 11, 20), date(2026, 10, 1)


@pytest.fixture(autouse=True)
def books(db: None) -> Iterator[None]:
    cast.law()
    with business_date_is(TODAY):
        posting.post(
            key="opening",
            reason=Reason.OPENING_BALANCE,
            occurred_on=OCTOBER,
            sides=[
                posting.Side(area=cast.HEFEI, kind=Kind.SPECIAL_FISCAL, debit=Decimal(30)),
                posting.Side(area=cast.HEFEI, kind=Kind.POOLED_FUND, credit=Decimal(30)),
            ],
        )
        yield


@pytest.fixture
def officer() -> User:
    return cast.officer("Fund officer", "zhao", "赵文清", region=cast.HEFEI)


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国", region=cast.HEFEI)


def test_who_may_not_and_what_may_not_be_closed_is_refused_by_name(
    officer: User, supervisor: User
) -> None:
    for user, book, month, refusal in (
        (supervisor, cast.HEFEI, OCTOBER, periods.BooksOfOthers),
        (officer, cast.WUHU, OCTOBER, periods.BooksOfOthers),
        (officer, cast.HEFEI, TODAY, periods.MonthNotOver),
    ):
        with pytest.raises(refusal):
            periods.close_month(user=user, book=book, month=month)
    periods.close_month(user=officer, book=cast.HEFEI, month=OCTOBER)
    with pytest.raises(periods.MonthIsClosed):
        periods.close_month(user=officer, book=cast.HEFEI, month=OCTOBER)
    for user, month, reason, refused in (
        (officer, OCTOBER, "错账", periods.BooksOfOthers),
        (supervisor, OCTOBER, " ", periods.NoReasonGiven),
        (supervisor, TODAY, "错账", periods.MonthIsOpen),
    ):
        with pytest.raises(refused):
            periods.reopen_month(user=user, book=cast.HEFEI, month=month, reason=reason)


def test_the_page_closes_a_month_and_somebody_else_opens_it(
    officer: User, supervisor: User
) -> None:
    page = reverse("admin:periods")
    closing, opening = Client(), Client()
    closing.force_login(officer)
    opening.force_login(supervisor)
    asked = {"book": f"{cast.HEFEI}", "month": "2026-10"}
    assert closing.post(page, {**asked, "act": "close"}).status_code == 302
    assert "2026-10" in closing.get(page).content.decode()
    assert closing.post(page, {**asked, "act": "reopen", "reason": "错账"}).status_code == 409
    assert opening.post(page, {**asked, "act": "reopen", "reason": "错账"}).status_code == 302
    close = PeriodClose.objects.get()
    assert (close.closed_by, close.reopened_by, close.reason) == (officer, supervisor, "错账")
