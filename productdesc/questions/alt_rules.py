"""Rules of alt text: how it must not begin, and how long it may be; pure functions.

Each takes a text with its evidence and gives both back, so that every place in the
evidence still fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from ..checks.prose.sentences import sentences
from ..records import Evidence, Finding
from ..text.printable import quoted
from ..text.trim import trim
from ..words.questions.question_tables import photo_openings

__all__ = ["fit_length", "without_opening"]

Changed = tuple[str, tuple[Evidence, ...], list[Finding]]


def without_opening(text: str, evidence: Sequence[Evidence], language: str) -> Changed:
    """The text without "image of" and the like at its beginning.

    Looked for in the language and in English. Finding `alt-opening`. A text that is
    nothing else stays.
    """
    size = _opening(text, language)
    if not text[size:].strip() or not size:
        return text, tuple(evidence), []
    opening, rest = text[:size].strip(" :"), text[size:]
    message = (
        f"it began with {quoted(opening, 'name')}, which a screen reader has said already; "
        "taken out"
    )
    found = Finding(
        code="alt-opening",
        field="caption",
        message=message,
        value=opening,
        severity="removed",
    )
    shorter = rest[0].upper() + rest[1:]
    moved = _within(evidence, shorter, size)
    return shorter, tuple(moved), [found]


def fit_length(
    text: str, evidence: Sequence[Evidence], limit: int, advised: int
) -> Changed:
    """The text within the limit, cut at a sentence where one ends there, else at a word.

    Finding `trimmed` for a cut, `over-advised` for a text over the advised length, which
    stays as it is. Lengths in characters.
    """
    findings: list[Finding] = []
    whole = text
    if len(text) > limit:
        ends = [end for _, end in sentences(text) if len(text[:end].rstrip()) <= limit]
        text = text[: ends[-1]].rstrip() if ends else trim(text, limit)
        where = "a sentence" if ends else "a word"
        message = (
            f"{len(whole)} characters, the limit is {limit}; cut to {len(text)} at the end "
            f"of {where}"
        )
        left = whole[len(text) :].strip()
        findings.append(
            Finding(code="trimmed", field="caption", message=message, value=left)
        )
    if len(text) > advised:
        message = f"{len(text)} characters, {advised} are advised; shorten it if you can"
        findings.append(Finding(code="over-advised", field="caption", message=message))
    return text, tuple(_within(evidence, text, 0)), findings


def _within(evidence: Sequence[Evidence], text: str, taken: int) -> Iterator[Evidence]:
    """The entries that are still in a text of which the first characters were taken."""
    for one in evidence:
        if one.start is None or one.end is None:
            yield one
            continue
        start, end = max(0, one.start - taken), min(len(text), one.end - taken)
        is_whole = (end - start) == (one.end - one.start)
        if start < end and (is_whole or one.kind == "sentence"):
            place = {"start": start, "end": end, "value": text[start:end]}
            yield one.model_copy(update=place)


def _opening(text: str, language: str) -> int:
    """How many characters of a text are such an opening; 0 for none."""
    begin = len(text) - len(text.lstrip())
    for words in _openings(language):
        stem = words.removesuffix(":")
        end = begin + len(stem)
        if text[begin:end].lower().replace("’", "'") != stem:
            continue
        after, rest = text[end:].lstrip(), text[end:].lstrip(" :")
        is_whole = words.endswith("'") or len(rest) < len(text) - end
        if is_whole and (stem == words or after.startswith(":")):
            return len(text) - len(rest)
    return 0


@cache
def _openings(language: str) -> tuple[str, ...]:
    """The openings of a language and of English, the longest first."""
    table = photo_openings()
    words = {*table["en"], *table.get(language, ())}
    return tuple(sorted(words, key=lambda one: (-len(one), one)))
