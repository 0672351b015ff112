"""Every worked case, to the cent and the day, also under the other reading."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.core.management import call_command

from config.explain import GROUPS, explain, explain_case, published_book
from config.parameters import ROOTS
from enrollment.rules import parameter_files
from enrollment.rules.parameter_yaml import read_yaml

FILE = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = FILE["cases"]


def amount(value: object) -> object:
    """Values are compared by amount: 400, "400" and "400.00" are equal."""
    if isinstance(value, list):
        return [amount(entry) for entry in value]
    if isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def runs() -> Iterator[Any]:
    for case in CASES:
        yield pytest.param(case, {}, case["expected"], id=case["id"])
        for number, other in enumerate(case["alternatives"], start=1):
            name = f"{case['id']}-other-reading-{number}"
            yield pytest.param(case, other["params"], other["expected"], id=name)


@pytest.mark.parametrize(("case", "parameters", "expected"), list(runs()))
def test_a_worked_case_comes_out_as_published(
    case: dict[str, Any], parameters: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = explain_case(
        {"group": case["group"], "inputs": case["inputs"], "parameters": parameters}
    )

    outcome = {key: answer["outcome"].get(key, "(missing)") for key in expected}
    assert {key: amount(value) for key, value in outcome.items()} == {
        key: amount(value) for key, value in expected.items()
    }


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_stated_defaults_are_the_published_parameters(case: dict[str, Any]) -> None:
    supposed = {"group": case["group"], "inputs": case["inputs"], "parameters": FILE["defaults"]}

    assert explain_case(supposed)["outcome"] == explain_case(case)["outcome"]


def test_every_group_has_a_worked_case() -> None:
    assert {case["group"] for case in CASES} == set(GROUPS)


def test_every_figure_names_the_step_it_came_from() -> None:
    for case in CASES:
        answer = explain_case(case)
        if "error" in answer["outcome"] or answer["outcome"].get("reason") == "birth_date":
            continue
        assert answer["trace"], case["id"]
        for line in answer["trace"]:
            assert set(line) == {"label", "value", "parameter", "document", "clause"}
            assert bool(line["clause"]) <= bool(line["document"]) <= bool(line["parameter"])


def test_many_cases_are_answered_in_their_order() -> None:
    answers = explain({"cases": CASES})["answers"]

    assert answers == [explain_case(case) for case in CASES]


def every_run() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each case with what must come out, first as published, then under each other reading."""
    found = []
    for run in runs():
        case, parameters, expected = run.values
        asked = {"group": case["group"], "inputs": case["inputs"], "parameters": parameters}
        found.append((asked, expected))
    return found


def test_one_call_of_the_command_answers_all_of_them_under_every_reading(tmp_path: Path) -> None:
    asked = every_run()
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"cases": [case for case, _ in asked]}), encoding="utf-8")
    out = StringIO()

    call_command("explain", str(file), stdout=out)

    answers = json.loads(out.getvalue())["answers"]
    assert len(answers) == len(asked) > len(CASES)
    for answer, (_case, expected) in zip(answers, asked, strict=True):
        assert {key: amount(answer["outcome"].get(key, "(missing)")) for key in expected} == {
            key: amount(value) for key, value in expected.items()
        }


def test_the_law_is_read_once_however_many_cases_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command spends goes into reading the law, not into the cases."""
    read: list[Path] = []

    def counted(path: Path) -> Any:
        read.append(path)
        return read_yaml(path)

    monkeypatch.setattr(parameter_files, "read_yaml", counted)
    published_book.cache_clear()
    content = {"cases": [case for case, _expected in every_run()]}

    began = process_time()
    published_book()
    to_read = process_time() - began
    began = process_time()
    explain(content)
    to_answer = process_time() - began

    files = [path for root in ROOTS for path in root.rglob("*.yaml") if "example" not in path.parts]
    assert sorted(read) == sorted(files)
    assert to_answer <= to_read
