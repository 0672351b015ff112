"""Fund movements in a browser: chosen, written, approved and posted."""

from collections.abc import Callable

import pytest

from funds.models import Entry, FundMovement
from tests import cast
from tests.browser.conftest import OpenWindow, Window, press
from tests.funds.settling import Desk

Shot = Callable[[Window, str], None]


@pytest.fixture
def desk(live_server: object, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TONGCHOU_TODAY", "2026-11-20")
    cast.law()
    return Desk()


def test_a_subsidy_is_written_approved_and_posted(
    window: OpenWindow, desk: Desk, shot: Shot
) -> None:
    maker = window(user=desk.maker)
    maker.open("/funds/fundmovement/add/")
    shot(maker, "movement-purposes")
    maker.page.get_by_role("link", name="财政补助应到").click()
    maker.settle()
    page = maker.page
    page.get_by_label("账册").select_option(f"{cast.HEFEI}")
    page.get_by_label("发生日期").fill("2026-03-02")
    page.get_by_label("金额").fill("1234567.89")
    page.get_by_label("文号").fill("财社〔2026〕11号")
    press(maker, "建立草稿")
    assert maker.page.locator(".field-level.errors").count() == 1
    shot(maker, "movement-form-refused")
    page.get_by_label("补助级次").select_option("central")
    press(maker, "建立草稿")
    press(maker, "提交复核")
    case = FundMovement.objects.get()
    shot(maker, "movement-submitted")
    for who, label in ((desk.checker, "审批通过"), (desk.approver, "记账")):
        other = window(user=who)
        other.open(f"/funds/fundmovement/{case.pk}/change/")
        press(other, label)
    maker.open(f"/funds/fundmovement/{case.pk}/change/")
    shot(maker, "movement-posted")
    assert f"{Entry.objects.get().pk}" in maker.text("#posts-h ~ .tc-tools")
    maker.open("/funds/fundmovement/")
    shot(maker, "movement-list")
    english = window(user=desk.maker, language="en", theme="dark")
    english.open("/funds/fundmovement/add/?purpose=interest_received")
    shot(english, "movement-form-en")
