"""The screens of the funds as the role `web`: a movement to its entry, and who sees what."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from enrollment.models import User
from enrollment.selectors.cases import shown_digest_of, whole_case
from funds.models import Entry, FundMonth, FundMovement, RiskReading
from tests import cast
from tests.roles import as_role
from tests.screens import text_of

TODAY = date(2026, 11, 20)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def officers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """Committed once for this module, with a month of both cities."""
    with django_db_blocker.unblock():
        cast.law()
        for area, yuan in ((cast.HEFEI, 777_111), (cast.WUHU, 888_222)):
            row = FundMonth.objects.create(
                region_id=area, scheme=1, month=date(2026, 10, 1), shard=1, months=1,
                **dict.fromkeys(
                    ("revenue_of_month", "expenditure_of_month", "revenue", "expenditure",
                     "balance", "earned", "spent", "claimed", "received"), Decimal(yuan),
                ), arrears=Decimal(yuan),
            )  # fmt: skip
            RiskReading.objects.create(
                of=row, indicator="subsidy_arrears", numerator=yuan, denominator=yuan,
                level="serious",
            )  # fmt: skip
        yield {
            "fund": cast.officer("Fund officer", "zhao", "赵文清", region=cast.HEFEI),
            "checker": cast.officer("Checker", "xu", "许文静", region=cast.HEFEI),
            "approver": cast.officer("Approver", "chen", "陈立群", region=cast.HEFEI),
            "wuhu": cast.officer("Approver", "wuhu", "芜湖审批", region=cast.WUHU),
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture
def ask(officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`ask("fund", path, {...})` by POST, without data by GET."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())

    def send(who: str, path: str, data: dict[str, Any] | None = None) -> Any:
        def serve() -> Any:
            client = Client()
            client.force_login(officers[who])
            return client.get(path) if data is None else client.post(path, data)

        return as_role("web", serve)

    return send


def test_the_web_takes_a_movement_to_its_entry_and_shows_it_to_nobody_elsewhere(ask: Ask) -> None:
    add = reverse("admin:funds_fundmovement_add") + "?purpose=subsidy_due"
    form = {
        "request_key": str(uuid.uuid4()), "purpose": "subsidy_due", "scheme": "1",
        "region": f"{cast.HEFEI}", "occurred_on": "2026-03-02", "amount": "1234.56",
        "document": "财社〔2026〕11号", "level": "central", "reason": "",
    }  # fmt: skip
    assert ask("fund", add, form).status_code == 302
    case = FundMovement.objects.get()
    page = reverse("admin:funds_fundmovement_change", args=[case.pk])
    move = page.replace("/change/", "/move/{}/")
    assert ask("fund", move.format("submit"), {}).status_code == 302
    shown = {"shown_digest": shown_digest_of(whole_case(case.pk))}
    assert ask("checker", move.format("approve"), shown).status_code == 302
    assert ask("wuhu", page).status_code == 404
    assert ask("wuhu", move.format("effect"), {}).status_code == 404
    assert ask("approver", move.format("effect"), {}).status_code == 302
    assert Entry.objects.get(case=case.pk).key == f"movement:{case.pk}"
    assert "1,234.56" in text_of(ask("fund", page))


def test_the_view_of_the_funds_shows_the_areas_of_the_duty_alone(ask: Ask) -> None:
    answer = ask("fund", reverse("admin:fund_view"))
    assert answer.status_code == 200
    assert [each["name"] for each in answer.context["alarms"]] == ["合肥"]
    assert "888,222" not in text_of(answer)
