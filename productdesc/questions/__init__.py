"""Questions: what else a product photo can be asked, beside a description.

    caption (a text for one photo) . ask (any question) . choose (one of a list)
    moderation (may photos and texts be published?)

Photos are read once for all questions about them: `look`.
"""

from __future__ import annotations

from .answer_kinds import Question
from .choices import Choice, choose, choose_all
from .moderation import (
    ModerationPolicy,
    ModerationReason,
    ModerationVerdict,
    moderate,
)
from .photo_captions import Caption, caption, captions
from .photo_questions import QuestionAnswer, ask, ask_all

__all__ = [
    "Caption",
    "Choice",
    "ModerationPolicy",
    "ModerationReason",
    "ModerationVerdict",
    "Question",
    "QuestionAnswer",
    "ask",
    "ask_all",
    "caption",
    "captions",
    "choose",
    "choose_all",
    "moderate",
]
