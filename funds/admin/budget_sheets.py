"""The sheet of a budget: as it is typed, read, shown and exported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin.base import yuan
from enrollment.admin.figures import rate
from enrollment.rules.money import ZERO, plain
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.people import name_of
from funds.admin.grids import typed_share, typed_yuan, unseparated
from funds.models import Budget, BudgetAdjustment, BudgetLine
from funds.rules.budget import ABOVE, BELOW, WITHIN, BudgetedBalance
from funds.rules.budget_lines import EXPENDITURE, ITEM, REVENUE, TREND, Item
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import Executed, Execution
from funds.services import budget_figures as figures
from funds.services.budgets import balance_of
from funds.services.ledger_sheets import as_file

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
# Where the balance at the end lies: 川办发〔2023〕38号 二（三）.
PLACES: Mapping[str, Promise] = {
    BELOW: gettext_lazy("%(months)s months, below range"),
    WITHIN: gettext_lazy("%(months)s months, within range"),
    ABOVE: gettext_lazy("%(months)s months, above range"),
}


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

    item: str
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
    return [
        Grid(
            heading,
            [
                BEFORE if name == "standard" and own[0].method == TREND else HEADINGS[name]
                for name in names
            ],
            [_grid_row(lines[item.name], item, names, typed, errors) for item in own],
            _together(lines, own),
        )
        for heading, own, names in _parts(budget)
    ]


def _parts(budget: Budget) -> tuple[tuple[Promise, list[Item], Sequence[str]], ...]:
    """The tables of the sheet: their items, and the figures that these ask for."""
    items = reads.items(budget)
    revenue = [item for item in items if item.side == REVENUE]
    trend = [item for item in items if item.method == TREND]
    rest = [item for item in items if item.side == EXPENDITURE and item.method != TREND]
    product = ("heads", "standard", "rate", "other")
    return (
        (gettext_lazy("Revenue"), revenue, product),
        (
            gettext_lazy("Benefit expenditure"),
            trend,
            ("standard", "growth", "ageing", "policy_change", "cost_control", "other"),
        ),
        (gettext_lazy("Other expenditure"), rest, product),
    )


def _together(lines: Mapping[str, BudgetLine], own: Sequence[Item]) -> Decimal:
    return reads.total_of((lines[item.name] for item in own), own[0].side)


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
        line.item,
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


def sums_while_typing(budget: Budget, typed: Mapping[str, str]) -> dict[str, str]:
    """Amounts and sums of what is typed, as the page shows them; a line that cannot be computed
    yet counts nothing. Nothing is recorded."""
    lines = {line.item: line for line in budget.lines.all()}
    given, errors = read_grid(budget, typed)
    errors |= figures.compute(
        lines, {item: row for item, row in given.items() if item not in errors}
    )
    for name in errors:
        lines[name].amount = ZERO
    told = {name: yuan(None if name in errors else line.amount) for name, line in lines.items()}
    for number, (_heading, own, _names) in enumerate(_parts(budget), start=1):
        told[f"grid-{number}"] = yuan(_together(lines, own))
    budget.revenue = reads.total_of(lines.values(), REVENUE)
    budget.expenditure = reads.total_of(lines.values(), EXPENDITURE)
    surplus = budget.revenue - budget.expenditure
    return told | {
        "revenue": yuan(budget.revenue),
        "expenditure": yuan(budget.expenditure),
        "surplus": yuan(surplus),
        "closing": yuan(budget.opening + surplus),
        "months": months_told(balance_of(budget)),
        "waiting": _("Not recorded yet; %(count)s lines cannot be computed.")
        % {"count": len(errors)}
        if errors
        else _("Not recorded yet."),
    }


def months_told(balance: BudgetedBalance | None) -> str:
    """Months of spending that the balance covers, and where that lies."""
    if balance is None:
        return "—"
    return str(PLACES[balance.place]) % {"months": f"{balance.months}".replace("-", "−")}


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


def exported(
    budget: Budget, heading: str, shown: Sequence[Side], until: object, form: str
) -> bytes:
    """The sheet with its execution as a file, in yuan to the cent. `form` is csv or xlsx."""
    return as_file(_lines_of_file(budget, heading, shown, until), form)


def _lines_of_file(
    budget: Budget, heading: str, shown: Sequence[Side], until: object
) -> Iterator[list[object]]:
    yield [heading]
    yield [
        _("item"), _("computed from"), _("budgeted"), _("executed until %(day)s") % {"day": until},
        _("share of the budget"),
    ]  # fmt: skip
    for side in shown:
        yield [str(side.heading)]
        for row in (*side.rows, side.total):
            done = row.executed
            yield [
                row.label, row.told, row.amount, done.done if done else "",
                rate(done.share) if done else "",
            ]  # fmt: skip
    closing = budget.opening + budget.revenue - budget.expenditure
    yield [_("balance at the beginning"), "", budget.opening]
    yield [_("balance at the end"), months_told(balance_of(budget)), closing]
    for each in budget.counties.select_related("county"):
        yield [name_of(each.county), _("budget of a county"), each.amount]
    state = str(budget.get_state_display())
    yield [_("case number"), budget.pk, _("state"), state, budget.shown_digest]


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
