"""Correction of identity (信息更正), a kind of case: name, number, sex, birth date.

Key fields need two people: the maker types the new version, the checker sees both. The number is
sealed from the draft on, and shown to nobody.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from enrollment.declarations import CaseKind
from enrollment.imports.values import Identity
from enrollment.models import Case, IdentityCorrection, Person, User
from enrollment.models.identity import unseal
from enrollment.rules.lifecycle import Fact
from enrollment.selectors.bills import years_open
from enrollment.selectors.calendar import business_date
from enrollment.services import cases, changes, people
from enrollment.services.refusals import EvidenceMissing, Refused

NAME, REVERSED = "identity", "identity_reversed"  # causes of changes
NUMBER = ("id_type", "id_sealed", "id_digest", "id_mask")
FIELDS = (*NUMBER, "name", "sex", "birth_date")


class NothingCorrected(Refused):
    message = gettext_noop("Fill in what is to be corrected; what stays empty stays as it is.")
    field = "name"


class DocumentTypeMissing(Refused):
    message = gettext_noop("Say of which document the number is.")
    field = "id_type"


class NumberMissing(Refused):
    message = gettext_noop("Give the number of the document.")
    field = "id_number"


class BornLater(Refused):
    message = gettext_noop("The birth date lies in the future.")
    field = "birth_date"


class DiedBefore(Refused):
    message = gettext_noop("The person died on %(day)s, before this birth date.")
    field = "birth_date"


class FileDiffers(Refused):
    message = gettext_noop(
        "The file of this person changed since the case was made. Save the form again."
    )


def open_correction(
    *,
    maker: User,
    person: Person,
    request_key: UUID | None = None,
    year: int | None = None,
    id_number: str = "",
    **says: Any,
) -> Case:
    """Make a draft from what is to be corrected. Raises as `check`, `people.read_number`."""
    told, details = _versions(person, id_number, says)
    return cases.open_case(
        kind=KIND.name,
        maker=maker,
        person=person,
        year=year or business_date().year,
        request_key=request_key,
        **told,
        **details,
    )


def change_correction(
    *,
    case: Case,
    user: User,
    expected_version: int,
    id_number: str = "",
    **says: Any,
) -> Case:
    """Change a draft or returned case. A number left empty stays the one that the draft has.

    Raises as `open_correction` and `cases.change_case`.
    """
    asked = _correction(case)
    if not id_number and asked.id_sealed is not None and says.get("id_type"):
        id_number = unseal(bytes(asked.id_sealed))
    told, details = _versions(case.whom, id_number, says)
    return cases.change_case(
        case=case, user=user, expected_version=expected_version, **told, **details
    )


def _versions(
    person: Person, id_number: str, says: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both versions as the case keeps them, and the rest of what the form says."""
    file = Person.objects.get(pk=person.pk)
    told: dict[str, Any] = {f"old_{name}": getattr(file, name) for name in FIELDS}
    told |= _number(str(says.get("id_type") or ""), id_number)
    name = str(says.get("name") or "")
    told["name"] = people.name_columns(name)["name"] if name.strip() else ""
    rest = {key: value for key, value in says.items() if key not in {"id_type", "name"}}
    return told, rest


def _number(id_type: str, id_number: str) -> dict[str, Any]:
    """The columns of a new number, or of none. Raises DocumentTypeMissing, NumberMissing."""
    if not id_type and not id_number:
        return {"id_type": "", "id_sealed": None, "id_digest": None, "id_mask": ""}
    if not id_type:
        raise DocumentTypeMissing
    if not id_number:
        raise NumberMissing
    return people.number_columns(id_type, people.read_number(id_type, id_number))


def check(case: Case) -> None:
    """The new version holds together and belongs to nobody else.

    Raises NothingCorrected, EvidenceMissing, FileDiffers, BornLater, DiedBefore, and
    people.AlreadyOnFile, people.BirthDateDiffers, people.SexDiffers.
    """
    asked = _correction(case)
    if not asked.evidence.strip():
        raise EvidenceMissing
    new = _new(asked)
    old = {name: getattr(asked, f"old_{name}") for name in FIELDS}
    if all(_same(name, new[name], old[name]) for name in FIELDS):
        raise NothingCorrected
    file = Person.objects.get(pk=asked.whom.pk)
    if not all(_same(name, getattr(file, name), old[name]) for name in FIELDS):
        raise FileDiffers
    born = cast("date", new["birth_date"])
    if born > business_date():
        raise BornLater
    if file.died_on is not None and file.died_on < born:
        raise DiedBefore(day=file.died_on)
    number = unseal(bytes(new["id_sealed"]))
    inside = people.read_number(str(new["id_type"]), number) if asked.id_digest else None
    if inside is None and new["id_type"] == Person.IdType.RESIDENT_ID:
        inside = _as_it_stands(number)
    if inside is not None:
        people.check_against_number(inside, sex=str(new["sex"]), birth_date=born)
    if asked.id_digest is not None:
        people.refuse_known(asked.id_digest, but=asked.whom.pk)


def _as_it_stands(number: str) -> Identity | None:
    """The number on file, where it can be read: an old mistake is no reason to keep another."""
    try:
        return people.read_number(Person.IdType.RESIDENT_ID, number)
    except Refused:
        return None


def _new(asked: IdentityCorrection) -> dict[str, Any]:
    """The file after the correction: new values, and the old ones where none was given."""
    number = NUMBER if asked.id_digest is not None else ()
    given = {name for name in ("name", "sex", "birth_date") if getattr(asked, name)} | set(number)
    return {name: getattr(asked, name if name in given else f"old_{name}") for name in FIELDS}


def _same(name: str, one: Any, other: Any) -> bool:
    """Equal numbers are sealed differently each time: their digest tells."""
    return name == "id_sealed" or one == other


def facts(case: Case) -> list[Fact]:
    """Each value that changes, before and after."""
    asked = _correction(case)
    shown: list[Fact] = []
    if asked.id_digest is not None:
        shown += [
            Fact(gettext_noop("Document before"), asked.old_id_type, _type(asked.old_id_type)),
            Fact(
                gettext_noop("Number before"),
                [asked.old_id_mask, str(asked.old_id_digest)],
                asked.old_id_mask,
            ),
            Fact(gettext_noop("Document after"), asked.id_type, _type(asked.id_type)),
            Fact(
                gettext_noop("Number after"), [asked.id_mask, str(asked.id_digest)], asked.id_mask
            ),
        ]
    if asked.name:
        shown += [
            Fact(gettext_noop("Name before"), asked.old_name),
            Fact(gettext_noop("Name after"), asked.name),
        ]
    if asked.sex:
        shown += [
            Fact(gettext_noop("Sex before"), asked.old_sex, str(Person.Sex(asked.old_sex).label)),
            Fact(gettext_noop("Sex after"), asked.sex, str(asked.get_sex_display())),
        ]
    if asked.birth_date:
        shown += [
            Fact(gettext_noop("Birth date before"), asked.old_birth_date),
            Fact(gettext_noop("Birth date after"), asked.birth_date),
        ]
    return [*shown, Fact(gettext_noop("Evidence"), asked.evidence)]


def _type(code: str) -> str:
    return str(Person.IdType(code).label)


def effect(*, case: Case, user: User, **details: Any) -> None:
    """Write the new version, sealed number, digest and mask together. Raises as `check`."""
    check(case)
    asked = _correction(case)
    _write(asked, expected=asked.old_id_digest, version=_new(asked))
    _tell(asked, NAME)


def undo(*, case: Case, user: User) -> None:
    """Write the old version back. Raises FileDiffers where the file changed since."""
    asked = _correction(case)
    new = _new(asked)
    file = Person.objects.select_for_update().get(pk=asked.whom.pk)
    if not all(_same(name, getattr(file, name), new[name]) for name in FIELDS):
        raise FileDiffers
    people.refuse_known(asked.old_id_digest, but=asked.whom.pk)
    old = {name: getattr(asked, f"old_{name}") for name in FIELDS}
    _write(asked, expected=new["id_digest"], version=old)
    _tell(asked, REVERSED)


def _write(asked: IdentityCorrection, *, expected: UUID, version: dict[str, Any]) -> None:
    """One guarded UPDATE. Raises FileDiffers, people.AlreadyOnFile."""
    columns = version | people.name_columns(str(version["name"]))
    rows = Person.objects.filter(pk=asked.whom.pk, id_digest=expected)
    try:
        with transaction.atomic():
            changed = rows.update(**columns)
    except IntegrityError as error:
        if "identity_number_has_one_file" not in str(error):
            raise
        people.refuse_known(cast("UUID", version["id_digest"]), but=asked.whom.pk)
        raise
    if not changed:
        raise FileDiffers


def _tell(asked: IdentityCorrection, cause: str) -> None:
    """Who somebody is decides what they are owed: a change for each open year."""
    for year in years_open(business_date()):
        changes.append(person_id=asked.whom.pk, year=year, cause=cause, case=asked)


def _correction(case: Case) -> IdentityCorrection:
    return cast("IdentityCorrection", case)


KIND = CaseKind(
    name="identity_correction",
    label=_("correction of identity"),
    model=IdentityCorrection,
    effect=effect,
    facts=facts,
    check=check,
    undo=undo,
    url_name="admin:enrollment_identitycorrection",
)
