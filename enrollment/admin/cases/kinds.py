"""The screens of the kinds that enrollment owns: each a few lines.

Contribution subsidy is the one to copy. What a kind asks for comes from its model; a form class of
its own says only what the model cannot.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from enrollment.admin.cases.forms import CaseForm
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.models import Case, ContributionSubsidy, EnrolmentTransfer
from enrollment.rules.transfer import resident_move_effective
from enrollment.selectors.calendar import business_date
from enrollment.selectors.people import name_of
from enrollment.services import subsidies, transfers


@admin.register(ContributionSubsidy)
class SubsidyAdmin(CaseKindAdmin):
    """资助参保: the model for the screens of the other kinds."""

    kind = subsidies.NAME
    asks = ("funder", "amount", "category")
    columns = ("funder", "money")
    nav_order = 40


class TransferForm(CaseForm):
    """A resident moves from the next benefit year."""

    def years(self) -> list[int]:
        return [resident_move_effective(business_date()).year]


@admin.register(EnrolmentTransfer)
class TransferAdmin(CaseKindAdmin):
    """转移接续."""

    kind = transfers.NAME
    form_class = TransferForm
    asks = ("to_region",)
    columns = ("leaves", "joins")
    nav_order = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).select_related("to_region")

    @admin.display(description=pgettext_lazy("transfer", "leaves"))
    def leaves(self, case: EnrolmentTransfer) -> str:
        return name_of(case.region)

    @admin.display(description=pgettext_lazy("transfer", "joins"))
    def joins(self, case: EnrolmentTransfer) -> str:
        return name_of(case.to_region)
