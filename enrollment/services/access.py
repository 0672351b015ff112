"""Looking at people: every look is recorded in the transaction that answers it."""

import hmac

from django.utils.translation import gettext_noop

from enrollment.models import Person, PersonAccess, User
from enrollment.services.refusals import Refused

Act = PersonAccess.Act
SHOWN_SECONDS = 30  # how long a screen shows a number in clear


class ReasonTooShort(Refused):
    message = gettext_noop("Say what the number is needed for, in at least four characters.")
    field = "reason"


class NotFourDigits(Refused):
    message = gettext_noop("Type the last four characters of the number.")
    field = "digits"


def record(
    *, act: str, person: Person, user: User, address: str | None = None, reason: str = ""
) -> None:
    """Append a look at a person."""
    PersonAccess.objects.create(
        person_id=person.pk, user=user, act=act, address=address or None, reason=reason
    )


def reveal(*, person: Person, user: User, reason: str, address: str | None = None) -> str:
    """The identity number in clear, recorded with its reason. Raises ReasonTooShort.

    Whether the user's role may is the screen's question; one call shows one number.
    """
    reason = reason.strip()
    if len(reason) < 4:
        raise ReasonTooShort
    record(act=Act.REVEALED, person=person, user=user, address=address, reason=reason)
    return Person.objects.only("id_sealed").get(pk=person.pk).identity_number


def compare(*, person: Person, user: User, digits: str, address: str | None = None) -> bool:
    """Whether the number ends on these four characters (核对后四位). Raises NotFourDigits.

    The answer is recorded, so that trying them one after the other is seen.
    """
    asked = "".join(digits.split()).upper()
    if len(asked) != 4 or not asked.isascii():
        raise NotFourDigits
    number = Person.objects.only("id_sealed").get(pk=person.pk).identity_number
    same = hmac.compare_digest(number[-4:], asked)
    record(
        act=Act.COMPARED, person=person, user=user, address=address, reason="yes" if same else "no"
    )
    return same
