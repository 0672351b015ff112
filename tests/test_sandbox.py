"""The policy desk's sandbox: it answers what `explain` answers, and refuses in sentences."""

import ast
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from config import explain
from config.explain import GROUPS, explain_case
from config.explain.inputs import Inputs
from config.explain.law import Law
from config.sandbox import groups as declared
from config.sandbox.examples import examples
from config.sandbox.kinds import form_of
from config.sandbox.refusals import FIELDS, SENTENCES
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.services import registrations
from tests import cast

ROOT = Path(__file__).resolve().parent.parent
CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "rules" / "cases.json").read_text(encoding="utf-8")
)["cases"]
MILLISECONDS = 150  # of server time for a recomputation


@pytest.fixture
def desk(db: None) -> Client:
    cast.law()
    return logged_in("Supervisor", "wang")


def logged_in(role: str, username: str) -> Client:
    client = Client()
    client.force_login(cast.officer(role, username, username))
    return client


def page_of(group: str) -> str:
    return reverse("admin:sandbox_group", args=[group])


def sent(key: str, **texts: Any) -> dict[str, Any]:
    """A worked case as the form sends it, with other texts in some fields."""
    example = examples()[key]
    form = declared.GROUPS[example.group].form_for(example.inputs)
    data = form_of(form.pairs_of(example.inputs))
    data["form"] = form.name
    for name, text in texts.items():
        data.setlist(name, text if isinstance(text, list) else [text])
    return {name: data.getlist(name) for name in data}


def recomputed(desk: Client, key: str, **texts: Any) -> Any:
    """The answer to the script that recomputes."""
    address = page_of(examples()[key].group)
    return desk.post(address, sent(key, **texts), headers={"X-Requested-With": "XMLHttpRequest"})


# Every group --------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_every_worked_case_comes_out_as_explain_answers_it(desk: Client, group: str) -> None:
    cases = [case for case in CASES if case["group"] == group]
    for case in cases:
        page = desk.get(page_of(group), {"case": case["id"]})
        assert page.status_code == 200
        column = page.context["comparison"].columns[0]
        expected = explain_case(case)["outcome"]
        if "error" in expected and column.refused:
            assert column.refused.name == expected["error"], case["id"]
        else:
            assert column.answer.outcome == expected, case["id"]


def test_every_other_reading_comes_out_as_explain_answers_it(desk: Client) -> None:
    seen = set()
    for case in CASES:
        for other in case["alternatives"]:
            (name,) = other["params"]
            page = desk.get(page_of(case["group"]), {"case": case["id"]})
            columns = {column.name: column for column in page.context["comparison"].columns}
            answer = explain_case({**case, "parameters": other["params"]})["outcome"]
            assert columns[name].answer.outcome == answer, (case["id"], name)
            seen.add(name)
    assert seen == {reading.name for reading in READINGS}


READINGS = {
    reading
    for group in declared.GROUPS.values()
    for form in group.forms
    for reading in form.readings
}


def test_the_forms_have_the_inputs_that_each_group_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: dict[str, set[str]] = {}
    monkeypatch.setattr(
        Inputs, "allow", lambda self, *keys: taken.setdefault("keys", set()).update(keys)
    )
    for name, answer in GROUPS.items():
        taken.clear()
        law = Law(explain.published_book(), {})
        with pytest.raises((RuleRefused, MissingParameter)):
            answer(Inputs({}), law)
        forms = declared.GROUPS[name].forms
        assert {field.name for form in forms for field in form.fields} == taken["keys"], name
    assert set(declared.GROUPS) == set(GROUPS)


def test_every_form_starts_with_its_own_case_or_empty() -> None:
    for group in declared.GROUPS.values():
        for form in group.forms:
            if form.start:
                example = examples()[form.start]
                assert group.form_for(example.inputs) is form


# Years --------------------------------------------------------------------------------------------


def test_without_script_a_click_on_a_year_turns_it(desk: Client) -> None:
    page = desk.post(page_of("waiting_period"), sent("W17", turn="2025"))
    assert "<html" in page.text
    covers = {cell.year: cell.cover for cell in page.context["years"]}
    assert covers[2025] == "R"
    assert covers[2026] == covers[2027] == "N"
    again = {**sent("W17"), "history": ["2025:R"], "turn": "2025"}
    covers = {
        cell.year: cell.cover
        for cell in desk.post(page_of("waiting_period"), again).context["years"]
    }
    assert covers[2025] == "E"


def test_the_years_end_before_the_benefit_year_and_keep_every_cover(desk: Client) -> None:
    years = recomputed(desk, "W17", history=["2001:R", "2030:E"]).context["years"]
    assert [years[0].year, years[-1].year] == [2001, 2030]
    cap = recomputed(desk, "C10").context["years"]
    assert cap[-1].year == 2027
    assert [cell.year for cell in cap if cell.no_claim] == [2025, 2026]
    assert cap[-1].paid == "300000"


def test_what_differs_under_the_other_reading_is_marked(desk: Client) -> None:
    comparison = recomputed(desk, "W17").context["comparison"]
    assert [column.name for column in comparison.differing] == ["variable_offset"]
    rows = {row.label: row.cells for row in comparison.rows}
    start = rows["待遇起始日"]
    assert [cell.texts[0] for cell in start[:2]] == ["2028-05-01", "2028-06-01"]
    assert [cell.differs for cell in start] == [False, True, False, False, False]
    steps = [step for step in comparison.steps if step.differs]
    assert "2028-06-01" in {step.other for step in steps}


def test_the_steps_of_another_reading_stand_beside_when_asked(desk: Client) -> None:
    comparison = recomputed(desk, "W17", beside="never_enrolled_counts").context["comparison"]
    assert comparison.beside.name == "never_enrolled_counts"
    assert not any(step.differs for step in comparison.steps)


def test_a_refusal_under_one_reading_stands_beside_the_outcome_of_the_other(desk: Client) -> None:
    page = recomputed(desk, "W13", repair_years="1")
    comparison = page.context["comparison"]
    assert comparison.refused.name == "repair_exceeds_useful"
    refused = comparison.rows[0].cells
    assert refused[0].texts[0].startswith("已连续断保 1 年，最多修复 0 年")
    assert refused[1].texts == ["—"]
    assert comparison.columns[1].answer.outcome["variable_months"] == 0


# The law ------------------------------------------------------------------------------------------


def test_the_law_of_another_province_and_a_supposed_number_are_said(desk: Client) -> None:
    comparison = recomputed(desk, "C05", law_area="510000").context["comparison"]
    assert comparison.columns[0].answer.outcome["zero_claim_bonus"] == 4000
    page = recomputed(desk, "W17", suppose_fixed_months="5")
    outcome = page.context["comparison"].columns[0].answer.outcome
    assert outcome["fixed_months"] == 5
    assert "假设" in page.text
    assert page.context["comparison"].unproven


def test_a_number_that_is_not_verified_is_marked(desk: Client) -> None:
    page = recomputed(desk, "W17", law_area="420000")
    statuses = {step.source.status for step in page.context["comparison"].steps if step.source}
    assert statuses == {"unverified"}
    assert "未核实" in page.text


def test_the_reading_of_a_supposed_law_is_turned_round(desk: Client) -> None:
    page = recomputed(desk, "W17", suppose_variable_offset="0")
    columns = page.context["comparison"].columns
    assert columns[0].answer.outcome["variable_before"] == 3
    assert columns[1].answer.outcome["variable_before"] == 2


def test_a_day_before_the_law_is_refused_by_name(desk: Client) -> None:
    page = recomputed(desk, "W17", law_day="2020-01-01")
    assert isinstance(page.context["comparison"].refused, MissingParameter)
    assert "没有数值，系统不作推测" in page.context["error"]


# Bad input ----------------------------------------------------------------------------------------

BAD = [
    # case, field, what is written, where the sentence stands, the sentence
    ("W17", "payment_date", "2027-02-30", "payment_date", "2027-02-30 不是日期"),
    ("W17", "payment_date", "2029-01-01", "payment_date", "晚于待遇年度12月31日"),
    ("W17", "payment_date", "", "payment_date", "此项必填"),
    ("W17", "window_last", "2027-08-01", "window", "截止日早于起始日"),
    ("W17", "repair_years", "9", "repair_years", "最多修复 2 年"),
    ("W17", "repair_years", "one", "repair_years", "one 不是整数"),
    ("W17", "target_year", "20x8", "target_year", "20x8 不是"),
    ("W17", "exempt", "nobody", "exempt", "nobody 不属于"),
    ("W17", "exempt", "newborn", "birth_date", "须填写出生日期"),
    ("W17", "history", ["2024:X"], "history", "2024 年的 X 不是参保情况"),
    ("W17", "law_day", "soon", "law_day", "soon 不是日期"),
    ("W17", "law_area", "999999", "law_area", "没有这个地区"),
    ("W17", "suppose_fixed_months", "99", "suppose_fixed_months", "超出参数允许的范围"),
    ("C10", "base_cap", "-1", "base_cap", "不能为负"),
    ("C10", "base_cap", "0.001", "base_cap", "小于一分"),
    (
        "R01",
        "individual_standard_by_year",
        "2026 400\n2026 410",
        "individual_standard_by_year",
        "重复",
    ),
    ("S17", "quota_dibao", "", "quota", "缺少低保对象的资助定额"),
    ("S17", "quota_dibao", "100", "quota", "低保对象的定额须在 320.00 至 360.00 元之间"),
    ("F05", "rate", "0.06", "rate", "比例不得高于 0.05"),
    ("F15", "to_scheme", "employee", "to_scheme", "险种之间不得相互调剂"),
    ("G13", "approvals", [], "approvals", "缺少批准：省医保局、省财政厅、省税务局、省政府"),
    ("D01", "new", "resident 340200", "new", "不是参保关系"),
    ("T02", "actual_months", "-5", "actual_months", "不能为负"),
]


@pytest.mark.parametrize("bad", BAD, ids=[f"{row[0]}-{row[1]}-{row[3]}" for row in BAD])
def test_bad_input_is_a_sentence_at_its_field(
    desk: Client, bad: tuple[str, str, Any, str, str]
) -> None:
    key, field, text, where, sentence = bad
    page = recomputed(desk, key, **{field: text})
    assert list(page.context["errors"]) == [where]
    assert sentence in page.context["errors"][where]
    assert f'id="e-{where}"' in page.text
    assert sentence in page.text.split(f'id="e-{where}"')[1].split("</ul>")[0]


def refusal_names() -> Iterator[tuple[str, str]]:
    """Every name that `RuleRefused` is raised by in the rules, from their source."""
    for folder in ("enrollment/rules", "benefits/rules", "funds/rules", "config/explain"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RuleRefused":
                    for name in _constants(node.args[0], tree):
                        yield name, f"{file.name}:{node.lineno}"


def _constants(argument: ast.expr, tree: ast.AST) -> Iterator[str]:
    """The texts that an argument can be: itself, or what is assigned to its name in the file."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.Name):
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(getattr(target, "id", "") == argument.id for target in targets):
                assert isinstance(node, ast.Assign)
                value = node.value
                parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                yield from (str(p.value) for p in parts if isinstance(p, ast.Constant))
    else:
        # A refusal that is raised again with its input keeps the name that it had.
        assert ast.unparse(argument) == "refused.name"


def test_every_refusal_of_the_rules_has_its_sentence_in_both_languages() -> None:
    # What a rule without a group refuses is told by the service that calls it.
    told_by_services = set(registrations.RULE_REFUSALS)
    names = {name: where for name, where in refusal_names() if name not in told_by_services}
    assert len(names) > 70
    assert {name: where for name, where in names.items() if name not in SENTENCES} == {}
    assert set(SENTENCES) - set(names) == set()
    for name, sentence in SENTENCES.items():
        with translation.override("en"):
            english = str(sentence)
        with translation.override("zh-hans"):
            assert str(sentence) != english, name
    assert set(FIELDS) <= set(SENTENCES)


def test_an_override_in_force_shortens_the_wait_by_its_clause(desk: Client) -> None:
    """By its months or by its first day, in `explain` and on the page alike."""
    (worked,) = (case for case in CASES if case["id"] == "W17")
    both: tuple[dict[str, Any], ...] = ({"override_months": 1}, {"override_start": "2028-02-01"})
    for said in both:
        answer = explain_case({**worked, "inputs": {**worked["inputs"], **said}})
        assert answer["outcome"]["total_months"] == 1
        assert answer["outcome"]["benefit_start"] == "2028-02-01"
        last = answer["trace"][-2]
        assert (last["document"], last["clause"]) == ("皖医保发〔2024〕6号", "一（二）")
        page = recomputed(desk, "W17", **{name: str(value) for name, value in said.items()})
        comparison = page.context["comparison"]
        assert comparison.columns[0].answer.outcome == answer["outcome"]
        assert comparison.steps[-1].source.basis == "皖医保发〔2024〕6号 一（二）"
    for said, refusal in (
        ({"override_months": 4}, "override_not_shorter"),
        ({"override_start": "2028-02-02"}, "override_start_unknown"),
        ({"override_months": 0, "override_start": "2028-02-01"}, "override_twice"),
    ):
        answer = explain_case({**worked, "inputs": {**worked["inputs"], **said}})
        assert answer["outcome"]["error"] == refusal


# Who, how fast, and what for ----------------------------------------------------------------------


def test_who_may_read_the_law_may_try_it_out(db: None) -> None:
    assert logged_in("Maker", "liu").get(page_of("budget")).status_code == 200
    for role in ("Security administrator", "Audit administrator"):
        client = logged_in(role, role)
        assert client.get(page_of("budget")).status_code == 403
        assert client.post(page_of("budget"), sent("B01")).status_code == 403
    assert Client().get(page_of("budget")).status_code == 302


def test_a_form_without_its_mark_is_refused(desk: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    assert strict.post(page_of("budget"), sent("B01")).status_code == 403


def test_an_unknown_group_is_not_found_and_the_first_is_where_one_begins(desk: Client) -> None:
    assert desk.get(page_of("weather")).status_code == 404
    assert desk.get(reverse("admin:sandbox")).url == page_of("waiting_period")  # type: ignore[attr-defined]


def test_a_recomputation_reads_no_file_and_no_table_of_people(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    recomputed(desk, "W17")

    def read_again(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the files are read once a process")

    monkeypatch.setattr(explain, "load_parameters", read_again)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert recomputed(desk, "W17").status_code == 200
    told = " ".join(query["sql"] for query in queries)
    assert "count(*)" not in told.lower()
    for table in ("enrollment_person", "enrollment_enrollment", "enrollment_policyparameter"):
        assert f'"{table}"' not in told
    assert len(queries) <= 12


def test_a_recomputation_takes_less_than_it_may(desk: Client) -> None:
    """In processor time of the whole request, because the machine of a test is often shared."""
    for key in ("W17", "C10", "G04"):
        assert "sandbox;dur=" in recomputed(desk, key).headers["Server-Timing"]
        took = []
        for _each in range(9):
            began = time.thread_time()
            recomputed(desk, key)
            took.append((time.thread_time() - began) * 1000)
        assert statistics.median(took) < MILLISECONDS, took


def test_the_page_stores_nothing(desk: Client) -> None:
    recomputed(desk, "W17")
    with CaptureQueriesContext(connection) as queries:
        recomputed(desk, "W17")
    writes = [
        q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(("INSERT", "UPDATE"))
    ]
    assert [sql for sql in writes if "django_session" not in sql] == []


def test_the_page_speaks_both_languages(desk: Client) -> None:
    assert "Variable wait (months)" not in desk.get(page_of("waiting_period")).text
    desk.cookies["django_language"] = "en"
    page = desk.get(page_of("waiting_period")).text
    assert "Variable wait (months)" in page
    assert "Three broken years, one repair" in page
