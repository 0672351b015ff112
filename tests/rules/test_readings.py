"""Every ambiguity of the texts is a parameter: its default stands, other readings are switched or
refused by name, whether a file, a case or a published value asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.explain import explain_case
from config.parameters import ROOTS
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameter_units import stored
from enrollment.rules.parameter_yaml import ParameterFileError, read_yaml
from tests.rules.terms import book
from tests.rules.test_worked_cases import CASES

ANHUI, HUBEI, SICHUAN = 340000, 420000, 510000
EVERYWHERE = (ANHUI, HUBEI, SICHUAN)
NEW_YEAR = date(2026, 1, 1)
# A case that any parameter may stand beside: the standard of identity numbers holds none.
INDIFFERENT = {"group": "identity", "inputs": {"id_number": "34990019900101001X"}}


@dataclass(frozen=True, slots=True)
class Reading:
    """An ambiguity: the parameter that records it, its default, another reading, and whether both
    evaluators know that one."""

    code: str
    default: Any
    other: Any
    switched: bool = False
    areas: tuple[int, ...] = EVERYWHERE


READINGS: Mapping[str, Reading] = {
    "W-A1": Reading("waiting.variable_offset", 1, 0, switched=True),
    "W-A2": Reading("waiting.count_breaks_from", 2025, 2000, switched=True),
    "W-A3": Reading("waiting.never_enrolled_counts", False, True, switched=True),
    "W-A4": Reading("waiting.count_missed_window_year", False, True, switched=True),
    "W-A5": Reading("waiting.late_wait_counts_from", "payment_date", "first_of_next_month"),
    "W-A6": Reading("waiting.extension_wait_counts_from", "payment_date", "first_of_january"),
    "W-A7": Reading("waiting.in_principle", "hard_rule", "local_exceptions"),
    "W-A8": Reading("waiting.exemption_covers", "both_waits", "fixed_only"),
    "W-A9": Reading("waiting.newborn_days", 90, 28, switched=True),
    "W-A9 last day": Reading("waiting.newborn_last_day", "inside", "outside"),
    "W-A10": Reading("waiting.interrupted_employee", "gap_of_three_months", "gap_and_two_years"),
    "W-A11": Reading("waiting.partial_employee_year", "covered", "broken"),
    "W-A12": Reading("waiting.later_policy_change", "kept", "dated_again"),
    "R-A1": Reading("repair.standard_year", "year_of_payment", "year_of_application"),
    "R-A2": Reading("repair.effect", "wait_only", "wait_and_streak"),
    "R-A3": Reading("repair.subsidy", "none", "as_contribution"),
    "R-A4": Reading("repair.running_wait", "until_recomputed_start", "before_the_wait"),
    "C-A1": Reading("incentive.first_gain", "fifth_year", "after_fifth_year"),
    "C-A2": Reading("incentive.count_from", 2025, 2020),
    "C-A3": Reading(
        "zero_claim.bonus_used_when", "above_ceiling_without_bonus", "above_original_ceiling"
    ),
    "C-A4": Reading("zero_claim.ordinary_claim", "keeps", "clears"),
    "C-A5": Reading("zero_claim.after_break", "kept", "cleared"),
    "C-A6": Reading("zero_claim.next_year", "resident_enrolment", "none"),
    "C-A7": Reading("penalty.counted_years", "all_breaks", "current_break"),
    "C-A8": Reading("cap.limit_applies_to", "shown_sum", "further_earning"),
    "C-A9": Reading("cap.netting", "each_side_then_net", "net_then_limit"),
    "C-A10": Reading("zero_claim.payments", "pooled_fund", "all_funds"),
    "C-A11": Reading("cap.original", "ceiling_of_the_year", "ceiling_of_2025"),
    "C-A12": Reading("cap.groups_without", "not_applicable", "applied"),
    "C-A13": Reading("penalty.exempt_groups", "reduced", "spared"),
    "S-A1": Reading("subsidy.quota_check", "whenever_the_standard_changes", "once"),
    "S-A2": Reading("subsidy.several_categories", "most_favourable", "added_up"),
    "S-A3": Reading("subsidy.deciding_day", "payment_date", "window_start"),
    "S-A4": Reading("subsidy.local_categories", "extensible", "closed"),
    "E-A1": Reading("employee.start_counts_from", "later_of_both", "registration"),
    "E-A2": Reading("employee.months_counted_by", "contribution_month", "cash_date"),
    "F-A1": Reading(
        "anhui_fund.revenue_basis", "contributions", "fund_income_with_subsidy", areas=(ANHUI,)
    ),
    "F-A2": Reading("anhui_fund.balance_past_limit", "levy_may_pass", "levy_is_cut",
                    areas=(ANHUI,)),
    "F-A3": Reading("anhui_fund.sharing", "decision", "formula", areas=(ANHUI,)),
    "F-A4": Reading("anhui_fund.uncovered_rest", "left_open", "province", areas=(ANHUI,)),
    "F-A5": Reading("anhui_fund.short_fund", "pro_rata", "in_order", areas=(ANHUI,)),
    "F-A6": Reading("anhui_fund.suspension_test", "each_scheme", "both_schemes", areas=(ANHUI,)),
    "G-A1": Reading("sichuan_fund.income_year", "current_year", "last_final_accounts",
                    areas=(SICHUAN,)),
    "G-A2": Reading("sichuan_fund.reserve_topup", "target", "full", switched=True,
                    areas=(SICHUAN,)),
    "G-A3": Reading("sichuan_fund.weights", "decision", "formula", areas=(SICHUAN,)),
    "G-A4": Reading("sichuan_fund.cents", "largest_remainder", "last_area", areas=(SICHUAN,)),
    "G-A5": Reading("sichuan_fund.reserve_use", "event_and_approval", "approval",
                    areas=(SICHUAN,)),
    "B-A1": Reading("budget.deficit_in_principle", "approved_exception", "never"),
    "B-A2": Reading("budget.adjustment_approvals", ("city_msb", "city_finance", "city_government"),
                    ("city_msb", "city_finance"), areas=(HUBEI,)),
    "D-A1": Reading("duplicates.employee_kept_from_months", 12, 6),
    "U-A1": Reading("refund.deciding_day", "request", "event"),
    "N-A1": Reading("indicators.enrolment_denominator", "habitual", "hukou"),
    "N-A2": Reading("indicators.tier_pairs", "adjacent", "every_pair"),
}  # fmt: skip
# Numbers that no text gives: T-A1 and T-A2 are what the area says, inside what was ever heard of.
OPEN_NUMBERS = {
    "retirement.lump_sum_rate": ("T-A1", "0.08", "1.01", "parameter_outside_unit"),
    "retirement.min_actual_months": ("T-A2", 120, 181, "parameter_outside_range"),
    "retirement.required_months.male": ("T-A2", 300, 299, "parameter_outside_range"),
    "retirement.required_months.female": ("T-A2", 240, 301, "parameter_outside_range"),
}

each_reading = pytest.mark.parametrize("name", READINGS)


def outcome_with(code: str, value: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = explain_case(
        {**INDIFFERENT, "parameters": {code: stored(value)}}
    )["outcome"]  # fmt: skip
    return outcome


def read_with(code: str, value: Any, folder: Path) -> None:
    """Read the parameter's own file, every value of it replaced by another."""
    definition = book().definitions[code]
    content = read_yaml(Path(definition.file))
    for entry in content["values"]:
        entry["value"] = stored(value)
    file = folder.joinpath(*code.split(".")).with_suffix(".yaml")
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (folder / "documents.yaml").write_bytes((ROOTS[0] / "documents.yaml").read_bytes())
    load_parameters([folder])


@each_reading
def test_a_reading_is_recorded_by_its_parameter(name: str) -> None:
    assert book().definitions[READINGS[name].code].reading == name.partition(" ")[0]


@each_reading
def test_the_stated_default_is_in_force(name: str) -> None:
    reading = READINGS[name]

    for area in reading.areas:
        found = book().find(
            reading.code,
            area=area,
            on=NEW_YEAR,
            scheme="employee" if name.startswith("E") else "resident",
        )
        assert found.value == reading.default, area


@each_reading
def test_another_reading_is_switched_or_refused_by_name_in_a_case(name: str) -> None:
    reading = READINGS[name]

    assert "error" not in outcome_with(reading.code, reading.default)
    error = outcome_with(reading.code, reading.other).get("error")
    assert error == (None if reading.switched else "reading_not_supported")


@each_reading
def test_another_reading_is_switched_or_refused_by_name_in_a_file(
    name: str, tmp_path: Path
) -> None:
    reading = READINGS[name]

    read_with(reading.code, reading.default, tmp_path / "default")
    if reading.switched:
        read_with(reading.code, reading.other, tmp_path / "other")
        return
    with pytest.raises(ParameterFileError) as refused:
        read_with(reading.code, reading.other, tmp_path / "other")

    assert refused.value.name == "reading_not_supported"
    assert name.partition(" ")[0] in refused.value.wrong


@pytest.mark.parametrize("code", OPEN_NUMBERS)
def test_a_number_that_no_text_gives_is_what_the_area_says(code: str) -> None:
    name, said, beyond, error = OPEN_NUMBERS[code]

    assert book().definitions[code].reading == name
    assert {value.status for value in book().values_of(code)} <= {"unverified"}
    assert "error" not in outcome_with(code, said)
    assert outcome_with(code, beyond)["error"] == error


def test_no_parameter_records_a_reading_beside_these() -> None:
    recorded = {code for code, definition in book().definitions.items() if definition.reading}

    assert recorded == {reading.code for reading in READINGS.values()} | set(OPEN_NUMBERS)


NEWBORN = {
    "group": "waiting_period",
    "inputs": {
        "history": {},
        "target_year": 2026,
        "payment_date": "2026-04-30",
        "window": ["2025-09-01", "2025-12-31"],
        "exempt": "newborn",
        "birth_date": "2026-03-01",
    },
}
# A case for every reading that can be switched, in which it makes a difference.
TELLING = {"W-A1": "W17", "W-A2": "W25", "W-A3": "W27", "W-A4": "W31", "G-A2": "G04"}


@pytest.mark.parametrize("name", [name for name in READINGS if READINGS[name].switched])
def test_a_switched_reading_changes_the_outcome_by_its_short_name_its_code_and_its_id(
    name: str,
) -> None:
    reading = READINGS[name]
    case = next((case for case in CASES if case["id"] == TELLING.get(name)), NEWBORN)
    short = reading.code.rpartition(".")[2]
    names = (short, reading.code, *([name] if name != "W-A9" else []))  # W-A9 has two parameters

    outcomes = [explain_case({**case, "parameters": {by: reading.other}}) for by in names]

    assert outcomes == [outcomes[0]] * len(names)
    assert "error" not in outcomes[0]["outcome"]
    assert outcomes[0]["outcome"] != explain_case(case)["outcome"]
