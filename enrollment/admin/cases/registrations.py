"""Registration (参保登记) on screen: for somebody on file, or for a newcomer with the file."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.forms import (
    CaseForm,
    CountyField,
    DayField,
    DocumentNumberField,
    NameField,
    case_form,
)
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Case, Person, Registration
from enrollment.rules.regions import fill_code
from enrollment.rules.registration import IN_PERIOD, LATE
from enrollment.selectors.bills import years_open
from enrollment.selectors.calendar import business_date
from enrollment.services import registrations
from enrollment.services.people import Particulars

NEWCOMER = "new"  # ?new=1 registers somebody who has no file yet


class RegionCodeField(forms.CharField):
    """A region of any province by its code: the twelve-digit number of it."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return fill_code(text)
        except ValueError as error:
            raise ValidationError(_("A region code has 6, 9 or 12 digits.")) from error

    def prepare_value(self, value: Any) -> Any:
        return str(value).removesuffix("000000") if isinstance(value, int) else value


class RegistrationForm(CaseForm):
    """The years that are open, the present one first where it can still be registered for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.person is not None:
            self.fields["insured_region"].initial = self.person.insured_region_id

    def years(self) -> list[int]:
        return sorted(years_open(business_date()), reverse=True)


class NewcomerForm(RegistrationForm):
    """Who somebody is, beside the registration: the file is opened with the draft.

    In a draft the number is shown to nobody again: left empty, it stays what it is.
    """

    id_type = forms.ChoiceField(label=gettext_lazy("document type"), choices=Person.IdType)
    id_number = DocumentNumberField(
        help_text=gettext_lazy(
            "Identity number, or for a newborn without one the number of the birth certificate."
        ),
    )
    name = NameField()
    sex = forms.ChoiceField(label=gettext_lazy("sex"), choices=Person.Sex)
    birth_date = DayField(label=gettext_lazy("birth date"))
    household_region = RegionCodeField(
        label=gettext_lazy("household registration (户籍地)"),
        max_length=12,
        help_text=gettext_lazy("Code of 6, 9 or 12 digits, of any province."),
    )
    residence_region = CountyField(label=gettext_lazy("habitual residence (常住地)"))
    phone = forms.CharField(
        label=gettext_lazy("phone"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_number"].required = self.person is None
        own = [name for name in self.fields if name in registrations.PARTICULARS]
        self.order_fields(own)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Who, then what."""
        who = [self[name] for name in self.fields if name in registrations.PARTICULARS]
        rest = [
            each for each in self.visible_fields() if each.name not in registrations.PARTICULARS
        ]
        return [(_("Who"), who), (_("Registration"), rest)]

    def says(self, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        told = {name: self.cleaned_data[name] for name in registrations.PARTICULARS}
        says = super().says(without | registrations.PARTICULARS)
        return says | {"told": Particulars(**told)}

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        person = case.whom
        shown = registrations.PARTICULARS - {"id_number", "phone"}
        return super().values_of(case) | {name: getattr(person, name) for name in shown}


ASKS = (
    "insured_region",
    "ground",
    "recognised_on",
    "source",
    "evidence",
    "employee_until",
    "also_next_year",
)
NEWCOMER_FORM = case_form(
    Registration, tuple(name for name in ASKS if name != "employee_until"), NewcomerForm
)


@admin.register(Registration)
class RegistrationAdmin(CaseKindAdmin):
    """参保登记."""

    kind = registrations.NAME
    form_class = RegistrationForm
    asks = ASKS
    columns = ("ground",)
    nav_order = 10
    form_template = "enrollment/case/registration_form.html"
    choose_template = "enrollment/case/registration_choose.html"

    def is_about_nobody_yet(self, request: HttpRequest) -> bool:
        return NEWCOMER in request.GET

    def form_for(self, person: Person | None) -> type[CaseForm]:
        """A newcomer's file is written with the draft, and until it is registered."""
        is_new = person is None or registrations.is_new(person)
        return NEWCOMER_FORM if is_new else self.form_class

    def open(self, **given: Any) -> Case:
        return registrations.open_registration(**given)

    def change(self, **given: Any) -> Case:
        return registrations.change_registration(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        groups = [
            label
            for ground, label in Registration.Ground.choices
            if ground not in {IN_PERIOD, LATE}
        ]
        return super().form_context(request, form) | {
            "off_period": groups,
            "off_period_law": _(
                "With the day of recognition, the department and its evidence: "
                "《安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见》一（二）; "
                "without a wait: 皖医保发〔2024〕6号 一（二）. Everybody else who comes after the "
                "payment period registers with a wait."
            ),
            "household_law": _(
                "Who lives here registers here, wherever the household is registered: "
                "皖医保发〔2024〕6号."
            ),
        }
