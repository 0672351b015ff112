"""The pages of receipts in every look: nothing overflows, no figure on two lines."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from enrollment.models import ControlTotal, Receipt, User
from tests import cast
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look
from tests.browser.test_screens import BROKEN_FIGURES

DAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def season(live_server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days of a season in three cities: large sums, missing totals, differences, unknown payers."""
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    for number, (region, channel) in enumerate(
        [(cast.SHUSHAN, "app"), (cast.BAOHE, "village"), (cast.JINGHU, "terminal"), (0, "bank")] * 3
    ):
        Receipt.objects.create(
            receipt_number=f"3411261110000{number:05d}", name="欧阳娜娜", year=2027,
            amount=Decimal("99999999.99") if number % 4 == 0 else 420, channel=channel,
            region=region, outcome="person_unknown",
            paid_at=datetime(2026, 11, 10 - number % 3, 2, tzinfo=UTC),
        )  # fmt: skip
    for source, region in (("tax", cast.SHUSHAN), ("treasury", cast.HEFEI), ("tax", cast.WUHU)):
        ControlTotal.objects.create(
            source=source, day=DAY, region=region, scheme=1, receipts=123456,
            amount=Decimal("1234567890.12"),
        )  # fmt: skip


@pytest.fixture
def supervisor(season: None) -> User:
    return cast.officer("Supervisor", "wang", "王建国")


@in_every_look
def test_the_pages_of_receipts_in_every_look(  # noqa: PLR0917
    window: OpenWindow, shot: object, supervisor: User, size: str, theme: str, language: str
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    receipt = Receipt.objects.earliest("pk")
    for name, path in {
        "suspense": "/enrollment/receipt/",
        "receipt": f"/enrollment/receipt/{receipt.pk}/change/",
        "month": "/receipts/days/?month=2026-11",
        "area": f"/receipts/days/{DAY}/{cast.HEFEI}/",
    }.items():
        assert page.open(path) == 200, path
        shot(page, f"{name}-{size}-{theme}-{language}")  # type: ignore[operator]
        assert page.page.evaluate(BROKEN_FIGURES) == [], path
