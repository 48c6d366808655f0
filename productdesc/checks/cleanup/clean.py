"""Cleaning a text of what may not stand in it, with a finding for each thing taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ...records import Finding
from ...text.printable import printable
from ...words.tokens import forms_of, forms_of_text
from ..claims.example_claims import COPIED
from ..claims.sentence import Claim
from ..claims.sources import SourceIndex
from ..policy import Policy
from ..prose.gibberish import gibberish
from ..prose.repetition import duplicates, without_loops
from ..prose.sentences import sentences
from ..variants.variant_claims import CODE as ONE_VARIANT
from ..variants.variant_claims import product_claims
from .copied_run import copied_run
from .cut_claim import cut
from .label_lines import label_holds
from .not_copy import Noise, is_refusal_opening, markup, sentence_noise

__all__ = ["UNITS", "Cleaned", "clean_text", "finding"]


UNITS = {"title", "seo_title", "alt_texts"}
"""Fields whose texts are one unit: what is left of half of one is no title."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a text, and what was taken out."""

    text: str
    findings: tuple[Finding, ...]


# Taking one thing out can bring another to light; a text that is not quiet after this many
# rounds was made to be that way.
_ROUNDS = 6
_MAX_FINDINGS = 12  # per text; a hostile text must not make a report of its own length


def clean_text(
    text: str, field: str, known: SourceIndex, leaks: frozenset[int], policy: Policy
) -> Cleaned:
    """The text without what its rules forbid; byte for byte if they forbid nothing.

    Never longer than it was; cleaning twice gives the same.
    """
    findings: list[Finding] = []
    for _ in range(_ROUNDS):
        shorter = _round(text, field, known, leaks, policy, findings)
        if shorter == text:
            return Cleaned(text, tuple(findings[:_MAX_FINDINGS]))
        text = shorter
    findings.append(finding(policy, "markup", field, text))
    return Cleaned("", tuple(findings[:_MAX_FINDINGS]))


def finding(
    policy: Policy, code: str, field: str, value: str, because: str = ""
) -> Finding:
    """The finding that a value was taken out of a text under a rule."""
    rule = policy.rule(code)
    reason = because or (rule.reason if rule else "it may not stand in copy")
    shown = value.strip()[:200].encode("utf-8", "replace").decode()
    message = f'took out "{shown}" ({code}): {reason}'
    return Finding(code=code, field=field, message=message, value=shown, severity="removed")


def _round(
    text: str,
    field: str,
    known: SourceIndex,
    leaks: frozenset[int],
    policy: Policy,
    findings: list[Finding],
) -> str:
    if policy.rule("refusal") and is_refusal_opening(text):
        findings.append(finding(policy, "refusal", field, text))
        return ""
    if policy.rule("markup"):
        plain, noise = markup(text)
        if noise:
            findings.extend(finding(policy, n.code, field, n.value) for n in noise[:3])
            text = re.sub(r" +(?=[ .,;:!?])", "", plain).strip()
    if policy.rule("loop"):
        unlooped, phrase = without_loops(text, policy.limits)
        if phrase:
            findings.append(finding(policy, "loop", field, phrase))
            text = unlooped
    is_unit = field.split(".")[-1] in UNITS
    spans = [(0, len(text))] if is_unit and text else list(sentences(text))
    again = duplicates([text[a:b] for a, b in spans]) if len(spans) > 1 else frozenset()
    strange = gibberish(text, known, known.language) if policy.rule("gibberish") else []
    kept: list[str] = []
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        if number in again and policy.rule("duplicate"):
            findings.append(finding(policy, "duplicate", field, sentence))
            continue
        if run := _copied(sentence, known, policy):
            found = Noise(COPIED, run)
            findings.append(_sentence_finding(policy, field, sentence, found))
            continue
        if word := next((w for w in strange if start <= w[0] < end), None):
            written = text[word[0] : word[1]]
            is_copied = known.examples.holds(forms_of(written))
            found = Noise(COPIED if is_copied else "gibberish", written)
            findings.append(_sentence_finding(policy, field, sentence, found))
            continue
        noise_here = sentence_noise(sentence, known, leaks, policy.limits.leak_words)
        if noise_here and policy.rule(noise_here.code):
            findings.append(_sentence_finding(policy, field, sentence, noise_here))
            continue
        holds = None if known.holding(sentence) else label_holds(sentence, known)
        if policy.rule("label") and holds is not None:
            if not holds:
                code = COPIED if _is_copied_label(sentence, known, policy) else "label"
                findings.append(finding(policy, code, field, sentence))
            elif any(c.code == ONE_VARIANT for c in _false(sentence, known, policy)):
                findings.append(finding(policy, ONE_VARIANT, field, sentence))
            else:
                kept.append(sentence)
            continue
        kept.append(_without_false_claims(sentence, field, known, policy, findings))
    joined = "".join(kept)
    return joined if joined == text else joined.strip()


def _copied(sentence: str, known: SourceIndex, policy: Policy) -> str:
    if not known.examples or policy.rule(COPIED) is None:
        return ""
    return copied_run(sentence, known, policy)


def _is_copied_label(sentence: str, known: SourceIndex, policy: Policy) -> bool:
    """Whether a false line, such as "Size: 42", has its value of an example."""
    if not known.examples or policy.rule(COPIED) is None:
        return False
    value = sentence.partition(":")[2]
    if known.examples.holds(forms_of_text(value)):
        return True
    return any(claim.code == COPIED for claim in product_claims(sentence, known, policy))


def _sentence_finding(policy: Policy, field: str, sentence: str, noise: Noise) -> Finding:
    rule = policy.rule(noise.code)
    shown = printable(noise.value, "value")
    reason = f'"{shown}": {rule.reason if rule else ""}'
    return finding(policy, noise.code, field, sentence, reason)


def _without_false_claims(
    sentence: str, field: str, known: SourceIndex, policy: Policy, findings: list[Finding]
) -> str:
    """The sentence without its unvouched claims; "" where it goes with them."""
    false = list(islice(_false(sentence, known, policy), policy.limits.cuts + 1))
    if known.holding(sentence):  # only the shop's own style speaks against it
        false = [claim for claim in false if claim.code == "avoid"]
    if not false:
        return sentence
    is_unit = field.split(".")[-1] in UNITS
    shorter = ""
    if len(false) <= policy.limits.cuts:
        shorter = cut(sentence, false, known, is_unit=is_unit)
    for lost in false:
        what = sentence[lost.start : lost.end]
        findings.append(finding(policy, lost.code, field, what))
    return "" if any(_false(shorter, known, policy)) else shorter


def _false(sentence: str, known: SourceIndex, policy: Policy) -> Iterator[Claim]:
    return (c for c in product_claims(sentence, known, policy) if c.verdict == "remove")
