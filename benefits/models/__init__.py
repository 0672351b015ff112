"""What a person is owed."""

from benefits.models.claim import Claim, ClaimUse
from benefits.models.override import WaitingOverride
from benefits.models.repair import GapRepair
from benefits.models.retirement import RetirementAssessment
from benefits.models.standing import Standing, StandingSum, StandingTerms

__all__ = [
    "Claim",
    "ClaimUse",
    "GapRepair",
    "RetirementAssessment",
    "Standing",
    "StandingSum",
    "StandingTerms",
    "WaitingOverride",
]
