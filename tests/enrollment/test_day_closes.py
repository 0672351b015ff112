"""The day of the money: counted by differences, compared three ways, closed and opened again."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from enrollment.models import ControlTotal, DayClose, Receipt, ReceiptDay, User
from enrollment.selectors import days
from enrollment.selectors.calendar import business_date_is
from enrollment.services import day_closes
from enrollment.services.imports import ImportResult, receive_file
from tests import cast
from tests.acts import at_once

DAY, TODAY = date(2026, 11, 10), date(2026, 11, 20)
HEADER = "日期,地区代码,险种,渠道,笔数,金额,来源"
Send = Callable[..., ImportResult]


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(TODAY):
        yield


@pytest.fixture
def checker(db: None) -> User:
    cast.law()
    return cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI)


@pytest.fixture
def approver(checker: User) -> User:
    return cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI)


@pytest.fixture
def send(checker: User, tmp_path: Path) -> Send:
    def sent(*lines: str, area: str = "", **options: Any) -> ImportResult:
        path = tmp_path / "totals.csv"
        path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        return receive_file(kind="control_totals", path=path, area=area, **options)

    return sent


def came(
    number: str, amount: int = 400, region: int = cast.SHUSHAN, channel: str = "app", hour: int = 2
) -> Receipt:
    """A receipt of the day, paid at ten in the morning in Shanghai unless told otherwise."""
    return Receipt.objects.create(
        receipt_number=number, name="张三", year=2027, amount=amount, region=region,
        paid_at=datetime(2026, 11, 10, hour, tzinfo=UTC), channel=channel,
    )  # fmt: skip


def said(*rows: tuple[str, int, str, int, int]) -> None:
    """What the sources say: source, region, channel, receipts, amount."""
    for source, region, channel, receipts, amount in rows:
        ControlTotal.objects.create(
            source=source, day=DAY, region=region, scheme=1, channel=channel, receipts=receipts,
            amount=amount,
        )  # fmt: skip


def agreed() -> None:
    """Two receipts that both sources tell, each in its own way."""
    came("R1")
    came("R2", 420, cast.BAOHE, "bank")
    said(
        ("tax", cast.SHUSHAN, "app", 1, 400),
        ("tax", cast.BAOHE, "", 1, 420),
        ("treasury", cast.HEFEI, "", 2, 820),
    )


# Counting -----------------------------------------------------------------------------------------


def test_a_day_is_counted_by_statement_and_folded_without_a_change(checker: User) -> None:
    came("R1")
    came("R2", 20)
    came("R3", hour=15, region=cast.BAOHE)  # 23:00 in Shanghai
    came("R4", hour=16)  # the day after
    before = days.sides_of(checker, DAY, DAY)[DAY][cast.HEFEI]
    assert before.came == days.Told(3, Decimal(820))
    assert ReceiptDay.objects.count() == 4

    assert day_closes.fold() == 1

    assert ReceiptDay.objects.count() == 3
    assert days.sides_of(checker, DAY, DAY)[DAY][cast.HEFEI] == before


def test_the_page_of_a_month_reads_no_receipt(
    checker: User, django_assert_num_queries: Any
) -> None:
    agreed()
    checker = User.objects.get(pk=checker.pk)
    days.sides_of(checker, DAY, DAY)
    with django_assert_num_queries(3) as asked:
        days.sides_of(checker, date(2026, 11, 1), date(2026, 11, 30))
    assert not any('FROM "receipt"' in query["sql"] for query in asked.captured_queries)


# Comparing ----------------------------------------------------------------------------------------


def test_totals_of_any_width_are_compared_with_what_they_cover(checker: User) -> None:
    agreed()
    assert days.differences_of(cast.HEFEI, DAY) == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"source": "tax", "channel": "app", "amount": 399},
         ("tax", cast.SHUSHAN, "app", 1, 400, 1, 399)),
        ({"source": "tax", "channel": "app", "receipts": 2},
         ("tax", cast.SHUSHAN, "app", 1, 400, 2, 400)),
        ({"source": "treasury", "channel": "", "amount": 0},
         ("treasury", cast.HEFEI, "", 2, 820, 2, 0)),
    ],
)  # fmt: skip
def test_a_difference_says_where(
    checker: User, changed: dict[str, Any], where: tuple[Any, ...]
) -> None:
    agreed()
    key = {name: changed.pop(name) for name in ("source", "channel")}
    ControlTotal.objects.filter(**key).update(**changed)

    (found,) = days.differences_of(cast.HEFEI, DAY)

    assert (
        found.source, found.region, found.channel, found.receipts, found.amount,
        found.told_receipts, found.told_amount,
    ) == where  # fmt: skip
    with pytest.raises(day_closes.DayDiffers, match="1"):
        day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)


def test_money_that_a_source_does_not_tell_is_a_difference(checker: User) -> None:
    agreed()
    came("R3", 10, cast.SHUSHAN, "village")

    found = {(each.source, each.channel): each.by for each in
             days.differences_of(cast.HEFEI, DAY)}  # fmt: skip

    assert found == {("tax", "village"): 10, ("treasury", ""): 10}
    assert days.differences_of(cast.WUHU, DAY) == []


def test_two_differences_that_cancel_each_other_are_two(checker: User) -> None:
    agreed()
    ControlTotal.objects.filter(source="tax", channel="app").update(amount=401)
    ControlTotal.objects.filter(source="tax", channel="").update(amount=419)
    assert len(days.differences_of(cast.HEFEI, DAY)) == 2


# Closing ------------------------------------------------------------------------------------------


def test_a_day_closes_and_what_comes_later_is_told(checker: User, approver: User) -> None:
    agreed()
    close = day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)
    assert days.Told(close.receipts, close.amount) == days.Told(2, Decimal(820))
    with pytest.raises(day_closes.DayIsClosed):
        day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)
    came("R3", 5)

    sides = days.sides_of(checker, DAY, DAY)[DAY][cast.HEFEI]

    assert (sides.state, sides.late) == ("closed", days.Told(1, Decimal(5)))
    again = day_closes.reopen_day(user=approver, area=cast.HEFEI, day=DAY, reason="补传一笔")
    assert (again.reopened_by, again.reason) == (approver, "补传一笔")
    with pytest.raises(day_closes.DayDiffers):
        day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)
    assert days.sides_of(checker, DAY, DAY)[DAY][cast.HEFEI].state == "differs"


def test_who_may_close_and_open_a_day(checker: User, approver: User) -> None:
    agreed()
    elsewhere = cast.officer("Checker", "wu", "芜湖复核", region=cast.WUHU)
    county = cast.officer("Checker", "shu", "蜀山复核", region=cast.SHUSHAN)
    maker = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    for other in (elsewhere, county, maker):
        with pytest.raises(day_closes.NotYourArea):
            day_closes.close_day(user=other, area=cast.HEFEI, day=DAY)
    with pytest.raises(day_closes.DayNotOver):
        day_closes.close_day(user=checker, area=cast.HEFEI, day=date(2026, 11, 21))
    with pytest.raises(day_closes.DayIsOpen):
        day_closes.reopen_day(user=approver, area=cast.HEFEI, day=DAY, reason="无")
    day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)
    with pytest.raises(day_closes.NotYourArea):
        day_closes.reopen_day(user=checker, area=cast.HEFEI, day=DAY, reason="自己")
    with pytest.raises(day_closes.ReasonMissing):
        day_closes.reopen_day(user=approver, area=cast.HEFEI, day=DAY, reason=" ")
    both = cast.officer("Approver", "he", "何静", region=cast.HEFEI)
    cast.entrust(both, "Supervisor", region=cast.HEFEI)
    both = User.objects.get(pk=both.pk)
    day_closes.reopen_day(user=approver, area=cast.HEFEI, day=DAY, reason="重来")
    day_closes.close_day(user=both, area=cast.HEFEI, day=DAY)
    with pytest.raises(day_closes.CloserOpens):
        day_closes.reopen_day(user=both, area=cast.HEFEI, day=DAY, reason="自己")


def test_the_database_refuses_what_the_services_refuse(checker: User, approver: User) -> None:
    agreed()
    ControlTotal.objects.filter(source="treasury").update(amount=1)
    close = {"region_id": cast.HEFEI, "day": DAY, "closed_by": checker, "receipts": 0, "amount": 0}
    with pytest.raises(IntegrityError, match="differs in 1 places"), transaction.atomic():
        DayClose.objects.create(**close)
    ControlTotal.objects.filter(source="treasury").update(amount=820)
    made = DayClose.objects.create(**close)
    for broken in ({"amount": 1}, {"day": TODAY}, {"closed_by": approver}):
        with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
            DayClose.objects.filter(pk=made.pk).update(**broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        DayClose.objects.filter(pk=made.pk).delete()
    opened = {"reopened_at": datetime(2026, 11, 21, tzinfo=UTC), "reason": "无"}
    with pytest.raises(IntegrityError, match="somebody_else"), transaction.atomic():
        DayClose.objects.filter(pk=made.pk).update(reopened_by=checker, **opened)
    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        ControlTotal.objects.update(amount=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_does(checker: User) -> None:
    agreed()

    answers = at_once(
        *[lambda: day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY) for _ in range(3)]
    )

    assert sorted(type(each).__name__ for each in answers) == [
        "DayClose", "DayIsClosed", "DayIsClosed"
    ]  # fmt: skip


# The file -----------------------------------------------------------------------------------------


def lines_of(rows: Any) -> list[tuple[Any, ...]]:
    return list(rows.values_list("source", "region", "channel", "receipts", "amount"))


def test_totals_come_by_file_and_are_corrected_until_the_day_is_closed(send: Send) -> None:
    first = (
        "2026-11-10,340104,居民,手机,1,400,税务",
        "2026-11-10,340100,居民,,2,820.00,国库",
    )
    told = send(*first)
    assert (told.read, told.inserted, told.rejected) == (2, 2, 0)
    told = send(first[0], "2026-11-10,340100,居民,,3,830,国库")
    assert (told.inserted, told.updated, told.unchanged) == (0, 1, 1)
    rows = ControlTotal.objects.order_by("source")
    assert lines_of(rows) == [
        ("tax", cast.SHUSHAN, "app", 1, 400), ("treasury", cast.HEFEI, "", 3, 830)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2026-11-21,340104,居民,手机,1,400,税务", "day"),
        ("2026-11-10,340104001,居民,手机,1,400,税务", "region"),
        ("2026-11-10,340000,居民,手机,1,400,税务", "region"),
        ("2026-11-10,340104,居民,手机,1.5,400,税务", "count"),
        ("2026-11-10,340104,居民,手机,-1,400,税务", "count"),
        ("2026-11-10,340104,居民,手机,1,-4,税务", "amount"),
        ("2026-11-10,340104,居民,手机,1,400,银行", "source"),
        ("2026-11-10,340104,居民,银行,1,400,税务", "region"),
        ("2026-11-10,340100,居民,手机,1,400,税务", "region"),
    ],
)
def test_a_bad_total_is_refused_by_its_column(send: Send, line: str, column: str) -> None:
    said(("tax", cast.SHUSHAN, "", 1, 400))

    told = send(line)

    assert told.rejected == 1
    assert {error["column"] for error in told.errors} & {column, _chinese(column)}
    assert ControlTotal.objects.count() == 1


def _chinese(column: str) -> str:
    names = {"day": "日期", "region": "地区代码", "count": "笔数", "amount": "金额",
             "source": "来源"}  # fmt: skip
    return names[column]


def test_the_totals_of_an_area_and_of_a_closed_day(send: Send, checker: User) -> None:
    told = send("2026-11-10,340202,居民,手机,1,400,税务", area="340100")
    assert (told.inserted, told.rejected) == (0, 1)
    agreed()
    day_closes.close_day(user=checker, area=cast.HEFEI, day=DAY)
    told = send("2026-11-10,340104,居民,手机,2,800,税务")
    assert (told.updated, told.rejected) == (0, 1)


def test_verify_compares_the_days_with_their_receipts(checker: User) -> None:
    cast.year(2027, closed=False)
    agreed()
    call_command("verify")
    ReceiptDay.objects.filter(channel="app").update(amount=1)
    with pytest.raises(CommandError):
        call_command("verify")
