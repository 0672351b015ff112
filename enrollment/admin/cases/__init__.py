"""Cases on screen: lists, the form of each kind, the page of one case, and the moves of its life.

`CaseKindAdmin` is what a kind derives from, in whatever app: it names the kind and what it asks
for, and where needed its own form and templates. Every move is a POST to one view that calls one
service; a refusal comes back as a sentence at the field that caused it.
"""

from enrollment.admin.cases.clearings import ClearingAdmin
from enrollment.admin.cases.facts import text_of
from enrollment.admin.cases.files import CaseFileAccessAdmin
from enrollment.admin.cases.forms import (
    CaseForm,
    CountyField,
    DayField,
    case_form,
    counties_by_city,
)
from enrollment.admin.cases.kinds import RefundAdmin
from enrollment.admin.cases.lists import due_text, page_of
from enrollment.admin.cases.panel import PERSON_PANEL, listed
from enrollment.admin.cases.registrations import RegistrationAdmin
from enrollment.admin.cases.reversals import ReversalAdmin
from enrollment.admin.cases.screens import CaseKindAdmin
from enrollment.admin.cases.settings import SettingAdmin
from enrollment.admin.cases.starting import startable
from enrollment.admin.cases.subsidies import SubsidyAdmin
from enrollment.admin.cases.transfers import TransferAdmin
from enrollment.admin.cases.worklist import AllCasesAdmin

__all__ = [
    "PERSON_PANEL",
    "AllCasesAdmin",
    "CaseFileAccessAdmin",
    "CaseForm",
    "CaseKindAdmin",
    "ClearingAdmin",
    "CountyField",
    "DayField",
    "RefundAdmin",
    "RegistrationAdmin",
    "ReversalAdmin",
    "SettingAdmin",
    "SubsidyAdmin",
    "TransferAdmin",
    "case_form",
    "counties_by_city",
    "due_text",
    "listed",
    "page_of",
    "startable",
    "text_of",
]
