"""Lines of a budget: which items there are, what each is computed from, and its amount.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）: revenue full
and by source; expenditure by past spending, cost control, age structure and changes of benefits.
川办发〔2023〕38号 二（三）: by insured people, wages, bases and standards; no items of one's own,
so that the list is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from enrollment.rules.money import ZERO, plain, read_yuan, round_yuan
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.trace import Trace, TraceLine, gettext_noop, step
from funds.rules.schemes import EMPLOYEE, RESIDENT

REVENUE, EXPENDITURE = "revenue", "expenditure"
# Ways to compute: a product of what is given, the spending of the year before carried on, or only
# what is written with its basis.
PRODUCT, TREND, PLAIN = "product", "trend", "plain"
DRIVERS = ("heads", "standard", "rate", "growth", "ageing", "policy_change", "cost_control")
BOTH = (RESIDENT, EMPLOYEE)


@dataclass(frozen=True, slots=True)
class Item:
    """An item: the kind of account on which it is executed, its side, and what it asks for."""

    name: str
    side: str
    asks: tuple[str, ...]
    method: str = PRODUCT
    schemes: tuple[str, ...] = BOTH
    by_county: bool = False  # paid by the counties, from what the budget gives them


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What a line is computed from: yuan, people, shares; None is not known."""

    heads: int | None = None
    standard: Decimal | None = None
    rate: Decimal | None = None
    growth: Decimal | None = None
    ageing: Decimal | None = None
    policy_change: Decimal | None = None
    cost_control: Decimal | None = None
    other: Decimal = ZERO
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineAmount:
    """Yuan of a line, with its steps."""

    amount: Decimal
    trace: Trace


HEADS, BASE = ("heads", "standard"), ("standard", "rate")
FACTORS = ("standard", "growth", "ageing", "policy_change", "cost_control")
ONLY = (RESIDENT,)
ITEMS: tuple[Item, ...] = (
    Item("contribution_revenue", REVENUE, ("heads", "standard", "rate")),
    Item("assistance_contributions", REVENUE, HEADS, schemes=ONLY),
    Item("sponsor_contributions", REVENUE, HEADS, schemes=ONLY),
    Item("subsidy_central", REVENUE, HEADS, schemes=ONLY),
    Item("subsidy_provincial", REVENUE, HEADS, schemes=ONLY),
    Item("subsidy_city", REVENUE, HEADS, schemes=ONLY),
    Item("subsidy_county", REVENUE, HEADS, schemes=ONLY),
    Item("interest_revenue", REVENUE, BASE),
    Item("allocation_revenue", REVENUE, (), PLAIN),
    Item("benefit_expenditure", EXPENDITURE, FACTORS, TREND, by_county=True),
    Item("major_illness_expenditure", EXPENDITURE, HEADS),
    Item("levy_expenditure", EXPENDITURE, BASE),
)
ITEM = {item.name: item for item in ITEMS}


def items_of(scheme: str) -> tuple[Item, ...]:
    """The items of a scheme's budget, in the order of the sheet."""
    return tuple(item for item in ITEMS if scheme in item.schemes)


def line_amount(item: Item, drivers: Drivers) -> LineAmount:
    """What a line comes to. A line of which nothing is given is nothing.

    Raises RuleRefused `driver_missing` (with `missing`) where a part is given, `basis_missing`
    where other factors stand without a note, `line_negative`, and the refusals of money.
    """
    other = read_yuan(drivers.other, negative=True)
    if other and not drivers.note.strip():
        raise RuleRefused("basis_missing")
    missing = [name for name in item.asks if getattr(drivers, name) is None]
    given = len(missing) < len(item.asks)
    if given and missing:
        raise RuleRefused("driver_missing", missing=missing)
    trace: list[TraceLine] = []
    amount = ZERO
    if given:
        amount, steps = _trend(drivers) if item.method == TREND else _product(item, drivers)
        trace += steps
    if other:
        trace.append(step(gettext_noop("Other factors"), other))
    if amount + other < 0:
        raise RuleRefused("line_negative", amount=amount + other)
    trace.append(step(gettext_noop("Amount of the line"), amount + other))
    return LineAmount(amount + other, tuple(trace))


LABELS = {
    "heads": gettext_noop("People"),
    "standard": gettext_noop("Standard or base"),
    "rate": gettext_noop("Rate"),
}


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)}%"


def _product(item: Item, drivers: Drivers) -> tuple[Decimal, Sequence[TraceLine]]:
    product, trace = Decimal(1), []
    for name in item.asks:
        value = getattr(drivers, name)
        product *= value
        trace.append(step(LABELS[name], _percent(value) if name == "rate" else value))
    return round_yuan(product), trace


def _trend(drivers: Drivers) -> tuple[Decimal, Sequence[TraceLine]]:
    before, growth, ageing = (
        drivers.standard or ZERO,
        drivers.growth or Decimal(0),
        drivers.ageing or Decimal(0),
    )
    changed, saved = drivers.policy_change or ZERO, drivers.cost_control or ZERO
    carried = round_yuan(before * (1 + growth + ageing))
    return carried + changed - saved, [
        step(gettext_noop("Spending of the year before"), before),
        step(gettext_noop("Growth"), _percent(growth)),
        step(gettext_noop("Effect of age structure"), _percent(ageing)),
        step(gettext_noop("Carried on"), carried),
        step(gettext_noop("Change of benefits"), changed),
        step(gettext_noop("Cost control"), -saved),
    ]
