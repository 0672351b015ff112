"""Fund movements (资金划拨) on screen: first the purpose, then what that purpose asks for."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.base import number
from enrollment.admin.cases import CaseForm, CaseKindAdmin, CountyField, counties_by_city
from enrollment.models import Case, Person, Region
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of, places, short_name_of
from enrollment.selectors.scope import scope_for
from funds.admin.scope import scope_of
from funds.models import FundMovement, Kind, Level, Reason
from funds.models.movement import HOLDINGS, OF_A_LEVEL, PURPOSES
from funds.selectors.ledger import entries_of
from funds.selectors.settlements import cities_of, method_of
from funds.services import fund_movements, movements
from funds.services.fund_movements import ASKED_BY, SICHUAN

ADD = "funds.add_fundmovement"
# The purposes as somebody looks for them.
GROUPS = (
    (
        gettext_lazy("Money that comes in"),
        (
            Reason.TREASURY_PAID_OVER, Reason.SUBSIDY_DUE, Reason.SUBSIDY_RECEIVED,
            Reason.ASSISTANCE_FUNDED, Reason.ASSISTANCE_PAID, Reason.SPONSOR_PAID,
            Reason.INTEREST_RECEIVED,
        ),
    ),
    (
        gettext_lazy("Money that goes out"),
        (
            Reason.DRAWN, Reason.COUNTY_RETURNED, Reason.BENEFIT_PAID, Reason.BENEFIT_RECOVERED,
            Reason.REFUND_PAID,
        ),
    ),
    (
        gettext_lazy("Losses and the reserve"),
        (Reason.VIOLATION_FOUND, Reason.VIOLATION_COVERED, Reason.RESERVE_USED),
    ),
    (
        gettext_lazy("Beginning and end"),
        (Reason.OPENING_BALANCE, Reason.YEAR_CLOSED),
    ),
)  # fmt: skip


class MovementForm(CaseForm):
    """What the chosen purpose asks for; its day decides the year."""

    region = CountyField(label=gettext_lazy("books of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self.data.get("purpose") or self.initial.get("purpose") or "")
        if chosen not in PURPOSES:
            raise Http404
        self.purpose = Reason(chosen)
        for name in ("year", "channel"):
            del self.fields[name]
        self.fields["purpose"].widget = forms.HiddenInput()
        for name, purposes in ASKED_BY.items():
            if self.purpose not in purposes:
                del self.fields[name.removesuffix("_id")]
            else:
                self.fields[name.removesuffix("_id")].required = True
        if "holding" in self.fields:
            offered = _holdings(self.purpose)
            known = [("", "—"), *((kind.value, kind.label) for kind in offered)]
            cast("forms.ChoiceField", self.fields["holding"]).choices = known
        if self.purpose == Reason.YEAR_CLOSED:
            del self.fields["amount"]
            self.initial.setdefault("occurred_on", date(business_date().year - 1, 12, 31))
        self.initial.setdefault("occurred_on", business_date())
        self.initial.setdefault("scheme", Person.Scheme.RESIDENT)
        self.order_fields(["purpose", "scheme", "region"])

    def _fill_counties(self) -> None:
        """The province, its pooling areas, and the counties of each."""
        province = Region.objects.filter(pk=settings.PROVINCE).first()
        offered: list[Any] = [("", "—")]
        if province is not None:
            offered.append((str(province.pk), name_of(province)))
        cities = {city.pk: city for city in cities_of(settings.PROVINCE)}
        names = {name_of(city): city for city in cities.values()}
        for name, counties in counties_by_city(settings.PROVINCE):
            city = names.get(name)
            own = [(str(city.pk), name)] if city else []
            offered.append((name, own + counties))
        cast("CountyField", self.fields["region"]).choices = offered
        if "receiver" in self.fields:
            cast("CountyField", self.fields["receiver"]).choices = [
                ("", "—"),
                *((str(code), name_of(city)) for code, city in cities.items()),
            ]


@admin.register(FundMovement)
class MovementAdmin(CaseKindAdmin):
    """资金划拨."""

    kind = fund_movements.NAME
    starts_with = "purpose"
    about_person = False
    form_class = MovementForm
    choose_template = "funds/movement_choose.html"
    form_template = "funds/movement_form.html"
    page_template = "funds/movement_page.html"
    asks = (
        "purpose", "scheme", "occurred_on", "amount", "document", "level", "holding", "receiver",
        "event", "evidence",
    )  # fmt: skip
    columns = ("what", "of_scheme", "books", "day", "sum")
    effect_label = gettext_lazy("Post to the ledger")
    nav_group = "funds"
    nav_order = 8

    @admin.display(description=gettext_lazy("purpose"))
    def what(self, case: FundMovement) -> str:
        level = f" · {case.get_level_display()}" if case.level else ""
        return f"{case.get_purpose_display()}{level}"

    @admin.display(description=gettext_lazy("scheme"))
    def of_scheme(self, case: FundMovement) -> str:
        return str(case.get_scheme_display())

    @admin.display(description=gettext_lazy("books of"))
    def books(self, case: FundMovement) -> str:
        return short_name_of(case.region)

    @admin.display(description=gettext_lazy("occurred on"))
    def day(self, case: FundMovement) -> str:
        return f"{case.occurred_on:%Y-%m-%d}"

    @admin.display(description=gettext_lazy("amount (yuan)"))
    def sum(self, case: FundMovement) -> str:
        return number(case.amount)

    def begins(self, request: HttpRequest) -> None:
        """A movement is about nobody; its address names the purpose."""
        if request.GET["purpose"] not in PURPOSES:
            raise Http404

    def choose(self, request: HttpRequest) -> HttpResponse:
        """The purposes of the list, each with what it moves."""
        groups = [
            (heading, [(each, *_told(each)) for each in purposes if _is_offered(each)])
            for heading, purposes in GROUPS
        ]
        title = _("New case: %(kind)s") % {"kind": self.opts.verbose_name}
        return self._respond(request, self.choose_template, title, {"groups": groups})

    def open(self, **given: Any) -> Case:
        if not scope_for(given["maker"], ADD).allows(given["region_id"]):
            raise fund_movements.BooksNotYours
        return fund_movements.open_movement(**given)

    def change(self, **given: Any) -> Case:
        return fund_movements.change_movement(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        purpose = cast("MovementForm", form).purpose
        debited, credited = _told(purpose)
        return {
            "purpose": purpose,
            "debited": debited,
            "credited": credited,
            "law": _(
                "The funds are earmarked: 鄂政办发〔2020〕9号 三（五）, 川办发〔2023〕38号 "
                "二（三） and 二（四）. Nothing is paid that an account does not hold, and nothing "
                "enters a closed month."
            ),
        }

    def page_context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        posts = fund_movements.planned(case)
        names = places({each.area for each in posts})
        return {
            "scope": scope_of(cast("FundMovement", case), business_date()),
            "posts": [(each.kind.label, names[each.area].short, each) for each in posts],
            "entries": entries_of(case.pk),
        }


def _is_offered(purpose: Reason) -> bool:
    """The risk reserve is Sichuan's alone."""
    return purpose != Reason.RESERVE_USED or method_of(settings.PROVINCE) == SICHUAN


def _holdings(purpose: Reason) -> list[Kind]:
    """The accounts that a purpose leaves open, of those that the province has."""
    reserved = method_of(settings.PROVINCE) == SICHUAN
    return [kind for kind in HOLDINGS[purpose] if reserved or kind != Kind.RISK_RESERVE]


def _told(purpose: Reason) -> tuple[str, str]:
    """What a purpose debits and credits, in words."""
    if purpose == Reason.YEAR_CLOSED:
        return str(_("revenue")), str(_("expenditure, and the balance of the fund"))
    if purpose in OF_A_LEVEL:
        debited, credited = movements.moved_by(purpose, Level.CENTRAL)
        general = {
            Kind.RECEIVABLE_CENTRAL: _("subsidy due, by level"),
            Kind.SUBSIDY_CENTRAL: _("subsidy received, by level"),
        }
        return _joined(debited, general), _joined(credited, general)
    if purpose in HOLDINGS:
        moved = [movements.moved_by(purpose, None, kind) for kind in _holdings(purpose)]
        left = tuple(dict.fromkeys(kind for debit, _credit in moved for kind in debit))
        right = tuple(dict.fromkeys(kind for _debit, credit in moved for kind in credit))
        return _joined(left, {}, _(" or ")), _joined(right, {}, _(" or "))
    debited, credited = movements.moved_by(purpose)
    return _joined(debited, {}), _joined(credited, {})


def _joined(kinds: tuple[Kind, ...], general: dict[Kind, str], between: str = "、") -> str:
    return between.join(str(general.get(kind, kind.label)) for kind in kinds)
