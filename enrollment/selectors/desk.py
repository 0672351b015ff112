"""What lies on somebody's desk: the piles of a maker and of a checker, and the case on top.

Nothing is counted: each pile is read up to a bound in the order of its deadlines, by the indexes
case_on_a_makers_desk (maker, state, due_on, id) and case_that_waits (state, due_on, id), all in
one statement. So a desk costs the same whether the province has a thousand cases or ten million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value

from enrollment.models import Case, CaseEvent, User
from enrollment.selectors import handovers
from enrollment.selectors.cases import events_of, worklist
from enrollment.selectors.people import Place, places
from enrollment.selectors.scope import rows_of, scope_for

AT_MOST = 100  # cases of a pile that are looked at; from there on it says 99+
SHOWN = 12  # a screen of 768 pixels holds so many, and the detail of one

CHECK, EFFECT = "enrollment.check_case", "enrollment.effect_case"

TO_DO = ("returned", "draft", "check", "accept", "effect")
# Views over the piles: everything to do, and what of it is late or due today.
TODO, OVERDUE, TODAY = "todo", "overdue", "today"


@dataclass(frozen=True, slots=True)
class Lying:
    """A case in a pile."""

    pile: str
    case_id: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Tab:
    """A pile with the number of its cases, bounded."""

    name: str
    number: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The piles of a user on a day."""

    on: date
    lying: list[Lying]
    piles: tuple[str, ...]

    def of(self, name: str) -> list[Lying]:
        """The cases of a pile or a view, the earliest deadline first."""
        match name:
            case "todo":
                found = [each for each in self.lying if each.pile in TO_DO]
            case "overdue":
                found = [each for each in self.of(TODO) if each.due_on and each.due_on < self.on]
            case "today":
                found = [each for each in self.of(TODO) if each.due_on == self.on]
            case _:
                found = [each for each in self.lying if each.pile == name]
        return sorted(found, key=lambda each: (each.due_on or date.max, each.case_id))

    @property
    def tabs(self) -> list[Tab]:
        """Every pile that the user can have, empty ones too: their place never moves."""
        full = {name for name in self.piles if len(self.of(name)) >= AT_MOST}
        tabs = []
        in_hand = [name for name in self.piles if name in TO_DO]
        elsewhere = [name for name in self.piles if name not in TO_DO]
        for name in (TODO, *in_hand, OVERDUE, TODAY, *elsewhere):
            is_more = name in full or (name == TODO and bool(full & set(TO_DO)))
            tabs.append(Tab(name, min(len(self.of(name)), AT_MOST - 1), is_more))
        return tabs


def desk_of(user: User, on: date, *, makes: bool, checks: bool, effects: bool) -> Desk:
    """The piles of a user who makes, checks or puts into effect: one statement.

    What waits for a checker is what stands where the user's duty to check reaches; a transfer waits
    in the area that it comes to, to be accepted and then to be put into effect.

    `sent` are the maker's own cases that somebody else checks now.
    """
    states = Case.State
    piles: dict[str, QuerySet[Any]] = {}
    if makes:
        own = Case.objects.filter(maker=user)
        piles["returned"] = own.filter(state=states.RETURNED)
        piles["draft"] = own.filter(state=states.DRAFT)
    if checks:
        others = Case.objects.exclude(maker=user)
        piles["check"] = others.filter(_where(user, CHECK), state=states.SUBMITTED)
        piles["accept"] = handovers.to_accept(user)
    if effects:
        own = Case.objects.exclude(kind=handovers.KIND).filter(_where(user, EFFECT))
        piles["effect"] = own.filter(state=states.APPROVED)
    if makes:
        piles["sent"] = Case.objects.filter(maker=user, state=states.SUBMITTED)
    arms = [_arm(name, cases) for name, cases in piles.items()]
    if not arms:
        return Desk(on, [], ())
    if effects:
        arms.append(_arm("effect", handovers.to_take_over(user)))
    rows = reduce(lambda one, other: one.union(other, all=True), arms)
    return Desk(on, [Lying(*row) for row in rows], tuple(piles))


def _where(user: User, permission: str) -> Q:
    return rows_of(scope_for(user, permission))


def _arm(name: str, cases: QuerySet[Any]) -> QuerySet[Any]:
    pile = Value(name, output_field=CharField())
    rows: QuerySet[Any] = cases.annotate(pile=pile).order_by("due_on", "pk")
    return rows.values_list("pile", "pk", "due_on")[:AT_MOST]


def cases_on_top(lying: Sequence[Lying]) -> list[Case]:
    """The first cases of a pile as a list shows them, in its order."""
    wanted = [each.case_id for each in lying[:SHOWN]]
    found = {case.pk: case for case in worklist(Case.objects.filter(pk__in=wanted))}
    return [found[pk] for pk in wanted if pk in found]


@dataclass(frozen=True, slots=True)
class Detail:
    """One case beside its pile: what happened to it last, and how often it was sent."""

    case: Case
    place: Place
    returned: CaseEvent | None
    times_submitted: int


def detail_of(case: Case) -> Detail:
    """What the desk says of the selected case; two queries."""
    events = events_of(case)
    is_returned = case.state == Case.State.RETURNED
    back = [event for event in events if event.to_state == Case.State.RETURNED]
    return Detail(
        case=case,
        place=places([case.region_id])[case.region_id],
        returned=back[-1] if back and is_returned else None,
        times_submitted=sum(event.to_state == Case.State.SUBMITTED for event in events),
    )


__all__ = ["TODO", "Desk", "Detail", "cases_on_top", "desk_of", "detail_of"]
