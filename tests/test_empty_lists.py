"""A list without a row says so, says why, and leads on; asked for every list of every role."""

import pytest
from django.contrib import admin
from django.urls import reverse

from enrollment.models import User
from tests import cast
from tests.screens import logged_in, text_of

ROLES = ("Maker", "Checker", "Fund officer", "Supervisor", "Auditor")


def lists() -> list[str]:
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


@pytest.fixture
def officers(db: None) -> dict[str, User]:
    cast.law()
    return {role: cast.officer(role, role.split()[0].lower(), f"员{role[0]}") for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_every_list_tells_whether_it_has_a_row(officers: dict[str, User], role: str) -> None:
    client = logged_in(officers[role])
    empty = 0
    for path in lists():
        response = client.get(path)
        if response.status_code != 200 or "cl" not in (response.context or {}):
            continue
        rows = response.context["cl"].result_list
        assert response.content.decode().count('class="tc-empty"') == (0 if rows else 1), path
        assert "本页 0 行" not in text_of(response)
        empty += not rows
    assert empty >= 3


def test_an_empty_list_leads_to_the_first_case_only_for_whoever_opens_cases(
    officers: dict[str, User],
) -> None:
    path = reverse("admin:benefits_gaprepair_changelist")
    first = reverse("admin:benefits_gaprepair_add")
    maker = logged_in(officers["Maker"]).get(path)
    assert "这里还没有记录。" in text_of(maker)
    assert f'<a href="{first}">新增第一条</a>' in maker.content.decode()
    checker = logged_in(officers["Checker"]).get(path)
    assert "这里还没有记录。" in text_of(checker)
    assert "新增第一条" not in text_of(checker)


def test_a_filter_or_a_page_beyond_the_end_are_told_apart(officers: dict[str, User]) -> None:
    client = logged_in(officers["Maker"])
    path = reverse("admin:benefits_gaprepair_changelist")
    filtered = client.get(path + "?state=approved")
    assert "没有符合筛选条件的记录。" in text_of(filtered)
    assert '<a href="?">全部显示</a>' in filtered.content.decode()
    beyond = client.get(path + "?before=1")
    assert "列表到此为止。" in text_of(beyond)
    assert "首页" in text_of(beyond)
