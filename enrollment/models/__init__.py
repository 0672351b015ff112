"""The register, the policy, the case and the year. One module an aggregate."""

from enrollment.models.access import PersonAccess
from enrollment.models.case import (
    Case,
    CaseEvent,
    CaseReversal,
)
from enrollment.models.case_file import CaseComment, CaseFile, CaseFileAccess
from enrollment.models.case_total import CaseMonth, CaseTotal
from enrollment.models.change import Change, ChangeTaken
from enrollment.models.clearing import SuspenseClearing
from enrollment.models.collection import CollectionDay, CollectionTotal, OpenedTotal, PeopleTotal
from enrollment.models.control_total import ControlTotal, DayClose, ReceiptDay
from enrollment.models.correction import IdentityCorrection
from enrollment.models.duplicate import DuplicateResolution
from enrollment.models.duty import Duty, RoleConflict
from enrollment.models.enrollment import Award, Enrollment, Fallout
from enrollment.models.finding import DuplicateSearch, Finding, SchoolAttendance
from enrollment.models.history import History
from enrollment.models.imports import (
    Import,
    ImportAnswer,
    ImportEffect,
    ImportPart,
    ImportReject,
)
from enrollment.models.person import Person, PersonCategory
from enrollment.models.policy import PolicyDocument, PolicyParameter
from enrollment.models.push import GridWorker, Push, PushDay, PushTotal, StepDeadline
from enrollment.models.receipt import Receipt
from enrollment.models.recognition import CategoryRecognition
from enrollment.models.recognition_list import ListedChange, RecognitionList
from enrollment.models.refund import Refund
from enrollment.models.region import Region
from enrollment.models.registration import Registration
from enrollment.models.screen_export import ScreenExport
from enrollment.models.setting import ParameterSetting
from enrollment.models.subsidy import ContributionSubsidy
from enrollment.models.transfer import EnrolmentTransfer
from enrollment.models.user import User
from enrollment.models.year import (
    ShardTotal,
    StepQuota,
    StepShard,
    StepTerms,
    StepTotal,
    YearRun,
    YearStep,
)

__all__ = [
    "Award",
    "Case",
    "CaseComment",
    "CaseEvent",
    "CaseFile",
    "CaseFileAccess",
    "CaseMonth",
    "CaseReversal",
    "CaseTotal",
    "CategoryRecognition",
    "Change",
    "ChangeTaken",
    "CollectionDay",
    "CollectionTotal",
    "ContributionSubsidy",
    "ControlTotal",
    "DayClose",
    "DuplicateResolution",
    "DuplicateSearch",
    "Duty",
    "Enrollment",
    "EnrolmentTransfer",
    "Fallout",
    "Finding",
    "GridWorker",
    "History",
    "IdentityCorrection",
    "Import",
    "ImportAnswer",
    "ImportEffect",
    "ImportPart",
    "ImportReject",
    "ListedChange",
    "OpenedTotal",
    "ParameterSetting",
    "PeopleTotal",
    "Person",
    "PersonAccess",
    "PersonCategory",
    "PolicyDocument",
    "PolicyParameter",
    "Push",
    "PushDay",
    "PushTotal",
    "Receipt",
    "ReceiptDay",
    "RecognitionList",
    "Refund",
    "Region",
    "Registration",
    "RoleConflict",
    "SchoolAttendance",
    "ScreenExport",
    "ShardTotal",
    "StepDeadline",
    "StepQuota",
    "StepShard",
    "StepTerms",
    "StepTotal",
    "SuspenseClearing",
    "User",
    "YearRun",
    "YearStep",
]
