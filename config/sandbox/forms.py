"""A group of cases as forms: which inputs each takes, how they are written, what can be read
otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.explain.law import ANHUI
from config.sandbox.kinds import MISSING, Form, Kind, Pairs
from enrollment.models.person import Category

Label = str | Promise
Choices = tuple[tuple[str, Label], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a case: its key, what it is called with its unit, how it is written."""

    name: str
    label: Label
    kind: Kind
    needed: bool = True
    choices: Choices = ()
    help: Label = ""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """One form of a group: its inputs, the area whose law is meant, the case that it starts with.

    `until` names the input that holds the last year of the table of years, `ends_before` says
    that the table ends the year before. `readings` are the places of the text that can be read
    otherwise and matter here, `numbers` what can be supposed in place of the law.
    """

    name: str
    label: Label
    fields: tuple[Field, ...]
    area: int | None = ANHUI
    start: str = ""
    until: str = ""
    ends_before: bool = False
    readings: tuple["Reading", ...] = ()
    numbers: tuple[str, ...] = ()

    def inputs_of(self, form: Form) -> dict[str, Any]:
        """The inputs that a form holds; what it says nothing of is left out."""
        read = ((field.name, field.kind.read(form, field.name)) for field in self.fields)
        return {name: value for name, value in read if value is not MISSING}

    def pairs_of(self, inputs: Mapping[str, Any]) -> Pairs:
        """The texts of a form that hold these inputs."""
        for field in self.fields:
            if inputs.get(field.name) is not None:
                yield from field.kind.write(field.name, inputs[field.name])


@dataclass(frozen=True, slots=True)
class Reading:
    """A place where the text can be read in two ways: the parameter, and each way in words."""

    name: str
    ways: tuple[tuple[Any, Label], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of cases and its forms."""

    name: str
    label: Label
    forms: tuple[CaseForm, ...]

    def form_called(self, name: str) -> CaseForm | None:
        return next((form for form in self.forms if form.name == name), None)

    def form_for(self, inputs: Mapping[str, Any]) -> CaseForm:
        """The form that takes all these inputs, the one with the fewest others first."""
        fitting = [form for form in self.forms if set(inputs) <= {f.name for f in form.fields}]
        return min(fitting or self.forms, key=lambda form: len(form.fields))


SCHEMES: Choices = (("resident", _("Residents")), ("employee", _("Employees")))

SUBSIDISED = (
    Category.EXTREME_POVERTY,
    Category.DIBAO,
    Category.RETURNED_TO_POVERTY,
    Category.MONITORED,
)

CATEGORIES: Choices = tuple((each.value, each.label) for each in SUBSIDISED)

EXEMPTIONS: Choices = tuple((each.value, each.label) for each in Category if each not in SUBSIDISED)

ONE_A_LINE = _("One a line.")
