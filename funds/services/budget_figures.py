"""The figures of a budget: each line through the rules, kept with its steps, and the sums.

Every input that is saved computes its line again; nothing is computed when it is shown.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from benefits.selectors.repairs import stored_lines
from enrollment.rules.money import ZERO
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused
from funds.models import Budget, BudgetLine, BudgetPart, CountyBudget
from funds.rules.budget_lines import (
    DRIVERS,
    EXPENDITURE,
    ITEM,
    REVENUE,
    TREND,
    line_amount,
)
from funds.selectors import budgets as reads
from funds.selectors.budget_execution import executed
from funds.selectors.budgets import RollUp

INPUTS = (*DRIVERS, "other", "note")
TOLD = ("item", *INPUTS, "amount")
COMPUTED = ("amount", "trace")


class LinesRefused(Refused):
    """`lines` tells what is wrong at each item."""

    message = gettext_noop("%(count)s lines have to be corrected.")

    def __init__(self, lines: Mapping[str, str]) -> None:
        self.lines = lines
        super().__init__(count=len(lines))


class ProvinceIsSummed(Refused):
    message = gettext_noop("The province's budget is the sum of its cities': it has no own lines.")


# What the rules refuse of a line, as it reads beside it.
SENTENCES = {
    "driver_missing": gettext_noop("Fill in all of it, or nothing: %(missing)s missing."),
    "basis_missing": gettext_noop("Other factors need a basis."),
    "line_negative": gettext_noop("The line would be negative."),
    "money_negative": gettext_noop("No negative amount stands here."),
    "money_finer_than_cent": gettext_noop("An amount is finer than a cent."),
    "not_a_number": gettext_noop("This cannot be read as a figure."),
    "out_of_range": gettext_noop("This lies outside of what is plausible."),
    "share_too_fine": gettext_noop("A share has at most four places of a per cent."),
}


def begin(budget: Budget) -> None:
    """A line an item: of a province summed, of a city with what the year before says."""
    if reads.is_of_province(budget.region_id):
        BudgetLine.objects.bulk_create(
            BudgetLine(budget_id=budget.pk, item=item.name) for item in reads.items(budget)
        )
        sum_cities(budget)
        return
    last = reads.budget_in_force(
        budget.region_id, budget.year - 1, budget.scheme, date(budget.year - 1, 12, 31)
    )
    begin_from(budget, last)
    spent = executed(
        [budget.region_id], budget.scheme, date(budget.year - 1, 1, 1), _end_of(budget.year - 1)
    )
    known = [
        line
        for line in budget.lines.all()
        if ITEM[line.item].method == TREND and (budget.region_id, line.item) in spent
    ]
    for line in known:
        line.standard = spent[budget.region_id, line.item]
    BudgetLine.objects.bulk_update(known, ["standard"])


def _end_of(year: int) -> date:
    return min(date(year, 12, 31), business_date())


def begin_from(budget: Budget, earlier: Budget | None) -> None:
    """The lines and counties of an earlier budget; empty ones where there is none."""
    known = {line.item: line for line in earlier.lines.all()} if earlier else {}
    lines = []
    for item in reads.items(budget):
        line = BudgetLine(budget_id=budget.pk, item=item.name)
        if item.name in known:
            for name in (*INPUTS, *COMPUTED):
                setattr(line, name, getattr(known[item.name], name))
        lines.append(line)
    BudgetLine.objects.bulk_create(lines)
    if earlier is not None:
        CountyBudget.objects.bulk_create(
            CountyBudget(budget_id=budget.pk, county_id=each.county_id, amount=each.amount)
            for each in earlier.counties.all()
        )
    add_up(budget, lines)


def record(budget: Budget, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Set drivers of items and compute. Raises LinesRefused, ProvinceIsSummed."""
    if reads.is_of_province(budget.region_id):
        raise ProvinceIsSummed
    lines = {line.item: line for line in budget.lines.all()}
    refused = compute(lines, given)
    if refused:
        raise LinesRefused(refused)
    BudgetLine.objects.bulk_update(lines.values(), [*INPUTS, *COMPUTED])
    add_up(budget, list(lines.values()))


def compute(
    lines: Mapping[str, BudgetLine], given: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Put drivers of items through the rules, on these rows alone; what is refused, by item."""
    refused = {}
    for name, drivers in given.items():
        if name not in lines:
            refused[name] = _("The budget of this scheme has no such item.")
            continue
        line, item = lines[name], ITEM[name]
        for driver in (*item.asks, "other", "note"):
            if driver in drivers:
                setattr(line, driver, drivers[driver])
        try:
            found = line_amount(item, reads.drivers_of(line))
        except RuleRefused as error:
            refused[name] = sentence(error)
            continue
        line.amount, line.trace = found.amount, stored_lines(reads.SUBJECT, found.trace)
    return refused


def sentence(error: RuleRefused) -> str:
    """What a rule refuses, as a sentence in the language of the page."""
    if error.name not in SENTENCES:
        return str(error)
    details = dict(error.details)
    if "missing" in details:
        fields = BudgetLine._meta
        details["missing"] = "、".join(
            str(fields.get_field(name).verbose_name)  # type: ignore[union-attr]
            for name in details["missing"]
        )
    return _(SENTENCES[error.name]) % details


def add_up(budget: Budget, lines: list[BudgetLine]) -> None:
    """The sums of both sides."""
    Budget.objects.filter(pk=budget.pk).update(
        revenue=reads.total_of(lines, REVENUE), expenditure=reads.total_of(lines, EXPENDITURE)
    )


def sum_cities(budget: Budget) -> None:
    """The province's lines from what its cities budgeted, and which budgets these were."""
    now = reads.roll_up(budget.year, budget.scheme, business_date())
    lines = list(budget.lines.all())
    for line in lines:
        line.amount = now.amounts.get(line.item, ZERO)
    BudgetLine.objects.bulk_update(lines, ["amount"])
    BudgetPart.objects.filter(whole=budget.pk).update(part=None)
    BudgetPart.objects.bulk_create(
        [
            BudgetPart(whole_id=budget.pk, area_id=part.region_id, part_id=part.pk)
            for part in now.parts
        ],
        update_conflicts=True,
        unique_fields=["whole", "area"],
        update_fields=["part"],
    )
    Budget.objects.filter(pk=budget.pk).update(opening=now.opening)
    add_up(budget, lines)


def ties(budget: Budget, now: RollUp) -> bool:
    """Whether a province's budget is what its cities' are together, part by part, line by line."""
    amounts: dict[str, Decimal] = {line.item: line.amount for line in budget.lines.all()}
    named = {part.pk for part in reads.parts_of(budget)}
    return (
        named == {part.pk for part in now.parts}
        and budget.opening == now.opening
        and all(amount == now.amounts.get(item, ZERO) for item, amount in amounts.items())
    )
