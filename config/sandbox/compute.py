"""A case under the law in force and under each other reading, side by side.

Nothing here computes a rule: every column is one call of `config.explain.answer_case`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from config.explain import Explained, answer_case, published_book
from config.explain.law import NAMES, Supposed
from config.sandbox.forms import CaseForm, Group, Reading
from config.sandbox.refusals import field_of, sentence_of
from config.sandbox.words import result_label, result_texts, step_text
from enrollment.admin.policy import value_text
from enrollment.rules.parameter_units import stored
from enrollment.rules.parameters import (
    MissingParameter,
    ParameterBook,
    ParameterValue,
    Provision,
)
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import TraceLine
from enrollment.selectors.parameters import description_of

SUPPOSED = "supposed"  # the standing of a number that the desk only tries out


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried out: a case, the area and day whose law counts, and supposed numbers."""

    group: Group
    form: CaseForm
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    area: int | None = None
    on: date | None = None

    @property
    def book(self) -> ParameterBook:
        return published_book()

    def answer(self, **other: Any) -> Explained:
        """The answer, `other` numbers supposed. Raises RuleRefused, MissingParameter."""
        case = {
            "group": self.group.name,
            "inputs": dict(self.inputs),
            "parameters": {**self.parameters, **other},
        }
        return answer_case(case, self.book, area=self.area, on=self.on)


@dataclass(frozen=True, slots=True)
class Column:
    """The answer under one way of reading: `name` is the parameter that is read otherwise."""

    name: str
    head: str
    reading: str = ""  # its number among the readings, such as W-A1
    answer: Explained | None = None
    refused: RuleRefused | MissingParameter | None = None

    @property
    def sentence(self) -> str:
        return sentence_of(self.refused) if self.refused else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A result under one reading; `differs` from what the law in force gives."""

    texts: Sequence[str]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A result under every reading."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Source:
    """The parameter behind a step: what it is, its value and days, the document, its standing.

    Where a clause stands behind a step without any number, `code` and `what` are empty.
    """

    code: str
    what: str
    value: str
    area: str
    valid_from: date | None
    valid_until: date | None
    basis: str
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the computation, under the law in force and under the reading beside it."""

    label: str
    text: str | None
    other: str | None
    source: Source | None

    @property
    def differs(self) -> bool:
        return self.text != self.other


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that the page shows of a case."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    beside: Column | None  # the reading whose steps stand beside those of the law in force
    steps: Sequence[Step]

    @property
    def others(self) -> Sequence[Column]:
        return self.columns[1:]

    @property
    def refused(self) -> RuleRefused | MissingParameter | None:
        return self.columns[0].refused

    @property
    def differing(self) -> Sequence[Column]:
        """The readings that lead elsewhere."""
        at = range(1, len(self.columns))
        return [self.columns[i] for i in at if any(row.cells[i].differs for row in self.rows)]

    @property
    def unproven(self) -> bool:
        """Whether a number behind the steps is not verified or only supposed."""
        sources = (step.source for step in self.steps)
        return any(source and source.status not in {"", "verified"} for source in sources)


def missing_inputs(trial: Trial) -> dict[str, str]:
    """A sentence for each needed input that is empty."""
    sentence = sentence_of(RuleRefused("missing_input"))
    return {
        each.name: sentence
        for each in trial.form.fields
        if each.needed and each.name not in trial.inputs
    }


def compare(trial: Trial, beside: str = "") -> Comparison:
    """The case under the law in force and each other reading of the form.

    `beside` names the reading whose steps are wanted; without it the first that differs is taken.
    """
    columns = [
        _column(trial, "", _("As the law in force is read")),
        *_other_readings(trial),
    ]
    rows = list(_rows(columns))
    chosen = _chosen(columns, rows, beside)
    return Comparison(columns, rows, chosen, _steps(trial, columns[0], chosen))


def errors_of(trial: Trial, comparison: Comparison) -> dict[str, str]:
    """The refusal of the case by the input that it is about; "" is the case as a whole."""
    refused = comparison.refused
    if refused is None:
        return {}
    names = [each.name for each in trial.form.fields]
    where = field_of(refused, names)
    if not where and isinstance(refused, RuleRefused) and "parameter" in refused.details:
        where = f"suppose_{refused.details['parameter']}"
    return {where: sentence_of(refused)}


# Columns ------------------------------------------------------------------------------------------


def _column(trial: Trial, name: str, head: str, reading: str = "", **other: Any) -> Column:
    try:
        return Column(name, head, reading, answer=trial.answer(**other))
    except (RuleRefused, MissingParameter) as refused:
        return Column(name, head, reading, refused=refused)


def _other_readings(trial: Trial) -> Iterable[Column]:
    for reading in trial.form.readings:
        present = _present(trial, reading)
        number = trial.book.definitions[NAMES[reading.name]].reading
        for value, words in reading.ways:
            if value != present:
                yield _column(trial, reading.name, str(words), number, **{reading.name: value})
                break


def _present(trial: Trial, reading: Reading) -> Any:
    """How the text is read at present: as supposed, or as the rules found it in force."""
    if reading.name in trial.parameters:
        return trial.parameters[reading.name]
    try:
        found = trial.answer().sources.get(NAMES[reading.name])
    except (RuleRefused, MissingParameter):
        found = None
    return found.value if found else reading.ways[0][0]


def _chosen(columns: Sequence[Column], rows: Sequence[Row], beside: str) -> Column | None:
    others = columns[1:]
    for column in others:
        if column.name == beside:
            return column
    for at, column in enumerate(others, start=1):
        if any(row.cells[at].differs for row in rows):
            return column
    return others[0] if others else None


# Results ------------------------------------------------------------------------------------------


def _rows(columns: Sequence[Column]) -> Iterable[Row]:
    outcomes = [column.answer.outcome if column.answer else {} for column in columns]
    keys = list(dict.fromkeys(key for outcome in outcomes for key in outcome))
    if any(column.refused for column in columns):
        yield Row(_("Refused"), _cells([[column.sentence or "—"] for column in columns]))
    for key in keys:
        texts = [
            result_texts(key, outcome[key]) if key in outcome else ["—"] for outcome in outcomes
        ]
        yield Row(result_label(key), _cells(texts))


def _cells(texts: Sequence[Sequence[str]]) -> Sequence[Cell]:
    return [Cell(each, differs=list(each) != list(texts[0])) for each in texts]


# Steps --------------------------------------------------------------------------------------------


def _steps(trial: Trial, column: Column, beside: Column | None) -> Sequence[Step]:
    """The steps under both readings; what only one of them has stands alone in its row."""
    lines = column.answer.trace if column.answer else ()
    sources = column.answer.sources if column.answer else {}
    if beside is None or beside.answer is None:
        return [_step(trial, line, None, sources) for line in lines]
    others = beside.answer.trace
    found: list[Step] = []
    labels, other_labels = [each.label for each in lines], [each.label for each in others]
    for act, low, high, other_low, other_high in SequenceMatcher(
        None, labels, other_labels, autojunk=False
    ).get_opcodes():
        if act == "equal":
            pairs = zip(lines[low:high], others[other_low:other_high], strict=True)
            found += [_step(trial, line, other, sources) for line, other in pairs]
            continue
        found += [_step(trial, line, None, sources) for line in lines[low:high]]
        found += [
            _step(trial, None, other, beside.answer.sources)
            for other in others[other_low:other_high]
        ]
    return found


def _step(
    trial: Trial,
    line: TraceLine | None,
    other: TraceLine | None,
    sources: Mapping[str, Provision],
) -> Step:
    told = line or other
    if told is None:
        raise ValueError("a step has a line")
    label: str = told.label
    provision = sources.get(told.parameter)
    return Step(
        _(label),
        None if line is None else step_text(line),
        None if other is None else step_text(other),
        source_of(trial.book, provision) if provision else _cited(told),
    )


def _cited(line: TraceLine) -> Source | None:
    """A step that names a parameter which this case did not look up, such as a quota of a city, or
    a clause alone."""
    basis = " ".join(part for part in (line.document, line.clause) if part)
    if not (line.parameter or basis):
        return None
    what = description_of(line.parameter) if line.parameter else ""
    return Source(line.parameter, what, "", "", None, None, basis, "")


def source_of(book: ParameterBook, provision: Provision) -> Source:
    """A provision as the page shows it."""
    what = description_of(provision.code)
    unit = book.definitions[provision.code].unit
    if isinstance(provision, Supposed) or not isinstance(provision, ParameterValue):
        value = value_text(unit, stored(provision.value))
        return Source(provision.code, what, value, "", None, None, "", SUPPOSED)
    basis = " ".join(part for part in (provision.document_citation, provision.clause) if part)
    return Source(
        provision.code,
        what,
        value_text(unit, provision.stored),
        str(provision.area),
        provision.valid_from,
        provision.valid_until,
        basis,
        provision.status,
    )
