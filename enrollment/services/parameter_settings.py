"""Setting of a policy parameter (政策参数设定), a kind of case about an area.

皖医保发〔2024〕6号 一（一）: quotas and the like are set by each pooling area within the province's
range. What was approved by another is published by the database as a further dated row with its
document and clause; the value before ends the day before, and no published row is rewritten. A
reversal publishes the end.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.models import Case, ParameterSetting, PolicyParameter, Region, User
from enrollment.rules.lifecycle import Fact
from enrollment.rules.parameter_input import read_typed, write_typed
from enrollment.rules.parameter_units import UNITS, read_stored
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.rules.parameters import (
    VERIFIED,
    Definition,
    MissingParameter,
    ParameterValue,
)
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date
from enrollment.selectors.parameters import description_of
from enrollment.selectors.settable import (
    SCHEME_OF,
    Limits,
    book_of,
    check_limits,
    limits_of,
    overlapping,
    settable,
)
from enrollment.services import cases
from enrollment.services.refusals import Refused

NAME = "parameter_setting"


class NotForAreas(Refused):
    message = gettext_noop("Areas do not set this parameter: %(code)s.")
    field = "code"


class NotAnArea(Refused):
    message = gettext_noop("Only a pooling area sets a number of its own: choose a city.")
    field = "region"


class NotYourArea(Refused):
    message = gettext_noop("Your duty does not reach this area.")
    field = "region"


class AreaStays(Refused):
    message = gettext_noop("A setting stays one of the same area: open a new one for another.")
    field = "region"


class ValueUnreadable(Refused):
    message = gettext_noop("%(text)s cannot be read as a value of this parameter.")
    field = "typed"


class OutsideTheRange(Refused):
    message = gettext_noop(
        "%(value)s lies outside what the law allows here: %(low)s to %(high)s on %(day)s."
    )
    field = "typed"


class BelowTheProvince(Refused):
    message = gettext_noop("%(value)s is below what the province set: at least %(low)s on %(day)s.")
    field = "typed"


class OutsideLater(Refused):
    message = gettext_noop(
        "%(value)s fits on the first day and leaves the range later, when the province's number "
        "changes: give a last day before."
    )
    field = "valid_until"


class ProvinceSilent(Refused):
    message = gettext_noop(
        "The province has published nothing to hold this against on %(day)s: its value comes first."
    )
    field = "valid_from"


class EndsBeforeItBegins(Refused):
    message = gettext_noop("The last day lies before the first.")
    field = "valid_until"


class DocumentMissing(Refused):
    message = gettext_noop("Name the document by which the area set this: number and title.")
    field = "document_number"


class ClauseMissing(Refused):
    message = gettext_noop("Name the clause of the document.")
    field = "clause"


class ValueStands(Refused):
    message = gettext_noop(
        "The area published a value from %(first)s on already: published values are not rewritten. "
        "Choose another first day, or a last day before."
    )
    field = "valid_from"


class SameValue(Refused):
    message = gettext_noop("This is what holds there already.")
    field = "typed"


def open_setting(
    *,
    maker: User,
    region_id: int,
    code: str,
    typed: str,
    valid_from: date,
    person: None = None,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft; `typed` is the value as it is written. Raises as `check`, ValueUnreadable."""
    return cases.open_case(
        kind=NAME,
        maker=maker,
        person=None,
        region_id=region_id,
        year=valid_from.year,
        request_key=request_key,
        valid_from=valid_from,
        **_value(code, typed, valid_from),
        **says,
    )


def change_setting(
    *,
    case: Case,
    user: User,
    expected_version: int,
    code: str,
    typed: str,
    valid_from: date,
    region_id: int | None = None,
    **says: Any,
) -> Case:
    """Change a draft or returned case. Raises AreaStays, and as `open_setting`."""
    if region_id not in (None, case.region_id):
        raise AreaStays
    return cases.change_case(
        case=case,
        user=user,
        expected_version=expected_version,
        year=valid_from.year,
        valid_from=valid_from,
        **_value(code, typed, valid_from),
        **says,
    )


def _value(code: str, typed: str, on: date) -> dict[str, Any]:
    """The columns that say what is set. Raises NotForAreas, ValueUnreadable."""
    definition = _definition(code)
    try:
        value = read_typed(definition.unit, typed, on.year)
    except (RuleRefused, ArithmeticError, ValueError) as error:
        raise ValueUnreadable(text=typed) from error
    scheme = SCHEME_OF[definition.scheme]
    return {"code": code, "unit": definition.unit, "scheme": scheme, "value": value}


def _definition(code: str) -> Definition:
    found = settable().get(code)
    if found is None:
        raise NotForAreas(code=code)
    return found


def check(case: Case) -> None:
    """An area may set this from that day on, within the range on every day, by a document.

    Raises NotForAreas, NotAnArea, DocumentMissing, ClauseMissing, EndsBeforeItBegins, ValueStands,
    SameValue, OutsideTheRange, BelowTheProvince, OutsideLater, ProvinceSilent.
    """
    asked = _setting(case)
    definition = _definition(asked.code)
    if not Region.objects.filter(pk=asked.region_id, is_pooling_area=True).exists():
        raise NotAnArea
    if not (asked.document_number.strip() and asked.document_title.strip()):
        raise DocumentMissing
    if not asked.clause.strip():
        raise ClauseMissing
    if asked.valid_until is not None and asked.valid_until < asked.valid_from:
        raise EndsBeforeItBegins
    ended = _ended_by(asked)
    if ended is not None and ended.value == asked.value:
        raise SameValue
    _check_limits(asked, definition)


def _ended_by(asked: ParameterSetting) -> PolicyParameter | None:
    """The area's value that ends when this one begins. Raises ValueStands for any other."""
    found = overlapping(
        code=asked.code,
        area=asked.region_id,
        scheme=asked.scheme,
        first=asked.valid_from,
        last=asked.valid_until,
    )
    for row in found:
        if row.valid.lower >= asked.valid_from:
            raise ValueStands(first=row.valid.lower)
    return found[0] if found else None


def _check_limits(asked: ParameterSetting, definition: Definition) -> None:
    """As the loader checks it. Raises the refusals of `_refusal`."""
    try:
        check_limits(_candidate(asked, definition), book_of([definition]))
    except ParameterFileError as error:
        raise _refusal(asked, definition, error) from error


def _limits(asked: ParameterSetting, definition: Definition) -> Limits:
    """The bounds of the first day; none where the province is silent."""
    try:
        return limits_of(definition, asked.region_id, asked.valid_from, book_of([definition]))
    except MissingParameter:
        return Limits()


def _refusal(asked: ParameterSetting, definition: Definition, error: ParameterFileError) -> Refused:
    """What the loader's check says, in a sentence with the bounds of the first day."""
    if error.name == "city_value_refused":
        return NotForAreas(code=asked.code)
    if error.name == "city_value_cannot_be_checked":
        return ProvinceSilent(day=asked.valid_from)
    limits, year = _limits(asked, definition), asked.valid_from.year
    said = write_typed(asked.unit, asked.value, year)
    if _inside_at_first(asked, definition, limits):
        return OutsideLater(value=said)
    low, high = bounds_told(definition, limits, year)
    if not high:
        return BelowTheProvince(value=said, low=low, day=asked.valid_from)
    return OutsideTheRange(value=said, low=low, high=high, day=asked.valid_from)


def _inside_at_first(asked: ParameterSetting, definition: Definition, limits: Limits) -> bool:
    """Whether the value keeps to the bounds of its first day, and leaves those of a later one."""
    if definition.city_rule.kind != "share":
        return False
    low, value, high = (read_stored("yuan", x) for x in (limits.low, asked.value, limits.high))
    return bool(low <= value <= high)


def bounds_told(definition: Definition, limits: Limits, year: int) -> tuple[str, str]:
    """The bounds as they are typed; the second is empty where there is none."""
    if definition.unit == "day_window" and limits.low is not None:
        first, last = write_typed("day_window", limits.low, year).split("..")
        return first, last
    told = [
        "" if bound is None else write_typed(definition.unit, bound, year)
        for bound in (limits.low, limits.high)
    ]
    return told[0], told[1]


def _candidate(asked: ParameterSetting, definition: Definition) -> ParameterValue:
    return ParameterValue(
        code=asked.code,
        area=asked.region_id // 10**6,
        scheme=definition.scheme,
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
        unit=asked.unit,
        value=UNITS[asked.unit].read(asked.value),
        stored=asked.value,
        document=asked.document_number,
        document_citation=asked.document_number,
        clause=asked.clause,
        url="",
        verified_on=None,
        status=VERIFIED,
        note="",
    )


def facts(case: Case) -> list[Fact]:
    """What is set from when, by which document, within what, and what ends."""
    asked = _setting(case)
    definition = settable().get(asked.code)
    year = asked.valid_from.year
    shown = [
        Fact(gettext_noop("Parameter"), asked.code, description_of(asked.code)),
        Fact(gettext_noop("Value set"), write_typed(asked.unit, asked.value, year)),
        Fact(gettext_noop("First day"), asked.valid_from),
        Fact(gettext_noop("Last day"), asked.valid_until),
        Fact(
            gettext_noop("Policy document"),
            [asked.document_number, asked.document_title],
            f"{asked.document_number}《{asked.document_title}》",
        ),
        Fact(gettext_noop("Issued on"), asked.document_issued_on),
        Fact(gettext_noop("Clause"), asked.clause),
    ]
    if definition is None or case.state in (Case.State.EFFECTED, Case.State.REVERSED):
        return shown
    ended = _ended_by(asked)
    low, high = bounds_told(definition, _limits(asked, definition), year)
    before = write_typed(ended.unit, ended.value, year) if ended else ""
    return [
        *shown,
        Fact(gettext_noop("Allowed by the law"), [low, high], f"{low} – {high}" if low else ""),
        Fact(gettext_noop("Value that ends the day before"), before),
    ]


def effect(*, case: Case, user: User, **details: Any) -> None:
    """The database publishes what was approved. Of two at once the second is refused.

    Raises as `check`.
    """
    check(case)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT publish_setting(%s, %s)", [case.pk, business_date()])
    except IntegrityError as error:
        if "parameter_has_one_value_a_day" not in str(error):
            raise
        raise ValueStands(first=_setting(case).valid_from) from error


def undo(*, case: Case, user: User) -> None:
    """The value ends today, or was never in force if its first day has not come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT end_setting(%s, %s)", [case.pk, business_date()])


def _setting(case: Case) -> ParameterSetting:
    return cast("ParameterSetting", case)


KIND = CaseKind(
    name=NAME,
    label=_("setting of a policy parameter"),
    model=ParameterSetting,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:enrollment_parametersetting",
)
