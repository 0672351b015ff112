"""Every worked case, to the cent and the day, also under the other reading."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from config.explain import GROUPS, explain, explain_case

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
