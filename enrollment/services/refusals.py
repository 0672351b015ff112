"""An act that is refused: a named exception with the sentence that the person at the desk reads."""

import re
from typing import Any

from django.utils.translation import gettext, gettext_noop


class Refused(Exception):
    """Base of all refusals of services. Nothing was changed; the transaction goes on.

    `message` is an English msgid with %(name)s for the details. `name` is the stable code of the
    refusal, from the class. `field` names the input that caused it, where one did.
    """

    message = ""
    field = ""

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(self.name)

    @property
    def name(self) -> str:
        """BillAlreadyPaid is `bill_already_paid`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def __str__(self) -> str:
        return gettext(self.message) % self.details


class EvidenceMissing(Refused):
    message = gettext_noop("Say what document proves it, with its number.")
    field = "evidence"


class StepRefused(Exception):
    """A named refusal: `name` is stable, the text names year, step, area, parameter or shard."""

    def __init__(self, name: str, told: str, **details: Any) -> None:
        self.name, self.told, self.details = name, told, details
        super().__init__(f"{name}: {told}")
