"""Retirement assessment (退休缴费年限核定), a kind of case: what is missing, told and chosen.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（二）. The case fixes the months, and what
the person was told about both ways to make them up; a lump sum is paid to the tax service.
"""

from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from benefits.models import RetirementAssessment
from benefits.rules.retirement import Retirement
from benefits.selectors.repairs import stored_lines
from benefits.selectors.retirement import RetirementLaw, assessed, law_of, months_on_register
from enrollment.declarations import CaseKind
from enrollment.models import Case, Person, User
from enrollment.rules.dates import Month
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameters import MissingParameter
from enrollment.rules.refusals import RuleRefused
from enrollment.services import cases
from enrollment.services.refusals import EvidenceMissing, Refused

NAME = "retirement_assessment"
MONTHS = "months"  # what the kept trace explains
Choice = RetirementAssessment.Choice
SAME = (
    "required_months",
    "min_actual_months",
    "shortfall_months",
    "rate",
    "lump_sum",
    "last_month",
    "benefits_from",
)


class NotInTheEmployeeScheme(Refused):
    message = gettext_noop(
        "Only members of the employee scheme are assessed: resident years never count."
    )


class LawMissing(Refused):
    message = gettext_noop("What the area asks at retirement is not published: %(parameter)s.")
    field = "retires_on"


class FewerThanOnFile(Refused):
    message = gettext_noop("The register knows of %(months)s months already: give at least these.")
    field = "actual_months"


class MonthsNegative(Refused):
    message = gettext_noop("Months are counted from zero: a negative number is none.")

    def __init__(self, *, field: str) -> None:
        super().__init__()
        self.field = field


class Deceased(Refused):
    message = gettext_noop("This person died on %(day)s: nobody retires after that.")


class BaseMissing(Refused):
    message = gettext_noop("Give the contribution base at retirement, above zero.")
    field = "base"


class NothingIsMissing(Refused):
    message = gettext_noop("No month is missing: there is nothing to choose and nothing to pay.")
    field = "choice"


class ChoiceMissing(Refused):
    message = gettext_noop("%(months)s months are missing: say how they are made up.")
    field = "choice"


class BaseNotReadable(Refused):
    message = gettext_noop("The contribution base is not in yuan and cents.")
    field = "base"


class RateUnpublished(Refused):
    message = gettext_noop(
        "The area has published no rate of the lump sum: set it first, or choose monthly payment."
    )
    field = "choice"


class FirstMonthTooEarly(Refused):
    message = gettext_noop("Further payment begins after the month of retirement.")
    field = "first_month"


class AssessmentStands(Refused):
    message = gettext_noop("Case %(case)s assessed this person already: reverse it first.")


class AssessmentOutdated(Refused):
    message = gettext_noop(
        "What the area asks changed since the case was made. Save the form again."
    )


def open_assessment(
    *, maker: User, person: Person, request_key: UUID | None = None, **says: Any
) -> Case:
    """Make a draft that keeps what the rule says. Raises as `found_of`, `check`."""
    says.pop("year", None)
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=person,
        request_key=request_key,
        **_kept(person, says),
        **says,
    )


def change_assessment(*, case: Case, user: User, expected_version: int, **says: Any) -> Case:
    """Assess a draft or returned case anew. Raises as `open_assessment`, `cases.change_case`."""
    says.pop("year", None)
    kept = _kept(case.whom, says)
    return cases.change_case(case=case, user=user, expected_version=expected_version, **says | kept)


def _kept(person: Person, says: dict[str, Any]) -> dict[str, Any]:
    """The columns that follow from what is said; `says` keeps the rest."""
    retires_on: date = says["retires_on"]
    says["first_month"] = _first(retires_on, says.get("first_month")).first_day()
    found, law = found_of(person, **{name: says[name] for name in SAID})
    lump = found.lump_sum if says["choice"] == Choice.LUMP_SUM else None
    return {"year": retires_on.year, "amount": lump, **_columns(found, law)}


SAID = ("retires_on", "actual_months", "deemed_months", "base", "first_month")


def _first(retires_on: date, asked: date | None) -> Month:
    """First month of further payment. Raises FirstMonthTooEarly."""
    retired = Month(retires_on.year, retires_on.month)
    if asked is None:
        return retired.plus(1)
    first = Month(asked.year, asked.month)
    if first.first_day() <= retires_on:
        raise FirstMonthTooEarly
    return first


def found_of(
    person: Person,
    *,
    retires_on: date,
    actual_months: int,
    deemed_months: int,
    base: Decimal,
    first_month: date,
) -> tuple[Retirement, RetirementLaw]:
    """What the rule says.

    Raises LawMissing, MonthsNegative, BaseMissing, BaseNotReadable.
    """
    try:
        law = law_of(person, retires_on)
    except MissingParameter as error:
        raise LawMissing(parameter=str(error)) from error
    for name, months in (("actual_months", actual_months), ("deemed_months", deemed_months)):
        if months < 0:
            raise MonthsNegative(field=name)
    if base <= 0:
        raise BaseMissing
    first = Month(first_month.year, first_month.month)
    try:
        found = assessed(law, actual=actual_months, deemed=deemed_months, base=base, first=first)
    except RuleRefused as error:
        # Months are counted already, and numbers of the law are read within their range.
        raise BaseNotReadable from error
    return found, law


def _columns(found: Retirement, law: RetirementLaw) -> dict[str, Any]:
    last = found.last_payment_month
    return {
        "required_months": law.required.value,
        "min_actual_months": law.min_actual.value,
        "shortfall_months": found.shortfall_months,
        "rate": law.rate.value if law.rate else None,
        "lump_sum": found.lump_sum,
        "last_month": None if last is None else last.first_day(),
        "benefits_from": found.retiree_benefits_from,
        "trace": stored_lines(MONTHS, found.trace),
    }


def check(case: Case) -> None:
    """A member's months with evidence, a choice where months are missing, and the law as it was.

    Raises NotInTheEmployeeScheme, Deceased, EvidenceMissing, FewerThanOnFile, NothingIsMissing,
    ChoiceMissing, RateUnpublished, AssessmentStands, AssessmentOutdated, and as `found_of`.
    """
    asked = _assessment(case)
    if asked.whom.scheme != Person.Scheme.EMPLOYEE:
        raise NotInTheEmployeeScheme
    if asked.whom.died_on is not None and asked.whom.died_on < asked.retires_on:
        raise Deceased(day=asked.whom.died_on)
    if not asked.evidence.strip():
        raise EvidenceMissing
    known = months_on_register(asked.whom.pk)
    if asked.actual_months < known:
        raise FewerThanOnFile(months=known)
    stands = RetirementAssessment.objects.filter(in_force=asked.whom.pk).first()
    if stands is not None:
        raise AssessmentStands(case=stands.pk)
    _check_choice(asked)
    said = {name: getattr(asked, name) for name in SAID}
    columns = _columns(*found_of(asked.whom, **said))
    if any(columns[name] != getattr(asked, name) for name in SAME):
        raise AssessmentOutdated


def _check_choice(asked: RetirementAssessment) -> None:
    if not asked.shortfall_months:
        if asked.choice != Choice.NOTHING:
            raise NothingIsMissing
    elif asked.choice == Choice.NOTHING:
        raise ChoiceMissing(months=asked.shortfall_months)
    elif asked.choice == Choice.LUMP_SUM and asked.lump_sum is None:
        raise RateUnpublished


def facts(case: Case) -> list[Fact]:
    """The months, what is missing, both ways, and the one that was chosen."""
    asked = _assessment(case)
    once_paid = "" if asked.starts_on else str(_("once the lump sum is paid"))
    return [
        Fact(gettext_noop("Day of retirement"), asked.retires_on),
        Fact(gettext_noop("Actual months"), asked.actual_months),
        Fact(gettext_noop("Deemed months"), asked.deemed_months),
        Fact(gettext_noop("Months required"), asked.required_months),
        Fact(gettext_noop("Actual months required"), asked.min_actual_months),
        Fact(gettext_noop("Months missing"), asked.shortfall_months),
        Fact(gettext_noop("Evidence"), asked.evidence),
        Fact(gettext_noop("Contribution base (yuan)"), asked.base),
        Fact(gettext_noop("Lump sum (yuan)"), asked.lump_sum),
        Fact(gettext_noop("First month to pay"), asked.first_month, _month(asked.first_month)),
        Fact(gettext_noop("Last month to pay"), asked.last_month, _month(asked.last_month)),
        Fact(gettext_noop("Choice"), asked.choice, str(asked.get_choice_display())),
        Fact(gettext_noop("Retiree benefits from"), asked.starts_on, once_paid),
    ]


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The assessment holds; a person has one. Of two at once the second is refused.

    Raises as `check`.
    """
    check(case)
    try:
        with transaction.atomic():
            RetirementAssessment.objects.filter(pk=case.pk).update(in_force=case.whom.pk)
    except IntegrityError as error:
        stands = RetirementAssessment.objects.filter(in_force=case.whom.pk).first()
        if stands is None:
            raise
        raise AssessmentStands(case=stands.pk) from error


def undo(*, case: Case, user: User) -> None:
    """The person may be assessed again."""
    RetirementAssessment.objects.filter(pk=case.pk).update(in_force=None)


def _assessment(case: Case) -> RetirementAssessment:
    return cast("RetirementAssessment", case)


KIND = CaseKind(
    name=NAME,
    label=_("retirement assessment"),
    model=RetirementAssessment,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:benefits_retirementassessment",
)
