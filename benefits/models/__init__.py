"""What a person is owed."""

from benefits.models.repair import GapRepair

__all__ = ["GapRepair"]
