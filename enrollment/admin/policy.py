"""The law on screen: divisions, documents and parameters, each with how far it was verified."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from enrollment.admin import figures
from enrollment.admin.base import BoundedPaginator, ReadOnlyAdmin, chip
from enrollment.models import PolicyDocument, PolicyParameter, Region
from enrollment.models.person import Category
from enrollment.rules.keys import is_key
from enrollment.rules.money import plain
from enrollment.rules.regions import province_of
from enrollment.selectors.parameters import description_of
from enrollment.selectors.people import name_of

LOOKS = {
    PolicyParameter.Status.VERIFIED: "done",
    PolicyParameter.Status.UNVERIFIED: "waiting",
    PolicyParameter.Status.EXAMPLE: "returned",
}
STATUS_WORDS = {
    PolicyParameter.Status.VERIFIED: gettext_lazy("verified"),
    PolicyParameter.Status.UNVERIFIED: gettext_lazy("not verified"),
    PolicyParameter.Status.EXAMPLE: gettext_lazy("example, not law"),
}


class ShortList(BoundedPaginator):
    """Pages of a reference list of some hundred rows, whose keys are read instead of counted."""

    limit = 5_000

    @cached_property
    def count(self) -> int:
        """Rows of the list, at most `limit`."""
        return len(list(self.object_list[: self.limit]))


class ReferenceAdmin(ReadOnlyAdmin):
    """A list of the law: the same for everybody, short, in an order of its own."""

    scope_field = ""
    keyset = False
    paginator = ShortList
    nav_group = "year"


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    """Administrative divisions, in the order of their codes."""

    scope_field = ""
    oldest_first = True
    nav_group = "system"
    nav_order = 10
    list_display = ("code", "named", "level", "is_pooling_area", "people", "valid_from", "valid_to")
    list_display_links = ("code", "named")
    list_filter = ("level", "is_pooling_area")
    search_fields = ("name", "name_en")
    fields = (
        "code",
        "name",
        "name_en",
        "level",
        "is_pooling_area",
        "population_2020",
        "valid_from",
        "valid_to",
    )

    @admin.display(description=gettext_lazy("name"))
    def named(self, region: Region) -> str:
        return name_of(region)

    @admin.display(description=gettext_lazy("population in the 2020 census"))
    def people(self, region: Region) -> SafeString:
        return format_html('<span class="num">{}</span>', figures.count(region.population_2020))


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(ReferenceAdmin):
    """Official documents, and the parameters that rest on each."""

    nav_order = 50
    list_display = ("__str__", "title", "issuer", "issued_on", "in_force_from")
    search_fields = ("number", "title", "issuer")
    fields = ("number", "title", "issuer", "issued_on", "in_force_from", "url")
    change_form_template = "enrollment/policy/document.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        document: PolicyDocument = context["original"]
        rows = document.parameters.select_related("area", "document").order_by("code", "area_id")
        context = {**context, "parameters": [Shown(row) for row in rows]}
        return super().render_change_form(request, context, *args, **kwargs)


class AreaFilter(admin.SimpleListFilter):
    """The provinces and the pooling areas that have a value of their own."""

    title = gettext_lazy("area")
    parameter_name = "in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = Region.objects.filter(pk__in=PolicyParameter.objects.values("area"))
        return [(str(region.pk), name_of(region)) for region in named]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(area=int(value)) if is_key(value) else queryset.none()


class SubjectFilter(admin.SimpleListFilter):
    """The first part of the code: contribution, collection, subsidy, waiting …"""

    title = gettext_lazy("subject")
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = PolicyParameter.objects.values_list("code", flat=True).order_by().distinct()
        subjects = sorted({code.partition(".")[0] for code in codes})
        return [(name, str(SUBJECTS.get(name, name))) for name in subjects]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(code__startswith=f"{value}.") if value else queryset


SUBJECTS = {
    "account_sharing": pgettext_lazy("subject", "sharing of personal accounts"),
    "anhui_fund": pgettext_lazy("subject", "adjustment fund of Anhui"),
    "benefit": pgettext_lazy("subject", "benefits"),
    "budget": pgettext_lazy("subject", "budget"),
    "calendar": pgettext_lazy("subject", "calendar"),
    "cap": pgettext_lazy("subject", "cap"),
    "collection": pgettext_lazy("subject", "collection"),
    "contribution": pgettext_lazy("subject", "contribution"),
    "duplicates": pgettext_lazy("subject", "duplicates"),
    "employee": pgettext_lazy("subject", "employee scheme"),
    "incentive": pgettext_lazy("subject", "incentive for continuous cover"),
    "indicators": pgettext_lazy("subject", "indicators"),
    "penalty": pgettext_lazy("subject", "deduction for breaks"),
    "refund": pgettext_lazy("subject", "refund"),
    "repair": pgettext_lazy("subject", "gap repair"),
    "retirement": pgettext_lazy("subject", "retirement"),
    "risk": pgettext_lazy("subject", "risk"),
    "sichuan_fund": pgettext_lazy("subject", "adjustment fund of Sichuan"),
    "subsidy": pgettext_lazy("subject", "subsidy"),
    "transfer": pgettext_lazy("subject", "transfer"),
    "waiting": pgettext_lazy("subject", "waiting period"),
    "zero_claim": pgettext_lazy("subject", "incentive for no claim"),
}


@admin.register(PolicyParameter)
class PolicyParameterAdmin(ReferenceAdmin):
    """Numbers of law: what, where, from when, by which clause, and how far verified."""

    nav_order = 40
    list_per_page = 100
    list_display = ("what", "area", "shown_value", "days", "basis", "standing", "verified")
    list_display_links = ("what",)
    list_select_related = ("area", "document")
    list_filter = ("status", SubjectFilter, AreaFilter)
    search_fields = ("code", "note", "clause")
    fields = (
        "what",
        "code",
        "area",
        "scheme",
        "days",
        "shown_value",
        "basis",
        "standing",
        "verified_on",
        "url",
        "note",
    )
    readonly_fields = ("what", "days", "shown_value", "basis", "standing")
    ordering = ("code", "area", "valid")
    change_form_template = "enrollment/policy/parameter.html"

    @admin.display(description=gettext_lazy("parameter"), ordering="code")
    def what(self, parameter: PolicyParameter) -> SafeString:
        return format_html(
            '{}<br><span class="quiet small">{}</span>',
            description_of(parameter.code),
            parameter.code,
        )

    @admin.display(description=gettext_lazy("value"))
    def shown_value(self, parameter: PolicyParameter) -> SafeString | str:
        text = text_of(parameter)
        return nowrap(text) if len(text) <= SHORT_VALUE else text

    @admin.display(description=gettext_lazy("valid"), ordering="valid")
    def days(self, parameter: PolicyParameter) -> SafeString:
        return nowrap(days_of(parameter))

    @admin.display(description=gettext_lazy("document and clause"))
    def basis(self, parameter: PolicyParameter) -> SafeString | str:
        return basis_of(parameter)

    @admin.display(description=gettext_lazy("last verified on"), ordering="verified_on")
    def verified(self, parameter: PolicyParameter) -> SafeString:
        return nowrap(figures.day(parameter.verified_on))

    @admin.display(description=gettext_lazy("standing"), ordering="status")
    def standing(self, parameter: PolicyParameter) -> SafeString:
        return mark(parameter.status)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        parameter: PolicyParameter = context["original"]
        context = {
            **context,
            "siblings": siblings_of(parameter),
            "heading": description_of(parameter.code),
        }
        return super().render_change_form(request, context, *args, **kwargs)


class Shown:
    """A parameter as a row of a table in a page of the law."""

    def __init__(self, parameter: PolicyParameter) -> None:
        self.parameter = parameter
        self.description = description_of(parameter.code)
        self.area = name_of(parameter.area)
        self.value = text_of(parameter)
        self.days = days_of(parameter)
        self.basis = basis_of(parameter)
        self.mark = mark(parameter.status)


def siblings_of(parameter: PolicyParameter) -> list[Shown]:
    """The other values of the same parameter in its area and its province, oldest first."""
    rows = PolicyParameter.objects.select_related("area", "document").filter(
        Q(area=parameter.area_id) | Q(area=province_of(parameter.area_id)), code=parameter.code
    )
    return [Shown(row) for row in rows.order_by("area", "valid")]


def mark(status: str) -> SafeString:
    """未核实, 示例 or verified, as a word with its shape."""
    known = PolicyParameter.Status(status)
    return chip(STATUS_WORDS[known], LOOKS[known])


LONGEST_TITLE = 14
SHORT_VALUE = 16


def basis_of(parameter: PolicyParameter) -> SafeString | str:
    """Document number (or the beginning of its title) and clause; a dash for no document."""
    document = parameter.document
    if document is None:
        return figures.DASH
    address = reverse("admin:enrollment_policydocument_change", args=[document.pk])
    title = Truncator(document.title).chars(LONGEST_TITLE)
    return format_html(
        '<a href="{}" title="{}">{}</a><br><span class="small">{}</span>',
        address,
        document.title,
        document.number or f"《{title}》",
        parameter.clause,
    )


def nowrap(text: str) -> SafeString:
    """A text of one line."""
    return format_html('<span class="nowrap">{}</span>', text)


def days_of(parameter: PolicyParameter) -> str:
    """First and last day, both inside; open ends in words."""
    if parameter.withdrawn_on is not None:
        return _("withdrawn on %(day)s, never in force") % {
            "day": figures.day(parameter.withdrawn_on)
        }
    first = figures.day(parameter.valid.lower)
    last = figures.last_day(parameter.valid)
    if last is None:
        return _("from %(first)s") % {"first": first}
    return _("%(first)s to %(last)s") % {"first": first, "last": figures.day(last)}


# Values in words ----------------------------------------------------------------------------------

UNIT_WORDS = {
    "yuan": gettext_lazy("%(value)s yuan"),
    "months": gettext_lazy("%(value)s months"),
    "years": gettext_lazy("%(value)s years"),
    "days": gettext_lazy("%(value)s days"),
    "working_days": gettext_lazy("%(value)s working days"),
    "month_of_year": gettext_lazy("month %(value)s"),
    "multiple": gettext_lazy("%(value)s times"),
}


def text_of(parameter: PolicyParameter) -> str:
    """The value of a parameter as it is read."""
    return value_text(parameter.unit, parameter.value)


def value_text(unit: str, value: Any) -> str:
    """A stored value as it is read: money with its unit, shares in per cent, days of the year."""
    match unit:
        case "flag":
            return _("yes") if value else _("no")
        case "rate":
            return percent(value)
        case "rate_range":
            low, high = value
            return percent(low) if low == high else f"{percent(low)} – {percent(high)}"
        case "points_range":
            low, high = value
            return f"{low} – {high}"
        case "codes" | "rates":
            in_words = percent if unit == "rates" else word_of
            return _(", ").join(map(in_words, value))
        case "choice":
            return word_of(value)
        case "year_day":
            return year_day(value)
        case "day_window":
            return _("%(first)s to %(last)s") % {
                "first": year_day(value["first"]),
                "last": year_day(value["last"]),
            }
        case "work_calendar":
            return _("%(free)d days off, %(worked)d days worked instead") % {
                "free": len(value["holidays"]),
                "worked": len(value["workdays"]),
            }
    text = figures.yuan(decimal(value)) if unit == "yuan" else str(value)
    words = UNIT_WORDS.get(unit)
    return str(words) % {"value": text} if words else text


def decimal(value: Any) -> Decimal:
    """An exact number of a stored JSON."""
    return Decimal(str(value))


def percent(share: Any) -> str:
    """0.05 is 5%."""
    return f"{plain(decimal(share) * 100)}%"


def word_of(code: str) -> str:
    """A category by its name, any other code as it is written."""
    return str(Category(code).label) if code in Category.values else code


def year_day(text: str) -> str:
    """ "Y-1 09-01" in words: 1 September of the year before."""
    if text == "none":
        return _("none")
    year, _space, day = text.partition(" ")
    offset = year.removeprefix("Y")
    day = _("%(month)s last day") % {"month": day[:2]} if day.endswith("end") else day
    if not offset:
        return _("of the year, %(day)s") % {"day": day}
    if offset == "-1":
        return _("of the year before, %(day)s") % {"day": day}
    return f"Y{offset} {day}"
