"""A full list and what follows it on screen, served as the role `web`."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange

from enrollment.models import Import, Person, PersonCategory, RecognitionList, Region, User
from enrollment.services import import_jobs
from tests import cast
from tests.screens import (
    FULL_NUMBER,
    assert_counts_nothing,
    logged_in,
    queries_of,
    served_as_web,
    text_of,
)

TODAY = date(2026, 11, 20)
HEADER = "证件号码,姓名,类别,来源部门,名单日期,认定日期"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Thirty recipients in 蜀山 and one in 镜湖, committed once for this module; all have bills."""
    with django_db_blocker.unblock():
        cast.law()
        cast.year(2027, closed=False)
        here = [cast.person(f"合肥人{n}", number=n) for n in range(1, 31)]
        there = cast.person("芜湖人", number=99, region=cast.JINGHU)
        for person in [*here, there]:
            PersonCategory.objects.create(
                person=person,
                category="dibao",
                valid=DateRange(date(2025, 1, 1), None),
                source="civil_affairs",
            )
            cast.bill(person, 2027, standard=Decimal(420), subsidy=Decimal(378), category="dibao")
        yield {
            "here": here,
            "there": there,
            "officers": {
                "maker": cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI),
                "checker": cast.officer("Checker", "zhang", "张敏", region=cast.HEFEI),
                "wuhu": cast.officer("Maker", "wuhu", "芜湖员", region=cast.WUHU),
                "fund": cast.officer("Fund officer", "zhao", "赵文清", region=cast.HEFEI),
            },
        }
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


@pytest.fixture(autouse=True)
def autumn(world: dict[str, Any], db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    monkeypatch.setattr("enrollment.tasks.queue_import", lambda pk, state: None)


def sent(people: list[Person], maker: User, area: int = cast.HEFEI) -> Import:
    lines = [
        f"{each.identity_number},{each.name},{'特困' if n < 2 else '低保'},民政局,2026-11-18,"
        for n, each in enumerate(people)
    ]
    source = import_jobs.submit(
        kind="recognition_list",
        area=Region.objects.get(pk=area),
        name=f"名单{area}.csv",
        content="\n".join([HEADER, *lines]).encode(),
        user=maker,
    )
    assert import_jobs.work(import_id=source.pk) == "checked"
    return source


@pytest.mark.django_db(transaction=True)
def test_a_list_is_acknowledged_on_its_page_and_leaves_a_worklist(
    world: dict[str, Any], settings: Any
) -> None:
    ask = served_as_web(world["officers"])
    source = sent(world["here"][:5], world["officers"]["maker"])
    page = f"/enrollment/import/{source.pk}"
    told = text_of(ask("checker", f"{page}/change/"))
    assert "在册 30 人中有 25 人" in told
    assert "2027 2 84.00 25 9,450.00 0 0.00" in told
    assert not FULL_NUMBER.search(told)
    assert ask("wuhu", f"{page}/change/").status_code == 404

    refused = text_of(ask("checker", f"{page}/confirm/", {"previews": "1"}))
    assert "名单退出比例异常" in refused
    assert RecognitionList.objects.get().acknowledged_by is None
    answer = ask("checker", f"{page}/confirm/", {"previews": "1", "acknowledged": "1"})
    assert answer.status_code == 302
    assert import_jobs.work(import_id=source.pk) == "applied"

    response = ask("maker", "/follow-ups/")
    told = text_of(response)
    assert told.count("待资助") == 3  # the tab and two people
    assert told.count("待调整应缴单") == 26
    link = unescape(response.content.decode().split("/enrollment/contributionsubsidy/add/?")[1])
    form = ask("maker", "/enrollment/contributionsubsidy/add/?" + link.split('"')[0])
    content = form.content.decode()
    assert 'name="amount" value="42.00"' in content
    assert '<option value="extreme_poverty" selected>' in content
    narrowed = text_of(ask("maker", "/follow-ups/?kind=award&before=x"))
    assert "合肥人1 " in narrowed
    assert "合肥人9 " not in narrowed
    nothing = text_of(ask("maker", "/follow-ups/?before=1-2027"))
    assert "没有待办事项" in nothing

    assert "合肥人" not in text_of(ask("wuhu", "/follow-ups/"))
    assert ask("fund", "/follow-ups/").status_code == 403
    checker = text_of(ask("checker", "/follow-ups/"))
    assert "合肥人1 " in checker

    statements = queries_of(lambda: logged_in(world["officers"]["maker"]).get("/follow-ups/"))
    assert_counts_nothing(statements)
    assert len([sql for sql in statements if "listed_change" in sql]) == 1
