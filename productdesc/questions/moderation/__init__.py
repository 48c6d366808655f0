"""Moderation: may these photos and texts be published where they are to go?"""

from __future__ import annotations

from .moderation_policy import ModerationPolicy, PolicyCategory
from .reasons import ModerationReason
from .verdict import ModerationVerdict, moderate

__all__ = [
    "ModerationPolicy",
    "ModerationReason",
    "ModerationVerdict",
    "PolicyCategory",
    "moderate",
]
