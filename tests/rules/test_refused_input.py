"""Bad input gets a named error: never a guess, never a traceback."""

import json
import subprocess
import sys
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as settings_of_django
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from config.explain import explain_case
from config.explain.inputs import read_json
from tests.rules.test_worked_cases import CASES

WAITING = next(case for case in CASES if case["id"] == "W17")
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.text(max_size=8),
    st.sampled_from(
        ["2026-02-31", "9999-12-31", "0.001", "-1", "1e9", "NaN", "２０２６", "2026-13"]
    ),
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def waiting(**changes: Any) -> dict[str, Any]:
    return {"group": "waiting_period", "inputs": {**WAITING["inputs"], **changes}}


def error_of(case: object) -> str:
    return str(explain_case(case)["outcome"].get("error"))


# What has once ended in a traceback, or might: ends of the calendar, numbers beyond any register.
ODD: list[Any] = [
    None, True, -1, 10**6, 10**40, -(10**40), "", "9" * 5000, "9999-12-31", "0001-01-01", "9999-12",
    "2026-02-31", "1e999", "NaN", "２０２６", ["9999-12-31", "9999-12-31"], [], [1],
    ["9999-10", "9999-11", "9999-12"], {}, {"9999": "R"}, {"2026": "1e999"}, {"": 1},
    [["employee", "340100", "9999-12-31"]], ["resident", "340100", 9999],
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_no_odd_value_of_any_input_ends_in_a_traceback(case: dict[str, Any]) -> None:
    for key in case["inputs"]:
        for odd in ODD:
            answer = explain_case({**case, "inputs": {**case["inputs"], key: odd}})

            assert json.dumps(answer)
            assert set(answer) == {"outcome", "trace"}


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_no_input_ends_in_a_traceback(data: st.DataObject) -> None:
    case = deepcopy(data.draw(st.sampled_from(CASES)))
    key = data.draw(st.sampled_from(sorted(case["inputs"])))
    case["inputs"][key] = data.draw(JUNK)

    answer = explain_case(case)

    assert json.dumps(answer)
    assert set(answer) == {"outcome", "trace"}


@pytest.mark.parametrize("case", [None, 7, [], "x", {}, {"group": "waiting_period"}])
def test_what_is_no_case_is_refused_by_name(case: object) -> None:
    assert error_of(case) in {"not_a_case", "unknown_group", "missing_input"}


@pytest.mark.parametrize(
    ("case", "error"),
    [
        (waiting(exempt="astronaut"), "unknown_exemption"),
        (waiting(exempt="newborn"), "birth_date_required"),
        (waiting(history={"2025": "X"}), "unknown_cover"),
        (waiting(history={"2025": "R", "02025": "N"}), "year_twice"),
        (waiting(history={"25": "R"}), "not_a_year"),
        (waiting(birth_date="2026-05-01"), "history_before_birth"),
        (waiting(history={}, exempt="newborn", birth_date="2027-11-01"), "payment_before_birth"),
        (waiting(payment_date="2027-08-31"), "payment_outside_benefit_year"),
        (waiting(payment_date="2029-01-01"), "payment_outside_benefit_year"),
        (waiting(payment_date="2027-02-29"), "not_a_date"),
        (waiting(payment_date="9999-12-31"), "date_outside_years"),
        (waiting(repair_years=-1), "repair_years_negative"),
        (waiting(repair_years="1"), "not_an_integer"),
        (waiting(window=["2027-12-31", "2027-09-01"]), "window_reversed"),
        (waiting(colour="red"), "unknown_input"),
        ({"group": "weather", "inputs": {}}, "unknown_group"),
        ({"group": "subsidy", "inputs": {"standard": "400.001", "categories": []}},
         "money_finer_than_cent"),
        ({"group": "subsidy", "inputs": {"standard": "-400", "categories": []}}, "money_negative"),
        ({"group": "subsidy", "inputs": {"standard": "400", "categories": ["rich"]}},
         "unknown_category"),
        ({"group": "subsidy", "inputs": {"standard": "400", "categories": ["dibao"]}},
         "quota_missing"),
        ({"group": "major_illness_cap",
          "inputs": {"history": {"2024": "R"}, "year": 2024, "base_cap": 300000}},
         "missing_parameter"),
        ({"group": "identity", "inputs": {"id_number": 7}}, "not_text"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(case: dict[str, Any], error: str) -> None:
    assert error_of(case) == error


# A sound case of every form that holds money.
SOUND: dict[str, list[dict[str, Any]]] = {
    "repair_fee": [
        {"payment_date": "2026-11-01", "repair_years": 1,
         "individual_standard_by_year": {"2026": "400"}},
    ],
    "major_illness_cap": [
        {"history": {}, "year": 2027, "base_cap": "300000", "step": "3000",
         "serious_paid": {"2027": "1"}},
    ],
    "retirement": [
        {"required_months": 300, "actual_months": 290, "deemed_months": 0, "base": "6000",
         "rate": "0.08"},
    ],
    "subsidy": [
        {"standard": "400", "categories": ["dibao"], "quota": {"dibao": "360"}, "city_extra": "1",
         "third_party": "1", "account_pay": "1"},
        {"individual": "400", "fiscal": "700"},
    ],
    "employee_start": [{"wage": "6333.33"}],
    "refund": [
        {"paid": "400", "paid_on": "2025-10-01", "reason": "death", "event_on": "2025-11-01",
         "requested_on": "2025-12-01"},
    ],
    "anhui_adjustment_fund": [
        {"scheme": "resident", "year": 2026, "rate": "0.05", "prev_year_revenue": "1000",
         "fund_balance_prev_year_end": "1", "province_prev_year_revenue": "2000"},
        {"revenue": "1", "expenditure": "2", "eligible_gap": "1", "provincial_share": "0.5",
         "local_cumulative_balance": "1"},
        {"claims": ["1", "2"], "fund_available": "2"},
        {"from_scheme": "resident", "to_scheme": "resident", "amount": "1"},
    ],
    "sichuan_adjustment_fund": [
        {"scheme": "resident", "year": 2026, "income": "1000", "reserve_balance": "1"},
        {"distributable": "1", "weights": ["1", "2"]},
        {"city_gap": "1", "allocation": "1", "local_rolling_balance": "1"},
        {"loss_from_violation": "1", "local_rolling_balance": "1"},
        {"from_scheme": "resident", "to_scheme": "resident", "amount": "1"},
    ],
    "budget": [
        {"opening": "1", "revenue": "1", "expenditure": "1"},
        {"approved": "3", "disbursed": "1", "plan": "1"},
        {"adjustment": "1", "approvals": ["city_msb", "city_finance", "city_government"]},
    ],
    "indicators": [{"drg_dip_paid": "7", "inpatient_paid": "10", "year": 2026}],
}  # fmt: skip
NOT_MONEY = {
    "payment_date", "repair_years", "history", "year", "required_months", "actual_months",
    "deemed_months", "rate", "categories", "paid_on", "reason", "event_on", "requested_on",
    "scheme", "provincial_share", "from_scheme", "to_scheme", "weights", "approvals",
}  # fmt: skip
BALANCES = {"local_cumulative_balance", "local_rolling_balance", "opening", "adjustment"}


def with_amount(value: Any, amount: str) -> Any:
    """An input whose first amount is another."""
    match value:
        case dict():
            return dict.fromkeys(value, amount)
        case [_first, *others]:
            return [amount, *others]
        case _:
            return amount


def amounts(*, balances: bool) -> list[Any]:
    """Every input that is money, or that is a balance and may be negative."""
    return [
        pytest.param(group, inputs, key, id=f"{group}-{key}")
        for group, forms in SOUND.items()
        for inputs in forms
        for key in inputs
        if key not in NOT_MONEY and (key in BALANCES) == balances
    ]


def outcome_of(group: str, inputs: dict[str, Any], key: str, amount: str) -> str:
    changed = {**inputs, key: with_amount(inputs[key], amount)}
    return error_of({"group": group, "inputs": changed})


def test_the_cases_that_are_sound_are_answered() -> None:
    for group, forms in SOUND.items():
        for inputs in forms:
            assert error_of({"group": group, "inputs": inputs}) == "None", inputs


@pytest.mark.parametrize(("group", "inputs", "key"), amounts(balances=False))
def test_money_is_never_negative_and_never_finer_than_a_cent(
    group: str, inputs: dict[str, Any], key: str
) -> None:
    for amount, error in (
        ("-0.01", "money_negative"),
        ("0.001", "money_finer_than_cent"),
        ("1e3", "not_a_number"),
        ("1,000", "not_a_number"),
    ):
        assert outcome_of(group, inputs, key, amount) == error, amount


@pytest.mark.parametrize(("group", "inputs", "key"), amounts(balances=True))
def test_a_balance_may_be_negative_and_is_never_finer_than_a_cent(
    group: str, inputs: dict[str, Any], key: str
) -> None:
    assert outcome_of(group, inputs, key, "-0.01") == "None"
    assert outcome_of(group, inputs, key, "0.001") == "money_finer_than_cent"


@pytest.mark.parametrize(
    ("id_number", "reason"),
    [
        ("349900199002310018", "birth_date"),
        ("349900199001010014", "check_character"),
        ("34990019900101001", "format"),
        ("34990019900101001y", "format"),
    ],
)
def test_a_wrong_identity_number_tells_why(id_number: str, reason: str) -> None:
    answer = explain_case({"group": "identity", "inputs": {"id_number": id_number}})

    assert answer["outcome"] == {"valid": False, "reason": reason}


def test_a_year_that_stands_twice_is_refused() -> None:
    text = json.dumps(waiting()).replace('"2024": "R"', '"2025": "R", "2024": "R"')

    assert error_of(read_json(text)) == "year_twice"


def test_useless_repair_is_refused_with_the_useful_maximum() -> None:
    assert explain_case(waiting(repair_years=3))["outcome"] == {
        "error": "repair_exceeds_useful",
        "max_useful_repair_years": 2,
        "broken_years": 3,
    }


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        pytest.param({"history": {"2027": "R"}}, 0, id="no break"),
        pytest.param({"history": {"2026": "R"}}, 1, id="a break of one year"),
        pytest.param({"history": {}}, 0, id="never enrolled"),
        pytest.param({"exempt": "demobilised"}, 3, id="exempt"),
        pytest.param({"history": {"2027": "R"}, "payment_date": "2028-03-01"}, 0, id="late"),
    ],
)
def test_repair_where_it_shortens_nothing_is_refused_with_none_as_the_useful_maximum(
    changes: dict[str, Any], broken: int
) -> None:
    assert error_of(waiting(**changes, repair_years=0)) == "None"
    assert explain_case(waiting(**changes, repair_years=1))["outcome"] == {
        "error": "repair_exceeds_useful",
        "max_useful_repair_years": 0,
        "broken_years": broken,
    }


def test_a_missing_number_names_code_area_scheme_and_date() -> None:
    case = {"group": "major_illness_cap",
            "inputs": {"history": {}, "year": 2020, "base_cap": 300000}}  # fmt: skip

    assert explain_case(case)["outcome"] == {
        "error": "missing_parameter",
        "code": "incentive.step",
        "area": 340000,
        "scheme": "resident",
        "date": "2020-01-01",
    }


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"fixed_month": 3}, "unknown_parameter"),
        ({"fixed_months": "three"}, "parameter_outside_unit"),
        ({"fixed_months": 13}, "parameter_outside_range"),
        ({"variable_offset": 2}, "reading_not_supported"),
        ({"reserve_topup": "half"}, "reading_not_supported"),
        ({"W-A5": "first_of_next_month"}, "reading_not_supported"),
        ({"waiting.exemption_covers": "fixed_only"}, "reading_not_supported"),
    ],
)
def test_a_supposed_number_obeys_the_same_rules(parameters: dict[str, Any], error: str) -> None:
    assert error_of({**waiting(), "parameters": parameters}) == error


def test_a_reading_may_be_supposed_with_its_default() -> None:
    supposed = {**waiting(), "parameters": {"W-A5": "payment_date"}}

    assert explain_case(supposed)["outcome"] == explain_case(waiting())["outcome"]


def test_the_command_writes_the_answer_alone(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(waiting()), encoding="utf-8-sig")
    out = StringIO()

    call_command("explain", str(file), stdout=out)

    assert json.loads(out.getvalue()) == explain_case(waiting())


def test_a_file_is_answered_without_loading_django(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(waiting()), encoding="utf-8")
    ask = (
        "import sys, manage\n"
        "assert manage.explained(sys.argv[1:])\n"
        "assert not {'django', 'celery'} & sys.modules.keys()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", ask, "explain", str(file)],
        cwd=settings_of_django.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout) == explain_case(waiting())


@pytest.mark.parametrize("text", ["", "{", "[1,"])
def test_the_command_refuses_what_is_not_json(tmp_path: Path, text: str) -> None:
    file = tmp_path / "case.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError):
        call_command("explain", str(file))


def test_the_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("explain", str(tmp_path / "nowhere.json"))
