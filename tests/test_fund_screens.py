"""The funds as the plain roles: a movement to its entry, who sees what, the look of a worker."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment.declarations import checks
from enrollment.models import User, YearStep
from enrollment.selectors.cases import shown_digest_of, whole_case
from funds.models import Entry, FundMonth, FundMovement, RiskReading
from tests import cast
from tests.funds import settling
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


def test_the_worker_looks_at_a_month_and_proves_it(
    officers: dict[str, User], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = date(2026, 12, 5)
    monkeypatch.setenv("TONGCHOU_TODAY", look.isoformat())

    def prepared() -> None:
        settling.opening(cast.WUHU, "1200")
        YearStep.objects.create(
            run=settling.activated(2026), name="post", on=look, state=YearStep.State.DONE,
            finished_at=timezone.now(), digest="p",
        )  # fmt: skip

    def proved() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(checks["the_last_month_of_the_funds_is_that_of_the_ledger"].sql)
            return list(cursor.fetchall())

    as_role("owner", prepared)
    step = as_role("worker", lambda: settling.run("watch", 2026, look))
    assert step.state == YearStep.State.DONE
    kept = FundMonth.objects.get(month=date(2026, 11, 1), region=cast.WUHU)
    assert kept.balance == 1_200
    assert kept.readings.count() == 7
    assert as_role("worker", proved) == []
