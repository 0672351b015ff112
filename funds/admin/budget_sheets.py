"""The sheet of a budget: as it is typed, read, shown and exported."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.rules.money import ZERO, plain
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.people import name_of
from funds.admin.grids import typed_share, typed_yuan, unseparated
from funds.models import Budget, BudgetAdjustment, BudgetLine
from funds.rules.budget_lines import EXPENDITURE, ITEM, REVENUE, TREND, Item
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import Executed, Execution
from funds.services import budget_figures as figures

HEADS = "heads"
SHARES = frozenset({"rate", "growth", "ageing"})
NEGATIVE = frozenset({"policy_change", "other"})
LARGEST: Mapping[str, int] = {"heads": 10**9, "rate": 1, "growth": 1, "ageing": 1}
SIDES = ((REVENUE, gettext_lazy("Revenue")), (EXPENDITURE, gettext_lazy("Expenditure")))
HEADINGS: Mapping[str, Promise] = {
    "heads": gettext_lazy("number of people"),
    "standard": gettext_lazy("standard or base"),
    "rate": gettext_lazy("rate"),
    "growth": gettext_lazy("growth"),
    "ageing": gettext_lazy("age structure"),
    "policy_change": gettext_lazy("change of benefits"),
    "cost_control": gettext_lazy("cost control"),
    "other": gettext_lazy("other factors"),
}
BEFORE = gettext_lazy("spending of the year before")


# As it is typed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the grid: empty where the item does not ask for it."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """An item of the grid, with what is wrong about it."""

    label: str
    cells: list[Cell | None]
    note: Cell
    amount: Decimal
    error: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of items that are computed in the same way."""

    heading: Promise | str
    columns: list[Promise]
    rows: list[GridRow]
    total: Decimal | None


def grids(budget: Budget, typed: Mapping[str, str], errors: Mapping[str, str]) -> list[Grid]:
    """The sheet to type into: revenue; what follows the spending before; other expenditure."""
    lines = {line.item: line for line in budget.lines.all()}
    items = reads.items(budget)
    revenue = [item for item in items if item.side == REVENUE]
    trend = [item for item in items if item.method == TREND]
    rest = [item for item in items if item.side == EXPENDITURE and item.method != TREND]
    product = ("heads", "standard", "rate", "other")
    parts = (
        (gettext_lazy("Revenue"), revenue, product),
        (
            gettext_lazy("Benefit expenditure"),
            trend,
            ("standard", "growth", "ageing", "policy_change", "cost_control", "other"),
        ),
        (gettext_lazy("Other expenditure"), rest, product),
    )
    return [
        Grid(
            heading,
            [BEFORE if name == "standard" and own is trend else HEADINGS[name] for name in names],
            [_grid_row(lines[item.name], item, names, typed, errors) for item in own],
            reads.total_of((lines[item.name] for item in own), own[0].side),
        )
        for heading, own, names in parts
    ]


def _grid_row(
    line: BudgetLine,
    item: Item,
    names: Sequence[str],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> GridRow:
    label = line.get_item_display()

    def cell(name: str, heading: object) -> Cell:
        key = f"{name}-{line.item}"
        return Cell(key, f"{label} {heading}", typed.get(key, written(line, name)))

    return GridRow(
        label,
        [cell(name, HEADINGS[name]) if name in (*item.asks, "other") else None for name in names],
        cell("note", _("basis")),
        line.amount,
        errors.get(line.item, ""),
    )


def written(line: BudgetLine, name: str) -> str:
    """A figure as it is typed: yuan with separators, shares as per cent."""
    value = getattr(line, name)
    if value is None or value == "" or (name == "other" and not value):
        return ""
    if name in SHARES:
        return percent(value)
    if name == HEADS:
        return f"{value:,}"
    return str(value) if name == "note" else f"{value:,.2f}"


def percent(share: Decimal | None) -> str:
    """A share as it is read: 98.5%."""
    return "" if share is None else f"{plain(share * 100)}%"


def read_grid(
    budget: Budget, typed: Mapping[str, str]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """What was typed of each item, and what cannot be read, by item."""
    given: dict[str, dict[str, Any]] = {}
    errors: dict[str, str] = {}
    for item in reads.items(budget):
        row: dict[str, Any] = {"note": typed.get(f"note-{item.name}", "")[:255]}
        for name in (*item.asks, "other"):
            text = typed.get(f"{name}-{item.name}", "")
            try:
                row[name] = _figure(name, text)
            except RuleRefused as error:
                told = figures.sentence(error)
                errors[item.name] = f"{HEADINGS[name]}: “{text}” {told}"
        given[item.name] = row
    return given, errors


def _figure(name: str, text: str) -> Decimal | int | None:
    """Raises RuleRefused."""
    if not text:
        return ZERO if name == "other" else None
    if name in SHARES:
        value: Decimal | int = typed_share(text)
    elif name == HEADS:
        digits = unseparated(text)
        if not (digits.isascii() and digits.isdigit()):
            raise RuleRefused("not_a_number")
        value = int(digits)
    else:
        value = typed_yuan(text, negative=name in NEGATIVE)
    if abs(Decimal(value)) > LARGEST.get(name, 10**14) or (name in ("rate", HEADS) and value < 0):
        raise RuleRefused("out_of_range")
    if name in SHARES and value != round(value, 6):
        raise RuleRefused("share_too_fine")
    return value


def missing_errors(
    budget: Budget, given: Mapping[str, Mapping[str, Any]], errors: dict[str, str]
) -> dict[str, str]:
    """What the rules refuse of the lines that can be read, beside what cannot: all at once."""
    lines = {line.item: line for line in budget.lines.all()}
    readable = {item: row for item, row in given.items() if item not in errors}
    return errors | figures.compute(lines, readable)


# As it is shown --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An item of the page: what it comes from, what is budgeted, what the ledger says; yuan."""

    item: str
    label: str
    told: str
    amount: Decimal
    before: Decimal | None
    parts: Decimal | None
    executed: Executed | None

    @property
    def change(self) -> Decimal | None:
        """Against the budget that is adjusted."""
        return None if self.before is None else self.amount - self.before

    @property
    def apart(self) -> Decimal | None:
        """A province's figure less what its cities budget now."""
        return None if self.parts is None else self.amount - self.parts


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the sheet with its sum."""

    heading: Promise
    rows: list[SheetRow]
    total: SheetRow


def sides(
    budget: Budget, execution: Execution | None, now: Mapping[str, Decimal] | None
) -> list[Side]:
    """Both sides of the page. `now` is what the cities of a province budget at present."""
    lines = reads.lines_of(budget)
    before = _before(budget)
    done = {each.item: each for each in execution.lines} if execution else {}
    found = []
    for side, heading in SIDES:
        own = [line for line in lines if ITEM[line.item].side == side]
        rows = [
            SheetRow(
                line.item,
                line.get_item_display(),
                told(line),
                line.amount,
                None if before is None else before.get(line.item, ZERO),
                None if now is None else now.get(line.item, ZERO),
                done.get(line.item),
            )
            for line in own
        ]
        found.append(Side(heading, rows, _total(side, rows, execution)))
    return found


def _total(side: str, rows: Sequence[SheetRow], execution: Execution | None) -> SheetRow:
    whole = None
    if execution is not None:
        whole = execution.revenue if side == REVENUE else execution.expenditure
    return SheetRow(
        side,
        _("Together"),
        "",
        sum((row.amount for row in rows), ZERO),
        _sum(row.before for row in rows),
        _sum(row.parts for row in rows),
        whole,
    )


def _sum(column: Iterable[Decimal | None]) -> Decimal | None:
    known = list(column)
    if any(each is None for each in known):
        return None
    return sum((each or ZERO for each in known), ZERO)


def _before(budget: Budget) -> dict[str, Decimal] | None:
    if not isinstance(budget, BudgetAdjustment):
        return None
    return {line.item: line.amount for line in budget.adjusts.lines.all()}


def told(line: BudgetLine) -> str:
    """From what a line is computed, as a formula with its figures."""
    item = ITEM[line.item]
    given = [name for name in item.asks if getattr(line, name) is not None]
    parts = []
    if item.method == TREND and given:
        parts.append(
            f"{written(line, 'standard')} × (1 {_signed(line.growth)} {_signed(line.ageing)})"
        )
        if line.policy_change:
            parts.append(_yuan(line.policy_change))
        if line.cost_control:
            parts.append(_yuan(-line.cost_control))
    elif given:
        parts.append(" × ".join(written(line, name) for name in item.asks))
    if line.other:
        parts.append(_yuan(line.other))
    formula = " ".join(parts).removeprefix("+ ")
    return f"{formula} · {line.note}" if line.note and formula else formula or line.note


def _signed(share: Decimal | None) -> str:
    value = share or Decimal(0)
    return f"{'−' if value < 0 else '+'} {percent(abs(value))}"


def _yuan(amount: Decimal) -> str:
    return f"{'−' if amount < 0 else '+'} {abs(amount):,.2f}"


# As a file ---------------------------------------------------------------------------------------


def as_csv(budget: Budget, heading: str, shown: Sequence[Side], until: object) -> bytes:
    """The sheet with its execution as CSV, in yuan to the cent."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading])
    writer.writerow(
        [
            _("item"), _("computed from"), _("budgeted"),
            _("executed until %(day)s") % {"day": until}, _("share of the budget"),
        ]
    )  # fmt: skip
    for side in shown:
        writer.writerow([side.heading])
        for row in (*side.rows, side.total):
            done = row.executed
            writer.writerow(
                [row.label, row.told, f"{row.amount:f}", f"{done.done:f}" if done else "",
                 share_told(done.share) if done else ""]
            )  # fmt: skip
    for label, amount in (
        (_("balance at the beginning"), budget.opening),
        (_("balance at the end"), budget.opening + budget.revenue - budget.expenditure),
    ):
        writer.writerow([label, "", f"{amount:f}"])
    for each in budget.counties.select_related("county"):
        writer.writerow([name_of(each.county), _("budget of a county"), f"{each.amount:f}"])
    state = str(budget.get_state_display())
    writer.writerow([_("case number"), budget.pk, _("state"), state, budget.shown_digest])
    return out.getvalue().encode("utf-8-sig")


def share_told(share: Decimal | None) -> str:
    """A share with one place: 48.3%."""
    return "—" if share is None else f"{share * 100:.1f}%"


def version_of(budget: Budget) -> str:
    """Which version it is: the budget of the year, or which adjustment."""
    if not budget.number:
        return str(pgettext_lazy("version of a budget", "of the year"))
    return _("adjustment %(number)s") % {"number": budget.number}


def heading_of(budget: Budget) -> str:
    """What the budget is of, as its title has it."""
    return _("Budget of %(place)s for %(year)s, %(scheme)s") % {
        "place": name_of(budget.region),
        "year": budget.year,
        "scheme": budget.get_scheme_display(),
    }
