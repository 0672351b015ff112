"""Risk warnings (风险预警), a kind of case: a reading out of bounds, a plan, and what came of it.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 川办发〔2023〕38号 三（十一）.
The step `watch` tells what is out of bounds; people warn and plan. An indicator of a fund has one
open warning; with its result it is closed, and a later month may be warned of again.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, User
from enrollment.rules.lifecycle import Fact
from enrollment.selectors.calendar import business_date
from enrollment.services import cases
from enrollment.services.refusals import Refused
from funds.models import RiskReading, RiskWarning
from funds.models.risk import RiskLevel
from funds.selectors.risk import place_of, value_told

NAME = "risk_warning"


class NothingToWarnOf(Refused):
    message = gettext_noop("This reading lies within its bounds: there is nothing to warn of.")


class WarnedAlready(Refused):
    message = gettext_noop("Warning %(case)s is open about this already.")


class PlanMissing(Refused):
    message = gettext_noop("Say what is done about it, and who does it.")
    field = "plan"


class DayIsPast(Refused):
    message = gettext_noop("The day lies before today.")
    field = "act_by"


class ResultMissing(Refused):
    message = gettext_noop("Say what came of it.")
    field = "result"


def open_warning(
    *,
    maker: User,
    reading: RiskReading,
    plan: str,
    responsible: str,
    act_by: date,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft about a reading. Raises WarnedAlready, and as `check`."""
    return cases.open_only_case(
        kind=NAME,
        maker=maker,
        stands_for=place_of(reading),
        taken=WarnedAlready,
        region_id=reading.of.region_id,
        year=reading.of.month.year,
        request_key=request_key,
        reading=reading,
        plan=plan.strip(),
        responsible=responsible.strip(),
        act_by=act_by,
        **says,
    )


def check(case: Case) -> None:
    """Raises NothingToWarnOf, PlanMissing, DayIsPast."""
    warning = _warning(case)
    if warning.reading.level not in (RiskLevel.ATTENTION, RiskLevel.SERIOUS):
        raise NothingToWarnOf
    if not warning.plan.strip() or not warning.responsible.strip():
        raise PlanMissing
    if warning.act_by < business_date() and not case.decided_at:
        raise DayIsPast


def facts(case: Case) -> list[Fact]:
    """What is warned of and what is planned: that is approved."""
    warning = _warning(case)
    reading = warning.reading
    return [
        Fact(gettext_noop("Scheme"), reading.of.scheme, str(reading.of.get_scheme_display())),
        Fact(gettext_noop("Indicator"), reading.indicator, str(reading.get_indicator_display())),
        Fact(gettext_noop("Month of the reading"), f"{reading.of.month:%Y-%m}"),
        Fact(gettext_noop("Value"), [reading.numerator, reading.denominator], value_told(reading)),
        Fact(gettext_noop("Level"), reading.level, str(reading.get_level_display())),
        Fact(gettext_noop("Plan"), warning.plan),
        Fact(gettext_noop("Who is responsible"), warning.responsible),
        Fact(gettext_noop("To be done by"), warning.act_by),
    ]


def effect(*, case: Case, user: User, outcome: str, result: str, **details: Any) -> None:
    """Close it with what came of it. Raises ResultMissing."""
    if not result.strip():
        raise ResultMissing
    RiskWarning.objects.filter(pk=case.pk).update(outcome=outcome, result=result.strip())


def _warning(case: Case) -> RiskWarning:
    return cast("RiskWarning", case)


KIND = CaseKind(
    name=NAME,
    label=_("risk warning"),
    model=RiskWarning,
    effect=effect,
    facts=facts,
    check=check,
    asks_on_effect=True,
    working_days=20,
    url_name="admin:funds_riskwarning",
)
