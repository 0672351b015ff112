"""Files of people (一人一档): opening one, and writing who somebody is.

皖医保发〔2024〕6号 二（三）: one file a person, insured or not. Opening a file registers nobody: it
says so until a registration is in effect (docs/adr: a draft puts its person on file).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from enrollment.imports.problems import LineRefused
from enrollment.imports.values import (
    Identity,
    read_document_number,
    read_phone,
    read_resident_number,
    tidy_name,
)
from enrollment.models import Person, Region
from enrollment.models.identity import digest, seal
from enrollment.rules.identity import check_identity
from enrollment.rules.names import initials_of
from enrollment.selectors.people import place_on_file, places
from enrollment.services.refusals import Refused

LONGEST_INITIALS = 32


class NameMissing(Refused):
    message = gettext_noop("Give the name as it stands in the document.")
    field = "name"


class NumberNotReadable(Refused):
    message = gettext_noop("An identity number has 18 characters, an old one 15 digits.")
    field = "id_number"


class NumberHasNoDay(Refused):
    message = gettext_noop("Digits 7 to 14 of the identity number are no day of the calendar.")
    field = "id_number"


class NumberMistyped(Refused):
    message = gettext_noop(
        "The check character does not fit: one of the characters was read or typed wrongly."
    )
    field = "id_number"


class NumberOfAnotherDocument(Refused):
    message = gettext_noop("This is a resident identity number: choose that type of document.")
    field = "id_type"


class DocumentNotReadable(Refused):
    message = gettext_noop("The number of a document has 4 to 32 letters and digits.")
    field = "id_number"


class BirthDateDiffers(Refused):
    message = gettext_noop("The identity number says born on %(born)s, not on %(given)s.")
    field = "birth_date"


class SexDiffers(Refused):
    message = gettext_noop("The identity number says the other sex.")
    field = "sex"


class PhoneNotReadable(Refused):
    message = gettext_noop("A phone number has 7 to 15 digits.")
    field = "phone"


class PlaceUnknown(Refused):
    message = gettext_noop("There is no region with the code %(code)s.")
    field = "household_region"


class AlreadyOnFile(Refused):
    message = gettext_noop(
        "This number has a file already, in %(place)s. Start from that file; if it is kept in "
        "another area, ask that area for a transfer."
    )
    field = "id_number"


class FileInUse(Refused):
    message = gettext_noop(
        "This person is registered: what the file says is changed by a correction of identity."
    )


NUMBER_REFUSALS: dict[str, type[Refused]] = {
    "identity_birth_date": NumberHasNoDay,
    "identity_check": NumberMistyped,
    "identity_type": NumberOfAnotherDocument,
    "document_format": DocumentNotReadable,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Who somebody is, as typed at the counter. Regions are 12-digit codes."""

    id_type: str
    id_number: str
    name: str
    sex: str
    birth_date: date
    household_region: int
    residence_region: int
    phone: str = ""


def columns_of(told: Particulars) -> dict[str, Any]:
    """What the register keeps of `told`: number sealed, digest and mask, tidy name, initials.

    GB 11643-1999: birth date and sex must be those of a resident number. Raises NameMissing,
    NumberNotReadable, NumberHasNoDay, NumberMistyped, NumberOfAnotherDocument,
    DocumentNotReadable, BirthDateDiffers, SexDiffers, PhoneNotReadable, PlaceUnknown.
    """
    identity = read_number(told.id_type, told.id_number)
    check_against_number(identity, sex=told.sex, birth_date=told.birth_date)
    _check_places(told.household_region, told.residence_region)
    phone = _read(read_phone, told.phone, PhoneNotReadable)
    return {
        **number_columns(told.id_type, identity),
        **name_columns(told.name),
        "sex": told.sex,
        "birth_date": told.birth_date,
        "household_region": told.household_region,
        "residence_region": told.residence_region,
        "phone_sealed": seal(phone) if phone else None,
    }


def read_number(id_type: str, number: str) -> Identity:
    """A document number as it is compared. Raises the refusals of numbers."""
    reader = read_resident_number if id_type == Person.IdType.RESIDENT_ID else read_document_number
    fallback = NumberNotReadable if id_type == Person.IdType.RESIDENT_ID else DocumentNotReadable
    identity: Identity = _read(reader, number, fallback)
    return identity


def _read(read: Callable[[str, str], Any], text: str, fallback: type[Refused]) -> Any:
    """What a reader of cells makes of `text`; its problems as refusals of the desk."""
    try:
        return read(text.strip(), "")
    except LineRefused as error:
        raise NUMBER_REFUSALS.get(error.problem, fallback) from error


def check_against_number(identity: Identity, *, sex: str, birth_date: date) -> None:
    """A resident number tells birth date and sex. Raises BirthDateDiffers, SexDiffers."""
    if identity.born is None:
        return
    if identity.born != birth_date:
        raise BirthDateDiffers(born=identity.born, given=birth_date)
    if check_identity(identity.number).sex != sex:
        raise SexDiffers


def number_columns(id_type: str, identity: Identity) -> dict[str, Any]:
    """The columns of the register that hold a document number."""
    return {
        "id_type": id_type,
        "id_digest": digest(identity.number),
        "id_sealed": seal(identity.number),
        "id_mask": identity.mask,
    }


def name_columns(given: str) -> dict[str, str]:
    """The columns of the register that hold a name. Raises NameMissing."""
    name = tidy_name(given.strip())
    if not name:
        raise NameMissing
    return {"name": name, "initials": initials_of(name)[:LONGEST_INITIALS]}


def _check_places(*codes: int) -> None:
    """Any province's code is taken: a household registration elsewhere is no reason to refuse
    (皖医保发〔2024〕6号: 放开参保户籍限制)."""
    for code in codes:
        if not 10**11 <= code < 10**12:
            raise PlaceUnknown(code=code)


@transaction.atomic
def open_file(*, told: Particulars, insured_region: int, on: date) -> Person:
    """Put somebody on file, not registered yet. Raises as `columns_of`, and AlreadyOnFile.

    Two at once make one file: the second is refused by the unique digest.
    """
    columns = columns_of(told)
    refuse_known(columns["id_digest"])
    if not Region.objects.filter(pk=insured_region).exists():
        raise PlaceUnknown(code=insured_region)
    person = Person(
        **columns,
        insured_region_id=insured_region,
        left_on=on,
        left_for=Person.Left.NOT_REGISTERED,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        if "identity_number_has_one_file" not in str(error):
            raise
        refuse_known(columns["id_digest"])
        raise
    return person


@transaction.atomic
def correct_file(*, person: Person, told: Particulars, insured_region: int) -> Person:
    """Let the maker of a draft correct the file that it opened, while nothing is registered.

    A number or phone that is left empty stays what it is. Raises as `columns_of`, AlreadyOnFile,
    FileInUse.
    """
    columns = columns_of(replace(told, id_number=told.id_number or person.identity_number))
    if not told.phone:
        del columns["phone_sealed"]
    refuse_known(columns["id_digest"], but=person.pk)
    changed = Person.objects.filter(pk=person.pk, left_for=Person.Left.NOT_REGISTERED).update(
        **columns, insured_region=insured_region
    )
    if not changed:
        raise FileInUse
    person.refresh_from_db()
    return person


def refuse_known(id_digest: Any, *, but: int | None = None) -> None:
    """One file a number, whoever may see it. Raises AlreadyOnFile naming the place."""
    found = place_on_file(id_digest, but=but)
    if found is not None:
        raise AlreadyOnFile(place=str(places([found])[found]))
