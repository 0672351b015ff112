"""Pages of the newer kinds, of decisions at two levels, of batches, duties and files, as they look.

`TONGCHOU_PICTURES` names a folder for their pictures.
"""

import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from enrollment.models import Award, Case, CaseComment, CaseFile, PolicyParameter, User
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.cases import kind_of
from enrollment.services import case_files, cases, subsidies
from tests import cast
from tests.acts import approved, carried_out
from tests.browser.conftest import OpenWindow, Window
from tests.drafts import AUTUMN, NEWER_KINDS, NEWEST_KINDS
from tests.papers import jpeg, pdf

LOOKS = {"zh": ("zh-hans", "light"), "dark": ("en", "dark")}
# Tables that are wider than the panel they stand in.
TOO_WIDE = """Array.from(document.querySelectorAll('#content table'))
    .filter((table) => table.offsetWidth > table.parentElement.clientWidth + 1)
    .map((table) => table.className)"""


@pytest.fixture(autouse=True)
def autumn(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TONGCHOU_TODAY", AUTUMN.isoformat())
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def officers() -> dict[str, User]:
    return {
        "maker": cast.officer("Maker", "liu", "刘婷"),
        "checker": cast.officer("Checker", "zhang", "张敏"),
        "approver": cast.officer("Approver", "chen", "陈立群"),
        "security": cast.officer("Security administrator", "wu", "吴静"),
        "auditor": cast.officer("Auditor", "zhou", "周明"),
    }


Look = Callable[[Window, str], None]


@pytest.fixture
def look() -> Look:
    """Whether a page fits, and its picture."""
    folder = os.environ.get("TONGCHOU_PICTURES")

    def take(window: Window, name: str) -> None:
        if folder:
            window.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
        assert not window.overflows(), name
        assert window.page.evaluate(TOO_WIDE) == [], name

    return take


def page_of(case: Case) -> str:
    name = kind_of(case).url_name.removeprefix("admin:").replace("_", "/")
    return f"/{name}/{case.pk}"


def subsidy(maker: User, number: int, amount: str = "100.00") -> Case:
    person = cast.person(f"钱{'一二三四五六七八九'[number - 41]}", number=number)
    cast.bill(person, 2027)
    return cases.open_case(
        kind=subsidies.NAME,
        maker=maker,
        person=person,
        year=2027,
        amount=Decimal(amount),
        funder=Award.Funder.CHARITY,
        reason="慈善总会资助",
    )


def two_levels_above(yuan: str) -> None:
    code = "approval.second_level_above.contribution_subsidy"
    row = PolicyParameter.objects.get(code=code, area=340000000000)
    PolicyParameter.objects.filter(code=code).delete()
    row.pk, row.value, row.status = None, yuan, "unverified"
    row.save(force_insert=True)


def test_the_page_of_each_newer_kind_fits_in_every_look(
    window: OpenWindow, officers: dict[str, User], look: Look
) -> None:
    maker = officers["maker"]
    drafts = [opened(maker) for opened in NEWER_KINDS]
    for case in drafts:
        case_files.attach(case=case, user=maker, name="低保证 340104-2026-118 正面及背面.pdf",
                          content=pdf("x" * 40_000))  # fmt: skip
        case_files.attach(case=case, user=maker, name="现场.jpg", content=jpeg())
        case_files.comment(case=case, user=maker, text="已电话核实，原件下周补交。\n窗口 3 号。")
    for name, (language, theme) in LOOKS.items():
        desk = window(user=maker, language=language, theme=theme)
        for case in drafts:
            desk.open(f"{page_of(case)}/change/")
            look(desk, f"draft-{case.kind}-{name}")
            desk.open(f"{page_of(case)}/edit/")
            look(desk, f"edit-{case.kind}-{name}")
    for case in drafts:
        cases.submit_case(case=case, user=maker)
    for name, (language, theme) in LOOKS.items():
        desk = window(user=officers["checker"], language=language, theme=theme)
        for case in drafts:
            desk.open(f"{page_of(case)}/change/")
            look(desk, f"check-{case.kind}-{name}")


def test_files_and_history_of_the_newest_kinds_fit_in_every_look(
    window: OpenWindow, officers: dict[str, User], look: Look
) -> None:
    maker = officers["maker"]
    drafts = [opened(maker) for opened in NEWEST_KINDS]
    for case in drafts:
        case_files.attach(case=case, user=maker, name="申请材料 340104-2026-118 正面及背面.pdf",
                          content=pdf("x" * 40_000))  # fmt: skip
        cases.change_case(case=case, user=maker, expected_version=1, reason="补充材料后更正事由")
    for name, (language, theme) in LOOKS.items():
        desk = window(user=maker, language=language, theme=theme)
        for case in drafts:
            desk.open(f"{page_of(case)}/change/")
            assert "340104-2026-118" in desk.text("#files table")
            assert "补充材料后更正事由" in desk.text("#history table")
            look(desk, f"newest-{case.kind}-{name}")
    # The whole of it, as an auditor reads it.
    audit = window(user=officers["auditor"])
    audit.open("/enrollment/history/?table=agency_case")
    assert "补充材料后更正事由" in audit.text("#result_list")
    look(audit, "history-list")
    audit.page.fill("#filter-day", "2020-01-01")
    audit.page.click(".tc-filters button")
    audit.page.wait_for_url("**day=2020-01-01**")
    look(audit, "history-list-empty")


def test_files_and_comments_come_and_go_by_keys_alone(
    window: OpenWindow, officers: dict[str, User], look: Look, tmp_path: Path
) -> None:
    case = subsidy(officers["maker"], 41)
    scan, program = tmp_path / "低保证.pdf", tmp_path / "程序.pdf"
    scan.write_bytes(pdf())
    program.write_bytes(b"MZ" + bytes(100))
    desk = window(user=officers["maker"])
    page = desk.page
    desk.open(f"{page_of(case)}/change/")
    page.set_input_files("#id_file", str(program))
    page.focus("#id_file")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#file-error")
    assert "内容与扩展名不符" in desk.text("#file-error")
    look(desk, "file-refused")
    page.set_input_files("#id_file", str(scan))
    page.focus("#id_file")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#files table")
    assert "低保证.pdf" in desk.text("#files table")
    with page.expect_download() as coming:
        page.focus("#files table a")
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename == "低保证.pdf"
    assert Path(coming.value.path()).read_bytes() == scan.read_bytes()
    page.focus("#id_text")
    page.keyboard.type("原件已核对")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#comments table")
    assert CaseComment.objects.get().text == "原件已核对"
    look(desk, "files")
    page.emulate_media(media="print")
    look(desk, "files-printed")
    assert "原件已核对" in desk.text(".tc-notice")
    page.emulate_media(media="screen")
    page.focus("#files table form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#files table", state="detached")
    assert CaseFile.objects.get().content is None


def test_decisions_batches_and_meeting_edits_fit_in_every_look(
    window: OpenWindow, officers: dict[str, User], look: Look
) -> None:
    maker, checker = officers["maker"], officers["checker"]
    two_levels_above("200")
    two = approved(subsidy(maker, 41, "300.00"), checker)
    done = carried_out(subsidy(maker, 42), checker)
    met = subsidy(maker, 43)
    for name, (language, theme) in LOOKS.items():
        said = {"language": language, "theme": theme}
        approver = window(user=officers["approver"], **said)
        approver.open(f"{page_of(two)}/change/")
        look(approver, f"second-level-{name}")
        desk = window(user=maker, expected=("409 (Conflict)",), **said)
        desk.open(f"/enrollment/casereversal/add/?reverses={done.pk}")
        look(desk, f"reversal-form-{name}")
        desk.open(f"{page_of(met)}/edit/")
        met.refresh_from_db()
        cases.change_case(
            case=met, user=maker, expected_version=met.version, reason=f"{met.reason}。"
        )
        desk.page.fill("[name=amount]", "90")
        desk.page.click(".submit-row button.default")
        desk.settle()
        look(desk, f"conflict-{name}")
        batch = [
            cases.submit_case(case=subsidy(maker, number), user=maker)
            for number in range(44 + 2 * list(LOOKS).index(name), 46 + 2 * list(LOOKS).index(name))
        ]
        check = window(user=checker, **said)
        check.open("/enrollment/case/?desk=check")
        for case in batch:
            check.page.check(f"input[name=case][value='{case.pk}']")
        look(check, f"list-ticked-{name}")
        check.page.click("button[name=move][value=approve], button[value=approve]")
        check.settle()
        look(check, f"batch-preview-{name}")
        check.page.click("form[action$='/batch/run/'] button.default")
        check.settle()
        look(check, f"batch-done-{name}")
        for case in batch:
            case.refresh_from_db()
            assert case.state == Case.State.APPROVED


def test_a_list_of_accounts_is_looked_at_before_its_drafts(
    window: OpenWindow, officers: dict[str, User], look: Look
) -> None:
    owner = cast.person("张建国", number=60, region=cast.JINGHU, scheme=2)
    lines = []
    for number in (61, 62, 63):
        person = cast.person("李小明", number=number)
        cast.bill(person, 2027)
        lines.append(f"{person.identity_number}\t{owner.identity_number}\t父亲\t户口簿 {number}")
    lines[2] = lines[2].replace("父亲", "邻居")
    desk = window(user=officers["maker"])
    desk.open("/enrollment/contributionsubsidy/many/")
    desk.page.select_option("#id_funder", "personal_account")
    desk.page.fill("#id_consent", "个人账户共济备案册 2026-3")
    desk.page.fill("#id_numbers", "\n".join(lines))
    look(desk, "accounts-pasted")
    desk.page.click(".submit-row button.default")
    desk.page.wait_for_selector("input[name=line]")
    look(desk, "accounts-preview")
    desk.page.uncheck("input[name=line][value='1']")
    desk.page.click(".submit-row button.default")
    desk.page.wait_for_selector("input[name=case]", state="attached")
    look(desk, "accounts-opened")
    assert Case.objects.get().state == Case.State.DRAFT


def test_duties_accounts_and_a_number_in_clear_fit_in_every_look(
    window: OpenWindow, officers: dict[str, User], look: Look
) -> None:
    person = cast.person("张三", number=1)
    cast.paid(person, 2026)
    duty = officers["maker"].duties.get()
    for name, (language, theme) in LOOKS.items():
        said = {"language": language, "theme": theme}
        desk = window(user=officers["security"], **said)
        for path, called in (
            ("/enrollment/duty/", "duties"),
            ("/enrollment/duty/add/", "duty-add"),
            (f"/enrollment/duty/{duty.pk}/change/", "duty"),
            ("/enrollment/user/", "accounts"),
            ("/enrollment/user/add/", "account-add"),
            (f"/enrollment/user/{officers['maker'].pk}/change/", "account"),
            (f"/enrollment/user/{officers['maker'].pk}/password/", "password"),
        ):
            desk.open(path)
            look(desk, f"{called}-{name}")
        clerk = window(user=officers["maker"], **said)
        clerk.open(f"/enrollment/person/{person.pk}/change/")
        look(clerk, f"file-{name}")
        clerk.open(f"/person/{person.pk}/number/")
        look(clerk, f"reveal-asked-{name}")
        clerk.page.fill("[name=reason]", "窗口核对证件")
        clerk.page.keyboard.press("Enter")
        clerk.settle()
        assert re.search(r"[0-9]{17}[0-9X]", clerk.text("#content"))
        look(clerk, f"reveal-shown-{name}")
        audit = window(user=officers["auditor"], **said)
        audit.open("/enrollment/personaccess/")
        look(audit, f"accesses-{name}")
        audit.open("/enrollment/casefileaccess/")
        look(audit, f"downloads-{name}")
