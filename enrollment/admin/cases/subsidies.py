"""Contribution subsidy (资助参保) on screen: one person's, and a pasted list of many.

The one to copy. What a kind asks for comes from its model; a form class of its own says only what
the model cannot.
"""

import uuid
from dataclasses import astuple
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.admin.cases.forms import CaseForm
from enrollment.admin.cases.lists import page_of
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.admin.statuses import NumbersForm
from enrollment.models import Award, Case, ContributionSubsidy
from enrollment.models.subsidy import PERSONAL_ACCOUNT
from enrollment.selectors import statuses
from enrollment.selectors.bills import ASSISTANCE, bills_of, years_on_file, years_open
from enrollment.selectors.calendar import business_date
from enrollment.selectors.sharing import Sharing, read_sharing
from enrollment.selectors.statuses import LINES, Asked
from enrollment.selectors.subsidies import Offer, offers_of
from enrollment.services import subsidies, subsidy_batches
from enrollment.services.refusals import Refused
from enrollment.services.subsidy_batches import Batch

SALT, VALID_SECONDS = "tongchou.subsidies", 3600
FUNDERS: list[tuple[str, Any]] = list(ContributionSubsidy._meta.get_field("funder").flatchoices)


def offers_for(person_id: int) -> list[Offer]:
    """What medical assistance pays of the bills that are still open, the latest year first."""
    bills = bills_of(person_id, years_on_file())
    unpaid = [row for row in bills.values() if row.ended_on is None and row.paid < row.payable]
    offers = offers_of(unpaid, business_date())
    return [offers[key] for key in sorted(offers, reverse=True)]


class SubsidyForm(CaseForm):
    """A new form proposes what the quota of the area still owes; the account is named by its
    owner's number, which a draft shows to nobody again."""

    owner_number = forms.CharField(
        label=gettext_lazy("identity number of the owner"),
        max_length=32,
        required=False,
        widget=forms.TextInput(
            attrs={"class": "tc-w-l", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=gettext_lazy("A member of the employee scheme. In a draft: empty, it stays."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["year", "funder", "amount", "category", "giver", "owner_number"])
        self.offers = offers_for(self.whom.pk) if self.person else []
        due = next((offer for offer in self.offers if offer.missing), None)
        if due is not None and not self.initial.keys() & {"version", "funder"}:
            self.initial["year"] = due.bill.year
            self.initial["funder"] = ASSISTANCE
            self.initial["category"] = due.category
            self.initial["amount"] = due.missing

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The money, then what a relative's account needs beside it."""
        account = ("owner_number", *subsidies.OF_AN_ACCOUNT)
        rest = [each for each in self.visible_fields() if each.name not in account]
        return [
            (_("Subsidy"), rest),
            (_("Only for a relative's personal account"), [self[name] for name in account]),
        ]


class ManyForm(NumbersForm):
    """A pasted list and what it says of everybody on it; the numbers are not shown again."""

    year = forms.TypedChoiceField(label=gettext_lazy("benefit year"), coerce=int)
    funder = forms.ChoiceField(label=gettext_lazy("funder"), choices=FUNDERS)
    amount = forms.DecimalField(
        label=gettext_lazy("amount (yuan)"),
        max_digits=8,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        help_text=gettext_lazy(
            "Empty: each gets what is due, by the quota of the area or all that is left to pay."
        ),
    )
    giver = forms.CharField(
        label=gettext_lazy("name of the giver"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "tc-w-l"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"class": "tc-w-xl"}),
    )
    kinship = forms.CharField(
        label=gettext_lazy("proof of the relation"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"class": "tc-w-xl"}),
        help_text=gettext_lazy("Of an account, for every line that names none of its own."),
    )
    consent = forms.CharField(
        label=gettext_lazy("consent of the owner"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"class": "tc-w-xl"}),
        help_text=gettext_lazy("Of an account, for every line that names none of its own."),
    )
    field_order = ("year", "funder", "amount", "giver", "reason", "kinship", "consent", "numbers")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        years = sorted(years_open(business_date()), reverse=True)
        cast("forms.ChoiceField", self.fields["year"]).choices = [(str(y), str(y)) for y in years]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("funder") == Award.Funder.OTHER and not told.get("giver", "").strip():
            self.add_error("giver", str(subsidies.GiverMissing()))
        if told.get("funder") == ASSISTANCE and told.get("amount"):
            self.add_error(
                "amount", _("Medical assistance pays each by the quota: leave it empty.")
            )
        of_accounts = told.get("funder") == PERSONAL_ACCOUNT
        if of_accounts and told.get("giver", "").strip():
            self.add_error("giver", _("An account pays, and no giver: leave it empty."))
        for name in ("kinship", "consent"):
            if told.get(name) and not of_accounts:
                self.add_error(name, str(subsidies.OnlyOfAnAccount()))
        return told


@admin.register(ContributionSubsidy)
class SubsidyAdmin(CaseKindAdmin):
    """资助参保: the model for the screens of the other kinds."""

    kind = subsidies.NAME
    asks = ("funder", "amount", "category", "giver", "relation", "kinship", "consent")
    columns = ("funder", "money")
    form_class = SubsidyForm
    form_template = "enrollment/case/subsidy_form.html"
    change_list_template = "enrollment/case/subsidy_list.html"
    nav_order = 40

    def open(self, **given: Any) -> Case:
        return subsidies.open_subsidy(**given)

    def change(self, **given: Any) -> Case:
        return subsidies.change_subsidy(**given)

    def form_context(self, request: HttpRequest, form: CaseForm) -> dict[str, Any]:
        offers = cast("SubsidyForm", form).offers
        add = reverse("admin:enrollment_contributionsubsidy_add")
        return super().form_context(request, form) | {
            "offers": [(offer, f"{add}?{self._proposes(offer)}") for offer in offers],
            "quota_law": _(
                "The most favourable category counts, alone: 皖医保发〔2024〕6号 一（一）. Others "
                "pay at most the personal share."
            ),
        }

    def _proposes(self, offer: Offer) -> str:
        """The form filled in as the quota says."""
        return (
            f"person={offer.bill.person_id}&year={offer.bill.year}&funder={ASSISTANCE}"
            f"&category={offer.category}&amount={offer.missing}"
        )

    # Many at once.

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "many/",
            self.admin_site.admin_view(self.many_view),
            name="enrollment_contributionsubsidy_many",
        )
        return [own, *super().get_urls()]

    def many_view(self, request: HttpRequest) -> HttpResponse:
        """The empty form; by POST the preview of its list; by a second POST the drafts."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST" and "lines" in request.POST:
            return self._open_many(request)
        form = ManyForm(request.POST if request.method == "POST" else None)
        if not form.is_bound or not form.is_valid():
            return self._many(request, form=form)
        told = form.cleaned_data
        text = told.pop("numbers")
        asked = statuses.read_numbers(text)
        shares = read_sharing(text) if told["funder"] == PERSONAL_ACCOUNT else {}
        batch = Batch(key=uuid.uuid4(), sharing=shares, **told)
        try:
            lines = subsidy_batches.preview(batch=batch, asked=asked)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
            return self._many(request, form=form)
        return self._many(request, form=form, **self._planned(request, batch, asked, lines))

    def _planned(
        self, request: HttpRequest, batch: Batch, asked: list[Asked], lines: list[Any]
    ) -> dict[str, Any]:
        possible = [line for line in lines if not line.refused]
        return {
            "lines": lines,
            "batch": batch,
            "funder": dict(FUNDERS)[batch.funder],
            "of_accounts": batch.funder == PERSONAL_ACCOUNT,
            "possible": len(possible),
            "refused": len(lines) - len(possible),
            "total": sum((line.amount for line in possible), Decimal(0)),
            "sealed": self._sealed(request, batch, asked),
        }

    def _open_many(self, request: HttpRequest) -> HttpResponse:
        """What the preview showed, asked once more line by line."""
        found = self._unsealed(request)
        if found is None:
            return self._many(request, form=ManyForm(), expired=True)
        batch, asked = found
        ticked = request.POST.getlist("line")
        chosen = [each for each in asked if str(each.line) in ticked]
        try:
            lines = subsidy_batches.preview(batch=batch, asked=asked)
            if not chosen:
                return self._many(
                    request, untick=True, **self._planned(request, batch, asked, lines)
                )
            lines = [line for line in lines if line.asked in chosen]
        except Refused as refused:
            self.message_user(request, str(refused))
            return self._many(request, form=ManyForm())
        opened = subsidy_batches.open_drafts(
            batch=batch, lines=lines, maker=cast("Any", request.user)
        )
        done = [each for each in opened if each.case]
        return self._many(
            request,
            opened=[(each, page_of(each.case) if each.case else "") for each in opened],
            done=done,
            refused=len(opened) - len(done),
        )

    def _many(self, request: HttpRequest, **context: Any) -> HttpResponse:
        title = _("Contribution subsidies of many people")
        template = "enrollment/case/subsidy_many.html"
        columns = _(
            "For relatives' accounts the columns behind it are: number of the owner, what the "
            "owner is to the person (父母, 子女, 配偶), and where they differ from above proof and "
            "consent."
        )
        told = {"most": LINES, "columns": columns, **context}
        return self._respond(request, template, title, told)

    # The list goes round as keys of files, signed for the user.

    def _sealed(self, request: HttpRequest, batch: Batch, asked: list[Asked]) -> str:
        said = [str(batch.key), batch.year, batch.funder, batch.giver]
        money = None if batch.amount is None else str(batch.amount)
        rows = [[each.line, each.mask, each.outcome, each.person_id] for each in asked]
        shares = [[line, *astuple(each)] for line, each in batch.sharing.items()]
        accounts = [batch.kinship, batch.consent, shares]
        return signing.dumps(
            [*said, money, batch.reason, accounts, rows],
            salt=f"{SALT}.{request.user.pk}",
            compress=True,
        )

    def _unsealed(self, request: HttpRequest) -> tuple[Batch, list[Asked]] | None:
        """What this user was shown within the hour; None for anything else."""
        salt = f"{SALT}.{request.user.pk}"
        try:
            told = signing.loads(request.POST["lines"], salt=salt, max_age=VALID_SECONDS)
        except signing.BadSignature:
            return None
        key, year, funder, giver, money, reason, (kinship, consent, shares), rows = told
        batch = Batch(
            key=uuid.UUID(key),
            year=year,
            funder=funder,
            giver=giver,
            amount=None if money is None else Decimal(money),
            reason=reason,
            kinship=kinship,
            consent=consent,
            sharing={line: Sharing(*each) for line, *each in shares},
        )
        return batch, [Asked(*row) for row in rows]
