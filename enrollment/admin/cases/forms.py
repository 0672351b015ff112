"""What a caseworker fills in: whom an act is about, and what it says.

A form is made from the fields of its model that a kind names (`case_form`); a kind writes a class
of its own only where the model does not say enough.
"""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db import models
from django.forms.models import fields_for_model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.facts import text_of
from enrollment.models import Case, Person, Region
from enrollment.selectors.bills import bills_of, years_on_file
from enrollment.selectors.people import name_of
from enrollment.selectors.scope import Scope

# Days are typed and read as 2026-11-20 in every browser, whatever its own language shows.
DAY = {"class": "tc-w-m", "inputmode": "numeric", "autocomplete": "off", "maxlength": "10"}
DAY_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]

LONG = 100  # characters from which a line of text is given room


class DayField(forms.DateField):
    """A day written 2026-11-20, 2026/11/20 or 20261120."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs=DAY, format=DAY_FORMATS[0])
        kwargs.pop("widget", None)
        super().__init__(widget=widget, input_formats=DAY_FORMATS, **kwargs)


class CountyField(forms.TypedChoiceField):
    """A county, chosen under its city: the twelve-digit code. The form fills in the choices."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)


class DocumentNumberField(forms.CharField):
    """A document number, typed whole; no browser remembers it."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        widget = forms.TextInput(attrs=attributes)
        label = gettext_lazy("number of the document")
        super().__init__(label=label, max_length=32, widget=widget, **kwargs)


class NameField(forms.CharField):
    """A name as it stands in the document."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(label=gettext_lazy("name"), max_length=64, widget=widget, **kwargs)


def capitalise(form: forms.BaseForm) -> None:
    """Begin the labels of a form as those of a model's fields begin."""
    for field in form.fields.values():
        field.label = capfirst(str(field.label or ""))


class CaseForm(forms.Form):
    """What every kind asks. `request_key` makes a form that is sent twice one case.

    `person` is None in the form of an act that is about an area.
    """

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    year = forms.TypedChoiceField(label=gettext_lazy("benefit year"), coerce=int)
    channel = forms.ChoiceField(
        label=gettext_lazy("channel"),
        choices=Case.Channel.choices,
        initial=Case.Channel.COUNTER,
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=255,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    required_css_class = "required"

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.person = person
        capitalise(self)
        if "year" in self.fields:
            cast("forms.ChoiceField", self.fields["year"]).choices = [
                (str(year), str(year)) for year in self.years()
            ]
        self._fill_counties()

    @property
    def whom(self) -> Person:
        """The person that the act is about; an act about an area has none (LookupError)."""
        if self.person is None:
            raise LookupError("this act is about no person")
        return self.person

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page groups them: heading, fields. One group has no heading."""
        return [("", self.visible_fields())]

    def years(self) -> list[int]:
        """The years that the act can be for, the likeliest first."""
        if self.person is None:
            return sorted(years_on_file(), reverse=True)
        return sorted(bills_of(self.person.pk, years_on_file()), reverse=True)

    def province(self) -> int:
        """The region whose counties are offered: any region of that province."""
        if self.person is not None:
            return self.person.insured_region_id
        return Region.objects.filter(level=Region.Level.PROVINCE).earliest("code").pk

    def _fill_counties(self) -> None:
        asked = [field for field in self.fields.values() if isinstance(field, CountyField)]
        if not asked:
            return
        offered = [("", "—"), *counties_by_city(self.province())]
        for field in asked:
            field.choices = offered

    def says(self, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """What a valid form says, as the services take it: a county goes by its key."""
        return {
            f"{name}_id" if isinstance(self.fields[name], CountyField) else name: value
            for name, value in self.cleaned_data.items()
            if name not in without
        }

    @classmethod
    def values_of(cls, case: Case) -> dict[str, Any]:
        """What the form says of a case that is to be changed."""
        values = {}
        for name, field in cls.base_fields.items():
            source = f"{name}_id" if isinstance(field, CountyField) else name
            if name not in {"request_key", "version"} and hasattr(case, source):
                values[name] = getattr(case, source)
        return values


def case_form(
    model: type[Case], asks: tuple[str, ...], base: type[CaseForm] = CaseForm
) -> type[CaseForm]:
    """The form of a kind: the fields of `model` that it asks for, between year and channel.

    Labels, choices, bounds and help come from the model. An amount that is asked for is needed.
    """
    found = fields_for_model(model, fields=asks, formfield_callback=field_of)
    if "amount" in found:
        found["amount"].required = True
        found["amount"].label = gettext_lazy("amount (yuan)")
    own = [name for name in base.declared_fields if name not in CaseForm.declared_fields]
    order = ("year", *asks, *own, "channel", "reason")
    return type(f"{model.__name__}Form", (base,), {**found, "field_order": order})


def field_of(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """A model's field as a form asks for it: days and places in our own ways."""
    if isinstance(field, models.ForeignKey) and field.related_model is Region:
        return CountyField(label=field.verbose_name, required=not field.blank, **kwargs)
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return cast("forms.Field", field.formfield(form_class=DayField, **kwargs))
    if isinstance(field, models.CharField) and not field.choices and (field.max_length or 0) > LONG:
        return field.formfield(widget=forms.TextInput(attrs={"class": "tc-w-xl"}), **kwargs)
    return field.formfield(**kwargs)


@dataclass(frozen=True, slots=True)
class Compared:
    """One field in two versions: what was written here and what is there now."""

    label: str
    written: str
    there: str

    @property
    def differs(self) -> bool:
        return self.written != self.there


def compared(written: CaseForm, there: CaseForm) -> list[Compared]:
    """The visible fields of a form that was sent, beside those of the case as it is now."""
    return [
        Compared(
            str(field.label),
            words_of(field.field, field.value()),
            words_of(there[field.name].field, there[field.name].value()),
        )
        for field in written.visible_fields()
    ]


def words_of(field: forms.Field, value: Any) -> str:
    """A value of a form as people read it: the label of a choice, days and money as on a page."""
    choices = getattr(field, "choices", None)
    if choices is not None:
        for key, label in choices:
            pairs = label if isinstance(label, list | tuple) else [(key, label)]
            for each, words in pairs:
                if str(each) == str(value) and value not in (None, ""):
                    return str(words)
    if value in (None, ""):
        return "—"
    try:
        return text_of(field.to_python(value))
    except forms.ValidationError:
        return str(value)


def counties_by_city(
    region: int, scope: Scope | None = None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Counties of the province that `region` lies in, under their cities; in a scope if given."""
    low = region // 10**10 * 10**10
    rows = Region.objects.filter(
        code__gte=low,
        code__lt=low + 10**10,
        level__in=(Region.Level.CITY, Region.Level.COUNTY),
        valid_to=None,
    ).order_by("code")
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for row in rows:
        if row.level == Region.Level.CITY:
            groups.append((name_of(row), []))
        elif groups and (scope is None or scope.touches(row.code)):
            groups[-1][1].append((str(row.code), name_of(row)))
    return [(city, counties) for city, counties in groups if counties]


class FindForm(forms.Form):
    """Whom an act is about: found by number, name or initials, sent by POST."""

    q = forms.CharField(
        label=gettext_lazy("identity number, name or pinyin initials"), max_length=64
    )
