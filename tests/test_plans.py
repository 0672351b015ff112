"""What a server does for the steps of a year, when it has little memory to plan for.

A list of a slice's people that does not fit is not looked up but searched, once a person: a slice
of a real province then takes hours. No statement may depend on a hash table that fits.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from config.parameters import ROOTS
from enrollment.models import YearStep
from enrollment.services.policy import load_policies
from enrollment.services.seed import seed_province
from tests import turning
from tests.turning import YEAR, turn

PEOPLE = 2_000
# Rows that a step of the plan hands on, for each person; searching would be half of PEOPLE.
MOST_ROWS_A_PERSON = 30


@pytest.mark.django_db
def test_no_step_searches_a_list_once_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    turning.province(monkeypatch, history=None)
    load_policies(provinces=["anhui"], roots=ROOTS, with_examples=True)
    seed_province(province="anhui", people=PEOPLE, first_year=2024, last_year=2026)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute("SET LOCAL hash_mem_multiplier = 1")
    plans: dict[str, list[dict[str, Any]]] = {}

    def explained(
        execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        if "INSERT INTO shard_total" not in statement:
            return execute(statement, parameters, many, context)
        cursor = context["cursor"]
        execute(
            f"EXPLAIN (ANALYZE, VERBOSE, TIMING OFF, FORMAT JSON) {statement}",
            parameters,
            many,
            context,
        )
        plan = cursor.fetchone()[0][0]["Plan"]
        plans.setdefault(statement.strip().partition("\n")[0], []).append(plan)
        return None

    with connection.execute_wrapper(explained):
        for name in turning.STEPS:
            assert turn(name, year=YEAR).state == YearStep.State.DONE
    assert len(plans) == len([name for name in turning.STEPS if name != "close"])
    for step, of_step in plans.items():
        for node in (node for plan in of_step for node in nodes(plan)):
            rows = node["Actual Rows"] * node["Actual Loops"]
            assert rows <= MOST_ROWS_A_PERSON * PEOPLE, f"{step}: {node['Node Type']} {rows}"
            # a list that fits here does not fit everywhere
            assert "hashed SubPlan" not in str(node), step


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)
