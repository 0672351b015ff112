"""The workbench of receipts: money that waits finds its bill by a case, days
are compared and closed."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from enrollment.models import ControlTotal, DayClose, Enrollment, Person, Receipt, User
from enrollment.models.identity import digest
from tests import cast
from tests.browser.conftest import OpenWindow, press

TODAY = date(2026, 11, 20)
DAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own thread lives on that day, too."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())


@pytest.fixture
def officers(live_server: Any) -> dict[str, User]:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return {
        "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
        "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
        "approver": cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI),
    }


def came(number: str, **says: Any) -> Receipt:
    told: dict[str, Any] = {
        "name": "张三", "year": 2027, "amount": 400, "channel": "app", "region": cast.SHUSHAN,
        "paid_at": datetime(2026, 11, 10, 2, tzinfo=UTC), "outcome": "person_unknown",
    }  # fmt: skip
    return Receipt.objects.create(receipt_number=number, **told | says)


@pytest.fixture
def zhang_san(officers: dict[str, User]) -> Person:
    """Billed for 2027; a receipt with one wrong digit came in, and some that resemble nobody."""
    person = cast.person("张三", number=1)
    cast.bill(person, 2027)
    number = person.identity_number
    slipped = number[:9] + str((int(number[9]) + 1) % 10) + number[10:]
    came(
        "341126111000000017", id_digest=digest(slipped), born=person.birth_date,
        id_mask=f"{slipped[:6]}**********{slipped[-2:]}",
    )  # fmt: skip
    came("341126111000000025", name="李四", channel="bank", amount=420)
    came("341126082000000033", name="王小五", channel="village", outcome="no_bill",
         paid_at=datetime(2026, 8, 20, 2, tzinfo=UTC))  # fmt: skip
    return person


def test_money_in_suspense_finds_its_bill_by_a_case(
    window: OpenWindow, officers: dict[str, User], zhang_san: Person, shot: Any
) -> None:
    maker = window(user=officers["maker"])
    maker.open("/enrollment/receipt/")
    shot(maker, "suspense-list")
    assert "证件号码差一位" in maker.text("#result_list")
    maker.page.check("input[name=receipt] >> nth=2")
    maker.page.check("input[name=receipt] >> nth=1")
    maker.page.fill("#batch-evidence", "电话核实名单 12 号")
    press(maker, "按建议核销…")
    shot(maker, "suspense-batch")
    assert "张三" in maker.text("#content")
    press(maker, "生成草稿 1 件")
    shot(maker, "suspense-drafts")
    press(maker, "提交复核…")
    maker.page.locator("form .submit-row button.default, .submit-row button.default").first.click()
    maker.settle()

    receipt = Receipt.objects.get(id_digest__isnull=False)
    maker.open(f"/enrollment/receipt/{receipt.pk}/change/")
    shot(maker, "suspense-receipt")

    case = receipt.clearings.get()
    assert case.state == "submitted"
    checker = window(user=officers["checker"])
    checker.open(f"/enrollment/suspenseclearing/{case.pk}/change/")
    shot(checker, "suspense-check")
    press(checker, "审批通过")
    approver = window(user=officers["approver"])
    approver.open(f"/enrollment/suspenseclearing/{case.pk}/change/")
    press(approver, "办理生效")

    bill = Enrollment.objects.of_year(2027).get(person=zhang_san)
    assert bill.paid == 400
    assert bill.paid_on == DAY
    receipt.refresh_from_db()
    assert receipt.cleared == 400
    assert receipt.suspense == 0


def test_one_receipt_goes_back_to_the_payer(
    window: OpenWindow, officers: dict[str, User], zhang_san: Person, shot: Any
) -> None:
    receipt = Receipt.objects.get(name="李四")
    maker = window(user=officers["maker"])
    maker.open(f"/enrollment/receipt/{receipt.pk}/change/")
    shot(maker, "suspense-stranger")
    maker.page.get_by_role("link", name="退还缴费人").click()
    maker.settle()
    maker.page.fill("#id_evidence", "来信 20261118-4")
    maker.page.select_option("#id_ground", "handling_error")
    maker.page.fill("#id_account", "6217 0000 1234 5678")
    shot(maker, "clearing-form")
    press(maker, "建立草稿")
    shot(maker, "clearing-draft")
    case = receipt.clearings.get()
    assert case.amount == 420
    assert (case.decision, case.payee) == ("refund", "李四")


def test_a_day_is_compared_closed_and_opened_again(
    window: OpenWindow, officers: dict[str, User], zhang_san: Person, shot: Any
) -> None:
    said = {"day": DAY, "scheme": 1}
    ControlTotal.objects.create(
        source="tax", region=cast.SHUSHAN, channel="app", receipts=1, amount=400, **said
    )
    ControlTotal.objects.create(
        source="tax", region=cast.SHUSHAN, channel="bank", receipts=1, amount=400, **said
    )
    ControlTotal.objects.create(
        source="treasury", region=cast.HEFEI, channel="", receipts=2, amount=820, **said
    )
    checker = window(user=officers["checker"], expected=("409",))
    checker.open("/receipts/days/?month=2026-11")
    shot(checker, "days-month")
    assert "三方不符" in checker.text(".tc-t tbody")
    checker.page.get_by_role("link", name="2026-11-10").click()
    checker.settle()
    shot(checker, "days-day")
    checker.page.get_by_role("link", name="合肥").first.click()
    checker.settle()
    shot(checker, "days-differs")
    assert "银行" in checker.text("#content .tc-t tbody")
    assert checker.page.is_disabled("button:has-text('办理日结')")

    ControlTotal.objects.filter(channel="bank").update(amount=420)
    checker.page.reload()
    press(checker, "办理日结")
    assert DayClose.objects.get().amount == 820
    came("341126111000000041", amount=10)
    checker.page.reload()
    shot(checker, "days-closed")
    assert "日结" in checker.text(".tc-note")
    checker.page.get_by_role("link", name="蜀山").first.click()
    checker.settle()
    shot(checker, "days-receipts")
    assert "日结后到账" in checker.text(".tc-t")

    approver = window(user=officers["approver"])
    approver.open(f"/receipts/days/{DAY}/{cast.HEFEI}/")
    approver.page.fill("#reason", "补传一笔")
    press(approver, "重新打开")
    shot(approver, "days-reopened")
    assert DayClose.objects.get().reason == "补传一笔"
