"""Repetition: loops inside a text, and texts that are there twice."""

from __future__ import annotations

from collections.abc import Sequence

from ...words.tokens import tokenize
from ..policy import CheckLimits

__all__ = ["duplicates", "without_loops"]


def without_loops(text: str, limits: CheckLimits) -> tuple[str, str]:
    """The text with each loop cut to its first round, and the first phrase that looped.

    A text that is mostly loop comes back empty: what comes before a loop is no better.
    The time is proportional to the length times `limits.loop_period`.
    """
    text, character = _without_character_runs(text, limits)
    found = tokenize(text)
    if not found and (character or len(text.strip()) > limits.most_signs):
        return "", character or text[:40]
    long = next((w for w in found if w.end - w.start > limits.longest_word), None)
    if long:
        return "", text[long.start : long.start + 40]
    forms = [w.form for w in found]
    spans: list[tuple[int, int]] = []
    looped = character
    at = 0
    while at < len(forms):
        period, end = _loop_at(forms, at, limits)
        if not period:
            at += 1
            continue
        spans.append((at + period, end))
        looped = looped or text[found[at].start : found[at + period - 1].end]
        at = end
    if not spans:
        return text, looped
    lost = sum(end - start for start, end in spans)
    if lost > limits.loop_share * len(forms):
        return "", looped
    kept: list[str] = []
    position = 0
    for start, end in spans:
        kept.append(text[position : found[start - 1].end])
        position = found[end - 1].end
    kept.append(text[position:])
    return "".join(kept), looped


def _loop_at(forms: Sequence[str], at: int, limits: CheckLimits) -> tuple[int, int]:
    """Period of the loop that begins at `at` (0: none) and where its last round ends."""
    for period in range(1, limits.loop_period + 1):
        rounds = limits.loop_word if period == 1 else limits.loop_words
        if at + period * rounds > len(forms):
            continue
        end = at + period
        while end < len(forms) and forms[end] == forms[end - period]:
            end += 1
        whole = (end - at) // period
        if whole >= rounds:
            return period, at + whole * period
    return 0, at


def _without_character_runs(text: str, limits: CheckLimits) -> tuple[str, str]:
    """Runs of one character cut to one, and the first such run."""
    kept: list[str] = []
    first = ""
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] == text[at]:
            end += 1
        if end - at >= limits.loop_characters and not text[at].isspace():
            first = first or text[at : min(end, at + 40)]
            kept.append(text[at])
        else:
            kept.append(text[at:end])
        at = end
    return "".join(kept), first


def duplicates(texts: Sequence[str]) -> frozenset[int]:
    """Places of the texts that say what an earlier one says, word for word."""
    seen: set[tuple[str, ...]] = set()
    again: set[int] = set()
    for number, text in enumerate(texts):
        forms = tuple(w.form for w in tokenize(text))
        if forms and forms in seen:
            again.add(number)
        seen.add(forms)
    return frozenset(again)
