"""Text read on photos, by the model or a text reader: what of it may be quoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...records import Finding
from ...text.printable import printable
from ...words.tokens import forms_of
from ..claims.sources import SourceIndex
from ..cleanup.not_copy import sentence_noise
from ..policy import Policy
from .find_injection import find_injections
from .read_lines import blocks, injection_finding, trusted_lines

__all__ = ["with_quotable_text"]


def with_quotable_text(
    known: SourceIndex, policy: Policy
) -> tuple[SourceIndex, list[Finding]]:
    """The index with the text on photos that may be quoted, and what is said of the rest.

    Lines that belong together may be quoted as one.
    """
    told: list[Finding] = []
    texts = [text for text in known.facts.text if not _is_spoken(text, known, policy, told)]
    trusted, spoken = trusted_lines(known.facts.read)
    told += spoken
    lines = [one for one in trusted if not _is_noise(one.text, known, policy, told)]
    read = [(one.photo, forms_of(one.text)) for one in lines]
    for block in blocks(lines):
        whole = tuple(form for one in block for form in forms_of(one.text))
        read += [(block[0].photo, whole)] if len(block) > 1 else []
    seen = (*(forms_of(text) for text in texts), *(forms for _, forms in read))
    return replace(known, seen=seen, read=tuple(read)), told


def _is_spoken(text: str, known: SourceIndex, policy: Policy, told: list[Finding]) -> bool:
    """Whether what the model read speaks to it, or is no copy; then there is a finding."""
    if _is_noise(text, known, policy, told, _NOT_COPY):
        return True
    found = find_injections(text, is_read=True)
    told += [injection_finding("photos", "a photo", text, one) for one in found[:1]]
    return bool(found)


_NOT_COPY = {
    "instruction": "an instruction to the model",
    "contact": "contact data",
    "markup": "markup",
}
_OF_READER = ("contact", "markup")
"""Of a text reader's lines: what is no order to the model may be a label there."""


def _is_noise(
    text: str,
    known: SourceIndex,
    policy: Policy,
    told: list[Finding],
    codes: Sequence[str] | dict[str, str] = _OF_READER,
) -> bool:
    noise = sentence_noise(text, known, frozenset(), policy.limits.leak_words)
    if not noise or noise.code not in codes:
        return False
    shown = printable(text, "value")
    message = f'text on a photo ("{shown}") is {_NOT_COPY[noise.code]}; not used'
    told.append(
        Finding(
            code=f"photo-{noise.code}", field="photos", message=message, value=text[:80]
        )
    )
    return True
