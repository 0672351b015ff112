"""The register as the screens read it: finding people, and the file of one (一人一档)."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.db.models import BigIntegerField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from enrollment.models import (
    Change,
    Enrollment,
    Fallout,
    Person,
    PersonCategory,
    Receipt,
    Region,
    YearRun,
)
from enrollment.models.enrollment import EnrollmentStatus
from enrollment.models.identity import digest, unseal
from enrollment.rules import keys
from enrollment.rules.dates import year_end, year_start
from enrollment.rules.identity import check_identity, convert_15_to_18, normalise_identity
from enrollment.rules.regions import city_of, province_of
from enrollment.selectors.changes import changes_of

FOUND_AT_ONCE = 50
RECEIPTS_SHOWN = 200  # of one person; ten years have a dozen
LIST_FIELDS = (
    "id",
    "name",
    "id_mask",
    "sex",
    "birth_date",
    "household_region",
    "residence_region",
    "insured_region",
    "scheme",
    "died_on",
    "left_on",
    "left_for",
)

# Places -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A region with the city and county above it, named in the language of the page."""

    code: int
    city: str = ""
    county: str = ""
    below: str = ""

    def __str__(self) -> str:
        """合肥市蜀山区 井岗镇; of a code that no province here has, its six digits."""
        if not (self.city or self.county or self.below):
            return _("outside the province, %(code)s") % {"code": self.code // 10**6}
        if get_language() == "en":
            return ", ".join(part for part in (self.below, self.county, self.city) if part)
        return f"{self.city}{self.county} {self.below}".strip()

    @property
    def short(self) -> str:
        """合肥蜀山: city and county without their last character, for a column."""
        if not (self.city or self.county):
            return str(self)
        if get_language() == "en":
            return " ".join(part for part in (self.city, self.county) if part)
        return f"{self.city.removesuffix('市')}{shortened(self.county)}"


def shortened(county: str) -> str:
    """蜀山 for 蜀山区; a name of two characters (歙县) stays whole."""
    return county[:-1] if len(county) > 2 and county[-1] in "市县区" else county


def name_of(region: Region) -> str:
    """The region's name in the language of the page, where there is an English one."""
    return region.name_en if region.name_en and get_language() == "en" else region.name


def short_name_of(region: Region) -> str:
    """合肥 for 合肥市: a city in a table of cities, a county in one of counties."""
    name = name_of(region)
    if region.level == Region.Level.CITY:
        return name.removesuffix("市")
    return name


def places(codes: Iterable[int]) -> dict[int, Place]:
    """Names of regions with what they lie in: one query for a page, nothing for no codes."""
    wanted = set(codes)
    county_of = {code: code // 10**6 * 10**6 for code in wanted}
    above = wanted | set(county_of.values()) | {city_of(code) for code in wanted}
    known = Region.objects.in_bulk(above) if above else {}
    names = {code: name_of(region) for code, region in known.items()}
    provinces = {province_of(code) for code in wanted}
    result = {}
    for code in wanted:
        city, county = city_of(code), county_of[code]
        result[code] = Place(
            code=code,
            city=names.get(city, ""),
            county=names.get(county, "") if county != city else "",
            below=names.get(code, "") if code not in (city, county, *provinces) else "",
        )
    return result


# Finding ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `by` is number, initials, name or nothing; `refused` says why not.

    `elsewhere` is the place of a file that the user's scope does not reach.
    """

    by: str
    people: list[Person] = field(default_factory=list)
    more: bool = False
    refused: str = ""
    elsewhere: int | None = None


NUMBER_REFUSED = {
    "format": gettext_lazy("An identity number has 18 characters, an old one 15 digits."),
    "birth_date": gettext_lazy("The digits of the birth date are not a day of the calendar."),
    "check_character": gettext_lazy(
        "The check character does not fit: one of the characters was read or typed wrongly."
    ),
}


def find_people(text: str, *, after: tuple[str, int] | None = None) -> Found:
    """People by document number, pinyin initials or the beginning of a name, 50 at once.

    `after` is the (name or initials, id) of the last one shown, to read on. A number is never
    looked for by its beginning: it is compared whole, through its keyed digest.
    """
    asked = squeezed(text)
    if not asked:
        return Found("")
    if is_number(asked):
        return _find_by_number(asked)
    if asked.isascii() and asked.isalpha():
        # As they are kept: lower case (enrollment.models.Person.initials).
        return _find_by_prefix("initials", asked.lower(), after)
    return _find_by_prefix("name", asked, after)


def squeezed(text: str) -> str:
    """What was typed, in half width, without spaces and signs that nobody sees: a pasted cell may
    bring them, and the database takes no NUL.
    """
    told = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in told if sign.isprintable() and not sign.isspace())


def is_number(asked: str) -> bool:
    """Whether it is the number of something: no name and no initials have digits."""
    return asked.isascii() and any(letter.isdigit() for letter in asked)


def _find_by_number(text: str) -> Found:
    number = normalise_identity(text)
    if number.removesuffix("X").isdigit():
        if len(number) == 15 and number.isdigit():
            number = convert_15_to_18(number)
        checked = check_identity(number)
        if not checked.valid:
            return Found("number", refused=str(NUMBER_REFUSED[checked.reason or "format"]))
    people = Person.objects.only(*LIST_FIELDS).filter(id_digest=digest(number))
    rows = list(people[:1])
    return Found("number", rows, elsewhere=None if rows else place_on_file(digest(number)))


def place_on_file(id_digest: UUID, *, but: int | None = None) -> int | None:
    """Where the file with this number is kept, in any area; None where there is none.

    Row security hides files of other areas, and a second file must be refused there too: the
    database's function tells the place of a number that was given whole, and nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT place_on_file(%s, %s)", [id_digest, but])
        (place,) = cursor.fetchone()
    return place  # type: ignore[no-any-return]


def account_owner(id_digest: UUID) -> int | None:
    """The key of the member of the employee scheme with this number, in any area."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_owner(%s)", [id_digest])
        (owner,) = cursor.fetchone()
    return owner  # type: ignore[no-any-return]


def _find_by_prefix(column: str, text: str, after: tuple[str, int] | None) -> Found:
    """A page of the index (column, id); the next one begins behind its last entry."""
    people = Person.objects.only(*LIST_FIELDS).filter(**{f"{column}__prefix": text})
    if after is not None:
        # A row comparison: an OR of both columns would read the page's namesakes from the first.
        people = people.filter(TupleGreaterThan(Tuple(F(column), F("pk")), after))
    rows = list(people.order_by(column, "pk")[: FOUND_AT_ONCE + 1])
    return Found(column, rows[:FOUND_AT_ONCE], more=len(rows) > FOUND_AT_ONCE)


def people_of(queryset: QuerySet[Person]) -> QuerySet[Person]:
    """Only the columns that a list shows: never the sealed number."""
    return queryset.only(*LIST_FIELDS)


# What a person is now -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Present:
    """How somebody stands on a day: a code of look and a word, never one without the other."""

    code: str
    label: str


WORDS = dict(EnrollmentStatus.choices)
NOT_INSURED = gettext_lazy("not insured")
EMPLOYEE = pgettext_lazy("standing", "employee scheme")


def standing_of(person: Person, status: str | None) -> Present:
    """The one word of the banner, from the person and the state of this year's row, if any."""
    if person.died_on is not None:
        return Present("ended", _("deceased"))
    if person.left_on is not None:
        return Present("ended", str(person.get_left_for_display()))
    if person.scheme == keys.EMPLOYEE:
        return Present("employee", str(EMPLOYEE))
    if status is None:
        return Present("none", str(NOT_INSURED))
    return Present(status, str(WORDS[EnrollmentStatus(status)]))


def standings_of(people: Sequence[Person], on: date) -> dict[int, Present]:
    """How each of a page of people stands on a day; one query, by key."""
    wanted = [keys.yearly_key(year=on.year, person_id=person.pk) for person in people]
    rows = Enrollment.objects.filter(pk__in=wanted).with_status(on)
    pairs = rows.values_list("person_id", "status_code")  # type: ignore[misc]  # annotated
    status = dict(pairs) if wanted else {}
    return {person.pk: standing_of(person, status.get(person.pk)) for person in people}


# The file of a person -----------------------------------------------------------------------------


_WITHOUT_BENEFIT = (EnrollmentStatus.UNPAID, EnrollmentStatus.LAPSED)
_WAITS = (EnrollmentStatus.WAITING, EnrollmentStatus.PAID)


@dataclass(frozen=True, slots=True)
class YearOfCover:
    """A row of the file's years; `status` and `label` go together on screen."""

    row: Enrollment
    place: Place
    status: str
    label: str
    from_history: bool

    @property
    def months(self) -> list[bool]:
        """The twelve months of an employee row, January first."""
        return [bool(self.row.months >> month & 1) for month in range(12)]

    @property
    def is_employee(self) -> bool:
        return self.row.scheme == keys.EMPLOYEE

    @property
    def month_count(self) -> int:
        return self.row.months.bit_count()

    @property
    def without_money(self) -> bool:
        """A year that came by history files says who was insured, not for how much."""
        return self.from_history and self.row.standard == 0

    @property
    def benefit(self) -> tuple[date, date] | None:
        """First and last day of benefits; none where nothing was paid or the wait is not known."""
        if self.status in _WITHOUT_BENEFIT or self.is_employee:
            return None
        first = self.row.benefit_start or year_start(self.row.year)
        last = self.row.benefit_end or year_end(self.row.year)
        if self.row.ended_on is not None:
            last = min(last, self.row.ended_on)
        if first > last or (self.status == EnrollmentStatus.WAITING and not self.row.benefit_start):
            return None
        return first, last

    @property
    def waits_until(self) -> date | None:
        """Last day of a waiting period whose end is known, also of a paid year to come."""
        if self.status not in _WAITS or self.row.benefit_start is None:
            return None
        return self.row.benefit_start - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FellOut:
    """Covered the year before and not in `year`, for one reason."""

    year: int
    reason: str

    @property
    def label(self) -> str:
        return str(Fallout.Reason(self.reason).label)


@dataclass(frozen=True, slots=True)
class PastChange:
    """What one act changed: the years whose facts it touched, and whether any is assessed again."""

    recorded_at: datetime
    cause: str
    case_id: int | None
    years: list[int]
    waits: bool


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Everything that enrollment knows of a person, as the file shows it."""

    person: Person
    present: Present
    next_year: Present | None
    age: int | None
    phone_mask: str
    household: Place
    residence: Place
    insured: Place
    years: list[YearOfCover]
    categories: list[PersonCategory]
    receipts: list[Receipt]
    fallout: list[FellOut]
    changes: list[PastChange]
    on: date

    @property
    def held(self) -> list[PersonCategory]:
        """Categories in force on the day of the file."""
        return [each for each in self.categories if self.on in each.valid]

    @property
    def waiting_changes(self) -> list[PastChange]:
        """What is being assessed again (重新核定中)."""
        return [each for each in self.changes if each.waits]

    @property
    def this_year(self) -> YearOfCover | None:
        """The resident row of the year of the day, or an employee's spell in it."""
        return self._of_year(self.on.year)

    @property
    def coming(self) -> YearOfCover | None:
        """The bill of the next year, once that is open; none of who has left."""
        return self._of_year(self.on.year + 1) if self.next_year else None

    @property
    def waits(self) -> YearOfCover | None:
        """The year whose wait is known: this one, or the one that was paid ahead."""
        known = (each for each in (self.this_year, self.coming) if each and each.waits_until)
        return next(known, None)

    def _of_year(self, year: int) -> YearOfCover | None:
        rows = [each for each in self.years if each.row.year == year]
        return min(rows, key=lambda each: each.row.scheme, default=None)

    @property
    def has_history(self) -> bool:
        return any(each.without_money and not each.is_employee for each in self.years)


def person_file(person: Person, on: date) -> PersonFile:
    """The file of one person on a day: seven queries, each by key or by person."""
    runs = {run.year: run for run in _runs_with_fallout(person.pk)}
    person.years_read = sorted(runs)
    rows = list(
        Enrollment.objects.of_person(person.pk, runs).with_status(on).order_by("-pk")
        if runs
        else []
    )
    codes = {person.household_region, person.residence_region, person.insured_region_id}
    where = places(codes | {row.region_id for row in rows})
    years = [_year_of_cover(row, where, runs) for row in rows]
    resident = {each.row.year: each.status for each in years if each.row.scheme == keys.RESIDENT}
    following = resident.get(on.year + 1)
    gone = person.died_on or person.left_on or person.scheme == keys.EMPLOYEE
    return PersonFile(
        person=person,
        present=standing_of(person, resident.get(on.year)),
        next_year=None
        if following is None or gone
        else Present(following, f"{on.year + 1} {WORDS[EnrollmentStatus(following)]}"),
        age=None if person.died_on else age_on(person.birth_date, on),
        phone_mask=mask_phone(person),
        household=where[person.household_region],
        residence=where[person.residence_region],
        insured=where[person.insured_region_id],
        years=years,
        categories=list(person.categories.order_by("-valid")),
        receipts=list(person.receipts.order_by("-paid_at")[:RECEIPTS_SHOWN]),
        fallout=[
            FellOut(run.year, run.fell_out)  # type: ignore[attr-defined]  # annotated
            for run in runs.values()
            if run.fell_out  # type: ignore[attr-defined]
        ],
        changes=_acts(changes_of(person.pk, runs)),
        on=on,
    )


def _runs_with_fallout(person_id: int) -> QuerySet[YearRun]:
    """The years of the register, newest first, each with why the person fell out of it, if so."""
    key = ExpressionWrapper(
        OuterRef("year") * keys.YEAR + keys.RESIDENT * keys.SCHEME + person_id,
        output_field=BigIntegerField(),
    )
    reason = Fallout.objects.filter(pk=key).values("reason")[:1]
    real = YearRun.objects.filter(mode=YearRun.Mode.REAL)
    return real.annotate(fell_out=Subquery(reason)).order_by("-year")


def _acts(changes: Sequence[Change]) -> list[PastChange]:
    """Changes as acts: what one transaction wrote for several years is one line."""
    acts = []
    for (recorded_at, cause, case_id), rows in groupby(
        changes, key=lambda change: (change.recorded_at, change.cause, change.case_id)
    ):
        of_act = list(rows)
        acts.append(
            PastChange(
                recorded_at=recorded_at,
                cause=cause,
                case_id=case_id,
                years=sorted({change.year for change in of_act}),
                waits=any(change.waits for change in of_act),  # type: ignore[attr-defined]
            )
        )
    return acts


def _year_of_cover(
    row: Enrollment, where: dict[int, Place], runs: dict[int, YearRun]
) -> YearOfCover:
    status: str = row.status_code  # type: ignore[attr-defined]  # annotated by with_status
    return YearOfCover(
        row=row,
        place=where[row.region_id],
        status=status,
        label=str(WORDS[EnrollmentStatus(status)]),
        from_history=runs[row.year].from_history,
    )


def age_on(birth: date, on: date) -> int:
    """Full years of age on a day."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def mask_phone(person: Person) -> str:
    """139******27: first three and last two digits, as every screen shows a phone."""
    if not person.phone_sealed:
        return ""
    phone = unseal(bytes(person.phone_sealed))
    return (
        f"{phone[:3]}{'*' * (len(phone) - 5)}{phone[-2:]}" if len(phone) > 5 else "*" * len(phone)
    )


__all__ = [
    "Found",
    "PersonFile",
    "Place",
    "Present",
    "find_people",
    "person_file",
    "places",
    "standings_of",
]
