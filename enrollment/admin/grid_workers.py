"""Grid workers (网格员) on screen: kept by the county, a township or village each."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin.base import KeysetChangeList, ScopedAdmin
from enrollment.admin.cases.forms import DayField, capitalise
from enrollment.imports.problems import LineRefused
from enrollment.imports.values import read_phone
from enrollment.models import GridWorker, User
from enrollment.rules.regions import fill_code
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import places
from enrollment.services.grid_workers import check_grid_worker, keep_grid_worker
from enrollment.services.refusals import Refused


class GridWorkerForm(forms.ModelForm):
    """Where, who, and on which days; the phone is typed anew or stays."""

    region_code = forms.CharField(
        label=gettext_lazy("township or village"),
        max_length=12,
        help_text=gettext_lazy("Nine digits of a township, twelve of a village."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=64)
    contact = forms.CharField(
        label=gettext_lazy("phone"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Kept sealed; shown to nobody in lists."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first = DayField(label=pgettext_lazy("duty", "first day"))
    last = DayField(
        label=pgettext_lazy("duty", "last day"),
        required=False,
        help_text=gettext_lazy("Empty: until it is ended."),
    )

    class Meta:
        model = GridWorker
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        capitalise(self)
        worker = self.instance
        if worker.pk is None:
            self.initial = {"first": business_date(), **self.initial}
            return
        days = worker.valid
        self.fields["region_code"].disabled = True
        self.initial = dict(self.initial) | {
            "region_code": str(worker.region),
            "name": worker.name,
            "contact": worker.contact,
            "first": days.lower,
            "last": days.upper - timedelta(days=1) if days.upper else None,
        }

    def clean_region_code(self) -> int:
        """The twelve-digit code of a township or village."""
        text = self.cleaned_data["region_code"].strip()
        try:
            return fill_code(text)
        except ValueError as error:
            raise ValidationError(_("A township has nine digits, a village twelve.")) from error

    def clean_contact(self) -> str:
        """A phone number without blanks."""
        try:
            return read_phone(self.cleaned_data["contact"], "contact")
        except LineRefused as error:
            raise ValidationError(_("This is no phone number.")) from error

    def clean(self) -> dict[str, Any]:
        """What would be refused stands under its field."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            check_grid_worker(
                user=self.user,  # type: ignore[attr-defined]  # given by the admin
                worker=self.instance if self.instance.pk else None,
                region=cleaned["region_code"],
                first=cleaned["first"],
                last=cleaned["last"],
            )
        except Refused as refused:
            self.add_error(refused.field or None, str(refused))
        return cleaned


class WorkerChangeList(KeysetChangeList):
    """With the places that the workers of a page serve: one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = places(worker.region for worker in self.result_list)
        for worker in self.result_list:
            worker.place = names[worker.region]


@admin.register(GridWorker)
class GridWorkerAdmin(ScopedAdmin):
    """Who serves which township or village; what is entered ends by its last day."""

    form = GridWorkerForm
    fields = ("region_code", "name", "contact", "first", "last")
    nav_group = "enrollment"
    nav_order = 60
    list_display = ("name", "where", "region", "since", "to")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WorkerChangeList

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("OfficersForm", (form,), {"user": cast("User", request.user)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        asked = form.cleaned_data
        kept = keep_grid_worker(
            user=cast("User", request.user),
            worker=obj if change else None,
            region=asked["region_code"],
            **{name: asked[name] for name in ("name", "contact", "first", "last")},
        )
        obj.pk, obj.name, obj.region = kept.pk, kept.name, kept.region

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """As Django's; of two who enter the same at once the second is told."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.path)

    @admin.display(description=gettext_lazy("serves"))
    def where(self, worker: Any) -> str:
        return str(worker.place)

    @admin.display(description=pgettext_lazy("duty", "from"))
    def since(self, worker: GridWorker) -> str:
        return f"{worker.valid.lower:%Y-%m-%d}"

    @admin.display(description=pgettext_lazy("duty", "until"))
    def to(self, worker: GridWorker) -> str:
        last = worker.valid.upper
        return f"{last - timedelta(days=1):%Y-%m-%d}" if last else "—"
