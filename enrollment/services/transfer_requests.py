"""A transfer asked for where the person lives now (转入申请), and handed over by the other area.

医保办发〔2021〕43号: who moves applies where they are insured or where they join, and the areas do
the rest between them. The file is kept elsewhere, so that nobody is looked for: who asks has the
document at the counter and types its number and its name (docs/adr/0026).
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from enrollment.imports.values import tidy_name
from enrollment.models import Case, Person, User
from enrollment.models.identity import digest
from enrollment.selectors.people import place_on_file, places
from enrollment.selectors.scope import reaching, scope_for
from enrollment.services import cases, people, transfers
from enrollment.services.refusals import Refused


class NobodyOfThisName(Refused):
    message = gettext_noop(
        "No file has this number and this name. Read both off the document; who has no file in "
        "the province is registered."
    )
    field = "id_number"


class InsuredHere(Refused):
    message = gettext_noop(
        "This person is insured in %(place)s, which is yours: start from their file."
    )
    field = "id_number"


def ask_transfer(
    *,
    maker: User,
    id_type: str,
    id_number: str,
    name: str,
    year: int,
    to_region_id: int,
    request_key: UUID | None = None,
    **says: Any,
) -> Case:
    """Make a draft for somebody whose file another area keeps; both terms run from today.

    The question where they are insured stays recorded when the answer is a refusal. Raises
    NotYourArea, NobodyOfThisName, InsuredHere, the refusals of numbers, and as
    `transfers.open_transfer`.
    """
    transfers.check_asks_for_here(maker, to_region_id)
    known = cases.case_of_request(request_key, maker)
    if known is not None:
        return known
    number = digest(people.read_number(id_type, id_number).number)
    place = place_on_file(number)
    if place is None:
        raise NobodyOfThisName
    # Written into the other area's cases, as the acts of either side are.
    with transaction.atomic(), reaching(place):
        person = Person.objects.get(id_digest=number)
        if person.name != tidy_name(name):
            raise NobodyOfThisName
        if scope_for(maker, transfers.WRITE).allows(place):
            raise InsuredHere(place=str(places([place])[place]))
        return transfers.open_transfer(
            maker=maker,
            person=person,
            year=year,
            request_key=request_key,
            to_region_id=to_region_id,
            asked_for=True,
            **says,
        )
