"""Nobody is enrolled twice: refusal at registration, and which of two found relations stays.

安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）: 不得重复参保.
皖医保发〔2024〕6号 二（三）: 持续做好重复参保治理工作.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enrollment.rules.dates import year_end, year_start
from enrollment.rules.refusals import RuleRefused
from enrollment.rules.terms import Terms, parameter
from enrollment.rules.trace import Trace, gettext_noop, step

DUPLICATE = "duplicate_enrolment"
EMPLOYEE_ACTIVE = "employee_scheme_active"
RESIDENT_PLACES = ("hukou", "habitual", "home", "school")


@dataclass(frozen=True, slots=True)
class ResidentRelation:
    """Resident cover of one benefit year in one area (six digits)."""

    area: str
    year: int


@dataclass(frozen=True, slots=True)
class EmployeeRelation:
    """Employee cover from `first_day`; without `last_day` it is open."""

    area: str
    first_day: date
    last_day: date | None = None

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def reaches_into(self, year: int) -> bool:
        return self.first_day <= year_end(year) and (
            self.last_day is None or self.last_day >= year_start(year)
        )


Relation = ResidentRelation | EmployeeRelation


@dataclass(frozen=True, slots=True)
class Registration:
    """Whether a registration is accepted; the reason if not; when resident cover is suspended."""

    accepted: bool
    reason: str | None
    resident_suspended_from: date | None
    trace: Trace


def check_registration(existing: Sequence[Relation], new: Relation) -> Registration:
    """A new relation beside the existing ones of the person, in any area."""
    residents = [relation for relation in existing if isinstance(relation, ResidentRelation)]
    employees = [relation for relation in existing if isinstance(relation, EmployeeRelation)]
    reason: str | None = None
    suspended_from: date | None = None
    if isinstance(new, ResidentRelation):
        if any(relation.year == new.year for relation in residents):
            reason = DUPLICATE
        elif any(relation.reaches_into(new.year) for relation in employees):
            reason = EMPLOYEE_ACTIVE
    elif any(relation.covers(new.first_day) for relation in employees):
        reason = DUPLICATE
    elif any(relation.year == new.first_day.year for relation in residents):
        suspended_from = new.first_day
    trace = (
        step(gettext_noop("Relations found"), len(existing)),
        step(gettext_noop("Accepted"), reason is None),
        step(gettext_noop("Reason"), reason),
        step(gettext_noop("Resident cover suspended from"), suspended_from),
    )
    return Registration(reason is None, reason, suspended_from, trace)


@dataclass(frozen=True, kw_only=True)
class DuplicateTerms(Terms):
    """From how many consecutive months an employee relation is kept."""

    employee_months: int = parameter("duplicates.employee_kept_from_months")


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """A relation of a found duplicate: `employee` with its months, or `resident` with a place
    (hukou, habitual, home, school) or a benefit year."""

    scheme: str
    months: int = 0
    place: str = ""

    @property
    def name(self) -> str:
        return "employee" if self.scheme == "employee" else f"resident:{self.place}"


@dataclass(frozen=True, slots=True)
class DuplicateResolution:
    """`keep` is decided by rule; `keep_default` stays unless the person chooses in writing; with
    neither the person has to choose."""

    keep: str | None
    keep_default: str | None
    needs_written_choice_for_other: bool
    trace: Trace


def resolve_duplicate(
    relations: Sequence[FoundRelation], terms: DuplicateTerms, *, student: bool = False
) -> DuplicateResolution:
    """Which of the found relations stays. Raises RuleRefused `no_duplicate`, `unknown_place`."""
    if len(relations) < 2:
        raise RuleRefused("no_duplicate")
    employees = [relation for relation in relations if relation.scheme == "employee"]
    places = [relation.place for relation in relations if relation.scheme == "resident"]
    for place in places:
        if place not in RESIDENT_PLACES and not (place.isascii() and place.isdigit()):
            raise RuleRefused("unknown_place", place=place)
    keep: str | None = None
    default: str | None = None
    long_employee = len(employees) == 1 and employees[0].months >= terms.employee_months
    if long_employee:
        keep = employees[0].name
    elif student and places.count("school") == 1:
        keep = "resident:school"
    elif not employees and places.count("habitual") == 1:
        default = "resident:habitual"
    trace = (
        step(gettext_noop("Relations found"), len(relations)),
        step(
            gettext_noop("Employee relation is kept from months"),
            terms.employee_months,
            terms.cite("employee_months"),
        ),
        step(gettext_noop("Student"), student),
        step(gettext_noop("Kept by rule"), keep),
        step(gettext_noop("Kept unless chosen otherwise in writing"), default),
    )
    return DuplicateResolution(keep, default, keep is None, trace)


def numbers_alike(one: str, other: str) -> bool:
    """Whether a slip of the hand makes one resident number of the other.

    One of the first seventeen digits differs, or two neighbours stand in the other order. The check
    character follows from them, and says nothing of its own.
    """
    if len(one) != 18 or len(other) != 18:
        return False
    differ = [place for place in range(17) if one[place] != other[place]]
    if len(differ) == 1:
        return True
    if len(differ) != 2 or differ[1] != differ[0] + 1:
        return False
    first, second = differ
    return one[first] == other[second] and one[second] == other[first]
