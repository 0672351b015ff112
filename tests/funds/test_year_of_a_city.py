"""A year of a Hubei city, kept by hand on paper first: from the tax service to the last payment.

鄂政办发〔2020〕9号 三（五）. Amounts in yuan; a clerk gets every figure of the trial balance by
adding up the moves.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from enrollment.models import Person, Region, User
from enrollment.selectors.calendar import business_date_is
from funds import posting
from funds.models import Entry, Kind, Level, Reason
from funds.selectors.accounts import accounts_between, by_kind, subsidies_of, totals
from funds.services import movements
from tests import cast

XIANNING, XIANAN = 421200000000, 421202000000
LAST = date(2027, 12, 31)


@pytest.fixture(autouse=True)
def year_end() -> Iterator[None]:
    with business_date_is(LAST):
        yield


def collected(key: str, on: date, amount: int, waiting: int) -> None:
    """What `post` writes of a day: in transit, with what found its bill and what waits."""
    posting.post(
        key=key,
        reason=Reason.RECEIPTS,
        occurred_on=on,
        sides=[
            posting.Side(area=XIANNING, kind=Kind.TREASURY_IN_TRANSIT, debit=Decimal(amount)),
            posting.Side(
                area=XIANNING, kind=Kind.CONTRIBUTION_REVENUE, credit=Decimal(amount - waiting)
            ),
            posting.Side(area=XIANNING, kind=Kind.SUSPENSE, credit=Decimal(waiting)),
        ],
    )


def opened() -> None:
    posting.post(
        key="opening",
        reason=Reason.OPENING_BALANCE,
        occurred_on=date(2027, 1, 1),
        sides=[
            posting.Side(area=XIANNING, kind=Kind.SPECIAL_FISCAL, debit=Decimal(1_000_000)),
            posting.Side(area=XIANNING, kind=Kind.POOLED_FUND, credit=Decimal(1_000_000)),
        ],
    )


MOVES = (
    (Reason.TREASURY_PAID_OVER, 3, 15, "395000", None),
    (Reason.SUBSIDY_DUE, 1, 10, "600000", Level.CENTRAL),
    (Reason.SUBSIDY_DUE, 1, 10, "150000.50", Level.PROVINCIAL),
    (Reason.SUBSIDY_DUE, 1, 10, "50000", Level.CITY),
    (Reason.SUBSIDY_DUE, 1, 10, "50000", Level.COUNTY),
    (Reason.SUBSIDY_RECEIVED, 4, 1, "600000", Level.CENTRAL),
    (Reason.SUBSIDY_RECEIVED, 5, 20, "150000.50", Level.PROVINCIAL),
    (Reason.SUBSIDY_RECEIVED, 11, 30, "20000", Level.COUNTY),
    (Reason.ASSISTANCE_FUNDED, 1, 5, "80000", None),
    (Reason.ASSISTANCE_PAID, 3, 1, "75600", None),
    (Reason.DRAWN, 4, 2, "1200000", None),
    (Reason.COUNTY_FUNDED, 4, 3, "900000", None),
    (Reason.BENEFIT_PAID, 6, 30, "850000.25", None),
    (Reason.INTEREST_RECEIVED, 12, 21, "1234.56", None),
    (Reason.VIOLATION_FOUND, 9, 1, "3000", None),
    (Reason.VIOLATION_COVERED, 10, 8, "2000", None),
)
# Kind: opening debit and credit, posted debit and credit, closing debit and credit.
EXPECTED = {
    "treasury_in_transit": "0 0 400000 395000 5000 0",
    "special_fiscal": "1000000 0 1243835.06 1200000 1043835.06 0",
    "expenditure_city": "0 0 1200000 900000 300000 0",
    "expenditure_county": "0 0 900000 850000.25 49999.75 0",
    "assistance_deposit": "0 0 80000 75600 4400 0",
    "receivable_central": "0 0 600000 600000 0 0",
    "receivable_provincial": "0 0 150000.50 150000.50 0 0",
    "receivable_city": "0 0 50000 0 50000 0",
    "receivable_county": "0 0 50000 20000 30000 0",
    "receivable_assistance": "0 0 75600 75600 0 0",
    "receivable_violation": "0 0 3000 2000 1000 0",
    "suspense": "0 0 0 1000 0 1000",
    "subsidies_due": "0 0 845600.50 925600.50 0 80000",
    "pooled_fund": "0 1000000 0 398834.81 0 1398834.81",
    "assistance_balance": "0 0 75600 80000 0 4400",
    "contribution_revenue": "0 0 399000 399000 0 0",
    "assistance_contributions": "0 0 75600 75600 0 0",
    "subsidy_central": "0 0 600000 600000 0 0",
    "subsidy_provincial": "0 0 150000.50 150000.50 0 0",
    "subsidy_county": "0 0 20000 20000 0 0",
    "interest_revenue": "0 0 1234.56 1234.56 0 0",
    "benefit_expenditure": "0 0 850000.25 850000.25 0 0",
    "assistance_expenditure": "0 0 75600 75600 0 0",
}


def keep_the_year() -> None:
    """The province, the year as it went, and its close."""
    for code, name, rank in (
        (420000000000, "湖北省", 1), (XIANNING, "咸宁市", 2), (XIANAN, "咸安区", 3),
    ):  # fmt: skip
        Region.objects.get_or_create(
            code=code,
            defaults={"name": name, "level": rank, "valid_from": date(2000, 1, 1)},
        )
    opened()
    collected("day", date(2027, 3, 1), 400_000, 1_000)
    posting.post(
        key="awards",
        reason=Reason.CONTRIBUTION_AWARDED,
        occurred_on=date(2027, 1, 3),
        sides=[
            posting.Side(area=XIANNING, kind=Kind.RECEIVABLE_ASSISTANCE, debit=Decimal(75_600)),
            posting.Side(area=XIANNING, kind=Kind.SUBSIDIES_DUE, credit=Decimal(75_600)),
        ],
    )
    for number, (reason, month, day, amount, level) in enumerate(MOVES):
        movements.move(
            reason=reason,
            area=XIANAN,
            amount=Decimal(amount),
            on=date(2027, month, day),
            key=f"move {number}",
            level=level,
        )
    movements.close_year(area=XIANNING, scheme=Person.Scheme.RESIDENT, year=2027)


@pytest.fixture
def kept(db: None) -> None:
    keep_the_year()


def test_the_trial_balance_of_the_year_is_the_expected_one(kept: None) -> None:
    rows = by_kind(accounts_between(date(2027, 1, 2), LAST, book=XIANNING, scheme=1))
    assert {row.kind: row.columns for row in rows} == {
        kind: tuple(map(Decimal, row.split())) for kind, row in EXPECTED.items()
    }
    sums = totals(rows)
    assert sums[0] == sums[1] == 1_000_000
    assert sums[2] == sums[3]
    assert sums[4] == sums[5] == Decimal("1484234.81")


def test_subsidies_due_stand_against_received_with_arrears(kept: None) -> None:
    found = subsidies_of(accounts_between(date(2027, 1, 1), LAST, book=XIANNING, scheme=1))
    told: dict[str, tuple[object, ...]] = {
        each.kind: (each.due, each.received, each.arrears) for each in found.values()
    }
    assert told == {
        "receivable_central": (600_000, 600_000, 0),
        "receivable_provincial": (Decimal("150000.50"), Decimal("150000.50"), 0),
        "receivable_city": (50_000, 0, 50_000),
        "receivable_county": (50_000, 20_000, 30_000),
    }


def test_no_subsidy_is_received_that_is_not_due_and_a_year_is_closed_once(kept: None) -> None:
    with pytest.raises(posting.Overdrawn):
        movements.move(
            reason=Reason.SUBSIDY_RECEIVED,
            area=XIANNING,
            amount=Decimal(1),
            on=LAST,
            key="gift",
            level=Level.CENTRAL,
        )
    before = Entry.objects.count()
    assert movements.close_year(area=XIANNING, scheme=Person.Scheme.RESIDENT, year=2027) is None
    assert Entry.objects.count() == before


def test_the_printed_trial_balance_leads_to_account_and_entry(kept: None, client: Client) -> None:
    user: User = cast.officer("Fund officer", "zhao", "赵文清", region=420000000000)
    client.force_login(user)
    page = client.get(
        reverse("admin:trial_balance"),
        {"book": f"{XIANNING}", "scheme": "1", "since": "2027-01-02", "until": "2027-12-31"},
    )
    told = page.content.decode()
    assert page.status_code == 200
    for figure in ("1,043,835.06", "1,398,834.81", "1,484,234.81"):
        assert figure in told
    account = next(row for row, _ in page.context["rows"] if row.kind == "special_fiscal")
    statement = client.get(reverse("admin:account_statement"), {"account": account.account})
    balances = [balance for _, balance in statement.context["found"].rows]
    assert balances[0] == Decimal("1043835.06")
    assert balances[-1] == 1_000_000
    asked = {"account": account.account, "as": "csv"}
    file = client.get(reverse("admin:account_statement"), asked).content.decode("utf-8-sig")
    heading, *lines = file.splitlines()
    assert heading == "发生日期,凭证,原因,依据,借方,贷方,余额"
    assert [Decimal(each.rsplit(",", 1)[1]) for each in lines] == balances
    line = statement.context["found"].rows[0][0]
    assert reverse("admin:funds_entry_change", args=[line.entry_id]) in statement.content.decode()
    taken = client.get(reverse("admin:trial_balance"), {"book": f"{XIANNING}", "as": "csv"})
    assert taken.content.decode("utf-8-sig").splitlines()[-1].endswith("1484234.81,1484234.81")
    book = client.get(reverse("admin:trial_balance"), {"book": f"{XIANNING}", "as": "xlsx"})
    assert book.content[:2] == b"PK"
