"""The step `post`: what the register says and the ledger does not, by area and day, once."""

import json
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from enrollment.models import Receipt, ShardTotal, YearStep
from enrollment.selectors.calendar import business_date_is
from enrollment.services import clearings
from enrollment.services.year import start_step
from funds import posting
from funds.models import Entry, Kind, Line, PeriodClose, Reason, SourcePosting
from funds.services import periods
from tests import cast, turning
from tests.acts import carried_out
from tests.turning import CLOSING, YEAR, clock, finish, insured, receipt, someone, turn

NOVEMBER, SEPTEMBER = date(2026, 11, 20), date(2026, 9, 1)


@pytest.fixture(autouse=True)
def autumn(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """张三, 钱七 and 孙八 of Wuhu pay; 王五 is subsidised and pays too much; one is unknown."""
    turning.province(monkeypatch)
    three, five, seven, eight = (
        someone("张三"),
        someone("王五", "dibao"),
        someone("钱七"),
        someone("孙八", region=turning.WUHU),
    )
    insured(three, five, seven, eight)
    turn("open")
    turn("subsidise")
    receipt("R1", three, 420)
    receipt("R2", five, 50)
    receipt("R3", seven, 420, at=clock(2026, 12, 1, 9))
    receipt("R4", eight, 420)
    receipt("R5", None, 100, region=turning.HEFEI)


def post(on: date = CLOSING, *, rehearse: bool = False) -> YearStep:
    return finish(start_step(name="post", year=YEAR, on=on, rehearse=rehearse))


def ledger() -> list[tuple[Any, ...]]:
    """Every line: key, day, kind, debit less credit."""
    rows = Line.objects.order_by("entry__key", "account__kind").values_list(
        "entry__key", "day", "account__kind", "debit", "credit"
    )
    return [(key, day, kind, debit - credit) for key, day, kind, debit, credit in rows]


def sums() -> dict[str, Decimal]:
    """Debit less credit of each kind, over all areas."""
    rows = Line.objects.values_list("account__kind").annotate(d=Sum("debit"), c=Sum("credit"))
    return {kind: debit - credit for kind, debit, credit in rows if debit != credit}


def test_a_day_of_an_area_is_one_entry_and_what_is_reconciled_moves_out_of_suspense() -> None:
    post(on=NOVEMBER)
    assert ledger() == [
        (f"awards:{cast.HEFEI}:1:2026-09-01:1", SEPTEMBER, "receivable_assistance", 378),
        (f"awards:{cast.HEFEI}:1:2026-09-01:1", SEPTEMBER, "subsidies_due", -378),
        (f"receipts:{cast.HEFEI}:1:2026-11-20:1", NOVEMBER, "suspense", -570),
        (f"receipts:{cast.HEFEI}:1:2026-11-20:1", NOVEMBER, "treasury_in_transit", 570),
        (f"receipts:{cast.WUHU}:1:2026-11-20:1", NOVEMBER, "suspense", -420),
        (f"receipts:{cast.WUHU}:1:2026-11-20:1", NOVEMBER, "treasury_in_transit", 420),
    ]
    turn("reconcile")
    post()
    # 8 yuan above a bill and 100 of nobody wait
    assert sums() == {
        "treasury_in_transit": Decimal(1410),
        "contribution_revenue": Decimal(-1302),
        "suspense": Decimal(-108),
        "receivable_assistance": Decimal(378),
        "subsidies_due": Decimal(-378),
    }
    moved = [line for line in ledger() if line[0].endswith(f"{cast.WUHU}:1:2026-11-20:2")]
    assert moved == [
        (f"receipts:{cast.WUHU}:1:2026-11-20:2", CLOSING, "contribution_revenue", -420),
        (f"receipts:{cast.WUHU}:1:2026-11-20:2", CLOSING, "suspense", 420),
    ]


def test_a_run_that_finds_nothing_posts_nothing_and_a_rehearsal_only_counts() -> None:
    turn("reconcile")
    rehearsed = post(rehearse=True)
    assert not Entry.objects.exists()
    first = post()
    counted: list[list[tuple[Any, ...]]] = [
        list(
            ShardTotal.objects.filter(shard__step=step)
            .order_by("county", "item")
            .values_list("county", "item", "persons", "paid")
        )
        for step in (rehearsed, first)
    ]
    assert (
        counted[0]
        == counted[1]
        == [
            (340100, "contribution_awarded", 1, 378),
            (340100, "receipts", 2, 990),
            (340200, "receipts", 1, 420),
        ]
    )
    before = ledger()
    assert not ShardTotal.objects.filter(shard__step=post()).exists()
    assert ledger() == before
    assert Entry.objects.count() == SourcePosting.objects.count() == 4


def test_a_closed_month_takes_nothing_more_and_what_came_late_is_posted_today() -> None:
    turn("reconcile")
    post(on=NOVEMBER)
    PeriodClose.objects.create(
        region_id=cast.HEFEI,
        month=date(2026, 11, 1),
        closed_by=cast.officer("Fund officer", "zhao", "赵文清"),
    )
    for number, area in (("R6", turning.HEFEI), ("R7", turning.WUHU)):
        receipt(number, None, 70, at=clock(2026, 11, 25, 9), region=area)
    post()
    days = dict(Entry.objects.values_list("key", "occurred_on"))
    assert days[f"receipts:{cast.HEFEI}:1:2026-11-25:1"] == CLOSING
    assert days[f"receipts:{cast.WUHU}:1:2026-11-25:1"] == date(2026, 11, 25)


def test_an_area_that_cannot_be_posted_is_told_and_stops_no_other() -> None:
    turn("reconcile")
    post()
    posting.post(
        key="over",
        reason=Reason.TREASURY_PAID_OVER,
        occurred_on=CLOSING,
        sides=[
            posting.Side(area=cast.WUHU, kind=Kind.SPECIAL_FISCAL, debit=Decimal(420)),
            posting.Side(area=cast.WUHU, kind=Kind.TREASURY_IN_TRANSIT, credit=Decimal(420)),
        ],
    )
    # What the treasury has paid over is gone from the register; Hefei goes on.
    Receipt.objects.filter(receipt_number="R4").update(amount=10, applied=10)
    Receipt.objects.filter(receipt_number="R5").update(amount=130)
    step = post()
    items: set[tuple[Any, ...]] = set(
        ShardTotal.objects.filter(shard__step=step).values_list("county", "item", "paid")
    )
    assert items == {(340100, "receipts", 30), (340200, "overdrawn", 410)}
    assert sums()["suspense"] == -138


def test_verify_names_the_row_that_was_changed_behind_everybody() -> None:
    turn("reconcile")
    post()
    assert broken() == set()
    Receipt.objects.filter(receipt_number="R3").update(amount=421)
    assert "receipts_stand_in_the_ledger" in broken()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area, day, kind, amount FROM unposted('2000-01-01', 'infinity') ORDER BY kind"
        )
        assert cursor.fetchall() == [
            (cast.HEFEI, date(2026, 12, 1), "suspense", -1),
            (cast.HEFEI, date(2026, 12, 1), "treasury_in_transit", 1),
        ]
    Receipt.objects.filter(receipt_number="R3").update(amount=420)
    for statement, check in (
        ("UPDATE award SET amount = amount + 1", "subsidies_stand_in_the_ledger"),
        ("UPDATE account_day SET debit = debit + 1", "balances_are_the_sums_of_lines"),
        (
            "UPDATE entry_line SET debit = debit + 1 WHERE debit > 0",
            "ledger_entries_balance_within_one_scheme",
        ),
        ("UPDATE entry SET reason = 'benefit_paid'", "entries_keep_their_reason_book_and_period"),
    ):
        table = statement.split()[1]
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT whole")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
        assert check in broken(), statement
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT whole")
    assert broken() == set()


def test_verify_names_money_that_was_paid_back_past_the_ledger() -> None:
    turn("reconcile")
    post()
    maker, checker = (
        cast.officer(role, role.lower(), name)
        for role, name in (("Maker", "刘婷"), ("Checker", "张敏"))
    )
    with business_date_is(CLOSING):
        told = clearings.open_clearing(
            maker=maker,
            receipt=Receipt.objects.get(receipt_number="R5"),
            person=None,
            decision="refund",
            evidence="来信 20261230-1",
            ground="handling_error",
            payee="无名",
            account="6217 0000 1234 5678",
        )
        carried_out(told, checker)
    assert broken() == {"refunds_and_clearings_stand_in_the_ledger"}
    # Effects are logged by the clock of the database, which may be past the year of this test.
    logged = timezone.localdate()  # noqa: TID251
    post(on=max(date(2027, 1, 1), logged + timedelta(days=1)))
    assert broken() == set()


def broken() -> set[str]:
    """Names of the violated checks of the ledger."""
    out = StringIO()
    with suppress(CommandError):
        call_command("verify", "--json", stdout=out)
    ours = ("ledger", "balances", "entries", "changes_are_posted")
    return {
        check["name"]
        for check in json.loads(out.getvalue())["checks"]
        if not check["ok"] and any(word in check["name"] for word in ours)
    }


def test_a_month_is_closed_only_once_its_receipts_are_posted() -> None:
    officer = cast.officer("Fund officer", "zhao", "赵文清")
    first = NOVEMBER.replace(day=1)
    with business_date_is(CLOSING):
        with pytest.raises(periods.ReceiptsOfMonthNotPosted):
            periods.close_month(user=officer, book=cast.HEFEI, month=first)
        post()
        periods.close_month(user=officer, book=cast.HEFEI, month=first)
    assert PeriodClose.objects.get().month == first
