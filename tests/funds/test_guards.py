"""What the database refuses of the ledger by name: by the service and by raw SQL, whoever asks."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, transaction

from enrollment.models import User
from enrollment.selectors.calendar import business_date_is
from funds import posting
from funds.models import Account, AccountDay, Entry, Kind, Line, PeriodClose, Reason
from tests import cast
from tests.funds.test_posting import connected_as

DAY = date(2026, 11, 20)
EARLIER = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def law() -> Iterator[None]:
    with business_date_is(DAY):
        yield


@pytest.fixture
def anhui(db: None) -> None:
    cast.law()


def opening(amount: str, *, day: date = EARLIER, key: str = "opening") -> Entry:
    """Money in the expenditure account of Hefei."""
    return move(key, Reason.OPENING_BALANCE, (Kind.EXPENDITURE_CITY, Kind.POOLED_FUND), amount, day)


def move(key: str, reason: Reason, sides: tuple[Kind, Kind], amount: str, day: date = DAY) -> Entry:
    debit, credit = sides
    return posting.post(
        key=key,
        reason=reason,
        occurred_on=day,
        sides=[
            posting.Side(area=cast.SHUSHAN, kind=debit, debit=Decimal(amount)),
            posting.Side(area=cast.SHUSHAN, kind=credit, credit=Decimal(amount)),
        ],
    )


def pay(amount: str, *, day: date = DAY, key: str = "pay") -> Entry:
    return move(
        key, Reason.BENEFIT_PAID, (Kind.BENEFIT_EXPENDITURE, Kind.EXPENDITURE_CITY), amount, day
    )


def balance(kind: Kind, day: date = DAY) -> Decimal:
    days = AccountDay.objects.filter(account__kind=kind, day__lte=day)
    return sum((row.debit - row.credit for row in days), start=Decimal(0))


# No overdraft --------------------------------------------------------------------------------


def test_an_account_pays_what_it_holds_and_not_a_cent_more(anhui: None) -> None:
    opening("30.00")
    pay("30.00")
    with pytest.raises(posting.Overdrawn, match=r"-0\.01"):
        pay("0.01", key="more")
    assert balance(Kind.EXPENDITURE_CITY) == 0
    assert not Entry.objects.filter(key="more").exists()


def test_money_is_not_paid_before_it_came(anhui: None) -> None:
    opening("30.00", day=DAY)
    with pytest.raises(posting.Overdrawn, match="2026-11-02"):
        pay("5.00", day=EARLIER)


def test_an_earlier_payment_leaves_enough_for_the_later_ones(anhui: None) -> None:
    opening("30.00")
    pay("28.00", day=DAY)
    with pytest.raises(posting.Overdrawn):
        pay("3.00", day=date(2026, 11, 10), key="between")
    pay("2.00", day=date(2026, 11, 10), key="between")
    assert balance(Kind.EXPENDITURE_CITY, date(2026, 11, 10)) == 28
    assert balance(Kind.EXPENDITURE_CITY) == 0


def test_all_entries_of_one_statement_are_there_or_none(anhui: None) -> None:
    opening("30.00")
    drafts = [
        posting.Draft(
            key=f"pay {n}",
            reason=Reason.BENEFIT_PAID,
            occurred_on=DAY,
            sides=[
                posting.Side(area=cast.HEFEI, kind=Kind.BENEFIT_EXPENDITURE, debit=Decimal(20)),
                posting.Side(area=cast.HEFEI, kind=Kind.EXPENDITURE_CITY, credit=Decimal(20)),
            ],
        )
        for n in (1, 2)
    ]
    with pytest.raises(posting.Overdrawn):
        posting.post_all(drafts)
    assert Entry.objects.count() == 1
    assert posting.post_all(drafts[:1]) == 1
    assert posting.post_all(drafts[:1]) == 0


# Earmarked, in the books of one area, on the right level -----------------------------------------


def test_a_reason_moves_nothing_but_what_it_names(anhui: None) -> None:
    opening("30.00")
    with pytest.raises(posting.ReasonForbids):
        move("loan", Reason.BENEFIT_PAID, (Kind.SPECIAL_FISCAL, Kind.EXPENDITURE_CITY), "1.00")


def test_each_area_balances_on_its_own(anhui: None) -> None:
    opening("30.00")
    with pytest.raises(posting.Unbalanced):
        posting.post(
            key="across",
            reason=Reason.BENEFIT_PAID,
            occurred_on=DAY,
            sides=[
                posting.Side(area=cast.WUHU, kind=Kind.BENEFIT_EXPENDITURE, debit=Decimal(1)),
                posting.Side(area=cast.HEFEI, kind=Kind.EXPENDITURE_CITY, credit=Decimal(1)),
            ],
        )


def test_a_city_has_no_account_of_a_county(anhui: None) -> None:
    opening("30.00")
    with pytest.raises(posting.AccountElsewhere):
        posting.post(
            key="city",
            reason=Reason.COUNTY_FUNDED,
            occurred_on=DAY,
            sides=[
                posting.Side(area=cast.HEFEI, kind=Kind.EXPENDITURE_COUNTY, debit=Decimal(1)),
                posting.Side(area=cast.HEFEI, kind=Kind.EXPENDITURE_CITY, credit=Decimal(1)),
            ],
        )


def test_a_county_is_funded_within_the_books_of_its_city(anhui: None) -> None:
    opening("30.00")
    move("fund", Reason.COUNTY_FUNDED, (Kind.EXPENDITURE_COUNTY, Kind.EXPENDITURE_CITY), "9.00")
    county = Account.objects.get(kind=Kind.EXPENDITURE_COUNTY)
    assert (county.area_id, county.book) == (cast.SHUSHAN // 10**6 * 10**6, cast.HEFEI)


def test_a_reversal_is_the_mirror_of_its_entry(anhui: None) -> None:
    entry = opening("30.00")
    with pytest.raises(posting.NotAMirror):
        posting.post(
            key="half",
            reason=Reason.REVERSAL,
            occurred_on=DAY,
            reverses=entry,
            sides=[
                posting.Side(area=cast.HEFEI, kind=Kind.POOLED_FUND, debit=Decimal(10)),
                posting.Side(area=cast.HEFEI, kind=Kind.EXPENDITURE_CITY, credit=Decimal(10)),
            ],
        )


# Raw SQL, also of the owner ----------------------------------------------------------------------

RAW = {
    "entry_reason_is_on_the_list": "INSERT INTO entry (key, reason, occurred_on)"
    " VALUES ('x', 'gift', '2026-11-20')",
    "a_line_is_in_whole_cents": "WITH e AS (INSERT INTO entry (key, reason, occurred_on)"
    " VALUES ('x', 'benefit_paid', '2026-11-20') RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit)"
    " SELECT e.id, a.id, '2026-11-20', 0.005 FROM e, account a",
    "debits_equal_credits": "WITH e AS (INSERT INTO entry (key, reason, occurred_on)"
    " VALUES ('x', 'opening_balance', '2026-11-20') RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit)"
    " SELECT e.id, a.id, '2026-11-20', 5 FROM e, account a WHERE a.kind = 'expenditure_city'",
    "lines_bear_the_day_of_their_entry": "WITH e AS (INSERT INTO entry (key, reason, occurred_on)"
    " VALUES ('x', 'opening_balance', '2026-11-20') RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit, credit)"
    " SELECT e.id, a.id, '2026-11-19', s.debit, s.credit FROM e, account a,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit) WHERE a.kind = 'expenditure_city'",
    "an_entry_that_stands_is_complete": "INSERT INTO entry_line"
    " (entry_id, account_id, day, debit, credit)"
    " SELECT l.entry_id, l.account_id, l.day, s.debit, s.credit FROM entry_line l,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit) WHERE l.debit > 0",
    "schemes_never_mix": "WITH e AS (INSERT INTO entry (key, reason, scheme, occurred_on)"
    " VALUES ('x', 'opening_balance', 2, '2026-11-20') RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit, credit)"
    " SELECT e.id, a.id, '2026-11-20', s.debit, s.credit FROM e, account a,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit) WHERE a.kind = 'expenditure_city'",
    "the_reason_names_the_account": "WITH e AS (INSERT INTO entry (key, reason, occurred_on)"
    " VALUES ('x', 'levy_paid', '2026-11-20') RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit, credit)"
    " SELECT e.id, a.id, '2026-11-20', s.debit, s.credit FROM e, account a,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit) WHERE a.kind = 'expenditure_city'",
    "a_reversal_mirrors_its_entry": "WITH e AS (INSERT INTO entry"
    " (key, reason, occurred_on, reverses_id)"
    " SELECT 'x', 'reversal', '2026-11-20', min(id) FROM entry RETURNING id)"
    " INSERT INTO entry_line (entry_id, account_id, day, debit, credit)"
    " SELECT e.id, a.id, '2026-11-20', s.debit, s.credit FROM e, account a,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit) WHERE a.kind = 'expenditure_city'",
    "a_position_is_a_bit": "INSERT INTO account_kind"
    " (kind, position, element, side, may_be_negative, level)"
    " VALUES ('loan', 64, 'asset', 1, false, 'county')",
    "account_is_of_its_level": "INSERT INTO account (area_id, scheme, kind)"
    " VALUES (340104000000, 1, 'special_fiscal')",
    "account_kind_is_on_the_chart": "INSERT INTO account (area_id, scheme, kind)"
    " VALUES (340100000000, 1, 'loan')",
    "balances_follow_from_lines": "UPDATE account_day SET debit = debit + 1",
    "ledger_is_written_in_read_committed": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
    " INSERT INTO entry_line (entry_id, account_id, day, debit, credit)"
    " SELECT l.entry_id, l.account_id, l.day, s.debit, s.credit FROM entry_line l,"
    " (VALUES (5, 0), (0, 5)) s (debit, credit)",
}
EDITS = (
    "UPDATE account SET kind = 'pooled_fund'",
    "DELETE FROM account",
    "INSERT INTO account_total SELECT id, 1, 0 FROM account",
    "UPDATE account_total SET debit = debit + 1",
    "DELETE FROM account_day",
    "TRUNCATE account_day",
    "TRUNCATE account_total",
    "DELETE FROM period_close",
    "UPDATE account_kind SET may_be_negative = true",
)


@pytest.mark.django_db(transaction=True)
def test_raw_sql_is_refused_for_every_role_by_name() -> None:
    """The owner by the guarantee's name, the plain roles already by their rights."""
    cast.law()
    opening("30.00")
    with connected_as("owner") as owner:
        for name, statement in RAW.items():
            with pytest.raises(psycopg.errors.IntegrityError) as refused:
                owner.execute(statement)
            assert refused.value.diag.constraint_name == name, statement
            owner.rollback()
        for statement in EDITS[:-2]:
            with pytest.raises(psycopg.errors.IntegrityError, match=r"append-only|follows"):
                owner.execute(statement)
            owner.rollback()
    for role in ("web", "worker"):
        with connected_as(role) as plain:
            plain.execute("SELECT set_config('app.all', 'true', false)")
            plain.commit()
            for statement in (*RAW.values(), *EDITS):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    plain.execute(statement)
                plain.rollback()
    assert Line.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_web_posts_what_an_approved_case_says_and_nothing_else() -> None:
    cast.law()
    asked = (
        "SELECT post_lines(ARRAY[ROW('x', 'opening_balance', '2026-11-20', 1, NULL, NULL, NULL,"
        " 340100000000, 'special_fiscal', 5, 0)::posting_line])"
    )
    with connected_as("web") as web:
        web.execute("SELECT set_config('app.all', 'true', false)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="approved case"):
            web.execute(asked)


# Closed months -----------------------------------------------------------------------------------


@pytest.fixture
def officers(anhui: None) -> tuple[User, User]:
    return cast.officer("Fund officer", "zhao", "赵文清"), cast.officer(
        "Approver", "chen", "陈立群"
    )


def test_nothing_is_posted_into_a_closed_month_until_somebody_else_opens_it(
    officers: tuple[User, User],
) -> None:
    closer, other = officers
    opening("30.00")
    close = PeriodClose.objects.create(
        region_id=cast.HEFEI, month=date(2026, 11, 1), closed_by=closer
    )
    with pytest.raises(posting.PeriodClosed, match="2026-11"):
        pay("1.00")
    for who, reason in ((closer, "错账"), (other, "")):
        with pytest.raises(IntegrityError, match="opened_by_somebody_else"), transaction.atomic():
            PeriodClose.objects.filter(pk=close.pk).update(
                reopened_by=who, reopened_at=close.closed_at, reason=reason
            )
    PeriodClose.objects.filter(pk=close.pk).update(
        reopened_by=other, reopened_at=close.closed_at, reason="错账"
    )
    pay("1.00")
    with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
        PeriodClose.objects.filter(pk=close.pk).update(reopened_by=None, reopened_at=None)


def test_the_books_of_another_area_and_month_stay_open(officers: tuple[User, User]) -> None:
    PeriodClose.objects.create(region_id=cast.WUHU, month=date(2026, 11, 1), closed_by=officers[0])
    PeriodClose.objects.create(region_id=cast.HEFEI, month=date(2026, 10, 1), closed_by=officers[0])
    opening("30.00")
    assert balance(Kind.EXPENDITURE_CITY) == 30


# Many at once ------------------------------------------------------------------------------------


def test_entries_of_one_statement_are_posted_once_and_keep_their_shard(anhui: None) -> None:
    opening("30.00")
    drafts = [
        posting.Draft(
            key=f"day:{n}",
            reason=Reason.BENEFIT_PAID,
            occurred_on=DAY,
            shard=7,
            sides=[
                posting.Side(
                    area=cast.HEFEI, kind=Kind.BENEFIT_EXPENDITURE, debit=n * Decimal("1.25")
                ),
                posting.Side(
                    area=cast.HEFEI, kind=Kind.EXPENDITURE_CITY, credit=n * Decimal("1.25")
                ),
            ],
        )
        for n in range(1, 5)
    ]
    assert posting.post_all(drafts) == 4
    assert posting.post_all(drafts) == 0
    assert balance(Kind.EXPENDITURE_CITY) == Decimal("17.50")
    assert set(Entry.objects.filter(shard=7).values_list("key", flat=True)) == {
        f"day:{n}" for n in range(1, 5)
    }
