"""Findings and lists of departments in a browser, in every look; a finding leads to its case."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from enrollment.models import Finding, Import, Person
from enrollment.services import duplicate_search
from enrollment.services.imports import receive_file
from tests import cast, turning
from tests.browser.conftest import OpenWindow, press
from tests.browser.looks import in_every_look
from tests.browser.test_screens import BROKEN_FIGURES

TODAY = date(2026, 11, 20)


@pytest.fixture
def told(live_server: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    """A list of every event, findings of every kind that a list or the search makes."""
    monkeypatch.setenv("TONGCHOU_TODAY", TODAY.isoformat())
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    found = [cast.person(name, number=2 * n + 1) for n, name in enumerate("赵钱孙李周吴郑王")]
    for whom in found[:3]:
        cast.paid(whom, 2026)
        cast.paid(whom, 2027)
    cast.person("欧阳娜娜", number=501)
    cast.person("欧阳娜娜", number=502)
    both = cast.person("冯双", number=601)
    cast.paid(both, 2026)
    turning.employed(both, 2026, 0b111111)
    Person.objects.filter(pk=found[4].pk).update(scheme=2)
    lines = [
        f"公安,死亡,{found[0].identity_number},赵,2026-11-02,",
        f"公安,户籍迁移,{found[1].identity_number},钱,2026-10-05,340111",
        f"人社,职工参保,{found[2].identity_number},孙,2026-09-10,",
        f"公安,身份变更,{found[3].identity_number},李,2026-10-01,李大",
        f"人社,职工停保,{found[4].identity_number},周,2026-06-30,",
        f"教育,在校学生,{found[5].identity_number},吴,2026-09-01,340111",
        f"公安,身份变更,{found[6].identity_number},郑,2026-10-01,{found[7].identity_number}",
        "卫健,出生,T340100001,新生,2026-11-01,340104 女",
        f"教育,死亡,{found[7].identity_number},王,2026-11-02,",
        f"公安,死亡,{found[7].identity_number},汪,2026-11-02,",
    ]
    path = tmp_path / "公安名单.csv"
    path.write_text("\n".join(["来源,事项,证件号码,姓名,发生日期,新值", *lines]))
    maker = cast.officer("Maker", "liu", "刘婷", region=cast.HEFEI)
    result = receive_file(kind="department_list", path=path, area="340100", user=maker)
    duplicate_search.ask(user=maker)
    duplicate_search.work()
    return Import.objects.get(pk=result.import_id)


@pytest.fixture
def money(told: Import) -> Import:
    """A file that nobody takes back."""
    return Import.objects.create(
        kind="remittance", file_name="receipts.csv", digest="1" * 64, area=cast.HEFEI,
        state="applied", sent_by=told.sent_by,
    )  # fmt: skip


@in_every_look
def test_findings_and_the_answers_to_a_list_in_every_look(  # noqa: PLR0917
    window: OpenWindow,
    told: Import,
    money: Import,
    shot: Callable[..., None],
    size: str,
    theme: str,
    language: str,
) -> None:
    page = window(user=told.sent_by, size=size, theme=theme, language=language)
    of = {each.kind: each.pk for each in Finding.objects.all()}
    for name, path in {
        "home": "/",
        "findings": "/enrollment/finding/",
        "identity": f"/enrollment/finding/{of['identity']}/change/",
        "two-files": f"/enrollment/finding/{of['two_files']}/change/",
        "two-schemes": f"/enrollment/finding/{of['two_schemes']}/change/",
        "answers": f"/enrollment/import/{told.pk}/change/",
        "never": f"/enrollment/import/{money.pk}/change/",
    }.items():
        assert page.open(path) == 200, path
        shot(page, f"{name}-{size}-{theme}-{language}")
        assert page.page.evaluate(BROKEN_FIGURES) == [], path


def test_a_finding_leads_to_the_form_of_its_case_and_is_taken_up_by_it(
    window: OpenWindow, told: Import
) -> None:
    page = window(user=told.sent_by)
    found = Finding.objects.get(kind="two_schemes")
    page.open(f"/enrollment/finding/{found.pk}/change/")
    page.page.click("#open-case")
    page.settle()
    page.page.select_option("[name=keep]", "employee")
    page.page.fill("[name=written_choice]", "自愿选择书 2026-11-20")
    press(page, "建立草稿")
    found.refresh_from_db()
    assert (found.state, found.case is not None) == ("taken", True)
