"""Cleaning a text of what may not stand in it, with a finding for each thing taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice

from ...records import Finding
from ...text.printable import printable
from ...words.tokens import forms_of_text
from ..claims.find import Claim, find_claims
from ..claims.label_lines import label_holds
from ..claims.sources import SourceIndex
from ..policy import Policy
from ..prose.repetition import duplicates, without_loops
from ..prose.sentences import sentences
from .cut_claim import cut, is_stub
from .not_copy import Noise, is_refusal_opening, markup, sentence_noise

__all__ = ["Cleaned", "clean_text", "finding"]


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
    spans = list(sentences(text))
    again = duplicates([text[a:b] for a, b in spans]) if len(spans) > 1 else frozenset()
    kept: list[str] = []
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        if number in again and policy.rule("duplicate"):
            findings.append(finding(policy, "duplicate", field, sentence))
            continue
        noise_here = sentence_noise(sentence, known, leaks, policy.limits.leak_words)
        if noise_here and policy.rule(noise_here.code):
            findings.append(_sentence_finding(policy, field, sentence, noise_here))
            continue
        if policy.rule("label") and (holds := label_holds(sentence, known)) is not None:
            if holds:
                kept.append(sentence)
            else:
                findings.append(finding(policy, "label", field, sentence))
            continue
        kept.append(_without_false_claims(sentence, field, known, policy, findings))
    joined = "".join(kept)
    return joined if joined == text else joined.strip()


def _sentence_finding(policy: Policy, field: str, sentence: str, noise: Noise) -> Finding:
    rule = policy.rule(noise.code)
    shown = printable(noise.value, "value")
    reason = f'"{shown}": {rule.reason if rule else ""}'
    return finding(policy, noise.code, field, sentence, reason)


def _without_false_claims(
    sentence: str, field: str, known: SourceIndex, policy: Policy, findings: list[Finding]
) -> str:
    """The sentence with its unvouched claims cut out, last one first; "" if none stands."""
    if _is_merchants_own(sentence, known):
        return sentence
    limit, whole = policy.limits.cuts, sentence
    for _ in range(limit):
        false = list(islice(_false(sentence, known, policy), limit + 1))
        if not false:
            return sentence
        claim = _with_neighbours(false, sentence)
        shorter = cut(sentence, claim, known.language) if len(false) <= limit else ""
        shorter = "" if is_stub(shorter, claim, whole) else shorter
        value = sentence[claim.start : claim.end]
        if not shorter or len(shorter) >= len(sentence):
            for lost in false:
                what = sentence[lost.start : lost.end]
                findings.append(finding(policy, lost.code, field, what))
            return ""
        findings.append(finding(policy, claim.code, field, value))
        sentence = shorter
    return "" if any(_false(sentence, known, policy)) else sentence


def _false(sentence: str, known: SourceIndex, policy: Policy) -> list[Claim]:
    return [c for c in find_claims(sentence, known, policy) if c.verdict == "remove"]


def _with_neighbours(false: list[Claim], sentence: str) -> Claim:
    """The last false claim, with those that stand right before it: "lifetime guarantee"."""
    claim = false[-1]
    for before in reversed(false[:-1]):
        if before.last + 1 != claim.first or sentence[before.end : claim.start].strip(" -"):
            break
        claim = replace(claim, code=before.code, first=before.first, start=before.start)
    return claim


def _is_merchants_own(sentence: str, known: SourceIndex) -> bool:
    """Whether the sentence stands in the merchant's data word for word."""
    wanted = sentence.strip()
    forms = forms_of_text(wanted[:_MAX_FIRST])
    if not forms or forms[0] not in known.places:
        return False
    is_long = len(forms) >= _MIN_QUOTED
    for number in {number for number, _ in known.places[forms[0]]}:
        text = known.sources[number].text
        at = text.find(wanted) if is_long or text.strip() == wanted else -1
        if at >= 0 and not text[at + len(wanted) : at + len(wanted) + 1].isalnum():
            return not text[max(0, at - 1) : at].isalnum()
    return False


_MIN_QUOTED = 4  # words; fewer may stand in the data by chance
_MAX_FIRST = 200  # characters looked at to count words
