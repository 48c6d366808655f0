"""Reasons of a moderation: what was found, where, by whose rule, and what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ...text.printable import message_line

__all__ = ["ModerationReason", "ReasonVerdict"]

ReasonVerdict = Literal["refuse", "review", "reshoot"]


class ModerationReason(NamedTuple):
    """One thing that a photo or a text breaks.

    layer: "photo" (a rule of the channel), "policy" (the model), "text" (words), or "doubt"
    (it cannot be told). code: as the marketplace, the policy or the table names it.
    where: "photo 2", "title". message, advice: what is wrong, and what to do.
    measured, limit: of a photo rule in its own unit, of the policy P(yes) and its
    threshold; None where nothing is measured. source: where the rule stands; official: the
    source is the rule's own text.
    """

    layer: Literal["photo", "policy", "text", "doubt"]
    code: str
    verdict: ReasonVerdict
    where: str
    message: str
    advice: str = ""
    measured: float | None = None
    limit: float | None = None
    source: str = ""
    official: bool = False

    def __str__(self) -> str:
        advice = f"; {self.advice}" if self.advice else ""
        return message_line(f"{self.verdict}: {self.where}: {self.message}{advice}")
