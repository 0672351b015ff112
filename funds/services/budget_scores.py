"""Performance of a budget (预算绩效): how far each goal was reached, appended as it is found.

川办发〔2023〕38号 二（三）: goals, monitoring, evaluation, and use of the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.models import User
from enrollment.rules import lifecycle
from enrollment.selectors.calendar import business_date
from enrollment.services.refusals import Refused
from funds.models import Budget, BudgetGoal, GoalScore


class NotApprovedYet(Refused):
    message = gettext_noop("Only an approved budget is evaluated.")


class NoSuchGoal(Refused):
    message = gettext_noop("This budget has no such goal.")


class ScoreOutside(Refused):
    message = gettext_noop("%(name)s: a score lies between 0 and 100.")


class ReachedMissing(Refused):
    message = gettext_noop("%(name)s: say what was reached.")


class ScoredInFuture(Refused):
    message = gettext_noop("The day of the evaluation has not come.")


@dataclass(frozen=True, slots=True)
class Score:
    """What became of a goal: `score` of a hundred."""

    goal: int
    reached: str
    score: Decimal
    use: str = ""


@transaction.atomic
def record_scores(
    *, budget: Budget, user: User, scored_on: date, scores: Sequence[Score]
) -> list[GoalScore]:
    """Append scores of goals as of a day; what was recorded before remains.

    Raises NotApprovedYet, NoSuchGoal, ScoreOutside, ReachedMissing, ScoredInFuture.
    """
    if budget.state != lifecycle.EFFECTED:
        raise NotApprovedYet
    if scored_on > business_date():
        raise ScoredInFuture
    goals = {goal.pk: goal for goal in BudgetGoal.objects.filter(budget=budget.pk)}
    for each in scores:
        if each.goal not in goals:
            raise NoSuchGoal
        if not 0 <= each.score <= 100:
            raise ScoreOutside(name=goals[each.goal].name)
        if not each.reached.strip():
            raise ReachedMissing(name=goals[each.goal].name)
    return GoalScore.objects.bulk_create(
        GoalScore(
            goal_id=each.goal,
            scored_on=scored_on,
            reached=each.reached.strip(),
            score=each.score,
            use=each.use.strip(),
            recorded_by=user,
        )
        for each in scores
    )
