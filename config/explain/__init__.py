"""One case in, its outcome and trace out: the pure rules over the numbers in YAML, no database.

The command `explain` calls `explain_case`, the sandbox of the policy desk `answer_case`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from config.explain import benefit_groups, enrollment_groups, fund_groups
from config.explain.inputs import Inputs, check_keys
from config.explain.law import Law
from config.explain.shown import Answer, show_details, show_trace
from config.parameters import ROOTS
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameters import MissingParameter, ParameterBook, Provision
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import Trace

GROUPS: Mapping[str, Callable[[Inputs, Law], Answer]] = {
    "waiting_period": benefit_groups.waiting_period,
    "repair_fee": benefit_groups.repair_fee,
    "major_illness_cap": benefit_groups.major_illness_cap,
    "retirement": benefit_groups.retirement,
    "subsidy": enrollment_groups.subsidy,
    "employee_start": enrollment_groups.employee_start,
    "duplicate_control": enrollment_groups.duplicate_control,
    "collection_window": enrollment_groups.collection_window,
    "transfer": enrollment_groups.transfer,
    "refund": enrollment_groups.refund,
    "identity": enrollment_groups.identity,
    "anhui_adjustment_fund": fund_groups.anhui_adjustment_fund,
    "sichuan_adjustment_fund": fund_groups.sichuan_adjustment_fund,
    "budget": fund_groups.budget,
    "indicators": fund_groups.indicators,
}


@cache
def published_book() -> ParameterBook:
    """Everything published in YAML, without the examples; read once a process."""
    return load_parameters(ROOTS)


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer before it is JSON, with the provisions that it rests on by parameter code."""

    outcome: dict[str, Any]
    trace: Trace
    sources: Mapping[str, Provision]


def answer_case(
    case: object,
    book: ParameterBook | None = None,
    *,
    area: int | None = None,
    on: date | None = None,
) -> Explained:
    """The answer to one case, by the numbers of another area (six digits) or day where given.

    Raises RuleRefused, MissingParameter.
    """
    group, inputs, parameters = _read(case)
    law = Law(book or published_book(), parameters, area=area, on=on)
    outcome, trace = GROUPS[group](Inputs(inputs), law)
    return Explained(outcome, trace, law.found)


def explain_case(case: object, book: ParameterBook | None = None) -> dict[str, Any]:
    """{"outcome": {...}, "trace": [...]} of {"group", "inputs"[, "parameters"]}.

    Never raises for what the case holds: a refusal is {"outcome": {"error": name, ...}}.
    """
    try:
        answer = answer_case(case, book)
    except RuleRefused as refused:
        return {"outcome": {"error": refused.name, **show_details(refused)}, "trace": []}
    except MissingParameter as missing:
        where = {"code": missing.code, "area": missing.area, "scheme": missing.scheme}
        on = missing.on.isoformat()
        return {"outcome": {"error": "missing_parameter", **where, "date": on}, "trace": []}
    return {"outcome": answer.outcome, "trace": show_trace(answer.trace)}


def explain(content: object) -> dict[str, Any]:
    """The answer to a file's content: one case, or {"cases": [...]} -> {"answers": [...]}."""
    if isinstance(content, Mapping) and isinstance(content.get("cases"), list):
        return {"answers": [explain_case(case) for case in content["cases"]]}
    return explain_case(content)


def _read(case: object) -> tuple[str, dict[str, Any], dict[str, Any]]:
    if not isinstance(case, dict):
        raise RuleRefused("not_a_case")
    check_keys(case)
    group, inputs, parameters = case.get("group"), case.get("inputs"), case.get("parameters")
    if not isinstance(group, str) or group not in GROUPS:
        raise RuleRefused("unknown_group", group=str(group), groups=list(GROUPS))
    if not isinstance(inputs, dict):
        raise RuleRefused("missing_input", input="inputs")
    if parameters is None:
        return group, inputs, {}
    if not isinstance(parameters, dict):
        raise RuleRefused("not_a_mapping", input="parameters")
    return group, inputs, parameters
