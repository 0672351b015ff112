"""What the apps declare to each other: the lists that upper apps add to in `AppConfig.ready()`.

Calls never go up. `enrollment` runs and shows what is declared here without knowing it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from enrollment.models import Case, Change, Person, StepShard, User, YearStep
    from enrollment.rules.lifecycle import Fact, Transition
    from enrollment.selectors.workdays import Deadline


@dataclass(frozen=True)
class TermsSource:
    """What a step asks the law before its first shard.

    `write` keeps the answers with the step and returns their digest, raising StepRefused where the
    law is silent; `changed` tells what the law says otherwise now: (code, area, then, now).
    """

    write: Callable[["YearStep"], str]
    changed: Callable[["YearStep"], list[tuple[str, int, Any, Any]]]


@dataclass(frozen=True)
class Step:
    """A yearly step: its day, its order, and one SQL file that does a slice of everyone.

    The SQL gets the named parameters of `enrollment.services.steps` and must end in the INSERT
    of its control totals. `day` gives the business date in the calendar of a benefit year.
    """

    name: str
    label: "_StrPromise"
    sql: Path | None
    day: Callable[[int], date]
    # For a step about areas and not people: one piece that does it, appends its control totals and
    # returns how many rows it counted. Under a rehearsal it only counts.
    piece: "Callable[[StepShard], int] | None" = None
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    daily: bool = False  # may run many times in a year, each run a serial of its own
    # A daily step that the calendar begins in rounds only: the days from which and until which
    # each round of a benefit year begins. Raises StepRefused where the law names none.
    rounds: Callable[[int], Sequence[tuple[date, date]]] | None = None
    fills: str = ""  # parent table whose year this step fills apart and attaches
    marks: str = ""  # column of YearRun that takes the step's day once it is done
    terms: TermsSource | None = None  # numbers of law that its SQL reads, one row an area
    # For a step that rests on its own result of the year before: the first year that has one. It
    # also runs for years that came by history files.
    first_year: Callable[[], int] | None = None
    sequel: Path | None = None  # SQL of the slices once the filled year is attached
    sums: Path | None = None  # SQL that adds what pages show of a slice, after its sequel
    again: str = "DO NOTHING"  # what a row that is there already means to {again} of the SQL
    quiet: bool = False  # what it writes to the register follows from facts that are known


def nothing(*args: Any, **kwargs: Any) -> None:
    """What a kind does where it has nothing to do."""


def always() -> bool:
    """Whether a taker is ready that waits for nothing."""
    return True


@dataclass(frozen=True)
class CaseKind:
    """A kind of case: its model, and what each point of its life means for the facts.

    All functions run inside the transaction of the case, after it was locked, and refuse by
    raising `enrollment.services.refusals.Refused`.
    """

    name: str
    label: "_StrPromise"
    model: "type[Case]"
    effect: Callable[..., None]  # effect(case=, user=, **details): the consequences
    facts: Callable[["Case"], Sequence["Fact"]]  # what the checker sees; its digest is bound
    check: Callable[["Case"], None] = nothing  # before it is submitted and before it is approved
    # on_behalf(case): for whom its facts are read, beside the user: both sides sign the same ones
    on_behalf: "Callable[[Case], AbstractContextManager[None]]" = lambda case: nullcontext()
    # told(case, user, facts): those of the facts that are for this user to read
    told: "Callable[[Case, User, list[Fact]], list[Fact]]" = lambda case, user, facts: facts
    approved: Callable[["Case"], None] = nothing  # once it is approved: number a payment order
    returned: Callable[["Case"], None] = nothing  # once it went back to its maker
    # moves(case, move, user): who may not make a move that the table allows
    moves: "Callable[[Case, Transition, User], None]" = nothing
    undo: Callable[..., None] | None = None  # undo(case=, user=): what a reversal does
    decides: Callable[["Case", "User"], None] = nothing  # decides(case, user): who may not check
    second_above: str = ""  # parameter, yuan: a larger amount needs a second level
    second_always: bool = False  # 原则上: every case needs a second level
    second_for: "Callable[[Case], bool]" = lambda case: False  # whether this one does
    reversed_by_two: bool = False  # undoing such a case needs a second level
    asks_on_effect: bool = False  # its effect needs details, so that no batch can say them
    working_days: int = 5
    due: "Callable[[Case], Deadline] | None" = None  # where the law sets the term, not the agency
    url_name: str = ""  # of its list; the page of one case is `<url_name>_change`


@dataclass(frozen=True)
class ChangeTaker:
    """Somebody above who acts on changes: `take` gets them in order, inside one transaction.

    `causes` names those it wants, none being all: what nobody wants needs no mark. `ready` is asked
    in the transaction first; what waits is taken once it answers yes.
    """

    name: str
    take: Callable[[Sequence["Change"]], None]
    causes: tuple[str, ...] = ()
    ready: Callable[[], bool] = always


@dataclass(frozen=True)
class Check:
    """An invariant of the live database: SQL that returns the violations, none if all is well."""

    name: str
    sql: str


@dataclass(frozen=True)
class PersonPanel:
    """A panel of the person file: a template and what it needs.

    Where it stands follows from `order`: below 10 it is a figure of the banner, a `<div>` with
    `<dt>` and `<dd>`; below 100 a panel of the wide column, from there on one of the side.
    """

    name: str
    order: int
    template: str
    context: Callable[["HttpRequest", "Person"], dict[str, Any]]


@dataclass(frozen=True)
class Column:
    """A column under its two names; `optional` ones may be missing from the header."""

    name: str
    chinese: str
    optional: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def both(self) -> str:
        """Both names: 证件号码（id_number）."""
        return f"{self.chinese}（{self.name}）"

    @property
    def allowed(self) -> str:
        """The codes that the column takes, each with the first Chinese word for it."""
        chinese: dict[str, str] = {}
        for word, code in self.words.items():
            if not word.isascii():
                chinese.setdefault(code, word)
        return "、".join(f"{word}（{code}）" for code, word in chinese.items())


@dataclass(frozen=True)
class ImportKind:
    """A kind of file that comes in. `staged` are the columns that the reader fills, with types.

    The functions get the `Desk` of `enrollment.imports.kinds`, inside the transaction of the file;
    `sql` is the folder that holds the files they run. Who sends a file by a screen also confirms it
    only where the kind says that no second person is needed: what it brings gives nobody a right.
    """

    name: str
    columns: tuple[Column, ...]
    table: str
    staged: tuple[tuple[str, str], ...]
    reader: Callable[..., Callable[[Sequence[str]], tuple[Any, ...]]]
    check: Callable[..., None]  # check(desk): mark what must be refused
    count: str  # SQL file that counts inserted, updated and unchanged lines
    apply: Callable[..., None]  # apply(desk): bring the rest to the register
    sql: Path
    label: "_StrPromise | str" = ""
    # as_agreed(desk): beside the counts, whether it does what was looked at
    as_agreed: Callable[..., bool] = lambda desk: True
    # SQL file that takes back what the rows of `import_effect` say, where `apply` leaves them
    undo: str = ""
    no_undo: "_StrPromise | str" = ""  # why a kind without one is not taken back, and what to do
    needs_second: bool = True  # a checker confirms what a maker sent (docs/adr/0027)
    # quick(desk, header): reads a line that is written plainly into a line of COPY's text form, and
    # None for any other, which the reader takes. For files of millions of lines.
    quick: Callable[..., Callable[[Sequence[str]], str | None]] | None = None
    keeps_lines: bool = False  # `cells` of its table gets each line as it came, sealed
    # SQL file that counts the lines by event and outcome; its sender gets a feedback file
    summary: str = ""


@dataclass(frozen=True)
class ExportKind:
    """A kind of file that goes out: `sheet` turns what is asked into a header and its rows.

    It gets the `Asked` of `enrollment.services.exports` and returns its `Sheet`, inside one
    transaction; it refuses by raising `ExportRefused`.
    """

    name: str
    sheet: Callable[..., Any]


Named = TypeVar("Named", Step, CaseKind, ChangeTaker, Check, PersonPanel, ImportKind, ExportKind)


@dataclass
class Declared(Generic[Named]):
    """A list by name; declaring a name twice is a mistake in the code and refused."""

    items: dict[str, Named] = field(default_factory=dict)

    def add(self, item: Named) -> Named:
        """Declare an item. Raises ValueError for a name that is taken."""
        if item.name in self.items:
            raise ValueError(f"declared twice: {item.name}")
        self.items[item.name] = item
        return item

    def __getitem__(self, name: str) -> Named:
        return self.items[name]

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.items.values())


steps: Declared[Step] = Declared()
case_kinds: Declared[CaseKind] = Declared()
change_takers: Declared[ChangeTaker] = Declared()
checks: Declared[Check] = Declared()
person_panels: Declared[PersonPanel] = Declared()
import_kinds: Declared[ImportKind] = Declared()
export_kinds: Declared[ExportKind] = Declared()


def ordered_steps() -> list[Step]:
    """The steps in the order of the year. Raises ValueError where after/before make a circle."""
    waiting = {step.name: set(step.after) & set(steps.items) for step in steps}
    for step in steps:
        for later in step.before:
            if later in waiting:
                waiting[later].add(step.name)
    result: list[Step] = []
    while waiting:
        ready = [name for name, needs in waiting.items() if not needs & set(waiting)]
        if not ready:
            raise ValueError(f"steps wait for each other: {sorted(waiting)}")
        result.append(steps[ready[0]])
        del waiting[ready[0]]
    return result
