"""`verify` proves the year, and names what somebody broke behind everybody's back."""

import json
from contextlib import suppress
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from enrollment.declarations import checks
from tests import cast, turning
from tests.turning import YEAR, insured, receipt, someone, turn

FIRST = f"{YEAR}100000000000"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def turned_year(for_the_module: pytest.MonkeyPatch) -> None:
    """A turned 2027: 张三 paid, 李四 did not, 王五 is subsidised, 赵六 died in autumn."""
    turning.province(for_the_module)
    three, four, five, six = (
        someone("张三"),
        someone("李四"),
        someone("王五", "dibao"),
        someone("赵六", died_on=date(YEAR - 1, 10, 3)),
    )
    insured(three, four, five, six)
    receipt("R1", three, 420)
    receipt("R2", five, 42)
    for step in turning.STEPS:
        turn(step)


def verify() -> dict[str, Any]:
    """The answer of the command, whether it is content or not."""
    out = StringIO()
    with suppress(CommandError):
        call_command("verify", "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def broken() -> set[str]:
    """Names of the violated checks."""
    result = verify()
    violated = {check["name"] for check in result["checks"] if not check["ok"]}
    assert result["ok"] is (not violated)
    return violated


def execute(statement: str) -> None:
    """What only the owner can do, past every service."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_turned_year_holds_every_invariant() -> None:
    assert broken() == set()
    assert len(verify()["checks"]) == len(list(checks))


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE enrollment SET subsidy = 300, payable = 120 WHERE category = 'dibao'",
            {"subsidy_is_the_sum_of_its_awards", "insured_equal_the_activation_totals"},
        ),
        (
            "UPDATE enrollment SET paid = 500 WHERE paid = 420",
            {"paid_is_the_sum_of_its_receipts"},
        ),
        (
            f"UPDATE enrollment SET standard = 500, payable = 500 WHERE paid = 0 AND id > {FIRST}",
            {"opened_rows_equal_their_control_totals"},
        ),
        (
            "DELETE FROM fallout WHERE reason = 'deceased'",
            {"fallout_ties_last_year_to_this_one"},
        ),
        (
            "UPDATE fallout SET id = id + 3 - 2, person_id = person_id + 1 WHERE reason = 'unpaid'",
            {"who_fell_out_was_insured_before_and_is_not_now"},
        ),
        (
            "UPDATE step_shard SET state = 'retry' WHERE work = 'attach'",
            {"done_steps_have_only_done_shards"},
        ),
        (
            "UPDATE person SET insured_region = 340199000000 WHERE name = '李四'",
            {"regions_of_people_and_years_are_known"},
        ),
        (
            f"DELETE FROM standing WHERE cover = 'R' AND id > {FIRST}",
            {"every_paid_resident_has_the_standing_of_the_year"},
        ),
        (
            f"INSERT INTO change (person_id, year, cause) SELECT id, {YEAR}, 'came' FROM person",
            {"every_change_was_taken_into_the_standings"},
        ),
        (
            "UPDATE receipt_day SET amount = amount + 1",
            {"days_are_the_sums_of_their_receipts"},
        ),
        (
            f"ALTER TABLE enrollment_y{YEAR} DISABLE ROW LEVEL SECURITY",
            {"partitions_answer_only_through_the_parent"},
        ),
    ],
)
def test_a_violation_is_named(statement: str, named: set[str]) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(statement)

    assert named <= broken()


def test_a_receipt_of_nobody_is_named() -> None:
    execute("ALTER TABLE receipt DISABLE TRIGGER USER")
    execute("UPDATE receipt SET person_id = 9999 WHERE receipt_number = 'R1'")

    assert "receipts_name_people_and_years_that_are_there" in broken()


def test_a_bill_of_somebody_who_had_left_is_named() -> None:
    execute("ALTER TABLE person DISABLE TRIGGER USER")
    execute("UPDATE person SET left_on = '2026-08-01', left_for = 'moved_out' WHERE name = '张三'")

    assert "nobody_who_had_left_was_billed" in broken()


def test_a_conflict_that_was_declared_after_the_duties_is_named() -> None:
    user = cast.officer("Checker", "both", "张敏")
    cast.entrust(user, "Approver")
    execute(
        "INSERT INTO role_conflict (role_id, other_id) SELECT min(id), max(id) FROM auth_group"
        " WHERE name IN ('Checker', 'Approver')"
    )

    assert "nobody_holds_roles_that_exclude_each_other" in broken()


def test_examples_are_given_and_few() -> None:
    execute("UPDATE enrollment SET paid = 500 WHERE paid = 420")

    check = next(c for c in verify()["checks"] if c["name"] == "paid_is_the_sum_of_its_receipts")
    assert check["violations"] == 1
    assert [example["paid"] for example in check["examples"]] == [500.0]


def test_the_command_ends_with_1_and_names_what_is_violated() -> None:
    execute("UPDATE enrollment SET paid = 500 WHERE paid = 420")

    with pytest.raises(CommandError, match="paid_is_the_sum_of_its_receipts") as refused:
        call_command("verify", stdout=StringIO())
    assert refused.value.returncode == 1
