"""The books of a city: from the trial balance to the account, the entry, and back."""

from typing import Any

import pytest

from tests import cast
from tests.browser.conftest import OpenWindow, press
from tests.funds.test_year_of_a_city import LAST, XIANNING, keep_the_year


@pytest.fixture(autouse=True)
def year_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own thread lives on that day, too."""
    monkeypatch.setenv("TONGCHOU_TODAY", LAST.isoformat())


def test_a_figure_leads_to_its_account_and_a_line_to_its_entry(
    window: OpenWindow, live_server: Any, shot: Any
) -> None:
    keep_the_year()
    user = cast.officer("Fund officer", "zhao", "赵文清", region=420000000000)
    officer = window(user=user)
    assert officer.open(f"/funds/trial-balance/?book={XIANNING}&scheme=1&since=2027-01-02") == 200
    shot(officer, "trial-balance")
    assert "借贷平衡" in officer.text("#content")
    assert not officer.overflows()
    officer.page.click("#content tbody >> text=财政专户")
    officer.settle()
    shot(officer, "account-statement")
    assert "1,043,835.06" in officer.text("#content table")
    assert not officer.overflows()
    officer.page.click("#content tbody a >> nth=0")
    officer.settle()
    shot(officer, "ledger-entry")
    assert "利息到账" in officer.text("#content") or "政府弥补损失" in officer.text("#content")
    dark = window(user=user, theme="dark", language="en")
    dark.open(f"/funds/trial-balance/?book={XIANNING}&scheme=1&kind=special_fiscal")
    shot(dark, "accounts-of-a-kind-dark")
    empty = window(user=user)
    empty.open("/funds/trial-balance/?until=2020-01-01")
    shot(empty, "trial-balance-empty")
    assert "没有记账" in empty.text("#content")
    months = window(user=user)
    months.open(f"/funds/periods/?book={XIANNING}")
    press(months, "月结 2027-11")
    shot(months, "periods")
    assert "已月结" in months.text("body")
